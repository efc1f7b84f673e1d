"""Three doors: they collect what blocks and domains declare, and own no tables."""
