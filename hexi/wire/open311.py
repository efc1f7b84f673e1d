"""Open311 GeoReport v2, both ways: services, definitions, requests, tokens, updates, errors, discovery; JSON and XML.

What is written is read again by the same names. Updates are the extension of FixMyStreet (servicerequestupdates).
XML with a document type is refused: no entity is ever expanded.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode
from xml.etree import ElementTree as Tree

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
MEDIA = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
#: what a search without dates looks back, what one may span, and how many it gives
DAYS, MOST = 90, 1000
#: longest description by the specification, and longest answer we read from another server
LONGEST, MOST_BYTES = 4000, 8_000_000
DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
OPEN, CLOSED = "open", "closed"
Kind = TypeVar("Kind")


class Unreadable(ValueError):
    """What the other side said is not GeoReport v2; the text says where."""


@dataclass
class Refused(Exception):
    """An answer by the specification's error body: 400 wrong or missing, 403 key, 404 no such thing."""

    status: int
    description: str


@dataclass(frozen=True)
class Service:
    """A kind of request that may be sent. `metadata`: it has a definition with attributes."""

    service_code: str
    service_name: str
    description: str = ""
    metadata: bool = False
    type: str = "realtime"
    keywords: str = ""
    group: str = ""


@dataclass(frozen=True)
class Value:
    """One choice of a list."""

    key: str
    name: str


@dataclass(frozen=True)
class Attribute:
    """A further field of a service. `variable` False: only a text to show."""

    code: str
    datatype: str
    description: str
    required: bool = False
    variable: bool = True
    datatype_description: str = ""
    order: int = 1
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Definition:
    """The attributes of a service."""

    service_code: str
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True)
class Request:
    """A request as everybody may read it; `lat` and `long` in WGS-84. `service_code` is "" until somebody chose one."""

    service_request_id: str
    status: str
    service_code: str = ""
    service_name: str = ""
    description: str = ""
    status_notes: str = ""
    agency_responsible: str = ""
    service_notice: str = ""
    requested_datetime: datetime | None = None
    updated_datetime: datetime | None = None
    expected_datetime: datetime | None = None
    address: str = ""
    address_id: str = ""
    zipcode: str = ""
    lat: float | None = None
    long: float | None = None
    media_url: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a server answers to a new request: its number, or a token by which the number is asked later."""

    service_request_id: str = ""
    token: str = ""
    service_notice: str = ""
    account_id: str = ""


@dataclass(frozen=True)
class Update:
    """Something that happened to a request."""

    update_id: str
    service_request_id: str
    status: str
    updated_datetime: datetime | None = None
    description: str = ""
    media_url: str = ""


@dataclass(frozen=True)
class Endpoint:
    """Where a server answers."""

    url: str
    changeset: str
    type: str = "production"
    specification: str = SPECIFICATION
    formats: tuple[str, ...] = ("application/json", "text/xml")


@dataclass(frozen=True)
class Discovery:
    """What a server says of itself."""

    changeset: str
    contact: str
    key_service: str
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True)
class Post:
    """A new request as a client sends it. `attributes` has one text or several for each code."""

    service_code: str
    description: str = ""
    lat: float | None = None
    long: float | None = None
    address_string: str = ""
    address_id: str = ""
    email: str = ""
    device_id: str = ""
    account_id: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    media_url: str = ""
    jurisdiction_id: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Search:
    """What requests are asked for; the span is never longer than `DAYS`."""

    start: datetime | None = None
    end: datetime | None = None
    ids: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    page: int = 1
    size: int = MOST


# --- names in XML: (root, one, class) ---------------------------------------------------------------------------------
_LISTS: dict[type, tuple[str, str]] = {
    Service: ("services", "service"),
    Request: ("service_requests", "request"),
    Receipt: ("service_requests", "request"),
    Update: ("service_request_updates", "request_update"),
}
_ERRORS = ("errors", "error")
#: lists inside a thing: field → (element of one, class)
_INNER: dict[str, tuple[str, type]] = {
    "attributes": ("attribute", Attribute), "values": ("value", Value), "endpoints": ("endpoint", Endpoint),
    "formats": ("format", str),
}  # fmt: skip


# --- writing ----------------------------------------------------------------------------------------------------------
def write(things: Sequence[Any], kind: type, form: str) -> bytes:
    """A list of things of one kind; `form` is json or xml."""
    rows = [_plain(one) for one in things]
    root, each = _LISTS[kind]
    return _json(rows) if form == "json" else _xml(root, [(each, row) for row in rows])


def write_one(thing: Definition | Discovery, form: str) -> bytes:
    """A definition, or what a server says of itself."""
    root = "service_definition" if isinstance(thing, Definition) else "discovery"
    row = _plain(thing)
    return _json(row) if form == "json" else _xml(root, list(row.items()))


def write_error(status: int, description: str, form: str) -> bytes:
    """The specification's error body."""
    row = {"code": status, "description": description}
    return _json([row]) if form == "json" else _xml(_ERRORS[0], [(_ERRORS[1], row)])


