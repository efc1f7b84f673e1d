"""The seven steps: who may what when, clocks, rework, delay, standing still; who handles judges nothing."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.steps import Stale
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.grid import queries
from hexi.domains.livelihood.grid.models import Incident, Round
from hexi.domains.livelihood.grid.operations import handling, reporting
from hexi.domains.livelihood.grid.states import State
from hexi.domains.livelihood.grid.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


def test_a_report_is_a_case_in_the_centres_inbox_with_its_clock():
    incident = make.make_incident()
    assert incident.case.number.startswith("W620981")
    assert (incident.cell.code, incident.centre.key) == ("62098110620301", "yumen-grid")
    assert [one.kind for one in incident.case.clocks.all()] == ["file"]
    assert [task.case for task in cases.todo(make.acting("grid_centre"))] == [incident.case]
    assert list(cases.todo(make.acting("grid_unit"))) == []


def test_the_whole_life():
    incident = make.make_closed()
    assert incident.case.state == State.CLOSED
    assert incident.in_time is True
    assert [one.action for one in incident.case.events.order_by("pk")] == [
        "submit", "file", "dispatch", "handle", "feedback", "close",
    ]  # fmt: skip
    handling.evaluate(incident.case, level=5, by=make.acting("grid_supervisor"), opinion="快。")
    assert make.fresh(incident).evaluation.level == 5
    with pytest.raises(ValidationError):
        handling.evaluate(incident.case, level=1, by=make.acting("grid_supervisor"))


def test_the_clock_of_handling_begins_at_dispatch_and_is_the_classs():
    incident = make.make_handling(make.make_incident(subject="C0118"))
    running = incident.case.clocks.get(kind="handle")
    assert (running.amount, running.unit) == (3, "working_days")
    assert incident.case.clocks.get(kind="file").met is True


def test_an_urgent_one_has_the_shorter_limit():
    incident = make.make_handling(make.make_incident(urgent=True))
    assert [(one.amount, one.unit) for one in incident.case.clocks.filter(kind="handle")] == [(4, "hours")]


def test_an_older_incident_keeps_the_rule_it_came_under():
    incident = make.make_incident()
    rule = incident.rule
    facts = rule.facts | {"limit": {"amount": 1, "unit": "hours"}}
    newer = type(rule).objects.create(
        what="class", key=rule.key, title=rule.title, title_en=rule.title_en, facts=facts, valid_from=clock.today()
    )
    assert make.make_incident().rule == newer
    assert make.fresh(incident).limit.amount == 12


# --- who may ----------------------------------------------------------------------------------------------------------
def test_rights_of_each_step():
    incident = make.make_incident()
    for role in ("grid_worker", "grid_unit", "grid_supervisor"):
        with pytest.raises(Denied):
            handling.file(incident.case, by=make.acting(role))
    handling.file(incident.case, by=make.acting("grid_centre"))
    for role in ("grid_worker", "grid_unit", "grid_supervisor"):
        with pytest.raises(Denied):
            handling.dispatch(incident.case, unit=make.make_unit(), by=make.acting(role))
    assert make.fresh(incident).case.state == State.FILED


def test_the_centre_cannot_handle_itself_nor_send_to_itself():
    incident = make.make_incident()
    centre = make.acting("grid_centre")
    handling.file(incident.case, by=centre)
    with pytest.raises(ValidationError) as refused:
        handling.dispatch(incident.case, unit=make.make_centre(), by=centre)
    assert list(refused.value.message_dict) == ["unit"]
    handling.dispatch(incident.case, unit=make.make_unit(), by=centre)
    with pytest.raises(Denied):
        handling.handle(incident.case, by=centre, opinion="处置了。")


def test_another_unit_neither_sees_nor_handles_it():
    incident = make.make_handling()
    other = make.acting("grid_unit", people.make_department("yumen-housing"))
    assert list(queries.visible(other)) == []
    with pytest.raises(Denied):
        queries.incident_for(incident.case.number, other)
    with pytest.raises(Denied):
        handling.handle(incident.case, by=other, opinion="处置了。")


def test_a_unit_still_sees_what_it_handled():
    incident = make.make_verifying()
    assert list(queries.visible(make.acting("grid_unit"))) == [incident]


def test_who_handles_cannot_check_close_or_evaluate():
    """Even with both posts, and even a colleague of the unit."""
    both = make.make_official("grid_unit")
    people.make_post(both, "grid_centre", department=make.make_centre(), region_code=make.YUMEN)
    people.make_post(both, "grid_supervisor", department=make.make_centre(), region_code=make.YUMEN)
    by = people.acting(both)
    incident = make.make_handling()
    handling.handle(incident.case, by=by, opinion="好了。")
    with pytest.raises(Denied):
        handling.feedback(incident.case, by=by)
    handling.feedback(incident.case, by=make.acting("grid_centre"))
    for refused in (
        lambda: handling.close(incident.case, by=by),
        lambda: handling.rework(incident.case, by=by, opinion="没好。"),
    ):
        with pytest.raises(Denied):
            refused()
    handling.close(incident.case, by=make.acting("grid_centre"))
    with pytest.raises(Denied):
        handling.evaluate(incident.case, level=5, by=by)
    assert make.fresh(incident).rounds.get().outcome == Round.Outcome.PASSED


def test_the_table_itself_refuses_a_judge_who_handled():
    incident = make.make_verifying()
    handled_by = incident.rounds.get().handled_by
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(incident=incident).update(judged_by=handled_by, judged_at=clock.now())


# --- back and again ---------------------------------------------------------------------------------------------------
def test_rework_goes_to_the_same_unit_and_its_clock_runs_on_without_the_check():
    incident = make.make_handling()
    due = incident.case.clocks.get(kind="handle").due
    unit, centre = make.acting("grid_unit"), make.acting("grid_centre")
    with clock.told_at(clock.now() + timedelta(hours=1)):
        handling.handle(incident.case, by=unit, opinion="好了。")
        handling.feedback(incident.case, by=centre)
    with clock.told_at(clock.now() + timedelta(hours=3)):
        handling.rework(incident.case, by=centre, opinion="还在漏水。")
    incident = make.fresh(incident)
    running = incident.case.clocks.get(kind="handle")
    assert incident.case.state == State.HANDLING
    assert running.stopped_at is None
    assert abs(running.due - due - timedelta(hours=2)) < timedelta(seconds=5)
    assert [one.outcome for one in incident.rounds.all()] == ["rework", ""]


def test_a_unit_gives_back_what_is_not_its_own():
    incident = make.make_handling()
    handling.give_back(incident.case, by=make.acting("grid_unit"), opinion="管段属于供热公司。")
    incident = make.fresh(incident)
    assert (incident.case.state, incident.case.department.key) == (State.FILED, "yumen-grid")
    other = people.make_department("yumen-housing")
    handling.dispatch(incident.case, unit=other, by=make.acting("grid_centre"))
    assert [(one.unit.key, one.outcome) for one in incident.rounds.all()] == [
        ("yumen-water", "returned"), ("yumen-housing", ""),
    ]  # fmt: skip


def test_late_handling_is_late_whatever_follows():
    incident = make.make_handling()
    with clock.told_at(clock.now() + timedelta(hours=13)):
        handling.handle(incident.case, by=make.acting("grid_unit"), opinion="好了。")
    handling.feedback(incident.case, by=make.acting("grid_centre"))
    handling.close(incident.case, by=make.acting("grid_centre"))
    assert make.fresh(incident).in_time is False


def test_cancelled_and_voided_end_it():
    incident = make.make_incident()
    with pytest.raises(ValidationError):
        handling.cancel(incident.case, by=make.acting("grid_centre"), opinion="")
    handling.cancel(incident.case, by=make.acting("grid_centre"), opinion="不是事件。")
    assert make.fresh(incident).case.ended_at is not None
    other = make.make_handling(make.make_incident())
    handling.void(other.case, by=make.acting("grid_supervisor"), opinion="误录。")
    other = make.fresh(other)
    assert (other.case.state, other.rounds.get().outcome, other.case.open_task()) == (State.VOID, "stopped", None)


# --- more time --------------------------------------------------------------------------------------------------------
def test_a_delay_is_granted_by_another_and_moves_the_due():
    incident = make.make_handling()
    due = incident.case.next_due
    unit = make.acting("grid_unit")
    handling.ask_delay(incident.case, amount=6, by=unit, opinion="等配件。")
    with pytest.raises(ValidationError):
        handling.ask_hold(incident.case, amount=3, by=unit, opinion="再等。")
    with pytest.raises(Denied):
        handling.grant(incident.case, by=unit)
    handling.grant(incident.case, by=make.acting("grid_centre"))
    incident = make.fresh(incident)
    assert incident.case.next_due == due + timedelta(hours=6)
    assert [one.old for one in incident.case.clocks.get(kind="handle").changes.all()] == [due]


def test_who_asked_does_not_decide_even_with_the_right():
    both = make.make_official("grid_unit")
    people.make_post(both, "grid_centre", department=make.make_centre(), region_code=make.YUMEN)
    incident = make.make_handling()
    handling.ask_delay(incident.case, amount=6, by=people.acting(both), opinion="等配件。")
    with pytest.raises(Denied):
        handling.grant(incident.case, by=people.acting(both))
    handling.refuse(incident.case, by=make.acting("grid_centre"), opinion="配件有库存。")
    assert make.fresh(incident).wishes.get().granted is False


def test_a_hold_stops_the_clock_until_it_ends():
    incident = make.make_handling()
    due = incident.case.next_due
    handling.ask_hold(incident.case, amount=5, by=make.acting("grid_unit"), opinion="冻土，开春施工。")
    handling.grant(incident.case, by=make.acting("grid_centre"))
    held = make.fresh(incident).case
    assert held.clocks.get(kind="handle").due is None
    assert held.next_due == held.clocks.get(kind="special").due  # its planned end
    with clock.told_at(clock.now() + timedelta(days=2)):
        handling.resume(incident.case, by=make.acting("grid_centre"), opinion="可以施工。")
    moved = make.fresh(incident).case.next_due - due
    assert abs(moved - timedelta(days=2)) < timedelta(seconds=5)


def test_what_is_held_may_be_handled():
    incident = make.make_handling()
    handling.ask_hold(incident.case, amount=5, by=make.acting("grid_unit"), opinion="冻土。")
    handling.grant(incident.case, by=make.acting("grid_centre"))
    handling.handle(incident.case, by=make.acting("grid_unit"), opinion="提前修好。")
    incident = make.fresh(incident)
    assert incident.case.clocks.get(kind="handle").met is True
    assert incident.case.pauses.filter(end=None).count() == 0


# --- once -------------------------------------------------------------------------------------------------------------
def test_the_same_draft_thrice_is_one_incident_with_its_photos_once():
    cell = make.make_cells()[0]
    by = people.acting(make.make_worker(cell))
    photo = documents.make_image(seed=7)

    got = [
        reporting.report(
            reporting.Report(subject="E0102", text="垃圾。", cell=cell, photos=[(io.BytesIO(photo), "1.jpg")]),
            submission="draft-1", by=by,
        )
        for _ in range(3)
    ]  # fmt: skip
    assert [new for _incident, new in got] == [True, False, False]
    assert Incident.objects.count() == Case.objects.count() == 1
    assert [len(files) for files in queries.photos(got[0][0]).values()] == [1]


def _photos(number):
    return [(io.BytesIO(documents.make_image(seed=n)), f"{n}.jpg") for n in range(number)]


def test_a_seventh_photo_is_refused_and_none_is_thrown_away():
    cell = make.make_cells()[0]
    by = people.acting(make.make_worker(cell))
    sent = {"subject": "E0102", "text": "垃圾。", "cell": cell}
    with pytest.raises(ValidationError, match="最多 6 张") as refused:
        reporting.report(reporting.Report(**sent, photos=_photos(7)), submission="many", by=by)
    assert (list(refused.value.message_dict), Case.objects.count()) == (["photos"], 0)
    incident, _new = reporting.report(reporting.Report(**sent, photos=_photos(6)), submission="many", by=by)
    assert [len(files) for files in queries.photos(incident).values()] == [6]
    incident = make.make_handling(incident)
    with pytest.raises(ValidationError, match="最多 6 张"):
        handling.handle(incident.case, by=make.acting("grid_unit"), opinion="清了。", photos=_photos(7))
    assert make.fresh(incident).case.state == State.HANDLING


def test_a_stale_page_is_refused():
    incident = make.make_incident()
    handling.file(incident.case, by=make.acting("grid_centre"), revision=incident.case.revision)
    with pytest.raises(Stale):
        handling.file(incident.case, by=make.acting("grid_centre"), revision=incident.case.revision)


# --- what is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"subject": "E9999"}, "subject"), ({"text": " "}, "text"), ({"text": "长" * 10_000}, "text"),
        ({"longitude": 116.4, "latitude": 39.9}, "place"), ({"longitude": 40.3, "latitude": 97.1}, "place"),
        ({"latitude": None}, "place"), ({"component": "6209810101000099"}, "component"),
        ({"longitude": None, "latitude": None}, "place"),
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_placed_or_read_says_why(facts, field):
    with pytest.raises(ValidationError) as refused:
        make.make_incident(**({"cell": make.make_cells()[0]} | facts))
    assert list(refused.value.message_dict) == [field]
    assert Case.objects.count() == 0


def test_without_the_right_nothing_is_reported():
    make.make_cells()
    with pytest.raises(Denied):
        make.make_incident(make.acting("grid_unit"))
    assert Case.objects.count() == 0
