"""Counting working days without walking through them; pure, stands beside `clocks`, which builds on it.

A day is a whole number here (`date.toordinal()`), and a *position* is the border before that day. `before(p)` says how
many working days lie before border p, `reach(k)` is the first border that has k of them before it. Both cost a binary
search over the exceptions (rest days on Monday to Friday, working days on Saturday and Sunday), for any year.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a day is: `REST` (法定休假日) or `WORK` (工作日)."""

    REST = "rest"
    WORK = "work"


def is_weekday(ordinal: int) -> bool:
    """Monday to Friday: the working week unless an announcement differs (国务院关于职工工作时间的规定 art. 7)."""
    return (ordinal - 1) % 7 < 5


def _weekdays_through(ordinal: int) -> int:
    """Mondays to Fridays from 1 January of year 1 (a Monday, ordinal 1) through this day."""
    weeks, days = divmod(ordinal, 7)
    return 5 * weeks + min(days, 5)


def _weekday_number(number: int) -> int:
    """The day on which `_weekdays_through` first becomes `number`."""
    weeks, days = divmod(number - 1, 5)
    return 7 * weeks + days + 1


class WorkDays:
    """The working days of a calendar: Monday to Friday, with the exceptions of `rows`."""

    def __init__(self, rows: Mapping[date, Kind]):
        marked = {day.toordinal(): kind == Kind.WORK for day, kind in rows.items()}
        self._exceptions = sorted(day for day, works in marked.items() if works != is_weekday(day))
        self._marked = {day: marked[day] for day in self._exceptions}
        self._gained: list[int] = []  # make-up days minus days off, through each exception
        self._through: list[int] = []  # working days through each exception
        gained = 0
        for day in self._exceptions:
            gained += 1 if marked[day] else -1
            self._gained.append(gained)
            self._through.append(_weekdays_through(day) + gained)

    def works(self, day: int) -> bool:
        """True if it is a working day."""
        marked = self._marked.get(day)
        return is_weekday(day) if marked is None else marked

    def before(self, position: int) -> int:
        """How many working days lie before the border `position`."""
        known = bisect_right(self._exceptions, position - 1)
        return _weekdays_through(position - 1) + (self._gained[known - 1] if known else 0)

    def reach(self, number: int) -> int:
        """The first border with `number` working days before it: the day before it is the `number`-th."""
        known = bisect_left(self._through, number)
        gained = self._gained[known - 1] if known else 0
        day = _weekday_number(number - gained)
        if known < len(self._exceptions):
            day = min(day, self._exceptions[known])  # a make-up day at the end of this stretch may be the one
        return day + 1


class AllDays:
    """Every day counts: the ruler of calendar days."""

    def before(self, position: int) -> int:
        """How many days lie before the border."""
        return position

    def reach(self, number: int) -> int:
        """The border with `number` days before it."""
        return number
