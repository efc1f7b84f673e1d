"""The pack a region brings its calendar in: `packs/<region>/calendars/*.yaml`. Stands beside jobs."""

from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hexi.blocks.calendars import operations
from hexi.blocks.calendars.clocks import Kind, OfficeTime
from hexi.blocks.calendars.published import Named
from hexi.kernel.actors import System
from hexi.kernel.packs import PackModel

#: always in quotes: YAML reads a bare 12:00 as the number 720
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class NamedDay(PackModel):
    """A day that differs from the nation's calendar."""

    date: date
    kind: Literal["rest", "work"]
    name: str = ""
    source: str


class Stretch(PackModel):
    """Office time on some weekdays (0 Monday … 6 Sunday), written "09:00"."""

    weekdays: tuple[int, ...]
    start: Clock
    end: Clock
    valid_from: date
    valid_to: date | None = None


class RegionCalendar(PackModel):
    """A region's own calendar."""

    region: str
    name: str
    days: tuple[NamedDay, ...] = ()
    office_hours: tuple[Stretch, ...] = ()


def load(path: Path, pack: RegionCalendar) -> None:
    """Put it into force where nobody has set anything else."""
    operations.adopt(
        pack.region,
        name=pack.name,
        days=[Named(day.date, Kind(day.kind), day.name, day.source) for day in pack.days],
        hours=[
            OfficeTime(
                weekday, time.fromisoformat(row.start), time.fromisoformat(row.end), row.valid_from, row.valid_to
            )
            for row in pack.office_hours
            for weekday in row.weekdays
        ],
        by=System("packs"),
    )
