"""What people book for: a domain says by `Matter` what a "kind:ref" is. Without it nobody can book for that kind."""

from collections.abc import Callable
from dataclasses import dataclass

from hexi.kernel.manifest import added
from hexi.kernel.packs import Words


@dataclass(frozen=True)
class Matter:
    """A kind of matter: `title(ref, region_code)` names it, or gives None where it is not to be booked for."""

    kind: str
    title: Callable[[str, str], Words | None]


def title_of(matter: str, region_code: str) -> Words | None:
    """The name of "item:tree-felling" in a region; None if it is unknown there or cannot be booked for."""
    kind, _colon, ref = matter.partition(":")
    return next((one.title(ref, region_code) for one in added(Matter) if one.kind == kind), None)
