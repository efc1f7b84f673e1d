"""Signed webhooks: CloudEvents 1.0 as structured JSON, signed with HMAC-SHA256 over id, time and body.

The three headers are those of Standard Webhooks: `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature`
("v1," and Base64). Who receives checks the signature and that the time is near, and drops an id he has seen.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

MEDIA_TYPE = "application/cloudevents+json"
#: how far the time of a message may be off, in seconds
TOLERANCE = 300


@dataclass(frozen=True)
class Event:
    """One thing that happened: `type` is "cn.hexi.cases.decided", `subject` the number of what it happened to."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: dict[str, Any]

    def body(self) -> bytes:
        """As it is sent: the same bytes at every try."""
        said = {"specversion": "1.0", "id": self.id, "source": self.source, "type": self.type, "subject": self.subject}
        said |= {"time": self.time.isoformat(), "datacontenttype": "application/json"}
        return json.dumps({**said, "data": self.data}, ensure_ascii=False, sort_keys=True).encode()


class Refused(ValueError):
    """An address nothing is sent to; the sentence says why."""


def headers(event_id: str, body: bytes, secret: str, at: int) -> dict[str, str]:
    """What a message carries."""
    signed = signature(event_id, body, secret, at)
    return {"content-type": MEDIA_TYPE, "webhook-id": event_id, "webhook-timestamp": str(at),
            "webhook-signature": f"v1,{signed}"}  # fmt: skip


def signature(event_id: str, body: bytes, secret: str, at: int) -> str:
    """Base64 of HMAC-SHA256 over "<id>.<time>.<body>"."""
    content = f"{event_id}.{at}.".encode() + body
    return base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).decode()


def genuine(given: dict[str, str], body: bytes, secret: str, now: int) -> bool:
    """What a receiver asks of a message: signed with our secret, and not an old one sent again."""
    try:
        at = int(given["webhook-timestamp"])
        wanted = f"v1,{signature(given['webhook-id'], body, secret, at)}"
        return abs(now - at) <= TOLERANCE and hmac.compare_digest(wanted, given["webhook-signature"])
    except (KeyError, ValueError):
        return False


def post(url: str, body: bytes, given: dict[str, str], *, private: bool, patience: float) -> tuple[int, str]:
    """Send it; the status and the beginning of the answer. Raises `Refused`, or `OSError` when nobody answers.

    The address is looked up once, judged, and that very one connected to, so that a name cannot change in between.
    No redirect is followed.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("地址应以 https:// 或 http:// 开头 / write https://… or http://…")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused("地址里的端口不对 / the port of the address is wrong") from error
    # as a browser writes it: an address typed in Chinese is sent in percent signs
    target = quote(parts.path + (f"?{parts.query}" if parts.query else ""), safe="/?%:@!$&'()*+,;=~") or "/"
    chosen = resolve(parts.hostname, port, private=private)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname, port, timeout=patience, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=patience)
    connection._create_connection = _to(chosen, port)  # type: ignore[attr-defined]
    try:
        connection.request("POST", target if target.startswith("/") else f"/{target}", body, given)
        answer = connection.getresponse()
        return answer.status, answer.read(300).decode(errors="replace")
    except http.client.HTTPException as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _to(chosen: str, port: int) -> Callable[..., socket.socket]:
    def connect(address: Any, timeout: Any = None, source: Any = None) -> socket.socket:
        return socket.create_connection((chosen, port), timeout, source)

    return connect


def resolve(host: str, port: int, *, private: bool) -> str:
    """An address of the host that may be connected to. Raises `Refused` if one is inside a private network."""
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise OSError(f"{host}: {error}") from error
    inside = [one for one in found if not ipaddress.ip_address(one.partition("%")[0]).is_global]
    if inside and not private:
        raise Refused(f"{host} 在内部网络（{inside[0]}），不发送 / {host} is inside a private network")
    return sorted(found, key=lambda one: ":" in one)[0]
