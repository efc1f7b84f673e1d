"""Tests of the forms block."""
