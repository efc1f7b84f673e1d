"""CAP: the public examples are read and agree with the published schema; one-fault copies are refused by the rule."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from hexi.wire.cap import reading, rules, schema, times, writing
from hexi.wire.cap.checks import check
from hexi.wire.cap.faults import RULES, refused
from hexi.wire.cap.model import NAMESPACES, Alert, Area, Info, Pair, Resource
from hexi.wire.tests.cap_examples import INFO, SHARED, WHOLE, needs_shared

FILES = sorted((SHARED / "testdata").glob("*")) if SHARED.is_dir() else []
EXAMPLES = [(path.name, one) for path in FILES for one in reading.embedded(path.read_bytes())]
VERSIONS = {
    "amber.atom": "1.1", "canada.cap": "1.2", "earthquake.cap": "1.1", "no_entries.atom": "1.2", "weather.atom": "1.1",
    "weather.cap": "1.1",
}  # fmt: skip


def keys(content):
    return [one.key for one in refused(check(content).faults)]


@needs_shared
def test_every_alert_of_the_public_examples_parses():
    found = {name: reading.parse(content) for name, content in EXAMPLES}
    assert {name: one.version for name, one in found.items()} == VERSIONS
    assert all(one.identifier and one.sender and one.sent_at and one.infos[0].event for one in found.values())
    canada = found["canada.cap"]
    assert [one.tongue for one in canada.infos] == ["en-CA", "fr-CA"]
    assert [one.identifier for one in canada.refers_to] == ["2.49.0.1.124.a3f342a4.2012", "2.49.0.1.124.60f31a3a.2012"]
    assert canada.infos[0].expires_at == datetime(2012, 5, 3, 0, 20, tzinfo=UTC)
    assert found["weather.cap"].infos[0].areas[0].geocodes[0] == Pair("FIPS6", "030049")


@needs_shared
@pytest.mark.parametrize(("name", "content"), EXAMPLES, ids=lambda one: one if isinstance(one, str) else "")
def test_our_tables_agree_with_the_published_schema(name, content):
    """Also on copies of the example from which each element in turn is left out, doubled, emptied or renamed."""
    published = etree.XMLSchema(etree.parse(SHARED / "schema" / f"cap{VERSIONS[name].replace('.', '')}.xsd"))
    compared = 0
    for one in [content, *copies(content)]:
        tree = reading.root(one)
        assert (not schema.faults(tree, VERSIONS[name])) == published.validate(tree), one.decode()
        compared += 1
    assert compared > 60


def copies(content):
    number = sum(1 for one in etree.fromstring(content).iter() if isinstance(one.tag, str))
    for place in range(1, number):
        for change in (drop, double, empty, rename, strange, spaced):
            tree = etree.fromstring(content)
            change([one for one in tree.iter() if isinstance(one.tag, str)][place])
            yield etree.tostring(tree)


def drop(node):
    node.getparent().remove(node)


def double(node):
    node.addnext(deepcopy(node))


def empty(node):
    node.text = ""


def rename(node):
    node.tag = node.tag + "x"


def strange(node):
    node.text = "2026-02-30"


def spaced(node):
    """Not moments: the validator we compare with refuses spaces round them, which XML Schema allows."""
    if not (node.text or "").startswith("20"):
        node.text = f" {node.text} "


@needs_shared
def test_the_messages_of_version_1_2_validate():
    """All but one, which the published schema refuses as well: it puts `incidents` before `status`."""
    good = {name: check(content).good for name, content in EXAMPLES if VERSIONS[name] == "1.2"}
    assert good == {"canada.cap": True, "no_entries.atom": False}
    assert "order" in keys(dict(EXAMPLES)["no_entries.atom"])


@needs_shared
def test_a_feed_without_messages_holds_none():
    assert reading.embedded((SHARED / "testdata" / "empty_weather_index.atom").read_bytes()) == []


def test_our_whole_message_is_good():
    checked = check(writing.write(WHOLE))
    assert [one.key for one in checked.faults] == ["signature-none"]
    assert checked.alert == WHOLE


def test_every_rule_names_clause_and_remedy_in_both_languages():
    for rule in RULES.values():
        assert rule.clause.startswith(("3.", "4."))
        assert rule.zh
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in rule.en)


def alert(**changed):
    return replace(WHOLE, **changed)


def info(**changed):
    return alert(infos=(replace(INFO, **changed),))


def area(**changed):
    return info(areas=(replace(INFO.areas[0], **changed),))


def resource(**changed):
    return info(resources=(replace(INFO.resources[0], **changed),))


SQUARE = "39.8,97.0 39.8,97.1 39.9,97.1 39.9,97.0 39.8,97.0"
FAULTS = [
    ("identifier", alert(identifier="a b"), "alert/identifier"),
    ("identifier", alert(identifier="a,b"), "alert/identifier"),
    ("identifier", alert(identifier="a<b"), "alert/identifier"),
    ("identifier", alert(identifier=""), "alert/identifier"),
    ("sender", alert(sender="a&b"), "alert/sender"),
    ("time", alert(sent="2026-11-29T01:30:00Z"), "alert/sent"),
    ("time", alert(sent="2026-02-30T01:30:00+08:00"), "alert/sent"),
    ("time", alert(sent="2026-11-29T01:30:00"), "alert/sent"),
    ("time", alert(sent="2026-11-29T01:30:00.5+08:00"), "alert/sent"),
    ("value", alert(status="actual"), "alert/status"),
    ("value", alert(kind="Correct"), "alert/msgType"),
    ("value", alert(scope=""), "alert/scope"),
    ("restriction", alert(scope="Restricted"), "alert/restriction"),
    ("addresses", alert(scope="Private"), "alert/addresses"),
    ("quotes", alert(addresses='"a b'), "alert/addresses"),
    ("quotes", alert(incidents='"a b" "c'), "alert/incidents"),
    ("references-needed", alert(kind="Update"), "alert/references"),
    ("references-needed", alert(kind="Cancel"), "alert/references"),
    ("references", alert(kind="Update", references="a,b"), "alert/references"),
    ("references", alert(kind="Update", references="a,b,2026-11-29"), "alert/references"),
    ("references-itself", alert(references=str(WHOLE.name)), "alert/references"),
    ("language", info(language="中文"), "alert/info[1]/language"),
    ("missing", info(categories=()), "alert/info[1]"),
    ("value", info(categories=("Weather",)), "alert/info[1]/category[1]"),
    ("empty", info(event=" "), "alert/info[1]/event"),
    ("value", info(responses=("Run",)), "alert/info[1]/responseType[1]"),
    ("value", info(urgency="Soon"), "alert/info[1]/urgency"),
    ("value", info(severity="Orange"), "alert/info[1]/severity"),
    ("value", info(certainty="Very Likely"), "alert/info[1]/certainty"),
    ("time", info(expires="tomorrow"), "alert/info[1]/expires"),
    ("uri", info(web="www.example.gov.cn"), "alert/info[1]/web"),
    ("value-name", info(parameters=(Pair("", "x"),)), "alert/info[1]/parameter[1]/valueName"),
    ("empty", resource(description=""), "alert/info[1]/resource[1]/resourceDesc"),
    ("mime-type", resource(mime_type="png"), "alert/info[1]/resource[1]/mimeType"),
    ("number", resource(size="1 kB"), "alert/info[1]/resource[1]/size"),
    ("size-negative", resource(size="-1"), "alert/info[1]/resource[1]/size"),
    ("resource-uri", resource(uri="radar.png"), "alert/info[1]/resource[1]/uri"),
    ("base64", resource(content="%%"), "alert/info[1]/resource[1]/derefUri"),
    ("digest", resource(digest="abc"), "alert/info[1]/resource[1]/digest"),
    ("digest-wrong", resource(content="YQ==", digest="0" * 40), "alert/info[1]/resource[1]/digest"),
    ("empty", area(description=""), "alert/info[1]/area[1]/areaDesc"),
    ("coordinate", area(polygons=("39.8 97.0",)), "alert/info[1]/area[1]/polygon[1]"),
    ("coordinate", area(polygons=(f"{SQUARE} nan,97",)), "alert/info[1]/area[1]/polygon[1]"),
    ("range", area(polygons=("97.0,39.8 97.1,39.8 97.1,39.9 97.0,39.8",)), "alert/info[1]/area[1]/polygon[1]"),
    ("polygon-points", area(polygons=("39.8,97.0 39.8,97.1 39.8,97.0",)), "alert/info[1]/area[1]/polygon[1]"),
    ("polygon-open", area(polygons=("39.8,97.0 39.8,97.1 39.9,97.1 39.9,97.0",)), "alert/info[1]/area[1]/polygon[1]"),
    ("polygon-crossing", area(polygons=("39.8,97.0 39.9,97.1 39.9,97.0 39.8,97.2 39.8,97.0",)),
     "alert/info[1]/area[1]/polygon[1]"),
    ("polygon-flat", area(polygons=("39.8,97.0 39.9,97.1 39.8,97.0 39.8,97.0",)), "alert/info[1]/area[1]/polygon[1]"),
    ("circle", area(circles=("39.8,97.0",)), "alert/info[1]/area[1]/circle[1]"),
    ("circle", area(circles=("39.8,97.0 5km",)), "alert/info[1]/area[1]/circle[1]"),
    ("radius", area(circles=("39.8,97.0 -1",)), "alert/info[1]/area[1]/circle[1]"),
    ("range", area(circles=("139.8,97.0 5",)), "alert/info[1]/area[1]/circle[1]"),
    ("ceiling-alone", area(altitude=None), "alert/info[1]/area[1]/ceiling"),
    ("ceiling-low", area(ceiling="-1"), "alert/info[1]/area[1]/ceiling"),
    ("number", area(altitude="high"), "alert/info[1]/area[1]/altitude"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "message", "element"), FAULTS, ids=[f"{key}-{n}" for n, (key, *_) in enumerate(FAULTS)]
)
def test_a_copy_with_one_fault_is_refused_and_the_rule_named(key, message, element):
    assert [(one.key, one.element) for one in refused(check(writing.write(message)).faults)] == [(key, element)]


ADVICE = [
    ("restriction-unused", alert(restriction="内部")),
    ("note-error", alert(kind="Error", references="a,b,2026-11-28T09:30:00+08:00", note=None)),
    ("note-exercise", alert(status="Exercise", note="")),
    ("info-needed", alert(infos=())),
    ("references-later", alert(references="a,b,2026-11-30T09:30:00+08:00")),
    ("expires-order", info(expires="2026-11-29T09:00:00+08:00")),
    ("headline-long", info(headline="雨" * 161)),
    ("acronym", info(parameters=(Pair("S.A.M.E.", "x"),))),
    ("resource-empty", resource(uri=None)),
    ("geocode-alone", area(polygons=(), circles=())),
]


@pytest.mark.parametrize(("key", "message"), ADVICE, ids=[key for key, _ in ADVICE])
def test_advice_does_not_refuse(key, message):
    checked = check(writing.write(message))
    assert [one.key for one in checked.faults] == [key, "signature-none"]
    assert checked.good


def xml(text):
    return f'<alert xmlns="{NAMESPACES["1.2"]}">{text}</alert>'.encode()


BOMB = b"""<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><alert>&b;</alert>"""


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "xml"), (b"not xml", "xml"), (b"<alert>", "xml"), (b"\xff\xfe\x00", "xml"), (b"<alert/>", "namespace"),
        (f'<info xmlns="{NAMESPACES["1.2"]}"/>'.encode(), "namespace"), (BOMB, "doctype"),
        (b'<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd"><alert/>', "doctype"),
        (b'<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert a="1">&x;</alert>', "doctype"),
        (BOMB.decode().encode("utf-16"), "doctype"),
        (b"<a>" * 1000 + b"</a>" * 1000, "xml"), (xml("x" * 1_000_001), "size"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_before_anything_is_read(content, key):
    checked = check(content)
    assert (checked.alert, [one.key for one in checked.faults], checked.good) == (None, [key], False)


def test_text_between_elements_attributes_and_unknown_elements_are_named():
    whole = writing.write(WHOLE).decode()
    assert keys(whole.replace("<info>", "<info>hidden").encode()) == ["stray-text"]
    assert keys(whole.replace("<info>", '<info id="1">').encode()) == ["attribute"]
    assert keys(whole.replace("<scope>", "<colour>red</colour><scope>").encode()) == ["unknown-element"]
    assert keys(whole.replace("Actual</status>", "Actual<b/></status>").encode()) == ["children"]
    assert keys(whole.replace("</area>", "</area><area><polygon/></area>").encode()) == [
        "missing",
        "empty",
        "polygon-points",
    ]


def test_comments_hide_nothing():
    whole = writing.write(WHOLE).decode().replace("<event>暴雨", "<event>暴<!-- x -->雨")
    assert check(whole.encode()).alert == WHOLE


# --- written and read again -----------------------------------------------------------------------------------------
words = some.text(some.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
maybe = some.none() | words
pairs = some.lists(some.builds(Pair, words, words), max_size=2).map(tuple)
lists = some.lists(words, max_size=2).map(tuple)
areas = some.builds(Area, words, lists, lists, pairs, maybe, maybe)
resources = some.builds(Resource, words, words, maybe, maybe, maybe, maybe)
infos = some.builds(
    Info, categories=lists, event=words, urgency=words, severity=words, certainty=words, language=maybe,
    responses=lists, audience=maybe, event_codes=pairs, effective=maybe, onset=maybe, expires=maybe, sender_name=maybe,
    headline=maybe, description=maybe, instruction=maybe, web=maybe, contact=maybe, parameters=pairs,
    resources=some.lists(resources, max_size=2).map(tuple), areas=some.lists(areas, max_size=2).map(tuple),
)  # fmt: skip
alerts = some.builds(
    Alert, identifier=words, sender=words, sent=words, status=words, kind=words, scope=words, source=maybe,
    restriction=maybe, addresses=maybe, codes=lists, note=maybe, references=maybe, incidents=maybe,
    infos=some.lists(infos, max_size=2).map(tuple), version=some.just("1.2"), password=some.none(),
)  # fmt: skip


@given(alerts)
def test_what_is_written_is_read_the_same(message):
    assert reading.parse(writing.write(message)) == message
    rules.faults(message)  # whatever stands there, the rules answer


@given(some.datetimes(), some.integers(-14 * 60, 14 * 60))
def test_moments_are_written_and_read_the_same(at, minutes):
    at = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    text = times.written(at)
    assert times.moment(text) == at
    assert times.is_moment(text, strict=True)
    assert not text.endswith("+00:00")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-29T24:00:00+08:00", datetime(2026, 11, 29, 16, tzinfo=UTC)),
        ("2012-05-02T23:21:04-00:00", datetime(2012, 5, 2, 23, 21, 4, tzinfo=UTC)),
        ("2012-05-02T23:21:04", datetime(2012, 5, 2, 23, 21, 4, tzinfo=UTC)),
        ("2012-05-02T23:21:04+15:00", None), ("2012-05-02T24:00:01+08:00", None), ("9999-12-31T24:00:00+08:00", None),
        ("2012-05-02", None), ("", None), ("２０12-05-02T23:21:04+08:00", None),
    ],
)  # fmt: skip
def test_moments(text, at):
    assert times.moment(text) == at
