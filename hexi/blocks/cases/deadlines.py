"""The four clocks of a case: started, stopped and recomputed in the transaction of an operation. Beside operations."""

from datetime import datetime, timedelta

from hexi.blocks.calendars import queries as calendars
from hexi.blocks.calendars.clocks import Limit, Pause, Unit, WorkCalendar
from hexi.blocks.cases import joint, waiting
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Clock, DueChange
from hexi.kernel import clock


def start(case: Case, kind: Clock.Kind, *, at: datetime, limit: Limit) -> Clock:
    """Start a clock with the event at `at` (its day is day 0); a clock of the kind that ran before starts anew."""
    due = calendars.calendar_for(case.region_code).due(at, limit, pauses_of(case))
    facts = {
        "start": at, "amount": limit.amount, "unit": limit.unit, "due": due.moment, "near": due.near,
        "uncertain": due.uncertain, "stopped_at": None, "met": None,
    }  # fmt: skip
    (found,) = Clock.objects.bulk_create(
        [Clock(case=case, kind=kind, **facts)], update_conflicts=True, unique_fields=["case", "kind"],
        update_fields=list(facts),
    )  # fmt: skip
    return found


def stop(case: Case, *kinds: Clock.Kind, at: datetime) -> None:
    """Stop running clocks of the case; whether each was kept is settled here once."""
    for one in case.clocks.filter(kind__in=kinds, stopped_at=None):
        one.stopped_at, one.met = at, one.due is None or at <= one.due
        one.save(update_fields=["stopped_at", "met"])


def lapsed(case: Case, at: datetime) -> bool:
    """True if the case counts as accepted by law: its days for a notice were over and nothing had been told."""
    return (
        definition(case.version).deems
        and case.clocks.filter(kind=Clock.Kind.NOTICE, stopped_at=None, due__lt=at).exists()
    )


def recount(case: Case, why: str) -> int:
    """Recompute the running clocks after a pause, an extension or a calendar change; the old dues stay in the log."""
    calendar, pauses, moved = calendars.calendar_for(case.region_code), pauses_of(case), 0
    for one in case.clocks.filter(stopped_at=None):
        moved += _recount_one(one, calendar, pauses, why)
    return moved + waiting.recount(case) + joint.recount(case, pauses)


def soonest(case: Case) -> datetime | None:
    """The next due moment of the case."""
    running = case.clocks.filter(stopped_at=None, due__isnull=False)
    return running.order_by("due").values_list("due", flat=True).first()


def pauses_of(case: Case) -> list[Pause]:
    """The intervals whose time does not count; without a query if they were fetched along."""
    return [(one.start, one.end) for one in case.pauses.all()] if case.pk else []


def days_used(case: Case, until: datetime, calendar: WorkCalendar | None = None) -> int:
    """Whole working days from acceptance to `until`, pauses left out; the day of acceptance is day 0.

    `calendar` is that of the case's region, for whoever counts many.
    """
    assert case.accepted_at is not None
    calendar, tomorrow = calendar or calendars.calendar_for(case.region_code), until + timedelta(days=1)
    return int(calendar.used(case.accepted_at, tomorrow, Unit.WORKING_DAYS, pauses_of(case)))


def _recount_one(one: Clock, calendar: WorkCalendar, pauses: list[Pause], why: str) -> int:
    due = calendar.due(one.start, one.length, pauses)
    if (due.moment, due.near, due.uncertain) == (one.due, one.near, one.uncertain):
        return 0
    DueChange.objects.create(clock=one, at=clock.now(), why=why[:200], old=one.due, new=due.moment)
    one.due, one.near, one.uncertain = due.moment, due.near, due.uncertain
    one.save(update_fields=["due", "near", "uncertain"])
    return 1
