"""Clocks with known answers: tables of dates anyone can check against a printed calendar."""

from datetime import date, datetime, time, timedelta

import pytest

from hexi.blocks.calendars.clocks import Due, Light, Limit, Near, Unit, WorkCalendar, light
from hexi.blocks.calendars.tests.make import at, make_work_calendar

CALENDAR = make_work_calendar()
DAYS, HOURS = Unit.CALENDAR_DAYS, Unit.HOURS


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        ("2026-11-24", 1, "2026-11-25"),  # the promised one working day
        ("2026-11-27", 1, "2026-11-30"),  # Friday, then Monday
        ("2026-11-28", 1, "2026-11-30"),  # received on a Saturday
        ("2026-02-13", 1, "2026-02-14"),  # the make-up Saturday counts
        ("2026-02-14", 1, "2026-02-24"),  # nine days of Spring Festival
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-02-13", 6, "2026-02-28"),  # and the Saturday after it
        ("2026-09-30", 5, "2026-10-13"),  # 8, 9, Saturday 10, 12, 13 October
        ("2026-09-18", 1, "2026-09-20"),  # a Sunday
        ("2026-04-03", 1, "2026-04-07"),  # Tomb-Sweeping on a Sunday, made up on Monday
        ("2025-12-31", 1, "2026-01-04"),
        ("2025-01-26", 20, "2025-02-28"),  # 20 days over the Spring Festival of 2025
        ("2026-11-24", 45, "2027-01-27"),  # joint handling (art. 42), into a year not announced
    ],
)
def test_working_days(start, number, due):
    assert CALENDAR.due(at(start), Limit(number)).day == date.fromisoformat(due)
    assert CALENDAR.add(date.fromisoformat(start), number) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        ("2026-11-24", 3, "2026-11-27"),
        ("2026-11-24", 4, "2026-11-30"),  # the last day is a Saturday: 民法典 art. 203
        ("2026-02-01", 13, "2026-02-14"),  # a Saturday, but a working one
        ("2026-02-01", 15, "2026-02-24"),  # the last day lies in the Spring Festival
        ("2026-09-25", 10, "2026-10-08"),
        ("2026-11-24", 30, "2026-12-24"),
        ("2026-11-24", 60, "2027-01-25"),  # 信访工作条例 art. 34: 60 days; 23 January 2027 is a Saturday
    ],
)
def test_calendar_days(start, number, due):
    assert CALENDAR.due(at(start), Limit(number, DAYS)).day == date.fromisoformat(due)


def test_hours_run_through_nights_and_weekends():
    due = CALENDAR.due(at("2026-11-27 17:20"), Limit(24, HOURS))
    assert due.moment == at("2026-11-28 17:20")
    assert due.day == date(2026, 11, 28)
    assert due.years == ()


def test_the_hour_of_the_event_does_not_matter_in_days():
    first, last = at("2026-11-24 00:00"), at("2026-11-24 23:59")
    assert CALENDAR.due(first, Limit(5)) == CALENDAR.due(last, Limit(5))


def test_the_day_is_chinas_wherever_the_moment_comes_from():
    late_in_london = datetime.fromisoformat("2026-11-24T20:00:00+00:00")  # 04:00 on the 25th in China
    assert CALENDAR.due(late_in_london, Limit(1)).day == date(2026, 11, 26)


def test_a_period_ends_with_its_last_microsecond():
    due = CALENDAR.due(at("2026-11-24"), Limit(1))
    assert due.moment == datetime.combine(date(2026, 11, 25), time.max, due.moment.tzinfo)
    assert due.light(due.moment) == Light.NEAR
    assert due.light(due.moment + timedelta(microseconds=1)) == Light.OVERDUE


def test_a_period_may_end_with_office_hours():
    calendar = make_work_calendar(ends="office")
    assert calendar.due(at("2026-11-24"), Limit(1)).moment == at("2026-11-25 18:00")
    assert calendar.due(at("2026-11-24"), Limit(4, DAYS)).moment == at("2026-11-30 18:00")


