"""The times of a day at a window: office hours cut into places. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from hexi.kernel.clock import CHINA


def slots(day: date, hours: Iterable[tuple[time, time]], minutes: int) -> list[datetime]:
    """Starts of the places of a day: whole ones inside each stretch, so that nobody is served into the break."""
    length, found = timedelta(minutes=minutes), []
    for opens, closes in hours:
        start, end = (datetime.combine(day, moment, CHINA) for moment in (opens, closes))
        while start + length <= end:
            found.append(start)
            start += length
    return found
