"""Cells, incidents and cameras on maps, and their figures on the wall: by the rights of who looks. Beside queries."""

from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from hexi.blocks.regions import codes
from hexi.domains.livelihood.grid import queries
from hexi.domains.livelihood.grid.models import Cell, Incident
from hexi.domains.livelihood.grid.shapes import centre
from hexi.domains.livelihood.grid.states import KIND, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.maps import Feature, Found, Gauge, Layer, Look, Outlines, find

VIEW, VIDEO = "grid.view", "grid.video"


def placed(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """The rows with `place_code`: the village of the cell, or the region of the office."""
    return rows.annotate(place_code=Coalesce(F("cell__region_code"), F("case__region_code")))


def incidents(actor: Actor, look: Look, most: int) -> Found:
    """Incidents not over at the moment looked at, newest first."""
    held = Q(case__ended_at=None) | Q(case__ended_at__gt=look.until)
    rows = placed(queries.visible(actor)).filter(held, case__submitted_at__lte=look.until)
    if look.since:
        rows = rows.filter(case__submitted_at__gt=look.since)
    return find(rows, look, most, _incident, code="place_code", place=("longitude", "latitude"))


def _incident(one: Any) -> Feature:
    case = one.case
    late = case.next_due is not None and case.next_due < clock.now() and case.ended_at is None
    return Feature(
        case.number, str(one.rule), one.place_code, reverse("grid.incident", args=[case.number]),
        one.longitude, one.latitude, state="overdue" if late or one.urgent else KIND.tags[case.state],
        word=str(State(case.state).label), at=case.submitted_at,
    )  # fmt: skip


def cells(actor: Actor, look: Look, most: int) -> Found:
    """Cells in use, each as high as it has open incidents."""
    own = Incident.objects.filter(cell=OuterRef("pk"), case__ended_at=None).order_by()
    busy = Subquery(own.values("cell").annotate(n=Count("pk")).values("n"))
    rows = queries.cells_for(actor).annotate(busy=Coalesce(busy, 0))
    if look.inside is None:
        return find(rows, look, most, _cell, code="region_code", place=("west", "south"))
    same = [_cell(one) for one in rows.filter(look.within("region_code")) if one.shape == look.inside]
    return Found({look.division: len(same)} if same else {}, tuple(same[:most]))


def _cell(one: Any) -> Feature:
    lon, lat = centre(one.shape)
    word = _("%(n)s 件在办") % {"n": one.busy} if one.busy else _("没有在办")
    return Feature(
        one.code, one.title, one.region_code, reverse("grid.cell", args=[one.code]), lon, lat, one.shape,
        state="near" if one.busy else "done", word=str(word), weight=1 + one.busy,
    )  # fmt: skip


def outlines(division: str, most: int) -> tuple[Feature, ...]:
    """Cells of a division by name: the grid map is public (网格划分向社会公布), what happens in a cell is not.

    Of a village without cells those of its township.
    """
    for part in (division, codes.parent(division)):
        if codes.level_of(part) >= codes.TOWNSHIP:
            start, beyond = codes.span(part)
            rows = Cell.objects.current().filter(region_code__gte=start, region_code__lt=beyond).order_by("code")
            if found := tuple(outline(one) for one in rows[:most]):
                return found
    return ()


def outline(cell: Cell) -> Feature:
    """A cell as ground with a name."""
    return Feature(cell.code, cell.title, cell.region_code, shape=cell.shape)


def videos(actor: Actor, look: Look, most: int) -> Found:
    """Cameras; where their stream is to be had stays on their own page."""
    rows = queries.videos_for(actor).order_by("code")
    return find(rows, look, most, _video, code="region_code", place=("longitude", "latitude"))


def _video(one: Any) -> Feature:
    link = reverse("grid.video", args=[one.pk])
    return Feature(one.code, one.title, one.region_code, link, one.longitude, one.latitude, state="info", word="")


def in_place(rows: QuerySet[Incident], code: str) -> QuerySet[Incident]:
    """The incidents of a division and what lies inside it; none for what is no code."""
    if not codes.is_code(code):
        return rows.none()
    start, beyond = codes.span(code)
    return placed(rows).filter(place_code__gte=start, place_code__lt=beyond)


def _open(actor: Actor, division: str) -> QuerySet[Incident]:
    return in_place(queries.visible(actor).filter(case__ended_at=None), division)


def open_incidents(actor: Actor, division: str) -> int:
    """Incidents not yet over."""
    return _open(actor, division).count()


def late_incidents(actor: Actor, division: str) -> int:
    """Those of them past a limit."""
    return _open(actor, division).filter(case__next_due__lt=clock.now()).count()


def behind(view: str, division: str) -> str:
    """The workbench's list of what a figure counted."""
    return f"{reverse('grid.incidents')}?{urlencode({'view': view, 'place': division})}"


ADDED = (
    Outlines("cells", outlines),
    Layer(
        "incidents", _("网格事件"), "point", incidents, VIEW, "cinnabar", "map-pin", 30,
        lambda code: behind("open", code),
    ),
    Layer(
        "cells", _("网格"), "polygon", cells, VIEW, "malachite", "grid-4x4", 60, lambda code: reverse("grid.cells"),
        ground=True, standing=True,
    ),
    Layer(
        "videos", _("视频点位"), "point", videos, VIDEO, "ink-soft", "video", 70, lambda code: reverse("grid.videos"),
        standing=True,
    ),
    Gauge("incidents", _("网格事件"), open_incidents, lambda code: behind("open", code), VIEW, order=30),
    Gauge("incidents_late", _("超期事件"), late_incidents, lambda code: behind("over", code), VIEW, "overdue", 40),
)  # fmt: skip
