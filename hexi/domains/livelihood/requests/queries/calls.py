"""Reading calls: mine, those that ring, the lost ones, who may hear a recording. Above models, part of `queries`."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from hexi.blocks.cases.parties import strange
from hexi.domains.livelihood.requests.models import Attempt, Call, Request, Seat
from hexi.domains.livelihood.requests.states import CALLBACK, CALLER, INTAKE, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, within
from hexi.kernel.fixed import Fixed, Given

#: a call whose end nobody told is not shown as ringing for ever
LONGEST = timedelta(hours=4)
#: after it ended a call stays at hand for so long, unless its order is made
AFTER = timedelta(minutes=10)
_EXTENSION = Fixed(
    lambda: Seat.objects.filter(account_id=Given("account")).order_by().values_list("extension", flat=True)
)
LOST = Q(way="in", answered_at=None, returned_at=None, ended_at__isnull=False)


def of_region(region: str) -> Q:
    """Calls of the hotline of a region."""
    return Q(hotline_region=region)


def seat_of(actor: Actor) -> Seat | None:
    """Where the actor sits."""
    account_id = getattr(actor, "account_id", None)
    return Seat.objects.filter(account_id=account_id).first() if account_id else None


def calls(actor: Actor) -> QuerySet[Call]:
    """Calls of the hotlines the actor works for, newest first; not those of his own orders."""
    own = Request.objects.filter(~strange(actor, "case"), call=OuterRef("pk"))
    found = Call.objects.filter(within(actor.scopes(INTAKE), "hotline_id", "hotline_region"))
    return found.exclude(Exists(own)).order_by("-pk")


def named(actor: Actor) -> Prefetch:
    """The same for a list of calls, as `named` of each."""
    known = Q(secret=False) | within(actor.scopes(CALLER), "hotline_id", "hotline_region")
    return Prefetch("orders", Request.objects.filter(known).select_related("case"), "named")


def orders_of(call: Call, actor: Actor) -> list[Request]:
    """The orders that came by a call; a secret one is named beside the number to who may know callers alone."""
    found = Request.objects.filter(call=call).select_related("case")
    return list(found if _knows(call, actor) else found.filter(secret=False))


def hides(call: Call, actor: Actor) -> bool:
    """True if the number would tell who must stay unknown: it is read at the order, with a reason that is logged.

    Only whom he is speaking to this moment sees it.
    """
    of_secret = Request.objects.filter(Q(call=call) | Q(callbacks=call), secret=True)
    return of_secret.exists() and now_of(actor) != call


def _knows(call: Call, actor: Actor) -> bool:
    return actor.may(CALLER, call.hotline_id, call.hotline_region)


def call_for(pk: int, actor: Actor) -> Call:
    """One call. Raises `DoesNotExist`."""
    return calls(actor).get(pk=pk)


def now_of(actor: Actor) -> Call | None:
    """The call at the actor's extension: ringing, spoken, or just ended without its order. Two queries at most."""
    account_id = getattr(actor, "account_id", None)
    if account_id is None:
        return None
    extension = _EXTENSION.first(account=account_id)
    if not extension:
        return None
    now = clock.now()
    at_hand = Q(ended_at=None, began_at__gt=now - LONGEST)
    at_hand |= Q(ended_at__gt=now - AFTER, answered_at__isnull=False, orders=None)
    return Call.objects.filter(at_hand, extension=extension, way=Call.Way.IN).order_by("-pk").first()


def ringing(rows: QuerySet[Call]) -> QuerySet[Call]:
    """Of the calls those that wait to be answered, the longest waiting first."""
    now = clock.now()
    return rows.filter(ended_at=None, answered_at=None, way=Call.Way.IN, began_at__gt=now - LONGEST).order_by("pk")


def lost(rows: QuerySet[Call]) -> QuerySet[Call]:
    """Of the calls those that nobody answered or rang back, the oldest first."""
    return rows.filter(LOST).order_by("began_at", "pk")


def require_hearing(call: Call, actor: Actor) -> None:
    """Raise `Denied` unless the actor may hear the recording: of the hotline, with the right to know who called."""
    if not _knows(call, actor):
        raise Denied
    if Request.objects.filter(~strange(actor, "case"), call=call).exists():
        raise Denied


def to_ring_back(actor: Actor) -> QuerySet[Request]:
    """Answered orders of one's hotlines that wait for a verdict, the oldest first, with a phone to ring."""
    found = Request.objects.filter(
        within(actor.scopes(CALLBACK), "hotline_id", "hotline_region"), strange(actor, "case"),
        case__state=State.ANSWERED,
    ).exclude(caller_lookup="")  # fmt: skip
    rung = Attempt.objects.filter(request=OuterRef("pk"))
    return found.annotate(tried=Exists(rung)).select_related("case__department").order_by("case__next_due", "case_id")
