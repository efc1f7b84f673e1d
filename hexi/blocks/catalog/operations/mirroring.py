"""Data sets that mirror one elsewhere take what was pushed: in the order it came, each piece once."""

from datetime import timedelta
from itertools import takewhile

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.catalog.models import LoadState, Received, Source, State
from hexi.blocks.catalog.operations import entries, loads
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.catalog.queries import mirrored
from hexi.blocks.notices import operations as notices
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words

#: how long a piece is left to who is at it; one that could not be taken is tried again after twice that, four times …
LEASE, LONGEST = timedelta(minutes=15), timedelta(days=1)
ROWS, CHANGED, WITHDRAWN = "rows_refreshed", "entry_changed", "entry_withdrawn"
#: withdrawn there while the entry here is not published
STOPPED = "stopped"
SAID = {
    CHANGED: Words(
        zh="对方的目录条目改了，已重新取数。请核对本地的条目和数据项。",
        en="Its entry there has changed, and the rows were asked for again. Check the entry and its items here.",
    ),
    WITHDRAWN: Words(
        zh="对方已撤下，本地的也已撤下，不再取数。",
        en="It was withdrawn there, so it is withdrawn here as well and not asked for any more.",
    ),
    STOPPED: Words(
        zh="对方已撤下，不再取数。本地的条目没有发布，请修改数据来源或弃用草稿。",
        en="It was withdrawn there and is not asked for any more. The entry here is not published: change where its "
        "rows come from, or discard the draft.",
    ),
}


def take_up(source: Source, *, by: Actor) -> int:
    """Do what the waiting pieces say; how many were taken. Of two at once one does it.

    Several pieces of new rows in a row are one load: it has what the last of them tells of. What cannot be taken now
    (nobody answers, a load is under way) waits, and all behind it.
    """
    done = 0
    while source.active and (waiting := list(mirrored.pieces(source)[:1_000])):
        if not _claimed(_first(waiting)):
            break
        used, taken = _taken(source, waiting, by)
        if not used:
            break
        with change(by, "catalog.take_piece", source.entry, pieces=[one.pk for one in taken], used=used):
            rows = Received.objects.filter(pk__in=[one.pk for one in taken], used_at=None)
            done += rows.update(used_at=clock.now(), used=used)
        source.refresh_from_db()
    return done


def waits(source: Source) -> bool:
    """True if a piece came that nobody is at and whose time has come."""
    waiting = list(mirrored.pieces(source)[:1_000])
    return bool(waiting) and _free(Received.objects.filter(pk=_first(waiting).pk)).exists()


def _first(waiting: list[Received]) -> Received:
    """A withdrawal waits behind no fetch that failed: what came before it is given to nobody any more."""
    return next((one for one in waiting if one.what == WITHDRAWN), waiting[0])


def _claimed(piece: Received) -> bool:
    return bool(_free(Received.objects.filter(pk=piece.pk, used_at=None)).update(claimed_at=clock.now()))


def _free(pieces: QuerySet[Received]) -> QuerySet[Received]:
    return pieces.filter(Q(claimed_at=None) | Q(claimed_at__lt=clock.now() - LEASE))


def _taken(source: Source, waiting: list[Received], by: Actor) -> tuple[str, list[Received]]:
    """What became of the first piece, and of those after it that say no more than it; "" if it has to wait."""
    first = waiting[0]
    if ended := [place for place, one in enumerate(waiting) if one.what == WITHDRAWN]:
        return _withdrawn(source, by), waiting[: ended[0] + 1]  # what came before is given to nobody any more
    if first.what not in (ROWS, CHANGED):
        return "unknown", [first]
    alike = list(takewhile(lambda one: one.what in (ROWS, CHANGED), waiting))
    load = loads.ask(source, by=by)
    if load is not None and load.state == LoadState.WAITING:
        load = loads.run(load, by=by)
    if load is None or load.state in (LoadState.WAITING, LoadState.RUNNING):  # another load first: soon again
        Received.objects.filter(pk=first.pk).update(claimed_at=None)
        return "", []
    if load.state == LoadState.FAILED:
        failed = source.loads.filter(state=LoadState.FAILED, made_at__gte=first.at).count()
        again = clock.now() + min(LEASE * 2 ** min(failed, 10), LONGEST)
        Received.objects.filter(pk=first.pk).update(claimed_at=again - LEASE)
        return "", []
    if any(one.what == CHANGED for one in alike):
        _tell(source, CHANGED, by)
    return str(load.state), alike


def _withdrawn(source: Source, by: Actor) -> str:
    """Taken back there: taken back here, too."""
    with change(by, "catalog.mirror_withdrawn", source.entry):
        Source.objects.filter(pk=source.pk).update(active=False)
        entry = entries.withdraw(source.entry, reason=_("提供方在对方平台撤下了这个数据集。"), by=by)
        _tell(source, WITHDRAWN if entry.state == State.WITHDRAWN else STOPPED, by)
    return "withdrawn"


def _tell(source: Source, what: str, by: Actor) -> None:
    entry = source.entry
    title = Words(zh=entry.title, en=entry.title_en or entry.title)
    whom = queries.holders(entry.provider, queries.WRITE)
    if whom:
        facts = {"title": title, "entry": entry.pk, "said": SAID[what]}
        notices.tell(whom, "catalog.mirror", about=entry, facts=facts, by=by)  # type: ignore[arg-type]
