"""Cells: taken in from GeoJSON or drawn, with every fault told; given to those responsible, ended."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Account
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department, Division
from hexi.domains.livelihood.grid import coding, rules, shapes
from hexi.domains.livelihood.grid.models import Cell, Duty, Import, Stamp
from hexi.domains.livelihood.grid.places import CELLS
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

MOST_CELLS = 50_000
MOST_BYTES = 60_000_000
#: lines of a report that are kept
MOST_SAID = 500
#: names of our coordinates in the "crs" member of old GeoJSON; CGCS2000 differs by centimetres
KNOWN_CRS = ("CRS84", "4326", "4490")
Said = list[tuple[str, str]]


@dataclass
class Found:
    """A feature of the file that is good so far."""

    number: int
    code: str
    title: str
    kind: str
    region_code: str
    shape: shapes.Shape


@dataclass
class Reading:
    """What a file holds: cells, faults that refuse the whole file, hints."""

    cells: list[Found] = field(default_factory=list)
    faults: Said = field(default_factory=list)
    hints: Said = field(default_factory=list)
    total: int = 0


# --- taking in --------------------------------------------------------------------------------------------------------
def import_cells(
    content: bytes, *, name: str, scheme: str, region: str, department: Department, by: Actor, synthetic: bool = False
) -> Import:
    """Take in a GeoJSON file of cells of one county; nothing unless every feature is good. The report stays.

    A cell whose code is in use gets the new shape and name. Raises `Denied`; `ValidationError` for what is no GeoJSON.
    """
    require(by, "grid.edit", None, region)
    before = Stamp.objects.filter(pk=CELLS).values_list("token", flat=True).first()
    read = read_cells(content, scheme=scheme, region=region)
    with change(by, "grid.import_cells", name=name) as note:
        if _locked() not in (before, ""):  # somebody else changed cells meanwhile
            read = read_cells(content, scheme=scheme, region=region)
        if not read.faults:
            _put(read.cells, scheme, department, synthetic=synthetic)
        report = Import.objects.create(
            what="cells", name=name[:200], account_id=getattr(by, "account_id", None), region_code=region,
            total=read.total, taken=0 if read.faults else len(read.cells), faults=read.faults[:MOST_SAID],
            hints=read.hints[:MOST_SAID],
        )  # fmt: skip
        note.thing, note.facts["taken"] = report, report.taken
    return report


def read_cells(content: bytes, *, scheme: str, region: str) -> Reading:
    """Everything that can be said of a file before it is taken in: feature by feature, then of all together."""
    return _read(_features(content), scheme, region)


def _read(features: list[Any], scheme: str, region: str) -> Reading:
    line = rules.scheme(scheme)
    if line is None or line.of != "cell":
        raise ValidationError({"scheme": _("请选择一种网格编码规则。")})
    read, seen = Reading(total=len(features)), {}
    box = rules.extent(region)
    villages = dict(Division.objects.current().under(region).values_list("code", "name"))
    for number, feature in enumerate(features, 1):
        one, faults = _feature(number, feature, line, region, villages, box)
        if one is not None and one.code in seen:
            faults.append(_("编码 %(code)s 和要素 %(n)s 重复。") % {"code": one.code, "n": seen[one.code]})
        read.faults += [(_place(number), said) for said in faults]
        if one is not None:
            seen.setdefault(one.code, number)
            if not faults:
                read.cells.append(one)
    if not read.faults:
        _together(read, region)
    return read


def _features(content: bytes) -> list[Any]:
    if len(content) > MOST_BYTES:
        raise ValidationError({"file": _("文件太大，最多 %(n)s MB。请分开导入。") % {"n": MOST_BYTES // 1_000_000}})
    try:
        given = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        said = _("读不出：不是 UTF-8 的 GeoJSON。%(why)s") % {"why": str(error)[:100]}
        raise ValidationError({"file": said}) from error
    features = given.get("features") if isinstance(given, dict) and given.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features:
        raise ValidationError({"file": _("应为 FeatureCollection，其中至少有一个要素。")})
    if len(features) > MOST_CELLS:
        raise ValidationError({"file": _("要素太多：一次最多 %(n)s 个。") % {"n": MOST_CELLS}})
    crs = str(given.get("crs") or "")
    if crs and not any(known in crs for known in KNOWN_CRS):
        raise ValidationError({"file": _("坐标系应为 WGS-84 经纬度（或 CGCS2000）。请转换后再导入。")})
    return features


def _place(number: int) -> str:
    return _("要素 %(n)s") % {"n": number}


def _feature(
    number: int, feature: Any, line: rules.SchemeLine, region: str, villages: dict[str, str], box: shapes.Box | None
) -> tuple[Found | None, list[str]]:
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict):
        return None, [_("没有属性（properties）。")]
    code, faults = str(facts.get("code") or "").strip(), []
    read, said = coding.read(code, line)
    if said:
        faults.append(said)
    division = _division(read, facts, region, villages, faults) if read else region
    shape, wrong = shapes.read(feature.get("geometry"))
    faults += wrong
    if not wrong and box and not _inside(shapes.box_of(shape), box):
        faults.append(_("在区域范围之外。请核对坐标系，以及经度和纬度有没有写反。"))
    kind = str(facts.get("kind") or Cell.Kind.BASIC)
    if kind not in Cell.Kind.values:
        faults.append(_("网格种类（kind）只能是 basic 或 special。"))
    title = str(facts.get("name") or code).strip()[:100]
    return Found(number, code, title, kind, division, shape), faults


def _division(
    read: coding.Read, facts: dict[str, Any], region: str, villages: dict[str, str], faults: list[str]
) -> str:
    """The village the code names; it lies in the county, and is in the register unless several are merged."""
    found = str(facts.get("region") or read.division)
    if not read.division.startswith(codes.prefix(region)):
        faults.append(_("编码里的区划 %(code)s 不在 %(region)s。") % {"code": read.division, "region": region})
    elif villages and found not in villages:
        faults.append(_("没有区划代码为 %(code)s 的村（社区）。") % {"code": found})
    elif not found.startswith(codes.prefix(read.division)):
        faults.append(_("属性里的区划 %(code)s 和编码不一致。") % {"code": found})
    return found


def _inside(box: shapes.Box, outer: shapes.Box) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] and box[3] <= outer[3]


def _together(read: Reading, region: str) -> None:
    """Overlaps refuse the file; gaps are told. Cells of the county that the file does not name count as well."""
    names = {one.code for one in read.cells}
    others = Cell.objects.current().filter(region_code__startswith=codes.prefix(region)).exclude(code__in=names)
    all_ = [*((_place(one.number), one.code, one.shape) for one in read.cells),
            *((_("已有网格"), code, shape) for code, shape in others.values_list("code", "shape"))]  # fmt: skip
    for one, two in shapes.overlaps([shape for _place_, _code, shape in all_]):
        if one < len(read.cells):
            told = {"code": all_[two][1], "place": all_[two][0]}
            read.faults.append((all_[one][0], _("和 %(place)s（%(code)s）重叠。") % told))
    for (x, y), area in shapes.gaps([shape for _place_, _code, shape in all_])[:50]:
        told = {"x": f"{x:.5f}", "y": f"{y:.5f}", "area": f"{area:,.0f}"}
        read.hints.append((_("整体"), _("%(x)s, %(y)s 附近有空隙，约 %(area)s 平方米。") % told))


def _put(cells: Iterable[Found], scheme: str, department: Department, *, synthetic: bool) -> None:
    """Insert the new, change those whose code is in use: in the caller's transaction."""
    cells = list(cells)
    known = {
        one.code: one for one in Cell.objects.select_for_update().current().filter(code__in=[c.code for c in cells])
    }
    new, changed = [], []
    for one in cells:
        row = known.get(one.code) or Cell(code=one.code)
        row.scheme, row.title, row.kind, row.region_code = scheme, one.title, one.kind, one.region_code
        row.department, row.shape, row.synthetic = department, one.shape, synthetic
        row.west, row.south, row.east, row.north = shapes.box_of(one.shape)
        row.area_m2 = round(shapes.area_m2(one.shape), 1)
        (changed if row.pk else new).append(row)
    fields = ["scheme", "title", "kind", "region_code", "department", "shape", "synthetic", "west", "south", "east",
              "north", "area_m2"]  # fmt: skip
    Cell.objects.bulk_create(new, batch_size=500)
    Cell.objects.bulk_update(changed, fields, batch_size=200)
    touch()


