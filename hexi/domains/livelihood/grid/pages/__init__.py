"""Pages of the grid at the workbench: incidents, the worker's phone, cells, what is kept of them, scores."""
