"""Components, patrol plans, check-ins, cameras, homes: what is kept of a cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Person
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import coding, figures, places, rules
from hexi.domains.livelihood.grid.models import Cell, CheckIn, Component, Home, Import, Patrol, Resident, VideoPoint
from hexi.domains.livelihood.grid.operations.reporting import AHEAD, OLDEST
from hexi.domains.livelihood.grid.queries import homes_of, may_see_homes, own_cells
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.ui import sheets

COLUMNS = ("code", "title", "longitude", "latitude", "accuracy", "owner", "place", "state")
#: heads of the table, Chinese and as in the code
HEADS = {
    "编码": "code", "部件编码": "code", "名称": "title", "经度": "longitude", "纬度": "latitude", "精度": "accuracy",
    "权属单位": "owner", "地址": "place", "状态": "state", **{name: name for name in COLUMNS},
}  # fmt: skip
LIMITS = sheets.Limits(20_000_000, 100_000, 20)
#: minor classes of three digits: to here those of the standard, which others write in two; above a region's own
THREE, STANDARD = 3, 79
STREAMS = ("rtsp", "rtsps", "rtmp", "https", "http", "gb28181", "webrtc", "srt")


# --- components -------------------------------------------------------------------------------------------------------
def import_components(content: bytes, *, name: str, scheme: str, region: str, by: Actor) -> Import:
    """Take in a table of components: good rows are taken, every other row is told with its reason.

    A code that is there gets the row's values; the same file twice changes nothing.
    """
    require(by, "grid.edit", None, region)
    line = rules.scheme(scheme)
    if line is None or line.of != "component":
        raise ValidationError({"scheme": _("请选择一种部件编码规则。")})
    good: dict[str, Component] = {}
    faults: list[tuple[str, str]] = []
    hints: list[tuple[str, str]] = []
    reader = _Rows(line, region)
    total = 0
    for number, row in _table(name, content):
        total += 1
        component, wrong = reader.read(row)
        if component is not None and component.code in good:
            wrong.append(_("编码 %(code)s 在表里出现了两次。") % {"code": component.code})
        place = _("第 %(n)s 行") % {"n": number}
        faults += [(place, said) for said in wrong]
        if component is not None and not wrong:
            good[component.code] = component
            if component.cell is None:
                hints.append((place, _("这个位置不在任何网格里。")))
    with change(by, "grid.import_components", name=name) as note:
        report = Import.objects.create(
            what="components", name=name[:200], account_id=getattr(by, "account_id", None), region_code=region,
            total=total, taken=len(good), faults=faults[:500], hints=hints[:500],
        )  # fmt: skip
        note.thing, note.facts["taken"] = report, len(good)
        fields = [
            "subject",
            "title",
            "cell",
            "longitude",
            "latitude",
            "accuracy",
            "owner",
            "region_code",
            "place",
            "state",
        ]
        Component.objects.bulk_create(
            good.values(), batch_size=500, update_conflicts=True, unique_fields=["code"], update_fields=fields
        )
    return report


def _table(name: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    lines = enumerate(sheets.lines(name, content, LIMITS), 1)
    head: list[str] = []
    for number, line in lines:
        if not any(line):
            continue
        if not head:
            head = [HEADS.get(str(cell).strip(), "") for cell in line]
            if missing := [one for one in ("code", "longitude", "latitude") if one not in head]:
                raise sheets.bad(_("表头缺少：%(names)s。") % {"names": "、".join(missing)})
            continue
        yield number, {key: str(cell).strip() for key, cell in zip(head, line, strict=False) if key}


class _Rows:
    """Reads the rows of one table: classes, offices and cells are looked up once."""

    def __init__(self, scheme: rules.SchemeLine, region: str):
        self.scheme, self.region = scheme, region
        self.classes = {one.key: one for one in rules.classes()}
        offices = Department.objects.filter(active=True)
        self.offices = {key: one for one in offices for key in (one.key, one.name)}
        self.index = places.index()
        self.box = rules.extent(region)

    def _class(self, major: str, minor: str) -> str:
        """The key of a class: as the code writes it; a standard minor of three digits (to 079) also in two."""
        key = f"C{major}{minor}"
        short = len(minor) == THREE and int(minor) <= STANDARD and key not in self.classes
        return f"C{major}{minor[1:]}" if short else key

    def read(self, row: dict[str, str]) -> tuple[Component | None, list[str]]:
        """One row as a component, and what is wrong with it."""
        code, faults = row.get("code", ""), []
        parts, said = coding.read(code, self.scheme)
        if parts is None:
            return None, [said]
        subject = self._class(parts.parts.get("major", ""), parts.parts.get("minor", ""))
        if not code.startswith(codes.prefix(self.region)[:6]):
            faults.append(_("编码 %(code)s 不是本县（市、区）的。") % {"code": code})
        if subject not in self.classes:
            faults.append(_("没有类别 %(key)s。请先在类别里补上。") % {"key": subject})
        owner = self.offices.get(row.get("owner", ""))
        if row.get("owner") and owner is None:
            faults.append(_("没有部门“%(name)s”。") % {"name": row["owner"]})
        longitude, latitude = _place(row, self.box, faults)
        accuracy = row.get("accuracy", "").upper() or Component.Accuracy.C
        state = {str(label): value for value, label in Component.State.choices}.get(
            row.get("state", ""), row.get("state") or Component.State.GOOD
        )
        if accuracy not in Component.Accuracy.values or state not in Component.State.values:
            faults.append(_("精度只能是 A、B、C，状态只能是完好、破损、丢失、已拆除。"))
        if faults:
            return Component(code=code), faults
        return Component(
            code=code, subject=subject, title=row.get("title") or self.classes[subject].title,
            cell_id=self.index.find(longitude, latitude), longitude=longitude, latitude=latitude, accuracy=accuracy,
            owner=owner, region_code=self.region, place=row.get("place", "")[:200], state=state,
        ), []  # fmt: skip


def _place(row: dict[str, str], box: Any, faults: list[str]) -> tuple[float, float]:
    try:
        longitude, latitude = float(row.get("longitude", "")), float(row.get("latitude", ""))
    except ValueError:
        faults.append(_("经度、纬度应为数字。"))
        return 0.0, 0.0
    west, south, east, north = box or (-180, -90, 180, 90)
    if not (west <= longitude <= east and south <= latitude <= north):
        faults.append(_("位置在区域范围之外。请检查经度和纬度有没有写反。"))
    return longitude, latitude


# --- patrols ----------------------------------------------------------------------------------------------------------
def plan_patrol(cell: Cell, *, title: str, every_days: int, by: Actor) -> Patrol:
    """Lay down that a cell is walked so often."""
    require(by, "grid.edit", cell.department_id, cell.region_code)
    if not 1 <= every_days <= 365 or not title.strip():
        raise ValidationError({"every_days": _("请写明计划名称，以及 1 到 365 之间的天数。")})
    with change(by, "grid.plan_patrol", cell) as note:
        plan, _new = Patrol.objects.update_or_create(
            cell=cell, title=title.strip()[:100], ended_on=None, defaults={"every_days": every_days}
        )
        note.facts["patrol"] = plan.pk
    return plan


def end_patrol(plan: Patrol, *, by: Actor) -> None:
    """The plan no longer holds."""
    require(by, "grid.edit", plan.cell.department_id, plan.cell.region_code)
    with change(by, "grid.end_patrol", plan):
        Patrol.objects.filter(pk=plan.pk, ended_on=None).update(ended_on=clock.today())


@dataclass(frozen=True)
class Presence:
    """What a check-in sends: the cell, perhaps the place and the plan; `at` if it waited for a line."""

    cell: Cell
    patrol: Patrol | None = None
    longitude: float | None = None
    latitude: float | None = None
    at: datetime | None = None
    note: str = ""


def check_in(sent: Presence, *, submission: str, by: Actor) -> tuple[CheckIn, bool]:
    """打卡, once for each submission; only in a cell one is responsible for. Outside it is kept and does not count."""
    if not submission.strip() or len(submission) > 40:
        raise ValidationError({"submission": _("这次打卡没有编号，不能判断是不是重复。请刷新页面。")})
    key = f"checkin:{by.key}:{submission.strip()}"[:80]
    if earlier := CheckIn.objects.filter(submission=key).first():
        return earlier, False
    if not own_cells(by).filter(pk=sent.cell.pk).exists():
        raise Denied(_("您不负责网格“%(cell)s”，不能在那里打卡。") % {"cell": sent.cell.title})
    if sent.patrol is not None and sent.patrol.cell_id != sent.cell.pk:
        raise ValidationError({"patrol": _("这项巡查计划不是这个网格的。")})
    now = clock.now()
    at = sent.at if sent.at and now - OLDEST <= sent.at <= now + AHEAD else now
    known = sent.longitude is not None and sent.latitude is not None
    inside = known and places.index().find(sent.longitude, sent.latitude) == sent.cell.pk  # type: ignore[arg-type]
    try:
        with change(by, "grid.check_in", sent.cell) as note:
            made = CheckIn.objects.create(
                cell=sent.cell, patrol=sent.patrol, account_id=by.account_id, at=min(at, now), sent_at=now,  # type: ignore[attr-defined]
                longitude=sent.longitude, latitude=sent.latitude, inside=inside, note=sent.note[:200], submission=key,
            )  # fmt: skip
            note.facts["inside"] = inside
            if inside:
                figures.count_cell(sent.cell, made.at, visits=1)
    except IntegrityError:
        return CheckIn.objects.get(submission=key), False  # the other of two simultaneous ones won
    return made, True


# --- cameras ----------------------------------------------------------------------------------------------------------
def put_video(
    code: str, *, title: str, stream: str, longitude: float, latitude: float, department: Department, by: Actor
) -> VideoPoint:
    """Enter a camera, or change the one with this number; that of another office only by who may change it there."""
    require(by, "grid.edit", department.pk, department.region_code)
    parts = urlsplit(stream.strip())
    if parts.scheme not in STREAMS or not parts.netloc:
        raise ValidationError(
            {"stream": _("流地址应像 rtsp://主机/路径，可用：%(names)s。") % {"names": "、".join(STREAMS)}}
        )
    facts = {
        "title": title.strip()[:100], "stream": {"address": stream.strip()}, "longitude": longitude,
        "latitude": latitude, "department": department, "region_code": department.region_code,
        "cell": places.cell_at(longitude, latitude),
    }  # fmt: skip
    with change(by, "grid.put_video") as note:
        point, new = VideoPoint.objects.select_for_update().get_or_create(code=code.strip()[:40], defaults=facts)
        note.thing = point
        if not new:
            if not by.may("grid.edit", point.department_id, point.region_code):
                raise ValidationError({"code": _("这个编号是别的单位登记的。请核对编号；要变更的，请联系该单位。")})
            for name, value in facts.items():
                setattr(point, name, value)
            point.save()
    return point


def open_video(point: VideoPoint, *, by: Actor) -> str:
    """The address of the stream, for a post that may; every look is logged."""
    require(by, "grid.video", point.department_id, point.region_code)
    with change(by, "grid.open_video", point):
        return str(point.stream.get("address", ""))


def drop_video(point: VideoPoint, *, by: Actor) -> None:
    """A camera that is no more; the log keeps its number."""
    require(by, "grid.edit", point.department_id, point.region_code)
    with change(by, "grid.drop_video", point, code=point.code):
        point.delete()


# --- homes ------------------------------------------------------------------------------------------------------------
def put_home(cell: Cell, address: str, *, by: Actor) -> Home:
    """Enter a home; once."""
    _require_homes(cell, by)
    if not address.strip():
        raise ValidationError({"address": _("请填写地址。")})
    with change(by, "grid.put_home", cell) as note:
        home, _new = Home.objects.get_or_create(cell=cell, address=address.strip()[:200])
        note.thing = home
    return home


def open_homes(cell: Cell, *, by: Actor) -> list[Home]:
    """The homes of a cell, for who looks after it; every look is logged."""
    if not may_see_homes(cell, by):
        raise Denied(_("只有负责这个网格的人员可以查看住户。"))
    with change(by, "grid.open_homes", cell):
        return list(homes_of(cell))


def drop_home(home: Home, *, by: Actor) -> None:
    """A home that is no more or was entered by mistake; nobody lives there. Who once did goes with it."""
    _require_homes(home.cell, by)
    with change(by, "grid.drop_home", home, cell=home.cell.code):
        home = Home.objects.select_for_update(of=("self",)).get(pk=home.pk)
        if home.residents.filter(until=None).exists():
            raise ValidationError(_("这一户还有人住。请先登记迁出。"))
        home.delete()


def move_in(home: Home, person: Person, *, care: str = "", by: Actor) -> Resident:
    """Somebody lives here; from the home he lived in until now he is gone."""
    _require_homes(home.cell, by)
    if care not in Resident.Care.values:
        raise ValidationError({"care": _("请选择关怀对象的种类。")})
    with change(by, "grid.move_in", home) as note:
        note.about_person = person.pk
        Person.objects.select_for_update().get(pk=person.pk)
        Resident.objects.filter(person=person, until=None).exclude(home=home).update(until=clock.today())
        return Resident.objects.update_or_create(home=home, person=person, until=None, defaults={"care": care})[0]


def move_out(resident: Resident, *, on: date | None = None, by: Actor) -> None:
    """Somebody no longer lives here."""
    _require_homes(resident.home.cell, by)
    with change(by, "grid.move_out", resident.home) as note:
        note.about_person = resident.person_id
        Resident.objects.filter(pk=resident.pk, until=None).update(until=on or clock.today())


def _require_homes(cell: Cell, by: Actor) -> None:
    if not may_see_homes(cell, by):
        raise Denied(_("只有负责这个网格的人员可以登记住户。"))
