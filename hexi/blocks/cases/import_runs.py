"""Sheets of items handed in at the workbench: kept, looked over and taken in batch by batch. Beside `importing`.

A small sheet is done at once; else the hook `import_asked` leads to a job. A batch's progress is written in the
transaction of the batch, so that a job that died goes on where it stopped, and two at once do each batch once.
"""

import secrets
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hexi.blocks.cases import importing
from hexi.blocks.cases.hooks import import_asked
from hexi.blocks.cases.importing import Note, Report, Row
from hexi.blocks.cases.models import ItemImport
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.kernel import clock
from hexi.kernel.actors import Actor

State = ItemImport.State
#: bytes of a file, and items, that are done within the request
SMALL_BYTES, SMALL = 400_000, 200
#: how long the sheet waits for a decision, and its report for a reader
FILE_KEPT, REPORT_KEPT = timedelta(days=1), timedelta(days=30)
FOLDER = "imports"


class Overtaken(Exception):
    """Another process does this batch, or has done it."""


def begin(name: str, content: bytes, *, account: Account, by: Actor) -> ItemImport:
    """Keep a sheet and look it over, at once or soon. Raises `ValidationError` for a small file that is no sheet."""
    importing.require_somewhere(by)
    small = len(content) <= SMALL_BYTES and len(importing.Intake(name, content, by=by).groups) <= SMALL
    _forget_old()
    run = ItemImport(
        key=secrets.token_hex(16), account=account, name=name[:200], language=translation.get_language() or ""
    )
    default_storage.save(_path(run), ContentFile(content))
    with transaction.atomic():
        run.save()
        if not small:
            import_asked.ring(run=run, by=by)
    return carry_on(run.pk) if small else run


def take(run: ItemImport, *, whole: bool, by: Actor) -> ItemImport:
    """Import what was looked over, at once or soon: the good rows, or with `whole` all or none. Twice is once."""
    importing.require_somewhere(by)
    run.refresh_from_db(fields=["state", "total", "counts"])
    if not default_storage.exists(_path(run)):
        raise ValidationError(_("上传的文件已过期或已导入。请重新上传。"))
    with transaction.atomic():
        waiting = ItemImport.objects.filter(pk=run.pk, state=State.CHECKED)
        if whole and run.state == State.CHECKED and run.counts.get("wrong"):
            # known from looking it over: the report of every row stays as it is
            if not _end(run, State.REFUSED, whole=True, why=_none_taken()):
                raise ValidationError(_("这份文件已经在导入了。"))
            return ItemImport.objects.get(pk=run.pk)
        if not waiting.update(state=State.TAKING, whole=whole, done=0, counts={}, notes=[]):
            raise ValidationError(_("这份文件已经在导入了。"))
        if run.total > SMALL:
            import_asked.ring(run=run, by=by)
    return carry_on(run.pk) if run.total <= SMALL else ItemImport.objects.get(pk=run.pk)


def carry_on(pk: int) -> ItemImport:
    """Do what is left of it; nothing if it is done, or another process is at it. The rights are those of now."""
    run = ItemImport.objects.select_related("account").get(pk=pk)
    if run.working:
        with translation.override(run.language or None):
            try:
                _work(run)
            except ValidationError as error:
                found = {"notes": run.notes, "counts": run.counts, "done": run.done}
                _end(run, State.REFUSED, why=" ".join(error.messages), **found)
            except Overtaken:
                pass
    run.refresh_from_db()
    return run


def report(run: ItemImport) -> Report:
    """What is told of it so far, with the notes of all rows."""
    found = Report(written=run.state == State.DONE and bool(run.counts.get("new") or run.counts.get("changed")))
    found.counted = {"all": run.done, **run.counts}
    found.notes = [Note(*one) for one in run.notes]
    return found


def _work(run: ItemImport) -> None:
    if not default_storage.exists(_path(run)):
        raise ValidationError(_("上传的文件已过期或已导入。请重新上传。"))
    with default_storage.open(_path(run)) as kept:
        intake = importing.Intake(run.name, kept.read(), by=actor_for(run.account))
    if run.done == 0:
        run.notes = _plain(intake.report.notes)
    ItemImport.objects.filter(pk=run.pk, done=run.done).update(total=len(intake.groups), notes=run.notes)
    taking = run.state == State.TAKING
    with transaction.atomic() if taking and run.whole else nullcontext():
        for rows in intake.batches(run.done):
            with transaction.atomic():
                _count(run, rows)
                if taking:
                    _write(run, rows, intake.by)
    _end(run, State.DONE if taking else State.CHECKED)


def _write(run: ItemImport, rows: list[Row], by: Actor) -> None:
    if run.whole and run.counts.get("wrong"):
        raise ValidationError(_none_taken())
    importing.write(rows, run.name, by=by)


def _none_taken() -> str:
    return _("有错的行，所以全部没有导入。请改好后重新上传。")


def _count(run: ItemImport, rows: list[Row]) -> None:
    """Count a batch, if nobody else has."""
    before, run.done = run.done, run.done + len(rows)
    for row in rows:
        run.counts[row.state] = run.counts.get(row.state, 0) + 1
        run.notes += _plain(row.notes)
    mine = ItemImport.objects.filter(pk=run.pk, state=run.state, done=before)
    if not mine.update(done=run.done, counts=run.counts, notes=run.notes):
        raise Overtaken


def _plain(notes: list[Note]) -> list[list[object]]:
    return [[one.line, one.column, one.sentence, one.error] for one in notes]


def _end(run: ItemImport, state: State, **more: object) -> bool:
    """End it, unless somebody else has changed it since; only who ended it deletes its sheet."""
    mine = ItemImport.objects.filter(pk=run.pk, state=run.state).update(state=state, **more)
    if mine and state != State.CHECKED:
        transaction.on_commit(partial(default_storage.delete, _path(run)))
    return bool(mine)


def _path(run: ItemImport) -> str:
    return f"{FOLDER}/{run.key}"


def _forget_old() -> None:
    """Sheets that nobody decided on, and reports of long ago."""
    now = clock.now()
    ItemImport.objects.filter(at__lt=now - REPORT_KEPT).delete()
    for name in _files():
        with suppress(FileNotFoundError):  # another upload forgets at the same moment
            if default_storage.get_modified_time(f"{FOLDER}/{name}") < now - FILE_KEPT:
                default_storage.delete(f"{FOLDER}/{name}")


def _files() -> Iterator[str]:
    return iter(default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else ())
