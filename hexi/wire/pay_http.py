"""The payment gateway's HTTP protocol (docs/payments.md): JSON both ways, each message signed with HMAC-SHA256."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: seconds a message stays good: an older one is a replay
WINDOW = 300
#: what a gateway calls the state of an order
WAITING, PAID, CLOSED, UNKNOWN = "waiting", "paid", "closed", "unknown"
#: what it calls the state of a refund, beside WAITING
DONE, REFUSED = "done", "refused"
#: what is signed instead of method and path in a notification, whose address a proxy may rewrite
NOTIFY = "notify"


@dataclass(frozen=True)
class Told:
    """What a gateway says about one order: its state, the fen that really came, its own number for them, when."""

    order: str
    state: str
    fen: int = 0
    reference: str = ""
    at: datetime | None = None
    link: str = ""


@dataclass(frozen=True)
class Returned:
    """What it says about one refund; `words` tell why it is refused."""

    refund: str
    state: str
    reference: str = ""
    words: str = ""


class BadMessage(ValueError):
    """A message that is not to be believed; the text says why."""


def send(what: str, content: Mapping[str, Any], secret: str, at: datetime, nonce: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request; `what` is "POST /orders" or NOTIFY. `nonce` names it, so that it counts once."""
    body = json.dumps(content, ensure_ascii=False).encode() if content else b""
    stamp = str(int(at.timestamp()))
    return body, {
        "Content-Type": "application/json; charset=utf-8",
        "X-Hexi-Time": stamp,
        "X-Hexi-Nonce": nonce,
        "X-Hexi-Signature": signature(secret, stamp, nonce, what, body),
    }


def signature(secret: str, stamp: str, nonce: str, what: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over `time.nonce.what.` and the body: none can be changed or moved elsewhere."""
    return hmac.new(secret.encode(), f"{stamp}.{nonce}.{what}.".encode() + body, hashlib.sha256).hexdigest()


def read(what: str, body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> dict[str, Any]:
    """The content of a signed message (a request, an answer, a notification). Raises `BadMessage`."""
    found = {name.lower(): value for name, value in headers.items()}
    stamp, nonce = found.get("x-hexi-time", ""), found.get("x-hexi-nonce", "")
    given = found.get("x-hexi-signature", "")
    if not secret:
        raise BadMessage("no secret is set")
    if not hmac.compare_digest(signature(secret, stamp, nonce, what, body).encode(), given.encode()):
        raise BadMessage("the signature is wrong")
    if not stamp.isdigit() or abs(now.astimezone(UTC).timestamp() - int(stamp)) > WINDOW:
        raise BadMessage("the time is more than five minutes off")
    try:
        content = json.loads(body) if body else {}
    except ValueError as error:
        raise BadMessage("the body is not JSON") from error
    if not isinstance(content, dict):
        raise BadMessage("the body is not an object")
    return content


def read_answer(
    body: bytes, headers: Mapping[str, str], secret: str, now: datetime, nonce: str, status: int
) -> dict[str, Any]:
    """The content of an answer: signed over the nonce of its request and its status. Raises `BadMessage`."""
    if {name.lower(): value for name, value in headers.items()}.get("x-hexi-nonce") != nonce:
        raise BadMessage("the answer is to another request")
    return read(f"answer {status}", body, headers, secret, now)


def told(content: Mapping[str, Any]) -> Told:
    """An order as an answer or a notification tells it. Raises `BadMessage`."""
    try:
        fen, at = content.get("fen", 0), content.get("paid_at")
        state = str(content["state"])
        if state not in (WAITING, PAID, CLOSED, UNKNOWN):
            raise BadMessage(f"no such state: {state[:20]}")
        if not isinstance(fen, int) or isinstance(fen, bool) or not 0 <= fen < 10**15:
            raise BadMessage("fen is no whole number")
        if state == PAID and not (fen and content.get("reference")):
            raise BadMessage("a paid order has fen and a reference")
        moment = datetime.fromisoformat(str(at)) if at else None
        if moment is not None and moment.tzinfo is None:
            raise BadMessage("paid_at has no time zone")
        texts = (str(content.get(name) or "") for name in ("reference", "link"))
        reference, link = texts
        return Told(str(content["order"]), state, fen, reference[:80], moment, link[:500])
    except (KeyError, ValueError) as error:
        raise error if isinstance(error, BadMessage) else BadMessage(f"not an order: {error}") from error


def returned(content: Mapping[str, Any]) -> Returned:
    """A refund as an answer tells it. Raises `BadMessage`."""
    state = str(content.get("state"))
    if state not in (WAITING, DONE, REFUSED) or "refund" not in content:
        raise BadMessage("not a refund")
    words, reference = (str(content.get(name) or "") for name in ("error", "reference"))
    return Returned(str(content["refund"]), state, reference[:80], words[:200])
