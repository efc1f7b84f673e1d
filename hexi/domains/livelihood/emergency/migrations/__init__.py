"""Migrations of emergency."""
