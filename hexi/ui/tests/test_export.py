"""Exported lists: formulas disarmed, everything asked for in the address, values of the right type."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from markupsafe import Markup
from openpyxl import load_workbook

from hexi.ui import export
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column
from hexi.ui.tests.make import make_groups, make_request

EVIL = ['=HYPERLINK("http://evil")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]


def workbook(rows, heads=("x",)):
    sheet = load_workbook(BytesIO(export.xlsx(list(heads), rows))).active
    return [list(row) for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", EVIL)
def test_xlsx_stores_formulas_as_text(text):
    [_head, [cell]] = workbook([[text]])
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value.strip() == text.strip()


def test_xlsx_file_holds_no_formula():
    import zipfile

    archive = zipfile.ZipFile(BytesIO(export.xlsx(["=1+1"], [[text] for text in EVIL])))
    assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_xlsx_leaves_other_values_alone():
    [_head, cells] = workbook([["王", 12, Decimal("12.50"), date(2026, 11, 24), "1-2"]], heads="abcde")
    assert [cell.value for cell in cells] == ["王", 12, 12.5, datetime(2026, 11, 24), "1-2"]  # noqa: DTZ001 Excel knows no zones
    assert cells[0].quotePrefix is False


def test_xlsx_survives_control_signs():
    [_head, [cell]] = workbook([["a\x00\x08b"]])
    assert cell.value == "ab"


@pytest.mark.parametrize("text", EVIL)
def test_csv_puts_an_apostrophe_before_formulas(text):
    assert export.disarm(text) == "'" + text


@pytest.mark.parametrize("value", ["王", "1-2", 5, -5, None, ""])
def test_csv_leaves_other_values_alone(value):
    assert export.disarm(value) == value


def row(**values):
    return SimpleNamespace(**values)


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("text", "王", "王"),
        ("text", None, ""),
        ("text", Markup("<b>王</b>"), "王"),
        ("text", True, "True"),
        ("tag", ("done", "已办结"), "已办结"),
        ("money", 1250, Decimal("12.5")),
        ("number", 7, 7),
        ("day", date(2026, 11, 24), date(2026, 11, 24)),
        ("moment", datetime(2026, 11, 24, 16, 0, tzinfo=UTC), datetime(2026, 11, 25, 0, 0)),  # noqa: DTZ001
    ],
)
def test_plain_values(kind, value, written):
    assert export.plain(Column("x", "X", kind=kind), row(x=value)) == written


def test_file_name_is_safe(monkeypatch):
    monkeypatch.setattr(export, "now", lambda: datetime(2026, 11, 24, 17, tzinfo=UTC))
    assert export.file_name("../待办 件", "csv") == "待办 件-20261125.csv"
    assert export.file_name("///", "xlsx") == "list-20261125.xlsx"


GROUPS = ListPage(
    title="小组",
    columns=(Column("name", "名称", sort="name"),),
    search=lambda queryset, text: queryset.filter(name__contains=text),
    per_page=1,
)


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.django_db
def test_csv_has_all_pages_of_what_is_asked_in_its_order():
    make_groups("ab", "b", "a", "=ba")
    response = GROUPS.respond(make_request("/?q=a&sort=-name&export=csv"), Group.objects.all())
    text = body(response).decode()
    assert text.startswith("\ufeff")
    rows = [line[0] for line in csv.reader(StringIO(text[1:]))]
    assert (rows[0], set(rows[1:])) == ("名称", {"ab", "a", "'=ba"})
    assert [row for row in rows if row in ("a", "ab")] == ["ab", "a"]
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.django_db
def test_xlsx_has_all_rows(django_assert_num_queries):
    make_groups("c", "b", "a")
    with django_assert_num_queries(1):
        response = GROUPS.respond(make_request("/?export=xlsx"), Group.objects.order_by("name"))
    sheet = load_workbook(BytesIO(body(response))).active
    assert [cell.value for cell in sheet["A"]] == ["名称", "a", "b", "c"]


@pytest.mark.django_db
def test_export_is_capped(monkeypatch):
    make_groups("c", "b", "a")
    monkeypatch.setattr(export, "LARGEST", 2)
    response = GROUPS.respond(make_request("/?export=csv"), Group.objects.order_by("name"))
    assert body(response).decode().split() == ["\ufeff名称", "a", "b"]


@pytest.mark.django_db
def test_export_is_told_to_whom_it_concerns():
    told = []
    page = ListPage(title="x", columns=GROUPS.columns, on_export=lambda request, count: told.append(count))
    make_groups("a", "b")
    page.respond(make_request("/?export=csv"), Group.objects.all())
    assert told == [2]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/?export=pdf", "/?export="])
def test_unknown_formats_show_the_page(address):
    assert b"<html" in GROUPS.respond(make_request(address), Group.objects.all()).content


@pytest.mark.django_db
def test_export_can_be_closed():
    page = ListPage(title="x", columns=GROUPS.columns, export=False)
    make_groups("a")
    response = page.respond(make_request("/?export=csv"), Group.objects.all())
    assert response["Content-Type"].startswith("text/html")
    assert "export=xlsx" not in response.content.decode()
