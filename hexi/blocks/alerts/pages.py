"""What the public sees of alerts: those in force and past, one with its area, its CAP document, feeds, the banner.

Also the page a link in a message leads to, where whoever is asked confirms with one press, and what one watches.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.alerts import areas, drawing, keeping, queries, reaching
from hexi.blocks.alerts.definitions import Colour, colour, colours, hazards
from hexi.blocks.alerts.feeds import feed
from hexi.blocks.alerts.models import Alert, Received, Status, Subscription
from hexi.blocks.regions.controls import RegionSelect
from hexi.blocks.regions.queries import levels, places, region_of
from hexi.kernel import clock
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView
from hexi.wire.cap import feeds, reading
from hexi.wire.cap.model import Area as CapArea

FEEDS = {"atom": (feeds.atom, "application/atom+xml"), "rss": (feeds.rss, "application/rss+xml")}
#: what CAP calls how bad it is
SEVERITIES = {
    "Extreme": gettext_lazy("特别严重"), "Severe": gettext_lazy("严重"), "Moderate": gettext_lazy("较重"),
    "Minor": gettext_lazy("一般"), "Unknown": pgettext_lazy("urgency", "不明"),
}  # fmt: skip


def shade(alert: Alert) -> Colour:
    """The colour as it was when the alert was published."""
    return colour(alert.colour, clock.local_day(alert.published_at) if alert.published_at else None)


def shade_tag(alert: Alert) -> tuple[str, str]:
    """The colour as a tag: the word says it, the look only helps."""
    one = shade(alert)
    return one.look, str(one.title)


LIST = ListPage(
    title=gettext_lazy("预警"),
    columns=(
        Column("headline", gettext_lazy("标题"), link=lambda one: reverse("alerts.alert", args=[one.number])),
        Column("colour", gettext_lazy("预警颜色"), value=shade_tag, kind="tag"),
        Column("area", gettext_lazy("区域"), value=lambda one: str(areas.names(one.areas))),
        Column("department", gettext_lazy("发布单位"), value="department.title"),
        Column("published_at", gettext_lazy("发布时间"), kind="moment", sort="published_at"),
        Column("expires", gettext_lazy("有效到"), kind="moment", sort="expires"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
    ),
    views=(
        SavedView("now", gettext_lazy("生效中"), lambda rows: rows.in_force()),
        SavedView("all", gettext_lazy("全部")),
    ),
    filters=(
        Filter("hazard", gettext_lazy("种类"), lambda: [(one.key, one.title) for one in hazards().values()]),
        Filter("colour", gettext_lazy("预警颜色"), lambda: [(one.key, one.title) for one in colours().values()]),
    ),
    empty=Empty(gettext_lazy("现在没有生效的预警。"), icon="shield-check"),
    export=False,
    template="alerts/current.html",
)


def current(request: HttpRequest) -> HttpResponseBase:
    """Alerts in force, and all that were; besides them those of other sources that are proven."""
    return LIST.respond(request, queries.public(), others=queries.received_in_force(region_of(request)))


def alert(request: HttpRequest, number: str) -> HttpResponse:
    """One alert: what, how bad, where, until when, what to do."""
    found = get_object_or_404(queries.public(), number=number)
    page = DetailPage(
        found.headline, (), found.tag, crumbs=((_("预警"), reverse("alerts.current")),),
        place="alerts.alert", template="alerts/alert.html",
    )  # fmt: skip
    after = found.followers.published().first()
    # what to do comes before who, when and by which law
    rows = [row for row in facts(found) if row[1] is not None]
    return page.respond(request, found, **shown(found), after=after, rows=rows)


def shown(found: Alert) -> dict[str, Any]:
    """What the public and the officials see alike of an alert's content."""
    pieces = [areas.Piece.of(one) for one in found.areas]
    return {
        "pieces": pieces, "where": places(one.code for one in pieces if one.code), "shade": shade(found),
        "picture": drawing.picture(found.areas, _("预警区域示意图，文字说明在旁边的列表里")),
        "exercise": found.status != Status.ACTUAL,
    }  # fmt: skip


def facts(found: Alert) -> tuple[tuple[Any, Any], ...]:
    """The facts of an alert for its pages."""
    one = shade(found)
    return (
        (_("预警种类"), str(hazards()[found.hazard].title) if found.hazard in hazards() else found.hazard),
        (_("级别"), f"{one.title} {one.level}"),
        (_("性质"), found.get_status_display() if found.status != Status.ACTUAL else None),
        (_("发布单位"), found.department.title),
        (_("发布时间"), words.moment(found.published_at) if found.published_at else None),
        (_("开始时间"), words.moment(found.onset) if found.onset else None),
        (_("有效到"), words.moment(found.expires)),
        (_("说明"), found.note or None),
        (_("依据"), f"{one.standard} {one.clause}" if not words.english() else None),
        (_("编号"), found.number),
        (_("咨询电话"), found.department.phone or None),
    )


@cache_control(public=True, max_age=60)
def document(request: HttpRequest, number: str) -> HttpResponse:
    """The CAP document as it was signed, byte by byte; tests too, for whoever knows the number."""
    found = get_object_or_404(Alert.objects.published(), number=number)
    return HttpResponse(found.document.encode(), content_type="application/cap+xml; charset=utf-8")


@cache_control(public=True, max_age=60)
def feed_of(request: HttpRequest, form: str) -> HttpResponse:
    """Atom or RSS. As `text/xml`, so that a browser shows it with the style sheet instead of saving it."""
    if form not in FEEDS:
        raise Http404(_("只有 atom 和 rss 两种。"))
    write, kind = FEEDS[form]
    by_hand = "text/html" in request.headers.get("Accept", "")
    response = HttpResponse(
        write(feed(request, request.path)), content_type=f"{'text/xml' if by_hand else kind}; charset=utf-8"
    )
    response["Vary"] = "Accept, Accept-Language, Cookie"
    return response


