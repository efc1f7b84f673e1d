"""Versions of rows at work: listed, looked at, chosen, withheld, opened again by two."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.catalog.models import Entry, Version
from hexi.blocks.catalog.operations import versions
from hexi.blocks.catalog.pages.loads import _actor, _crumbs, _entry, table
from hexi.blocks.catalog.queries import entries
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.store import engine
from hexi.blocks.catalog.store.grammar import Fault, Query
from hexi.kernel.actors import Denied
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage, Section
from hexi.ui.tables import Column, Empty

#: rows shown of a version
SHOWN = 20


def _version_state(version: Version) -> tuple[str, str]:
    if version.current:
        return "done", _("正在用")
    if version.open:
        return "info", _("旧版本，公开")
    return ("near", _("申请重新公开")) if version.asked_key else ("off", _("旧版本"))


VERSIONS = ListPage(
    title=gettext_lazy("数据版本"),
    lead=gettext_lazy("每次装载成的数据都留着，可以换回旧版本。"),
    columns=(
        Column(
            "number",
            gettext_lazy("第几版"),
            kind="number",
            link=lambda one: reverse("catalog.rows_version", args=[one.pk]),
        ),
        Column(
            "state",
            gettext_lazy("状态"),
            value=_version_state,
            kind="tag",
        ),
        Column("rows", gettext_lazy("行数"), kind="number"),
        Column("bytes", gettext_lazy("大小"), kind="size"),
        Column("made_at", gettext_lazy("时间"), kind="moment", sort="made_at"),
        Column("made_name", gettext_lazy("谁")),
    ),
    empty=Empty(gettext_lazy("还没有版本。装载成功一次就有了。"), icon="history"),
)


def row_versions(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The versions of one data set, newest first."""
    entry = _entry(request, pk)
    return VERSIONS.respond(request, entry.versions.order_by("-number"), crumbs=_crumbs(entry))


def rows_version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its columns, its first rows, and choosing it."""
    version = get_object_or_404(Version.objects.select_related("entry"), pk=pk)
    entry = _entry(request, version.entry_id)
    number = {"n": version.number}
    page = DetailPage(
        _("第 %(n)s 版") % number,
        tag=_version_state(version),
        facts=(
            (_("行数"), f"{version.rows:,}"),
            (_("大小"), words.size(version.bytes)),
            (_("时间"), words.moment(version.made_at)),
            (_("谁"), version.made_name),
            (_("校验值"), version.digest),
            (_("数据项"), "、".join(f"{one['name']} {one['type']}" for one in version.fields)),
        ),
        crumbs=(*_crumbs(entry), (_("数据版本"), reverse("catalog.row_versions", args=[entry.pk]))),
        template="catalog/rows_version.html",
    )
    actor = _actor(request)
    may = actor.may(entries.PUBLISH, entry.provider_id, entry.region_code) and version.asked_key != actor.key
    first = [Section(_("开头几行"), _first_rows(version, entry))]
    return page.respond(request, version, first, version=version, may_open=may, own=version.asked_key == actor.key)


def _first_rows(version: Version, entry: Entry) -> Markup:
    try:
        found = engine.rows(queries.stored(version, entry), Query(limit=SHOWN), count=False)
    except (Fault, ValidationError) as error:
        return Markup("<p>{}</p>").format(" ".join(error.messages))
    return table([column.name for column in found.columns], found.rows)


@require_POST
def use_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Show this version from now on."""
    version = get_object_or_404(Version.objects.select_related("entry"), pk=pk)
    _entry(request, version.entry_id)
    try:
        versions.use(version, by=_actor(request))
        messages.success(request, _("现在用第 %(n)s 版。") % {"n": version.number})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("catalog.row_versions", args=[version.entry_id]))


@require_POST
def withhold_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody outside gets this older version any more."""
    version = get_object_or_404(Version.objects.select_related("entry"), pk=pk)
    _entry(request, version.entry_id)
    versions.withhold(version, by=_actor(request))
    messages.success(request, _("第 %(n)s 版不再公开。") % {"n": version.number})
    return HttpResponseRedirect(reverse("catalog.row_versions", args=[version.entry_id]))


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("为什么重新公开"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("审核的人会看到，并留在记录里。"),
    )  # fmt: skip


def ask_to_open_version(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for a withheld version to be opened again."""
    version = get_object_or_404(Version.objects.select_related("entry"), pk=pk)
    entry = _entry(request, version.entry_id)
    back = reverse("catalog.rows_version", args=[pk])

    def save(form: ReasonForm) -> str:
        versions.ask_to_open(version, reason=form.cleaned_data["reason"], by=_actor(request))
        messages.success(request, _("已申请，等另一位审核。"))
        return back

    page = FormPage(_("申请重新公开"), _("申请重新公开"), lead=entry.name, back=back, crumbs=_crumbs(entry))
    return page.respond(request, ReasonForm, save)


@require_POST
def open_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that a withheld version is opened again, or not (`what`)."""
    version = get_object_or_404(Version.objects.select_related("entry"), pk=pk)
    _entry(request, version.entry_id)
    agreed = request.POST.get("what") == "agree"
    try:
        (versions.open_again if agreed else versions.refuse_to_open)(version, by=_actor(request))
        told = _("第 %(n)s 版重新公开。") if agreed else _("第 %(n)s 版仍不公开。")
        messages.success(request, told % {"n": version.number})
    except (Denied, ValidationError) as error:
        messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
    return HttpResponseRedirect(reverse("catalog.rows_version", args=[pk]))
