"""Tests of the command centre's door."""
