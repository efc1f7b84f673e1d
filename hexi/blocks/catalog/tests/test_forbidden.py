"""Numbers and the health of persons leave with no open data set: not by a column, nor in a cell of figures or text."""

import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from openpyxl import load_workbook

from hexi.blocks.catalog import describing, matching
from hexi.blocks.catalog.models import Item
from hexi.blocks.catalog.queries import opened, portal
from hexi.blocks.catalog.store.grammar import Fault, parse
from hexi.blocks.catalog.tests.browse import client_of, text_of
from hexi.blocks.catalog.tests.make import make_draft, make_entry, make_steward, revised
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows

pytestmark = pytest.mark.django_db
OPEN = {"sensitivity": "public", "open": True}
FIRST = {"name": "shop", "title": "店名", "type": "C", **OPEN}
MOBILE, OTHER, ABROAD = 13912345678, 13812345679, 8613712345670
#: a number of a person in a column of whole numbers that is called like nothing of the kind
ROWS = f"shop,contact,floor\n甲,{MOBILE},3\n乙,{OTHER},5\n丙,{ABROAD},7\n丁,25000000001,9\n"


def column(**said):
    return {"name": "x", "title": "列", "type": "C", **OPEN, **said}


def refused(**said):
    with pytest.raises(ValidationError) as caught:
        make_draft(items=[FIRST, column(**said)])
    return " ".join(caught.value.message_dict["items"])


# --- columns ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("said", [
    {"name": "illness", "title": "健康状况"}, {"title": "联系方式"}, {"name": "mobile"}, {"title": "手机", "type": "I"},
    {"title": "账户", "title_en": "Bank account"}, {"title": "身份证号", "personal": True, "mask": "part"},
])  # fmt: skip
def test_one_called_like_a_forbidden_one_is_not_opened(said):
    assert "个人的这些信息不开放" in refused(**said)
    assert make_draft(items=[FIRST, column(**said) | {"open": False}]).items.count() == 2


def test_of_a_body_it_is_opened_with_the_reason_which_is_kept():
    entry = make_entry(items=[FIRST, column(name="bank_account", title="对公账号", of_body="单位的收款账号，依法公示")])
    assert [one.name for one in opened.items_of(portal.open_entry(entry.slug))] == ["shop", "bank_account"]
    assert entry.current.content["items"][1]["of_body"] == "单位的收款账号，依法公示"
    assert Item.objects.get(entry=entry, name="bank_account").of_body == "单位的收款账号，依法公示"
    reader = client_of(make_steward(entry.provider, "data_reader"))
    assert "说的是单位：单位的收款账号，依法公示" in text_of(reader.get(f"/work/catalog/{entry.pk}/"))
    assert "不能又写说的是单位" in refused(title="手机", personal=True, mask="part", of_body="公司的")
    with pytest.raises(ValidationError, match="个人的这些信息不开放"):
        revised(entry, items=[FIRST, column(name="bank_account", title="对公账号")])


def test_one_that_was_opened_before_leaves_no_more():
    entry = make_entry(items=[FIRST, column(name="illness", title="健康状况", open=False)])
    entry.items.update(open=True)
    assert [one.name for one in opened.items_of(portal.open_entry(entry.slug))] == ["shop"]
    entry.items.update(of_body="医院的", personal=True)
    assert [one.name for one in opened.items_of(portal.open_entry(entry.slug))] == ["shop"]


def test_columns_of_a_file_are_ticked_as_personal_beforehand():
    fields = [{"name": name, "type": "C", "length": 20, "required": False} for name in ("手机号", "店名", "联系方式")]
    assert [(one["title"], one["personal"]) for one in matching.items_for(fields, [])] == [
        ("手机号", True), ("店名", False), ("联系方式", True),
    ]  # fmt: skip


