"""Archives of the message log: containers with their proofs in a chained ZIP; old rows taken out of the database."""

import hashlib
import json
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog import proofs
from hexi.blocks.catalog.models import Archive, MessageLog, StampBatch
from hexi.kernel import clock
from hexi.wire.xroad import archives, digests

#: messages read at once, and in one archive
PIECE, MOST = 1_000, 20_000
MIMETYPE = b"application/vnd.etsi.asic-e+zip"


def folder() -> Path:
    """Where archives lie."""
    return Path(settings.DATA) / "catalog" / "archives"


def archive() -> list[Archive]:
    """Put what is proved (stamped, where stamps are made) into archives; those made. Twice at once makes each once."""
    made = []
    while (one := _next()) is not None:
        made.append(one)
    return made


def _next() -> Archive | None:
    rows = _waiting()
    if not rows:
        return None
    last = Archive.objects.order_by("-pk").first()
    before, name = (last.digest, last.name) if last else ("", "")
    paths = _Paths()
    box = archives.make(
        [(name_of(row), container(row, paths)) for row in rows],
        before=before, before_file=name, first=rows[0].at, last=rows[-1].at,
    )  # fmt: skip
    _put(folder() / box.name, box.content)
    try:
        with transaction.atomic():
            made = Archive.objects.create(
                name=box.name, before=before, before_name=name, digest=box.digest, size=len(box.content),
                sha256=hashlib.sha256(box.content).hexdigest(), messages=len(rows), first_at=rows[0].at,
                last_at=rows[-1].at,
            )  # fmt: skip
            for start in range(0, len(rows), 5_000):
                MessageLog.objects.filter(pk__in=[row.pk for row in rows[start : start + 5_000]]).update(archive=made)
    except IntegrityError:  # another process has archived from here
        return None
    return made


def _waiting() -> list[MessageLog]:
    """The next messages, as many as one archive takes, in order."""
    found = MessageLog.objects.filter(archive=None).order_by("pk")
    if options.TSA_URL.value:
        found = found.exclude(batch=None)
    rows: list[MessageLog] = []
    size = 0
    for row in found[:MOST].iterator(chunk_size=50):  # bodies are read as far as the size goes, not all at once
        rows.append(row)
        size += len(row.head) + len(row.body or b"")
        if size >= options.ARCHIVE_BYTES.value:
            break
    return rows


class _Paths:
    """Of a message, its way up the tree of its batch; each batch's tree is read once."""

    def __init__(self) -> None:
        self.batches: dict[int, tuple[dict[int, int], digests.Tree, str]] = {}

    def of(self, row: MessageLog) -> dict[str, Any] | None:
        """Token and path as JSON; None without a time-stamp."""
        if row.batch_id is None:
            return None
        if row.batch_id not in self.batches:
            batch = StampBatch.objects.get(pk=row.batch_id)
            held = list(MessageLog.objects.filter(batch=batch).order_by("pk").values_list("pk", "signature", "hash"))
            places = {pk: place for place, (pk, *_) in enumerate(held)}
            tree = digests.Tree([proofs.leaf(bytes(signature), hashed) for _, signature, hashed in held])
            self.batches[row.batch_id] = places, tree, bytes(batch.token).hex()
        places, tree, token = self.batches[row.batch_id]
        return {"token": token, "path": [[side, beside.hex()] for side, beside in tree.path(places[row.pk])]}


def name_of(row: MessageLog) -> str:
    """The name of a container: the caller's number, call or answer, and its place in the log."""
    number = re.sub(r"[^A-Za-z0-9.-]", "_", row.message_id)[:60]
    return f"{number}-{row.kind}-{row.stream}-{row.seq}.asice"


def container(row: MessageLog, paths: _Paths) -> bytes:
    """One message with its proofs, laid out as an ASiC-E container (its signature is ours, not XAdES)."""
    record = proofs.record(row) | {"hash": row.hash}
    parts = [
        ("mimetype", MIMETYPE),
        ("message.txt", bytes(row.head)),
        ("META-INF/record.json", json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1).encode()),
    ]
    if row.body:
        parts.insert(2, ("body.bin", bytes(row.body)))
    if stamp := paths.of(row):
        parts.append(("META-INF/timestamp.json", json.dumps(stamp, sort_keys=True).encode()))
    return archives.pack(parts)


def _put(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk before its row says that it is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)  # whole messages lie here, also of persons
    part = path.with_suffix(f".{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def clean() -> int:
    """Take archived messages out of the database after their days there; how many. Their archive keeps them.

    A batch stays together until all of it is archived: the others' ways up its tree are worked out from it.
    """
    before = clock.now() - timedelta(days=options.KEEP_DAYS.value)
    whole = MessageLog.objects.filter(archive=None).exclude(batch=None).values("batch")
    old = MessageLog.objects.filter(archive__made_at__lt=before).exclude(batch__in=whole)
    old = old.order_by("pk").values_list("pk", flat=True)
    count = 0
    while ids := list(old[:PIECE]):
        count += MessageLog.objects.filter(pk__in=ids).delete()[0]
    return count
