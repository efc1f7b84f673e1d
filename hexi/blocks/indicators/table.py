"""One table of figures as the address asks for it: which slice, split how, its rows. Above queries."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from hexi.blocks.indicators import queries
from hexi.blocks.indicators.counted import Counted, Slice, sources
from hexi.blocks.indicators.definitions import Indicator
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department, Division
from hexi.kernel import clock

Href = Callable[[tuple[str, ...], Slice], str]


@dataclass(frozen=True)
class Cell:
    """One figure, exact; `href` opens what is behind it."""

    value: Decimal | None
    href: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table; `href` goes down into it."""

    title: str
    cells: tuple[Cell, ...]
    href: str = ""


class Asked:
    """What the address asks: region, days, department, item, and by what the table is split."""

    def __init__(self, request: HttpRequest, region: str):
        given = request.GET
        today = clock.today()
        first, last = _day(given.get("from")), _day(given.get("to")) or today
        first = first or last.replace(day=1) - timedelta(days=334)
        wanted, office = given.get("region", ""), given.get("department", "")
        self.slice = Slice(
            first=min(first, last),
            last=max(first, last),
            region=wanted if codes.is_code(wanted) else region,
            department=int(office) if office.isdecimal() and len(office) < 18 else None,
            dimension=given["dimension"] if given.get("dimension") else None,
            own=given.get("own") == "1" and codes.is_code(wanted),
        )
        self.by = (
            given.get("by") if given.get("by") in ("region", "department", "dimension", "month", "year") else "region"
        )

    def address(self, by: str | None = None, part: Slice | None = None, **more: str) -> str:
        """The same page for another slice or split."""
        return "?" + urlencode({**asking(part or self.slice), "by": by or self.by, **more})


def asking(part: Slice) -> dict[str, str]:
    """A slice as it stands in an address."""
    found = {"from": part.first.isoformat(), "to": part.last.isoformat(), "region": part.region}
    if part.department is not None:
        found["department"] = str(part.department)
    if part.dimension is not None:
        found["dimension"] = part.dimension
    if part.own:
        found["own"] = "1"
    return found


def rows(asked: Asked, shown: list[Indicator], seen: Q | None, href: Href) -> list[Row]:
    """The table's rows; the same number of queries whatever their number."""
    split = {"region": _by_region, "department": _by_department, "dimension": _by_dimension}.get(asked.by, _by_time)
    return split(asked, shown, seen, href)


def total(asked: Asked, shown: list[Indicator], seen: Q | None, href: Href) -> Row:
    """The line of the whole slice."""
    return _row(_("合计"), "", queries.totals(asked.slice, _facts(shown), seen), asked.slice, shown, href)


def _by_region(asked: Asked, shown: list[Indicator], seen: Q | None, href: Href) -> list[Row]:
    here = asked.slice.region
    below = list(regions.children(here))
    digits = codes.DIGITS[max((one.level for one in below), default=min(codes.level_of(here) + 1, codes.VILLAGE))]
    found = {code.ljust(12, "0"): amounts for code, amounts in
             queries.split(asked.slice, _facts(shown), digits, seen).items()}  # fmt: skip
    names = {one.code: one.title for one in below}
    names |= _former(set(found) - set(names) - {here})
    made = []
    for code in sorted({*names, *found}):
        own = code == here
        part = asked.slice.but(region=code, own=own)
        title, way = (_("本级"), "") if own else (names.get(code, code), asked.address(part=part))
        made.append(_row(title, way, found.get(code, {}), part, shown, href))
    return made


def _former(wanted: set[str]) -> dict[str, str]:
    """Names of divisions that are no more; figures of their time are still theirs."""
    if not wanted:
        return {}
    return {one.code: one.title for one in Division.objects.filter(code__in=wanted).order_by("valid_from")}


def _by_department(asked: Asked, shown: list[Indicator], seen: Q | None, href: Href) -> list[Row]:
    found = queries.split(asked.slice, _facts(shown), "department", seen)
    names = {one.pk: one.title for one in Department.objects.filter(pk__in=list(found))}

    def row(pk: int) -> Row:
        part = asked.slice.but(department=pk)
        way = asked.address("dimension" if asked.slice.dimension is None else "month", part)
        return _row(names.get(pk, _("无部门")), way, found[pk], part, shown, href)

    return [row(pk) for pk in _largest(found, shown)]


def _by_dimension(asked: Asked, shown: list[Indicator], seen: Q | None, href: Href) -> list[Row]:
    found = queries.split(asked.slice, _facts(shown), "dimension", seen)
    owner = source(shown)
    names: Mapping[str, str] = owner.names(found) if owner.names else {}

    def row(key: str) -> Row:
        part = asked.slice.but(dimension=key)
        way = asked.address("region" if asked.slice.department is None else "month", part)
        return _row(names.get(key, key or "—"), way, found[key], part, shown, href)

    return [row(key) for key in _largest(found, shown)]


def _by_time(asked: Asked, shown: list[Indicator], seen: Q | None, href: Href) -> list[Row]:
    found = queries.split(asked.slice, _facts(shown), asked.by, seen)

    def row(start: date) -> Row:
        first, last = max(start, asked.slice.first), min(_end(start, asked.by), asked.slice.last)
        part = asked.slice.but(first=first, last=last)
        title = str(start.year) if asked.by == "year" else f"{start:%Y-%m}"
        return _row(title, asked.address("region", part), found.get(start, {}), part, shown, href)

    return [row(start) for start in queries.starts(asked.slice, asked.by)]


def _end(start: date, by: str) -> date:
    length = 366 if by == "year" else 31
    after = (start + timedelta(length)).replace(day=1)
    return (after.replace(month=1) if by == "year" else after) - timedelta(1)


def _row(title: str, way: str, amounts: dict[str, int], part: Slice, shown: list[Indicator], href: Href) -> Row:
    return Row(title, tuple(_cell(one, amounts, part, href) for one in shown), way)


def _cell(one: Indicator, amounts: dict[str, int], part: Slice, href: Href) -> Cell:
    """A rate opens everything it is made of."""
    value = one.value(amounts)
    there = value is not None if one.over else value
    return Cell(value, href(tuple(dict.fromkeys(one.facts)), part) if there else "")


def _largest(found: dict[Any, dict[str, int]], shown: list[Indicator]) -> list[Any]:
    """Keys by their first figure's first fact, the largest first."""
    first = shown[0].facts[-1]
    return sorted(found, key=lambda key: (-found[key].get(first, 0), str(key)))


def _facts(shown: Iterable[Indicator]) -> list[str]:
    return [key for one in shown for key in one.facts]


def source(shown: list[Indicator]) -> Counted:
    """Who counts what the table shows."""
    return sources()[shown[0].facts[0]]


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None
