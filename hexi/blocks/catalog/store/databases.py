"""Tables of other systems, read over their own protocol: PostgreSQL and MariaDB, read-only, in pieces, by watermark.

Whatever account is given, the session itself refuses to write. Names of schema, table and columns are quoted by the
driver's rules and looked up in the server's own catalogue first; values are parameters.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection as own
from django.utils.translation import gettext as _

from hexi.blocks.catalog.store.reading import COLUMNS, PIECE, Line, Table

#: seconds to connect, and for a server to send the next piece
PATIENCE = 15
READING = 600
#: a file of passwords that is not there: those of Hexi's own user are for Hexi
NO_FILE = f"{os.devnull}/none"
#: in whose time moments are given and asked for: that in which the watermark is kept (MariaDB knows names only if an
#: administrator loaded them)
CHINA, CHINA_OFFSET = "Asia/Shanghai", "+08:00"
#: what a session of MariaDB is told first
READ_ONLY = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class Lost(OSError):
    """The server could not be reached, refused us, or died on the way; the sentence says what it said."""


@dataclass(frozen=True)
class Place:
    """A table somewhere else. `table` may be "schema.table"."""

    host: str
    port: int
    database: str
    user: str
    table: str
    password: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Schema, if one is named, and table."""
        return tuple(self.table.split(".", 1))


@dataclass(frozen=True)
class Since:
    """Rows from a watermark on: with `again` those that equal it, too (their keys replace the ones that are there)."""

    column: str
    mark: str
    again: bool


@contextmanager
def opened(way: str, place: Place, since: Since | None = None) -> Iterator[Table]:
    """The table as it is now, of one moment. Raises `Lost`, `ValidationError` for a table that is not there."""
    with _OPENERS[way](place, since) as table:
        yield table


def _numbered(rows: Iterator[tuple[Any, ...]]) -> Iterator[Line]:
    yield from enumerate(rows, 1)


def _names(found: list[str], place: Place, since: Since | None) -> tuple[str, ...]:
    if not found:
        raise ValidationError({"table": _("数据库里没有表“%(table)s”，或者账户不能读。") % {"table": place.table}})
    if len(found) > COLUMNS:
        raise ValidationError({"table": _("列太多：最多 %(n)s 列。请删去不用的列。") % {"n": COLUMNS}})
    if since and since.column not in found:
        raise ValidationError({"watermark": _("表里没有列“%(name)s”。") % {"name": since.column}})
    return tuple(found)


_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


#: server and database: no two started in the same microsecond
_WHO = "SELECT pg_postmaster_start_time(), oid FROM pg_database WHERE datname = current_database()"


def _own() -> Any:
    """Hexi's own database: people and keys lie there, whatever account somebody has for it."""
    with own.cursor() as cursor:
        cursor.execute(_WHO)
        return cursor.fetchone()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------
@contextmanager
def _postgres(place: Place, since: Since | None) -> Iterator[Table]:
    if find_spec("psycopg") is None:
        raise ValidationError(_("没有安装 PostgreSQL 驱动。请管理员运行：pip install 'hexi[postgres]'，然后重启。"))
    import psycopg
    from psycopg import sql

    options = f"-c default_transaction_read_only=on -c statement_timeout={READING * 1000} -c TimeZone={CHINA}"
    try:
        with psycopg.connect(
            host=place.host, port=place.port, dbname=place.database, user=place.user, password=place.password,
            passfile=NO_FILE, connect_timeout=PATIENCE, options=options, application_name="hexi",
        ) as connection:  # fmt: skip
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            if own.vendor == "postgresql" and connection.execute(_WHO).fetchone() == _own():
                raise ValidationError({"database": _("这是河西自己的数据库，不能作为来源。请写别的数据库。")})
            name = ".".join('"' + part.replace('"', '""') + '"' for part in place.parts)
            found = connection.execute(_COLUMNS, [name]).fetchall()
            names = _names([row[0] for row in found], place, since)
            quoted = partial(_quoted, sql.Identifier, escaped=since is not None)
            listed = sql.SQL(", ").join(map(quoted, names))
            statement, values = sql.SQL("SELECT {} FROM {}").format(listed, quoted(*place.parts)), None
            if since:
                test = sql.SQL(" WHERE {} >= %s" if since.again else " WHERE {} > %s")
                statement, values = statement + test.format(quoted(since.column)), [since.mark]
            with connection.cursor(name="hexi") as cursor:
                cursor.itersize = PIECE
                cursor.execute(statement, values)
                yield Table(names, _numbered(_watched(iter(cursor), psycopg.Error)))
    except psycopg.Error as error:
        raise Lost(_said(error)) from error


