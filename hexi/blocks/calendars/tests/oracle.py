"""Counters that walk day by day or minute by minute: slow, obvious, and sharing nothing with the code they check."""

from datetime import date, datetime, timedelta

import chinese_calendar

ONE = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def works(day: date) -> bool:
    """A working day by chinesecalendar, its one known error mended; Monday to Friday outside its years."""
    if day == date(2005, 12, 31):
        return True
    if not 2004 <= day.year <= 2026:
        return day.isoweekday() < 6
    return chinese_calendar.is_workday(day)


def paused(day: date, pauses) -> bool:
    """True if one of the pauses (dates, end None: open) covers the day."""
    return any(first <= day and (end is None or day < end) for first, end in pauses)


def nth_day(day: date, number: int, pauses=(), counts=works) -> date:
    """Walk on until `number` counted days outside the pauses have gone by."""
    while number:
        day += ONE
        if counts(day) and not paused(day, pauses):
            number -= 1
    return day


def counted(after: date, before: date, pauses=(), counts=works) -> int:
    """Counted days strictly between the two."""
    total, day = 0, after + ONE
    while day < before:
        total += counts(day) and not paused(day, pauses)
        day += ONE
    return total


def open_at(moment: datetime, stretches) -> bool:
    """True if the minute that starts here is office time."""
    return works(moment.date()) and any(start <= moment.time() < end for start, end in stretches)


def nth_minute(moment: datetime, minutes: int, stretches, pauses=()) -> datetime:
    """Walk minute by minute until so many minutes of office time outside the pauses have gone by."""
    while minutes:
        if open_at(moment, stretches) and not any(a <= moment < b for a, b in pauses):
            minutes -= 1
        moment += MINUTE
    return moment
