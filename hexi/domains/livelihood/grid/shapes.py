"""The geometry of cells in plain Python: rings checked, a place in a polygon, overlaps and gaps. Degrees, WGS-84."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, isfinite, radians
from typing import Any

from django.utils.translation import gettext as _

from hexi.wire import geojson

Point = tuple[float, float]
Ring = list[list[float]]
Polygon = list[Ring]
Shape = list[Polygon]
Box = tuple[float, float, float, float]
Edge = tuple[list[float], list[float]]
#: places are kept to a centimetre; borders drawn twice may differ by a hand's breadth
DIGITS, TOLERANCE = 7, 1e-6
#: corners of one ring
MOST_CORNERS = 5000
#: comparisons of edges of one ring after which it counts as unchecked: about a second
MOST_COMPARED = 1_000_000
METRES = 111_320.0


# --- a place in a shape -----------------------------------------------------------------------------------------------
def contains(shape: Shape, x: float, y: float) -> bool:
    """True if the place lies in one of the polygons and in none of its holes.

    By crossings, each edge half open: of two cells with the same border a place on it lies in exactly one.
    """
    return any(
        crossings(polygon[0], x, y) and not any(crossings(hole, x, y) for hole in polygon[1:]) for polygon in shape
    )


def crossings(ring: Sequence[Sequence[float]], x: float, y: float) -> bool:
    """True if a ray from the place leaves the ring an odd number of times."""
    inside = False
    x1, y1 = ring[-1]
    for x2, y2 in ring:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
        x1, y1 = x2, y2
    return inside


def box_of(shape: Shape) -> Box:
    """West, south, east, north."""
    xs = [x for polygon in shape for x, _y in polygon[0]]
    ys = [y for polygon in shape for _x, y in polygon[0]]
    return min(xs), min(ys), max(xs), max(ys)


def area_m2(shape: Shape) -> float:
    """Its area; right to a few per mille for shapes of some kilometres."""
    return sum(_area(polygon[0]) - sum(_area(hole) for hole in polygon[1:]) for polygon in shape)


def _area(ring: Ring) -> float:
    return abs(signed(ring)) * METRES * METRES * cos(radians(ring[0][1]))


def signed(ring: Sequence[Sequence[float]]) -> float:
    """Area in square degrees; above 0 if it runs against the clock."""
    x0, y0 = ring[0]
    return sum((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) for (x1, y1), (x2, y2) in _edges(ring)) / 2


def centre(shape: Shape) -> Point:
    """A place inside: halfway along a line across the middle of the first polygon."""
    west, south, east, north = box_of(shape)
    for share in (0.5, 0.37, 0.61, 0.23, 0.83):
        y = south + (north - south) * share
        xs = sorted(
            x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            for ring in shape[0]
            for (x1, y1), (x2, y2) in _edges(ring)
            if (y1 > y) != (y2 > y)
        )
        if len(xs) >= 2 and xs[1] > xs[0]:
            return (xs[0] + xs[1]) / 2, y
    return (west + east) / 2, (south + north) / 2


def _edges(ring: Sequence[Sequence[float]]) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    """The edges of a ring, whether or not its first corner stands at its end again."""
    yield from pairwise(ring)
    if list(ring[0]) != list(ring[-1]):
        yield ring[-1], ring[0]


# --- reading GeoJSON --------------------------------------------------------------------------------------------------
def read(geometry: Any) -> tuple[Shape, list[str]]:
    """A GeoJSON Polygon or MultiPolygon as a shape, outer rings against the clock; what is wrong with it, in words."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return [], [_("要素的几何类型应为 Polygon 或 MultiPolygon。")]
    given = geometry.get("coordinates")
    polygons = [given] if geometry["type"] == "Polygon" else given
    if not isinstance(polygons, list) or not polygons or not all(isinstance(one, list) and one for one in polygons):
        return [], [_("没有坐标。")]
    faults: list[str] = []
    shape = [[_ring(ring, faults) for ring in polygon] for polygon in polygons]
    if not faults:
        faults += _entangled(shape)
    return ([] if faults else [_turned(polygon) for polygon in shape]), list(dict.fromkeys(faults))


