"""What happens later: acceptance by law, certificates of granted cases, clocks after a calendar change."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from django.db.models import QuerySet

from hexi.blocks.calendars.queries import prefix
from hexi.blocks.cases import operations, queries
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.kernel import clock
from hexi.kernel.actors import System
from hexi.kernel.jobs import enqueue

log = logging.getLogger(__name__)


def accept_by_law() -> int:
    """Sweep for lapsed notice clocks. May run late or twice: the operation looks again under its lock."""
    return _each(queries.notice_lapsed(), lambda pk: operations.accept_deemed(Case(pk=pk), by=System("law")))


def certify(case: int, by: str = "") -> bool:
    """Issue what a granted case ends in; nothing to do (False) if a clerk was faster."""
    found = Case.objects.select_related("version").get(pk=case)
    if found.state == State.CERTIFYING:
        with suppress(Stale):
            operations.certify(found, by=System("certificates"))
            return True
    return False


def recount(region_code: str, first: str) -> int:
    """Recompute clocks after a calendar change from `first` (ISO day) on."""
    return operations.recount_open(
        region_code, date.fromisoformat(first), why="calendar changed", by=System("calendar")
    )


def recount_later(calendar: object, first: date, last: date, by: object) -> None:
    """Listener: a calendar changed; its clocks are recounted soon, outside the transaction of the change."""
    enqueue(recount, region_code=prefix(calendar), first=first.isoformat())


def certify_waiting() -> int:
    """Certify what was granted and not certified: the worker was down, or a try failed for good."""
    return _each(Case.objects.filter(state=State.CERTIFYING), certify)


def recount_daily() -> int:
    """Mend what a calendar change and a step at the same moment may have missed: every running clock, once a day."""
    return operations.recount_open("", clock.today(), why="daily check", by=System("calendar"))


def _each(cases: QuerySet[Case], do: Callable[[int], bool]) -> int:
    """Do it to each case, return to how many it was done; one that fails is logged and does not hold up the others."""
    done = 0
    for pk in list(cases.order_by("pk").values_list("pk", flat=True)):
        try:
            done += do(pk)
        except Exception:
            log.exception("case %s", pk)
    return done
