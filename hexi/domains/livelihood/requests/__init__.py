"""Ask, complain, report: the 12345 hotline. Its manifest is `domain.py`."""
