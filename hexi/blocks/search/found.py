"""What owners declare and hand over: `Searchable` in a manifest, `Found` for each thing. Stands right of operations."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hexi.blocks.regions.models import Site
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Found:
    """One thing that can be found, as its owner says it. `ref` is its key, unique within the kind.

    It is public, unless `person_id` (it is private to this person) or `verb` is given (who holds this right for
    `department_id` and `region_code` finds it; with neither of these, who holds it anywhere); with person and verb,
    either way finds it.
    `weight` lifts it among equals (-100 … 100); `url` is a path of this site. English pages show `body_en` if given.
    """

    kind: str
    ref: str
    title: str
    url: str
    title_en: str = ""
    aliases: tuple[str, ...] = ()
    body: str = ""
    body_en: str = ""
    region_code: str = ""
    department_id: int | None = None
    person_id: int | None = None
    verb: str = ""
    weight: int = 0
    updated: datetime | None = None

    @property
    def public(self) -> bool:
        """True if everybody may find it."""
        return self.person_id is None and not self.verb


@dataclass(frozen=True)
class Searchable:
    """A kind of thing that can be found: a facet of the result page.

    `all()` gives every thing of the kind for `hexi search rebuild`; `verbs` are the rights its entries may ask for.
    With `down` what stands in a region is found also by those who hold the right in one of its parts.
    `chosen(site)` gives the refs that a site of one office or of chosen items shows; without it, it shows all.
    The entries of a kind nobody declares (its domain is switched off) are not found.
    """

    kind: str
    title: Any
    all: Callable[[], Iterable[Found]]
    icon: str = "file"
    order: int = 50
    verbs: tuple[str, ...] = ()
    down: bool = False
    chosen: Callable[[Site], Any] | None = None


def searchables() -> tuple[Searchable, ...]:
    """Every declared kind in the order of the facets."""
    return tuple(sorted(added(Searchable), key=lambda one: one.order))
