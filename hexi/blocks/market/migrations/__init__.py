"""Migrations of market."""
