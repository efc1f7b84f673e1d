"""Entries at work: the list with search and tabs, one entry with its items, writing, publishing, withdrawing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.audit.operations import change
from hexi.blocks.catalog import content, extras, finding, matching, uses
from hexi.blocks.catalog.definitions import classes, group_words
from hexi.blocks.catalog.forms import ChangeForm, EntryForm, NewEntryForm, ProviderForm, ReasonForm, WithdrawForm
from hexi.blocks.catalog.models import (
    OPEN_REVISIONS,
    Entry,
    Grading,
    ReadWay,
    RevisionState,
    Rows,
    Sharing,
    Source,
    State,
)
from hexi.blocks.catalog.operations import entries as operations
from hexi.blocks.catalog.operations import following
from hexi.blocks.catalog.operations.measuring import USED_DAYS
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.catalog.queries import reads
from hexi.blocks.regions.models import Department
from hexi.blocks.search import queries as search
from hexi.kernel import clock
from hexi.kernel.actors import require
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage, seen_at
from hexi.ui.tables import Action, Column, Empty, Filter, SavedView

SHARES = (
    ("complete", gettext_lazy("完整")), ("fresh", gettext_lazy("及时")), ("valid", gettext_lazy("有效")),
    ("unique", gettext_lazy("唯一")), ("used", gettext_lazy("使用")),
)  # fmt: skip
#: what templates say the words of an entry with
WORDS = {"word_of": content.shown, "label_of": content.label}
#: results of the index that are ranked; a list nobody reads further
RANKED = 300
YES_NO = (("1", gettext_lazy("是")), ("0", gettext_lazy("否")))


# --- the list ---------------------------------------------------------------------------------------------------------
def _providers() -> list[tuple[int, str]]:
    held = Entry.objects.values("provider_id")
    return [(one.pk, one.title) for one in Department.objects.filter(pk__in=held).order_by("region_code", "key")]


def _groups() -> list[tuple[str, str]]:
    known = [(one.code, group) for one in classes().values() for group in one.groups]
    return [(f"{digit}{group.code}", group_words(f"{digit}{group.code}")) for digit, group in known]


def _submit_all(request: HttpRequest, rows: QuerySet[Entry]) -> str:
    """The ticked drafts of one's own, each by itself: what does not fit is told by name."""
    done, refused = 0, []
    for one in rows.filter(latest__state=RevisionState.DRAFT, latest__written_key=_actor(request).key):
        try:
            operations.submit(one, by=_actor(request))
            done += 1
        except ValidationError as error:
            refused.append(f"{one.name}：{' '.join(error.messages)}")
    if refused:
        messages.error(request, _("没有提交：%(names)s") % {"names": "；".join(refused)})
    return _("已提交 %(n)s 条。") % {"n": done}


def _publish_all(request: HttpRequest, rows: QuerySet[Entry]) -> str:
    done = 0
    for one in queries.to_publish(_actor(request), rows):
        operations.publish(one, seen=one.latest.submitted_at, by=_actor(request))
        done += 1
    return _("已发布 %(n)s 条。") % {"n": done}


def _logged(request: HttpRequest, count: int) -> None:
    with change(_actor(request), "catalog.export", count=count):
        pass


