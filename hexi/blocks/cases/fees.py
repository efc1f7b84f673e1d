"""What a granted case costs: charged with the decision, paid before the certificate. Beside operations."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import Answers, answers_of, definition
from hexi.blocks.cases.models import Case, FeeWaiver
from hexi.blocks.cases.parts import Fee, FeeItem
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.cases.steps import locked
from hexi.blocks.forms.conditions import holds
from hexi.blocks.money import operations as money
from hexi.blocks.money import queries
from hexi.blocks.money.models import Charge
from hexi.blocks.money.operations import Item
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words

KIND = "cases.case"
#: why a case is charged for: what its item costs ("fee-2": charged anew). Other reasons (a test, an appraisal) may be
#: charged beside it
REASON = "fee"


def raise_charge(case: Case, by: Actor) -> None:
    """Listener: a granted case whose item charges owes what its answers ask for."""
    if case.outcome == Outcome.GRANTED:
        _charge(case, REASON, by)


def charge_again(case: Case, *, by: Actor) -> None:
    """What went back before the certificate is owed anew, as a charge of its own: the old one can be paid only once.

    Asked twice it is charged once; nothing to do once the case has gone on.
    """
    with transaction.atomic():
        case = locked(case)
        back = given_back(case)
        if case.state == State.CERTIFYING and back is not None and back.state == Charge.State.REFUNDED:
            _charge(case, f"{REASON}-{len(_own(case)) + 1}", by)


def cancel(case: Case, by: Actor) -> None:
    """Listener: who gets nothing owes nothing more."""
    if case.outcome == Outcome.GRANTED:
        return
    for charge in unpaid(case):
        money.cancel(charge, reason=str(case.get_state_display()), by=by)


def items_of(case: Case) -> list[Item]:
    """What the item charges for these answers, reduced where they say so. What has no fixed amount is not among it."""
    return items_for(definition(case.version).national.fee, answers_of(case))


def items_for(fee: Fee, answers: Answers) -> list[Item]:
    """The same before there is a case."""
    if not fee.charged:
        return []
    return [_item(one, answers) for one in fee.items if one.fen is not None and holds(one.when, answers)]


def charges(case: Case) -> list[Charge]:
    """Everything that is or was charged for a case."""
    return queries.charges_of(KIND, str(case.pk))


def unpaid(case: Case) -> list[Charge]:
    """What is still owed for a case."""
    return [one for one in charges(case) if one.state == Charge.State.OPEN]


def given_back(case: Case) -> Charge | None:
    """The fee of the item, if the whole of it went back (or is on its way) and it was not paid anew.

    A refund is no reduction: the ledger takes it out of the income, and what a law or a standard charges may be waived
    only where they say so (行政许可法 art. 59, 政府非税收入管理办法), as the charge's items show; what was never owed
    an officer finds to be so (`operations.waiving`). A part given back corrects the sum. What a test or an appraisal
    cost is no price of the permit: its refund holds nothing up.
    """
    last = next(reversed(_own(case)), None)
    if last is None or FeeWaiver.objects.filter(charge=last.number).exists():
        return None
    if last.state == Charge.State.REFUNDED:
        return last
    return last if last.payments.filter(applied__gt=0, back=F("applied")).exists() else None


def waivable(case: Case) -> Charge | None:
    """The fee of the item that holds a granted case up and was never owed, or so an officer may find."""
    if case.state != State.CERTIFYING:
        return None
    last = next(reversed(_own(case)), None)
    return last if last and (last.state == Charge.State.OPEN or given_back(case)) else None


def require_paid(case: Case) -> None:
    """Raise unless everything charged for the case is paid and still here: its certificate waits for that."""
    if back := given_back(case):
        words = _("费用已经退还（缴费单 %(number)s），退费不是减免，请重新缴费。缴清后系统自动制证。")
        raise ValidationError(words % {"number": back.number})
    if owed := unpaid(case):
        numbers = "、".join(one.number for one in owed)
        raise ValidationError(_("费用还没有缴清（缴费单 %(numbers)s）。缴清后系统自动制证。") % {"numbers": numbers})


def _own(case: Case) -> list[Charge]:
    """Charges of what the item itself costs, the last one the one that counts."""
    return [one for one in charges(case) if one.reason.partition("-")[0] == REASON]


def _charge(case: Case, reason: str, by: Actor) -> None:
    if items := items_of(case):
        title, office = Words(zh=case.title, en=case.item.title_en), case.department
        money.charge(case.applicant, department=office, thing=case, reason=reason, title=title, items=items, by=by)


def _item(one: FeeItem, look: Callable[[str], Any]) -> Item:
    assert one.fen is not None
    if not (one.reducible and holds(one.reduction_when, look)):
        return Item(one.name, one.fen)
    off = one.fen if one.reduction_fen is None else one.reduction_fen
    return Item(one.name, one.fen, off, one.reduction)