def _ring(ring: Any, faults: list[str]) -> Ring:
    """A ring with its corners rounded, each once in a row; the first again at the end."""
    if not isinstance(ring, list) or not all(_is_place(one) for one in ring):
        faults.append(_("坐标应为 [经度, 纬度] 两个数字，用度表示（WGS-84）。"))
        return []
    if len(ring) > MOST_CORNERS:
        faults.append(_("一个环有 %(n)s 个点，最多 %(most)s 个。请先抽稀。") % {"n": len(ring), "most": MOST_CORNERS})
        return []
    corners = [[round(x, DIGITS), round(y, DIGITS)] for x, y, *_height in ring]
    if len(corners) < 4 or corners[0] != corners[-1]:
        faults.append(_("环没有闭合：第一个点和最后一个点应相同，至少四个点。"))
        return []
    kept = [corner for place, corner in enumerate(corners) if place == 0 or corner != corners[place - 1]]
    if len(kept) < 4 or all(_turn(kept[0], kept[1], corner) == 0 for corner in kept):
        faults.append(_("面积为零：点都在一条线上或重合。"))
    else:
        try:
            crossing = self_crossing(kept)
        except OverflowError:
            faults.append(_("一个环的点太密，无法核对。请先抽稀。"))
            return kept
        if crossing:
            faults.append(_("边界自相交，在 %(x).5f, %(y).5f 附近。") % {"x": crossing[0], "y": crossing[1]})
    return kept


def _is_place(one: Any) -> bool:
    return (
        isinstance(one, list)
        and len(one) in (2, 3)
        and all(_is_number(value) for value in one)
        and abs(one[0]) <= 180
        and abs(one[1]) <= 90
    )


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # a whole number of some hundred digits
        return False


def _entangled(shape: Shape) -> list[str]:
    """What is wrong between the rings, each of which is right by itself."""
    try:
        where = geojson.entangled(shape)
    except OverflowError:
        return [_("几个环之间的点太多，无法核对。请先抽稀。")]
    if where is None:
        return []
    said = _("几个环互相交叉，或者洞不在外边界里、几块互相重叠，在 %(x).5f, %(y).5f 附近。")
    return [said % {"x": where[0], "y": where[1]}]


def _turned(polygon: Polygon) -> Polygon:
    """The outer ring against the clock, holes with it (RFC 7946)."""
    return [ring if (signed(ring) > 0) == (place == 0) else ring[::-1] for place, ring in enumerate(polygon)]


# --- crossings --------------------------------------------------------------------------------------------------------
def self_crossing(ring: Ring) -> Point | None:
    """Where a closed ring crosses or touches itself; None if it does not. Edges are swept from west to east.

    Raises OverflowError after too many comparisons.
    """
    edges = [(a, b, place) for place, (a, b) in enumerate(pairwise(ring))]
    edges.sort(key=lambda one: min(one[0][0], one[1][0]))
    last = len(ring) - 2
    open_: list[Any] = []
    compared = 0
    for a, b, place in edges:
        start = min(a[0], b[0])
        open_ = [one for one in open_ if max(one[0][0], one[1][0]) >= start]
        compared += len(open_)
        if compared > MOST_COMPARED:
            raise OverflowError
        for c, d, other in open_:
            apart = abs(place - other)
            if apart in (1, last) and len(ring) > 4:
                if _folded(a, b, c, d):
                    return b[0], b[1]
            elif apart not in (1, last) and _meet(a, b, c, d):
                return c[0], c[1]
        open_.append((a, b, place))
    return None


def _folded(a: Any, b: Any, c: Any, d: Any) -> bool:
    """True if two edges with a corner in common run back over each other."""
    if b == c:
        first, corner, second = a, b, d
    elif d == a:
        first, corner, second = c, a, b
    else:
        return False
    return _turn(first, corner, second) == 0 and (
        (first[0] - corner[0]) * (second[0] - corner[0]) + (first[1] - corner[1]) * (second[1] - corner[1]) > 0
    )


