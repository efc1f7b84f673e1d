"""DCAT: what is written is read back the same in all three forms, meets the shapes of DCAT-AP 3, and hurts nobody."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import csvw as csvw_library
import pytest
from hypothesis import given
from hypothesis import strategies as some
from pyshacl import validate
from rdflib import SH, Graph
from rdflib.compare import isomorphic

from hexi.wire.dcat import csvw, reading, schema_org, writing
from hexi.wire.dcat.model import (
    Agent,
    Catalogue,
    Checksum,
    Column,
    Concept,
    Contact,
    DataService,
    Dataset,
    Distribution,
    License,
    Paged,
    Period,
    Place,
    Scheme,
)  # fmt: skip

GIVEN = Path("/work/shared/data/dcat")
FORMS = pytest.mark.parametrize("form", ["jsonld", "ttl", "rdf"])
there = pytest.mark.skipif(not GIVEN.is_dir(), reason="the examples and shapes of DCAT-AP are not on this machine")

OFFICE = Agent({"zh": "玉门市农业农村局", "en": "Yumen Agriculture"}, "https://x.cn/office/1", "11620981MB1234567X",
               "https://x.cn/", "nyj@x.cn")  # fmt: skip
CC = License("https://creativecommons.org/licenses/by/4.0/", {"zh": "署名 4.0", "en": "CC BY 4.0"})
HOUSE = Dataset(
    iri="https://x.cn/data/wells", title={"zh": "机井 <登记> \"表\"", "en": "Wells & pumps"},
    description={"zh": "第一行\n第二行\\t 反斜线\t制表"}, identifier="307001/12",
    keywords=(("en", "water"), ("zh", "机井"), ("zh", "水")), themes=(
        Concept("https://x.cn/data/class/307", {"zh": "农业"}, "307", "https://x.cn/data/classes"),
    ),
    publisher=OFFICE, contact=Contact("玉门市农业农村局", "nyj@x.cn", "0937-3331234", "https://x.cn/ask"),
    issued=date(2026, 3, 1), modified=datetime(2026, 11, 29, 8, 30, tzinfo=UTC), frequency="daily", rights="public",
    landing_page="https://x.cn/data/wells/", documentation="https://x.cn/data/wells.csv-metadata.json",
    languages=("en", "zh"), places=(Place("https://x.cn/division/620981000000", {"zh": "玉门市"}, "620981000000"),),
    period=Period(date(2020, 1, 1), date(2026, 11, 28)), version="12", version_notes={"zh": "更正三行"},
    provenance={"zh": "取水许可台账"}, conforms_to=("https://x.cn/std",), relations=("https://x.cn/data/pumps",),
    distributions=(
        Distribution(iri="https://x.cn/data/wells/api", access="https://x.cn/api/3/", service="https://x.cn/api",
                     description={"zh": "接口"}, format="JSON", license=CC),
        Distribution(
            iri="https://x.cn/data/wells/csv", access="https://x.cn/data/wells/", download="https://x.cn/data/wells.csv",
            title={"zh": "CSV 文件"}, description={"zh": "带 BOM"}, media_type="text/csv", format="CSV", octets=1234,
            license=CC, checksum=Checksum("0a" * 32), issued=date(2026, 3, 1), modified=date(2026, 11, 29),
            conforms_to=("https://x.cn/csvw",), documentation="https://x.cn/data/wells.csv-metadata.json",
            columns=(
                Column("编号", {"zh": "机井编号"}, "string", required=True, length=20),
                *(Column(f"c{n}", {"zh": f"列 {n}"}, "decimal", "m³") for n in range(12)),
            ),
        ),
    ),
)  # fmt: skip
SERVICE = DataService(
    "https://x.cn/api", {"zh": "数据接口"}, "https://x.cn/api/3/action/", {"zh": "CKAN 接口"}, "https://x.cn/api/help",
    ("https://x.cn/data/wells",), OFFICE, Contact("玉门市大数据局"), CC, ("https://docs.ckan.org/en/2.11/api/",), "public",
)  # fmt: skip
WHOLE = Catalogue(
    "https://x.cn/data", {"zh": "玉门开放数据"}, {"zh": "向社会开放的数据"}, OFFICE, "https://x.cn/", date(2026, 1, 1),
    datetime(2026, 11, 29, tzinfo=UTC), ("en", "zh"), CC, HOUSE.places, (Scheme("https://x.cn/data/classes", {"zh": "资源分类"}),), (HOUSE,), (SERVICE,),
    Paged("https://x.cn/catalog.ttl?page=2", 201, 100, "https://x.cn/catalog.ttl?page=1", "https://x.cn/catalog.ttl?page=3",
          "https://x.cn/catalog.ttl?page=3", "https://x.cn/catalog.ttl?page=1"),
)  # fmt: skip


@FORMS
def test_a_catalogue_is_read_as_it_was_written(form):
    content = writing.write(WHOLE, form)
    assert reading.read(content, writing.MEDIA_TYPES[form]) == WHOLE
    assert reading.read(content) == WHOLE, "without being told the type"
    assert writing.write(WHOLE, form) == content, "the same bytes each time"


def test_the_three_forms_say_the_same():
    graphs = [Graph().parse(data=writing.write(WHOLE, form), format=name)
              for form, name in (("jsonld", "json-ld"), ("ttl", "turtle"), ("rdf", "xml"))]  # fmt: skip
    assert len(graphs[0]) > 150
    assert isomorphic(graphs[0], graphs[1])
    assert isomorphic(graphs[1], graphs[2])


@FORMS
def test_a_data_set_alone_makes_a_catalogue_without_a_name(form):
    found = reading.read(writing.write(HOUSE, form))
    assert (found.iri, found.title, found.datasets, found.paged) == ("", {}, (HOUSE,), None)


@FORMS
def test_what_says_little_stays_small(form):
    little = Catalogue("https://x.cn/data", {"zh": "目"}, {}, datasets=(Dataset("https://x.cn/d", {"": "x"}, {}),))
    assert reading.read(writing.write(little, form)) == little


@FORMS
@given(text=some.text(some.characters(codec="utf-8", exclude_characters="\0"), min_size=1).map(str.strip).filter(bool))
def test_any_text_comes_through(form, text):
    if form == "rdf":  # XML 1.0 has no way to say control signs, and reads \r as the end of a line
        text = "".join(sign for sign in text if sign in "\t\n" or (sign >= " " and sign not in "\ufffe\uffff")).strip()
    one = Dataset("https://x.cn/d", {"zh": text} if text else {}, {})
    assert reading.read(writing.write(one, form)).datasets == (one,)


@FORMS
@given(text=some.text(min_size=1))
def test_an_address_never_ends_early(form, text):
    """Whatever stands in an address, the document is still one, with one data set and no fact more."""
    one = Dataset("https://x.cn/d", {}, {}, landing_page="https://x.cn/" + text.encode(errors="ignore").decode())
    (found,) = reading.read(writing.write(one, form)).datasets
    assert replace(found, landing_page="") == replace(one, landing_page="")


# --- the shapes -------------------------------------------------------------------------------------------------------
def shapes(*names):
    """Shapes of a release. Its halves name parts that neither holds, at which the validator would stop: left out."""
    graph = Graph()
    for name in names:
        graph.parse(GIVEN / name)
    for triple in list(graph.triples((None, SH.property, None))):
        if (triple[2], SH.path, None) not in graph:
            graph.remove(triple)
    return graph


AP = "dcat-ap/releases/"
SHAPES = {
    "3.0.1": (AP + "3.0.1/shacl/dcat-ap-SHACL.ttl", AP + "3.0.1/shacl/ranges.ttl"),
    "3.0.1 page": (AP + "3.0.1/html/shacl/shapes.ttl", AP + "3.0.1/html/shacl/range.ttl"),
    "3.0.1 addresses": (AP + "3.0.1/html/shacl/deprecateduris.ttl",),
    "3.0.0": (AP + "3.0.0/shacl/dcat-ap-SHACL.ttl",), "ckan": ("ckanext-dcat/shacl/dcat-ap_3_shacl_shapes.ttl",),
}  # fmt: skip


@there
@FORMS
@pytest.mark.parametrize("release", SHAPES)
def test_the_shapes_of_dcat_ap_3_are_met(form, release):
    kinds = {"jsonld": "json-ld", "ttl": "turtle", "rdf": "xml"}
    graph = Graph().parse(data=writing.write(WHOLE, form), format=kinds[form])
    met, _graph, said = validate(graph, shacl_graph=shapes(*SHAPES[release]), inference="rdfs")
    assert met, said


@there
def test_the_recommendations_are_followed():
    """Except what nobody here knows of a place, a licence, an office and an interface."""
    graph = Graph().parse(data=writing.write(WHOLE, "ttl"), format="turtle")
    _met, report, _said = validate(graph, shacl_graph=shapes(AP + "3.0.1/html/shacl/shapes_recommended.ttl"))
    left = {(str(focus).rpartition("/")[2], str(path).rpartition("/")[2].rpartition("#")[2])
            for result, focus in report.subject_objects(SH.focusNode) for path in report.objects(result, SH.resultPath)}  # fmt: skip
    assert left == {
        ("620981000000", "bbox"), ("620981000000", "centroid"), ("", "type"), ("1", "type"), ("api", "keyword"),
        ("api", "theme"), ("api", "availability"), ("csv", "availability"),
    }  # fmt: skip


@there
def test_the_shapes_find_what_is_missing():
    """The check checks: without title and with a publisher that is no agent the shapes are not met."""
    bare = Catalogue("https://x.cn/data", {}, {}, datasets=(Dataset("https://x.cn/d", {}, {}),))
    graph = Graph().parse(data=writing.write(bare, "ttl"), format="turtle")
    met, _graph, said = validate(graph, shacl_graph=shapes(*SHAPES["3.0.1"]), inference="rdfs")
    assert not met
    assert "title" in said


# --- what others write ------------------------------------------------------------------------------------------------
@there
def test_the_catalogue_of_ckan_is_read():
    found = reading.read((GIVEN / "ckanext-dcat/examples/dcat/catalog.rdf").read_bytes())
    assert (found.iri, found.title, found.modified) == (
        "https://data.some.org/catalog", {"": "An example catalog"}, datetime(2013, 5, 22, 9, 38, 45, tzinfo=UTC),
    )  # fmt: skip
    first, second = found.datasets
    assert first.title == {"": "Example dataset 1"}
    assert first.keywords == (("", "pollution"), ("", "stats"))
    assert first.publisher == Agent({"": "Publishing Organization for dataset 1"}, email="contact@some.org")
    assert {(one.media_type, one.format, one.download[-5:]) for one in first.distributions} == {
        ("text/csv", "", "1.csv"), ("", "application/pdf", "2.pdf"), ("", "", ""),
    }  # fmt: skip
    assert [one.license for one in first.distributions] == [License("https://data.some.org/link/to/license")] * 3
    assert [one.license for one in second.distributions] == [None, None]
    assert second.issued == date(2012, 6, 21)


@there
def test_the_data_json_of_the_united_states_is_read():
    (one,) = reading.read((GIVEN / "ckanext-dcat/examples/dcat/catalog_pod.jsonld").read_bytes()).datasets
    assert one.title == {"": "U.S. Widget Manufacturing Statistics"}
    assert one.publisher == Agent({"": "Widget Services"}, email="widget.services@agency.gov")
    assert {one.format for one in one.distributions} == {"Zipped CSV", "CSV", "JSON", "API"}


@there
def test_a_data_set_of_ckan_is_read():
    (one,) = reading.read((GIVEN / "ckanext-dcat/examples/dcat/dataset.rdf").read_bytes()).datasets
    assert one.title == {"": "Zimbabwe Regional Geochemical Survey."}
    assert one.publisher.identifier == "https://ror.org/05wg1m734"
    assert (one.rights, [way.format for way in one.distributions]) == ("public", ["HTML"])


@there
def test_a_broken_example_is_refused_with_its_line():
    """The example of health data, as published, uses a prefix it never declared."""
    with pytest.raises(reading.Unreadable, match='line 158.*"healthdcatap:" not bound'):
        reading.read((GIVEN / "ckanext-dcat/examples/dcat/dataset.ttl").read_bytes())


# --- bad input --------------------------------------------------------------------------------------------------------
BILLION = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&b;</rdf:RDF>"""


