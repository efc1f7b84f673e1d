"""Events on the map and their figure on the wall, which opens their list: by the rights of who looks."""

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from hexi.blocks.regions import codes
from hexi.domains.livelihood.emergency import plans, queries
from hexi.domains.livelihood.emergency.models import Event
from hexi.domains.livelihood.emergency.states import VIEW
from hexi.kernel.actors import Actor
from hexi.ui.maps import Feature, Found, Gauge, Layer, Look, find


def events(actor: Actor, look: Look, most: int) -> Found:
    """Events open at the moment looked at, newest first; they have an address and no coordinates."""
    if look.inside is not None:
        return Found()
    held = Q(case__ended_at=None) | Q(case__ended_at__gt=look.until)
    rows = queries.visible(actor).filter(held, case__submitted_at__lte=look.until)
    if look.since:
        rows = rows.filter(case__submitted_at__gt=look.since)
    return find(rows, look, most, _event, code="place_code", place=("", ""))


def _event(one: Event) -> Feature:
    case, level = one.case, plans.levels()[one.level]
    return Feature(
        case.number, case.title, one.place_code, reverse("emergency.event", args=[case.number]), state=level.look,
        word=str(level.title), at=case.submitted_at, weight=5 - one.level,
    )  # fmt: skip


def in_place(rows: QuerySet[Event], code: str) -> QuerySet[Event]:
    """The events of a division and what lies inside it; none for what is no code."""
    if not codes.is_code(code):
        return rows.none()
    start, beyond = codes.span(code)
    return rows.filter(place_code__gte=start, place_code__lt=beyond)


def open_events(actor: Actor, division: str) -> int:
    """Events not yet over."""
    return in_place(queries.visible(actor).filter(case__ended_at=None), division).count()


def behind(division: str) -> str:
    """The workbench's list of what the figure counted."""
    return f"{reverse('emergency.events')}?{urlencode({'view': 'open', 'place': division})}"


ADDED = (
    Layer("emergency", _("突发事件"), "point", events, VIEW, "cinnabar", "alarm", 35, behind),
    Gauge("emergency", _("突发事件"), open_events, behind, VIEW, "overdue", 45),
)
