"""Reading the grid: which incidents, cells and homes an actor may see, patrols due, scores."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from hexi.blocks.audit.operations import look
from hexi.blocks.cases import procedures
from hexi.blocks.documents import queries as files
from hexi.blocks.documents.models import Document
from hexi.blocks.indicators.models import Fact
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import figures
from hexi.domains.livelihood.grid.models import Cell, Duty, Home, Incident, Patrol, VideoPoint
from hexi.domains.livelihood.grid.states import KIND
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, within

# --- cells round a place ----------------------------------------------------------------------------------------------
Box = tuple[float, float, float, float]


def cells_in(actor: Actor, box: Box, most: int, without: str = "") -> list[Cell]:
    """Cells in use that touch a box (west, south, east, north) and that a post may see, but for one by its code."""
    west, south, east, north = box
    rows = cells_for(actor).filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    return list(rows.exclude(code=without).order_by("code")[:most])


# --- incidents --------------------------------------------------------------------------------------------------------
def visible(actor: Actor) -> QuerySet[Incident]:
    """Those of the offices a post may see, those one's unit had, and those one reported oneself."""
    scopes = actor.scopes("grid.view")
    reach = within(scopes, "case__department_id", "case__region_code")
    for scope in scopes:
        if scope.department is not None:
            reach |= Q(rounds__unit=scope.department)
    if account := getattr(actor, "account_id", None):
        reach |= Q(reporter=account)
    found = Incident.objects.filter(pk__in=Incident.objects.filter(reach).values("pk"))
    return found.select_related("case__department", "cell", "rule").order_by("-pk")


def incident_for(number: str, actor: Actor) -> Incident:
    """One incident for who may see it. Raises `DoesNotExist`, and `Denied`."""
    found = Incident.objects.select_related(
        "case__department", "cell", "rule", "centre", "component", "reporter", "unit"
    )
    incident = found.get(case__number=number, case__kind=KIND.key)
    if not may_see(incident, actor):
        raise Denied
    return incident


def holds_over() -> QuerySet[Incident]:
    """Those whose suspension (挂账) has outlived its planned days."""
    over = procedures.late_clocks().filter(case__kind=KIND.key)
    return Incident.objects.filter(case__in=over.values("case")).select_related("case").order_by("pk")


def may_see(incident: Incident, actor: Actor) -> bool:
    """True for posts of its office or of a unit that had it, and for who reported it."""
    account = getattr(actor, "account_id", None)
    if account is not None and incident.reporter_id == account:
        return True
    case = incident.case
    if actor.may("grid.view", case.department_id, case.region_code):
        return True
    mine = {scope.department for scope in actor.scopes("grid.view") if scope.department is not None}
    return bool(mine) and incident.rounds.filter(unit__in=mine).exists()


def may_read_photo(actor: Actor, document: Document) -> bool:
    """Photos of an incident: who may see it."""
    found = Incident.objects.select_related("case").filter(pk=document.of_ref).first()
    return found is not None and may_see(found, actor)


def photos_open(ref: str, slot: str) -> bool:
    """Photos are added until it is over."""
    return Incident.objects.filter(pk=ref, case__ended_at=None).exists()


def no_reader(actor: Actor, document: Document) -> bool:
    """What is on its way is its sender's alone."""
    return False


def photos(incident: Incident) -> dict[str, list[Document]]:
    """Photos from before and after."""
    return files.by_slot("grid.incident", str(incident.pk))


# --- cells and patrols ------------------------------------------------------------------------------------------------
def cells_for(actor: Actor, verb: str = "grid.view") -> QuerySet[Cell]:
    """Cells in use of the offices a right covers, and those one is responsible for."""
    reach = within(actor.scopes(verb)) | Q(pk__in=own_cells(actor).values("pk"))
    return Cell.objects.current().filter(reach).select_related("department").order_by("code")


def own_cells(actor: Actor) -> QuerySet[Cell]:
    """The cells somebody is responsible for now."""
    account = getattr(actor, "account_id", None)
    mine = Duty.objects.now().filter(account=account) if account else Duty.objects.none()
    return Cell.objects.current().filter(pk__in=mine.values("cell")).order_by("code")


@dataclass(frozen=True)
class Due:
    """A patrol with its last check-in and the day by which the next is due."""

    patrol: Patrol
    last: date | None
    due: date

    @property
    def late(self) -> bool:
        """True if that day is past."""
        return self.due < clock.today()

    @property
    def done(self) -> bool:
        """True if nothing is to be done today."""
        return self.due > clock.today()


