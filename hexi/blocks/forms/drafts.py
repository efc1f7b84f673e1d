"""What a manifest adds so that its things can be applied for: where a draft's definition is found and shown.

Stands beside `definitions`, below `queries`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hexi.blocks.forms.definitions import Form, Slot
from hexi.blocks.forms.models import Draft
from hexi.kernel.actors import Actor
from hexi.kernel.manifest import added
from hexi.kernel.packs import Words


@dataclass(frozen=True)
class Definition:
    """What is asked: the form and the places for materials, under the name of what is applied for."""

    title: Words
    form: Form
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class DraftKind:
    """Drafts of one kind.

    `find(ref, digest)` gives the version a draft was started with, None if it is gone; `newest(ref)` the digest in
    force ("": withdrawn); `address(draft, step)` the page of a step ("form.<section>", "materials", "check");
    `became(draft)` the page of what a submitted draft became.
    """

    key: str
    find: Callable[[str, str], Definition | None]
    newest: Callable[[str], str]
    address: Callable[[Draft, str], str]
    became: Callable[[Draft], str] | None = None


@dataclass(frozen=True)
class Known:
    """A source of answers that the state knows already, so that they need not be asked: certificates, data sets.

    `title` is shown beside the answer; `find(person_id, what, by)` gives the raw answer, None if there is none or the
    actor may not see it. `offers(what)` is False for what the source will never have (lint). A source that fills drafts
    in by itself (`operations.fill`) has only its title: no field can name it.
    """

    key: str
    title: object
    find: Callable[[int, str, Actor], Any] | None = None
    offers: Callable[[str], bool] | None = None


def known_of(key: str) -> Known | None:
    """The source of this key, if the part of the house that owns it is switched on."""
    return next((one for one in added(Known) if one.key == key), None)


def kind_of(key: str) -> DraftKind:
    """The draft kind of this key. Raises `LookupError` if the part of the house that owns it is switched off."""
    for kind in added(DraftKind):
        if kind.key == key:
            return kind
    raise LookupError(f"no DraftKind {key!r}: is its domain switched off?")
