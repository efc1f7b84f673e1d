"""Who did what to what, chained by hash; keeps the actor by value and points at nobody."""
