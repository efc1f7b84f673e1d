"""What others send as rows: CSV, XLSX, JSON and Parquet read in pieces, bounded, each row with its place in the file.

A file is never trusted: an encoding is found by counting what does not fit, an archive is measured before it is
unpacked, a formula is no value. What is wrong with the whole file is a `ValidationError`, with one row a `Bad` row.
"""

import codecs
import csv
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.catalog.store import files, options

#: rows of a piece; columns a table may have; letters of a name, and of a line of text
PIECE, COLUMNS, NAME, LINE = 20_000, 300, 60, 5_000_000
#: bytes of JSON that are read at once (as objects they take twenty times that); bytes an XLSX may inflate to, and to
#: how many times its size; the last row a sheet has in any program (ISO/IEC 29500, as Excel holds it)
JSON_BYTES, INFLATED, RATIO, LAST_ROW = 20_000_000, 200_000_000, 200, 1_048_576
#: rows of a Parquet file unpacked at once, and the bytes a piece of them may come to: a dictionary or a shared prefix
#: makes gigabytes of a small file
BATCH, PIECE_BYTES = 250, 200_000_000
DELIMITERS = ",\t;|，"
#: what a byte that fits no encoding is read as
WRONG = "\ufffd"
FORMATS = ("csv", "txt", "tsv", "xlsx", "json", "ndjson", "jsonl", "parquet")

Line = tuple[int, Sequence[Any]]


