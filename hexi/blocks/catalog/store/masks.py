"""How a value is shown to whoever may not see it whole. Pure; what does not fit its mask is not shown at all."""

import re
from datetime import date
from typing import Any

from hexi.blocks.people.vault import ring
from hexi.ui import words

_YEAR = re.compile(r"((?:19|20)\d\d)(?:\D|$)")
_MONTH = re.compile(r"((?:19|20)\d\d)\D(0?[1-9]|1[0-2])(?:\D|$)")


def hide(value: Any, mask: str, key: str = "") -> str | None:
    """The value under a mask ("part", "hash", "year", "month", "county"); any other word hides it.

    "hash" gives the same sign for the same value of one data set (`key`), and another one in another set, so that
    two sets cannot be joined by it.
    """
    if value is None or value == "":
        return None
    maker = _MASKS.get(mask)
    return maker(value, key) if maker else None


def _part(value: Any, _key: str) -> str:
    text = str(value)
    if len(text) >= 15:
        return words.mask_id(text)
    return words.mask_phone(text) if len(text) > 7 else words.mask_name(text)


def _hash(value: Any, key: str) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    return ring().lookup(text, f"catalog:{key}")[:16]


def _year(value: Any, _key: str) -> str | None:
    if isinstance(value, date):
        return f"{value.year}"
    found = _YEAR.match(str(value))
    return found[1] if found else None


def _month(value: Any, _key: str) -> str | None:
    if isinstance(value, date):
        return f"{value.year}-{value.month:02}"
    found = _MONTH.match(str(value))
    return f"{found[1]}-{int(found[2]):02}" if found else None


def _county(value: Any, _key: str) -> str | None:
    """A division code down to its county: 620902 of 620902104201."""
    text = str(value)
    return text[:6].ljust(len(text), "0") if text.isdigit() and len(text) in (6, 9, 12) else None


_MASKS = {"part": _part, "hash": _hash, "year": _year, "month": _month, "county": _county}
