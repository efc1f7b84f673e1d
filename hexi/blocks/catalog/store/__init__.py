"""Rows of data sets: a small question (grammar), what answers it (engine), reading what others send (reading)."""
