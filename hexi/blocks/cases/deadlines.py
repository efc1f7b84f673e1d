"""The clocks of a case: started, stopped and recomputed in the transaction of an operation. Beside operations."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models.functions import Greatest

from hexi.blocks.calendars import queries as calendars
from hexi.blocks.calendars.clocks import Due, Limit, Pause, Unit, WorkCalendar
from hexi.blocks.cases import joint, waiting
from hexi.blocks.cases.definitions import definition, first_office
from hexi.blocks.cases.models import Case, Clock, DueChange, ItemVersion
from hexi.blocks.cases.models import Pause as Stopped
from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given, update, upsert

_RUNNING = Fixed(lambda: Clock.objects.filter(case_id=Given("case"), stopped_at=None))
_PAUSES = Fixed(lambda: Stopped.objects.filter(case_id=Given("case")).values_list("start", "end"))


def start(case: Case, kind: str, *, at: datetime, limit: Limit) -> Clock:
    """Start a clock with the event at `at` (its day is day 0); a clock of the kind that ran before starts anew."""
    due = calendars.calendar_for(case.region_code).due(at, limit, standing_for(kind, pauses_of(case)))
    facts = {
        "start": at, "amount": limit.amount, "unit": limit.unit, "due": due.moment, "near": due.near,
        "uncertain": due.uncertain, "stopped_at": None, "met": None,
    }  # fmt: skip
    found = Clock(case=case, kind=kind, **facts)
    upsert(found, on=("case", "kind"), change=tuple(facts))
    return found


def stop(case: Case, *kinds: str, at: datetime) -> None:
    """Stop running clocks of the case; whether each was kept is settled here once."""
    _stop([one for one in running(case) if one.kind in kinds], at)


def stop_all(case: Case, *, at: datetime) -> None:
    """The same for every clock that runs: the case is over."""
    _stop(running(case), at)


def _stop(clocks: Iterable[Clock], at: datetime) -> None:
    for one in clocks:
        one.stopped_at, one.met = at, one.due is None or at <= one.due
        update(one, "stopped_at", "met")
        if one.kind == Clock.Kind.SPECIAL:
            # the case's next procedure starts this clock anew: how this one ended stays with its pause
            Stopped.objects.filter(case=one.case_id, start=one.start, end__isnull=False).update(met=one.met)


def running(case: Case) -> list[Clock]:
    """The clocks that run."""
    return _RUNNING.all(case=case.pk)


def end_pauses(case: Case, *, at: datetime) -> int:
    """End what pause is open at `at`, never before its start: a late job counts from a moment that has gone by."""
    if all(end is not None for _start, end in _PAUSES.all(case=case.pk)):
        return 0
    ended = case.pauses.filter(end=None).update(end=Greatest("start", at))
    for one in running(case) if ended else ():
        if one.kind == Clock.Kind.SPECIAL:
            _stop([one], max(at, one.start))
    return ended


def standing_for(kind: str, pauses: list[Pause]) -> list[Pause]:
    """What stops a clock of this kind: nothing stops the one of the special procedure itself."""
    return [] if kind == Clock.Kind.SPECIAL else pauses


def lapsed(case: Case, at: datetime) -> bool:
    """True if the case counts as accepted by law: its days for a notice were over and nothing had been told."""
    return definition(case.version).deems and any(
        one.kind == Clock.Kind.NOTICE and one.due is not None and one.due < at for one in running(case)
    )


def recount(case: Case, why: str) -> int:
    """Recompute the running clocks after a pause, an extension or a calendar change; the old dues stay in the log."""
    calendar, pauses, moved = calendars.calendar_for(case.region_code), pauses_of(case), 0
    for one in case.clocks.filter(stopped_at=None):
        moved += _recount_one(one, calendar, pauses, why)
    return moved + waiting.recount(case) + joint.recount(case, pauses)


def decided_by(version: ItemVersion, at: datetime) -> Due:
    """By when it is decided as promised if the clocks start at `at`: of two levels, each has its own time (art. 43)."""
    rules, moment = definition(version), at
    if lower := rules.local.lower:
        _office, region = first_office(version)
        moment = calendars.calendar_for(region).due(at, lower.limit.limit).moment or at
    return calendars.calendar_for(version.item.region_code).due(moment, rules.promised)


def soonest(case: Case) -> datetime | None:
    """The next due moment of the case."""
    return min((one.due for one in running(case) if one.due is not None), default=None)


def pauses_of(case: Case) -> list[Pause]:
    """The intervals whose time does not count; without a query if they were fetched along."""
    if case.pk is None:
        return []
    if "pauses" in getattr(case, "_prefetched_objects_cache", ()):
        return [(one.start, one.end) for one in case.pauses.all()]
    return _PAUSES.all(case=case.pk)


def days_used(case: Case, until: datetime, calendar: WorkCalendar | None = None) -> int:
    """Whole working days from acceptance to `until`, pauses left out; the day of acceptance is day 0.

    `calendar` is that of the case's region, for whoever counts many.
    """
    assert case.accepted_at is not None
    calendar, tomorrow = calendar or calendars.calendar_for(case.region_code), until + timedelta(days=1)
    return int(calendar.used(case.accepted_at, tomorrow, Unit.WORKING_DAYS, pauses_of(case)))


def _recount_one(one: Clock, calendar: WorkCalendar, pauses: list[Pause], why: str) -> int:
    due = calendar.due(one.start, one.length, standing_for(one.kind, pauses))
    if (due.moment, due.near, due.uncertain) == (one.due, one.near, one.uncertain):
        return 0
    DueChange.objects.create(clock=one, at=clock.now(), why=why[:200], old=one.due, new=due.moment)
    one.due, one.near, one.uncertain = due.moment, due.near, due.uncertain
    one.save(update_fields=["due", "near", "uncertain"])
    return 1
