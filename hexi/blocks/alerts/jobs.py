"""What happens later: finding and telling those in the area, noting what expired, asking sources."""

from contextlib import suppress
from datetime import timedelta

from django.db.models import Q

from hexi.blocks.alerts import operations, outside, reaching
from hexi.blocks.alerts.models import Alert, Source, State
from hexi.kernel import clock
from hexi.kernel.actors import System

#: rows one run takes on
MOST = 200


def reach(alert: int, by: str = "") -> None:
    """Find and tell; a try that died is taken up by `sweep`."""
    row = Alert.objects.select_related("department").get(pk=alert)
    reaching.reach(row, by=System("alerts.reach"))


def sweep() -> None:
    """Note what has expired; find again for what a dead worker left half done."""
    by, now = System("alerts.sweep"), clock.now()
    for alert in Alert.objects.filter(state=State.PUBLISHED, ended_at=None, expires__lte=now)[:MOST]:
        operations.expire(alert, by=by)
    alive = Alert.objects.published().filter(ended_at=None, expires__gt=now)  # a cancellation is told as well
    left = alive.filter(reached_at=None, published_at__lt=now - timedelta(minutes=2))
    for alert in left.exclude(status="Test").select_related("department")[:MOST]:
        with suppress(Exception):  # written to the log by `reach`; the next one must not wait for it
            reaching.reach(alert, by=by)


def fetch(source: int) -> None:
    """Ask one source now."""
    outside.fetch(Source.objects.get(pk=source), by=System("alerts.fetch"))


def fetch_all() -> None:
    """Ask every source that has not been asked for a while."""
    before = clock.now() - timedelta(minutes=outside.MINUTES.value)
    due = Source.objects.filter(Q(asked_at=None) | Q(asked_at__lte=before), active=True).exclude(url="")
    for source in due.order_by("asked_at")[:MOST]:
        outside.fetch(source, by=System("alerts.fetch"))
