"""Files of others: encodings, signs, sheets, JSON, Parquet; bombs and formulas; types inferred; what is wrong, told."""

import gc
import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.catalog.store import checking, files, loading, options, reading
from hexi.blocks.catalog.store.checking import Bad, Field
from hexi.blocks.catalog.store.engine import Query, Stored, rows
from hexi.kernel.options import override

TEXT = '编号,名称,日期,金额\n001,酒泉站,2026-01-31,12.50\n002,"瓜州,站",2026/2/1,"¥1,300"\n'


def make_file(folder, content, name="rows.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path, name="", inside=""):
    with reading.opened(path, name or path.name, inside=inside) as table:
        return table, [(line, tuple(row)) for line, row in table.lines]


def book(*lines):
    made = openpyxl.Workbook()
    for line in lines:
        made.active.append(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


WANTED = [(2, ("001", "酒泉站", "2026-01-31", "12.50")), (3, ("002", "瓜州,站", "2026/2/1", "¥1,300"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path, encoding):
    table, lines = read(make_file(tmp_path, TEXT.encode(encoding)))
    assert (table.names, lines) == (("编号", "名称", "日期", "金额"), WANTED)


def test_gb18030_that_begins_with_letters_alone(tmp_path):
    content = "id,name\n" + "".join(f"{number},abc\n" for number in range(200_000)) + "7,酒泉\n"
    table, lines = read(make_file(tmp_path, content.encode("gb18030")))
    assert (table.encoding, lines[-1]) == ("gb18030", (200_002, ("7", "酒泉")))


@pytest.mark.parametrize(("sign", "name"), [(";", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt"), ("，", "a.csv")])
def test_delimiters(tmp_path, sign, name):
    table, lines = read(make_file(tmp_path, f"a{sign}b{sign}c\n1,5{sign}2,5{sign}3\n", name))
    assert (table.names, lines) == (("a", "b", "c"), [(2, ("1,5", "2,5", "3"))])


def test_lines_are_those_of_the_file(tmp_path):
    _table, lines = read(make_file(tmp_path, 'a,b\n\n1,"two\nlines"\n3,4\n'))
    assert lines == [(3, ("1", "two\nlines")), (5, ("3", "4"))]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空的"), (b"\x00\x01\x02" * 50, "不是文本"), (b"a,b\n" + bytes(range(128, 256)) * 400, "编码不对"),
        (b"\n\n", "名称"), (b"a,,c\n1,2,3\n", "第 2 列没有名称"), (b"a,a\n1,2\n", "都叫“a”"),
        (",".join(f"c{n}" for n in range(301)), "最多 300 列"), ("x" * 61 + ",b\n", "第 1 列"),
        ('a,b\n1,"' + "x\n" * 90_000, "从第 2 行起读不出"),
        ("[1, 2", "不是完整的 JSON"), ('{"a": 5}', "找不到记录"), ("[]", "没有记录"), ('[{"a": NaN}]', "不是完整的 JSON"),
        ("[" * 100_000, "不是完整的 JSON"), (b"PK\x03\x04broken", "打不开"), (b"PAR1broken", "打不开"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(tmp_path, content, sentence):
    name = "rows.json" if isinstance(content, str) and content[:1] in "[{" else "rows.csv"
    with pytest.raises(ValidationError) as caught:
        read(make_file(tmp_path, content, name))
    assert sentence in caught.value.message_dict["file"][0]


def test_a_file_too_large_and_rows_too_many(tmp_path):
    path = make_file(tmp_path, TEXT)
    with override(options.BYTES, 10), pytest.raises(ValidationError, match="太大"):
        read(path)
    with override(options.ROWS, 1), reading.opened(path) as table, pytest.raises(ValidationError, match="最多 1 行"):
        list(reading.pieces(table.lines))


def test_a_sheet(tmp_path):
    content = book(
        ["编号", "时刻", "数", None],
        ["001", datetime.fromisoformat("2026-01-31T09:30"), 2.0],
        [None],
        ["002", date(2026, 2, 1), "=1+1"],
    )
    table, lines = read(make_file(tmp_path, content, "rows.xlsx"))
    assert table.names == ("编号", "时刻", "数")
    assert lines[0] == (2, ("001", datetime.fromisoformat("2026-01-31T09:30"), 2))
    assert (lines[1][0], str(lines[1][1][2])) == (4, "=1+1")
    fields = (Field("编号"), Field("时刻", "T"), Field("数", "I"))
    _columns, bads = checking.convert(fields, lines, (0, 1, 2))
    assert bads == [Bad(4, "数", "=1+1", "formula")]


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    with pytest.raises(ValidationError, match="解压后太大"):
        read(make_file(tmp_path, out.getvalue(), "rows.xlsx"))


def test_a_row_that_claims_a_number_beyond_every_sheet_is_refused(tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(["a"], ["1"]))) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            new.writestr(
                one, old.read(one).replace(b'<row r="2"', b'<row r="9000000000"').replace(b'"A2"', b'"A9000000000"')
            )
    with pytest.raises(ValidationError, match="打不开"):
        read(make_file(tmp_path, target.getvalue(), "rows.xlsx"))


@pytest.mark.parametrize(("name", "head"), [("rows.csv", "a,b\n" * 60), ("rows.ndjson", '{"a": 1}\n' * 60)])
def test_a_line_without_an_end_is_not_read_whole(tmp_path, monkeypatch, name, head):
    monkeypatch.setattr(reading, "LINE", 50)
    with pytest.raises(ValidationError, match="第 61 行太长"):
        read(make_file(tmp_path, head + "[" + "1," * 100, name))


def test_json_that_would_fill_the_memory_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="JSON 文件太大"):
        read(make_file(tmp_path, "[" + "{}," * 7_000_000 + "{}]", "rows.json"))


@pytest.mark.parametrize(
    ("content", "name", "inside"),
    [
        ([{"a": 1, "b": "x"}, {"a": 2, "c": [1]}], "rows.json", ""),
        ({"count": 2, "results": [{"a": 1, "b": "x"}, {"a": 2, "c": [1]}]}, "rows.json", ""),
        ({"data": {"other": [], "items": [{"a": 1, "b": "x"}, {"a": 2, "c": [1]}]}}, "rows.json", "data.items"),
        ('{"a": 1, "b": "x"}\n\n{"a": 2, "c": [1]}\n', "rows.ndjson", ""),
    ],
)
def test_json(tmp_path, content, name, inside):
    text = content if isinstance(content, str) else json.dumps(content)
    table, lines = read(make_file(tmp_path, text, name), inside=inside)
    assert table.names == ("a", "b", "c")
    assert [row for _line, row in lines] == [(1, "x", None), (2, None, "[1]")]


def test_json_rows_that_are_none_are_bad_rows(tmp_path):
    content = '{"a": 1}\n{"a": 2}\n[5]\n{"a": \n{"a": 3, "z": 1}\n'
    table, lines = read(make_file(tmp_path, content, "rows.ndjson"))
    _columns, bads = checking.convert((Field("a", "I"),), lines, (0,))
    assert [(bad.line, bad.reason) for bad in bads] == [(3, "formula"), (4, "formula"), (5, "width")]


def test_parquet_goes_out_and_comes_back(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    moment = datetime.fromisoformat("2026-01-31T09:30")
    table = pa.table(
        {"n": [1, None], "at": [moment, None], "d": [date(2026, 1, 31), None], "l": [[1, 2], None], "b": [True, None]}
    )
    parquet.write_table(table, path)
    found, lines = read(path)
    assert found.names == ("n", "at", "d", "l", "b")
    assert lines == [(1, (1, moment, date(2026, 1, 31), "[1, 2]", True)), (2, (None,) * 5)]


@pytest.mark.parametrize("how", [{}, {"use_dictionary": False, "column_encoding": {"a": "DELTA_BYTE_ARRAY"}}])
def test_a_parquet_bomb_is_not_unpacked(tmp_path, how):
    """Four hundred rows of one long word: some kilobytes on the disk, hundreds of megabytes as texts."""
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    parquet.write_table(pa.table({"a": ["x" * 1_000_000] * 400}), path, compression="zstd", **how)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ValidationError, match="展开后太大"):
        read(path)


def test_parquet_with_shared_prefixes_is_read(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    table, path = pa.table({"a": [f"第{n}号" for n in range(600)], "b": ["x"] * 600}), tmp_path / "rows.parquet"
    parquet.write_table(table, path, use_dictionary=["b"], column_encoding={"a": "DELTA_BYTE_ARRAY"})
    assert read(path)[1] == [(n + 1, (f"第{n}号", "x")) for n in range(600)]


def test_damaged_parquet_is_told(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "rows.parquet"
    parquet.write_table(pa.table({"a": [f"{n} of many" for n in range(5_000)]}), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[40:9_000] = b"\xff" * 8_960
    with pytest.raises(ValidationError, match="可能已损坏"):
        read(make_file(tmp_path, bytes(content), "torn.parquet"))


# --- types ------------------------------------------------------------------------------------------------------------
CELLS = [
    ("I", "12", 12), ("I", "-1,234", -1234), ("I", "１２", 12), ("I", 2.0, 2), ("I", "2.0", 2), ("I", "9223372036854775807", 2**63 - 1),
    ("N", "1.5e3", 1500.0), ("B", "1,234.5", 1234.5), ("F", 7, 7.0), ("N", "", None), ("N", None, None), ("N", "  ", None),
    ("Y", "¥1,300.5", Decimal("1300.5")), ("Y", "12.3456元", Decimal("12.3456")), ("Y", 12.1, Decimal("12.1")),
    ("D", "2026-01-31", date(2026, 1, 31)), ("D", "2026/1/31", date(2026, 1, 31)), ("D", "2026年1月31日", date(2026, 1, 31)),
    ("D", "20260131", date(2026, 1, 31)), ("D", "2026.1.31", date(2026, 1, 31)), ("D", "2026-01-31 00:00:00", date(2026, 1, 31)),
    ("T", "2026-01-31 09:30", "2026-01-31T09:30"), ("T", "2026/1/31 9:30:05", "2026-01-31T09:30:05"), ("T", "2026-01-31", "2026-01-31T00:00"),
    ("T", "2026-01-31T01:30:00Z", "2026-01-31T09:30"), ("T", "2026年1月31日", "2026-01-31T00:00"),
    ("L", "是", True), ("L", "FALSE", False), ("L", True, True), ("L", "1", True),
    ("C", " 酒泉 ", "酒泉"), ("C", 620902, "620902"), ("C", 2.0, "2"), ("C", "=1+1", "=1+1"),
]  # fmt: skip


@pytest.mark.parametrize(("letter", "cell", "value"), CELLS)
def test_a_cell_becomes_a_value(letter, cell, value):
    wanted = datetime.fromisoformat(value) if letter == "T" else value
    for cells in ([cell], ["", cell]):  # alone, and among others
        columns, bads = checking.convert((Field("a", letter),), [(n, (one,)) for n, one in enumerate(cells)], (0,))
        assert (columns[0][-1], bads) == (wanted, [])
        assert type(columns[0][-1]) is type(wanted)


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        (Field("a", "I"), "1.5", "I"), (Field("a", "I"), "1_000", "I"), (Field("a", "I"), "9223372036854775808", "I"), (Field("a", "I"), True, "I"),
        (Field("a", "N"), "nan", "N"), (Field("a", "B"), "inf", "N"), (Field("a", "N"), "1e999", "N"), (Field("a", "N"), "12a", "N"),
        (Field("a", "Y"), "1.23456", "Y"), (Field("a", "Y"), "1e20", "Y"), (Field("a", "Y"), "NaN", "Y"),
        (Field("a", "D"), "2026-02-30", "D"), (Field("a", "D"), "31/01/2026", "D"), (Field("a", "D"), "2026-01-31 09:30", "D"), (Field("a", "D"), 5, "D"),
        (Field("a", "T"), "9:30", "T"), (Field("a", "T"), "2026-01-31 25:00", "T"), (Field("a", "L"), "也许", "L"),
        (Field("a", "C", 3), "酒泉市区", "length"), (Field("a", "C"), "a\ufffdb", "encoding"), (Field("a", "C"), "a\0b", "encoding"),
        (Field("a", "C", required=True), " ", "required"), (Field("a", "I", required=True), "", "required"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit(field, cell, reason):
    columns, bads = checking.convert(
        (field,), [(7, (cell,)), (8, ("1" if field.type in "INYBL" else "2026-01-31"[: field.length or 10],))], (0,)
    )
    assert [(bad.line, bad.column, bad.reason) for bad in bads] == [(7, "a", reason)]
    assert len(columns[0]) == 1


def test_rows_too_wide_or_too_narrow():
    fields = (Field("a"), Field("b"))
    lines = [(2, ("1",)), (3, ("1", "2", "", "")), (4, ("1", "2", "3")), (5, ("1", "2"))]
    columns, bads = checking.convert(fields, lines, (0, 1))
    assert ([bad.line for bad in bads], columns) == ([2, 4], [["1", "1"], ["2", "2"]])


@pytest.mark.parametrize(
    ("name", "cells", "letter", "length"),
    [
        ("数量", ["1", "2"], "I", None), ("比例", ["1", "2.5"], "N", None), ("金额（元）", ["1", "2.5"], "Y", None),
        ("日期", ["2026-01-31", "2026/2/1"], "D", None), ("时刻", ["2026-01-31 09:30"], "T", None), ("是否", ["是", "否"], "L", None),
        ("区划代码", ["620902", "620921"], "C", 20), ("order_id", ["1", "2"], "C", 20), ("序", ["001", "002"], "C", 20),
        ("号", ["620902198701011234"], "C", 50), ("day", ["20260131", "20260201"], "D", None), ("年", ["2015", "2016"], "I", None),
        ("名称", ["酒泉"], "C", 20), ("说明", ["长" * 1_500], "M", None), ("空", [None, ""], "C", 20), ("电话", ["0937123"], "C", 20),
    ],
)  # fmt: skip
def test_what_a_column_seems_to_be(name, cells, letter, length):
    (field,) = checking.infer((name,), [(n, (cell,)) for n, cell in enumerate(cells)])
    assert (field.type, field.length) == (letter, length)


def test_a_few_bad_cells_do_not_change_what_a_column_seems_to_be():
    lines = [(n, (str(n),)) for n in range(1_000)] + [(1_001, ("坏",))]
    assert checking.infer(("n",), lines)[0].type == "I"


def test_changes_are_told_in_words():
    before = (Field("a", "I"), Field("b", "D"), Field("c"))
    now = (Field("a", "C"), Field("c"), Field("新"))
    assert checking.changes(before, now) == ["少了列“b”", "多了列“新”", "列“a”原是 I，现在像是 C"]
    assert checking.order(before, ("c", "a", "b")) == (1, 2, 0)


# --- loads ------------------------------------------------------------------------------------------------------------
FIELDS = (Field("n", "I", required=True), Field("name", "C", 10), Field("day", "D"))


def load(folder, content, number=1, most_bad=5, **more):
    path = files.place(f"loads-{folder.name}", number)
    with reading.opened(make_file(folder, content)) as table, files.locked(path.parent):
        return path, loading.load(table, FIELDS, path, most_bad=most_bad, **more)


def test_three_bad_rows_in_a_million(tmp_path):
    """Each is kept with its line and reason; the million less three is there."""
    total = 1_000_000
    lines = [f"{number},第{number % 1000}号,2026-01-{number % 28 + 1:02}\n" for number in range(total)]
    lines[7], lines[500_000], lines[999_999] = (
        "x,坏,2026-01-01\n",
        "500000,好,2026-02-30\n",
        "1,太长的名称太长的名称了,\n",
    )
    path, outcome = load(tmp_path, "n,name,day\n" + "".join(lines))
    assert (outcome.rows, outcome.bad) == (total - 3, 3)
    assert outcome.bads == [
        Bad(9, "n", "x", "I"), Bad(500_002, "day", "2026-02-30", "D"), Bad(1_000_001, "name", "太长的名称太长的名称了", "length"),
    ]  # fmt: skip
    stored = Stored(path, tuple(field.column for field in FIELDS), outcome.rows)
    assert rows(stored, Query(limit=1, offset=total - 4)).rows == [
        (999_998, "第998号", date(2026, 1, 999_998 % 28 + 1))
    ]
    assert rows(stored, Query()).total == total - 3
    path.unlink()


def test_too_many_bad_rows_leave_the_version_before(tmp_path):
    old, _outcome = load(tmp_path, "n,name,day\n1,a,\n")
    with pytest.raises(loading.TooManyBad, match="3 行里有 2 行有误") as caught:
        load(tmp_path, "n,name,day\n1,a,\nx,b,\ny,c,\n", 2)
    assert caught.value.outcome.bad == 2
    assert sorted(one.name for one in old.parent.iterdir()) == ["1.parquet", "lock"]


def test_a_load_leaves_the_process_as_it_was(tmp_path):
    """However it ends: while it runs, memory is looked through more rarely."""
    before, during = gc.get_threshold(), []
    load(tmp_path, "n,name,day\n1,a,\n", told=lambda _outcome: during.append(gc.get_threshold()[0]))
    with pytest.raises(loading.TooManyBad):
        load(tmp_path, "n,name,day\nx,a,\n", 2)
    assert during[0] > before[0]
    assert gc.get_threshold() == before


def test_changed_columns_are_refused_in_words(tmp_path):
    with pytest.raises(loading.Changed) as caught:
        load(tmp_path, "n,name,extra\n1,a,b\n")
    assert caught.value.changes == ["少了列“day”", "多了列“extra”"]


def test_columns_in_another_order_are_the_same(tmp_path):
    path, outcome = load(tmp_path, "day,n,name\n2026-01-31,1,a\n")
    stored = Stored(path, tuple(field.column for field in FIELDS), outcome.rows)
    assert rows(stored, Query()).rows == [(1, "a", date(2026, 1, 31))]


def test_a_load_that_breaks_off_leaves_nothing(tmp_path):
    def stop(_outcome):
        raise RuntimeError("power")

    old, _outcome = load(tmp_path, "n,name,day\n1,a,\n")
    with pytest.raises(RuntimeError):
        load(tmp_path, "n,name,day\n1,a,\n", 2, told=stop)
    assert sorted(one.name for one in old.parent.iterdir()) == ["1.parquet", "lock"]


def test_one_writer_at_a_time(tmp_path):
    path = files.place(f"loads-{tmp_path.name}", 1)
    with files.locked(path.parent), pytest.raises(files.Busy):
        load(tmp_path, "n,name,day\n1,a,\n")


def test_a_disk_nearly_full_is_not_filled(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SPARE", 10**18)
    with pytest.raises(OSError, match="space"):
        load(tmp_path, "n,name,day\n1,a,\n")
    assert list(files.place(f"loads-{tmp_path.name}", 1).parent.glob("*.par*")) == []


def test_a_preview_says_what_it_saw(tmp_path):
    with reading.opened(make_file(tmp_path, TEXT.encode("gb18030"))) as table:
        seen = loading.preview(table)
    assert [(field.name, field.type) for field in seen.fields] == [
        ("编号", "C"),
        ("名称", "C"),
        ("日期", "D"),
        ("金额", "Y"),
    ]
    assert (seen.looked_at, seen.encoding, seen.delimiter, seen.rows[0][1]) == (2, "gb18030", ",", "酒泉站")
    with reading.opened(make_file(tmp_path, "a,b\n")) as table, pytest.raises(ValidationError, match="没有数据"):
        loading.preview(table)


def test_nobody_else_on_the_machine_reads_them(tmp_path):
    path, _outcome = load(tmp_path, "n,name,day\n1,a,\n")
    assert [one.stat().st_mode & 0o077 for one in (path.parent, files.folder())] == [0, 0]
