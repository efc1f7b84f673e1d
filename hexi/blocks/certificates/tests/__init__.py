"""Tests of the certificates block."""
