"""Terms of decisions as data: packs `sharing_terms/*.yaml` and the table they fill. Beside queries."""

from datetime import date
from pathlib import Path
from typing import Literal

from django.db.models import Q, QuerySet
from pydantic import Field

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.regions import codes
from hexi.domains.livelihood.sharing.models import Term
from hexi.kernel.actors import System
from hexi.kernel.packs import Pack, PackModel

BY = System("packs")


class TermRow(PackModel):
    """One term; without a region it holds for any."""

    step: Literal["decide"]
    region: str = ""
    amount: int = Field(gt=0)
    unit: Literal["working_days", "calendar_days"]
    law: str
    clause: str = ""
    valid_from: date
    verified: bool = True


class TermsFile(PackModel):
    """`packs/sharing_terms/*.yaml`."""

    terms: list[TermRow]


def load(path: Path, file: TermsFile) -> None:
    """Put shipped terms into the table; one the region changed under the same day is left alone."""
    with change(BY, "sharing.load_terms", source=path.name):
        for one in file.terms:
            facts = one.model_dump(exclude={"step", "region", "valid_from"})
            keys = {"step": one.step, "region_code": one.region, "valid_from": one.valid_from}
            Term.objects.get_or_create(**keys, defaults=facts)


def terms(day: date) -> QuerySet[Term]:
    """Terms that have begun by a day, the newest first."""
    return Term.objects.filter(valid_from__lte=day).order_by("step", "region_code", "-valid_from")


def limit(step: str, region: str, day: date) -> Limit:
    """The term in force: of the nearest region, then the newest. `LookupError` if there is none."""
    rows = terms(day).filter(Q(step=step), region_code__in=["", *codes.ancestors(region), region])
    best = max(rows, key=lambda one: (len(one.region_code.rstrip("0")), one.valid_from), default=None)
    if best is None:
        raise LookupError(f"no term for {step} in {region} on {day}")
    return best.limit


PACK = Pack("sharing_terms", TermsFile, load, rank=41)
