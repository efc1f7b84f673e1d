"""An event: opened by a plan, its tasks given and done, its level changed, its report approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.blocks.cases import deadlines, letters
from hexi.blocks.cases.operations.opening import answer_beside, ask_beside, close_beside, open_case, own_step
from hexi.blocks.cases.steps import Step, step
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import hooks, plans, queries
from hexi.domains.livelihood.emergency.kind import EVENT
from hexi.domains.livelihood.emergency.models import Contact, Entry, Event, Task
from hexi.domains.livelihood.emergency.operations.log import put
from hexi.domains.livelihood.emergency.plans import Plan
from hexi.domains.livelihood.emergency.states import CLOCK, DUTY, RESPOND, Source, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require
from hexi.ui.words import on_paper

LETTER = "E"
BY = System("emergency")
LONGEST = 4000
Revision = int | None


@dataclass(frozen=True)
class Known:
    """What is known when an event is opened."""

    kind: str
    level: int
    place_code: str
    text: str
    address: str = ""
    source: str = Source.CALL
    happened_at: datetime | None = None


def open_event(
    known: Known, *, by: Actor, submission: str, plan: Plan | None = None, alert: Any = None
) -> tuple[Event, bool]:
    """Open an event at the desk of its place; by a plan its first tasks and contacts are there at once.

    `submission` names the form: sent twice it stands once, and the second answer is False.
    """
    desk = _checked(known)
    require(by, DUTY, desk.pk, desk.region_code)

    def then(one: Step) -> None:
        event = Event.objects.create(
            case=one.case, kind=known.kind, level=known.level, place_code=known.place_code,
            address=known.address.strip(), text=known.text.strip(), source=known.source, alert=alert,
            plan=plan.key if plan else "", happened_at=known.happened_at or one.at,
        )  # fmt: skip
        level = plans.levels()[known.level]
        put(event, Entry.Kind.LEVEL, _zh(f"启动{level.title.zh}响应。{known.text.strip()}"), by=by, at=one.at)
        if plan is not None:
            _by_plan(one, event, plan)
        _clock(one, event)
        hooks.event_opened.ring(event=event, by=by)

    kind = plans.kinds()[known.kind]
    case, new = open_case(
        EVENT, letter=LETTER, title=f"{known.address.strip() or regions.place(known.place_code)}{kind.title.zh}"[:200],
        subject=known.kind, office=desk, state=State.OPEN, submission=f"emergency:{submission}"[:80], by=by, then=then,
        channel="desk",
    )  # fmt: skip
    return Event.objects.select_related("case__department").get(case=case), new


def _checked(known: Known) -> Department:
    """The desk of the place; every fault at once."""
    file = plans.file_for(known.place_code)
    desk = Department.objects.filter(key=file.desk).first() if file else None
    faults = {
        "kind": "" if known.kind in plans.kinds() else _("请选择种类。"),
        "level": "" if known.level in plans.levels() else _("请选择级别。"),
        "text": "" if 2 <= len(known.text.strip()) <= LONGEST else _("请写明情况，2 到 4000 个字。"),
        "place": "" if desk else _("请选择地点；这个地方还没有设应急值班。"),
        "happened_at": _("发生的时间还没有到。") if known.happened_at and known.happened_at > clock.now() else "",
    }
    if found := {name: sentence for name, sentence in faults.items() if sentence}:
        raise ValidationError(found)
    assert desk is not None
    return desk


def _zh(text: str) -> str:
    """A line the house writes is Chinese, whatever the page."""
    return text[:LONGEST]


def _by_plan(one: Step, event: Event, plan: Plan) -> None:
    offices = {d.key: d for d in Department.objects.filter(key__in=[first.unit for first in plan.tasks])}
    for first in plan.tasks:
        if event.level in first.levels and first.unit in offices:
            _give(one, event, offices[first.unit], first.title.zh, first.minutes, title_en=first.title.en)
    Contact.objects.bulk_create(
        Contact(event=event, name=ring.name, role=ring.role.zh, role_en=ring.role.en, phone=ring.phone)
        for ring in plan.contacts
    )


def _give(
    one: Step, event: Event, unit: Department, title: str, minutes: int, *, title_en: str = "", once: str = ""
) -> Task:
    """A task of a unit; the first one puts the event into the unit's inbox."""
    due = one.at + timedelta(minutes=minutes)
    task = Task.objects.create(
        event=event, title=title, title_en=title_en, unit=unit, minutes=minutes, opened_at=one.at, due_at=due, once=once
    )
    _ask(one, event, unit)
    hooks.task_given.ring(task=task, by=one.by)
    return task


