"""What the office does: a first word, help from others, more time by its head, the answer."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.models import Case, clocks_of
from hexi.blocks.cases.operations.opening import answer_beside, ask_beside, close_beside
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import hooks, options
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations import parts
from hexi.domains.livelihood.requests.operations.dispatching import classify, fits
from hexi.domains.livelihood.requests.states import HANDLE, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.words import day


def note(
    request: Request, *, opinion: str, passed_to: str = "", promised: date | None = None, by: Actor,
    revision: int | None = None,
) -> Request:  # fmt: skip
    """The first half of a two-step answer: who works on it, and by when the result comes."""
    text = parts.require_text(opinion, "opinion", _("请写一句告诉诉求人：谁在办、到哪一步了。"), 2000)
    with parts.official(request, "note", by=by, revision=revision, opinion=text) as (one, row):
        if promised is None:
            raise ValidationError({"promised": _("请写明哪一天前给结果。")})
        due = next((run.due for run in clocks_of(one.case) if run.kind == parts.HANDLE), None)
        if due is not None and due < one.at:
            # late already, it can be neither promised within its time nor extended: the caller hears of a day even so
            last = clock.today() + timedelta(days=options.EXTEND_DAYS.value)
            sentence = _("办结期限已过。日期应在今天以后、%(due)s以前。")
        else:
            last = clock.local_day(due) if due else date.max
            sentence = _("日期应在今天以后、办结期限（%(due)s）以前；要更久，请负责人批准延期。")
        if not clock.today() <= promised <= last:
            raise ValidationError({"promised": sentence % {"due": day(last) if due else "—"}})
        row.passed_to, row.promised = passed_to.strip()[:100], promised
        parts.say(one, row, text, final=False)
        hooks.request_noted.ring(request=row, by=by)
    return row


def reply(
    request: Request, *, opinion: str, article: int | None = None, by: Actor, revision: int | None = None
) -> Request:
    """The answer: both clocks stop, and the caller is asked whether it is solved and whether he is content.

    `article`: the version of the knowledge base whose standard text was taken over.
    """
    text = parts.require_text(opinion, "opinion", _("请写明办理结果，诉求人会看到。"))
    with parts.official(request, "reply", by=by, revision=revision, opinion=text) as (one, row):
        _answered(row, one, text, article)
    return row


def reply_now(
    request: Request, *, opinion: str, subject: str = "", article: int | None = None, by: Actor,
    revision: int | None = None,
) -> Request:  # fmt: skip
    """The hotline itself answers at once: from its knowledge, with nobody else to ask."""
    text = parts.require_text(opinion, "opinion", _("请写明答复内容。"))
    with parts.official(request, "reply_now", by=by, revision=revision, opinion=text) as (one, row):
        classify(row, subject or row.case.subject)
        _answered(row, one, text, article)
    return row


def _answered(request: Request, one: parts.Step, text: str, article: int | None) -> None:
    parts.say(one, request, text, final=True, article=article)
    request.solved = request.satisfied = None
    close_beside(one.case, by=one.by, at=one.at)
    one.case.state = State.ANSWERED
    hooks.request_answered.ring(request=request, by=one.by)


def ask_help(request: Request, *, office: Department, opinion: str, by: Actor, revision: int | None = None) -> Request:
    """Ask another office (协办); the one that has the order still answers for it."""
    with parts.official(request, "ask_help", by=by, revision=revision, opinion=opinion) as (one, row):
        fits(office, row)
        ask_beside(one, office, HANDLE)
        one.opinion = _("请%(name)s协办：%(text)s") % {"name": office.name, "text": one.opinion}
        one.public = False
    return row


def help_given(request: Request, *, office: Department, opinion: str, by: Actor) -> Case:
    """The office that was asked says what it did; only officials read it."""
    return answer_beside(request.case, office, opinion=opinion, by=by)


def extend(request: Request, *, days: int, opinion: str, by: Actor, revision: int | None = None) -> Request:
    """The head of the office adds working days, once, before the time is over; the caller is told why."""
    most = options.EXTEND_DAYS.value
    if not 1 <= days <= most:
        raise ValidationError({"days": _("延期 1 到 %(n)s 个工作日。") % {"n": most}})
    with parts.official(request, "extend", by=by, revision=revision, opinion=opinion) as (one, row):
        running = one.case.clocks.filter(kind=parts.HANDLE, stopped_at=None).first()
        if running is None or row.extended:
            raise ValidationError(_("这件诉求已经延过一次，不能再延。请在期限内答复，说明原因和下一步。"))
        if running.due is not None and one.at > running.due:
            raise ValidationError(_("办结期限已过，不能再延期。请尽快答复。"))
        if not running.length.unit.in_days:
            raise ValidationError(_("按小时计的时限不能延期。请先告知进展。"))
        row.extended = days
        deadlines.start(
            one.case, parts.HANDLE, at=running.start, limit=Limit(running.amount + days, running.length.unit)
        )
        hooks.request_extended.ring(request=row, by=by)
    return row
