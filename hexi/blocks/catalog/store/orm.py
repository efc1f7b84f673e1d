"""The same questions asked of Hexi's own tables: compiled to the ORM, on SQLite and PostgreSQL alike. Beside `duck`."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connections, models, transaction
from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import NullIf, Trim, TruncDate, Upper
from django.utils.translation import gettext as _

from hexi.blocks.catalog.store import options
from hexi.blocks.catalog.store.grammar import Aggregate, All, Column, Compare, Fault, Not, Query, Where
from hexi.kernel.clock import CHINA

_DO: dict[str, Callable[..., Any]] = {"sum": Sum, "avg": Avg, "min": Min, "max": Max}
_LOOKUPS = {"=": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "contains": "icontains"}
#: behind every character
LAST = chr(0x10FFFF)


@dataclass(frozen=True)
class View:
    """A data set that is a view of own tables: where each column comes from, as a path ("department__name") or an
    expression; a column without one has its own name as path. `key`: of the data set."""

    queryset: QuerySet
    columns: tuple[Column, ...]
    paths: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""

    @property
    def vendor(self) -> str:
        """ "sqlite" or "postgresql"."""
        return connections[self.queryset.db].vendor

    def rows(self) -> QuerySet:
        """The queryset with each column as `col_0`, `col_1` …: no name of a data set becomes part of a statement."""
        made = self.queryset.order_by()
        for number, column in enumerate(self.columns):
            path = self.paths.get(column.name, column.name)
            given = F(path) if isinstance(path, str) else path
            made = made.annotate(**{f"col_{number}": given})
            if column.type == "D" and self._kind(made, number) is models.DateTimeField:
                made = made.annotate(**{f"col_{number}": TruncDate(given, tzinfo=CHINA)})
        return made

    @staticmethod
    def _kind(made: QuerySet, number: int) -> Any:
        return type(made.query.annotations[f"col_{number}"].output_field)


class Compiled:
    """Makes conditions for the columns of one view."""

    def __init__(self, view: View):
        self.view = view
        self.place = {column.name: f"col_{number}" for number, column in enumerate(view.columns)}
        self.kinds = {column.name: column for column in view.columns}

    def where(self, where: Where | None, *, negated: bool = False) -> Q:
        """The condition. Under a `not` an empty cell must make a test false and not unknown."""
        if where is None:
            return Q(pk__isnull=False)
        if isinstance(where, Not):
            return ~self.where(where.part, negated=not negated)
        if isinstance(where, Compare):
            test = self._test(where)
            return test & Q(**{f"{self.place[where.field]}__isnull": False}) if negated and where.op != "null" else test
        found = Q(pk__isnull=False) if isinstance(where, All) else Q(pk__in=())
        for part in where.parts:
            one = self.where(part, negated=negated)
            found = found & one if isinstance(where, All) else found | one
        return found

    def _test(self, test: Compare) -> Q:
        name, value = self.place[test.field], self._value(test)
        if test.op == "null":
            return Q(**{f"{name}__isnull": value})
        if test.op == "in":
            return Q(**{f"{name}__in": value}) if value else Q(pk__in=())
        if test.op == "!=":
            return ~Q(**{name: value}) & Q(**{f"{name}__isnull": False})
        if test.op == "unlike":
            return ~Q(**{f"{name}__regex": value}) & Q(**{f"{name}__isnull": False})
        if test.op == "prefix":
            return self._prefix(name, value)
        return Q(**{f"{name}__{_LOOKUPS[test.op]}": value})

    def _prefix(self, name: str, value: str) -> Q:
        """SQLite's LIKE does not tell A from a and uses no index; a range does both."""
        if self.view.vendor == "sqlite":
            return Q(**{f"{name}__gte": value, f"{name}__lt": value + LAST})
        return Q(**{f"{name}__startswith": value})

    def _value(self, test: Compare) -> Any:
        def stored(one: Any) -> Any:
            return one.replace(tzinfo=CHINA) if isinstance(one, datetime) else one

        return tuple(map(stored, test.value)) if test.op == "in" else stored(test.value)

    def words(self, text: str, columns: Sequence[Column]) -> Q:
        """Every word stands in a text column."""
        found = Q()
        for word in text.split():
            part = Q(pk__in=())
            for column in columns:
                if column.text:
                    part |= Q(**{f"{self.place[column.name]}__icontains": word})
            found &= part
        return found

    def aggregate(self, one: Aggregate, condition: Q | None = None) -> Any:
        """A figure, perhaps of the rows that pass a condition alone."""
        if one.do in ("persons", "others"):
            empty = Q(**{f"{self.place[one.field]}__isnull": one.do == "others"}) if one.field else None
            return Count(self.who(one.whose) if one.whose else "pk", distinct=bool(one.whose), filter=empty)
        if one.do in ("count", "distinct"):
            return Count(self.place[one.field] if one.field else "pk", distinct=one.do == "distinct", filter=condition)
        return _DO[one.do](self.place[one.field], filter=condition)

    def who(self, name: str) -> Any:
        """Whose a row is: a number is the same in small letters and with blanks round it; an empty one is nobody's."""
        place = F(self.place[name])
        return (
            NullIf(Upper(Trim(place)), Value(""), output_field=models.TextField()) if self.kinds[name].text else place
        )


