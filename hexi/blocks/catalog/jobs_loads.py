"""What happens later with rows: loads run, places asked again, the watched folder looked at, dead loads taken up."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q

from hexi.blocks.catalog.models import Load, LoadState, Source, Way
from hexi.blocks.catalog.operations import loads, tabling
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.store import files
from hexi.kernel import clock
from hexi.kernel.actors import System

#: sources asked, and files taken, in one run
MOST = 50
#: seconds a dropped file must have lain still: it may still be copied
STILL = 20


def load(load: int) -> None:
    """Do one load; a try that died is taken up by `sweep`."""
    loads.run(Load.objects.get(pk=load), by=System("catalog.load"))


def ask(source: int) -> None:
    """Ask a database or service, and load what came."""
    made = loads.ask(Source.objects.select_related("entry").get(pk=source), by=System("catalog.ask"))
    if made is not None and made.state == LoadState.WAITING:
        loads.run(made, by=System("catalog.load"))


def sweep() -> None:
    """Take up loads that wait or are dead, ask who is due, look into the folder. Another one's error stops none."""
    by, now = System("catalog.load"), clock.now()
    if not files.available():
        return
    left = Q(state=LoadState.WAITING, made_at__lt=now - timedelta(minutes=1))
    for one in Load.objects.filter(left | Q(state=LoadState.RUNNING, beat_at__lt=now - loads.DEAD))[:MOST]:
        with suppress(Exception):  # in the log; the next one must not wait for it
            loads.run(one, by=by)
    for one in due(now)[:MOST]:
        with suppress(Exception):
            ask(one.pk)
    take_dropped()
    loads.sweep_incoming()


def keep_tables() -> None:
    """Keep versions as tables of PostgreSQL, if that is chosen; what is left of them is taken away if not."""
    tabling.keep()


def due(now: datetime) -> list[Source]:
    """Databases and services whose time has come, the longest waiting first."""
    found = Source.objects.filter(active=True, minutes__gt=0).exclude(way=Way.FILE).order_by("asked_at")
    return [one for one in found if one.asked_at is None or one.asked_at + timedelta(minutes=one.minutes) <= now]


def take_dropped() -> None:
    """Take in files that were put into the folder of a data set and lie still, the oldest first."""
    by, folder = System("catalog.folder"), queries.drop_folder()
    for source in Source.objects.filter(way=Way.FILE, active=True).select_related("entry"):
        for path in still(folder / source.entry.slug)[:1]:  # one a run: each is a version of its own
            with suppress(Exception):
                loads.take_dropped(source, path, by=by)


def still(home: Path) -> list[Path]:
    """Files somebody has finished putting there; links and hidden files are none."""
    if not home.is_dir():
        return []
    old = clock.now().timestamp() - STILL
    found = [
        path for path in home.iterdir()
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".") and path.suffix != ".refused"
    ]  # fmt: skip
    return sorted((path for path in found if path.stat().st_mtime < old), key=lambda path: path.stat().st_mtime)
