"""What the window does within five working days (行政许可法 art. 32), and what the law does when it does not."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.queries import may_move
from hexi.blocks.cases import bundled, deadlines, letters, procedures, trust, waiting
from hexi.blocks.cases.definitions import definition, first_stage
from hexi.blocks.cases.hooks import case_accepted
from hexi.blocks.cases.models import Case, Clock
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Step, finish, locked, step
from hexi.kernel.actors import Actor
from hexi.ui.words import day

#: what letters and timelines say by themselves: kept as written, in the law's language
BY_LAW = "收到材料后五个工作日内没有告知，依照行政许可法第三十二条，自收到材料之日起视为受理。"
ALL_AT_ONCE = "请一次补齐以下全部内容。"


def accept(case: Case, *, by: Actor, revision: int | None = None, opinion: str = "") -> Case:
    """Accept: a sealed voucher is written, and the legal and the promised clock start today (art. 32(5), 42).

    With a reason if originals are still to be seen (`trust`): whoever accepts first must know what is missing.
    """
    with step(case, "accept", by=by, revision=revision, opinion=opinion) as one:
        trust.require_reason(one.case, one.opinion)
        from_receipt = definition(one.case.version).national.counts_from == "receipt"
        _accepted(one, moment=one.at, letter="acceptance", counted=one.case.received_at if from_receipt else None)
        one.rings(case_accepted)
    return one.case


def accept_deemed(case: Case, *, by: Actor) -> bool:
    """Accept by law: five working days passed without a notice, so the day of receipt is the day of acceptance.

    Art. 32(4). Done by a job that may run late and twice at once; the date comes from the receipt, never from the run.
    Returns False if there was nothing (left) to do.
    """
    with change(by, "cases.accept_deemed", case) as note:
        case = locked(case)
        notice = case.clocks.filter(kind=Clock.Kind.NOTICE, stopped_at=None).first()
        late = Step(case, by, "accept_deemed", note)
        deems = definition(case.version).deems
        if not deems or case.state not in (State.SUBMITTED, State.RETURNED) or notice is None or notice.due >= late.at:
            note.facts["nothing"] = True
            return False
        case.deemed = True
        late.opinion = BY_LAW
        late.count(deemed=1)
        _accepted(late, moment=case.received_at, letter="deemed")
        late.rings(case_accepted)
        finish(late)
    return True


def give_back(
    case: Case, *, by: Actor, opinion: str, points: dict[str, str] | None = None, revision: int | None = None
) -> Case:
    """预审退回: small errors the applicant can mend at once (art. 32(3)). The five days run on.

    Not after the one notice of what to supplement: that would be a second one by another name.
    """
    _told_once(case)
    with step(case, "give_back", by=by, revision=revision, opinion=opinion) as one:
        one.case.state = State.RETURNED
        one.letter = letters.write(
            one.case, "give_back", by=by, reason=one.opinion, points=_known(one.case, points or {})
        )
    return one.case


def ask_correction(
    case: Case, *, by: Actor, points: dict[str, str], opinion: str = "", revision: int | None = None
) -> Case:
    """一次性告知: everything to be supplemented, told once (art. 32(4)).

    `points` maps the key of a field or material to what is wrong with it. A second notice is refused (art. 72(4)): what
    was asked for and came in must be accepted.
    """
    _told_once(case)
    points = _known(case, points)
    if not points:
        raise ValidationError({"points": _("请至少勾选一项需要补正的内容，并写明怎么补。")})
    with step(case, "ask_correction", by=by, revision=revision, opinion=opinion or ALL_AT_ONCE) as one:
        one.case.state = State.CORRECTING
        deadlines.stop(one.case, Clock.Kind.NOTICE, at=one.at)
        until = procedures.due(one.case, one.at, definition(one.case.version).supplement)
        term = letters.on_paper_day(until, may_move(one.case.region_code, until))
        told = {"until": term, "until_at": until.isoformat()}
        one.letter = letters.write(one.case, "correction", by=by, reason=one.opinion, points=points, **told)
    return one.case


def lapse_correction(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """视为放弃申请: the term for the supplement is over and nothing came. The window decides whether he had a reason.

    No law withdraws a permit's application by itself; for requests of information it is 信息公开条例 art. 30.
    """
    with step(case, "lapse_correction", by=by, revision=revision, opinion=opinion) as one:
        until = procedures.supplement_until(one.case)
        if until is None:
            raise ValidationError(_("补正告知书没有写明补正的期限，不能这样办理。"))
        if one.at <= until:
            raise ValidationError(_("申请人可以补正到 %(day)s，之后才能这样办理。") % {"day": day(until)})
        one.case.state = State.WITHDRAWN
        one.letter = letters.write(one.case, "uncorrected", by=by, reason=one.opinion)
    return one.case


def not_needed(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """不受理: the matter needs no permit (art. 32(1))."""
    with step(case, "not_needed", by=by, revision=revision, opinion=opinion) as one:
        one.case.state = State.NOT_NEEDED
        one.letter = letters.write(one.case, "not_needed", by=by, reason=one.opinion)
    return one.case


def reject(case: Case, *, by: Actor, opinion: str, where_to: str = "", revision: int | None = None) -> Case:
    """不予受理: not within this office's powers, told where to go instead (art. 32(2)); or not corrected as asked."""
    corrected = case.letters.filter(kind="correction").exists()
    if not where_to.strip() and not corrected:
        raise ValidationError({"where_to": _("请写明应当向哪个机关申请。")})
    with step(case, "reject", by=by, revision=revision, opinion=opinion) as one:
        one.case.state = State.REJECTED
        one.letter = letters.write(one.case, "rejection", by=by, reason=one.opinion, where_to=where_to.strip())
    return one.case


