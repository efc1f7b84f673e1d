"""Migrations of articles."""
