"""Numbers written anew under the newest key, and lookups under a key of it. Operations of the command line alone."""

from collections.abc import Callable

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Identifier
from hexi.blocks.people.vault import ring
from hexi.kernel.actors import System

BY = System("rekey")
BATCH = 500


def rekey(progress: Callable[[int], None] = lambda done: None) -> int:
    """Encrypt under the first key every number that is not; returns how many. Safe while the service runs."""
    keys, done = ring(), 0
    while rows := list(Identifier.objects.exclude(number__startswith=f"{keys.first}:").order_by("pk")[:BATCH]):
        with change(BY, "people.rekey") as entry:
            for row in rows:
                sealed = keys.seal(keys.open(row.number, row.type_id), row.type_id)
                done += Identifier.objects.filter(pk=row.pk, number=row.number).update(number=sealed)
            entry.rows = [row.pk for row in rows]
        progress(done)
    return done


def reindex() -> int:
    """Make every lookup anew under the first key, all or none. The service must be stopped: it looks up by the last."""
    keys, done = ring(), 0
    with change(BY, "people.reindex") as entry:
        for row in Identifier.objects.order_by("pk").iterator(chunk_size=BATCH):
            fresh = keys.lookup(keys.open(row.number, row.type_id), row.type_id, newest=True)
            done += Identifier.objects.filter(pk=row.pk).update(lookup=fresh)
        entry.facts["rows"] = done
    return done
