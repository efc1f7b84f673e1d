"""The open data portal for everybody: search with facets, a data set with its rows, files, the feed of changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Avg, Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from lxml import etree
from markupsafe import Markup

from hexi.blocks.catalog import definitions, describing, mapped
from hexi.blocks.catalog.models import (
    Entry,
    Item,
    ItemType,
    ProductState,
    Rating,
    ReadWay,
    Rows,
    State,
    Version,
)
from hexi.blocks.catalog.operations import following
from hexi.blocks.catalog.operations import portal as operations
from hexi.blocks.catalog.pages import files
from hexi.blocks.catalog.pages.actions import ACTIONS, PER_MINUTE, spend
from hexi.blocks.catalog.pages.dcat import open_or_404
from hexi.blocks.catalog.pages.reads import counted
from hexi.blocks.catalog.queries import entries, opened, portal
from hexi.blocks.catalog.store.grammar import Fault
from hexi.blocks.regions.queries import place, site_of
from hexi.blocks.search import queries as search
from hexi.kernel import clock
from hexi.ui import words
from hexi.ui.pages import DetailPage, ListPage
from hexi.ui.paging import page_of
from hexi.ui.tables import Action, Column, Empty
from hexi.wire.ckan import answers
from hexi.wire.dcat import schema_org

PER_PAGE, PREVIEW, FEED = 20, 10, 50
#: names of facets in the address, in the order they are shown
FACETS = ("groups", "organization", "tags", "res_format", "cycle", "license_id")
ORDERS = {"": ("metadata_modified", True), "title": ("title", False), "new": ("metadata_created", True)}


@dataclass(frozen=True)
class Value:
    """One value of a facet: its word, how many have it, where it leads; chosen ones lead back."""

    word: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class FacetBox:
    """A facet with its values."""

    title: str
    values: tuple[Value, ...]

    @property
    def chosen(self) -> bool:
        """True if one of its values narrows the list."""
        return any(one.chosen for one in self.values)


def facet_titles() -> dict[str, str]:
    """What facets are called."""
    return {"groups": _("主题"), "organization": _("提供单位"), "tags": _("关键词"), "res_format": _("文件格式"),
            "cycle": _("更新周期"), "license_id": _("许可")}  # fmt: skip


def datasets(request: HttpRequest) -> HttpResponse:
    """Open data sets: searched, narrowed by facets, page by page. All of it stands in the address."""
    text = request.GET.get("q", "").strip()[:100]
    rows = portal.open_entries()
    if text:
        refs = search.matches(text, actor=request.actor).filter(kind="dataset").values_list("ref", flat=True)  # type: ignore[attr-defined]
        rows = rows.filter(portal.words(text) | Q(pk__in=[int(ref) for ref in refs]))
    chosen = {name: request.GET[name] for name in FACETS if request.GET.get(name)}
    for name, value in chosen.items():
        rows = rows.filter(portal.one_of(name, value))
    order = request.GET.get("sort", "")
    rows = portal.ordered(rows, [ORDERS.get(order, ORDERS[""])])
    count = rows.count()
    paging = page_of(
        rows.annotate(stars=Avg("ratings__stars"), raters=Count("ratings", distinct=True)),
        count=count, number=_number(request), per_page=PER_PAGE, address=lambda page: _address(request, page=page),
    )  # fmt: skip
    facts = {
        "title": _("数据开放"), "q": text, "paging": paging, "cards": list(map(_card, paging.rows)),
        "facets": _facet_boxes(request, rows, chosen), "count": count, "order": order,
        "orders": _orders(request, order), "chosen": _chosen(request, chosen),
        "cleared": reverse("catalog.datasets"),
    }  # fmt: skip
    return render(request, "catalog/datasets.html", facts)


def _orders(request: HttpRequest, now: str) -> list[tuple[str, str, bool]]:
    named = (("", _("最近更新")), ("new", _("新发布")), ("title", _("名称")))
    return [(word, _address(request, sort=key or None), key == now) for key, word in named]


def _chosen(request: HttpRequest, chosen: dict[str, str]) -> list[tuple[str, str, str]]:
    """What narrows the list, each with the way to take it off."""
    titles = facet_titles()
    return [
        (titles[name], portal.value_word(name, value), _address(request, **{name: None}))
        for name, value in chosen.items()
    ]


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def _address(request: HttpRequest, **changes: Any) -> str:
    here = {name: value for name, value in request.GET.items() if name != "page"}
    here = {name: value for name, value in (here | changes).items() if value not in (None, "")}
    return "?" + urlencode(here)


def _facet_boxes(request: HttpRequest, rows: Any, chosen: dict[str, str]) -> list[FacetBox]:
    found = portal.facets(rows, FACETS, limit=12)
    boxes = []
    for name in FACETS:
        values = tuple(
            Value(
                word,
                n,
                _address(request, **{name: None if chosen.get(name) == value else value}),
                chosen.get(name) == value,
            )
            for value, word, n in found[name]
        )
        if values:
            boxes.append(FacetBox(facet_titles()[name], values))
    return boxes


def _card(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.name, "url": reverse("catalog.dataset", args=[entry.slug]), "about": entry.about,
        "provider": entry.provider.title, "updated": entry.changed,
        "cycle": entry.get_cycle_display(), "stars": entry.stars, "raters": entry.raters,
        "forms": [one.word for one in describing.forms()] if entry.kind != Rows.NONE else [],
    }  # fmt: skip


# --- one data set -----------------------------------------------------------------------------------------------------
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """One data set: what it holds, its first rows, its files, how programs ask, who uses it."""
    entry = open_or_404(slug)
    if entry.slug != slug:
        return HttpResponseRedirect(reverse("catalog.dataset", args=[entry.slug]))
    return counted(_show(request, entry), entry, ReadWay.PAGE)


def _show(request: HttpRequest, entry: Entry, error: str = "", status: int = 200) -> HttpResponse:
    page = DetailPage(
        entry.name, _facts(entry), lead=entry.about, crumbs=((_("数据开放"), reverse("catalog.datasets")),),
        place="catalog.dataset", template="catalog/dataset.html",
    )  # fmt: skip
    preview, fault = _preview(entry)
    schema = schema_org.dataset(
        describing.dataset(entry), language="en" if words.english() else "zh", catalogue=f"{describing.base()}/data/"
    )
    account = getattr(request.actor, "account_id", None)  # type: ignore[attr-defined]
    mine = Rating.objects.filter(entry=entry, account=account).first()
    response = page.respond(
        request, entry, preview=preview, fault=fault, items=_items(entry), forms=_downloads(entry), api=_api(entry),
        versions=entry.revisions.filter(published_at__isnull=False).order_by("-number")[:10],
        # rows of each version would tell how many persons stand in the groups that are withheld
        loads=opened.versions(entry).order_by("-number")[:10],
        products=entry.products.filter(state=ProductState.SHOWN)[:10], map=_has_map(entry),
        average=entry.ratings.aggregate(stars=Avg("stars"), n=Count("pk")), mine=mine, error=error, slug=entry.slug,
        follows=entry.subscriptions.filter(account=account).exists(),
        persons=opened.of_persons(entry), related=entry.open_related, elsewhere=_elsewhere(entry),
        schema=Markup(schema.decode().replace("<", "\\u003c")),  # noqa: S704 - no tag can begin in it
    )  # fmt: skip
    response.status_code = status
    return response


def _elsewhere(entry: Entry) -> list[tuple[str, str, str]]:
    """(word, address, format) of files at the catalogue it was harvested from: addresses of the web alone."""
    ways = describing.elsewhere(entry)
    found = [(next(iter(way.title.values()), "") or way.format, way.download or way.access, way.format) for way in ways]
    return [one for one in found if one[1].startswith(("https://", "http://"))]


def _facts(entry: Entry) -> tuple[tuple[Any, ...], ...]:
    licence = definitions.licences().get(entry.license)
    return (
        (_("提供单位"), entry.provider.title),
        (_("地区"), place(entry.region_code) or None),
        (_("分类"), portal.group_title(portal.group_of(entry.classification))),
        (_("更新周期"), entry.get_cycle_display()),
        (_("数据更新"), words.moment(entry.refreshed) if entry.refreshed else None),
        (_("目录更新"), words.moment(entry.updated)),
        (_("发布日期"), words.day(entry.published) if entry.published else None),
        (
            _("许可"),
            Markup('<a href="{}" rel="license">{}</a>').format(licence.url, licence.title) if licence else None,
        ),
        (_("开放条件"), entry.open_condition or None),
        (_("数据质量"), _("%(n)s 分（满分 100）") % {"n": entry.quality} if entry.quality is not None else None),
        (_("资源代码"), entry.code),
    )


def _preview(entry: Entry) -> tuple[opened.Page | None, str]:
    if not opened.has_rows(entry):
        return None, _("这个数据集现在只有目录，没有可以下载的数据。")
    try:
        return opened.preview(entry, PREVIEW), ""
    except Fault as fault:
        return None, fault.sentence
    except ValidationError as error:
        return None, " ".join(error.messages)


def _items(entry: Entry) -> list[dict[str, Any]]:
    said = {one.name: one for one in opened.items_of(entry)}
    return [_item(one, said.get(one.name)) for one in opened.columns_of(entry)]


def _item(column: Any, item: Item | None) -> dict[str, Any]:
    if item is None:  # the number of persons, which no item says
        return {"name": column.name, "title": column.title, "type": ItemType.I.label, "unit": "", "mask": ""}
    mask = item.get_mask_display() if item.mask != "none" else ""
    return {"name": item.name, "title": item.label, "type": item.get_type_display(), "unit": item.unit, "mask": mask}


def _downloads(entry: Entry, version: Version | None = None) -> list[tuple[str, str]]:
    if not opened.has_rows(entry):
        return []
    name, place = ("version_file", [version.number]) if version else ("rows_file", [])
    return [(one.word, reverse(f"catalog.{name}", args=[entry.slug, *place, one.ending])) for one in describing.forms()]


def _api(entry: Entry) -> str:
    if not opened.has_rows(entry):
        return ""
    return f"{describing.api()}datastore_search?resource_id={describing.resource_id(entry, 'csv')}&limit=5"


def _has_map(entry: Entry) -> bool:
    return opened.has_rows(entry) and mapped.placed(entry) is not None


@require_POST
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """One to five, and a remark for the provider."""
    entry, stars = open_or_404(slug), request.POST.get("stars", "")
    try:
        given = int(stars) if stars.isdecimal() and len(stars) < 3 else 0
        operations.rate(entry, stars=given, remark=request.POST.get("remark", ""), by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        return _show(request, entry, " ".join(error.messages), 422)
    messages.success(request, _("谢谢，已记下您的评价。"))
    return HttpResponseRedirect(reverse("catalog.dataset", args=[entry.slug]))


@require_POST
def follow_dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Be told of new rows, changes and the end of it; or no more."""
    if request.POST.get("what") == "stop":
        return _unfollow(request, slug)
    entry = open_or_404(slug)
    following.subscribe(entry, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已订阅：有新数据、有改动或撤下时通知您。"))
    return HttpResponseRedirect(reverse("catalog.dataset", args=[entry.slug]))


def _unfollow(request: HttpRequest, slug: str) -> HttpResponse:
    """Also of one that is open no more: who follows it finds it, nobody else."""
    rows = Entry.objects.filter(slug=slug)
    entry = entries.followed(request.actor, rows).first() or open_or_404(slug)  # type: ignore[attr-defined]
    following.unsubscribe(entry, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已取消订阅。"))
    shown = portal.open_entries().filter(pk=entry.pk).exists()
    return HttpResponseRedirect(reverse("catalog.dataset", args=[slug]) if shown else reverse("catalog.datasets"))


FOLLOWED = ListPage(
    title=gettext_lazy("我订阅的数据"),
    lead=gettext_lazy("有新数据、有改动或撤下时通知您。"),
    columns=(
        Column("name", gettext_lazy("数据集"), value=lambda one: one.entry.name if one.seen else _("不再开放的数据集"),
               link=lambda one: reverse("catalog.followed", args=[one.entry_id]) if one.seen else ""),
        Column("provider", gettext_lazy("提供方"), value="entry.provider.title"),
        Column("state", gettext_lazy("状态"), value=lambda one: _followed_state(one), kind="tag"),
        Column("refreshed", gettext_lazy("数据更新于"), value=lambda one: one.entry.refreshed if one.seen else None,
               kind="moment"),
        Column("created", gettext_lazy("订阅时间"), kind="moment"),
    ),
    bulk=(Action("stop", gettext_lazy("取消订阅"), "bell-off", lambda request, rows: _stop(request, rows)),),
    empty=Empty(gettext_lazy("您还没有订阅数据集。在数据集的页面上点“订阅”。"), icon="bell"),
)  # fmt: skip


def _followed_state(one: Any) -> tuple[str, str]:
    """What is published, never what is being written."""
    state = State(one.entry.state)
    return (state.tag, str(state.label)) if one.seen else ("off", str(_("不再开放")))


def follows(request: HttpRequest) -> HttpResponseBase:
    """What one follows, and following it no more."""
    return FOLLOWED.respond(request, entries.subscriptions(request.actor))  # type: ignore[attr-defined]


def _stop(request: HttpRequest, rows: Any) -> str:
    done = 0
    for one in rows.select_related("entry"):
        following.unsubscribe(one.entry, by=request.actor)  # type: ignore[attr-defined]
        done += 1
    return ngettext("已取消订阅 %(n)s 个。", "已取消订阅 %(n)s 个。", done) % {"n": done}


def followed(request: HttpRequest, pk: int) -> HttpResponse:
    """Where messages about a data set lead: to the portal if it is open, else to the catalogue for who reads it."""
    entry = portal.open_entries().filter(pk=pk).first()
    if entry is None and (known := entries.seen_by(request.actor).filter(pk=pk).first()):  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("catalog.entry", args=[known.pk]))
    if entry is None:
        raise Http404(_("没有这个开放数据集，或者已经不再开放。"))
    return HttpResponseRedirect(reverse("catalog.dataset", args=[entry.slug]))


#: a file of all rows counts as so many questions of the interface
FILE_WEIGHS = 20


def rows_file(request: HttpRequest, slug: str, ending: str) -> HttpResponseBase:
    """All its rows as a file."""
    entry = open_or_404(slug)
    return _file(request, entry, ending, "", lambda *told: _show(request, entry, *told))


def _file(
    request: HttpRequest, entry: Entry, ending: str, of: str, again: Callable[[str, int], HttpResponse]
) -> HttpResponseBase:
    """The file, or the page `again` with what is wrong."""
    if ending not in {one.ending for one in describing.forms()} or not opened.has_rows(entry):
        raise Http404(_("没有这种文件。"))
    try:
        spend(request, FILE_WEIGHS)
        return counted(files.respond(entry, describing.FORMS[ending], of), entry, ReadWay.FILE)
    except answers.Fault:
        return again(_("下载太频繁，请一分钟后再试。"), 429)
    except ValidationError as error:
        return again(" ".join(error.messages), 422)


def dataset_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """An older version of its rows: the first of them, and all as files."""
    entry, version = _older(slug, number)
    return counted(_show_version(request, entry, version), entry, ReadWay.PAGE)


def _show_version(
    request: HttpRequest, entry: Entry, version: Version, error: str = "", status: int = 200
) -> HttpResponse:
    facts = ((_("行数"), f"{version.rows:,}"), (_("时间"), words.moment(version.made_at)))
    page = DetailPage(
        _("%(name)s：第 %(n)s 版") % {"name": entry.name, "n": version.number}, facts,
        crumbs=(
            (_("数据开放"), reverse("catalog.datasets")),
            (entry.name, reverse("catalog.dataset", args=[entry.slug])),
        ),
        template="catalog/dataset_version.html",
    )  # fmt: skip
    preview, fault = _preview(entry)
    response = page.respond(request, entry, preview=preview, fault=fault, error=error, forms=_downloads(entry, version))
    response.status_code = status
    return response


def version_file(request: HttpRequest, slug: str, number: int, ending: str) -> HttpResponseBase:
    """All rows of an older version as a file."""
    entry, version = _older(slug, number)
    return _file(request, entry, ending, f"v{number}", lambda *told: _show_version(request, entry, version, *told))


def _older(slug: str, number: int) -> tuple[Entry, Version]:
    entry = open_or_404(slug)
    try:
        return entry, opened.at(entry, number)
    except Version.DoesNotExist:
        raise Http404(_("没有这个版本，或者不公开。")) from None


def interface(request: HttpRequest) -> HttpResponse:
    """How programs ask: the actions with an example each, the catalogue as DCAT."""
    example = portal.whole(portal.open_entries()).exclude(kind="none").first()
    facts = {
        "title": _("开放数据接口"), "base": describing.base(), "api": describing.api(), "most": PER_MINUTE.value,
        "actions": [(name, one.__doc__) for name, one in ACTIONS.items()], "example": _api(example) if example else "",
        "crumbs": ((_("数据开放"), reverse("catalog.datasets")),),
    }  # fmt: skip
    return render(request, "catalog/interface.html", facts)


# --- what changed -----------------------------------------------------------------------------------------------------
_ATOM = "{http://www.w3.org/2005/Atom}"


def feed(request: HttpRequest) -> HttpResponse:
    """Data sets that are new or changed, as Atom (RFC 4287)."""
    rows = list(portal.open_entries()[:FEED])
    site, home = site_of(request), f"{describing.base()}/data/"
    updated = max((one.changed for one in rows), default=clock.now())
    node = etree.Element(f"{_ATOM}feed", nsmap={None: _ATOM[1:-1]})
    for name, text in (
        ("id", home),
        ("title", _("%(site)s开放数据") % {"site": site.title}),
        ("updated", _iso(updated)),
    ):
        etree.SubElement(node, f"{_ATOM}{name}").text = text
    etree.SubElement(etree.SubElement(node, f"{_ATOM}author"), f"{_ATOM}name").text = site.run_by or site.title
    etree.SubElement(node, f"{_ATOM}link", rel="self", href=f"{home}feed.atom", type="application/atom+xml")
    etree.SubElement(node, f"{_ATOM}link", rel="alternate", href=home, type="text/html")
    for one in rows:
        node.append(_line(one))
    content = etree.tostring(node, xml_declaration=True, encoding="utf-8")
    return HttpResponse(content, content_type="application/atom+xml; charset=utf-8")


def _iso(at: Any) -> str:
    return at.astimezone(clock.CHINA).isoformat(timespec="seconds")


def _line(one: Entry) -> Any:
    part = etree.Element(f"{_ATOM}entry")
    for name, text in (
        ("id", describing.iri_of(one)), ("title", one.name), ("updated", _iso(one.changed)),
        ("published", _iso(one.created)), ("summary", one.about),
    ):  # fmt: skip
        etree.SubElement(part, f"{_ATOM}{name}").text = "".join(sign for sign in text if sign >= " " or sign in "\n\t")
    etree.SubElement(etree.SubElement(part, f"{_ATOM}author"), f"{_ATOM}name").text = one.provider.title
    etree.SubElement(part, f"{_ATOM}link", rel="alternate", href=describing.page_of(one), type="text/html")
    return part
