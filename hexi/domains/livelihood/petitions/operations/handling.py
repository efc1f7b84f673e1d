"""受理 to 复核: what officials do with a petition, each step with its clock, its numbered paper and its right."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.calendars.clocks import Unit
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.operations import holding
from hexi.blocks.cases.operations.opening import give, own_step
from hexi.blocks.cases.steps import Step, locked
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import hooks, queries, rules
from hexi.domains.livelihood.petitions.access import may_read
from hexi.domains.livelihood.petitions.models import Handler, Petition, Round
from hexi.domains.livelihood.petitions.operations import parts, recusing
from hexi.domains.livelihood.petitions.states import (
    CLOCK_OF,
    FIRST_RESULTS,
    LAST,
    LETTER_OF,
    LEVELS,
    REVIEW_RESULTS,
    Result,
    State,
)
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.ui.words import day

Revision = int | None


def transfer(
    petition: Petition, *, unit: Department, by: Actor, handlers: Iterable[Account] = (), opinion: str = "",
    revision: Revision = None,
) -> Petition:  # fmt: skip
    """转送 (art. 22): to the unit that is competent, which the petitioner is told. Never to whom it complains of."""
    with parts.official(petition, "transfer", by=by, revision=revision, opinion=opinion) as (one, row):
        if unit.pk == row.office_id:
            raise ValidationError({"unit": _("由本单位办理的，请直接受理，不用转送。")})
        parts.require_clear(row, unit)
        deadlines.stop(one.case, "register", at=one.at)
        parts.start(one, row, "tell")
        parts.start(one, row, "object")
        parts.write(
            one, row, "pet_transfer", received=day(one.case.submitted_at), where_to=unit.name,
            due=day(parts.due_of(one, "tell")),
        )  # fmt: skip
        row.unit = unit
        one.office = row.office.name
        for account in handlers:
            if account not in queries.handlers_for(row, unit):
                raise ValidationError({"handlers": _("%(name)s不能承办这件信访事项。") % {"name": account}})
            parts.name(row, account, by=by, at=one.at)
        one.case.state = State.TRANSFERRED
        give(one, unit)
    return row


def accept(petition: Petition, *, by: Actor, opinion: str = "", revision: Revision = None) -> Petition:
    """受理 (art. 23): the unit, or the petition office itself, handles it; sixty days run from here (art. 34)."""
    with parts.official(petition, "accept", by=by, revision=revision, opinion=opinion) as (one, row):
        parts.require_clear(row, one.case.department)
        deadlines.stop(one.case, "register", "tell", "object", at=one.at)
        parts.start(one, row, "handle")
        row.unit, one.case.accepted_at = one.case.department, one.at
        _name_self(row, by, one)
        Round.objects.update_or_create(
            petition=row, level=1, defaults={"unit": one.case.department, "opened_at": one.at}
        )
        one.case.state = State.HANDLING
        parts.write(one, row, "pet_accept", received=day(one.case.submitted_at), due=day(parts.due_of(one, "handle")))
    return row


def refuse(
    petition: Petition, *, way: str, opinion: str, by: Actor, where: str = "", revision: Revision = None
) -> Petition:
    """不予受理: it belongs to a lawsuit, arbitration, review …; the notice names the way and who is competent.

    What was joined to it is refused with it, each by a notice of its own.
    """
    found = rules.ways().get(way)
    if found is None:
        raise ValidationError({"way": _("请选择应当通过什么途径解决。")})
    if way == "elsewhere" and not where.strip():
        raise ValidationError({"where": _("请写明有权处理的机关、单位。")})
    with parts.official(petition, "refuse", by=by, revision=revision, opinion=opinion) as (one, row):
        said = {"procedure": found.clause, "conditions": found.title, "where_to": where.strip() or found.where,
                "reason": one.opinion}  # fmt: skip
        _refuse(one, row, way, said)
        for follower in row.followers.filter(case__state=State.JOINED).select_related("case").order_by("pk"):
            with own_step(follower.case, "led", by=by, states=(State.JOINED,)) as beside:
                other = parts.of(beside.case)
                beside.opinion = one.opinion
                _refuse(beside, other, way, said)
                other.save()
    return row


def _refuse(one: Step, row: Petition, way: str, said: dict[str, object]) -> None:
    row.way = way
    one.case.state = State.REFUSED
    parts.write(one, row, "pet_refuse", received=day(one.case.submitted_at), **said)


def join(petition: Petition, *, lead: Petition, by: Actor, opinion: str = "", revision: Revision = None) -> Petition:
    """并案: the same matter is being handled; this one waits for its opinion and gets it as its own."""
    with parts.official(petition, "join", by=by, revision=revision, opinion=opinion) as (one, row):
        first = parts.of(locked(lead.case))
        fits = first.pk != row.pk and first.lead_id is None and first.office_id == row.office_id and first.level == 1
        if (
            not fits
            or not may_read(first, by)
            or first.case.state not in (State.REGISTERED, State.TRANSFERRED, State.HANDLING)
        ):
            raise ValidationError({"lead": _("只能并入本单位登记的、还在办理的另一件信访事项。")})
        if row.followers.exists():
            raise ValidationError({"lead": _("已有别的事项并入这一件，不能再把它并出去。")})
        if first.unit is not None:
            parts.require_clear(row, first.unit)
        for handler in first.handlers.filter(ended_at=None).select_related("account"):
            if queries.barrier(row, handler.account):
                words = _("那一件的承办人%(name)s应当回避这一件，不能并案。")
                raise ValidationError({"lead": words % {"name": handler.account}})
        deadlines.stop(one.case, "register", at=one.at)
        row.lead = first
        one.case.state = State.JOINED
        one.opinion = opinion.strip() or _("与 %(number)s 为同一事项，一并办理。") % {"number": first.case.number}
    return row


def object(petition: Petition, *, by: Actor, opinion: str, revision: Revision = None) -> Petition:  # noqa: A001
    """异议 (art. 23(3)): within five working days the unit says that it is not competent; the office sorts anew."""
    with parts.official(petition, "object", by=by, revision=revision, opinion=opinion) as (one, row):
        parts.require_before(one, "object", _("提出异议的五个工作日已过，应当受理，或者由信访部门改送。"))
        deadlines.stop(one.case, "tell", "object", at=one.at)
        one.office = one.case.department.name
        one.public = False
        row.handlers.filter(ended_at=None).update(ended_at=one.at)
        row.unit = None
        one.case.state = State.REGISTERED
        give(one, row.office)
        holding.run_again(one, "register")
    return row


def extend(petition: Petition, *, days: int, by: Actor, opinion: str, revision: Revision = None) -> Petition:
    """延长 (art. 34): the head adds up to thirty days, once, and the petitioner is told why."""
    with parts.official(petition, "extend", by=by, revision=revision, opinion=opinion) as (one, row):
        most = rules.limit("extend", row.office_region, clock.local_day(one.at)).amount
        if row.extended:
            raise ValidationError(_("办理期限已经延长过一次。"))
        if not 1 <= days <= most:
            raise ValidationError({"days": _("延长期限不得超过 %(n)s 日。") % {"n": most}})
        parts.require_before(one, "handle", _("办理期限已经届满，不能再延长。请尽快出具意见书。"))
        row.extended = days
        holding.more_time(one, "handle", days)
        parts.write(one, row, "pet_extend", days=days, reason=one.opinion, due=day(parts.due_of(one, "handle")))
    return row


def name_handler(
    petition: Petition, *, account: Account, by: Actor, opinion: str = "", revision: Revision = None
) -> Petition:
    """The head names somebody of his unit, who alone then reads and handles it."""
    with parts.official(petition, "name_handler", by=by, revision=revision, opinion=opinion) as (one, row):
        if account not in queries.handlers_for(row, one.case.department):
            parts.name(row, account, by=by, at=one.at)  # says why
            raise ValidationError({"account": _("只能指定本单位有办理权限的人员。")})
        parts.name(row, account, by=by, at=one.at)
        one.public = False
    return row


def drop_handler(
    petition: Petition, *, account: Account, by: Actor, opinion: str, revision: Revision = None
) -> Petition:
    """A handler leaves it (recusal, another task): from now on he reads nothing of it."""
    with parts.official(petition, "drop_handler", by=by, revision=revision, opinion=opinion) as (one, row):
        if not row.handlers.filter(account=account, ended_at=None).update(ended_at=one.at):
            raise ValidationError({"account": _("他不是这件信访事项的承办人。")})
        one.public = False
    return row


def route(petition: Petition, *, unit: Department, by: Actor, opinion: str = "", revision: Revision = None) -> Petition:
    """Where no table says who reviews: the petition office hands the request to the organ above."""
    with parts.official(petition, "route", by=by, revision=revision, opinion=opinion) as (one, row):
        if row.rounds.filter(unit=unit, level__lt=row.level).exists():
            raise ValidationError({"unit": _("前一级意见的单位不能自己复查、复核。")})
        parts.require_clear(row, unit)
        row.unit, one.office = unit, row.office.name
        row.rounds.filter(level=row.level).update(unit=unit)
        give(one, unit)
    return row


def hear(petition: Petition, *, days: int, by: Actor, opinion: str, revision: Revision = None) -> Petition:
    """听证 in a re-review: its time does not count (art. 36(2))."""
    with parts.official(petition, "hear", by=by, revision=revision, opinion=opinion) as (one, row):
        holding.hold(one, "hearing", days=days, reason=one.opinion)
    return row


def heard(petition: Petition, *, by: Actor, opinion: str, revision: Revision = None) -> Petition:
    """The hearing is over; the days run on."""
    with parts.official(petition, "heard", by=by, revision=revision, opinion=opinion) as (one, _row):
        holding.go_on(one)
    return _row


def conclude(
    petition: Petition, *, result: str, facts: str, words: str, basis: str, by: Actor, revision: Revision = None
) -> Petition:
    """处理意见书, 复查意见书, 复核意见书 (arts 32, 35, 36), by a named handler; joined petitions get theirs."""
    faults = {}
    for field, text in (("facts", facts), ("words", words), ("basis", basis)):
        if not text.strip():
            faults[field] = _("意见书应当载明事实和理由、处理意见及其法律法规依据。请填写。")
    if faults:
        raise ValidationError(faults)
    with parts.official(petition, "conclude", by=by, revision=revision) as (one, row):
        if not row.handlers.filter(account=getattr(by, "account_id", None), level=row.level, ended_at=None).exists():
            raise Denied(_("意见书由本级被指定的承办人出具。请先由负责人指定承办人。"))
        if result not in (FIRST_RESULTS if row.level == 1 else REVIEW_RESULTS):
            raise ValidationError({"result": _("请选择意见。")})
        said = {"facts": facts.strip(), "words": words.strip(), "basis": basis.strip()}
        if one.case.pauses.filter(end=None).exists():
            holding.go_on(one)
        deadlines.stop(one.case, CLOCK_OF[row.level], at=one.at)
        met = one.case.clocks.filter(kind=CLOCK_OF[row.level]).values_list("met", flat=True).first()
        _conclude(one, row, result, said, bool(met))
        for follower in row.followers.filter(case__state=State.JOINED).select_related("case").order_by("pk"):
            _carry(follower, row, result, said, bool(met), by)
    return row


def _conclude(one: Step, row: Petition, result: str, said: dict[str, str], met: bool) -> None:
    """The opinion on its round and on paper; it waits to be received."""
    found = queries.current(row) or Round(petition=row, level=row.level, opened_at=one.at)
    found.unit, found.result, found.opinion = one.case.department, result, said
    found.answered_at, found.in_time = one.at, met
    found.letter = parts.write(one, row, LETTER_OF[row.level], body=_paragraphs(row, one, result, said))
    found.save()
    parts.start(one, row, "serve")
    one.case.state = State.SERVING
    one.opinion = str(Result(result).label)
    hooks.petition_concluded.ring(petition=row, by=one.by)


def _carry(follower: Petition, lead: Petition, result: str, said: dict[str, str], met: bool, by: Actor) -> None:
    """What the lead was told, as the follower's own opinion with a number of its own."""
    with own_step(follower.case, "led", by=by, states=(State.JOINED,)) as one:
        row = parts.of(one.case)
        give(one, lead.case.department)
        row.unit, one.case.accepted_at = lead.unit, lead.case.accepted_at
        for handler in lead.handlers.filter(ended_at=None):
            Handler.objects.get_or_create(
                petition=row, account=handler.account, ended_at=None,
                defaults={"level": 1, "named_by": handler.named_by, "named_at": one.at},
            )  # fmt: skip
        _conclude(one, row, result, said, met)
        row.save()


