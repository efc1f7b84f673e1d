"""The grid: cells with people responsible for them, events found, handled and checked within their limits."""
