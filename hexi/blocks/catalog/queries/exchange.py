"""Reads of the exchange: what others need to trust us, and what officials may see of it."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from hexi.blocks.catalog.models import (
    Access,
    Delivery,
    Entry,
    Feed,
    Gateway,
    Grant,
    GrantState,
    Group,
    Member,
    MessageLog,
    Received,
    Service,
    Sharing,
    State,
    Subsystem,
)
from hexi.blocks.catalog.uses import Use
from hexi.blocks.people.models import Person
from hexi.blocks.regions.models import Department
from hexi.kernel.actors import Actor, Scope, within
from hexi.wire.xroad import names

#: rights: take part and offer, for one's own office; who is trusted at all, for the whole installation; give one's own
#: office's data, and use what it was given; read the log of its messages
OFFER, TRUST = "catalog.exchange", "catalog.trust"
GRANT, USE, LOG = "catalog.grant", "catalog.use", "catalog.log"


def card() -> dict[str, Any]:
    """Our own installation as a file for others (网关名片): address, certificate, keys, members with subsystems."""
    try:
        own = Gateway.objects.prefetch_related("keys", "members__subsystems").get(own=True)
    except ObjectDoesNotExist:
        raise LookupError("还没有登记本系统的网关 / our own gateway is not registered: hexi catalog gateway") from None
    return {
        "code": own.code, "title": own.title, "title_en": own.title_en, "url": own.url, "certificate": own.certificate,
        "keys": [key.public for key in own.keys.all() if key.until is None],
        "members": [
            {
                "instance": member.instance, "class": member.member_class, "code": member.code, "title": member.title,
                "title_en": member.title_en, "region": member.region_code,
                "subsystems": [
                    {"code": one.code, "title": one.title, "title_en": one.title_en}
                    for one in member.subsystems.all() if one.active
                ],
            }
            for member in own.members.all() if member.active
        ],
    }  # fmt: skip


def members(actor: Actor) -> QuerySet[Member]:
    """Everybody who takes part, for those who offer or trust anywhere; ours first."""
    found = Member.objects.select_related("gateway", "department").annotate(systems=Count("subsystems", distinct=True))
    if not (actor.scopes(OFFER) or actor.scopes(TRUST)):
        return found.none()
    return found.order_by("-gateway__own", "instance", "member_class", "code")


def manages(actor: Actor, member: Member) -> bool:
    """True if the actor may change the member's systems and services: of his own office, in this installation."""
    return member.department_id is not None and actor.may(OFFER, member.department_id, member.region_code)


def offices(actor: Actor) -> QuerySet[Department]:
    """The departments the actor may bring in as members, those that are not there yet."""
    taken = Member.objects.exclude(department=None).values("department")
    found = Department.objects.filter(within(actor.scopes(OFFER), "pk"), active=True)
    return found.exclude(pk__in=taken).order_by("region_code", "key")


def services(actor: Actor) -> QuerySet[Service]:
    """The services the actor may manage."""
    path = "subsystem__member__"
    mine = within(actor.scopes(OFFER), f"{path}department_id", f"{path}region_code")
    found = Service.objects.select_related("subsystem__member", "entry")
    return found.filter(mine, subsystem__member__department__isnull=False).order_by("subsystem", "code")


def full_name(service: Service) -> str:
    """Its name in the exchange, as it stands in the address of a call."""
    owner = service.subsystem.member
    client = names.Client(owner.instance, owner.member_class, owner.code, service.subsystem.code)
    return str(names.Service(client, service.code))


def grants(actor: Actor) -> QuerySet[Grant]:
    """What one's own office gave (right `catalog.grant`) and was given (`catalog.use`)."""
    given = within(actor.scopes(GRANT), "entry__provider_id", "entry__region_code")
    held = within(actor.scopes(USE), "department_id", "department__region_code")
    path = "subsystem__member__"
    through = within(actor.scopes(USE), f"{path}department_id", f"{path}region_code")
    found = Grant.objects.filter(given | held | through)
    return found.select_related("entry__provider", "subsystem__member", "department").order_by("-pk")


def gives(actor: Actor, grant: Grant) -> bool:
    """True if the actor may change the grant."""
    return actor.may(GRANT, grant.entry.provider_id, grant.entry.region_code)


