"""Data sets here that mirror one elsewhere: whose they are, and the pushed pieces they have not taken yet."""

from collections.abc import Mapping

from django.db.models import QuerySet

from hexi.blocks.catalog.models import Entry, Received, Source, State, Subsystem, Way
from hexi.wire.xroad import names


def subsystem(name: str) -> Subsystem | None:
    """The system of ours with this full name that is in use."""
    try:
        said = names.client(name)
    except ValueError:
        return None
    found = Subsystem.objects.select_related("member__gateway").filter(
        member__instance=said.instance, member__member_class=said.member_class, member__code=said.member,
        code=said.subsystem, active=True, member__active=True, member__gateway__own=True,
    )  # fmt: skip
    return found.first()


def mirrors() -> QuerySet[Source]:
    """Sources that follow a data set elsewhere; one whose entry here was withdrawn takes nothing any more."""
    found = Source.objects.filter(way=Way.EXCHANGE, active=True).exclude(entry__state=State.WITHDRAWN)
    return found.select_related("entry").order_by("pk")


def rival(said: Mapping[str, str], entry: Entry) -> Source | None:
    """Another mirror here that would take the pieces of this one: each piece is taken once."""
    member = names.service(said["service"]).client.owner
    others = mirrors().filter(settings__code=said["code"]).exclude(entry=entry)
    return next(
        (one for one in others
         if names.client(one.settings["client"]) == names.client(said["client"])
         and names.service(one.settings["service"]).client.owner == member), None,
    )  # fmt: skip


def pieces(source: Source) -> QuerySet[Received]:
    """What came for a mirror and was not taken yet, the first first: from the member it asks, of the set it mirrors."""
    said, ours = source.settings, subsystem(source.settings["client"])
    member = names.service(said["service"]).client.owner
    waiting = Received.objects.filter(
        sender__startswith=f"{member}/", entry=said["code"], subsystem=ours, used_at=None
    ).order_by("pk")  # fmt: skip
    return waiting if ours else waiting.none()
