"""The calendar in force: inheritance, caching by version, number of queries; and the year as months."""

from datetime import date, time

import pytest
from django.db import transaction
from django.utils.translation import override as language

from hexi.blocks.calendars import operations, options, queries
from hexi.blocks.calendars.clocks import Kind, Limit, OfficeTime, Unit
from hexi.blocks.calendars.models import Calendar
from hexi.blocks.calendars.tests.make import (
    LINXIA,
    SYSTEM,
    TOWN,
    YUMEN,
    at,
    make_calendar,
    make_nation,
    make_work_calendar,
)
from hexi.blocks.calendars.wording import amount_words, limit_words
from hexi.blocks.regions.codes import NATION
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
EID = date(2026, 3, 20)


def test_the_stored_calendar_counts_as_the_published_one():
    make_nation()
    stored, pure = queries.calendar_for(YUMEN), make_work_calendar()
    for start in ("2026-02-13", "2026-09-18", "2026-11-24", "2004-01-02"):
        for limit in (Limit(20), Limit(45), Limit(60, Unit.CALENDAR_DAYS), Limit(40, Unit.WORKING_HOURS)):
            assert stored.due(at(start), limit) == pure.due(at(start), limit)


def test_a_region_inherits_and_overrides():
    make_nation()
    linxia = make_calendar()
    operations.set_day(linxia, day=EID, kind=Kind.REST, name="开斋节", by=SYSTEM)
    operations.set_day(linxia, day=date(2026, 10, 10), kind=Kind.REST, by=SYSTEM)
    county, elsewhere = queries.calendar_for("622921000000"), queries.calendar_for(YUMEN)
    assert [calendar.is_working(EID) for calendar in (county, elsewhere)] == [False, True]
    assert [calendar.is_working(date(2026, 10, 10)) for calendar in (county, elsewhere)] == [False, True]
    assert not county.is_working(date(2026, 10, 7))
    assert county.announced(2026)


def test_the_nearest_calendar_wins_even_if_made_first():
    village = make_calendar("620981106203", "村")
    nation = make_nation()
    operations.set_day(village, day=EID, kind=Kind.REST, by=SYSTEM)
    operations.set_day(nation, day=EID, kind=Kind.WORK, by=SYSTEM)
    assert not queries.calendar_for("620981106203").is_working(EID)
    assert queries.calendar_for(TOWN).is_working(EID)


def test_a_region_may_wait_for_its_own_announcement():
    make_nation()
    linxia = make_calendar()
    operations.announce_year(linxia, year=2026, source="", announced=False, by=SYSTEM)
    assert queries.calendar_for(LINXIA).due(at("2026-03-02"), Limit(5)).years == (2026,)
    assert queries.calendar_for(YUMEN).due(at("2026-03-02"), Limit(5)).years == ()


def test_office_hours_of_the_nearest_region_that_has_some():
    make_nation()
    linxia = make_calendar()
    monday = date(2026, 11, 23)
    assert queries.calendar_for(LINXIA).office_hours(monday)[0].start == time(9)
    hours = [OfficeTime(0, time(8), time(12))]
    operations.set_office_hours(linxia, hours=hours, valid_from=date(2026, 1, 1), by=SYSTEM)
    assert [(row.start, row.end) for row in queries.calendar_for(LINXIA).office_hours(monday)] == [(time(8), time(12))]
    assert queries.calendar_for(LINXIA).office_hours(date(2025, 11, 24))[0].start == time(9)
    assert queries.calendar_for(YUMEN).office_hours(monday)[0].start == time(9)


def test_without_any_calendar_nothing_is_announced():
    calendar = queries.calendar_for(YUMEN)
    assert calendar.due(at("2026-11-24"), Limit(5)).day == date(2026, 12, 1)
    assert calendar.due(at("2026-11-24"), Limit(5)).years == (2026,)


def test_queries_one_when_known_four_when_not(django_assert_num_queries):
    make_nation()
    make_calendar()
    queries._made.cache_clear()  # the nation's calendar is put back from test to test as it was
    with django_assert_num_queries(4):
        first = queries.calendar_for(LINXIA)
    with django_assert_num_queries(1):
        assert queries.calendar_for(LINXIA) is first
    with django_assert_num_queries(4):
        nation = queries.calendar_for(YUMEN)
    with django_assert_num_queries(1):
        assert queries.calendar_for(TOWN) is nation


