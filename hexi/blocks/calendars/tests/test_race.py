"""Changes of one calendar at the same time, on whichever database runs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.calendars import operations, queries
from hexi.blocks.calendars.clocks import Kind, OfficeTime
from hexi.blocks.calendars.models import Calendar, Day
from hexi.blocks.calendars.tests.make import LINXIA, SYSTEM, make_calendar
from hexi.blocks.regions.tests.make import make_division

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
THREADS = 8
EID = date(2026, 3, 20)


def at_once(jobs):
    """Run all jobs at the same time, each on a connection of its own; their results or errors."""

    def run(job):
        try:
            return job()
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, jobs))


def test_one_day_set_by_many_is_one_row():
    calendar = make_calendar()

    def job(number):
        kind = Kind.REST if number % 2 else Kind.WORK
        return lambda: operations.set_day(calendar, day=EID, kind=kind, name=str(number), by=SYSTEM)

    rows = at_once(job(number) for number in range(24))
    assert {row.pk for row in rows} == {Day.objects.get().pk}
    last = Entry.objects.filter(verb="calendars.set_day").count()
    assert last == 24
    assert queries.calendar_for(LINXIA).is_working(EID) is (Day.objects.get().kind == "work")


def test_many_days_set_at_once_are_all_there():
    calendar = make_calendar()
    days = [EID + timedelta(days=number) for number in range(24)]
    at_once((lambda day=day: operations.set_day(calendar, day=day, kind=Kind.REST, by=SYSTEM)) for day in days)
    assert list(Day.objects.values_list("date", flat=True)) == days
    view = queries.calendar_for(LINXIA)
    assert not any(view.is_working(day) for day in days)


def test_a_calendar_opened_by_many_exists_once():
    make_division(LINXIA, "临夏回族自治州")
    results = at_once((lambda: operations.open_calendar(LINXIA, by=SYSTEM)) for _number in range(12))
    assert len([result for result in results if isinstance(result, Calendar)]) == 1
    assert len([result for result in results if isinstance(result, ValidationError)]) == 11
    assert Calendar.objects.count() == 1


def test_seeding_by_many_seeds_once():
    results = at_once((lambda: operations.seed(by=SYSTEM)) for _number in range(4))
    assert sorted(result.added > 0 for result in results) == [False, False, False, True]
    assert Day.objects.count() == max(result.added for result in results)


def test_timetables_set_at_once_never_overlap():
    calendar = make_calendar()

    def job(number):
        hours = [OfficeTime(0, time(6 + number), time(18))]
        return lambda: operations.set_office_hours(
            calendar, hours=hours, valid_from=date(2026, 1, 1 + number), by=SYSTEM
        )

    at_once(job(number) for number in range(8))
    rows = list(calendar.office_hours.order_by("valid_from"))
    assert rows[-1].valid_to is None
    for row, after in zip(rows, rows[1:], strict=False):
        assert row.valid_to < after.valid_from
