"""What happens later: orders and questions to couriers, codes that ran out, parcels nobody hears of."""

from datetime import timedelta

from hexi.blocks.parcels import operations, queries, tracking
from hexi.kernel import clock
from hexi.kernel.actors import System

#: parcels one run takes on
MOST = 500


def exchange(parcel: int) -> None:
    """Ask the courier about one parcel; what fails is taken up by the sweep when it is due again."""
    tracking.exchange(parcel)


def sweep() -> None:
    """Ask about every parcel that is due: orders that failed, news that did not come, what was lost with a worker."""
    for pk in list(queries.due(clock.now()).values_list("pk", flat=True)[:MOST]):
        tracking.exchange(pk)


def look_after() -> None:
    """Note what was not collected in time, and what the courier says nothing about. Each once."""
    by, now = System("parcels.look_after"), clock.now()
    for parcel in queries.past_code(now).select_related("receiver__representative")[:MOST]:
        operations.expire_code(parcel, by=by)
    before = now - timedelta(days=tracking.SILENT_DAYS.value)
    for parcel in queries.silent(before)[:MOST]:
        operations.note_silence(parcel, before=before, by=by)
