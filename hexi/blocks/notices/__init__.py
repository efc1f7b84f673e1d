"""What people are told, by which channel, and talks about a thing."""
