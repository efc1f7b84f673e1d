"""Alerts in force on maps, and their figures on the wall: by the rights of who looks. Beside queries."""

from collections import Counter
from math import asin, atan2, cos, degrees, radians, sin
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from hexi.blocks.alerts import queries
from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.definitions import colour
from hexi.blocks.alerts.models import Alert, Reached
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.maps import Feature, Found, Gauge, Layer, Look
from hexi.wire.cap import shapes

#: corners a circle is drawn with
CORNERS = 48


def alerts(actor: Actor, look: Look, most: int) -> Found:
    """Alerts that warned at the moment looked at and concern the division, the newest first; exercises are left out.

    One query. An alert counts once, on the first part of the division that it names; on the division itself if it
    covers all of it.
    """
    counts: Counter[str] = Counter()
    features: list[Feature] = []
    for one in _at(actor, look):
        codes_of = [piece["code"] or one.region_code for piece in one.areas]
        here = [code for code in codes_of if code.startswith(look.prefix)]
        counts[look.part(here[0]) if here else look.division] += 1
        features += _features(one)
    return Found(dict(counts), tuple(features[:most]))


def _at(actor: Actor, look: Look) -> list[Alert]:
    alive = Q(ended_at=None) | Q(ended_at__gt=look.until)
    rows = queries.seen_by(actor).published().meant().exclude(kind="Cancel")  # type: ignore[attr-defined]
    rows = rows.filter(alive, published_at__lte=look.until, expires__gt=look.until)
    if look.since:
        rows = rows.filter(published_at__gt=look.since)
    return [one for one in rows if queries.concerns(one, look.division)]


def _features(one: Alert) -> list[Feature]:
    """A feature for each piece that is drawn; one without a place if none is."""
    shown = colour(one.colour, clock.local_day(one.composed_at))
    facts: dict[str, Any] = {
        "link": reverse("alerts.work_alert", args=[one.number]), "state": shown.look, "word": str(shown.title),
        "at": one.published_at, "weight": shown.rank,
    }  # fmt: skip
    lines = [line for piece in one.areas if (line := _line(Piece.of(piece)))]
    whole = [[line] for line in lines]
    return [Feature(one.number, one.headline, one.region_code, shape=whole or None, **facts)]


def _line(piece: Piece) -> list[list[float]]:
    polygon, circle = shapes.polygon(piece.polygon), shapes.circle(piece.circle)
    if polygon:
        return [[longitude, latitude] for latitude, longitude in polygon.points]
    return _round(circle) if circle else []


def _round(circle: shapes.Circle) -> list[list[float]]:
    latitude, longitude = map(radians, circle.centre)
    far = circle.radius / shapes.EARTH
    line = []
    for corner in range(CORNERS):
        turn = -2 * 3.141592653589793 * corner / CORNERS
        north = asin(sin(latitude) * cos(far) + cos(latitude) * sin(far) * cos(turn))
        east = atan2(sin(turn) * sin(far) * cos(latitude), cos(far) - sin(latitude) * sin(north))
        line.append([round(degrees(longitude + east), 6), round(degrees(north), 6)])
    return [*line, line[0]]


def _now(actor: Actor, division: str) -> list[Alert]:
    rows = queries.seen_by(actor).in_force().meant()  # type: ignore[attr-defined]
    return [one for one in rows if queries.concerns(one, division)]


def in_force(actor: Actor, division: str) -> int:
    """Alerts in force that concern a division."""
    return len(_now(actor, division))


def unconfirmed(actor: Actor, division: str) -> int:
    """People on the call lists of the alerts in force who have not confirmed."""
    found = _now(actor, division)
    return Reached.objects.asked().filter(alert__in=[one.pk for one in found], confirmed_at=None).count()


def waiting(rows: Any) -> Any:
    """The alerts in force on whose call list somebody has not confirmed."""
    return rows.in_force().filter(Exists(Reached.objects.asked().filter(alert=OuterRef("pk"), confirmed_at=None)))


def behind(view: str, division: str) -> str:
    """The workbench's list of what a figure counted."""
    return f"{reverse('alerts.work_alerts')}?{urlencode({'view': view, 'place': division})}"


ADDED = (
    Layer(
        "alerts", _("预警"), "polygon", alerts, queries.VIEW, "ochre", "alert-triangle", 40,
        lambda code: behind("now", code),
    ),
    Gauge("alerts", _("生效预警"), in_force, lambda code: behind("now", code), queries.VIEW, "near", 50),
    Gauge("unconfirmed", _("未确认"), unconfirmed, lambda code: behind("calls", code), queries.VIEW, "near", 60),
)  # fmt: skip
