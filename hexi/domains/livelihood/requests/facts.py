"""What is counted of orders: added where it happens, counted again here from the tables, which a test holds equal.

Above models, beside operations.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.facts import span
from hexi.blocks.cases.models import Case
from hexi.blocks.indicators import operations as indicators
from hexi.blocks.indicators.counted import Line, Slice
from hexi.blocks.regions import codes
from hexi.domains.livelihood.requests.models import Answer, Dispatch, Request, Verdict
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock

OWNER = "requests"
#: from this grade on one counts as satisfied
GOOD = 3
TITLES = {
    f"{OWNER}.{name}": title
    for name, title in {
        "received": _("收到诉求"),
        "dispatched": _("派单"),
        "returned": _("退单"),
        "first_in_time": _("按时首次回应"),
        "first_late": _("超时首次回应"),
        "answered": _("答复"),
        "in_time": _("按时答复"),
        "late": _("超时答复"),
        "rated": _("评价诉求"),
        "solved": _("已解决"),
        "satisfied": _("基本满意以上的诉求"),
        "redone": _("退回重办"),
        "ended": _("办结诉求"),
        "refused": _("不予受理的诉求"),
    }.items()
}


def add(case: Case, at: datetime, *, office_id: int, region: str, **numbers: int) -> None:
    """Add to the figures of the day, in the transaction of what is counted."""
    indicators.add(
        {f"{OWNER}.{name}": number for name, number in numbers.items()},
        region=region, day=clock.local_day(at), department=office_id, dimension=case.subject,
    )  # fmt: skip


def move(request: Request, subject: str) -> None:
    """The order gets another class: what was counted of it goes along. Before the case's `subject` is changed."""
    for line in list(_lines({"request": request}, {"pk": request.pk})):
        for dimension, sign in ((request.case.subject, -1), (subject, 1)):
            indicators.add(
                {line.key: sign * line.amount}, region=line.region_code, day=line.day, department=line.department_id,
                dimension=dimension,
            )  # fmt: skip


def recount(first: date, last: date) -> Iterator[Line]:
    """Every fact counted from the tables, day by day: what the roll-up must equal."""
    low, high = span(first, last)
    for line in _lines({}, {}):
        if low <= datetime.combine(line.day, datetime.min.time(), clock.CHINA) <= high:
            yield line


COLUMNS = ("at", "region_code", "office_id", "request__case__subject")
#: (day, region, office, class) of one thing that is counted
Place = tuple[datetime, str, int, str]


def _lines(of_request: dict[str, Any], own: dict[str, Any]) -> Iterator[Line]:
    """Lines of everything, or of one order."""
    counted: Counter[tuple[str, date, str, int, str]] = Counter()
    for part in (_of_orders(own), _of_dispatches(of_request), _of_answers(of_request), _of_verdicts(of_request)):
        for name, (at, region, office, subject) in part:
            counted[f"{OWNER}.{name}", clock.local_day(at), region, office, subject] += 1
    for (key, day, region, office, subject), number in counted.items():
        yield Line(key, day, region, office, subject, number)


