"""Cases of other kinds than permits: opened, moved, shared with offices beside. What a domain's operations stand on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.cases import deadlines, numbers
from hexi.blocks.cases.kinds import CaseKind
from hexi.blocks.cases.models import JOINT, Case, Task
from hexi.blocks.cases.steps import Stale, Step, finish, locked
from hexi.blocks.people.models import Person
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.fixed import Fixed, Given, insert, update


def open_case(
    kind: CaseKind,
    *,
    letter: str,
    title: str,
    subject: str,
    office: Department,
    state: str,
    submission: str,
    by: Actor,
    then: Callable[[Step], None],
    applicant: Person | None = None,
    applicant_name: str = "",
    phone: str = "",
    channel: str = "portal",
    answers: Mapping[str, Any] | None = None,
    clocks: Mapping[str, Limit] | None = None,
    at: datetime | None = None,
) -> tuple[Case, bool]:
    """Open a case of `kind` with its number, clocks, first task and timeline; the domain has checked the right.

    `then(step)` writes what else belongs to it, in the same transaction. `submission` names what came in: a second call
    with it returns the same case and False. `letter` begins the number. Lists show `applicant_name` as it is given: who
    must stay unknown is called something else there.
    """
    if earlier := _earlier(kind, submission, applicant):
        return earlier, False
    try:
        with change(by, f"{kind.key}.open") as note:
            now = at or clock.now()
            case = Case(
                kind=kind.key, number=numbers.kind_number(letter, office.region_code, clock.local_day(now)),
                title=title, subject=subject, department=office, region_code=office.region_code, applicant=applicant,
                applicant_name=applicant_name, phone=phone, channel=channel, answers=dict(answers or {}),
                submission=submission, state=state, submitted_at=now, received_at=now,
            )  # fmt: skip
            insert(case)
            note.thing, note.facts["number"] = case, case.number
            for name, limit in (clocks or {}).items():
                deadlines.start(case, name, at=now, limit=limit)
            one = Step(case, by, "submit", note, at=now)
            one.count(received=1)
            then(one)
            finish(one)
    except IntegrityError:
        # the other of two simultaneous submissions won
        if earlier := _earlier(kind, submission, applicant):
            return earlier, False
        raise
    return case, True


@contextmanager
def own_step(
    case: Case, action: str, *, by: Actor, states: tuple[str, ...], revision: int | None = None
) -> Iterator[Step]:
    """A step of whoever reported it, or of a job; the domain has checked who that is. Raises `Stale`."""
    with change(by, f"{case.kind}.{action}", case) as note:
        case = locked(case)
        if case.state not in states or revision not in (None, case.revision):
            raise Stale(case)
        one = Step(case, by, action, note)
        yield one
        finish(one)


def give(one: Step, office: Department) -> None:
    """Hand the case to another office within a step: its rights and its next task follow."""
    one.case.department, one.case.region_code = office, office.region_code


def ask_beside(one: Step, office: Department, verb: str, *, due: datetime | None = None) -> None:
    """Ask another office (协办) to help: a task of its own, due with the case unless said; once while it is open.

    Asked again with another `due`, the open task is due then.
    """
    if office.pk == one.case.department_id:
        raise ValidationError(_("%(name)s已经是主办单位，不必再请它协办。") % {"name": office.title})
    task, new = Task.objects.get_or_create(
        case=one.case, department=office, stage=JOINT, done_at=None,
        defaults={"verb": verb, "region_code": office.region_code, "opened_at": one.at,
                  "due": due or one.case.next_due},
    )  # fmt: skip
    if due is not None and not new:
        Task.objects.filter(pk=task.pk).update(due=due)


def answer_beside(case: Case, office: Department, *, opinion: str, by: Actor) -> Case:
    """An office that was asked to help says what it did; its task is done. Raises `Denied`, `ValidationError`."""
    if not opinion.strip():
        raise ValidationError({"opinion": _("请写明协办情况，主办单位据此答复。")})
    with change(by, f"{case.kind}.beside", case) as note:
        case = locked(case)
        task = case.tasks.filter(stage=JOINT, department=office, done_at=None).first()
        if task is None:
            raise ValidationError(_("没有等您单位协办的任务，可能已经办完。请刷新页面。"))
        if not by.may(task.verb, office.pk, office.region_code):
            raise Denied(_("您的岗位不能替%(name)s答复。") % {"name": office.title})
        one = Step(case, by, "beside", note, opinion=opinion.strip(), public=False, office=office.name)
        task.done_at, task.done_by, task.action = one.at, by.key, "beside"
        task.save(update_fields=["done_at", "done_by", "action"])
        finish(one)
    return case


def close_beside(case: Case, *, by: Actor, at: datetime) -> None:
    """The case is over or elsewhere: who was asked to help and has not answered need not."""
    for task in beside(case):
        task.done_at, task.done_by, task.action = at, by.key, "ended"
        update(task, "done_at", "done_by", "action")


def beside(case: Case) -> list[Task]:
    """What offices were asked to help with, or to review, and have not answered."""
    return _BESIDE.all(case=case.pk)


_BESIDE = Fixed(lambda: Task.objects.filter(case_id=Given("case"), stage=JOINT, done_at=None).order_by("pk"))
_SUBMITTED = Fixed(lambda: Case.objects.filter(submission=Given("submission")).order_by("pk"))


def _earlier(kind: CaseKind, submission: str, applicant: Person | None) -> Case | None:
    """What this submission became; never somebody else's case, nor one of another kind."""
    found = _SUBMITTED.first(submission=submission)
    if found and (found.kind != kind.key or found.applicant_id != (applicant.pk if applicant else None)):
        raise ValidationError(_("这份内容已经由别人提交。请重新填写一份。"))
    return found