# --- cells ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def shops():
    fresh_folder()
    items = [FIRST, column(name="contact", title="号", type="I"), column(name="floor", title="层", type="I")]
    entry = make_entry(items=items)
    make_rows(entry, ROWS)
    assert opened.source_of(portal.open_entry(entry.slug)).columns[1].type == "I"
    return entry


def told(path):
    response = Client().get(path)
    assert response.status_code == 200, path
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_whole_numbers_leave_by_no_way(shops):
    base = f"/data/{shops.slug}/"
    resource = describing.resource_id(portal.open_entry(shops.slug), "csv")
    ways = [
        base, f"{base}rows.csv", f"{base}rows.json", f"{base}rows.csv-metadata.json", f"{base}schema.jsonld",
        f"{base}chart/?by=contact", f"{base}chart/?by=shop&do=count", f"/api/3/action/datastore_search?resource_id={resource}",
        f"/api/3/action/datastore_search?resource_id={resource}&q=甲&sort=contact%20desc", f"/dataset/{shops.slug}.jsonld",
        "/catalog.ttl", f"/api/3/action/package_show?id={shops.slug}",
    ]  # fmt: skip
    for path in ways:
        text = told(path).decode()
        for number in (MOBILE, OTHER, ABROAD):
            assert str(number) not in text, path
            assert f"{number:,}" not in text, path
    assert "25000000001" in told(f"{base}rows.csv").decode()
    assert [one["contact"] for one in json.loads(told(f"{base}rows.json"))] == [None, None, None, 25000000001]
    sheet = load_workbook(io.BytesIO(told(f"{base}rows.xlsx"))).active
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == [None, None, None, 25000000001]
    parquet = pytest.importorskip("pyarrow.parquet").read_table(io.BytesIO(told(f"{base}rows.parquet")))
    assert parquet.column(1).to_pylist() == [None, None, None, 25000000001]


def asked(entry, **said):
    found = portal.open_entry(entry.slug)
    return found, parse(said, opened.columns_of(found))


def test_nor_are_they_found_out_by_asking(shops):
    for where in (
        {"field": "contact", "op": "=", "value": MOBILE}, {"field": "contact", "op": "in", "value": [1, MOBILE]},
        {"field": "contact", "op": ">=", "value": MOBILE},
    ):  # fmt: skip
        with pytest.raises(Fault, match="不能按证件号"):
            opened.rows(*asked(shops, where=where))
    above = {"field": "contact", "op": ">=", "value": 12_999_999_999}
    assert [row[0] for row in opened.rows(*asked(shops, where=above)).rows] == ["丁"]
    assert [row[0] for row in opened.rows(*asked(shops, where={"not": above})).rows] == ["甲", "乙", "丙"]
    for do in ("sum", "avg", "min", "max"):
        figures = {"group": ["shop"], "aggregates": [{"do": do, "field": "contact", "as": "n"}]}
        with pytest.raises(Fault, match="不能计算"):
            opened.groups(*asked(shops, **figures))
    plain = {
        "group": [],
        "aggregates": [{"do": "sum", "field": "floor", "as": "n"}, {"do": "count", "field": "contact", "as": "m"}],
    }
    assert opened.groups(*asked(shops, **plain)) == [(24, 4)]


def test_a_quantity_says_its_unit_and_is_told():
    fresh_folder()
    entry = make_entry(items=[FIRST, column(name="gdp", title="产值", type="I", unit="元")])
    make_rows(entry, f"shop,gdp\n甲,{MOBILE}\n乙,20000000000\n")
    assert [row[1] for row in opened.rows(*asked(entry)).rows] == [MOBILE, 20_000_000_000]
    above = {"field": "gdp", "op": ">", "value": 13_900_000_000}
    assert len(opened.rows(*asked(entry, where=above)).rows) == 2
    most = {"aggregates": [{"do": "max", "field": "gdp", "as": "n"}]}
    assert opened.groups(*asked(entry, **most)) == [(20_000_000_000,)]
