"""The clocks of many cases recomputed at once after a calendar change: a few statements a batch. Beside operations.

A batch is one transaction of its caller. What only some cases have (promised papers, reviews side by side) is left to
`deadlines.recount`, case by case.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch

from hexi.blocks.calendars.clocks import WorkCalendar
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.models import JOINT, Case, Clock, Deferred, DueChange, JointReview, Task
from hexi.blocks.cases.steps import locked
from hexi.kernel import clock

RUNNING = Prefetch("clocks", Clock.objects.filter(stopped_at=None), to_attr="running")


def recount(keys: list[int], why: str) -> list[int]:
    """Recompute the running clocks of these cases, their rows locked; the keys of those that moved, in order.

    The old dues stay in the log (`DueChange`). Every other writer locks the case's row first, so nothing is overtaken.
    """
    cases = Case.objects.open().select_for_update(of=("self",)).filter(pk__in=keys).only("pk", "region_code")
    cases = list(cases.order_by("pk").prefetch_related("pauses", RUNNING))
    rare = _rare([case.pk for case in cases])  # one that ended since the keys were found has no clock to move
    calendars = {code: calendar_for(code) for code in {case.region_code for case in cases}}
    moved: list[tuple[Clock, datetime | None]] = []
    for case in cases:
        if case.pk not in rare:
            moved += _moved(case, calendars[case.region_code])
    changed = {one.case_id for one, _old in moved}
    _write(moved, why)
    _sort_anew([case for case in cases if case.pk in changed])
    return sorted([*changed, *(pk for pk in sorted(rare) if recount_one(pk, why))])


def recount_one(pk: int, why: str) -> bool:
    """One case with all it has; True if something moved."""
    case = locked(Case(pk=pk))
    if not deadlines.recount(case, why):
        return False
    due = deadlines.soonest(case)
    Case.objects.filter(pk=pk).update(next_due=due)
    Task.objects.filter(case_id=pk, done_at=None).exclude(stage=JOINT).update(due=due)
    return True


def _rare(keys: list[int]) -> set[int]:
    waiting = Deferred.objects.filter(case__in=keys, handed_at=None).values_list("case", flat=True)
    asked = JointReview.objects.filter(case__in=keys, given_at=None).values_list("case", flat=True)
    return {*waiting, *asked}


def _moved(case: Case, calendar: WorkCalendar) -> Iterable[tuple[Clock, datetime | None]]:
    """The clocks whose due is another now, each with its old due."""
    pauses = deadlines.pauses_of(case)
    for one in case.running:  # type: ignore[attr-defined]
        due = calendar.due(one.start, one.length, deadlines.standing_for(one.kind, pauses))
        if (due.moment, due.near, due.uncertain) != (one.due, one.near, one.uncertain):
            old = one.due
            one.due, one.near, one.uncertain = due.moment, due.near, due.uncertain
            yield one, old


def _write(moved: list[tuple[Clock, datetime | None]], why: str) -> None:
    at = clock.now()
    DueChange.objects.bulk_create(
        [DueChange(clock=one, at=at, why=why[:200], old=old, new=one.due) for one, old in moved], batch_size=1000
    )
    # one statement for all that get the same: clocks end with a day, so few ends serve many
    groups = defaultdict(list)
    for one, _old in moved:
        groups[one.due, one.near, one.uncertain].append(one.pk)
    for (due, near, uncertain), keys in groups.items():
        Clock.objects.filter(pk__in=keys).update(due=due, near=near, uncertain=uncertain)


def _sort_anew(cases: list[Case]) -> None:
    """What lists sort by: the soonest due of the case, and of its open task."""
    groups = defaultdict(list)
    for case in cases:
        dues = [one.due for one in case.running if one.due]  # type: ignore[attr-defined]
        groups[min(dues, default=None)].append(case.pk)
    for due, keys in groups.items():
        Case.objects.filter(pk__in=keys).update(next_due=due)
        Task.objects.filter(case__in=keys, done_at=None).exclude(stage=JOINT).update(due=due)
