"""Proving the message log: chains, signatures, time-stamps and archives; of each fault where it is and what it is."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from hexi.blocks.catalog import proofs
from hexi.blocks.catalog.exchange_keys import read_public, signer
from hexi.blocks.catalog.models import Archive, Chain, GatewayKey, MessageLog, StampBatch
from hexi.wire import rfc3161
from hexi.wire.xroad import archives, digests

PIECE = 2_000
Key = ec.EllipticCurvePublicKey


def keys() -> dict[str, Key]:
    """Every public key we know, ours included, by its name."""
    found = {one.key_id: read_public(one.public) for one in GatewayKey.objects.all()}
    own = signer()
    return found | {own.id: own.private.public_key()}


def verify(folder: Path, roots: list[x509.Certificate], tell: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Every fault of the whole log, archives first: "<where>: <what>". Reads all of it, about 5,000 messages a second.

    Chains are hashes anybody can work out: that messages are missing where the rest was hashed anew is told
    by the time-stamps, which say how many they cover; of messages without one it cannot be told.

    `roots`: the time-stamping authority's certificates; without any, time-stamps are taken as they are.
    """
    known = keys()
    ends: dict[str, tuple[int, str]] = {}
    archived: Counter[bytes] = Counter()
    yield from _archives(folder, known, roots, ends, archived)
    for stream in MessageLog.objects.order_by("stream").values_list("stream", flat=True).distinct():
        yield from _stream(stream, known, ends, tell)
    yield from _heads(ends)
    yield from _batches(roots, archived)


# --- in the database --------------------------------------------------------------------------------------------------
def _stream(
    stream: str, known: dict[str, Key], ends: dict[str, tuple[int, str]], tell: Callable[[int], None]
) -> Iterator[str]:
    first = MessageLog.objects.filter(stream=stream).order_by("seq").values_list("seq", flat=True)[0]
    seq, before = first - 1, _begins(stream, first, ends)
    if before is None:
        yield f"{stream} {first}: 之前的报文不见了 / the messages before it are missing"
        before = MessageLog.objects.get(stream=stream, seq=first).before
    done = 0
    while True:
        more, begun = MessageLog.objects.filter(stream=stream, seq__gt=seq).order_by("seq")[:PIECE], seq
        for row in more.iterator(chunk_size=50):
            done += 1
            if row.seq != seq + 1:
                yield f"{stream} {seq + 1}–{row.seq - 1}: 报文不见了 / messages are missing"
                before = row.before
            yield from _row(f"{stream} {row.seq} ({row.request_id} {row.kind})", row, before, known)
            seq, before = row.seq, row.hash
        if seq == begun:
            break
        tell(done)
    ends[stream] = (seq, before)


def _begins(stream: str, first: int, ends: dict[str, tuple[int, str]]) -> str | None:
    """What the first message in the database must follow: nothing, the last in the archives, or one of them."""
    if first == 1:
        return proofs.GENESIS
    seq, hashed = ends.get(stream, (0, ""))
    if seq == first - 1:
        return hashed
    if seq >= first:  # archived and still in the database: the archive has proved the link
        return MessageLog.objects.get(stream=stream, seq=first).before
    return None


def _row(where: str, row: MessageLog, before: str, known: dict[str, Key]) -> Iterator[str]:
    found = proofs.record(row)
    if row.before != before:
        yield f"{where}: 与前一条接不上 / does not follow the one before it"
    if proofs.chained(found) != row.hash:
        yield f"{where}: 记录被改动 / its record was altered"
    body = bytes(row.body) if row.body is not None else None
    yield from (f"{where}: {why}" for why in proofs.faults(found, body, known.get(row.key_id)))


def _heads(ends: dict[str, tuple[int, str]]) -> Iterator[str]:
    for head in Chain.objects.order_by("stream"):
        if head.seq and ends.get(head.stream, (0, "")) != (head.seq, head.hash):
            yield f"{head.stream} {head.seq}: 末尾的报文不见了或被换掉 / the last messages are missing or were replaced"


def _batches(roots: list[x509.Certificate], archived: Counter[bytes]) -> Iterator[str]:
    """`archived`: messages in archives by their time-stamp (its hash; b"" those whose archive does not say which)."""
    for batch in StampBatch.objects.order_by("pk").iterator():
        where = f"time-stamp {batch.pk} ({batch.at:%F %T})"
        held = MessageLog.objects.filter(batch=batch).order_by("pk").values_list("signature", "hash")
        leaves = [proofs.leaf(bytes(one), hashed) for one, hashed in held]
        if len(leaves) == batch.size and digests.Tree(leaves).root != bytes(batch.root):
            yield f"{where}: 签名或次序与时间戳不符 / signatures or order are not those that were stamped"
        there = MessageLog.objects.filter(batch=batch, archive=None).count()
        missing = batch.size - there - archived[hashlib.sha256(bytes(batch.token)).digest()]
        unstamped = min(max(missing, 0), archived[b""])
        archived[b""] -= unstamped
        if missing > unstamped:
            gone = missing - unstamped
            yield f"{where}: 有 {gone} 条盖过时间戳的报文不见了 / {gone} stamped messages are missing"
        yield from _token(where, bytes(batch.token), bytes(batch.root), roots)


