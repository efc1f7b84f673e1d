"""The manifest kind by which other blocks say who may read the documents of their things. Beside `hooks`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from hexi.blocks.documents.models import Document
from hexi.kernel.actors import Actor
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Reader:
    """Who, besides the owner, may read the documents of things of one kind ("cases.case"). Nobody unless said.

    `changeable(ref, slot)` tells whether files may still be added to the thing or removed from it (a draft: until it
    is submitted). `adds(actor, ref)`: who hands in to it for its owner (an agent, a counter). `purpose(document)` is
    what the owner reads under "who looked at my data". `fault(document)` says why it no longer counts (a certificate
    revoked); "" while it does. `checks(actor, document)`: whether one who reads may vouch for it (unsaid: he may).
    `made`: whether who made a file without an owner reads it for that alone; not where it may be kept from him later.
    `official`: slots of the office's own papers ("letter": also "letter:…"), nobody's for having put them in.
    """

    of_kind: str
    may: Callable[[Actor, Document], bool]
    changeable: Callable[[str, str], bool] | None = None
    purpose: Callable[[Document], str] | None = None
    adds: Callable[[Actor, str], bool] | None = None
    fault: Callable[[Document], str] | None = None
    checks: Callable[[Actor, Document], bool] | None = None
    made: bool = True
    official: tuple[str, ...] = ()


def readers_of(kind: str) -> list[Reader]:
    """What the manifests say about one kind of thing."""
    return [reader for reader in added(Reader) if reader.of_kind == kind]


def changeable(kind: str, ref: str, slot: str) -> bool:
    """True unless a reader of that kind says that the thing is closed for files."""
    return all(reader.changeable(ref, slot) for reader in readers_of(kind) if reader.changeable)


def may_add(actor: Actor, kind: str, ref: str) -> bool:
    """True if a reader of that kind lets the actor hand in for the owner."""
    return any(reader.adds(actor, ref) for reader in readers_of(kind) if reader.adds)


def may_check(actor: Actor, document: Document) -> bool:
    """True unless a reader of that kind keeps vouching for it to others."""
    return all(reader.checks(actor, document) for reader in readers_of(document.of_kind) if reader.checks)


def kept_from_makers() -> Q:
    """Files that are nobody's own for having made them: all of some kinds of things, some slots of others."""
    kept = Q(of_kind__in=[reader.of_kind for reader in added(Reader) if not reader.made])
    for reader in added(Reader):
        for slot in reader.official:
            kept |= Q(of_kind=reader.of_kind) & (Q(slot=slot) | Q(slot__startswith=f"{slot}:"))
    return kept


def kept_from_maker(document: Document) -> bool:
    """True if the document is one of them."""
    slot = document.slot.partition(":")[0]
    return any(not reader.made or slot in reader.official for reader in readers_of(document.of_kind))


def purpose(document: Document) -> str:
    """What an official looks at the document for, in the words of the thing's block."""
    said = [reader.purpose(document) for reader in readers_of(document.of_kind) if reader.purpose]
    return said[0] if said else document.purpose


def fault(document: Document) -> str:
    """Why what the document shows no longer counts, in words; "" if nothing is known against it."""
    return next((said for one in readers_of(document.of_kind) if one.fault and (said := one.fault(document))), "")
