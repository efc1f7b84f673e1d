"""Sample divisions, departments and actors for the tests of this and other blocks, and for the demo."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings

from hexi.blocks.regions import codes, operations, packs
from hexi.blocks.regions.models import Department, Division, Site
from hexi.kernel.actors import Scope, Scoped
from hexi.kernel.packs import read
from hexi.kernel.tests.kept import kept
from hexi.wire.checksums import make_credit_code

#: 甘肃省 to 石河子村 and some neighbours
UNITS = {
    "620000000000": "甘肃省",
    "620200000000": "嘉峪关市",
    "620201000000": "嘉峪关市",
    "620201102000": "文殊镇",
    "620900000000": "酒泉市",
    "620902000000": "肃州区",
    "620981000000": "玉门市",
    "620981101000": "玉门镇",
    "620981106000": "下西号镇",
    "620981106200": "河东村委会",
    "620981106203": "石河子村委会",
    "620982000000": "敦煌市",
}
GANSU, JIUQUAN, YUMEN, XIAXIHAO, SHIHEZI = (
    "620000000000", "620900000000", "620981000000", "620981106000", "620981106203",
)  # fmt: skip


@dataclass
class Somebody(Scoped):
    """An actor with the rights given: `Somebody({"regions.edit": "620981"})` holds it in one region subtree."""

    rights: dict[str, str] = field(default_factory=dict)
    department: int | None = None
    key: str = "test:somebody"
    name: str = "测试员"
    is_authenticated: bool = True

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        """Where the right was given."""
        return (Scope(self.department, self.rights[verb]),) if verb in self.rights else ()


def make_division(code: str = YUMEN, name: str = "玉门市", **facts) -> Division:
    """One division in force, nothing above it."""
    row = operations.row_of(code, name, **facts)
    row.save()
    return row


def make_divisions() -> dict[str, Division]:
    """The divisions of UNITS by code."""
    if Division.objects.exists():
        _divisions()
    else:
        kept(_divisions, Division)
    return {row.code: row for row in Division.objects.all()}


def _divisions() -> None:
    Division.objects.bulk_create([operations.row_of(code, name) for code, name in UNITS.items()])


def make_department(key: str = "yumen-forestry", region: str = YUMEN, **facts) -> Department:
    """A department with a synthetic credit code of its own."""
    number = Department.objects.count() + 1
    given = {
        "uscc": make_credit_code("11", "629999", f"9{number:07d}"),
        "name": "玉门市林业和草原局",
        "name_en": "Yumen Forestry and Grassland Bureau",
        "phone": "0937-0000001",
        "address": "玉门市演示路 1 号",
        "demo": True,
    }
    return Department.objects.create(key=key, region_code=region, **(given | facts))


def make_site(key: str = "yumen", region: str = YUMEN, **facts) -> Site:
    """A site of the group."""
    given = {"name": "玉门市政务服务网", "name_en": "Yumen Government Services", "header": "玉门市人民政府办公室主办"}
    return Site.objects.create(key=key, region_code=region, **(given | facts))


def pack(name: str = "gansu") -> tuple[Path, packs.DivisionsPack]:
    """The file of a shipped division pack, and what it says."""
    path = settings.HEXI_PACKS / name / "divisions" / f"{name}.yaml"
    return path, read(path, packs.DivisionsPack)


def counts() -> list[int]:
    """Divisions in force by level, province first."""
    rows = Division.objects.current()
    return [rows.filter(level=level).count() for level in range(1, codes.VILLAGE + 1)]


#: a day before and a day after the example of a dated renaming
BEFORE, AFTER = date(2016, 5, 1), date(2024, 5, 1)
