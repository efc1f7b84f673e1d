"""What region packs may say about divisions, departments and sites, and how it is put into the database.

Stands beside `jobs`: it calls operations.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from django.conf import settings
from django.http.request import validate_host
from pydantic import Field, field_validator, model_validator

from hexi.blocks.regions import basemaps, codes, lists, operations
from hexi.blocks.regions.models import UNRECORDED, BaseMap
from hexi.blocks.regions.operations import Loaded, Past
from hexi.kernel.actors import System
from hexi.kernel.packs import Fault, Pack, PackModel, Words
from hexi.wire.checksums import Wrong, read_credit_code

Code = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, Field(min_length=1)]


class FormerName(PackModel):
    """A name a unit had. `verified: false` says that the date is not confirmed by a source; it may be corrected."""

    code: Code
    name: Text
    since: date = UNRECORDED
    until: date
    successor: Code | Literal[""] = ""
    fresh: bool = True
    verified: bool
    source: Text


class DivisionsPack(PackModel):
    """`divisions/*.yaml`: a published list beside the file, what it covers, and former names."""

    source: Words
    as_of: date
    covers: Code
    file: Text
    former: tuple[FormerName, ...] = ()


class Office(PackModel):
    """One department."""

    key: Key
    uscc: str
    name: Words
    region: Code
    parent: Key | None = None
    address: Words
    phone: Text
    hours: Words
    demo: bool = False
    active: bool = True

    @field_validator("uscc")
    @classmethod
    def _right(cls, code: str) -> str:
        try:
            return read_credit_code(code).code
        except Wrong as wrong:
            raise ValueError(f"统一社会信用代码 {code} 有误 / wrong credit code ({wrong})") from wrong


class DepartmentsPack(PackModel):
    """`departments/*.yaml`: departments, a parent before its offices."""

    departments: tuple[Office, ...]

    @model_validator(mode="after")
    def _once(self) -> "DepartmentsPack":
        for name in ("key", "uscc"):
            _unique([getattr(one, name) for one in self.departments], name)
        return self


class Home(PackModel):
    """One site of the group; `record` is its 备案号, `site_code` its 政府网站标识码."""

    key: Key
    host: Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")] | None = None
    region: Code
    department: Key | None = None
    name: Words
    header: Words
    items: tuple[Key, ...] = ()
    record: str = ""
    site_code: str = ""
    contact: Words | None = None


class SitesPack(PackModel):
    """`sites/*.yaml`: the sites of the group (网站群)."""

    sites: tuple[Home, ...]

    @model_validator(mode="after")
    def _once(self) -> "SitesPack":
        _unique([one.key for one in self.sites], "key")
        return self


class Cartogram(PackModel):
    """`cartograms/*.yaml`: the counties of a region as squares of our own, drawn as rows of six-digit codes ("······":
    an empty place). A scheme, not a map: where a square stands says only who lies roughly beside whom."""

    region: Code
    title: Words
    rows: tuple[Text, ...]

    def places(self) -> dict[str, tuple[int, int]]:
        """Code of 12 digits → column and row."""
        lines = [row.split() for row in self.rows]
        return {
            cell.ljust(12, "0"): (column, row)
            for row, line in enumerate(lines)
            for column, cell in enumerate(line)
            if cell.isdecimal()
        }

    @model_validator(mode="after")
    def _once(self) -> "Cartogram":
        cells = [cell for row in self.rows for cell in row.split()]
        wrong = [cell for cell in cells if not re.fullmatch(r"[0-9]{6}|·+", cell)]
        if wrong:
            raise ValueError(f"应为六位代码或 ······ / six digits or ······: {', '.join(wrong)}")
        _unique([cell for cell in cells if cell.isdecimal()], "rows")
        return self


class Blocks(PackModel):
    """`town_blocks/*.yaml`: blocks of buildings made up from a corner on. Read only where `site.demo` is on."""

    region: Code
    title: Words
    west: float = Field(ge=73, le=136)
    north: float = Field(ge=3, le=54)
    columns: int = Field(ge=1, le=80)
    rows: int = Field(ge=1, le=80)


def _unique(values: list[str], name: str) -> None:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"「{name}」重复 / given twice: {', '.join(twice)}")


def load_divisions(
    path: Path, pack: DivisionsPack, tell: Callable[[int, int], None] = lambda done, total: None
) -> Loaded:
    """Import the list and the former names of one file."""
    return operations.load_divisions(
        lists.read(path.parent / pack.file),
        by=System("packs"),
        covers=pack.covers,
        as_of=pack.as_of,
        source=pack.source.zh,
        past=[Past(one.code, one.name, one.until, one.since, one.successor, one.fresh) for one in pack.former],
        tell=tell,
    )


def check_divisions(path: Path, pack: DivisionsPack) -> list[Fault]:
    """The list is there, its codes are right and every unit has the one above it; former names lead somewhere."""
    listed = path.parent / pack.file
    if not listed.exists():
        return [Fault(path, _line(path, "file"), f"没有名单文件 {pack.file} / no such list")]
    units = {unit.code: unit.name for unit in lists.read(listed)}
    faults = [f"{code} {name}：不是 12 位代码或没有名称 / wrong code or no name" for code, name in units.items()
              if not codes.is_code(code) or not name.strip()]  # fmt: skip
    orphans = [code for code in units if codes.parent(code) and codes.parent(code) not in units]
    faults += [f"{code} {units[code]}：没有上级 {codes.parent(code)} / nothing above it" for code in orphans]
    heirs = [one.successor or one.code for one in pack.former]
    faults += [f"曾用名的代码 {code} 不在名单里 / not in the list" for code in heirs if code not in units]
    return [Fault(path, _line(path, "file"), sentence) for sentence in faults]


def load_departments(path: Path, pack: DepartmentsPack) -> int:
    """Save the departments of one file."""
    rows = [
        {
            "key": one.key, "uscc": one.uscc, "name": one.name.zh, "name_en": one.name.en, "region_code": one.region,
            "parent": one.parent, "address": one.address.zh, "address_en": one.address.en, "phone": one.phone,
            "hours": one.hours.zh, "hours_en": one.hours.en, "demo": one.demo, "active": one.active,
        }
        for one in pack.departments
    ]  # fmt: skip
    return operations.save_departments(rows, by=System("packs"), source=str(path.name))


def check_sites(path: Path, pack: SitesPack) -> list[Fault]:
    """Every site's host is one this installation answers to."""
    return [
        Fault(path, _line(path, "sites"), f"域名 {one.host} 不在选项 site.hosts 里 / add the host to option site.hosts")
        for one in pack.sites
        if one.host and not validate_host(one.host, settings.ALLOWED_HOSTS)
    ]


