"""Benchmarks: one file a workload; `python -m benchmarks` runs them (house.md §8)."""
