"""Rows at work: where they come from, files handed in, columns confirmed, each load with its bad rows, versions."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.catalog import matching
from hexi.blocks.catalog.models import Entry, ItemType, Load, LoadState, Rows, Source, Version, Way
from hexi.blocks.catalog.operations import loads as operations
from hexi.blocks.catalog.operations import placing
from hexi.blocks.catalog.operations.placing import DATABASES
from hexi.blocks.catalog.pages.entries import columns_without_items
from hexi.blocks.catalog.queries import entries
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.store import checking, files
from hexi.blocks.catalog.store.checking import Field
from hexi.ui import words
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView


# --- lists ------------------------------------------------------------------------------------------------------------
def _state(source: Source) -> tuple[str, str]:
    if source.last_state:  # type: ignore[attr-defined]
        state = LoadState(source.last_state)  # type: ignore[attr-defined]
        return state.tag, str(state.label)
    return "draft", _("还没有装载")


SOURCES = ListPage(
    title=gettext_lazy("数据装载"),
    lead=gettext_lazy("数据集的数据从哪里来、什么时候来过、有没有错。要登记一个来源，请从目录条目里进来。"),
    columns=(
        Column(
            "title",
            gettext_lazy("数据集"),
            value="entry.name",
            link=lambda one: reverse("catalog.rows", args=[one.entry_id]),
        ),
        Column("provider", gettext_lazy("提供方"), value="entry.provider.title"),
        Column("way", gettext_lazy("来源"), value=lambda one: Way(one.way).label),
        Column("rows", gettext_lazy("行数"), value="rows", kind="number"),
        Column("state", gettext_lazy("最近一次"), value=_state, kind="tag"),
        Column(
            "refreshed", gettext_lazy("数据更新于"), value="entry.refreshed", kind="moment", sort="entry__refreshed"
        ),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("wait", gettext_lazy("待确认"), lambda rows: rows.filter(last_state=LoadState.SEEN)),
        SavedView(
            "wrong",
            gettext_lazy("没有装载成"),
            lambda rows: rows.filter(last_state__in=(LoadState.REFUSED, LoadState.FAILED)),
        ),
    ),
    search=lambda rows, text: rows.filter(entry__title__icontains=text),
    empty=Empty(gettext_lazy("还没有装载数据的数据集。在目录条目里点“数据装载”登记来源。"), icon="database"),
)

LOADS = ListPage(
    title=gettext_lazy("数据装载"),
    columns=(
        Column("name", gettext_lazy("文件或表"), link=lambda one: reverse("catalog.load", args=[one.pk])),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("rows", gettext_lazy("装载行数"), kind="number"),
        Column("bad", gettext_lazy("有误行数"), kind="number"),
        Column("version", gettext_lazy("第几版"), value="version.number", kind="number"),
        Column("by_name", gettext_lazy("谁")),
        Column("made_at", gettext_lazy("时间"), kind="moment", sort="made_at"),
    ),
    empty=Empty(gettext_lazy("还没有装载过。上传一份文件，或现在取一次。"), icon="upload"),
    template="catalog/rows.html",
)
BADS = ListPage(
    title=gettext_lazy("有误的行"),
    columns=(
        Column("line", gettext_lazy("行"), kind="number", sort="line"),
        Column("column", gettext_lazy("列"), sort="column"),
        Column("value", gettext_lazy("写的是")),
        Column("reason", gettext_lazy("为什么"), value=lambda one: checking.REASONS.get(one.reason, one.reason)),
    ),
    filters=(Filter("reason", gettext_lazy("为什么"), lambda: checking.REASONS.items()),),
    empty=Empty(gettext_lazy("没有有误的行。"), icon="circle-check"),
    template="catalog/load.html",
)


def row_sources(request: HttpRequest) -> HttpResponseBase:
    """Every source one looks after, with how its last load went."""
    last = Load.objects.filter(source=OuterRef("pk")).order_by("-pk")
    current = Version.objects.filter(entry=OuterRef("entry"), current=True)
    rows = queries.sources(_actor(request)).annotate(
        last_state=Subquery(last.values("state")[:1]), rows=Subquery(current.values("rows")[:1])
    )
    return SOURCES.respond(request, rows.order_by("-pk"))


def rows(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The loads of one data set, with where its rows come from and what one can do."""
    entry = _entry(request, pk)
    source = Source.objects.filter(entry=entry).first()
    if source is None:
        return HttpResponseRedirect(reverse("catalog.row_source", args=[pk]))
    found = queries.loads(_actor(request)).filter(source=source)
    facts = {
        "source": source,
        "entry": entry,
        "facts": _source_facts(source),
        "missing": not files.available(),
        "waits": found.filter(state=LoadState.SEEN).first(),
        "running": found.filter(state__in=("waiting", "running")).first(),
        "outside": source.way != Way.FILE,
        "title": entry.name,
        "unseen": columns_without_items(entry),
    }
    return LOADS.respond(request, found, crumbs=_crumbs(entry)[:1], **facts)