@pytest.mark.parametrize(
    ("start", "due"), [("2026-11-24", "2026-11-24"), ("2026-11-28", "2026-11-30"), ("2026-02-14", "2026-02-14")]
)
@pytest.mark.parametrize("unit", [Unit.WORKING_DAYS, DAYS])
def test_no_days_means_the_same_day_or_the_next_working_day(start, due, unit):
    due_day = CALENDAR.due(at(start), Limit(0, unit))
    assert due_day.day == date.fromisoformat(due)
    assert due_day.light(at(f"{due} 08:00")) == Light.NEAR


# --- pauses -----------------------------------------------------------------------------------------------------------
def test_a_closed_pause_moves_the_day_by_its_working_days():
    start = at("2026-11-24")
    assert CALENDAR.due(start, Limit(20)).day == date(2026, 12, 22)
    pause = (at("2026-12-03 10:00"), at("2026-12-08 15:00"))  # Thu, Fri, Mon: three working days
    assert CALENDAR.due(start, Limit(20), [pause]).day == date(2026, 12, 25)


def test_an_open_pause_has_no_day_but_what_is_left():
    due = CALENDAR.due(at("2026-11-24"), Limit(20), [(at("2026-12-03 10:00"), None)])
    assert due == Due(Limit(20), None, None, None, paused=True, left=14)
    assert due.light(at("2027-06-01")) == Light.PAUSED
    assert not due.uncertain


def test_a_pause_opened_on_the_last_day_leaves_that_day():
    start, last = at("2026-11-24"), "2026-12-01"
    assert CALENDAR.due(start, Limit(5)).day == date.fromisoformat(last)
    assert CALENDAR.due(start, Limit(5), [(at(f"{last} 16:00"), None)]).left == 1
    closed = (at(f"{last} 16:00"), at("2026-12-10 09:00"))
    assert CALENDAR.due(start, Limit(5), [closed]).day == date(2026, 12, 10)


@pytest.mark.parametrize(
    "pause",
    [
        ("2026-11-01", "2026-11-24"),  # over before day 1
        ("2026-12-02", None),  # opened when the period was over
        ("2026-11-28", "2026-11-30"),  # a weekend
        ("2026-11-26 09:00", "2026-11-26 17:00"),  # within a day
        ("2026-11-26", "2026-11-26"),
    ],
)
def test_pauses_that_move_nothing(pause):
    pause = (at(pause[0]), pause[1] and at(pause[1]))
    assert CALENDAR.due(at("2026-11-24"), Limit(5), [pause]).day == date(2026, 12, 1)


def test_pauses_that_overlap_count_once_in_any_order():
    pauses = [
        (at("2026-12-02"), at("2026-12-04")),
        (at("2026-11-26"), at("2026-12-01")),
        (at("2026-11-27"), at("2026-12-03")),
    ]
    one = [(at("2026-11-26"), at("2026-12-04"))]
    for limit in (Limit(5), Limit(9, DAYS), Limit(100, HOURS), Limit(30, Unit.WORKING_HOURS)):
        assert CALENDAR.due(at("2026-11-24"), limit, pauses) == CALENDAR.due(at("2026-11-24"), limit, one)


def test_hours_stand_still_by_the_minute():
    pauses = [(at("2026-11-24 13:00"), at("2026-11-24 13:25")), (at("2026-11-24 20:00"), None)]
    assert CALENDAR.due(at("2026-11-24 12:00"), Limit(7, HOURS), pauses).moment == at("2026-11-24 19:25")
    assert CALENDAR.due(at("2026-11-24 12:00"), Limit(24, HOURS), pauses).left == pytest.approx(16 + 25 / 60)


def test_calendar_days_do_not_end_inside_a_pause():
    start = at("2026-11-24")  # four days end on Saturday 28th, so on Monday 30th
    monday = at("2026-11-30 08:00")
    assert CALENDAR.due(start, Limit(4, DAYS), [(monday, at("2026-12-04 08:00"))]).day == date(2026, 12, 4)
    due = CALENDAR.due(start, Limit(4, DAYS), [(monday, None)])
    assert (due.day, due.paused, due.left) == (None, True, 0)


