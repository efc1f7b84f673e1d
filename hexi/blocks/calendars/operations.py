"""Everything that changes a calendar. Each change renames its version and rings `calendar_changed`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars import lists, published
from hexi.blocks.calendars.clocks import TURN, Kind, OfficeTime
from hexi.blocks.calendars.hooks import calendar_changed
from hexi.blocks.calendars.models import Calendar, Day, OfficeHours, Year, fresh_version
from hexi.blocks.calendars.published import Named
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.codes import NATION
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

EDIT = "calendars.edit"
#: a change of office hours without end concerns clocks up to here
FAR = date(lists.LAST, 12, 31)


@dataclass(frozen=True)
class Stored:
    """What became of a list of days: how many were new, changed, already so."""

    added: int
    changed: int
    same: int


def open_calendar(region_code: str, *, by: Actor) -> Calendar:
    """Give a division a calendar of its own; it inherits everything from those above.

    Raises `ValidationError` for a code that no division has and for a division that has a calendar.
    """
    require(by, EDIT, None, region_code)
    division = regions.find(region_code)
    if division is None:
        raise ValidationError({"region_code": _("没有这个区划代码。请从「选择地区」里重新选择。")})
    with change(by, "calendars.open_calendar", region_code=region_code) as entry:
        calendar, new = Calendar.objects.get_or_create(region_code=region_code, defaults={"name": division.name})
        if not new:
            raise ValidationError({"region_code": _("这个地区已有自己的日历，请直接修改。")})
        entry.thing = calendar
        return calendar


def set_day(calendar: Calendar, *, day: date, kind: Kind, name: str = "", source: str = "", by: Actor) -> Day:
    """Make a day a rest day (放假) or a working day (调休上班) in the calendar's region and below."""
    require(by, EDIT, None, calendar.region_code)
    if kind not in tuple(Kind):
        raise ValidationError({"kind": _("请选择「放假」或「上班」。")})
    if not lists.FIRST <= day.year <= lists.LAST:
        raise ValidationError(
            {"day": _("日期应在 %(first)s 年到 %(last)s 年之间。") % {"first": lists.FIRST, "last": lists.LAST}}
        )
    with change(by, "calendars.set_day", calendar, day=day.isoformat(), kind=str(kind), name=name):
        calendar = _hold(calendar)
        _store(calendar, [Named(day, Kind(kind), name, source)], by)
        return calendar.days.get(date=day)


def clear_day(calendar: Calendar, *, day: date, by: Actor) -> None:
    """Take the calendar's own row for a day away: it is again what the calendar above, or its weekday, says."""
    require(by, EDIT, None, calendar.region_code)
    with change(by, "calendars.clear_day", calendar, day=day.isoformat()):
        calendar = _hold(calendar)
        if calendar.days.filter(date=day).delete()[0]:
            _announce_change(calendar, day, day, by)


def import_days(calendar: Calendar, *, content: bytes, source: str, by: Actor) -> Stored:
    """Set every day of an uploaded CSV or XLSX list (columns 日期 类型 名称), all or nothing.

    `source` is the notice the list comes from. Raises `ValidationError({"file": […]})` naming line and reason.
    """
    require(by, EDIT, None, calendar.region_code)
    days = lists.read(content, source)
    with change(by, "calendars.import_days", calendar, source=source) as entry:
        entry.rows = [[day.date.isoformat(), str(day.kind), day.name] for day in days]
        return _store(_hold(calendar), days, by)


def announce_year(calendar: Calendar, *, year: int, source: str, announced: bool = True, by: Actor) -> Year:
    """Say that the holidays of a year are announced, and by which notice (`source`), or take that back.

    Raises `ValidationError` without a notice, and for the nation's calendar without any rest day in that year.
    """
    require(by, EDIT, None, calendar.region_code)
    if announced and not source.strip():
        raise ValidationError({"source": _("请写明放假安排通知的名称或文号。")})
    with change(by, "calendars.announce_year", calendar, year=year, announced=announced, source=source):
        calendar = _hold(calendar)
        if announced and calendar.region_code == NATION and not calendar.days.filter(date__year=year).exists():
            raise ValidationError({"year": _("%(year)s 年还没有录入放假日期。请先录入或导入。") % {"year": year}})
        row, _new = Year.objects.update_or_create(
            calendar=calendar, year=year, defaults={"announced": announced, "source": source.strip()}
        )
        # the end of the December before belongs to the announcement too
        _announce_change(calendar, date(year - 1, *TURN), date(year, 12, 31), by)
        return row


def set_office_hours(
    calendar: Calendar, *, hours: Sequence[OfficeTime], valid_from: date, valid_to: date | None = None, by: Actor
) -> None:
    """Make these the office hours of the week from one day on (through `valid_to`; None: until further notice).

    What was in force in that span before is cut short or split round it, so a summer timetable lies inside another.
    The dates inside `hours` are not read. Raises `ValidationError` for stretches that overlap or end before they start.
    """
    require(by, EDIT, None, calendar.region_code)
    if valid_to is not None and valid_to < valid_from:
        raise ValidationError({"valid_to": _("结束日期早于开始日期，请改正。")})
    _check_hours(hours)
    with change(by, "calendars.set_office_hours", calendar, valid_from=valid_from.isoformat()) as entry:
        entry.facts["hours"] = [f"{row.weekday} {row.start:%H:%M}–{row.end:%H:%M}" for row in hours]
        calendar = _hold(calendar)
        _make_room(calendar, valid_from, valid_to)
        OfficeHours.objects.bulk_create(
            OfficeHours(
                calendar=calendar, weekday=row.weekday, start=row.start, end=row.end,
                valid_from=valid_from, valid_to=valid_to,
            )
            for row in hours
        )  # fmt: skip
        _announce_change(calendar, valid_from, valid_to or FAR, by)


