"""An event from the call to its closing report: tasks with minutes, a log nobody changes, levels, rights, alerts, races."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from hexi.blocks.alerts.hooks import alert_ended, alert_published, area_found
from hexi.blocks.alerts.models import Alert
from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.models import Clock, Letter
from hexi.blocks.cases.models import Task as CaseTask
from hexi.blocks.documents import queries as files
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import plans, queries
from hexi.domains.livelihood.emergency.models import Contact, Entry, Event, Task
from hexi.domains.livelihood.emergency.operations import duty, events, log
from hexi.domains.livelihood.emergency.states import State
from hexi.domains.livelihood.emergency.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
PLAN = "yumen-fire"


def test_a_plan_makes_its_tasks_contacts_and_clocks() -> None:
    unit = make.acting("emergency_unit", "yumen-fire")
    event = make.make_event(plan=PLAN)
    plan = plans.plan(PLAN)
    assert plan is not None
    assert {(one.title, one.unit.key, one.minutes) for one in event.tasks.all()} == {
        (one.title.zh, one.unit, one.minutes) for one in plan.tasks
    }
    assert [(one.due_at - one.opened_at) == timedelta(minutes=one.minutes) for one in event.tasks.all()] == [True] * 4
    assert [one.phone for one in event.contacts.all()] == [one.phone for one in plan.contacts]
    soonest = min(event.tasks.all(), key=lambda one: one.due_at)
    assert event.case.clocks.get().due == soonest.due_at == make.fresh(event).case.next_due
    mine = [task for task in cases.todo(unit) if task.case_id == event.case_id]
    assert [(one.verb, one.due) for one in mine] == [
        ("emergency.respond", event.tasks.get(unit__key="yumen-fire").due_at)
    ]
    assert Notice.objects.filter(key="emergency.task", account=unit.account_id).count() == 1


def test_the_clock_goes_on_to_the_next_task_and_stops_after_the_last() -> None:
    desk = make.acting("duty_officer")
    event = make.make_event(desk, plan=PLAN)
    for _ in range(4):
        open_ = event.tasks.filter(done_at=None).order_by("due_at", "pk")
        assert Clock.objects.get(case=event.case).due == open_[0].due_at
        events.finish_task(_task(event, open_[0].pk), note="完成。", by=desk)
    assert Clock.objects.get(case=event.case).stopped_at is not None
    assert CaseTask.objects.filter(case=event.case, stage="joint", done_at=None).count() == 0


def _task(event: Event, pk: int) -> Task:
    found = event.tasks.select_related("unit").get(pk=pk)
    found.event = make.fresh(event)
    return found


def test_a_task_is_done_in_time_or_late_once() -> None:
    desk, event = make.acting("duty_officer"), make.make_event(plan=PLAN)
    first, second = event.tasks.all()[:2]
    events.finish_task(_task(event, first.pk), note="到场。", by=desk)
    with pytest.raises(ValidationError):
        events.finish_task(_task(event, first.pk), note="又到场。", by=desk)
    with clock.told_at(second.due_at + timedelta(seconds=1)):
        events.finish_task(_task(event, second.pk), note="晚了。", by=desk)
    assert [event.tasks.get(pk=one.pk).in_time for one in (first, second)] == [True, False]


def test_another_unit_does_not_finish_it() -> None:
    event = make.make_event(plan=PLAN)
    task = event.tasks.get(unit__key="yumen-fire")
    with pytest.raises(Denied):
        events.finish_task(_task(event, task.pk), note="完成。", by=make.acting("emergency_unit", "yumen-water"))
    events.finish_task(_task(event, task.pk), note="完成。", by=make.acting("emergency_unit", "yumen-fire"))
    assert event.tasks.get(pk=task.pk).done_at is not None


def test_who_sees_what() -> None:
    event = make.make_event(plan=PLAN)
    number = event.case.number
    unit, stranger = make.acting("emergency_unit", "yumen-fire"), make.acting("emergency_unit", "yumen-water")
    assert queries.event_for(number, unit) == event
    assert queries.sees_all(event, unit) is False
    assert queries.sees_all(event, make.acting("duty_officer")) is True
    with pytest.raises(Event.DoesNotExist):
        queries.event_for(number, stranger)
    for do in (
        lambda: log.write(event, text="记录。", by=unit, once="1"),
        lambda: events.report(event, text="情况。", numbers={}, by=unit, once="1"),
        lambda: events.set_level(event, level=1, opinion="升级。", by=make.acting("duty_officer")),
        lambda: make.make_event(unit),
    ):
        with pytest.raises(Denied):
            do()


def test_the_same_form_opens_one_event() -> None:
    desk = make.acting("duty_officer")
    assert make.make_event(desk, submission="a") == make.make_event(desk, submission="a")
    assert Event.objects.count() == 1


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as told:
        make.make_event(kind="none", level=9, text="", place_code="110101000000")
    assert set(told.value.message_dict) == {"kind", "level", "text", "place"}


# --- the log ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("change", ["text = 'x'", "facts = '{\"dead\": 0}'", "by_name = '乙'", "answered = TRUE"])
def test_a_line_is_never_changed_and_a_change_behind_our_back_is_seen(change: str) -> None:
    desk, event = make.acting("duty_officer"), make.make_event()
    line = log.write(event, text="三人被困。", by=desk, once="x")
    line.text = "没有人被困。"
    for forbidden in (
        line.save,
        line.delete,
        lambda: Entry.objects.update(text=""),
        lambda: Entry.objects.all().delete(),
    ):
        with pytest.raises(TypeError):
            forbidden()
    assert queries.tampered(event) == []
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE emergency_entry SET {change} WHERE id = %s", [line.pk])  # noqa: S608
    assert queries.tampered(event) == [line]


def test_a_line_that_was_taken_away_behind_the_program_is_missed(client: Client) -> None:
    desk, event, other = make.acting("duty_officer"), make.make_event(), make.make_event()
    line = log.write(event, text="水位 3.2 米。", by=desk, once="x")
    log.write(other, text="别的事件。", by=desk, once="y")
    assert (queries.missing(event), queries.missing(other)) == (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM emergency_entry WHERE id = %s", [line.pk])
    assert (queries.missing(event), queries.tampered(event), queries.missing(other)) == (1, [], 0)
    client.force_login(desk.account)
    page = client.get(reverse("emergency.event", args=[event.case.number])).content.decode()
    assert "少了 1 条" in page


def test_a_correction_is_another_line() -> None:
    desk, event = make.acting("duty_officer"), make.make_event()
    line = log.write(event, text="三人被困。", by=desk, once="x")
    fix = log.write(event, text="应为两人。", by=desk, once="y", corrects=line)
    assert (fix.kind, fix.corrects) == (Entry.Kind.FIX, line)
    assert Entry.objects.get(pk=line.pk).text == "三人被困。"
    with pytest.raises(ValidationError):
        log.write(make.make_event(), text="别的事件。", by=desk, once="z", corrects=line)


def test_a_line_sent_twice_stands_once_and_a_closed_log_takes_none() -> None:
    desk, event = make.acting("duty_officer"), make.make_event()
    before = event.entries.count()
    assert log.write(event, text="到场。", by=desk, once="x") == log.write(event, text="到场。", by=desk, once="x")
    assert event.entries.count() == before + 1
    events.void(make.fresh(event), opinion="误报。", by=make.acting("duty_leader"))
    with pytest.raises(ValidationError):
        log.write(event, text="再记。", by=desk, once="y")


def test_a_call_is_written_down() -> None:
    desk, event = make.acting("duty_officer"), make.make_event(plan=PLAN)
    contact = event.contacts.first()
    assert contact is not None
    log.call(contact, answered=False, text="", by=desk, once="1")
    log.call(contact, answered=True, text="马上到。", by=desk, once="2")
    assert [one.answered for one in contact.calls.all()] == [False, True]
    added = log.add_contact(event, name="村医", phone="10000000105", role="", by=desk)
    assert Contact.objects.filter(event=event).last() == added
    with pytest.raises(ValidationError):
        log.add_contact(event, name="", phone="", role="", by=desk)


def test_a_contact_added_twice_stands_once_and_another_of_the_name_is_another() -> None:
    desk, event = make.acting("duty_officer"), make.make_event()
    first = log.add_contact(event, name="村医", phone="0937-3361234", role="救治", by=desk)
    for phone, role in (("0937-3361234", "救治"), (" 0937 3361234 ", "")):
        assert log.add_contact(event, name="村医", phone=phone, role=role, by=desk) == first
    with pytest.raises(ValidationError, match="已经有“村医”（0937-3361234，救治）"):
        log.add_contact(event, name="村医", phone="0937-3361234", role="运送", by=desk)
    other = log.add_contact(event, name="村医", phone="0937-3365678", role="救治", by=desk)
    assert list(event.contacts.order_by("pk")) == [first, other]


# --- level, closing ---------------------------------------------------------------------------------------------------
def test_a_higher_level_brings_its_tasks() -> None:
    leader, event = make.acting("duty_leader"), make.make_event(plan="yumen-flood", kind="flood", level=4)
    told = make.acting("emergency_unit", "yumen-water")
    assert set(event.tasks.values_list("unit__key", flat=True)).isdisjoint({"yumen-police", "yumen-health"})
    with pytest.raises(ValidationError):
        events.set_level(make.fresh(event), level=4, opinion="一样。", by=leader)
    with pytest.raises(ValidationError):
        events.set_level(make.fresh(event), level=2, opinion="", by=leader)
    events.set_level(make.fresh(event), level=2, opinion="水位上涨。", by=leader)
    assert {"yumen-police", "yumen-health"} <= set(event.tasks.values_list("unit__key", flat=True))
    many = event.tasks.count()
    events.set_level(make.fresh(event), level=4, opinion="水退了。", by=leader)
    events.set_level(make.fresh(event), level=2, opinion="又涨了。", by=leader)
    assert event.tasks.count() == many
    assert Notice.objects.filter(key="emergency.level", account=told.account_id).count() == 3


def test_a_report_is_composed_from_the_log_and_approved_by_another() -> None:
    leader, desk, event = make.acting("duty_leader"), make.acting("duty_officer"), make.make_event(plan=PLAN)
    log.write(event, text="明火扑灭。", by=desk, once="x")
    events.report(event, text="无人员伤亡。", numbers={"moved": 19}, by=desk, once="1")
    with pytest.raises(ValidationError):
        events.hand_in(make.fresh(event), text=queries.composed(event), by=leader)
    make.finish_all(event, desk)
    text = queries.composed(make.fresh(event))
    assert "明火扑灭" in text
    assert "转移 19 人" in text
    assert text.count("按时完成") == 4
    events.hand_in(make.fresh(event), text=text, by=leader)
    with pytest.raises(ValidationError):
        events.approve(make.fresh(event), by=leader)
    other = make.acting("duty_leader")
    events.give_back(make.fresh(event), opinion="补充原因。", by=other)
    events.hand_in(make.fresh(event), text=text + "原因已查明。", by=leader)
    events.approve(make.fresh(event), by=other)
    event = make.fresh(event)
    assert event.case.state == State.CLOSED
    letter = Letter.objects.get(case=event.case)
    assert event.letter == letter
    assert letter.document is not None
    assert files.may_read(desk, letter.document) is True
    assert files.may_read(make.acting("emergency_unit", "yumen-fire"), letter.document) is False


# --- alerts -----------------------------------------------------------------------------------------------------------
def _alert(**facts: object) -> Alert:
    desk = make.make_desk()
    given = {
        "number": "620981-1", "department": desk, "region_code": make.YUMEN, "hazard": "rainstorm", "colour": "red",
        "headline_zh": "暴雨红色预警", "text_zh": "暴雨。", "expires": clock.now() + timedelta(hours=6), "urgency": "Expected",
        "certainty": "Likely", "composed_key": "account:0", "composed_name": "甲",
    } | facts  # fmt: skip
    return Alert(**({"pk": 1} | given))


@pytest.mark.parametrize(
    ("facts", "opens"),
    [({}, 1), ({"colour": "yellow"}, 0), ({"hazard": "heat"}, 0), ({"status": "Exercise"}, 0), ({"kind": "Cancel"}, 0),
     ({"region_code": "610800000000"}, 0)],
)  # fmt: skip
def test_an_alert_opens_what_its_plan_says_once(facts: dict[str, object], opens: int) -> None:
    alert = _alert(**facts)
    if alert.kind == "Alert":  # others follow one that the town has
        Alert.objects.bulk_create([alert])
    for _ in range(2):
        alert_published.ring(alert=alert, by=make.BY)
    assert Event.objects.count() == opens
    if opens:
        event = Event.objects.get()
        assert (event.kind, event.level, event.source, event.alert, event.plan) == (
            "flood",
            1,
            "alert",
            alert,
            "yumen-flood",
        )


PROVINCE, XIAXIHAO = "620000000000", "620981106000"


def _piece(code: str = "", polygon: str = "") -> dict[str, str]:
    return {"zh": "这里", "en": "Here", "code": code, "polygon": polygon, "circle": ""}


def _above(*pieces: dict[str, str], pk: int = 1, **facts: object) -> Alert:
    """An alert of the province."""
    make.make_desk()
    weather = people.make_department("gansu-weather", name="甘肃省气象局", region_code=PROVINCE)
    given = {
        "department": weather,
        "region_code": PROVINCE,
        "areas": list(pieces),
        "number": f"62-{pk}",
        "once": uuid4(),
    }
    alert = _alert(pk=pk, **given | facts)
    Alert.objects.bulk_create([alert])
    return alert


@pytest.mark.parametrize(
    ("code", "place"),
    [(make.YUMEN, make.YUMEN), (XIAXIHAO, XIAXIHAO), ("620900000000", make.YUMEN), (PROVINCE, make.YUMEN),
     ("620982000000", None), ("621000000000", None)],
)  # fmt: skip
def test_issued_above_with_an_area_here_it_opens_at_this_desk_once(code: str, place: str | None) -> None:
    alert = _above(_piece(code))
    for _ in range(2):
        alert_published.ring(alert=alert, by=make.BY)
    found = [(one.place_code, one.case.department.key) for one in Event.objects.all()]
    assert found == ([(place, "yumen-emergency")] if place else [])


def test_a_shape_opens_where_its_ground_was_found_and_an_update_is_noted_there() -> None:
    first = _above(_piece(polygon="39.8,97.0 39.8,97.1 39.9,97.1 39.9,97.0 39.8,97.0"))
    alert_published.ring(alert=first, by=make.BY)
    assert Event.objects.count() == 0  # nobody knows yet where it lies
    for _ in range(2):
        area_found.ring(alert=first, divisions=(make.SHIHEZI, "620982100200"), by=make.BY)
    event = Event.objects.get()
    assert (event.place_code, event.case.department.key, event.plan) == (make.SHIHEZI, "yumen-emergency", "yumen-flood")
    again = _above(_piece(make.YUMEN), pk=2, kind="Update", of=first)
    alert_published.ring(alert=again, by=make.BY)
    area_found.ring(alert=again, divisions=(make.SHIHEZI,), by=make.BY)
    assert [one.text[:4] for one in event.entries.filter(kind="note")] == ["预警更新"]
    assert Event.objects.count() == 1


def test_an_exercise_and_an_all_clear_of_the_province_open_nothing() -> None:
    for pk, facts in ((1, {"status": "Exercise"}), (2, {"kind": "Cancel", "of_id": 1})):
        alert = _above(_piece(make.YUMEN), pk=pk, **facts)
        alert_published.ring(alert=alert, by=make.BY)
        area_found.ring(alert=alert, divisions=(make.SHIHEZI,), by=make.BY)
    assert Event.objects.count() == 0


def test_an_update_opens_what_the_first_alert_did_not_and_nothing_twice() -> None:
    first = _alert(pk=1, colour="yellow")
    second, third = (
        _alert(pk=n, number=f"620981-{n}", once=uuid4(), kind="Update", of_id=n - 1) for n in (2, 3)
    )  # fmt: skip
    Alert.objects.bulk_create([first, second, third])
    opened = []
    for alert in (first, second, third):
        alert_published.ring(alert=alert, by=make.BY)
        opened.append(Event.objects.count())
    assert opened == [0, 1, 1]
    assert Event.objects.get().alert == second


def test_what_follows_a_warning_is_logged_with_a_proposal_and_told_to_who_is_on_duty() -> None:
    on_duty, off_duty = make.make_official("duty_officer"), make.make_official("duty_officer")
    start = clock.now() - timedelta(hours=1)
    duty.put_shift(make.make_desk(), start=start, end=start + timedelta(hours=9), account=on_duty, by=make.BY)
    first, worse, off = (
        _alert(pk=n, number=f"620981-{n}", once=uuid4(), of_id=n - 1 or None, **facts)
        for n, facts in enumerate(
            ({"colour": "orange"}, {"kind": "Update"}, {"kind": "Cancel", "headline_zh": "解除"}), 1
        )
    )
    Alert.objects.bulk_create([first, worse, off])
    for alert in (first, worse, worse, off):
        alert_published.ring(alert=alert, by=make.BY)
    alert_ended.ring(alert=worse, why="cancelled")
    event = Event.objects.get()
    lines = [one.text for one in event.entries.filter(kind="note")]
    assert lines == [
        "预警更新：暴雨红色预警（预警 620981-2）。建议响应级别改为Ⅰ级（特别重大）。",
        "预警解除：解除（预警 620981-3）。请判断是否结束响应。",
    ]
    assert event.level == 2  # the desk decides
    told = Notice.objects.filter(key="emergency.alert")
    assert (told.filter(account=on_duty).count(), told.filter(account=off_duty).count()) == (2, 0)


def test_a_warning_that_expires_is_noted_while_the_event_is_open() -> None:
    leader = make.make_official("duty_leader")
    alert = _alert()
    Alert.objects.bulk_create([alert])
    alert_published.ring(alert=alert, by=make.BY)
    for _ in range(2):
        alert_ended.ring(alert=alert, why="expired")
    event = Event.objects.get()
    assert [one.text[:4] for one in event.entries.filter(kind="note")] == ["预警到期"]
    assert Notice.objects.filter(key="emergency.alert", account=leader).count() == 1  # nobody is on the roster
    events.void(make.fresh(event), by=people.acting(leader), opinion="误报。")
    later = _alert(pk=2, number="620981-2", once=uuid4(), kind="Update", of_id=1, colour="orange")
    Alert.objects.bulk_create([later])
    alert_published.ring(alert=later, by=make.BY)
    assert event.entries.filter(text__contains="620981-2").count() == 0


def test_where_there_is_no_desk_a_warning_goes_out_all_the_same() -> None:
    alert = _alert()
    Alert.objects.bulk_create([alert])
    Department.objects.filter(pk=alert.department_id).update(key="another")
    alert_published.ring(alert=alert, by=make.BY)
    assert Event.objects.count() == 0


def test_a_prefecture_whose_code_ends_in_zero_is_not_its_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    file = plans.files()[0].model_copy(update={"region": "621000000000"})
    monkeypatch.setattr(plans, "files", lambda: (file,))
    alert = _alert(region_code="621100000000")
    monkeypatch.setattr(plans, "file_for", lambda region: file)
    Alert.objects.bulk_create([alert])
    alert_published.ring(alert=alert, by=make.BY)
    assert Event.objects.count() == 0


def test_a_units_inbox_shows_its_soonest_task() -> None:
    desk, unit = make.acting("duty_officer"), make.acting("emergency_unit", "yumen-water")
    event, water = make.make_event(desk), Department.objects.get(key="yumen-water")
    slow = events.add_task(event, title="巡查堤防", unit=water, minutes=600, by=desk, once="1")
    fast = events.add_task(event, title="关闸", unit=water, minutes=15, by=desk, once="2")
    due = lambda: CaseTask.objects.get(case=event.case, stage="joint", done_at=None).due  # noqa: E731
    assert due() == fast.due_at
    events.finish_task(_task(event, fast.pk), note="已关。", by=unit)
    assert due() == slow.due_at


def test_a_form_sent_twice_gives_one_task_and_one_report() -> None:
    desk, event = make.acting("duty_officer"), make.make_event()
    water = Department.objects.get(key="yumen-water")
    give = lambda once: events.add_task(event, title="关闸", unit=water, minutes=15, by=desk, once=once)  # noqa: E731
    tell = lambda once: events.report(event, text="水退了。", numbers={}, by=desk, once=once)  # noqa: E731
    first, line = give("a"), tell("b")
    lines, revision = event.entries.count(), make.fresh(event).case.revision
    told = Notice.objects.count()
    assert (give("a"), tell("b")) == (first, line)
    assert (event.tasks.count(), event.entries.count()) == (1, lines)
    assert (make.fresh(event).case.revision, Notice.objects.count()) == (revision, told)
    assert give("c") != first  # the same words in another form are another task
    assert tell("d") != line
    with pytest.raises(Denied):
        events.add_task(
            event, title="关闸", unit=water, minutes=15, by=make.acting("emergency_unit", "yumen-water"), once="a"
        )


# --- two at once ------------------------------------------------------------------------------------------------------
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["close", "finish", "write", "open", "give", "tell", "warn"])
def test_two_at_once(what: str) -> None:
    desk, event = make.acting("duty_officer"), make.make_event(plan=PLAN)
    leaders = [make.acting("duty_leader"), make.acting("duty_leader")]
    if what == "close":
        make.finish_all(event, desk)
        events.hand_in(make.fresh(event), text=queries.composed(event), by=desk)
    task = event.tasks.first()
    assert task is not None
    alert = _above(_piece(polygon="39.8,97.0 39.8,97.1 39.9,97.1 39.8,97.0"))
    does = {
        "close": lambda n: events.approve(make.fresh(event), by=leaders[n]),
        "finish": lambda n: events.finish_task(_task(event, task.pk), note="完成。", by=leaders[n]),
        "write": lambda n: log.write(event, text="到场。", by=desk, once="same"),
        "open": lambda n: make.make_event(desk, submission="same"),
        "give": lambda n: events.add_task(event, title="关闸", unit=task.unit, minutes=9, by=leaders[n], once="same"),
        "tell": lambda n: events.report(event, text="水退了。", numbers={}, by=leaders[n], once="same"),
        "warn": lambda n: area_found.ring(alert=alert, divisions=(make.SHIHEZI,), by=make.BY),
    }  # fmt: skip

    def run(n: int) -> str:
        try:
            does[what](n)
            return "done"
        except ValidationError:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(run, range(2)))
    assert ends == (["done", "done"] if what in ("write", "open", "give", "tell", "warn") else ["done", "refused"])
    if what == "close":
        assert Letter.objects.filter(case=event.case).count() == 1
    if what == "give":
        assert event.tasks.filter(title="关闸").count() == 1
    if what in ("write", "tell"):
        assert event.entries.filter(once="same").count() == 1
    if what in ("open", "warn"):
        assert Event.objects.count() == 2
