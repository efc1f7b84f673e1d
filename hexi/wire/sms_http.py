"""The SMS gateway's HTTP protocol (docs/sms.md): one POST of JSON a message, signed with HMAC-SHA256."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime

#: seconds a request stays good: an older one is a replay
WINDOW = 300
#: answers after which the same request may be good later
PASSING = frozenset({408, 425, 429})
#: the gateway has this message already (same Idempotency-Key)
ALREADY = 409


@dataclass(frozen=True)
class Sms:
    """One message. `key` is the same at every try, so that the gateway sends it once."""

    to: str
    text: str
    key: str


@dataclass(frozen=True)
class Answer:
    """What became of it: `taken` by the gateway; else `passing` (try again) or refused for good, and why."""

    taken: bool
    passing: bool
    words: str


class BadRequest(ValueError):
    """A request that a gateway should refuse; the text says why."""


def request(sms: Sms, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and headers to POST."""
    body = json.dumps({"to": sms.to, "text": sms.text}, ensure_ascii=False).encode()
    stamp = str(int(at.timestamp()))
    return body, {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": sms.key,
        "X-Hexi-Time": stamp,
        "X-Hexi-Signature": signature(secret, stamp, sms.key, body),
    }


def signature(secret: str, stamp: str, key: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over `time.key.` and the body, so that neither can be changed or sent again later."""
    return hmac.new(secret.encode(), f"{stamp}.{key}.".encode() + body, hashlib.sha256).hexdigest()


def read(body: bytes, headers: dict[str, str], secret: str, now: datetime) -> Sms:
    """The gateway's side: the message, if it is signed and fresh. Raises BadRequest."""
    found = {name.lower(): value for name, value in headers.items()}
    stamp, key = found.get("x-hexi-time", ""), found.get("idempotency-key", "")
    given = found.get("x-hexi-signature", "")
    if not hmac.compare_digest(signature(secret, stamp, key, body).encode(), given.encode()):
        raise BadRequest("the signature is wrong")
    if not stamp.isdigit() or abs(now.astimezone(UTC).timestamp() - int(stamp)) > WINDOW:
        raise BadRequest("the time is more than five minutes off")
    try:
        content = json.loads(body)
        return Sms(str(content["to"]), str(content["text"]), key)
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest("the body is not {to, text}") from error


def answer(status: int, body: bytes) -> Answer:
    """What the gateway's answer means; its `error` or `id` is kept for the operator."""
    words = f"{status} {_said(body)}".strip()
    if 200 <= status < 300 or status == ALREADY:
        return Answer(taken=True, passing=False, words=words)
    return Answer(taken=False, passing=status in PASSING or status >= 500, words=words)


def _said(body: bytes) -> str:
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    return str(content.get("error") or content.get("id") or "")[:200]
