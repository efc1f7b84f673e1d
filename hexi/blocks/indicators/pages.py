"""Figures with their tables: for everybody the public ones, at the workbench one's own and what is behind."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.indicators import definitions, queries, table
from hexi.blocks.indicators.counted import Slice, sources
from hexi.blocks.indicators.definitions import Board, Indicator
from hexi.blocks.indicators.table import Asked, Row
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.kernel.packs import Words
from hexi.ui import export
from hexi.ui.pages import Figure


def indicators(request: HttpRequest) -> HttpResponse:
    """Every public board and figure."""
    return _index(request, public=True)


def figure(request: HttpRequest, key: str) -> HttpResponse:
    """A public board or figure of the visitor's region."""
    return _show(request, key, regions.region_of(request))


def work_indicators(request: HttpRequest) -> HttpResponse:
    """Every board and figure for officials."""
    return _index(request, public=False)


def work_figure(request: HttpRequest, key: str) -> HttpResponse:
    """A board or figure of the official's own offices; each number opens what is behind it."""
    scopes = request.actor.scopes("statistics.view")  # type: ignore[attr-defined]
    widest = min((scope.region for scope in scopes), key=len, default="")
    home = widest.ljust(12, "0") if widest else ""
    return _show(request, key, home, queries.reach(request.actor), behind)  # type: ignore[attr-defined]


def behind(keys: tuple[str, ...], part: Slice) -> str:
    """Where the list of what was counted stands; "" if its owner shows none."""
    ask = sources()[keys[0]].behind
    return ask(keys, part) if ask else ""


def _index(request: HttpRequest, *, public: bool) -> HttpResponse:
    page = "indicators.figure" if public else "indicators.work_figure"
    shown = [one for one in definitions.indicators().values() if one.public or not public]
    boards = [board for board in definitions.boards().values() if not public or _public(board)]
    facts = {
        "title": _("指标"),
        "boards": [(board, reverse(page, args=[board.key])) for board in boards],
        "indicators": [(one, reverse(page, args=[one.key])) for one in shown],
    }
    return render(request, "indicators/index.html", facts)


def _public(board: Board) -> bool:
    return all(definitions.indicators()[key].public for key in board.indicators)


def _found(key: str, *, public: bool) -> tuple[Words, Words, list[Indicator]]:
    """Title, sentence and figures of a board, or of one figure."""
    known = definitions.indicators()
    if board := definitions.boards().get(key):
        title, lead, shown = board.title, board.lead, [known[one] for one in board.indicators]
    elif one := known.get(key):
        title, lead, shown = one.title, one.meaning, [one]
    else:
        raise Http404(_("没有这个指标。"))
    if public and not all(one.public for one in shown):
        raise Http404(_("没有这个指标。"))
    return title, lead, shown


def _no_link(keys: tuple[str, ...], part: Slice) -> str:
    return ""


def _show(
    request: HttpRequest, key: str, region: str, seen: Q | None = None, href: table.Href = _no_link
) -> HttpResponse:
    title, lead, shown = _found(key, public=seen is None)
    asked = Asked(request, region)
    rows, total = table.rows(asked, shown, seen, href), table.total(asked, shown, seen, href)
    if request.GET.get("export") == "xlsx":
        return _file(request, str(title), shown, [*rows, total])
    dimension = str(table.source(shown).dimension)
    facts: dict[str, Any] = {
        "title": str(title), "lead": str(lead), "shown": shown, "asked": asked, "rows": rows, "total": total,
        "here": _way(asked), "tabs": _tabs(asked, dimension), "index": _index_of(seen),
        "export": asked.address(export="xlsx"), "narrowed": _narrowed(asked, shown),
    }  # fmt: skip
    facts["figures"] = (
        _single(asked, shown[0], seen, href) if len(shown) == 1 else _many(request, asked, shown, total, seen)
    )
    return render(request, "indicators/figure.html", facts)


def _index_of(seen: Q | None) -> str:
    return reverse("indicators.indicators" if seen is None else "indicators.work_indicators")


