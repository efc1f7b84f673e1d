"""Ways by which orders come in and answers go back besides the portal and the operator's phone."""
