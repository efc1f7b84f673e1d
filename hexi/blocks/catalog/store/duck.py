"""Questions answered by DuckDB over one Parquet version: compiled to a statement without a word of anybody's in it.

Every name is c0, c1 … of `files`, every value a parameter. Files outside the folder of versions cannot be opened, the
settings cannot be changed by a statement, and a question that takes too long is broken off.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.catalog.store import files, options
from hexi.blocks.catalog.store.files import Stored
from hexi.blocks.catalog.store.grammar import Aggregate, All, Column, Compare, Fault, Not, Query, Where

#: rows a page may have to be looked up again by their place after sorting
LATE = 1_000
#: groups of an answer that is remembered: many large ones would fill the memory
KEPT = 1_000
FROM = "FROM read_parquet(?, file_row_number = true)"
_DO = {
    "count": "count({})", "sum": "sum({})", "avg": "avg({})", "min": "min({})", "max": "max({})",
    "distinct": "count(DISTINCT {})",
}  # fmt: skip


class Compiled:
    """Makes SQL of conditions for the columns of one version, and keeps their values in the order they stand in."""

    def __init__(self, columns: Sequence[Column]):
        self.place = {column.name: f"c{number}" for number, column in enumerate(columns)}
        self.texts = {column.name for column in columns if column.text}
        self.values: list[Any] = []

    def where(self, where: Where | None, *, negated: bool = False) -> str:
        """The condition. Under a `not` an empty cell must make a test false and not unknown."""
        if where is None:
            return "TRUE"
        if isinstance(where, Not):
            return f"NOT ({self.where(where.part, negated=not negated)})"
        if isinstance(where, Compare):
            test = self._test(where)
            return f"({test} AND {self.place[where.field]} IS NOT NULL)" if negated and where.op != "null" else test
        word, nothing = (" AND ", "TRUE") if isinstance(where, All) else (" OR ", "FALSE")
        return word.join(f"({self.where(part, negated=negated)})" for part in where.parts) or nothing

    def _test(self, test: Compare) -> str:
        name, value = self.place[test.field], test.value
        if test.op == "null":
            return f"{name} IS {'' if value else 'NOT '}NULL"
        if test.op == "in":
            self.values += value
            return f"{name} IN ({', '.join('?' * len(value))})" if value else "FALSE"
        if test.op == "prefix" and test.field not in self.texts:  # codes a database keeps as numbers, within a region
            self.values.append(value)
            return f"starts_with(CAST({name} AS VARCHAR), ?)"
        if test.op == "prefix":
            self.values += [value, value]  # the bound lets whole row groups be left out
            return f"({name} >= ? AND starts_with({name}, ?))"
        if test.op == "contains":
            return self._holds(name, value)
        self.values.append(value)
        return f"NOT regexp_matches({name}, ?)" if test.op == "unlike" else f"{name} {test.op} ?"

    def _holds(self, name: str, word: str) -> str:
        """The word stands in it, in large or small letters. A word without letters needs no cell made small for it."""
        self.values.append(word)
        cased = word.lower() != word.upper()
        return f"contains(lower({name}), lower(?))" if cased else f"contains({name}, ?)"

    def words(self, text: str, columns: Sequence[Column]) -> str:
        """Every word stands in a text column."""
        names = [self.place[column.name] for column in columns if column.text]
        parts = []
        for word in text.split():
            parts.append(" OR ".join(self._holds(name, word) for name in names) or "FALSE")
        return " AND ".join(f"({part})" for part in parts) or "TRUE"

    def aggregate(self, one: Aggregate) -> str:
        """A figure."""
        if one.do in ("persons", "others"):
            empty = "" if one.do == "others" else "NOT "
            told = f" FILTER (WHERE {self.place[one.field]} IS {empty}NULL)" if one.field else ""
            return f"count({f'DISTINCT {self.who(one.whose)}' if one.whose else '*'}){told}"
        return _DO[one.do].format(self.place[one.field] if one.field else "*")

    def who(self, name: str) -> str:
        """Whose a row is: a number is the same in small letters and with blanks round it; an empty one is nobody's."""
        place = self.place[name]
        return f"nullif(upper(trim({place})), '')" if name in self.texts else place


