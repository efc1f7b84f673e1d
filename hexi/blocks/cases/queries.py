"""Reading cases: what an actor may see, worklists, progress, clocks, statistics."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from hexi.blocks.audit.operations import look
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import facts
from hexi.blocks.cases.kinds import kinds, known, task_verbs
from hexi.blocks.cases.models import (
    PERMIT,
    RULES,
    Case,
    Clock,
    Concern,
    Deferred,
    DueChange,
    Event,
    FirstLevel,
    Item,
    Letter,
    Pause,
    Task,
)
from hexi.blocks.cases.parties import acts, own, require_stranger, strange
from hexi.blocks.cases.states import UNDER_EXAMINATION, State
from hexi.blocks.certificates.models import State as Standing
from hexi.blocks.indicators import queries as indicators
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.regions.codes import prefix
from hexi.blocks.regions.models import Department, Site
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, subtree, within
from hexi.kernel.fixed import Fixed, Given, fetched

#: any of these posts may open a case of its department and region
OFFICIAL_VERBS = ("cases.view", "cases.supervise")
_BY_NUMBER = Fixed(
    lambda: (
        Case.objects.select_related("item", "version", "department", "applicant", "extension")
        .defer(*RULES)
        .filter(kind=PERMIT, number=Given("number"))
    )
)
_BESIDE = {
    "clocks": Fixed(lambda: Clock.objects.filter(case_id=Given("case"))),
    "pauses": Fixed(lambda: Pause.objects.filter(case_id=Given("case"))),
    "letters": Fixed(lambda: Letter.objects.filter(case_id=Given("case"))),
    "events": Fixed(lambda: Event.objects.filter(case_id=Given("case"))),
}


def official(actor: Actor) -> Q:
    """Permits the actor's posts may see; not those he applied for or sees to as agent, which others handle (回避)."""
    reach = within([scope for verb in OFFICIAL_VERBS for scope in actor.scopes(verb)])
    return Q(kind=PERMIT) & reach & strange(actor)


def mine(actor: Actor) -> QuerySet[Case]:
    """The applicant's own cases, newest first; one query whatever their number."""
    return Case.objects.filter(own(actor), kind__in=list(kinds())).select_related("department", "item").order_by("-id")


def my_permit(number: str, actor: Actor) -> Case | None:
    """One permit among `mine`, for an action, which shows nothing of it; None if there is none."""
    return mine(actor).filter(kind=PERMIT, number=number).first()


def for_officials(actor: Actor) -> QuerySet[Case]:
    """Every case the posts may see, soonest due first; those without a running clock last."""
    rows = Case.objects.filter(official(actor)).select_related("department", "item")
    return rows.order_by(F("next_due").asc(nulls_last=True), "pk")


def passed_up(actor: Actor) -> QuerySet[Case]:
    """Cases the actor's office examined first and sent up (arts 35, 43): it still reads them, and does nothing more."""
    scopes = [scope for verb in OFFICIAL_VERBS for scope in actor.scopes(verb)]
    sent = FirstLevel.objects.filter(within(scopes)).values("case")
    return Case.objects.filter(strange(actor), pk__in=sent).select_related("department", "item")


def handles(actor: Actor, case: Case) -> bool:
    """True if the case is with an office where a post of the actor may see it, by the rights of its kind."""
    kind = kinds().get(case.kind)  # none: the domain that owns it is switched off
    return kind is not None and any(actor.may(verb, case.department_id, case.region_code) for verb in kind.view)


def visible(actor: Actor) -> QuerySet[Case]:
    """Own cases and those the posts may see."""
    return Case.objects.filter(own(actor) | official(actor))


def case_for(number: str, actor: Actor) -> Case:
    """One case in full for a post that may see it; the look is logged. Raises `DoesNotExist`, and `Denied`.

    Whose office has passed it up reads on. The official who applied himself is denied as well: what offices write among
    themselves is not for the applicant.
    """
    case = _whole(_handled(number, actor, reads=True))
    look(actor, case, purpose=f"办理 {case.title}", person_id=case.applicant_id)
    return case


def case_to_act(number: str, actor: Actor) -> Case:
    """The same case for an action, which shows nothing of it and leaves an entry of its own in the log."""
    return _handled(number, actor)


def permit(number: str) -> Case | None:
    """One permit in full, whoever asks: the caller sees to the rights."""
    return _BY_NUMBER.first(number=number)


def own_case(number: str, actor: Actor) -> Case | None:
    """One case in full for its applicant and whoever acts for him; None if there is none, or it is somebody else's."""
    case = _BY_NUMBER.first(number=number)
    return _whole(case) if case is not None and acts(actor, case) else None


def _whole(case: Case) -> Case:
    """The case with its clocks, pauses, letters and timeline fetched along."""
    for name, rows in _BESIDE.items():
        fetched(case, name, rows.all(case=case.pk))
    if case.item.version_id == case.version_id:
        case.item.version = case.version
    return case


