"""The demo's grid: a made-up sheet of cells with workers, and incidents told through the operations. Beside jobs."""

import io
import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from math import cos, sin
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont
from pydantic import Field

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.documents import fonts
from hexi.blocks.people import queries as people
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import shapes
from hexi.domains.livelihood.grid.models import Cell, Component, Incident
from hexi.domains.livelihood.grid.operations import handling, keeping, mapping, reporting
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import PackModel

BY = System("demo")


# --- the sheet of cells
class Village(PackModel):
    """So many cells of a village, from left to right and top to bottom."""

    region: str = Field(pattern=r"^[0-9]{12}$")
    name: str
    cells: int = Field(ge=1, le=99)


class Worker(PackModel):
    """A demo account and the cells it is responsible for, by their place in the sheet (from 1)."""

    username: str
    cells: list[int]


class Plan(PackModel):
    """How often every cell with a worker is walked."""

    title: str
    every_days: int = 1


class Thing(PackModel):
    """A component or a camera in the middle of a cell."""

    title: str
    cell: int
    subject: str = ""
    owner: str = ""


class CellsFile(PackModel):
    """`packs/grid_cells/*.yaml`: made-up cells for a demo."""

    scheme: str
    region: str
    department: str
    west: float
    north: float
    step: tuple[float, float]
    columns: int = Field(ge=1)
    villages: list[Village]
    workers: list[Worker] = []
    patrols: Plan | None = None
    components: list[Thing] = []
    videos: list[Thing] = []


def load_cells(path: Path, file: CellsFile) -> None:
    """Make the sheet once, and only where the option `site.demo` is on."""
    office = Department.objects.filter(key=file.department).first()
    if not settings.DEMO or office is None or Cell.objects.filter(department=office).exists():
        return
    with change(BY, "grid.demo_cells"):
        facts = {"name": path.name, "scheme": file.scheme, "region": file.region, "department": office}
        run = mapping.import_cells(_sheet(file), by=BY, synthetic=True, **facts)
        if run.faults:
            raise ValueError(run.faults)
        cells = list(Cell.objects.filter(department=office).order_by("pk"))
        for worker in file.workers:
            account = Account.objects.filter(username=worker.username).first()
            for place in worker.cells if account else ():
                mapping.assign(cells[place - 1], account, by=BY)  # type: ignore[arg-type]
                if file.patrols:
                    plan = file.patrols
                    keeping.plan_patrol(cells[place - 1], title=plan.title, every_days=plan.every_days, by=BY)
        _things(file, cells, office)


