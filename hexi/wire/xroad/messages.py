"""Calls and answers as X-Road keeps them (PR-REST §4.3): which headers go through, the bytes that are signed, and back.

A message's head is lines ended by CRLF: of a call the method and the address, of an answer the status and its word,
then each header as "name:value" in the order it came, without those of one connection. The body is kept beside it.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TypeVar

from hexi.wire.xroad import names
from hexi.wire.xroad.digests import message_digest
from hexi.wire.xroad.errors import Fault

CLIENT, SERVICE, ID, REQUEST_ID = "x-road-client", "x-road-service", "x-road-id", "x-road-request-id"
REQUEST_HASH, USER, ISSUE = "x-road-request-hash", "x-road-userid", "x-road-issue"
SERVER, REPRESENTED = "x-road-security-server", "x-road-represented-party"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
#: headers of one connection or of one machine (§4.3, Filtered headers): never passed on
HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade", "expect", "content-length",
})  # fmt: skip
#: headers by which some services take another method or path than the one that was allowed
OVERRIDES = {
    "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-original-uri", "x-rewrite-url",
}  # fmt: skip
NEVER_PASSED = HOP_BY_HOP | {"host", "user-agent", "server", "pragma"} | OVERRIDES
MOST_HEADERS, LONGEST_HEADER, LONGEST_ID = 100, 8000, 255
#: longest names of who asks and of what is asked, as the log keeps them
LONGEST_CLIENT, LONGEST_SERVICE = 260, 330
#: a header's name is a token (RFC 9110 §5.6.2), its value has no control character but the tab (§5.5)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
Headers = tuple[tuple[str, str], ...]
Kind = TypeVar("Kind", bound="Message")


@dataclass(frozen=True)
class Message:
    """What both kinds have: headers in order, and a body. What follows from these is worked out once."""

    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header by its name in small letters; "" if it is not there."""
        return self._named.get(name, "")

    @cached_property
    def _named(self) -> dict[str, str]:
        """Of a name that stands there twice, the first."""
        return {key.lower(): value for key, value in reversed(self.headers)}

    def lines(self) -> tuple[str, str]:
        """The first two lines of the head."""
        raise NotImplementedError

    @cached_property
    def head(self) -> bytes:
        """The bytes that are hashed and kept."""
        rest = (f"{name}:{value}" for name, value in self.headers)
        return "".join(f"{line}\r\n" for line in (*self.lines(), *rest)).encode()

    @cached_property
    def digest(self) -> bytes:
        """What is signed: one hash over head and body."""
        return message_digest(self.head, self.body)


@dataclass(frozen=True)
class Request(Message):
    """A call on its way."""

    method: str
    target: names.Target

    def lines(self) -> tuple[str, str]:
        """Method and address."""
        return self.method, str(self.target)

    @cached_property
    def client(self) -> names.Client:
        """Who asks."""
        return names.client(self.header(CLIENT))

    @property
    def id(self) -> str:
        """The caller's own number of this message."""
        return self.header(ID)

    @property
    def request_id(self) -> str:
        """The gateway's number of this call, never used twice."""
        return self.header(REQUEST_ID)

    @property
    def hash(self) -> str:
        """What the answer must repeat (X-Road-Request-Hash)."""
        return base64.b64encode(self.digest).decode()


@dataclass(frozen=True)
class Response(Message):
    """An answer on its way."""

    status: int
    reason: str

    def lines(self) -> tuple[str, str]:
        """Status and its word."""
        return str(self.status), self.reason


def request(
    method: str, raw: str, headers: Iterable[tuple[str, str]], body: bytes, *, id: str, request_id: str,
    more: Iterable[tuple[str, str]] = (),
) -> Request:  # fmt: skip
    """A call as it came from a system, made ready for the way. Raises `Fault` (Client.BadRequest).

    `id` stands in if the caller gave no X-Road-Id, `more` are headers the gateway adds. Accept is application/json
    unless another is asked for (§4.3).
    """
    target = names.target(raw)
    if method not in METHODS:
        raise Fault("Client.BadRequest", f"Unknown method “{method[:20]}”")
    added = {REQUEST_ID} | {name for name, _ in more}
    kept = [(name, value) for name, value in _passed(headers) if name.lower() not in added | {REQUEST_HASH, SERVICE}]
    given = {name.lower() for name, _ in kept}
    if "accept" not in given:
        kept.append(("accept", "application/json"))
    kept.append((REQUEST_ID, request_id))
    if ID not in given:
        kept.append((ID, id))
    made = Request((*kept, *more), body, method, target)
    _checked(made)
    return made