def givable(actor: Actor) -> QuerySet[Entry]:
    """Data sets the actor may give to others: published, shared, of the offices he may give for."""
    mine = within(actor.scopes(GRANT), "provider_id", "region_code")
    found = Entry.objects.filter(mine, state=State.PUBLISHED).exclude(sharing=Sharing.NONE)
    return found.select_related("provider").order_by("title", "pk")


def callers() -> QuerySet[Subsystem]:
    """Systems that may be allowed something: in use, of members and installations that take part."""
    found = Subsystem.objects.filter(active=True, member__active=True, member__gateway__active=True)
    return found.select_related("member").order_by("member__code", "code")


def trusts(actor: Actor) -> bool:
    """True if the actor decides which installations are spoken to: a post over the whole of ours."""
    return Scope() in actor.scopes(TRUST)


def gateways(actor: Actor) -> QuerySet[Gateway]:
    """Our own installation and the others, for whoever decides about trust; `peers`: members behind it."""
    if not trusts(actor):
        return Gateway.objects.none()
    peers = Count("members", filter=Q(members__active=True))
    return Gateway.objects.annotate(peers=peers).order_by("-own", "-active", "code")


def groups(actor: Actor) -> QuerySet[Group]:
    """Access groups, for who offers anything; `size`: subsystems in it."""
    if not actor.scopes(OFFER):
        return Group.objects.none()
    return Group.objects.annotate(size=Count("subsystems")).order_by("code")


def whole_regions(actor: Actor) -> list[str]:
    """Prefixes of the regions whose exchange the actor manages as a whole, the widest first."""
    return sorted(one.region for one in actor.scopes(OFFER) if one.department is None)


def manages_group(actor: Actor, group: Group) -> bool:
    """True if the actor may put systems into the group and take them out."""
    return any(group.region_code.startswith(region) for region in whole_regions(actor))


def feeds(actor: Actor) -> QuerySet[Feed]:
    """What one's own office pushes; `waiting` pieces, since when (`oldest`), the last `answer` of the first of them."""
    waiting = Delivery.objects.filter(feed=OuterRef("pk"), received_at=None).order_by("number")
    found = Feed.objects.filter(within(actor.scopes(GRANT), "entry__provider_id", "entry__region_code"))
    return found.select_related("entry", "grant").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__received_at=None)),
        oldest=Subquery(waiting.values("made_at")[:1]), answer=Subquery(waiting.values("answer")[:1]),
    ).order_by("-active", "-since", "pk")  # fmt: skip


def received(actor: Actor) -> QuerySet[Received]:
    """What others pushed to the systems of one's own office, newest first."""
    path = "subsystem__member__"
    mine = within(actor.scopes(USE), f"{path}department_id", f"{path}region_code")
    found = Received.objects.filter(mine, subsystem__isnull=False).defer("body")
    return found.select_related("subsystem__member").order_by("-at", "-pk")


def log(actor: Actor) -> QuerySet[MessageLog]:
    """Messages of one's own office: its systems', and readings of and by it inside the house. Newest first."""
    scopes, path = actor.scopes(LOG), "subsystem__member__"
    own = within(scopes, f"{path}department_id", f"{path}region_code")
    data = within(scopes, "grant__entry__provider_id", "grant__entry__region_code")
    read = within(scopes, "grant__department_id", "grant__department__region_code")
    system = "grant__subsystem__member__"
    read |= within(scopes, f"{system}department_id", f"{system}region_code")
    found = MessageLog.objects.filter(own | data | read).defer("head", "body", "signature", "body_digest")
    return found.select_related("subsystem__member", "batch").order_by("-pk")


def earlier_accesses(person: Person | None) -> QuerySet[Access]:
    """Rows about a person that were given out before he was registered here: they stand in no log of his."""
    if person is None:
        return Access.objects.none()
    mine = person.identifiers.values_list("lookup", flat=True)
    rows = Access.objects.filter(person_hash__in=list(mine), told=False)
    return rows.select_related("entry", "service__subsystem__member").order_by("-when", "-pk")


def grants_of(entry: Entry, by: Actor) -> list[Use]:
    """Who was given the entry, as far as one may know, for "who uses this field"."""
    found = grants(by).filter(entry=entry, state=GrantState.ACTIVE)
    return [Use(one.consumer_name, tuple(one.fields), reverse("catalog.grant", args=[one.pk])) for one in found]


def count_grants(entry: Entry) -> int:
    """Grants in force."""
    return Grant.objects.filter(entry=entry, state=GrantState.ACTIVE).count()