def _plain(thing: Any) -> dict[str, Any]:
    return {one.name: _value(getattr(thing, one.name)) for one in fields(thing)}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, tuple):
        return [one if isinstance(one, str) else _plain(one) for one in value]
    return value


def stamp(moment: datetime) -> str:
    """A moment as the specification has it, with its offset. Raises `ValueError` without one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset")
    return moment.isoformat(timespec="seconds")


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _xml(root: str, children: Iterable[tuple[str, Any]]) -> bytes:
    top = Tree.Element(root)
    for name, value in children:
        _element(top, name, value)
    body: bytes = Tree.tostring(top, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _element(above: Tree.Element, name: str, value: Any) -> None:
    made = Tree.SubElement(above, name)
    if isinstance(value, dict):
        for inner, one in value.items():
            _element(made, inner, one)
    elif isinstance(value, list):
        for one in value:
            _element(made, _INNER[name][0], one)
    elif value is not None:
        made.text = _allowed(str(value).lower() if isinstance(value, bool) else str(value))


def _allowed(text: str) -> str:
    """Only signs that XML 1.0 can hold."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff"
    )


# --- reading ----------------------------------------------------------------------------------------------------------
def read(body: bytes, kind: type[Kind], form: str) -> list[Kind]:
    """A list of things of one kind. Raises `Unreadable`."""
    rows = _rows(body, _LISTS[kind], form)
    return [_made(kind, row, f"[{place}]") for place, row in enumerate(rows)]


def read_one(body: bytes, kind: type[Kind], form: str) -> Kind:
    """A definition or a discovery file. Raises `Unreadable`."""
    row = _loaded(body) if form == "json" else _branch(_parsed(body))
    if not isinstance(row, dict):
        raise Unreadable("not an object")
    return _made(kind, row, "")


def read_errors(body: bytes, form: str) -> list[tuple[int, str]]:
    """(code, description) of an error body; nothing if it is none."""
    try:
        rows = _rows(body, _ERRORS, form)
        return [(int(row["code"]), str(row.get("description") or "")) for row in rows]
    except (Unreadable, KeyError, TypeError, ValueError):
        return []


def _rows(body: bytes, names: tuple[str, str], form: str) -> list[dict[str, Any]]:
    if form == "json":
        found = _loaded(body)
        if isinstance(found, dict):  # some servers wrap the list as their XML does
            found = found.get(names[0], found)
            found = found.get(names[1], found) if isinstance(found, dict) else found
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise Unreadable(f"a list of {names[1]} expected")
        return found
    root = _parsed(body)
    if root.tag != names[0]:
        raise Unreadable(f"<{names[0]}> expected, <{root.tag[:40]}> found")
    rows = [_branch(one) for one in root if one.tag == names[1]]
    if not all(isinstance(row, dict) for row in rows):
        raise Unreadable(f"<{names[1]}> is empty")
    return rows


def _loaded(body: bytes) -> Any:
    if len(body) > MOST_BYTES:
        raise Unreadable("too long")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from error


class _NoType(Tree.TreeBuilder):
    """Refuses a document type, and with it every entity somebody might declare."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Called at <!DOCTYPE."""
        raise Unreadable("a document type is not allowed")


def _parsed(body: bytes) -> Tree.Element:
    if len(body) > MOST_BYTES:
        raise Unreadable("too long")
    try:
        root: Tree.Element = Tree.fromstring(body, Tree.XMLParser(target=_NoType()))  # noqa: S314 no document type
    except Tree.ParseError as error:
        raise Unreadable(f"not XML: {error}") from error
    return root


def _branch(element: Tree.Element, depth: int = 0) -> Any:
    """An element as JSON would have it: lists where the format has lists, else texts."""
    if depth > 6:
        raise Unreadable("nested too deep")
    if element.tag in _INNER:
        return [_branch(one, depth + 1) for one in element if one.tag == _INNER[element.tag][0]]
    if len(element):
        return {str(one.tag): _branch(one, depth + 1) for one in element}
    return element.text or ""


def _made(kind: type[Kind], row: Mapping[str, Any], where: str) -> Kind:
    facts = {}
    for one in fields(kind):  # type: ignore[arg-type]
        if (value := row.get(one.name)) not in (None, ""):
            try:
                facts[one.name] = _read(one.name, one.type, value, f"{where}.{one.name}")
            except (TypeError, ValueError) as error:
                raise error if isinstance(error, Unreadable) else Unreadable(f"{where}.{one.name}: {error}") from error
    try:
        return kind(**facts)
    except TypeError as error:
        raise Unreadable(f"{where}: {error}") from error