LIST = ListPage(
    title=gettext_lazy("数据目录"),
    columns=(
        Column("title", gettext_lazy("名称"), value="name", link=lambda one: reverse("catalog.entry", args=[one.pk])),
        Column("provider", gettext_lazy("提供方"), value="provider.title", sort="provider__key"),
        Column("sharing", gettext_lazy("共享类型"), value="get_sharing_display"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("cycle", gettext_lazy("更新周期"), value="get_cycle_display"),
        Column("refreshed", gettext_lazy("最近更新"), value="refreshed", kind="day", sort="refreshed"),
        Column("quality", gettext_lazy("质量"), value="quality", kind="number", sort="quality"),
        Column("code", gettext_lazy("信息资源代码"), value="code", sort="code"),
    ),
    views=(
        SavedView("all", gettext_lazy("已发布"), lambda rows: rows.filter(state=State.PUBLISHED)),
        SavedView("mine", gettext_lazy("本单位"), lambda rows, request: queries.mine(_actor(request), rows).exclude(
            state=State.WITHDRAWN), True),
        SavedView("waiting", gettext_lazy("待我审核"), lambda rows, request: queries.to_publish(
            _actor(request), rows), True),
        SavedView("overdue", gettext_lazy("更新逾期"), queries.overdue),
        SavedView("drafts", gettext_lazy("起草中"), queries.begun),
        SavedView("followed", gettext_lazy("我订阅的"), lambda rows, request: queries.followed(
            _actor(request), rows), True),
        SavedView("off", gettext_lazy("已撤下"), lambda rows: rows.filter(state=State.WITHDRAWN)),
    ),
    filters=(
        Filter("group", gettext_lazy("分类"), _groups, "classification__startswith"),
        Filter("office", gettext_lazy("提供方"), _providers, "provider"),
        Filter("sharing", gettext_lazy("共享类型"), Sharing.choices),
        Filter("open", gettext_lazy("向社会开放"), YES_NO, lambda rows, value: rows.filter(open=value == "1")),
        Filter("grading", gettext_lazy("数据分级"), Grading.choices),
        Filter("kind", gettext_lazy("数据从哪里来"), Rows.choices),
    ),
    bulk=(
        Action("submit", gettext_lazy("提交审核"), "send", _submit_all, verb=queries.WRITE),
        Action("publish", gettext_lazy("发布条目"), "check", _publish_all, verb=queries.PUBLISH),
    ),
    on_export=_logged,
    empty=Empty(gettext_lazy("还没有目录条目。写好并经另一位审核后，别的部门就能查到。"), icon="database"),
    template="catalog/list.html",
)  # fmt: skip


def catalogue(request: HttpRequest) -> HttpResponseBase:
    """Every entry an official may see; published ones are found by the search index, drafts by their words."""
    actor = _actor(request)

    def find(rows: QuerySet[Entry], text: str) -> QuerySet[Entry]:
        return _found(rows, text, actor)

    page = replace(LIST, search=find)
    facts = {"may_write": bool(actor.scopes(queries.WRITE)), "may_keep": bool(actor.scopes(queries.KEEP))}
    return page.respond(request, queries.seen_by(actor), **facts)


def _found(rows: QuerySet[Entry], text: str, actor: Any) -> QuerySet[Entry]:
    """Whose index entry has all the terms, best first; then whose names hold every word as it is: a code, a draft."""
    results = search.find(text, actor=actor, kind=finding.KIND)
    refs = [] if results.near else [int(entry.ref) for entry in results.entries[:RANKED]]
    plain = Q()
    for word in text.split():
        plain &= Q(title__icontains=word) | Q(title_en__icontains=word) | Q(code__startswith=word)
    found = rows.filter(Q(pk__in=refs) | plain)
    if not refs:
        return found
    rank = Case(*(When(pk=pk, then=place) for place, pk in enumerate(refs)), default=len(refs))
    return found.order_by(rank, "-pk")


def waiting(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return queries.waiting(_actor(request))


# --- writing ----------------------------------------------------------------------------------------------------------
def new_entry(request: HttpRequest) -> HttpResponseBase:
    """Whose it is; who writes for one office alone is led on."""
    actor = _actor(request)
    offices = queries.offices(actor).order_by("region_code", "key")
    if request.method == "GET" and offices.count() == 1:
        return HttpResponseRedirect(reverse("catalog.write_entry", args=[offices[0].pk]))

    class Form(ProviderForm):
        """With the departments one may write for."""

        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__(*args, **kwargs)
            self.fields["provider"].queryset = offices  # type: ignore[attr-defined]

    def save(form: Form) -> str:
        found = form.cleaned_data["provider"]
        if form.cleaned_data["credit_code"]:
            try:
                found = operations.provider_of(form.cleaned_data["credit_code"])
            except ValidationError as error:
                raise ValidationError({"credit_code": error.messages}) from error
        if found is None:
            raise ValidationError({"provider": _("请选择提供方，或填它的统一社会信用代码。")})
        return reverse("catalog.write_entry", args=[found.pk])

    page = FormPage(_("新目录条目：提供方"), _("继续"), back=reverse("catalog.catalogue"), crumbs=_crumbs())
    return page.respond(request, Form, save)


def write_entry(request: HttpRequest, provider: int) -> HttpResponseBase:
    """A new entry of a provider; the preview shows it as it will be read and saves nothing."""
    actor = _actor(request)
    office = Department.objects.filter(pk=provider, active=True).first()
    if office is None:
        raise Http404(_("没有这个部门。"))
    require(actor, queries.WRITE, office.pk, office.region_code)
    page = _form_page(_("新目录条目"), reverse("catalog.catalogue"), office.title)
    held = queries.extra_fields(office.region_code)

    def save(form: NewEntryForm) -> str | HttpResponse:
        if "preview" in request.POST:
            return _preview(request, page, form, office)
        given = {name: form.cleaned_data[name] for name in ("classification", "code", "once")}
        made = operations.write(office, by=actor, **given, **form.said)
        messages.success(request, _("已保存为草稿，代码 %(code)s。请提交审核。") % {"code": made.code})
        return reverse("catalog.entry", args=[made.pk])

    return _respond(request, page, NewEntryForm, save, content.blank() | {"related": ""}, held)


def edit_entry(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What it should say from now on; who uses what is touched is shown before it is saved."""
    found, actor = _seen(request, pk), _actor(request)
    require(actor, queries.WRITE, found.provider_id, found.region_code)
    back = reverse("catalog.entry", args=[pk])
    page = _form_page(_("修改目录条目"), back, f"{found.code} {found.name}")
    held = queries.extra_fields(found.region_code)

    def save(form: ChangeForm) -> str | HttpResponse:
        if "preview" in request.POST:
            return _preview(request, page, form, found.provider, found)
        felt = _felt(found, form.said, actor)
        if felt and not form.cleaned_data["aware"]:
            form.data = form.data.copy()
            form.data["aware"] = "1"
            return _shown(request, page, form, felt=felt)
        operations.revise(found, why=form.cleaned_data["why"], by=actor, **form.said)
        messages.success(request, _("已保存为草稿，请提交审核。"))
        return back

    last = found.latest
    said = content.held(last.content)
    initial = said | {"related": "\n".join(said["related"]), "why": last.why if last.state in OPEN_REVISIONS else ""}
    initial |= {f"extra_{name}": value for name, value in said["extra"].items()}
    if "columns" in request.GET:
        initial["items"] = [*said["items"], *columns_without_items(found)]
    return _respond(request, page, ChangeForm, save, initial, held, view=found.kind == Rows.VIEW)


def columns_without_items(entry: Entry) -> list[dict[str, Any]]:
    """Items for the confirmed columns of its rows that none is about, as a form begins with them."""
    source = Source.objects.filter(entry=entry, confirmed_at__isnull=False).first()
    return matching.items_for(source.fields, content.held(entry.latest.content)["items"]) if source else []


def _respond(
    request: HttpRequest, page: FormPage, form: type[EntryForm], save: Callable[[Any], Any], initial: dict[str, Any],
    held: Any, view: bool = False,
) -> HttpResponseBase:  # fmt: skip
    """The form, with more blank items if they were asked for: nothing is checked or lost by that."""
    schema = held.schema if held else None

    def make(*args: Any, **kwargs: Any) -> EntryForm:
        return form(*args, held=schema, view=view, **kwargs)

    if request.method == "POST" and "more" in request.POST:
        given = {name: values[-1] for name, values in request.POST.lists()}
        return _shown(request, page, make(initial=given | {"items": _items_of(request)}))
    return page.respond(request, make, save, initial)


def _items_of(request: HttpRequest) -> list[dict[str, Any]]:
    """The items as they stand on the page, those with nothing in them left out."""
    count = min(int(request.POST.get("items-TOTAL_FORMS", "0") or 0), content.MOST_ITEMS)
    rows = [
        {name: request.POST.get(f"items-{place}-{name}", "") for name in content.ITEM_FIELDS} for place in range(count)
    ]
    return [row for row in rows if row["name"] or row["title"]]


def _form_page(title: str, back: str, lead: str) -> FormPage:
    return FormPage(title, _("保存草稿"), lead=lead, back=back, crumbs=_crumbs(), template="catalog/form.html")


def _shown(request: HttpRequest, page: FormPage, form: EntryForm, **more: Any) -> HttpResponse:
    facts = {"page": page, "title": page.title, "crumbs": page.crumbs, "form": form, **WORDS}
    return render(request, page.template, {**facts, **more})


def _preview(
    request: HttpRequest, page: FormPage, form: Any, provider: Department, entry: Entry | None = None
) -> HttpResponse:
    said = content.blank() | content.tidied(form.said)
    before = entry.latest.content if entry else None
    changes = content.differences(before, said) if before else []
    return _shown(request, page, form, preview=_facts(said), said=said, changes=changes, provider=provider)


def _felt(entry: Entry, said: dict[str, Any], actor: Any) -> list[tuple[Any, list[uses.Use], int]]:
    """Who would feel what the change touches, each kind with those that may be named and their number."""
    touched = content.touched(content.of(entry), content.blank() | content.tidied(said))
    if not touched or entry.state != State.PUBLISHED:
        return []
    return [(one.title, one.of(touched), one.total) for one in uses.found(entry, actor)]


# --- one entry --------------------------------------------------------------------------------------------------------
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says now or will say, its items, uses, quality, history, and what may be done."""
    found, actor = _seen(request, pk), _actor(request)
    works = queries.works_on(found, actor)
    shown = found.latest if works else found.current
    history = found.revisions.order_by("-number")
    if not works:
        history = history.exclude(state__in=(*OPEN_REVISIONS, RevisionState.DISCARDED))
    said = content.held(shown.content)
    opened = shown.pk != found.current_id and found.current is not None
    page = DetailPage(
        found.name, tuple(_facts(said)), found.tag, lead=found.about, crumbs=_crumbs(), place="catalog.entry",
        template="catalog/entry.html",
    )  # fmt: skip
    facts = {
        "entry": found, "said": said, "shown": shown, "history": history, "kept": _kept(found),
        "changes": content.differences(found.current.content, said) if opened else [],
        "uses": _used(found, actor) if found.state == State.PUBLISHED else [],
        "follows": queries.follows(found, actor), "public": finding.address(found) if found.open else "",
        "extra": _extra(found, said), **_measured(found), **_may(found, actor), **WORDS,
    }  # fmt: skip
    return page.respond(request, found, **facts)


def _facts(said: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The core fields as a summary list; the title and summary stand above it."""
    left = ("title", "title_en", "summary", "summary_en", "keywords")
    shown = [(content.LABELS[name], content.shown(name, said[name])) for name in content.FIELDS if name not in left]
    return [(label, value) for label, value in shown if value] + [
        (content.LABELS["related"], "、".join(said["related"]) or None)
    ]


def _kept(found: Entry) -> list[tuple[Any, Any]]:
    """Where it stands in the catalogue."""
    rows = [
        (_("信息资源代码"), found.code), (_("分类"), group_words(found.classification)),
        (_("提供方"), found.provider.title), (_("提供方代码"), found.provider.uscc),
        (_("发布日期"), words.day(found.published) if found.published else None),
        (_("最近更新"), words.moment(found.refreshed) if found.refreshed else None),
        (_("应更新至"), words.day(found.due_on) if found.due_on else None),
        (_("别的说法"), "、".join(found.keywords.splitlines()) or None),
    ]  # fmt: skip
    return [row for row in rows if row[1]]


def _extra(found: Entry, said: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The region's extra fields, by their titles of today."""
    held = queries.extra_fields(found.region_code)
    fields = held.schema["properties"] if held else {}
    given = said["extra"].items()
    return [(extras.label(name, fields.get(name, {})), content.shown(name, value)) for name, value in given]


def _used(found: Entry, actor: Any) -> list[tuple[Any, list[uses.Use], int]]:
    return [(one.title, one.uses, one.total) for one in uses.found(found, actor)]


def _measured(found: Entry) -> dict[str, Any]:
    """How good the data set was of late: the last day's shares, and the line of its scores."""
    qualities = list(found.qualities.order_by("-day")[:30])[::-1]
    if not qualities:
        return {"qualities": []}
    last = qualities[-1]
    shares = [(label, getattr(last, name)) for name, label in SHARES]
    rows = [(label, _("%(n)s 分") % {"n": value} if value is not None else _("测不出")) for label, value in shares]
    by_way = reads.by_way(found, clock.now() - timedelta(days=USED_DAYS))
    if by_way:
        rows.append(
            (_("近三十天公众读取"), " · ".join(f"{ReadWay(way).label} {n:,}" for way, n in sorted(by_way.items())))
        )
    points = [float(one.score) for one in qualities if one.score is not None]
    return {"qualities": qualities, "measured": rows, "points": points}


def _may(found: Entry, actor: Any) -> dict[str, bool]:
    """Which buttons are shown; the operations decide."""
    where = (found.provider_id, found.region_code)
    write, publish = actor.may(queries.WRITE, *where), actor.may(queries.PUBLISH, *where)
    last, live = found.latest, found.state == State.PUBLISHED
    own, begun = last.written_key == actor.key, last.state in OPEN_REVISIONS
    return {
        "may_edit": write and found.state != State.WITHDRAWN and (not begun or (own and last.state == "draft")),
        "may_submit": write and own and last.state == RevisionState.DRAFT,
        "may_publish": publish and not own and last.state == RevisionState.WAITING,
        "may_discard": begun and ((write and own) or publish),
        "may_withdraw": (write or publish) and live,
        "may_refresh": write and live and found.kind != Rows.VIEW,
        "may_follow": live,
    }  # fmt: skip


ACTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "submit": (operations.submit, gettext_lazy("已提交，审核人已收到通知。")),
    "publish": (operations.publish, gettext_lazy("已发布。")),
    "discard": (operations.discard, gettext_lazy("已作废。")),
    "subscribe": (following.subscribe, gettext_lazy("已订阅：有新数据、有改动或撤下时通知您。")),
    "unsubscribe": (following.unsubscribe, gettext_lazy("已取消订阅。")),
    "refreshed": (following.refreshed, gettext_lazy("已记下：数据今天更新过。")),
}


@require_POST
def act_on_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit, publish, discard, follow, say that the rows were brought up to date."""
    found, what = _seen(request, pk), request.POST.get("what", "")
    if what not in ACTS:
        raise Http404(_("没有这种操作。"))
    operation, said = ACTS[what]
    try:
        operation(found, by=_actor(request), **({"seen": seen_at(request)} if what == "publish" else {}))
        messages.success(request, said)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    gone = what == "discard" and found.current is None
    return HttpResponseRedirect(reverse("catalog.catalogue") if gone else reverse("catalog.entry", args=[pk]))


def give_back_entry(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return it with what is to change."""
    found, actor = _seen(request, pk), _actor(request)
    back = reverse("catalog.entry", args=[pk])

    def save(form: ReasonForm) -> str:
        operations.give_back(found, reason=form.cleaned_data["reason"], by=actor)
        messages.success(request, _("已退回起草人。"))
        return back

    return FormPage(_("退回修改"), _("退回"), lead=str(found), back=back).respond(request, ReasonForm, save)


def withdraw_entry(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take it back with a reason; who uses it stands above the form."""
    found, actor = _seen(request, pk), _actor(request)
    back = reverse("catalog.entry", args=[pk])

    def save(form: WithdrawForm) -> str:
        operations.withdraw(found, reason=form.cleaned_data["reason"], by=actor)
        messages.success(request, _("已撤下，订阅的人已收到通知。"))
        return back

    page = FormPage(
        _("撤下目录条目"), _("撤下"), lead=str(found), back=back, kind="danger", template="catalog/withdraw.html"
    )
    return page.respond(request, WithdrawForm, save, felt=_used(found, actor))


def entry_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What it said from a day to a day, and what that changed against the one before."""
    found, actor = _seen(request, pk), _actor(request)
    rows = found.revisions.all()
    if not queries.works_on(found, actor):
        rows = rows.exclude(state__in=(*OPEN_REVISIONS, RevisionState.DISCARDED))
    shown = rows.filter(number=number).first()
    if shown is None:
        raise Http404(_("没有这个版本，或者不归您看。"))
    before = rows.filter(number__lt=number, published_at__isnull=False).order_by("-number").first()
    said = content.held(shown.content)
    crumbs = (*_crumbs(), (found.name, reverse("catalog.entry", args=[pk])))
    page = DetailPage(
        _("第 %(n)s 版：%(name)s") % {"n": number, "name": content.label(said)}, tuple(_facts(said)), shown.tag,
        lead=said["summary"], crumbs=crumbs, template="catalog/version.html",
    )  # fmt: skip
    changes = content.differences(content.held(before.content), said) if before else []
    facts = {"entry": found, "shown": shown, "said": said, "changes": changes, "before": before, **WORDS}
    return page.respond(request, found, **facts)


# --- parts ------------------------------------------------------------------------------------------------------------
def _crumbs() -> tuple[tuple[Any, str], ...]:
    return ((_("数据目录"), reverse("catalog.catalogue")),)


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _seen(request: HttpRequest, pk: int) -> Entry:
    try:
        return queries.seen(pk, _actor(request))
    except Entry.DoesNotExist:
        raise Http404(_("没有这个目录条目，或者不归您看。")) from None
