"""Sample facts for tests: those that the house counts, put in without what they count."""

from datetime import date

from django.db import transaction

from hexi.blocks.indicators import operations
from hexi.blocks.regions.tests import make as regions

DAY = date(2017, 6, 15)


def make_facts(
    amounts=None, *, region=regions.YUMEN, day=DAY, department=None, dimension="tree-felling", **named
) -> None:
    """Add facts of cases: `make_facts(accepted=3, region=…)`."""
    facts = {f"cases.{name}": amount for name, amount in {**(amounts or {}), **named}.items()}
    with transaction.atomic():
        operations.add(facts, region=region, day=day, department=department, dimension=dimension)
