"""What is counted of incidents and cells: added with each step, counted again from the tables. Above models."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.models import Event
from hexi.blocks.indicators import operations as indicators
from hexi.blocks.indicators.counted import Line
from hexi.domains.livelihood.grid import rules
from hexi.domains.livelihood.grid.models import Cell, CheckIn, Evaluation, Incident, Round, Rule, Wish
from hexi.domains.livelihood.grid.states import KIND
from hexi.kernel import clock
from hexi.kernel.actors import Scope, within

#: counted by unit (before dispatch: by centre), split by class
FACTS = {
    "grid.received": _("上报"),
    "grid.filed": _("立案"),
    "grid.cancelled": _("不予立案"),
    "grid.void": _("作废"),
    "grid.dispatched": _("派遣"),
    "grid.handled": _("处置"),
    "grid.returned": _("退回"),
    "grid.rework": _("返工"),
    "grid.delayed": _("延期"),
    "grid.held": _("挂账"),
    "grid.closed": _("结案"),
    "grid.in_time": _("按期处置"),
    "grid.late": _("超期处置"),
    "grid.rated": _("评价"),
    "grid.points": _("评价得分"),
}
#: counted by centre and village, split by cell
CELLS = {
    "gridcells.received": _("上报"),
    "gridcells.closed": _("结案"),
    "gridcells.late": _("超期处置"),
    "gridcells.rework": _("返工"),
    "gridcells.visits": _("巡查打卡"),
}


# --- added with each step ---------------------------------------------------------------------------------------------
def count(incident: Incident, unit_id: int, at: datetime, **amounts: int) -> None:
    """Add to the figures of a unit on the day of `at`, in the caller's transaction."""
    indicators.add(
        {f"grid.{name}": amount for name, amount in amounts.items()},
        region=incident.centre.region_code, day=clock.local_day(at), department=unit_id, dimension=incident.subject,
    )  # fmt: skip


def count_cell(cell: Cell | None, at: datetime, **amounts: int) -> None:
    """Add to the figures of a cell."""
    if cell is not None:
        indicators.add(
            {f"gridcells.{name}": amount for name, amount in amounts.items()},
            region=cell.region_code, day=clock.local_day(at), department=cell.department_id, dimension=cell.code,
        )  # fmt: skip


# --- counted again from the tables ------------------------------------------------------------------------------------
def recount(first: date, last: date) -> Iterator[Line]:
    """Every fact of incidents, day by day."""
    steps = {"grid.received": "submit", "grid.filed": "file", "grid.cancelled": "cancel", "grid.void": "void"}
    own = Incident.objects.values_list("case_id", "subject", "centre_id", "centre__region_code")
    whose = {case: rest for case, *rest in own}
    for key, action in steps.items():
        lines = Event.objects.filter(case__kind=KIND.key, action=action, at__range=span(first, last))
        for case, at in lines.values_list("case_id", "at"):
            subject, centre, region = whose[case]
            yield Line(key, clock.local_day(at), region, centre, subject, 1)
    for key, rows, at, unit in _facts():
        yield from _lines(key, rows, at, unit, first, last)
    rated = Evaluation.objects.filter(at__range=span(first, last))
    for one in rated.select_related("incident__centre"):
        place = (clock.local_day(one.at), one.incident.centre.region_code, one.incident.unit_id, one.incident.subject)
        yield Line("grid.rated", *place, 1)
        yield Line("grid.points", *place, one.level)


def _facts() -> Iterator[tuple[str, QuerySet[Any], str, str]]:
    outcome = Round.Outcome
    yield "grid.dispatched", Round.objects.all(), "sent_at", "unit_id"
    yield "grid.handled", Round.objects.filter(handled_at__isnull=False), "handled_at", "unit_id"
    yield "grid.returned", Round.objects.filter(outcome=outcome.RETURNED), "judged_at", "unit_id"
    yield "grid.rework", Round.objects.filter(outcome=outcome.REWORK), "judged_at", "unit_id"
    granted = Wish.objects.filter(granted=True)
    yield "grid.delayed", granted.filter(kind=Wish.Kind.DELAY), "decided_at", "unit_id"
    yield "grid.held", granted.filter(kind=Wish.Kind.HOLD), "decided_at", "unit_id"
    closed = Incident.objects.filter(closed_at__isnull=False)
    yield "grid.closed", closed, "closed_at", "unit_id"
    yield "grid.in_time", closed.filter(in_time=True), "closed_at", "unit_id"
    yield "grid.late", closed.filter(in_time=False), "closed_at", "unit_id"


