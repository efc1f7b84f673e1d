"""The map: what parts of the house put on it (`Layer`, `Gauge`, `Outlines`), what is looked at, what a page draws.

A layer finds its features by the rights of who looks; what it gives holds no personal data. A page shows the map and,
below it, the same as tables: see templates/ui/maps.html. What has no coordinates is counted on its division.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from hexi.kernel.actors import Actor
from hexi.kernel.manifest import added
from hexi.wire import geojson

#: rows of one layer that are drawn and listed; counts are always of all
MOST = 200
#: digits that tell the divisions one step down apart: a province is shown by its counties
_STEPS = ((2, 6), (4, 6), (6, 9), (9, 12), (12, 12))


@dataclass(frozen=True)
class Look:
    """What is looked at: a division (12 digits), the time, and perhaps a piece of ground inside it.

    `until`: the moment that is shown. `since`: only what began after it; None: all that holds at that moment.
    """

    division: str
    until: datetime
    since: datetime | None = None
    inside: geojson.Shape | None = None

    @property
    def prefix(self) -> str:
        """The digits with which the codes of the division and of everything inside it begin."""
        digits = self.division.rstrip("0")
        return self.division[: next((step for step, _ in _STEPS if step >= len(digits)), 12)] if digits else ""

    @property
    def digits(self) -> int:
        """How many digits tell apart the divisions that are counted."""
        return next((down for step, down in _STEPS if step >= len(self.prefix)), 12)

    def within(self, code: str) -> Q:
        """A filter for the rows of the division, by the name of their column."""
        start = self.prefix
        return Q(**{f"{code}__gte": start.ljust(12, "0"), f"{code}__lte": start.ljust(12, "9")}) if start else Q()

    def part(self, code: str) -> str:
        """The division of those counted in which something with this code lies; itself, if it lies in none of them."""
        return code[: self.digits].ljust(12, "0")


@dataclass(frozen=True)
class Feature:
    """One thing on the map: never with a name, phone or number of a person. `state` is a tag's (`ui.tag`)."""

    key: str
    title: str
    code: str
    link: str = ""
    lon: float | None = None
    lat: float | None = None
    shape: geojson.Shape | None = None
    state: str = ""
    word: str = ""
    at: datetime | None = None
    weight: int = 1

    @property
    def placed(self) -> bool:
        """True if it can be drawn; others are only counted and listed."""
        return self.shape is not None or (self.lon is not None and self.lat is not None)


@dataclass(frozen=True)
class Found:
    """What a layer holds of a look: all of it counted by division, the first of it as features."""

    counts: dict[str, int] = field(default_factory=dict)
    features: tuple[Feature, ...] = ()

    @property
    def total(self) -> int:
        """How many there are, drawn or not."""
        return sum(self.counts.values())

    @property
    def more(self) -> int:
        """How many are counted and not among the features."""
        return self.total - len(self.features)


@dataclass(frozen=True)
class Layer:
    """Something a part of the house shows on maps, for those who hold `verb` somewhere.

    `find(actor, look, most)` applies the actor's rights itself, in a fixed number of queries; `most` 0 asks for counts
    alone. `kind`: "point" or "polygon". `colour`: a token. `behind(division)` is the address of all of them, or "".
    `ground`: its polygons are a step of the drill below the divisions, each opened by its key. `standing`: things that
    stand there (cells, cameras), which do not make a square of the cartogram higher.
    """

    key: str
    title: Any
    kind: str
    find: Callable[[Actor, Look, int], Found]
    verb: str
    colour: str = "azurite"
    icon: str = "map-pin"
    order: int = 50
    behind: Callable[[str], str] = lambda division: ""
    ground: bool = False
    standing: bool = False


@dataclass(frozen=True)
class Gauge:
    """A figure on the wall: `count(actor, division)` by the actor's rights, `behind(division)` lists what it counted.

    `state` colours it when it is not 0: "near" or "overdue".
    """

    key: str
    title: Any
    count: Callable[[Actor, str], int]
    behind: Callable[[str], str]
    verb: str
    state: str = ""
    order: int = 50


@dataclass(frozen=True)
class Outlines:
    """Named pieces of ground that everybody may see, drawn thin so that one finds one's way when putting down a pin.

    `find(division, most)`: those in a division, or all round it if it is too small to hold one.
    """

    key: str
    find: Callable[[str, int], tuple[Feature, ...]]