def _checked(made: Request) -> None:
    """Raises `Fault` unless who asks can be read and the numbers are of a sane length."""
    _ours_once(made)
    try:
        client = names.client(made.header(CLIENT))
    except names.WrongName as error:
        raise Fault("Client.BadRequest", f"X-Road-Client: {error}") from error
    if len(str(client)) > LONGEST_CLIENT or len(str(made.target.service)) > LONGEST_SERVICE:
        raise Fault("Client.BadRequest", "The name of the client or of the service is too long")
    for name in (ID, USER, ISSUE, REPRESENTED, SERVER):
        if len(made.header(name)) > LONGEST_ID:
            raise Fault("Client.BadRequest", f"The header {name} is longer than {LONGEST_ID} characters")
    represented(made.header(REPRESENTED))


def _ours_once(made: Request) -> None:
    """Raises `Fault` for a name of ours that stands there twice, or with "_", which some servers read as "-"."""
    given = [name.lower() for name, _ in made.headers]
    ours = [name for name in given if name.replace("_", "-").startswith(("x-road-", "x-hexi-"))]
    if CLIENT not in ours:
        raise Fault("Client.BadRequest", "The header X-Road-Client is needed, once")
    if twice := [name for name in ours if "_" in name or ours.count(name) > 1]:
        raise Fault("Client.BadRequest", f"The header {twice[0][:60]} may stand there once, and with “-”")


def represented(text: str) -> tuple[str, str]:
    """Class ("" if not said) and code of the party somebody acts for. Raises `Fault`."""
    parts = text.split("/")
    if len(parts) > 2:
        raise Fault("Client.BadRequest", "X-Road-Represented-Party should be [class/]code")
    return (parts[0], parts[1]) if len(parts) == 2 else ("", text)


def response(
    asked: Request, status: int, reason: str, headers: Iterable[tuple[str, str]], body: bytes, *, fault: str = ""
) -> Response:
    """An answer as it came from a service, tied to the call it answers. What it said in our names is dropped.

    `fault`: the type of an error on the way, if a gateway answers in its place.
    """
    own = {ID, CLIENT, SERVICE, REQUEST_ID, REQUEST_HASH, "x-road-error"}
    kept = [(name, value) for name, value in _passed(headers) if name.lower() not in own]
    ours = [
        (ID, asked.id), (CLIENT, asked.header(CLIENT)), (SERVICE, str(asked.target.service)),
        (REQUEST_ID, asked.request_id), (REQUEST_HASH, asked.hash),
    ]  # fmt: skip
    if fault:
        ours.append(("x-road-error", fault))
    return Response((*kept, *ours), body, status, _word(status, reason))


def read_request(head: bytes, body: bytes) -> Request:
    """A call out of its head. Raises `Fault` (Client.BadRequest) unless writing it again gives the same bytes."""
    first, second, headers = _lines(head)
    if first not in METHODS:
        raise Fault("Client.BadRequest", "A message with an unknown method")
    found = Request(headers, body, first, names.target(second))
    _checked(found)
    return _same(found, head)


def read_response(head: bytes, body: bytes) -> Response:
    """An answer out of its head. Raises `Fault` (Client.BadRequest) unless writing it again gives the same bytes."""
    first, second, headers = _lines(head)
    if not (first.isascii() and first.isdigit() and len(first) == 3 and first[0] in "2345"):
        raise Fault("Client.BadRequest", "An answer without a status")
    return _same(Response(headers, body, int(first), second), head)


def _same(found: Kind, head: bytes) -> Kind:
    if found.head != head:
        raise Fault("Client.BadRequest", "A message that reads in two ways")
    return found


def _lines(head: bytes) -> tuple[str, str, Headers]:
    try:
        first, second, *rest, last = head.decode().split("\r\n")
    except (UnicodeDecodeError, ValueError) as error:
        raise Fault("Client.BadRequest", "A message whose head cannot be read") from error
    pairs = [line.partition(":") for line in rest]
    wrong = [
        name for name, colon, value in pairs if not colon or name.lower() in NEVER_PASSED or not _sound(name, value)
    ]
    if last or wrong or len(pairs) > MOST_HEADERS:
        raise Fault("Client.BadRequest", "A message whose headers cannot be read")
    return first, second, tuple((name, value) for name, _, value in pairs)


def _passed(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What goes through: neither this connection's headers, nor those that Connection names, nor a broken one."""
    given = list(headers)
    if len(given) > MOST_HEADERS or any(len(name) + len(value) > LONGEST_HEADER for name, value in given):
        raise Fault("Client.BadRequest", "Too many headers, or one that is too long")
    if not all(_sound(name, value) for name, value in given):
        raise Fault("Client.BadRequest", "A header with a control character, or a name that is none")
    named = {one.strip().lower() for name, value in given if name.lower() == "connection" for one in value.split(",")}
    return [(name, value) for name, value in given if name.lower() not in NEVER_PASSED | named]


def _sound(name: str, value: str) -> bool:
    return bool(_TOKEN.fullmatch(name) and _VALUE.fullmatch(value))


def _word(status: int, reason: str) -> str:
    if reason and reason.isprintable():
        return reason[:100]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
