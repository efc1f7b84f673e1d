"""Other people's alerts at work: the sources, what came from each with all that is wrong with it, upload, ask now."""

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

from hexi.blocks.alerts import outside, queries
from hexi.blocks.alerts.models import Source
from hexi.blocks.alerts.pages import SEVERITIES, received_page
from hexi.ui import words
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, SavedView

LIST = ListPage(
    title=gettext_lazy("外部预警来源"),
    columns=(
        Column("name", gettext_lazy("名称"), link=lambda one: reverse("alerts.source", args=[one.pk])),
        Column("url", gettext_lazy("地址")),
        Column("proven", gettext_lazy("签名证书"), value=lambda one: words.yes_no(bool(one.certificate))),
        Column("good", gettext_lazy("采用"), kind="number"),
        Column("broken", gettext_lazy("有误"), kind="number"),
        Column("asked_at", gettext_lazy("上次查询"), kind="moment"),
        Column("answer", gettext_lazy("结果")),
    ),
    empty=Empty(gettext_lazy("还没有外部来源。登记后会定时取来，检查格式、规则和签名。"), icon="rss"),
    export=False,
    template="alerts/sources.html",
)
RECEIVED = ListPage(
    title=gettext_lazy("外部预警"),
    columns=(
        Column("headline", gettext_lazy("标题"), value=str, link=lambda one: reverse("alerts.received", args=[one.pk])),
        Column("sender", gettext_lazy("发布单位")),
        Column("kind", gettext_lazy("类型")),
        Column("severity", gettext_lazy("严重程度"), value=lambda one: SEVERITIES.get(one.severity, one.severity)),
        Column("sent", gettext_lazy("发布时间"), kind="moment", sort="sent"),
        Column("expires", gettext_lazy("有效到"), kind="moment", sort="expires"),
        Column(
            "faults",
            gettext_lazy("错误"),
            value=lambda one: sum(1 for fault in one.faults if fault["must"]),
            kind="number",
        ),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("at", gettext_lazy("收到时间"), kind="moment", sort="at"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("good", gettext_lazy("采用"), lambda rows: rows.filter(good=True)),
        SavedView("broken", gettext_lazy("有误"), lambda rows: rows.filter(good=False)),
    ),
    empty=Empty(gettext_lazy("还没有收到消息。"), icon="inbox"),
    template="alerts/source.html",
)


def sources(request: HttpRequest) -> HttpResponseBase:
    """Those kept now, with counts."""
    return LIST.respond(request, queries.sources(_actor(request)))


class SourceForm(forms.Form):
    """Who, where, signed by whom."""

    department = forms.ModelChoiceField(label=gettext_lazy("登记单位"), queryset=None)
    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=100, help_text=gettext_lazy("例如“甘肃省气象局”，公众会看到。")
    )
    url = forms.CharField(
        label=gettext_lazy("地址"), max_length=500, required=False,
        help_text=gettext_lazy("CAP 文件、Atom 或 RSS 的地址，以 https:// 开头；只上传文件的不填。"),
    )  # fmt: skip
    certificate = forms.CharField(
        label=gettext_lazy("签名证书"), required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("PEM。没有证书的来源，消息只在工作台看，不对公众显示。"),
    )  # fmt: skip


def add_source(request: HttpRequest) -> HttpResponseBase:
    """One more."""
    actor = _actor(request)
    offices = queries.offices(actor, queries.BRING)

    def form(*args: Any, **kwargs: Any) -> SourceForm:
        made = SourceForm(*args, **kwargs)
        made.fields["department"].queryset = offices  # type: ignore[attr-defined]
        return made

    def save(form: SourceForm) -> str:
        given = dict(form.cleaned_data)
        made = outside.add_source(given.pop("department"), by=actor, **given)
        return reverse("alerts.source", args=[made.pk])

    first = offices.first()
    page = FormPage(_("登记外部来源"), _("登记"), back=reverse("alerts.sources"))
    return page.respond(request, form, save, {"department": first.pk if first else None})


def source(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What came from one source."""
    found = _source(request, pk)
    crumbs = ((_("外部预警来源"), reverse("alerts.sources")),)
    rows = queries.received(_actor(request)).filter(source=found)
    return RECEIVED.respond(request, rows, source=found, title=found.name, crumbs=crumbs)


def received(request: HttpRequest, pk: int) -> HttpResponse:
    """One message with its faults."""
    found = get_object_or_404(queries.received(_actor(request)), pk=pk)
    crumbs = (
        (_("外部预警来源"), reverse("alerts.sources")),
        (found.source.name, reverse("alerts.source", args=[found.source_id])),
    )
    language = "en" if words.english() else "zh"
    faults = [(one["must"], one[language]) for one in sorted(found.faults, key=lambda one: not one["must"])]
    return received_page(request, found, crumbs, "alerts/received.html", faults=faults)


class UploadForm(forms.Form):
    """A file."""

    file = forms.FileField(
        label=gettext_lazy("CAP 文件"), help_text=gettext_lazy("XML；也可以是带有 CAP 消息的 Atom 文件。")
    )


def upload(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take in a file."""
    found, actor = _source(request, pk), _actor(request)

    def save(form: UploadForm) -> str:
        given = form.cleaned_data["file"]
        if given.size > outside.LONGEST:
            raise ValidationError({"file": _("文件超过 %(n)s 字节。") % {"n": outside.LONGEST}})
        taken = outside.take_in(found, given.read(), by=actor)
        said = _("新 %(new)s 条，其中采用 %(good)s 条；已有 %(known)s 条。")
        messages.success(request, said % {"new": taken.new, "good": taken.good, "known": taken.known})
        return reverse("alerts.source", args=[pk])

    page = FormPage(_("上传 CAP 文件"), _("上传"), lead=found.name, back=reverse("alerts.source", args=[pk]))
    return page.respond(request, UploadForm, save)


@require_POST
def ask_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it soon."""
    try:
        outside.want_fetch(_source(request, pk), by=_actor(request))
        messages.success(request, _("正在查询，几秒后刷新看结果。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("alerts.source", args=[pk]))


@require_POST
def end_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask it no more."""
    outside.end_source(_source(request, pk), by=_actor(request))
    messages.success(request, _("已停用这个来源，收到的消息仍保留。"))
    return HttpResponseRedirect(reverse("alerts.sources"))


def _source(request: HttpRequest, pk: int) -> Source:
    found: Source = get_object_or_404(queries.sources(_actor(request)), pk=pk)
    return found


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]
