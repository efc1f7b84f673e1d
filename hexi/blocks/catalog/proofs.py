"""The hash that chains logged messages, and the checks of one message: pure functions, usable on a copy of the log."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from hexi.wire.xroad import transport

GENESIS = "0" * 64
FIELDS = (
    "stream", "seq", "side", "kind", "request_id", "message_id", "client", "service", "issue", "user", "status",
    "fault", "body_size", "key_id", "before", "grant_id", "subsystem_id",
)  # fmt: skip
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
BYTES = ("head", "body_digest", "signature")


def record(row: Any) -> dict[str, Any]:
    """What is hashed of a message: every field but the body, whose digest stands in for it."""
    found = {name: getattr(row, name) for name in FIELDS} | {name: bytes(getattr(row, name)).hex() for name in BYTES}
    return found | {"at": moment(row.at)}


def chained(found: Mapping[str, Any]) -> str:
    """What `hash` must be: over the record, the hash before it included."""
    return hashlib.sha256(_JSON.encode(found).encode()).hexdigest()


def digest(head: bytes, body_size: int, body_digest: bytes) -> bytes:
    """What the signature was made over (PR-REST §4.3), from the body's digest alone."""
    first = hashlib.sha512(head).digest()
    return hashlib.sha512(first + body_digest).digest() if body_size else first


def leaf(signature: bytes, hashed: str) -> bytes:
    """What stands in the time-stamped tree for a message: its signature, and its link, which stamps the order."""
    return hashlib.sha256(signature + hashed.encode()).digest()


def faults(found: Mapping[str, Any], body: bytes | None, key: ec.EllipticCurvePublicKey | None) -> list[str]:
    """What is wrong with one message by itself, each in words; nothing: it is as it was signed."""
    head, body_digest = bytes.fromhex(found["head"]), bytes.fromhex(found["body_digest"])
    wrong = []
    if body is not None and (len(body) != found["body_size"] or hashlib.sha512(body).digest() != body_digest):
        wrong.append("正文被改动 / the body was altered")
    if key is None:
        wrong.append(f"不认识签名密钥 {found['key_id']} / unknown key {found['key_id']}")
    elif not transport.genuine(digest(head, found["body_size"], body_digest), bytes.fromhex(found["signature"]), key):
        wrong.append("签名不符：报文头或正文摘要被改动 / the signature does not hold: head or body digest was altered")
    return wrong


def moment(at: datetime) -> str:
    """A moment in UTC to the microsecond, as both databases keep it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
