"""The count of working days against a walk over every day of 2003–2028."""

from datetime import date, timedelta

import pytest

from hexi.blocks.calendars.tests import oracle
from hexi.blocks.calendars.tests.make import make_work_calendar
from hexi.blocks.calendars.workdays import AllDays, Kind, WorkDays, is_weekday

ALL = [date(2003, 1, 1) + timedelta(days=number) for number in range((date(2026, 12, 31) - date(2003, 1, 1)).days + 1)]


def test_every_day_is_what_is_published():
    calendar = make_work_calendar()
    assert [day for day in ALL if calendar.is_working(day) != oracle.works(day)] == []


def test_count_and_place_of_every_working_day():
    calendar, number = make_work_calendar(), 0
    start = ALL[0]
    for day in ALL[1:]:
        number += oracle.works(day)
        assert calendar.working_days(start, day) == number
        if oracle.works(day):
            assert calendar.add(start, number) == day


def test_back_is_the_mirror_of_add():
    calendar = make_work_calendar()
    working = [day for day in ALL if oracle.works(day)]
    for place in range(50, len(working), 7):
        assert calendar.back(working[place], 7) == working[place - 7]
        assert calendar.back(working[place], 0) == working[place]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-14", True),  # Saturday before the Spring Festival
        ("2026-10-10", True),  # Saturday after the National Day
        ("2026-09-20", True),  # a Sunday
        ("2026-10-07", False),  # a Wednesday
        ("2026-10-08", True),
        ("2026-02-23", False),  # a Monday
        ("2026-02-28", True),
        ("2005-12-31", True),  # 国办发明电〔2005〕35号
        ("2015-09-03", False),  # 70 years after the war, once
        ("2018-12-29", True),  # moved by the announcement of 2019
        ("2027-01-01", False),  # known from the law before the announcement
        ("2027-02-09", True),  # made up only once announced
    ],
)
def test_known_days(day, works):
    assert make_work_calendar().is_working(date.fromisoformat(day)) is works


def test_monday_to_friday_without_rows():
    days = WorkDays({})
    monday = date(2030, 7, 1).toordinal()
    assert [days.works(monday + number) for number in range(7)] == [True] * 5 + [False] * 2
    assert days.before(monday + 7) - days.before(monday) == 5
    assert days.reach(days.before(monday) + 6) == monday + 7 + 1


def test_rows_that_say_what_the_weekday_says_change_nothing():
    sunday, monday = date(2030, 6, 30), date(2030, 7, 1)
    plain, same = WorkDays({}), WorkDays({sunday: Kind.REST, monday: Kind.WORK})
    assert same.before(monday.toordinal() + 1) == plain.before(monday.toordinal() + 1)
    assert is_weekday(monday.toordinal())
    assert not is_weekday(sunday.toordinal())


def test_make_up_days_at_both_ends_of_the_rows():
    saturday = date(2030, 7, 6)
    days = WorkDays({saturday: Kind.WORK})
    friday = saturday.toordinal() - 1
    assert days.reach(days.before(friday) + 1) == friday + 1
    assert days.reach(days.before(friday) + 2) == saturday.toordinal() + 1
    assert days.reach(days.before(friday) + 3) == saturday.toordinal() + 3


def test_years_far_away():
    calendar = make_work_calendar()
    assert calendar.add(date(1999, 12, 31), 1) == date(2000, 1, 3)
    assert calendar.add(date(2150, 1, 1), 5) == date(2150, 1, 8)
    assert AllDays().reach(AllDays().before(7)) == 7


@pytest.mark.parametrize("count", ["add", "back"])
def test_a_negative_number_is_refused(count):
    with pytest.raises(ValueError, match="use (back|add)"):
        getattr(make_work_calendar(), count)(date(2026, 1, 1), -1)
