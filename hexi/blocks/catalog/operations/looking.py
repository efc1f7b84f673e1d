"""Who was given a person's data through the exchange, and why: each person's own log of looks; purpose and case first.

Who is registered later finds it too: the hash of his number is kept, and the number itself sealed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from hexi.blocks.audit.operations import change, look
from hexi.blocks.catalog.models import Access, Entry, Grant, Service, Subsystem
from hexi.blocks.people.models import Identifier
from hexi.blocks.people.queries import RESIDENT
from hexi.blocks.people.vault import ring
from hexi.kernel.actors import Actor, Scoped
from hexi.wire import checksums
from hexi.wire.xroad import messages
from hexi.wire.xroad.errors import CLIENT, Fault

#: what a call that is told of persons says besides the case: what for; of a service at an address whose data it asks
PURPOSE, PERSON = "x-hexi-purpose", "x-hexi-person"
#: persons one call to a service may ask about
MOST_PERSONS = 50


@dataclass(frozen=True)
class Consumer(Scoped):
    """Who reads through the exchange, as the log of looks names him."""

    key: str
    name: str


@dataclass(frozen=True)
class Given:
    """What was given, under which call: rows of an entry through its grant, or what a service answered."""

    purpose: str
    case: str
    request_id: str
    entry: Entry | None = None
    grant: Grant | None = None
    service: Service | None = None

    @property
    def title(self) -> str:
        """What the person reads that was looked at."""
        return self.entry.title if self.entry else f"{self.service.subsystem.member.title} {self.service.title}"  # type: ignore[union-attr]


def hashed(numbers: Iterable[str]) -> dict[str, str]:
    """Residents' numbers by the hash they are looked up by."""
    return {ring().lookup(number, RESIDENT): number for number in map(checksums.tidy, numbers)}


def registered(numbers: Mapping[str, str]) -> list[tuple[str, int | None]]:
    """Each hash with the primary key of the person whose number it is, None for who is not registered here."""
    here = Identifier.objects.filter(type=RESIDENT, lookup__in=numbers).values_list("lookup", "person")
    return list((dict.fromkeys(numbers) | dict(here)).items())


def write(
    given: Given, known: Sequence[tuple[str, int | None]], numbers: Mapping[str, str], *, by: Actor, **counts: int
) -> None:
    """Write down whose data were given out: `known` pairs of hash ("" none) and person, `numbers` by hash."""
    Access.objects.bulk_create(
        [
            Access(
                person_hash=hashed, office=by.name[:200], purpose=given.purpose[:300], case=given.case[:255],
                entry=given.entry, grant=given.grant, service=given.service, request_id=given.request_id,
                told=person is not None, number=numbers.get(hashed) if person is None else None,
            )
            for hashed, person in known
            if hashed
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    said = f"{given.purpose}（{given.case}）" if given.case else given.purpose
    with change(by, "catalog.read", given.grant or given.service, persons=len(known), **counts):  # all looks at once
        for person in filter(None, dict.fromkeys(person for _hash, person in known)):
            look(by, given.entry or given.service, purpose=f"{given.title}：{said}", person_id=person)  # type: ignore[arg-type]


# --- calls through the gateway ----------------------------------------------------------------------------------------
def purpose_of(asked: messages.Request) -> str:
    """What a call says it is for."""
    return unquote(asked.header(PURPOSE))


def require_purpose(asked: messages.Request) -> None:
    """Raises `Fault` unless a call for personal data says what for, and in which case."""
    if not asked.header(messages.ISSUE).strip() or not purpose_of(asked).strip():
        raise Fault(
            f"{CLIENT}BadRequest",
            "Personal data: say the case number in X-Road-Issue and the purpose in X-Hexi-Purpose (percent-encoded)",
        )


def ask_service(asked: messages.Request, service_id: int) -> None:
    """A service at an address that answers about persons is about to be asked: each of them finds it in his log.

    Written down before anything is answered. Raises `Fault` for a call that does not say why, or about whom.
    """
    require_purpose(asked)
    numbers = hashed(_persons(asked))
    service = Service.objects.select_related("subsystem__member").get(pk=service_id)
    given = Given(purpose_of(asked), asked.header(messages.ISSUE), asked.request_id, service=service)
    write(given, registered(numbers), numbers, by=_caller(asked))


def _persons(asked: messages.Request) -> list[str]:
    """The residents' numbers in X-Hexi-Person. Raises `Fault` if there is none, one that is wrong, or too many."""
    said = [one for one in unquote(asked.header(PERSON)).split(",") if one.strip()]
    if not 0 < len(said) <= MOST_PERSONS:
        told = (
            f"Say whose data you ask for: 1 to {MOST_PERSONS} numbers in X-Hexi-Person (percent-encoded, with commas)"
        )
        raise Fault(f"{CLIENT}BadRequest", told)
    try:
        return [checksums.read_resident_id(one).number for one in said]
    except checksums.Wrong as error:
        raise Fault(f"{CLIENT}BadRequest", "X-Hexi-Person holds what is no resident's number") from error


def _caller(asked: messages.Request) -> Consumer:
    name = asked.client
    found = Subsystem.objects.select_related("member").get(
        member__instance=name.instance, member__member_class=name.member_class, member__code=name.member,
        code=name.subsystem,
    )  # fmt: skip
    return consumer(found)


def consumer(system: Subsystem) -> Consumer:
    """A system that reads, as the log of looks names it."""
    return Consumer(f"subsystem:{system.pk}", f"{system.member.title} {system.title}")
