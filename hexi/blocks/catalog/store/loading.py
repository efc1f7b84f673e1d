"""A file made into a version: read, checked and written piece by piece, all or nothing. Above `reading` and `files`."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.catalog.store import checking, engine, files, reading
from hexi.blocks.catalog.store.checking import Bad, Field
from hexi.blocks.catalog.store.files import Stored
from hexi.blocks.catalog.store.grammar import Query
from hexi.blocks.catalog.store.reading import Line, Table

#: bad rows kept with their reason; rows of a file that are looked at before somebody confirms its columns
KEPT, SAMPLE = 1_000, 10_000


class Changed(ValidationError):
    """The columns are others than those confirmed; `changes` says which, in words."""

    def __init__(self, changes: list[str]):
        told = _("列与确认过的不同：%(changes)s。请重新确认数据项，或改好文件再装载。")
        super().__init__({"file": told % {"changes": _("；").join(changes)}})
        self.changes = changes


class TooManyBad(ValidationError):
    """More bad rows than the source allows; the old version stays."""


@dataclass
class Outcome:
    """What a load came to: rows taken, rows that were there before, bad ones, and the first of these with reasons."""

    rows: int = 0
    old: int = 0
    bad: int = 0
    bads: list[Bad] = field(default_factory=list)
    digest: str = ""
    kept: int = 0
    mark: Any = None

    @property
    def read(self) -> int:
        """Rows looked at."""
        return self.rows + self.old + self.bad


@dataclass(frozen=True)
class Preview:
    """A file before it is confirmed: what its columns seem to be, and its first rows as they stand there."""

    fields: tuple[Field, ...]
    rows: list[Sequence[Any]]
    looked_at: int
    encoding: str = ""
    delimiter: str = ""


def preview(table: Table, shown: int = 10, known: Sequence[Field] = ()) -> Preview:
    """Look at the beginning of a table. Raises `ValidationError` for one without rows.

    `known`: the columns of a table that may have lost its rows; without any they are these still.
    """
    lines = next(reading.pieces(table.lines, SAMPLE), [])
    if not lines and known:
        return Preview(tuple(known), [], 0, table.encoding, table.delimiter)
    if not lines:
        raise reading.bad(_("文件里只有列名，没有数据。请检查后再上传。"))
    fields = checking.infer(table.names, lines)
    return Preview(fields, [row for _line, row in lines[:shown]], len(lines), table.encoding, table.delimiter)


def load(
    table: Table,
    fields: Sequence[Field],
    path: Path,
    *,
    most_bad: int,
    told: Callable[[Outcome], None] = lambda outcome: None,
    onto: Stored | None = None,
    key: Sequence[str] = (),
    watermark: str = "",
    after: str = "",
) -> Outcome:
    """Write the version `path` from a table. `most_bad`: rows in a thousand that may be bad (0: none may).

    `told` hears of each piece; what it raises breaks the load off. `onto`: the version whose rows stay, but those
    whose `key` comes anew. `watermark`: the column whose largest value the outcome says; only rows whose value is
    larger than `after` are taken, where that is given. Raises `Changed`, `TooManyBad`, `ValidationError`, `OSError`
    (full disk, `Lost`); whatever it raises, nothing is left and the versions there are stay. Call it inside
    `files.locked(path.parent)`.
    """
    files.require()
    places = checking.order(fields, table.names)
    if places is None:
        known = {field.name: field for field in fields}
        raise Changed(checking.changes(fields, (known.get(name) or Field(name) for name in table.names)))
    outcome, known = Outcome(), [field.name for field in fields]
    parts = [known.index(name) for name in key]
    keys: set[tuple[Any, ...]] = set()
    marks = [known.index(watermark)] if watermark else []
    least = checking.value(fields[marks[0]], after) if marks and after else None

    def taken() -> Iterator[list[list[Any]]]:
        for lines in reading.pieces(table.lines):
            columns = _piece(fields, lines, places, outcome)
            columns = _newer(columns, marks[0], least, outcome) if least is not None else columns
            if onto is not None and parts:
                keys.update(zip(*(columns[part] for part in parts), strict=True))
            for mark in marks:
                filled = [value for value in columns[mark] if value is not None]
                outcome.mark = max([outcome.mark, *filled] if outcome.mark is not None else filled, default=None)
            yield columns
            _bearable(outcome, most_bad, over=False)
            told(outcome)
        _bearable(outcome, most_bad, over=True)
        if onto is not None and outcome.rows:
            yield from _kept(onto, fields, parts, keys, outcome)

    with _many_objects():
        _rows, outcome.digest = files.write(path, [one.column for one in fields], taken())
    return outcome


@contextmanager
def _many_objects() -> Iterator[None]:
    """A piece of rows is many objects without a cycle: looked through every 700 of them it takes twice as long."""
    usual = gc.get_threshold()
    gc.set_threshold(20 * reading.PIECE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _kept(
    onto: Stored, fields: Sequence[Field], parts: Sequence[int], keys: set[tuple[Any, ...]], outcome: Outcome
) -> Iterator[list[list[Any]]]:
    """Rows of the version before whose key did not come anew."""
    query = Query(fields=tuple(field.name for field in fields))
    for piece in engine.stream(onto, query, size=reading.PIECE):
        left = [row for row in piece if not parts or tuple(row[part] for part in parts) not in keys]
        outcome.kept += len(left)
        if left:
            yield [list(column) for column in zip(*left, strict=True)]


def _piece(fields: Sequence[Field], lines: list[Line], places: Sequence[int], outcome: Outcome) -> list[list[Any]]:
    columns, bads = checking.convert(fields, lines, places)
    outcome.rows += len(columns[0])
    outcome.bad += len(bads)
    outcome.bads += bads[: KEPT - len(outcome.bads)]
    return columns


def _newer(columns: list[list[Any]], mark: int, least: Any, outcome: Outcome) -> list[list[Any]]:
    """Only rows beyond the mark, as a database would give them: a file holds those taken before as well."""
    places = [number for number, value in enumerate(columns[mark]) if value is not None and value > least]
    gone = len(columns[mark]) - len(places)
    outcome.rows, outcome.old = outcome.rows - gone, outcome.old + gone
    return [[values[number] for number in places] for values in columns] if gone else columns


def _bearable(outcome: Outcome, most_bad: int, *, over: bool) -> None:
    """On the way only what no number of good rows to come is likely to mend is broken off."""
    hopeless = outcome.bad > KEPT and outcome.bad * 1_000 > 10 * most_bad * outcome.read
    if hopeless or (over and outcome.bad * 1_000 > most_bad * outcome.read):
        commonest = _("；").join(
            f"{column}{checking.REASONS[reason]} × {times}"
            for column, reason, times in checking.commonest(outcome.bads)
        )
        told = {"bad": f"{outcome.bad:,}", "read": f"{outcome.read:,}", "most": most_bad, "why": commonest}
        sentence = _("%(read)s 行里有 %(bad)s 行有误，超过千分之 %(most)s，没有装载。最多的是：%(why)s。")
        error = TooManyBad({"file": sentence % told})
        error.outcome = outcome  # type: ignore[attr-defined]
        raise error
