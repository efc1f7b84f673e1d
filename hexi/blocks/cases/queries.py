"""Reading cases: what an actor may see, worklists, progress, clocks, statistics."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from hexi.blocks.audit.operations import look
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import facts
from hexi.blocks.cases.models import RULES, Case, Clock, Concern, Deferred, Item, Letter, Pause, Task
from hexi.blocks.cases.parties import own, require_stranger, strange
from hexi.blocks.cases.states import OPEN, TASK_VERBS, UNDER_EXAMINATION, State
from hexi.blocks.indicators import queries as indicators
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.regions.codes import prefix
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, within

#: any of these posts may open a case of its department and region
OFFICIAL_VERBS = ("cases.view", "cases.supervise")


def official(actor: Actor) -> Q:
    """Cases the actor's posts may see; not those he applied for or sees to as agent, which others handle (回避)."""
    return within([scope for verb in OFFICIAL_VERBS for scope in actor.scopes(verb)]) & strange(actor)


def mine(actor: Actor) -> QuerySet[Case]:
    """The applicant's own cases, newest first; one query whatever their number."""
    return Case.objects.filter(own(actor)).select_related("department", "item").order_by("-id")


def for_officials(actor: Actor) -> QuerySet[Case]:
    """Every case the posts may see, soonest due first."""
    return Case.objects.filter(official(actor)).select_related("department", "item")


def visible(actor: Actor) -> QuerySet[Case]:
    """Own cases and those the posts may see."""
    return Case.objects.filter(own(actor) | official(actor))


def case_for(number: str, actor: Actor) -> Case:
    """One case in full for a post that may see it; the look is logged. Raises `DoesNotExist`, and `Denied`.

    The official who applied himself is denied as well: what offices write among themselves is not for the applicant.
    """
    found = Case.objects.prefetch_related("clocks", "pauses", "letters", "events")
    case = _handled(found.select_related("extension"), number, actor)
    look(actor, case, purpose=f"办理 {case.title}", person_id=case.applicant_id)
    return case


def case_to_act(number: str, actor: Actor) -> Case:
    """The same case for an action, which shows nothing of it and leaves an entry of its own in the log."""
    return _handled(Case.objects.all(), number, actor)


def _handled(cases: QuerySet[Case], number: str, actor: Actor) -> Case:
    case = cases.select_related("item", "version", "department", "applicant").defer(*RULES).get(number=number)
    require_stranger(actor, case)
    if not any(actor.may(verb, case.department_id, case.region_code) for verb in OFFICIAL_VERBS):
        raise Denied
    return case


def progress(number: str, last_four: str) -> Case | None:
    """Anybody who knows the number and the last four signs of the applicant's phone or identity number."""
    case = Case.objects.select_related("department", "applicant", "item").filter(number=number.strip()).first()
    if case is None or len(last_four.strip()) != 4:
        return None
    known = [case.phone, case.applicant.phone, *case.applicant.identifiers.values_list("masked", flat=True)]
    ends = {text[-4:].upper() for text in known if text}
    return case if last_four.strip().upper() in ends else None


