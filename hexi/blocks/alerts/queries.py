"""Reading alerts: the public's, those an office looks after, who was reached and has confirmed, other people's."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from hexi.blocks.alerts.models import (
    Alert,
    AlertQuerySet,
    Contact,
    Kind,
    Reached,
    Received,
    Source,
    State,
    Status,
    Subscription,
)
from hexi.blocks.people.models import Account, Role
from hexi.blocks.people.models import Post as PostRow
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department, Division
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

VIEW, COMPOSE, APPROVE = "alerts.view", "alerts.compose", "alerts.approve"
CONTACTS, BRING, CONFIRM = "alerts.contacts", "alerts.bring", "alerts.confirm"
#: days a message stays in the feeds, and the most messages there
FEED_DAYS, FEED_MOST = 30, 100


def public() -> AlertQuerySet:
    """What everybody may read, newest first: published, tests left out."""
    shown = Alert.objects.published().exclude(status=Status.TEST)
    return shown.select_related("department").order_by("-published_at", "-pk")


def in_force(region: str = "") -> list[Alert]:
    """Real alerts in force that concern a region: inside it, above it, or drawn as a shape there; the worst first."""
    found = Alert.objects.in_force().meant().select_related("department").order_by("-published_at")
    return [one for one in found if not region or concerns(one, region)]


def concerns(alert: Alert, region: str) -> bool:
    """True if one of the alert's areas and the region have something in common."""
    listed = [piece["code"] or alert.region_code for piece in alert.areas]
    here = codes.prefix(region)
    return any(code.startswith(here) or here.startswith(codes.prefix(code)) for code in listed)


def feed() -> QuerySet[Alert]:
    """What the feeds list: real messages of the last days, and what is still in force."""
    since = clock.now() - timedelta(days=FEED_DAYS)
    alive = Q(published_at__gt=since) | Q(ended_at=None, expires__gt=clock.now())
    return public().meant().filter(alive)[:FEED_MOST]


def seen_by(actor: Actor) -> QuerySet[Alert]:
    """The messages an official looks after, newest first."""
    found = Alert.objects.filter(within(actor.scopes(VIEW)))
    return found.select_related("department", "of").order_by("-pk")


def seen(number: str, actor: Actor) -> Alert:
    """One of them. Raises `DoesNotExist`."""
    return seen_by(actor).get(number=number)


def to_approve(actor: Actor, rows: QuerySet[Alert] | None = None) -> QuerySet[Alert]:
    """Those (of some) that wait for this official: submitted, within his right, not composed by himself."""
    found = Alert.objects.all() if rows is None else rows
    waiting = found.filter(within(actor.scopes(APPROVE)), state=State.WAITING)
    return waiting.exclude(composed_key=actor.key)


def approvers(alert: Alert) -> list[Account]:
    """Who may approve it today, the composer left out: they are told that it waits."""
    roles = [one.pk for one in Role.objects.all() if APPROVE in one.verbs]
    posts = PostRow.objects.held_on(clock.today()).filter(roles__in=roles, account__is_active=True)
    accounts = Account.objects.filter(pk__in=posts.values("account_id"))
    actors = [(one, actor_for(one)) for one in accounts]
    may = [one for one, actor in actors if actor.may(APPROVE, alert.department_id, alert.region_code)]
    return [one for one in may if f"account:{one.pk}" != alert.composed_key]


def offices(actor: Actor, verb: str = COMPOSE) -> QuerySet[Department]:
    """The departments in whose name an official may do something."""
    return Department.objects.filter(within(actor.scopes(verb), "pk", "region_code"), active=True)


@dataclass(frozen=True)
class Confirmed:
    """How many of the call list have confirmed, and how many have not."""

    yes: int
    no: int

    @property
    def total(self) -> int:
        """All of the call list."""
        return self.yes + self.no


def confirmed(alert: Alert) -> Confirmed:
    """One query."""
    calls = Reached.objects.asked().filter(alert=alert)
    found = calls.aggregate(yes=Count("pk", filter=~Q(confirmed_at=None)), no=Count("pk", filter=Q(confirmed_at=None)))
    return Confirmed(**found)


def calls(alert: Alert) -> QuerySet[Reached]:
    """The call list: who has not confirmed comes first."""
    found = Reached.objects.asked().filter(alert=alert).select_related("account", "person")
    return found.order_by("confirmed_at", "region_code", "pk")


def found(alert: Alert) -> dict[str, int]:
    """How many of each kind were found in the area."""
    rows = Reached.objects.filter(alert=alert).values("kind").order_by("kind").annotate(n=Count("pk"))
    return {row["kind"]: row["n"] for row in rows}


def my_calls(actor: Actor) -> QuerySet[Reached]:
    """Alerts in force that the official has yet to confirm, newest first."""
    mine = Reached.objects.asked().filter(account_id=getattr(actor, "account_id", None), confirmed_at=None)
    open_now = mine.filter(alert__ended_at=None, alert__expires__gt=clock.now(), alert__state=State.PUBLISHED)
    return open_now.exclude(alert__kind=Kind.CANCEL).select_related("alert").order_by("-pk")


def contacts(actor: Actor) -> QuerySet[Contact]:
    """The contacts an office keeps, each with the name of its division: `place_zh`, `place_en`."""
    kept = Contact.objects.filter(within(actor.scopes(CONTACTS)), ended_at=None)
    here = Division.objects.current().filter(code=OuterRef("region_code"))
    named = kept.annotate(place_zh=Subquery(here.values("name")[:1]), place_en=Subquery(here.values("name_en")[:1]))
    return named.select_related("person", "department").order_by("region_code", "pk")


def subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """What one wants to be told of."""
    return Subscription.objects.filter(account_id=getattr(actor, "account_id", None)).order_by("region_code")


# --- other people's ---------------------------------------------------------------------------------------------------
def sources(actor: Actor) -> QuerySet[Source]:
    """The sources an office keeps, with the number of good and broken messages of each."""
    kept = Source.objects.filter(within(actor.scopes(BRING)), active=True).select_related("department")
    counted = kept.annotate(
        good=Count("received", filter=Q(received__good=True)), broken=Count("received", filter=Q(received__good=False))
    )
    return counted.order_by("name", "pk")


def received(actor: Actor) -> QuerySet[Received]:
    """Every message that came in by them, newest first, the broken ones among them."""
    reach = within(actor.scopes(BRING), "source__department_id", "source__region_code")
    return Received.objects.filter(reach).defer("document").select_related("source").order_by("-at", "-pk")


def received_in_force(region: str = "") -> list[Received]:
    """What of it the public sees: good, meant, public, its signature proven, neither over nor replaced."""
    proven = Received.objects.filter(good=True, signature="good", status="Actual", scope="Public", replaced_by=None)
    alive = proven.filter(source__active=True, expires__gt=clock.now()).exclude(kind__in=("Cancel", "Ack", "Error"))
    found = alive.defer("document").select_related("source").order_by("-sent", "-pk")
    here = codes.prefix(region)
    kept = [(one, codes.prefix(one.source.region_code)) for one in found]
    return [one for one, there in kept if not here or here.startswith(there) or there.startswith(here)]
