"""Reading parcels: one's own, those an office looks after, those of a thing, those the courier is to be asked about."""

from datetime import datetime
from functools import lru_cache

from django.db import models
from django.db.models import Q, QuerySet

from hexi.blocks.audit.operations import look
from hexi.blocks.parcels.models import ON_THE_WAY, OVER, Parcel, State
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Scope, within
from hexi.kernel.fixed import COUNT, Fixed, Given

OFFICIAL_VERBS = ("parcels.send", "parcels.hand")


def own(actor: Actor) -> QuerySet[Parcel]:
    """Parcels to the persons the actor may act for, newest first."""
    return Parcel.objects.filter(receiver__in=persons_of(actor)).select_related("department").order_by("-pk")


def seen_by(actor: Actor) -> QuerySet[Parcel]:
    """Parcels an official looks after, newest first; not his own."""
    scopes = [scope for verb in OFFICIAL_VERBS for scope in actor.scopes(verb)]
    found = Parcel.objects.filter(within(scopes)).exclude(receiver__in=persons_of(actor))
    return found.select_related("department").order_by("-pk")


def seen(number: str, actor: Actor) -> Parcel:
    """One parcel in full for an official; the look at the receiver's data is logged. Raises `DoesNotExist`."""
    parcel = seen_by(actor).select_related("receiver").get(number=number)
    look(actor, parcel, purpose=f"送达 {parcel.title_zh}", person_id=parcel.receiver_id)
    return parcel


def of_thing(thing: models.Model) -> QuerySet[Parcel]:
    """Everything that was sent of a thing, newest first."""
    kind, ref = name_of(thing)
    return Parcel.objects.filter(of_kind=kind, of_ref=ref).order_by("-pk")


_OF_THING = Fixed(
    lambda: (
        Parcel.objects.filter(of_kind=Given("kind"), of_ref=Given("ref"))
        .select_related("department")
        .order_by("-pk")[:5]
    )
)


def latest_of(thing: models.Model) -> list[Parcel]:
    """The last five that were sent of a thing, newest first, with office and tracks: one query if there is none."""
    kind, ref = name_of(thing)
    found = _OF_THING.all(kind=kind, ref=ref)
    models.prefetch_related_objects(found, "tracks")
    return found


def live(thing: models.Model) -> Parcel | None:
    """The parcel a thing is on its way in, if it is."""
    return of_thing(thing).exclude(state__in=OVER).first()


def name_of(thing: models.Model) -> tuple[str, str]:
    """How a parcel names what it holds."""
    return thing._meta.label_lower, str(thing.pk)


def troubled(parcels: QuerySet[Parcel]) -> QuerySet[Parcel]:
    """Those somebody must look after."""
    return parcels.exclude(problem="")


def to_do(parcels: QuerySet[Parcel]) -> QuerySet[Parcel]:
    """Those to be sent, and those with a problem."""
    return parcels.filter(Q(state=State.TO_SEND) | ~Q(problem=""))


def waiting(actor: Actor) -> int:
    """How many of what an official looks after are `to_do`: the number beside the word of the menu. One query."""
    scopes = tuple(scope for verb in OFFICIAL_VERBS for scope in actor.scopes(verb))
    own_person = getattr(actor, "person_id", None)
    return _waiting(scopes, own_person is not None).first(person=own_person) or 0


@lru_cache(maxsize=256)
def _waiting(scopes: tuple[Scope, ...], known: bool) -> Fixed[int]:
    """For all whose posts reach as far, `known` with a person of their own, whose parcels others handle."""
    rows = Parcel.objects.filter(within(scopes))
    if known:
        own_and_bodies = Person.objects.filter(Q(pk=Given("person")) | Q(representative=Given("person")))
        rows = rows.exclude(receiver__in=own_and_bodies.values("pk"))
    return Fixed(lambda: to_do(rows).order_by().values_list(COUNT, flat=True))


def find(parcels: QuerySet[Parcel], text: str) -> QuerySet[Parcel]:
    """By number, tracking number, receiver or content."""
    return parcels.filter(
        Q(number__icontains=text) | Q(tracking__icontains=text) | Q(receiver_name__contains=text)
        | Q(title_zh__contains=text)
    )  # fmt: skip


def due(now: datetime) -> QuerySet[Parcel]:
    """Those about which the courier is to be asked."""
    return Parcel.objects.filter(due__lte=now).order_by("due")


def past_code(now: datetime) -> QuerySet[Parcel]:
    """Those that were not collected while their code was good, and nobody has noted it."""
    return Parcel.objects.filter(state=State.PICKUP, problem="", valid_to__lt=clock.local_day(now))


def silent(before: datetime) -> QuerySet[Parcel]:
    """Those with the courier, of which nothing has been heard since."""
    return Parcel.objects.filter(state__in=ON_THE_WAY, problem="", heard_at__lt=before)


def readers(parcel: Parcel) -> list[Person]:
    """Who hears of a parcel: the receiver, and for a body the person who represents it."""
    receiver = parcel.receiver
    return [receiver] if receiver.natural or receiver.representative is None else [receiver.representative]
