"""How often everybody reads open data sets: counted in this process, written down together about once a minute.

A page that is read costs an addition in memory; no row is waited for while somebody waits for a page. What a process
had counted since it last wrote is lost if it is killed: a minute of figures, of no row.
"""

import logging
import threading
import time
from collections import Counter
from datetime import date

from django.db import DatabaseError, transaction
from django.db.models import F

from hexi.blocks.catalog.models import Entry, ReadCount, ReadWay
from hexi.kernel import clock

#: seconds between two writings of one process
EVERY = 60.0
Key = tuple[int, date, str]
log = logging.getLogger(__name__)
_lock = threading.Lock()
_counted: Counter[Key] = Counter()
_written = time.monotonic()


def read(entry: Entry, way: ReadWay) -> None:
    """One more reading today."""
    with _lock:
        _counted[entry.pk, clock.today(), way.value] += 1


def due() -> bool:
    """True if it is time to write down what was counted."""
    return bool(_counted) and time.monotonic() - _written >= EVERY


def write() -> int:
    """Write down what this process has counted; how many readings. What cannot be written is kept for the next time."""
    taken = _take()
    try:
        with transaction.atomic():
            return _write(taken)
    except DatabaseError:
        log.warning("readings of open data could not be written down; tried again later", exc_info=True)
        with _lock:
            _counted.update(taken)
        return 0


def _take() -> Counter[Key]:
    global _counted, _written
    with _lock:
        taken, _counted, _written = _counted, Counter(), time.monotonic()
    return taken


def _write(taken: Counter[Key]) -> int:
    """In the order of the keys, so that two processes never wait for each other in a ring."""
    there = set(Entry.objects.filter(pk__in={entry for entry, _day, _way in taken}).values_list("pk", flat=True))
    rows = [(key, n) for key, n in sorted(taken.items()) if key[0] in there]
    ReadCount.objects.bulk_create(
        [ReadCount(entry_id=entry, day=day, way=way) for (entry, day, way), _n in rows], ignore_conflicts=True
    )
    for (entry, day, way), n in rows:
        ReadCount.objects.filter(entry=entry, day=day, way=way).update(count=F("count") + n)
    return sum(n for _key, n in rows)
