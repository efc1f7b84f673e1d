"""The command centre's door: a wall with one map, live figures that open their lists, and the same as a list."""