@pytest.mark.parametrize(("content", "media_type", "word"), [
    (b'{"@context": "http://127.0.0.1:1/context.jsonld", "@type": "Catalog"}', "", "127.0.0.1:1"),
    (b'{"@context": {"d": {"@id": "http://x/d", "@context": ["http://10.0.0.1/"]}}, "d": 1}', "", "10.0.0.1"),
    (b'{"@context": {"@version": 1.1, "@import": "http://10.0.0.2/"}, "d": 1}', "", "10.0.0.2"),
    (b'[{"@id": "http://x/", "x": [{"@context": "http://10.0.0.3/"}]}]', "", "10.0.0.3"),
    (BILLION, "application/rdf+xml", "DOCTYPE"),
    (BILLION.decode().encode("utf-16"), "application/rdf+xml", "DOCTYPE"),
    (b"{", "", "RDF"), (b"", "", "dcat:Catalog"), (b"\xff\xfe\x00", "", "RDF"), (b"<html>", "text/html", "RDF"),
    (b"[" * 100_000, "", "RDF"), (b"1", "application/json", "JSON-LD"), (b'"x"', "application/ld+json", "JSON-LD"),
    (b"<http://x/a> <http://x/b> <http://x/c> .", "text/turtle", "dcat:Catalog"),
    (b"@prefix a: <http://x/> . a:b a:c [[[", "text/turtle", "RDF"),
    (b"<rdf:RDF><broken>", "application/rdf+xml", "RDF"),
], ids=range(16))  # fmt: skip
def test_what_is_no_catalogue_is_refused_in_words(content, media_type, word, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("something was fetched"))
    with pytest.raises(reading.Unreadable) as caught:
        reading.read(content, media_type)
    assert word in caught.value.zh
    assert word in caught.value.en


