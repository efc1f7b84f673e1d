"""Counting office time inside working days; pure, stands beside `clocks`, which builds on it.

A *position* is a moment of local time in microseconds (ordinal of the day × one day + time of the day). `before(p)` is
the office time before p, `reach(t)` the first moment with t of it before. Sums are kept per year and made on first use.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import accumulate

from hexi.blocks.calendars.workdays import WorkDays

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY, FRIDAY, SATURDAY = 0, 4, 5
BASE = 2024  # sums start here; years before count downwards
LAST = 2200  # office time that is not reached by then is never reached


@dataclass(frozen=True)
class OfficeTime:
    """One stretch of office time on a weekday (0 Monday … 6 Sunday) while valid (both days included, None: open)."""

    weekday: int
    start: time
    end: time
    valid_from: date = date.min
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """True if this row is in force on the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


#: 8 hours a day, Monday to Friday (国务院关于职工工作时间的规定 art. 3, 7); breaks are each region's choice
EIGHT_HOURS = tuple(
    OfficeTime(weekday, start, end)
    for weekday in range(5)
    for start, end in ((time(9), time(12)), (time(13), time(18)))
)


def microseconds(moment: time) -> int:
    """Microseconds since midnight."""
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * SECOND + moment.microsecond


class Office:
    """Office time of a calendar: its stretches on its working days.

    `layers` are sets of rows, the nearest region's first; a day takes the first layer that has rows in force on it.
    """

    def __init__(self, days: WorkDays, layers: Iterable[Iterable[OfficeTime]]):
        self._days = days
        self._layers = tuple(tuple(sorted(rows, key=lambda row: row.start)) for rows in layers)
        self._sums: dict[int, list[int]] = {}
        self._starts = {BASE: 0}
        self._open: dict[date, tuple[OfficeTime, ...]] = {}
        self._asked = BASE  # the year asked for last: where `reach` begins to look

    def stretches(self, day: date) -> tuple[OfficeTime, ...]:
        """Office time of the day, in order; none on a rest day.

        A make-up Saturday has Friday's hours and a make-up Sunday Monday's, unless rows name that weekday itself.
        """
        found = self._open.get(day)
        if found is None:
            found = self._open[day] = self._stretches(day) if self._days.works(day.toordinal()) else ()
        return found

    def _stretches(self, day: date) -> tuple[OfficeTime, ...]:
        in_force = self._in_force(day)
        named = [row for row in in_force if row.weekday == day.weekday()]
        if not named and day.weekday() >= SATURDAY:
            neighbour = FRIDAY if day.weekday() == SATURDAY else MONDAY
            named = [row for row in in_force if row.weekday == neighbour]
        return tuple(named)

    def _in_force(self, day: date) -> list[OfficeTime]:
        for rows in self._layers:
            in_force = [row for row in rows if row.holds(day)]
            if in_force:
                return in_force
        return []

    def before(self, position: int) -> int:
        """Office time before the moment, in microseconds since the start of `BASE`."""
        ordinal, within = divmod(position, DAY)
        day = date.fromordinal(ordinal)
        self._asked = day.year
        start = self._before_year(day.year)
        sums = self._year(day.year)
        nth = ordinal - date(day.year, 1, 1).toordinal()
        return start + sums[nth] + sum(_passed(row, within) for row in self.stretches(day))

    def reach(self, total: int) -> int:
        """The first moment with `total` microseconds of office time before it.

        Raises `ValueError` if there is no office time left to reach it.
        """
        year = self._asked
        while self._before_year(year) >= total:
            year -= 1
        while self._before_year(year + 1) < total:
            year += 1
            if year > LAST:
                raise ValueError("this calendar has no office hours to count")
        left = total - self._before_year(year)
        nth = bisect_left(self._year(year), left) - 1
        ordinal = date(year, 1, 1).toordinal() + nth
        return ordinal * DAY + self._within(date.fromordinal(ordinal), left - self._year(year)[nth])

    def _within(self, day: date, left: int) -> int:
        """The time of the day at which `left` of its office time has passed."""
        for row in self.stretches(day):
            length = microseconds(row.end) - microseconds(row.start)
            if left <= length:
                return microseconds(row.start) + left
            left -= length
        raise AssertionError("the sums of the year name this day")

    def _year(self, year: int) -> list[int]:
        """Office time before each day of the year, since its first; the last number is the whole year."""
        if year not in self._sums:
            first, after = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
            days = map(date.fromordinal, range(first, after))
            lengths = (sum(_passed(row, DAY) for row in self.stretches(day)) for day in days)
            self._sums[year] = list(accumulate(lengths, initial=0))
        return self._sums[year]

    def _before_year(self, year: int) -> int:
        """Office time from the start of `BASE` to the start of the year (negative for earlier years)."""
        start = self._starts.get(year)
        if start is None:
            if year > BASE:
                start = self._before_year(year - 1) + self._year(year - 1)[-1]
            else:
                start = self._before_year(year + 1) - self._year(year)[-1]
            self._starts[year] = start
        return start


def _passed(row: OfficeTime, within: int) -> int:
    """How much of the stretch lies before this time of the day."""
    start = microseconds(row.start)
    return max(0, min(within, microseconds(row.end)) - start)


class Always:
    """Every hour counts: the ruler of hours."""

    def before(self, position: int) -> int:
        """Time before the moment, in microseconds."""
        return position

    def reach(self, total: int) -> int:
        """The moment with so much time before it."""
        return total
