"""A CAP message to XML (always version 1.2), in the order the schema asks for."""

from collections.abc import Iterable

from lxml import etree

from hexi.wire.cap.model import NAMESPACES, Alert, Area, Info, Pair, Resource
from hexi.wire.cap.reading import Node

_CAP = NAMESPACES["1.2"]


def write(alert: Alert) -> bytes:
    """The document, UTF-8. Raises ValueError for a character XML cannot carry."""
    return bytes(etree.tostring(element(alert), encoding="utf-8", xml_declaration=True))


def element(alert: Alert) -> Node:
    """The element `alert`, to be signed or put into a feed."""
    node = etree.Element(f"{{{_CAP}}}alert", nsmap={None: _CAP})
    _texts(node, (
        ("identifier", alert.identifier), ("sender", alert.sender), ("sent", alert.sent), ("status", alert.status),
        ("msgType", alert.kind), ("source", alert.source), ("scope", alert.scope), ("restriction", alert.restriction),
        ("addresses", alert.addresses), *(("code", one) for one in alert.codes), ("note", alert.note),
        ("references", alert.references), ("incidents", alert.incidents),
    ))  # fmt: skip
    for info in alert.infos:
        _info(_below(node, "info"), info)
    return node


def _info(node: Node, info: Info) -> None:
    _texts(node, (
        ("language", info.language), *(("category", one) for one in info.categories), ("event", info.event),
        *(("responseType", one) for one in info.responses), ("urgency", info.urgency), ("severity", info.severity),
        ("certainty", info.certainty), ("audience", info.audience),
    ))  # fmt: skip
    _pairs(node, "eventCode", info.event_codes)
    _texts(node, (
        ("effective", info.effective), ("onset", info.onset), ("expires", info.expires),
        ("senderName", info.sender_name), ("headline", info.headline), ("description", info.description),
        ("instruction", info.instruction), ("web", info.web), ("contact", info.contact),
    ))  # fmt: skip
    _pairs(node, "parameter", info.parameters)
    for resource in info.resources:
        _resource(_below(node, "resource"), resource)
    for area in info.areas:
        _area(_below(node, "area"), area)


def _resource(node: Node, resource: Resource) -> None:
    _texts(node, (
        ("resourceDesc", resource.description), ("mimeType", resource.mime_type), ("size", resource.size),
        ("uri", resource.uri), ("derefUri", resource.content), ("digest", resource.digest),
    ))  # fmt: skip


def _area(node: Node, area: Area) -> None:
    _texts(node, (
        ("areaDesc", area.description), *(("polygon", one) for one in area.polygons),
        *(("circle", one) for one in area.circles),
    ))  # fmt: skip
    _pairs(node, "geocode", area.geocodes)
    _texts(node, (("altitude", area.altitude), ("ceiling", area.ceiling)))


def _below(node: Node, name: str) -> Node:
    return etree.SubElement(node, f"{{{_CAP}}}{name}")


def _texts(node: Node, rows: Iterable[tuple[str, str | None]]) -> None:
    for name, text in rows:
        if text is not None:
            _below(node, name).text = text


def _pairs(node: Node, name: str, pairs: Iterable[Pair]) -> None:
    for pair in pairs:
        part = _below(node, name)
        _texts(part, (("valueName", pair.name), ("value", pair.value)))
