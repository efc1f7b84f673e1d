"""The citizens' door: one big search, life events, my matters; it shows what blocks and domains declare."""
