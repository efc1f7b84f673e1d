"""Handing in, attaching again, removing, checking against the original; scanning late; clearing what is gone."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.audit import queries as log
from hexi.blocks.documents import content, hooks, previews, queries, readers, reading, scanner, shelf
from hexi.blocks.documents.kinds import PDF, Kind, Limits, Refused, safe_name
from hexi.blocks.documents.models import COPY, Blob, Document
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.fixed import Fixed, Given, insert, update, upsert
from hexi.kernel.options import Option
from hexi.ui.words import size as words_of_size

MAX_BYTES = Option(
    "documents.max_bytes", int, 20_000_000, "提交的文件最大字节数。 / Largest file that may be handed in, in bytes."
)
MAX_PER_SLOT = Option(
    "documents.max_per_slot", int, 10,
    "一项材料最多几个文件，材料定义另写的除外。 / Most files for one material, unless its definition says less.",
)  # fmt: skip
MAX_PIXELS = Option(
    "documents.max_pixels", int, 60_000_000,
    "图片最多多少像素（宽乘高）。 / Most pixels of a picture (width times height).",
)  # fmt: skip
KEEP_REMOVED = Option(
    "documents.keep_removed_days", int, 30,
    "删除的文件几天后彻底清除。 / Days after which a removed document is deleted for good.",
)  # fmt: skip
#: a look at the same document by the same person counts once in this time
LOOK = timedelta(minutes=10)
TRIES = 100
#: a thing documents belong to: (kind, ref), or its model
Thing = tuple[str, str] | models.Model | None


@dataclass(frozen=True)
class Checked:
    """A content that may be kept: still in its temporary file."""

    received: shelf.Received
    kind: Kind
    scan: str


def store(
    file: BinaryIO, *, name: str, by: Actor, owner: Person | None = None, thing: Thing = None, slot: str = "",
    level: str = Document.Level.C, accept: tuple[str, ...] = (), most: int | None = None,
    wanted: reading.Wanted | None = None, **facts: Any,
) -> Document:  # fmt: skip
    """Take a file somebody hands in; the same content twice in one slot is one document.

    `accept` are the media types the slot takes (none: all), `most` its number of files, `wanted` what it asks for (only
    hints come of it). `facts` are further columns: title, source, purpose, expires. Raises `Denied`, or
    `ValidationError({"file": …})` with the limit and the remedy.
    """
    _may_add(by, owner, thing, slot)
    with _checked(file, name, accept) as checked:
        facts["doubts"] = reading.doubts(checked.received.path, checked.kind.media_type, wanted)
        with audit.change(by, "documents.store") as entry:
            document = _placed(_blob(checked), by, owner, thing, slot, most or MAX_PER_SLOT.value, name, level, facts)
            entry.thing, entry.facts = document, {"sha256": document.blob_id, "name": document.name, "slot": slot}
            hooks.document_stored.ring(document=document, by=by)
    return document


def keep(
    made: bytes, *, name: str, by: Actor, media_type: str = PDF, pages: int | None = None, owner: Person | None = None,
    thing: Thing = None, slot: str = "", level: str = Document.Level.A, **facts: Any,
) -> Document:  # fmt: skip
    """Keep what the house itself made (a notice, a certificate, a copy): level A unless said, not limited or scanned.

    For operations that have checked the right themselves.
    """
    with shelf.received(io.BytesIO(made)) as received, audit.change(by, "documents.keep") as entry:
        blob = _blob(Checked(received, Kind(media_type, pages=pages), Blob.Scan.NONE))
        document = _placed(blob, by, owner, thing, slot, None, name, level, facts)
        entry.thing, entry.facts = document, {"sha256": blob.pk, "name": document.name, "slot": slot}
    return document


def attach(
    document: Document, *, thing: Thing, slot: str, by: Actor, purpose: str = "", most: int | None = None,
    wanted: reading.Wanted | None = None,
) -> Document:  # fmt: skip
    """Hand in again, for another thing, what is already here; the trust level and its source go with it."""
    if not queries.may_read(by, document):
        raise Denied(_("这份文件不是您的，不能使用。请从“我的文件”里选择。"))
    if document.of_kind == COPY:
        raise _fault("copy", _("这是为别的用途制作的复制件，不能当材料使用。请选择原来的文件。"))
    if document.expires and document.expires < clock.today():
        raise _fault("expired", _("这份文件已过有效期（%(day)s）。请上传新的。") % {"day": document.expires})
    _may_add(by, document.owner, thing, slot)
    facts = {name: getattr(document, name) for name in ("title", "source", "expires")}
    facts |= {"copied_from": document, "purpose": purpose}
    facts["doubts"] = reading.doubts(shelf.path(document.blob_id), document.blob.media_type, wanted)
    with audit.change(by, "documents.attach") as entry:
        blob, most = document.blob, most or MAX_PER_SLOT.value
        copy = _placed(blob, by, document.owner, thing, slot, most, document.name, document.level, facts)
        entry.thing, entry.facts = copy, {"from": document.pk, "slot": slot}
        hooks.document_stored.ring(document=copy, by=by)
    return copy


def hand_over(source: Thing, target: Thing, *, by: Actor) -> int:
    """Everything handed in for one thing (a draft) now belongs to another (the case it became); returns how many.

    In the slots concerned it takes the place of what the target had, which stays readable as history. For operations
    that have checked the right themselves.
    """
    of_source, of_target = _named(source), _named(target)
    with audit.change(by, "documents.hand_over", f"{of_target[0]}:{of_target[1]}") as entry:
        moved = [one for held in queries.by_slot(*of_source).values() for one in held]
        there = [one for held in queries.by_slot(*of_target).values() for one in held] if moved else []
        first = {one.slot: one for one in reversed(moved)}
        for old in there:
            if old.slot not in first:
                continue
            Document.objects.filter(pk=old.pk).update(removed_at=clock.now(), replaced_by=first[old.slot])
        for one in moved:
            one.of_kind, one.of_ref = of_target
            update(one, "of_kind", "of_ref")
        entry.rows = [one.pk for one in moved]
    return len(moved)


def remove(document: Document, *, by: Actor) -> None:
    """Take a document away; `restore` undoes it until it is deleted for good (`documents.keep_removed_days`)."""
    _may_change(by, document)
    with audit.change(by, "documents.remove", document):
        Document.objects.filter(pk=document.pk, removed_at=None).update(removed_at=clock.now())
    document.refresh_from_db()


def restore(document: Document, *, by: Actor) -> Document:
    """Undo `remove`. Raises `ValidationError` if the slot has been filled meanwhile."""
    _may_change(by, document)
    back = Document.objects.filter(pk=document.pk, removed_at__isnull=False)
    try:
        with audit.change(by, "documents.restore", document):
            there = _there(document.of_kind, document.of_ref, document.slot)
            back.update(removed_at=None, place=_free_place(there, MAX_PER_SLOT.value))
    except IntegrityError as error:  # the same content is in the slot again
        raise _fault("already", _("同一文件已经重新上传，不用恢复。")) from error
    document.refresh_from_db()
    return document


def replace(document: Document, file: BinaryIO, *, name: str, by: Actor, accept: tuple[str, ...] = ()) -> Document:
    """Put a new file in the place of one: the old one stays readable as history."""
    _may_change(by, document)
    thing = (document.of_kind, document.of_ref) if document.of_kind else None
    facts = {"title": document.title, "purpose": document.purpose}
    with _checked(file, name, accept) as checked, audit.change(by, "documents.replace", document) as entry:
        Document.objects.filter(pk=document.pk, removed_at=None).update(removed_at=clock.now())
        blob, level = _blob(checked), Document.Level.C
        new = _placed(blob, by, document.owner, thing, document.slot, MAX_PER_SLOT.value, name, level, facts)
        Document.objects.filter(pk=document.pk).update(replaced_by=new)
        entry.facts["new"] = new.pk
        hooks.document_stored.ring(document=new, by=by)
    document.refresh_from_db()
    return new


def raise_level(document: Document, *, to: str = Document.Level.B, by: Actor, source: str) -> Document:
    """Record that the document was checked: B against the original at the window, A by who issued it.

    `source` is the department that vouches. Needs `documents.check`, and to be let read it; nobody vouches for his
    own. Never lowers a level.
    """
    require(by, "documents.check")
    good = queries.may_read(by, document) and readers.may_check(by, document)
    if queries.is_own(by, document) or not good:
        raise Denied(_("这份文件不在您办理的事项里，或者是您自己的，不能核对。"))
    if to not in (Document.Level.A, Document.Level.B) or not source:
        raise ValidationError({"level": _("核对后的级别只能是 A 或 B，并写明核对的单位。")})
    with audit.change(by, "documents.raise_level", document, to=to, source=source) as entry:
        entry.facts["from"] = document.level
        raised = Document.objects.filter(pk=document.pk, level__gt=to).update(level=to, source=source)
        if not raised:
            raise ValidationError({"level": _("这份文件已是 %(level)s 级，不用再核对。") % {"level": document.level}})
        document.refresh_from_db()
        hooks.level_raised.ring(document=document, by=by)
    return document


def limit_use(document: Document, *, expires: date | None, by: Actor) -> None:
    """Set the last day a document may be handed in; for operations that have checked the right themselves."""
    with audit.change(by, "documents.limit_use", document, expires=expires):
        Document.objects.filter(pk=document.pk).update(expires=expires)


def look(document: Document, *, by: Actor) -> None:
    """Log that somebody else saw a person's document; the owner reads it under "who looked at my data"."""
    if document.owner_id is None or queries.is_own(by, document):
        return
    lately = log.of(document).filter(verb="look", actor_key=by.key, at__gte=clock.now() - LOOK)
    if not lately.exists():
        purpose = readers.purpose(document) or _("查看文件")
        audit.look(by, document, purpose=f"{purpose}：{document}", person_id=document.owner_id)


