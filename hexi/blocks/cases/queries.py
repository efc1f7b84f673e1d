"""Reading cases: what an actor may see, worklists, progress, clocks, statistics."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from hexi.blocks.audit.operations import look
from hexi.blocks.cases.models import Case, Clock, DayCount, Item, Letter, Pause, Task
from hexi.blocks.cases.parties import persons, require_stranger
from hexi.blocks.cases.states import OPEN, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, within

#: any of these posts may open a case of its department and region
OFFICIAL_VERBS = ("cases.view", "cases.supervise")


def own(actor: Actor) -> Q:
    """Cases of the actor himself and of the bodies he represents; none for a stranger."""
    person = getattr(actor, "person_id", None)
    if person is None:
        return Q(pk__in=())
    return Q(applicant_id=person) | Q(applicant__representative_id=person)


def official(actor: Actor) -> Q:
    """Cases the actor's posts may see; not his own matters, which others handle (回避)."""
    return within([scope for verb in OFFICIAL_VERBS for scope in actor.scopes(verb)]) & ~Q(applicant__in=persons(actor))


def mine(actor: Actor) -> QuerySet[Case]:
    """The applicant's own cases, newest first; one query whatever their number."""
    return Case.objects.filter(own(actor)).select_related("department").order_by("-id")


def for_officials(actor: Actor) -> QuerySet[Case]:
    """Every case the posts may see, soonest due first."""
    return Case.objects.filter(official(actor)).select_related("department")


def visible(actor: Actor) -> QuerySet[Case]:
    """Own cases and those the posts may see."""
    return Case.objects.filter(own(actor) | official(actor))


def case_for(number: str, actor: Actor) -> Case:
    """One case in full for a post that may see it; the look is logged. Raises `DoesNotExist`, and `Denied`.

    The official who applied himself is denied as well: what offices write among themselves is not for the applicant.
    """
    case = (
        Case.objects.select_related("item", "version", "department", "applicant")
        .prefetch_related("clocks", "pauses", "letters__document", "events")
        .get(number=number)
    )
    require_stranger(actor, case)
    if not any(actor.may(verb, case.department_id, case.region_code) for verb in OFFICIAL_VERBS):
        raise Denied
    look(actor, case, purpose=f"办理 {case.title}", person_id=case.applicant_id)
    return case


def progress(number: str, last_four: str) -> Case | None:
    """Anybody who knows the number and the last four signs of the applicant's phone or identity number."""
    case = Case.objects.select_related("department", "applicant").filter(number=number.strip()).first()
    if case is None or len(last_four.strip()) != 4:
        return None
    known = [case.phone, case.applicant.phone, *case.applicant.identifiers.values_list("masked", flat=True)]
    ends = {text[-4:].upper() for text in known if text}
    return case if last_four.strip().upper() in ends else None


# --- work -------------------------------------------------------------------------------------------------------------
def todo(actor: Actor) -> QuerySet[Task]:
    """Open tasks the actor's rights may take, soonest due first."""
    verbs = Task.objects.filter(done_at=None).values_list("verb", flat=True).distinct().order_by()
    reach = Q(pk__in=())
    for verb in [verb for verb in verbs if actor.scopes(verb)]:
        reach |= Q(verb=verb) & within(actor.scopes(verb))
    return (
        Task.objects.filter(reach, ~Q(case__applicant__in=persons(actor)), done_at=None)
        .select_related("case", "case__department", "claimed_by")
        .order_by("due", "pk")
    )


def near_due(tasks: QuerySet[Task], now: datetime | None = None) -> QuerySet[Task]:
    """Tasks whose case has a clock in its last part."""
    now = now or clock.now()
    running = Clock.objects.filter(stopped_at=None, near__lte=now, due__gte=now)
    return tasks.filter(case__in=running.values("case"))


def overdue(tasks: QuerySet[Task], now: datetime | None = None) -> QuerySet[Task]:
    """Tasks whose case has run over a clock."""
    return tasks.filter(due__lt=now or clock.now())


def cases_overdue(cases: QuerySet[Case], now: datetime | None = None) -> QuerySet[Case]:
    """Open cases that have run over a clock."""
    return cases.filter(ended_at=None, next_due__lt=now or clock.now())


def cases_near_due(cases: QuerySet[Case], now: datetime | None = None) -> QuerySet[Case]:
    """Open cases with a clock in its last part."""
    now = now or clock.now()
    running = Clock.objects.filter(stopped_at=None, near__lte=now, due__gte=now)
    return cases.filter(ended_at=None, pk__in=running.values("case"))


