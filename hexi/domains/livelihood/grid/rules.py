"""Packs of the grid: classes with limits, code schemes, limits of steps, extents of regions. Above models."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from hexi.blocks.calendars.clocks import Limit, Unit
from hexi.domains.livelihood.grid.models import Rule
from hexi.kernel import clock
from hexi.kernel.packs import PackModel, Words

What = Rule.What


class LimitLine(PackModel):
    """How long something may take."""

    amount: int = Field(ge=0, le=999)
    unit: Literal["working_days", "working_hours", "hours", "calendar_days"] = "working_hours"

    def limit(self) -> Limit:
        """As the calendar counts it."""
        return Limit(self.amount, Unit(self.unit))


class ClassLine(PackModel):
    """A class of event (E) or component (C): how it is known, when it is filed, how long, when it is closed."""

    key: str = Field(pattern=r"^[EC][0-9]{4,5}$", description="E or C, major class, minor class")
    title: Words
    major: Words
    limit: LimitLine
    urgent: LimitLine | None = None
    file_when: Words | None = None
    close_when: Words
    owner_first: bool | None = Field(None, description="先属主后属地; default: components yes, events no")
    unsure: bool = Field(False, description="gathered from practice, not from the text of the standard")
    valid_from: date = date(2017, 1, 1)
    valid_to: date | None = None


class StepLine(PackModel):
    """The limit of one of the centre's own steps."""

    key: Literal["file", "dispatch", "verify"]
    title: Words
    limit: LimitLine
    valid_from: date = date(2017, 1, 1)
    valid_to: date | None = None


class ClassFile(PackModel):
    """`packs/grid_classes/*.yaml`."""

    standard: str
    note: Words | None = None
    classes: list[ClassLine] = []
    steps: list[StepLine] = []


class PartLine(PackModel):
    """A stretch of digits of a code and what stands there."""

    holds: Literal["county", "street", "community", "object", "major", "minor", "serial"]
    digits: int | list[int] = Field(description="one width, or those that are in use")
    merged_from: int | None = Field(None, description="community: from here on several merged communities")


class SchemeLine(PackModel):
    """How codes of cells or components are built."""

    key: str = Field(pattern=r"^[a-z0-9_]+$")
    of: Literal["cell", "component"]
    title: Words
    standard: str
    parts: list[PartLine] = Field(min_length=1)
    unsure: list[str] = Field(
        [], description="what is not confirmed by the text of the standard; a region may change it"
    )
    valid_from: date = date(2008, 1, 1)
    valid_to: date | None = None


class ExtentLine(PackModel):
    """The box in which a county lies, to catch what was typed or measured wrong. Not a boundary."""

    region: str = Field(pattern=r"^[0-9]{12}$")
    title: Words
    box: tuple[float, float, float, float] = Field(description="west, south, east, north in degrees, WGS-84")
    valid_from: date = date(2008, 1, 1)
    valid_to: date | None = None

    @model_validator(mode="after")
    def in_order(self) -> "ExtentLine":
        """West lies west of east, south of north."""
        west, south, east, north = self.box
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError("范围应依次为西、南、东、北 / a box is west, south, east, north")
        return self


class UnitLine(PackModel):
    """To which departments of a region some classes usually go; the first is proposed."""

    region: str = Field(pattern=r"^[0-9]{12}$")
    classes: list[str] = Field(min_length=1)
    departments: list[str] = Field(min_length=1)
    valid_from: date = date(2008, 1, 1)
    valid_to: date | None = None


class CodesFile(PackModel):
    """`packs/grid_codes/*.yaml`."""

    schemes: list[SchemeLine] = []
    extents: list[ExtentLine] = []
    units: list[UnitLine] = []


def load_classes(path: Path, file: ClassFile) -> None:
    """Put classes and limits into their table; one that a pack no longer names stays, for old cases."""
    _put(What.CLASS, ((one.key, one) for one in file.classes), standard=file.standard)
    _put(What.STEP, ((one.key, one) for one in file.steps), standard=file.standard)


def load_codes(path: Path, file: CodesFile) -> None:
    """Put schemes and extents into their table."""
    _put(What.SCHEME, ((one.key, one) for one in file.schemes))
    _put(What.EXTENT, ((one.region, one) for one in file.extents))
    for one in file.units:
        for key in one.classes:
            Rule.objects.update_or_create(
                what=What.UNIT, key=f"{one.region}:{key}", valid_from=one.valid_from,
                defaults={"title": key, "title_en": key, "facts": {"departments": one.departments},
                          "valid_to": one.valid_to},
            )  # fmt: skip


def _put(what: str, lines: Iterable[tuple[str, Any]], **more: Any) -> None:
    for key, line in lines:
        facts = line.model_dump(mode="json", exclude={"key", "title", "valid_from", "valid_to"}) | more
        Rule.objects.update_or_create(
            what=what, key=key, valid_from=line.valid_from,
            defaults={
                "title": line.title.zh, "title_en": line.title.en, "facts": facts, "valid_to": line.valid_to,
            },
        )  # fmt: skip


def classes(day: date | None = None) -> list[Rule]:
    """Classes in force, events first, in the order of their keys."""
    found = Rule.objects.filter(what=What.CLASS).on(day or clock.today())
    return sorted(found, key=lambda one: (one.key[0] != "E", one.key))


def class_of(key: str, day: date | None = None) -> Rule | None:
    """A class as it is in force."""
    return Rule.objects.filter(what=What.CLASS, key=key).on(day or clock.today()).first()


def owner_first(rule: Rule) -> bool:
    """先属主后属地: whoever owns the thing is asked first; of components unless the class says otherwise."""
    said = rule.facts.get("owner_first")
    return rule.key.startswith("C") if said is None else bool(said)


def step_limit(key: str, day: date) -> Limit | None:
    """The limit of one of the centre's steps; None if there is none."""
    found = Rule.objects.filter(what=What.STEP, key=key).on(day).first()
    return LimitLine(**found.facts["limit"]).limit() if found else None


def scheme(key: str) -> SchemeLine | None:
    """A code scheme in force."""
    found = Rule.objects.filter(what=What.SCHEME, key=key).on(clock.today()).first()
    return _scheme(found) if found else None


def schemes(of: str) -> list[Rule]:
    """The schemes for cells or components, as choices."""
    found = Rule.objects.filter(what=What.SCHEME).on(clock.today()).order_by("key")
    return [one for one in found if one.facts["of"] == of]


def _scheme(rule: Rule) -> SchemeLine:
    title = Words(zh=rule.title, en=rule.title_en)
    return SchemeLine(key=rule.key, title=title, **rule.facts)


def extent(region_code: str) -> tuple[float, float, float, float] | None:
    """The box of the county a division lies in; None if none is given."""
    key = region_code[:6].ljust(12, "0")
    found = Rule.objects.filter(what=What.EXTENT, key=key).on(clock.today()).first()
    return tuple(found.facts["box"]) if found else None


def units_of(region_code: str, subject: str) -> list[str]:
    """The departments (keys) a class usually goes to in a county."""
    key = f"{region_code[:6].ljust(12, '0')}:{subject}"
    found = Rule.objects.filter(what=What.UNIT, key=key).on(clock.today()).first()
    return list(found.facts["departments"]) if found else []
