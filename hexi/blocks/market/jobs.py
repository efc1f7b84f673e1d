"""What happens later: times put on offer as days come, reminders, appointments nobody came to."""

from hexi.blocks.calendars.models import Calendar
from hexi.blocks.calendars.queries import prefix
from hexi.blocks.market import halls, operations, queries
from hexi.blocks.market.models import Queue
from hexi.kernel import clock
from hexi.kernel.actors import System

#: appointments one run takes on
MOST = 1000


def plan() -> None:
    """Put the times of the coming days on offer, for every line."""
    _plan("")


def plan_again(calendar: int, first: str, last: str, by: str) -> None:
    """Days may be other days now: the times of the calendar's regions again."""
    found = Calendar.objects.filter(pk=calendar).first()
    _plan(prefix(found) if found is not None else "")


def remind() -> None:
    """Remind those whose time is within a day, each once."""
    by = System("market.remind")
    for booking in queries.to_remind(clock.now()).select_related("offer__queue__hall", "person")[:MOST]:
        operations.remind(booking, by=by)


def note_misses() -> None:
    """Note what nobody came to, each once."""
    by = System("market.note_misses")
    for booking in queries.not_come(clock.now()).select_related("offer__queue__hall", "person")[:MOST]:
        operations.miss(booking, by=by)


def _plan(region_prefix: str) -> None:
    lines = Queue.objects.filter(region_code__startswith=region_prefix).select_related("hall").order_by("pk")
    for queue in lines:
        halls.plan(queue, by=System("market.plan"))
