"""Indicators (measure 评): figures with their meaning, kept by the write path, from province down to village."""