def _locked() -> str:
    """The state of the cells, which nobody else changes until the transaction ends."""
    Stamp.objects.get_or_create(pk=CELLS, defaults={"token": ""})
    return Stamp.objects.select_for_update().get(pk=CELLS).token


def touch() -> None:
    """Tell every process that the cells have changed, when the caller's transaction is over."""
    Stamp.objects.update_or_create(pk=CELLS, defaults={"token": uuid4().hex})


def end_cell(cell: Cell, *, by: Actor) -> None:
    """Take a cell out of use; what happened in it stays."""
    require(by, "grid.edit", cell.department_id, cell.region_code)
    with change(by, "grid.end_cell", cell):
        Cell.objects.filter(pk=cell.pk, ended_on=None).update(ended_on=clock.today())
        Duty.objects.now().filter(cell=cell).update(ended_at=clock.now())
        touch()


# --- drawn on the map -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Drawn:
    """One cell as it was drawn, its border as GeoJSON.

    `gaps_meant`: ground left between it and its neighbours is meant to be in no cell.
    """

    code: str
    title: str
    kind: str
    scheme: str
    geometry: str
    gaps_meant: bool = False


def draw_cell(drawn: Drawn, *, department: Department, by: Actor) -> Cell:
    """A new cell. Raises `Denied`, or `ValidationError` that names every fault of its code and border, and new gaps."""
    require(by, "grid.edit", department.pk, department.region_code)
    return _drawn(drawn, None, department, by)