def _of_orders(which: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    rows = Request.objects.filter(**which).values_list(
        "case__submitted_at", "case__ended_at", "case__state", "case__region_code", "case__department_id",
        "case__subject", "hotline_id", "hotline__region_code",
    )  # fmt: skip
    for came, ended, state, region, office, subject, hotline, hotline_region in rows.iterator(2000):
        yield "received", (came, hotline_region, hotline, subject)
        if ended:
            yield "refused" if state == State.REFUSED else "ended", (ended, region, office, subject)


def _of_dispatches(which: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    for at, region, office, subject, why, returned in (
        Dispatch.objects.filter(**which).values_list(*COLUMNS, "why", "returned_at").iterator(2000)
    ):
        yield "dispatched", (at, region, office, subject)
        if why in (Dispatch.Why.REDO, Dispatch.Why.REOPEN):
            yield "redone", (at, region, office, subject)
        if returned:
            yield "returned", (returned, region, office, subject)


def _of_answers(which: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    """What was copied to orders that follow counts once, with the order they follow."""
    columns = (*COLUMNS, "final", "in_time", "first", "first_in_time")
    rows = Answer.objects.filter(copied=False, **which).values_list(*columns)
    for at, region, office, subject, final, in_time, first, first_in_time in rows.iterator(2000):
        for name in answer_counts(final=final, in_time=in_time, first=first, first_in_time=first_in_time):
            yield name, (at, region, office, subject)


def _of_verdicts(which: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    rows = Verdict.objects.filter(**which).values_list(*COLUMNS, "solved", "satisfied")
    for at, region, office, subject, solved, level in rows.iterator(2000):
        for name in verdict_counts(solved=solved, level=level):
            yield name, (at, region, office, subject)


def answer_counts(*, final: bool, in_time: bool, first: bool, first_in_time: bool) -> dict[str, int]:
    """What one answer adds."""
    found = {"answered": 1, "in_time" if in_time else "late": 1} if final else {}
    return found | ({"first_in_time" if first_in_time else "first_late": 1} if first else {})


def verdict_counts(*, solved: bool, level: int) -> dict[str, int]:
    """What one verdict adds."""
    found = {"rated": 1, "solved": int(solved), "satisfied": int(level >= GOOD)}
    return {name: number for name, number in found.items() if number}


# --- what is behind a figure ------------------------------------------------------------------------------------------
_FINAL, _FIRST = Q(copied=False, final=True), Q(copied=False, first=True)
#: name of a fact → the table it is counted from, by which moment, which of its rows
WHICH: dict[str, tuple[type[Model], str, Q]] = {
    "received": (Request, "case__submitted_at", Q()),
    "ended": (Request, "case__ended_at", ~Q(case__state=State.REFUSED)),
    "refused": (Request, "case__ended_at", Q(case__state=State.REFUSED)),
    "dispatched": (Dispatch, "at", Q()),
    "redone": (Dispatch, "at", Q(why__in=(Dispatch.Why.REDO, Dispatch.Why.REOPEN))),
    "returned": (Dispatch, "returned_at", Q()),
    "answered": (Answer, "at", _FINAL),
    "in_time": (Answer, "at", _FINAL & Q(in_time=True)),
    "late": (Answer, "at", _FINAL & Q(in_time=False)),
    "first_in_time": (Answer, "at", _FIRST & Q(first_in_time=True)),
    "first_late": (Answer, "at", _FIRST & Q(first_in_time=False)),
    "rated": (Verdict, "at", Q()),
    "solved": (Verdict, "at", Q(solved=True)),
    "satisfied": (Verdict, "at", Q(satisfied__gte=GOOD)),
}
#: stands in an address for "no class yet"
UNSORTED = "none"


def behind(names: Iterable[str], part: Slice, below: str = "") -> tuple[QuerySet[Request], int]:
    """The orders that facts have counted in a slice, and how often: one may be counted twice.

    `below`: of a class and those under it, or `UNSORTED`.
    """
    found, times = Q(pk__in=()), 0
    for name in names:
        rows = _counted(name, part, below)
        found |= Q(pk__in=rows.values("pk" if rows.model is Request else "request"))
        times += rows.count()
    return Request.objects.filter(found), times


def _counted(name: str, part: Slice, below: str) -> QuerySet[Any]:
    """The rows one fact is counted from; the same columns as `recount` reads."""
    model, at, which = WHICH[name]
    office, region, subject = "office_id", "region_code", "request__case__subject"
    if model is Request:
        office, region, subject = "case__department_id", "case__region_code", "case__subject"
    if name == "received":
        office, region = "hotline_id", "hotline__region_code"
    rows = model._default_manager.filter(which, **{f"{at}__range": span(part.first, part.last)})
    if part.own:
        rows = rows.filter(**{region: part.region})
    elif start := codes.prefix(part.region):
        rows = rows.filter(**{f"{region}__startswith": start})
    if part.department is not None:
        rows = rows.filter(**{office: part.department})
    if part.dimension is not None:
        rows = rows.filter(**{subject: part.dimension})
    if below:
        rows = rows.filter(**({subject: ""} if below == UNSORTED else {f"{subject}__startswith": below}))
    return rows
