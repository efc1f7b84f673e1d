"""Tests of the documents block."""