def _turn(a: Any, b: Any, c: Any) -> float:
    """Twice the area of a triangle: above 0 if c lies left of the line from a to b."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _meet(a: Any, b: Any, c: Any, d: Any) -> bool:
    """True if two edges have any point in common."""
    one, two, three, four = _turn(c, d, a), _turn(c, d, b), _turn(a, b, c), _turn(a, b, d)
    if one * two < 0 and three * four < 0:
        return True
    touching = ((one, c, d, a), (two, c, d, b), (three, a, b, c), (four, a, b, d))
    return any(turn == 0 and _between(start, end, point) for turn, start, end, point in touching)


def _between(a: Any, b: Any, c: Any) -> bool:
    """True if a point on the line through a and b lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _cross(a: Any, b: Any, c: Any, d: Any) -> bool:
    """True if two edges cross by more than the tolerance on every side."""
    one, two, three, four = _turn(c, d, a), _turn(c, d, b), _turn(a, b, c), _turn(a, b, d)
    if one * two >= 0 or three * four >= 0:
        return False
    first, second = hypot(d[0] - c[0], d[1] - c[1]), hypot(b[0] - a[0], b[1] - a[1])
    return min(abs(one), abs(two)) / first > TOLERANCE and min(abs(three), abs(four)) / second > TOLERANCE


def _near_edge(ring: Ring, x: float, y: float) -> bool:
    """True if a place lies within the tolerance of the border."""
    return any(_distance(a, b, x, y) <= TOLERANCE for a, b in _edges(ring))


def _distance(a: Any, b: Any, x: float, y: float) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    share = max(0.0, min(1.0, ((x - a[0]) * dx + (y - a[1]) * dy) / length)) if length else 0.0
    return hypot(x - a[0] - share * dx, y - a[1] - share * dy)


# --- a set of shapes --------------------------------------------------------------------------------------------------
def overlaps(shapes: Sequence[Shape]) -> Iterator[tuple[int, int]]:
    """Pairs (by place) of shapes that cover the same ground, by more than the tolerance."""
    boxes = [box_of(shape) for shape in shapes]
    order = sorted(range(len(shapes)), key=lambda place: boxes[place][0])
    open_: list[int] = []
    for place in order:
        west, south, _east, north = boxes[place]
        open_ = [other for other in open_ if boxes[other][2] > west]
        for other in open_:
            if boxes[other][1] < north and boxes[other][3] > south and overlap(shapes[other], shapes[place]):
                yield min(other, place), max(other, place)
        open_.append(place)


def overlap(one: Shape, two: Shape) -> bool:
    """True if two shapes do; looked at is only what lies where their boxes meet."""
    (west, south, east, north), (w, s, e, n) = box_of(one), box_of(two)
    common = (max(west, w) - TOLERANCE, max(south, s) - TOLERANCE, min(east, e) + TOLERANCE, min(north, n) + TOLERANCE)
    mine, theirs = _edges_in(one, common), _edges_in(two, common)
    if _deep(one, mine, two, theirs, common) or _deep(two, theirs, one, mine, common):
        return True
    return any(_cross(a, b, c, d) for a, b in mine for c, d in theirs)


def _edges_in(shape: Shape, box: Box) -> list[Edge]:
    """The edges that touch a box."""
    west, south, east, north = box
    return [
        (a, b)
        for polygon in shape
        for ring in polygon
        for a, b in pairwise(ring)
        if (a[0] <= east or b[0] <= east)
        and (a[0] >= west or b[0] >= west)
        and (a[1] <= north or b[1] <= north)
        and (a[1] >= south or b[1] >= south)
    ]


def _deep(one: Shape, mine: list[Edge], two: Shape, theirs: list[Edge], common: Box) -> bool:
    """True if the border of the one passes well inside the other, or its middle lies there.

    Looked at are its corners, and halfway between them and the other's corners that lie on its edges: where borders run
    together for a while, that tells on which side they part.
    """
    west, south, east, north = common
    corners = [a for a, _b in theirs if west <= a[0] <= east and south <= a[1] <= north]
    for x, y in (centre(one), *_stops(mine, corners)):
        inside = west <= x <= east and south <= y <= north and contains(two, x, y)
        if inside and all(_distance(a, b, x, y) > TOLERANCE for a, b in theirs):
            return True
    return False