def _token(where: str, token: bytes, root: bytes, roots: list[x509.Certificate]) -> Iterator[str]:
    if not roots:
        return
    try:
        rfc3161.check(token, root, roots)
    except rfc3161.Failed as error:
        yield f"{where}: 时间戳无效 / {error}"


# --- in the archives --------------------------------------------------------------------------------------------------
def _archives(
    folder: Path, known: dict[str, Key], roots: list[x509.Certificate], ends: dict[str, tuple[int, str]],
    archived: Counter[bytes],
) -> Iterator[str]:  # fmt: skip
    before = ""
    for one in Archive.objects.order_by("pk"):
        if one.before != before:
            yield f"{one.name}: 与前一个归档接不上 / does not follow the archive before it"
        before = one.digest
        try:
            content = (folder / one.name).read_bytes()
        except OSError as error:
            yield f"{one.name}: 读不出 / cannot be read ({error.strerror})"
            archived[b""] += one.messages  # told already
            continue
        whole = hashlib.sha256(content).hexdigest() == one.sha256
        found, digest = archives.check(one.name, content, one.before)
        yield from (str(fault) for fault in found)
        archived[b""] += one.messages if found else 0
        if not whole and not found:
            yield f"{one.name}: 文件的字节变了 / the bytes of the file have changed"
        if not found and digest != one.digest:
            yield f"{one.name}: 换成了另一个归档 / was replaced by another archive"
        yield from _containers(one.name, content, known, roots, ends, archived) if not found else ()


def _containers(
    name: str, content: bytes, known: dict[str, Key], roots: list[x509.Certificate], ends: dict[str, tuple[int, str]],
    archived: Counter[bytes],
) -> Iterator[str]:  # fmt: skip
    checked: set[tuple[bytes, bytes]] = set()
    for file, packed in archives.containers(content):
        where = f"{name}!{file}"
        try:
            parts = archives.unpack(packed)
            found = json.loads(parts["META-INF/record.json"])
            hashed = found.pop("hash")
            stream, seq = found["stream"], found["seq"]
            inside = list(_inside(found, hashed, parts, known, ends))
        except (KeyError, ValueError, TypeError) as error:
            yield f"{where}: 读不出 / cannot be read ({error})"
            continue
        yield from (f"{where}: {why}" for why in inside)
        ends[stream] = max(ends.get(stream, (0, "")), (seq, hashed))
        yield from _stamped(where, found, hashed, parts, roots, checked, archived)


def _inside(
    found: dict[str, Any], hashed: str, parts: dict[str, bytes], known: dict[str, Key], ends: dict[str, tuple[int, str]]
) -> Iterator[str]:
    seq, before = ends.get(found["stream"], (0, proofs.GENESIS))
    if found["seq"] == seq + 1 and found["before"] != before:
        yield "与前一条接不上 / does not follow the one before it"
    if found["seq"] > seq + 1:
        yield "之前的报文不在归档里 / the messages before it are in no archive"
    if proofs.chained(found) != hashed:
        yield "记录被改动 / its record was altered"
    if parts.get("message.txt") != bytes.fromhex(found["head"]):
        yield "报文头与记录不符 / its head is not that of the record"
    body = parts.get("body.bin", None if found["body_size"] else b"")
    yield from proofs.faults(found, body, known.get(found["key_id"]))


def _stamped(
    where: str, found: dict[str, Any], hashed: str, parts: dict[str, bytes], roots: list[x509.Certificate],
    checked: set[tuple[bytes, bytes]], archived: Counter[bytes],
) -> Iterator[str]:  # fmt: skip
    """The message's way up to a root that the authority has stamped; each pair of root and token is checked once."""
    if "META-INF/timestamp.json" not in parts:
        archived[b""] += 1
        return
    said = json.loads(parts["META-INF/timestamp.json"])
    leaf = proofs.leaf(bytes.fromhex(found["signature"]), hashed)
    root = digests.climb(leaf, [(side, bytes.fromhex(beside)) for side, beside in said["path"]])
    token = bytes.fromhex(said["token"])
    archived[hashlib.sha256(token).digest()] += 1
    if (root, token) not in checked:
        faults = list(_token(where, token, root, roots))
        yield from faults
        if not faults:
            checked.add((root, token))


# --- one message ------------------------------------------------------------------------------------------------------
def proof(row: MessageLog) -> list[tuple[str, bool | None]]:
    """What holds of one message: its record, signature, link to the one before, time-stamp (None: not there yet)."""
    found = proofs.record(row)
    body = bytes(row.body) if row.body is not None else None
    before = MessageLog.objects.filter(stream=row.stream, seq=row.seq - 1).values_list("hash", flat=True).first()
    link = row.before == proofs.GENESIS if row.seq == 1 else None if before is None else row.before == before
    return [
        ("record", proofs.chained(found) == row.hash),
        ("signature", not proofs.faults(found, body, keys().get(row.key_id))),
        ("link", link),
        ("stamp", _proved_stamp(row)),
    ]


def _proved_stamp(row: MessageLog) -> bool | None:
    if row.batch is None:
        return None
    held = list(MessageLog.objects.filter(batch=row.batch).order_by("pk").values_list("signature", "hash"))
    if len(held) != row.batch.size:
        return None  # some are in archives alone: `hexi catalog verify-log` reads those
    return digests.Tree([proofs.leaf(bytes(one), hashed) for one, hashed in held]).root == bytes(row.batch.root)
