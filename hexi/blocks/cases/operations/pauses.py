"""Clocks that stand for a hearing or for views: a case has one open pause, and what overlapped it goes on after it."""

from datetime import datetime

from hexi.blocks.cases import deadlines, letters, procedures
from hexi.blocks.cases.definitions import THIRD_PARTY, definition
from hexi.blocks.cases.models import Case, Hearing, Pause
from hexi.kernel.actors import Actor

HEARING = procedures.HEARING


def for_hearing(case: Case, hearing: Hearing, *, at: datetime, reason: str = "") -> None:
    """The clocks stand until the minutes are signed (art. 45)."""
    Pause.objects.create(
        case=case, procedure=HEARING, reason=reason or hearing.reason, planned_days=procedures.HOLD.amount, start=at
    )
    deadlines.recount(case, f"pause: {HEARING}")


def for_views(case: Case, *, at: datetime, by: Actor) -> None:
    """The clocks stand while a third party is asked, if the law leaves that time out; the applicant is told."""
    asked = definition(case.version).views
    if asked is None or asked.counts or case.pauses.filter(end=None).exists():
        return
    days = asked.limit.amount
    Pause.objects.create(case=case, procedure=THIRD_PARTY, reason=asked.about.zh, planned_days=days, start=at)
    deadlines.recount(case, f"pause: {THIRD_PARTY}")
    letters.write(case, "pause", by=by, reason=asked.about.zh, procedure=asked.title, days=days)


def go_on(case: Case, *, at: datetime, by: Actor) -> None:
    """At `at` a pause ended: from then the clocks stand for a hearing or a view that is waited for beyond it."""
    hearing = procedures.hearing_of(case)
    if hearing and hearing.asked_at and hearing.hold_until and hearing.minuted_at is None and hearing.hold_until > at:
        for_hearing(case, hearing, at=max(at, hearing.asked_at))
        return
    waited = [one.told_at for one in case.third_parties.all() if procedures.view_over(one) > at]
    if waited:
        for_views(case, at=max(at, min(waited)), by=by)
