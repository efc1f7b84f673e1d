"""The sentences of the standard that no schema can say (§3.2, §3.3): each broken one becomes a fault."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from hexi.wire.cap import shapes
from hexi.wire.cap.faults import Fault, fault
from hexi.wire.cap.model import Alert, Area, Info, Pair, Resource
from hexi.wire.cap.times import is_moment, moment

_NAME = re.compile(r"[^\s,<&]+")
_MIME = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?", re.ASCII)
_ACRONYM = re.compile(r"([A-Za-z]\.){2,}[A-Za-z]?\.?")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_LONG_HEADLINE = 160
#: these speak of other messages
_REFERRING = ("Update", "Cancel", "Ack", "Error")


def faults(alert: Alert) -> list[Fault]:
    """Every rule the message breaks, top to bottom."""
    return [*_heads(alert), *(one for place, info in enumerate(alert.infos, 1) for one in _info(alert, info, place))]


def _heads(alert: Alert) -> Iterator[Fault]:
    for name, value in (("identifier", alert.identifier), ("sender", alert.sender)):
        if not _NAME.fullmatch(value):
            yield fault(name, f"alert/{name}", value=value)
    yield from _scope(alert)
    for name, listed in (("addresses", alert.addresses), ("incidents", alert.incidents)):
        if (listed or "").count('"') % 2:
            yield fault("quotes", f"alert/{name}")
    yield from _references(alert)
    yield from _notes(alert)


def _scope(alert: Alert) -> Iterator[Fault]:
    restriction, addresses = (alert.restriction or "").strip(), (alert.addresses or "").strip()
    if alert.scope == "Restricted" and not restriction:
        yield fault("restriction", "alert/restriction")
    if alert.scope != "Restricted" and restriction:
        yield fault("restriction-unused", "alert/restriction")
    if alert.scope == "Private" and not addresses:
        yield fault("addresses", "alert/addresses")


def _references(alert: Alert) -> Iterator[Fault]:
    where = "alert/references"
    listed = (alert.references or "").split()
    if alert.kind in _REFERRING and not listed:
        yield fault("references-needed", where, kind=alert.kind)
    for written in listed:
        parts = written.split(",")
        if len(parts) != 3 or not all(parts) or not is_moment(parts[2], strict=alert.version == "1.2"):
            yield fault("references", where, value=written)
    sent = alert.sent_at
    for named in alert.refers_to:
        if named == alert.name:
            yield fault("references-itself", where)
        elif sent and (earlier := moment(named.sent)) and earlier > sent:
            yield fault("references-later", where, value=named.identifier)


def _notes(alert: Alert) -> Iterator[Fault]:
    noted = bool((alert.note or "").strip())
    if alert.kind == "Error" and not noted:
        yield fault("note-error", "alert/note")
    if alert.status == "Exercise" and not noted:
        yield fault("note-exercise", "alert/note")
    if alert.kind in ("Alert", "Update") and not alert.infos:
        yield fault("info-needed", "alert", kind=alert.kind)


def _info(alert: Alert, info: Info, place: int) -> Iterator[Fault]:
    path = f"alert/info[{place}]"
    if not info.event.strip():
        yield fault("empty", f"{path}/event")
    yield from _when(alert, info, path)
    if len(info.headline or "") > _LONG_HEADLINE:
        yield fault("headline-long", f"{path}/headline", length=len(info.headline or ""))
    if (info.web or "").strip() and not _absolute(info.web or ""):
        yield fault("uri", f"{path}/web", value=info.web)
    yield from _pairs(info.event_codes, f"{path}/eventCode")
    yield from _pairs(info.parameters, f"{path}/parameter")
    for number, resource in enumerate(info.resources, 1):
        yield from _resource(resource, f"{path}/resource[{number}]", alert.version)
    for number, area in enumerate(info.areas, 1):
        yield from _area(area, f"{path}/area[{number}]")


def _when(alert: Alert, info: Info, path: str) -> Iterator[Fault]:
    """It ends after it begins."""
    ends = info.expires_at
    for name, text in (("onset", info.onset), ("effective", info.effective or alert.sent)):
        begins = moment(text or "")
        if ends and begins and ends <= begins:
            yield fault("expires-order", f"{path}/expires", value=info.expires, other=f"{name} {text}")
            return


def _absolute(text: str) -> bool:
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and not re.search(r"\s", text.strip())


def _pairs(pairs: Iterable[Pair], path: str) -> Iterator[Fault]:
    for number, pair in enumerate(pairs, 1):
        if not pair.name.strip():
            yield fault("value-name", f"{path}[{number}]/valueName")
        elif _ACRONYM.fullmatch(pair.name.strip()):
            yield fault("acronym", f"{path}[{number}]/valueName", value=pair.name)


def _resource(one: Resource, path: str, version: str) -> Iterator[Fault]:
    if not one.description.strip():
        yield fault("empty", f"{path}/resourceDesc")
    if (one.mime_type or version == "1.2") and not _MIME.fullmatch(one.mime_type.strip()):
        yield fault("mime-type", f"{path}/mimeType", value=one.mime_type)
    if (one.size or "").strip().startswith("-") and (one.size or "").strip("-0 "):
        yield fault("size-negative", f"{path}/size")
    if not one.uri and not one.content:
        yield fault("resource-empty", path)
    if one.uri and not one.content and not _absolute(one.uri):
        yield fault("resource-uri", f"{path}/uri", value=one.uri)
    yield from _content(one, path)


def _content(one: Resource, path: str) -> Iterator[Fault]:
    digest = (one.digest or "").strip()
    if digest and not _SHA1.fullmatch(digest):
        yield fault("digest", f"{path}/digest", value=digest)
        return
    if not one.content:
        return
    try:
        content = base64.b64decode("".join(one.content.split()), validate=True)
    except (binascii.Error, ValueError):
        yield fault("base64", f"{path}/derefUri")
        return
    if digest and hashlib.sha1(content, usedforsecurity=False).hexdigest() != digest.lower():
        yield fault("digest-wrong", f"{path}/digest")


def _area(area: Area, path: str) -> Iterator[Fault]:
    if not area.description.strip():
        yield fault("empty", f"{path}/areaDesc")
    for number, text in enumerate(area.polygons, 1):
        yield from shapes.polygon_faults(text, f"{path}/polygon[{number}]")
    for number, text in enumerate(area.circles, 1):
        yield from shapes.circle_faults(text, f"{path}/circle[{number}]")
    yield from _pairs(area.geocodes, f"{path}/geocode")
    if area.geocodes and not area.polygons and not area.circles:
        yield fault("geocode-alone", path)
    yield from _heights(area, path)


def _heights(area: Area, path: str) -> Iterator[Fault]:
    if area.ceiling is None:
        return
    if area.altitude is None:
        yield fault("ceiling-alone", f"{path}/ceiling")
        return
    try:
        low, high = Decimal(area.altitude.strip()), Decimal(area.ceiling.strip())
    except InvalidOperation:
        return  # the schema has said so
    if not high > low:
        yield fault("ceiling-low", f"{path}/ceiling", value=area.ceiling, other=area.altitude)
