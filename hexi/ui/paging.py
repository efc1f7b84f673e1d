"""Pages of a list that stay fast at a million rows: counting stops at a cap, and so does turning pages."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import QuerySet

#: rows counted and paged at most; beyond it the count says "10,000+" and filters are the way
CAP = 10_000


@dataclass(frozen=True)
class Step:
    """One number of the pager; `number` None is a gap."""

    number: int | None
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class Paging:
    """One page of rows and the way to the others. `total` is capped at CAP; `words` says so."""

    rows: list[Any]
    number: int
    total: int
    words: str
    previous: str
    next: str
    steps: list[Step]
    first: int
    last: int


def capped_count(queryset: QuerySet) -> int:
    """Number of rows, at most CAP + 1: one query that stops early."""
    return queryset.order_by()[: CAP + 1].count()


def count_words(count: int) -> str:
    """The count as people read it: 1,234 or 10,000+."""
    return f"{CAP:,}+" if count > CAP else f"{count:,}"


def page_of(queryset: QuerySet, *, count: int, number: int, per_page: int, address: Callable[[int], str]) -> Paging:
    """Page `number` (from 1; clamped) of an ordered queryset: one query. `count` comes from `capped_count`."""
    pages = max(1, ceil(min(count, CAP) / per_page))
    number = min(max(number, 1), pages)
    start = (number - 1) * per_page
    rows = list(queryset[start : start + per_page])
    return Paging(
        rows=rows,
        number=number,
        total=min(count, CAP),
        words=count_words(count),
        previous=address(number - 1) if number > 1 else "",
        next=address(number + 1) if number < pages else "",
        steps=[_step(one, number, address) for one in numbers(number, pages)],
        first=start + 1 if rows else 0,
        last=start + len(rows),
    )


def _step(one: int | None, number: int, address: Callable[[int], str]) -> Step:
    return Step(None) if one is None else Step(one, address(one), one == number)


def numbers(number: int, pages: int) -> list[int | None]:
    """First, last and the neighbours of a page, None for each gap: 1 … 4 5 6 … 20."""
    shown = sorted({1, number - 1, number, number + 1, pages} & set(range(1, pages + 1)))
    found: list[int | None] = []
    for before, one in zip([0, *shown], shown, strict=False):
        if one - before == 2:
            found.append(one - 1)
        elif one - before > 2:
            found.append(None)
        found.append(one)
    return found
