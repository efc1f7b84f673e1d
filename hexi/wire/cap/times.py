"""Moments as CAP writes them (§3.3.2): "2026-11-29T09:30:00+08:00", never "Z"; UTC is "-00:00"."""

import re
from datetime import UTC, datetime, timedelta

_STRICT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)
#: XML Schema's dateTime, as 1.0 and 1.1 take it
_LOOSE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)?", re.ASCII)
#: XML Schema knows no zone further away
_FARTHEST = timedelta(hours=14)


def moment(text: str) -> datetime | None:
    """The moment a text names, in any way one of the versions allows; None if it names none. Without zone: UTC."""
    text = text.strip()
    if not _LOOSE.fullmatch(text):
        return None
    day, _, clock = text.partition("T")
    next_day = clock.startswith("24:00:00")  # midnight at the day's end
    try:
        found = datetime.fromisoformat(f"{day}T00{clock[2:]}" if next_day else text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        offset = found.utcoffset() or timedelta()
        return None if abs(offset) > _FARTHEST else found + timedelta(days=1 if next_day else 0)
    except (ValueError, OverflowError):
        return None


def is_moment(text: str, *, strict: bool) -> bool:
    """True for a moment that exists; `strict` as version 1.2 writes it: to the second, with a zone in digits."""
    return moment(text) is not None and (not strict or _STRICT.fullmatch(text.strip()) is not None)


def written(at: datetime) -> str:
    """A moment as version 1.2 writes it, in its own zone; UTC is "-00:00". Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    text = at.replace(microsecond=0).isoformat()
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text
