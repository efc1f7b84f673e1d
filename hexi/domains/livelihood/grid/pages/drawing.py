"""Cells drawn on a map: a new one, another border for one that is there. The text field is the way without a map."""

import json
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.regions import mapped as base_maps
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import queries, rules
from hexi.domains.livelihood.grid.mapped import outline
from hexi.domains.livelihood.grid.models import Cell
from hexi.domains.livelihood.grid.operations import mapping
from hexi.domains.livelihood.grid.pages.cells import own_cell
from hexi.kernel.actors import within
from hexi.ui.maps import Ground
from hexi.ui.pages import FormPage
from hexi.wire import geojson

#: cells drawn round the one that is drawn
MOST = 500
EDIT = "grid.edit"


class CellForm(forms.Form):
    """A cell; the map writes `shape`."""

    shape = forms.CharField(
        label=gettext_lazy("边界（GeoJSON）"),
        help_text=gettext_lazy("在地图上画时自动填写；也可以粘贴 Polygon 或 MultiPolygon，WGS-84 经纬度，经度在前。"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    gaps_meant = forms.BooleanField(
        label=gettext_lazy("和相邻网格之间的空隙是有意留的（河流、道路等）"), required=False
    )
    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("种类"), choices=Cell.Kind.choices)
    scheme = forms.ChoiceField(label=gettext_lazy("编码规则"))
    code = forms.CharField(
        label=gettext_lazy("网格编码"),
        max_length=24,
        help_text=gettext_lazy("按编码规则写，里面有村（社区）的区划代码。"),
    )
    department = forms.ModelChoiceField(label=gettext_lazy("网格中心"), queryset=Department.objects.none())

    def __init__(self, *given: Any, offices: Any, **more: Any):
        super().__init__(*given, **more)
        self.fields["scheme"].choices = [(one.key, str(one)) for one in rules.schemes("cell")]  # type: ignore[attr-defined]
        self.fields["department"].queryset = offices  # type: ignore[attr-defined]


class BorderForm(CellForm):
    """The border and name of a cell that is there; `seen` tells whether somebody else was faster."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def __init__(self, *given: Any, **more: Any):
        super().__init__(*given, **more, offices=Department.objects.none())
        for name in ("code", "scheme", "department"):
            del self.fields[name]


def _drawn(form: Any, **more: str) -> mapping.Drawn:
    given = form.cleaned_data
    facts = {"code": given.get("code", ""), "scheme": given.get("scheme", "")} | more
    return mapping.Drawn(
        title=given["title"], kind=given["kind"], geometry=given["shape"], gaps_meant=given["gaps_meant"], **facts
    )


PAGE = FormPage(
    title=gettext_lazy("画网格"), submit=gettext_lazy("核对并保存"), icon="check", template="grid/draw.html",
    lead=gettext_lazy("保存前会核对：编码、自相交、和别的网格重叠、留下的空隙。有不对的会写明，不会丢掉画好的边界。"),
)  # fmt: skip


def draw(request: HttpRequest) -> HttpResponseBase:
    """A new cell."""
    actor = request.actor  # type: ignore[attr-defined]
    offices = Department.objects.filter(within(actor.scopes(EDIT), "pk"), active=True)

    def form(*given: Any, **more: Any) -> CellForm:
        return CellForm(*given, **more, offices=offices)

    def save(form: Any) -> str:
        cell = mapping.draw_cell(_drawn(form), department=form.cleaned_data["department"], by=actor)
        messages.success(request, _("已保存。"))
        return reverse("grid.cell", args=[cell.code])

    home = offices.order_by("pk").values_list("region_code", flat=True).first() or ""
    page = replace(PAGE, back=reverse("grid.cells"))
    return page.respond(request, form, save, ground=_ground(home), data=reverse("grid.draw_map"))


def redraw(request: HttpRequest, code: str) -> HttpResponseBase:
    """Another border or name for a cell."""
    cell, actor = own_cell(request, code), request.actor  # type: ignore[attr-defined]
    back = reverse("grid.cell", args=[code])

    def save(form: Any) -> str:
        drawn = _drawn(form, code=cell.code, scheme=cell.scheme)
        mapping.redraw_cell(cell, drawn, seen=form.cleaned_data["seen"], by=actor)
        messages.success(request, _("已保存。"))
        return back

    initial = {
        "shape": json.dumps(geojson.geometry(cell.shape)), "title": cell.title, "kind": cell.kind,
        "seen": mapping.state_of(cell),
    }  # fmt: skip
    page = replace(PAGE, title=_("改边界：%(name)s") % {"name": cell.title}, back=back)
    data = f"{reverse('grid.draw_map')}?without={cell.code}"
    return page.respond(request, BorderForm, save, initial, ground=_ground(cell.region_code), data=data)


def draw_map(request: HttpRequest) -> HttpResponse:
    """The cells round what is drawn, as GeoJSON: those in `box`, or round the one that is drawn anew."""
    actor = request.actor  # type: ignore[attr-defined]
    without = request.GET.get("without", "")[:24]
    scope = actor.scopes(EDIT)[0].region.ljust(12, "0")
    held = queries.cells_for(actor).filter(code=without).first() if without else None
    box = _box(request.GET.get("box", "")) or (_around(held) if held else rules.extent(scope))
    found = queries.cells_in(actor, box, MOST, without) if box else []
    ground = _ground(held.region_code if held else scope, tuple(outline(one) for one in found))
    return JsonResponse(ground.data(), headers={"Cache-Control": "no-store"})


def _ground(region: str, outlines: Any = ()) -> Ground:
    base = base_maps.base(region, ground=True)
    return Ground("", outlines, rules.extent(region), base.boundaries, base.buildings, base.notes)


def _box(text: str) -> queries.Box | None:
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        return None
    return (west, south, east, north)


def _around(cell: Cell) -> queries.Box:
    """A cell and as much again on each side."""
    wide, high = cell.east - cell.west, cell.north - cell.south
    return cell.west - wide, cell.south - high, cell.east + wide, cell.north + high
