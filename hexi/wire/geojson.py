"""GeoJSON of polygons (RFC 7946): read within limits, each ring checked (closed, in range, not crossing itself).

Longitude comes first here, unlike in CAP; degrees, WGS 84 (RFC 7946 §4). Every fault is told in both languages.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any

from hexi.wire.cap.shapes import crossing

Ring = list[list[float]]
Shape = list[list[Ring]]
#: west, south, east, north
Box = tuple[float, float, float, float]
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
#: places are kept to a decimetre
DIGITS = 6
#: faults that are told of one file
MOST_TOLD = 50


@dataclass(frozen=True)
class Limits:
    """What a file may hold at most."""

    octets: int = 10_000_000
    features: int = 20_000
    points: int = 300_000
    box: Box = WORLD


@dataclass(frozen=True)
class Wrong:
    """One thing to mend: the feature (from 1; 0: the file) and the sentence."""

    number: int
    zh: str
    en: str


@dataclass(frozen=True)
class Feature:
    """One feature: its place in the file from 1, what stands beside the shape, polygons of rings (outer ring first)."""

    number: int
    facts: dict[str, Any]
    shape: Shape


@dataclass
class Reading:
    """What a file holds, and all that is wrong with it."""

    features: list[Feature] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    points: int = 0

    def say(self, number: int, zh: str, en: str) -> None:
        """Note a fault."""
        if len(self.wrong) < MOST_TOLD:
            self.wrong.append(Wrong(number, zh, en))


def read(content: bytes, limits: Limits = Limits()) -> Reading:
    """A FeatureCollection of Polygons and MultiPolygons. Never raises: what cannot be read is a fault."""
    found = Reading()
    rows = _rows(content, limits, found)
    for number, row in enumerate(rows, 1):
        shape = _shape(number, row, limits, found)
        if found.points > limits.points:
            found.say(number, f"整个文件超过 {limits.points} 个点，请先抽稀。",
                      f"more than {limits.points} points in all: simplify the file first")  # fmt: skip
            break
        if shape:
            facts = row.get("properties")
            found.features.append(Feature(number, facts if isinstance(facts, dict) else {}, shape))
    return found


def _rows(content: bytes, limits: Limits, found: Reading) -> list[Any]:
    if len(content) > limits.octets:
        mega = limits.octets // 1_000_000
        found.say(0, f"文件超过 {mega} MB。", f"the file is larger than {mega} MB")
        return []
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        found.say(0, "不是 UTF-8 的 JSON 文件。", "not a JSON file in UTF-8")
        return []
    rows = whole.get("features") if isinstance(whole, dict) and whole.get("type") == "FeatureCollection" else None
    if not isinstance(rows, list) or not rows:
        found.say(0, "应为有要素的 FeatureCollection。", "should be a FeatureCollection with features")
        return []
    if len(rows) > limits.features:
        found.say(0, f"最多 {limits.features} 个要素。", f"at most {limits.features} features")
        return []
    return rows


def _shape(number: int, row: Any, limits: Limits, found: Reading) -> Shape | None:
    """The shape of one feature; None if something is wrong, which is noted."""
    given = row.get("geometry") if isinstance(row, dict) else None
    geometry: dict[str, Any] = given if isinstance(given, dict) else {}
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        found.say(number, "几何类型应为 Polygon 或 MultiPolygon。", "the geometry should be a Polygon or MultiPolygon")
        return None
    given = geometry.get("coordinates")
    polygons = [given] if kind == "Polygon" else given
    if not isinstance(polygons, list) or not polygons or not all(isinstance(one, list) and one for one in polygons):
        found.say(number, "没有坐标。", "there are no coordinates")
        return None
    before = len(found.wrong)
    shape = [[_ring(number, ring, limits, found) for ring in polygon] for polygon in polygons]
    if len(found.wrong) == before:
        _between(number, shape, found)
    return shape if len(found.wrong) == before else None


def _between(number: int, shape: Shape, found: Reading) -> None:
    try:
        where = entangled(shape)
    except OverflowError:
        found.say(number, "几个环之间的点太多，无法核对，请先抽稀。",
                  "too many points to check the rings against each other: simplify them first")  # fmt: skip
        return
    if where is not None:
        at = f"{where[0]:g}, {where[1]:g}"
        found.say(number, f"几个环互相交叉，或者洞不在外边界里、几块互相重叠，在 {at} 附近。",
                  f"rings cross each other, a hole lies outside, or parts overlap, near {at}")  # fmt: skip


def _ring(number: int, ring: Any, limits: Limits, found: Reading) -> Ring:
    if not isinstance(ring, list) or not all(_is_place(one) for one in ring):
        found.say(number, "坐标应为 [经度, 纬度] 两个数字，用度表示（WGS-84）。",
                  "coordinates should be [longitude, latitude], numbers in degrees (WGS 84)")  # fmt: skip
        return []
    found.points += len(ring)
    west, south, east, north = limits.box
    for x, y, *_height in ring:
        if not (west <= x <= east and south <= y <= north):
            found.say(number, f"点 {x:g}, {y:g} 在范围之外（经度 {west:g}–{east:g}，纬度 {south:g}–{north:g}）。",
                      f"the point {x:g}, {y:g} lies outside {west:g}–{east:g} E, {south:g}–{north:g} N")  # fmt: skip
            return []
    corners = [[round(x, DIGITS), round(y, DIGITS)] for x, y, *_height in ring]
    if len(corners) < 4 or corners[0] != corners[-1]:
        found.say(number, "环没有闭合：第一个点和最后一个点应相同，至少四个点。",
                  "the ring is not closed: its first and last points should be the same, at least four")  # fmt: skip
        return []
    kept = [corner for place, corner in enumerate(corners) if place == 0 or corner != corners[place - 1]]
    _crossings(number, kept, found)
    return kept


def _crossings(number: int, ring: Ring, found: Reading) -> None:
    if len(ring) < 4 or all(abs(_turn(ring[0], ring[1], corner)) < 1e-12 for corner in ring):
        found.say(number, "面积为零：点都在一条线上或重合。", "its area is zero: all points lie on one line")
        return
    try:
        where = crossing([(y, x) for x, y in ring])
    except OverflowError:
        found.say(
            number, "一个环的点太多，无法核对，请先抽稀。", "too many points in one ring to check: simplify it first"
        )
        return
    if where is not None:
        found.say(number, f"边界自相交，在 {where[1]:g}, {where[0]:g} 附近。",
                  f"the border crosses itself near {where[1]:g}, {where[0]:g}")  # fmt: skip


#: comparisons of edges after which the rings of one feature count as unchecked: about a second
MOST_COMPARED = 1_000_000


def entangled(shape: Shape) -> tuple[float, float] | None:
    """A place near which two rings of a shape are where they must not be (RFC 7946 §3.1.6, OGC 06-103r4 §6.1.11): they
    cross, a hole reaches out of its polygon or into another hole, a polygon into another one. None if there is none.

    Rings may touch. Every pair of edges whose boxes meet is compared; raises OverflowError after too many comparisons.
    """
    rings = [ring for polygon in shape for ring in polygon]
    if len(rings) < 2:
        return None
    left = [MOST_COMPARED]
    if (place := _crossed(rings, left)) is not None:
        return place
    for one, polygon in enumerate(shape):
        for hole in polygon[1:]:
            if (place := _first(hole, polygon[0], False, left)) is not None:
                return place
        pairs = [(a, b) for n, a in enumerate(polygon[1:]) for b in polygon[1:][n + 1 :]]
        pairs += [(polygon[0], other[0]) for other in shape[one + 1 :]]
        for a, b in pairs:
            inner, outer = (a, b) if _holds(_box(b), _box(a)) else (b, a)
            place = _first(inner, outer, True, left)
            if place is not None and not _on_island(shape, outer, place):
                return place
    return None


def _crossed(rings: list[Ring], left: list[int]) -> tuple[float, float] | None:
    """Where edges of two different rings cross, each passing through the other; swept from west to east."""
    edges = [(a, b, ring) for ring, line in enumerate(rings) for a, b in pairwise(line)]
    edges.sort(key=lambda edge: min(edge[0][0], edge[1][0]))
    open_: list[tuple[list[float], list[float], int]] = []
    for a, b, ring in edges:
        west, south, north = min(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
        open_ = [edge for edge in open_ if max(edge[0][0], edge[1][0]) >= west]
        _spend(left, len(open_))
        for c, d, other in open_:
            near = other != ring and min(c[1], d[1]) <= north and max(c[1], d[1]) >= south
            if near and _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0:
                return c[0], c[1]
        open_.append((a, b, ring))
    return None


def _first(ring: Ring, other: Ring, inside: bool, left: list[int]) -> tuple[float, float] | None:
    """The first corner of a ring, or middle of one of its edges, that lies inside another (or, if not `inside`, out of
    it); what lies on its line does neither."""
    box = _box(other)
    if inside and not _meet(box, _box(ring)):
        return None
    for a, b in pairwise(ring):
        for x, y in ((a[0], a[1]), ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)):
            _spend(left, len(other))
            if not _near(other, x, y) and _inside(other, x, y) == inside:
                return x, y
    return None


def _on_island(shape: Shape, outer: Ring, place: tuple[float, float]) -> bool:
    """True if a place inside an outer ring lies in a hole of its polygon: another part may be an island there."""
    return any(_inside(hole, *place) for polygon in shape if polygon[0] is outer for hole in polygon[1:])


def _spend(left: list[int], compared: int) -> None:
    left[0] -= compared
    if left[0] < 0:
        raise OverflowError


#: degrees within which a place is on a line: half a decimetre, which is what rounding leaves
CLOSE = 1e-6


def _near(ring: Ring, x: float, y: float) -> bool:
    """True if a place lies on the line of a ring."""
    return any(
        min(a[0], b[0]) - CLOSE <= x <= max(a[0], b[0]) + CLOSE
        and min(a[1], b[1]) - CLOSE <= y <= max(a[1], b[1]) + CLOSE
        and abs(_turn(a, b, [x, y])) <= CLOSE * (abs(b[0] - a[0]) + abs(b[1] - a[1]))
        for a, b in pairwise(ring)
    )


def _box(ring: Ring) -> Box:
    xs, ys = [x for x, _y in ring], [y for _x, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _holds(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _turn(a: list[float], b: list[float], c: list[float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_place(one: Any) -> bool:
    return isinstance(one, list) and len(one) in (2, 3) and all(_is_number(value) for value in one)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # a whole number of some hundred digits
        return False


def signed(ring: Ring) -> float:
    """Area in square degrees; above 0 if the ring runs against the clock."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def turned(shape: Shape) -> Shape:
    """Outer rings against the clock, holes with it (RFC 7946 §3.1.6)."""
    return [
        [ring if (signed(ring) > 0) == (place == 0) else ring[::-1] for place, ring in enumerate(polygon)]
        for polygon in shape
    ]


def box_of(shape: Shape) -> Box:
    """West, south, east, north."""
    xs = [x for polygon in shape for x, _y in polygon[0]]
    ys = [y for polygon in shape for _x, y in polygon[0]]
    return min(xs), min(ys), max(xs), max(ys)


def contains(shape: Shape, x: float, y: float) -> bool:
    """True if the place lies in one of the polygons and in none of its holes; of two neighbours it lies in one."""
    return any(_inside(polygon[0], x, y) and not any(_inside(hole, x, y) for hole in polygon[1:]) for polygon in shape)


def _inside(ring: Ring, x: float, y: float) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in _edges(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _edges(ring: Ring) -> Iterator[tuple[list[float], list[float]]]:
    return pairwise(ring)


def geometry(shape: Shape) -> dict[str, Any]:
    """The shape as GeoJSON writes it."""
    if len(shape) == 1:
        return {"type": "Polygon", "coordinates": shape[0]}
    return {"type": "MultiPolygon", "coordinates": shape}
