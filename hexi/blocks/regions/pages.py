"""Choosing a region (with and without JavaScript), entering a site, and the officials' lists of both."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from markupsafe import Markup, escape

from hexi.blocks.regions import codes, operations, queries
from hexi.blocks.regions.models import Department, Division, DivisionQuerySet, Site
from hexi.kernel import clock
from hexi.kernel.actors import Scope, require, within
from hexi.ui import words
from hexi.ui.doors import Masthead
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.preferences import set_choice
from hexi.ui.tables import Column, Empty, Filter, SavedView

#: results of a search shown at once
FOUND = 30


def masthead(request: HttpRequest) -> Masthead:
    """Name and region of the site this request is at; found once a request, as a page asks several times."""
    if not hasattr(request, "_regions_masthead"):
        request._regions_masthead = _masthead(request)  # type: ignore[attr-defined]
    return request._regions_masthead  # type: ignore[attr-defined]


def _masthead(request: HttpRequest) -> Masthead:
    site = queries.site_of(request)
    region = queries.find(queries.region_of(request))
    ask: dict[str, str] = {"next": f"{reverse('regions.here')}?{urlencode({'next': request.path})}"}
    if site.host or site.department_id:
        ask["under"] = site.region_code
    return Masthead(
        title=site.title,
        region=region.title if region else "",
        region_url=f"{reverse('regions.pick')}?{urlencode(ask)}",
        host=site.run_by,
        lines=_lines(site),
    )


def _lines(site: Site) -> tuple[str, ...]:
    """What the foot owes its readers: 备案号 with a link to where it can be checked, 标识码, contact; what is set."""
    lines = []
    if site.reached_by:
        lines.append(escape(_("联系方式：%(text)s") % {"text": site.reached_by}))
    if site.record:
        lines.append(Markup('<a href="https://beian.miit.gov.cn/" rel="external">{}</a>').format(site.record))
    if site.site_code:
        lines.append(escape(_("政府网站标识码：%(code)s") % {"code": site.site_code}))
    return tuple(lines)


# --- choosing a region -----------------------------------------------------------------------------------------------


class Ask:
    """What the address of the picker asks for.

    `next`: where the choice is taken, as the parameter `name`; `under`: choose only inside this code; `level`: at
    least this deep (1 province to 5 village); `code`: where one is in the drill-down; `q`: words to search.
    """

    def __init__(self, request: HttpRequest):
        given = request.GET.get
        self.next = _own(request, given("next"), reverse("regions.here"))
        self.name = given("name", "") if re.fullmatch(r"[a-z_]{1,40}", given("name", "")) else "region"
        self.under = given("under", "") if codes.is_code(given("under", "")) else ""
        self.level = int(given("level", "")) if given("level", "") in list("12345") else 1
        self.text = given("q", "").strip()[:60]
        line = queries.path(given("code", "") or self.under)
        self.line = [row for row in line if row.code.startswith(codes.prefix(self.under))]
        self.here = self.line[-1] if self.line else None

    def address(self, code: str = "") -> str:
        """The picker at another division."""
        ask = {"next": self.next, "name": self.name, "level": self.level, "under": self.under, "code": code}
        return f"{reverse('regions.pick')}?{urlencode({key: value for key, value in ask.items() if value})}"

    def chosen(self, row: Division) -> str:
        """Where choosing the division leads; "" if it is not deep enough."""
        if row.level < self.level:
            return ""
        return f"{self.next}{'&' if '?' in self.next else '?'}{urlencode({self.name: row.code})}"

    def onward(self, row: Division) -> str:
        """Where a click on the division leads: villages are chosen at once, others opened."""
        return self.chosen(row) if row.level == codes.VILLAGE else self.address(row.code)

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        """The way down to here, each step a link but the last."""
        start = [] if self.under else [(_("全部地区"), self.address() if self.line else "")]
        return start + [(row.title, "" if row is self.here else self.address(row.code)) for row in self.line]


def pick(request: HttpRequest) -> HttpResponse:
    """Choose a region by search or level by level, by links alone."""
    ask = Ask(request)
    found = list(queries.search(ask.text, under=ask.under)[: FOUND + 1])
    where = queries.places(row.code for row in found)
    # the higher unit comes first: a city's only county of the same name is not offered beside it
    once = {where[row.code]: row for row in reversed(found[:FOUND])}
    facts = {
        "title": _("选择地区"),
        "ask": ask,
        "found": list(reversed(once.items())),
        "more": len(found) > FOUND,
        "rows": queries.children(ask.here.code if ask.here else ask.under),
    }
    return render(request, "regions/pick.html", facts)


def children(request: HttpRequest) -> HttpResponse:
    """The selects of a picker inside a form, again, after one of them changed (asked for by htmx)."""
    given = request.GET.get
    name = given("name", "") if re.fullmatch(r"[\w.\-]{1,80}", given("name", "")) else ""
    if not name:
        raise Http404
    changed = int(given("chosen", "")) if given("chosen", "") in list("01234") else None
    code = queries.chosen_code(request.GET.getlist(name), changed)
    facts = {
        "name": name,
        "label": given("label", "")[:100],
        "required": given("required") != "0",
        "value": code,
        "url": reverse("regions.children"),
        "levels": queries.levels(code),
    }
    return render(request, "regions/children.html", facts)


@never_cache
def here(request: HttpRequest) -> HttpResponse:
    """Keep the chosen region (`region`) for the visitor and go back to `next`."""
    response = HttpResponseRedirect(_own(request, request.GET.get("next"), "/"))
    row = queries.find(request.GET.get("region", ""))
    if row is None:
        messages.warning(request, _("没有这个地区，请重新选择。"))
    elif not row.code.startswith(codes.prefix(queries.site_for(region=row.code).region_code)):
        messages.warning(request, _("%(name)s还没有开通。") % {"name": row.title})
    else:
        set_choice(response, queries.REGION_COOKIE, row.code)
        response.delete_cookie(queries.SITE_COOKIE)
    return response


@never_cache
def site(request: HttpRequest, key: str) -> HttpResponse:
    """The address of one site of the group: go in and stay in it."""
    found = get_object_or_404(Site, key=key)
    response = HttpResponseRedirect("/")
    set_choice(response, queries.SITE_COOKIE, found.key)
    set_choice(response, queries.REGION_COOKIE, found.region_code)
    return response


def sites(request: HttpRequest) -> HttpResponse:
    """All sites of the group."""
    rows = list(Site.objects.select_related("department"))
    where = queries.places(row.region_code for row in rows)
    return render(request, "regions/sites.html", {"title": _("网站群"), "sites": rows, "where": where})


def _own(request: HttpRequest, address: str | None, otherwise: str) -> str:
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if address and safe else otherwise


# --- for officials ---------------------------------------------------------------------------------------------------

DIVISIONS = ListPage(
    title=gettext_lazy("行政区划"),
    columns=(
        Column(
            "name", gettext_lazy("名称"), value="title", link=lambda row: reverse("regions.division", args=[row.code])
        ),
        Column("code", gettext_lazy("区划代码"), sort="code"),
        Column("level", gettext_lazy("层级"), value="get_level_display", sort="level"),
        Column("valid_from", gettext_lazy("启用日期"), value="since", kind="day"),
        Column("valid_to", gettext_lazy("停用日期"), kind="day"),
    ),
    filters=(
        Filter("level", gettext_lazy("层级"), Division.Level.choices, "level"),
        Filter("code", gettext_lazy("代码开头"), "text", "code__startswith"),
    ),
    views=(
        SavedView("current", gettext_lazy("现行"), lambda rows: rows.current()),
        SavedView("former", gettext_lazy("历史区划"), lambda rows: rows.exclude(valid_to=None)),
    ),
    search=lambda rows, text: rows.filter(name__contains=text),
    empty=Empty(gettext_lazy("没有符合条件的区划。名单用 hexi regions load 导入。")),
)
DEPARTMENTS = ListPage(
    title=gettext_lazy("部门名录"),
    columns=(
        Column(
            "name", gettext_lazy("名称"), value="title", link=lambda row: reverse("regions.department", args=[row.key])
        ),
        Column("uscc", gettext_lazy("统一社会信用代码")),
        Column("region_code", gettext_lazy("所在区划"), sort="region_code"),
        Column("phone", gettext_lazy("电话")),
        Column("state", gettext_lazy("状态"), value=lambda row: _in_use(row), kind="tag"),
    ),
    filters=(Filter("code", gettext_lazy("代码开头"), "text", "region_code__startswith"),),
    search=lambda rows, text: rows.filter(name__contains=text),
    empty=Empty(gettext_lazy("没有符合条件的部门。部门写在地区数据包的 departments 里。")),
)


def _in_use(row: Department) -> tuple[str, str]:
    return ("done", _("在用")) if row.active else ("off", _("停办"))


def _mine(request: HttpRequest) -> DivisionQuerySet:
    """Divisions inside the regions of the actor's rights; a right within one department counts for its region."""
    scopes = request.actor.scopes("regions.view")  # type: ignore[attr-defined]
    return Division.objects.filter(within([Scope(None, scope.region) for scope in scopes], region="code"))