def _paragraphs(row: Petition, one: Step, result: str, said: dict[str, str]) -> tuple[str, ...]:
    """What art. 32 asks an opinion to say, and what may be done against it."""
    wish = row.content.get("wish", "")
    if row.level > 1:
        wish = queries.current(row).reason  # type: ignore[union-attr]
    rest = "" if row.level == LAST else _remedy(row, one)
    lines = (f"投诉请求：{wish}", f"事实和理由：{said['facts']}", f"处理意见：{Result(result).label}。{said['words']}",
             f"法律法规依据：{said['basis']}", rest)  # fmt: skip
    return tuple(line for line in lines if line)


def _remedy(row: Petition, one: Step) -> str:
    organ = rules.organ_above(one.case.department)
    name = organ.name if organ else "上一级机关、单位"
    step, opinion, asked = ("ask", "处理", "复查") if row.level == 1 else ("ask_re", "复查", "复核")
    term = rules.term(step, row.office_region, clock.local_day(one.at))
    days = f"{term.amount}{'个工作日' if term.unit == Unit.WORKING_DAYS else '日'}"
    basis = f"《{term.law}》{term.clause}"
    return f"如对本{opinion}意见不服，可以自收到本意见书之日起{days}内请求{name}{asked}（{basis}）。"


def serve(
    petition: Petition, *, on: date, how: str, by: Actor, opinion: str = "", revision: Revision = None
) -> Petition:
    """Delivery on paper: the day the petitioner got the opinion, and how; his days count from it."""
    how = parts.required(how, "how", _("请写明怎样送达，如当面签收、邮寄签收单号。"))
    with parts.official(petition, "serve", by=by, revision=revision, opinion=opinion) as (one, row):
        answered = queries.current(row).answered_at  # type: ignore[union-attr]
        if not clock.local_day(answered) <= on <= clock.local_day(one.at):  # type: ignore[arg-type]
            raise ValidationError({"on": _("送达日期应在出具意见书之后、今天之前（含今天）。")})
        at = one.at if on == clock.local_day(one.at) else datetime.combine(on, time(12), clock.CHINA)
        received(one, row, at=at, how=how[:100])
    return row


