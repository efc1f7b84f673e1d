"""Tests of the parcels block."""
