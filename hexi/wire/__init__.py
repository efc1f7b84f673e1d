"""Outside protocols in plain Python: bytes in, dataclasses out; no Django, no database."""
