"""Tests of alerts, with sample data."""
