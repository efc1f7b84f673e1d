"""Examination, review, decision; extension, special procedures, termination (行政许可法 art. 34–45)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import deadlines, letters
from hexi.blocks.cases.definitions import definition, stage_after
from hexi.blocks.cases.hooks import case_decided
from hexi.blocks.cases.models import Case, Clock, Extension, Pause
from hexi.blocks.cases.states import PROCEDURES, Outcome, State
from hexi.blocks.cases.steps import Step, step
from hexi.kernel.actors import Actor


def examine(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """Write the examiner's opinion and pass the case on."""
    with step(case, "examine", by=by, revision=revision, opinion=opinion) as one:
        _no_open_pause(one.case)
        one.case.state, one.public = stage_after(one.case), False
    return one.case


def review(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """Write the reviewer's opinion and pass the case on."""
    with step(case, "review", by=by, revision=revision, opinion=opinion) as one:
        _no_open_pause(one.case)
        one.case.state, one.public = stage_after(one.case), False
    return one.case


def send_back(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """Have the case examined again; the clocks run on."""
    with step(case, "send_back", by=by, revision=revision, opinion=opinion) as one:
        one.case.state, one.public = State.EXAMINING, False
    return one.case


def grant(case: Case, *, by: Actor, opinion: str = "", revision: int | None = None) -> Case:
    """Decide for the applicant; what was granted is now to be certified and delivered within ten days (art. 44)."""
    with step(case, "grant", by=by, revision=revision, opinion=opinion) as one:
        _decided(one, Outcome.GRANTED)
        one.case.state = State.CERTIFYING
        deadlines.start(one.case, Clock.Kind.DELIVERY, at=one.at, limit=deadlines.DELIVERY)
        one.letter = letters.write(one.case, "granted", by=by, reason=one.opinion)
    return one.case


def refuse(case: Case, *, by: Actor, opinion: str, remedy: str = "", revision: int | None = None) -> Case:
    """Decide against the applicant: reasons and the ways to appeal are told (art. 38(2)), or it cannot be done."""
    remedy = remedy.strip() or definition(case.version).remedy
    if not remedy:
        raise ValidationError({"remedy": _("不予许可必须告知复议和诉讼的途径。")})
    with step(case, "refuse", by=by, revision=revision, opinion=opinion) as one:
        _decided(one, Outcome.REFUSED)
        one.case.state = State.CLOSED
        one.letter = letters.write(one.case, "refused", by=by, reason=one.opinion, remedy=remedy)
    return one.case


def extend(case: Case, *, days: int, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """The one extension of the legal clock, by its approver, at most ten working days, reason told (art. 42(1))."""
    if not 1 <= days <= deadlines.LONGEST_EXTENSION:
        raise ValidationError({"days": _("只能延长 1 到 %(n)s 个工作日。") % {"n": deadlines.LONGEST_EXTENSION}})
    with step(case, "extend", by=by, revision=revision, opinion=opinion) as one:
        legal = one.case.clocks.filter(kind=Clock.Kind.LEGAL, stopped_at=None).first()
        if legal is None:
            raise ValidationError(_("这件办件没有正在计时的法定期限，不能延长。"))
        if legal.due is not None and legal.due < one.at:
            raise ValidationError(_("法定期限已过，不能再延长。请尽快作出决定。"))
        if Extension.objects.filter(case=one.case).exists():
            raise ValidationError(_("期限只能延长一次，这件已经延长过。"))
        Extension.objects.create(case=one.case, days=days, reason=one.opinion, approved_by=by.name, at=one.at)
        legal.amount += days
        legal.save(update_fields=["amount"])
        deadlines.recount(one.case, f"extended by {days}: {one.opinion}")
        one.note.facts["days"] = days
        one.letter = letters.write(one.case, "extension", by=by, reason=one.opinion, days=days)
    return one.case


def pause(
    case: Case, *, procedure: str, planned_days: int, by: Actor, opinion: str, revision: int | None = None
) -> Case:
    """Start a special procedure: its time does not count, and the time it needs is told in writing (art. 45)."""
    if procedure not in PROCEDURES:
        raise ValidationError({"procedure": _("请选择一种特别程序。")})
    if planned_days < 1:
        raise ValidationError({"planned_days": _("请写明预计需要几个工作日。")})
    with step(case, "pause", by=by, revision=revision, opinion=opinion) as one:
        _no_open_pause(one.case)
        Pause.objects.create(
            case=one.case, procedure=procedure, reason=one.opinion, planned_days=planned_days, start=one.at
        )
        deadlines.recount(one.case, f"pause: {procedure}")
        one.note.facts["procedure"] = procedure
        one.letter = letters.write(
            one.case, "pause", by=by, reason=one.opinion, procedure=str(PROCEDURES[procedure]), days=planned_days
        )
    return one.case


def resume(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """End the special procedure with its result; the clocks run again and the dues move by what it took."""
    with step(case, "resume", by=by, revision=revision, opinion=opinion) as one:
        ended = one.case.pauses.filter(end=None).update(end=one.at, result=one.opinion)
        if not ended:
            raise ValidationError(_("没有正在进行的特别程序。"))
        deadlines.recount(one.case, "pause ended")
    return one.case


def terminate(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """End without a decision, because the matter has gone (the applicant died, the object is no more)."""
    with step(case, "terminate", by=by, revision=revision, opinion=opinion) as one:
        one.case.state = State.TERMINATED
        one.letter = letters.write(one.case, "terminated", by=by, reason=one.opinion)
    return one.case


def _decided(one: Step, outcome: Outcome) -> None:
    case = one.case
    _no_open_pause(case)
    case.decided_at, case.outcome = one.at, outcome
    deadlines.stop(case, Clock.Kind.LEGAL, Clock.Kind.PROMISED, at=one.at)
    kept = case.clocks.filter(kind__in=(Clock.Kind.LEGAL, Clock.Kind.PROMISED))
    late = kept.filter(met=False).exists()
    one.count(**{outcome.value: 1}, late=int(late), in_time=int(not late), days_used=deadlines.days_used(case, one.at))
    one.rings(case_decided)


def _no_open_pause(case: Case) -> None:
    if case.pauses.filter(end=None).exists():
        raise ValidationError(_("特别程序还没有结束。请先填写结果，结束特别程序。"))
