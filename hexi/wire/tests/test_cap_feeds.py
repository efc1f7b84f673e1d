"""Feeds: what is written is what readers expect, and the indexes of the public examples are read."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from hexi.wire.cap import feeds, reading
from hexi.wire.tests.cap_examples import SHARED, needs_shared

AT = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
ENTRY = feeds.Entry(
    id="urn:hexi:1", title="暴雨橙色预警 <&>", summary="远离河道", updated=AT, published=AT,
    document="https://example.gov.cn/alerts/1.xml", page="https://example.gov.cn/alerts/1/", author="应急管理局",
    facts=(("severity", "Severe"),),
)  # fmt: skip
FEED = feeds.Feed(
    id="https://example.gov.cn/alerts/", title="预警", updated=AT, self_url="https://example.gov.cn/alerts/feed.atom",
    page="https://example.gov.cn/alerts/", author="应急管理局", entries=(ENTRY,), style="/static/feed.css", way="网页",
)  # fmt: skip


@pytest.mark.parametrize("write", [feeds.atom, feeds.rss])
def test_a_feed_leads_to_its_documents(write):
    content = write(FEED)
    assert feeds.documents(content) == ["https://example.gov.cn/alerts/1.xml"]
    assert b'<?xml-stylesheet type="text/css" href="/static/feed.css"?>' in content
    assert "暴雨橙色预警 &lt;&amp;&gt;".encode() in content
    assert b"<cap:severity>Severe</cap:severity>" in content


def test_the_atom_feed_has_what_rfc_4287_asks_for():
    tree = reading.root(feeds.atom(FEED))
    needed = {"feed": ["id", "title", "updated", "author"], "entry": ["id", "title", "updated", "author", "summary"]}
    for name, parts in needed.items():
        node = next(tree.iter(f"{{{feeds.ATOM}}}{name}"))
        assert [part for part in parts if len(node.findall(f"{{{feeds.ATOM}}}{part}")) != 1] == []
    assert tree.find(f"{{{feeds.ATOM}}}link[@rel='self']").get("href") == FEED.self_url


@needs_shared
def test_the_rss_feed_fits_the_published_schema():
    published = etree.XMLSchema(etree.parse(SHARED / "schema" / "feed" / "rss-2_0.xsd"))
    assert published.validate(reading.root(feeds.rss(FEED))), published.error_log


@needs_shared
@pytest.mark.parametrize(
    ("name", "number"),
    [("ny_index.rss", 2), ("earthquake_index.atom", 1), ("weather_index.atom", 2), ("empty_weather_index.atom", 0)],
)
def test_the_public_indexes_are_read(name, number):
    found = feeds.documents((SHARED / "testdata" / name).read_bytes())
    assert len(found) == number
    assert all(one.startswith("http://") for one in found)
