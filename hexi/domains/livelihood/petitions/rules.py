"""Packs of petitions: terms put into the table; ways and classes read from the files; offices and who reviews whom.

Above models, below queries.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from pydantic import Field

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions.models import Higher, Office, Term
from hexi.kernel import packs
from hexi.kernel.actors import System
from hexi.kernel.packs import Pack, PackModel, Words

BY = System("packs")
Steps = Literal["register", "tell", "object", "handle", "extend", "serve", "ask", "review", "ask_re", "rereview"]
#: terms that are the petitioner's own days: a region may lengthen them, never shorten
PETITIONERS = ("ask", "ask_re")


class TermRow(PackModel):
    """One term; without a region it holds for any."""

    step: Steps
    region: str = ""
    amount: int = Field(gt=0)
    unit: Literal["working_days", "calendar_days"]
    law: str
    clause: str = ""
    valid_from: date
    valid_to: date | None = None
    verified: bool = True


class Way(PackModel):
    """Where a matter belongs that is not handled as a petition."""

    key: str = Field(pattern=r"^[a-z]{3,16}$")
    title: Words
    where: Words
    clause: str


class Class(PackModel):
    """What figures split petitions by."""

    key: str = Field(pattern=r"^[a-z]{2,16}$")
    title: Words


class RulesFile(PackModel):
    """`packs/petition_rules/*.yaml`."""

    terms: list[TermRow] = []
    ways: list[Way] = []
    classes: list[Class] = []


class OfficeRow(PackModel):
    """The petition office of a region."""

    region: str = Field(pattern=r"^[0-9]{12}$")
    department: str


class HigherRow(PackModel):
    """Who reviews the opinions of a unit."""

    unit: str
    organ: str


class OfficesFile(PackModel):
    """`packs/petition_offices/*.yaml`."""

    offices: list[OfficeRow] = []
    higher: list[HigherRow] = []


def load_rules(path: Path, file: RulesFile) -> None:
    """Put shipped terms into the table; one the region changed under the same day is left alone."""
    ways.cache_clear()
    classes.cache_clear()
    with change(BY, "petitions.load_terms", source=path.name):
        for one in file.terms:
            facts = one.model_dump(exclude={"step", "region", "valid_from"})
            keys = {"step": one.step, "region_code": one.region, "valid_from": one.valid_from}
            Term.objects.get_or_create(**keys, defaults=facts)


def load_offices(path: Path, file: OfficesFile) -> None:
    """Put offices and reviewers into the tables; what a region changed since is left alone."""
    names = [one.department for one in file.offices]
    names += [name for one in file.higher for name in (one.unit, one.organ)]
    found = {one.key: one for one in Department.objects.filter(key__in=names)}
    with change(BY, "petitions.load_offices", source=path.name):
        for row in file.offices:
            if row.department in found:
                Office.objects.get_or_create(region_code=row.region, defaults={"department": found[row.department]})
        for pair in file.higher:
            if {pair.unit, pair.organ} <= found.keys():
                Higher.objects.get_or_create(unit=found[pair.unit], defaults={"organ": found[pair.organ]})


@cache
def ways() -> dict[str, Way]:
    """Every way out of petitions, by key."""
    return {one.key: one for path in packs.files("petition_rules") for one in packs.read(path, RulesFile).ways}


@cache
def classes() -> dict[str, Class]:
    """Every class, by key."""
    return {one.key: one for path in packs.files("petition_rules") for one in packs.read(path, RulesFile).classes}


def term(step: str, region: str, day: date) -> Term:
    """The term in force: that of the nearest region, then the newest. `LookupError` if there is none."""
    rows = Term.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), step=step, valid_from__lte=day,
        region_code__in=["", *codes.ancestors(region)],
    )  # fmt: skip
    best = max(rows, key=lambda one: (len(one.region_code.rstrip("0")), one.valid_from), default=None)
    if best is None:
        raise LookupError(f"no term for {step} in {region} on {day}")
    law = national(step, day)
    return law if law is not None and best.region_code and worse(step, best.amount, best.unit, law) else best


def national(step: str, day: date) -> Term | None:
    """What the law says of a step on a day; None where it says nothing (a term of ours that nobody has checked)."""
    rows = Term.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), step=step, region_code="", valid_from__lte=day)
    found = rows.order_by("-valid_from").first()
    return found if found is not None and found.verified else None


def worse(step: str, amount: int, unit: str, law: Term) -> bool:
    """True if a term leaves the petitioner worse off than the law does, or is counted otherwise: working days and days
    of the calendar cannot be compared, for holidays differ from year to year."""
    if unit != law.unit:
        return True
    return amount < law.amount if step in PETITIONERS else amount > law.amount


def limit(step: str, region: str, day: date) -> Limit:
    """The same as the calendar counts it."""
    return term(step, region, day).limit


def office_for(place: str, without: set[int]) -> Office:
    """Who takes a petition about a place: the nearest petition office above it that neither is complained of nor is
    an office of who is."""
    line = codes.ancestors(place) if codes.is_code(place) else ()
    found = {one.region_code: one for one in Office.objects.filter(region_code__in=line).select_related("department")}
    for code in reversed(line):
        if code in found and without.isdisjoint({found[code].department_id, found[code].department.parent_id}):
            return found[code]
    raise ValidationError(
        {"place": _("这个地方没有可以受理的信访部门。请选到县（市、区），或者到上一级信访部门提出。")}
    )


def organ_above(unit: Department) -> Department | None:
    """Who reviews the opinions of a unit: by the table, else the unit it is an office of; None: to be chosen."""
    known = Higher.objects.filter(unit=unit).select_related("organ").first()
    return known.organ if known else unit.parent


PACKS = (
    Pack("petition_rules", RulesFile, load_rules, rank=41),
    Pack("petition_offices", OfficesFile, load_offices, rank=42),
)