def test_a_change_is_seen_at_once_and_one_taken_back_too():
    make_nation()
    linxia = make_calendar()
    assert queries.calendar_for(LINXIA).is_working(EID)
    with transaction.atomic():
        operations.set_day(linxia, day=EID, kind=Kind.REST, by=SYSTEM)
        assert not queries.calendar_for(LINXIA).is_working(EID)
        transaction.set_rollback(True)
    assert queries.calendar_for(LINXIA).is_working(EID)
    operations.set_day(linxia, day=EID, kind=Kind.WORK, by=SYSTEM)  # must not meet what was rolled back
    assert queries.calendar_for(LINXIA).is_working(EID)


def test_options_reach_the_clocks():
    make_nation()
    with override(options.DAY_ENDS, "office"), override(options.NEAR_DAYS, 3):
        due = queries.calendar_for(YUMEN).due(at("2026-11-24"), Limit(5))
    assert (due.moment, due.near) == (at("2026-12-01 18:00"), at("2026-11-27 00:00"))
    assert queries.calendar_for(YUMEN).due(at("2026-11-24"), Limit(5)).near == at("2026-12-01 00:00")


@pytest.mark.parametrize(("code", "prefix"), [(NATION, ""), (LINXIA, "6229"), (YUMEN, "620981"), (TOWN, "620981106")])
def test_the_prefix_of_a_calendar(code, prefix):
    assert queries.prefix(Calendar(region_code=code)) == prefix


# --- a year as months ---------------------------------------------------------------------------------------------------
def test_a_year_of_the_nation(django_assert_num_queries):
    make_nation()
    with django_assert_num_queries(3):
        view = queries.year_of(NATION, 2026)
    assert [month.working_days for month in view.months] == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]
    assert view.working_days == sum(
        make_work_calendar().is_working(cell.date) for month in view.months for cell in month.cells
    )
    assert sum(len(month.cells) for month in view.months) == 365
    assert all(len(week) == 7 for month in view.months for week in month.weeks)
    assert [week[0].date.day for week in view.months[1].weeks if week[0]] == [2, 9, 16, 23]  # Mondays of February
    assert (view.announced, view.source) == (True, "chinesecalendar 1.11.0")
    moved = [cell for cell in view.months[1].cells if cell.moved]
    assert [(cell.date.day, cell.kind) for cell in moved] == [
        (14, "work"), (16, "rest"), (17, "rest"), (18, "rest"), (19, "rest"), (20, "rest"), (23, "rest"), (28, "work"),
    ]  # fmt: skip


def test_a_year_of_a_region_marks_what_is_its_own():
    make_nation()
    linxia = make_calendar()
    operations.set_day(linxia, day=EID, kind=Kind.REST, name="开斋节", source="州政府通知", by=SYSTEM)
    named = {cell.date: cell for cell in queries.year_of(LINXIA, 2026).named}
    assert (named[EID].own, named[EID].name, named[EID].source) == (True, "开斋节", "州政府通知")
    assert (named[date(2026, 10, 1)].own, named[date(2026, 10, 1)].name) == (False, "国庆节")


def test_a_year_nobody_spoke_of():
    view = queries.year_of(YUMEN, 2031)
    assert (view.announced, view.source, view.named) == (False, "", [])


# --- words --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("limit", "zh", "en"),
    [
        (Limit(20), "20个工作日", "20 working days"),
        (Limit(1), "1个工作日", "1 working day"),
        (Limit(0), "当日", "the same day"),
        (Limit(3, Unit.CALENDAR_DAYS), "3天", "3 days"),
        (Limit(24, Unit.HOURS), "24小时", "24 hours"),
        (Limit(4, Unit.WORKING_HOURS), "4个工作小时", "4 working hours"),
    ],
)
def test_limits_in_words(limit, zh, en):
    assert limit_words(limit) == zh
    with language("en"):
        assert limit_words(limit) == en


def test_amounts_in_words():
    assert amount_words(3.0, Unit.WORKING_DAYS) == "3个工作日"
    assert amount_words(1.25, Unit.HOURS) == "1.2小时"
