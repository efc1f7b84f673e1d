"""Reading figures: sums of a slice, split by region, department, item or time; trend, comparison, and the proof."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Substr, TruncMonth, TruncYear

from hexi.blocks.indicators.counted import Counted, Slice
from hexi.blocks.indicators.definitions import Indicator
from hexi.blocks.indicators.models import Fact
from hexi.blocks.regions import codes
from hexi.kernel.actors import Actor, within

Amounts = dict[str, int]
#: what a slice can be split by, besides a number of digits of the region's code
SPLITS = {
    "region": F("region_code"),
    "department": F("department_id"),
    "dimension": F("dimension"),
    "month": TruncMonth("day"),
    "year": TruncYear("day"),
}


def reach(actor: Actor, verb: str = "statistics.view") -> Q:
    """The facts an official may see as his own: those of the departments and regions his posts cover."""
    return within(actor.scopes(verb))


def totals(part: Slice, facts: Iterable[str], seen: Q | None = None) -> Amounts:
    """The amount of each fact in the slice; one query."""
    rows = _facts(part, facts, seen).order_by().values_list("key").annotate(sum=Sum("amount"))
    return dict(rows)


def split(
    part: Slice, facts: Iterable[str], by: str | int | tuple[str, ...], seen: Q | None = None
) -> dict[Any, Amounts]:
    """The same by region, department, dimension, month, year, by the first so many digits of the region, or by
    several of them at once (then the keys are tuples); one query."""
    wanted = by if isinstance(by, tuple) else (by,)
    values = {f"part{place}": _value(one) for place, one in enumerate(wanted)}
    rows = _facts(part, facts, seen).order_by().values("key", **values).annotate(sum=Sum("amount"))
    found: dict[Any, Amounts] = {}
    for row in rows.order_by(*values, "key"):
        name = tuple(row[value] for value in values)
        found.setdefault(name if isinstance(by, tuple) else name[0], {})[row["key"]] = row["sum"]
    return found


def _value(by: str | int) -> Any:
    return Substr("region_code", 1, by) if isinstance(by, int) else SPLITS[by]


def series(part: Slice, indicator: Indicator, by: str = "month", seen: Q | None = None) -> list[tuple[date, Any]]:
    """The figure in every month (or year) of the slice, those with nothing in them too."""
    found = split(part, indicator.facts, by, seen)
    return [(start, indicator.value(found.get(start, {}))) for start in starts(part, by)]


@dataclass(frozen=True)
class Comparison:
    """A figure, the same in the span just before (环比), and in the same span a year before (同比)."""

    now: Decimal | None
    before: Decimal | None
    year_before: Decimal | None


def compare(part: Slice, indicator: Indicator, seen: Q | None = None) -> Comparison:
    """Three spans of the same slice; three queries."""
    length = part.last - part.first + timedelta(1)
    spans = (part, part.but(first=part.first - length, last=part.first - timedelta(1)),
             part.but(first=_year_before(part.first), last=_year_before(part.last)))  # fmt: skip
    return Comparison(*(indicator.value(totals(one, indicator.facts, seen)) for one in spans))


def _facts(part: Slice, facts: Iterable[str], seen: Q | None) -> QuerySet[Fact]:
    rows = Fact.objects.filter(_days(part.first, part.last), key__in=list(dict.fromkeys(facts)))
    if part.own:
        rows = rows.filter(region_code=part.region)
    elif codes.prefix(part.region):
        lowest, beyond = codes.span(part.region)
        rows = rows.filter(region_code__gte=lowest, region_code__lt=beyond)
    if part.department is not None:
        rows = rows.filter(department_id=part.department)
    if part.dimension is not None:
        rows = rows.filter(dimension=part.dimension)
    return rows.filter(seen) if seen is not None else rows


def _days(first: date, last: date) -> Q:
    """Whole months are read from their own rows, the days before and after them one by one."""
    start = first if first.day == 1 else _next_month(first)
    end = _next_month(last) if (last + timedelta(1)).day == 1 else last.replace(day=1)
    if start >= end:
        return Q(grain=Fact.Grain.DAY, day__range=(first, last))
    found = Q(grain=Fact.Grain.MONTH, day__gte=start, day__lt=end)
    if first < start:
        found |= Q(grain=Fact.Grain.DAY, day__gte=first, day__lt=start)
    if end <= last:
        found |= Q(grain=Fact.Grain.DAY, day__gte=end, day__lte=last)
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def starts(part: Slice, by: str) -> Iterator[date]:
    """The first days of the months or years that the slice touches."""
    day = part.first.replace(day=1) if by == "month" else part.first.replace(month=1, day=1)
    while day <= part.last:
        yield day
        day = _next_month(day) if by == "month" else day.replace(year=day.year + 1)


@dataclass(frozen=True)
class Difference:
    """One place where the kept figure is not what its owner counts (or a month not the sum of its days)."""

    key: str
    grain: str
    day: date
    region_code: str
    department_id: int
    dimension: str
    kept: int
    counted: int


def differences(source: Counted, first: date, last: date) -> list[Difference]:
    """The proof that roll-up = detail: every day against the owner's own count, every month against its days."""
    counted: dict[tuple[Any, ...], int] = defaultdict(int)
    for one in source.recount(first, last):
        counted[(one.key, "d", one.day, one.region_code, one.department_id, one.dimension)] += one.amount
    kept: dict[tuple[Any, ...], int] = {}
    rows = Fact.objects.filter(key__in=list(source.facts))
    columns = ("key", "grain", "day", "region_code", "department_id", "dimension")
    for *name, amount in rows.filter(grain="d", day__range=(first, last)).values_list(*columns, "amount").iterator():
        kept[tuple(name)] = amount
    by_month = rows.filter(grain="d").order_by().annotate(month=TruncMonth("day"))
    for *name, amount in by_month.values_list("key", "month", *columns[3:]).annotate(sum=Sum("amount")):
        counted[(name[0], "m", *name[1:])] = amount
    for *name, amount in rows.filter(grain="m").values_list(*columns, "amount").iterator():
        kept[tuple(name)] = amount
    return [
        Difference(*name, kept.get(name, 0), counted.get(name, 0))
        for name in sorted({*kept, *counted})
        if kept.get(name, 0) != counted.get(name, 0)
    ]
