"""Regions: divisions of five levels with their history, departments, and the sites of the site group."""
