"""Packs of the duty desk: kinds and levels of events, plans with first tasks and contacts. Read from the files.

Beside models. An event copies its plan's tasks and contacts when it is opened: a plan that changes later changes none.
"""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from hexi.blocks.regions import codes
from hexi.kernel import packs
from hexi.kernel.packs import Fault, Pack, PackModel, Words


class Kind(PackModel):
    """A kind of event in one of the four groups of the law."""

    key: str = Field(pattern=r"^[a-z_]+$")
    group: Literal["nature", "accident", "health", "security"]
    title: Words


class Level(PackModel):
    """How grave; 1 is the gravest."""

    level: int = Field(ge=1, le=4)
    title: Words
    colour: Words
    look: Literal["info", "near", "overdue", "refused"]


class KindsFile(PackModel):
    """`packs/emergency_kinds/*.yaml`."""

    kinds: list[Kind] = []
    levels: list[Level] = []


class First(PackModel):
    """A first task: by whom, within how many minutes of opening; for some levels only."""

    title: Words
    unit: str
    minutes: int = Field(ge=1, le=43200)
    levels: list[int] = [1, 2, 3, 4]


class Ring(PackModel):
    """Somebody to ring at once."""

    name: str
    role: Words
    phone: str = Field(pattern=r"^[0-9+-]{3,20}$")


class OnAlert(PackModel):
    """Alerts of these hazards and colours open an event by the plan."""

    hazards: list[str] = Field(min_length=1)
    colours: list[str] = Field(min_length=1)


class Plan(PackModel):
    """One plan."""

    key: str = Field(pattern=r"^[a-z0-9-]{3,40}$")
    title: Words
    kind: str
    alerts: OnAlert | None = None
    tasks: list[First] = Field(min_length=1)
    contacts: list[Ring] = []


class PlansFile(PackModel):
    """`packs/emergency_plans/*.yaml`: the plans of a region, and the office whose desk is on duty."""

    region: str = Field(pattern=r"^[0-9]{12}$")
    desk: str
    plans: list[Plan] = Field(min_length=1)


@cache
def files() -> tuple[PlansFile, ...]:
    """Every file of plans."""
    return tuple(packs.read(path, PlansFile) for path in packs.files("emergency_plans"))


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its key; a later file may exchange one."""
    return {one.key: one for path in packs.files("emergency_kinds") for one in packs.read(path, KindsFile).kinds}


@cache
def levels() -> dict[int, Level]:
    """The four levels, the gravest first."""
    found = {one.level: one for path in packs.files("emergency_kinds") for one in packs.read(path, KindsFile).levels}
    return dict(sorted(found.items()))


def file_for(region: str) -> PlansFile | None:
    """The plans of the nearest region above a place that has some."""
    line = codes.ancestors(region) if codes.is_code(region) else ()
    found = {one.region: one for one in files()}
    return next((found[code] for code in reversed(line) if code in found), None)


def plan(key: str) -> Plan | None:
    """One plan by its key."""
    return next((one for file in files() for one in file.plans if one.key == key), None)


def for_alert(file: PlansFile, hazard: str, colour: str) -> Plan | None:
    """The first of a region's plans that an alert starts."""
    found = (one for one in file.plans if one.alerts and hazard in one.alerts.hazards and colour in one.alerts.colours)
    return next(found, None)


def fresh(path: Path, file: KindsFile | PlansFile) -> None:
    """They are read from the files: loading only makes the next reading fresh."""
    for one in (files, kinds, levels):
        one.cache_clear()


def check(path: Path, file: PlansFile) -> list[Fault]:
    """A plan is of a kind that is there, and has its key alone."""
    keys = [one.key for one in file.plans]
    return [
        Fault(path, 1, f"预案「{one.key}」：种类 {one.kind} 不存在，或标识重复 / unknown kind, or the key stands twice")
        for one in file.plans
        if one.kind not in kinds() or keys.count(one.key) > 1
    ]


PACKS = (
    Pack("emergency_kinds", KindsFile, fresh, rank=43),
    Pack("emergency_plans", PlansFile, fresh, rank=44, check=check),
)
