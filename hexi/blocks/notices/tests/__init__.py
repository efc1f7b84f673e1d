"""Tests of the notices block."""