def test_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "LONGEST", 10)
    with pytest.raises(reading.Unreadable, match="10"):
        reading.read(b" " * 11)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST", 5)
    with pytest.raises(reading.Unreadable, match="5"):
        reading.read(writing.write(WHOLE, "ttl"))


@pytest.mark.parametrize(("text", "found"), [
    ("2026", date(2026, 1, 1)), ("2026-05", date(2026, 5, 1)), ("2026-05-06", date(2026, 5, 6)), ("soon", None), ("", None),
    ("2026-05-06T07:08:09Z", datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)), ("2026-13-01", None), ("R/P1Y", None),
])  # fmt: skip
def test_moments(text, found):
    assert reading.moment(text) == found


# --- CSV on the Web ---------------------------------------------------------------------------------------------------
COLUMNS = (
    Column("编号", {"zh": "机井编号", "en": "Well"}, "string", required=True, length=6),
    Column("depth-m", {"zh": "深度"}, "decimal", "m"), Column("_built", {"zh": "建成"}, "date"),
    Column("n", {"zh": "水泵"}, "integer"), Column("used", {"zh": "在用"}, "boolean"), Column("at", {"zh": "时间"}, "dateTime"),
)  # fmt: skip


def table(folder, line):
    """A reader of CSVW, not ours, on a file of one line with our metadata beside it."""
    (folder / "wells.csv").write_text("机井编号,深度,建成,水泵,在用,时间\n" + line + "\n")
    beside = folder / ("wells.csv" + csvw.ENDING)
    beside.write_bytes(csvw.metadata(HOUSE, COLUMNS, url="wells.csv"))
    return csvw_library.CSVW(str(beside), validate=True)


