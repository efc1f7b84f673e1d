"""What happens in the demo's story beside the steps of a case: reports, payments, ratings, appointments."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hexi.blocks.cases import fees, operations
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.operations import rating
from hexi.blocks.market import halls
from hexi.blocks.market import operations as market
from hexi.blocks.market import queries as times
from hexi.blocks.market.models import Queue
from hexi.blocks.money import operations as money
from hexi.blocks.people.actors import Citizen, Official
from hexi.kernel import clock
from hexi.kernel.actors import Actor

Facts = dict[str, Any]


def report(case: Case, actor: Citizen, facts: Facts) -> None:
    """A department says what it thinks in a joint review: the one the actor holds a post in."""
    assert isinstance(actor, Official)
    offices = [one.department_id for one in actor.posts]
    operations.report(case.reviews.get(department__in=offices), by=actor, **facts)


def pay(case: Case, actor: Citizen, facts: Facts) -> None:
    """The office takes what the case owes, at the counter."""
    for charge in fees.unpaid(case):
        money.take(charge, channel=facts.get("channel", "cash"), key=f"story:{charge.pk}", by=actor)


SPECIAL: dict[str, Callable[[Case, Citizen, Facts], Any]] = {
    "report": report,
    "pay": pay,
    "rate": lambda case, actor, facts: rating.rate(case, by=actor, **facts),
    "contact": lambda case, actor, facts: rating.contact(case.rating, by=actor, **facts),
    "answer_rating": lambda case, actor, facts: rating.answer_rating(case.rating, by=actor, **facts),
    "rate_again": lambda case, actor, facts: rating.rate_again(case.rating, by=actor, **facts),
}  # fmt: skip


def book(citizen: Citizen, hall: str, line: str, matter: str, days: int, *, by: Actor) -> None:
    """Book the first free time of a line at least so many days ahead; nothing if the hall offers none."""
    queue = Queue.objects.select_related("hall").get(hall__key=hall, key=line)
    halls.plan(queue, by=by)
    first = clock.now() + timedelta(days=days)
    offer = times.bookable(clock.now()).filter(queue=queue, start__gte=first).order_by("start").first()
    if offer is not None and citizen.account.person is not None:
        market.book(offer, person=citizen.account.person, matter=matter, by=citizen)
