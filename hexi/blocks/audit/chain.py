"""The hash of an entry and of a seal: pure functions, so that an outsider can check a copy of the log."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

FIELDS = ("partition", "seq", "at", "actor_key", "actor_name", "verb", "kind", "ref", "about_person", "facts", "before")


def canonical(content: Any) -> bytes:
    """One byte form of a JSON-like value: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(content: Any) -> str:
    """Hex SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(content)).hexdigest()


def entry_hash(entry: Any) -> str:
    """What `entry.hash` must be: over every other field, the one before included."""
    values = {name: getattr(entry, name) for name in FIELDS}
    values["at"] = moment(entry.at)
    return sha256(values)


def seal_digest(hour: datetime, heads: list[list[Any]], before: str) -> str:
    """What a seal's digest must be."""
    return sha256({"hour": moment(hour), "heads": heads, "before": before})


def moment(at: datetime) -> str:
    """A moment in UTC to the microsecond, as both databases keep it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