def divisions(request: HttpRequest) -> HttpResponseBase:
    """Every division the actor may look at."""
    return DIVISIONS.respond(request, _mine(request))


def departments(request: HttpRequest) -> HttpResponseBase:
    """Departments the actor may look at."""
    scopes = request.actor.scopes("regions.view")  # type: ignore[attr-defined]
    return DEPARTMENTS.respond(request, Department.objects.filter(within(scopes, department="id")))


def department(request: HttpRequest, key: str) -> HttpResponse:
    """One department: who, where, when."""
    row = get_object_or_404(Department.objects.select_related("parent"), key=key)
    require(request.actor, "regions.view", row.pk, row.region_code)  # type: ignore[attr-defined]
    page = DetailPage(
        title=row.title,
        tag=("info", _("演示数据")) if row.demo else _in_use(row),
        crumbs=((DEPARTMENTS.title, reverse("regions.departments")),),
        facts=(
            (_("统一社会信用代码"), row.uscc),
            (_("所在区划"), queries.place(row.region_code)),
            (_("上级部门"), row.parent.title if row.parent else None),
            (_("地址"), row.place),
            (_("电话"), row.phone),
            (_("办公时间"), row.open_hours),
        ),
        place="regions.department",
        template="regions/department.html",
    )
    may_edit = request.actor.may("regions.edit", None, row.region_code)  # type: ignore[attr-defined]
    return page.respond(request, row, may_edit=may_edit)