def patrols_due(cells: QuerySet[Cell]) -> list[Due]:
    """The plans in force of these cells, most urgent first. One query."""
    plans = Patrol.objects.filter(cell__in=cells, ended_on=None).select_related("cell")
    plans = plans.annotate(seen=Max("check_ins__at", filter=Q(check_ins__inside=True)))
    found = []
    for plan in plans:
        last = clock.local_day(plan.seen) if plan.seen else None
        due = last + timedelta(plan.every_days) if last else plan.began_on
        found.append(Due(plan, last, max(due, plan.began_on)))
    return sorted(found, key=lambda one: (one.due, one.patrol.cell.code, one.patrol.pk))


# --- people and cameras -----------------------------------------------------------------------------------------------
def may_see_homes(cell: Cell, actor: Actor) -> bool:
    """Posts that need it there, and who is responsible for the cell."""
    return actor.may("grid.people", None, cell.region_code) or own_cells(actor).filter(pk=cell.pk).exists()


def home_for(pk: int, actor: Actor) -> Home:
    """A home with who lives there; each look at each person is logged. Raises `DoesNotExist`, and `Denied`."""
    home = Home.objects.select_related("cell").get(pk=pk)
    if not may_see_homes(home.cell, actor):
        raise Denied
    for one in home.residents.filter(until=None):
        look(actor, home, purpose=f"网格走访 {home.cell.title} {home.address}", person_id=one.person_id)
    return home


def videos_for(actor: Actor) -> QuerySet[VideoPoint]:
    """Cameras of the offices a post covers."""
    return VideoPoint.objects.filter(within(actor.scopes("grid.video"))).select_related("cell", "department")


# --- scores -----------------------------------------------------------------------------------------------------------
def unit_scores(tops: list[str], first: date, last: date) -> list[Department]:
    """Units that were sent something or closed something in these regions, with each figure beside (`dispatched` …).

    Two queries, however many units: the figures of all are summed at once.
    """
    facts = _facts_of(tops, first, last).filter(key__in=list(figures.FACTS))
    sums: dict[int, dict[str, int]] = {}
    for unit, key, amount in facts.values_list("department_id", "key").annotate(sum=Sum("amount")):
        sums.setdefault(unit, {})[key] = amount
    busy = facts.filter(key__in=("grid.dispatched", "grid.closed")).values("department_id")
    found = list(Department.objects.filter(pk__in=busy))
    for one in found:
        for key in figures.FACTS:
            setattr(one, key.partition(".")[2], sums.get(one.pk, {}).get(key, 0))
    return sorted(found, key=lambda one: (-sums.get(one.pk, {}).get("grid.dispatched", 0), one.pk))


def cell_scores(tops: list[str], first: date, last: date) -> QuerySet[Cell]:
    """Cells in which something was found, closed or walked, with each figure beside; of one code the newest row."""
    facts = _facts_of(tops, first, last).filter(region_code=OuterRef("region_code"), dimension=OuterRef("code"))
    newer = Cell.objects.filter(code=OuterRef("code"), pk__gt=OuterRef("pk"))
    found = Cell.objects.filter(~Exists(newer), Exists(facts.filter(key__in=list(figures.CELLS))))
    return _with_figures(found, facts, list(figures.CELLS)).order_by("-received", "code", "pk")


def _facts_of(tops: list[str], first: date, last: date) -> QuerySet[Fact]:
    """The days' figures in these regions (prefixes of codes; "": everywhere)."""
    inside = Q(pk__in=())
    for top in tops:
        start, beyond = codes.span(top.ljust(12, "0")) if top else ("", "a")
        inside |= Q(region_code__gte=start, region_code__lt=beyond)
    return Fact.objects.filter(inside, grain=Fact.Grain.DAY, day__range=(first, last)).order_by()


def _with_figures(rows: QuerySet[Any], facts: QuerySet[Fact], keys: list[str]) -> QuerySet[Any]:
    sums = {key: facts.filter(key=key).values("key").annotate(sum=Sum("amount")).values("sum") for key in keys}
    return rows.annotate(**{key.partition(".")[2]: Coalesce(Subquery(sums[key]), 0) for key in keys})


def homes_of(cell: Cell) -> QuerySet[Home]:
    """The homes of a cell, each with how many live there now (`lived_in`)."""
    return (
        Home.objects.filter(cell=cell)
        .annotate(lived_in=Count("residents", filter=Q(residents__until=None)))
        .order_by("address")
    )


def stray_homes(actor: Actor) -> QuerySet[Home]:
    """Homes whose cell was ended, for who looks after people where it was; each with `lived_in`."""
    scopes = [one for one in actor.scopes("grid.people") if one.department is None]
    found = Home.objects.filter(within(scopes, region="cell__region_code"))
    counted = found.annotate(lived_in=Count("residents", filter=Q(residents__until=None)))
    return counted.filter(cell__ended_on__isnull=False).select_related("cell").order_by("cell__code", "address", "pk")
