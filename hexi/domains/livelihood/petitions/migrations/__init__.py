"""Migrations of petitions."""
