"""Where figures come from: `Counted`, the port by which a block says what it counts; `Slice`, what is asked for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Line:
    """What the owner counts again from its own tables, for one day; the same columns as a `Fact` of a day."""

    key: str
    day: date
    region_code: str
    department_id: int
    dimension: str
    amount: int


@dataclass(frozen=True)
class Slice:
    """Which part of the figures: a region subtree ("" all), days (both included), perhaps a department, an item.

    `own`: what is counted at the region itself (本级), without what lies below it.
    """

    first: date
    last: date
    region: str = ""
    department: int | None = None
    dimension: str | None = None
    own: bool = False

    def but(self, **changes: Any) -> "Slice":
        """The same with something changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Counted:
    """In a manifest: the facts this part keeps. The key of each begins with `owner`.

    `facts`: key → what it is called. `recount(first, last)` counts them again from the owner's tables, what the kept
    figures must equal. `dimension`: what the items are called, `names(keys)` their titles. `behind(keys, slice)` is the
    address of the workbench list with what was counted ("" if there is none); the list checks rights itself.
    """

    owner: str
    facts: Mapping[str, Any]
    recount: Callable[[date, date], Iterable[Line]]
    dimension: Any = ""
    names: Callable[[Iterable[str]], Mapping[str, str]] | None = None
    behind: Callable[[tuple[str, ...], Slice], str] | None = None


@cache
def sources() -> dict[str, Counted]:
    """The owner of every fact that the house counts."""
    return {key: one for one in added(Counted) for key in one.facts}
