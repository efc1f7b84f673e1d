"""The shapes of an area as a small picture: inline SVG over a grid of degrees, no tiles; the list beside it says all.

And what lies under a shape that is drawn on the map. Stands beside pages. Latitude and longitude are drawn so that a
kilometre is as long both ways in the middle.
"""

from collections.abc import Iterable, Mapping
from math import cos, floor, log10, radians, sin
from typing import Any

from markupsafe import Markup

from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.models import Alert
from hexi.blocks.regions import codes
from hexi.blocks.regions import mapped as base_maps
from hexi.blocks.regions import queries as regions
from hexi.kernel.manifest import added
from hexi.ui.maps import Feature, Ground, Outlines
from hexi.wire import geojson
from hexi.wire.cap import shapes

WIDTH, HEIGHT, EDGE = 480, 320, 28
#: corners a circle is drawn with, and kilometres of one degree
CORNERS, DEGREE = 72, 111.195
Line = list[shapes.Point]
#: named pieces of ground shown under a shape that is drawn, and where one looks when nothing is known: 中国
MOST, WIDEST = 500, (73.0, 18.0, 135.0, 54.0)


def picture(pieces: Iterable[Mapping[str, Any]], label: str) -> Markup:
    """The polygons and circles among stored pieces; nothing if there are none."""
    lines = [line for piece in pieces if (line := _line(Piece.of(piece)))]
    if not lines:
        return Markup("")
    view = _View([point for line in lines for point in line])
    inside = Markup("").join([*view.grid(), *(view.shape(line) for line in lines)])
    return Markup(
        '<svg class="area-map" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>'
    ).format(label, WIDTH, HEIGHT, inside)  # fmt: skip


def ground(alert: Alert) -> Ground:
    """What lies under a piece that is drawn for it: its other pieces, ground of the divisions it concerns that has a
    name, the boundaries in force. All of it is public."""
    base = base_maps.base(alert.region_code, ground=True)
    drawn = [(Piece.of(one).title, line) for one in alert.areas if (line := _line(Piece.of(one)))]
    pieces = tuple(
        Feature(f"piece{place}", title, "", shape=[[[[lon, lat] for lat, lon in [*line, line[0]]]]])
        for place, (title, line) in enumerate(drawn)
    )
    named = _named(alert)
    outline = base_maps.outline(alert.region_code)
    shown = [one.shape for one in (*pieces, *named) if one.shape] or ([outline] if outline else [])
    boxes = [geojson.box_of(one) for one in shown] or [WIDEST]
    box = (min(one[0] for one in boxes), min(one[1] for one in boxes),
           max(one[2] for one in boxes), max(one[3] for one in boxes))  # fmt: skip
    return Ground("", (*pieces, *named), box, base.boundaries, base.buildings, base.notes)


def _named(alert: Alert) -> tuple[Feature, ...]:
    """Of the divisions it names, else of the issuing region; of a county by its townships."""
    found: list[Feature] = []
    for code in [one["code"] for one in alert.areas if one["code"]] or [alert.region_code]:
        parts = [row.code for row in regions.children(code)] if codes.level_of(code) == codes.COUNTY else [code]
        for part in parts:
            for layer in added(Outlines) if len(found) < MOST else ():
                found += layer.find(part, MOST - len(found))
    return tuple(found)


def _line(piece: Piece) -> Line:
    polygon, circle = shapes.polygon(piece.polygon), shapes.circle(piece.circle)
    if polygon:
        return list(polygon.points)
    return _round(circle) if circle else []


def _round(circle: shapes.Circle) -> Line:
    latitude, longitude = circle.centre
    up = max(circle.radius, 0.05) / DEGREE  # a point is still to be seen
    across = up / max(cos(radians(latitude)), 0.01)
    turns = [radians(360 * corner / CORNERS) for corner in range(CORNERS)]
    return [(latitude + up * sin(turn), longitude + across * cos(turn)) for turn in turns]


class _View:
    """From degrees to the picture."""

    def __init__(self, points: Line):
        self.south, self.north = min(one[0] for one in points), max(one[0] for one in points)
        self.west, self.east = min(one[1] for one in points), max(one[1] for one in points)
        self.narrow = max(cos(radians((self.south + self.north) / 2)), 0.01)
        high, wide = self.north - self.south, (self.east - self.west) * self.narrow
        self.scale = min((WIDTH - 2 * EDGE) / max(wide, 1e-6), (HEIGHT - 2 * EDGE) / max(high, 1e-6))

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """The place of a point."""
        x = WIDTH / 2 + (longitude - (self.west + self.east) / 2) * self.narrow * self.scale
        return x, HEIGHT / 2 - (latitude - (self.south + self.north) / 2) * self.scale

    def shape(self, line: Line) -> Markup:
        """A closed line."""
        spots = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in line))
        return Markup('<polygon class="area-shape" points="{}"/>').format(spots)

    def grid(self) -> list[Markup]:
        """Lines of round degrees with their numbers."""
        step = 10 ** floor(log10(max(WIDTH / self.scale / 2, 1e-9)))
        digits = max(0, -floor(log10(step)))
        found = []
        for number in _rounds(self.south, self.north, step):
            y = self.at(number, self.west)[1]
            text = f"{abs(number):.{digits}f}°{'N' if number >= 0 else 'S'}"
            found.append(Markup('<line class="area-grid" x1="0" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(WIDTH, y, y))
            found.append(Markup('<text class="area-degree" x="4" y="{:.1f}">{}</text>').format(y - 3, text))
        for number in _rounds(self.west, self.east, step):
            x = self.at(self.south, number)[0]
            if not 0 <= x <= WIDTH - 40:  # its number would be cut off
                continue
            text = f"{abs(number):.{digits}f}°{'E' if number >= 0 else 'W'}"
            found.append(
                Markup('<line class="area-grid" y1="0" y2="{}" x1="{:.1f}" x2="{:.1f}"/>').format(HEIGHT, x, x)
            )
            found.append(
                Markup('<text class="area-degree" x="{:.1f}" y="{}">{}</text>').format(x + 3, HEIGHT - 4, text)
            )
        return found


def _rounds(low: float, high: float, step: float) -> list[float]:
    first = floor(low / step)
    return [(first + place) * step for place in range(min(int((high - low) / step) + 3, 12))]
