"""The officials' door: what waits, what is due, then the menus the blocks and domains declare."""