def scan_late(blob: Blob, *, by: Actor) -> None:
    """Scan a content that was taken while the scanner was down. Raises `ScannerDown` if it still is."""
    chosen = scanner.chosen()
    virus = chosen.scan(shelf.path(blob.pk)) if chosen else ""
    said = Blob.Scan.INFECTED if virus else (Blob.Scan.CLEAN if chosen else Blob.Scan.NONE)
    with audit.change(by, "documents.scan", blob, virus=virus):
        Blob.objects.filter(pk=blob.pk, scan=Blob.Scan.WAITING).update(scan=said, virus=virus[:200])
        if virus:
            for document in blob.documents.present().select_related("owner"):
                hooks.virus_found.ring(document=document)
                if document.owner:
                    notices.tell(document.owner, "documents.virus_found", facts={"name": str(document)}, by=by)


def delete_removed(document: Document, *, by: Actor) -> bool:
    """Delete for good a document removed long ago; False if something still refers to it."""
    try:
        with audit.change(by, "documents.delete", id=document.pk, name=document.name, owner=document.owner_id):
            document.delete()
    except models.ProtectedError:
        return False
    return True


def delete_unused(sha256: str) -> bool:
    """Delete a content that no document carries, its file and previews too. False if one does, or is being stored.

    The row's lock, or the place it would take, keeps `store_file` of the same content waiting until the file is gone;
    it then writes its own.
    """
    with transaction.atomic():
        Blob.objects.bulk_create([Blob(pk=sha256, size=0)], ignore_conflicts=True)
        blob = Blob.objects.select_for_update().filter(pk=sha256).first()
        if blob is None or blob.documents.exists():
            return False
        blob.delete()
        shelf.path(sha256).unlink(missing_ok=True)
        previews.forget(sha256)
    return True


