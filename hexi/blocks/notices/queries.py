"""Inboxes, unread counts, failures of sending, and talks about things."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Q, QuerySet

from hexi.blocks.notices.models import Delivery, Line, Notice, Preference
from hexi.blocks.people.queries import persons_of
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import COUNT, Fixed, Given

_NEW = Fixed(lambda: _new(Q(account_id=Given("account"))))
_NEW_FOR_BOTH = Fixed(
    lambda: _new(Q(account_id=Given("account")) | Q(person_id=Given("person"))).union(
        _new(Q(person__representative_id=Given("person"))), all=True
    )
)
_TALKS = Fixed(
    lambda: Line.objects.filter(talk__about_kind=Given("kind"), talk__about_ref=Given("ref")).select_related("talk")
)


def _new(whose: Q) -> QuerySet[Notice]:
    return Notice.objects.filter(whose, read_at=None).order_by().values_list(COUNT, flat=True)


def inbox(actor: Actor) -> QuerySet[Notice]:
    """What the actor was told, himself or for whom he acts; what is not read comes first, then the newest."""
    mine = Q(pk__in=())
    if account_id := getattr(actor, "account_id", None):
        mine |= Q(account_id=account_id)
    if persons := persons_of(actor):
        mine |= Q(person_id__in=persons)
    new_first = models.Case(models.When(read_at=None, then=0), default=1, output_field=models.SmallIntegerField())
    return Notice.objects.filter(mine).order_by(new_first, "-at", "-pk")


def unread(actor: Actor) -> int:
    """How many notices wait to be read: one query by index, for the badge of every page; none for a visitor."""
    account_id, own = getattr(actor, "account_id", None), getattr(actor, "person_id", None)
    if account_id is None:
        return 0
    if own is None:
        return sum(_NEW.all(account=account_id))
    return sum(_NEW_FOR_BOTH.all(account=account_id, person=own))


def unwanted(account_id: int | None) -> set[str]:
    """Channels an account does not want."""
    if account_id is None:
        return set()
    return set(Preference.objects.filter(account_id=account_id).values_list("channel", flat=True))


def about(thing: models.Model) -> QuerySet[Notice]:
    """What anybody was told about a thing, oldest first, with the deliveries: for the thing's own page."""
    kind, ref = name_of(thing)
    return Notice.objects.filter(about_kind=kind, about_ref=ref).prefetch_related("deliveries").order_by("at", "pk")


def failures() -> QuerySet[Delivery]:
    """What was given up, newest first, with the readers."""
    failed = Delivery.objects.filter(state=Delivery.State.FAILED)
    readers = ("notice__account__person", "notice__person__account", "notice__person__representative__account")
    return failed.select_related(*readers).order_by("-made_at", "-pk")


def due(now: datetime) -> QuerySet[Delivery]:
    """What should be sent by now, the longest waiting first."""
    return Delivery.objects.filter(state=Delivery.State.WAITING, due__lte=now).order_by("due", "pk")


def talk(thing: models.Model, topic: str) -> list[Line]:
    """What was said about one topic of a thing, oldest first."""
    kind, ref = name_of(thing)
    return list(Line.objects.filter(talk__about_kind=kind, talk__about_ref=ref, talk__topic=topic))


def talks(thing: models.Model) -> dict[str, list[Line]]:
    """All that was said about a thing, by topic, in one query: for a page with many topics."""
    kind, ref = name_of(thing)
    found: dict[str, list[Line]] = {}
    for line in _TALKS.all(kind=kind, ref=ref):
        found.setdefault(line.talk.topic, []).append(line)
    return found


def last_told(key: str, things: Iterable[models.Model]) -> dict[int, datetime]:
    """When somebody was last told `key` about each of these things (all of one model); not there: never."""
    refs = [name_of(thing) for thing in things]
    kinds, keys = {kind for kind, _ref in refs}, [ref for _kind, ref in refs]
    found = Notice.objects.filter(key=key, about_kind__in=kinds, about_ref__in=keys).order_by()
    return {int(ref): at for ref, at in found.values_list("about_ref").annotate(models.Max("at"))}


def name_of(thing: models.Model) -> tuple[str, str]:
    """How a thing is referred to without a foreign key: its label and primary key."""
    return thing._meta.label_lower, str(thing.pk)