def test_csvw_says_what_the_columns_are(tmp_path):
    found = table(tmp_path, "J-001,12.50,2020-05-06,2,true,2026-11-29T08:30:00Z")
    assert found.is_valid, [str(one.message) for one in found.warnings]
    (row,) = found.tables[0].iterdicts(strict=False)
    assert list(row.values()) == [
        "J-001", Decimal("12.50"), datetime(2020, 5, 6), 2, True,  # noqa: DTZ001 - a day, as that reader gives it
        datetime(2026, 11, 29, 8, 30, tzinfo=UTC),
    ]  # fmt: skip
    said = json.loads(csvw.metadata(HOUSE, COLUMNS, url="wells.csv", keys=("编号", "_built")))
    assert said["tableSchema"]["primaryKey"] == ["%E7%BC%96%E5%8F%B7", "%5Fbuilt"]
    assert found.common_props["dc:identifier"] == "307001/12"


@pytest.mark.parametrize("line", [
    "J-0000001,1,2020-05-06,2,true,", ",1,2020-05-06,2,true,", "J-1,deep,,,,", "J-1,,2020-13-06,,,", "J-1,,,2.5,,",
    "J-1,,,,perhaps,", "J-1,,,,,soon",
])  # fmt: skip
def test_csvw_finds_what_does_not_fit(tmp_path, line):
    assert table(tmp_path, "J-1,1,2020-05-06,2,true,").is_valid
    assert not table(tmp_path, line).is_valid


# --- schema.org -------------------------------------------------------------------------------------------------------
def test_schema_org():
    said = json.loads(schema_org.dataset(HOUSE, catalogue="https://x.cn/data"))
    assert {name: said[name] for name in ("@type", "name", "license", "identifier", "keywords", "temporalCoverage")} == {
        "@type": "Dataset", "name": '机井 <登记> "表"', "license": "https://creativecommons.org/licenses/by/4.0/",
        "identifier": "307001/12", "keywords": ["机井", "水"], "temporalCoverage": "2020-01-01/2026-11-28",
    }  # fmt: skip
    assert said["distribution"] == [{
        "@type": "DataDownload", "name": "CSV 文件", "encodingFormat": "text/csv", "contentSize": "1234 B",
        "contentUrl": "https://x.cn/data/wells.csv", "sha256": "0a" * 32,
    }]  # fmt: skip
    assert said["variableMeasured"][1] == {"@type": "PropertyValue", "name": "列 0", "unitText": "m³"}
    assert said["includedInDataCatalog"]["url"] == "https://x.cn/data"
    assert json.loads(schema_org.dataset(HOUSE, language="en"))["name"] == "Wells & pumps"
    assert json.loads(schema_org.dataset(Dataset("https://x.cn/d", {"fr": "x"}, {}))) == {
        "@context": "https://schema.org/", "@type": "Dataset", "@id": "https://x.cn/d", "name": "x", "url": "https://x.cn/d",
        "isAccessibleForFree": True,
    }  # fmt: skip
