"""Harvest at the workbench: catalogues of others that are asked, their runs, what became of each data set."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.catalog.models import HarvestKind, HarvestSource, ObjectState
from hexi.blocks.catalog.operations import harvest as operations
from hexi.blocks.catalog.queries import harvest as queries
from hexi.blocks.catalog.queries.entries import KEEP, offices
from hexi.blocks.regions.models import Department
from hexi.ui import words
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

SOURCES = ListPage(
    title=gettext_lazy("外部目录采集"),
    lead=gettext_lazy("按时到别的开放数据网站（CKAN 或 DCAT）取目录。取到的条目归所选的部门，许可明确的才向社会开放。"),
    columns=(
        Column("name", gettext_lazy("名称"), link=lambda one: reverse("catalog.harvest_source", args=[one.pk])),
        Column("kind", gettext_lazy("接口"), value="get_kind_display"),
        Column("provider", gettext_lazy("归哪个部门"), value="provider.title"),
        Column("taken", gettext_lazy("已取入"), kind="number"),
        Column("bad", gettext_lazy("没有取入"), kind="number"),
        Column("next_at", gettext_lazy("下次采集"), kind="moment",
               value=lambda one: one.next_at if one.active else None),
        Column("active", gettext_lazy("状态"), kind="tag",
               value=lambda one: ("done", _("在用")) if one.active else ("off", _("已停用"))),
    ),
    empty=Empty(gettext_lazy("还没有登记外部目录。"), icon="download"),
)  # fmt: skip
OBJECTS = ListPage(
    title=gettext_lazy("采集的数据集"),
    columns=(
        Column("title", gettext_lazy("名称"), value=lambda one: str(one),
               link=lambda one: reverse("catalog.entry", args=[one.entry_id]) if one.entry_id else ""),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("fault", gettext_lazy("原因")),
        Column("at", gettext_lazy("时间"), kind="moment", sort="at"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("bad", gettext_lazy("没有取入"), lambda rows: rows.filter(state=ObjectState.BAD)),
    ),
    filters=(Filter("state", gettext_lazy("状态"), lambda: list(ObjectState.choices)),),
    empty=Empty(gettext_lazy("还没有采集到数据集。"), icon="download"),
    template="catalog/harvest_source.html",
)  # fmt: skip


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def harvest_sources(request: HttpRequest) -> HttpResponseBase:
    """The catalogues one keeps."""
    add = format_html('<a class="btn btn-primary" href="{}">{}</a>', reverse("catalog.add_harvest"), _("登记外部目录"))
    return SOURCES.respond(request, queries.sources(_actor(request)), heading_actions=add)


class SourceForm(forms.Form):
    """A catalogue."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("接口"), choices=HarvestKind.choices, widget=forms.RadioSelect)
    url = forms.CharField(
        label=gettext_lazy("网址"), max_length=500,
        help_text=gettext_lazy("CKAN 写网站首页，DCAT 写目录文件，例如 https://data.example.org/catalog.ttl。"),
    )  # fmt: skip
    provider = forms.ModelChoiceField(label=gettext_lazy("归哪个部门"), queryset=Department.objects.none())
    classification = forms.CharField(
        label=gettext_lazy("分类码"), max_length=30, help_text=gettext_lazy("例如 207001。")
    )
    hours = forms.IntegerField(label=gettext_lazy("隔多少小时采集一次"), initial=24, min_value=1)

    def __init__(self, *args: Any, actor: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = offices(actor, KEEP)  # type: ignore[attr-defined]


def add_harvest(request: HttpRequest) -> HttpResponseBase:
    """One more."""
    actor = _actor(request)

    def save(form: SourceForm) -> str:
        said = dict(form.cleaned_data)
        source = operations.add_source(said.pop("provider"), by=actor, **said)
        messages.success(request, _("已登记，很快开始采集。"))
        return reverse("catalog.harvest_source", args=[source.pk])

    page = FormPage(_("登记外部目录"), _("登记"), back=reverse("catalog.harvest_sources"))
    return page.respond(request, lambda *args, **kwargs: SourceForm(*args, actor=actor, **kwargs), save)


def harvest_source(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One: its runs, and what became of each data set."""
    source = _source(request, pk)
    runs = format_html_join(
        "", "<li><span>{} · {}</span> <span class=\"soft\">{}</span></li>",
        ((words.moment(one.started), one.get_state_display(), one.fault or _("读了 %(n)s 页") % {"n": one.pages})
         for one in queries.runs(source)),
    )  # fmt: skip
    crumbs = ((SOURCES.title, reverse("catalog.harvest_sources")),)
    return OBJECTS.respond(request, queries.met(source), title=source.name, source=source, runs=runs, crumbs=crumbs)


@require_POST
def ask_harvest(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it now."""
    operations.want(_source(request, pk), by=_actor(request))
    messages.success(request, _("已安排，几分钟后刷新页面看结果。"))
    return HttpResponseRedirect(reverse("catalog.harvest_source", args=[pk]))


@require_POST
def end_harvest(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it no more."""
    operations.end_source(_source(request, pk), by=_actor(request))
    messages.success(request, _("已停用。取入的条目保留。"))
    return HttpResponseRedirect(reverse("catalog.harvest_sources"))


def _source(request: HttpRequest, pk: int) -> HarvestSource:
    found = queries.sources(_actor(request)).filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有这个外部目录，或者不归您管。"))
    return found
