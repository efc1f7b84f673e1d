"""Orders and topics on maps, and their figures: by the rights of who looks, without what was said or who called.

Beside queries.
"""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from hexi.blocks.regions import codes, mapped
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import queries
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.states import OPEN, TAGS, VIEW, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.manifest import added
from hexi.ui.maps import MOST, Drawing, Feature, Found, Gauge, Ground, Layer, Look, Outlines, Shown, Tile, find


def at_moment(rows: QuerySet[Any], look: Look, start: str, end: str) -> QuerySet[Any]:
    """Those that had begun and were not over at the moment looked at; with `since` only those begun after it."""
    held = rows.filter(Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": look.until}), **{f"{start}__lte": look.until})
    return held.filter(**{f"{start}__gt": look.since}) if look.since else held


def orders(actor: Actor, look: Look, most: int) -> Found:
    """Orders open at the moment, what is urgent first."""
    rows = at_moment(queries.for_officials(actor), look, "case__submitted_at", "case__ended_at")
    return find(queries.worded(rows), look, most, _order, code="place_code", place=("lon", "lat"))


def _order(one: Any) -> Feature:
    due = one.case.next_due
    late = due is not None and due < clock.now() and one.case.ended_at is None
    return Feature(
        one.case.number, one.subject_title, one.place_code, reverse("requests.order", args=[one.case.number]),
        None if one.lon is None else float(one.lon), None if one.lat is None else float(one.lat),
        state="overdue" if late or one.urgent else TAGS[one.case.state],
        word=str(State(one.case.state).label), at=one.case.submitted_at,
    )  # fmt: skip


def topics(actor: Actor, look: Look, most: int) -> Found:
    """Topics several people spoke of, with an order in the time looked at; the hottest first."""
    rows = queries.topics(actor).filter(callers__gt=1, first_at__lte=look.until)
    if look.since:
        rows = rows.filter(last_at__gt=look.since)
    return find(queries.topics_worded(rows), look, most, _topic, code="place_code", place=("lon", "lat"))


def _topic(one: Any) -> Feature:
    return Feature(
        one.lead.case.number, one.subject_title, one.place_code, reverse("requests.topic", args=[one.lead.case.number]),
        None if one.lon is None else float(one.lon), None if one.lat is None else float(one.lat),
        state="near", word=str(_("%(n)s 件") % {"n": one.orders}), at=one.last_at, weight=one.orders,
    )  # fmt: skip


def in_place(rows: QuerySet[Request], code: str) -> QuerySet[Request]:
    """The rows of a division and what lies inside it; none for what is no code."""
    if not codes.is_code(code):
        return rows.none()
    start, beyond = codes.span(code)
    return rows.filter(place_code__gte=start, place_code__lt=beyond)


def _open(actor: Actor, division: str) -> QuerySet[Request]:
    return in_place(Request.objects.filter(queries.reach(actor), case__ended_at=None), division)


def open_orders(actor: Actor, division: str) -> int:
    """Orders not yet over."""
    return _open(actor, division).count()


def late_orders(actor: Actor, division: str) -> int:
    """Those of them past a limit."""
    return _open(actor, division).filter(case__next_due__lt=clock.now()).count()


def behind(view: str, division: str, name: str = "requests.orders") -> str:
    """The workbench's list of what a figure counted."""
    return f"{reverse(name)}?{urlencode({'view': view, 'place': division})}"


def _all_topics(division: str) -> str:
    return reverse("requests.topics") + "?view=hot"


LAYERS = (
    Layer("orders", _("在办诉求"), "point", orders, VIEW, "azurite", "phone", 10, lambda code: behind("open", code)),
    Layer("topics", _("热点诉求"), "point", topics, VIEW, "ochre", "flame", 20, _all_topics),
)
ADDED = (
    *LAYERS,
    Gauge("orders", _("在办诉求"), open_orders, lambda code: behind("open", code), VIEW, order=10),
    Gauge("orders_late", _("超期诉求"), late_orders, lambda code: behind("over", code), VIEW, "overdue", 20),
)


# --- beside lists -----------------------------------------------------------------------------------------------------
def open_drawing(region: str) -> Drawing:
    """Open orders of a region counted on its cartogram, for everybody: no point shows where somebody lives."""
    rows = queries.open_to_all(region).filter(case__state__in=OPEN, case__ended_at=None)
    found = find(rows, Look(region, clock.now()), 0, _order, code="place_code", place=("lon", "lat"))
    shown = Shown(LAYERS[0], found)
    row = regions.find(region)
    return Drawing(
        row.title if row else region, _squares(region, shown), (shown,),
        notes=mapped.base(region, ground=False).notes,
    )  # fmt: skip


def _squares(region: str, shown: Shown) -> tuple[Tile, ...]:
    """Each leads to the list of the division one step down in which it lies: those the list can be narrowed to."""
    deep = codes.level_of(region) == codes.PROVINCE
    return tuple(
        Tile(
            one.code, one.name, one.column, one.row, one.group,
            f"{reverse('requests.open_orders')}?place={codes.parent(one.code) if deep else one.code}",
            {shown.layer.key: n} if (n := shown.found.counts.get(one.code, 0)) else {},
        )
        for one in mapped.squares(region)
    )  # fmt: skip


def topics_drawing(actor: Actor) -> Drawing:
    """The topics a post may see, where they are; those without a place are in the list alone."""
    region = min((scope.region for scope in actor.scopes(VIEW)), key=len, default="").ljust(12, "0")
    base = mapped.base(region, ground=True)
    row = regions.find(region)
    layer = LAYERS[1]
    return Drawing(
        row.title if row else "", layers=(Shown(layer, layer.find(actor, Look(region, clock.now()), MOST)),),
        boundaries=base.boundaries, buildings=base.buildings, notes=base.notes,
    )  # fmt: skip


# --- under the pin of a report ----------------------------------------------------------------------------------------
def ground(place: str) -> Ground:
    """What helps to find a spot in a place: nothing of it is anybody's, so everybody may see it."""
    row = regions.find(place) if codes.is_code(place) else None
    if row is None:
        return Ground("")
    base, hotline = (
        mapped.base(place, ground=True, buildings=False),
        queries.hotline_for(place),
    )  # those are for officials
    outlines = tuple(one for layer in added(Outlines) for one in layer.find(place, MOST))
    return Ground(row.title, outlines, hotline.box if hotline else None, base.boundaries, notes=base.notes)
