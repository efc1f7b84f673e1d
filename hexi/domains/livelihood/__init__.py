"""Livelihood (益民服务): the hall, the hotline, the grid, health, education, care: each a sub-domain."""
