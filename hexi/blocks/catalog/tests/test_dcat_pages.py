"""DCAT, CSVW, schema.org and the sitemap of the open data sets, as other programs read them."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree
from pyshacl import validate
from rdflib import Graph

from hexi.blocks.catalog import describing
from hexi.blocks.catalog.pages import actions, dcat
from hexi.blocks.catalog.tests.make import make_entry
from hexi.blocks.catalog.tests.test_actions import house
from hexi.wire.dcat import reading, writing
from hexi.wire.tests.test_dcat import SHAPES, shapes, there

__all__ = ["house"]
pytestmark = pytest.mark.django_db
FORMS = pytest.mark.parametrize("form", ["jsonld", "ttl", "rdf"])


@FORMS
def test_the_catalogue_lists_what_is_open_page_by_page(house, form, monkeypatch):
    monkeypatch.setattr(dcat, "PER_PAGE", 2)
    first = Client().get(f"/catalog.{form}")
    assert first.headers["Content-Type"] == f"{writing.MEDIA_TYPES[form]}; charset=utf-8"
    pages = [reading.read(Client().get(f"/catalog.{form}?page={n}").content) for n in (1, 2)]
    assert [page.paged.total for page in pages] == [3, 3]
    assert pages[0].paged.next == pages[1].paged.here == f"{describing.base()}/catalog.{form}?page=2"
    assert (pages[1].paged.next, pages[1].paged.previous) == ("", pages[0].paged.here)
    found = [one for page in pages for one in page.datasets]
    assert {one.title["zh"] for one in found} == {"行政区划", "风电场发电量", "防护林"}
    assert Client().get(f"/catalog.{form}?page=3").status_code == 404
    assert Client().get(f"/catalog.{form}?page=x").status_code == 404
    assert Client().get("/catalog.xml").status_code == 404


@FORMS
def test_one_data_set(house, form):
    entry = house["行政区划"]
    for name in (entry.slug, entry.once):
        (one,) = reading.read(Client().get(f"/dataset/{name}.{form}").content).datasets
        assert (one.identifier, one.frequency, one.rights) == (entry.code, "monthly", "public")
    assert one.publisher.name["zh"] == "玉门市能源局"
    assert [way.format for way in one.distributions][:2] == ["JSON", "CSV"]
    table = next(way for way in one.distributions if way.columns)
    assert [(column.name, column.datatype) for column in table.columns] == [
        ("code", "string"),
        ("name", "string"),
        ("level", "integer"),
    ]
    for title in ("暗的", "撤下的", "草稿的"):
        assert Client().get(f"/dataset/{house[title].slug}.{form}").status_code == 404


@there
@pytest.mark.parametrize("release", ["3.0.1", "3.0.1 page", "ckan"])
def test_our_catalogue_meets_the_shapes(house, release):
    graph = Graph().parse(data=Client().get("/catalog.ttl").content, format="turtle")
    met, _graph, said = validate(graph, shacl_graph=shapes(*SHAPES[release]), inference="rdfs")
    assert met, said


def test_csvw_and_schema_org(house):
    entry = house["行政区划"]
    response = Client().get(f"/data/{entry.slug}/rows.csv-metadata.json")
    said = json.loads(response.content)
    assert (response.headers["Content-Type"], said["url"]) == ("application/csvm+json", "rows.csv")
    assert [one["titles"]["zh"] for one in said["tableSchema"]["columns"]] == ["区划代码", "名称", "级别"]
    assert said["tableSchema"]["primaryKey"] == ["code"]
    schema = json.loads(Client().get(f"/data/{entry.slug}/schema.jsonld").content)
    assert (schema["@type"], schema["name"]) == ("Dataset", "行政区划")
    assert len(schema["distribution"]) >= 3
    assert Client().get(f"/data/{house['防护林'].slug}/rows.csv-metadata.json").status_code == 404
    assert Client().get(f"/data/{house['暗的'].slug}/schema.jsonld").status_code == 404


def test_the_sitemap(house):
    tree = etree.fromstring(Client().get("/data/sitemap.xml").content)
    found = [one.text for one in tree.iterfind(".//{*}loc")]
    assert set(found) == {
        f"{describing.base()}/data/",
        *(describing.page_of(house[title]) for title in ("行政区划", "风电场发电量", "防护林")),
    }


@pytest.mark.parametrize("path", ["/catalog.ttl", "/api/3/action/package_search?rows=100", "/data/"])
def test_the_number_of_queries_does_not_grow(house, path, monkeypatch):
    monkeypatch.setattr(actions, "spend", lambda *_: None)  # the cache asks now more, now less
    with CaptureQueriesContext(connection) as before:
        assert Client().get(path).status_code == 200
    for n in range(3):
        make_entry(title=f"再来一个 {n}", kind="file")
    with CaptureQueriesContext(connection) as after:
        assert Client().get(path).status_code == 200
    assert len(after) == len(before)
