"""What several operations share: the order of a step, clocks, handing over, the caller's own steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.articles import operations as articles
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.models import Case, clocks_of
from hexi.blocks.cases.operations.opening import close_beside, give, own_step
from hexi.blocks.cases.steps import Step, step
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import callers, facts, hooks, queries
from hexi.domains.livelihood.requests.models import Answer, Dispatch, Request
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import COUNT, Fixed, Given, insert, update

FIRST, HANDLE = "first", "handle"


def of(case: Case) -> Request:
    """The order of a case, which the step has locked; both hold the same case."""
    request = _OF_CASE.get(case=case.pk)
    request.case = case
    return request


@contextmanager
def official(
    request: Request, action: str, *, by: Actor, revision: int | None, opinion: str
) -> Iterator[tuple[Step, Request]]:
    """A step by the table of actions, with the order beside it, saved at the end."""
    with step(request.case, action, by=by, revision=revision, opinion=opinion) as one:
        row = of(one.case)
        yield one, row
        update(row)


@contextmanager
def callers_own(
    request: Request, action: str, *, by: Actor, states: tuple[str, ...], own: bool = True
) -> Iterator[tuple[Step, Request]]:
    """A step of the caller; `own` False: of somebody else affected. Who is right was checked before."""
    voice = callers.voice(by, own=True, secret=request.secret if own else True)
    with own_step(request.case, action, by=voice, states=states) as one:
        row = of(one.case)
        yield one, row
        update(row)


def require_text(text: str, field: str, sentence: str, most: int = 5000) -> str:
    """A text somebody must write. Raises `ValidationError` at its field."""
    text = text.strip()
    if not text:
        raise ValidationError({field: sentence})
    if len(text) > most:
        raise ValidationError({field: _("最多 %(most)s 字，现在有 %(n)s 字。") % {"most": most, "n": len(text)}})
    return text


def hand_to(
    one: Step, request: Request, office: Department, why: str, *, proposed: list[dict[str, Any]] | None = None
) -> None:
    """The office has it now: its clock runs from the first time on, and anew when it is to be done again."""
    case = one.case
    give(one, office)
    case.state, case.ended_at = State.HANDLING, None
    given = Dispatch(
        request=request, office=office, region_code=office.region_code, why=why, at=one.at, by_name=one.by.name,
        proposed=proposed or [],
    )  # fmt: skip
    insert(given)
    again = why in (Dispatch.Why.REDO, Dispatch.Why.REOPEN, Dispatch.Why.APART)
    if again:
        _anew(one, request)
    elif all(run.kind != HANDLE for run in clocks_of(case)):
        _start(one, request)
    request.dispatched_at = one.at
    counted = {"dispatched": 1} | ({"redone": 1} if why in (Dispatch.Why.REDO, Dispatch.Why.REOPEN) else {})
    facts.add(case, one.at, office_id=office.pk, region=office.region_code, **counted)
    (hooks.request_redone if again else hooks.request_dispatched).ring(request=request, by=one.by)


def send_back(one: Step, request: Request, why: str) -> None:
    """To the office that answered, for good; to the desk if that was the hotline itself, where nobody handles orders.

    What followed another order is done by itself from here on.
    """
    case, request.lead = one.case, None
    request.designated = case.department_id != request.hotline_id
    if request.designated:
        hand_to(one, request, case.department, why)
        return
    case.state, case.ended_at = State.NEW, None
    _anew(one, request)
    hooks.request_redone.ring(request=request, by=one.by)


def _anew(one: Step, request: Request) -> None:
    """It is to be done again: its time begins anew, and what was said of the last answer is over."""
    _start(one, request)
    request.solved = request.satisfied = None
    request.extended = 0


def _start(one: Step, request: Request) -> None:
    case = one.case
    limit = queries.limit_for(request.hotline_region, case.subject, request.type, clock.local_day(one.at))
    deadlines.start(case, HANDLE, at=one.at, limit=limit.handle_limit)


def say(one: Step, request: Request, text: str, *, final: bool, article: int | None = None) -> Answer:
    """Write down what the office says; the first word stops its clock, the result both.

    `article`: the version of the knowledge base it is said from; counted there.
    """
    cited = articles.cite(article, by=one.by) if article else None
    case, first = one.case, request.first_at is None
    deadlines.stop(case, *((FIRST, HANDLE) if final else (FIRST,)), at=one.at)
    met = {run.kind: bool(run.met) for run in clocks_of(case) if run.stopped_at is not None}
    answer = Answer(
        request=request, office_id=case.department_id, region_code=case.region_code, at=one.at, final=final,
        in_time=final and met.get(HANDLE, met.get(FIRST, True)), first=first,
        first_in_time=first and met.get(FIRST, True), text=text, by_name=one.by.name, article=cited,
    )  # fmt: skip
    insert(answer)
    request.first_at = request.first_at or one.at
    counted = facts.answer_counts(final=final, in_time=answer.in_time, first=first, first_in_time=answer.first_in_time)
    facts.add(case, one.at, office_id=case.department_id, region=case.region_code, **counted)
    return answer


def end(one: Step, request: Request, state: str = State.CLOSED) -> None:
    """It is over: counted once; who was asked to help need not answer any more."""
    case: Case = one.case
    case.state = state
    at: datetime = one.at
    close_beside(case, by=one.by, at=at)
    name = "refused" if state == State.REFUSED else "ended"
    facts.add(case, at, office_id=case.department_id, region=case.region_code, **{name: 1})
    if state == State.CLOSED:
        hooks.request_closed.ring(request=request, by=one.by)


def rounds(request: Request) -> int:
    """How many times it was answered: each answer may be rated once."""
    return int(_ROUNDS.get(request=request.pk))


_OF_CASE = Fixed(lambda: Request.objects.select_related("hotline").filter(case_id=Given("case")))
_ROUNDS = Fixed(
    lambda: Answer.objects.filter(request_id=Given("request"), final=True).order_by().values_list(COUNT, flat=True)
)
