"""Who uses a data set or one of its items: blocks and domains that use any declare `Uses` in their manifests."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hexi.blocks.catalog.models import Entry
from hexi.kernel.actors import Actor
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Use:
    """One use: what it is ("办件 · 居住证", a grant's consumer), its columns (empty: all), where to read of it."""

    title: str
    columns: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Uses:
    """A kind of use. `find(entry, by)` tells those the actor may know of; who may not is told their number alone.

    `count(entry)` is the number of all of them in the present, for the quality of use and before a change.
    """

    key: str
    title: Any
    find: Callable[[Entry, Actor], Iterable[Use]]
    count: Callable[[Entry], int]


@dataclass(frozen=True)
class Found:
    """One kind of use as a page shows it: those one may know of, and how many there are."""

    title: Any
    uses: list[Use]
    total: int

    def of(self, columns: Iterable[str]) -> list[Use]:
        """Those that use one of the columns, or all."""
        asked = set(columns)
        return [use for use in self.uses if not use.columns or asked & set(use.columns)]


def found(entry: Entry, by: Actor) -> list[Found]:
    """Every kind of use of an entry that there is any of."""
    kinds = [Found(one.title, list(one.find(entry, by)), one.count(entry)) for one in added(Uses)]
    return [kind for kind in kinds if kind.total]
