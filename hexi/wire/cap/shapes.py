"""Polygons and circles of CAP: read, checked (closed, in range, not crossing itself), and asked whether a point is in.

Coordinates are WGS 84, latitude first. Distances are on a sphere, edges straight in latitude and longitude: for a
warning area that is exact enough, and the same for whoever reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, isfinite, radians, sin, sqrt

from hexi.wire.cap.faults import Fault, fault

Point = tuple[float, float]
#: mean radius of the Earth and half its girth, in kilometres
EARTH, FARTHEST = 6371.0088, 20038.0
#: comparisons of edges after which a polygon counts as unchecked: well under a second
MOST_COMPARED = 400_000


@dataclass(frozen=True)
class Polygon:
    """A closed line; the first point is the last."""

    points: tuple[Point, ...]

    def contains(self, latitude: float, longitude: float) -> bool:
        """True if the point lies inside or on the edge."""
        inside = False
        for (lat1, lon1), (lat2, lon2) in pairwise(self.points):
            if _on((lat1, lon1), (lat2, lon2), (latitude, longitude)):
                return True
            if (lat1 > latitude) != (lat2 > latitude):
                at = lon1 + (latitude - lat1) / (lat2 - lat1) * (lon2 - lon1)
                inside ^= longitude < at
        return inside


@dataclass(frozen=True)
class Circle:
    """A centre and a radius in kilometres."""

    centre: Point
    radius: float

    def contains(self, latitude: float, longitude: float) -> bool:
        """True if the point is no farther away than the radius."""
        return distance(self.centre, (latitude, longitude)) <= self.radius


def distance(one: Point, other: Point) -> float:
    """Kilometres along the sphere."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    part = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(part)))


def polygon(text: str) -> Polygon | None:
    """The polygon a text describes; None if it is broken."""
    return None if any(one.must for one in polygon_faults(text, "")) else Polygon(tuple(_points(text)))


def circle(text: str) -> Circle | None:
    """The circle a text describes; None if it is broken."""
    if circle_faults(text, ""):
        return None
    centre, radius = text.split()
    return Circle(_point(centre), float(radius))


def polygon_faults(text: str, element: str) -> list[Fault]:
    """What is wrong with a polygon as written."""
    wrong = [one for pair in text.split() for one in _pair_faults(pair, element)]
    if wrong:
        return wrong[:1]  # the rest is the same again
    points = list(_points(text))
    if len(points) < 4:
        return [fault("polygon-points", element, number=len(points))]
    if points[0] != points[-1]:
        return [fault("polygon-open", element, first=text.split()[0])]
    return _crossing_faults(points, element)


def circle_faults(text: str, element: str) -> list[Fault]:
    """What is wrong with a circle as written."""
    parts = text.split()
    if len(parts) != 2:
        return [fault("circle", element, value=text)]
    radius = _number(parts[1])
    wrong = _pair_faults(parts[0], element)
    if radius is None:
        return [*wrong, fault("circle", element, value=text)]
    if not 0 <= radius <= FARTHEST:
        return [*wrong, fault("radius", element, value=parts[1])]
    return wrong


def _pair_faults(pair: str, element: str) -> list[Fault]:
    parts = [_number(part) for part in pair.split(",")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return [fault("coordinate", element, value=pair)]
    return [] if abs(parts[0]) <= 90 and abs(parts[1]) <= 180 else [fault("range", element, value=pair)]


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    # Python takes more than XML does: 1_0, ١
    return found if isfinite(found) and text.isascii() and "_" not in text else None


def _point(pair: str) -> Point:
    latitude, longitude = pair.split(",")
    return float(latitude), float(longitude)


def _points(text: str) -> Iterator[Point]:
    return map(_point, text.split())


def _crossing_faults(points: list[Point], element: str) -> list[Fault]:
    # the same point twice in a row is an edge without length
    line = [point for place, point in enumerate(points) if place == 0 or point != points[place - 1]]
    if abs(_area(line)) < 1e-12:
        return [fault("polygon-flat", element)]
    try:
        where = crossing(line)
    except OverflowError:
        return [fault("polygon-large", element, number=len(points))]
    return [] if where is None else [fault("polygon-crossing", element, at=f"{where[0]:g},{where[1]:g}")]


def _area(line: list[Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(line)) / 2


def crossing(line: list[Point]) -> Point | None:
    """A point near which a closed line crosses or touches itself; None if it does not.

    Edges are taken from south to north, each compared with those that begin before it ends. Raises OverflowError
    after too many comparisons.
    """
    number = len(line) - 1
    order = sorted(range(number), key=lambda place: min(line[place][0], line[place + 1][0]))
    west = [min(a[1], b[1]) for a, b in pairwise(line)]
    east = [max(a[1], b[1]) for a, b in pairwise(line)]
    compared = 0
    for rank, first in enumerate(order):
        top = max(line[first][0], line[first + 1][0])
        for second in order[rank + 1 :]:
            if min(line[second][0], line[second + 1][0]) > top:
                break
            compared += 1
            if compared > MOST_COMPARED:
                raise OverflowError(number)
            if west[second] <= east[first] and west[first] <= east[second] and _meet(line, first, second, number):
                return line[max(first, second)]
    return None


def _meet(line: list[Point], one: int, other: int, number: int) -> bool:
    """True if two edges meet anywhere but in the corner that neighbours share."""
    a, b, c, d = line[one], line[one + 1], line[other], line[other + 1]
    apart = abs(one - other)
    if apart in (1, number - 1):  # neighbours: they may not run back over each other
        following = (one + 1) % number == other
        corner, far1, far2 = (b, a, d) if following else (a, b, c)
        return _side(corner, far1, far2) == 0 and (_on(corner, far1, far2) or _on(corner, far2, far1))
    sides = (_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    return _on(a, b, c) or _on(a, b, d) or _on(c, d, a) or _on(c, d, b)


def _side(a: Point, b: Point, c: Point) -> int:
    """1 if c is left of the line from a to b, -1 if right, 0 if on it."""
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def _on(a: Point, b: Point, point: Point) -> bool:
    """True if the point lies on the edge."""
    within = all(min(a[axis], b[axis]) <= point[axis] <= max(a[axis], b[axis]) for axis in (0, 1))
    return within and _side(a, b, point) == 0
