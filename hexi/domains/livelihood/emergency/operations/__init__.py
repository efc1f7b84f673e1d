"""What can be done at the duty desk."""
