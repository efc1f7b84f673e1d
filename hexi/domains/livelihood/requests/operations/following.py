"""What callers and others affected do: urge, withdraw, follow, take up again."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.operations.opening import close_beside, own_step
from hexi.domains.livelihood.requests import callers, facts, hooks, options, queries, rates
from hexi.domains.livelihood.requests.models import Dispatch, Follow, Request
from hexi.domains.livelihood.requests.operations import parts
from hexi.domains.livelihood.requests.states import INTAKE, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied

#: hours between two urgings
PAUSE = 24


def urge(request: Request, *, why: str = "", by: Actor, own: bool = True) -> Request:
    """Ask where the answer is (催办): once a day; the office reads it at once. `own` False: an operator asks."""
    if not own and not by.may(INTAKE, request.hotline_id, request.hotline_region):
        raise Denied(_("您的岗位不能替诉求人催办。"))
    voice = callers.voice(by, own=own, secret=request.secret)
    with own_step(request.case, "urge", by=voice, states=(State.NEW, State.HANDLING)) as one:
        row = parts.of(one.case)
        if row.urged_at and one.at < row.urged_at + timedelta(hours=PAUSE):
            raise ValidationError(_("一天内已经催过，承办单位已收到提醒。有新情况请在留言里补充。"))
        row.urged, row.urged_at = row.urged + 1, one.at
        one.opinion = why.strip()[:500]
        row.save()
        hooks.request_urged.ring(request=row, by=voice)
    return row


def withdraw(request: Request, *, why: str = "", by: Actor) -> Request:
    """The caller takes it back before it is answered."""
    with parts.callers_own(request, "withdraw", by=by, states=(State.NEW, State.HANDLING, State.MERGED)) as (one, row):
        if row.followers.exists():
            raise ValidationError(_("别人也反映了这件事，会继续办到底，所以不能撤回。结果告诉您后可以不评价。"))
        one.opinion = why.strip()[:500]
        one.case.state = State.WITHDRAWN
        close_beside(one.case, by=one.by, at=one.at)
        facts.add(one.case, one.at, office_id=one.case.department_id, region=one.case.region_code, ended=1)
    return row


def reopen(request: Request, *, why: str, by: Actor, own: bool = True) -> Request:
    """It is not over after all: the caller, or (`own` False) anyone affected, within `requests.reopen_days` of the end.

    Others must have signed in or speak for the hotline's systems, may ask for what everybody may read alone, so often
    in an hour (`requests.reopens_per_person_hour`), and have it taken up `requests.reopen_most` times; then the hotline
    decides. Whoever asks follows it from here on.
    """
    text = parts.require_text(why, "why", _("请写明哪里还没有解决，承办单位据此接着办。"), 2000)
    days = options.REOPEN_DAYS.value
    with parts.callers_own(request, "reopen", by=by, states=(State.CLOSED,), own=own) as (one, row):
        ended = one.case.ended_at
        if ended is None or one.at > ended + timedelta(days=days):
            raise ValidationError(_("办结超过 %(n)s 天，不能再接着办。请重新提交一件，写上原来的编号。") % {"n": days})
        if not own:
            _affected(row, by)
        one.opinion = text
        facts.add(one.case, ended, office_id=one.case.department_id, region=one.case.region_code, ended=-1)
        row.reopened += 1
        parts.send_back(one, row, Dispatch.Why.REOPEN)
    return row


def _affected(request: Request, by: Actor) -> None:
    """Somebody else may ask for it, and has not asked too often. Raises `Denied`, `ValidationError`."""
    system = by.may(INTAKE, request.hotline_id, request.hotline_region)
    account = getattr(by, "account_id", None)
    open_ = not request.secret and queries.open_to_all("").filter(pk=request.pk).exists()
    if not system and (account is None or not open_):
        raise Denied(_("请先登录；只有公开的诉求可以提出接着办。"))
    if request.reopened >= options.REOPEN_MOST.value:
        told = {"n": options.REOPEN_MOST.value}
        raise ValidationError(_("这件诉求已接着办过 %(n)s 次。请拨打 12345 说明情况，由热线中心决定。") % told)
    if account is not None and not system:
        rates.spend_reopen(by)
        Follow.objects.get_or_create(request=request, account_id=account, defaults={"at": clock.now()})


def follow(request: Request, *, by: Actor) -> Follow:
    """Hear how it goes on: whoever has signed in, of what everybody may read. Twice is once."""
    account = getattr(by, "account_id", None)
    if account is None:
        raise Denied(_("请先登录，再关注这件诉求。"))
    if request.secret or not queries.open_to_all("").filter(pk=request.pk).exists():
        raise Denied(_("这件诉求不公开，不能关注。"))
    with change(by, "requests.follow", request):
        try:
            with transaction.atomic():
                return Follow.objects.create(request=request, account_id=account, at=clock.now())
        except IntegrityError:
            return Follow.objects.get(request=request, account_id=account)


def unfollow(request: Request, *, by: Actor) -> None:
    """No longer."""
    with change(by, "requests.unfollow", request):
        Follow.objects.filter(request=request, account_id=getattr(by, "account_id", None)).delete()
