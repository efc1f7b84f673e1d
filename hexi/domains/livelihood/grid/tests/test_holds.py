"""挂账 ends by itself: at the end of its planned working days, once, told to both sides; it can be made longer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import jobs as cases
from hexi.blocks.cases.models import Case, Pause
from hexi.blocks.notices.models import Notice
from hexi.domains.livelihood.grid import jobs, telling
from hexi.domains.livelihood.grid.models import Incident
from hexi.domains.livelihood.grid.operations import handling
from hexi.domains.livelihood.grid.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
#: ten in the morning of the Thursday before the Mid-Autumn holiday of 2026
THURSDAY = datetime(2026, 9, 24, 2, tzinfo=UTC)


def _held(days: int = 5, subject: str = "E0401") -> Incident:
    incident = make.make_handling(make.make_incident(subject=subject))
    handling.ask_hold(incident.case, amount=days, by=make.acting("grid_unit"), opinion="冻土，开春施工。")
    handling.grant(incident.case, by=make.acting("grid_centre"))
    return make.fresh(incident)


def _planned(incident: Incident, days: int) -> datetime:
    return _end(incident.case.pauses.order_by("pk")[0], days)


def _end(pause: Pause, days: int) -> datetime:
    moment = calendar_for(make.YUMEN).due(pause.start, Limit(days)).moment
    assert moment is not None
    return moment


def _steps(incident: Incident) -> list[str]:
    return [one.action for one in incident.case.events.order_by("pk")]


def test_a_hold_ends_by_itself_at_its_planned_working_day_with_no_manual_step():
    with clock.told_at(THURSDAY):
        incident = _held()
        due = incident.case.clocks.get(kind="handle").changes.get().old
        planned = _planned(incident, 5)
        centre, unit = make.make_official("grid_centre"), make.make_official("grid_unit")
        Notice.objects.all().delete()
    assert (incident.case.next_due, planned - THURSDAY > timedelta(days=7)) == (planned, True)
    with clock.told_at(planned):
        assert jobs.end_holds() == 0
    with clock.told_at(planned + timedelta(days=3)):  # the worker was down
        assert [jobs.end_holds(), jobs.end_holds()] == [1, 0]
    incident = make.fresh(incident)
    pause, running = incident.case.pauses.get(), incident.case.clocks.get(kind="handle")
    assert (pause.end, pause.met) == (planned, True)
    # twelve hours to handle: what was left when it stopped runs on from the planned end, not from when the job ran
    assert running.due - planned == due - pause.start
    assert incident.case.next_due == running.due
    assert _steps(incident)[-1] == "hold_over"
    told = Notice.objects.filter(key="grid.hold_over")
    assert {told.filter(account=one).count() for one in (centre, unit)} == {1}
    assert incident.case.number in told.first().body_zh


def test_a_hold_that_was_ended_or_handled_is_left_alone():
    with clock.told_at(THURSDAY):
        ended, handled = _held(), _held()
        handling.resume(ended.case, by=make.acting("grid_centre"), opinion="可以施工。")
        handling.handle(handled.case, by=make.acting("grid_unit"), opinion="提前修好。")
    with clock.told_at(THURSDAY + timedelta(days=60)):
        assert jobs.end_holds() == 0
    assert [one.case.pauses.get().end for one in (ended, handled)] == [THURSDAY, THURSDAY]


@pytest.mark.parametrize("verb", ["resume", "handle", "give_back"])
def test_a_hold_that_the_job_has_not_ended_yet_ends_at_its_planned_end(verb):
    by = make.acting("grid_centre" if verb == "resume" else "grid_unit")
    with clock.told_at(THURSDAY):
        incident = _held()
    planned = _planned(incident, 5)
    with clock.told_at(planned + timedelta(days=3)):  # the worker was down
        getattr(handling, verb)(incident.case, by=by, opinion="可以施工，已经修好。")
    incident = make.fresh(incident)
    assert incident.case.pauses.get().end == planned
    # twelve hours to handle, and three days of them have run
    assert incident.case.clocks.get(kind="handle").met is (None if verb == "resume" else False)


def test_a_longer_hold_is_asked_for_with_a_reason_and_granted_by_another():
    with clock.told_at(THURSDAY):
        incident, unit = _held(2), make.acting("grid_unit")
        with pytest.raises(ValidationError):
            handling.ask_hold(incident.case, amount=3, by=unit, opinion="再等。")
        with pytest.raises(ValidationError):
            handling.ask_longer(incident.case, amount=3, by=unit, opinion=" ")
        handling.ask_longer(incident.case, amount=3, by=unit, opinion="还没化冻。")
        with pytest.raises(Denied):
            handling.grant(incident.case, by=unit)
        handling.grant(incident.case, by=make.acting("grid_centre"))
        incident = make.fresh(incident)
    assert (incident.case.pauses.get().planned_days, incident.case.next_due) == (5, _planned(incident, 5))
    assert [one.old for one in incident.case.clocks.get(kind="special").changes.all()] == [_planned(incident, 2)]
    with clock.told_at(_planned(incident, 4)):
        assert jobs.end_holds() == 0
    with clock.told_at(_planned(incident, 5) + timedelta(minutes=1)):
        assert jobs.end_holds() == 1


def test_a_longer_hold_granted_after_the_end_begins_anew():
    with clock.told_at(THURSDAY):
        incident = _held(2)
        handling.ask_longer(incident.case, amount=3, by=make.acting("grid_unit"), opinion="还没化冻。")
    late = _planned(incident, 2) + timedelta(hours=9)
    with clock.told_at(late):
        jobs.end_holds()
        handling.grant(incident.case, by=make.acting("grid_centre"))
    first, second = make.fresh(incident).case.pauses.order_by("pk")
    assert (first.end, second.start, second.planned_days) == (_end(first, 2), late, 3)


def test_a_hold_from_before_planned_ends_were_clocks_ends_by_itself_and_can_be_made_longer():
    forwards = import_module("hexi.domains.livelihood.grid.migrations.0003_ends_of_holds").forwards
    with clock.told_at(THURSDAY):
        incident = _held(2)
        incident.case.clocks.filter(kind="special").delete()
        Case.objects.update(next_due=None)
        forwards(apps, None)
        forwards(apps, None)
        assert cases.recount_daily() == 1
        incident = make.fresh(incident)
        assert incident.case.next_due == incident.case.clocks.get(kind="special").due == _planned(incident, 2)
        handling.ask_longer(incident.case, amount=3, by=make.acting("grid_unit"), opinion="还没化冻。")
        handling.grant(make.fresh(incident).case, by=make.acting("grid_centre"))
    with clock.told_at(_planned(incident, 4)):
        assert jobs.end_holds() == 0
    with clock.told_at(_planned(incident, 5) + timedelta(minutes=1)):
        assert jobs.end_holds() == 1


def test_without_a_hold_none_is_made_longer():
    incident = make.make_handling()
    with pytest.raises(ValidationError):
        handling.ask_longer(incident.case, amount=3, by=make.acting("grid_unit"), opinion="再等。")
    assert incident.wishes.count() == 0


def test_the_day_stands_on_the_page():
    with clock.told_at(THURSDAY):
        incident = _held()
        client = Client()
        client.force_login(make.make_official("grid_unit"))
        page = client.get(reverse("grid.incident", args=[incident.case.number])).content.decode()
    end = clock.local_day(_planned(incident, 5))
    day = f"{end.month}月{end.day}日"
    assert "挂账到" in page
    assert page.count(day) >= 2  # the fact and the clock
    assert "申请延长挂账" in page
    assert 'action="' + reverse("grid.act", args=[incident.case.number, "ask_hold"]) not in page


def test_killed_in_the_middle_nothing_is_half_done(monkeypatch: pytest.MonkeyPatch):
    with clock.told_at(THURSDAY):
        incident = _held()

    def dies(*_given: object) -> None:
        raise RuntimeError("killed")

    with clock.told_at(THURSDAY + timedelta(days=60)):
        with monkeypatch.context() as patched:
            patched.setattr(telling, "hold_over", dies)
            assert jobs.end_holds() == 0
        assert make.fresh(incident).case.pauses.get().end is None
        assert "hold_over" not in _steps(incident)
        assert jobs.end_holds() == 1
    assert _steps(incident).count("hold_over") == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_end_it_once():
    with clock.told_at(THURSDAY):
        incident = _held()
        make.make_official("grid_centre")
        Notice.objects.all().delete()

    def run(_n: int) -> bool:
        try:
            return handling.end_hold(incident.case, by=jobs.BY)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(run, range(2)))
    assert ends == [False, True]
    assert _steps(incident).count("hold_over") == 1
    assert Notice.objects.filter(key="grid.hold_over").values("account").distinct().count() == Notice.objects.count()
