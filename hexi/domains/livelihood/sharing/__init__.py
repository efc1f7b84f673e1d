"""Sharing on request: one office asks another for data it keeps, and gets a grant or a reason."""
