"""Reading entries: what an official may see, what waits for him, what is overdue, extra fields in force."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from hexi.blocks.articles.queries import holders
from hexi.blocks.catalog.models import OPEN_REVISIONS, Entry, ExtraFields, Grading, RevisionState, State, Subscription
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

VIEW, WRITE, PUBLISH, KEEP = "catalog.view", "catalog.write", "catalog.publish", "catalog.keep"
ENDS = ("provider_id", "region_code")
LIVE = Q(state=State.PUBLISHED)
#: in force, or once in force and withdrawn: who followed it may still read what it was
ONCE = Q(current__isnull=False)


def published() -> QuerySet[Entry]:
    """Every entry in force."""
    return Entry.objects.filter(LIVE).select_related("provider", "current", "latest")


def seen_by(actor: Actor) -> QuerySet[Entry]:
    """The entries an official may see, newest first.

    Whoever may read the catalogue anywhere reads every entry that is or was published: that is how one office learns
    what another keeps. Core data, and what is not published, are for those whose right covers the provider.
    """
    works = within(actor.scopes(WRITE), *ENDS) | within(actor.scopes(PUBLISH), *ENDS)
    inside = within(actor.scopes(VIEW), *ENDS)
    free = ONCE & ~Q(grading=Grading.CORE) if actor.scopes(VIEW) else Q(pk__in=())
    found = Entry.objects.filter(free | (inside & ONCE) | works)
    return found.select_related("provider", "current", "latest").order_by("-pk")


def seen(pk: int, actor: Actor) -> Entry:
    """One of them. Raises `DoesNotExist`."""
    return seen_by(actor).get(pk=pk)


def works_on(entry: Entry, actor: Actor) -> bool:
    """True if the actor writes or publishes for the provider: he sees drafts and history."""
    return any(actor.may(verb, entry.provider_id, entry.region_code) for verb in (WRITE, PUBLISH))


def offices(actor: Actor, verb: str = WRITE) -> QuerySet[Department]:
    """The departments for which an official may write entries."""
    return Department.objects.filter(within(actor.scopes(verb), "pk", "region_code"), active=True)


def mine(actor: Actor, rows: QuerySet[Entry] | None = None) -> QuerySet[Entry]:
    """Those (of some) an official writes for."""
    return (Entry.objects.all() if rows is None else rows).filter(within(actor.scopes(WRITE), *ENDS))


def to_publish(actor: Actor, rows: QuerySet[Entry] | None = None) -> QuerySet[Entry]:
    """Those (of some) that wait for this official: submitted, within his right, not written by himself."""
    found = Entry.objects.all() if rows is None else rows
    waiting = found.filter(within(actor.scopes(PUBLISH), *ENDS), latest__state=RevisionState.WAITING)
    return waiting.exclude(latest__written_key=actor.key)


def begun(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those with a draft or a change under way."""
    return rows.filter(latest__state__in=OPEN_REVISIONS)


def overdue(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Published, and the day by which the rows should be up to date is over; the oldest first."""
    return rows.filter(LIVE, due_on__lt=clock.today()).order_by("due_on", "pk")


def waiting(actor: Actor) -> int:
    """What an official has to do here. The number beside the menu word."""
    return to_publish(actor).count() + overdue(mine(actor)).count()


def subscriptions(actor: Actor) -> QuerySet[Subscription]:
    """What the actor follows, newest first; `seen`: he may still know of it (it may be open no more)."""
    rows = Subscription.objects.filter(account=account_of(actor) or 0)
    seen = Q(entry__open=True) | Exists(seen_by(actor).filter(pk=OuterRef("entry")).order_by())
    return rows.annotate(seen=seen).select_related("entry__provider").order_by("-created", "-pk")


def followed(actor: Actor, rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those (of some) the actor follows."""
    return rows.filter(subscriptions__account_id=account_of(actor))


def may_see(entry: Entry, actor: Actor) -> bool:
    """True if the actor may know of it: everybody of what is open, else whoever reads it in the catalogue."""
    return entry.open or seen_by(actor).filter(pk=entry.pk).exists()


def followers(entry: Entry, rows: QuerySet[Subscription] | None = None) -> list[Account]:
    """Whoever follows it (of some) and may still see it: one that was open may be so no more."""
    follow = entry.subscriptions.all() if rows is None else rows
    found = Account.objects.filter(pk__in=follow.values("account_id"), is_active=True).select_related("person")
    return [one for one in found if may_see(entry, actor_for(one))]


def follows(entry: Entry, actor: Actor) -> bool:
    """True if the actor follows the data set."""
    return entry.subscriptions.filter(account_id=account_of(actor)).exists()


def account_of(actor: Actor) -> int | None:
    """The account the actor signs in with; None for who has none."""
    kind, _sep, pk = actor.key.partition(":")
    return int(pk) if kind == "account" and pk.isdecimal() else None


def extra_fields(region: str, day: date | None = None) -> ExtraFields | None:
    """The extra fields in force for a division on a day (default: today): its own, or of the nearest above it."""
    day = day or clock.today()
    rows = ExtraFields.objects.filter(region_code__in=(region, *codes.ancestors(region)), valid_from__lte=day)
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=day))
    return max(rows, key=lambda one: (codes.level_of(one.region_code), one.valid_from), default=None)


def keepers(entry: Entry) -> list[Account]:
    """Who is told what the provider should do: those who write for it."""
    return holders(entry.provider, WRITE)
