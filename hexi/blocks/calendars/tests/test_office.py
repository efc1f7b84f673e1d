"""Office time: lunch, weekends, make-up days, timetables with dates, regions above."""

from datetime import date, time

import pytest

from hexi.blocks.calendars.clocks import Due, Limit, OfficeTime, Unit, WorkCalendar
from hexi.blocks.calendars.tests.make import at, make_week, make_work_calendar

CALENDAR = make_work_calendar(hours=(make_week(),))


def due(start: str, hours: int, calendar: WorkCalendar = CALENDAR, pauses=()) -> Due:
    return calendar.due(at(start), Limit(hours, Unit.WORKING_HOURS), pauses)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24 09:00", 2, "2026-11-24 11:00"),
        ("2026-11-24 11:00", 1, "2026-11-24 12:00"),  # ends with the morning, not with the next opening
        ("2026-11-24 11:00", 2, "2026-11-24 15:30"),  # over lunch
        ("2026-11-24 12:30", 1, "2026-11-24 15:30"),  # begun at lunch
        ("2026-11-24 17:30", 1, "2026-11-25 09:00"),  # over night
        ("2026-11-24 06:00", 7, "2026-11-24 18:00"),  # a whole day
        ("2026-11-27 17:00", 2, "2026-11-30 09:30"),  # over a weekend
        ("2026-11-28 10:00", 2, "2026-11-30 10:30"),  # begun on a Saturday
        ("2026-02-13 17:00", 2, "2026-02-14 09:30"),  # into the make-up Saturday
        ("2026-02-14 17:00", 2, "2026-02-24 09:30"),  # over the Spring Festival
        ("2026-09-18 17:00", 3, "2026-09-20 10:30"),  # over a Saturday into a make-up Sunday
        ("2026-11-24 09:00", 70, "2026-12-08 09:00"),  # ten days
        ("2026-12-31 17:30", 1, "2027-01-04 09:00"),  # into another year
        ("2003-12-31 17:30", 1, "2004-01-02 09:00"),  # from before the first sums; New Year was a Thursday
        ("2003-12-29 17:30", 1, "2003-12-30 09:00"),
    ],
)
def test_working_hours(start, hours, end):
    found = due(start, hours)
    assert found.moment == at(end)
    assert found.day == at(end).date()


def test_no_hours_at_all_end_at_once():
    assert due("2026-11-24 20:15", 0).moment == at("2026-11-24 20:15")


def test_pauses_count_only_where_they_meet_office_time():
    lunch = (at("2026-11-24 12:00"), at("2026-11-24 14:30"))
    assert due("2026-11-24 11:00", 2, pauses=[lunch]).moment == at("2026-11-24 15:30")
    longer = (at("2026-11-24 11:30"), at("2026-11-24 15:00"))  # half an hour on each side
    assert due("2026-11-24 11:00", 2, pauses=[longer]).moment == at("2026-11-24 16:30")
    still_open = due("2026-11-24 11:00", 2, pauses=[(at("2026-11-24 14:45"), None)])
    assert (still_open.paused, still_open.left) == (True, 0.75)


def test_used_and_remaining():
    start = at("2026-11-24 11:00")
    assert CALENDAR.used(start, at("2026-11-24 13:00"), Unit.WORKING_HOURS) == 1
    assert CALENDAR.used(start, at("2026-11-25 08:00"), Unit.WORKING_HOURS) == 4.5
    assert CALENDAR.remaining(start, at("2026-11-25 08:00"), Limit(10, Unit.WORKING_HOURS)) == 5.5


def test_open_and_closed():
    moments = ("2026-11-24 08:29", "2026-11-24 08:30", "2026-11-24 12:00", "2026-11-24 17:59", "2026-11-28 10:00")
    assert [CALENDAR.is_open(at(moment)) for moment in moments] == [False, True, False, True, False]
    assert CALENDAR.is_open(at("2026-02-14 10:00"))


def test_make_up_days_have_the_hours_of_the_neighbour():
    week = [
        OfficeTime(0, time(8), time(16)),
        OfficeTime(4, time(9), time(12)),
    ]
    calendar = make_work_calendar(hours=(week,))
    assert calendar.office_hours(date(2026, 2, 14)) == (week[1],)  # Saturday as Friday
    assert calendar.office_hours(date(2026, 9, 20)) == (week[0],)  # Sunday as Monday
    named = OfficeTime(5, time(10), time(11))
    assert make_work_calendar(hours=((*week, named),)).office_hours(date(2026, 2, 14)) == (named,)
    assert make_work_calendar(hours=((*week, named),)).office_hours(date(2026, 2, 21)) == ()


def test_a_summer_timetable():
    winter = make_week((time(9), time(17)), valid_to=date(2026, 4, 30))
    summer = make_week((time(8), time(16)), valid_from=date(2026, 5, 1), valid_to=date(2026, 9, 30))
    later = make_week((time(9), time(17)), valid_from=date(2026, 10, 1))
    calendar = make_work_calendar(hours=([*winter, *summer, *later],))
    assert due("2026-04-30 16:00", 2, calendar).moment == at("2026-05-06 09:00")  # Labour Day between
    assert due("2026-09-30 15:00", 2, calendar).moment == at("2026-10-08 10:00")


def test_the_nearest_region_with_hours_on_that_day_wins():
    above = make_week((time(9), time(17)))
    summer = make_week((time(8), time(12)), valid_from=date(2026, 6, 1), valid_to=date(2026, 8, 31))
    calendar = make_work_calendar(hours=(summer, above))
    assert calendar.office_hours(date(2026, 6, 1))[0].end == time(12)
    assert calendar.office_hours(date(2026, 9, 1))[0].end == time(17)


def test_without_office_time_nothing_ever_ends():
    with pytest.raises(ValueError, match="no office hours"):
        due("2026-11-24 09:00", 1, WorkCalendar(hours=()))
    over = make_week(valid_to=date(2020, 1, 1))
    with pytest.raises(ValueError, match="no office hours"):
        due("2026-11-24 09:00", 1, WorkCalendar(hours=(over,)))
