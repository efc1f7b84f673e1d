"""A special procedure that takes longer than was said: more time with its reason, and a reminder once it is over."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.queries import calendar_for, may_move
from hexi.blocks.cases import deadlines, letters, procedures, telling
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Clock, Pause
from hexi.blocks.cases.steps import locked, step
from hexi.kernel import clock
from hexi.kernel.actors import Actor

LONGEST = 1000


def prolong(case: Case, *, days: int, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """Plan so many working days more; the old end stays on record, the new one is told in writing with the reason.

    They follow the old end; once that is past they are what is needed from today on.
    """
    if not 1 <= days <= LONGEST:
        raise ValidationError({"days": _("请写明还需要几个工作日。")})
    with step(case, "prolong", by=by, revision=revision, opinion=opinion) as one:
        pause = one.case.pauses.filter(end=None).first()
        if pause is None:
            raise ValidationError(_("没有正在进行的特别程序。"))
        if procedures.timed_by_law(one.case, pause):
            raise ValidationError(_("听证和征求利害关系人意见的时间由法律规定，不能延长。"))
        if procedures.planned_end(one.case, pause) < one.at:
            spent = calendar_for(one.case.region_code).working_days(*map(clock.local_day, (pause.start, one.at)))
            pause.planned_days = spent
        pause.planned_days += days
        pause.save(update_fields=["planned_days"])
        one.case.clocks.filter(kind=Clock.Kind.SPECIAL, stopped_at=None).update(amount=pause.planned_days)
        deadlines.recount(one.case, f"prolonged by {days}: {one.opinion}")
        one.note.facts |= {"procedure": pause.procedure, "days": days}
        titles, end = definition(one.case.version).procedures, procedures.planned_end(one.case, pause)
        one.letter = letters.write(
            one.case, "prolonged", by=by, reason=one.opinion, days=days,
            until=letters.on_paper_day(end, may_move(one.case.region_code, end)),
            procedure=titles.get(pause.procedure, pause.procedure),
        )  # fmt: skip
    return one.case


def remind(case: Case, *, by: Actor) -> bool:
    """Tell the office that a procedure's planned end has passed without a result; once for each planned end.

    Done by a job that may run late and twice at once. False if there was nothing (left) to tell.
    """
    with change(by, "cases.procedure_over", case) as note:
        case = locked(case)
        pause = procedures.over().filter(case=case).first()
        if pause is None:
            note.facts["nothing"] = True
            return False
        Pause.objects.filter(pk=pause.pk).update(reminded_at=note.at)
        telling.procedure_over(case, pause, by)
    return True
