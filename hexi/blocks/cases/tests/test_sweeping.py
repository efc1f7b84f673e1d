"""A calendar change swept over many cases: the same as one by one, few statements, nothing overtaken."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hexi.blocks.calendars import operations as calendars
from hexi.blocks.calendars.models import Calendar
from hexi.blocks.cases import operations, sweeping
from hexi.blocks.cases.models import Case, Clock, DueChange, Task
from hexi.blocks.cases.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
#: a Monday within every promise below
DAY = date(2026, 11, 30)


@pytest.fixture
def at(monkeypatch):
    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


def make_cases(many):
    """Cases in several states: waiting, accepted, paused, decided."""
    item = make.make_item()
    cases = [make.make_case(item) for _n in range(many)]
    for number, case in enumerate(cases):
        if number % 4:
            operations.accept(case, by=make.make_official(make.CLERK))
        if number % 4 == 2:
            examiner = make.make_official(make.EXAMINER)
            operations.pause(case, procedure="expert_review", planned_days=5, by=examiner, opinion="古树")
    return cases


def rest(day):
    """Make a working day a day of rest."""
    calendar = Calendar.objects.order_by("pk").first()
    calendars.set_day(calendar, day=day, kind="rest", name="临时放假", by=make.BY)


def work(day):
    """And an ordinary day again."""
    calendar = Calendar.objects.order_by("pk").first()
    calendars.clear_day(calendar, day=day, by=make.BY)


def stand():
    """How everything stands, keys left out."""
    clocks = list(Clock.objects.order_by("case", "kind").values_list("case", "kind", "due", "near", "uncertain"))
    tasks = list(Task.objects.order_by("pk").values_list("case", "stage", "due"))
    return clocks, tasks, list(Case.objects.order_by("pk").values_list("pk", "next_due"))


def test_all_at_once_gives_what_one_by_one_gives(at):
    cases = make_cases(9)
    before = stand()
    DueChange.objects.all().delete()  # those of the pauses
    rest(DAY)
    swept = sweeping.recount([case.pk for case in cases], "holiday")
    once = stand()
    changes = DueChange.objects.count()
    assert once != before
    # back to where it was, then each by itself
    work(DAY)
    sweeping.recount([case.pk for case in cases], "back")
    assert stand() == before
    DueChange.objects.all().delete()
    rest(DAY)
    single = [case.pk for case in cases if sweeping.recount_one(case.pk, "holiday")]
    assert (stand(), single, DueChange.objects.count()) == (once, swept, changes)
    assert len(swept) == 9  # of the two that are paused the planned end of the procedure


def test_a_second_sweep_moves_nothing(at):
    make_cases(5)
    rest(DAY)
    first = operations.recount_open("", clock.today(), why="holiday", by=make.BY)
    again = operations.recount_open("", clock.today(), why="holiday", by=make.BY)
    assert (first, again) == (5, 0)


def test_the_statements_do_not_grow_with_the_cases(at):
    asked = []
    for many in (4, 12):
        keys = [case.pk for case in make_cases(many)]
        rest(DAY)
        with CaptureQueriesContext(connection) as seen:
            sweeping.recount(keys, "holiday")
        work(DAY)
        asked.append(len(seen))
    assert asked[0] == asked[1]
