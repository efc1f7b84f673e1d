"""What people are told when, in the transaction of the change: listens to this domain's hooks. Beside operations."""

from collections.abc import Iterable

from hexi.blocks.cases.models import Clock, clocks_of
from hexi.blocks.notices.contacts import Recipient
from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Person
from hexi.domains.livelihood.requests import queries
from hexi.domains.livelihood.requests.models import Request
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words


def readers(request: Request) -> list[Recipient]:
    """Who hears of an order: who called, if he has an account or is known; for a body who represents it."""
    person: Person | None = request.case.applicant
    if person is None:
        return []
    return [person if person.natural or person.representative is None else person.representative]


def received(request: Request, by: Actor) -> None:
    """It came in and has its number."""
    due = next((one.due for one in clocks_of(request.case) if one.kind == "first"), None)
    _tell(readers(request), "requests.received", request, by, due=due or "")


def noted(request: Request, by: Actor) -> None:
    """Somebody works on it."""
    _tell(readers(request), "requests.noted", request, by, to=_office(request), until=request.promised or "")


def answered(request: Request, by: Actor) -> None:
    """The result; please rate it."""
    _tell(readers(request), "requests.answered", request, by, office=_office(request))


def refused(request: Request, by: Actor) -> None:
    """Not accepted; who is in charge."""
    _tell(readers(request), "requests.refused", request, by, owner=request.next_owner)


def merged(request: Request, by: Actor) -> None:
    """The same matter is being handled already."""
    lead = request.lead
    _tell(readers(request), "requests.merged", request, by, lead=lead.case.number if lead else "")


def extended(request: Request, by: Actor) -> None:
    """It takes longer."""
    clocks = Clock.objects.filter(case=(request.lead or request).case, kind="handle")
    _tell(readers(request), "requests.extended", request, by, due=clocks.values_list("due", flat=True).first() or "")


def again(request: Request, by: Actor) -> None:
    """What it follows was not solved, and goes on."""
    _tell(readers(request), "requests.led_again", request, by, lead=request.lead.case.number if request.lead else "")


def redone(request: Request, by: Actor) -> None:
    """The office hears that it is not over."""
    _tell(queries.handlers(request.case.department), "requests.again", request, by)


def urged(request: Request, by: Actor) -> None:
    """The office hears that somebody waits."""
    _tell(queries.handlers(request.case.department), "requests.urged", request, by)


def _tell(whom: Iterable[Recipient], key: str, request: Request, by: Actor, **facts: object) -> None:
    people = list(whom)
    if not people:
        return
    # of a secret order the notice is tied to nothing: whoever mends channels sees no way from it to the order
    about = None if request.secret else request.case
    tell(people, key, about=about, facts={"number": request.case.number, **facts}, by=by)  # type: ignore[dict-item]


def _office(request: Request) -> Words:
    office = request.case.department
    return Words(zh=request.passed_to or office.name, en=request.passed_to or office.name_en)
