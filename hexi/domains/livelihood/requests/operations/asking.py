"""Whether it is solved and whether the caller is content: by his link or by a call; what follows from it."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from hexi.blocks.cases.operations.opening import own_step
from hexi.blocks.cases.steps import Step
from hexi.domains.livelihood.requests import facts, options
from hexi.domains.livelihood.requests.models import Answer, Attempt, Dispatch, Request, Verdict
from hexi.domains.livelihood.requests.operations import parts
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given, insert

_VERDICT = Fixed(lambda: Verdict.objects.filter(request_id=Given("request"), round=Given("round")))
#: calls that reached nobody before the hotline may close
CALLS = 3


def rate(request: Request, *, solved: bool, satisfied: int, comment: str = "", by: Actor) -> Request:
    """The caller says what he thinks of the answer; who he is was checked by who found the order for him.

    Solved and content: closed. Else it goes back to the office, `requests.redo_times` times; then the hotline decides.
    """
    _sane(satisfied)
    good = _good(solved, satisfied)
    back = not good and request.redone < options.REDO_TIMES.value
    action = "unhappy" if back else "rate"
    with parts.callers_own(request, action, by=by, states=(State.ANSWERED,)) as (one, row):
        one.opinion = comment.strip()[:1000]
        _judged(one, row, Verdict.Way.LINK, solved=solved, satisfied=satisfied)
        _follow_up(one, row, good)
    return row


def call(
    request: Request, *, reached: bool, solved: bool | None = None, satisfied: int = 0, opinion: str = "", by: Actor,
    revision: int | None = None,
) -> Request:  # fmt: skip
    """The hotline rings back (回访): what the caller said, or that nobody picked up."""
    if reached and solved is None:
        raise ValidationError({"solved": _("请选择解决了没有。")})
    if reached:
        _sane(satisfied)
    with parts.official(request, "call", by=by, revision=revision, opinion=opinion) as (one, row):
        if not reached:
            Attempt.objects.create(request=row, at=one.at, by_name=by.name)
            one.opinion, one.public = opinion.strip() or _("无人接听"), False
            return row
        one.office = row.hotline.name
        _judged(one, row, Verdict.Way.CALL, solved=bool(solved), satisfied=satisfied)
        _follow_up(one, row, _good(bool(solved), satisfied))
    return row


def redo(request: Request, *, opinion: str, by: Actor, revision: int | None = None) -> Request:
    """The hotline sends it back to the office: solved it is not, whatever the answer said."""
    with parts.official(request, "redo", by=by, revision=revision, opinion=opinion) as (one, row):
        _back(one, row)
    return row


def close(request: Request, *, opinion: str, by: Actor, revision: int | None = None) -> Request:
    """The hotline closes it, with a reason everybody concerned reads: rated badly again, or nobody to be reached."""
    with parts.official(request, "close", by=by, revision=revision, opinion=opinion) as (one, row):
        rated = row.verdicts.filter(round=parts.rounds(row)).exists()
        last = row.replies.filter(final=True).order_by("-pk").first()
        # calls after an earlier answer asked about that one
        tried = row.attempts.filter(at__gte=last.at).count() if last else 0
        if not rated and tried < CALLS:
            told = {"n": CALLS, "tried": tried}
            raise ValidationError(_("还没有评价。回访 %(n)s 次无人接听才能办结，现在 %(tried)s 次。") % told)
        one.office = row.hotline.name
        parts.end(one, row)
    return row


def close_silent(request: Request, *, by: Actor) -> bool:
    """Close an answer nobody has rated for `requests.silent_days`; False if it is not so any more."""
    with own_step(request.case, "silent", by=by, states=(State.ANSWERED,)) as one:
        row = parts.of(one.case)
        last = row.replies.filter(final=True).order_by("-pk").first()
        rated = row.verdicts.filter(round=parts.rounds(row)).exists()
        if last is None or rated or last.at > one.at - timedelta(days=options.SILENT_DAYS.value):
            raise ValidationError("not due")
        one.office = row.hotline.name
        parts.end(one, row)
        row.save()
    return True


def silent(most: int = 1000) -> list[Request]:
    """Orders whose answer has waited long enough for a rating and has none, so many at most."""
    since = clock.now() - timedelta(days=options.SILENT_DAYS.value)
    found = Request.objects.filter(case__state=State.ANSWERED).exclude(replies__final=True, replies__at__gt=since)
    # what was rated waits for the hotline, however long: it must not stand in front of the others
    answers = Answer.objects.filter(request=OuterRef("request"), final=True).order_by().values("request")
    rated = Verdict.objects.filter(request=OuterRef("pk"), round=Subquery(answers.annotate(n=Count("pk")).values("n")))
    return list(found.filter(~Exists(rated)).select_related("case").order_by("pk")[:most])


def _sane(level: int) -> None:
    if not 1 <= level <= 5:
        raise ValidationError({"satisfied": _("请选择满意程度，一到五级。")})


def _good(solved: bool, level: int) -> bool:
    return solved and level >= facts.GOOD


def _judged(one: Step, request: Request, way: str, *, solved: bool, satisfied: int) -> None:
    """Write the verdict down: one for each answer."""
    round_ = parts.rounds(request)
    if _VERDICT.any(request=request.pk, round=round_):
        raise ValidationError(_("这次答复已经评价过了。"))
    case = one.case
    verdict = Verdict(
        request=request, office_id=case.department_id, region_code=case.region_code, at=one.at, round=round_, way=way,
        solved=solved, satisfied=satisfied, comment=one.opinion, by_name=one.by.name,
    )  # fmt: skip
    insert(verdict)
    request.solved, request.satisfied = solved, satisfied
    counts = facts.verdict_counts(solved=solved, level=satisfied)
    facts.add(case, one.at, office_id=case.department_id, region=case.region_code, **counts)


def _follow_up(one: Step, request: Request, good: bool) -> None:
    if good:
        parts.end(one, request)
    elif request.redone < options.REDO_TIMES.value:
        kept = request.solved, request.satisfied
        _back(one, request)
        request.solved, request.satisfied = kept


def _back(one: Step, request: Request) -> None:
    request.redone += 1
    parts.send_back(one, request, Dispatch.Why.REDO)
