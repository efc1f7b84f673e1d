"""How often data sets were read of late: by those they were granted to, and by everybody at the portal."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Sum

from hexi.blocks.catalog.models import Entry, Kind, MessageLog, ReadCount, Side
from hexi.kernel import clock


def granted(since: datetime) -> Mapping[int, int]:
    """Signed calls by data set: through our gateway and inside the house. Rows are given through a grant alone."""
    asked = MessageLog.objects.filter(
        at__gte=since, kind=Kind.REQUEST, side__in=(Side.PROVIDER, Side.INSIDE), grant__isnull=False
    )
    return dict(asked.order_by().values_list("grant__entry").annotate(n=Count("pk")))


def opened(since: datetime) -> Mapping[int, int]:
    """Pages, files and questions of programs by data set, by whole days."""
    held = ReadCount.objects.filter(day__gte=clock.local_day(since))
    return dict(held.order_by().values_list("entry").annotate(n=Sum("count")))


def by_way(entry: Entry, since: datetime) -> dict[str, int]:
    """How everybody read one data set: `ReadWay` → how often."""
    held = ReadCount.objects.filter(entry=entry, day__gte=clock.local_day(since))
    return dict(held.order_by().values_list("way").annotate(n=Sum("count")))
