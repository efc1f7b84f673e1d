"""What is published about China's holidays: the two packages we seed from, compared day by day. No database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version

from hexi.blocks.calendars.workdays import Kind, is_weekday

FIRST = 2004  # chinesecalendar begins here
#: the law that names the holidays themselves, before a year's make-up days are announced
LAW = "全国年节及纪念日放假办法（2024-11-10）第二条"
#: days on which the packages differ, settled by the notice of the General Office of the State Council itself
SETTLED = {
    date(2005, 12, 31): (Kind.WORK, "元旦", "国办发明电〔2005〕35号"),
}


@dataclass(frozen=True)
class Named:
    """A day as it is published."""

    date: date
    kind: Kind
    name: str
    source: str


@dataclass(frozen=True)
class Difference:
    """A day on which the packages differ (None: the package does not know the year), and what is taken."""

    date: date
    chinesecalendar: Kind | None
    holidays: Kind | None
    taken: Kind
    source: str


def years(until: int) -> range:
    """The years there is something to say about, through `until` or the last one chinesecalendar knows."""
    return range(FIRST, max(until, _last()) + 1)


def announced(year: int) -> bool:
    """True if one of the packages has the year's announcement: make-up days are in no law, only in that."""
    return FIRST <= year <= _last() or any(day.year == year for day in _holidays(year).weekend_workdays)


def source(year: int) -> str:
    """Where the days of the year are taken from."""
    if FIRST <= year <= _last():
        return f"chinesecalendar {_version('chinesecalendar')}"
    return f"holidays {_version('holidays')}" if announced(year) else LAW


def days(year: int) -> list[Named]:
    """Every day of the year that has a name or is not what its weekday says."""
    if FIRST <= year <= _last():
        found = {day.date: day for day in _from_chinesecalendar(year)}
    else:
        found = {day.date: day for day in _from_holidays(year)}
    for day, (kind, name, notice) in SETTLED.items():
        if day.year == year:
            found[day] = Named(day, kind, name, notice)
    return [found[day] for day in sorted(found)]


def differences(year: int) -> list[Difference]:
    """The days on which the two packages differ; for a year only one of them knows, every day it names."""
    taken = {day.date: day for day in days(year)}
    found = []
    for day in _days_of(year):
        ours, theirs = _kind_in_chinesecalendar(day), _kind_in_holidays(day)
        if ours == theirs or (ours is None and day not in taken):
            continue
        row = taken.get(day)
        found.append(
            Difference(day, ours, theirs, row.kind if row else _plain(day), row.source if row else source(year))
        )
    return found


def _plain(day: date) -> Kind:
    return Kind.WORK if is_weekday(day.toordinal()) else Kind.REST


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


# read from the package's file, 5 ms each time; asked for every day
_version = cache(version)


# the packages are imported late: they cost 40 ms that only seeding needs
@cache
def _last() -> int:
    from chinese_calendar import constants

    return max(constants.holidays).year


@cache
def _holidays(year: int):  # type: ignore[no-untyped-def]
    import holidays

    return holidays.country_holidays("CN", years=year, language="zh_CN")


def _from_chinesecalendar(year: int) -> Iterator[Named]:
    from chinese_calendar import constants

    for kind, table in ((Kind.REST, constants.holidays), (Kind.WORK, constants.workdays)):
        for day, holiday in table.items():
            if day.year == year:
                yield Named(day, kind, constants.Holiday(holiday).chinese, source(year))


def _from_holidays(year: int) -> Iterator[Named]:
    """All of an announced year; before that only the days the law itself names.

    Where a holiday at a weekend is made up (补假, art. 6) only the announcement says; the package's guess is left out.
    """
    table = _holidays(year)
    for day, name in table.items():
        if announced(year) or not name.endswith("（补假）"):
            yield Named(day, Kind.REST, name, source(year))
    for day in (day for day in table.weekend_workdays if day.year == year):
        yield Named(day, Kind.WORK, "", source(year))


def _kind_in_chinesecalendar(day: date) -> Kind | None:
    from chinese_calendar import is_workday

    if not FIRST <= day.year <= _last():
        return None
    return Kind.WORK if is_workday(day) else Kind.REST


def _kind_in_holidays(day: date) -> Kind:
    return Kind.WORK if _holidays(day.year).is_working_day(day) else Kind.REST