@contextmanager
def _timed(view: View) -> Iterator[None]:
    """Within `catalog.seconds`, as files are asked. Raises `Fault`."""
    connection, seconds = connections[view.queryset.db], options.SECONDS.value
    limit = _sqlite_timed if view.vendor == "sqlite" else _postgres_timed
    try:
        with limit(connection, seconds):
            yield
    except OperationalError as error:
        if "interrupted" not in str(error) and getattr(error.__cause__, "sqlstate", "") != "57014":
            raise
        told = _("超过 %(n)s 秒还没有算完。请加上筛选条件，或少分几组。")
        raise Fault("query", told % {"n": seconds}) from None


@contextmanager
def _sqlite_timed(connection: Any, seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    raw, end = connection.connection, time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


@contextmanager
def _postgres_timed(connection: Any, seconds: float) -> Iterator[None]:
    """In a transaction, or a savepoint of the caller's, whose own limit is put back."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        setting = "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)"
        cursor.execute(setting, [f"{int(seconds * 1000)}ms"])
        before = cursor.fetchone()[0]
        yield
        cursor.execute(setting, [before])


def _narrowed(view: View, query: Query, clear: Sequence[Column]) -> tuple[Compiled, QuerySet]:
    made = Compiled(view)
    found = view.rows()
    for where in (query.kept, query.where):
        if where is not None:
            found = found.filter(made.where(where))
    return made, found.filter(made.words(query.q, clear)) if query.q else found


def _ordered(made: Compiled, query: Query, found: QuerySet) -> QuerySet:
    order = [_direction(made.place[name], down) for name, down in query.sort]
    return found.order_by(*order, "pk")


def _direction(name: str, down: bool) -> Any:
    return F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True)


def _names(made: Compiled, shown: Sequence[Column]) -> list[str]:
    """Never empty: `values_list()` without a name gives every column of the table."""
    return [made.place[column.name] for column in shown] or ["pk"]


def select(view: View, query: Query, clear: Sequence[Column], shown: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Rows of the columns `shown`, those of a tie in the order they were made."""
    made, found = _narrowed(view, query, clear)
    rows = _ordered(made, query, found).values_list(*_names(made, shown))
    with _timed(view):
        return [_plain(row)[: len(shown)] for row in rows[query.offset : query.offset + query.limit]]


def stream(
    view: View, query: Query, clear: Sequence[Column], shown: Sequence[Column], size: int, whose: str = ""
) -> Iterator[list[tuple[Any, ...]]]:
    """All rows, without limit, in pieces of `size`; `whose` as files know it."""
    made, found = _narrowed(view, query, clear)
    names, rows = _names(made, shown), _ordered(made, query, found)
    if whose:
        rows = found.annotate(who=made.who(whose)).order_by("who", "pk")
    start, last = (0, len(shown)) if shown else (1, 1)  # without a column to show there is one all the same
    piece: list[tuple[Any, ...]] = []
    for row in rows.values_list(*names, *["who"] * bool(whose)).iterator(chunk_size=size):
        piece.append(_plain(row)[start : last + bool(whose)])
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece


def count(view: View, query: Query, clear: Sequence[Column]) -> int:
    """How many rows pass."""
    with _timed(view):
        return _narrowed(view, query, clear)[1].count()


def groups(view: View, query: Query, clear: Sequence[Column]) -> tuple[list[tuple[Any, ...]], int]:
    """Figures of each group, and how many groups there are."""
    with _timed(view):
        return _groups(view, query, clear)


def _groups(view: View, query: Query, clear: Sequence[Column]) -> tuple[list[tuple[Any, ...]], int]:
    made, found = _narrowed(view, query, clear)
    figures = {f"agg_{number}": made.aggregate(one) for number, one in enumerate(query.aggregates)}
    if not query.group:
        got = found.aggregate(**figures)
        rows = [_figures(query, _plain(tuple(got[name] for name in figures)))]
        return rows[query.offset : query.offset + query.limit], 1
    names = [made.place[name] for name in query.group]
    grouped = found.values(*names).annotate(**figures, agg_rows=Count("pk"))  # without a figure nothing is grouped
    outcome = dict(zip([*query.group, *(one.name for one in query.aggregates)], [*names, *figures], strict=True))
    order = [*query.sort, *((name, False) for name in query.group)]
    ordered = grouped.order_by(*(_direction(outcome[name], down) for name, down in order)).values_list(*names, *figures)
    rows = [_figures(query, _plain(row)) for row in ordered[query.offset : query.offset + query.limit]]
    total = len(rows) + query.offset if 0 < len(rows) < query.limit else grouped.order_by().count()
    return rows, total


def most_rows(view: View, whose: str) -> int:
    """The most rows there are of one person; those that say nobody's number are no person's."""
    found = view.rows().annotate(who=Compiled(view).who(whose)).filter(who__isnull=False)
    found = found.values("who").annotate(agg_rows=Count("pk"))
    with _timed(view):
        return found.order_by("-agg_rows").values_list("agg_rows", flat=True).first() or 0


def cross(
    view: View, kept: Where | None, one: Where | None, other: Where | None, group: Sequence[str]
) -> list[tuple[Any, ...]]:
    """For each group: its values, then how many rows pass `one`, `other`, and both."""
    with _timed(view):
        return _cross(view, kept, one, other, group)


def _cross(
    view: View, kept: Where | None, one: Where | None, other: Where | None, group: Sequence[str]
) -> list[tuple[Any, ...]]:
    made = Compiled(view)
    first, second = made.where(one), made.where(other)
    counted = Aggregate("count")
    figures = {
        f"agg_{number}": made.aggregate(counted, condition)
        for number, condition in enumerate((first, second, first & second))
    }
    found = view.rows().filter(made.where(kept))
    if not group:
        return [tuple(found.aggregate(**figures)[name] for name in figures)]
    names = [made.place[name] for name in group]
    return [_plain(row) for row in found.values(*names).annotate(**figures).order_by().values_list(*names, *figures)]


def _figures(query: Query, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A mean is a real number, also of money, as DuckDB says it."""
    start = len(query.group)
    means = [one.do == "avg" for one in query.aggregates]
    return row[:start] + tuple(
        float(value) if mean and isinstance(value, (int, Decimal)) else value
        for value, mean in zip(row[start:], means, strict=True)
    )


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Moments in China's time, as they are in files."""
    return tuple(
        value.astimezone(CHINA).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value
        for value in row
    )
