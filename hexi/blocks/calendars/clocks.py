"""The arithmetic of legal clocks: when something is due, how much is used, how much is left. Pure: no database.

Day 0, the day of the event, is not counted (民法典 art. 201); a period ends at 24:00 of its last day, or at the end
of office hours where the calendar is set so (art. 203). Periods of 行政许可法 are working days (art. 82). A period in
calendar days whose last day is a rest day ends on the next working day (民法典 art. 203). Hours and minutes run from
the moment itself (art. 201). Time inside a pause (听证, 检验, 鉴定, 专家评审 …: 行政许可法 art. 45) does not count.

    calendar = queries.calendar_for("620981000000")
    due = calendar.due(accepted_at, Limit(20, Unit.WORKING_DAYS), pauses=[(opened, closed), (opened, None)])
    due.day, due.moment, due.near, due.paused, due.uncertain
    light(due.moment, due.near, now)
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from hexi.blocks.calendars.limits import Due, Light, Limit, Near, Unit, light
from hexi.blocks.calendars.office import DAY, EIGHT_HOURS, HOUR, MINUTE, Always, Office, OfficeTime, microseconds
from hexi.blocks.calendars.pauses import Gap, Ruler, merged, outside, run
from hexi.blocks.calendars.workdays import AllDays, Kind, WorkDays

__all__ = ["Due", "Kind", "Light", "Limit", "Near", "OfficeTime", "Pause", "Unit", "WorkCalendar", "light"]

#: [start, end) in aware moments; end None: still open. In periods of days the day a pause opens on no longer counts
#: and the day it closes on counts again.
Pause = tuple[datetime, datetime | None]
ZONE = ZoneInfo("Asia/Shanghai")
#: the announcement of a year has moved days from here on in the December before (2007-12-29, 2018-12-29), none earlier
TURN = (12, 29)


class WorkCalendar:
    """Working days and office hours of one region, and the clocks that run by them. It cannot be changed.

    `rows` name days that differ from Monday–Friday (others do no harm), `announced` the years whose holidays the
    State Council has announced, `hours` sets of office time (nearest region first; a day takes the first set that has
    rows in force), `ends` "day" (24:00) or "office" (end of office hours).
    A year without announcement counts Monday–Friday and whatever rows it has, and every `Due` that reaches it says so.
    """

    def __init__(
        self,
        rows: Mapping[date, Kind] | None = None,
        announced: Iterable[int] = (),
        hours: Iterable[Iterable[OfficeTime]] = (EIGHT_HOURS,),
        ends: str = "day",
        near: Near | None = None,
    ):
        self._days = WorkDays(rows or {})
        self._announced = frozenset(announced)
        self._hours = tuple(hours)
        self._ends = ends
        self._near = near or Near()
        self._always, self._all_days = Always(), AllDays()

    @cached_property
    def _office(self) -> Office:
        return Office(self._days, self._hours)

    # --- days -------------------------------------------------------------------------------------------------------
    def is_working(self, day: date) -> bool:
        """True if it is a working day: Monday–Friday and make-up days, without holidays."""
        return self._days.works(day.toordinal())

    def announced(self, year: int) -> bool:
        """True if the holidays of the year are announced."""
        return year in self._announced

    def unsettled(self, first: date, last: date) -> tuple[int, ...]:
        """The years not announced that decide about days from `first` through `last`.

        The last days of a December belong to the announcement of the next year as well (2018-12-29 was such a day).
        """
        until = last.year + ((last.month, last.day) >= TURN)
        return tuple(year for year in range(first.year, until + 1) if year not in self._announced)

    def add(self, day: date, number: int) -> date:
        """The `number`-th working day after `day`; 0: `day` itself (民法典 art. 201, 行政许可法 art. 82)."""
        if number < 0:
            raise ValueError("use back() to count backwards")
        if number == 0:
            return day
        return date.fromordinal(self._days.reach(self._days.before(day.toordinal() + 1) + number) - 1)

    def back(self, day: date, number: int) -> date:
        """The `number`-th working day before `day`; 0: `day` itself.

        行政许可法 art. 48: told 7 days before the hearing; art. 50: renewal asked for 30 days before expiry.
        """
        if number < 0:
            raise ValueError("use add() to count forwards")
        if number == 0:
            return day
        return date.fromordinal(self._days.reach(self._days.before(day.toordinal()) - number + 1) - 1)

    def working_days(self, after: date, through: date) -> int:
        """How many working days lie after the first day, through the second (negative if that is earlier)."""
        return self._days.before(through.toordinal() + 1) - self._days.before(after.toordinal() + 1)

    def next_working_day(self, day: date) -> date:
        """The day itself if it is a working day, else the first one after it."""
        return date.fromordinal(self._roll(day.toordinal()))

    def _roll(self, day: int) -> int:
        return self._days.reach(self._days.before(day) + 1) - 1

    def office_hours(self, day: date) -> tuple[OfficeTime, ...]:
        """Office time of the day, in order; none on a rest day."""
        return self._office.stretches(day)

    def is_open(self, moment: datetime) -> bool:
        """True inside office hours."""
        local = moment.astimezone(ZONE)
        return any(row.start <= local.time() < row.end for row in self.office_hours(local.date()))

    # --- clocks -----------------------------------------------------------------------------------------------------
    def due(self, start: datetime, limit: Limit, pauses: Iterable[Pause] = ()) -> Due:
        """When a limit that began with the event at `start` runs out.

        Costs microseconds. Raises `ValueError` for a moment without zone or a pause that ends before it starts.
        """
        gaps = self._gaps(limit.unit, pauses)
        if limit.unit.in_days:
            return self._due_in_days(_day(start), limit, gaps)
        return self._due_in_hours(_place(start), limit, gaps)

    def used(self, start: datetime, now: datetime, unit: Unit, pauses: Iterable[Pause] = ()) -> float:
        """How much has run from `start` to `now` outside the pauses, in the unit.

        Days: those wholly over, so today does not count yet. Hours: with their fraction.
        """
        gaps = self._gaps(unit, pauses)
        if unit.in_days:
            return outside(self._ruler(unit), _day(start) + 1, _day(now), gaps)
        return outside(self._ruler(unit), _place(start), _place(now), gaps) / _size(unit)

    def remaining(self, start: datetime, now: datetime, limit: Limit, pauses: Iterable[Pause] = ()) -> float:
        """How much may still be used, in the unit of the limit: limit − used, never below 0.

        Days: today counts until it is over, so the last day shows 1. A period of calendar days is as long as art. 203
        of 民法典 makes it.
        """
        pauses = list(pauses)
        due = self.due(start, limit, pauses)
        if due.day is None or due.moment is None:
            return max(0, limit.amount - self.used(start, now, limit.unit, pauses))
        gaps, ruler = self._gaps(limit.unit, pauses), self._ruler(limit.unit)
        if not limit.unit.in_days:
            return outside(ruler, max(_place(now), _place(start)), _place(due.moment), gaps) / _size(limit.unit)
        first = _day(start) + (1 if limit.amount else 0)
        return outside(ruler, max(_day(now), first), due.day.toordinal() + 1, gaps)

    def _ruler(self, unit: Unit) -> Ruler:
        if unit is Unit.WORKING_DAYS:
            return self._days
        if unit is Unit.CALENDAR_DAYS:
            return self._all_days
        return self._office if unit is Unit.WORKING_HOURS else self._always

    def _gaps(self, unit: Unit, pauses: Iterable[Pause]) -> list[Gap]:
        place = _day if unit.in_days else _place
        gaps = []
        for opened, closed in pauses:
            if closed is not None and closed < opened:
                raise ValueError("a pause ends before it starts")
            gaps.append((place(opened), None if closed is None else place(closed)))
        return merged(gaps) if gaps else gaps

    def _due_in_days(self, day: int, limit: Limit, gaps: list[Gap]) -> Due:
        ruler = self._ruler(limit.unit)
        first, amount = (day + 1, limit.amount) if limit.amount else (day, 1)
        border, left = run(ruler, first, amount, gaps)
        if border is None:
            return Due(limit, None, None, None, paused=True, left=left)
        last = border - 1
        if limit.unit is Unit.CALENDAR_DAYS:
            rolled = self._rolled(last, gaps)
            if rolled is None:
                return Due(limit, None, None, None, paused=True, left=0)
            day, last = last, rolled  # only the kind of the last days matters
        on = date.fromordinal(last)
        near = self._near_day(ruler, first, last, limit, gaps)
        return Due(limit, self._end(on), on, near, years=self.unsettled(date.fromordinal(day), on))

    def _near_day(self, ruler: Ruler, first: int, last: int, limit: Limit, gaps: list[Gap]) -> datetime | None:
        """The start of the first counted day from which no more than the near part is left."""
        whole = outside(ruler, first, last + 1, gaps)
        border, _left = run(ruler, first, max(1, whole - int(self._near.part(limit)) + 1), gaps)
        return None if border is None else datetime.combine(date.fromordinal(border - 1), time.min, ZONE)

    def _rolled(self, day: int, gaps: list[Gap]) -> int | None:
        """The first working day from here on that no pause covers; None if one stays open."""
        day = self._roll(day)
        for opened, closed in gaps:
            if closed is None and opened <= day:
                return None
            if closed is not None and opened <= day < closed:
                day = self._roll(closed)
        return day

    def _end(self, day: date) -> datetime:
        rows = self.office_hours(day) if self._ends == "office" else ()
        return datetime.combine(day, rows[-1].end if rows else time.max, ZONE)

    def _due_in_hours(self, place: int, limit: Limit, gaps: list[Gap]) -> Due:
        ruler = self._ruler(limit.unit)
        size = _size(limit.unit)
        amount = limit.amount * size
        end, left = run(ruler, place, amount, gaps) if amount else (place, 0)
        if end is None:
            return Due(limit, None, None, None, paused=True, left=left / size)
        part = amount - round(self._near.part(limit) * size)
        warned, _left = run(ruler, place, part, gaps) if part > 0 else (place, 0)
        moment, first = _moment(end), date.fromordinal(place // DAY)
        years = self.unsettled(first, moment.date()) if limit.unit is Unit.WORKING_HOURS else ()
        return Due(limit, moment, moment.date(), _moment(warned) if warned is not None else None, years=years)


def _size(unit: Unit) -> int:
    """How long one of a unit that is no day is, in microseconds."""
    return MINUTE if unit is Unit.MINUTES else HOUR


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(ZONE)


def _day(moment: datetime) -> int:
    """The ordinal of the local day."""
    return _local(moment).toordinal()


def _place(moment: datetime) -> int:
    """The local moment in microseconds. China has had no summer time since 1991, so local hours are hours."""
    local = _local(moment)
    return local.toordinal() * DAY + microseconds(local.time())


def _moment(place: int) -> datetime:
    ordinal, within = divmod(place, DAY)
    return datetime.combine(date.fromordinal(ordinal), time.min, ZONE) + timedelta(microseconds=within)
