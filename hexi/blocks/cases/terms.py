"""Terms beside the clocks of a case after a calendar change: hearings, views, visits, pledges, orders.

No pause stops them, and they run on when its clocks are over or it is closed. Their last day was told: a day off
declared since makes them longer (行政许可法 art. 82), a day of work made up never shorter. What only an office owes
(the orders of supervisors and of bad ratings) follows the calendar both ways, as the clocks of cases do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import Q

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import procedures, ratings
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import RULES, Hearing, Rating, SiteVisit, SupervisionOrder, ThirdParty, Verification
from hexi.blocks.cases.steps import locked
from hexi.kernel import clock
from hexi.kernel.actors import Actor


@dataclass(frozen=True)
class Term:
    """A column with the last moment of a term, the rows that still wait for it, and from when how long it runs.

    `region` leads to the code of the region whose calendar counts.
    """

    of: type[models.Model]
    column: str
    waits: Q
    runs: Callable[[Any], tuple[datetime, Limit]]
    both_ways: bool = False
    region: str = "case.region_code"


def _verify(check: Verification) -> tuple[datetime, Limit]:
    return check.opened_at, definition(check.case.version).national.pledge.verify.limit  # type: ignore[union-attr]


def _rectify(check: Verification) -> tuple[datetime, Limit]:
    assert check.checked_at is not None
    return check.checked_at, definition(check.case.version).national.pledge.rectify.limit  # type: ignore[union-attr]


RUNS = Q(case__ended_at=None)
TERMS = (
    Term(Hearing, "ask_until", RUNS & Q(asked_at=None), lambda one: (one.told_at, procedures.ASK)),
    Term(Hearing, "hold_until", RUNS & Q(minuted_at=None), lambda one: (one.asked_at, procedures.HOLD)),
    Term(ThirdParty, "until", RUNS & Q(stated_at=None), lambda one: (one.told_at, procedures.view_limit(one.case))),
    Term(
        SiteVisit, "assign_until", RUNS & Q(assigned_at=None),
        lambda one: (one.case.accepted_at, procedures.ASSIGN),
    ),
    Term(Verification, "due", Q(state=Verification.State.WAITING), _verify),
    Term(Verification, "rectify_due", Q(state=Verification.State.RECTIFYING), _rectify),
    Term(
        Rating, "contact_due", Q(state=Rating.State.OPEN, contact_days__isnull=False),
        lambda one: (one.at, Limit(one.contact_days)), both_ways=True,
    ),
    Term(
        Rating, "mend_due", Q(state__in=ratings.OPEN, mend_days__isnull=False),
        lambda one: (one.mend_from, Limit(one.mend_days)), both_ways=True,
    ),
    Term(
        SupervisionOrder, "due", Q(state=SupervisionOrder.State.ISSUED, days__isnull=False),
        lambda one: (one.issued_at, Limit(one.days)), both_ways=True, region="region_code",
    ),
)  # fmt: skip


def recount(region_code: str, first: date, *, why: str, by: Actor) -> int:
    """Move what reaches `first` or later in a region subtree; how many moved. Safe to run again."""
    midnight = datetime.combine(first, time.min, clock.CHINA)
    return sum(_recount(term, region_code, midnight, why, by) for term in TERMS)


def _recount(term: Term, region_code: str, midnight: datetime, why: str, by: Actor) -> int:
    place = term.region.replace(".", "__")
    reaching = {f"{term.column}__gte": midnight, f"{place}__startswith": region_code}
    rows = term.of._default_manager.filter(term.waits, **reaching).select_related("case__version").order_by("pk")
    return sum(_move(term, row, why, by) for row in rows.defer(*(f"case__{column}" for column in RULES)))


def _move(term: Term, row: Any, why: str, by: Actor) -> int:
    if _due(term, row) is None:
        return 0
    with change(by, "cases.recount", row, why=why, term=term.column) as note:
        locked(row.case)  # most who change the row have the lock of its case; orders have that of the row alone
        held = term.of._default_manager.select_for_update(of=("self",)).filter(term.waits, pk=row.pk)
        row = held.select_related("case__version").defer(*(f"case__{column}" for column in RULES)).first()
        due = _due(term, row) if row is not None else None
        if due is None:
            note.facts["nothing"] = True
            return 0
        note.facts |= {"old": getattr(row, term.column), "new": due}
        return term.of._default_manager.filter(pk=row.pk).update(**{term.column: due})


def _due(term: Term, row: Any) -> datetime | None:
    """Where the term ends by today's calendar; None if it stays where it is."""
    calendar, old = calendar_for(attrgetter(term.region)(row)), getattr(row, term.column)
    due = calendar.due(*term.runs(row)).moment
    assert due is not None  # nothing is paused
    return due if due > old or (due < old and term.both_ways) else None