def seed(*, by: Actor) -> Stored:
    """Fill the nation's calendar with what is published, 2004 until next year; years somebody announced are left alone.

    Only days without a row are added, so a second run, or one after an edit, changes nothing. A year whose make-up days
    are not announced gets the days the law itself names and is marked not announced.
    """
    require(by, EDIT, None, NATION)
    with change(by, "calendars.seed") as entry:
        nation, _new = Calendar.objects.get_or_create(region_code=NATION, defaults={"name": "全国"})
        nation = _hold(nation)
        settled = set(nation.years.filter(announced=True).values_list("year", flat=True))
        years = [year for year in published.years(clock.today().year + 1) if year not in settled]
        kept = set(nation.days.values_list("date", flat=True))
        days = [day for year in years for day in published.days(year) if day.date not in kept]
        entry.thing, entry.rows = nation, [[day.date.isoformat(), str(day.kind), day.name] for day in days]
        stored = _store(nation, days, by)
        news = [year for year in years if published.announced(year)]
        _say(nation, years)
        if news:
            _announce_change(nation, date(min(news) - 1, *TURN), date(max(news), 12, 31), by)
        return stored


def adopt(
    region_code: str, *, name: str, days: Iterable[Named] = (), hours: Sequence[OfficeTime] = (), by: Actor
) -> Calendar:
    """Put a region pack's calendar into force, once: days and office hours that are there already stay as they are."""
    require(by, EDIT, None, region_code)
    _check_hours(hours)
    with change(by, "calendars.adopt", region_code=region_code) as entry:
        calendar, _new = Calendar.objects.get_or_create(region_code=region_code, defaults={"name": name})
        entry.thing = calendar = _hold(calendar)
        kept = set(calendar.days.values_list("date", flat=True))
        _store(calendar, [day for day in days if day.date not in kept], by)
        if hours and not calendar.office_hours.exists():
            since = min(row.valid_from for row in hours)
            OfficeHours.objects.bulk_create(OfficeHours(calendar=calendar, **vars(row)) for row in hours)
            _announce_change(calendar, since, FAR, by)
        return calendar


def _say(nation: Calendar, years: Iterable[int]) -> None:
    """Write whether these years are announced, as far as it is published."""
    Year.objects.bulk_create(
        [
            Year(calendar=nation, year=year, announced=published.announced(year), source=published.source(year))
            for year in years
        ],
        update_conflicts=True,
        unique_fields=["calendar", "year"],
        update_fields=["announced", "source"],
    )


def _hold(calendar: Calendar) -> Calendar:
    """The calendar, locked until the commit: changes of one calendar happen one after the other."""
    return Calendar.objects.select_for_update().get(pk=calendar.pk)


def _store(calendar: Calendar, days: Sequence[Named], by: Actor) -> Stored:
    """Write rows of a held calendar; ring for those that became another kind of day."""
    before = {row.date: row for row in calendar.days.filter(date__in=[day.date for day in days])}
    added = [day for day in days if day.date not in before]
    changed = [day for day in days if day.date in before and _differs(before[day.date], day)]
    moved = [day.date for day in changed if before[day.date].kind != day.kind] + [day.date for day in added]
    Day.objects.bulk_create(
        [
            Day(calendar=calendar, date=day.date, kind=day.kind.value, name=day.name, source=day.source)
            for day in added + changed
        ],
        update_conflicts=True,
        unique_fields=["calendar", "date"],
        update_fields=["kind", "name", "source"],
    )
    if moved:
        _announce_change(calendar, min(moved), max(moved), by)
    return Stored(len(added), len(changed), len(days) - len(added) - len(changed))


def _differs(row: Day, day: Named) -> bool:
    return (row.kind, row.name, row.source) != (day.kind, day.name, day.source)


def _announce_change(calendar: Calendar, first: date, last: date, by: Actor) -> None:
    calendar.version = fresh_version()
    calendar.save(update_fields=["version"])
    calendar_changed.ring(calendar=calendar, first=first, last=last, by=by)


def _check_hours(hours: Sequence[OfficeTime]) -> None:
    ordered = sorted(hours, key=lambda row: (row.valid_from, row.weekday, row.start))
    for row in ordered:
        if not 0 <= row.weekday <= 6 or row.start >= row.end:
            raise ValidationError({"hours": _("上班时间应早于下班时间，请改正。")})
    for row, after in pairwise(ordered):
        if (row.valid_from, row.weekday) == (after.valid_from, after.weekday) and after.start < row.end:
            raise ValidationError({"hours": _("同一天的两段办公时间重叠，请改正。")})


def _make_room(calendar: Calendar, first: date, last: date | None) -> None:
    """Cut every row that is in force between these days down to what lies before and after them."""
    for row in calendar.office_hours.all():
        ends_before = row.valid_to is not None and row.valid_to < first
        if ends_before or (last is not None and row.valid_from > last):
            continue
        before = row.valid_from < first
        after = last is not None and (row.valid_to is None or row.valid_to > last)
        if after:
            OfficeHours.objects.create(
                calendar=calendar, weekday=row.weekday, start=row.start, end=row.end,
                valid_from=last + timedelta(days=1), valid_to=row.valid_to,
            )  # fmt: skip
        if before:
            row.valid_to = first - timedelta(days=1)
            row.save(update_fields=["valid_to"])
        else:
            row.delete()
