"""Whose names in the log are not for everybody who reads it. Beside models; domains declare a `Veil`."""

from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Value

from hexi.blocks.audit.models import Entry
from hexi.kernel.actors import Actor
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Veil:
    """Entries (`what`, over columns of Entry) that name who did something only to those who hold `right` somewhere.

    The entry itself is shown and stays in its chain: that something happened is for everybody who reads the log.
    """

    what: Q
    right: str


def log_for(actor: Actor) -> QuerySet[Entry]:
    """The log with `veiled`: true where this reader is not told who it was. Newest first."""
    hidden = Q(pk__in=())
    for veil in added(Veil):
        if not actor.scopes(veil.right):
            hidden |= veil.what
    veiled = ExpressionWrapper(hidden, BooleanField()) if hidden != Q(pk__in=()) else Value(False)
    return Entry.objects.annotate(veiled=veiled).order_by("-id")
