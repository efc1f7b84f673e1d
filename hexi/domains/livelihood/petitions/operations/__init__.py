"""What can be done with petitions."""