def _lines(key: str, rows: QuerySet[Any], at: str, unit: str, first: date, last: date) -> Iterator[Line]:
    way = "" if rows.model is Incident else "incident__"
    rows = rows.filter(**{f"{at}__range": span(first, last)}).order_by()
    rows = rows.values_list(TruncDate(at, tzinfo=clock.CHINA), f"{way}centre__region_code", unit, f"{way}subject")
    for day, region, department, subject, number in rows.annotate(n=Count("pk")):
        yield Line(key, day, region, department, subject, number)


def _cell_facts() -> tuple[tuple[str, QuerySet[Any], str, str], ...]:
    """Name, rows, moment and cell of every fact of cells."""
    known = Incident.objects.filter(cell__isnull=False)
    reworked = Round.objects.filter(outcome=Round.Outcome.REWORK, incident__cell__isnull=False)
    return (
        ("received", known, "case__submitted_at", "cell"),
        ("closed", known.filter(closed_at__isnull=False), "closed_at", "cell"),
        ("late", known.filter(in_time=False), "closed_at", "cell"),
        ("rework", reworked, "judged_at", "incident__cell"),
        ("visits", CheckIn.objects.filter(inside=True), "at", "cell"),
    )


def behind_unit(name: str, unit: int, tops: list[str], first: date, last: date) -> QuerySet[Any] | None:
    """The rows (incidents, rounds, wishes, evaluations) that a figure of a unit has counted; None: no such figure.

    As on its card, those of centres in the regions `tops` (prefixes of codes; "": everywhere).
    """
    rated = ("grid.rated", Evaluation.objects.all(), "at", "incident__unit_id")
    facts = {key.partition(".")[2]: rest for key, *rest in (*_facts(), rated)}
    if name not in facts:
        return None
    rows, at, column = facts[name]
    way = "" if rows.model is Incident else "incident__"
    rows = rows.filter(_inside(tops, f"{way}centre__region_code"))
    return rows.filter(**{f"{at}__range": span(first, last), column: unit})


def behind_cell(name: str, cell: str, tops: list[str], first: date, last: date) -> QuerySet[Any] | None:
    """The same of a cell, by its code, if it lies in these regions; of check-ins, which are no incidents, None."""
    facts = {key: rest for key, *rest in _cell_facts() if key != "visits"}
    if name not in facts:
        return None
    rows, at, path = facts[name]
    rows = rows.filter(_inside(tops, f"{path}__region_code"))
    return rows.filter(**{f"{at}__range": span(first, last), f"{path}__code": cell})


def _inside(tops: list[str], region: str) -> Q:
    return within([Scope(None, top) for top in tops], region=region)


def recount_cells(first: date, last: date) -> Iterator[Line]:
    """Every fact of cells, day by day."""
    for name, rows, at, cell in _cell_facts():
        rows = rows.filter(**{f"{at}__range": span(first, last)}).order_by()
        columns = [f"{cell}__{one}" for one in ("region_code", "department_id", "code")]
        for day, region, department, code, n in rows.values_list(TruncDate(at, tzinfo=clock.CHINA), *columns).annotate(
            n=Count("pk")
        ):
            yield Line(f"gridcells.{name}", day, region, department, code, n)


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first instant of a day to the last of another, in China."""
    return datetime.combine(first, time.min, clock.CHINA), datetime.combine(last, time.max, clock.CHINA)


def class_names(keys: Iterable[str]) -> dict[str, str]:
    """What classes are called."""
    return {one.key: str(one) for one in Rule.objects.filter(what=rules.What.CLASS, key__in=list(keys))}


def cell_names(codes: Iterable[str]) -> dict[str, str]:
    """What cells are called."""
    return dict(Cell.objects.filter(code__in=list(codes)).order_by("pk").values_list("code", "title"))
