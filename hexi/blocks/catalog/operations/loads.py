"""Rows brought in: files and places asked, columns confirmed, loads run whole or not at all."""

import hashlib
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F, Max
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import hooks, matching
from hexi.blocks.catalog.models import UNDER_WAY, BadRow, Load, LoadState, Source, Subsystem, Version, Way
from hexi.blocks.catalog.operations import calling, entries, following
from hexi.blocks.catalog.operations.placing import DATABASES, SEALED
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.queries import mirrored, portal
from hexi.blocks.catalog.store import checking, databases, fetching, files, loading, options, reading
from hexi.blocks.catalog.store.checking import Field
from hexi.blocks.catalog.store.databases import Lost, Place, Since
from hexi.blocks.catalog.store.reading import Table
from hexi.blocks.people.vault import ring
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

#: a load that has not gone on for so long is dead (a database may take `databases.READING` for a piece); how often it
#: is tried
DEAD, TRIES = timedelta(minutes=15), 3


# --- files ------------------------------------------------------------------------------------------------------------
def hand_in(source: Source, file: BinaryIO, name: str, *, once: uuid.UUID | None = None, by: Actor) -> Load:
    """Take a file: looked at, and loaded at once if its columns are those confirmed; else it waits for that.

    Sent twice with the same `once` it stands once. Raises `ValidationError` for what cannot be read, and while
    another load of the source is under way.
    """
    entry = source.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    files.require()
    once = once or uuid.uuid4()
    if same := Load.objects.filter(once=once, source=source, by_key=by.key).first():
        return same
    path = files.made(queries.incoming()) / uuid.uuid4().hex
    try:
        size, digest = _kept(file, path)
        return _begun(source, path, name, size=size, digest=digest, once=once, by=by)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _kept(file: BinaryIO, path: Path) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as out:
        while piece := file.read(1_000_000):
            size += len(piece)
            if size > options.BYTES.value:
                told = _("文件太大：最多 %(n)s MB。请分成几份，或改用数据库对接。")
                raise ValidationError({"file": told % {"n": options.BYTES.value // 1_000_000}})
            files.room()
            digest.update(piece)
            out.write(piece)
        os.fsync(out.fileno())
    return size, digest.hexdigest()


def _begun(source: Source, path: Path, name: str, *, size: int, digest: str, once: uuid.UUID, by: Actor) -> Load:
    with _read(source, path, name) as table:
        seen = _seen(source, table)
    more = {"name": name[:200], "file": path.name, "bytes": size, "digest": digest}
    return _made(source, seen, once=once, by=by, **more)


@contextmanager
def _read(source: Source, path: Path, name: str) -> Iterator[Table]:
    """A file with its columns under the names of the items whose titles they bear."""
    with reading.opened(path, name, inside=source.settings.get("inside", "")) as table:
        yield replace(table, names=_called(source, table.names))


def _called(source: Source, names: Sequence[str]) -> tuple[str, ...]:
    """A database is asked by its own names, which a view may say otherwise."""
    return tuple(names) if source.way in DATABASES else matching.called(names, source.entry.items.all())


def _columns(source: Source, said: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Columns the source says, as the file has them: a title that is itself a column of it is that one."""
    return tuple(one if one in names else _called(source, [one])[0] for one in said)


def _seen(source: Source, table: Table) -> dict[str, Any]:
    """What a table seems to be, and in which words it differs from what was confirmed."""
    confirmed = queries.fields_of(source.fields)
    # rows elsewhere may all be gone; an upload without rows is a slip
    looked = loading.preview(table, known=confirmed if source.way == Way.EXCHANGE else ())
    return {
        "fields": [one.facts() for one in looked.fields], "looked_at": looked.looked_at,
        "rows": [[_short(cell) for cell in row] for row in looked.rows],
        "encoding": looked.encoding, "delimiter": looked.delimiter,
        "changes": checking.changes(confirmed, looked.fields) if confirmed else [],
        "fits": bool(confirmed) and checking.order(confirmed, table.names) is not None,
    }  # fmt: skip


def _short(cell: Any) -> str:
    return str("" if cell is None else cell).replace("\0", "")[:100]


def _made(source: Source, seen: dict[str, Any], *, once: uuid.UUID, by: Actor, **more: Any) -> Load:
    state = LoadState.WAITING if seen.get("fits") else LoadState.SEEN
    try:
        with audit.change(by, "catalog.hand_in", source.entry, name=more.get("name", "")) as note:
            load = Load.objects.create(
                source=source, once=once, state=state, seen=seen, by_key=by.key, by_name=by.name[:200],
                made_at=clock.now(), **more,
            )  # fmt: skip
            note.facts["load"] = load.pk
            if state == LoadState.WAITING:
                hooks.load_wanted.ring(load=load)
    except IntegrityError:
        if same := Load.objects.filter(once=once, source=source, by_key=by.key).first():
            return same
        raise ValidationError(_("这个数据集正在装载，或有一份文件等着确认。请先办完那一份。")) from None
    return load


# --- confirming -------------------------------------------------------------------------------------------------------
def confirm(load: Load, fields: Sequence[Field], *, by: Actor) -> Load:
    """Agree to what the columns are; the load begins. Twice is once. Raises `ValidationError` by column."""
    entry = load.source.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    with audit.change(by, "catalog.confirm", entry, load=load.pk) as note:
        load = Load.objects.select_for_update().get(pk=load.pk)
        if load.state != LoadState.SEEN:
            return load
        _agreed(load, fields)
        source = load.source
        source.fields = [one.facts() for one in fields]
        source.confirmed_name, source.confirmed_at = by.name[:200], clock.now()
        source.mark = ""
        source.save()
        load.state = LoadState.WAITING
        load.save()
        note.facts["fields"] = [f"{one.name} {one.type}" for one in fields]
        hooks.load_wanted.ring(load=load)
    return load


def _agreed(load: Load, fields: Sequence[Field]) -> None:
    names = [one["name"] for one in load.seen["fields"]]
    if sorted(one.name for one in fields) != sorted(names):
        raise ValidationError(_("数据项与文件的列不同。请重新上传文件。"))
    for one in fields:
        if one.type not in checking.LETTERS:
            raise ValidationError(_("列“%(name)s”：请选择数据类型。") % {"name": one.name})
        if one.length is not None and not 0 < one.length <= checking.TEXT:
            raise ValidationError(_("列“%(name)s”：长度在 1 到 %(n)s 之间。") % {"name": one.name, "n": checking.TEXT})
    for name in _columns(load.source, [*filter(None, (*load.source.key, load.source.watermark))], names):
        if name not in names:
            raise ValidationError(_("来源里写的列“%(name)s”不在文件里。请改来源的主键或增量列。") % {"name": name})


def drop(load: Load, *, by: Actor) -> None:
    """Give up a load that is not running. Twice is once."""
    entry = load.source.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    with audit.change(by, "catalog.drop_load", entry, load=load.pk):
        Load.objects.filter(pk=load.pk, state__in=(LoadState.SEEN, LoadState.WAITING)).update(
            state=LoadState.DROPPED, ended_at=clock.now(), seen=_kept_of(load)
        )
    _forget(Load.objects.get(pk=load.pk))


# --- asking others ----------------------------------------------------------------------------------------------------
def want(source: Source, *, by: Actor) -> None:
    """Ask a database or service soon, by a job. Needs `catalog.write`."""
    entry = source.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    if source.way == Way.FILE:
        raise ValidationError(_("这个数据集的数据来自文件。请上传文件。"))
    if queries.under_way(source):
        raise ValidationError(_("这个数据集正在装载，或有一份文件等着确认。请先办完那一份。"))
    with audit.change(by, "catalog.want", entry):
        hooks.asking_wanted.ring(source=source)


def ask(source: Source, *, by: Actor) -> Load | None:
    """Ask a database or service now, and load what is new. What fails stands in the load; None while one is under way.

    No transaction is open while a server answers.
    """
    entry = source.entry
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    files.require()
    Source.objects.filter(pk=source.pk).update(asked_at=clock.now())
    if queries.under_way(source):
        return None
    try:
        return _looked(source, by) if source.way in DATABASES else _fetched(source, by)
    except (Lost, ValidationError) as error:
        told = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        return _noted(source, LoadState.FAILED, told, by)


def _fetched(source: Source, by: Actor) -> Load:
    path = files.made(queries.incoming()) / uuid.uuid4().hex
    said = source.settings
    if source.way == Way.EXCHANGE:
        size = calling.fetch_rows(_ours(said["client"]), said["service"], path, grant=said["grant"])
    else:
        size = fetching.fetch(said["url"], path, token=_secret(source))
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        last = source.loads.filter(state__in=(LoadState.DONE, LoadState.SAME)).order_by("-pk").first()
        if last is not None and last.digest == digest:
            path.unlink()
            return _noted(source, LoadState.SAME, "", by, digest=digest)
        return _begun(source, path, _place_name(source), size=size, digest=digest, once=uuid.uuid4(), by=by)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _looked(source: Source, by: Actor) -> Load:
    name = f"{source.settings['host']} {source.settings['table']}"
    if source.fields:
        return _made(source, {"fits": True}, once=uuid.uuid4(), by=by, name=name[:200])
    with databases.opened(source.way, _place(source)) as table:
        return _made(source, _seen(source, table), once=uuid.uuid4(), by=by, name=name[:200])


def _noted(source: Source, state: LoadState, told: str, by: Actor, **more: Any) -> Load:
    """A try that came to nothing."""
    with audit.change(by, "catalog.asked", source.entry, state=state.value, told=told):
        name = _place_name(source)
        load = Load.objects.create(
            source=source, state=state, told=told[:2_000], name=name[:200], by_key=by.key, by_name=by.name[:200],
            ended_at=clock.now(), **more,
        )  # fmt: skip
        following.tell_failing(load, by=by)
    return load


def _place_name(source: Source) -> str:
    said = source.settings
    return said.get("url") or said.get("service") or said.get("table", "")


def _ours(name: str) -> Subsystem:
    found = mirrored.subsystem(name)
    if found is None:
        raise Lost(_("子系统“%(name)s”已停用，不能取数。") % {"name": name})
    return found


def _place(source: Source) -> Place:
    said = source.settings
    return Place(said["host"], int(said["port"]), said["database"], said["user"], said["table"], _secret(source))


def _secret(source: Source) -> str:
    return ring().open(source.secret, SEALED) if source.secret else ""


def take_dropped(source: Source, path: Path, *, by: Actor) -> Load | None:
    """Load a file from the watched folder and take it away; one that cannot be read is put aside beside it.

    None: a load is under way, the file waits.
    """
    if queries.under_way(source):
        return None
    try:
        with path.open("rb") as file:
            load = hand_in(source, file, path.name, by=by)
    except ValidationError as error:
        load = _noted(source, LoadState.REFUSED, " ".join(error.messages), by)
        Load.objects.filter(pk=load.pk).update(name=path.name[:200])
        path.replace(path.with_name(f"{path.name}.refused"))
        return load
    path.unlink()
    return load


# --- running ----------------------------------------------------------------------------------------------------------
def run(load: Load, *, by: Actor) -> Load:
    """Do a load that waits, or whose worker died. Of two at once one does it; killed, the old version stays.

    What is wrong with the file or place is written to the load, not raised.
    """
    if not _claimed(load):
        return Load.objects.get(pk=load.pk)
    load = Load.objects.select_related("source__entry").get(pk=load.pk)
    try:
        with files.locked(files.place(load.source.entry.code, 1).parent):  # till the version stands, the number is ours
            return _ran(load, by)
    except files.Busy:  # somebody has the lock, so he lives, however slow: not dead, and no try of ours
        Load.objects.filter(pk=load.pk, state=LoadState.RUNNING).update(beat_at=clock.now(), tries=F("tries") - 1)
        return Load.objects.get(pk=load.pk)


def _ran(load: Load, by: Actor) -> Load:
    number = (load.source.entry.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    path = files.place(load.source.entry.code, number)
    try:
        outcome = _loaded(load, path)
    except loading.TooManyBad as error:
        return _ended(load, LoadState.REFUSED, " ".join(error.messages), by, error.outcome)  # type: ignore[attr-defined]
    except ValidationError as error:
        return _ended(load, LoadState.REFUSED, " ".join(error.messages), by)
    except OSError as error:
        told = _("磁盘满了，旧版本仍在用。请清理磁盘后再装载。") if error.errno == 28 else str(error)
        return _ended(load, LoadState.FAILED, told, by)
    if not outcome.rows and load.source.mark:
        path.unlink(missing_ok=True)
        return _ended(load, LoadState.SAME, "", by)
    return _done(load, outcome, number, path, by)


def _claimed(load: Load) -> bool:
    now = clock.now()
    facts = {"state": LoadState.RUNNING, "beat_at": now, "tries": F("tries") + 1}
    if Load.objects.filter(pk=load.pk, state=LoadState.WAITING).update(**facts):
        return True
    dead = Load.objects.filter(pk=load.pk, state=LoadState.RUNNING, beat_at__lt=now - DEAD)
    if dead.filter(tries__gte=TRIES).update(
        state=LoadState.FAILED, ended_at=now, told=_("装载几次都中断了，旧版本仍在用。请联系管理员。")
    ):
        return False
    return bool(dead.update(**facts))


def _loaded(load: Load, path: Path) -> loading.Outcome:
    source, last = load.source, [clock.now()]
    fields = queries.fields_of(source.fields)
    old = source.entry.versions.filter(current=True).first() if source.watermark and source.mark else None
    fits = old is not None and old.fields == source.fields

    def told(outcome: loading.Outcome) -> None:
        now = clock.now()
        if now - last[0] > timedelta(seconds=1):
            last[0] = now
            found = Load.objects.filter(pk=load.pk, state=LoadState.RUNNING)
            if not found.update(beat_at=now, rows=outcome.rows, bad=outcome.bad):
                raise ValidationError(_("这次装载已由别的进程接手。"))

    after = source.mark if load.file and fits and not source.key else ""  # a database was asked for no others
    *key, watermark = _columns(source, [*source.key, source.watermark], [one.name for one in fields])
    with _table(load, fits) as table:
        return loading.load(
            table, fields, path, most_bad=source.most_bad, told=told, key=key, watermark=watermark, after=after,
            onto=queries.stored(old, source.entry) if old is not None and fits else None,
        )  # fmt: skip


@contextmanager
def _table(load: Load, fits: bool) -> Iterator[Table]:
    source = load.source
    if load.file:
        path = queries.incoming() / load.file
        if not path.exists():
            raise ValidationError(_("等待装载的文件不在了。请重新上传。"))
        with _read(source, path, load.name) as table:
            yield table
    else:
        since = Since(source.watermark, source.mark, again=bool(source.key)) if fits and source.mark else None
        with databases.opened(source.way, _place(source), since) as table:
            yield table


def _done(load: Load, outcome: loading.Outcome, number: int, path: Path, by: Actor) -> Load:
    with audit.change(by, "catalog.loaded", load.source.entry, load=load.pk, number=number) as note:
        entry = entries.locked(load.source.entry)
        ours = Load.objects.filter(pk=load.pk, state=LoadState.RUNNING)
        if not ours.exists():  # given to another worker meanwhile, who does it
            return Load.objects.get(pk=load.pk)
        entry.versions.filter(current=True).update(current=False)
        version = Version.objects.create(
            entry=entry, number=number, fields=load.source.fields, rows=outcome.rows + outcome.kept,
            bytes=path.stat().st_size, digest=outcome.digest, current=True, open=portal.open_rows(entry),
            made_at=clock.now(), made_name=load.by_name,
        )  # fmt: skip
        ours.update(version=version, state=LoadState.DONE, seen=_kept_of(load))
        if load.source.watermark and outcome.mark is not None:
            Source.objects.filter(pk=load.source_id).update(mark=str(outcome.mark)[:200])
        note.facts |= {"rows": outcome.rows, "bad": outcome.bad}
        _told(load, outcome)
        following.refreshed(entry, by=by)
    _forget(load)
    return Load.objects.get(pk=load.pk)


def _ended(load: Load, state: LoadState, told: str, by: Actor, outcome: loading.Outcome | None = None) -> Load:
    """A load that made no version."""
    with audit.change(by, "catalog.load_ended", load.source.entry, load=load.pk, state=state.value, told=told):
        ours = Load.objects.filter(pk=load.pk, state=LoadState.RUNNING)
        if not ours.update(state=state, told=told[:2_000], seen=_kept_of(load)):  # another worker's, and his file
            return Load.objects.get(pk=load.pk)
        _told(load, outcome or loading.Outcome())
        following.tell_failing(Load.objects.get(pk=load.pk), by=by)
        if state == LoadState.SAME:
            following.refreshed(load.source.entry, by=by)
    _forget(load)
    return Load.objects.get(pk=load.pk)


def _kept_of(load: Load) -> dict[str, Any]:
    """What was seen without the rows: raw cells are kept no longer than somebody needs them to confirm columns."""
    return {**load.seen, "rows": []}


def _told(load: Load, outcome: loading.Outcome) -> None:
    Load.objects.filter(pk=load.pk).update(rows=outcome.rows, bad=outcome.bad, ended_at=clock.now())
    load.bads.all().delete()
    BadRow.objects.bulk_create(
        (
            BadRow(load=load, line=one.line, column=one.column[:60], value=one.value[:200], reason=one.reason)
            for one in outcome.bads
        ),
        batch_size=500,
    )


def _forget(load: Load) -> None:
    """The file handed in is kept no longer than it waits."""
    if load.file:
        with suppress(OSError):
            (queries.incoming() / load.file).unlink(missing_ok=True)


def sweep_incoming() -> int:
    """Take away files nobody waits for: of requests that were killed before their load was written; how many."""
    waiting = {*Load.objects.filter(state__in=UNDER_WAY).exclude(file="").values_list("file", flat=True)}
    old = clock.now().timestamp() - 24 * 3600
    gone = 0
    for path in queries.incoming().glob("*"):
        if path.name not in waiting and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
