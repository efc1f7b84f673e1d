"""What a granted case costs: charged with the decision, paid before the certificate. Beside operations."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.parts import FeeItem
from hexi.blocks.cases.states import Outcome
from hexi.blocks.forms.conditions import holds
from hexi.blocks.money import operations as money
from hexi.blocks.money import queries
from hexi.blocks.money.models import Charge
from hexi.blocks.money.operations import Item
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words

KIND = "cases.case"
#: why a case is charged for: what its item costs. Other reasons (a test, an appraisal) may be charged beside it
REASON = "fee"


def raise_charge(case: Case, by: Actor) -> None:
    """Listener: a granted case whose item charges owes what its answers ask for."""
    if case.outcome != Outcome.GRANTED or not (items := items_of(case)):
        return
    title = Words(zh=case.title, en=case.item.title_en)
    money.charge(case.applicant, department=case.department, thing=case, reason=REASON, title=title, items=items, by=by)


def cancel(case: Case, by: Actor) -> None:
    """Listener: who gets nothing owes nothing more."""
    if case.outcome == Outcome.GRANTED:
        return
    for charge in unpaid(case):
        money.cancel(charge, reason=str(case.get_state_display()), by=by)


def items_of(case: Case) -> list[Item]:
    """What the item charges for these answers, reduced where they say so. What has no fixed amount is not among it."""
    rules = definition(case.version).national
    if not rules.fee.charged:
        return []
    facts = {"applicant": "person" if case.applicant.natural else "body"}
    look = (facts | case.answers).get
    return [_item(one, look) for one in rules.fee.items if one.fen is not None and holds(one.when, look)]


def charges(case: Case) -> list[Charge]:
    """Everything that is or was charged for a case."""
    return list(queries.of_thing(KIND, str(case.pk)))


def unpaid(case: Case) -> list[Charge]:
    """What is still owed for a case."""
    return [one for one in charges(case) if one.state == Charge.State.OPEN]


def require_paid(case: Case) -> None:
    """Raise unless everything charged for the case is paid: its certificate waits for that."""
    if owed := unpaid(case):
        numbers = "、".join(one.number for one in owed)
        raise ValidationError(_("费用还没有缴清（缴费单 %(numbers)s）。缴清后系统自动制证。") % {"numbers": numbers})


def _item(one: FeeItem, look: Callable[[str], Any]) -> Item:
    assert one.fen is not None
    if not (one.reducible and holds(one.reduction_when, look)):
        return Item(one.name, one.fen)
    off = one.fen if one.reduction_fen is None else one.reduction_fen
    return Item(one.name, one.fen, off, one.reduction)
