"""Finding certificates: a person's, an office's, the one on a piece of paper."""

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from hexi.blocks.certificates import keys, proof
from hexi.blocks.certificates.models import Certificate, Key, State
from hexi.blocks.people.queries import persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within
from hexi.kernel.fixed import Fixed, Given
from hexi.wire.checksums import tidy


def own(actor: Actor) -> QuerySet[Certificate]:
    """Certificates of the persons the actor may act for, newest first."""
    found = Certificate.objects.filter(holder__in=persons_of(actor), superseded=False)
    return found.select_related("type", "document__blob").order_by("-pk")


def seen_by(actor: Actor) -> QuerySet[Certificate]:
    """Certificates an official may look after, newest first."""
    scopes = (*actor.scopes("certificates.revoke"), *actor.scopes("certificates.issue"))
    return Certificate.objects.filter(within(scopes)).select_related("type").order_by("-pk")


def good(holder_id: int, type_key: str) -> QuerySet[Certificate]:
    """Certificates of one type that count for a holder today: an office need not ask for them (716号令 art. 7)."""
    found = in_force(Certificate.objects.filter(holder=holder_id, type__key=type_key))
    return found.filter(valid_from__lte=clock.today()).select_related("type", "document").order_by("-pk")


def in_force(found: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """Those that are valid and not past their last day, whether or not the job has noted its end."""
    return found.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today()), state=State.VALID)


def of_case(kind: str, ref: str) -> list[Certificate]:
    """Certificates a case ended in, the first first."""
    return _OF_CASE.all(kind=kind, ref=str(ref))


_OF_CASE = Fixed(
    lambda: (
        Certificate.objects.filter(case_kind=Given("kind"), case_ref=Given("ref"))
        .select_related("type", "document")
        .order_by("pk")
    )
)


def find(text: str) -> Certificate | None:
    """The certificate with this identifier, or this printed number if only one has it."""
    whole = Certificate.objects.select_related("type", "department")
    found = whole.filter(identifier=tidy(text)).first()
    if found is None and text.strip():
        numbered = whole.filter(number=text.strip(), superseded=False)[:2]
        found = numbered[0] if len(numbered) == 1 else None
    return found


def public_keys() -> Mapping[str, proof.PublicKey]:
    """Every key that has signed here, by id, and those that may."""
    return {key.pk: proof.read_public(key.public) for key in Key.objects.all()} | keys.trusted()
