"""What the applicant does: submit, mend what was given back, supplement what was asked, withdraw."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import deadlines, letters, numbers
from hexi.blocks.cases.definitions import code_of, definition, first_office
from hexi.blocks.cases.hooks import case_corrected, case_submitted
from hexi.blocks.cases.models import Case, Clock, Item, ItemVersion
from hexi.blocks.cases.parties import acts, acts_as, entered, require_own
from hexi.blocks.cases.states import BEFORE_ACCEPTANCE, UNDER_EXAMINATION, State
from hexi.blocks.cases.steps import Stale, Step, finish, locked
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.fixed import Fixed, Given, insert

#: what the timeline says of a step the window took for the applicant: kept as written, in the law's language
BY_WINDOW = "（申请人到窗口提出，由{name}代为录入）"


def submit(
    version: ItemVersion,
    *,
    applicant: Person,
    answers: dict[str, Any],
    submission: str,
    by: Actor,
    phone: str = "",
    delivery: str = "online",
    delivery_to: Mapping[str, str] | None = None,
    channel: str = "portal",
    entitled: bool = False,
) -> tuple[Case, bool]:
    """Hand in an application: it gets its number, its notice clock and its first task.

    `submission` names what is handed in ("draft:12"); a second call with it returns the same case and False, so that a
    double click or a retry after a lost answer counts once. `entitled`: the caller has seen that the actor may hand it
    in (a bundle that another office's window takes in). Raises `ValidationError` if the item is not offered, or not to
    such an applicant.
    """
    place = (version.item.department_id, version.item.region_code)
    own = entitled or acts_as(by, applicant, version.item.key)
    if not own and not by.may("cases.accept", *place) and not by.may("cases.submit", *place):
        raise Denied(_("您不能以这个人（单位）的名义申请。"))
    if earlier := _earlier(submission, applicant):
        return earlier, False
    _require_offered(version, applicant)
    try:
        with change(by, "cases.submit") as note:
            case = _new(
                version, applicant, answers, submission, phone=phone, delivery=delivery, channel=channel,
                delivery_to=dict(delivery_to) if delivery_to else None,
            )  # fmt: skip
            note.thing, note.facts["number"] = case, case.number
            deadlines.start(case, Clock.Kind.NOTICE, at=case.received_at, limit=definition(version).notice)
            one = Step(case, by, "submit", note, at=case.submitted_at)
            one.count(received=1)
            one.rings(case_submitted)
            finish(one)
    except IntegrityError:
        # the other of two simultaneous submissions won
        if earlier := _earlier(submission, applicant):
            return earlier, False
        raise
    return case, True


def mend(case: Case, *, answers: dict[str, Any], by: Actor, revision: int | None = None) -> Case:
    """Hand in again after 预审退回. The notice clock has run on: the receipt stays the first one."""
    with _own(case, "mend", (State.RETURNED,), by=by, revision=revision) as one:
        one.case.answers, one.case.state = answers, State.SUBMITTED
        one.rings(case_corrected)
    return one.case


def supplement(case: Case, *, answers: dict[str, Any], by: Actor, revision: int | None = None) -> Case:
    """Hand in what the one correction notice asked for; the five days run anew from this receipt (art. 32(4)(5))."""
    with _own(case, "supplement", (State.CORRECTING,), by=by, revision=revision) as one:
        one.case.answers, one.case.state, one.case.received_at = answers, State.SUBMITTED, one.at
        deadlines.start(one.case, Clock.Kind.NOTICE, at=one.at, limit=definition(one.case.version).notice)
        one.rings(case_corrected)
    return one.case


def withdraw(case: Case, *, reason: str, by: Actor, revision: int | None = None, seen: bool = False) -> Case:
    """Take the application back before the decision. `seen`: the window has seen the document of who stands there."""
    states = (*BEFORE_ACCEPTANCE, *UNDER_EXAMINATION)
    with _own(case, "withdraw", states, by=by, revision=revision, seen=seen) as one:
        one.opinion, one.case.state = reason.strip(), State.WITHDRAWN
        one.letter = letters.write(one.case, "withdrawn", by=by, reason=one.opinion)
    return one.case


def _earlier(submission: str, applicant: Person) -> Case | None:
    """What this submission became; never somebody else's case."""
    found = _SUBMITTED.first(submission=submission)
    if found and found.applicant_id != applicant.pk:
        raise ValidationError(_("这份申请已经由别人提交。请重新填写一份。"))
    return found


_SUBMITTED = Fixed(lambda: Case.objects.filter(submission=Given("submission")).order_by("pk"))


def _require_offered(version: ItemVersion, applicant: Person) -> None:
    national = definition(version).national
    if version.item.status != Item.Status.PUBLISHED or not national.offered(clock.today()):
        raise ValidationError(_("这个事项已停止办理，不能提交。您填写的内容还在草稿里。"))
    if applicant.kind not in national.audience:
        raise ValidationError(
            _("%(name)s不是这个事项的服务对象，不能申请。请换一个申请人。") % {"name": applicant.name}
        )


def _new(version: ItemVersion, applicant: Person, answers: dict[str, Any], submission: str, **given: Any) -> Case:
    item, at = version.item, clock.now()
    office, region = first_office(version)
    made = Case(
        number=numbers.case_number(code_of(version), clock.local_day(at)),
        item=item, version=version, title=item.title, department=office, region_code=region,
        applicant=applicant, applicant_name=applicant.name, answers=answers, submission=submission,
        submitted_at=at, received_at=at, **given,
    )  # fmt: skip
    insert(made)
    return made


@contextmanager
def _own(
    case: Case, action: str, states: tuple[State, ...], *, by: Actor, revision: int | None, seen: bool = True
) -> Iterator[Step]:
    """A step of the applicant himself, or of the window for him; that a draft was begun for him says who was seen."""
    with change(by, f"cases.{action}", case) as note:
        case = locked(case)
        stood_in = require_own(by, case, seen=seen)
        if case.state not in states or revision not in (None, case.revision):
            raise Stale(case)
        one = Step(case, by, action, note)
        yield one
        if stood_in:
            at_counter(one)
        finish(one)


def at_counter(one: Step) -> None:
    """Put on record that the window did it for the applicant, who stood there."""
    one.note.facts["counter"] = True
    one.opinion = f"{one.opinion} {BY_WINDOW.format(name=one.by.name)}".strip()


def acts_for(by: Actor, case: Case) -> bool:
    """True if the actor is the applicant, represents the body that is, or is the system that handed the case in."""
    return acts(by, case) or entered(by, case)
