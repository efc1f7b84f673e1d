"""The public statistics: each figure opens what it counts as far as its reader may see it; each table goes to Excel."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

from dateutil.relativedelta import relativedelta
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.cases import facts, queries
from hexi.blocks.cases.models import Item
from hexi.blocks.cases.pages.supervision import behind_address
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.indicators.table import asking
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.ui import export
from hexi.ui.pages import Figure

#: the board of public indicators that shows the same figures place by place
BOARD = "cases"


@dataclass(frozen=True)
class Column:
    """A column of the tables: its head, the property of `queries.Figures`, how it is written, the facts behind it."""

    title: Any
    name: str
    behind: tuple[str, ...]
    digits: int = 0
    unit: str = ""

    def said(self, one: queries.Figures) -> str:
        """The figure as the page writes it."""
        value = attrgetter(self.name)(one)
        return "—" if value is None else f"{value:,.{self.digits}f}{self.unit}"


COLUMNS = (
    Column(gettext_lazy("收件"), "received", ("received",)),
    Column(gettext_lazy("受理"), "accepted", ("accepted",)),
    Column(gettext_lazy("其中视为受理"), "deemed", ("deemed",)),
    Column(gettext_lazy("准予"), "granted", ("granted",)),
    Column(gettext_lazy("不予许可"), "refused", ("refused",)),
    Column(gettext_lazy("办结"), "ended", ("ended",)),
    Column(gettext_lazy("限时办结率"), "in_time_rate", ("in_time", "late"), 2, "%"),
    Column(gettext_lazy("平均工作日"), "mean_days", ("granted", "refused"), 1),
)


@dataclass(frozen=True)
class Line:
    """One line of a table: what it is of, its part of all figures, and whether that is a permit alone."""

    title: str
    part: Slice
    figures: queries.Figures
    permit: bool = False


#: where some facts of a part lead; `permit`: of a permit alone
Opens = Callable[[tuple[str, ...], Slice, bool], str]


def statistics(request: HttpRequest) -> HttpResponse:
    """What came in, was decided and how fast, by month, item and department; every figure from the roll-up."""
    first, last = _span(request)
    prefix = codes.prefix(regions.region_of(request))
    whole = Slice(first, last, prefix.ljust(12, "0") if prefix else "")
    tables = {
        "months": (_("按月"), _("月份"), _months(whole, prefix)),
        "items": (_("按事项"), _("事项"), _items(whole, prefix)),
        "departments": (_("按部门"), _("部门"), _departments(whole, prefix)),
    }
    if (wanted := request.GET.get("sheet", "")) in tables:
        return sheet(*tables[wanted])
    opens = _opens(request)
    months = [one.figures for one in tables["months"][2]]
    facts_ = {
        "title": _("办件统计"), "first": first, "last": last, "open": queries.open_count(prefix),
        "figures": _board(whole, queries.figures(prefix, first, last), months, opens),
        "heads": [column.title for column in COLUMNS],
        "tables": [
            (title, head, [(one.title, _cells(one, opens)) for one in lines], f"?{urlencode(_asked(whole, key))}")
            for key, (title, head, lines) in tables.items()
        ],
    }  # fmt: skip
    return render(request, "cases/statistics.html", facts_)


def sheet(title: str, head: str, lines: Iterable[Line]) -> HttpResponse:
    """One of the tables as an Excel file, with the figures as numbers."""
    heads = [head, *(str(column.title) for column in COLUMNS)]
    rows = [[one.title, *(_number(attrgetter(column.name)(one.figures)) for column in COLUMNS)] for one in lines]
    return export.workbook(title, heads, rows)


def _asked(whole: Slice, key: str) -> dict[str, str]:
    return {"from": whole.first.isoformat(), "to": whole.last.isoformat(), "sheet": key}


def _number(value: float | None) -> Any:
    return "" if value is None else round(value, 2)


def _opens(request: HttpRequest) -> Opens:
    """Officials see the cases themselves; everybody else the decisions made public, and of the rest the board."""
    actor = request.actor  # type: ignore[attr-defined]
    if any(actor.scopes(verb) for verb in queries.OFFICIAL_VERBS):
        return lambda names, part, _permit: behind_address(names, part)
    board, decisions = reverse("indicators.figure", args=[BOARD]), reverse("cases.decisions")

    def public(names: tuple[str, ...], part: Slice, permit: bool) -> str:
        if permit and set(names) <= {"granted", "refused"}:
            asked = {"item": part.dimension or "", "from": part.first.isoformat(), "to": part.last.isoformat()}
            return f"{decisions}?{urlencode(asked | ({'outcome': names[0]} if len(names) == 1 else {}))}"
        return f"{board}?{urlencode(asking(part))}"

    return public


def _cells(one: Line, opens: Opens) -> list[tuple[str, str]]:
    """(figure, where it leads; nowhere if it counts nothing) of each column."""
    made = []
    for column in COLUMNS:
        value = attrgetter(column.name)(one.figures)
        made.append((column.said(one.figures), opens(column.behind, one.part, one.permit) if value else ""))
    return made


def _months(whole: Slice, prefix: str) -> list[Line]:
    rows = queries.by_month(prefix, whole.first, whole.last)
    return [Line(f"{month:%Y-%m}", _month(whole, month), one) for month, one in rows]


def _month(whole: Slice, month: date) -> Slice:
    end = month + relativedelta(months=1, days=-1)
    return whole.but(first=max(whole.first, month), last=min(whole.last, end))


def _items(whole: Slice, prefix: str) -> list[Line]:
    rows = queries.by_item(prefix, whole.first, whole.last)
    keys = [item.key for item, _figures in rows]
    permits = set(Item.objects.filter(key__in=keys, version__national__item_type="01").values_list("key", flat=True))
    return [Line(item.name, whole.but(dimension=item.key), one, item.key in permits) for item, one in rows]


def _departments(whole: Slice, prefix: str) -> list[Line]:
    rows = queries.by_department(prefix, whole.first, whole.last)
    return [Line(office.title, whole.but(department=office.pk), one) for office, one in rows]


def _board(whole: Slice, total: queries.Figures, months: list[queries.Figures], opens: Opens) -> list[Figure]:
    """The large figures with their trend."""

    def address(*names: str) -> str:
        assert all(name in facts.FACTS for name in names)
        return opens(names, whole, False) if total.received else ""

    return [
        Figure(
            total.received, _("收件"), _("件"), address("received"), points=tuple(one.received for one in months)
        ),
        Figure(total.ended, _("办结"), _("件"), address("ended"), points=tuple(one.ended for one in months)),
        Figure(_rate(total.ended_rate), _("办结率"), "%", address("accepted", "finished")),
        Figure(_rate(total.in_time_rate), _("限时办结率"), "%", address("in_time", "late")),
        Figure(_rate(total.mean_days), _("平均用时"), _("工作日"), address("granted", "refused")),
    ]  # fmt: skip


def _span(request: HttpRequest) -> tuple[date, date]:
    """The days asked for in the address; by default the last twelve months."""
    today = clock.today()
    first, last = _day(request.GET.get("from")), _day(request.GET.get("to"))
    last = last or today
    first = first or last.replace(day=1) - timedelta(days=334)
    return (first, last) if first <= last else (last, first)


def _rate(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None
