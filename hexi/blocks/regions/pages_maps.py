"""Base maps at work: what is in force with its approval number, import of boundaries and buildings; their features."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.regions import basemaps, mapped, queries
from hexi.blocks.regions.models import BaseMap
from hexi.kernel.actors import Actor
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, SavedView


def _link(row: BaseMap) -> str:
    return reverse("regions.base_map_page", args=[row.pk])


def _state(row: BaseMap) -> tuple[str, str]:
    return ("off", _("已停用")) if row.ended_at else ("done", _("在用"))


BASE_MAPS = ListPage(
    title=gettext_lazy("底图"),
    lead=gettext_lazy("地图下面的区划边界和建筑。没有导入边界时，只用自绘的示意图。"),
    columns=(
        Column("name", gettext_lazy("名称"), link=_link),
        Column("kind", gettext_lazy("底图种类"), value="get_kind_display"),
        Column("region", gettext_lazy("所在区划"), value="region_code"),
        Column("approval", gettext_lazy("审图号"), value=lambda row: row.approval or "—"),
        Column("by", gettext_lazy("导入人"), value="by_name"),
        Column("at", gettext_lazy("导入时间"), value="at", kind="moment", sort="at"),
        Column("state", gettext_lazy("状态"), value=_state, kind="tag"),
    ),
    views=(
        SavedView("now", gettext_lazy("在用"), lambda rows: rows.filter(ended_at=None)),
        SavedView("all", gettext_lazy("全部")),
    ),
    empty=Empty(gettext_lazy("还没有底图。导入后会出现在这里。"), icon="map-2"),
    template="regions/base_maps.html",
)


class ImportForm(forms.Form):
    """What is asked of somebody who brings a file."""

    kind = forms.ChoiceField(
        label=gettext_lazy("底图种类"),
        choices=[(one.value, one.label) for one in (BaseMap.Kind.BOUNDARIES, BaseMap.Kind.BUILDINGS)],
    )
    region = forms.CharField(
        label=gettext_lazy("区划代码"), min_length=12, max_length=12,
        help_text=gettext_lazy("12 位，例如 620000000000（全省）或 620981000000（一个县）。"),
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    approval = forms.CharField(
        label=gettext_lazy("审图号"), max_length=40, required=False,
        help_text=gettext_lazy("边界必须有，例如 GS（2019）3266号；会写在每一张地图的下边。"),
    )  # fmt: skip
    source = forms.CharField(
        label=gettext_lazy("来源"), max_length=200, help_text=gettext_lazy("谁发布的、哪一天、许可。")
    )
    file = forms.FileField(
        label=gettext_lazy("GeoJSON 文件"),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,.geojson,application/geo+json"}),
    )


def base_maps(request: HttpRequest) -> HttpResponseBase:
    """The base maps of one's regions."""
    actor = _actor(request)
    return BASE_MAPS.respond(request, mapped.in_force(actor), may_import=bool(actor.scopes(basemaps.EDIT)))


def import_map(request: HttpRequest) -> HttpResponseBase:
    """Bring a file of boundaries or buildings; nothing is taken unless all of it is good."""

    def save(form: ImportForm) -> str:
        given: dict[str, Any] = dict(form.cleaned_data)
        take = basemaps.import_boundaries if given.pop("kind") == BaseMap.Kind.BOUNDARIES else basemaps.import_buildings
        file = given.pop("file")
        made = take(file.read(), by=_actor(request), name=file.name, **given)
        messages.success(request, _("已导入 %(n)s 个要素，现在起用在地图上。") % {"n": len(made.features)})
        return reverse("regions.base_map_page", args=[made.pk])

    lead = _(
        "FeatureCollection，坐标为 WGS-84 经纬度。边界的每个要素要有属性 code（区划代码）；"
        "建筑可有 height（米）或 levels（层数）。"
        "有一个要素不对就都不导入，并逐个写明。"
    )
    page = FormPage(_("导入底图"), _("核对并导入"), lead=lead, back=reverse("regions.base_maps"), icon="upload")
    return page.respond(request, ImportForm, save)


def base_map_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One base map: what it is, by whom, with which approval number."""
    row = get_object_or_404(mapped.in_force(_actor(request)), pk=pk)
    page = DetailPage(
        row.name,
        tag=_state(row),
        crumbs=((BASE_MAPS.title, reverse("regions.base_maps")),),
        facts=(
            (_("底图种类"), row.get_kind_display()),
            (_("所在区划"), queries.place(row.region_code)),
            (_("审图号"), row.approval or None),
            (_("来源"), row.source),
            (_("合成"), _("是，不是真实建筑") if row.synthetic else None),
            (_("导入人"), row.by_name),
            (_("范围（经度、纬度）"), _range(row)),
            (_("内容的 SHA-256"), row.digest),
        ),
        template="regions/base_map.html",
    )
    may_end = row.ended_at is None and _actor(request).may(basemaps.EDIT, None, row.region_code)
    return page.respond(request, row, may_end=may_end)


def _range(row: BaseMap) -> str | None:
    return "{:.4f}–{:.4f}, {:.4f}–{:.4f}".format(*(row.box[at] for at in (0, 2, 1, 3))) if row.box else None


@require_POST
def end_base_map(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of force."""
    row = get_object_or_404(mapped.in_force(_actor(request)), pk=pk)
    basemaps.end(row, by=_actor(request))
    messages.success(request, _("已停用，地图改用示意图。"))
    return HttpResponseRedirect(reverse("regions.base_maps"))


def base_map(request: HttpRequest, pk: int, digest: str) -> HttpResponse:
    """The features of a base map for the browser. Boundaries are public, buildings are for officials."""
    row = get_object_or_404(BaseMap, pk=pk, digest__startswith=digest)
    if row.kind == BaseMap.Kind.BUILDINGS and not getattr(_actor(request), "official", False):
        raise Http404
    answer = JsonResponse(mapped.collection(row))
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]
