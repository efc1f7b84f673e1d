"""Properties of the clocks over the real calendar of 2004–2026, checked against the counters that walk."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from hexi.blocks.calendars.clocks import ZONE, Limit, Unit
from hexi.blocks.calendars.tests import oracle
from hexi.blocks.calendars.tests.make import HALVES, make_week, make_work_calendar

CALENDAR = make_work_calendar()
OFFICE = make_work_calendar(hours=(make_week(),))
thorough = settings(max_examples=300, deadline=None)

days = some.dates(date(2004, 1, 1), date(2026, 3, 1))
numbers = some.integers(0, 120)
clocks = some.times().map(lambda clock: clock.replace(microsecond=0, tzinfo=None))
moments = some.builds(lambda day, clock: datetime.combine(day, clock, ZONE), days, clocks)
units_in_days = some.sampled_from([Unit.WORKING_DAYS, Unit.CALENDAR_DAYS])


def counts(unit: Unit):
    """Which days the walking counter counts."""
    return oracle.works if unit is Unit.WORKING_DAYS else lambda day: True


@some.composite
def pauses_after(draw, start: datetime, longest: int = 40):
    """Up to four closed pauses after a moment; they may overlap."""
    found = []
    for _number in range(draw(some.integers(0, 4))):
        opened = start + timedelta(days=draw(some.integers(-5, longest)), minutes=draw(some.integers(0, 1439)))
        found.append(
            (opened, opened + timedelta(days=draw(some.integers(0, 25)), minutes=draw(some.integers(0, 1439))))
        )
    return found


@some.composite
def stories(draw):
    """A start and its pauses."""
    start = draw(moments)
    return start, draw(pauses_after(start))


def by_day(pauses):
    return [(opened.date(), closed and closed.date()) for opened, closed in pauses]


@thorough
@given(days, numbers)
def test_add_is_the_walk(day, number):
    assert CALENDAR.add(day, number) == oracle.nth_day(day, number)


@thorough
@given(days, numbers, numbers)
def test_additive(day, first, second):
    assert CALENDAR.add(day, first + second) == CALENDAR.add(CALENDAR.add(day, first), second)


@thorough
@given(stories(), numbers, units_in_days)
def test_monotone_in_the_limit(story, number, unit):
    start, pauses = story
    sooner, later = (CALENDAR.due(start, Limit(amount, unit), pauses) for amount in (number, number + 1))
    assert sooner.day <= later.day
    if unit is Unit.WORKING_DAYS and number:
        assert sooner.day < later.day


@thorough
@given(moments, some.integers(0, 30), some.integers(0, 120))
def test_monotone_in_the_start(start, later, number):
    assert (
        CALENDAR.due(start, Limit(number)).moment <= CALENDAR.due(start + timedelta(days=later), Limit(number)).moment
    )


@thorough
@given(stories(), some.integers(1, 90))
def test_due_with_pauses_is_the_walk(story, number):
    start, pauses = story
    expected = oracle.nth_day(start.date(), number, by_day(pauses))
    assert CALENDAR.due(start, Limit(number), pauses).day == expected


@thorough
@given(stories(), some.integers(1, 90))
def test_calendar_days_are_the_walk_and_then_the_next_working_day(story, number):
    start, pauses = story
    last = oracle.nth_day(start.date(), number, by_day(pauses), counts(Unit.CALENDAR_DAYS))
    while not oracle.works(last) or oracle.paused(last, by_day(pauses)):
        last += oracle.ONE
    assert CALENDAR.due(start, Limit(number, Unit.CALENDAR_DAYS), pauses).day == last


@thorough
@given(moments, some.integers(1, 60), some.integers(1, 60), some.integers(0, 60))
def test_a_pause_of_k_working_days_moves_the_day_by_exactly_k(start, number, length, place):
    """The pause opens on one of the counted days, the last included, and holds k working days."""
    opens = CALENDAR.add(start.date(), 1 + place % number)
    closes = CALENDAR.add(opens, length)
    pause = (datetime.combine(opens, start.time(), ZONE), datetime.combine(closes, start.time(), ZONE))
    before, after = CALENDAR.due(start, Limit(number)), CALENDAR.due(start, Limit(number), [pause])
    assert CALENDAR.working_days(before.day, after.day) == length
    assert after.day == CALENDAR.add(before.day, length)


@thorough
@given(moments, some.integers(1, 60), some.lists(some.tuples(some.integers(1, 15), some.integers(1, 20)), max_size=6))
def test_several_pauses_move_the_day_by_their_sum(start, number, steps):
    """Each pause opens some working days after the one before has closed, while the clock still runs."""
    pauses, day, total = [], start.date(), 0
    for wait, length in steps:
        opens = CALENDAR.add(day, wait)
        if opens > oracle.nth_day(start.date(), number, by_day(pauses)):
            break
        day = CALENDAR.add(opens, length)
        pauses.append((datetime.combine(opens, start.time(), ZONE), datetime.combine(day, start.time(), ZONE)))
        total += length
    before, after = CALENDAR.due(start, Limit(number)), CALENDAR.due(start, Limit(number), pauses)
    assert after.day == CALENDAR.add(before.day, total)


@thorough
@given(moments, some.integers(1, 60), some.integers(0, 80), some.integers(0, 80))
def test_opening_stops_the_clock_and_closing_starts_it_where_it_was(start, number, wait, length):
    opened = start + timedelta(days=wait)
    due = CALENDAR.due(start, Limit(number))
    stopped = CALENDAR.due(start, Limit(number), [(opened, None)])
    assert stopped.paused is (opened.date() <= due.day)
    if not stopped.paused:
        assert stopped == due
        return
    assert stopped.left == number - oracle.counted(start.date(), opened.date())
    closed = opened + timedelta(days=length)
    again = CALENDAR.due(start, Limit(number), [(opened, closed)])
    assert again.day == oracle.nth_day(closed.date() - oracle.ONE, int(stopped.left)) or closed.date() <= start.date()


@thorough
@given(stories(), some.integers(1, 60), some.integers(0, 120), units_in_days)
def test_used_is_the_walk_and_remaining_the_rest(story, number, later, unit):
    start, pauses = story
    now = start + timedelta(days=later)
    used = CALENDAR.used(start, now, unit, pauses)
    assert used == oracle.counted(start.date(), now.date(), by_day(pauses), counts(unit))
    left = CALENDAR.remaining(start, now, Limit(number, unit), pauses)
    if unit is Unit.WORKING_DAYS:
        assert left == max(0, number - used)
    else:
        assert left >= max(0, number - used)
    assert (left == 0) is (now > CALENDAR.due(start, Limit(number, unit), pauses).moment)


@thorough
@given(stories(), some.integers(1, 60), units_in_days)
def test_near_begins_on_the_counted_day_with_one_fifth_left(story, number, unit):
    start, pauses = story
    limit = Limit(number, unit)
    due = CALENDAR.due(start, limit, pauses)
    left = CALENDAR.remaining(start, due.near, limit, pauses)
    assert due.near <= due.moment
    assert counts(unit)(due.near.date())
    assert not oracle.paused(due.near.date(), by_day(pauses))
    assert left == max(1, number // 5) or CALENDAR.used(start, due.near, unit, pauses) == 0


# --- hours --------------------------------------------------------------------------------------------------------------
def by_minute(moment: datetime) -> datetime:
    return moment.replace(second=0)


@settings(max_examples=15, deadline=None)
@given(stories(), some.integers(1, 30))
def test_working_hours_are_the_walk_by_minutes(story, number):
    start, pauses = by_minute(story[0]), [(by_minute(a), by_minute(b)) for a, b in story[1]]
    due = OFFICE.due(start, Limit(number, Unit.WORKING_HOURS), pauses)
    plain = [(a.replace(tzinfo=None), b.replace(tzinfo=None)) for a, b in pauses]
    assert due.moment.replace(tzinfo=None) == oracle.nth_minute(start.replace(tzinfo=None), number * 60, HALVES, plain)


@thorough
@given(moments, some.integers(1, 200), some.integers(1, 200))
def test_working_hours_are_additive(start, first, second):
    middle = OFFICE.due(start, Limit(first, Unit.WORKING_HOURS)).moment
    whole = OFFICE.due(start, Limit(first + second, Unit.WORKING_HOURS)).moment
    assert OFFICE.due(middle, Limit(second, Unit.WORKING_HOURS)).moment == whole
    assert OFFICE.used(start, whole, Unit.WORKING_HOURS) == first + second


@thorough
@given(stories(), some.integers(1, 500))
def test_hours_are_the_time_outside_the_pauses(story, number):
    start, pauses = story
    due = CALENDAR.due(start, Limit(number, Unit.HOURS), pauses)
    assert CALENDAR.used(start, due.moment, Unit.HOURS, pauses) == number
    stood = timedelta()
    until = start
    for opened, closed in sorted(pauses):
        low, high = max(opened, until), min(closed, due.moment)
        if low < high:
            stood += high - low
            until = high
    assert due.moment - start == timedelta(hours=number) + stood