def test_a_pause_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="a pause ends before it starts"):
        CALENDAR.due(at("2026-11-24"), Limit(5), [(at("2026-11-27"), at("2026-11-26"))])


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.due(at("2026-11-24").replace(tzinfo=None), Limit(5))


def test_a_limit_is_not_negative_and_knows_its_unit_by_name():
    assert Limit(5, "calendar_days").unit is DAYS
    with pytest.raises(ValueError, match="negative"):
        Limit(-1)
    with pytest.raises(ValueError, match="fortnights"):
        Limit(1, "fortnights")


# --- what is used, what is left ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "used", "left"),
    [
        ("2026-11-23 09:00", 0, 5),  # before the event
        ("2026-11-24 20:00", 0, 5),
        ("2026-11-25 09:00", 0, 5),  # day 1 is not over
        ("2026-11-26 00:00", 1, 4),
        ("2026-11-29 12:00", 3, 2),  # Sunday
        ("2026-12-01 23:59", 4, 1),  # the last day
        ("2026-12-02 00:00", 5, 0),
        ("2026-12-04 00:00", 7, 0),
    ],
)
def test_used_and_remaining(now, used, left):
    start = at("2026-11-24")
    assert CALENDAR.used(start, at(now), Unit.WORKING_DAYS) == used
    assert CALENDAR.remaining(start, at(now), Limit(5)) == left


def test_remaining_stands_still_in_a_pause():
    start, pauses = at("2026-11-24"), [(at("2026-11-27"), None)]
    assert [CALENDAR.remaining(start, at(now), Limit(5), pauses) for now in ("2026-11-27", "2026-12-31")] == [3, 3]
    closed = [(at("2026-11-27"), at("2026-12-14"))]
    assert CALENDAR.remaining(start, at("2026-12-14"), Limit(5), closed) == 3
    assert CALENDAR.due(start, Limit(5), closed).day == date(2026, 12, 16)


def test_remaining_calendar_days_reach_to_the_day_art_203_gives():
    start = at("2026-11-24")  # Saturday 28th becomes Monday 30th
    left = [CALENDAR.remaining(start, at(f"2026-11-{day}"), Limit(4, DAYS)) for day in (27, 28, 29, 30)]
    assert left == [4, 3, 2, 1]


def test_same_day_has_one_day_left_on_that_day():
    assert CALENDAR.remaining(at("2026-11-24"), at("2026-11-24 15:00"), Limit(0)) == 1
    assert CALENDAR.remaining(at("2026-11-24"), at("2026-11-25 15:00"), Limit(0)) == 0


def test_hours_left_have_a_fraction():
    start = at("2026-11-24 10:00")
    assert CALENDAR.used(start, at("2026-11-24 10:45"), HOURS) == 0.75
    assert CALENDAR.remaining(start, at("2026-11-24 10:45"), Limit(24, HOURS)) == 23.25
    assert CALENDAR.remaining(start, at("2026-11-24 10:45"), Limit(24, HOURS), [(at("2026-11-24 10:30"), None)]) == 23.5


# --- lights -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("limit", "near"),
    [
        (Limit(1), "2026-11-25"),  # the only day
        (Limit(5), "2026-12-01"),  # one day left
        (Limit(9), "2026-12-07"),  # 20 % are less than two days
        (Limit(10), "2026-12-07"),  # two days
        (Limit(20), "2026-12-17"),  # four
        (Limit(45), "2027-01-15"),  # nine
        (Limit(4, DAYS), "2026-11-30"),
        (Limit(30, DAYS), "2026-12-19"),
    ],
)
def test_near_begins_with_a_day(limit, near):
    due = CALENDAR.due(at("2026-11-24"), limit)
    begins = at(f"{near} 00:00")
    assert due.near == begins
    assert due.light(begins - timedelta(microseconds=1)) == Light.NORMAL
    assert due.light(begins) == Light.NEAR


