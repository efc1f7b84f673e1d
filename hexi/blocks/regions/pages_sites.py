"""The workbench's forms for sites and departments: what each shows of itself, what changed, and undoing it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.regions import edits, queries
from hexi.blocks.regions.models import Department, Edit, Site
from hexi.kernel.actors import Scope, require, within
from hexi.kernel.manifest import added
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty

SITES = ListPage(
    title=gettext_lazy("网站"),
    lead=gettext_lazy("网站群：一个程序，每个地区、每个部门可以有自己的网址、名称、页头和事项。"),
    columns=(
        Column(
            "name", gettext_lazy("名称"), value="title", link=lambda row: reverse("regions.edit_site", args=[row.key])
        ),
        Column("host", gettext_lazy("域名"), value=lambda row: row.host or f"/s/{row.key}/"),
        Column("region_code", gettext_lazy("所在区划"), sort="region_code"),
        Column("department", gettext_lazy("部门"), value=lambda row: row.department.title if row.department else ""),
    ),
    empty=Empty(gettext_lazy("还没有网站。网站写在地区数据包的 sites 里。")),
)


class SiteForm(forms.Form):
    """What a site shows of itself."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=200)
    header = forms.CharField(label=gettext_lazy("主办单位"), max_length=200, required=False)
    header_en = forms.CharField(label=gettext_lazy("主办单位（英文）"), max_length=200, required=False)
    host = forms.RegexField(
        r"^[a-z0-9.-]+$", label=gettext_lazy("域名"), max_length=200, required=False,
        help_text=gettext_lazy("不填：只用 /s/ 开头的网址。"),
    )  # fmt: skip
    record = forms.CharField(
        label=gettext_lazy("备案号"), max_length=60, required=False, help_text=gettext_lazy("例如：陇ICP备12345678号")
    )
    site_code = forms.RegexField(
        r"^[0-9]{10}$", label=gettext_lazy("政府网站标识码"), required=False, help_text=gettext_lazy("10 位数字")
    )
    contact = forms.CharField(label=gettext_lazy("联系方式"), max_length=200, required=False)
    contact_en = forms.CharField(label=gettext_lazy("联系方式（英文）"), max_length=200, required=False)
    item_keys = forms.MultipleChoiceField(
        label=gettext_lazy("显示哪些事项"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("一个都不选：全部显示。"),
    )  # fmt: skip


class DepartmentForm(forms.Form):
    """What a department says of itself on guides, letters and its own pages."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    name_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=200)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    address_en = forms.CharField(label=gettext_lazy("地址（英文）"), max_length=200, required=False)
    phone = forms.CharField(label=gettext_lazy("电话"), max_length=40, required=False)
    hours = forms.CharField(label=gettext_lazy("办公时间"), max_length=200, required=False)
    hours_en = forms.CharField(label=gettext_lazy("办公时间（英文）"), max_length=200, required=False)


def work_sites(request: HttpRequest) -> HttpResponseBase:
    """The sites of the regions one may edit."""
    scopes = request.actor.scopes(edits.RIGHT)  # type: ignore[attr-defined]
    rows = Site.objects.filter(within([Scope(None, scope.region) for scope in scopes])).select_related("department")
    return SITES.respond(request, rows)


def edit_site(request: HttpRequest, key: str) -> HttpResponseBase:
    """Change a site."""
    site = get_object_or_404(Site.objects.select_related("department"), key=key)
    require(request.actor, edits.RIGHT, region=site.region_code)  # type: ignore[attr-defined]

    def form(*args: Any, **named: Any) -> SiteForm:
        made = SiteForm(*args, **named)
        if not edits.may_move(request.actor):  # type: ignore[attr-defined]
            host = made.fields["host"]
            host.disabled, host.initial = True, site.host or ""
            host.help_text = _("只有能改全部网站的岗位可以改域名。")
        # what it chose once stays to be seen although it is no longer offered
        offered = dict(choice for one in added(edits.Choosable) for choice in one.of(site))
        kept = {key: key for key in site.item_keys if key not in offered}
        made.fields["item_keys"].choices = [*offered.items(), *kept.items()]  # type: ignore[attr-defined]
        return made

    page = FormPage(
        title=_("网站：%(name)s") % {"name": site.title}, submit=_("保存"), back=reverse("regions.work_sites"),
        crumbs=((SITES.title, reverse("regions.work_sites")),), lead=queries.place(site.region_code),
        template="regions/edit.html",
    )  # fmt: skip
    return _respond(request, page, form, site)


def edit_department(request: HttpRequest, key: str) -> HttpResponseBase:
    """Change a department."""
    department = get_object_or_404(Department, key=key)
    require(request.actor, edits.RIGHT, region=department.region_code)  # type: ignore[attr-defined]
    back = reverse("regions.department", args=[key])
    page = FormPage(
        title=_("部门：%(name)s") % {"name": department.title}, submit=_("保存"), back=back,
        crumbs=((_("部门名录"), reverse("regions.departments")), (department.title, back)),
        lead=_("名称会出现在今后的文书和公章上，已经发出的文书不变。"), template="regions/edit.html",
    )  # fmt: skip
    return _respond(request, page, DepartmentForm, department)


@require_POST
def undo_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what stood there before the last change."""
    edit = get_object_or_404(Edit, pk=pk)
    try:
        edits.undo(edit, by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("已撤销这次改动。"))
    return HttpResponseRedirect(_address(edit.kind, edit.key))


def _respond(
    request: HttpRequest, page: FormPage, form: Callable[..., Any], thing: Site | Department
) -> HttpResponseBase:
    kind = edits.kind_of(thing)

    def save(filled: Any) -> str:
        facts = {name: value for name, value in filled.cleaned_data.items() if name != "seen"}
        if kind == "site":
            facts["host"] = facts["host"] or None
        done = edits.change(thing, facts=facts, by=request.actor, seen=filled.cleaned_data["seen"] or 0)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。") if done else _("没有改动。"))
        return _address(kind, thing.key)

    now = {column: getattr(thing, column) for column in edits.COLUMNS[kind]}
    history = list(edits.edits(thing)[:10])
    last = next((one.pk for one in history if one.undone_at is None), 0)
    shown = [(one, ", ".join(_labels(kind, one)), one.pk == last) for one in history]
    return page.respond(request, form, save, now | {"seen": edits.last_of(thing)}, history=shown)


def _labels(kind: str, edit: Edit) -> list[str]:
    """The columns a change touched, as their form calls them."""
    fields = (SiteForm if kind == "site" else DepartmentForm).base_fields
    return [str(fields[column].label) for column in edit.after]


def _address(kind: str, key: str) -> str:
    return reverse(f"regions.edit_{kind}", args=[key])
