"""iCalendar (RFC 5545): one event as a file a calendar takes in. Text escaped, lines folded at 75 octets."""

from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST = 75


@dataclass(frozen=True)
class Event:
    """One appointment. Times need their zone; `alarm_minutes` before it the calendar rings (0: never)."""

    uid: str
    start: datetime
    end: datetime
    title: str
    place: str = ""
    about: str = ""
    url: str = ""
    alarm_minutes: int = 0
    cancelled: bool = False


def write(event: Event, *, made: datetime, product: str = "-//Hexi//Hexi//ZH") -> bytes:
    """The file."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{product}", "METHOD:PUBLISH", "BEGIN:VEVENT",
        f"UID:{event.uid}", f"DTSTAMP:{_moment(made)}",
        f"DTSTART:{_moment(event.start)}", f"DTEND:{_moment(event.end)}",
        f"SUMMARY:{_text(event.title)}", f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
    ]  # fmt: skip
    lines += [
        f"{name}:{_text(text)}" for name, text in (("LOCATION", event.place), ("DESCRIPTION", event.about)) if text
    ]
    if event.url:
        lines.append(f"URL:{event.url}")
    if event.alarm_minutes:
        ring = [f"TRIGGER:-PT{event.alarm_minutes}M", "ACTION:DISPLAY", f"DESCRIPTION:{_text(event.title)}"]
        lines += ["BEGIN:VALARM", *ring, "END:VALARM"]
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return b"".join(_folded(line) for line in lines)


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(sign, written)
    return text


def _folded(line: str) -> bytes:
    """At most 75 octets a line, never inside a sign; a continuation begins with a space."""
    parts: list[bytes] = []
    part = b""
    for sign in line:
        octets = sign.encode()
        if len(part) + len(octets) > LONGEST - (1 if parts else 0):
            parts.append(part)
            part = b""
        part += octets
    return b"\r\n ".join([*parts, part]) + b"\r\n"
