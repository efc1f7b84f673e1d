"""Whom an alert finds in the grid: cells, who is responsible for them and lives there, cameras. Beside queries."""

from collections.abc import Iterator
from math import cos, pi, radians, sin

from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.alerts.areas import Area
from hexi.blocks.alerts.reach import Reach, Target
from hexi.blocks.cases.watching import officials
from hexi.blocks.regions import codes
from hexi.domains.livelihood.grid.models import Cell, Duty, Resident, VideoPoint
from hexi.domains.livelihood.grid.shapes import Shape, box_of, overlap
from hexi.kernel.packs import Words

#: corners of what stands for a circle, kilometres of a degree of latitude, and the least radius: a point is a place too
CORNERS, DEGREE, LEAST = 64, 111.195, 0.01
#: cells read at a time
BATCH = 500


def cells(area: Area) -> Iterator[Target]:
    """The cells touched; their villages count as touched."""
    for cell in _touched(area):
        yield Target(cell.code, Words(zh=cell.title, en=cell.title), cell.region_code)


def workers(area: Area) -> Iterator[Target]:
    """Who is responsible for them now, and must confirm; who has several cells is named by the first."""
    duties = Duty.objects.now().filter(account__is_active=True).select_related("account").order_by("pk")
    named = set()
    for cell in _touched(area, Prefetch("duties", duties)):
        for one in (duty.account for duty in cell.duties.all() if duty.account_id not in named):
            named.add(one.pk)
            who = Words(zh=f"{one}（网格员，{cell.title}）", en=f"{one} (grid worker, {cell.title})")
            yield Target(f"account:{one.pk}", who, cell.region_code, one, confirm=True)


def homes(area: Area) -> Iterator[Target]:
    """Who lives in their homes now is told; without a name, for who lives where is not for everybody who warns."""
    living = Resident.objects.filter(until=None).select_related("person__representative").order_by("pk")
    for cell in _touched(area, Prefetch("homes__residents", living)):
        for home in cell.homes.all():
            for one in home.residents.all():
                yield Target(f"person:{one.person_id}", Words(zh="住户", en="Resident"), cell.region_code, one.person)


def cameras(area: Area) -> Iterator[Target]:
    """Cameras inside a division of the area or one of its shapes."""
    for one, place in _cameras(area):
        yield Target(one.code, Words(zh=one.title, en=one.title), place)


def keepers(area: Area) -> Iterator[Target]:
    """Who looks after those cameras (right `grid.video` in their offices) is told, by the first of them."""
    named, offices = set(), set()
    for one, place in _cameras(area):
        if one.department_id in offices:
            continue
        offices.add(one.department_id)
        for account in officials("grid.video", one.department_id, one.region_code):
            if account.pk not in named:
                named.add(account.pk)
                who = Words(zh=f"{account}（视频点位 {one.title}）", en=f"{account} (camera {one.title})")
                yield Target(f"account:{account.pk}", who, place, account)


def _cameras(area: Area) -> Iterator[tuple[VideoPoint, str]]:
    """Each with the division it stands in: its cell's, or where it stands in none its office's."""
    near = Q(pk__in=())
    for code in area.codes:
        start, beyond = codes.span(code)
        near |= Q(region_code__gte=start, region_code__lt=beyond)
        near |= Q(cell__region_code__gte=start, cell__region_code__lt=beyond)
    for ground in _grounds(area):
        west, south, east, north = box_of(ground)
        near |= Q(longitude__range=(west, east), latitude__range=(south, north))
    for one in VideoPoint.objects.filter(near).select_related("cell").order_by("code").iterator(BATCH):
        place = one.cell.region_code if one.cell else one.region_code
        if area.covers(place) or area.contains(one.latitude, one.longitude):
            yield one, place


def _touched(area: Area, *parts: Prefetch) -> Iterator[Cell]:
    """Cells in use inside a division of the area, or that share ground with one of its shapes."""
    grounds, near = _grounds(area), Q(pk__in=())
    for code in area.codes:
        start, beyond = codes.span(code)
        near |= Q(region_code__gte=start, region_code__lt=beyond)
    for ground in grounds:
        west, south, east, north = box_of(ground)
        near |= Q(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    rows = Cell.objects.current().filter(near).prefetch_related(*parts).order_by("code")
    for cell in rows.iterator(BATCH):
        if area.covers(cell.region_code) or any(overlap(cell.shape, ground) for ground in grounds):
            yield cell


def _grounds(area: Area) -> list[Shape]:
    """The shapes of the area as the grid writes shapes: longitude first."""
    drawn = [[[[[lon, lat] for lat, lon in one.points]]] for one in area.polygons]
    return [*drawn, *(_round(*one.centre, one.radius) for one in area.circles)]


def _round(latitude: float, longitude: float, radius: float) -> Shape:
    """A polygon round a circle: nobody inside the circle is outside it."""
    high = max(radius, LEAST) / DEGREE / cos(pi / CORNERS)
    wide = high / max(cos(radians(latitude)), 0.01)
    turns = [2 * pi * place / CORNERS for place in range(CORNERS)]
    ring = [[longitude + wide * cos(turn), latitude + high * sin(turn)] for turn in turns]
    return [[[*ring, ring[0]]]]


ADDED = (
    Reach("cells", _("网格"), cells, ground=True),
    Reach("workers", _("网格员"), workers),
    Reach("homes", _("住户"), homes),
    Reach("cameras", _("视频点位"), cameras),
    Reach("camera_keepers", _("视频点位管理人"), keepers),
)
