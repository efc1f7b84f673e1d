"""Hexi (河西): the whole "Internet+" of a county, city or province in one program."""

__version__ = "0.1.0"