def _ask(one: Step, event: Event, unit: Department) -> None:
    """The unit's inbox shows the event with the time of its soonest open task."""
    soonest = event.tasks.filter(unit=unit, done_at=None).order_by("due_at").first()
    if soonest is not None and unit.pk != one.case.department_id:
        ask_beside(one, unit, RESPOND, due=soonest.due_at)


def _clock(one: Step, event: Event) -> None:
    """The case's clock is that of the soonest open task, in minutes."""
    soonest = event.tasks.filter(done_at=None).order_by("due_at", "pk").first()
    if soonest is None:
        deadlines.stop(one.case, CLOCK, at=one.at)
    else:
        deadlines.start(one.case, CLOCK, at=soonest.opened_at, limit=Limit(soonest.minutes, Unit.MINUTES))


def _of(one: Step) -> Event:
    event = Event.objects.get(case=one.case)
    event.case = one.case
    return event


def add_task(
    event: Event, *, title: str, unit: Department, minutes: int, by: Actor, once: str, opinion: str = "",
    revision: Revision = None,
) -> Task:  # fmt: skip
    """Something more for a unit to do, within so many minutes. `once` names the form: sent twice it stands once."""
    if not 2 <= len(title.strip()) <= 200:
        raise ValidationError({"title": _("请写明任务，2 到 200 个字。")})
    if not 1 <= minutes <= 30 * 24 * 60:
        raise ValidationError({"minutes": _("时限从 1 分钟到 30 天。")})
    try:
        with step(event.case, "add_task", by=by, revision=None, opinion=opinion) as one:
            row = _of(one)
            task = _give(one, row, unit, title.strip(), minutes, once=once)
            put(row, Entry.Kind.TASK, f"交办{unit.name}：{task.title}，{minutes} 分钟内完成。", by=by, at=one.at)
            _clock(one, row)
    except IntegrityError:  # this form was here before; all of this step is undone
        return event.tasks.get(once=once)
    return task


def finish_task(task: Task, *, note: str, by: Actor) -> Task:
    """The unit, or the desk for it, says that a task is done (or why it falls away)."""
    case = task.event.case
    desk = by.may(DUTY, case.department_id, case.region_code)
    if not desk and not by.may(RESPOND, task.unit_id, task.unit.region_code):
        raise Denied(_("这项任务由%(name)s办理。") % {"name": task.unit.title})
    if not note.strip():
        raise ValidationError({"note": _("请写明完成情况；不需要做了的，写明原因。")})
    with change(by, "emergency.finish", task) as entry:
        with own_step(case, "finish_task", by=by, states=(State.OPEN,)) as one:
            row = _of(one)
            done = Task.objects.filter(pk=task.pk, done_at=None).update(
                done_at=one.at, done_by=by.key, done_name=by.name, note=note.strip()[:LONGEST]
            )
            if not done:
                raise ValidationError(_("这项任务已经登记完成。"))
            one.office, one.opinion = task.unit.name, task.title
            put(row, Entry.Kind.TASK, f"{task.unit.name}完成：{task.title}。{note.strip()}", by=by, at=one.at)
            _clock(one, row)
            _ask(one, row, task.unit)
        if task.unit_id != case.department_id and not row.tasks.filter(unit=task.unit, done_at=None).exists():
            voice = by if by.may(RESPOND, task.unit_id, task.unit.region_code) else BY
            answer_beside(case, task.unit, opinion=note.strip()[:200], by=voice)
        entry.facts["task"] = task.title
    task.refresh_from_db()
    return task


def report(
    event: Event, *, text: str, numbers: Mapping[str, int], by: Actor, once: str, opinion: str = "",
    revision: Revision = None,
) -> Entry:  # fmt: skip
    """续报: how it stands, with the figures of people. `once` names the form: sent twice it stands once."""
    if not text.strip():
        raise ValidationError({"text": _("请写明最新情况。")})
    figures = {name: int(numbers.get(name) or 0) for name in queries.NUMBERS}
    if min(figures.values()) < 0:
        raise ValidationError({"text": _("人数不能是负数。")})
    words = text.strip()[:LONGEST]
    try:
        with step(event.case, "report", by=by, revision=None, opinion=opinion) as one:
            return put(_of(one), Entry.Kind.REPORT, words, by=by, at=one.at, once=once, facts=figures)
    except IntegrityError:  # this form was here before; all of this step is undone
        return event.entries.get(once=once)


