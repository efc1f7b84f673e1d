"""Feeds of alerts: Atom (RFC 4287) and RSS 2.0 written, each entry leading to the one CAP document; feeds read.

Both carry the elements of CAP that readers of feeds sort by (`cap:severity` …) and a line of XHTML, so that somebody
who opens the feed in a browser, where a style sheet shows it, finds the way to the page.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree

from hexi.wire.cap.model import NAMESPACES
from hexi.wire.cap.reading import Node, root

ATOM, XHTML, CAP = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml", NAMESPACES["1.2"]
CAP_TYPE = "application/cap+xml"


@dataclass(frozen=True)
class Entry:
    """One alert in a feed: its document and page, and what a reader sorts by."""

    id: str
    title: str
    summary: str
    updated: datetime
    published: datetime
    document: str
    page: str
    author: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Feed:
    """All the alerts of a site at a moment."""

    id: str
    title: str
    updated: datetime
    self_url: str
    page: str
    author: str
    entries: tuple[Entry, ...] = ()
    style: str = ""
    way: str = ""
    language: str = "zh-CN"


def atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    node = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM, "cap": CAP})
    node.set("{http://www.w3.org/XML/1998/namespace}lang", feed.language)
    _way(node, feed)
    for name, text in (("id", feed.id), ("title", feed.title), ("updated", feed.updated.isoformat())):
        _atom(node, name, text)
    _atom(_atom(node, "author"), "name", feed.author)
    _atom(node, "link", rel="self", href=feed.self_url, type="application/atom+xml")
    _atom(node, "link", rel="alternate", href=feed.page, type="text/html")
    for entry in feed.entries:
        part = _atom(node, "entry")
        _atom(part, "id", entry.id)
        _atom(part, "title", entry.title)
        _atom(part, "updated", entry.updated.isoformat())
        _atom(part, "published", entry.published.isoformat())
        _atom(_atom(part, "author"), "name", entry.author)
        _atom(part, "summary", entry.summary)
        _atom(part, "link", rel="alternate", href=entry.document, type=CAP_TYPE)
        _atom(part, "link", rel="related", href=entry.page, type="text/html")
        _facts(part, entry)
    return _document(node, feed)


def rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0."""
    node = etree.Element("rss", version="2.0", nsmap={"cap": CAP, "atom": ATOM})
    channel = etree.SubElement(node, "channel")
    _way(channel, feed)
    for name, text in (
        ("title", feed.title), ("link", feed.page), ("description", feed.title), ("language", feed.language),
        ("pubDate", format_datetime(feed.updated)), ("lastBuildDate", format_datetime(feed.updated)),
    ):  # fmt: skip
        etree.SubElement(channel, name).text = text
    etree.SubElement(channel, f"{{{ATOM}}}link", rel="self", href=feed.self_url, type="application/rss+xml")
    for entry in feed.entries:
        item = etree.SubElement(channel, "item")
        for name, text in (("title", entry.title), ("link", entry.document), ("description", entry.summary)):
            etree.SubElement(item, name).text = text
        etree.SubElement(item, "guid", isPermaLink="false").text = entry.id
        etree.SubElement(item, "pubDate").text = format_datetime(entry.published)
        _facts(item, entry)
    return _document(node, feed)


def is_feed(tree: Node) -> bool:
    """True for the root element of an Atom or RSS feed, with or without entries."""
    return tree.tag in (f"{{{ATOM}}}feed", "rss")


def documents(content: bytes) -> list[str]:
    """The addresses of CAP documents that a feed lists. Raises `reading.Unreadable`."""
    tree = root(content)
    found = [one.get("href") or "" for entry in tree.iter(f"{{{ATOM}}}entry") for one in _links(entry)]
    found += [(one.text or "").strip() for one in tree.iterfind("channel/item/link")]
    return list(dict.fromkeys(one for one in found if one))


def _links(entry: Node) -> list[Node]:
    links = list(entry.iterfind(f"{{{ATOM}}}link"))
    typed = [one for one in links if one.get("type") == CAP_TYPE]
    plain = [one for one in links if one.get("rel", "alternate") == "alternate"]
    return (typed or plain)[:1]


def _atom(parent: Node, name: str, text: str | None = None, **attributes: str) -> Node:
    node: Any = etree.SubElement(parent, f"{{{ATOM}}}{name}", **attributes)
    node.text = text
    return node


def _facts(parent: Node, entry: Entry) -> None:
    for name, text in entry.facts:
        etree.SubElement(parent, f"{{{CAP}}}{name}").text = text


def _way(parent: Node, feed: Feed) -> None:
    """A link a browser can follow: what a style sheet alone cannot make of an address."""
    if feed.way:
        link = etree.SubElement(parent, f"{{{XHTML}}}a", href=feed.page, nsmap={"xhtml": XHTML})
        link.text = feed.way


def _document(node: Node, feed: Feed) -> bytes:
    if feed.style:
        node.addprevious(etree.ProcessingInstruction("xml-stylesheet", f'type="text/css" href="{feed.style}"'))
    return bytes(etree.tostring(node.getroottree(), encoding="utf-8", xml_declaration=True))
