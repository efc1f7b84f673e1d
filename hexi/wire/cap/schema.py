"""What may stand where: the schemas of CAP 1.0, 1.1 and 1.2 as tables of our own, and a tree checked against them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from lxml import etree

from hexi.wire.cap.faults import Fault, fault
from hexi.wire.cap.model import NAMESPACES
from hexi.wire.cap.reading import Node
from hexi.wire.cap.times import is_moment

SIGNATURES = "http://www.w3.org/2000/09/xmldsig#"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_INTEGER = re.compile(r"[-+]?[0-9]+")


@dataclass(frozen=True)
class Element:
    """One element: how often it stands, what it holds (a kind of text, some words, or other elements)."""

    name: str
    least: int = 1
    many: bool = False
    kind: str = "text"
    words: tuple[str, ...] = ()
    parts: tuple["Element", ...] = ()


def _one(name: str, kind: str = "text", **more: object) -> Element:
    return Element(name, kind=kind, **more)  # type: ignore[arg-type]


def _maybe(name: str, kind: str = "text", **more: object) -> Element:
    return Element(name, least=0, kind=kind, **more)  # type: ignore[arg-type]


def _words(name: str, words: str, **more: object) -> Element:
    return Element(name, words=tuple(words.split("|")), **more)  # type: ignore[arg-type]


_PAIR = (_one("valueName"), _one("value"))
_CATEGORIES = "Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other"
_AREA = (
    _one("areaDesc"), _maybe("polygon", many=True), _maybe("circle", many=True),
    _maybe("geocode", many=True, parts=_PAIR), _maybe("altitude", "decimal"), _maybe("ceiling", "decimal"),
)  # fmt: skip
_RESOURCE = (
    _one("resourceDesc"), _one("mimeType"), _maybe("size", "integer"), _maybe("uri"), _maybe("derefUri"),
    _maybe("digest"),
)  # fmt: skip
_INFO = (
    _maybe("language", "language"), _words("category", _CATEGORIES, many=True), _one("event"),
    _words("responseType", "Shelter|Evacuate|Prepare|Execute|Avoid|Monitor|Assess|AllClear|None", least=0, many=True),
    _words("urgency", "Immediate|Expected|Future|Past|Unknown"),
    _words("severity", "Extreme|Severe|Moderate|Minor|Unknown"),
    _words("certainty", "Observed|Likely|Possible|Unlikely|Unknown"),
    _maybe("audience"), _maybe("eventCode", many=True, parts=_PAIR),
    _maybe("effective", "time"), _maybe("onset", "time"), _maybe("expires", "time"),
    _maybe("senderName"), _maybe("headline"), _maybe("description"), _maybe("instruction"), _maybe("web"),
    _maybe("contact"), _maybe("parameter", many=True, parts=_PAIR), _maybe("resource", many=True, parts=_RESOURCE),
    _maybe("area", many=True, parts=_AREA),
)  # fmt: skip
_ALERT = (
    _one("identifier"), _one("sender"), _one("sent", "time"), _words("status", "Actual|Exercise|System|Test|Draft"),
    _words("msgType", "Alert|Update|Cancel|Ack|Error"), _maybe("source"),
    _words("scope", "Public|Restricted|Private"), _maybe("restriction"), _maybe("addresses"),
    _maybe("code", many=True), _maybe("note"), _maybe("references"), _maybe("incidents"),
    _maybe("info", many=True, parts=_INFO),
)  # fmt: skip


def _but(parts: tuple[Element, ...], **changed: Element | None) -> tuple[Element, ...]:
    """The same elements with some exchanged; None leaves one out."""
    kept = (changed.get(part.name, part) for part in parts)
    return tuple(part for part in kept if part is not None)


def _older(version: str) -> tuple[Element, ...]:
    loose = {name: _maybe(name, "loose time") for name in ("effective", "onset", "expires")}
    area = _but(_AREA, altitude=_maybe("altitude"), ceiling=_maybe("ceiling"))
    resource = _but(_RESOURCE, mimeType=_maybe("mimeType"))
    answers = _words("responseType", "Shelter|Evacuate|Prepare|Execute|Monitor|Assess|None", least=0, many=True)
    changed: dict[str, Element | None] = {
        "responseType": answers,
        "resource": _maybe("resource", many=True, parts=resource),
        **loose,
    }
    alert = _but(_ALERT, sent=_one("sent", "loose time"))
    if version == "1.0":
        area = _but(area, geocode=_maybe("geocode", many=True))
        changed |= {
            "responseType": None, "eventCode": _maybe("eventCode", many=True),
            "parameter": _maybe("parameter", many=True),
            "category": _words("category", _CATEGORIES.replace("CBRNE|", ""), least=0, many=True),
            "certainty": _words("certainty", "Very Likely|Likely|Possible|Unlikely|Unknown"),
            "resource": _maybe("resource", many=True, parts=_but(resource, derefUri=None)),
        }  # fmt: skip
        scope = replace(next(part for part in alert if part.name == "scope"), least=0)
        alert = _but(alert, status=_words("status", "Actual|Exercise|System|Test"), scope=scope)
        alert = (*alert[:5], _maybe("password"), *alert[5:])
    changed["area"] = _maybe("area", many=True, parts=area)
    return _but(alert, info=_maybe("info", many=True, parts=_but(_INFO, **changed)))


SCHEMAS = {"1.2": _ALERT, "1.1": _older("1.1"), "1.0": _older("1.0")}


def faults(tree: Node, version: str) -> list[Fault]:
    """What the schema of the version does not allow in a message."""
    return list(_inside(tree, SCHEMAS[version], version, "alert"))


def _inside(node: Node, parts: tuple[Element, ...], version: str, path: str) -> Iterator[Fault]:
    yield from _attributes(node, path)
    yield from _stray(node, path)
    known = {part.name: place for place, part in enumerate(parts)}
    seen: dict[str, int] = {}
    reached = 0
    signed = False
    for child in node:
        if not isinstance(child.tag, str):
            continue
        name = _local(child, version)
        if path == "alert" and version == "1.2" and etree.QName(child).namespace == SIGNATURES:
            signed = True
            continue
        if name not in known:
            yield fault("unknown-element", path, name=child.tag)
            continue
        seen[name] = seen.get(name, 0) + 1
        if known[name] < reached or signed:
            yield fault("order", path, name=name, before="Signature" if signed else parts[reached].name)
        reached = max(reached, known[name])
        yield from _child(child, parts[known[name]], seen[name], version, path)
    for part in parts:
        if part.least and not seen.get(part.name):
            yield fault("missing", path, name=part.name)


def _child(child: Node, part: Element, number: int, version: str, path: str) -> Iterator[Fault]:
    if number > 1 and not part.many:
        yield fault("repeated", path, name=part.name)
    where = f"{path}/{part.name}" + (f"[{number}]" if part.many else "")
    if part.parts:
        yield from _inside(child, part.parts, version, where)
        return
    yield from _attributes(child, where)
    inner = next((one for one in child if isinstance(one.tag, str)), None)
    if inner is not None:
        yield fault("children", where, name=etree.QName(inner).localname)
        return
    yield from _text_faults("".join(child.itertext(etree.Element)), part, where)


def _text_faults(text: str, part: Element, where: str) -> Iterator[Fault]:
    if part.words:
        if text not in part.words:
            yield fault("value", where, value=text, allowed=" ".join(part.words))
    elif part.kind in ("time", "loose time"):
        if not is_moment(text, strict=part.kind == "time"):
            yield fault("time", where, value=text.strip())
    elif part.kind == "language":
        # empty stands for the default: the element has one
        if text.strip() and not _LANGUAGE.fullmatch(text.strip()):
            yield fault("language", where, value=text)
    elif part.kind in ("integer", "decimal") and not _is_number(text.strip(), part.kind):
        yield fault("number", where, value=text)


def _is_number(text: str, kind: str) -> bool:
    if kind == "integer":
        return _INTEGER.fullmatch(text) is not None
    try:
        return Decimal(text).is_finite() and text.isascii() and not set("eE_") & set(text)
    except InvalidOperation:
        return False


def _attributes(node: Node, path: str) -> Iterator[Fault]:
    for name in node.attrib:
        # where the schema lies, as editors write it; it says nothing about the message
        if not str(name).startswith((f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation")):
            yield fault("attribute", path, name=name)


def _stray(node: Node, path: str) -> Iterator[Fault]:
    texts = [node.text, *(child.tail for child in node)]
    for text in texts:
        if text and text.strip():
            yield fault("stray-text", path, text=text.strip())


def _local(node: Node, version: str) -> str:
    name = etree.QName(node)
    return name.localname if name.namespace == NAMESPACES[version] else ""
