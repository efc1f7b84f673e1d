"""Rows of an open data set as files: CSV with a byte order mark, XLSX, JSON, Parquet. Cells that run are disarmed."""

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hexi.blocks.catalog.describing import Form
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.pages.actions import plain
from hexi.blocks.catalog.queries import opened
from hexi.kernel import clock
from hexi.ui import export

#: rows of one workbook: what Excel opens without trouble; more are taken as CSV or Parquet
MOST_XLSX = 100_000


def respond(entry: Entry, form: Form, of: str = "") -> HttpResponseBase:
    """The file; `of` says in its name which version it is (else the day).

    Raises `ValidationError` for more rows than a workbook holds, and what cannot be asked.
    """
    pieces = opened.stream(entry)
    first = next(pieces, [])  # asked before the answer begins, so that a fault is still told as one
    response = WRITERS[form.ending](entry, _again(first, pieces))
    response.headers["Content-Type"] = form.media_type + ("; charset=utf-8" if form.ending == "csv" else "")
    name = f"{entry.slug}-{of or f'{clock.today():%Y%m%d}'}.{form.ending}"
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _again(first: list[Any], pieces: Iterator[list[Any]]) -> Iterator[list[Any]]:
    yield first
    yield from pieces


def _heads(entry: Entry) -> list[str]:
    """The first line: what columns are called, as CSVW says it."""
    said = {one.name: one.title for one in opened.items_of(entry)}
    return [said.get(one.name, one.title) for one in opened.columns_of(entry)]


def cell(value: Any) -> Any:
    """A value as CSV has it (CSV on the Web): true and false, moments with their zone."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=clock.CHINA)).isoformat()
    return export.disarm(value)


def _csv(entry: Entry, pieces: Iterator[list[Any]]) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        yield "\ufeff" + _lines([[cell(one) for one in _heads(entry)]])
        for piece in pieces:
            yield _lines([[cell(value) for value in row] for row in piece])

    return StreamingHttpResponse(parts())


def _lines(rows: list[list[Any]]) -> str:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue()


def _xlsx(entry: Entry, pieces: Iterator[list[Any]]) -> HttpResponse:
    rows: list[list[Any]] = []
    for piece in pieces:
        rows += [[_sheet(value) for value in row] for row in piece]
        if len(rows) > MOST_XLSX:
            told = _("超过 %(n)s 行，表格软件打不开这么大的 XLSX。请下载 CSV 或 Parquet。")
            raise ValidationError(told % {"n": MOST_XLSX})
    return HttpResponse(export.xlsx(_heads(entry), rows))


def _sheet(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(clock.CHINA).replace(tzinfo=None) if value.tzinfo else value
    return "" if value is None else value


def _json(entry: Entry, pieces: Iterator[list[Any]]) -> StreamingHttpResponse:
    names = [one.name for one in opened.columns_of(entry)]

    def parts() -> Iterator[str]:
        yield "["
        comma = ""
        for piece in pieces:
            for row in piece:
                said = dict(zip(names, map(plain, row), strict=True))
                yield comma + json.dumps(said, ensure_ascii=False)
                comma = ",\n"
        yield "]\n"

    return StreamingHttpResponse(parts())


def _parquet(entry: Entry, pieces: Iterator[list[Any]]) -> FileResponse:
    """Made in a file that vanishes when it is closed: a big one fills no memory."""
    import pyarrow as pa
    from pyarrow import parquet

    columns = opened.columns_of(entry)
    kinds = {"I": pa.int64(), "D": pa.date32(), "T": pa.timestamp("us"), "L": pa.bool_(), "Y": pa.decimal128(18, 4)}
    schema = pa.schema(
        [(one.name, kinds.get(one.type, pa.float64() if one.number else pa.string())) for one in columns]
    )
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for piece in pieces:
            values = list(zip(*piece, strict=True)) if piece else [()] * len(columns)
            arrays = [pa.array(map(_naive, one), kind) for one, kind in zip(values, schema.types, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    target.seek(0)
    return FileResponse(target)


def _naive(value: Any) -> Any:
    """Moments in China's time without a zone, as the store has them."""
    return value.astimezone(clock.CHINA).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


WRITERS = {"csv": _csv, "xlsx": _xlsx, "json": _json, "parquet": _parquet}
