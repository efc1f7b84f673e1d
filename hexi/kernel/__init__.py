"""The kernel: manifest, hooks, packs, options, actors, jobs, clock. No tables; knows nobody above it."""
