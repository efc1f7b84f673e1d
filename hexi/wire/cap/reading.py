"""Bytes to a CAP message. Entities, DTDs and outside files are never read; a message of many megabytes is refused."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from hexi.wire.cap.faults import Fault, fault
from hexi.wire.cap.model import NAMESPACES, Alert, Area, Info, Pair, Resource

#: bytes of one message; real ones have two to twenty thousand
LONGEST = 1_000_000
Node = Any
VERSIONS = {namespace: version for version, namespace in NAMESPACES.items()}


class Unreadable(ValueError):
    """No message at all; `fault` says why."""

    def __init__(self, wrong: Fault):
        super().__init__(str(wrong))
        self.fault = wrong


class _NoDoctype:
    """Looks at the events of a first reading: a DOCTYPE ends it before any entity can be used."""

    def start(self, tag: str, attributes: Any) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text."""

    def comment(self, text: str) -> None:
        """A comment."""

    def pi(self, target: str, text: str | None = None) -> None:
        """A processing instruction."""

    def doctype(self, *_: Any) -> None:
        """A DOCTYPE."""
        raise Unreadable(fault("doctype", "/"))

    def close(self) -> None:
        """The end."""


def root(content: bytes) -> Node:
    """The document's root element, read with nothing from outside. Raises `Unreadable`."""
    if len(content) > LONGEST:
        raise Unreadable(fault("size", "/", size=len(content), most=LONGEST))
    try:
        etree.fromstring(content, etree.XMLParser(target=_NoDoctype(), **_SAFE))
        tree = etree.fromstring(content, etree.XMLParser(**_SAFE))
    except (etree.XMLSyntaxError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(fault("xml", "/", why=error)) from error
    if tree.getroottree().docinfo.doctype:
        raise Unreadable(fault("doctype", "/"))
    return tree


_SAFE: dict[str, Any] = {
    "resolve_entities": False, "no_network": True, "load_dtd": False, "dtd_validation": False, "huge_tree": False,
}  # fmt: skip


def version_of(tree: Node) -> str:
    """The version of a root element. Raises `Unreadable` if it is none of CAP's."""
    name = etree.QName(tree)
    if name.localname != "alert" or name.namespace not in VERSIONS:
        raise Unreadable(fault("namespace", "/", name=tree.tag))
    return VERSIONS[name.namespace]


def parse(content: bytes) -> Alert:
    """The message as it is written, whatever rules it breaks. Raises `Unreadable`."""
    tree = root(content)
    return alert_of(tree, version_of(tree))


def embedded(content: bytes) -> list[bytes]:
    """The messages inside a document, each as a document of its own: a message, or a feed that carries them."""
    tree = root(content)
    found = [one for one in tree.iter() if isinstance(one.tag, str) and _is_alert(one)]
    return [etree.tostring(one, encoding="utf-8", with_tail=False) for one in found]


def _is_alert(node: Node) -> bool:
    name = etree.QName(node)
    return name.localname == "alert" and name.namespace in VERSIONS


def alert_of(tree: Node, version: str) -> Alert:
    """The message of an element `alert`."""
    one = _Reader(tree, version)
    return Alert(
        identifier=one.text("identifier"), sender=one.text("sender"), sent=one.text("sent"),
        status=one.text("status"), kind=one.text("msgType"), scope=one.text("scope"),
        password=one.perhaps("password"), source=one.perhaps("source"), restriction=one.perhaps("restriction"),
        addresses=one.perhaps("addresses"), codes=one.texts("code"), note=one.perhaps("note"),
        references=one.perhaps("references"), incidents=one.perhaps("incidents"),
        infos=tuple(_info(part) for part in one.parts("info")), version=version,
    )  # fmt: skip


def _info(one: "_Reader") -> Info:
    return Info(
        language=one.perhaps("language"), categories=one.texts("category"), event=one.text("event"),
        responses=one.texts("responseType"), urgency=one.text("urgency"), severity=one.text("severity"),
        certainty=one.text("certainty"), audience=one.perhaps("audience"), event_codes=one.pairs("eventCode"),
        effective=one.perhaps("effective"), onset=one.perhaps("onset"), expires=one.perhaps("expires"),
        sender_name=one.perhaps("senderName"), headline=one.perhaps("headline"),
        description=one.perhaps("description"), instruction=one.perhaps("instruction"), web=one.perhaps("web"),
        contact=one.perhaps("contact"), parameters=one.pairs("parameter"),
        resources=tuple(_resource(part) for part in one.parts("resource")),
        areas=tuple(_area(part) for part in one.parts("area")),
    )  # fmt: skip


def _resource(one: "_Reader") -> Resource:
    return Resource(
        description=one.text("resourceDesc"), mime_type=one.text("mimeType"), size=one.perhaps("size"),
        uri=one.perhaps("uri"), content=one.perhaps("derefUri"), digest=one.perhaps("digest"),
    )  # fmt: skip


def _area(one: "_Reader") -> Area:
    return Area(
        description=one.text("areaDesc"), polygons=one.texts("polygon"), circles=one.texts("circle"),
        geocodes=one.pairs("geocode"), altitude=one.perhaps("altitude"), ceiling=one.perhaps("ceiling"),
    )  # fmt: skip


class _Reader:
    """The direct children of one element by name."""

    def __init__(self, node: Node, version: str):
        self.version = version
        self.children: dict[str, list[Node]] = {}
        for child in node:
            if isinstance(child.tag, str) and etree.QName(child).namespace == NAMESPACES[version]:
                self.children.setdefault(etree.QName(child).localname, []).append(child)

    def texts(self, name: str) -> tuple[str, ...]:
        """Every one's text."""
        return tuple(_text(child) for child in self.children.get(name, ()))

    def text(self, name: str) -> str:
        """The first one's text, "" if there is none."""
        return next(iter(self.texts(name)), "")

    def perhaps(self, name: str) -> str | None:
        """The first one's text, None if there is none."""
        return next(iter(self.texts(name)), None)

    def parts(self, name: str) -> "Iterator[_Reader]":
        """Each one's children."""
        for child in self.children.get(name, ()):
            yield _Reader(child, self.version)

    def pairs(self, name: str) -> tuple[Pair, ...]:
        """Names and values; version 1.0 writes them as "name=value"."""
        if self.version == "1.0":
            written = (text.partition("=") for text in self.texts(name))
            return tuple(Pair(key.strip(), value) for key, _, value in written)
        return tuple(Pair(part.text("valueName"), part.text("value")) for part in self.parts(name))


def _text(node: Node) -> str:
    """All text inside, comments left out."""
    return "".join(node.itertext(etree.Element)) if len(node) else node.text or ""
