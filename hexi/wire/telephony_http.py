"""The telephone exchange's HTTP protocol (docs/telephony.md): calls told, calls asked for, agents; signed by HMAC."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from hexi.wire.sms_http import PASSING, WINDOW, signature

RINGING, ANSWERED, ENDED, RECORDED = "ringing", "answered", "ended", "recorded"
#: what may happen to a call
KINDS = (RINGING, ANSWERED, ENDED, RECORDED)
READY, PAUSED = "ready", "paused"
#: the exchange knows this call or key already
ALREADY = 409
LONGEST = 20_000


@dataclass(frozen=True)
class Event:
    """One thing that happened to a call. `call` is the exchange's own name of it, or ours of a call we asked for.

    `caller` is the other side's number, "" if it is withheld; `line` the region code of the hotline, "" the only one.
    """

    kind: str
    call: str
    at: datetime
    caller: str = ""
    extension: str = ""
    line: str = ""
    recording: str = ""


@dataclass(frozen=True)
class Answer:
    """What the exchange said to a request: `taken`; else `passing` (ask again later) or refused for good, and why."""

    taken: bool
    passing: bool
    words: str


class BadRequest(ValueError):
    """A push that must not be taken; the text says why. `forged`: its signature or time is wrong."""

    def __init__(self, words: str, *, forged: bool = False):
        super().__init__(words)
        self.forged = forged


def headers(body: bytes, key: str, secret: str, at: datetime) -> dict[str, str]:
    """What every request carries, in both directions."""
    stamp = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": key,
        "X-Hexi-Time": stamp,
        "X-Hexi-Signature": signature(secret, stamp, key, body),
    }


def signed(content: Mapping[str, Any], key: str, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """A JSON body and its headers."""
    body = json.dumps(content, ensure_ascii=False).encode()
    return body, headers(body, key, secret, at)


def dial(call: str, extension: str, to: str, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """POST <url>/calls: ring the extension, then the number. `call` names the call in every event about it."""
    return signed({"call": call, "extension": extension, "to": to}, call, secret, at)


def agent(extension: str, state: str, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """POST <url>/agents: whether calls may be put through to the extension."""
    return signed({"extension": extension, "state": state}, f"{extension}:{int(at.timestamp())}", secret, at)


def push(event: Event, secret: str, at: datetime) -> tuple[bytes, dict[str, str]]:
    """The exchange's side of an event."""
    content = {name: value for name, value in asdict(event).items() if value} | {"at": event.at.isoformat()}
    return signed(content, f"{event.call}:{event.kind}", secret, at)


def checked(body: bytes, given: Mapping[str, str], secret: str, now: datetime) -> None:
    """Raise `BadRequest` unless a request is signed with the secret and fresh. Both sides ask this."""
    found = {name.lower(): value for name, value in given.items()}
    stamp, key = found.get("x-hexi-time", ""), found.get("idempotency-key", "")
    wanted = signature(secret, stamp, key, body)
    if not secret or not hmac.compare_digest(wanted.encode(), found.get("x-hexi-signature", "").encode()):
        raise BadRequest("the signature is wrong", forged=True)
    # so many signs are no time, and a number as long would not be read
    fresh = stamp.isascii() and stamp.isdigit() and len(stamp) < 13
    if not fresh or abs(now.astimezone(UTC).timestamp() - int(stamp)) > WINDOW:
        raise BadRequest("the time is more than five minutes off", forged=True)


def read(body: bytes, given: Mapping[str, str], secret: str, now: datetime) -> Event:
    """Our side: what happened, if it is signed, fresh and whole. Raises `BadRequest`."""
    checked(body, given, secret, now)
    try:
        content = json.loads(body)
        at = datetime.fromisoformat(content["at"])
        texts = {
            name: _text(content.get(name, "")) for name in ("kind", "call", "caller", "extension", "line", "recording")
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadRequest("the body is not {kind, call, at, caller, extension, line, recording}") from error
    if at.tzinfo is None:
        raise BadRequest("at must say its offset")
    return _whole(Event(at=at, **texts))


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value or len(value) > 500:
        raise ValueError(value)
    return value.strip()


def _whole(event: Event) -> Event:
    if event.kind not in KINDS:
        raise BadRequest(f"kind must be one of {', '.join(KINDS)}")
    # it stands in a header when the recording is fetched
    if not (event.call.isascii() and event.call.isprintable() and 0 < len(event.call) <= 80):
        raise BadRequest("call must name the call, with at most 80 printable ASCII characters")
    if len(event.extension) > 20 or len(event.caller) > 30:
        raise BadRequest("extension has at most 20 characters, caller 30")
    if event.kind == RECORDED and not event.recording:
        raise BadRequest("recording must be the address of the recording")
    return event


def answer(status: int, words: str) -> Answer:
    """What the exchange's answer means."""
    told = f"{status} {words}".strip()[:200]
    if 200 <= status < 300 or status == ALREADY:
        return Answer(taken=True, passing=False, words=told)
    return Answer(taken=False, passing=status in PASSING or status >= 500, words=told)


def sound_type(head: bytes) -> str:
    """The media type of a recording by how it begins; "" if it is no sound."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:4] == b"OggS":
        return "audio/ogg"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    return ""