def test_near_in_hours_is_the_last_fifth():
    assert CALENDAR.due(at("2026-11-24 00:00"), Limit(10, HOURS)).near == at("2026-11-24 08:00")
    assert CALENDAR.due(at("2026-11-24 09:00"), Limit(5, Unit.WORKING_HOURS)).near == at("2026-11-24 14:00")


def test_near_is_an_option():
    calendar = make_work_calendar(near=Near(share=0.5, days=3))
    assert calendar.due(at("2026-11-24"), Limit(10)).near == at("2026-12-02 00:00")
    assert calendar.due(at("2026-11-24"), Limit(4)).near == at("2026-11-26 00:00")
    assert calendar.due(at("2026-11-24"), Limit(2)).near == at("2026-11-25 00:00")
    whole = make_work_calendar(near=Near(share=1, days=1))
    assert whole.due(at("2026-11-24 09:00"), Limit(2, HOURS)).near == at("2026-11-24 09:00")


def test_near_waits_for_a_pause_too():
    pause = (at("2026-11-30"), at("2026-12-07"))
    assert CALENDAR.due(at("2026-11-24"), Limit(5), [pause]).near == at("2026-12-08 00:00")


def test_light_from_stored_moments():
    due = CALENDAR.due(at("2026-11-24"), Limit(5))
    moments = ("2026-11-24", "2026-12-01", "2026-12-02")
    assert [light(due.moment, due.near, at(now)) for now in moments] == ["normal", "near", "overdue"]
    assert light(None, None, at("2026-12-02")) == "paused"
    assert light(due.moment, None, at("2026-12-01")) == "normal"


# --- years not announced ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "limit", "years"),
    [
        ("2026-11-24", Limit(20), ()),
        ("2026-11-24", Limit(24), ()),  # 28 December 2026
        ("2026-11-24", Limit(25), (2027,)),  # the 29th may be moved by the announcement of 2027
        ("2026-11-24", Limit(45), (2027,)),
        ("2027-03-01", Limit(5), (2027,)),
        ("2027-12-20", Limit(20), (2027, 2028)),
        ("2025-12-29", Limit(20), ()),
        ("2026-11-24", Limit(60, DAYS), (2027,)),
        ("2026-12-30", Limit(2, DAYS), (2027,)),
        ("2026-12-20", Limit(3, DAYS), ()),
        ("2026-12-31", Limit(48, HOURS), ()),  # no holiday touches hours
        ("2026-12-31", Limit(8, Unit.WORKING_HOURS), (2027,)),
    ],
)
def test_the_due_says_which_years_are_not_announced(start, limit, years):
    due = CALENDAR.due(at(start), limit)
    assert due.years == years
    assert due.uncertain is bool(years)


def test_without_any_rows_everything_is_uncertain():
    assert WorkCalendar().due(at("2026-11-24"), Limit(5)).years == (2026,)
    assert not WorkCalendar().announced(2026)
    assert CALENDAR.announced(2026)
    assert not CALENDAR.announced(2027)


def test_the_hearing_is_told_seven_days_before():
    assert CALENDAR.back(date(2026, 3, 3), 7) == date(2026, 2, 14)  # 行政许可法 art. 48, over the Spring Festival


def test_the_next_working_day():
    assert CALENDAR.next_working_day(date(2026, 2, 15)) == date(2026, 2, 24)
    assert CALENDAR.next_working_day(date(2026, 2, 14)) == date(2026, 2, 14)


def test_minutes_run_from_the_moment_day_and_night():
    start = at("2026-02-15 23:50")
    due = make_work_calendar().due(start, Limit(30, Unit.MINUTES))
    assert due.moment == start + timedelta(minutes=30)
    assert due.near == start + timedelta(minutes=24)
    assert make_work_calendar().used(start, start + timedelta(minutes=12), Unit.MINUTES) == 12
    assert make_work_calendar().remaining(start, start + timedelta(minutes=12), Limit(30, Unit.MINUTES)) == 18
    paused = [(start + timedelta(minutes=5), start + timedelta(minutes=25))]
    assert make_work_calendar().due(start, Limit(30, Unit.MINUTES), paused).moment == start + timedelta(minutes=50)
