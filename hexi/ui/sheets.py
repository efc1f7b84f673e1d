"""Reading the tables people upload, CSV or XLSX: within limits, and each fault told with its remedy."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: the last row a sheet has in any program
LAST_ROW = 1_048_576
#: bytes an XLSX may inflate to for each byte that the file itself may have: more is made to hurt
INFLATED = 10
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What one file may hold: bytes, filled lines, columns."""

    bytes: int
    lines: int
    columns: int


def lines(name: str, content: bytes, limits: Limits) -> Iterator[list[str]]:
    """The lines of a CSV or XLSX file, empty ones too. Raises `ValidationError` under "file", perhaps on the way."""
    if content[:2] == b"PK":
        return _bounded(_xlsx(content, limits), len(content), limits)
    if name and not name.lower().endswith(".csv"):
        raise bad(_("只收 CSV 或 XLSX 文件。请另存为其中一种再上传。"))
    return csv_lines(content, limits)


def csv_lines(content: bytes, limits: Limits) -> Iterator[list[str]]:
    """The lines of a CSV file: UTF-8, with or without its mark, or GB 18030 as Excel in China writes it."""
    if content[:2] == b"PK":
        raise bad(_("这里只收 CSV 文件。请另存为 CSV 再上传。"))
    return _bounded(_csv(content), len(content), limits)


def bad(sentence: str) -> ValidationError:
    """A file that is refused."""
    return ValidationError({"file": sentence})


def _bounded(found: Iterable[list[str]], size: int, limits: Limits) -> Iterator[list[str]]:
    if size > limits.bytes:
        raise bad(_("文件太大：最多 %(n)s MB。请分成几份上传。") % {"n": limits.bytes // MEGABYTE})
    filled = 0
    for number, line in enumerate(found, 1):
        if any(line):
            filled += 1
            if filled > limits.lines:
                raise bad(_("行数太多：一份最多 %(n)s 行。请分成几份上传。") % {"n": limits.lines})
            if len(line) > limits.columns and any(line[limits.columns :]):
                told = {"line": number, "n": limits.columns}
                raise bad(_("第 %(line)s 行的列太多：最多 %(n)s 列。请删去多余的列再上传。") % told)
        yield line


def _csv(content: bytes) -> Iterator[list[str]]:
    reader, begun = csv.reader(io.StringIO(_decoded(content), newline="")), 1
    try:
        for line in reader:
            yield line
            begun = reader.line_num + 1
    except csv.Error as error:
        told = _("第 %(line)s 行读不出：有一格太长，多半是少了一个引号。请改好这一行再上传。")
        raise bad(told % {"line": begun}) from error


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # UTF-16 without its mark, or no text at all
            return text
    raise bad(_("文件的编码不对，或者不是文本。请另存为 UTF-8 的 CSV 再上传。"))


def _xlsx(content: bytes, limits: Limits) -> Iterator[list[str]]:
    try:
        _inflates(content, limits)
        sheet = _first_sheet(content)
        sheet.reset_dimensions()  # a file may claim a million columns, and each row would be filled up to them
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > LAST_ROW:  # a row may claim any number, and openpyxl makes up those before it
                raise bad(_("行数太多：一份最多 %(n)s 行。请分成几份上传。") % {"n": limits.lines})
            yield [_text(cell) for cell in row]
    except ValidationError:
        raise
    except Exception as error:  # zipfile, zlib, expat and openpyxl raise many kinds on a damaged file
        raise bad(_("这个 XLSX 文件打不开，可能已损坏或加了密码。请用表格软件重新保存后再上传。")) from error


def _inflates(content: bytes, limits: Limits) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        inflated = sum(part.file_size for part in parts.infolist())
    if inflated > INFLATED * limits.bytes:
        raise bad(_("这个 XLSX 文件解压后太大。请另存为 CSV，或者分成几份上传。"))


def _first_sheet(content: bytes) -> Any:
    from openpyxl import load_workbook  # costs 200 ms, needed only here

    return load_workbook(io.BytesIO(content), read_only=True).worksheets[0]


def _text(cell: Any) -> str:
    """The cell as it would stand in a CSV file; a formula, whose value the file may not even hold, is refused."""
    if cell.data_type == "f":
        told = _("%(cell)s 格是公式。请复制整张表，选择性粘贴为“数值”，保存后再上传。")
        raise bad(told % {"cell": cell.coordinate})
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.date().isoformat() if hasattr(value, "date") else str(value)