def division(request: HttpRequest, code: str) -> HttpResponse:
    """One division: its names through time, what is inside it, and for those who may, renaming and merging."""
    history = list(Division.objects.filter(code=code).select_related("replaced_by").order_by("-valid_from"))
    if not history:
        raise Http404
    require(request.actor, "regions.view", region=code)  # type: ignore[attr-defined]
    row = history[0]
    may_edit = row.valid_to is None and request.actor.may("regions.edit", None, code)  # type: ignore[attr-defined]
    page = DetailPage(
        title=row.title,
        tag=("done", _("现行")) if row.valid_to is None else ("off", _("不再使用")),
        crumbs=((DIVISIONS.title, reverse("regions.divisions")),),
        facts=(
            (_("区划代码"), row.code),
            (_("层级"), row.get_level_display()),
            (_("所在"), queries.place(codes.parent(code)) or None),
            (_("英文名称"), row.name_en),
            (_("启用日期"), words.day(row.since) or _("未记录")),
            (_("并入"), row.replaced_by.title if row.replaced_by else None),
        ),
        place="regions.division",
        template="regions/division.html",
    )
    inside = queries.children(code) if row.valid_to is None else ()
    return page.respond(request, row, history=history, inside=inside, may_edit=may_edit)


class RenameForm(forms.Form):
    """A new name from a day on. `row` notices when somebody else was first."""

    row = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("新名称"), max_length=100)
    name_en = forms.CharField(
        label=gettext_lazy("英文名称"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("不填则按拼音和类别生成。"),
    )
    on = forms.DateField(
        label=gettext_lazy("生效日期"), widget=forms.DateInput, help_text=gettext_lazy("批复或公告的日期。")
    )


class MergeForm(forms.Form):
    """Into which division, from which day on."""

    row = forms.IntegerField(widget=forms.HiddenInput)
    into = forms.CharField(
        label=gettext_lazy("并入的区划代码"),
        min_length=12,
        max_length=12,
        help_text=gettext_lazy("12 位，须与本区划同级。"),
    )
    on = forms.DateField(
        label=gettext_lazy("生效日期"), widget=forms.DateInput, help_text=gettext_lazy("批复或公告的日期。")
    )


def rename(request: HttpRequest, code: str) -> HttpResponseBase:
    """Rename a division."""

    def save(form: Any) -> str:
        new = operations.rename(
            _same(form, row), name=form.cleaned_data["name"], name_en=form.cleaned_data["name_en"],
            on=form.cleaned_data["on"], by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
        messages.success(request, _("已更名为%(name)s。以前的办件仍显示原来的名称。") % {"name": new.title})
        return reverse("regions.division", args=[code])

    row = _editable(request, code)
    page = FormPage(title=_("更名：%(name)s") % {"name": row.title}, submit=_("更名"), back=_back(code))
    return page.respond(request, RenameForm, save, {"row": row.pk, "name": row.name, "on": clock.today()})


def merge(request: HttpRequest, code: str) -> HttpResponseBase:
    """Merge a division into another."""

    def save(form: Any) -> str:
        into = queries.find(form.cleaned_data["into"])
        if into is None:
            raise ValidationError({"into": _("没有这个代码的现行区划，请核对。")})
        operations.merge([_same(form, row)], into=into, on=form.cleaned_data["on"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已并入%(name)s。") % {"name": into.title})
        return reverse("regions.division", args=[into.code])

    row = _editable(request, code)
    page = FormPage(title=_("合并：%(name)s") % {"name": row.title}, submit=_("合并"), back=_back(code), kind="danger")
    return page.respond(request, MergeForm, save, {"row": row.pk, "on": clock.today()})


def _editable(request: HttpRequest, code: str) -> Division:
    require(request.actor, "regions.edit", region=code)  # type: ignore[attr-defined]
    return get_object_or_404(Division.objects.current(), code=code)


def _same(form: Any, row: Division) -> Division:
    """The row the form was shown for, so that the operation sees if it ended meanwhile."""
    return Division.objects.filter(code=row.code, pk=form.cleaned_data["row"]).first() or row


def _back(code: str) -> str:
    return reverse("regions.division", args=[code])
