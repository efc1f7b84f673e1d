"""Tests of emergency."""