@dataclass(frozen=True)
class Ground:
    """What lies under a pin or a shape that is drawn; `box`: west, south, east, north of what may be chosen."""

    label: str
    outlines: tuple[Feature, ...] = ()
    box: geojson.Box | None = None
    boundaries: str = ""
    buildings: str = ""
    notes: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """As the browser gets it."""
        return {"outlines": collection(self.outlines), "box": self.box, "boundaries": self.boundaries,
                "buildings": self.buildings}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A layer with what it found."""

    layer: Layer
    found: Found


def layers_for(actor: Actor) -> list[Layer]:
    """The layers whose right the actor holds somewhere, in order."""
    return sorted((one for one in added(Layer) if actor.scopes(one.verb)), key=lambda one: one.order)


def gauges_for(actor: Actor) -> list[Gauge]:
    """The figures whose right the actor holds somewhere, in order."""
    return sorted((one for one in added(Gauge) if actor.scopes(one.verb)), key=lambda one: one.order)


def find(
    rows: QuerySet[Any], look: Look, most: int, make: Callable[[Any], Feature], *, code: str, place: tuple[str, str]
) -> Found:
    """What a layer of rows found: counted by division, the first `most` made into features; two queries.

    `code`: column of the 12-digit code. `place`: columns of longitude and latitude, by which a piece of ground is cut.
    """
    rows = rows.filter(look.within(code))
    if look.inside is not None:
        return _inside(rows, look, most, make, place)
    counted = rows.order_by().values(part=Substr(code, 1, look.digits)).annotate(n=Count("pk", distinct=True))
    counts = {row["part"].ljust(12, "0"): row["n"] for row in counted.order_by("part")}
    return Found(counts, tuple(make(row) for row in rows[:most]) if most and counts else ())


#: rows that are looked through for a piece of ground
SEARCHED = 2000


def _inside(
    rows: QuerySet[Any], look: Look, most: int, make: Callable[[Any], Feature], place: tuple[str, str]
) -> Found:
    west, south, east, north = geojson.box_of(look.inside or [])
    lon, lat = place
    near = rows.filter(**{f"{lon}__range": (west, east), f"{lat}__range": (south, north)})[:SEARCHED]
    found = [one for one in map(make, near) if one.lon is not None and one.lat is not None]
    kept = [one for one in found if geojson.contains(look.inside or [], one.lon or 0.0, one.lat or 0.0)]
    return Found({look.division: len(kept)} if kept else {}, tuple(kept[:most]))


def collection(features: Iterable[Feature]) -> dict[str, Any]:
    """The features that can be drawn as a GeoJSON FeatureCollection."""
    return {"type": "FeatureCollection", "features": [_drawn(one) for one in features if one.placed]}


def _drawn(one: Feature) -> dict[str, Any]:
    where: dict[str, Any] = {"type": "Point", "coordinates": [one.lon, one.lat]}
    facts = {"key": one.key, "title": one.title, "word": one.word, "state": one.state, "link": one.link,
             "weight": one.weight}  # fmt: skip
    return {
        "type": "Feature",
        "properties": facts,
        "geometry": geojson.geometry(one.shape) if one.shape is not None else where,
    }


@dataclass(frozen=True)
class Tile:
    """A division as a square of the cartogram: its column and row, its counts by layer, where it leads."""

    code: str
    name: str
    column: int
    row: int
    group: str = ""
    href: str = ""
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawing:
    """What a page hands to the map: cartogram or ground, layers, addresses of base maps, the notes at its foot.

    `notes`: approval numbers and what is made up or schematic: they must be seen wherever the map is.
    """

    label: str
    tiles: tuple[Tile, ...] = ()
    layers: tuple[Shown, ...] = ()
    boundaries: str = ""
    buildings: str = ""
    notes: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """As the browser gets it."""
        return {
            "label": self.label,
            "tiles": [
                {"code": one.code, "name": one.name, "at": [one.column, one.row], "group": one.group,
                 "href": one.href, "counts": one.counts}
                for one in self.tiles
            ],
            "layers": [
                {"key": shown.layer.key, "title": str(shown.layer.title), "kind": shown.layer.kind,
                 "colour": shown.layer.colour, "standing": shown.layer.standing, "total": shown.found.total,
                 "counts": shown.found.counts,
                 "features": collection(shown.found.features)}
                for shown in self.layers
            ],
            "boundaries": self.boundaries,
            "buildings": self.buildings,
            "notes": list(self.notes),
        }  # fmt: skip