def load_sites(path: Path, pack: SitesPack) -> int:
    """Save the sites of one file."""
    rows = [
        {
            "key": one.key, "host": one.host, "region_code": one.region, "department": one.department,
            "name": one.name.zh, "name_en": one.name.en, "header": one.header.zh, "header_en": one.header.en,
            "item_keys": list(one.items), "record": one.record, "site_code": one.site_code,
            "contact": one.contact.zh if one.contact else "", "contact_en": one.contact.en if one.contact else "",
        }
        for one in pack.sites
    ]  # fmt: skip
    return operations.save_sites(rows, by=System("packs"), source=str(path.name))


def check_cartogram(path: Path, pack: Cartogram) -> list[Fault]:
    """Every square is a division of the region's own list."""
    listed = path.parent.parent / "divisions"
    known = {unit.code for one in listed.glob("*.csv*") for unit in lists.read(one)}
    strange = [code for code in pack.places() if known and code not in known]
    return [Fault(path, _line(path, "rows"), f"{code}：名单里没有 / not in the list of divisions") for code in strange]


def load_cartogram(path: Path, pack: Cartogram) -> int:
    """Put the cartogram of one file into force."""
    facts = {"region": pack.region, "title": pack.title.zh, "title_en": pack.title.en}
    return len(basemaps.put_tiles(pack.places(), by=System("packs"), **facts).features)


def load_blocks(path: Path, pack: Blocks) -> int:
    """Make up the blocks of one file, in a demo and where no buildings were imported."""
    held = BaseMap.objects.filter(kind=BaseMap.Kind.BUILDINGS, region_code=pack.region, ended_at=None).first()
    if not settings.DEMO or (held is not None and not held.synthetic):
        return 0
    made = basemaps.put_blocks(
        region=pack.region, title=pack.title.zh, title_en=pack.title.en, west=pack.west, north=pack.north,
        columns=pack.columns, rows=pack.rows, by=System("packs"),
    )  # fmt: skip
    return len(made.features)


def _line(path: Path, key: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


PACKS = (
    Pack("divisions", DivisionsPack, load_divisions, rank=10, check=check_divisions),
    Pack("departments", DepartmentsPack, load_departments, rank=11),
    Pack("sites", SitesPack, load_sites, rank=12, check=check_sites),
    Pack("cartograms", Cartogram, load_cartogram, rank=13, check=check_cartogram),
    Pack("town_blocks", Blocks, load_blocks, rank=60),
)