def too_large(size: int) -> ValidationError:
    """What is said of a file of more than `documents.max_bytes`."""
    sentence = _("文件太大：最多 %(most)s，这份至少有 %(size)s。请压缩图片，或分成几份上传。")
    return _fault("too_large", sentence % {"most": words_of_size(MAX_BYTES.value), "size": words_of_size(size)})


def _may_add(by: Actor, owner: Person | None, thing: Thing, slot: str) -> None:
    if not queries.may_add(by, owner.pk if owner else None) and not readers.may_add(by, *_named(thing)):
        raise Denied(_("您不能替这位当事人提交文件。请由本人或代理人登录后提交。"))
    _open(*_named(thing), slot)


def _may_change(by: Actor, document: Document) -> None:
    adds = by.may("documents.add") or readers.may_add(by, document.of_kind, document.of_ref)
    if not (queries.is_own(by, document) or (adds and queries.is_concerned(by, document))):
        raise Denied(_("这份文件不是您提交的，不能更改。"))
    _open(document.of_kind, document.of_ref, document.slot)


def _open(kind: str, ref: str, slot: str) -> None:
    if kind and not readers.changeable(kind, ref, slot):
        raise _fault("closed", _("材料已经提交，不能再增减。需要补充时，请等补正通知或联系受理窗口。"))


