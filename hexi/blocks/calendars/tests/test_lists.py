"""Lists of days people upload: what is read, and what each bad row is told."""

import io
import zipfile
from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from hexi.blocks.calendars import lists, options
from hexi.blocks.calendars.published import Named
from hexi.blocks.calendars.workdays import Kind
from hexi.kernel.options import override

NOTICE = "国办发明电"
GOOD = "日期,类型,名称\n2027-02-05,休息日,春节\n2027/1/31,上班,\n\n2027.2.20,WORK,春节\n"
DAYS = [
    Named(date(2027, 2, 5), Kind.REST, "春节", NOTICE),
    Named(date(2027, 1, 31), Kind.WORK, "", NOTICE),
    Named(date(2027, 2, 20), Kind.WORK, "春节", NOTICE),
]


def xlsx(*rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def refused(content: bytes) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        lists.read(content, NOTICE)
    assert list(caught.value.message_dict) == ["file"]
    return caught.value.message_dict["file"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_of_excel(encoding):
    assert lists.read(GOOD.encode(encoding), NOTICE) == DAYS


def test_xlsx_with_real_dates():
    content = xlsx(
        ["Date", "Kind", "Name"], [datetime.fromisoformat("2027-02-05"), "rest", "春节"], ["2027-01-31", "work", None], [None, None, None],
        [date(2027, 2, 20), "班", " 春节 "],
    )  # fmt: skip
    assert lists.read(content, NOTICE) == DAYS


def test_columns_in_any_order_and_more_of_them():
    assert lists.read("备注,类型,日期\nx,休,2027-02-05\n".encode(), NOTICE) == [
        Named(date(2027, 2, 5), Kind.REST, "", NOTICE)
    ]


def test_every_bad_row_is_named_with_its_line():
    content = (
        "日期,类型,名称\n2027-02-05,休息日,春节\n2027-02-30,休息日,\n2027-03-01,半天,\n2027-02-05,上班,\n1812-01-01,休,\n"
        f"2027-03-02,休,{'长' * 101}\n,休,\n"
    )
    assert refused(content.encode()) == [
        "第 3 行：日期「2027-02-30」不对，请写成 2027-01-31。",
        "第 4 行：类型「半天」不对，请写「放假」或「上班」。",
        "第 5 行：日期 2027-02-05 重复，请只留一行。",
        "第 6 行：日期 1812-01-01 不在 2000 年到 2100 年之间。",
        "第 7 行：名称太长，最多 100 个字。",
        "第 8 行：日期「」不对，请写成 2027-01-31。",
    ]


def test_of_very_many_bad_rows_the_first_are_named():
    told = refused(("日期,类型\n" + "x,休\n" * 25).encode())
    assert told[0].startswith("第 2 行")
    assert told[19:] == ["第 21 行：日期「x」不对，请写成 2027-01-31。", "还有 5 行有问题。"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "第 1 行应是列名，至少有「日期」和「类型」两列。"),
        ("2027-02-05,休".encode(), "第 1 行应是列名，至少有「日期」和「类型」两列。"),
        ("日期,类型\n".encode(), "文件里没有日期。第一行写「日期,类型,名称」，以下每行一天。"),
        (b"\xff\xfe\xff\xff", "读不出这个文件。请用 Excel 或 CSV（UTF-8）格式。"),
        (b"PK\x03\x04 not a zip", "读不出这个文件。请用 Excel 或 CSV（UTF-8）格式。"),
        ("日期,类型\n\x00".encode(), "第 2 行：类型「」不对，请写「放假」或「上班」。"),
    ],
)
def test_files_that_cannot_be_read(content, sentence):
    assert refused(content) == [sentence]


def spoilt(old: bytes, new: bytes) -> bytes:
    """A workbook whose first sheet holds something else."""
    made, book = io.BytesIO(), zipfile.ZipFile(io.BytesIO(xlsx(["日期", "类型"], ["2027-02-05", "休"])))
    with zipfile.ZipFile(made, "w") as copy:
        for name in book.namelist():
            copy.writestr(name, book.read(name).replace(old, new))
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        spoilt(b"</sheetData>", b"<"),
        spoilt(b'r="A2"', b'r="A2" t="d"'),
        "日期,类型\n".encode() + b'"' + b"x" * 140_000,
    ],
    ids=["broken sheet", "cell of another kind", "endless field"],
)
def test_a_file_that_breaks_off_while_it_is_read_is_refused_in_words(content):
    assert refused(content) == ["读不出这个文件。请用 Excel 或 CSV（UTF-8）格式。"]


def test_too_large_and_too_long():
    with override(options.IMPORT_BYTES, 10):
        assert refused(GOOD.encode()) == ["文件太大。最多 10 字节，请拆成几个文件。"]
    with override(options.IMPORT_ROWS, 2):
        assert refused(GOOD.encode()) == ["行数太多。最多 2 行，请拆成几个文件。"]


def test_a_zip_that_inflates_too_far_is_refused():
    book = xlsx(["日期", "类型"], ["2027-02-05", "休" * 30_000])
    assert len(book) < 10_000
    with override(options.IMPORT_BYTES, 10_000):
        assert lists.read(xlsx(["日期", "类型"], ["2027-02-05", "休"]), NOTICE)[0].kind == Kind.REST
        with override(options.IMPORT_BYTES, len(book)):
            assert refused(book) != []
