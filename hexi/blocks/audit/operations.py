"""Writing the log: `change` round every operation, `look` at personal data, hourly `seal`."""

import json
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import connection, models, transaction

from hexi.blocks.audit import chain
from hexi.blocks.audit.models import GENESIS, PARTITIONS, Entry, Head, Seal
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.fixed import Fixed, Given, insert, update

_LOCKED = Fixed(lambda: Head.objects.select_for_update().filter(pk=Given("partition")))


@dataclass
class Note:
    """What will stand in the log about one change: set `thing` when it exists, add `facts`, give a batch's `rows`."""

    by: Actor
    verb: str
    thing: models.Model | str | None
    facts: dict[str, Any]
    rows: Iterable[Any] | None = None
    about_person: int | None = None
    at: datetime = field(default_factory=clock.now)

    def row(self) -> Entry:
        """The entry, not yet chained."""
        if self.rows is not None:
            rows = list(self.rows)
            self.facts |= {"rows": len(rows), "digest": chain.sha256(rows)}
        kind, ref = _name(self.thing)
        self.facts = _storable(json.loads(json.dumps(self.facts, default=str)))
        return Entry(
            at=self.at, actor_key=self.by.key, actor_name=self.by.name, verb=self.verb,
            kind=kind, ref=ref, facts=self.facts, about_person=self.about_person,
        )  # fmt: skip


@contextmanager
def change(by: Actor, verb: str, thing: models.Model | str | None = None, **facts: Any) -> Iterator[Note]:
    """One transaction that ends with its log entry as the last statement.

    Changes inside a change join the outer transaction, and all their entries are written together at its end, so that
    the lock on the chain is held only for the commit itself.
    """
    note = Note(by, verb, thing, facts)
    outer: list[Note] | None = getattr(connection, "hexi_notes", None)
    if outer is not None:
        with transaction.atomic():
            yield note
        outer.append(note)  # only if the inner change was not rolled back
        return
    notes: list[Note] = []
    connection.hexi_notes = notes  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            yield note
            _write([*notes, note])
    finally:
        connection.hexi_notes = None  # type: ignore[attr-defined]


def look(by: Actor, thing: models.Model | str, *, purpose: str, person_id: int) -> None:
    """Log that somebody saw a person's data: the holder reads this under "who looked at my data"."""
    with change(by, "look", thing, purpose=purpose) as note:
        note.about_person = person_id


def note_export(by: Actor, count: int) -> None:
    """Log that somebody saved a piece of the log."""
    with change(by, "audit.export", "audit.entry", count=count):
        pass


def seal(now: datetime | None = None) -> Seal:
    """Seal the heads for the current hour, once: a second call in the hour returns the same seal."""
    hour = (now or clock.now()).replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        list(Head.objects.select_for_update().order_by("partition"))
        heads = [[head.partition, head.seq, head.hash] for head in Head.objects.order_by("partition")]
        last = Seal.objects.order_by("-hour").first()
        if last is not None and last.hour >= hour:
            return last
        before = last.digest if last else GENESIS
        return Seal.objects.create(hour=hour, heads=heads, before=before, digest=chain.seal_digest(hour, heads, before))


def _write(notes: list[Note]) -> None:
    """Chain the entries onto one partition, whose head is locked until the commit."""
    partition = _partition()
    head = _LOCKED.get(partition=partition)
    rows = [note.row() for note in notes]
    for row in rows:
        row.partition, row.seq, row.before = partition, head.seq + 1, head.hash
        row.hash = chain.entry_hash(row)
        head.seq, head.hash = row.seq, row.hash
    update(head, "seq", "hash")
    insert(*rows)


def _partition() -> int:
    """One chain a transaction, also for changes beside each other in it: locking two, writers could wait in a ring."""
    outermost = connection.atomic_blocks[0]
    kept: tuple[Any, int] | None = getattr(connection, "hexi_partition", None)
    if kept is None or kept[0] is not outermost:
        kept = (outermost, random.randrange(PARTITIONS))  # noqa: S311 - spreads load, nothing secret
        connection.hexi_partition = kept  # type: ignore[attr-defined]
    return kept[1]


def _storable(value: Any) -> Any:
    """The same fact as both databases give it back, so that it hashes the same; dates are texts already.

    PostgreSQL's jsonb knows no NUL, no half of a surrogate pair, no infinity, and gives 1e22 back as its digits.
    """
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return (int(value) if value.is_integer() else value) if isfinite(value) else str(value)
    return value


def _name(thing: models.Model | str | None) -> tuple[str, str]:
    if isinstance(thing, models.Model):
        return thing._meta.label_lower, str(thing.pk)
    return (thing or "", "")
