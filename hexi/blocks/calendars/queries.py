"""Reads: the calendar in force for a region, and a year of it laid out in months."""

from calendar import Calendar as Weeks
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache

from django.db.models import OuterRef, QuerySet, Subquery

from hexi.blocks.calendars import options
from hexi.blocks.calendars.clocks import Kind, Near, OfficeTime, WorkCalendar
from hexi.blocks.calendars.models import Calendar, Day, OfficeHours, Year
from hexi.blocks.calendars.office import EIGHT_HOURS
from hexi.blocks.calendars.workdays import is_weekday
from hexi.blocks.regions import codes
from hexi.blocks.regions.codes import NATION
from hexi.blocks.regions.models import Division
from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given


def chain(region_code: str) -> tuple[str, ...]:
    """The codes of a division and everything above it, the nation first."""
    return (NATION, *codes.ancestors(region_code))


def prefix(calendar: Calendar) -> str:
    """What the codes of all divisions begin with that this calendar counts for ("" the nation)."""
    return codes.prefix(calendar.region_code)


def calendars() -> QuerySet[Calendar]:
    """Every calendar, each with the English name of its division for `Calendar.title`."""
    named = Division.objects.current().filter(code=OuterRef("region_code")).values("name_en")
    return Calendar.objects.annotate(name_en=Subquery(named[:1]))


def calendars_of(region_code: str) -> QuerySet[Calendar]:
    """The calendars that count for a division, the nation's first, the nearest last."""
    return Calendar.objects.filter(region_code__in=chain(region_code)).order_by("region_code")


def calendar_for(region_code: str) -> WorkCalendar:
    """The calendar in force for a division (12 digits): its own rows over those of the divisions above it.

    One query if the process has it already, four after a change. Hold it for the length of a request or a batch, never
    longer. Without any calendar every year counts as not announced.
    """
    line = chain(region_code)
    versions = tuple(_versions(len(line)).all(**{f"code{n}": code for n, code in enumerate(line)}))
    return _made(versions, options.DAY_ENDS.value, options.NEAR_PERCENT.value, options.NEAR_DAYS.value)


def may_move(region_code: str, until: datetime | None) -> bool:
    """True if a term of working days that ends at `until` hangs on a year whose holidays are not announced yet."""
    today = clock.today()
    if until is None or clock.local_day(until) < today:
        return False
    return bool(calendar_for(region_code).unsettled(today, clock.local_day(until)))


@cache
def _versions(depth: int) -> Fixed[tuple[int, str]]:
    """The calendars that count for a division so deep."""
    line = [Given(f"code{n}") for n in range(depth)]
    rows = Calendar.objects.filter(region_code__in=line).order_by("region_code")
    return Fixed(lambda: rows.values_list("pk", "version"))


@lru_cache(maxsize=64)
def _made(versions: tuple[tuple[int, str], ...], ends: str, percent: int, days: int) -> WorkCalendar:
    keys = [key for key, _version in versions]
    rows = {day: Kind(kind) for _key, day, kind in _nearest_last(keys, Day, "date", "kind")}
    years = {year: announced for _key, year, announced in _nearest_last(keys, Year, "year", "announced")}
    known = (year for year, announced in years.items() if announced)
    return WorkCalendar(rows, known, [*_office_layers(keys), EIGHT_HOURS], ends, Near(percent / 100, days))


def _nearest_last(keys: list[int], model: type[Day] | type[Year] | type[OfficeHours], *columns: str) -> list[tuple]:
    """Rows of these calendars, (calendar id, *columns), in the order of `keys`, so that the nearest region wins."""
    rows = model._default_manager.filter(calendar__in=keys).values_list("calendar_id", *columns)
    return sorted(rows, key=lambda row: keys.index(row[0]))


def _office_layers(keys: list[int]) -> Iterable[list[OfficeTime]]:
    """Each calendar's office time, the nearest region's first."""
    layers: dict[int, list[OfficeTime]] = {key: [] for key in reversed(keys)}
    for key, *columns in _nearest_last(keys, OfficeHours, "weekday", "start", "end", "valid_from", "valid_to"):
        layers[key].append(OfficeTime(*columns))
    return layers.values()


@dataclass(frozen=True)
class Cell:
    """A day of a month's table: what it is, its name, whether its row is the calendar's own or inherited."""

    date: date
    kind: Kind
    name: str = ""
    source: str = ""
    own: bool = False

    @property
    def moved(self) -> bool:
        """True if the day is not what its weekday says."""
        return (self.kind == Kind.WORK) != is_weekday(self.date.toordinal())


@dataclass(frozen=True)
class Month:
    """A month as weeks from Monday to Sunday; None: a day of another month."""

    first: date
    weeks: list[list[Cell | None]]

    @property
    def cells(self) -> list[Cell]:
        """The days of the month."""
        return [cell for week in self.weeks for cell in week if cell is not None]

    @property
    def working_days(self) -> int:
        """How many of them are working days."""
        return sum(cell.kind == Kind.WORK for cell in self.cells)


@dataclass(frozen=True)
class YearView:
    """A year of a calendar: its months, and whether and by what it is announced."""

    year: int
    announced: bool
    source: str
    months: list[Month]

    @property
    def named(self) -> list[Cell]:
        """Every day that has a row, or is not what its weekday says."""
        return [cell for month in self.months for cell in month.cells if cell.source or cell.name or cell.moved]

    @property
    def working_days(self) -> int:
        """How many working days the year has."""
        return sum(month.working_days for month in self.months)


def year_of(region_code: str, year: int) -> YearView:
    """A year as it counts in a division, inherited rows included. Three queries."""
    codes_of = dict(calendars_of(region_code).values_list("pk", "region_code"))
    keys = list(codes_of)
    cells = {
        row.date: Cell(row.date, Kind(row.kind), row.name, row.source, own=codes_of[row.calendar_id] == region_code)
        for row in sorted(
            Day.objects.filter(calendar__in=keys, date__year=year), key=lambda row: keys.index(row.calendar_id)
        )
    }
    said = max(
        Year.objects.filter(calendar__in=keys, year=year), key=lambda row: keys.index(row.calendar_id), default=None
    )
    return YearView(
        year,
        said is not None and said.announced,
        said.source if said is not None else "",
        [_month(year, number, cells) for number in range(1, 13)],
    )


def differences(one: YearView, other: YearView) -> list[tuple[Cell | None, Cell | None]]:
    """The days that are special in one of two years, or of two calendars of a year, and not the same in the other.

    Days are held side by side by month and day, in the order of the year; None: the other year has no such day.
    """
    mine, theirs = (
        {(cell.date.month, cell.date.day): cell for month in view.months for cell in month.cells}
        for view in (one, other)
    )
    special = sorted({(cell.date.month, cell.date.day) for cell in (*one.named, *other.named)})
    return [(mine.get(day), theirs.get(day)) for day in special if _differs(mine.get(day), theirs.get(day))]


def _differs(one: Cell | None, other: Cell | None) -> bool:
    return one is None or other is None or (one.kind, one.name) != (other.kind, other.name)


def _month(year: int, number: int, cells: dict[date, Cell]) -> Month:
    weeks = [
        [cells.get(day) or _plain(day) if day.month == number else None for day in week]
        for week in Weeks().monthdatescalendar(year, number)
    ]
    return Month(date(year, number, 1), weeks)


def _plain(day: date) -> Cell:
    return Cell(day, Kind.WORK if is_weekday(day.toordinal()) else Kind.REST)
