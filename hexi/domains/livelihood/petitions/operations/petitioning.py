"""What the petitioner does with his own: receive the opinion, ask for a review, rate, withdraw; and what time does."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import deadlines
from hexi.blocks.cases.operations.opening import own_step
from hexi.domains.livelihood.petitions.models import Petition
from hexi.domains.livelihood.petitions.operations import parts
from hexi.domains.livelihood.petitions.operations.handling import asked, received
from hexi.domains.livelihood.petitions.states import State
from hexi.kernel.actors import Actor


def receive_opinion(petition: Petition, *, by: Actor) -> Petition:
    """签收: he has the opinion. From here his thirty days count."""
    with parts.petitioners(petition, "receive", by=by, states=(State.SERVING,)) as (one, row):
        received(one, row, at=one.at, how=_("网上签收"))
    return row


def ask_review(petition: Petition, *, reason: str, by: Actor) -> Petition:
    """请求复查 or 复核, within thirty days."""
    reason = parts.required(reason, "reason", _("请写明不服的理由。"))
    action = "ask_review" if petition.level == 1 else "ask_rereview"
    with parts.petitioners(petition, action, by=by, states=(State.ANSWERED,)) as (one, row):
        asked(one, row, reason)
    return row


def rate(petition: Petition, *, level: int, comment: str = "", by: Actor) -> Petition:
    """How content he is, once; the law gives him the right to say so (art. 21)."""
    if not 1 <= level <= 5:
        raise ValidationError({"level": _("请选择 1 到 5 分。")})
    with parts.petitioners(petition, "rate", by=by, states=(State.ANSWERED, State.CLOSED, State.FINAL)) as (_one, row):
        if row.satisfied is not None:
            raise ValidationError(_("已经评价过了。"))
        row.satisfied, row.said = level, comment.strip()[:1000]
    return row


def withdraw(petition: Petition, *, by: Actor, why: str = "") -> Petition:
    """He takes it back before there is an opinion."""
    open_ = (State.REGISTERED, State.TRANSFERRED, State.HANDLING, State.JOINED)
    with parts.petitioners(petition, "withdraw", by=by, states=open_) as (one, row):
        if row.followers.filter(case__state=State.JOINED).exists():
            raise ValidationError(_("还有别人的同一事项并在这一件里办理，不能撤回。请联系信访部门。"))
        one.opinion = why.strip()[:500]
        one.case.state = State.WITHDRAWN
    return row


def lapse(petition: Petition, *, by: Actor) -> Petition:
    """Nobody asked for a review within thirty days: it is over. Safe to run late and again."""
    with own_step(petition.case, "lapse", by=by, states=(State.ANSWERED,)) as one:
        clock = "ask" if petition.level == 1 else "ask_re"
        found = one.case.clocks.filter(kind=clock, stopped_at=None, due__lt=one.at).first()
        if found is None:
            raise ValidationError(_("请求复查、复核的期限还没有过。"))
        deadlines.stop(one.case, clock, at=found.due)
        one.case.state = State.CLOSED
    return petition
