"""Hearings (行政许可法 arts 46–48): told, asked for within 5 days, called 7 days ahead, held within 20, minuted."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars import queries as calendars
from hexi.blocks.cases import deadlines, letters, procedures, telling
from hexi.blocks.cases.models import Case, Clock, Hearing, ThirdParty
from hexi.blocks.cases.operations import pauses
from hexi.blocks.cases.operations.applying import at_counter
from hexi.blocks.cases.operations.concerned import tell_party
from hexi.blocks.cases.operations.proceeding import at_work
from hexi.blocks.cases.parties import acts, acts_as, require_own, stands_in
from hexi.blocks.cases.steps import Step, finish, locked
from hexi.blocks.people import queries as people
from hexi.blocks.people.models import Account
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.ui.words import day, on_paper
from hexi.ui.words import moment as said

KIND = pauses.HEARING


def tell_hearing(case: Case, *, by: Actor, opinion: str) -> Hearing:
    """Tell applicant and third parties that they may ask for a hearing (art. 47(1)); told once."""
    if not opinion.strip():
        raise ValidationError({"opinion": _("请写明为什么要告知听证权利，申请人和利害关系人会看到。")})
    with at_work(case, "hearing_told", by=by, opinion=opinion) as one:
        if procedures.hearing_of(one.case):
            raise ValidationError(_("听证权利已经告知过。"))
        until = procedures.due(one.case, one.at, procedures.ASK)
        hearing = Hearing.objects.create(case=one.case, reason=one.opinion, told_at=one.at, ask_until=until)
        _write(one, "hearing_right", until=said(until))
    return hearing


def ask_hearing(case: Case, *, by: Actor, opinion: str = "", seen: bool = False) -> Hearing:
    """The applicant or a third party asks; the clocks stand still until the minutes are signed (art. 45).

    The window asks for an applicant who came in person once it has `seen` his document.

    Asked in time once, whoever else asks later: there is one hearing.
    """
    with at_work(case, "hearing_asked", by=by, opinion=opinion, right=False) as one:
        who = _who(one, seen)
        hearing = _open(one.case)
        if hearing.asked_at is not None:
            raise ValidationError(_("已经有人要求听证，听证时会通知您。"))
        if one.at > hearing.ask_until:
            raise ValidationError(_("要求听证的期限已过（告知之日起五个工作日）。"))
        hearing.asked_at, hearing.asked_by = one.at, who
        hearing.hold_until = procedures.due(one.case, one.at, procedures.HOLD)
        hearing.save()
        one.office = who
        paused = one.case.pauses.filter(end=None).first()
        if paused is None:
            pauses.for_hearing(one.case, hearing, at=one.at, reason=one.opinion)
        elif paused.procedure == KIND:
            # the office had planned it by hand; from here the law itself says how long it takes
            deadlines.stop(one.case, Clock.Kind.SPECIAL, at=one.at)
    return hearing


def call_hearing(case: Case, *, at: datetime, place: str, presider: Account, by: Actor) -> Hearing:
    """Name time, place and who presides, seven working days ahead; whoever examined the case does not preside."""
    if not place.strip():
        raise ValidationError({"place": _("请写明听证地点。")})
    with at_work(case, "hearing_called", by=by) as one:
        hearing = _open(one.case)
        if hearing.asked_at is None or hearing.hold_until is None:
            raise ValidationError(_("还没有人要求听证。"))
        late = _require_time(one, at, hearing.hold_until)
        if getattr(by, "account_id", None) == presider.pk or presider not in procedures.presiders(one.case):
            raise ValidationError({"presider": _("听证主持人要由本机关没有审查过这件申请的人担任，请换一位。")})
        if acts(people.actor_for(presider), one.case):
            raise ValidationError({"presider": _("主持人与这件申请有直接利害关系，应当回避，请换一位。")})
        hearing.called_at, hearing.held_on, hearing.place, hearing.presider = one.at, at, place.strip(), presider
        hearing.save()
        _write(one, "hearing_notice", when=said(at), place=hearing.place, who=str(presider))
        if late:
            one.note.facts["late"] = True
            with override("zh-hans"), on_paper():
                one.opinion = f"听证应当在{day(hearing.hold_until)}前举行，已经逾期。"
    return hearing


def end_hearing_pause(case: Case, *, by: Actor) -> bool:
    """The twenty days are over without minutes: only they are not counted (art. 45), from there the clocks run again.

    The hearing is still owed, and nothing is decided before it. Done by a job that may run late and twice at once; it
    counts from the end of the twenty days, never from the run. False if there was nothing (left) to do.
    """
    with change(by, "cases.hearing_late", case) as note:
        case = locked(case)
        over = procedures.late_hearings().filter(case=case).values_list("hold_until", flat=True).first()
        if over is None or not case.pauses.filter(procedure=KIND, end=None).exists():
            note.facts["nothing"] = True
            return False
        deadlines.end_pauses(case, at=over)
        pauses.go_on(case, at=over, by=by)
        deadlines.recount(case, "hearing late")
        one = Step(case, by, "hearing_late", note, at=over)
        one.opinion = "要求听证之日起二十个工作日已满，听证笔录没有完成，办理期限恢复计算。"
        finish(one)
    return True


def record_hearing(case: Case, *, minutes: str, signed_by: str, by: Actor) -> Hearing:
    """The presider writes the minutes, signed by those present; the clocks run again, and the decision follows them."""
    faults = {}
    if not minutes.strip():
        faults["minutes"] = _("请写听证笔录：各方陈述、证据、质证和申辩。")
    if not signed_by.strip():
        faults["signed_by"] = _("请写明哪些参加人确认无误并签字。")
    if faults:
        raise ValidationError(faults)
    with at_work(case, "hearing_held", by=by, right=False) as one:
        hearing = _open(one.case)
        if hearing.presider_id is None or hearing.held_on is None:
            raise ValidationError(_("还没有通知听证的时间、地点和主持人。"))
        if hearing.presider_id != getattr(by, "account_id", None):
            raise Denied(_("听证笔录由主持人%(name)s填写。") % {"name": hearing.presider})
        if one.at < hearing.held_on:
            raise ValidationError(_("听证还没有开始，不能填写笔录。"))
        hearing.minutes, hearing.signed_by, hearing.minuted_at = minutes.strip(), signed_by.strip(), one.at
        hearing.save()
        told = one.case.pauses.filter(procedure=KIND, result="")
        if told.filter(end=None).update(end=one.at, result=hearing.minutes):
            deadlines.stop(one.case, Clock.Kind.SPECIAL, at=one.at)
            pauses.go_on(one.case, at=one.at, by=by)
            deadlines.recount(one.case, "hearing ended")
        else:
            told.update(result=hearing.minutes)  # the twenty days were over before
    return hearing


def _open(case: Case) -> Hearing:
    hearing = procedures.hearing_of(case)
    if hearing is None:
        raise ValidationError(_("还没有告知听证权利。"))
    if hearing.minuted_at is not None:
        raise ValidationError(_("听证已经结束，笔录不能再改。"))
    return hearing


def _who(one: Step, seen: bool) -> str:
    """Whom the asker stands for, himself or by mandate: the applicant, or a third party."""
    case, by = one.case, one.by
    if stands_in(by, case):
        require_own(by, case, seen=seen)
        at_counter(one)
        telling.stood_in(case, "cases.asked_here", by)
        return case.applicant_name
    if acts(by, case):
        return case.applicant_name
    for one in case.third_parties.exclude(person=None).select_related("person"):
        if acts_as(by, one.person, case.item.key):
            return one.name
    raise Denied(_("只有申请人和被告知的利害关系人可以要求听证。"))


def _require_time(one: Step, at: datetime, last: datetime) -> bool:
    """Refuse a day too soon, or later than it must be; True if the twenty days can no longer be kept."""
    calendar = calendars.calendar_for(one.case.region_code)
    first = calendar.add(clock.local_day(one.at), procedures.CALL)
    if clock.local_day(at) < first:
        words = _("要提前七个工作日通知，最早可以定在 %(day)s。")
        raise ValidationError({"at": words % {"day": first.isoformat()}})
    late = first > clock.local_day(last)
    if at > last and not late:
        words = _("要在提出之日起二十个工作日内举行，最晚 %(day)s。")
        raise ValidationError({"at": words % {"day": clock.local_day(last).isoformat()}})
    return late


def _write(one: Step, kind: str, **facts: str) -> None:
    one.letter = letters.write(one.case, kind, by=one.by, reason=one.opinion, **facts)
    for party in ThirdParty.objects.filter(case=one.case).select_related("person"):
        letters.write(one.case, kind, by=one.by, to=party, reason=one.opinion, **facts)
        tell_party(party, one.by)
