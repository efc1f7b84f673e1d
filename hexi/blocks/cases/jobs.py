"""What happens later: acceptance by law, certificates of granted cases, clocks after a calendar change."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from django.db.models import QuerySet

from hexi.blocks.calendars.queries import prefix
from hexi.blocks.cases import fees, import_runs, operations, queries, selfcheck
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.operations import drafting
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.money.models import Charge, Refund
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.jobs import enqueue

log = logging.getLogger(__name__)


def accept_by_law() -> int:
    """Sweep for lapsed notice clocks. May run late or twice: the operation looks again under its lock."""
    return _each(queries.notice_lapsed(), lambda pk: operations.accept_deemed(Case(pk=pk), by=System("law")))


def withdraw_lapsed() -> int:
    """Sweep for promises whose term ended without the material. May run late or twice, as the law's acceptance."""
    return _each(queries.promise_lapsed(), lambda pk: operations.lapse(Case(pk=pk), by=System("law")))


def renew_by_law() -> int:
    """Sweep for renewals asked for in time and undecided at the end of the old term. May run late or twice."""
    law = System("law")
    return _each(queries.renewal_lapsed(), lambda pk: operations.renew_deemed(Case.objects.get(pk=pk), by=law))


def certify(case: int, by: str = "") -> bool:
    """Issue what a granted case ends in; nothing to do (False) if a clerk was faster, or while a fee is owed.

    A fee that went back is charged anew first.
    """
    found = Case.objects.select_related("version").get(pk=case)
    if found.state == State.CERTIFYING and fees.given_back(found):
        fees.charge_again(found, by=System("certificates"))
    elif found.state == State.CERTIFYING and not fees.unpaid(found):
        with suppress(Stale):
            operations.certify(found, by=System("certificates"))
            return True
    return False


def certify_paid(charge: Charge, by: Actor) -> None:
    """Listener: a fee is paid; the case that waited for it goes on soon."""
    if charge.kind == fees.KIND:
        enqueue(certify, case=int(charge.ref), by=by.key)


def charge_returned(refund: Refund, by: Actor) -> None:
    """Listener: a fee went back; if its certificate still waits, it is soon charged anew."""
    certify_paid(refund.payment.charge, by)


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


def import_items(run: int, by: str = "") -> None:
    """Look a sheet over, or take it in; one that died goes on where it stopped."""
    import_runs.carry_on(run)


def publish_planned() -> dict[str, int]:
    """Put into force the drafts of items whose day has come; late or twice, it is the same."""
    return drafting.publish_planned()


def self_check() -> int:
    """Look every night for what is missing or cannot be found; the number of findings."""
    return len(selfcheck.run(by=System("self-check")).findings)


def _each(cases: QuerySet[Case], do: Callable[[int], bool]) -> int:
    """Do it to each case, return to how many it was done; one that fails is logged and does not hold up the others."""
    done = 0
    for pk in list(cases.order_by("pk").values_list("pk", flat=True)):
        try:
            done += do(pk)
        except Exception:
            log.exception("case %s", pk)
    return done