def _sheet(file: CellsFile) -> bytes:
    """The cells as GeoJSON: squares whose corners are a little out of line, the same each time."""
    (wide, high), features = file.step, []

    def corner(x: int, y: int) -> list[float]:
        off = (0.18 * sin(2.1 * x + 1.3 * y), 0.18 * cos(1.7 * x - 2.3 * y))
        return [file.west + (x + off[0]) * wide, file.north - (y + off[1]) * high]

    for village in file.villages:
        for serial in range(1, village.cells + 1):
            y, x = divmod(len(features), file.columns)
            ring = [corner(x + dx, y + dy) for dx, dy in ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))]
            facts = {"code": f"{village.region}{serial:02d}", "name": f"{village.name} {serial} 号网格（演示）"}
            shape = {"type": "Polygon", "coordinates": [ring]}
            features.append({"type": "Feature", "properties": facts, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _things(file: CellsFile, cells: list[Cell], office: Department) -> None:
    rows = ["code,title,longitude,latitude,accuracy,owner"]
    for serial, one in enumerate(file.components, 1):
        x, y = shapes.centre(cells[one.cell - 1].shape)
        rows.append(f"{file.region[:6]}{one.subject[1:]}{serial:06d},{one.title},{x:.7f},{y:.7f},B,{one.owner}")
    if file.components:
        keeping.import_components(
            "\n".join(rows).encode(), name="demo.csv", scheme="component_2_2_6", region=file.region, by=BY
        )
    for serial, one in enumerate(file.videos, 1):
        x, y = shapes.centre(cells[one.cell - 1].shape)
        keeping.put_video(
            f"DEMO-{serial:03d}", title=one.title, stream=f"rtsp://video.invalid/demo/{serial}", longitude=x,
            latitude=y, department=office, by=BY,
        )  # fmt: skip


# --- what happened
#: place of the cell in the sheet, class, words, working days ago, and how far it has come
TOLD = (
    (1, "E0102", "路口垃圾桶旁堆了生活垃圾，有三袋。", 6, "evaluated"),
    (2, "C0101", "井盖松动，车压过有响声。", 4, "closed"),
    (3, "E0401", "人行道下水管破裂，路面积水。", 3, "reworked"),
    (13, "E0301", "工地没有洒水，扬尘明显。", 2, "verifying"),
    (14, "C0118", "路灯不亮，约三盏。", 2, "delayed"),
    (5, "E0105", "污水从井口外溢。", 1, "handling"),
    (15, "E0201", "围墙上贴了小广告。", 1, "filed"),
    (6, "E0602", "独居老人家水管冻裂，需要帮忙。", 0, "reported"),
    (19, "E0104", "路面有坑，约半米宽。", 0, "reported"),
)


def fill() -> int:
    """Tell the incidents once; how many were told."""
    cells = list(Cell.objects.current().filter(synthetic=True).order_by("pk"))
    names = ("gridworker", "gridcentre", "gridhead", "water")
    accounts = {one.username: one for one in Account.objects.filter(username__in=names)}
    if Incident.objects.exists() or len(accounts) < len(names) or len(cells) < max(one[0] for one in TOLD):
        return 0
    actors = {name: people.actor_for(account) for name, account in accounts.items()}
    water = Department.objects.get(key="yumen-water")
    with change(BY, "grid.demo"):
        _lives(cells)
        for place, subject, text, ago, far in TOLD:
            _tell(cells[place - 1], subject, text, ago, _Story(actors, water), far)
        _walk(cells, accounts)
    return len(TOLD)


def _lives(cells: list[Cell]) -> None:
    """An elder who lives alone, where one of the demo's people lives."""
    account = Account.objects.filter(username="wang").select_related("person").first()
    if account is not None and account.person is not None:
        home = keeping.put_home(cells[18], account.person.address or "1", by=BY)
        keeping.move_in(home, account.person, care="elder", by=BY)


class _Story:
    """Who does what, each in his turn, some time after what was done before."""

    def __init__(self, actors: dict[str, Actor], unit: Department):
        self.worker, self.centre, self.head, self.hand = (
            actors[name] for name in ("gridworker", "gridcentre", "gridhead", "water")
        )
        self.unit = unit

    def steps(self, far: str) -> list[tuple[int, Callable[[Any], Any]]]:
        """(minutes later, what) up to where this one has come."""
        filed = [(20, lambda case: handling.file(case, by=self.centre))]
        sent = [*filed, (15, lambda case: handling.dispatch(case, unit=self.unit, by=self.centre))]
        asked = [*sent, (60, lambda case: handling.ask_delay(case, amount=2, by=self.hand, opinion="配件明天到货。"))]
        handled = [
            *sent,
            (90, lambda case: handling.handle(
                case, by=self.hand, opinion="已派人处理，现场恢复。", photos=[(photo("处置后"), "after.jpg")])),
            (20, lambda case: handling.feedback(case, by=self.centre)),
        ]  # fmt: skip
        reworked = [
            *handled,
            (60, lambda case: handling.rework(case, by=self.centre, opinion="还在渗水。")),
        ]
        closed = [*handled, (60, lambda case: handling.close(case, by=self.centre, opinion="现场已恢复。"))]
        rated = [*closed, (30, lambda case: handling.evaluate(case, level=5, by=self.head, opinion="处置及时。"))]
        return {
            "reported": [], "filed": filed, "handling": sent, "delayed": asked, "verifying": handled,
            "reworked": reworked, "closed": closed, "evaluated": rated,
        }[far]  # fmt: skip


def _tell(cell: Cell, subject: str, text: str, ago: int, story: _Story, far: str) -> None:
    calendar = calendar_for(cell.region_code)
    day = calendar.back(clock.today() + timedelta(days=1), ago + 1)
    moment = datetime.combine(day, time(9, 10), clock.CHINA)
    x, y = shapes.centre(cell.shape)
    near = Component.objects.filter(cell=cell, subject=subject).first()
    sent = reporting.Report(
        subject=subject, text=text, longitude=round(x, 6), latitude=round(y, 6), place=f"{cell.title}中部",
        component=near.code if near else "", photos=[(photo(text[:12]), "before.jpg")],
    )  # fmt: skip
    with clock.told_at(min(moment, clock.now())):
        incident, _new = reporting.report(sent, submission=f"demo-{cell.pk}", by=story.worker)
    for minutes, do in story.steps(far):
        moment += timedelta(minutes=minutes)
        with clock.told_at(min(moment, clock.now())):
            do(incident.case)


def _walk(cells: list[Cell], accounts: dict[str, Account]) -> None:
    """The worker has walked some of his cells in the last days."""
    by = people.actor_for(accounts["gridworker"])
    for back in range(3, 0, -1):
        for cell in cells[: 6 - back]:
            x, y = shapes.centre(cell.shape)
            with clock.told_at(clock.now() - timedelta(days=back)):
                plan = cell.patrols.filter(ended_on=None).first()
                keeping.check_in(keeping.Presence(cell, plan, x, y), submission=f"demo-{cell.pk}-{back}", by=by)


def photo(title: str) -> io.BytesIO:
    """A picture that stands for a photograph and says that it is none. A JPEG."""
    page = Image.new("RGB", (960, 720), "#9FB6C3")
    brush = ImageDraw.Draw(page)
    brush.polygon([(0, 430), (960, 380), (960, 720), (0, 720)], fill="#8C857A")
    brush.rectangle((90, 210, 340, 440), fill="#C9B79C")
    brush.rectangle((620, 160, 880, 410), fill="#B8A68A")
    large, small = (ImageFont.truetype(str(fonts.file_of()), size) for size in (40, 26))
    brush.text((480, 90), title, fill="#14213D", font=large, anchor="mm")
    brush.text((480, 670), "演示图片，不是照片 · DEMO, NOT A PHOTO", fill="#FFFFFF", font=small, anchor="mm")
    file = io.BytesIO()
    page.save(file, "JPEG", quality=80)
    file.seek(0)
    return file
