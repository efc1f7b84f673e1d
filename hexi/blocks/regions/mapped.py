"""Base maps read: what is in force for a division, its notes, the squares of a cartogram. Beside queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, sqrt
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.regions import codes
from hexi.blocks.regions.models import BaseMap, Division
from hexi.kernel.actors import Actor, within
from hexi.kernel.remembered import remembered
from hexi.wire import geojson


@dataclass(frozen=True)
class Base:
    """What lies under a map: addresses of boundaries and buildings ("": none), and the notes at its foot."""

    boundaries: str = ""
    buildings: str = ""
    notes: tuple[str, ...] = ()


def base(code: str, *, ground: bool, buildings: bool = True) -> Base:
    """The base maps for a division: of the nearest region above it that has one. One query."""
    if not ground:
        return Base(notes=(_("示意图：方格只表示有这个地方，不是地图，不表示真实位置、形状和边界。"),))
    found = {row.kind: row for row in _above(code)}
    lines, blocks = found.get(BaseMap.Kind.BOUNDARIES), found.get(BaseMap.Kind.BUILDINGS) if buildings else None
    notes = [_("审图号：%(number)s") % {"number": lines.approval}] if lines else [_("没有导入边界，不画区划界线。")]
    if blocks:
        notes.append(
            _("建筑为合成，不是真实建筑。") if blocks.synthetic else _("建筑：%(name)s") % {"name": blocks.name}
        )
        if blocks.approval:
            notes.append(_("审图号：%(number)s") % {"number": blocks.approval})
    return Base(address(lines) if lines else "", address(blocks) if blocks else "", tuple(notes))


def address(row: BaseMap) -> str:
    """Where its features are: the digest makes it safe to keep for good."""
    return reverse("regions.base_map", args=[row.pk, row.digest[:16]])


def lies_in(code: str, lon: float, lat: float) -> bool | None:
    """Whether a point (WGS-84) lies in a division by the boundaries in force; None where they do not show it."""
    shape = outline(code)
    return None if shape is None else geojson.contains(shape, lon, lat)


def outline(code: str) -> geojson.Shape | None:
    """A division's shape by the boundaries in force; None where they do not show it."""
    rows = [row for row in _above(code) if row.kind == BaseMap.Kind.BOUNDARIES]
    return _outline(rows[-1].pk, rows[-1].digest, code) if rows else None


@lru_cache(maxsize=64)
def _outline(pk: int, digest: str, code: str) -> geojson.Shape | None:
    """A division's outline in a base map; what the digest names never changes."""
    features = BaseMap.objects.values_list("features", flat=True).get(pk=pk, digest=digest)
    return next((one["shape"] for one in features if one["code"] == code), None)


def _above(code: str) -> list[BaseMap]:
    """Those in force for a division and above it, without their features, the nearest last."""
    rows = BaseMap.objects.filter(ended_at=None, region_code__in=codes.ancestors(code)).defer("features")
    return sorted(rows, key=lambda row: codes.level_of(row.region_code))


def in_force(actor: Actor) -> QuerySet[BaseMap]:
    """The base maps of the regions one looks after, newest first, ended ones too; without their features."""
    return BaseMap.objects.filter(within(_regional(actor))).defer("features").order_by("-at", "-pk")


def _regional(actor: Actor) -> list[Any]:
    return [scope for scope in actor.scopes("regions.view") if scope.department is None]


def collection(row: BaseMap) -> dict[str, Any]:
    """Its shapes as a GeoJSON FeatureCollection."""
    features = [
        {
            "type": "Feature",
            "properties": {key: value for key, value in one.items() if key != "shape"},
            "geometry": geojson.geometry(one["shape"]),
        }
        for one in row.features
        if "shape" in one
    ]
    return {"type": "FeatureCollection", "features": features}


@remembered
def _tiles(region: str) -> tuple[tuple[str, int, int], ...]:
    row = BaseMap.objects.filter(kind=BaseMap.Kind.TILES, region_code=region, ended_at=None).first()
    return tuple((one["code"], *one["at"]) for one in row.features) if row else ()


@dataclass(frozen=True)
class Square:
    """A division with its place in a cartogram."""

    code: str
    name: str
    column: int
    row: int
    group: str


def squares(code: str) -> list[Square]:
    """The divisions that make up this one as squares: a province's or prefecture's counties where the cartogram has
    them, else the divisions one step down in the order of their codes. Two queries; the cartogram is remembered."""
    below = parts(code)
    groups = {row.code: row.title for row in below if codes.level_of(row.code) == codes.PREFECTURE}
    named = {row.code: row.title for row in below if row.code not in groups}
    drawn = [one for one in _tiles(codes.ancestors(code)[0]) if one[0] in named] if named else []
    if drawn:
        return _moved([Square(one, named[one], x, y, groups.get(codes.parent(one), "")) for one, x, y in drawn])
    rows = list(named.items()) or list(groups.items())
    across = max(1, ceil(sqrt(len(rows) * 1.6)))
    return [Square(one, name, place % across, place // across, "") for place, (one, name) in enumerate(rows)]


def _moved(found: list[Square]) -> list[Square]:
    """Moved so that they begin at column and row 0."""
    left, top = min(one.column for one in found), min(one.row for one in found)
    return [Square(one.code, one.name, one.column - left, one.row - top, one.group) for one in found]


def parts(code: str) -> Sequence[Division]:
    """The divisions that are counted when this one is looked at: a province by prefectures and counties, others by the
    divisions one step down; of a village none. One query."""
    level = codes.level_of(code)
    if level >= codes.VILLAGE:
        return []
    rows = Division.objects.current().under(code).exclude(code=code)
    if level == codes.PROVINCE:
        return list(rows.filter(level__in=(codes.PREFECTURE, codes.COUNTY)))
    return list(rows.filter(parent_code=code))