_READ: dict[Any, Callable[[Any], Any]] = {
    str: str, int: int, bool: lambda value: str(value).strip().lower() in ("true", "1", "yes"),
    float | None: float, datetime | None: lambda value: moment(str(value)),
}  # fmt: skip


def _read(name: str, kind: Any, value: Any, where: str) -> Any:
    if name in _INNER:
        inner = _INNER[name][1]
        if not isinstance(value, list):
            raise Unreadable(f"{where}: a list expected")
        return tuple(str(one) if inner is str else _made(inner, one, where) for one in value)
    if isinstance(value, (dict, list)):
        raise Unreadable(f"{where}: a text expected")
    return _READ[kind](value)


def moment(text: str) -> datetime:
    """A moment that says its offset. Raises `ValueError`."""
    found = datetime.fromisoformat(text.strip())
    if found.tzinfo is None:
        raise ValueError("a date needs its offset, such as 2026-11-29T08:00:00+08:00")
    return found


# --- what a client asks -----------------------------------------------------------------------------------------------
def read_search(given: Mapping[str, str], now: datetime) -> Search:
    """The parameters of GET requests. Raises `Refused` 400. Ids are looked up without regard to dates."""
    codes, statuses = _listed(given, "service_code"), _listed(given, "status")
    if strange := [one for one in statuses if one not in (OPEN, CLOSED)]:
        raise Refused(400, f"status must be open or closed, not {strange[0][:40]!r}")
    start, end = (_date(given, name) for name in ("start_date", "end_date"))
    span = timedelta(days=DAYS)
    if start is None:
        start = (end or now) - span
    end = end or min(start + span, max(now, start))
    if end < start or end - start > span:
        raise Refused(400, f"start_date must lie before end_date, at most {DAYS} days")
    size = min(_number(given, "page_size", MOST), MOST)
    return Search(start, end, _listed(given, "service_request_id"), codes, statuses, _number(given, "page", 1), size)


def _listed(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in given.get(name, "").split(",") if part.strip()))
    if len(found) > MOST:
        raise Refused(400, f"{name}: at most {MOST}")
    return found


def _date(given: Mapping[str, str], name: str) -> datetime | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return moment(text.replace(" ", "+"))  # a plus sign nobody encoded arrives as a space
    except ValueError:
        raise Refused(400, f"{name} must be a W3C date with its offset, such as 2026-11-29T08:00:00Z") from None


def _number(given: Mapping[str, str], name: str, usual: int) -> int:
    text = given.get(name, "").strip() or str(usual)
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text)):
        raise Refused(400, f"{name} must be a number from 1")
    return int(text)


def read_post(given: Mapping[str, Sequence[str]]) -> Post:
    """The form of POST requests: every name with its values. Raises `Refused` 400."""
    facts: dict[str, Any] = {
        one.name: given[one.name][-1].strip()
        for one in fields(Post)
        if one.name != "attributes" and given.get(one.name)
    }
    for name in ("lat", "long"):
        facts[name] = _degrees(facts[name], name) if facts.get(name) else None
    if not facts.get("service_code"):
        raise Refused(400, "service_code was not provided")
    if len(facts.get("description", "")) > LONGEST:
        raise Refused(400, f"description must have at most {LONGEST} characters")
    if (facts["lat"] is None) != (facts["long"] is None):
        raise Refused(400, "lat and long must be given together")
    if facts["lat"] is None and not (facts.get("address_string") or facts.get("address_id")):
        raise Refused(400, "a location is needed: lat and long, address_string, or address_id")
    return Post(**facts, attributes=_attributes(given))


def _degrees(text: str, name: str) -> float:
    most = 90 if name == "lat" else 180
    try:
        found = float(text)
    except ValueError:
        found = most + 1.0
    if not -most <= found <= most:  # also what is not a number
        raise Refused(400, f"{name} must be a number from -{most} to {most} (WGS-84)")
    return found


def _attributes(given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """attribute[code]=…, and attribute[code][]=… where several may be chosen."""
    found: dict[str, tuple[str, ...]] = {}
    for name, values in given.items():
        if name.startswith("attribute[") and name.endswith("]"):
            code = name.removesuffix("[]").removeprefix("attribute[").removesuffix("]")
            found[code] = tuple(value.strip() for value in values if value.strip())
    return {code: values for code, values in found.items() if values}


def form_of(post: Post, api_key: str) -> bytes:
    """A new request as it is sent: the form that `read_post` reads."""
    pairs: list[tuple[str, str]] = [("api_key", api_key)]
    for one in fields(post):
        value = getattr(post, one.name)
        if one.name != "attributes" and value not in (None, ""):
            pairs.append((one.name, str(value)))
    for code, values in post.attributes.items():
        several = "[]" if len(values) > 1 else ""
        pairs += [(f"attribute[{code}]{several}", value) for value in values]
    return urlencode(pairs).encode()
