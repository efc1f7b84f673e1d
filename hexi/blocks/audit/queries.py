"""Reading and proving the log."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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


def verify(progress: Callable[[int], None] = lambda done: None, copies: Iterable[str] = ()) -> Iterator[str]:
    """One sentence for each fault: an entry changed, missing, out of order, added, or a seal that does not fit.

    `copies` are digests somebody copied from the public page: each must still be among the seals. They alone betray an
    intruder who took away the end of the log together with the seals over it.
    """
    sealed = _sealed()
    done = 0
    for partition in range(PARTITIONS):
        expected = Head.objects.filter(pk=partition).first()
        if expected is None:
            yield f"分区 {partition} 的链头不见了 / the head of the chain is missing"
            continue
        last = Place()
        reached = not expected.seq
        for entry in Entry.objects.filter(partition=partition).order_by("seq", "pk").iterator(chunk_size=2000):
            yield from _faults(entry, last)
            last = Place(entry.seq, entry.hash, entry.pk)
            reached = reached or (last.seq, last.hash) == (expected.seq, expected.hash)
            for digest_hour, digest in sealed.get((partition, last.seq), ()):
                if digest != entry.hash:
                    yield f"分区 {partition} 第 {last.seq} 条与 {digest_hour} 的封存不符 / differs from the seal"
            done += 1
            if done % 5000 == 0:
                progress(done)
        yield from _end_faults(partition, last.seq, reached)
        yield from (
            f"分区 {partition} 缺第 {seq} 条（{hours[0][0]} 已封存）/ a sealed entry is missing"
            for (where, seq), hours in sealed.items()
            if where == partition and seq > last.seq
        )
    yield from (
        f"条目 id {pk} 在不存在的分区 {partition} 里 / an entry added outside the chains"
        for pk, partition in Entry.objects.exclude(partition__in=range(PARTITIONS)).values_list("pk", "partition")
    )
    yield from _seal_faults(copies)


@dataclass(frozen=True)
class Place:
    """Where a chain has been followed to."""

    seq: int = 0
    hash: str = GENESIS
    pk: int = 0


def _faults(entry: Entry, last: Place) -> Iterator[str]:
    where = f"分区 {entry.partition} 第 {entry.seq} 条（id {entry.pk}）"
    if entry.seq <= last.seq:
        yield f"{where}：序号重复，是插入的 / a second entry with this number"
    elif entry.seq != last.seq + 1:
        yield f"分区 {entry.partition} 缺第 {last.seq + 1} 至 {entry.seq - 1} 条 / entries missing"
    elif entry.before != last.hash:
        yield f"{where}：与前一条接不上 / does not follow the entry before it"
    if entry.pk < last.pk:  # one writer at a time holds the head, so the database numbers a chain upwards
        yield f"{where}：先后次序被调换 / moved before an older entry"
    if chain.entry_hash(entry) != entry.hash:
        yield f"{where}：内容被改动 / content was changed"


def _end_faults(partition: int, seq: int, reached: bool) -> Iterator[str]:
    head = Head.objects.get(pk=partition)  # read again: the service may have written on meanwhile
    if seq > head.seq:
        yield f"分区 {partition} 第 {head.seq + 1} 至 {seq} 条在链头之后，是添加的 / entries added behind the head"
    elif seq < head.seq and not reached:
        yield f"分区 {partition} 末尾缺 {head.seq - seq} 条 / entries missing at the end"
    elif not reached:
        yield f"分区 {partition} 的末条与链头不符 / the last entry differs from the head"


def _sealed() -> dict[tuple[int, int], list[tuple[str, str]]]:
    found: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for seal in Seal.objects.order_by("hour"):
        for partition, seq, digest in seal.heads:
            if seq:
                found.setdefault((partition, seq), []).append((seal.hour.isoformat(), digest))
    return found


def _seal_faults(copies: Iterable[str]) -> Iterator[str]:
    before, found = GENESIS, set()
    for seal in Seal.objects.order_by("hour"):
        if seal.before != before or seal.digest != chain.seal_digest(seal.hour, seal.heads, seal.before):
            yield f"{seal.hour.isoformat()} 的封存被改动或缺前一封存 / seal changed, or the one before it missing"
        before = seal.digest
        found.add(before)
    yield from (f"封存 {copy} 不见了 / this seal is gone" for copy in copies if copy not in found)
