"""Reading documents: who may, which belong to a thing, which can be used again."""

from django.db.models import Q, QuerySet

from hexi.blocks.documents import readers
from hexi.blocks.documents.models import COPY, Blob, Copy, Document
from hexi.blocks.people.queries import persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.fixed import Fixed, Given

_OF_THING = Fixed(lambda: Document.objects.present().of(Given("kind"), Given("ref")).select_related("blob"))

_IN_SLOT = Fixed(
    lambda: Document.objects.present().of(Given("kind"), Given("ref")).filter(slot=Given("slot")).select_related("blob")
)


def of_thing(kind: str, ref: str, slot: str | None = None) -> QuerySet[Document]:
    """Present documents of a thing, in order; of one slot if given."""
    found = Document.objects.present().of(kind, str(ref)).select_related("blob")
    return found if slot is None else found.filter(slot=slot)


def in_slot(kind: str, ref: str, slot: str) -> list[Document]:
    """Present documents of a thing in one slot, in order."""
    return _IN_SLOT.all(kind=kind, ref=str(ref), slot=slot)


def by_slot(kind: str, ref: str) -> dict[str, list[Document]]:
    """Present documents of a thing by the key of their slot. One query."""
    found: dict[str, list[Document]] = {}
    for document in _OF_THING.all(kind=kind, ref=str(ref)):
        found.setdefault(document.slot, []).append(document)
    return found


def own(actor: Actor) -> QuerySet[Document]:
    """Documents of the persons the actor may act for, newest first; before real-name binding those he uploaded.

    Not the annotated copies made of them: those are in `copies`.
    """
    found = Document.objects.present().filter(_mine(actor)).exclude(of_kind=COPY)
    return found.select_related("blob", "owner").order_by("-pk")


def copies(actor: Actor) -> QuerySet[Copy]:
    """Annotated copies of what belongs to the persons the actor may act for, newest first."""
    return Copy.objects.filter(owner__in=persons_of(actor)).select_related("file__blob", "source").order_by("-pk")


def _mine(actor: Actor) -> Q:
    mine = Q(owner__in=persons_of(actor))
    if not actor.key.startswith("account:"):
        return mine
    return mine | (Q(owner=None, made_by=actor.key) & ~readers.kept_from_makers())


def removed(actor: Actor) -> QuerySet[Document]:
    """What the actor took away and can still bring back, latest first."""
    gone = Document.objects.filter(_mine(actor), removed_at__isnull=False, replaced_by=None)
    return gone.select_related("blob", "owner").order_by("-removed_at")


def reusable(actor: Actor, owner_id: int | None, slot: str = "") -> list[Document]:
    """What an owner may hand in again: each content once, not expired, no virus; best level and newest first.

    With `slot`, documents handed in under the same key of material come first.
    """
    found = own(actor).filter(Q(expires=None) | Q(expires__gte=clock.today()), owner=owner_id)
    found = found.exclude(blob__scan=Blob.Scan.INFECTED)
    best: dict[str, Document] = {}
    for document in sorted(found, key=lambda one: (one.slot != slot, one.level, -one.pk)):
        best.setdefault(document.blob_id, document)
    return list(best.values())


def is_own(actor: Actor, document: Document) -> bool:
    """True if the document is the actor's, or of a body he represents."""
    if document.owner_id is None:
        made = actor.key.startswith("account:") and document.made_by == actor.key
        return made and not readers.kept_from_maker(document)
    return document.owner_id in persons_of(actor)


def may_read(actor: Actor, document: Document) -> bool:
    """The owner may, jobs may, and whom a `Reader` of the thing's kind lets.

    Nobody may read what was removed (unless something newer took its place: that is history) or holds a virus.
    """
    gone = document.removed_at is not None and document.replaced_by_id is None
    return not gone and document.blob.scan != Blob.Scan.INFECTED and is_concerned(actor, document)


def is_concerned(actor: Actor, document: Document) -> bool:
    """True for the owner, for jobs, and for whom a `Reader` of the thing's kind names."""
    if isinstance(actor, System) or is_own(actor, document):
        return True
    return any(reader.may(actor, document) for reader in readers.readers_of(document.of_kind))


def may_add(actor: Actor, owner_id: int | None) -> bool:
    """Who may hand in for a person: the person, who represents a body, and counters with `documents.add`."""
    if actor.may("documents.add"):
        return True
    if owner_id is None:
        return actor.key.startswith("account:")
    return owner_id in persons_of(actor)
