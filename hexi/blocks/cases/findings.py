"""What lint finds in a service item, and the walk over all its texts. Pure; above `items`, below the rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from hexi.blocks.cases.parts import Basis
from hexi.kernel.packs import Words

Where = tuple[str | int, ...]
#: how `hexi new service` marks what is to be filled in
UNFILLED = ("【请改】", "[FILL IN]")
#: what texts stand in
PARTS = (BaseModel, dict, tuple, list)


@dataclass(frozen=True)
class Finding:
    """One thing to mend: the national element's name, where it stands in the file, and the sentence.

    `side` tells which of the two files; an `error` forbids publication, a `warning` does not. `rule` names the rule.
    """

    element: str
    where: Where
    sentence: Words
    side: Literal["item", "office"] = "item"
    severity: Literal["error", "warning"] = "error"
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.element}: {self.sentence.zh} / {self.sentence.en}"


def wrong(element: str, where: Where, zh: str, en: str, **more: Any) -> Finding:
    """A finding in both languages."""
    return Finding(element, where, Words(zh=zh, en=en), **more)


def office(element: str, where: Where, zh: str, en: str) -> Finding:
    """A finding in the implementing item."""
    return wrong(element, where, zh, en, side="office")


def texts(thing: Any, where: Where = (), *, quotes: bool = False) -> Iterable[tuple[Where, Words]]:
    """Every text of an item with its place.

    Quotes of laws are left out unless asked for: a law may say what an office may not.
    """
    found: list[tuple[Where, Any]] = []
    _collect(thing, where, (Words,), () if quotes else (Basis,), found)
    return found


def unfilled(thing: Any, where: Where = ()) -> Iterator[Where]:
    """Places that still carry the mark of `hexi new service`; a text marked in both languages is one place."""
    found: list[tuple[Where, Any]] = []
    _collect(thing, where, (Words, str), (), found)
    for place, one in found:
        said = (one.zh, one.en) if isinstance(one, Words) else (one,)
        if any(mark in text for text in said for mark in UNFILLED):
            yield place


def _collect(
    thing: Any, where: Where, wanted: tuple[type, ...], without: tuple[type, ...], found: list[tuple[Where, Any]]
) -> None:
    """Every part of these kinds with its place. A list and no generators: an import walks ten thousand items thrice."""
    if isinstance(thing, wanted):
        found.append((where, thing))
    elif isinstance(thing, PARTS) and not isinstance(thing, without):
        for name, part in _parts(thing):
            _collect(part, (*where, name), wanted, without, found)


def _parts(thing: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(thing, BaseModel):
        values = vars(thing)
        return [(name, values[name]) for name in type(thing).model_fields]
    return thing.items() if isinstance(thing, dict) else enumerate(thing)
