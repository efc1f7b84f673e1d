"""SQLite as Hexi uses it: WAL, full sync, one writer at a time by a file lock."""
