"""Reading and proving the log."""

from collections.abc import Callable, Iterator

from django.db import models
from django.db.models import QuerySet

from hexi.blocks.audit import chain
from hexi.blocks.audit.models import GENESIS, PARTITIONS, Entry, Head, Seal


def of(thing: models.Model) -> QuerySet[Entry]:
    """Everything done to one thing, oldest first."""
    return Entry.objects.filter(kind=thing._meta.label_lower, ref=str(thing.pk)).order_by("id")


def looks_at(person_id: int) -> QuerySet[Entry]:
    """Each look at a person's data, newest first."""
    return Entry.objects.filter(about_person=person_id).order_by("-id")


def verify(progress: Callable[[int], None] = lambda done: None) -> Iterator[str]:
    """One sentence for each fault: an entry changed, missing, out of order, or a seal that does not fit."""
    sealed = _sealed()
    done = 0
    for partition in range(PARTITIONS):
        seq, before = 0, GENESIS
        expected = Head.objects.get(pk=partition)
        reached = not expected.seq
        for entry in Entry.objects.filter(partition=partition).order_by("seq").iterator(chunk_size=2000):
            yield from _faults(entry, seq, before)
            seq, before = entry.seq, entry.hash
            reached = reached or (seq, before) == (expected.seq, expected.hash)
            for digest_hour, digest in sealed.get((partition, seq), ()):
                if digest != entry.hash:
                    yield f"分区 {partition} 第 {seq} 条与 {digest_hour} 的封存不符 / differs from the seal"
            done += 1
            if done % 5000 == 0:
                progress(done)
        head = Head.objects.get(pk=partition)  # the service may have written on meanwhile
        if not reached or seq > head.seq:
            yield f"分区 {partition} 末尾缺 {head.seq - seq} 条 / entries missing at the end"
        yield from (
            f"分区 {partition} 缺第 {last} 条（{hours[0][0]} 已封存）/ a sealed entry is missing"
            for (where, last), hours in sealed.items()
            if where == partition and last > seq
        )
    yield from _seal_faults()


def _faults(entry: Entry, seq: int, before: str) -> Iterator[str]:
    where = f"分区 {entry.partition} 第 {entry.seq} 条（id {entry.pk}）"
    if entry.seq != seq + 1:
        yield f"分区 {entry.partition} 缺第 {seq + 1} 至 {entry.seq - 1} 条 / entries missing"
    elif entry.before != before:
        yield f"{where}：与前一条接不上 / does not follow the entry before it"
    if chain.entry_hash(entry) != entry.hash:
        yield f"{where}：内容被改动 / content was changed"


def _sealed() -> dict[tuple[int, int], list[tuple[str, str]]]:
    found: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for seal in Seal.objects.order_by("hour"):
        for partition, seq, digest in seal.heads:
            if seq:
                found.setdefault((partition, seq), []).append((seal.hour.isoformat(), digest))
    return found


def _seal_faults() -> Iterator[str]:
    before = GENESIS
    for seal in Seal.objects.order_by("hour"):
        if seal.before != before or seal.digest != chain.seal_digest(seal.hour, seal.heads, seal.before):
            yield f"{seal.hour.isoformat()} 的封存被改动或缺前一封存 / seal changed, or the one before it missing"
        before = seal.digest
