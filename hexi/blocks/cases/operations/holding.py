"""Clocks within a step of another kind of case: more time, standing still, going on. For operations of domains."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.models import Clock, Pause
from hexi.blocks.cases.steps import Step


def more_time(one: Step, kind: str, amount: int) -> None:
    """Lengthen a running clock by so much of its unit; the old due stays on record."""
    found = one.case.clocks.filter(kind=kind, stopped_at=None).first()
    if found is None:
        raise ValidationError(_("没有正在计时的期限，不能延长。"))
    found.amount += amount
    found.save(update_fields=["amount"])
    deadlines.recount(one.case, f"longer by {amount}: {one.opinion}")


def hold(one: Step, procedure: str, *, days: int, reason: str) -> None:
    """Let every clock of the case stand still, for `days` working days of its region; once while it is open.

    The special clock runs meanwhile: its due is the planned end, and `procedures.late_clocks` finds those past it.
    """
    if one.case.pauses.filter(end=None).exists():
        raise ValidationError(_("计时已经暂停。"))
    Pause.objects.create(case=one.case, procedure=procedure, reason=reason, planned_days=days, start=one.at)
    deadlines.start(one.case, Clock.Kind.SPECIAL, at=one.at, limit=Limit(days))
    deadlines.recount(one.case, f"pause: {procedure}")


def hold_longer(one: Step, *, days: int) -> None:
    """Plan so many working days more for the pause that is open; the old end stays on record."""
    pause = one.case.pauses.filter(end=None).first()
    if pause is None:
        raise ValidationError(_("计时没有暂停。"))
    pause.planned_days += days
    pause.save(update_fields=["planned_days"])
    one.case.clocks.filter(kind=Clock.Kind.SPECIAL, stopped_at=None).update(amount=pause.planned_days)
    deadlines.recount(one.case, f"pause longer by {days}")


def go_on(one: Step, *, at: datetime | None = None) -> None:
    """Let them run again from `at` (default: now); what the pause took until then does not count."""
    if not one.case.pauses.filter(end=None).update(result=one.opinion):
        raise ValidationError(_("计时没有暂停。"))
    deadlines.end_pauses(one.case, at=at or one.at)
    deadlines.recount(one.case, "pause ended")


def run_again(one: Step, kind: str) -> None:
    """Let a clock that was stopped run on: from its stop until now does not count. One that was late stays late."""
    found = one.case.clocks.filter(kind=kind).first()
    if found is None or found.stopped_at is None:
        return
    Pause.objects.create(
        case=one.case, procedure=kind, reason=one.opinion, planned_days=0, start=found.stopped_at, end=one.at
    )
    found.stopped_at = found.met = None
    found.save(update_fields=["stopped_at", "met"])
    deadlines.recount(one.case, "handed back")
