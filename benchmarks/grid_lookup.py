"""A place among 20,000 cells: which cell it lies in, through the index a process holds; and loading it anew.

Both ask the database whether the cells have changed, as every report does. Beside it a scan of every cell.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks import report
from benchmarks.installation import Installation, databases

CELLS, TIMES, SCANS = (20_000, 20_000, 100) if report.FULL else (20_000, 5_000, 30)
#: of them, through the import with all its checks; the others are put into the table
CHECKED = CELLS if report.FULL else 2_000


COLUMNS = ("median", "p95", "p99", "cpu", "scan", "boxes", "load", "import")


def measure() -> report.Result:
    """Places at random over the cells and a little beyond, on each database."""
    rows, errors, value, scan = [], 0, 0.0, 0.0
    for database in databases():
        with Installation("grid", database) as house:
            house.run("setup", "--no-assets")
            found = house.ask("benchmarks.grid_lookup", str(CELLS), str(TIMES), str(SCANS), str(CHECKED))
        rows.append([database, *(float(found[key]) for key in COLUMNS)])
        if found["median"] > value:
            value, scan = found["median"], found["scan"]
        errors += found["wrong"]
    report.table(["", *(f"{key} s" if key in ("load", "import") else f"{key} ms" for key in COLUMNS)], rows)
    print(f"scan: every polygon; boxes: every box, then its polygon; import: {CHECKED:,} cells with every check")
    return report.Result("grid_lookup", value, "ms", scan, "every polygon asked in turn (medians)", errors)


def ask(cells: int, times: int, scans: int, checked: int) -> dict[str, Any]:
    """Runs inside the installation: take in the cells, place so many reports; some by the scan as well."""
    from hexi.domains.livelihood.grid import places, shapes
    from hexi.domains.livelihood.grid.tests import make

    taken, took_in = fill(cells, checked)
    began = time.monotonic()
    index = places.index()
    load = time.monotonic() - began
    side = int(cells**0.5)
    chance = random.Random(2026)
    spots = [
        (make.WEST + chance.uniform(-0.01, side * STEP + 0.01), make.SOUTH + chance.uniform(-0.01, side * STEP + 0.01))
        for _ in range(times)
    ]

    def looked_up(x: float, y: float) -> int | None:
        return places.index().find(x, y)

    def scanned(x: float, y: float) -> int | None:
        return next((pk for pk, _box, shape in index.rows if shapes.contains(shape, x, y)), None)

    def boxed(x: float, y: float) -> int | None:
        for pk, (west, south, east, north), shape in index.rows:
            if west <= x <= east and south <= y <= north and shapes.contains(shape, x, y):
                return pk
        return None

    spent = time.process_time()
    took = timed(looked_up, spots)
    spent = (time.process_time() - spent) * 1000 / times
    slow, half = timed(scanned, spots[:scans]), timed(boxed, spots[:scans])
    wrong = sum(looked_up(*spot) != scanned(*spot) for spot in spots[:scans]) + (taken != cells)
    return {
        "median": median(took), "p95": report.p95(took), "p99": sorted(took)[int(len(took) * 0.99)],
        "scan": median(slow),
        "boxes": median(half), "cpu": spent, "load": load, "import": took_in, "wrong": wrong,
    }  # fmt: skip


STEP = 0.002


def fill(cells: int, checked: int) -> tuple[int, float]:
    """Cells side by side with bent borders, eight corners each; how many there are, and seconds the import took."""
    from hexi.blocks.regions.models import Division
    from hexi.domains.livelihood.grid import shapes
    from hexi.domains.livelihood.grid.models import Cell
    from hexi.domains.livelihood.grid.operations import mapping
    from hexi.domains.livelihood.grid.tests import make

    make.make_rules()
    villages = list(Division.objects.current().under(make.YUMEN).filter(level=5).values_list("code", flat=True))
    side = -(-int(cells) // int(cells**0.5))
    chance = random.Random(7)
    bent: dict[tuple[int, int], tuple[float, float]] = {}

    def corner(x: int, y: int) -> list[float]:
        """The corner or the middle of an edge (twice the cell's count), a little out of line."""
        if (x, y) not in bent:
            bent[x, y] = (chance.uniform(-0.2, 0.2) * STEP, chance.uniform(-0.2, 0.2) * STEP)
        off = bent[x, y]
        return [make.WEST + x * STEP / 2 + off[0] * 0.5, make.SOUTH + y * STEP / 2 + off[1] * 0.5]

    features = []
    for number in range(cells):
        x, y = 2 * (number % side), 2 * (number // side)
        line = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0))
        ring = [corner(x + dx, y + dy) for dx, dy in line]
        code = f"{villages[number // 999]}{number % 999 + 1:03d}"
        features.append(make.feature(1, ring, code=code, name=f"网格 {number}"))
    facts = {"scheme": "gbt30428_cell", "region": make.YUMEN, "department": make.make_centre(), "by": make.BY}
    began = time.monotonic()
    run = mapping.import_cells(make.collection(*features[:checked]), name="bench", synthetic=True, **facts)
    took = time.monotonic() - began
    if run.faults:
        raise AssertionError(run.faults[:5])
    rows = []
    for one in features[checked:]:
        shape = [one["geometry"]["coordinates"]]
        west, south, east, north = shapes.box_of(shape)
        rows.append(
            Cell(
                code=one["properties"]["code"], scheme="gbt30428_cell", title=one["properties"]["name"], shape=shape,
                region_code=make.YUMEN, department=facts["department"], west=west, south=south, east=east, north=north,
                area_m2=0, synthetic=True,
            )
        )  # fmt: skip
    Cell.objects.bulk_create(rows, batch_size=500)
    mapping.touch()
    return Cell.objects.count(), took


def timed(work: Callable[[float, float], object], spots: list[tuple[float, float]]) -> list[float]:
    """Milliseconds of each call."""
    took = []
    for spot in spots:
        began = time.perf_counter()
        work(*spot)
        took.append((time.perf_counter() - began) * 1000)
    return took


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(ask(*map(int, sys.argv[1:]))))