def _accepted(kind: Kind, accept: tuple[str, ...]) -> None:
    if accept and kind.media_type not in accept:
        raise Refused("not_accepted", _("这项材料不收这种文件。请按材料说明的格式上传。"))


def _scanned(path: Path) -> str:
    """What to note about the scan. Raises `Refused` for a virus, or if the scanner is down and policy says so."""
    chosen = scanner.chosen()
    if chosen is None:
        return Blob.Scan.NONE
    try:
        virus = chosen.scan(path)
    except scanner.ScannerDown as error:
        if scanner.POLICY.value == "later":
            return Blob.Scan.WAITING
        raise Refused("scanner_down", _("病毒扫描暂时不可用，文件没有保存。请过几分钟再上传。")) from error
    if virus:
        raise Refused("virus", _("文件带有病毒（%(virus)s），没有保存。请查杀后换一份上传。") % {"virus": virus})
    return Blob.Scan.CLEAN


@contextmanager
def _checked(file: BinaryIO, name: str, accept: tuple[str, ...]) -> Iterator[Checked]:
    """A file in its temporary place, checked and scanned before any transaction begins."""
    try:
        with shelf.received(file, MAX_BYTES.value) as received:
            kind = content.kind_of(received.path, name, Limits(MAX_PIXELS.value))
            _accepted(kind, accept)
            yield Checked(received, kind, _scanned(received.path))
    except shelf.TooLarge as error:
        raise too_large(error.size) from error
    except Refused as error:
        raise _fault(error.code, error.sentence) from error


def _blob(checked: Checked) -> Blob:
    """The row of a content, locked, and its file under its lasting name before the row can be committed."""
    sha256, columns = checked.received.sha256, vars(checked.kind) | {"size": checked.received.size}
    # the conflict's update locks the row against `delete_unused`
    upsert(Blob(pk=sha256, scan=checked.scan, **columns), on=("sha256",), change=tuple(columns))
    shelf.keep(checked.received)
    if checked.scan == Blob.Scan.CLEAN:
        Blob.objects.filter(pk=sha256, scan__in=(Blob.Scan.NONE, Blob.Scan.WAITING)).update(scan=checked.scan)
    return _CONTENT.get(sha256=sha256)


_CONTENT = Fixed(lambda: Blob.objects.filter(pk=Given("sha256")))


def _placed(
    blob: Blob, by: Actor, owner: Person | None, thing: Thing, slot: str, most: int | None, name: str, level: str,
    facts: dict[str, Any],
) -> Document:  # fmt: skip
    """The document of this content in this slot: the one already there, or a new one in the first free place."""
    kind, ref = _named(thing)
    for chance in range(TRIES, 0, -1):
        there = _there(kind, ref, slot)
        if same := next((one for one in there if one.blob_id == blob.pk), None):
            return same
        made = Document(
            blob=blob, name=safe_name(name, blob.media_type), owner=owner, level=level, made_by=by.key,
            of_kind=kind, of_ref=ref, slot=slot, place=_free_place(there, most), **facts,
        )  # fmt: skip
        try:
            with transaction.atomic():
                insert(made)
            return made
        except IntegrityError:
            # somebody took the place, or stored the same content, this very moment
            if chance == 1:
                raise
    raise AssertionError("unreachable")


def _there(kind: str, ref: str, slot: str) -> list[Document]:
    return queries.in_slot(kind, ref, slot) if kind else []


def _free_place(there: list[Document], most: int | None) -> int:
    taken = {one.place for one in there}
    place = next(number for number in range(1, len(taken) + 2) if number not in taken)
    if most is not None and place > most:
        raise _fault("too_many", _("这项材料最多 %(most)s 份。请先删去不用的，或合并成一份。") % {"most": most})
    return place


def _named(thing: Thing) -> tuple[str, str]:
    if thing is None:
        return "", ""
    return thing if isinstance(thing, tuple) else (thing._meta.label_lower, str(thing.pk))


def _fault(code: str, sentence: str) -> ValidationError:
    return ValidationError({"file": ValidationError(sentence, code=code)})
