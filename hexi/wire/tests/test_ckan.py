"""CKAN's Action API: queries of real clients are understood, answers have CKAN's form, answers of others are read."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hexi.wire.ckan import answers, asking, lucene, reading
from hexi.wire.ckan.answers import Fault, Field, Organization, Package, Resource
from hexi.wire.ckan.lucene import All, Any, Not, Range, Term
from hexi.wire.dcat.model import Agent, Contact, License
from hexi.wire.dcat.reading import Unreadable

GIVEN = Path("/work/shared/data/dcat/ckanext-dcat/examples/ckan")
AT = datetime(2026, 11, 29, 8, 30, tzinfo=timezone(timedelta(hours=8)))
OFFICE = Organization("o1", "yumen-nyj", "玉门市农业农村局", created=AT, count=3)
WELLS = Package(
    id="6f1ed002-ab5b-4c5f-9e3d-000000000001", name="wells", title="机井", notes="登记的机井",
    translated={"title": {"zh": "机井", "en": "Wells"}}, url="https://x.cn/data/wells/", license_id="cc-by",
    license_title="CC BY 4.0", license_url="https://creativecommons.org/licenses/by/4.0/", maintainer="农业农村局",
    maintainer_email="nyj@x.cn", organization=OFFICE, groups=(Organization("g1", "agri", "农业", is_organization=False),),
    tags=("机井", "水"), extras=(("frequency", "daily"),), created=AT, modified=AT + timedelta(days=1),
    resources=(
        Resource("r1", "CSV 文件", "https://x.cn/data/wells.csv", "CSV", "text/csv", "带 BOM", 1234, "0a", AT, AT, rows=True),
        Resource("r2", "接口", "https://x.cn/api/3/"),
    ),
)  # fmt: skip


# --- queries ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "tree"), [
    ("", All(())), ("*:*", All(())), ("水", Term("", "水")), ("水 井", All((Term("", "水"), Term("", "井")))),
    ('"地下 水"', Term("", "地下 水", phrase=True)), ("organization:yumen-gov", Term("organization", "yumen-gov")),
    ("-organization:a -organization:b", All((Not(Term("organization", "a")), Not(Term("organization", "b"))))),
    # the very texts of ckanext-harvest's CKAN harvester: its filters joined by a space
    ("organization:a OR organization:b metadata_modified:[2026-11-29T07:30:00.123456Z TO *]",
     All((Any((Term("organization", "a"), Term("organization", "b"))),
          Range("metadata_modified", "2026-11-29T07:30:00.123456Z", None)))),
    ("groups:a OR groups:b OR groups:c", Any((Term("groups", "a"), Term("groups", "b"), Term("groups", "c")))),
    ('tags:("水" OR 井)', Any((Term("tags", "水", phrase=True), Term("tags", "井")))),
    ("+(res_format:CSV || res_format:XLSX) && !state:draft",
     All((Any((Term("res_format", "CSV"), Term("res_format", "XLSX"))), Not(Term("state", "draft"))))),
    ("NOT tags:a AND tags:b", All((Not(Term("tags", "a")), Term("tags", "b")))), ("NOT NOT a", Term("", "a")),
    (r"name:a\:b", Term("name", "a:b")), (r'title:"say \"x\""', Term("title", 'say "x"', phrase=True)),
    ("name:wells*", Term("name", "wells*")), ("extras_code:[* TO 5]", Range("extras_code", None, "5")),
    ("rain-water", Term("", "rain-water")), ("*:* tags:a", Term("tags", "a")), ("(a)", Term("", "a")), ("tags:", Term("", "tags:")),
], ids=lambda one: one if isinstance(one, str) else "")  # fmt: skip
def test_queries(text, tree):
    assert lucene.parse(text) == tree


@pytest.mark.parametrize("text", [
    "(a", "a)", "a OR", '"open', "[1 TO 2]", "x:[1 2]", "AND)", "(" * 20 + "a" + ")" * 20, "a " * 101, "x" * 4001, "-",
    "tags:(a", "OR OR",
])  # fmt: skip
def test_queries_that_are_none(text):
    with pytest.raises(Fault) as caught:
        lucene.parse(text)
    assert caught.value.status == 400


@given(some.text(alphabet='ab:()[]{}"\\ +-!*ORANDT|&水', max_size=40))
def test_any_text_is_a_query_or_a_fault(text):
    with suppress(Fault):
        lucene.parse(text)


# --- parameters -------------------------------------------------------------------------------------------------------
def test_a_search_is_understood_from_an_address_and_from_json():
    plain = {"q": "水", "fq": ["tags:a", "tags:b"], "rows": "5", "start": "10", "sort": "title_string asc, metadata_modified desc",
             "facet.field": '["organization", "tags"]', "facet.limit": "-1", "facet.mincount": "0"}  # fmt: skip
    typed = {
        **plain,
        "rows": 5,
        "start": 10,
        "facet.field": ["organization", "tags"],
        "facet.limit": -1,
        "facet.mincount": 0,
    }
    found = asking.search(plain)
    assert found == asking.search(typed)
    assert (found.rows, found.start, found.facets, found.facet_limit, found.facet_least) == (
        5,
        10,
        ("organization", "tags"),
        -1,
        0,
    )
    assert found.sort == (("title_string", False), ("metadata_modified", True))
    assert found.query == All((Term("", "水"), Term("tags", "a"), Term("tags", "b")))
    assert asking.search({}) == asking.Search(query=All((All(()),)))
    assert asking.search({"rows": "5000"}).rows == 1000
    assert asking.search({"facet": "false", "facet.field": "tags"}).facets == ()
    assert asking.search({"fq_list": '["tags:a", "tags:b"]'}).query == All(
        (All(()), Term("tags", "a"), Term("tags", "b"))
    )


def test_rows_are_understood_from_an_address_and_from_json():
    plain = {"resource_id": "r1", "filters": '{"县": ["玉门", "敦煌"], "n": {"gte": 3, "<": 9}, "a": 1}', "q": "水",
             "fields": "县,n", "sort": '"县 名" desc, n', "limit": "50000", "offset": "7", "include_total": "False"}  # fmt: skip
    typed = {
        **plain,
        "filters": json.loads(plain["filters"]),
        "fields": ["县", "n"],
        "limit": 50000,
        "offset": 7,
        "include_total": False,
    }
    found = asking.rows(plain)
    assert found == asking.rows(typed)
    assert found == asking.Rows(
        "r1", {"县": (("in", ["玉门", "敦煌"]),), "n": (("gte", 3), ("lt", 9)), "a": (("in", [1]),)}, "水", ("县", "n"),
        (("县 名", True), ("n", False)), 32_000, 7, False,
    )  # fmt: skip
    assert asking.rows({"id": "r1", "q": {"县": "玉 门"}}).q == "玉 门"
    assert asking.rows({"resource_id": "r1", "filters": {"n": [{"gt": 1}, {"lt": 5}]}}).filters == {
        "n": (("gt", 1), ("lt", 5))
    }


@pytest.mark.parametrize(("read", "given", "name"), [
    (asking.search, {"rows": "x"}, "rows"), (asking.search, {"start": "-1"}, "start"), (asking.search, {"sort": "a sideways"}, "sort"),
    (asking.search, {"facet.field": "[1"}, "facet.field"), (asking.search, {"facet.field": [1]}, "facet.field"),
    (asking.search, {"q": {"a": 1}}, "q"), (asking.search, {"rows": "9" * 40}, "rows"),
    (asking.rows, {}, "resource_id"), (asking.rows, {"resource_id": "r", "filters": "[1]"}, "filters"),
    (asking.rows, {"resource_id": "r", "filters": "{"}, "filters"), (asking.rows, {"resource_id": "r", "limit": "-5"}, "limit"),
    (asking.rows, {"resource_id": "r", "filters": {"a": {"like": 1}}}, "filters"),
    (asking.rows, {"resource_id": "r", "filters": {"a": [[1]]}}, "filters"),
    (asking.rows, {"resource_id": "r", "records_format": "xml"}, "records_format"),
    (asking.rows, {"resource_id": "r", "sort": 'a"; drop table x'}, "sort"),
])  # fmt: skip
def test_what_is_wrong_names_its_parameter(read, given, name):
    with pytest.raises(Fault) as caught:
        read(given)
    fault = caught.value
    assert (fault.kind, fault.status, list(fault.fields)) == ("Validation Error", 409, [name])
    assert fault.body("https://x/help")["error"]["__type"] == "Validation Error"


@pytest.mark.parametrize(("method", "query", "body", "kind", "found"), [
    ("GET", {"id": ["a"], "fq": ["x", "y"]}, b"", "", {"id": "a", "fq": ["x", "y"]}),
    ("POST", {"id": ["a"]}, b"", "", {"id": "a"}), ("POST", {}, b'{"id": "a"}', "application/json", {"id": "a"}),
    ("POST", {}, b'{"id": "a"}', "application/x-www-form-urlencoded", {"id": "a"}),
    ("POST", {}, b"id=a&q=", "application/x-www-form-urlencoded", {"id": "a", "q": ""}),
])  # fmt: skip
def test_parameters_come_as_ckan_takes_them(method, query, body, kind, found):
    assert asking.data_of(method, query, body, kind) == found


@pytest.mark.parametrize("body", [b"[1]", b"{", b"1", b'"x"', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(body):
    with pytest.raises(ValueError, match="JSON"):
        asking.data_of("POST", {}, body, "application/json")


# --- answers ----------------------------------------------------------------------------------------------------------
def test_a_data_set_has_ckans_form():
    said = WELLS.whole()
    assert {name: said[name] for name in ("owner_org", "num_tags", "num_resources", "metadata_created", "metadata_modified")} == {
        "owner_org": "o1", "num_tags": 2, "num_resources": 2, "metadata_created": "2026-11-29T00:30:00.000000",
        "metadata_modified": "2026-11-30T00:30:00.000000",
    }  # fmt: skip
    assert [(one["position"], one["package_id"], one["datastore_active"]) for one in said["resources"]] == [
        (0, WELLS.id, True), (1, WELLS.id, False),
    ]  # fmt: skip
    assert said["groups"][0]["type"] == "group"
    assert said["title_translated"] == {"zh": "机井", "en": "Wells"}
    json.dumps(said)


def test_a_search_has_both_kinds_of_facets():
    facets = [answers.Facet("organization", "提供单位", (("yumen-nyj", "农业农村局", 2),))]
    said = answers.search(7, [WELLS], facets, "name asc")
    assert (said["count"], len(said["results"]), said["facets"]) == (7, 1, {"organization": {"yumen-nyj": 2}})
    assert said["search_facets"]["organization"] == {
        "title": "提供单位", "items": [{"name": "yumen-nyj", "display_name": "农业农村局", "count": 2}],
    }  # fmt: skip
    assert Field("n", "int", "水泵", unit="台").whole() == {
        "id": "n",
        "type": "int",
        "info": {"label": "水泵", "unit": "台"},
    }
    assert OFFICE.whole()["package_count"] == 3


# --- what others answer -----------------------------------------------------------------------------------------------
def test_our_own_answer_is_read_as_any_other():
    body = json.dumps(answers.success("h", answers.search(1, [WELLS], [], ""))).encode()
    found = reading.page(200, body)
    assert found.count == 1
    one = reading.dataset(found.packages[0], "https://x.cn/")
    assert (one.iri, one.identifier, one.title, one.description) == (
        "https://x.cn/dataset/wells", WELLS.id, {"zh": "机井", "en": "Wells"}, {"": "登记的机井"},
    )  # fmt: skip
    assert (one.publisher, one.contact) == (Agent({"": "玉门市农业农村局"}), Contact("农业农村局", "nyj@x.cn"))
    assert (one.issued, one.modified, one.frequency) == (AT, AT + timedelta(days=1), "daily")
    assert one.keywords == (("", "机井"), ("", "水"))
    csv = one.distributions[0]
    assert (csv.download, csv.format, csv.media_type, csv.octets) == (
        "https://x.cn/data/wells.csv",
        "CSV",
        "text/csv",
        1234,
    )
    assert csv.license == License("https://creativecommons.org/licenses/by/4.0/", {"": "CC BY 4.0"})


@pytest.mark.skipif(not GIVEN.is_dir(), reason="the examples of ckanext-dcat are not on this machine")
@pytest.mark.parametrize(("name", "title", "many"), [
    ("ckan_dataset.json", "Zimbabwe Regional Geochemical Survey.", 1), ("ckan_full_dataset_dcat_ap.json", "Test DCAT dataset", 1),
    ("ckan_full_dataset_dcat_ap_legacy.json", "Test DCAT dataset", 1), ("full_ckan_dataset_legacy.json", "Zimbabwe Regional Geochemical Survey.", 1),
    ("ckan_dataset_multilingual.json", "", 1), ("health_dcat_ap.json", "", 1),
])  # fmt: skip
def test_examples_of_others_are_read(name, title, many):
    said = json.loads((GIVEN / name).read_text())
    package = said[0] if isinstance(said, list) else said
    package.setdefault("id", "x")
    found = reading.dataset(package, "https://demo.ckan.org")
    assert found.title
    assert all(found.title.values())
    assert not title or title in found.title.values()
    assert len(found.distributions) >= many


@pytest.mark.parametrize("package", [
    {}, {"id": 5}, {"id": ""}, {"id": "a"}, {"id": "a", "title": 7}, {"id": "a", "title": " "}, {"id": "a", "title_translated": {"zh": 1}},
])  # fmt: skip
def test_a_data_set_without_a_name_is_refused(package):
    with pytest.raises(Unreadable):
        reading.dataset(package, "https://x.cn")


JSON = some.recursive(some.none() | some.booleans() | some.integers() | some.text(), lambda one: some.lists(one) | some.dictionaries(some.text(), one), max_leaves=8)  # fmt: skip


@given(some.fixed_dictionaries({"id": some.just("a"), "title": some.just("t")}, optional=dict.fromkeys(
    ("notes", "title_translated", "tags", "resources", "organization", "extras", "license_url", "metadata_modified", "url", "name"), JSON,
)))  # fmt: skip
def test_nonsense_in_a_data_set_counts_as_not_said(package):
    found = reading.dataset(package, "https://x.cn")
    assert found.identifier == "a"
    assert all(isinstance(text, str) for text in found.title.values())


@pytest.mark.parametrize(("status", "body", "word"), [
    (502, b"<html>", "502"), (200, b"[]", "CKAN"), (200, b"{}", "CKAN"), (404, b'{"success": false, "error": {"message": "no"}}', "no"),
    (200, b'{"success": false, "error": "no"}', "no"), (200, b'{"success": true, "result": 1}', "results"),
    (200, b'{"success": true, "result": {"results": 1}}', "results"), (200, b"[" * 100_000, "JSON"),
])  # fmt: skip
def test_an_answer_that_is_none_is_refused_in_words(status, body, word):
    with pytest.raises(Unreadable, match=word):
        reading.page(status, body)


def test_what_is_asked_of_others():
    assert (
        reading.search_url("https://x.cn/") == "https://x.cn/api/3/action/package_search?rows=100&start=0&sort=id+asc"
    )
    since = reading.search_url("https://x.cn", start=100, since=AT)
    assert since.endswith("&fq=metadata_modified%3A%5B2026-11-29T00%3A30%3A00Z+TO+%2A%5D")
    assert AT.astimezone(UTC).hour == 0
