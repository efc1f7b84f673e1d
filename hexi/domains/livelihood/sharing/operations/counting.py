"""Signed calls through the provider's gateway are counted for the figures of use: each once, some minutes later.

The gateway answers thousands of calls a second and knows nothing of applications; a chain of the log has no gaps, so
how far it was looked through is one number.
"""

from collections import Counter
from datetime import date

from django.db.models import F

from hexi.blocks.audit.operations import change
from hexi.blocks.catalog.models import Chain
from hexi.domains.livelihood.sharing import facts, queries
from hexi.domains.livelihood.sharing.models import Application, Called, Tally
from hexi.kernel import clock
from hexi.kernel.actors import System


def count_calls(*, by: System) -> int:
    """Count what came since the last time, chain by chain; how many calls. Run twice at once, the second finds none."""
    return sum(_chain(stream, by) for stream in Chain.objects.values_list("stream", flat=True).order_by("stream"))


def _chain(stream: str, by: System) -> int:
    kept, _made = Tally.objects.get_or_create(stream=stream)
    if kept.seq == Chain.objects.values_list("seq", flat=True).get(stream=stream):
        return 0
    with change(by, "sharing.count_calls") as note:
        kept = Tally.objects.select_for_update().get(stream=stream)
        head = Chain.objects.values_list("seq", flat=True).get(stream=stream)
        found: Counter[tuple[int, date]] = Counter()
        for application, at in queries.through_gateway(stream, kept.seq, head).iterator(10_000):
            found[application, clock.local_day(at)] += 1
        _keep(found)
        kept.seq = head
        kept.save(update_fields=["seq"])
        note.thing, note.facts = kept, {"stream": stream, "until": head, "calls": found.total()}
    return found.total()


def _keep(found: Counter[tuple[int, date]]) -> None:
    """Add to what is kept of each day, and to the figures. Under the chain's lock."""
    applications = Application.objects.select_related("entry").in_bulk({application for application, _day in found})
    for (application, day), calls in sorted(found.items()):
        row, _made = Called.objects.get_or_create(application_id=application, day=day)
        Called.objects.filter(pk=row.pk).update(calls=F("calls") + calls)
        facts.used(applications[application], day, calls)