def select(stored: Stored, query: Query, clear: Sequence[Column], shown: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Rows of the columns `shown`; `clear` are those that words (`q`) may be looked for in."""
    if query.sort and query.limit <= LATE:
        return _sorted(stored, query, clear, shown)
    made, condition = _conditions(stored, query, clear)
    names = ", ".join(made.place[column.name] for column in shown) or "NULL"
    if condition == "TRUE" and not query.sort:  # a page of all rows stands where its number says: nothing else is read
        statement = f"SELECT {names} {FROM} WHERE file_row_number BETWEEN ? AND ?"
        return ask(statement, [str(stored.path), query.offset, query.offset + query.limit - 1])
    statement = f"SELECT {names} {FROM} WHERE {condition}{_order(made, query)} LIMIT ? OFFSET ?"
    return ask(statement, [str(stored.path), *made.values, query.limit, query.offset])


def _sorted(stored: Stored, query: Query, clear: Sequence[Column], shown: Sequence[Column]) -> list[tuple[Any, ...]]:
    """First where the rows of this page are, then those rows: a wide row is read only if it is shown."""
    made, condition = _conditions(stored, query, clear)
    statement = f"SELECT file_row_number {FROM} WHERE {condition}{_order(made, query)} LIMIT ? OFFSET ?"
    found = [row for (row,) in ask(statement, [str(stored.path), *made.values, query.limit, query.offset])]
    if not found:
        return []
    names = ", ".join(["file_row_number", *(made.place[column.name] for column in shown)])
    marks = ", ".join("?" * len(found))
    rows = ask(f"SELECT {names} {FROM} WHERE file_row_number IN ({marks})", [str(stored.path), *found])
    by_place = {row[0]: row[1:] for row in rows}
    return [by_place[one] for one in found]


def stream(
    stored: Stored, query: Query, clear: Sequence[Column], shown: Sequence[Column], size: int, whose: str = ""
) -> Iterator[list[tuple[Any, ...]]]:
    """All rows, without limit, in pieces of `size`; no time limit: who downloads sets the pace.

    `whose`: a column that says whose a row is; that stands last in each row, and those of one person together.
    """
    made, condition = _conditions(stored, query, clear)
    names = ", ".join(made.place[column.name] for column in shown) or "NULL"
    order = _order(made, query)
    if whose:
        names, order = f"{names}, {made.who(whose)}", f" ORDER BY {made.who(whose)}"
    statement = f"SELECT {names} {FROM} WHERE {condition}{order}"
    with _cursor() as cursor, _told():
        cursor.execute(statement, [str(stored.path), *made.values])
        while piece := cursor.fetchmany(size):
            yield piece


def count(stored: Stored, query: Query, clear: Sequence[Column]) -> int:
    """How many rows pass: known beforehand without a condition, and remembered, for a version never changes."""
    if query.where is None and query.kept is None and not query.q:
        return stored.rows
    made, condition = _conditions(stored, query, clear)
    return _counted(f"SELECT count(*) {FROM} WHERE {condition}", (str(stored.path), *made.values))


@lru_cache(maxsize=2_000)
def _counted(statement: str, values: tuple[Any, ...]) -> int:
    return int(ask(statement, list(values))[0][0])


def groups(stored: Stored, query: Query, clear: Sequence[Column]) -> tuple[list[tuple[Any, ...]], int]:
    """Figures of each group, and how many groups there are."""
    made, condition = _conditions(stored, query, clear)
    names = [made.place[name] for name in query.group]
    figures = [made.aggregate(one) for one in query.aggregates]
    by = f" GROUP BY {', '.join(names)}" if names else ""
    inner = f"SELECT {', '.join([*names, *figures])} {FROM} WHERE {condition}{by}"
    order = ", ".join(_direction(str(1 + _outcome(query).index(name)), down) for name, down in query.sort)
    rest = ", ".join(f"{number} NULLS LAST" for number in range(1, len(names) + 1))
    ordered = f" ORDER BY {', '.join(part for part in (order, rest) if part)}" if order or rest else ""
    values = [str(stored.path), *made.values]
    statement = f"SELECT *, count(*) OVER () FROM ({inner}){ordered} LIMIT ? OFFSET ?"  # noqa: S608
    look = _remembered if query.limit <= KEPT else ask
    rows = list(look(statement, (*values, query.limit, query.offset)))
    if rows:
        return [row[:-1] for row in rows], rows[0][-1]
    return [], int(ask(f"SELECT count(*) FROM ({inner})", values)[0][0])  # noqa: S608


@lru_cache(maxsize=500)
def _remembered(statement: str, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    return tuple(ask(statement, list(values)))


def cross(
    stored: Stored, kept: Where | None, one: Where | None, other: Where | None, group: Sequence[str]
) -> list[tuple[Any, ...]]:
    """For each group: its values, then how many rows pass `one`, `other`, and both."""
    made = Compiled(stored.columns)
    names = [made.place[name] for name in group]
    figures = []
    for where in (one, other, All(tuple(part for part in (one, other) if part is not None))):
        figures.append(f"count(*) FILTER (WHERE {made.where(where)})")
    first, made.values = made.values, [str(stored.path)]
    condition = made.where(kept)
    by = f" GROUP BY {', '.join(names)}" if names else ""
    statement = f"SELECT {', '.join([*names, *figures])} {FROM} WHERE {condition}{by}"
    return ask(statement, [*first, *made.values])


def most_rows(stored: Stored, whose: str) -> int:
    """The most rows there are of one person; those that say nobody's number are no person's."""
    who = Compiled(stored.columns).who(whose)
    inner = f"SELECT count(*) AS n {FROM} WHERE {who} IS NOT NULL GROUP BY {who}"
    return int(_remembered(f"SELECT coalesce(max(n), 0) FROM ({inner})", (str(stored.path),))[0][0])  # noqa: S608


def _conditions(stored: Stored, query: Query, clear: Sequence[Column]) -> tuple[Compiled, str]:
    made = Compiled(stored.columns)
    parts = [made.where(query.kept), made.where(query.where), made.words(query.q, clear)]
    return made, " AND ".join(f"({part})" for part in parts if part != "TRUE") or "TRUE"


def _outcome(query: Query) -> list[str]:
    return [*query.group, *(one.name for one in query.aggregates)]


def _order(made: Compiled, query: Query) -> str:
    """Those of a tie in the order of the file, so that pages neither repeat nor lose a row."""
    if not query.sort:
        return ""
    parts = [_direction(made.place[name], down) for name, down in query.sort]
    return f" ORDER BY {', '.join([*parts, 'file_row_number'])}"


def _direction(name: str, down: bool) -> str:
    return f"{name} {'DESC' if down else 'ASC'} NULLS LAST"


# --- the connection ---------------------------------------------------------------------------------------------------
_open: dict[int, Any] = {}
_opening = threading.Lock()


def _database() -> Any:
    """This process's DuckDB: in memory, reads only files of versions."""
    with _opening:
        if os.getpid() not in _open:
            files.require()
            import duckdb

            files.made(files.folder())
            made = duckdb.connect(
                config={
                    "threads": options.THREADS.value,
                    "memory_limit": f"{options.MEMORY.value}MB",
                    "temp_directory": "",
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                }
            )
            made.execute("SET parquet_metadata_cache = true")
            # of some conditions over texts with a LIMIT it fails (“Failed to bind column reference file_index”, 2.0):
            # `_sorted` does by hand what it is for
            made.execute("SET disabled_optimizers = 'late_materialization'")
            made.execute("SET allowed_directories = [" + _quoted(str(files.folder())) + "]")
            made.execute("SET enable_external_access = false")
            made.execute("SET lock_configuration = true")
            _open.clear()
            _open[os.getpid()] = made
        return _open[os.getpid()]


def _quoted(path: str) -> str:
    """A path of our own settings as a literal: no statement that sets something takes a parameter."""
    return "'" + path.replace("'", "''") + "'"


@contextmanager
def _cursor() -> Iterator[Any]:
    cursor = _database().cursor()
    try:
        yield cursor
    finally:
        cursor.close()


def ask(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement of ours, within `catalog.seconds`."""
    with _cursor() as cursor, _told():
        clock = threading.Timer(options.SECONDS.value, cursor.interrupt)
        clock.daemon = True
        clock.start()
        try:
            found: list[tuple[Any, ...]] = cursor.execute(statement, values).fetchall()
        finally:
            clock.cancel()
        return found


@contextmanager
def _told() -> Iterator[None]:
    """What DuckDB raises, as a sentence."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        told = {"n": options.SECONDS.value}
        raise Fault("query", _("超过 %(n)s 秒还没有算完。请加上筛选条件，或少分几组。") % told) from None
    except duckdb.OutOfMemoryException:
        raise Fault("query", _("要的内存太多。请加上筛选条件，或少分几组。")) from None
    except duckdb.IOException as error:
        raise Fault("query", _("这个版本的数据文件读不出。请联系管理员，或换一个版本。")) from error
    except (duckdb.OutOfRangeException, duckdb.ConversionException):
        raise Fault("query", _("求和的结果太大，放不下。请加上筛选条件。")) from None
