"""The packs of the market: the windows of a region's halls, and who is served first. Stands beside `jobs`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from hexi.blocks.market import halls
from hexi.blocks.market.priorities import Priorities, rules
from hexi.blocks.regions.packs import DepartmentsPack
from hexi.kernel.actors import System
from hexi.kernel.packs import Fault, Pack, PackModel, Words, read
from hexi.kernel.packs import files as files_of

Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class Line(PackModel):
    """One line of a hall: a group of windows that serve the same matters."""

    key: Key
    title: Words
    letter: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")]
    department: Key
    windows: Annotated[tuple[Words, ...], Field(min_length=1)]
    serves: tuple[Annotated[str, Field(pattern=r"^[a-z]+:[a-z0-9-]+$")], ...] = ()
    minutes: Annotated[int, Field(ge=5, le=240)]
    places: Annotated[int, Field(ge=0, le=100)]
    days: Annotated[int, Field(ge=0, le=60)]


class HallPack(PackModel):
    """`windows/*.yaml`: a service hall and its lines."""

    key: Key
    title: Words
    region: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    address: Words
    demo: bool = False
    active: bool = True
    queues: Annotated[tuple[Line, ...], Field(min_length=1)]

    @field_validator("queues")
    @classmethod
    def _once(cls, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        for name in ("key", "letter"):
            values = [getattr(one, name) for one in lines]
            if twice := sorted({value for value in values if values.count(value) > 1}):
                raise ValueError(f"「{name}」重复 / given twice: {', '.join(twice)}")
        return lines


def load(path: Path, pack: HallPack) -> None:
    """Put a hall into force, and its times on offer."""
    facts = {
        "title_zh": pack.title.zh, "title_en": pack.title.en, "region_code": pack.region, "demo": pack.demo,
        "address_zh": pack.address.zh, "address_en": pack.address.en, "active": pack.active,
    }  # fmt: skip
    lines = [
        {
            "key": one.key, "title_zh": one.title.zh, "title_en": one.title.en, "letter": one.letter,
            "department": one.department, "windows": [window.model_dump() for window in one.windows],
            "serves": list(one.serves), "minutes": one.minutes, "places": one.places, "days": one.days,
        }
        for one in pack.queues
    ]  # fmt: skip
    halls.save(pack.key, facts, lines, by=System("packs"))


def check(path: Path, pack: HallPack) -> list[Fault]:
    """Every line belongs to a department that is there."""
    files = [read(one, DepartmentsPack) for one in files_of("departments")]
    known = {office.key for file in files for office in file.departments}
    wrong = [one for one in pack.queues if one.department not in known]
    return [Fault(path, 1, f"「{one.key}」：没有部门 {one.department} / no such department") for one in wrong]


def load_priorities(path: Path, pack: Priorities) -> None:
    """Rules are read from the files, not stored: loading only makes the next reading fresh."""
    rules.cache_clear()


PACKS = (
    Pack("priorities", Priorities, load_priorities, rank=40),
    Pack("windows", HallPack, load, rank=40, check=check),
)
