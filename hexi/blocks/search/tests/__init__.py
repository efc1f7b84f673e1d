"""Tests of the search block."""
