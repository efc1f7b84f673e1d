"""Pages of a list that stay fast at a million rows: counting stops at a cap, and so does turning pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import QuerySet

#: rows counted and paged at most; beyond it the count says "10,000+" and filters are the way
CAP = 10_000
#: the same of a list that is searched: the rows are looked for one by one, and nobody turns so many pages
SOUGHT = 1_000
#: rows before a page from which on its keys are looked up first
DEEP = 200


@dataclass(frozen=True)
class Step:
    """One number of the pager; `number` None is a gap."""

    number: int | None
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class Paging:
    """One page of rows and the way to the others. `total` is capped; `words` says so."""

    rows: list[Any]
    number: int
    total: int
    words: str
    previous: str
    next: str
    steps: list[Step]
    first: int
    last: int


def capped_count(queryset: QuerySet, cap: int | None = None) -> int:
    """Number of rows, at most `cap` (CAP) + 1: one query that stops early and asks for no column."""
    rows = queryset.order_by()
    if isinstance(rows, QuerySet) and _plain(rows):
        rows = rows.values("pk")
    return rows[: (cap or CAP) + 1].count()


def _plain(rows: QuerySet) -> bool:
    """True if what is only shown beside the rows can be left out without a row more or less."""
    query = rows.query
    return not (query.combinator or query.group_by or query.distinct or rows._fields is not None)


def count_words(count: int, cap: int | None = None) -> str:
    """The count as people read it: 1,234 or 10,000+."""
    cap = cap or CAP
    return f"{cap:,}+" if count > cap else f"{count:,}"


def page_of(
    queryset: QuerySet, *, count: int, number: int, per_page: int, address: Callable[[int], str], cap: int | None = None
) -> Paging:
    """Page `number` (from 1; clamped) of an ordered queryset: one query. `count` comes from `capped_count`."""
    cap = cap or CAP
    pages = max(1, ceil(min(count, cap) / per_page))
    number = min(max(number, 1), pages)
    start = (number - 1) * per_page
    rows = list(_cut(queryset, start, start + per_page))
    return Paging(
        rows=rows,
        number=number,
        total=min(count, cap),
        words=count_words(count, cap),
        previous=address(number - 1) if number > 1 else "",
        next=address(number + 1) if number < pages else "",
        steps=[_step(one, number, address) for one in numbers(number, pages)],
        first=start + 1 if rows else 0,
        last=start + len(rows),
    )


def _cut(queryset: QuerySet, start: int, end: int) -> Iterable[Any]:
    """The rows of a page. Far in, the keys alone are passed over, which an index holds, and not all the rows before."""
    if start < DEEP or not isinstance(queryset, QuerySet) or queryset.query.combinator or queryset.query.distinct:
        return queryset[start:end]
    return queryset.filter(pk__in=queryset.values("pk")[start:end])


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
