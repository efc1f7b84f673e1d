"""`hexi cases …`."""

import argparse
from datetime import date
from pathlib import Path

from hexi.blocks.cases import columns, importing, jobs, queries
from hexi.blocks.cases.models import Item
from hexi.kernel.actors import System
from hexi.ui import export


def law(arguments: argparse.Namespace) -> None:
    """Run the sweep now."""
    print(f"✓ {jobs.accept_by_law()}")


def recount(arguments: argparse.Namespace) -> int:
    """Count everything again from the cases themselves."""
    span = ("", date(2000, 1, 1), date(2199, 12, 31))
    rolled, counted = queries.figures(*span), queries.recounted(*span)
    differing = [name for name in queries.COUNTED if getattr(rolled, name) != getattr(counted, name)]
    for name in queries.COUNTED:
        mark = "✗" if name in differing else "✓"
        print(f"{mark} {name:10} {getattr(rolled, name):>10,} {getattr(counted, name):>10,}")
    return 1 if differing else 0


def sheet(parser: argparse.ArgumentParser) -> None:
    """A file of national columns."""
    parser.add_argument("file", type=Path, help="文件名，.csv 或 .xlsx / file name, .csv or .xlsx")


def sheet_in(parser: argparse.ArgumentParser) -> None:
    """The same, and how to take it in."""
    sheet(parser)
    parser.add_argument("--check", action="store_true", help="只核对，不写入 / look only")
    parser.add_argument("--whole", action="store_true", help="有一行错就全部不导入 / all rows or none")


def take_items(arguments: argparse.Namespace) -> int:
    """Import a sheet, with a line for each fault: line, column, sentence."""
    by, content = System("import"), arguments.file.read_bytes()
    if arguments.check:
        report = importing.check(arguments.file.name, content, by=by)
    else:
        report = importing.take_in(arguments.file.name, content, by=by, whole=arguments.whole)
    for note in (*report.notes, *(note for row in report.rows for note in row.notes)):
        print(f"{'✗' if note.error else '·'} {arguments.file}:{note.line}: {note.column} {note.sentence}")
    wrong = report.count("wrong") or not report.rows or any(note.error for note in report.notes)
    print(f"{'✗' if wrong else '✓'} {report.sentence}")
    return 1 if wrong else 0


def give_items(arguments: argparse.Namespace) -> None:
    """Every published item as a sheet."""
    found = Item.objects.filter(status=Item.Status.PUBLISHED).select_related("version", "department").order_by("pk")
    heads, lines = [one.name for one in columns.COLUMNS], columns.rows(found.iterator(chunk_size=200))
    xlsx = arguments.file.suffix.lower() == ".xlsx"
    arguments.file.write_bytes(export.xlsx(heads, lines) if xlsx else columns.csv_of(heads, lines))
    print(f"✓ {found.count()} → {arguments.file}")
