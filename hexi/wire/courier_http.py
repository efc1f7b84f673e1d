"""The courier's HTTP protocol (docs/courier.md): labels, tracking, cancelling, events pushed back; signed by HMAC."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from hexi.wire.sms_http import PASSING, WINDOW, signature

#: what an event may say
KINDS = ("collected", "transit", "out", "failed", "delivered", "returned")
#: the courier has an order under this key already; its label is in the answer
ALREADY = 409
#: longest body and most events one push may carry
LONGEST, MOST = 200_000, 500


@dataclass(frozen=True)
class Address:
    """One end of the way."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True)
class Label:
    """What a courier is asked to carry. `key` is the same at every try, so that it is ordered once."""

    number: str
    key: str
    content: str
    sender: Address
    receiver: Address


@dataclass(frozen=True)
class News:
    """One thing that happened to a parcel. `key` is the courier's own name for it: told again, it is the same."""

    key: str
    kind: str
    at: datetime
    number: str = ""
    tracking: str = ""
    place: str = ""
    text: str = ""
    signed_by: str = ""


class Refused(Exception):
    """The courier will not, and asking again is useless; the text is its reason."""


class BadRequest(ValueError):
    """A push that must not be taken; the text says why. `forged`: its signature or time is wrong."""

    def __init__(self, words: str, *, forged: bool = False):
        super().__init__(words)
        self.forged = forged


def signed(content: Mapping[str, Any], key: str, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """A JSON body and its headers: both directions sign alike."""
    body = json.dumps(content, ensure_ascii=False, default=str).encode()
    stamp = str(int(at.timestamp()))
    return body, {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": key,
        "X-Hexi-Time": stamp,
        "X-Hexi-Signature": signature(secret, stamp, key, body),
    }


def order(label: Label, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """POST <url>/labels."""
    content = asdict(label)
    del content["key"]
    return signed(content, label.key, secret, at)


def ask(number: str, tracking: str, key: str, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """POST <url>/track and <url>/cancel."""
    return signed({"number": number, "tracking": tracking}, key, secret, at)


def push(news: list[News], key: str, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The courier's side: events to POST to us."""
    events = [{**asdict(one), "id": one.key, "at": one.at.isoformat()} for one in news]
    return signed({"events": events}, key, secret, at)


def tracking_of(status: int, body: bytes) -> str:
    """The tracking number in the answer to an order. Raises `Refused`, or OSError: ask again later."""
    content = _answered(status, body)
    tracking = str(content.get("tracking") or "").strip()
    if not tracking or len(tracking) > 60:
        raise OSError(f"{status} without a tracking number")
    return tracking


def news_of(status: int, body: bytes) -> list[News]:
    """The events in the answer to a question. Raises as `tracking_of`."""
    try:
        return _events(_answered(status, body))
    except BadRequest as error:
        raise OSError(str(error)) from error


def taken(status: int, body: bytes) -> None:
    """The answer to a cancellation: nothing, or `Refused`, or OSError."""
    _answered(status, body)


def verified(body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> list[News]:
    """Events pushed to us, if they are signed and fresh. Raises `BadRequest`."""
    found = {name.lower(): value for name, value in headers.items()}
    stamp, key = found.get("x-hexi-time", ""), found.get("idempotency-key", "")
    given = found.get("x-hexi-signature", "")
    if not secret or not hmac.compare_digest(signature(secret, stamp, key, body).encode(), given.encode()):
        raise BadRequest("the signature is wrong", forged=True)
    if not stamp.isdecimal() or abs(now.astimezone(UTC).timestamp() - int(stamp)) > WINDOW:
        raise BadRequest("the time is more than five minutes off", forged=True)
    return _events(_object(body))


def _answered(status: int, body: bytes) -> dict[str, Any]:
    if 200 <= status < 300 or status == ALREADY:
        try:
            return _object(body)
        except BadRequest as error:
            raise OSError(str(error)) from error
    words = f"{status} {_said(body)}".strip()
    raise OSError(words) if status in PASSING or status >= 500 else Refused(words)


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(content, dict):
        raise BadRequest("the body is not a JSON object")
    return content


def _events(content: dict[str, Any]) -> list[News]:
    events = content.get("events")
    if not isinstance(events, list) or len(events) > MOST:
        raise BadRequest(f"events must be a list of at most {MOST}")
    return [_event(one, place) for place, one in enumerate(events)]


def _event(one: Any, place: int) -> News:
    if not isinstance(one, dict):
        raise BadRequest(f"events[{place}] is not an object")
    key, kind = _text(one, "id", 80), _text(one, "kind", 20)
    if not key:
        raise BadRequest(f"events[{place}].id is missing")
    if kind not in KINDS:
        raise BadRequest(f"events[{place}].kind must be one of {', '.join(KINDS)}")
    try:
        at = datetime.fromisoformat(_text(one, "at", 40))
    except ValueError as error:
        raise BadRequest(f"events[{place}].at is not an ISO 8601 time") from error
    if at.tzinfo is None:
        raise BadRequest(f"events[{place}].at must say its offset, such as +08:00")
    if kind == "delivered" and not _text(one, "signed_by", 100):
        raise BadRequest(f"events[{place}].signed_by is missing: who took it is the proof of delivery")
    return News(
        key, kind, at, _text(one, "number", 40), _text(one, "tracking", 60), _text(one, "place", 200),
        _text(one, "text", 500), _text(one, "signed_by", 100),
    )  # fmt: skip


def _text(one: dict[str, Any], name: str, most: int) -> str:
    value = one.get(name)
    return "" if value is None else str(value).replace("\0", "").strip()[:most]


def _said(body: bytes) -> str:
    try:
        return str(_object(body).get("error") or "")[:200]
    except BadRequest:
        return ""
