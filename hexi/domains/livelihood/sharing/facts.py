"""What is counted of sharing: added where it happens, counted again here from the tables, which a test holds equal.

By provider and data set (its 信息资源代码). Above models, beside operations.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases.facts import span
from hexi.blocks.catalog.models import Entry
from hexi.blocks.indicators import operations as indicators
from hexi.blocks.indicators.counted import Line
from hexi.domains.livelihood.sharing.models import Application, Called, Use
from hexi.domains.livelihood.sharing.states import State
from hexi.kernel import clock

OWNER = "sharing"
TITLES = {
    f"{OWNER}.{name}": title
    for name, title in {
        "received": _("收到共享申请"),
        "granted": pgettext_lazy("count", "同意共享"),
        "refused": pgettext_lazy("count", "不同意共享"),
        "in_time": _("按时决定的共享申请"),
        "days_used": _("决定用去的工作日"),
        "used": _("办事时调用共享数据"),
    }.items()
}


def used(application: Application, day: date, calls: int = 1) -> None:
    """Calls for cases inside the house or through the gateway, in the transaction that keeps them."""
    entry = application.entry
    indicators.add(
        {f"{OWNER}.used": calls}, region=entry.region_code, day=day, department=entry.provider_id, dimension=entry.code
    )


def recount(first: date, last: date) -> Iterator[Line]:
    """Every fact counted from applications and uses, what the roll-up must equal."""
    found: Counter[tuple[str, date, str, int, str]] = Counter()
    rows = Application.objects.select_related("case", "entry").prefetch_related("case__clocks")
    for one in rows.filter(case__submitted_at__range=span(first, last)).iterator(1000):
        found[_at(one.entry, "received", one.case.submitted_at)] += 1
    decided = rows.filter(case__ended_at__range=span(first, last), case__state__in=(State.GRANTED, State.REFUSED))
    for one in decided.iterator(1000):
        for name, number in _decided(one).items():
            found[_at(one.entry, name, one.case.ended_at)] += number
    for use in Use.objects.filter(at__range=span(first, last)).select_related("application__entry").iterator(1000):
        found[_at(use.application.entry, "used", use.at)] += 1
    for one in Called.objects.filter(day__range=(first, last)).select_related("application__entry").iterator(1000):
        entry = one.application.entry
        found[f"{OWNER}.used", one.day, entry.region_code, entry.provider_id, entry.code] += one.calls
    for (key, day, region, office, code), number in found.items():
        if number:
            yield Line(key, day, region, office, code, number)


def _decided(one: Application) -> dict[str, int]:
    """What the decision added."""
    clocks = list(one.case.clocks.all())
    met = not clocks or any(clock_.met for clock_ in clocks)
    days = calendar_for(one.entry.region_code).working_days(
        clock.local_day(one.case.received_at), clock.local_day(one.case.ended_at)
    )
    return {one.case.state: 1, "in_time": int(met), "days_used": days if clocks else 0}


def _at(entry: Entry, name: str, at: object) -> tuple[str, date, str, int, str]:
    return f"{OWNER}.{name}", clock.local_day(at), entry.region_code, entry.provider_id, entry.code  # type: ignore[arg-type]


def names(codes: Iterable[str]) -> Mapping[str, str]:
    """Titles of data sets by code, in the reader's language."""
    return {one.code: one.name for one in Entry.objects.filter(code__in=list(codes))}


def demo() -> bool:
    """True if papers are marked 演示."""
    return bool(settings.DEMO)
