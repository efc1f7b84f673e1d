"""Pages of the hotline, at the portal and at the workbench."""
