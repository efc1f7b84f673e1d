"""立案 to 评价: the steps after a report. Who handles neither files, verifies, decides on delays nor evaluates."""

from collections.abc import Iterable
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.cases import deadlines, procedures
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.operations import holding
from hexi.blocks.cases.operations.opening import close_beside, give, own_step
from hexi.blocks.cases.steps import Step, locked, step
from hexi.blocks.documents import operations as documents
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import figures, rules, telling
from hexi.domains.livelihood.grid.models import Evaluation, Incident, Round, Wish
from hexi.domains.livelihood.grid.operations.reporting import AFTER, IMAGES, KEPT, MOST_PHOTOS, few
from hexi.domains.livelihood.grid.states import HOLD, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System

Revision = int | None


def file(case: Case, *, by: Actor, opinion: str = "", revision: Revision = None) -> Case:
    """立案: the report is true and one of ours; it waits for dispatch."""
    with step(case, "file", by=by, revision=revision, opinion=opinion) as one:
        incident = incident_of(one.case)
        deadlines.stop(one.case, "file", at=one.at)
        _start(one, "dispatch")
        one.case.state = State.FILED
        figures.count(incident, incident.centre_id, one.at, filed=1)
    return one.case


def cancel(case: Case, *, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """不予立案: it does not meet the condition, or is there already."""
    with step(case, "cancel", by=by, revision=revision, opinion=opinion) as one:
        one.case.state = State.CANCELLED
        incident = incident_of(one.case)
        figures.count(incident, incident.centre_id, one.at, cancelled=1)
    return one.case


def dispatch(case: Case, *, unit: Department, by: Actor, opinion: str = "", revision: Revision = None) -> Case:
    """派遣: to the unit that is to handle it; from here its clock runs (again, where another had it before)."""
    with step(case, "dispatch", by=by, revision=revision, opinion=opinion) as one:
        incident = incident_of(one.case)
        if unit.pk == incident.centre_id:
            raise ValidationError({"unit": _("立案和核查的单位不能自己处置（监管分离）。请选择处置部门。")})
        if not unit.active:
            raise ValidationError({"unit": _("%(name)s已停用，请选择别的部门。") % {"name": unit.title}})
        deadlines.stop(one.case, "dispatch", at=one.at)
        deadlines.start(one.case, "handle", at=one.at, limit=incident.limit)
        _send(one, incident, unit)
    return one.case


def handle(
    case: Case, *, by: Actor, opinion: str, revision: Revision = None, photos: Iterable[tuple[BinaryIO, str]] = ()
) -> Case:
    """处置: the unit says what it did, with photos from after; the clock stops."""
    incident, given = incident_of(case), few(photos)
    with step(case, "handle", by=by, revision=revision, opinion=opinion) as one:
        for content, name in given:
            documents.store(
                content, name=name, by=by, thing=(KEPT, str(incident.pk)), slot=AFTER, accept=IMAGES, most=MOST_PHOTOS,
                title=_("处置后照片"),
            )  # fmt: skip
        if _held(one.case):
            _go_on(one)
        _drop_wishes(one, incident)
        deadlines.stop(one.case, "handle", at=one.at)
        round_ = _round(incident)
        round_.handled_at, round_.handled_by, round_.handled_name = one.at, by.key, by.name
        round_.result = one.opinion
        round_.save(update_fields=["handled_at", "handled_by", "handled_name", "result"])
        one.office = round_.unit.name
        one.case.state = State.HANDLED
        give(one, incident.centre)
        figures.count(incident, round_.unit_id, one.at, handled=1)
    return one.case


def give_back(case: Case, *, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """退回: the unit is not competent; the centre dispatches anew."""
    with step(case, "give_back", by=by, revision=revision, opinion=opinion) as one:
        incident = incident_of(one.case)
        if _held(one.case):
            _go_on(one)
        _drop_wishes(one, incident)
        deadlines.stop(one.case, "handle", at=one.at)
        round_ = _end(one, incident, Round.Outcome.RETURNED)
        one.office = round_.unit.name
        _start(one, "dispatch")
        one.case.state = State.FILED
        give(one, incident.centre)
        figures.count(incident, round_.unit_id, one.at, returned=1)
    return one.case


def feedback(case: Case, *, by: Actor, opinion: str = "", revision: Revision = None) -> Case:
    """反馈: the centre passes on what the unit reports; somebody goes and looks."""
    with step(case, "feedback", by=by, revision=revision, opinion=opinion) as one:
        require_apart(by, incident_of(one.case))
        _start(one, "verify")
        one.case.state = State.VERIFYING
    return one.case


def send_back(case: Case, *, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """退回重办: what the unit reports does not show that it is done."""
    with step(case, "send_back", by=by, revision=revision, opinion=opinion) as one:
        _redo(one)
    return one.case


def rework(case: Case, *, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """返工: on the spot it is not done; the unit's clock runs on, without the time the check took."""
    with step(case, "rework", by=by, revision=revision, opinion=opinion) as one:
        deadlines.stop(one.case, "verify", at=one.at)
        _redo(one)
    return one.case


def close(case: Case, *, by: Actor, opinion: str = "", revision: Revision = None) -> Case:
    """核查结案: seen to be done by somebody who neither handled it nor belongs to who did."""
    with step(case, "close", by=by, revision=revision, opinion=opinion) as one:
        incident = incident_of(one.case)
        require_apart(by, incident)
        round_ = _end(one, incident, Round.Outcome.PASSED)
        met = one.case.clocks.filter(kind="handle").values_list("met", flat=True).first()
        incident.closed_at, incident.unit, incident.in_time = one.at, round_.unit, bool(met)
        incident.save(update_fields=["closed_at", "unit", "in_time"])
        one.case.state = State.CLOSED
        close_beside(one.case, by=by, at=one.at)
        late = int(not met)
        figures.count(incident, round_.unit_id, one.at, closed=1, in_time=1 - late, late=late)
        figures.count_cell(incident.cell, one.at, closed=1, late=late)
    return one.case


def void(case: Case, *, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """作废: it should not have been entered."""
    with step(case, "void", by=by, revision=revision, opinion=opinion) as one:
        incident = incident_of(one.case)
        if incident.rounds.filter(judged_at=None).exists():
            _end(one, incident, Round.Outcome.STOPPED)
        _drop_wishes(one, incident)
        one.case.state = State.VOID
        close_beside(one.case, by=by, at=one.at)
        figures.count(incident, incident.centre_id, one.at, void=1)
    return one.case


def evaluate(case: Case, *, level: int, by: Actor, opinion: str = "", revision: Revision = None) -> Case:
    """综合评价: once, from 5 to 1, by who had no hand in it."""
    if not 1 <= level <= 5:
        raise ValidationError({"level": _("请选择 1 到 5 分。")})
    with step(case, "evaluate", by=by, revision=revision, opinion=opinion) as one:
        incident = incident_of(one.case)
        require_apart(by, incident)
        if Evaluation.objects.filter(incident=incident).exists():
            raise ValidationError(_("这件已经评价过。"))
        Evaluation.objects.create(
            incident=incident, level=level, text=one.opinion[:500], at=one.at, by_key=by.key, by_name=by.name
        )
        figures.count(incident, incident.unit_id or incident.centre_id, one.at, rated=1, points=level)
    return one.case


# --- more time --------------------------------------------------------------------------------------------------------
def ask_delay(case: Case, *, amount: int, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """延期: the unit asks for so much more, in the unit of its clock."""
    return _ask(case, Wish.Kind.DELAY, amount, by, opinion, revision)


def ask_hold(case: Case, *, amount: int, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """挂账: it cannot be done now (no part, winter); the unit asks that the clock stand still for so many days."""
    return _ask(case, Wish.Kind.HOLD, amount, by, opinion, revision)


def ask_longer(case: Case, *, amount: int, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """延长挂账: the planned days will not do; the unit asks for so many working days more."""
    return _ask(case, Wish.Kind.LONGER, amount, by, opinion, revision)


def _ask(case: Case, kind: Wish.Kind, amount: int, by: Actor, opinion: str, revision: Revision) -> Case:
    if not 1 <= amount <= 365:
        raise ValidationError({"amount": _("请填写 1 到 365 之间的整数。")})
    with step(case, f"ask_{kind}", by=by, revision=revision, opinion=opinion) as one:
        incident = incident_of(one.case)
        if incident.wishes.filter(decided_at=None).exists():
            raise ValidationError(_("已有一项申请等待决定，不能再提。"))
        held = _held(one.case)
        if held and kind != Wish.Kind.LONGER:
            raise ValidationError(_("正在挂账，计时已经停止。还要更久，请申请延长挂账。"))
        if not held and kind == Wish.Kind.LONGER:
            raise ValidationError(_("现在没有挂账，可能已经到期。请刷新页面。"))
        Wish.objects.create(
            incident=incident, kind=kind, amount=amount, reason=one.opinion, unit=one.case.department, asked_by=by.key,
            asked_name=by.name, asked_at=one.at,
        )  # fmt: skip
    return one.case


def grant(case: Case, *, by: Actor, opinion: str = "", revision: Revision = None) -> Case:
    """What the unit asked for is granted, by another than who asked."""
    with step(case, "grant", by=by, revision=revision, opinion=opinion) as one:
        wish = _decide(one, granted=True)
        if wish.kind == Wish.Kind.DELAY:
            holding.more_time(one, "handle", wish.amount)
            figures.count(wish.incident, wish.unit_id, one.at, delayed=1)
        elif wish.kind == Wish.Kind.LONGER and _held(one.case):
            holding.hold_longer(one, days=wish.amount)
        else:  # a hold that ended while it was asked to be longer begins anew
            holding.hold(one, HOLD, days=wish.amount, reason=wish.reason)
            figures.count(wish.incident, wish.unit_id, one.at, held=int(wish.kind == Wish.Kind.HOLD))
    return one.case


def refuse(case: Case, *, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """It is not granted; the clock runs as before."""
    with step(case, "refuse", by=by, revision=revision, opinion=opinion) as one:
        _decide(one, granted=False)
    return one.case


def resume(case: Case, *, by: Actor, opinion: str, revision: Revision = None) -> Case:
    """The end of 挂账: the clock runs again."""
    with step(case, "resume", by=by, revision=revision, opinion=opinion) as one:
        _go_on(one)
    return one.case


def end_hold(case: Case, *, by: Actor) -> bool:
    """The planned days of 挂账 are over: the clock runs on from that moment, and centre and unit are told.

    Done by a job that may run late and twice at once. False if there is nothing (left) to end.
    """
    with transaction.atomic():
        case = locked(case)
        planned = procedures.late_clocks().filter(case=case).first()
        if planned is None:
            return False
        with own_step(case, "hold_over", by=by, states=(State.HANDLING,)) as one:
            holding.go_on(one, at=planned.due)
        telling.hold_over(incident_of(one.case), planned.due, by)
    return True


def _held(case: Case) -> bool:
    return case.pauses.filter(end=None).exists()


def _go_on(one: Step) -> None:
    """挂账 ends now; at its planned end if that is past, as the job that ends it may be late: the clock ran since."""
    planned = procedures.late_clocks().filter(case=one.case).first()
    holding.go_on(one, at=planned.due if planned else None)


def _decide(one: Step, *, granted: bool) -> Wish:
    incident = incident_of(one.case)
    wish = incident.wishes.filter(decided_at=None).select_related("incident__centre").first()
    if wish is None:
        raise ValidationError(_("没有等待决定的申请，可能已经决定。请刷新页面。"))
    if wish.asked_by == one.by.key:
        raise Denied(_("申请要由另一个人决定，不能自己批准自己。"))
    require_apart(one.by, incident)
    wish.decided_by, wish.decided_at, wish.granted = one.by.key, one.at, granted
    wish.save(update_fields=["decided_by", "decided_at", "granted"])
    return wish


# --- what the steps share ---------------------------------------------------------------------------------------------
def incident_of(case: Case) -> Incident:
    """What was found."""
    return Incident.objects.select_related("centre", "cell", "rule").get(case=case)


def require_apart(by: Actor, incident: Incident) -> None:
    """监管分离: nobody judges what he handled, nor what a unit handled that he may handle for. Or `Denied`."""
    rounds = list(incident.rounds.select_related("unit"))
    own = any(one.handled_by == by.key for one in rounds)
    same = any(by.may("grid.handle", one.unit_id, one.unit.region_code) for one in rounds)
    if own or (same and not isinstance(by, System)):
        raise Denied(_("处置的单位和人员不能核查、结案、评价或批准自己的事（监管分离）。请由网格中心的其他人员办理。"))


def _start(one: Step, key: str) -> None:
    if limit := rules.step_limit(key, clock.local_day(one.at)):
        deadlines.start(one.case, key, at=one.at, limit=limit)


def _send(one: Step, incident: Incident, unit: Department) -> None:
    """A new round with a unit; the case goes there."""
    try:
        Round.objects.create(incident=incident, unit=unit, sent_at=one.at, sent_by=one.by.key)
    except IntegrityError as error:
        raise ValidationError(_("这件已经派遣出去，请刷新页面。")) from error
    one.case.state = State.HANDLING
    give(one, unit)
    figures.count(incident, unit.pk, one.at, dispatched=1)


def _redo(one: Step) -> None:
    """The same unit once more; its clock runs on."""
    incident = incident_of(one.case)
    require_apart(one.by, incident)
    round_ = _end(one, incident, Round.Outcome.REWORK)
    holding.run_again(one, "handle")
    _send(one, incident, round_.unit)
    figures.count(incident, round_.unit_id, one.at, rework=1)
    figures.count_cell(incident.cell, one.at, rework=1)


def _round(incident: Incident) -> Round:
    return incident.rounds.select_related("unit").get(judged_at=None)


def _end(one: Step, incident: Incident, outcome: Round.Outcome) -> Round:
    round_ = _round(incident)
    round_.outcome, round_.judged_at, round_.judged_by = outcome, one.at, one.by.key
    round_.save(update_fields=["outcome", "judged_at", "judged_by"])
    return round_


def _drop_wishes(one: Step, incident: Incident) -> None:
    """What was asked for is no longer needed: it ends undecided, as refused."""
    incident.wishes.filter(decided_at=None).update(decided_at=one.at, granted=False, decided_by="")
