"""Which cell a place lies in: an index of all cells held in the process, loaded anew when a cell changes."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from threading import Lock

from hexi.domains.livelihood.grid.models import Cell, Stamp
from hexi.domains.livelihood.grid.shapes import Polygon, contains

#: bins one cell may stand in; a larger one is asked about at every place
WIDEST = 4096
CELLS = "cells"


@dataclass
class Index:
    """Cells by the bins their boxes touch. `find` looks at the few that share the place's bin."""

    size: float
    bins: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    large: list[int] = field(default_factory=list)
    rows: list[tuple[int, tuple[float, float, float, float], list[Polygon]]] = field(default_factory=list)

    def add(self, pk: int, box: tuple[float, float, float, float], shape: list[Polygon]) -> None:
        """Put a cell in."""
        place = len(self.rows)
        self.rows.append((pk, box, shape))
        west, south, east, north = (int(edge // self.size) for edge in box)
        if (east - west + 1) * (north - south + 1) > WIDEST:
            self.large.append(place)
            return
        for x in range(west, east + 1):
            for y in range(south, north + 1):
                self.bins[x, y].append(place)

    def find(self, longitude: float, latitude: float) -> int | None:
        """The key of the cell a place lies in; the first entered where borders meet."""
        near = self.bins.get((int(longitude // self.size), int(latitude // self.size)), ())
        for place in (*near, *self.large):
            pk, (west, south, east, north), shape = self.rows[place]
            if west <= longitude <= east and south <= latitude <= north and contains(shape, longitude, latitude):
                return pk
        return None


_kept: dict[str, tuple[str, Index]] = {}
_loading = Lock()


def cell_at(longitude: float, latitude: float) -> Cell | None:
    """The cell in use that a place (WGS-84) lies in."""
    pk = index().find(longitude, latitude)
    return Cell.objects.select_related("department").filter(pk=pk).first() if pk else None


def index() -> Index:
    """The index of the cells as they are now; one cheap query unless they changed."""
    token = Stamp.objects.filter(pk=CELLS).values_list("token", flat=True).first() or ""
    kept = _kept.get(CELLS)
    if kept is None or kept[0] != token:
        with _loading:
            kept = _kept.get(CELLS)
            if kept is None or kept[0] != token:
                kept = _kept[CELLS] = (token, _load())
    return kept[1]


def _load() -> Index:
    rows = list(Cell.objects.current().order_by("code").values_list("pk", "west", "south", "east", "north", "shape"))
    found = Index(_size([row[1:5] for row in rows]))
    for pk, west, south, east, north, shape in rows:
        found.add(pk, (west, south, east, north), json.loads(shape) if isinstance(shape, str) else shape)
    return found


def _size(boxes: list[tuple[float, float, float, float]]) -> float:
    """The width of a bin: about that of a usual cell."""
    if not boxes:
        return 0.01
    return max(1e-5, median(max(east - west, north - south) for west, south, east, north in boxes))
