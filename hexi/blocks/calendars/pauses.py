"""Counting along a ruler with the pauses left out; pure, stands beside `clocks`, which builds on it."""

from collections.abc import Iterable
from typing import Protocol

#: a pause as positions on a ruler: [opened, closed), closed None: still open
Gap = tuple[int, int | None]


class Ruler(Protocol):
    """Counts one unit along positions (borders of days, or microseconds)."""

    def before(self, position: int) -> int:
        """How much lies before the position."""

    def reach(self, number: int) -> int:
        """The first position with so much before it."""


def run(ruler: Ruler, start: int, amount: int, gaps: list[Gap]) -> tuple[int | None, int]:
    """Where `amount` has run since `start` outside the gaps; (None, what is left) if a gap stays open before that."""
    for opened, closed in gaps:
        if closed is not None and closed <= start:
            continue
        passed = max(0, ruler.before(opened) - ruler.before(start))
        if passed >= amount:
            break
        amount -= passed
        if closed is None:
            return None, amount
        start = closed
    return ruler.reach(ruler.before(start) + amount), 0


def outside(ruler: Ruler, start: int, end: int, gaps: list[Gap]) -> int:
    """How much runs from `start` to `end` outside the gaps."""
    if end <= start:
        return 0
    total = ruler.before(end) - ruler.before(start)
    for opened, closed in gaps:
        low, high = max(opened, start), min(end if closed is None else closed, end)
        if low < high:
            total -= ruler.before(high) - ruler.before(low)
    return total


def merged(gaps: Iterable[Gap]) -> list[Gap]:
    """Sorted gaps without overlap, nothing after an open one; empty ones are gone."""
    done: list[Gap] = []
    for opened, closed in sorted(gaps, key=lambda gap: gap[0]):
        if closed is not None and closed <= opened:
            continue
        if done and (done[-1][1] is None or opened <= done[-1][1]):
            before, until = done[-1]
            done[-1] = (before, None if until is None or closed is None else max(until, closed))
        else:
            done.append((opened, closed))
    return done