def _source_facts(source: Source) -> list[tuple[Any, Any]]:
    version = source.entry.versions.filter(current=True).first()
    said = source.settings
    place = said.get("url") or said.get("service") or ""
    if source.way in DATABASES:
        place = f"{said['host']}:{said['port']} {said['database']} {said['table']}"
    folder = queries.drop_folder() / source.entry.slug
    facts = [
        (_("来源"), Way(source.way).label),
        (_("在哪里"), place if said else _("上传，或放进文件夹 %(path)s") % {"path": folder}),
        (
            _("正在用"),
            _("第 %(n)s 版，%(rows)s 行") % {"n": version.number, "rows": f"{version.rows:,}"}
            if version
            else _("还没有数据"),
        ),
        (_("允许有误"), _("千分之 %(n)s") % {"n": source.most_bad}),
        (
            _("数据项"),
            _("%(name)s 于 %(at)s 确认") % {"name": source.confirmed_name, "at": words.moment(source.confirmed_at)}
            if source.confirmed_at
            else _("还没有确认"),
        ),
    ]
    if source.minutes:
        facts.append((_("多久取一次"), _("%(n)s 分钟") % {"n": source.minutes}))
    if source.watermark:
        facts.append((_("增量"), f"{source.watermark} > {source.mark or '—'}"))
    return facts


def table(heads: list[str], lines: list[Any]) -> Markup:
    """Cells as a table."""
    html = render_to_string(
        "catalog/cells.html", {"heads": heads, "lines": [[_cell(cell) for cell in line] for line in lines]}
    )
    return Markup(html)  # noqa: S704 - our own template


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return words.yes_no(value)
    return "" if value is None else str(value)