def _quoted(identifier: Any, *names: str, escaped: bool) -> Any:
    """A per cent sign in a name is doubled where the driver looks for places of parameters."""
    return identifier(*(name.replace("%", "%%") if escaped else name for name in names))


_MARIA_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position
"""


# --- MariaDB ----------------------------------------------------------------------------------------------------------
@contextmanager
def _mariadb(place: Place, since: Since | None) -> Iterator[Table]:
    if find_spec("pymysql") is None:
        raise ValidationError(_("没有安装 MariaDB 驱动。请管理员运行：pip install 'hexi[mariadb]'，然后重启。"))
    import pymysql
    from pymysql.cursors import SSCursor

    try:
        connection = pymysql.connect(
            host=place.host, port=place.port, database=place.parts[0] if len(place.parts) > 1 else place.database,
            user=place.user, password=place.password, charset="utf8mb4", connect_timeout=PATIENCE,
            read_timeout=READING, cursorclass=SSCursor, local_infile=False, program_name="hexi",
            init_command=READ_ONLY,
        )  # fmt: skip
    except (pymysql.MySQLError, OSError) as error:
        raise Lost(_said(error)) from error
    try:
        yield from _maria_rows(connection, place, since)
    except pymysql.MySQLError as error:
        raise Lost(_said(error)) from error
    finally:
        _shut(connection)


def _maria_rows(connection: Any, place: Place, since: Since | None) -> Iterator[Table]:
    import pymysql

    with connection.cursor(pymysql.cursors.Cursor) as cursor:
        cursor.execute("SET SESSION time_zone = %s", [CHINA_OFFSET])
        cursor.execute("START TRANSACTION READ ONLY")
        cursor.execute(_MARIA_COLUMNS, [place.parts[-1]])
        names = _names([row[0] for row in cursor.fetchall()], place, since)
    listed = ", ".join(map(_ticked, names))
    statement, values = f"SELECT {listed} FROM {_ticked(place.parts[-1])}", []  # noqa: S608 - quoted names
    if since:
        statement += f" WHERE {_ticked(since.column)} {'>=' if since.again else '>'} %s"
        values = [since.mark]
    cursor = connection.cursor()
    cursor.execute(statement, values)
    yield Table(names, _numbered(_watched(_pieces(cursor), pymysql.MySQLError, OSError)))


def _ticked(name: str) -> str:
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"


def _pieces(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while piece := cursor.fetchmany(PIECE):
        yield from piece


def _shut(connection: Any) -> None:
    """A stream broken off in the middle is not read to its end first, as the driver would."""
    if connection._result is not None:
        connection._result.unbuffered_active, connection._result.connection = False, None
    connection._force_close()


def _watched(rows: Iterator[tuple[Any, ...]], *errors: type[Exception]) -> Iterator[tuple[Any, ...]]:
    try:
        yield from rows
    except errors as error:
        raise Lost(_said(error)) from error


def _said(error: Exception) -> str:
    text = " ".join(str(part) for part in error.args) or type(error).__name__
    return " ".join(text.split())[:300]


_OPENERS = {"postgres": _postgres, "mariadb": _mariadb}
