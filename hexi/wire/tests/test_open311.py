"""GeoReport v2: what is written is read again, in both formats; what is not by the specification is refused."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from hexi.wire import open311 as wire
from hexi.wire.open311 import Attribute, Definition, Post, Refused, Request, Search, Service, Unreadable, Update, Value

NOW = datetime(2026, 11, 29, 2, tzinfo=UTC)
SERVICE = Service("010203", "路灯 <灯>", "城乡 & 市政", metadata=True, keywords="路灯不亮,路灯坏了", group="城乡建设")
REQUEST = Request(
    "H620981202600001", "open", "010203", "路灯", "路灯 & 井盖 <b>", requested_datetime=NOW, updated_datetime=NOW,
    lat=40.35, long=-97.1, address="甘肃省 玉门市",
)  # fmt: skip
DEFINITION = Definition("010203", (
    Attribute("type", "singlevaluelist", "类型", required=True, values=(Value("ask", "咨询"), Value("help", "求助"))),
    Attribute("note", "text", "请看清", variable=False, order=2),
))  # fmt: skip
DISCOVERY = wire.Discovery("2026-11-29T00:00:00+08:00", "电话 12345", "https://x/keys", (
    wire.Endpoint("https://x/open311/v2", "2026-11-29T00:00:00+08:00"),
))  # fmt: skip
BOTH = pytest.mark.parametrize("form", ["json", "xml"])


@BOTH
@pytest.mark.parametrize("thing", [
    SERVICE, REQUEST, wire.Receipt("H1", service_notice="请打 119"), wire.Receipt(token="t1"),
    Update("u1", "H1", "closed", NOW, "修好了"),
], ids=lambda thing: type(thing).__name__)  # fmt: skip
def test_a_list_is_read_as_it_was_written(thing, form):
    assert wire.read(wire.write([thing, thing], type(thing), form), type(thing), form) == [thing, thing]
    assert wire.read(wire.write([], type(thing), form), type(thing), form) == []


@BOTH
@pytest.mark.parametrize("thing", [DEFINITION, Definition("1"), DISCOVERY], ids=["definition", "bare", "discovery"])
def test_one_thing_is_read_as_it_was_written(thing, form):
    assert wire.read_one(wire.write_one(thing, form), type(thing), form) == thing


def test_xml_has_the_names_of_the_specification():
    assert wire.write([Service("1", "a")], Service, "xml").decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n<services><service><service_code>1</service_code>'
        "<service_name>a</service_name><description /><metadata>false</metadata><type>realtime</type><keywords />"
        "<group /></service></services>"
    )
    assert b"<service_requests><request><service_request_id>" in wire.write([REQUEST], Request, "xml")
    assert b"<value><key>ask</key><name>" in wire.write_one(DEFINITION, "xml")


@BOTH
def test_an_error_body(form):
    body = wire.write_error(403, "invalid api_key received", form)
    assert wire.read_errors(body, form) == [(403, "invalid api_key received")]
    assert wire.read_errors(b"<html>gone", form) == []
    assert wire.write_error(404, "x", "json") == b'[{"code": 404, "description": "x"}]'


def test_signs_xml_cannot_hold_are_left_out():
    row = Request("1", "open", "2", description="a\x00\x0b\ufffe\ud800b\U0001f525")
    assert wire.read(wire.write([row], Request, "xml"), Request, "xml")[0].description == "ab\U0001f525"


@pytest.mark.parametrize("body", [
    b'<!DOCTYPE a [<!ENTITY x "y">]><services><service><service_code>&x;</service_code></service></services>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><services/>', b"<services>", b"", b"<other/>",
    b"<services><service/></services>", b"<services><service><service_name>x</service_name></service></services>",
    b"<services>" + b"<service>" * 5000 + b"</service>" * 5000 + b"</services>",
])  # fmt: skip
def test_xml_that_is_refused(body):
    with pytest.raises(Unreadable):
        wire.read(body, Service, "xml")


@pytest.mark.parametrize("body", [
    b"{}", b"[1]", b"no", b"\xff", b"[" * 100_000, b'[{"service_name": "x"}]', b'[{"service_code": ["x"]}]',
])  # fmt: skip
def test_json_that_is_refused(body):
    with pytest.raises(Unreadable):
        wire.read(body, Service, "json")


@pytest.mark.parametrize("bad", [
    b'{"requested_datetime": "2026-11-29"}', b'{"lat": "north"}', b'{"lat": {}}',
])  # fmt: skip
def test_a_wrong_value_names_its_place(bad):
    body = b'[{"service_request_id": "1", "status": "open", "service_code": "2", ' + bad[1:] + b"]"
    with pytest.raises(Unreadable, match=r"\[0\]\.(requested_datetime|lat)"):
        wire.read(body, Request, "json")


def test_a_wrapped_json_list_is_read():
    assert wire.read(b'{"services": [{"service_code": 1, "service_name": "a"}]}', Service, "json") == [
        Service("1", "a")
    ]


# --- searching --------------------------------------------------------------------------------------------------------
DAYS = timedelta(days=90)


@pytest.mark.parametrize(("given", "expected"), [
    ({}, Search(NOW - DAYS, NOW)),
    ({"status": "open,closed", "service_code": " 1, 2,1"}, Search(NOW - DAYS, NOW, (), ("1", "2"), ("open", "closed"))),
    ({"start_date": "2026-11-01T00:00:00Z"}, Search(datetime(2026, 11, 1, tzinfo=UTC), NOW)),
    ({"start_date": "2026-01-01T00:00:00Z"},
     Search(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC) + DAYS)),
    ({"end_date": "2026-02-01T08:00:00 08:00"},
     Search(datetime(2026, 2, 1, tzinfo=UTC) - DAYS, datetime(2026, 2, 1, tzinfo=UTC))),
    ({"page": "3", "page_size": "5000"}, Search(NOW - DAYS, NOW, page=3, size=1000)),
    ({"service_request_id": "a,b"}, Search(NOW - DAYS, NOW, ("a", "b"))),
])  # fmt: skip
def test_a_search(given, expected):
    assert wire.read_search(given, NOW) == expected


@pytest.mark.parametrize("given", [
    {"status": "fixed"}, {"start_date": "2026-11-01"}, {"start_date": "x"}, {"page": "0"}, {"page": "-1"},
    {"page_size": "x"}, {"page": "9" * 30},
    {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
    {"start_date": "2026-06-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
])  # fmt: skip
def test_a_search_that_is_refused(given):
    with pytest.raises(Refused) as refused:
        wire.read_search(given, NOW)
    assert refused.value.status == 400


# --- sending ----------------------------------------------------------------------------------------------------------
def test_a_post_is_read_as_it_was_sent():
    post = Post(
        "010203", "路灯不亮 & 黑", 40.35, 97.1, email="a@example.org", last_name="石", phone="13900000000",
        attributes={"type": ("help",), "many": ("a", "b")},
    )  # fmt: skip
    given = parse_qs(wire.form_of(post, "hexi_key").decode())
    assert given["api_key"] == ["hexi_key"]
    assert wire.read_post(given) == post


@pytest.mark.parametrize(("wrong", "said"), [
    ({"service_code": [""]}, "service_code"), ({"lat": ["91"]}, "lat"), ({"lat": ["nan"]}, "lat"),
    ({"lat": ["x"]}, "lat"), ({"long": ["181"]}, "long"), ({"long": [""]}, "together"),
    ({"description": ["x" * 4001]}, "description"), ({"lat": [""], "long": [""]}, "location"),
])  # fmt: skip
def test_a_post_that_is_refused_says_why(wrong, said):
    good = {"service_code": ["1"], "lat": ["40"], "long": ["97"], "description": ["x"]}
    with pytest.raises(Refused, match=".*") as refused:
        wire.read_post(good | wrong)
    assert refused.value.status == 400
    assert said in refused.value.description
