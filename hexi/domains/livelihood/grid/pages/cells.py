"""Cells and components: lists, one cell with its people and plans, taking in files with their reports."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department, Division
from hexi.domains.livelihood.grid import queries, rules
from hexi.domains.livelihood.grid.drawing import outline
from hexi.domains.livelihood.grid.models import Cell, Component, Duty, Import, Patrol, Rule
from hexi.domains.livelihood.grid.operations import keeping, mapping
from hexi.kernel import clock
from hexi.kernel.actors import Denied, within
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter

CELLS = ListPage(
    title=gettext_lazy("网格"),
    columns=(
        Column("title", gettext_lazy("名称"), sort="title", link=lambda one: reverse("grid.cell", args=[one.code])),
        Column("code", gettext_lazy("网格编码"), sort="code"),
        Column("kind", gettext_lazy("种类"), value="get_kind_display"),
        Column("region_code", gettext_lazy("所在区划")),
        Column("department", gettext_lazy("网格中心"), value="department.title"),
        Column("area", gettext_lazy("面积（公顷）"), value=lambda one: round(one.area_m2 / 10_000, 2), kind="number",
               sort="area_m2"),
    ),
    filters=(Filter("kind", gettext_lazy("种类"), Cell.Kind.choices),),
    search=lambda rows, text: rows.filter(title__contains=text) | rows.filter(code__startswith=text),
    empty=Empty(gettext_lazy("还没有网格。在地图上画，或从 GeoJSON 文件导入后会出现在这里。")),
)  # fmt: skip
COMPONENTS = ListPage(
    title=gettext_lazy("管理部件"),
    columns=(
        Column("title", gettext_lazy("名称"), sort="title"),
        Column("code", gettext_lazy("部件编码"), sort="code"),
        Column("cell", gettext_lazy("所在网格"), value=lambda one: one.cell.title if one.cell else ""),
        Column("owner", gettext_lazy("权属单位"), value=lambda one: one.owner.title if one.owner else ""),
        Column("accuracy", gettext_lazy("定位精度"), value="get_accuracy_display"),
        Column("state", gettext_lazy("状态"), value="get_state_display"),
        Column("place", gettext_lazy("位置说明")),
    ),
    filters=(
        Filter("class", gettext_lazy("类别"), lambda: [(one.key, str(one)) for one in rules.classes()], "subject"),
        Filter("state", gettext_lazy("状态"), Component.State.choices),
    ),
    search=lambda rows, text: rows.filter(code__startswith=text) | rows.filter(title__contains=text),
    empty=Empty(gettext_lazy("还没有部件。从表格导入后会出现在这里。")),
)
CLASSES = ListPage(
    title=gettext_lazy("事件和部件的类别"),
    columns=(
        Column("title", gettext_lazy("类别"), value=str),
        Column("key", gettext_lazy("编码"), sort="key"),
        Column("limit", gettext_lazy("处置时限"), value=lambda one: _length(one, "limit")),
        Column("urgent", gettext_lazy("紧急时限"), value=lambda one: _length(one, "urgent")),
        Column("close", gettext_lazy("结案条件"), value=lambda one: _said(one, "close_when")),
        Column("standard", gettext_lazy("依据"), value=lambda one: one.facts.get("standard", "")),
        Column("unsure", gettext_lazy("核对"), kind="tag", value=lambda one: _sure(one)),
        Column("from", gettext_lazy("自何时起"), value="valid_from", kind="day"),
    ),
    lead=gettext_lazy("类别、时限和结案条件来自数据包；本地用同一编码、较晚生效日期的数据包改定。"),
)


def _length(rule: Rule, key: str) -> str:
    from hexi.blocks.cases.pages.words import length

    found = rule.facts.get(key)
    return length(rules.LimitLine(**found).limit()) if found else ""


def _said(rule: Rule, key: str) -> str:
    found = rule.facts.get(key) or {}
    return str(rules.Words(**found)) if found else ""


def _sure(rule: Rule) -> tuple[str, str]:
    return ("near", _("待核对标准原文")) if rule.facts.get("unsure") else ("done", _("已核对"))


def grid_classes(request: HttpRequest) -> HttpResponseBase:
    """Classes in force."""
    return CLASSES.respond(request, Rule.objects.filter(what=Rule.What.CLASS).on(clock.today()).order_by("key"))


# --- cells ------------------------------------------------------------------------------------------------------------
def cells(request: HttpRequest) -> HttpResponseBase:
    """Cells in use that a post may see."""
    ways = (("grid.draw", _("画网格")), ("grid.take_cells", _("导入")))
    strays = (("grid.strays", _("没有网格的住户")),) if request.actor.scopes("grid.people") else ()  # type: ignore[attr-defined]
    links = _links(request, ways, (("grid.grid_classes", _("事件和部件的类别")), *strays))
    return CELLS.respond(request, queries.cells_for(request.actor), heading_actions=links)  # type: ignore[attr-defined]


def _links(request: HttpRequest, ways: tuple[tuple[str, str], ...], seen: tuple[tuple[str, str], ...] = ()) -> Any:
    """Buttons: `ways` for who may edit, `seen` for everybody who sees the list."""
    shown = (*(ways if request.actor.scopes("grid.edit") else ()), *seen)  # type: ignore[attr-defined]
    links = ((reverse(name), word) for name, word in shown)
    return format_html_join(" ", '<a class="btn btn-secondary" href="{}">{}</a>', links)


def cell(request: HttpRequest, code: str) -> HttpResponse:
    """One cell: its outline, who is responsible, patrols, cameras, homes."""
    found = own_cell(request, code)
    actor = request.actor  # type: ignore[attr-defined]
    facts = {
        "title": found.title, "cell": found, "outline": outline(found.shape, _("网格的轮廓")),
        "duties": found.duties.now().select_related("account"),
        "due": queries.patrols_due(Cell.objects.filter(pk=found.pk)),
        "region": Division.objects.current().filter(code=found.region_code).first(),
        "check_ins": found.check_ins.select_related("account").order_by("-at")[:20],
        "edits": actor.may("grid.edit", found.department_id, found.region_code), "workers": _workers(found),
        "homes": queries.may_see_homes(found, actor),
    }  # fmt: skip
    return render(request, "grid/cell.html", facts)


def _workers(found: Cell) -> list[Account]:
    posts = Account.objects.filter(posts__department=found.department_id, posts__roles="grid_worker", is_active=True)
    held = Duty.objects.now().filter(cell=found).values("account")
    return list(posts.exclude(pk__in=held).distinct().order_by("name"))


def own_cell(request: HttpRequest, code: str) -> Cell:
    """A cell in use that a post may see. Raises `Http404` and `Denied`."""
    found = get_object_or_404(Cell.objects.current().select_related("department"), code=code)
    if not queries.cells_for(request.actor).filter(pk=found.pk).exists():  # type: ignore[attr-defined]
        raise Denied(_("这个网格不在您岗位的范围里。"))
    return found


@require_POST
def change_cell(request: HttpRequest, code: str, action: str) -> HttpResponse:
    """Make somebody responsible, relieve him, lay down a patrol, end one; end the cell itself."""
    found, by, given = own_cell(request, code), request.actor, request.POST  # type: ignore[attr-defined]
    try:
        if action == "assign":
            mapping.assign(found, get_object_or_404(Account, pk=_number(given, "account")), by=by)
        elif action == "relieve":
            mapping.relieve(get_object_or_404(Duty.objects.now(), pk=_number(given, "duty"), cell=found), by=by)
        elif action == "plan":
            keeping.plan_patrol(found, title=given.get("title", ""), every_days=_number(given, "every_days"), by=by)
        elif action == "end-patrol":
            keeping.end_patrol(get_object_or_404(Patrol, pk=_number(given, "patrol"), cell=found), by=by)
        elif action == "end":
            mapping.end_cell(found, by=by)
            messages.success(request, _("网格已停用。"))
            if found.homes.exists():
                messages.warning(request, _("这里的住户现在没有网格，请归到别的网格：见“没有网格的住户”。"))
            return HttpResponseRedirect(reverse("grid.cells"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("grid.cell", args=[code]))


def _number(given: Any, name: str) -> int:
    text = given.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise ValidationError({name: _("请填写整数。")})
    return int(text)


# --- taking in --------------------------------------------------------------------------------------------------------
class FileForm(forms.Form):
    """A file and how its codes are built."""

    file = forms.FileField(label=gettext_lazy("文件"))
    scheme = forms.ChoiceField(label=gettext_lazy("编码规则"))
    region = forms.ChoiceField(label=gettext_lazy("县（市、区）"))
    department = forms.ModelChoiceField(label=gettext_lazy("网格中心"), queryset=Department.objects.none())


def _form(request: HttpRequest, of: str) -> Any:
    """The form with what this actor may choose."""
    scopes = request.actor.scopes("grid.edit")  # type: ignore[attr-defined]
    offices = Department.objects.filter(within(scopes, "pk"), active=True)
    counties = sorted({code[:6].ljust(12, "0") for code in offices.values_list("region_code", flat=True)})
    names = dict(Division.objects.current().filter(code__in=counties).values_list("code", "name"))

    class Form(FileForm):
        def __init__(self, *given: Any, **more: Any):
            super().__init__(*given, **more)
            self.fields["scheme"].choices = [(one.key, str(one)) for one in rules.schemes(of)]
            self.fields["region"].choices = [(code, names.get(code, code)) for code in counties]
            self.fields["department"].queryset = offices
            if of == "component":
                del self.fields["department"]

    return Form


def take_cells(request: HttpRequest) -> HttpResponseBase:
    """Hand in a GeoJSON file."""

    def save(form: Any) -> str:
        given = form.cleaned_data
        done = mapping.import_cells(
            given["file"].read(), name=given["file"].name, scheme=given["scheme"], region=given["region"],
            department=given["department"], by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
        return reverse("grid.imported", args=[done.pk])

    lead = _(
        "FeatureCollection，坐标为 WGS-84 经纬度；属性 code（编码）、name（名称）、kind（basic 或 special）。"
        "有一个要素不对就都不导入，并逐个写明。"
    )
    return FormPage(_("导入网格"), _("核对并导入"), lead=lead, back=reverse("grid.cells"), icon="upload").respond(
        request, _form(request, "cell"), save
    )


def components(request: HttpRequest) -> HttpResponseBase:
    """Components of the counties a post covers."""
    scopes = request.actor.scopes("grid.view")  # type: ignore[attr-defined]
    reach = within([type(one)(None, one.region) for one in scopes], "owner_id")
    rows = Component.objects.filter(reach).select_related("cell", "owner").order_by("code")
    return COMPONENTS.respond(request, rows, heading_actions=_links(request, (("grid.take_components", _("导入")),)))


def take_components(request: HttpRequest) -> HttpResponseBase:
    """Hand in a table of components."""

    def save(form: Any) -> str:
        given = form.cleaned_data
        done = keeping.import_components(
            given["file"].read(), name=given["file"].name, scheme=given["scheme"], region=given["region"],
            by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
        return reverse("grid.imported", args=[done.pk])

    lead = _("CSV 或 XLSX，表头：编码、名称、经度、纬度、精度、权属单位、地址、状态。好的行导入，不对的行逐行写明。")
    return FormPage(_("导入部件"), _("核对并导入"), lead=lead, back=reverse("grid.components"), icon="upload").respond(
        request, _form(request, "component"), save
    )


def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said about a file."""
    found = get_object_or_404(Import, pk=pk)
    if not request.actor.may("grid.edit", None, found.region_code):  # type: ignore[attr-defined]
        raise Denied
    back = "grid.cells" if found.what == "cells" else "grid.components"
    return render(request, "grid/imported.html", {"title": _("导入结果"), "run": found, "back": reverse(back)})
