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
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
    No redirect is followed. Connecting, shaking hands and all the rest (the message out, head and body of the answer)
    have `patience` seconds each, however slowly the other side trickles.
    """
    with asked("POST", url, body, given, private=private, patience=patience) as answer:
        return answer.status, _beginning(answer)


@contextmanager
def asked(
    method: str, url: str, body: bytes | None, given: dict[str, str], *, private: bool, patience: float
) -> Iterator[http.client.HTTPResponse]:
    """The answer to one request, its body still to be read inside the `with`; the rest as `post` says."""
    connection, target = _connection(url, private=private, patience=patience)
    try:
        connection.connect()
        with _deadline(connection.sock, patience) as over:
            try:
                connection.request(method, target, body, given)
                yield connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                if over.is_set():
                    raise TimeoutError("no whole answer in time") from error
                raise
    except http.client.HTTPException as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _connection(url: str, *, private: bool, patience: float) -> tuple[http.client.HTTPConnection, str]:
    """A connection, not yet open, to the address looked up and judged now; and what is asked for there."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused("这不是网址 / this is no address") from error
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
    return connection, target if target.startswith("/") else f"/{target}"


@contextmanager
def _deadline(open_socket: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Shut the connection when the time is over: the socket's own timeout starts anew with every byte that comes."""
    over = threading.Event()

    def end() -> None:
        over.set()
        with suppress(OSError):
            socket.socket.shutdown(open_socket, socket.SHUT_RDWR)  # not TLS's own, which would wait for the other side

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


def get(url: str, *, private: bool, patience: float, most: int, accept: str = "*/*") -> tuple[int, bytes]:
    """Fetch a document: the status and at most `most` bytes. Judged as `post`; no redirect is followed.

    Raises `Refused` for a place nothing is asked of and for a document that is longer, `OSError` when nobody answers.
    """
    with asked("GET", url, None, {"accept": accept}, private=private, patience=patience) as answer:
        body = answer.read(most + 1)
        if len(body) > most:
            raise Refused(f"内容超过 {most} 字节，不取 / longer than {most} bytes")
        return answer.status, body


def _beginning(answer: http.client.HTTPResponse) -> str:
    """The first words of the answer; the status is there already, so a body that breaks off changes nothing."""
    try:
        return answer.read(300).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return ""


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
    inside = [one for one in found if not public(one.partition("%")[0])]
    if inside and not private:
        raise Refused(f"{host} 在内部网络（{inside[0]}），不发送 / {host} is inside a private network")
    return sorted(found, key=lambda one: ":" in one)[0]


#: NAT64 for local use (RFC 8215), which older Pythons call global
_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
#: IPv6 networks whose last 32 bits are an IPv4 address: NAT64 (RFC 6052), and the old compatible ones
_CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))


def public(address: str) -> bool:
    """True if an address leads out into the world, and so does the IPv4 address it may carry (NAT64, 6to4, Teredo)."""
    one = ipaddress.ip_address(address)
    carried = _carried(one) if isinstance(one, ipaddress.IPv6Address) else []
    return all(_outside(each) for each in (one, *carried))


def _outside(one: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    local = getattr(one, "is_site_local", False) or (one.version == 6 and one in _LOCAL)
    return one.is_global and not one.is_multicast and not local


def _carried(one: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    found = [one.ipv4_mapped, one.sixtofour, *(one.teredo or ())]
    if any(one in network for network in _CARRIERS):
        found.append(ipaddress.IPv4Address(int(one) & 0xFFFF_FFFF))
    return [each for each in found if each is not None]
