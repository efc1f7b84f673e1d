"""What is counted of cases: each fact once, as the condition its cases meet, for roll-up, proof and list alike.

The steps add to the roll-up (block indicators); `recount` counts the same from the cases. Above models.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, CharField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, TruncDate
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.models import Case, Clock, Item
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.documents.models import Document
from hexi.blocks.indicators.counted import Line, Slice
from hexi.blocks.regions import codes
from hexi.kernel import clock
from hexi.kernel.actors import subtree
from hexi.kernel.fixed import Fixed, Given
from hexi.ui.words import english

OWNER = "cases"
ALL = Q()
#: handed in at the window, not online
WINDOW = "window"
ACCEPTED = Q(events__action__in=("accept", "accept_deemed"))
DECIDED_BOUND = (Clock.Kind.LEGAL, Clock.Kind.PROMISED)
FETCHED = Q(delivery="window", outcome=Outcome.GRANTED, state=State.CLOSED)
ONLINE = Q(state=State.CLOSED, delivery="online") & ~Q(channel=WINDOW)
#: ways a case makes people come: to hand in, to show an original, to fetch the result
VISITS = (Q(channel=WINDOW), Q(checked=True), FETCHED)


@dataclass(frozen=True)
class Counted:
    """One fact: the cases it counts, and the moment that puts each into a day.

    `listed`: one case, one piece; else it is a sum over them.
    """

    title: Any
    at: str
    which: Q = ALL
    listed: bool = True


FACTS = {
    "received": Counted(_("收件"), "submitted_at"),
    "accepted": Counted(_("受理"), "events__at", ACCEPTED),
    "deemed": Counted(_("视为受理"), "events__at", Q(events__action="accept_deemed")),
    "granted": Counted(_("准予"), "decided_at", Q(outcome=Outcome.GRANTED)),
    "refused": Counted(_("不予许可"), "decided_at", Q(outcome=Outcome.REFUSED)),
    "ended": Counted(_("结束"), "ended_at"),
    "finished": Counted(_("办结"), "ended_at", Q(accepted_at__isnull=False)),
    "in_time": Counted(_("按时决定"), "decided_at", Q(late=False)),
    "late": Counted(_("超期决定"), "decided_at", Q(late=True)),
    "days_used": Counted(_("用去的工作日"), "decided_at", Q(accepted_at__isnull=False), listed=False),
    "visits": Counted(_("到现场次数"), "ended_at", VISITS[0] | VISITS[1] | VISITS[2], listed=False),
    "paperless": Counted(
        _("全程无纸"), "ended_at",
        ONLINE & Q(checked=False),
    ),
    "rated": Counted(_("评价"), "rating__at", Q(rating__annulled=False)),
    "satisfied": Counted(_("基本满意以上"), "rating__at", Q(rating__annulled=False, rating__level__gte=3)),
}  # fmt: skip

#: what the manifest declares
TITLES = {f"{OWNER}.{name}": fact.title for name, fact in FACTS.items()}


def keys(names: Iterable[str]) -> list[str]:
    """Names of facts as the roll-up knows them."""
    return [f"{OWNER}.{name}" for name in names]


def cases() -> QuerySet[Case]:
    """All cases, with what the conditions above ask: `late` and `checked`."""
    late = Clock.objects.filter(case=OuterRef("pk"), kind__in=DECIDED_BOUND, met=False)
    shown = Document.objects.filter(
        of_kind="cases.case", of_ref=Cast(OuterRef("pk"), CharField()), level="B", copied_from=None
    )
    return Case.objects.permits().alias(late=Exists(late), checked=Exists(shown))


def at_end(case: Case) -> dict[str, int]:
    """What the end of a case adds to the figures; the case is saved already."""
    finished, paperless, *visits = _AT_END.get(case=case.pk)
    return {"ended": 1, "finished": int(finished), "visits": sum(map(bool, visits)), "paperless": int(paperless)}


def _met(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, BooleanField())


#: of one case: finished, paperless, and each way it made people come
_AT_END = Fixed(
    lambda: (
        cases()
        .filter(pk=Given("case"))
        .values_list(*map(_met, (FACTS["finished"].which, FACTS["paperless"].which, *VISITS)))
    )
)


def behind(names: Iterable[str], part: Slice) -> QuerySet[Case]:
    """The cases that facts have counted in a slice; as many as the figure says, if it is no sum over them."""
    found = Q(pk__in=())
    for name in names:
        fact = FACTS[name]
        found |= Q(pk__in=cases().filter(fact.which, **{f"{fact.at}__range": span(part.first, part.last)}).values("pk"))
    rows = Case.objects.filter(found)
    if part.own:
        rows = rows.filter(region_code=part.region)
    elif codes.prefix(part.region):
        rows = rows.filter(subtree(codes.prefix(part.region)))
    if part.department is not None:
        rows = rows.filter(department_id=part.department)
    return rows.filter(item__key=part.dimension) if part.dimension is not None else rows


def recount(first: date, last: date) -> Iterator[Line]:
    """Every fact counted from the cases themselves, day by day: what the roll-up must equal.

    Days used are counted by today's calendar: they differ after a correction of days that were past at decisions.
    """
    for name, fact in FACTS.items():
        if fact.listed:
            yield from _counted(name, fact.at, fact.which, first, last)
    for which in VISITS:
        yield from _counted("visits", "ended_at", which, first, last)
    yield from _days_used(first, last)


def _counted(name: str, at: str, which: Q, first: date, last: date) -> Iterator[Line]:
    rows = cases().filter(which, **{f"{at}__range": span(first, last)}).order_by()
    rows = rows.values_list("region_code", "department_id", "item__key", TruncDate(at, tzinfo=clock.CHINA))
    for region, department, item, day, number in rows.annotate(n=Count("pk", distinct=True)):
        yield Line(f"{OWNER}.{name}", day, region, department, item, number)


def _days_used(first: date, last: date) -> Iterator[Line]:
    decided = Case.objects.permits().filter(decided_at__range=span(first, last), accepted_at__isnull=False)
    calendars = {
        code: calendar_for(code) for code in decided.order_by().values_list("region_code", flat=True).distinct()
    }
    for one in decided.select_related("item").prefetch_related("pauses").iterator(2000):
        assert one.decided_at is not None
        used = deadlines.days_used(one, one.decided_at, calendars[one.region_code])
        day = clock.local_day(one.decided_at)
        yield Line(f"{OWNER}.days_used", day, one.region_code, one.department_id, one.item.key, used)


def item_names(wanted: Iterable[str]) -> dict[str, str]:
    """Titles of items by key, in the reader's language."""
    items = Item.objects.filter(key__in=list(wanted)).order_by("pk")
    return {one.key: one.title_en if english() else one.title for one in items}


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first instant of a day to the last of another, in China."""
    return (
        datetime.combine(first, datetime.min.time(), clock.CHINA),
        datetime.combine(last, datetime.max.time(), clock.CHINA),
    )