def _handled(number: str, actor: Actor, *, reads: bool = False) -> Case:
    case = _BY_NUMBER.get(number=number)
    require_stranger(actor, case)
    if not handles(actor, case) and not (reads and passed_up(actor).filter(pk=case.pk).exists()):
        raise Denied
    return case


def progress(number: str, last_four: str) -> Case | None:
    """Anybody who knows the number and the last four signs of the applicant's phone or identity number."""
    found = Case.objects.permits().filter(number=number.strip())
    case = found.select_related("department", "applicant", "item").first()
    if case is None or len(last_four.strip()) != 4:
        return None
    known = [case.phone, case.applicant.phone, *case.applicant.identifiers.values_list("masked", flat=True)]
    ends = {text[-4:].upper() for text in known if text}
    return case if last_four.strip().upper() in ends else None


def items_of(actor: Actor) -> QuerySet[Item]:
    """Items whose cases the actor's posts may meet, drafts left out: what the filters of the lists offer.

    Those of his offices, and those of others that his offices examine first or are asked about; whose reach is a whole
    region has all items of the region, and looks for the others by their words.
    """
    verbs = kinds()[PERMIT].verbs  # no other kind of case has an item
    scopes = [scope for verb in (*OFFICIAL_VERBS, *verbs) for scope in actor.scopes(verb)]
    office = within([scope for scope in scopes if scope.department is not None])
    asked = Task.objects.filter(office, verb__in=verbs, done_at=None).values("case__item")
    sent = FirstLevel.objects.filter(office).values("case__item")
    met = Item.objects.filter(within(scopes) | Q(pk__in=asked) | Q(pk__in=sent))
    return met.exclude(status=Item.Status.DRAFT).order_by("title", "pk")


# --- work -------------------------------------------------------------------------------------------------------------
def todo(actor: Actor) -> QuerySet[Task]:
    """Open tasks the actor's rights may take, soonest due first."""
    reach = Q(pk__in=())
    for verb in [verb for verb in task_verbs() if actor.scopes(verb)]:
        reach |= Q(verb=verb) & within(actor.scopes(verb))
    return (
        Task.objects.filter(reach, strange(actor, "case"), known(actor), done_at=None)
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
    waiting = Case.objects.permits().filter(pk__in=lapsed.values("case"), state__in=(State.SUBMITTED, State.RETURNED))
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
    over = over.filter(certificate__state=Standing.VALID)  # noted as expired: it waited for the applicant
    return Case.objects.filter(pk__in=over.values("case"), state__in=(State.SUBMITTED, *UNDER_EXAMINATION))


def letters_of(case: Case) -> list[Letter]:
    """Every letter of a case, the oldest first."""
    return _LETTERS.all(case=case.pk)


_LETTERS = Fixed(lambda: Letter.objects.filter(case_id=Given("case")).order_by("pk"))


def last_letter(case: Case, kinds: Collection[str]) -> Letter | None:
    """The newest letter of one of these kinds."""
    found = [one for one in letters_of(case) if one.kind in kinds]
    return found[-1] if found else None


def due_changes(case: Case) -> QuerySet[DueChange]:
    """Every move of a due date of the case to another moment, the newest first."""
    moved = DueChange.objects.filter(clock__case=case).select_related("clock").order_by("-pk")
    return moved.exclude(old=F("new"))


def with_uncertainty(rows: QuerySet[Any], *, case: str = "pk", due: str = "next_due") -> QuerySet[Any]:
    """Each row with `uncertain`: its due reaches into a year whose holidays are not announced, and may still move.

    `case` and `due` name the case and the due moment from the row.
    """
    reaching = Clock.objects.filter(case=OuterRef(case), stopped_at=None, uncertain=True, due__lte=OuterRef(due))
    return rows.annotate(uncertain=Exists(reaching))


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
    def satisfied_rate(self) -> float | None:
        """满意率: ratings of "basically satisfied" and better, in percent of those that count."""
        return 100 * self.satisfied / self.rated if self.rated else None

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


def counted(names: Iterable[str], part: Slice) -> int:
    """How many cases some facts have counted in a slice, from the roll-up."""
    return sum(indicators.totals(part, facts.keys(names)).values())


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


def by_department(region_prefix: str, first: date, last: date) -> list[tuple[Department, Figures]]:
    """The same, department by department."""
    rows = indicators.split(_part(region_prefix, first, last), facts.keys(COUNTED), "department")
    offices = {one.pk: one for one in Department.objects.filter(pk__in=list(rows))}
    return _most([(offices[pk], _figures(amounts)) for pk, amounts in rows.items()])


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


def at_site(items: QuerySet[Item], site: Site) -> QuerySet[Item]:
    """Of these items those that a site shows: of its office, of its choice."""
    if site.department_id:
        items = items.filter(department=site.department_id)
    return items.filter(key__in=site.item_keys) if site.item_keys else items


def open_count(region_prefix: str) -> int:
    """Cases under way."""
    return Case.objects.permits().open().filter(subtree(region_prefix)).count()


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
