"""Everything that changes something in the grid, by what it changes."""
