"""Sample charges, payments and officials, for the tests of all blocks and for the demo."""

from itertools import count

from hexi.blocks.money import operations
from hexi.blocks.money.models import Charge, Payment
from hexi.blocks.money.operations import Item
from hexi.blocks.people.models import Person
from hexi.blocks.people.tests import make as people
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import Words

BY = System("make")
TITLE = Words(zh="打井许可收费", en="Fee for a well permit")
WATER = Words(zh="水资源费", en="Water fee")
POOR = Words(zh="低保户减半", en="Half for the poor")
#: roles of the shipped roles: who takes money, who gives it back
CLERK, ACCOUNTANT = "clerk", "accountant"
_next = count(1)


def make_charge(payer: Person | None = None, *, fen: int = 12_050, ref: str = "", **given) -> Charge:
    """A charge of one item. `given`: department, reason, items, due, thing, by."""
    facts = {"department": given.pop("department", None) or people.make_department(), "thing": ("tests.well", ref)}
    facts |= {"reason": "fee", "title": TITLE, "items": [Item(WATER, fen)], "by": BY}
    if not ref:
        facts["thing"] = ("tests.well", f"w{next(_next)}")
    return operations.charge(payer or people.make_person(), **(facts | given))


def make_payment(charge: Charge | None = None, *, channel: str = "cash", **given) -> Payment:
    """A payment taken at the counter. `given`: reference, fen, key, by."""
    charge = charge or make_charge()
    facts = {"key": f"k{next(_next)}", "by": BY, "reference": "" if channel == "cash" else f"S{next(_next):06d}"}
    return operations.take(charge, channel=channel, **(facts | given))


def make_official(role: str = CLERK, charge: Charge | None = None) -> Actor:
    """An actor with one post at the charge's office."""
    office = charge.department if charge else people.make_department()
    return people.acting(people.make_official(role, department=office, region_code=office.region_code))


def fresh(thing):
    """The same row as it stands now."""
    return type(thing).objects.get(pk=thing.pk)
