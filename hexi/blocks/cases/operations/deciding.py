"""Examination, review, decision; extension, special procedures, termination (行政许可法 art. 34–45)."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.cases import deadlines, joint, letters, quotas, rulings, waiting
from hexi.blocks.cases.definitions import THIRD_PARTY, definition, stage_after
from hexi.blocks.cases.hooks import case_decided
from hexi.blocks.cases.models import Case, Clock, Extension, Pause, clocks_of
from hexi.blocks.cases.operations import pauses
from hexi.blocks.cases.procedures import hearing_holds, require_ready
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.cases.steps import Step, step
from hexi.kernel.actors import Actor


def examine(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """Write the examiner's opinion and pass the case on."""
    with step(case, "examine", by=by, revision=revision, opinion=opinion) as one:
        _no_open_pause(one.case)
        one.case.state, one.public = joint.after_examination(one.case), False
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


def grant(
    case: Case, *, by: Actor, opinion: str = "", decision: str = "", parts: Mapping[str, str] | None = None,
    where: str = "", revision: int | None = None,
) -> Case:  # fmt: skip
    """Decide for the applicant; what was granted is now to be certified and delivered within ten days (art. 44).

    `decision`, `parts` and `where` are for items that know several ways or hand files over (`rulings.ruling`).
    """
    with step(case, "grant", by=by, revision=revision, opinion=opinion) as one:
        made = rulings.ruling(one.case, decision, parts or {}, where)
        _decided(one, Outcome.GRANTED)
        quotas.take(one.case)
        one.case.state = State.CERTIFYING
        one.case.decision = made.decision.key
        deadlines.start(one.case, Clock.Kind.DELIVERY, at=one.at, limit=definition(one.case.version).delivery)
        one.letter = letters.write(
            one.case, "partly" if made.decision.partial else "granted", by=by, reason=one.opinion,
            conditions=joint.conditions(one.case), parts=made.parts, files=made.files, where_to=made.where,
        )  # fmt: skip
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
    """The one extension of the legal clock, by its approver, as long as the law allows, reason told (art. 42(1))."""
    return lengthen(case, "extend", days=days, by=by, opinion=opinion, revision=revision)


def lengthen(case: Case, action: str, *, days: int, by: Actor, opinion: str, revision: int | None) -> Case:
    """The extension itself, by whoever the action asks for."""
    rules = definition(case.version)
    longest, by_government = rules.extension, action == "extend_joint"
    if longest is None:
        raise ValidationError(_("这个事项没有规定可以延长期限。"))
    if not 1 <= days <= longest.amount:
        raise ValidationError({"days": _("只能延长 1 到 %(n)s 个工作日。") % {"n": longest.amount}})
    with step(case, action, by=by, revision=revision, opinion=opinion) as one:
        if by_government != rules.national.joint:
            raise ValidationError(
                _(
                    "几个部门联合办理的，由本级人民政府负责人批准延长；其他的由本机关负责人批准（行政许可法第四十二条）。"
                )
            )
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
        kind = "extension_joint" if by_government else "extension"
        one.letter = letters.write(one.case, kind, by=by, reason=one.opinion, days=days)
    return one.case


def pause(
    case: Case, *, procedure: str, planned_days: int, by: Actor, opinion: str, revision: int | None = None
) -> Case:
    """Start a special procedure: its time does not count, and the time it needs is told in writing (art. 45)."""
    procedures = definition(case.version).procedures
    if procedure not in procedures:
        raise ValidationError({"procedure": _("请选择一种特别程序。")})
    if planned_days < 1:
        raise ValidationError({"planned_days": _("请写明预计需要几个工作日。")})
    with step(case, "pause", by=by, revision=revision, opinion=opinion) as one:
        _no_open_pause(one.case)
        Pause.objects.create(
            case=one.case, procedure=procedure, reason=one.opinion, planned_days=planned_days, start=one.at
        )
        deadlines.recount(one.case, f"pause: {procedure}")
        # the time it was said to need runs for all to see: red when it is over and no result is there
        planned = deadlines.start(one.case, Clock.Kind.SPECIAL, at=one.at, limit=Limit(planned_days))
        one.note.facts["procedure"] = procedure
        one.letter = letters.write(
            one.case, "pause", by=by, reason=one.opinion, procedure=procedures[procedure], days=planned_days,
            until=letters.on_paper_day(planned.due, planned.uncertain),
        )  # fmt: skip
    return one.case


def resume(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """End the special procedure with its result; the clocks run again and the dues move by what it took."""
    with step(case, "resume", by=by, revision=revision, opinion=opinion) as one:
        if hearing_holds(one.case):
            raise ValidationError(_("听证还没有结束：由主持人填写听证笔录，期限自动恢复计算。"))
        ended = one.case.pauses.filter(end=None).first()
        if ended is None:
            raise ValidationError(_("没有正在进行的特别程序。"))
        ended.end, ended.result = one.at, one.opinion
        ended.save()
        deadlines.stop(one.case, Clock.Kind.SPECIAL, at=one.at)
        if ended.procedure != THIRD_PARTY:
            pauses.go_on(one.case, at=one.at, by=by)
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
    waiting.require_complete(case)
    require_ready(case, outcome, one.opinion)
    case.decided_at, case.outcome = one.at, outcome
    deadlines.stop(case, Clock.Kind.LEGAL, Clock.Kind.PROMISED, at=one.at)
    late = any(one.kind in (Clock.Kind.LEGAL, Clock.Kind.PROMISED) and one.met is False for one in clocks_of(case))
    one.count(**{outcome.value: 1}, late=int(late), in_time=int(not late), days_used=deadlines.days_used(case, one.at))
    one.rings(case_decided)


def _no_open_pause(case: Case) -> None:
    if any(end is None for _start, end in deadlines.pauses_of(case)):
        raise ValidationError(_("特别程序还没有结束。请先填写结果，结束特别程序。"))
