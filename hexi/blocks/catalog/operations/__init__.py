"""What changes the catalogue: one file a subject."""