def _way(asked: Asked) -> list[tuple[str, str]]:
    """The regions from the province down to the one shown, each a way back up."""
    line = regions.path(asked.slice.region) if asked.slice.region else []
    return [(one.title, asked.address("region", asked.slice.but(region=one.code))) for one in line]


def _narrowed(asked: Asked, shown: list[Indicator]) -> list[tuple[str, str]]:
    """What else narrows the table, each with the address without it."""
    found, part = [], asked.slice
    if part.department is not None:
        office = Department.objects.filter(pk=part.department).first()
        found.append((office.title if office else "—", asked.address("department", part.but(department=None))))
    if part.dimension is not None:
        owner = table.source(shown)
        names = owner.names([part.dimension]) if owner.names else {}
        found.append((names.get(part.dimension, part.dimension), asked.address("dimension", part.but(dimension=None))))
    return found


def _tabs(asked: Asked, dimension: str) -> list[dict[str, Any]]:
    ways = [("region", _("按区划")), ("department", _("按部门")), ("dimension", _("按%(what)s") % {"what": dimension}),
            ("month", _("按月")), ("year", _("按年"))]  # fmt: skip
    return [
        {"title": word, "url": asked.address(by), "active": by == asked.by}
        for by, word in ways
        if by != "dimension" or dimension
    ]


def _many(request: HttpRequest, asked: Asked, shown: list[Indicator], total: Row, seen: Q | None) -> list[Figure]:
    """The figures of a board, each with the way to its own page."""
    page = "indicators.figure" if seen is None else "indicators.work_figure"
    return [
        Figure(
            written(cell.value), str(one.title), str(one.unit),
            reverse(page, args=[one.key]) + asked.address() if seen is not None or one.public else "",
        )
        for one, cell in zip(shown, total.cells, strict=True)
    ]  # fmt: skip


def _single(asked: Asked, one: Indicator, seen: Q | None, href: table.Href) -> list[Figure]:
    """The figure with its trend, what it is made of, and what it was before."""
    points = tuple(float(value) for _start, value in queries.series(asked.slice, one, seen=seen) if value is not None)
    found = queries.compare(asked.slice, one, seen)
    amounts = queries.totals(asked.slice, one.facts, seen)
    figures = [
        Figure(written(found.now), str(one.title), str(one.unit), points=points, note=_better(one)),
        Figure(written(found.before), _("上一时段（环比）"), str(one.unit), note=_change(found.now, found.before)),
        Figure(
            written(found.year_before), _("上年同期（同比）"), str(one.unit), note=_change(found.now, found.year_before)
        ),
    ]
    if one.over:
        figures += [
            Figure(f"{amounts.get(key, 0):,}", sources()[key].facts[key], "", href((key,), asked.slice))
            for key in dict.fromkeys(one.facts)
        ]
    else:
        where = href(one.sum, asked.slice)
        figures[0] = Figure(written(found.now), str(one.title), str(one.unit), where, points, note=_better(one))
    return figures


def _better(one: Indicator) -> str:
    return {"more": _("越高越好"), "less": _("越低越好")}.get(one.better, "")


def _change(now: Any, before: Any) -> str:
    if now is None or before is None:
        return _("没有可比的数")
    return _("差 %(n)s") % {"n": f"{now - before:+,}"}


def written(value: Any) -> str:
    """A figure as pages show it; none is a dash, never a zero."""
    return "—" if value is None else f"{value:,}"


def _file(request: HttpRequest, title: str, shown: list[Indicator], rows: list[Row]) -> HttpResponse:
    heads = [_("名称"), *(f"{one.title} {one.unit}" for one in shown)]
    lines = [[row.title, *("" if cell.value is None else cell.value for cell in row.cells)] for row in rows]
    if request.door == "workbench":  # type: ignore[attr-defined]
        with change(request.actor, "indicators.export", title=title, count=len(lines)):  # type: ignore[attr-defined]
            pass
    response = HttpResponse(export.xlsx(heads, lines), content_type=export.XLSX)
    name = export.file_name(title, "xlsx")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return response
