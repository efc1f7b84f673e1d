"""Reads a list of days that a person uploads, CSV or XLSX; says of every bad row its line and reason. No database."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.calendars import options
from hexi.blocks.calendars.published import Named
from hexi.blocks.calendars.workdays import Kind

COLUMNS = {"date": "date", "日期": "date", "kind": "kind", "类型": "kind", "name": "name", "名称": "name"}
KINDS = {
    "rest": Kind.REST, "休": Kind.REST, "休息": Kind.REST, "休息日": Kind.REST, "放假": Kind.REST,
    "work": Kind.WORK, "班": Kind.WORK, "上班": Kind.WORK, "工作日": Kind.WORK,
}  # fmt: skip
#: years a row may name
FIRST, LAST = 2000, 2100
#: bad rows that are told at once
TOLD = 20
Row = tuple[int, dict[str, Any]]


def read(content: bytes, source: str) -> list[Named]:
    """The days of an uploaded table with the columns 日期 类型 名称 (date kind name), all of them or none.

    Raises `ValidationError({"file": […]})` with a sentence for each bad row.
    """
    if len(content) > options.IMPORT_BYTES.value:
        raise _bad([_("文件太大。最多 %(n)s 字节，请拆成几个文件。") % {"n": options.IMPORT_BYTES.value}])
    faults: list[str] = []
    days: dict[date, Named] = {}
    for line, row in _read(content):
        try:
            day = _named(row, source)
            if day.date in days:
                raise ValueError(_("日期 %(day)s 重复，请只留一行。") % {"day": day.date})
            days[day.date] = day
        except ValueError as error:
            faults.append(_("第 %(line)s 行：%(why)s") % {"line": line, "why": error})
    if len(faults) > TOLD:
        faults[TOLD:] = [_("还有 %(n)s 行有问题。") % {"n": len(faults) - TOLD}]
    if faults:
        raise _bad(faults)
    if not days:
        raise _bad([_("文件里没有日期。第一行写「日期,类型,名称」，以下每行一天。")])
    return list(days.values())


def _bad(sentences: list[str]) -> ValidationError:
    return ValidationError({"file": sentences})


def _read(content: bytes) -> list[Row]:
    try:
        return list(_rows(content))
    except ValidationError:
        raise
    except Exception as error:  # csv, zipfile and openpyxl raise many kinds on a file made to hurt them
        raise _bad([_("读不出这个文件。请用 Excel 或 CSV（UTF-8）格式。")]) from error


def _rows(content: bytes) -> Iterator[Row]:
    """Filled rows with their line (from 1) and cells by column."""
    lines = iter(enumerate(_xlsx(content) if content[:2] == b"PK" else _csv(content), start=1))
    header = [COLUMNS.get(str(cell or "").strip().lower()) for cell in next(lines, (1, ()))[1]]
    if not {"date", "kind"} <= set(header):
        raise _bad([_("第 1 行应是列名，至少有「日期」和「类型」两列。")])
    for line, cells in lines:
        if line > options.IMPORT_ROWS.value:
            raise _bad([_("行数太多。最多 %(n)s 行，请拆成几个文件。") % {"n": options.IMPORT_ROWS.value}])
        row = {name: cell for name, cell in zip(header, cells, strict=False) if name}
        if any(str(cell or "").strip() for cell in row.values()):
            yield line, row


def _csv(content: bytes) -> Iterable[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):  # Excel in China saves the second
        try:
            return csv.reader(io.StringIO(content.decode(encoding), newline=""))
        except UnicodeDecodeError:
            continue
    raise ValueError("neither UTF-8 nor GB 18030")


def _xlsx(content: bytes) -> Iterable[tuple[Any, ...]]:
    from openpyxl import load_workbook  # costs 200 ms, needed only here

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > 50 * options.IMPORT_BYTES.value:
            raise zipfile.BadZipFile("inflates too far")
    return load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)


def _named(row: dict[str, Any], source: str) -> Named:
    kind = KINDS.get(str(row.get("kind") or "").strip().lower())
    if kind is None:
        raise ValueError(_("类型「%(kind)s」不对，请写「放假」或「上班」。") % {"kind": row.get("kind") or ""})
    name = str(row.get("name") or "").strip()
    if len(name) > 100:
        raise ValueError(_("名称太长，最多 100 个字。"))
    return Named(_date(row.get("date")), kind, name, source)


def _date(cell: Any) -> date:
    day = as_date(cell)
    if day is None:
        raise ValueError(_("日期「%(day)s」不对，请写成 2027-01-31。") % {"day": cell or ""})
    if not FIRST <= day.year <= LAST:
        raise ValueError(
            _("日期 %(day)s 不在 %(first)s 年到 %(last)s 年之间。") % {"day": day, "first": FIRST, "last": LAST}
        )
    return day


def as_date(cell: Any) -> date | None:
    """The day a cell or a parameter names, however it is separated; None if it names none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    parts = str(cell or "").strip().replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError:
        return None
