"""Tables people upload: read in the codes and kinds they come in, refused with the way out where they cannot be."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from hexi.ui import sheets
from hexi.ui.sheets import Limits

LIMITS = Limits(bytes=1_000_000, lines=3, columns=3)


def read(name, content, limits=LIMITS):
    return list(sheets.lines(name, content, limits))


def book(*rows):
    made, target = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(target)
    return target.getvalue()


def bomb():
    """A workbook whose sheet inflates to twenty times what a file may have."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 20_000_000)
    return target.getvalue()


def torn():
    """A workbook whose sheet ends in the middle of a row."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(["a"]))) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            new.writestr(one, old.read(one)[: 150 if "sheet1" in one else None])
    return target.getvalue()


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_codes_that_are_written(code):
    assert read("a.CSV", '名称,"两\n行"\r\n镕,\r\n'.encode(code)) == [["名称", "两\n行"], ["镕", ""]]


def test_an_xlsx_reads_as_its_csv():
    from datetime import datetime

    content = book(["a", 2, 2.0], [], [True, None, datetime(2026, 11, 29)])  # noqa: DTZ001 - as Excel has it
    assert read("a.xlsx", content) == [["a", "2", "2"], [], ["1", "", "2026-11-29"]]


def test_empty_lines_and_empty_columns_do_not_count():
    assert len(read("a.csv", b"a\n" + b"\n" * 50 + b"b,,,,,,\nc\n")) == 53


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.txt", b"a", "只收 CSV 或 XLSX 文件"),
        ("a.csv", b"a\n" * 4, "行数太多：一份最多 3 行"),
        ("a.csv", b"1,2,3,4\n", "第 1 行的列太多：最多 3 列"),
        ("a.csv", b"a" * 1_000_001, "文件太大：最多 1 MB"),
        ("a.csv", b'a\n"' + b"x" * 200_000, "第 2 行读不出：有一格太长"),
        ("a.csv", "名称,a".encode("utf-16-le"), "文件的编码不对"),
        ("a.csv", "名称,a".encode("utf-16"), "文件的编码不对"),
        ("a.csv", b"a,\0\n", "文件的编码不对"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\xff", "文件的编码不对"),
        ("a.xlsx", b"PK\x03\x04nothing", "这个 XLSX 文件打不开"),
        ("a.xlsx", book(["a"] * 3)[:-200], "这个 XLSX 文件打不开"),
        ("a.xlsx", torn(), "这个 XLSX 文件打不开"),
        ("a.xlsx", bomb(), "解压后太大"),
        ("a.xlsx", book(["a"], ["b", "=1+1"]), "B2 格是公式"),
        ("a.xlsx", book(*(["a"] for _ in range(4))), "行数太多"),
        ("a.xlsx", book(["a"] * 4), "列太多"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_way_out(name, content, sentence):
    with pytest.raises(ValidationError) as error:
        read(name, content)
    assert (list(error.value.message_dict), sentence in error.value.messages[0]) == (["file"], True)
    assert "请" in error.value.messages[0] or "只收" in error.value.messages[0]


def test_a_sheet_that_claims_a_million_columns_costs_nothing():
    content, target = book(["a", "b"]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            new.writestr(one, old.read(one).replace(b'<dimension ref="A1:B1"', b'<dimension ref="A1:XFD1048576"'))
    assert read("a.xlsx", target.getvalue()) == [["a", "b"]]


def test_a_row_that_claims_a_number_beyond_every_sheet_is_refused():
    content, target = book(["a"], ["b"]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            new.writestr(
                one, old.read(one).replace(b'<row r="2"', b'<row r="9000000000"').replace(b'"A2"', b'"A9000000000"')
            )
    with pytest.raises(ValidationError, match="行数太多"):
        read("a.xlsx", target.getvalue())


def test_csv_alone_where_only_csv_is_wanted():
    with pytest.raises(ValidationError, match="这里只收 CSV"):
        list(sheets.csv_lines(book(["a"]), LIMITS))
