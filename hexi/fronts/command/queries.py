"""What the wall shows of a division: figures, layers, the divisions inside it; by the rights of who looks."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.regions import codes, mapped
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Division
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.ui.maps import MOST, Drawing, Feature, Gauge, Layer, Look, Shown, Tile, gauges_for, layers_for

VIEW = "command.view"
#: spans one can choose: key → hours back, hours of one step of the slider; "" shows what is open now
SPANS = {"": (0, 1), "24h": (24, 1), "7d": (24 * 7, 24), "30d": (24 * 30, 24)}
#: figures on the wall at most, as look.md asks
MOST_GAUGES = 7


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a division, a span and a step back in it, a piece of ground, map or list."""

    division: str
    last: str = ""
    step: int = 0
    cell: str = ""
    ground: bool | None = None
    listed: bool = False

    def query(self, **changes: Any) -> str:
        """The address of the wall with something changed; a step down or a new span begins at the present."""
        one = replace(self, **changes)
        ground = {None: "", True: "ground", False: "tiles"}[one.ground]
        facts = {"division": one.division, "last": one.last, "step": one.step or "", "cell": one.cell,
                 "map": ground, "as": "list" if one.listed else ""}  # fmt: skip
        return "?" + urlencode({name: value for name, value in facts.items() if value})

    @property
    def steps(self) -> int:
        """How many steps back the span has."""
        back, one = SPANS[self.last]
        return back // one

    def moment(self, now: datetime) -> datetime:
        """The moment looked at."""
        return now - timedelta(hours=self.step * SPANS[self.last][1])

    def since(self, now: datetime) -> datetime | None:
        """Where the span begins."""
        return now - timedelta(hours=SPANS[self.last][0]) if self.last else None


def asked(given: Mapping[str, str], actor: Actor) -> Asked:
    """What an address asks for; what makes no sense is left out. Raises `Denied` outside the actor's regions."""
    division = given.get("division", "")
    division = division if codes.is_code(division) and regions.find(division) else home(actor)
    if not actor.may(VIEW, None, division):
        raise Denied(_("您的岗位不能看这个地区。"))
    last = given.get("last", "")
    last = last if last in SPANS else ""
    step = given.get("step", "")
    most = SPANS[last][0] // SPANS[last][1]
    ground = {"ground": True, "tiles": False}.get(given.get("map", ""))
    return Asked(
        division, last, min(int(step), most) if step.isdecimal() and len(step) < 5 else 0, given.get("cell", "")[:40],
        ground, given.get("as", "") == "list",
    )  # fmt: skip


def home(actor: Actor) -> str:
    """The division the wall opens with: the site's own if the actor may look at it, else the widest one he may."""
    if actor.may(VIEW, None, settings.HEXI_REGION):
        return settings.HEXI_REGION
    widest = min((scope.region for scope in actor.scopes(VIEW)), key=len)
    return widest.ljust(12, "0")


@dataclass(frozen=True)
class Figure:
    """A number on the wall, its meaning, and the list of what it counts."""

    key: str
    title: str
    number: int
    href: str
    state: str


@dataclass(frozen=True)
class Part:
    """A division inside the one looked at, with its counts in the order of the layers."""

    name: str
    href: str
    counts: tuple[int, ...]

    @property
    def busy(self) -> bool:
        """True if anything is counted here."""
        return any(self.counts)


@dataclass(frozen=True)
class Board:
    """Everything the wall shows; map and list are made of it."""

    asked: Asked
    title: str
    at: datetime
    crumbs: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    drawing: Drawing
    parts: tuple[Part, ...]
    cells: tuple[tuple[str, str], ...]
    stamp: str

    @property
    def shown(self) -> tuple[Shown, ...]:
        """The layers with what they found."""
        return self.drawing.layers


def board(actor: Actor, given: Asked) -> Board:
    """The wall of a division. The number of queries depends on the layers alone, not on what they hold."""
    now = clock.now()
    layers = layers_for(actor)
    look = Look(given.division, given.moment(now), given.since(now))
    cell = _cell(actor, layers, look, given.cell)
    given = given if cell is not None else replace(given, cell="")
    if cell is not None:
        look = replace(look, inside=cell.shape)
    shown = tuple(Shown(one, one.find(actor, look, MOST)) for one in layers)
    ground = _on_ground(given, shown, cell)
    squares = mapped.squares(given.division)
    base = mapped.base(given.division, ground=ground)
    line = regions.path(given.division)
    drawing = Drawing(
        label=line[-1].title if line else given.division, layers=shown, notes=base.notes, boundaries=base.boundaries,
        buildings=base.buildings, tiles=() if ground else tuple(_tile(one, given, shown) for one in squares),
    )  # fmt: skip
    return Board(
        given, cell.title if cell else drawing.label, look.until, _crumbs(given, line, cell, actor),
        figures(actor, given.division), drawing, _parts(given, shown, squares, drawing.label),
        _ground_steps(given, shown), stamp(shown),
    )  # fmt: skip


