"""What is read of the catalogue: one file a subject."""