def cases_paused(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases whose clocks stand still now."""
    return cases.filter(pk__in=Pause.objects.filter(end=None).values("case"))


def notice_lapsed(now: datetime | None = None) -> QuerySet[Case]:
    """Cases that the law has accepted: the five days are over and nothing was told."""
    lapsed = Clock.objects.filter(kind=Clock.Kind.NOTICE, stopped_at=None, due__lt=now or clock.now())
    return Case.objects.filter(pk__in=lapsed.values("case"), state__in=(State.SUBMITTED, State.RETURNED))


def last_letter(case: Case, kinds: Iterable[str]) -> Letter | None:
    """The newest letter of one of these kinds."""
    return case.letters.filter(kind__in=list(kinds)).order_by("-id").first()


# --- figures ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Figures:
    """Counts of a region and span of days, summed from the roll-up."""

    received: int = 0
    accepted: int = 0
    deemed: int = 0
    granted: int = 0
    refused: int = 0
    ended: int = 0
    in_time: int = 0
    late: int = 0
    days_used: int = 0

    @property
    def decided(self) -> int:
        """Granted and refused."""
        return self.granted + self.refused

    @property
    def ended_rate(self) -> float | None:
        """办结率: ended of received, in percent."""
        return 100 * self.ended / self.received if self.received else None

    @property
    def in_time_rate(self) -> float | None:
        """限时办结率: decided within every clock, in percent of decided."""
        return 100 * self.in_time / self.decided if self.decided else None

    @property
    def mean_days(self) -> float | None:
        """Working days from acceptance to decision."""
        return self.days_used / self.decided if self.decided else None


COUNTED = ("received", "accepted", "deemed", "granted", "refused", "ended", "in_time", "late")
SUMS = {name: Sum(name, default=0) for name in (*DayCount.COUNTED, "days_used")}


def _counts(region_code: str, first: date, last: date, department_id: int | None = None) -> QuerySet[DayCount]:
    rows = DayCount.objects.filter(region_code__startswith=region_code, day__range=(first, last))
    return rows.filter(department_id=department_id) if department_id else rows


def figures(region_prefix: str, first: date, last: date, department_id: int | None = None) -> Figures:
    """All counts of a region subtree (code prefix) from `first` to `last`, both included."""
    return Figures(**_counts(region_prefix, first, last, department_id).aggregate(**SUMS))


def by_month(region_prefix: str, first: date, last: date) -> list[tuple[date, Figures]]:
    """The same, month by month."""
    rows = _counts(region_prefix, first, last).annotate(month=TruncMonth("day")).values("month").order_by("month")
    return [(row.pop("month"), Figures(**row)) for row in rows.annotate(**SUMS)]


def by_item(region_prefix: str, first: date, last: date) -> list[tuple[Item, Figures]]:
    """The same, item by item, most received first."""
    rows = _counts(region_prefix, first, last).values("item").annotate(**SUMS).order_by("-received", "item")
    items = Item.objects.select_related("department").in_bulk([row["item"] for row in rows])
    return [(items[row.pop("item")], Figures(**row)) for row in rows]


def received(item_ids: Iterable[int]) -> dict[int, int]:
    """How many cases each item has had, from the roll-up."""
    rows = DayCount.objects.filter(item__in=list(item_ids)).values("item").annotate(n=Sum("received"))
    return {row["item"]: row["n"] for row in rows.order_by()}


def by_department(region_prefix: str, first: date, last: date) -> list[tuple[str, Figures]]:
    """The same, department by department."""
    rows = _counts(region_prefix, first, last).values("department__name").annotate(**SUMS).order_by("-received")
    return [(row.pop("department__name"), Figures(**row)) for row in rows]


def recounted(region_prefix: str, first: date, last: date) -> Figures:
    """The figures counted from the cases themselves: what the roll-up must equal (a test and `hexi cases recount`)."""
    span = _span(first, last)
    cases = Case.objects.filter(region_code__startswith=region_prefix)
    decided = cases.filter(decided_at__range=span)
    late = Q(clocks__kind__in=(Clock.Kind.LEGAL, Clock.Kind.PROMISED), clocks__met=False)
    late_ids = decided.filter(late).values("pk").distinct().count()
    return Figures(
        received=cases.filter(submitted_at__range=span).count(),
        accepted=cases.filter(events__action__in=("accept", "accept_deemed"), events__at__range=span).count(),
        deemed=cases.filter(events__action="accept_deemed", events__at__range=span).count(),
        granted=decided.filter(outcome="granted").count(),
        refused=decided.filter(outcome="refused").count(),
        ended=cases.filter(ended_at__range=span).count(),
        late=late_ids,
        in_time=decided.count() - late_ids,
    )


def median_days(item: Item, last: int = 100) -> float | None:
    """Real working days of the last decided cases of an item: the guide shows it beside what law and promise say."""
    from hexi.blocks.cases.deadlines import days_used

    decided = Case.objects.filter(item=item, decided_at__isnull=False, accepted_at__isnull=False).order_by(
        "-decided_at"
    )
    days = sorted(days_used(case, case.decided_at) for case in decided[:last] if case.decided_at)
    if not days:
        return None
    middle = len(days) // 2
    return float(days[middle]) if len(days) % 2 else (days[middle - 1] + days[middle]) / 2


def open_count(region_prefix: str) -> int:
    """Cases under way."""
    return Case.objects.filter(region_code__startswith=region_prefix, state__in=OPEN).count()


def _span(first: date, last: date) -> tuple[datetime, datetime]:
    return (
        datetime.combine(first, datetime.min.time(), clock.CHINA),
        datetime.combine(last, datetime.max.time(), clock.CHINA),
    )
