"""A list as a spreadsheet (XLSX) or as CSV, with cells that look like formulas disarmed.

A value somebody typed into a public form must not run when an official opens the file: text that begins with
= + - @ or a control sign is stored as text (OWASP "CSV Injection").
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from markupsafe import Markup

from hexi.kernel.clock import CHINA, now
from hexi.ui.tables import Column

#: rows in one file at most
LARGEST = 50_000
FORMATS = ("xlsx", "csv")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def plain(column: Column, row: Any) -> Any:
    """The value of a cell for a spreadsheet: dates as dates, money in yuan, a tag as its word."""
    value = column.raw(row)
    if value is None:
        return ""
    if column.kind == "tag":
        return str(value[1])
    if column.kind == "money":
        return Decimal(value) / 100
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None)
    if isinstance(value, (int, float, Decimal, date)) and not isinstance(value, bool):
        return value
    return strip_tags(value) if isinstance(value, Markup) else str(value)


def rows_of(queryset: QuerySet, columns: Iterable[Column]) -> Iterator[list[Any]]:
    """At most LARGEST rows of plain values, read in pieces."""
    wanted = list(columns)
    for row in queryset[:LARGEST].iterator(chunk_size=2000):
        yield [plain(column, row) for column in wanted]


def disarm(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it; all else as it is."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return "'" + value
    return value


def file_name(title: str, kind: str) -> str:
    """`<title>-20261124.xlsx`, without signs file systems refuse."""
    safe = "".join(sign for sign in title if sign.isalnum() or sign in "-_ ")
    return f"{safe.strip() or 'list'}-{now().astimezone(CHINA):%Y%m%d}.{kind}"


def respond(
    queryset: QuerySet, columns: Iterable[Column], title: str, kind: str
) -> HttpResponse | StreamingHttpResponse:
    """The whole list as a file of `kind` "xlsx" or "csv"."""
    heads = [str(column.title) for column in columns]
    lines = rows_of(queryset, columns)
    response = HttpResponse(xlsx(heads, lines), content_type=XLSX) if kind == "xlsx" else _csv(heads, lines)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file_name(title, kind)))
    return response


def workbook(title: str, heads: list[str], lines: Iterable[list[Any]]) -> HttpResponse:
    """A table that is no list of rows, as an Excel file to save."""
    response = HttpResponse(xlsx(heads, lines), content_type=XLSX)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, file_name(title, "xlsx")))
    return response


class _Echo:
    """A file whose `write` gives back what it was given: what `csv.writer` needs to stream."""

    def write(self, text: str) -> str:
        return text


def _csv(heads: list[str], lines: Iterable[list[Any]]) -> StreamingHttpResponse:
    """UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    writer = csv.writer(_Echo())

    def parts() -> Iterator[str]:
        yield "\ufeff"
        for line in chain([heads], lines):
            yield writer.writerow([disarm(value) for value in line])

    return StreamingHttpResponse(parts(), content_type="text/csv; charset=utf-8")


def xlsx(heads: list[str], lines: Iterable[list[Any]]) -> bytes:
    """A workbook of one sheet: bold frozen heads, text always stored as text."""
    from openpyxl import Workbook  # half a second, needed only here
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for place in range(1, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 20
    bold = Font(bold=True)

    def cell(value: Any, font: Font | None = None) -> WriteOnlyCell:
        if isinstance(value, str):
            value = ILLEGAL_CHARACTERS_RE.sub("", value)
        made = WriteOnlyCell(sheet, value=value)
        if isinstance(value, str):
            made.data_type = "s"
            # also when somebody edits the cell later it stays text
            made.quotePrefix = value.startswith(DANGEROUS)
        if font:
            made.font = font
        return made

    sheet.append([cell(head, bold) for head in heads])
    for line in lines:
        sheet.append([cell(value) for value in line])
    target = BytesIO()
    book.save(target)
    return target.getvalue()
