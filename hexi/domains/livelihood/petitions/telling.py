"""What petitioners and handlers are told, in the transaction of the change; a notice never says what it is about."""

from hexi.blocks.cases.models import Clock
from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Account, Person
from hexi.domains.livelihood.petitions.models import Petition
from hexi.kernel.actors import Actor


def _petitioner(petition: Petition) -> list[Person]:
    person = petition.case.applicant
    if person is None:
        return []
    return [person if person.natural or person.representative is None else person.representative]


def received(petition: Petition, by: Actor) -> None:
    """It has a number and a day."""
    due = Clock.objects.filter(case=petition.case, kind="register").values_list("due", flat=True).first()
    _tell("petitions.received", petition, by, due=due or "")


def told(petition: Petition, by: Actor) -> None:
    """A numbered notice is there."""
    _tell("petitions.told", petition, by)


def concluded(petition: Petition, by: Actor) -> None:
    """The opinion is there: please receive it."""
    _tell("petitions.concluded", petition, by)


def named(petition: Petition, account: Account, by: Actor) -> None:
    """Somebody is to handle it."""
    tell([account], "petitions.named", facts={"number": petition.case.number}, by=by)


def _tell(key: str, petition: Petition, by: Actor, **facts: object) -> None:
    people = _petitioner(petition)
    if people:
        # tied to nothing: whoever mends channels sees no way from the notice to the petition
        tell(people, key, facts={"number": petition.case.number, **facts}, by=by)  # type: ignore[dict-item]
