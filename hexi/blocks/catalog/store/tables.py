"""Versions as tables of PostgreSQL, where an installation has its questions answered there (option `catalog.rows_in`).

One table a version in a schema of their own, made whole in one transaction and never changed after; the file stays what
the version is, and answers while there is no table. Asked by the compiler of own tables (`orm`). Beside `duck`.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from django.apps.registry import Apps
from django.db import connection, models, transaction

from hexi.blocks.catalog.store import options, orm
from hexi.blocks.catalog.store.files import Stored
from hexi.blocks.catalog.store.grammar import Column, Query, Where
from hexi.kernel.clock import CHINA

SCHEMA = "catalog_rows"
#: rows of a file that are read in one piece
PIECE = 20_000
#: order of code points with the letter cases of all alphabets (from PostgreSQL 17 on), as in files; else of ASCII alone
COLLATIONS = ("pg_c_utf8", "C")
_KINDS = {
    **dict.fromkeys("NBF", "double precision"), "I": "bigint", "Y": "numeric(18, 4)", "D": "date",
    "T": "timestamp with time zone", "L": "boolean",
}  # fmt: skip
_FIELDS: dict[str, Any] = {
    **dict.fromkeys("NBF", models.FloatField), "I": models.BigIntegerField, "D": models.DateField,
    "Y": lambda **more: models.DecimalField(max_digits=18, decimal_places=4, **more),
    "T": models.DateTimeField, "L": models.BooleanField,
}  # fmt: skip


def possible() -> bool:
    """True if the database is PostgreSQL."""
    return connection.vendor == "postgresql"


def wanted() -> bool:
    """True if questions are to be answered by PostgreSQL, and it is the database."""
    return options.ROWS_IN.value == "postgres" and possible()


def holds(stored: Stored) -> bool:
    """True if the version is there as a table, and is to be asked there."""
    if not wanted():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [_quoted(name_of(stored))])
        return cursor.fetchone()[0] is not None


def name_of(stored: Stored) -> str:
    """The name of its table: of the folder and the file, of which no name of a data set is part."""
    return f"v_{stored.path.parent.name}_{stored.path.stem}"


def names() -> set[str]:
    """The tables there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [SCHEMA])
        return {name for (name,) in cursor.fetchall()}


def drop(name: str) -> None:
    """Take a table away; nothing happens if it is not there."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {_quoted(name)}")


def write(stored: Stored) -> None:
    """Write a version's file as its table, whole or not at all. Call it inside `files.locked`.

    Raises what the database raises, and `OSError` for a file that cannot be read.
    """
    from pyarrow import parquet

    _schema()
    table, number = _quoted(name_of(stored)), 0
    kinds = ", ".join(f"c{place} {_kind(column)}" for place, column in enumerate(stored.columns))
    with parquet.ParquetFile(stored.path) as file, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} (n bigint NOT NULL, {kinds})")
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for batch in file.iter_batches(PIECE):
                for row in zip(*(_values(column, cells) for column, cells in zip(stored.columns, batch, strict=True)),
                               strict=True):  # fmt: skip
                    copy.write_row((number, *row))
                    number += 1
        cursor.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (n)")
        cursor.execute(f"ANALYZE {table}")


def _schema() -> None:
    """Made once; of two at once one waits for the other."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SCHEMA])
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")


def _quoted(name: str) -> str:
    return f'"{SCHEMA}"."{name}"'


def _kind(column: Column) -> str:
    return _KINDS.get(column.type) or f'text COLLATE "{_collation()}"'


@lru_cache(maxsize=1)
def _collation() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT collname FROM pg_collation WHERE collname = ANY(%s)", [list(COLLATIONS)])
        there = {name for (name,) in cursor.fetchall()}
    return next(name for name in COLLATIONS if name in there)


def _values(column: Column, cells: Any) -> list[Any]:
    """Moments in files are China's, without their zone."""
    values: list[Any] = cells.to_pylist()
    if column.type != "T":
        return values
    return [value.replace(tzinfo=CHINA) if value is not None else None for value in values]


# --- asked ------------------------------------------------------------------------------------------------------------
def view(stored: Stored) -> orm.View:
    """The table as the compiler of own tables asks it; rows of a tie stand in the order of the file."""
    model = _model(name_of(stored), "".join(column.type for column in stored.columns))
    paths = {column.name: f"c{place}" for place, column in enumerate(stored.columns)}
    return orm.View(model._default_manager.all(), stored.columns, paths, stored.key)


@lru_cache(maxsize=500)
def _model(name: str, letters: str) -> type[models.Model]:
    """A model of the table alone, in no register of models: no migration and no command knows it."""
    meta = type("Meta", (), {"managed": False, "app_label": "catalog", "db_table": _quoted(name), "apps": Apps()})
    columns = {f"c{place}": _FIELDS.get(letter, models.TextField)(null=True) for place, letter in enumerate(letters)}
    said = {"__module__": __name__, "Meta": meta, "n": models.BigIntegerField(primary_key=True), **columns}
    return type("Row", (models.Model,), said)


def select(stored: Stored, query: Query, clear: Sequence[Column], shown: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Rows of the columns `shown`."""
    return orm.select(view(stored), query, clear, shown)


def stream(
    stored: Stored, query: Query, clear: Sequence[Column], shown: Sequence[Column], size: int, whose: str = ""
) -> Iterator[list[tuple[Any, ...]]]:
    """All rows, without limit, in pieces of `size`; `whose` as files know it."""
    return orm.stream(view(stored), query, clear, shown, size, whose)


def count(stored: Stored, query: Query, clear: Sequence[Column]) -> int:
    """How many rows pass: known beforehand without a condition."""
    if query.where is None and query.kept is None and not query.q:
        return stored.rows
    return orm.count(view(stored), query, clear)


def groups(stored: Stored, query: Query, clear: Sequence[Column]) -> tuple[list[tuple[Any, ...]], int]:
    """Figures of each group, and how many groups there are."""
    return orm.groups(view(stored), query, clear)


def cross(
    stored: Stored, kept: Where | None, one: Where | None, other: Where | None, group: Sequence[str]
) -> list[tuple[Any, ...]]:
    """For each group: its values, then how many rows pass `one`, `other`, and both."""
    return orm.cross(view(stored), kept, one, other, group)


def most_rows(stored: Stored, whose: str) -> int:
    """The most rows there are of one person."""
    return orm.most_rows(view(stored), whose)