class Formula:
    """A cell that is a formula or an error: what it comes to may not even be in the file."""

    def __init__(self, text: Any):
        self.text = str(text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Table:
    """A table being read: names of its columns, and its rows with the line (or record) each stands in."""

    names: tuple[str, ...]
    lines: Iterator[Line]
    encoding: str = ""
    delimiter: str = ""


def bad(sentence: str) -> ValidationError:
    """A file that is refused."""
    return ValidationError({"file": sentence})


@contextmanager
def opened(path: Path, name: str = "", *, inside: str = "") -> Iterator[Table]:
    """Open a file by what is in it, not by its name. `inside`: where in a JSON document the list is ("data.items").

    Raises `ValidationError` under "file", perhaps on the way.
    """
    if path.stat().st_size > options.BYTES.value:
        raise bad(
            _("文件太大：最多 %(n)s MB。请分成几份，或改用数据库对接。") % {"n": options.BYTES.value // 1_000_000}
        )
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise bad(_("文件是空的。请检查后再上传。"))
    if head == b"PAR1":
        with _parquet(path) as table:
            yield table
    elif head[:2] == b"PK":
        yield _xlsx(path)
    elif _is_json(path, name):
        yield _json(path, inside)
    else:
        with _csv(path) as table:
            yield table


def pieces(lines: Iterator[Line], size: int = PIECE) -> Iterator[list[Line]]:
    """The rows in lists. Raises `ValidationError` beyond the number of rows a data set may have."""
    read = 0
    while piece := list(islice(lines, size)):
        read += len(piece)
        if read > options.ROWS.value:
            raise bad(_("行数太多：一个数据集最多 %(n)s 行。请分成几个数据集。") % {"n": f"{options.ROWS.value:,}"})
        yield piece


def _head(given: Sequence[Any]) -> tuple[str, ...]:
    names = [str(name if name is not None else "").strip() for name in given]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise bad(_("第一行应该是各列的名称，这里是空的。请加上列名再上传。"))
    if len(names) > COLUMNS:
        raise bad(_("列太多：最多 %(n)s 列。请删去不用的列。") % {"n": COLUMNS})
    for number, name in enumerate(names, 1):
        if not name:
            raise bad(_("第 %(n)s 列没有名称。请在第一行写上。") % {"n": number})
        if len(name) > NAME or WRONG in name or "\0" in name:
            raise bad(_("第 %(n)s 列的名称读不出，或者超过 %(most)s 个字。请改短。") % {"n": number, "most": NAME})
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise bad(_("有两列都叫“%(name)s”。请改成不同的名称。") % {"name": twice[0]})
    return tuple(names)


# --- CSV --------------------------------------------------------------------------------------------------------------
@contextmanager
def _csv(path: Path) -> Iterator[Table]:
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        delimiter = _delimiter(text)
        text.seek(0)
        lines = _csv_lines(text, delimiter)
        names = _head(next(lines, (1, ()))[1])
        yield Table(names, lines, encoding, delimiter)


def encoding_of(path: Path) -> str:
    """UTF-8 or GB 18030, whichever fits more of the whole file; UTF-16 by its mark. Raises `ValidationError`."""
    with path.open("rb") as file:
        mark = file.read(3)
        if mark[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        first = file.read(1_000_000)
    if b"\0" in first:
        raise bad(_("这不是文本文件。请另存为 UTF-8 的 CSV，或上传 XLSX、JSON、Parquet。"))
    wrong: dict[str, int] = {}
    for name in ("utf-8-sig", "gb18030"):
        wrong[name] = _misfits(path, name)
        if not wrong[name]:
            return name
    best = min(wrong, key=lambda name: wrong[name])
    if wrong[best] * 100 > path.stat().st_size:
        raise bad(_("文件的编码不对，读出来是乱码。请另存为 UTF-8 的 CSV 再上传。"))
    return best


def _misfits(path: Path, encoding: str) -> int:
    """Places that are no text in this encoding; stops counting when there are too many."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    found = 0
    with path.open("rb") as file:
        while piece := file.read(1_000_000):
            found += decoder.decode(piece).count(WRONG)
            if found > 100_000:
                break
    return found


def _delimiter(text: TextIO) -> str:
    """The sign that cuts most of the first lines into the same number of cells, two at least."""
    sample = text.read(64_000)
    lines = sample.splitlines(keepends=True)[:50]
    if len(lines) > 1 and len(sample) == 64_000:
        lines.pop()
    best, most = ",", (0.0, 0)
    for sign in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if row)
        except csv.Error:
            continue
        width, times = max(widths.items(), key=lambda one: (one[1], one[0]), default=(1, 0))
        if width > 1 and (times / len(lines), width) > most:
            best, most = sign, (times / len(lines), width)
    return best


def _csv_lines(text: TextIO, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(_bounded(text), delimiter=delimiter)
    begun = 1
    try:
        for row in reader:
            if row:
                yield begun, row
            begun = reader.line_num + 1
    except csv.Error as error:
        told = _("从第 %(line)s 行起读不出：有一格太长，多半是少了一个引号。请改好再上传。")
        raise bad(told % {"line": begun}) from error


def _bounded(text: TextIO) -> Iterator[str]:
    """The lines of a text, none so long that it fills the memory."""
    number = 0
    while line := text.readline(LINE):
        number += 1
        if len(line) == LINE:
            raise bad(_("第 %(line)s 行太长：最多 %(n)s 个字符。请检查换行再上传。") % {"line": number, "n": LINE})
        yield line


# --- XLSX -------------------------------------------------------------------------------------------------------------
def _xlsx(path: Path) -> Table:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as parts:
            inflated = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise _broken() from error
    if inflated > INFLATED or inflated > max(RATIO * path.stat().st_size, 10_000_000):
        raise bad(_("这个 XLSX 文件解压后太大。请另存为 CSV，或者分成几份上传。"))
    try:
        sheet = load_workbook(path, read_only=True).worksheets[0]
        sheet.reset_dimensions()  # a file may claim a million columns
        lines = _sheet_lines(sheet)
        return Table(_head(next(lines, (1, ()))[1]), lines)
    except ValidationError:
        raise
    except Exception as error:  # zipfile, zlib, expat and openpyxl raise many kinds on a damaged file
        raise _broken() from error


def _broken() -> ValidationError:
    return bad(_("这个 XLSX 文件打不开，可能已损坏或加了密码。请用表格软件重新保存后再上传。"))


def _sheet_lines(sheet: Any) -> Iterator[Line]:
    try:
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > LAST_ROW:  # a row may claim any number, and openpyxl makes up those before it
                raise _broken()
            cells = [Formula(cell.value) if cell.data_type in "fe" else cell.value for cell in row]
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                yield number, cells
    except ValidationError:
        raise
    except Exception as error:
        raise _broken() from error


# --- JSON -------------------------------------------------------------------------------------------------------------
def _is_json(path: Path, name: str) -> bool:
    with path.open("rb") as file:
        first = file.read(1_000).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    named = name.lower().endswith((".json", ".ndjson", ".jsonl"))
    return first == b"{" or (first == b"[" and (named or not name.lower().endswith((".csv", ".txt", ".tsv"))))


def _json(path: Path, inside: str) -> Table:
    """A list of objects, an object that holds one, or one object a line."""
    lines = _json_lines(path) if not inside and _one_a_line(path) else enumerate(_records(path, inside), 1)
    first = list(islice(lines, 1_000))
    if not first:
        raise bad(_("文件里没有记录。请检查后再上传。"))
    names = _head(list(dict.fromkeys(name for _line, record in first if isinstance(record, dict) for name in record)))

    def rows() -> Iterator[Line]:
        for records in (first, lines):
            for line, record in records:
                yield line, _cells(record, names)

    return Table(names, rows())


def _cells(record: Any, names: tuple[str, ...]) -> list[Any]:
    """The values in the order of the names; what has more than those is too wide, and told so."""
    if not isinstance(record, dict):
        return [Formula(record)]
    cells = [_cell(record.get(name)) for name in names]
    return cells + [_cell(record[name]) for name in record if name not in names and record[name] is not None]


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value


def _one_a_line(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as text:
            two = [line for line in islice(_bounded(text), 50) if line.strip()][:2]
        return bool(two) and all(isinstance(json.loads(line), dict) for line in two) and len(two) == 2
    except (ValueError, RecursionError, ValidationError):
        return False


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8-sig", errors="replace") as text:
        for number, line in enumerate(_bounded(text), 1):
            if line.strip():
                try:
                    yield number, json.loads(line, parse_constant=_refuse)
                except (ValueError, RecursionError):
                    yield number, line.strip()


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _records(path: Path, inside: str) -> list[Any]:
    if path.stat().st_size > JSON_BYTES:
        told = _("JSON 文件太大：最多 %(n)s MB。请改成每行一条记录，或另存为 CSV。")
        raise bad(told % {"n": JSON_BYTES // 1_000_000})
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise bad(_("不是完整的 JSON。请检查文件，编码应是 UTF-8。")) from error
    for name in filter(None, inside.split(".")):
        found = found.get(name) if isinstance(found, dict) else None
    if isinstance(found, dict):
        found = next((one for one in found.values() if isinstance(one, list)), None)
    if not isinstance(found, list):
        raise bad(_("JSON 里找不到记录的列表。请写明列表在哪里，例如 data.items。"))
    return found


# --- Parquet ----------------------------------------------------------------------------------------------------------
@contextmanager
def _parquet(path: Path) -> Iterator[Table]:
    files.require()
    import pyarrow as pa
    from pyarrow import parquet

    try:
        whole = parquet.ParquetFile(path)
        words = _words(whole)
        whole.close()
        read = parquet.ParquetFile(path, read_dictionary=words)  # as in the file: each word of a dictionary once
    except (pa.ArrowException, OSError) as error:
        raise _damaged() from error
    with read as file:
        if file.metadata.num_rows > options.ROWS.value or _unpacked(file) > 10 * options.BYTES.value:
            raise _too_large()
        yield Table(_head(file.schema_arrow.names), _parquet_lines(file))


def _words(file: Any) -> list[str]:
    """Columns of texts that can be read as they lie there; those whose words share prefixes cannot."""
    import pyarrow as pa

    meta = file.metadata
    groups = [meta.row_group(number) for number in range(meta.num_row_groups)]
    shared = {
        one.path_in_schema for group in groups for one in map(group.column, range(meta.num_columns))
        if any(how.startswith("DELTA") for how in one.encodings)
    }  # fmt: skip
    texts = (one.name for one in file.schema_arrow if pa.types.is_string(one.type) or pa.types.is_binary(one.type))
    return [name for name in texts if name not in shared]


def _damaged() -> ValidationError:
    return bad(_("这个 Parquet 文件打不开，可能已损坏。请重新导出后再上传。"))


def _too_large() -> ValidationError:
    return bad(_("这个 Parquet 文件展开后太大。请分成几个数据集。"))


def _unpacked(file: Any) -> int:
    return sum(file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups))


def _parquet_lines(file: Any) -> Iterator[Line]:
    import pyarrow as pa

    number = size = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH):
            if number // PIECE != (number + batch.num_rows) // PIECE:
                size = 0
            size += sum(map(_inflated, batch.columns))
            if size > PIECE_BYTES:
                raise _too_large()
            columns = [[_cell(value) for value in column.to_pylist()] for column in batch.columns]
            for row in zip(*columns, strict=True):
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as error:  # a damaged page is an OSError
        raise _damaged() from error


def _inflated(column: Any) -> int:
    """Bytes of its values, each as often as it stands there."""
    import pyarrow as pa
    from pyarrow import compute

    if not isinstance(column, pa.DictionaryArray):
        return int(column.nbytes)
    lengths = compute.binary_length(column.dictionary).take(column.indices)
    return int(column.nbytes) + (compute.sum(lengths).as_py() or 0)
