"""A file of entries taken in: each entry by itself, as a draft of whoever brings it, with a report of each."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import content, extras, hooks, sheet
from hexi.blocks.catalog.models import Entry, SheetImport, State
from hexi.blocks.catalog.operations import entries
from hexi.blocks.catalog.queries.entries import WRITE, extra_fields
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require

#: entries taken in while somebody waits, and in one transaction of a job; how long a report is kept
SMALL, BATCH, KEPT = 200, 50, timedelta(days=30)
#: times a batch is begun before the rest is given up; a run that told nothing for so long is begun again
TRIES, STILL = 3, timedelta(minutes=15)
WHATS = ("new", "changed", "same", "refused")


@dataclass(frozen=True)
class Outcome:
    """What became of one entry of the file: `what` is "new", "changed", "same" or "refused"."""

    line: int
    name: str
    what: str
    sentences: tuple[str, ...] = ()
    entry: Entry | None = None


@dataclass
class Report:
    """What became of a file."""

    outcomes: list[Outcome] = field(default_factory=list)

    def count(self, what: str) -> int:
        """How many entries became so."""
        return sum(one.what == what for one in self.outcomes)


def take_in(name: str, octets: bytes, *, by: Actor) -> Report:
    """Every entry of the file as a draft: new ones written, those that are there revised. Twice changes nothing more.

    An entry is known by its code, else by provider and name. One that does not fit, or is not the actor's to write, is
    refused with its reasons and holds up no other. Raises `ValidationError` for a file that cannot be read at all.
    """
    require(by, WRITE)
    return _taken(name, sheet.read(name, octets), by)


def _taken(name: str, lines: Sequence[sheet.Line], by: Actor) -> Report:
    report = Report()
    with audit.change(by, "catalog.import", "catalog.entry", file=name[:200]) as note:
        for line in lines:
            report.outcomes.append(_one(line, by))
        note.facts |= {what: report.count(what) for what in WHATS}
    return report


# --- large files, batch by batch --------------------------------------------------------------------------------------
def begin(name: str, octets: bytes, *, account: Account, by: Actor) -> Report | SheetImport:
    """Take a file in at once if it is small, else keep it for a job (hook `sheet_wanted`), its report to be read later.

    Raises as `take_in` does.
    """
    require(by, WRITE)
    lines = sheet.read(name, octets)
    if len(lines) <= SMALL:
        return _taken(name, lines, by)
    _forget_old()
    run = SheetImport(
        key=secrets.token_hex(16), account=account, name=name[:200], language=translation.get_language() or "",
        total=len(lines),
    )  # fmt: skip
    default_storage.save(_path(run), ContentFile(octets))
    with transaction.atomic():
        run.save()
        hooks.sheet_wanted.ring(run=run)
    return run


def carry_on(pk: int) -> SheetImport:
    """Do what is left of it, a batch a transaction; nothing if it is done or another process is at it.

    A job that died goes on where it stopped, `TRIES` times at the same place; then the report says so. The rights are
    those of now, the report speaks the language of the upload.
    """
    run = SheetImport.objects.select_related("account").get(pk=pk)
    if run.ended_at is None:
        with translation.override(run.language or None), suppress(Overtaken):
            _tried(run)
    run.refresh_from_db()
    return run


def go_on() -> None:
    """Take up again what stands still: a job that was killed is forgotten by the queue after some tries."""
    still = SheetImport.objects.filter(ended_at=None, beat_at__lt=clock.now() - STILL)
    for run in still.order_by("pk"):
        hooks.sheet_wanted.ring(run=run)


def report_of(run: SheetImport, most: int) -> Report:
    """What is told of it so far, those refused first; only of the first `most` the entry is looked up.

    Entries that are no more are named without a link.
    """
    told = sorted(run.outcomes, key=lambda one: (one[2] != "refused", one[0]))
    rows = Entry.objects.in_bulk([one[4] for one in told[:most] if one[4]])
    return Report([
        Outcome(line, name, what, tuple(said), rows.get(entry)) for line, name, what, said, entry in told
    ])  # fmt: skip


class Overtaken(Exception):
    """Another process does this batch, or has done it."""


def _tried(run: SheetImport) -> None:
    open_ = SheetImport.objects.filter(pk=run.pk, ended_at=None)
    open_.update(tries=F("tries") + 1, beat_at=clock.now())
    if run.tries >= TRIES:
        return _end(run, _("导入中断了 %(n)s 次，剩下的没有导入。请把剩下的条目另存一份再导入。") % {"n": TRIES})
    if not default_storage.exists(_path(run)):
        return _end(run, _("文件不在了，剩下的没有导入。请重新上传。"))
    with default_storage.open(_path(run)) as kept:
        octets = kept.read()
    try:
        lines = sheet.read(run.name, octets)
    except ValidationError as error:  # limits were lowered meanwhile
        return _end(run, " ".join(error.messages))
    _work(run, lines, actor_for(run.account))
    return _end(run)


def _end(run: SheetImport, stopped: str = "") -> None:
    SheetImport.objects.filter(pk=run.pk, ended_at=None).update(ended_at=clock.now(), stopped=stopped[:500])
    default_storage.delete(_path(run))


def _forget_old() -> None:
    """Reports that are too old, with the files of those that never ended."""
    for run in SheetImport.objects.filter(at__lt=clock.now() - KEPT).defer("outcomes"):
        default_storage.delete(_path(run))
        run.delete()


def _work(run: SheetImport, lines: Sequence[sheet.Line], by: Actor) -> None:
    while run.done < len(lines):
        before = run.done
        with transaction.atomic():
            told = _taken(run.name, lines[before : before + BATCH], by).outcomes
            run.outcomes += [
                [one.line, one.name, one.what, list(one.sentences), one.entry.pk if one.entry else None] for one in told
            ]
            run.done = before + len(told)
            mine = SheetImport.objects.filter(pk=run.pk, done=before)
            if not mine.update(done=run.done, outcomes=run.outcomes, tries=0, beat_at=clock.now()):
                raise Overtaken


def _path(run: SheetImport) -> str:
    return f"catalog-imports/{run.key}"


def _one(line: sheet.Line, by: Actor) -> Outcome:
    called = str(line.said.get("title") or line.said.get("code") or "")
    if line.wrong:
        return Outcome(line.line, called, "refused", tuple(line.wrong))
    try:
        what, entry = _write(line, by)
    except ValidationError as error:
        return Outcome(line.line, called, "refused", tuple(sheet.refused(error)))
    except Denied as error:
        return Outcome(line.line, called, "refused", (str(error),))
    return Outcome(line.line, entry.name, what, entry=entry)


def _write(line: sheet.Line, by: Actor) -> tuple[str, Entry]:
    given: dict[str, Any] = dict(line.said)
    code, classification = given.pop("code", ""), given.pop("classification", "")
    credit_code = given.pop("provider", "")
    given.pop("provider_name", None)
    provider = entries.provider_of(credit_code) if credit_code else None
    if line.items:
        given["items"] = line.items
    entry = _known(code, provider, given.get("title", ""))
    if entry is None:
        return "new", _new(provider, code, classification, given, by)
    if provider is not None and provider.pk != entry.provider_id:
        raise ValidationError({"provider": _("代码 %(code)s 是%(who)s的，提供方代码不符。") % {
            "code": entry.code, "who": entry.provider.title}})  # fmt: skip
    return _change(entry, given, by)


def _known(code: str, provider: Department | None, title: str) -> Entry | None:
    rows = Entry.objects.exclude(state=State.WITHDRAWN).select_related("provider", "latest", "current")
    if code:
        return rows.filter(code=code).first()
    return rows.filter(provider=provider, title=title).first() if provider and title else None


def _new(provider: Department | None, code: str, classification: str, given: dict[str, Any], by: Actor) -> Entry:
    if provider is None:
        raise ValidationError({"provider": _("新条目要写提供方的统一社会信用代码。")})
    if not code and not classification:
        raise ValidationError({"classification": _("新条目要写分类码，或已有的信息资源代码。")})
    return entries.write(provider, classification=classification, code=code, by=by, **given)


def _change(entry: Entry, given: dict[str, Any], by: Actor) -> tuple[str, Entry]:
    """A revision if anything differs from what was written last."""
    held = content.held(entry.latest.content)  # type: ignore[union-attr]
    said = content.tidied(given)
    if "extra" in said:
        rules = extra_fields(entry.region_code)
        said["extra"] = extras.read(rules.schema if rules else None, _filled(held["extra"] | said["extra"]))
    if all(held[name] == value for name, value in said.items()):
        return "same", entry
    entries.revise(entry, why=_("按目录文件修改"), by=by, **said)
    return "changed", entry


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != ""}
