"""Many reports of one matter at once: a dispatcher chooses them, a job merges one after the other."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.domains.livelihood.requests import hooks, queries
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations.dispatching import merge
from hexi.domains.livelihood.requests.states import DISPATCH, State
from hexi.kernel.actors import Actor, require

#: what may still follow another order
FREE = (State.NEW, State.HANDLING)
#: at once
MOST = 2000


def ask_merge(lead: Request, orders: Iterable[Request], *, by: Actor) -> int:
    """Let these follow `lead`; how many will. The work is done soon, each in a transaction of its own.

    Raises `Denied` unless the actor dispatches for the hotline, `ValidationError` if the lead is over or none is left.
    """
    require(by, DISPATCH, lead.hotline_id, lead.hotline_region)
    if lead.case.state not in FREE:
        raise ValidationError({"lead": _("要并入的那一件已不在办理。请另选一件。")})
    chosen = [one.pk for one in orders if one.pk != lead.pk and one.case.state in FREE]
    if not chosen:
        raise ValidationError({"orders": _("请至少选一件还在办的诉求。")})
    if len(chosen) > MOST:
        raise ValidationError({"orders": _("一次最多并 %(n)s 件。") % {"n": MOST}})
    with change(by, "requests.ask_merge", lead, number=lead.case.number) as note:
        note.rows = chosen
        hooks.merge_asked.ring(lead=lead, orders=chosen, account=getattr(by, "account_id", None), by=by)
    return len(chosen)


def merge_chosen(lead: Request, orders: Iterable[int], *, by: Actor) -> tuple[int, int]:
    """Merge one after the other; how many were, how many could not be any more. Run again, it does what is left."""
    done = left = 0
    for pk in orders:
        request = Request.objects.select_related("case").get(pk=pk)
        try:
            merge(request, number=lead.case.number, by=by, revision=request.case.revision)
            done += 1
        except (ValidationError, PermissionDenied):
            left += not Request.objects.filter(pk=pk, lead=lead).exists()
    account = getattr(by, "account", None)
    if account is not None and done:
        facts = {"number": lead.case.number, "done": done, "left": left}
        tell(account, "requests.merged_many", about=lead.case, facts=facts, by=by)
    return done, left


def actor_of(account: int | None, otherwise: Actor) -> Actor:
    """Who asked, with the rights he has now."""
    if account is None:
        return otherwise
    return actor_for(Account.objects.select_related("person").get(pk=account))


def of_topic(lead: Request, numbers: Iterable[str], actor: Actor) -> list[Request]:
    """The orders of a topic with these numbers that the actor may see."""
    found = Request.objects.filter(queries.reach(actor), in_topic__topic__lead=lead, case__number__in=list(numbers))
    return list(found.select_related("case"))
