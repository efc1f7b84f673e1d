"""Packs of alerts: the colours with the law that orders them and the hazards; rows with dates. Beside models."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from hexi.kernel import clock, packs
from hexi.kernel.packs import Fault, PackModel, Words

Severity = Literal["Extreme", "Severe", "Moderate", "Minor"]
Category = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
]


class Colour(PackModel):
    """A level of warning: its colour, what CAP calls it, how it ranks (higher is worse), by which law, from when."""

    key: str = Field(pattern=r"^[a-z]+$")
    title: Words
    level: Words
    severity: Severity
    rank: int = Field(ge=1, le=9)
    look: Literal["info", "near", "overdue", "refused"]
    standard: str
    clause: str
    valid_from: date
    valid_to: date | None = None

    @model_validator(mode="after")
    def dates_in_order(self) -> "Colour":
        """A row ends after it begins."""
        if self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError("valid_to 要晚于 valid_from / valid_to should be after valid_from")
        return self

    def holds(self, day: date) -> bool:
        """True if the row is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Colours(PackModel):
    """A file `packs/colours/*.yaml`."""

    colours: list[Colour] = Field(min_length=1)


class Hazard(PackModel):
    """What is warned of: its CAP category and what people should do unless the composer says otherwise."""

    key: str = Field(pattern=r"^[a-z_]+$")
    title: Words
    category: Category
    advice: Words


class Hazards(PackModel):
    """A file `packs/hazards/*.yaml`."""

    hazards: list[Hazard] = Field(min_length=1)


@cache
def _colours() -> tuple[Colour, ...]:
    return tuple(one for path in packs.files("colours") for one in packs.read(path, Colours).colours)


def colours(day: date | None = None) -> dict[str, Colour]:
    """The colours in force on a day (default: today), the mildest first."""
    day = day or clock.today()
    found = sorted((one for one in _colours() if one.holds(day)), key=lambda one: one.rank)
    return {one.key: one for one in found}


def colour(key: str, day: date | None = None) -> Colour:
    """A colour as it was on a day; one given up since is still known. Raises LookupError."""
    found = colours(day).get(key) or next((one for one in reversed(_colours()) if one.key == key), None)
    if found is None:
        raise LookupError(key)
    return found


@cache
def hazards() -> Mapping[str, Hazard]:
    """Every hazard by its key; a later file may exchange one."""
    return {one.key: one for path in packs.files("hazards") for one in packs.read(path, Hazards).hazards}


def load(path: Path, content: Colours | Hazards) -> None:
    """Read from the files, not stored: loading only makes the next reading fresh."""
    _colours.cache_clear()
    hazards.cache_clear()


def check_colours(path: Path, content: Colours) -> list[Fault]:
    """Two rows of one colour may not hold on the same day."""
    faults = []
    for place, one in enumerate(content.colours):
        for other in content.colours[place + 1 :]:
            last = one.valid_to or date.max
            if one.key == other.key and other.valid_from < last and one.valid_from < (other.valid_to or date.max):
                faults.append(Fault(path, 1, f"「{one.key}」有两行同时有效 / two rows hold on the same day"))
    return faults
