"""Tests of the market block."""