def _cell(actor: Actor, layers: list[Layer], look: Look, key: str) -> Feature | None:
    """The piece of ground with this key, among those the actor may see."""
    for layer in layers if key else ():
        if layer.ground:
            found = layer.find(actor, look, MOST * 10)
            return next((one for one in found.features if one.key == key and one.shape), None)
    return None


def _on_ground(given: Asked, shown: tuple[Shown, ...], cell: Feature | None) -> bool:
    """Ground or cartogram: as asked; else ground from the county down where anything can be placed."""
    if cell is not None or given.ground is not None:
        return cell is not None or bool(given.ground)
    deep = codes.level_of(given.division) >= codes.COUNTY
    return deep and any(one.placed for part in shown for one in part.found.features)


def _tile(square: mapped.Square, given: Asked, shown: tuple[Shown, ...]) -> Tile:
    counts = {part.layer.key: n for part in shown if (n := part.found.counts.get(square.code, 0))}
    step = codes.parent(square.code) if codes.level_of(given.division) == codes.PROVINCE else square.code
    href = given.query(division=step, cell="", ground=None)
    return Tile(square.code, square.name, square.column, square.row, square.group, href, counts)


def _parts(given: Asked, shown: tuple[Shown, ...], squares: list[mapped.Square], label: str) -> tuple[Part, ...]:
    """The divisions inside with their counts; what lies in none of them is counted in a row of its own."""
    if given.cell:
        return ()
    known = {one.code for one in squares}
    rows = [
        Part(
            f"{one.group} {one.name}".strip(), given.query(division=one.code, ground=None),
            tuple(part.found.counts.get(one.code, 0) for part in shown),
        )
        for one in squares
    ]  # fmt: skip
    rest = tuple(sum(n for code, n in part.found.counts.items() if code not in known) for part in shown)
    if any(rest) or not squares:
        rows.append(Part(_("%(name)s（不分下级）") % {"name": label}, "", rest))
    return tuple(rows)


def _ground_steps(given: Asked, shown: tuple[Shown, ...]) -> tuple[tuple[str, str], ...]:
    """The pieces of ground one may step into, as title and address; from the township down."""
    if given.cell or codes.level_of(given.division) < codes.COUNTY:
        return ()
    return tuple(
        (one.title, given.query(cell=one.key, division=one.code, ground=None))
        for part in shown
        if part.layer.ground
        for one in part.found.features
    )


def _crumbs(given: Asked, line: list[Division], cell: Feature | None, actor: Actor) -> tuple[tuple[str, str], ...]:
    """From the province down, each with its address where the actor may look at it; the last one is where one is."""
    found = [
        (row.title, given.query(division=row.code, cell="", ground=None) if actor.may(VIEW, None, row.code) else "")
        for row in line
    ]
    return (*found, (cell.title, "")) if cell else tuple(found)


def figures(actor: Actor, division: str) -> tuple[Figure, ...]:
    """The figures of a division, now; one or two queries each."""
    return tuple(_figure(one, actor, division) for one in gauges_for(actor)[:MOST_GAUGES])


def _figure(gauge: Gauge, actor: Actor, division: str) -> Figure:
    number = gauge.count(actor, division)
    return Figure(gauge.key, str(gauge.title), number, gauge.behind(division), gauge.state if number else "")


def stamp(shown: tuple[Shown, ...]) -> str:
    """Changes when the counts of a layer do: the page then fetches its map anew."""
    counts = {part.layer.key: sorted(part.found.counts.items()) for part in shown}
    return hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()[:16]


def wall_now(actor: Actor, argument: str) -> dict[str, Any] | None:
    """The live fact: the figures of a division and the stamp of its layers, without a feature. None: not one's own.

    Some 16 short queries, 28 ms of CPU on two cores, asked every two seconds by each wall: walls are few.
    """
    if not codes.is_code(argument) or not actor.may(VIEW, None, argument):
        return None
    look = Look(argument, clock.now())
    shown = tuple(Shown(one, one.find(actor, look, 0)) for one in layers_for(actor))
    return {"figures": {one.key: one.number for one in figures(actor, argument)}, "stamp": stamp(shown)}


def address(actor: Actor) -> str:
    """Where the wall is, for who may open it; "" for others."""
    return reverse("command.wall") if actor.scopes(VIEW) else ""