def received(one: Step, row: Petition, *, at: datetime, how: str) -> None:
    """The petitioner has the opinion: his days for a review begin, or after a re-review it is at its end."""
    deadlines.stop(one.case, "serve", at=at)
    row.rounds.filter(level=row.level).update(served_at=at, served_how=how)
    if row.level == LAST:
        one.case.state = State.FINAL
        return
    parts.start(one, row, "ask" if row.level == 1 else "ask_re", at=at)
    one.case.state = State.ANSWERED
    one.office = one.office or one.case.department.name
    give(one, row.office)


def ask(petition: Petition, *, reason: str, by: Actor, opinion: str = "", revision: Revision = None) -> Petition:
    """The petition office enters a request for a review that came by letter or at the window."""
    reason = parts.required(reason, "reason", _("请写明请求复查、复核的理由。"))
    with parts.official(petition, "ask", by=by, revision=revision, opinion=opinion) as (one, row):
        asked(one, row, reason)
    return row


def asked(one: Step, row: Petition, reason: str) -> None:
    """A review begins at the organ above whoever gave the last opinion (arts 35, 36): its thirty days run."""
    mine = "ask" if row.level == 1 else "ask_re"
    parts.require_before(one, mine, _("请求复查、复核的期限已过。"))
    deadlines.stop(one.case, mine, at=one.at)
    organ = rules.organ_above(row.unit) if row.unit else None
    if organ is not None and (
        not queries.units_to(row).filter(pk=organ.pk).exists() or row.rounds.filter(unit=organ).exists()
    ):
        organ = None  # it is complained of itself, or gave an opinion before: the petition office finds another
    recusing.keep_named_out(row, reason, by=one.by)
    row.level += 1
    row.unit = organ
    Round.objects.create(petition=row, level=row.level, unit=organ, opened_at=one.at, reason=reason)
    parts.start(one, row, CLOCK_OF[row.level])
    one.case.state = LEVELS[row.level]
    give(one, organ or row.office)


def _name_self(row: Petition, by: Actor, one: Step) -> None:
    """Who accepts it handles it, until others are named."""
    account = Account.objects.filter(pk=getattr(by, "account_id", None) or 0).first()
    if account is not None and not row.handlers.filter(ended_at=None).exists():
        parts.name(row, account, by=by, at=one.at)
