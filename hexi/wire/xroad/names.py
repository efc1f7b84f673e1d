"""Names of X-Road: members, subsystems, services, their alphabet, and how they stand in a path (PR-REST §4.1).

A name is codes joined by "/", each percent-encoded by itself (§4.2). A code has no slash and no Chinese: what people
read is a title beside it.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import quote, unquote

from hexi.wire.xroad.errors import Fault

#: what one code may consist of, and how long it may be
ALPHABET = re.compile(r"[A-Za-z0-9'()+,\-.=?]+")
LONGEST_CODE = 255
#: longest path with its query (§4.2 names 2,000 characters as what most clients keep to)
LONGEST_PATH = 2000
#: names that were read lately and are not read again: the same few call the same few
KNOWN = 1_000
#: what a service's own path may consist of (RFC 3986 §3.3: pchar and "/"): "#" or a blank would be cut off on the way
_PATH = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
#: and its query: nothing that ends it or the line it stands in
_QUERY = re.compile(r"[!-~]*")
#: characters of the alphabet that need no percent sign within a segment of a path (RFC 3986 §3.3)
_SAFE = "'()+,-.="


class WrongName(ValueError):
    """A name that cannot be one; the sentence says which code and why."""


def check(code: str) -> str:
    """The code itself, if it may be one. Raises `WrongName`."""
    if not code or len(code) > LONGEST_CODE or not ALPHABET.fullmatch(code) or set(code) == {"."}:
        raise WrongName(
            f"代码“{code[:40]}”只能用字母、数字和 ' ( ) + , - . = ? / the code “{code[:40]}” may hold letters, digits "
            "and ' ( ) + , - . = ? only"
        )
    return code


@dataclass(frozen=True)
class Client:
    """A member (no subsystem), or a subsystem: who asks, or who offers."""

    instance: str
    member_class: str
    member: str
    subsystem: str = ""

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return _joined(self.instance, self.member_class, self.member, *filter(None, [self.subsystem]))

    @property
    def owner(self) -> "Client":
        """The member it belongs to."""
        return Client(self.instance, self.member_class, self.member)


@dataclass(frozen=True)
class Service:
    """A service that a subsystem offers."""

    client: Client
    code: str

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return f"{self.client}/{_joined(self.code)}"


@dataclass(frozen=True)
class Target:
    """What the path of a call says: which service, and what is asked of it there (`path` begins with "/" or is "")."""

    service: Service
    path: str = ""
    query: str = ""

    def __str__(self) -> str:
        return f"/r1/{self.service}{self.path}" + (f"?{self.query}" if self.query else "")


@lru_cache(maxsize=KNOWN)
def client(text: str) -> Client:
    """A member or subsystem out of the header X-Road-Client. Raises `WrongName`."""
    codes = _codes(text)
    if len(codes) not in (3, 4):
        raise WrongName(
            f"“{text[:80]}”应为 实例/类别/成员/子系统 / “{text[:80]}” should be instance/class/member/subsystem"
        )
    return Client(*codes)


@lru_cache(maxsize=KNOWN)
def service(text: str) -> Service:
    """A service of a subsystem out of the header X-Road-Service. Raises `WrongName`."""
    codes = _codes(text)
    if len(codes) != 5:
        raise WrongName(
            f"“{text[:80]}”应为 实例/类别/成员/子系统/服务 / “{text[:80]}” should be "
            "instance/class/member/subsystem/service"
        )
    return Service(Client(*codes[:4]), codes[4])


def target(raw: str) -> Target:
    """The address of a call, path and query as they came. Raises `Fault` (Client.BadRequest).

    The service's own path must say what it means: no dot segments, no encoded slash, backslash or NUL, so that a right
    to one endpoint cannot be stretched to another (§4.2: addresses MUST be strictly validated).
    """
    if len(raw) > LONGEST_PATH or not raw.isascii() or not raw.isprintable():
        raise Fault("Client.BadRequest", f"The address is longer than {LONGEST_PATH} characters or not plain ASCII")
    path, _, query = raw.partition("?")
    parts = path.split("/", 7)
    if len(parts) < 7 or parts[0]:
        raise Fault("Client.BadRequest", "The address should be /r1/instance/class/member/subsystem/service[/path]")
    if parts[1] != "r1":
        raise Fault("Client.BadRequest", f"Unknown protocol version “{parts[1][:20]}”: r1 is spoken here")
    try:
        found = service("/".join(parts[2:7]))
    except WrongName as error:
        raise Fault("Client.BadRequest", str(error)) from error
    inside = f"/{parts[7]}" if len(parts) == 8 else ""
    if not _PATH.fullmatch(inside) or not _QUERY.fullmatch(query) or "#" in query:
        raise Fault("Client.BadRequest", "The address holds a blank, “#” or another sign that must be percent-encoded")
    segments(inside)
    return Target(found, inside, query)


def segments(path: str) -> list[str]:
    """The decoded segments of a service's own path. Raises `Fault` for one that could be read in two ways."""
    found = [unquote(one) for one in path.split("/")[1:]]
    for one in found:
        if one.partition(";")[0] in (".", "..") or any(sign in one for sign in "/\\\0%"):
            raise Fault("Client.BadRequest", "The path holds “..”, an encoded slash or another sign with two readings")
    return found


def matches(pattern: str, path: str) -> bool:
    """True if an endpoint's pattern covers the path: "*" is one segment, "**" at the end any rest (UG-SS §7)."""
    wanted, given = pattern.strip("/").split("/"), [one for one in segments(path) if one]
    if wanted == [""]:
        return not given
    if wanted[-1] == "**":
        wanted, rest = wanted[:-1], True
    else:
        rest = False
    if len(given) < len(wanted) or (len(given) > len(wanted) and not rest):
        return False
    return all(one in ("*", there) for one, there in zip(wanted, given, strict=False))


def _codes(text: str) -> list[str]:
    try:
        return [check(unquote(one, errors="strict")) for one in text.split("/")]
    except UnicodeDecodeError as error:
        raise WrongName("编码不是 UTF-8 / not UTF-8") from error


def _joined(*codes: str) -> str:
    return "/".join(quote(code, safe=_SAFE) for code in codes)
