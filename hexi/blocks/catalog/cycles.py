"""Update cycles: until when rows should be up to date again. Pure, beside models."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from hexi.blocks.catalog.models import Cycle, Entry, Rows
from hexi.kernel import clock

SPANS = {
    Cycle.REALTIME: relativedelta(days=1), Cycle.DAILY: relativedelta(days=1), Cycle.WEEKLY: relativedelta(weeks=1),
    Cycle.MONTHLY: relativedelta(months=1), Cycle.QUARTERLY: relativedelta(months=3),
    Cycle.YEARLY: relativedelta(years=1),
}  # fmt: skip


def due(entry: Entry) -> date | None:
    """The last day by which the rows must have been brought up to date, from the last time or from publication.

    None: cycles without a length; own registers whose rows do not say when they changed, and those in real time, which
    are read as they are: that nothing happens is no delay.
    """
    span = SPANS.get(Cycle(entry.cycle))
    if span is None or (entry.kind == Rows.VIEW and (entry.cycle == Cycle.REALTIME or not entry.refreshed)):
        return None
    since = entry.refreshed.astimezone(clock.CHINA).date() if entry.refreshed else entry.published
    return since + span if since else None


def late(entry: Entry, day: date) -> timedelta:
    """How long a data set is overdue on a day; nothing if it is not."""
    return max(day - entry.due_on, timedelta()) if entry.due_on else timedelta()