def set_level(event: Event, *, level: int, by: Actor, opinion: str, revision: Revision = None) -> Event:
    """The level is raised or lowered, with the reason; tasks that the plan has for the new level alone are added."""
    if level not in plans.levels():
        raise ValidationError({"level": _("请选择级别。")})
    with step(event.case, "set_level", by=by, revision=revision, opinion=opinion) as one:
        row = _of(one)
        if level == row.level:
            raise ValidationError({"level": _("现在就是这个级别。")})
        old, row.level = row.level, level
        row.save(update_fields=["level"])
        title = plans.levels()[level].title.zh
        put(row, Entry.Kind.LEVEL, f"响应级别改为{title}：{one.opinion}", by=by, at=one.at)
        if plan := plans.plan(row.plan):
            offices = {d.key: d for d in Department.objects.filter(key__in=[first.unit for first in plan.tasks])}
            known = set(row.tasks.values_list("title", flat=True))
            for first in plan.tasks:
                fits = level in first.levels and old not in first.levels and first.title.zh not in known
                if fits and first.unit in offices:
                    _give(one, row, offices[first.unit], first.title.zh, first.minutes, title_en=first.title.en)
        _clock(one, row)
        hooks.level_changed.ring(event=row, by=by)
    return row


def hand_in(event: Event, *, text: str, by: Actor, opinion: str = "", revision: Revision = None) -> Event:
    """The closing report goes to the head; every task is done or has fallen away with its reason."""
    if len(text.strip()) < 20:
        raise ValidationError({"text": _("请写结案报告，至少 20 个字。")})
    with step(event.case, "hand_in", by=by, revision=revision, opinion=opinion) as one:
        row = _of(one)
        waiting = row.tasks.filter(done_at=None).count()
        if waiting:
            words = _("还有 %(n)s 项任务没有完成。请登记完成，不需要做了的写明原因。")
            raise ValidationError(words % {"n": waiting})
        row.closing, row.closing_by = text.strip()[:20000], by.key
        row.save(update_fields=["closing", "closing_by"])
        one.case.state = State.REPORTED
    return row


def give_back(event: Event, *, by: Actor, opinion: str, revision: Revision = None) -> Event:
    """The head wants it mended, or the event goes on."""
    with step(event.case, "give_back", by=by, revision=revision, opinion=opinion) as one:
        row = _of(one)
        put(row, Entry.Kind.NOTE, f"结案报告退回：{one.opinion}", by=by, at=one.at)
        one.case.state = State.OPEN
    return row


def approve(event: Event, *, by: Actor, opinion: str = "", revision: Revision = None) -> Event:
    """The head, who is not its author, approves the report: the event is closed, the report numbered and printed."""
    with step(event.case, "approve", by=by, revision=revision, opinion=opinion) as one:
        row = _of(one)
        if row.closing_by == by.key:
            raise ValidationError(_("结案报告不能由提交人自己批准。"))
        one.case.state = State.CLOSED
        with on_paper():
            row.letter = one.letter = letters.paper(
                one.case, "emg_report", by=by, thing=(queries.KIND, str(row.pk)), to="",
                link=f"/work/emergency/events/{one.case.number}/", body=row.closing.splitlines(), title=one.case.title,
            )  # fmt: skip
        row.save(update_fields=["letter"])
        close_beside(one.case, by=by, at=one.at)
        hooks.event_closed.ring(event=row, by=by)
    return row


def void(event: Event, *, by: Actor, opinion: str, revision: Revision = None) -> Event:
    """A false alarm; the log stays."""
    with step(event.case, "void", by=by, revision=revision, opinion=opinion) as one:
        row = _of(one)
        put(row, Entry.Kind.NOTE, f"误报，撤销：{one.opinion}", by=by, at=one.at)
        one.case.state = State.VOID
        close_beside(one.case, by=by, at=one.at)
    return row
