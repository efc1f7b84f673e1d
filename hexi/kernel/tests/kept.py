"""What ships with the house, for tests that begin with empty tables: made once a process, then put back as rows."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

_rows: dict[tuple[Any, ...], list[tuple[str, list[list[Any]]]]] = {}


def kept(make: Callable[[], Any], *tables: type[Model], of: Any = "") -> None:
    """Call `make`, which fills these tables, all empty; after the first time its rows are put back, keys and all.

    `of`: which rows, where `make` makes others on another day or of another file. What it writes elsewhere, into the log, is not put back.
    """
    name = (of, *tables)
    if name not in _rows:
        make()
        _rows[name] = [_statement(table) for table in tables]
        return
    with transaction.atomic(), connection.cursor() as cursor:  # rows may point at each other
        for statement, rows in _rows[name]:
            cursor.executemany(statement, rows)


def _statement(table: type[Model]) -> tuple[str, list[list[Any]]]:
    fields = table._meta.concrete_fields
    names = ", ".join(connection.ops.quote_name(one.column) for one in fields)
    marks = ", ".join(["%s"] * len(fields))
    held = [
        [one.get_db_prep_save(getattr(row, one.attname), connection) for one in fields]
        for row in table._base_manager.order_by("pk")
    ]
    return f"INSERT INTO {table._meta.db_table} ({names}) VALUES ({marks})", held