# --- the source -------------------------------------------------------------------------------------------------------
class SourceForm(forms.Form):
    """Where the rows come from; which fields count depends on the way."""

    way = forms.ChoiceField(label=gettext_lazy("数据从哪里来"), choices=Way.choices)
    url = forms.CharField(
        label=gettext_lazy("网址"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("网络服务填：以 https:// 开头，答复 JSON 或 CSV。"),
    )
    inside = forms.CharField(
        label=gettext_lazy("记录在哪里"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("JSON 里列表的位置，例如 data.items；不填则自己找。"),
    )
    service = forms.CharField(
        label=gettext_lazy("对方服务的完整代码"),
        max_length=330,
        required=False,
        help_text=gettext_lazy("数据交换填：实例/类别/成员/子系统/服务。不取含个人信息的数据。"),
    )
    code = forms.CharField(
        label=gettext_lazy("对方的数据集代码"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("数据交换填：对方目录里的信息资源代码，推送按它对上。"),
    )
    client = forms.CharField(
        label=gettext_lazy("以哪个子系统取"),
        max_length=260,
        required=False,
        help_text=gettext_lazy("数据交换填：本单位得到授权的子系统，实例/类别/成员/子系统；推送也发到它。"),
    )
    grant = forms.CharField(
        label=gettext_lazy("授权编号"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("对方给了几项授权时填。"),
    )
    host = forms.CharField(
        label=gettext_lazy("主机"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("数据库填。请用只能读的账户。"),
    )
    port = forms.IntegerField(
        label=gettext_lazy("端口"), required=False, help_text=gettext_lazy("不填：PostgreSQL 5432，MariaDB 3306。")
    )
    database = forms.CharField(label=gettext_lazy("数据库"), max_length=200, required=False)
    user = forms.CharField(label=gettext_lazy("账户"), max_length=200, required=False)
    table = forms.CharField(
        label=gettext_lazy("表或视图"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("可以带模式名：public.stations。"),
    )
    secret = forms.CharField(
        label=gettext_lazy("密码或令牌"),
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("加密保存，不再显示。不填则不改；换了地方要重新填。"),
    )
    watermark = forms.CharField(
        label=gettext_lazy("增量列"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("只增不减的列，例如更新时间；填了只取新的行。"),
    )
    key = forms.CharField(
        label=gettext_lazy("主键列"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("用逗号分开；填了，同一主键的旧行被新行替换。"),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("多少分钟取一次"),
        min_value=0,
        max_value=100_000,
        initial=0,
        help_text=gettext_lazy("0：只在有人点“现在取一次”时取。"),
    )
    most_bad = forms.IntegerField(
        label=gettext_lazy("一千行里最多几行有误"),
        min_value=0,
        max_value=500,
        initial=1,
        help_text=gettext_lazy("超过就整份不装载，旧版本仍在用。"),
    )


def row_source(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say where the rows come from."""
    entry = _entry(request, pk)
    held = Source.objects.filter(entry=entry).first()

    def save(form: SourceForm) -> str:
        given = dict(form.cleaned_data)
        more = {name: given.pop(name) for name in ("way", "watermark", "minutes", "most_bad")}
        secret, key = given.pop("secret") or None, [one.strip() for one in given.pop("key").split(",") if one.strip()]
        placing.set_source(entry, settings=given, secret=secret, key=key, by=_actor(request), **more)
        messages.success(request, _("已保存来源。"))
        return reverse("catalog.rows", args=[pk])

    initial = {}
    if held:
        initial = {**held.settings, "way": held.way, "watermark": held.watermark, "key": ",".join(held.key)}
        initial |= {"minutes": held.minutes, "most_bad": held.most_bad}
    elif entry.kind == Rows.DATABASE:
        initial = {"way": Way.POSTGRES}
    elif entry.kind == Rows.HTTP:
        initial = {"way": Way.HTTP}
    back = reverse("catalog.rows", args=[pk]) if held else reverse("catalog.entry", args=[pk])
    page = FormPage(_("数据从哪里来"), _("保存"), lead=entry.name, back=back, crumbs=_crumbs(entry))
    return page.respond(request, SourceForm, save, initial)


# --- a file -----------------------------------------------------------------------------------------------------------
class UploadForm(forms.Form):
    """A file, and the sign that it is sent once."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    file = forms.FileField(
        label=gettext_lazy("数据文件"),
        help_text=gettext_lazy(
            "CSV（UTF-8 或 GB 18030）、XLSX、JSON 或 Parquet；第一行是列名。更大的文件请放进文件夹。"
        ),
    )


def upload_rows(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand in a file: its columns are shown to be confirmed, or it is loaded at once."""
    entry = _entry(request, pk)
    held = get_object_or_404(queries.sources(_actor(request)), entry=entry)

    def save(form: UploadForm) -> str:
        given = form.cleaned_data["file"]
        load = operations.hand_in(held, given, given.name, once=form.cleaned_data["once"], by=_actor(request))
        if load.state == LoadState.SEEN:
            return reverse("catalog.confirm_load", args=[load.pk])
        messages.success(request, _("列与确认过的相同，正在装载。"))
        return reverse("catalog.load", args=[load.pk])

    page = FormPage(
        _("上传数据"),
        _("上传"),
        lead=entry.name,
        back=reverse("catalog.rows", args=[pk]),
        crumbs=_crumbs(entry),
        icon="upload",
    )
    return page.respond(request, UploadForm, save, {"once": operations.uuid.uuid4()})


def load(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One load: how far it is or what it came to, and the rows that were not taken."""
    found = _load(request, pk)
    seen = found.seen
    facts = [
        (_("状态"), LoadState(found.state).label),
        (_("装载行数"), f"{found.rows:,}"),
        (_("有误行数"), f"{found.bad:,}"),
        (_("大小"), words.size(found.bytes) if found.bytes else "—"),
        (_("文字编码"), seen.get("encoding") or "—"),
        (_("谁"), found.by_name),
        (_("时间"), words.moment(found.made_at)),
    ]
    entry = found.source.entry
    return BADS.respond(
        request,
        found.bads.order_by("line", "pk"),
        load=found,
        facts=facts,
        title=found.name,
        crumbs=_crumbs(entry),
        goes_on=found.state in (LoadState.WAITING, LoadState.RUNNING),
        seen=found.state == LoadState.SEEN,
        kept=len(checking.REASONS) and found.bad > found.bads.count(),
    )


def confirm_load(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Look at what the columns seem to be, mend it, and agree: the load begins."""
    found = _load(request, pk)
    back = reverse("catalog.load", args=[pk])
    if found.state != LoadState.SEEN:
        return HttpResponseRedirect(back)

    def form_class(*args: Any, **kwargs: Any) -> "ColumnsForm":
        return ColumnsForm(*args, said=found.seen["fields"], **kwargs)

    def save(form: ColumnsForm) -> str:
        operations.confirm(found, form.said(), by=_actor(request))
        messages.success(request, _("已确认，正在装载。"))
        return back

    told = {"n": f"{found.seen['looked_at']:,}"}
    lead = _("根据前 %(n)s 行推断。请逐列看一看，不对就改。以后列相同的文件不再问。") % told
    page = FormPage(
        _("确认数据项"),
        _("确认并装载"),
        lead=lead,
        back=back,
        crumbs=_crumbs(found.source.entry),
        template="catalog/confirm.html",
    )
    heads = [one["name"] for one in found.seen["fields"]]
    return page.respond(
        request, form_class, save, sample=table(heads, found.seen["rows"]), changes=found.seen["changes"],
        differ=matching.told(heads, list(found.source.entry.items.all())),
    )  # fmt: skip


class ColumnsForm(forms.Form):
    """A type, a length and "must be filled in" for each column."""

    def __init__(self, *args: Any, said: list[dict[str, Any]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._said = said
        for number, one in enumerate(said):
            told = {"name": one["name"]}
            self.fields[f"type_{number}"] = forms.ChoiceField(
                label=_("“%(name)s”的类型") % told, choices=ItemType.choices, initial=one["type"]
            )
            self.fields[f"length_{number}"] = forms.IntegerField(
                label=_("“%(name)s”的最大长度") % told,
                required=False,
                min_value=1,
                max_value=checking.TEXT,
                initial=one["length"],
            )
            self.fields[f"required_{number}"] = forms.BooleanField(
                label=_("“%(name)s”每行都要有") % told, required=False, initial=one["required"]
            )

    def said(self) -> list[Field]:
        """What was agreed."""
        given = self.cleaned_data
        return [
            Field(one["name"], given[f"type_{number}"], given[f"length_{number}"], given[f"required_{number}"])
            for number, one in enumerate(self._said)
        ]


# --- doing ------------------------------------------------------------------------------------------------------------
@require_POST
def drop_load(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a load that is not running."""
    found = _load(request, pk)
    operations.drop(found, by=_actor(request))
    messages.success(request, _("已放弃这次装载。"))
    return HttpResponseRedirect(reverse("catalog.rows", args=[found.source.entry_id]))


@require_POST
def ask_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a database or service soon."""
    held = get_object_or_404(queries.sources(_actor(request)), entry_id=pk)
    try:
        operations.want(held, by=_actor(request))
        messages.success(request, _("正在取，几秒后刷新看结果。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("catalog.rows", args=[pk]))


def panel(request: HttpRequest, entry: Entry) -> Markup | None:
    """On an entry's page, for who writes it: the way to its rows."""
    if entry.kind in (Rows.VIEW, Rows.NONE) or not _mine(request).filter(pk=entry.pk).exists():
        return None
    return Markup('<p><a class="btn btn-secondary" href="{}">{}</a></p>').format(
        reverse("catalog.rows", args=[entry.pk]), _("数据装载")
    )


def waiting(request: HttpRequest) -> int:
    """Loads that wait for their columns to be confirmed."""
    return queries.loads(_actor(request)).filter(state=LoadState.SEEN).count()


def _mine(request: HttpRequest) -> QuerySet[Entry]:
    return entries.mine(_actor(request))


def _entry(request: HttpRequest, pk: int) -> Entry:
    found: Entry = get_object_or_404(_mine(request).select_related("provider"), pk=pk)
    return found


def _load(request: HttpRequest, pk: int) -> Load:
    found: Load = get_object_or_404(queries.loads(_actor(request)), pk=pk)
    return found


def _crumbs(entry: Entry) -> tuple[tuple[Any, str], ...]:
    return ((_("数据装载"), reverse("catalog.row_sources")), (entry.name, reverse("catalog.rows", args=[entry.pk])))


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]
