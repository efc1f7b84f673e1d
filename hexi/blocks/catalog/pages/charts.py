"""A chart of an open data set for people who do not program, and its map: chosen by lists, kept in the address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.catalog import mapped
from hexi.blocks.catalog.models import Entry, ReadWay
from hexi.blocks.catalog.pages.actions import plain
from hexi.blocks.catalog.pages.dcat import open_or_404
from hexi.blocks.catalog.pages.reads import counted
from hexi.blocks.catalog.queries import opened
from hexi.blocks.catalog.store.grammar import Column, Fault, parse
from hexi.blocks.regions.queries import find, region_of
from hexi.ui import charts

#: bars that are drawn, points of a line
BARS, POINTS = 30, 400


def functions() -> list[tuple[str, str]]:
    """What can be worked out of a column."""
    return [("count", _("行数")), ("sum", _("合计")), ("avg", _("平均")), ("min", _("最小")), ("max", _("最大")),
            ("distinct", _("不同的值有几个"))]  # fmt: skip


def chart(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose what to count by what; see it as bars or a line with its table. The address can be passed on."""
    entry = open_or_404(slug)
    if not opened.has_rows(entry):
        raise Http404(_("这个数据集没有可以画图的数据。"))
    columns = opened.askable(entry)
    asked = {name: request.GET.get(name, "")[:200] for name in ("by", "do", "of", "kind", "only", "is")}
    rows, fault = _figures(entry, columns, asked) if asked["by"] else ([], "")
    persons = opened.of_persons(entry)
    do = [one for one in functions() if one[0] == "count"] if persons else functions()
    facts = {
        "title": _("%(name)s：图表") % {"name": entry.name}, "entry": entry, "asked": asked, "rows": rows,
        "fault": fault,
        "names": [(one.name, one.title or one.name) for one in columns if one.name != opened.PERSONS],
        "numbers": [(one.name, one.title or one.name) for one in columns if one.number and not persons],
        "functions": do, "meaning": _meaning(columns, asked, persons), "by": _title(columns, asked["by"]),
        "curve": charts.curve([float(value) for _name, value in rows], _meaning(columns, asked, persons))
        if asked["kind"] == "line" and len(rows) > 1 else "",
        "share": request.build_absolute_uri(), "persons": persons,
        "crumbs": ((_("数据开放"), reverse("catalog.datasets")), (entry.name, reverse("catalog.dataset", args=[slug]))),
    }  # fmt: skip
    return counted(render(request, "catalog/chart.html", facts, status=422 if fault else 200), entry, ReadWay.PAGE)


def _figures(entry: Entry, columns: tuple[Column, ...], asked: dict[str, str]) -> tuple[list[tuple[str, Any]], str]:
    line = asked["kind"] == "line"
    do = asked["do"] or "count"
    said: dict[str, Any] = {
        "group": [asked["by"]], "sort": [asked["by"] if line else "-value"], "limit": POINTS if line else BARS,
        "aggregates": [{"do": do, "field": "" if do == "count" else asked["of"], "as": "value"}],
    }  # fmt: skip
    if asked["only"] and asked["is"]:
        said["where"] = {"field": asked["only"], "op": "=", "value": asked["is"]}
    try:
        found = opened.groups(entry, parse(said, columns))
    except Fault as fault:
        return [], fault.sentence
    except ValidationError as error:
        return [], " ".join(error.messages)
    rows = [(_("（空）") if name is None else str(plain(name)), plain(value)) for name, value in found]
    return [(name, value) for name, value in rows if isinstance(value, int | float)], ""


def _title(columns: tuple[Column, ...], name: str) -> str:
    return next((one.title or one.name for one in columns if one.name == name), name)


def _meaning(columns: tuple[Column, ...], asked: dict[str, str], persons: bool) -> str:
    """What the figures are, in words."""
    do = asked["do"] or "count"
    what = _("人数") if persons else dict(functions()).get(do, do)
    of = "" if do == "count" else _title(columns, asked["of"])
    return f"{of} {what}".strip()


def dataset_map(request: HttpRequest, slug: str) -> HttpResponse:
    """The map of a data set with the same as a table below it."""
    entry = open_or_404(slug)
    region = _region(request)
    drawing, fault = _drawing(entry, region)
    tiles, counts = (drawing.tiles, drawing.layers[0].found.counts) if drawing else ((), {})
    facts = {
        "title": mapped.title(entry), "entry": entry, "drawing": drawing, "fault": fault,
        "data": f"{reverse('catalog.dataset_map_data', args=[slug])}?region={region}",
        "parts": [(one.name, counts[one.code], one.href) for one in tiles if counts.get(one.code)],
        "crumbs": ((_("数据开放"), reverse("catalog.datasets")), (entry.name, reverse("catalog.dataset", args=[slug]))),
        "division": region,
    }  # fmt: skip
    return counted(render(request, "catalog/map.html", facts, status=422 if fault else 200), entry, ReadWay.PAGE)


def dataset_map_data(request: HttpRequest, slug: str) -> HttpResponse:
    """What the script draws."""
    drawing, fault = _drawing(open_or_404(slug), _region(request))
    if drawing is None:
        return JsonResponse({"fault": fault}, status=422)
    return JsonResponse(drawing.data())


def _region(request: HttpRequest) -> str:
    given = request.GET.get("region", "")
    return given if given.isdigit() and len(given) == 12 and find(given) else region_of(request)


def _drawing(entry: Entry, region: str) -> tuple[Any, str]:
    if not opened.has_rows(entry) or mapped.placed(entry) is None:
        raise Http404(_("这个数据集没有地点，画不了地图。"))
    try:
        return mapped.drawing(entry, region), ""
    except Fault as fault:
        return None, fault.sentence
