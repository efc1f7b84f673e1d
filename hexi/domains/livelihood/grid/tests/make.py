"""Sample cells, workers, offices and incidents for tests, benches and the demo."""

import json
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings

from hexi.blocks.cases.tests.make import make_calendar
from hexi.blocks.people.models import Account, Role
from hexi.blocks.people.shipped import RolesFile, load_roles
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.tests import make as regions
from hexi.domains.livelihood.grid import rules
from hexi.domains.livelihood.grid.models import Cell, Incident, Rule
from hexi.domains.livelihood.grid.operations import handling, mapping, reporting
from hexi.kernel import packs
from hexi.kernel.actors import Actor, System

BY = System("make")
YUMEN, SHIHEZI, HEDONG = regions.YUMEN, "620981106203", "620981106200"
HOME = settings.HEXI_PACKS.parent / "hexi" / "domains" / "livelihood" / "grid" / "packs"
#: the south-west corner of the sample cells, and their width in degrees
WEST, SOUTH, WIDE = 97.10, 40.30, 0.01
_next = count(1)


@cache
def _file(path: Any, schema: Any) -> Any:
    return packs.read(path, schema)


def make_rules() -> None:
    """The shipped classes, schemes, limits and Yumen's extent, unless they are there."""
    make_calendar()
    people.make_roles()
    if not Role.objects.filter(pk="grid_worker").exists():
        load_roles(HOME, _file(HOME / "roles" / "grid.yaml", RolesFile))
    if not Rule.objects.exists():
        for path in (HOME / "grid_codes" / "codes.yaml", settings.HEXI_PACKS / "gansu" / "grid_codes" / "yumen.yaml"):
            rules.load_codes(path, _file(path, rules.CodesFile))
        path = HOME / "grid_classes" / "classes.yaml"
        rules.load_classes(path, _file(path, rules.ClassFile))


def square(column: int = 0, row: int = 0, *, wide: float = WIDE) -> list[list[float]]:
    """The ring of one cell of a checked pattern."""
    west, south = WEST + column * wide, SOUTH + row * wide
    return [[west, south], [west + wide, south], [west + wide, south + wide], [west, south + wide], [west, south]]


def code(serial: int, village: str = SHIHEZI) -> str:
    """A code of GB/T 30428.1 with a serial of two digits."""
    return f"{village}{serial:02d}"


def feature(serial: int, ring: list[list[float]], **facts: Any) -> dict[str, Any]:
    """One GeoJSON feature."""
    given = {"code": code(serial), "name": f"石河子 {serial} 号网格"}
    return {"type": "Feature", "properties": given | facts, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features: Any) -> bytes:
    """A GeoJSON file."""
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def make_centre() -> Department:
    """The grid centre of Yumen."""
    return people.make_department("yumen-grid", name="玉门市网格化服务中心", name_en="Yumen Grid Centre")


def make_unit(key: str = "yumen-water") -> Department:
    """A department that handles."""
    return people.make_department(key, name="玉门市水务局", name_en="Yumen Water Bureau")


def make_cells(columns: int = 2, rows: int = 1) -> list[Cell]:
    """A checked pattern of cells, side by side, with rules and the grid centre."""
    make_rules()
    features = [feature(1 + x + y * columns, square(x, y)) for y in range(rows) for x in range(columns)]
    done = mapping.import_cells(
        collection(*features), name="cells.json", scheme="gbt30428_cell", region=YUMEN, department=make_centre(), by=BY,
        synthetic=True,
    )  # fmt: skip
    assert done.faults == []
    return list(Cell.objects.order_by("code"))


def make_official(role: str, office: Department | None = None, **facts: Any) -> Account:
    """Somebody of the grid: grid_worker, grid_centre, grid_supervisor (of the centre), grid_unit (of a unit)."""
    make_rules()
    office = office or (make_unit() if role == "grid_unit" else make_centre())
    return people.make_official(role, department=office, region_code=YUMEN, **facts)


def make_worker(cell: Cell | None = None, **facts: Any) -> Account:
    """A grid worker, responsible for a cell if one is given."""
    account = make_official("grid_worker", **facts)
    if cell is not None:
        mapping.assign(cell, account, by=BY)
    return account


def acting(role: str, office: Department | None = None) -> Actor:
    """The same as an actor."""
    return people.acting(make_official(role, office))


def make_incident(by: Actor | None = None, *, subject: str = "E0401", submission: str = "", **facts: Any) -> Incident:
    """A report from the first cell."""
    cell = facts.pop("cell", None) or Cell.objects.order_by("code").first() or make_cells()[0]
    by = by or people.acting(make_worker(cell))
    given = {
        "text": "供水管道破裂，路面积水。",
        "longitude": WEST + WIDE / 2,
        "latitude": SOUTH + WIDE / 2,
        "place": "一组路口",
    }
    sent = reporting.Report(subject=subject, **(given | facts))
    return reporting.report(sent, submission=submission or f"test{next(_next)}", by=by)[0]


def make_handling(incident: Incident | None = None, *, unit: Department | None = None) -> Incident:
    """An incident at its unit."""
    incident = incident or make_incident()
    centre = acting("grid_centre")
    handling.file(incident.case, by=centre)
    handling.dispatch(incident.case, unit=unit or make_unit(), by=centre)
    return fresh(incident)


def make_verifying(incident: Incident | None = None) -> Incident:
    """An incident whose unit says it is done."""
    incident = make_handling(incident)
    handling.handle(incident.case, by=acting("grid_unit"), opinion="已更换管段，恢复供水。")
    handling.feedback(incident.case, by=acting("grid_centre"))
    return fresh(incident)


def make_closed(incident: Incident | None = None) -> Incident:
    """An incident checked and closed."""
    incident = make_verifying(incident)
    handling.close(incident.case, by=acting("grid_centre"), opinion="现场已恢复。")
    return fresh(incident)


def fresh(incident: Incident) -> Incident:
    """The incident as it stands now."""
    return Incident.objects.select_related("case__department", "cell", "rule", "centre").get(pk=incident.pk)
