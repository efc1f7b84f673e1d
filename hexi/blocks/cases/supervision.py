"""督办: what a supervisor does when a case is late: order, answer, close or order again. Beside operations."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import hooks, numbers, watching
from hexi.blocks.cases.models import Case, SupervisionOrder
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.steps import locked
from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Account
from hexi.blocks.regions.codes import prefix
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.options import Option

ANSWER_DAYS = Option(
    "cases.answer_days", int, 3,
    "部门答复督办单的工作日，督办单另写的除外。 / "
    "Working days an office has to answer a supervision order, unless it says otherwise.",
)  # fmt: skip
LONGEST = 30
State = SupervisionOrder.State


def issue(case: Case, *, by: Actor, reason: str, days: int | None = None) -> SupervisionOrder:
    """Order the office of an open case to answer within so many working days. One open order a case."""
    with change(by, "cases.order_issue", case) as note:
        case = locked(case)
        require(by, "cases.supervise", case.department_id, case.region_code)
        require_stranger(by, case)
        if case.ended_at is not None:
            raise ValidationError(_("这件已经结束，不能再督办。"))
        if open_one := case.orders.filter(state__in=watching.OPEN_ORDERS).first():
            raise ValidationError(_("这件已有督办单 %(number)s，请先办结或再次督办。") % {"number": open_one.number})
        order = _issue(case, by, reason, days)
        note.facts["order"] = order.number
    return order


def answer(order: SupervisionOrder, *, by: Actor, text: str) -> SupervisionOrder:
    """The office answers: why it is late, and until when it will be done. Once for each order."""
    require(by, "cases.answer", order.department_id, order.region_code)
    require_stranger(by, order.case)
    if not text.strip():
        raise ValidationError({"text": _("请写明原因和办结的日期。")})
    with change(by, "cases.order_answer", order):
        answered = SupervisionOrder.objects.filter(pk=order.pk, state=State.ISSUED).update(
            state=State.ANSWERED, answer=text.strip(), answered_at=clock.now(), answered_name=by.name
        )
        if not answered:
            raise ValidationError(_("这张督办单已经答复或办结。请刷新页面查看。"))
        order.refresh_from_db()
        hooks.order_answered.ring(order=order, by=by)
    return order


def close(order: SupervisionOrder, *, by: Actor, conclusion: str) -> SupervisionOrder:
    """The supervisor is satisfied."""
    with change(by, "cases.order_close", order):
        _finish(order, State.CLOSED, by, conclusion)
        hooks.order_closed.ring(order=order, by=by)
    return order


def repeat(order: SupervisionOrder, *, by: Actor, reason: str, days: int | None = None) -> SupervisionOrder:
    """The supervisor is not: the order ends, and another one to the same office takes its place."""
    with change(by, "cases.order_repeat", order) as note:
        case = locked(order.case)
        if case.ended_at is not None:
            raise ValidationError(_("这件已经结束，请办结督办单。"))
        _finish(order, State.REPEATED, by, reason)
        hooks.order_closed.ring(order=order, by=by)
        again = _issue(case, by, reason, days, repeats=order)
        note.facts["order"] = again.number
    return again


def _finish(order: SupervisionOrder, state: str, by: Actor, conclusion: str) -> None:
    require(by, "cases.supervise", order.department_id, order.region_code)
    require_stranger(by, order.case)
    if not conclusion.strip():
        raise ValidationError({"conclusion": _("请写明结论。")})
    ended = SupervisionOrder.objects.filter(pk=order.pk, state__in=watching.OPEN_ORDERS).update(
        state=state, closed_at=clock.now(), conclusion=conclusion.strip()
    )
    if not ended:
        raise ValidationError(_("这张督办单已经办结。请刷新页面查看。"))
    order.refresh_from_db()


def _issue(
    case: Case, by: Actor, reason: str, days: int | None, repeats: SupervisionOrder | None = None
) -> SupervisionOrder:
    days = ANSWER_DAYS.value if days is None else days
    if not reason.strip():
        raise ValidationError({"reason": _("请写明为什么督办，部门会看到。")})
    if not 1 <= days <= LONGEST:
        raise ValidationError({"days": _("答复期限应为 1 到 %(n)s 个工作日。") % {"n": LONGEST}})
    at = clock.now()
    due = calendar_for(case.region_code).due(at, Limit(days)).moment
    assert due is not None  # nothing is paused
    order = SupervisionOrder.objects.create(
        number=_number(case), case=case, department_id=case.department_id, region_code=case.region_code,
        light=watching.light_of(case, at), reason=reason.strip(), issued_at=at,
        issued_by_id=getattr(by, "account_id", None), issued_name=by.name, due=due, days=days, repeats=repeats,
    )  # fmt: skip
    hooks.order_issued.ring(order=order, by=by)
    return order


def _number(case: Case) -> str:
    """督办 and the division's digits, 〔year〕, serial: without gaps in each division and year."""
    place, year = prefix(case.region_code), clock.today().year
    return f"督办{place}〔{year}〕{numbers.allocate(f'supervision:{place}:{year}'):04d}号"


# --- who is told: listens to the hooks above -----------------------------------------
def tell_office(order: SupervisionOrder, by: Actor) -> None:
    """Whoever may answer for the office."""
    whom = watching.answering(order.department_id, order.region_code)
    facts = {"number": order.number, "title": order.case.title, "reason": order.reason, "due": order.due}
    tell(whom, "cases.order_issued", about=order, facts={**facts, "pk": str(order.pk)}, by=by)


def tell_supervisor(order: SupervisionOrder, by: Actor) -> None:
    """Whoever issued it."""
    if order.issued_by_id is None:
        return
    facts = {"number": order.number, "title": order.case.title, "answer": order.answer, "pk": str(order.pk)}
    tell(Account.objects.get(pk=order.issued_by_id), "cases.order_answered", about=order, facts=facts, by=by)
