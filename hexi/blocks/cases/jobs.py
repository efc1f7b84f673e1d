"""What happens later: acceptance by law, certificates of granted cases, clocks after a calendar change."""

import logging
from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from hexi.blocks.calendars.queries import prefix
from hexi.blocks.cases import entry, fees, import_runs, operations, procedures, queries, results, selfcheck
from hexi.blocks.cases.definitions import THIRD_PARTY
from hexi.blocks.cases.models import RULES, Case, Pause, ThirdParty
from hexi.blocks.cases.operations import concerned, drafting, hearings, prolonging, rescheduled
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.money.models import Charge, Refund
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.fixed import Fixed, Given
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


def count_late_hearings() -> int:
    """Sweep for hearings whose twenty days ended without minutes: the clocks run again. May run late or twice."""
    waiting = Pause.objects.filter(
        procedure=hearings.KIND, end=None, case__in=procedures.late_hearings().values("case")
    )
    found = Case.objects.filter(pk__in=waiting.values("case"))
    return _each(found, lambda pk: hearings.end_hearing_pause(Case(pk=pk), by=System("law")))


def end_party_pauses() -> int:
    """Sweep for third parties whose time for a view is over: the clocks run again. May run late or twice."""
    waited = ThirdParty.objects.filter(stated_at=None, until__gte=clock.now())
    paused = Pause.objects.filter(procedure=THIRD_PARTY, end=None).exclude(case__in=waited.values("case"))
    found = Case.objects.filter(pk__in=paused.values("case"))
    return _each(found, lambda pk: concerned.end_party_pause(Case(pk=pk), by=System("law")))


_CASE = Fixed(lambda: Case.objects.select_related("version").defer(*RULES).filter(pk=Given("case")))


def certify(case: int, by: str = "") -> bool:
    """Issue what a granted case ends in; nothing to do (False) if a clerk was faster, or while a fee is owed.

    Nor while the certificate it changes is held: the sweep makes it once that counts again.
    A fee that went back is charged anew first.
    """
    found = _CASE.get(case=case)
    if found.state == State.CERTIFYING and fees.given_back(found):
        fees.charge_again(found, by=System("certificates"))
    elif found.state == State.CERTIFYING and not fees.unpaid(found):
        try:
            operations.certify(found, by=System("certificates"))
            return True
        except ValidationError as error:
            if not isinstance(error, Stale) and not results.waits(found):
                raise
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


def tell_moved(cases: list[int], why: str, by: str = "") -> int:
    """Tell of the due dates a calendar change moved; late, twice or cut off in the middle, everybody is told once."""
    return rescheduled.tell_moved(cases, why, by=System("calendar"))


def certify_waiting() -> int:
    """Certify what was granted and not certified: the worker was down, or a try failed for good."""
    return _each(Case.objects.permits().filter(state=State.CERTIFYING), certify)


def remind_procedures() -> int:
    """Sweep for special procedures past their planned end: the office is told. May run late or twice."""
    found = Case.objects.filter(pk__in=procedures.over().values("case"))
    return _each(found, lambda pk: prolonging.remind(Case(pk=pk), by=System("calendar")))


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


def drop_left() -> int:
    """Take away files of calls to the API that were cut off in the middle; late or twice, it is the same."""
    return entry.drop_left(by=System("api"))


def _each(cases: QuerySet[Case], do: Callable[[int], bool]) -> int:
    """Do it to each case, return to how many it was done; one that fails is logged and does not hold up the others."""
    done = 0
    for pk in list(cases.order_by("pk").values_list("pk", flat=True)):
        try:
            done += do(pk)
        except Exception:
            log.exception("case %s", pk)
    return done