def _told_once(case: Case) -> None:
    if case.letters.filter(kind="correction").exists():
        raise ValidationError(_("补正只能一次告知，这件已经告知过。材料齐了请受理；仍不齐可以不予受理并写明理由。"))


def _accepted(one: Step, *, moment: datetime, letter: str, counted: datetime | None = None) -> None:
    """`counted` is the moment from which the clocks run, if it is not that of acceptance."""
    case, rules = one.case, definition(one.case.version)
    case.accepted_at = moment
    moment = counted or moment
    case.state = first_stage(case)
    deadlines.stop(case, Clock.Kind.NOTICE, at=one.at)
    lower = rules.local.lower
    if lower:  # two levels: each office has its own time (art. 43)
        deadlines.start(case, Clock.Kind.LOWER, at=moment, limit=lower.limit.limit)
    else:
        deadlines.start(case, Clock.Kind.LEGAL, at=moment, limit=rules.legal)
    follows = waiting.start(case, at=one.at)
    if not follows and not lower:  # 容缺: the promise counts from the moment everything is there
        deadlines.start(case, Clock.Kind.PROMISED, at=moment, limit=bundled.promised(case, rules))
    voucher = "deferral" if follows and letter == "acceptance" else letter
    one.letter = letters.write(case, voucher, by=one.by, points=follows)
    if follows and letter != "acceptance":
        letters.write(case, "deferral", by=one.by, points=follows)
    one.count(accepted=1)


def _known(case: Case, points: dict[str, str]) -> dict[str, str]:
    """Only fields and materials of the item may be asked for (art. 31), each with its sentence."""
    names = definition(case.version).points
    strange = set(points) - set(names)
    if strange:
        raise ValidationError(
            {"points": _("只能要求清单内的内容：没有「%(name)s」。") % {"name": "、".join(sorted(strange))}}
        )
    empty = [names[key] for key, sentence in points.items() if not sentence.strip()]
    if empty:
        raise ValidationError({"points": _("请写明「%(name)s」要怎么补。") % {"name": "、".join(map(str, empty))}})
    return {key: sentence.strip() for key, sentence in points.items()}
