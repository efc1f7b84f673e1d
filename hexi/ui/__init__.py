"""The look: page kinds, parts, tokens and doors. Knows the kernel and nobody above it."""