def other(request: HttpRequest, pk: int) -> HttpResponse:
    """An alert of another source whose signature is proven, named as theirs."""
    found = next((one for one in queries.received_in_force() if one.pk == pk), None)
    if found is None:
        raise Http404(_("没有这条预警，或者已经失效。"))
    return received_page(request, found, ((_("预警"), reverse("alerts.current")),), "alerts/other.html")


def received_page(request: HttpRequest, found: Received, crumbs: Any, template: str, **more: Any) -> HttpResponse:
    """The page of a message of somebody else: its own words, never ours."""
    try:
        message = reading.parse(bytes(found.document))
    except reading.Unreadable:
        message = None
    info = message.info("en" if words.english() else "zh") if message else None
    page = DetailPage(
        str(found), _received_facts(found, info), found.tag, crumbs=crumbs, place="alerts.received", template=template
    )
    pieces = [_piece(one) for one in info.areas] if info else []
    flat = [part for parts in pieces for part in parts]
    return page.respond(
        request, found, info=info, areas=info.areas if info else (),
        picture=drawing.picture(flat, _("预警区域示意图，文字说明在旁边的列表里")), **more,
    )  # fmt: skip


def _piece(area: CapArea) -> list[dict[str, str]]:
    """Its shapes as this block stores them."""
    blank = {"zh": area.description, "en": area.description, "code": "", "polygon": "", "circle": ""}
    return [blank | {"polygon": one} for one in area.polygons] + [blank | {"circle": one} for one in area.circles]


def _received_facts(found: Received, info: Any) -> tuple[tuple[Any, Any], ...]:
    return (
        (_("来源"), found.source.name),
        (_("发布单位"), (info.sender_name if info else None) or found.sender or None),
        (_("严重程度"), SEVERITIES.get(found.severity, found.severity) or None),
        (_("发布时间"), words.moment(found.sent) if found.sent else None),
        (_("有效到"), words.moment(found.expires) if found.expires else None),
        (_("签名人"), found.signer or None),
        (_("编号"), found.identifier or None),
    )


# --- the portal -------------------------------------------------------------------------------------------------------
def banner(request: HttpRequest) -> Markup | None:
    """Alerts in force where the visitor is, on the portal's first page, the worst first."""
    here = region_of(request)
    own = sorted(queries.in_force(here), key=lambda one: -shade(one).rank)
    others = queries.received_in_force(here)
    if not own and not others:
        return None
    rows = [(one, shade(one), str(areas.names(one.areas))) for one in own[:3]]
    told = {"rows": rows, "others": others[:2], "more": max(0, len(own) - 3) + max(0, len(others) - 2)}
    return Markup(render_to_string("alerts/banner.html", told, request))  # noqa: S704 - ours


# --- confirming -------------------------------------------------------------------------------------------------------
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """One press confirms. Opening the page does not: programs that look at links in messages must not confirm."""
    row = reaching.by_token(token)
    if row is None:
        raise Http404(_("这个链接不对或不完整。请从短信里重新打开。"))
    if request.method == "POST":
        row = reaching.confirm_by_link(token, by=request.actor)  # type: ignore[attr-defined]
        return HttpResponseRedirect(request.path)
    told = {"title": _("确认收到预警"), "row": row, "alert": row.alert, "shade": shade(row.alert),
            "where": str(areas.names(row.alert.areas)), "after": row.alert.followers.published().first()}  # fmt: skip
    return render(request, "alerts/confirm.html", told)


# --- what one watches -------------------------------------------------------------------------------------------------
class WatchForm(forms.Form):
    """A division and the mildest colour to be told of."""

    code = forms.CharField(label=gettext_lazy("地区"), widget=RegionSelect)
    colour = forms.ChoiceField(label=gettext_lazy("从哪一级起告诉我"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["colour"].choices = [(one.key, str(one.title)) for one in colours().values()]  # type: ignore[attr-defined]


def watch(request: HttpRequest) -> HttpResponseBase:
    """The divisions one is told about, and one more."""
    actor = request.actor  # type: ignore[attr-defined]

    def save(form: WatchForm) -> str:
        keeping.subscribe(form.cleaned_data["code"], colour=form.cleaned_data["colour"], by=actor)
        messages.success(request, _("已关注。有预警时会告诉您。"))
        return reverse("alerts.watch")

    rows = list(queries.subscriptions(actor))
    where = places(row.region_code for row in rows)
    by_rank = {one.rank: one for one in colours().values()}
    listed = [(row, where.get(row.region_code, row.region_code), by_rank.get(row.rank)) for row in rows]
    page = FormPage(
        _("预警提醒"), _("关注"), lead=_("关注的地区发布预警时，用您选的渠道告诉您。"), template="alerts/watch.html",
    )  # fmt: skip
    initial = {"code": region_of(request), "colour": next(iter(colours()), "")}
    return page.respond(request, WatchForm, save, initial, listed=listed, levels=levels)


@require_POST
def unwatch(request: HttpRequest, pk: int) -> HttpResponse:
    """Be told no more."""
    actor = request.actor  # type: ignore[attr-defined]
    row: Subscription | None = queries.subscriptions(actor).filter(pk=pk).first()
    if row is not None:
        keeping.unsubscribe(row, by=actor)
    messages.success(request, _("已取消关注。"))
    return HttpResponseRedirect(reverse("alerts.watch"))