def _stops(edges: list[Edge], corners: list[list[float]]) -> Iterator[Point]:
    for a, b in edges:
        on = [(c[0], c[1]) for c in corners if c != a and c != b and _distance(a, b, c[0], c[1]) <= TOLERANCE]
        line = [(a[0], a[1]), *on, (b[0], b[1])]
        if on:
            line = sorted(set(line), key=lambda point, a=a: hypot(point[0] - a[0], point[1] - a[1]))
        yield a[0], a[1]
        yield from (((x1 + x2) / 2, (y1 + y2) / 2) for (x1, y1), (x2, y2) in pairwise(line))


def gaps(shapes: Iterable[Shape], smallest_m2: float = 1.0) -> list[tuple[Point, float]]:
    """Holes in what the shapes cover together: a place in each and its area in square metres, largest first.

    Edges that two neighbours share cancel each other; what is left runs round the whole, and with the clock round gaps.
    """
    left: dict[tuple[Point, Point], int] = defaultdict(int)
    for a, b in _split([ring for shape in shapes for polygon in shape for ring in polygon]):
        if left.get((b, a)):
            left[b, a] -= 1
        else:
            left[a, b] += 1
    found = []
    for ring in _chained([edge for edge, times in left.items() if times > 0]):
        if signed(ring) < 0 and (area := _area(ring)) >= smallest_m2:
            found.append((centre([[ring]]), area))
    return sorted(found, key=lambda one: -one[1])


def _split(rings: list[Ring]) -> Iterator[tuple[Point, Point]]:
    """The edges, each cut where a corner of another ring lies on it: neighbours need not have the same corners."""
    corners = {(x, y) for ring in rings for x, y in ring}
    size = max(1e-5, sum(hypot(b[0] - a[0], b[1] - a[1]) for ring in rings for a, b in pairwise(ring)) / (
        sum(len(ring) - 1 for ring in rings) or 1
    ))  # fmt: skip
    bins: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for x, y in corners:
        bins[int(x // size), int(y // size)].append((x, y))
    for ring in rings:
        for a, b in pairwise(ring):
            stops = sorted(
                (point for point in _along(bins, size, a, b) if _on(a, b, point)),
                key=lambda point, a=a: hypot(point[0] - a[0], point[1] - a[1]),
            )
            yield from pairwise([(a[0], a[1]), *stops, (b[0], b[1])])


def _along(bins: dict[tuple[int, int], list[Point]], size: float, a: Any, b: Any) -> Iterator[Point]:
    for x in range(int(min(a[0], b[0]) // size), int(max(a[0], b[0]) // size) + 1):
        for y in range(int(min(a[1], b[1]) // size), int(max(a[1], b[1]) // size) + 1):
            yield from bins.get((x, y), ())


def _on(a: Any, b: Any, point: Point) -> bool:
    if point in ((a[0], a[1]), (b[0], b[1])):
        return False
    return _distance(a, b, *point) <= 1.5 * 10**-DIGITS


def _chained(edges: list[tuple[Point, Point]]) -> Iterator[Ring]:
    """Rings made of edges put end to end."""
    onward: dict[Point, list[Point]] = defaultdict(list)
    for a, b in edges:
        onward[a].append(b)
    for start in list(onward):
        while onward[start]:
            ring, here, before = [list(start)], start, None
            while onward[here]:
                after = _sharpest(before, here, onward[here])
                onward[here].remove(after)
                before, here = here, after
                ring.append(list(here))
                if here == start:
                    break
            if len(ring) > 3 and here == start:
                yield ring


def _sharpest(before: Point | None, here: Point, choices: list[Point]) -> Point:
    """Where rings touch in a corner, turn left: each gap is a ring of its own."""
    if before is None or len(choices) == 1:
        return choices[0]
    return max(choices, key=lambda after: _turn(before, here, after))