# --- work -------------------------------------------------------------------------------------------------------------
def todo(actor: Actor) -> QuerySet[Task]:
    """Open tasks the actor's rights may take, soonest due first."""
    reach = Q(pk__in=())
    for verb in [verb for verb in TASK_VERBS if actor.scopes(verb)]:
        reach |= Q(verb=verb) & within(actor.scopes(verb))
    return (
        Task.objects.filter(reach, strange(actor, "case"), done_at=None)
        .select_related("case", "case__department", "case__item", "claimed_by")
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
    waiting = Case.objects.filter(pk__in=lapsed.values("case"), state__in=(State.SUBMITTED, State.RETURNED))
    # items of other laws have a notice limit of their own, and silence accepts nothing
    own = Q(version__national__has_key="notice_limit") & ~Q(version__national__notice_limit=None)
    return waiting.exclude(own)


def promise_lapsed(now: datetime | None = None) -> QuerySet[Case]:
    """Cases accepted on a promise to hand in what was missing, whose term is over."""
    lapsed = Deferred.objects.filter(handed_at=None, due__lt=now or clock.now())
    return Case.objects.filter(pk__in=lapsed.values("case"), state__in=UNDER_EXAMINATION)


def renewal_lapsed() -> QuerySet[Case]:
    """Cases of renewals asked for in time whose certificate's term has ended without a decision."""
    over = Concern.objects.filter(kind=Concern.Kind.RENEW, in_time=True, deemed=False, expires__lt=clock.today())
    return Case.objects.filter(pk__in=over.values("case"), state__in=(State.SUBMITTED, *UNDER_EXAMINATION))


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
    finished: int = 0
    visits: int = 0
    paperless: int = 0
    rated: int = 0
    satisfied: int = 0

    @property
    def decided(self) -> int:
        """Granted and refused."""
        return self.granted + self.refused

    @property
    def ended_rate(self) -> float | None:
        """办结率: finished of accepted, in percent."""
        return 100 * self.finished / self.accepted if self.accepted else None

    @property
    def in_time_rate(self) -> float | None:
        """限时办结率: decided within every clock, in percent of decided."""
        return 100 * self.in_time / self.decided if self.decided else None

    @property
    def mean_days(self) -> float | None:
        """Working days from acceptance to decision."""
        return self.days_used / self.decided if self.decided else None


#: the facts that have a place in `Figures`; there are more
COUNTED = tuple(one.name for one in fields(Figures))


def _part(region_prefix: str, first: date, last: date, department_id: int | None = None) -> Slice:
    return Slice(first, last, region_prefix.ljust(12, "0") if region_prefix else "", department_id)


def _figures(amounts: dict[str, int]) -> Figures:
    return Figures(**{name: amounts.get(key, 0) for name, key in zip(COUNTED, facts.keys(COUNTED), strict=True)})


def figures(region_prefix: str, first: date, last: date, department_id: int | None = None) -> Figures:
    """All counts of a region subtree (code prefix) from `first` to `last`, both included."""
    return _figures(indicators.totals(_part(region_prefix, first, last, department_id), facts.keys(COUNTED)))


def by_month(region_prefix: str, first: date, last: date) -> list[tuple[date, Figures]]:
    """The same, month by month."""
    rows = indicators.split(_part(region_prefix, first, last), facts.keys(COUNTED), "month")
    return [(month, _figures(amounts)) for month, amounts in rows.items()]


def by_item(region_prefix: str, first: date, last: date) -> list[tuple[Item, Figures]]:
    """The same, item by item (of all offices together), most received first."""
    rows = indicators.split(_part(region_prefix, first, last), facts.keys(COUNTED), "dimension")
    items = {one.key: one for one in Item.objects.filter(key__in=list(rows)).order_by("-pk")}
    return _most([(items[key], _figures(amounts)) for key, amounts in rows.items()])


def received(item_ids: Iterable[int]) -> dict[int, int]:
    """How many cases each item has had, from the roll-up."""
    rows = indicators.split(Slice(date(2000, 1, 1), date(2199, 12, 31)), ["cases.received"], ("dimension", "region"))
    items = Item.objects.filter(pk__in=list(item_ids)).values_list("pk", "key", "region_code")
    return {pk: rows[key, region]["cases.received"] for pk, key, region in items if (key, region) in rows}


def by_department(region_prefix: str, first: date, last: date) -> list[tuple[str, Figures]]:
    """The same, department by department, each under its name in the language of the page."""
    rows = indicators.split(_part(region_prefix, first, last), facts.keys(COUNTED), "department")
    names = {one.pk: one.title for one in Department.objects.filter(pk__in=list(rows))}
    return _most([(names[pk], _figures(amounts)) for pk, amounts in rows.items()])


def _most(rows: list[tuple[Any, Figures]]) -> list[tuple[Any, Figures]]:
    return sorted(rows, key=lambda row: -row[1].received)


def recounted(region_prefix: str, first: date, last: date) -> Figures:
    """The figures counted from the cases themselves: what the roll-up must equal (a test and `hexi cases recount`)."""
    amounts: Counter[str] = Counter()
    for line in facts.recount(first, last):
        if line.region_code.startswith(region_prefix):
            amounts[line.key] += line.amount
    return _figures(amounts)


def median_days(item: Item, last: int = 100) -> float | None:
    """Real working days of the last decided cases of an item: the guide shows it beside what law and promise say."""
    from hexi.blocks.cases.deadlines import days_used

    calendar = calendar_for(item.region_code)
    decided = Case.objects.filter(item=item, decided_at__isnull=False, accepted_at__isnull=False)
    decided = decided.prefetch_related("pauses").order_by("-decided_at")
    days = sorted(days_used(case, case.decided_at, calendar) for case in decided[:last] if case.decided_at)
    if not days:
        return None
    middle = len(days) // 2
    return float(days[middle]) if len(days) % 2 else (days[middle - 1] + days[middle]) / 2


def open_count(region_prefix: str) -> int:
    """Cases under way."""
    return Case.objects.filter(region_code__startswith=region_prefix, state__in=OPEN).count()


# --- power lists -----------------------------------------------------------------------------------------------------
def powers(department: Department) -> QuerySet[Item]:
    """The items in force of one department: by type, then by name."""
    return _in_force().filter(department=department).order_by("version__national__item_type", "title", "pk")


def powers_by_department(region: str) -> list[tuple[Department, int]]:
    """The departments of a region (12 digits) and everything inside it that have powers, each with how many."""
    counts = Counter(_in_force().filter(region_code__startswith=prefix(region)).values_list("department_id", flat=True))
    offices = Department.objects.filter(pk__in=list(counts)).order_by("region_code", "key")
    return [(office, counts[office.pk]) for office in offices]


def _in_force() -> QuerySet[Item]:
    """Published items whose office carries them out now."""
    published = Item.objects.filter(status=Item.Status.PUBLISHED, version__implementing__state="in_force")
    return published.select_related("version__item__department", "department")
