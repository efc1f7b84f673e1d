"""What payers are told when, in the transaction of the change. Beside operations."""

from hexi.blocks.money.models import Charge, Payment, Refund
from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Person
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words
from hexi.ui.words import money


def charged(charge: Charge, *, by: Actor) -> None:
    """Something is to be paid."""
    _tell(charge, "money.charged", by, sum=money(charge.fen), office=_office(charge))


def received(payment: Payment, *, by: Actor) -> None:
    """Money came, and a receipt lies there; or more came than was owed."""
    charge = payment.charge
    _tell(charge, "money.held" if payment.held else "money.paid", by, sum=money(payment.held or payment.applied))


def given_back(refund: Refund, *, by: Actor) -> None:
    """Money went back."""
    _tell(refund.payment.charge, "money.refunded", by, sum=money(refund.fen), reason=refund.reason)


def readers(charge: Charge) -> list[Person]:
    """The payer, and for a body the person who represents it."""
    payer = charge.payer
    return [payer] if payer.natural or payer.representative is None else [payer.representative]


def _office(charge: Charge) -> Words:
    return Words(zh=charge.department.name, en=charge.department.name_en)


def _tell(charge: Charge, key: str, by: Actor, **facts: object) -> None:
    title = Words(zh=charge.title_zh, en=charge.title_en)
    tell(readers(charge), key, about=charge, facts={"title": title, "number": charge.number, **facts}, by=by)  # type: ignore[dict-item]