def redraw_cell(cell: Cell, drawn: Drawn, *, seen: str, by: Actor) -> Cell:
    """Another border or name for a cell. `seen`: its `state_of` when it was opened: who was faster is not undone."""
    require(by, "grid.edit", cell.department_id, cell.region_code)
    if drawn.code != cell.code:
        raise ValidationError({"code": _("编码不能改。要换编码，请停用这个网格再画新的。")})
    return _drawn(drawn, seen, cell.department, by)


def state_of(cell: Cell) -> str:
    """A word that changes with the name, kind or border of a cell."""
    facts = [cell.title, cell.kind, cell.shape, cell.ended_on is None]
    return sha256(json.dumps(facts, default=str).encode()).hexdigest()[:16]


#: signs of one border as text: its 5000 corners, and room
MOST_TEXT = 500_000


def _geometry(text: str) -> Any:
    """The geometry somebody wrote, bare or in a feature."""
    if len(text) > MOST_TEXT:
        raise ValidationError({"shape": _("边界太长，最多 %(n)s 字。请先抽稀。") % {"n": MOST_TEXT}})
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = _("不是 GeoJSON。请在地图上画，或粘贴一个 Polygon 或 MultiPolygon。")
        raise ValidationError({"shape": said}) from error
    return given.get("geometry") if isinstance(given, dict) and given.get("type") == "Feature" else given


def _drawn(drawn: Drawn, seen: str | None, department: Department, by: Actor) -> Cell:
    region = department.region_code[:6].ljust(12, "0")
    facts = {"code": drawn.code, "name": drawn.title, "kind": drawn.kind}
    feature = {"type": "Feature", "properties": facts, "geometry": _geometry(drawn.geometry)}
    with change(by, "grid.redraw_cell" if seen else "grid.draw_cell", code=drawn.code) as note:
        _locked()  # one at a time: two that are drawn at once might overlap
        held = Cell.objects.current().filter(code=drawn.code).first()
        if seen is None and held is not None:
            raise ValidationError({"code": _("编码 %(code)s 已经有网格在用。") % {"code": drawn.code}})
        if seen is not None and (held is None or state_of(held) != seen):
            raise ValidationError(_("您打开之后别人改过这个网格。请重新打开，在新的边界上改。"))
        read = _read([feature], drawn.scheme, region)
        if read.faults:
            raise ValidationError({"shape": [said for _where, said in read.faults]})
        require(by, "grid.edit", department.pk, read.cells[0].region_code)
        if not drawn.gaps_meant and (left := _new_gaps(read.cells[0], region)):
            raise ValidationError({"gaps_meant": left})
        _put(read.cells, drawn.scheme, department, synthetic=bool(held and held.synthetic))
        cell = Cell.objects.current().get(code=drawn.code)
        note.thing, note.facts["before_m2"], note.facts["area_m2"] = cell, held and held.area_m2, cell.area_m2
    return cell


def _new_gaps(drawn: Found, region: str) -> list[str]:
    """The gaps there would be and are not yet, in words."""
    rows = Cell.objects.current().filter(region_code__startswith=codes.prefix(region)).values_list("code", "shape")
    kept = dict(rows)
    before = set(shapes.gaps(kept.values()))
    kept[drawn.code] = drawn.shape
    return [
        _("%(x)s, %(y)s 附近有空隙，约 %(area)s 平方米。") % {"x": f"{x:.5f}", "y": f"{y:.5f}", "area": f"{area:,.0f}"}
        for (x, y), area in shapes.gaps(kept.values())
        if ((x, y), area) not in before
    ]


# --- who is responsible -----------------------------------------------------------------------------------------------
def assign(cell: Cell, account: Account, *, by: Actor) -> Duty:
    """Make somebody responsible for a cell; once. He must hold a post at the cell's office."""
    require(by, "grid.edit", cell.department_id, cell.region_code)
    if not account.posts.held_on(clock.today()).filter(department=cell.department_id).exists():
        raise ValidationError({"account": _("%(name)s在%(office)s没有岗位，不能负责这个网格。") % {
            "name": account, "office": cell.department.title}})  # fmt: skip
    with change(by, "grid.assign", cell, account=account.pk):
        return Duty.objects.now().get_or_create(cell=cell, account=account, ended_at=None)[0]


def relieve(duty: Duty, *, by: Actor) -> None:
    """Somebody is no longer responsible."""
    require(by, "grid.edit", duty.cell.department_id, duty.cell.region_code)
    with change(by, "grid.relieve", duty.cell, account=duty.account_id):
        Duty.objects.now().filter(pk=duty.pk).update(ended_at=clock.now())
