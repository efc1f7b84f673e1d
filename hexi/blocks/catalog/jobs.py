"""What happens later: providers are told what is overdue, data sets are measured at night."""

import logging

from hexi.blocks.catalog.models import Entry, Rows
from hexi.blocks.catalog.operations import following, measuring, sheets
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import System

log = logging.getLogger(__name__)


def remind() -> None:
    """Tell each provider that has overdue data sets."""
    late = queries.overdue(Entry.objects.all()).order_by().values("provider_id").distinct()
    for office in Department.objects.filter(pk__in=late).order_by("pk"):
        following.tell_overdue(office, by=System("catalog.remind"))


def take_sheet(run: int) -> None:
    """Take in a large file of entries; one that died goes on where it stopped."""
    sheets.carry_on(run)


def take_up_sheets() -> None:
    """Large files of entries that stand still: their job was killed."""
    sheets.go_on()


def look_at_own() -> None:
    """Ask each own register when its rows last changed; one that cannot be read holds up no other."""
    for entry in queries.published().filter(kind=Rows.VIEW).order_by("pk"):
        try:
            following.look_at_own(entry, by=System("catalog.look_at_own"))
        except Exception:
            log.exception("own data set %s could not be asked when it changed", entry.code)


def measure() -> None:
    """Measure every published data set; one that cannot be read is logged and holds up no other."""
    uses = measuring.uses_of_all(clock.now())
    most = max(uses.values(), default=0)
    for entry in queries.published().prefetch_related("items").order_by("pk"):
        try:
            measuring.measure(entry, uses=uses.get(entry.pk, 0), most=most, by=System("catalog.measure"))
        except Exception:
            log.exception("data set %s could not be measured", entry.code)
