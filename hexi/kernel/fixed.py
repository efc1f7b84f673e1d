"""Reads and writes of a fixed shape, met on nearly every request: their SQL is made once, then only values change.

Making the SQL of one read costs Django more than asking the database does: 0.2 to 0.6 ms against 0.05. A page asks
twenty. Only for reads whose shape never changes: no condition that depends on who asks or in which language.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import Func, IntegerField, Model, QuerySet, Value
from django.db.models.query import FlatValuesListIterable, ModelIterable, get_related_populators

Row = TypeVar("Row")
#: how many rows there are: `rows.order_by().values_list(COUNT, flat=True)`
COUNT: Any = Func(template="COUNT(*)", output_field=IntegerField())


class Given(Value):
    """Stands in a fixed read where a value comes later: `filter(number=Given("number"))`. None is not a value."""

    def __init__(self, name: str):
        super().__init__(name)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A place for the value, found again among the parameters by this object itself."""
        return "%s", [self]


class Fixed(Generic[Row]):
    """A read made by `make` at its first use; `all` and `first` ask it with values for its `Given` places.

    Gives models (with `select_related` and `defer`) or the tuples of `values_list`; every call asks the database.
    """

    def __init__(self, make: Callable[[], "QuerySet[Any, Row]"]):
        self._make = make
        self._made: _Made | None = None

    def all(self, **given: Any) -> list[Row]:
        """Every row."""
        return list(self._rows(given))

    def first(self, **given: Any) -> Row | None:
        """The first row that comes; None if there is none. Let `make` sort, or ask by something unique."""
        return next(self._rows(given), None)

    def get(self, **given: Any) -> Row:
        """The first row that comes. Raises the model's `DoesNotExist` if there is none."""
        row = self.first(**given)
        if row is None:
            raise self._ready().model.DoesNotExist
        return row

    def any(self, **given: Any) -> bool:
        """True if there is a row."""
        return self.first(**given) is not None

    def _ready(self) -> "_Made":
        if self._made is None:
            self._made = _Made(self._make())
        return self._made

    def _rows(self, given: dict[str, Any]) -> Iterator[Any]:
        return self._ready().rows(given)


class _Made:
    """SQL, converters and populators of one read. Shared by the threads; the connection is each thread's own."""

    def __init__(self, rows: QuerySet[Any, Any]):
        self.model: type[Model] = rows.model
        self._compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        try:
            self._sql, self._params = self._compiler.as_sql()
        except EmptyResultSet:
            self._sql = ""  # its conditions let no row through, whatever the values
            return
        self._width = self._compiler.col_count
        columns = [one[0] for one in self._compiler.select[: self._width]]
        self._convert = list(self._compiler.get_converters(columns).items())
        kind = rows._iterable_class
        self._shape = self._models if issubclass(kind, ModelIterable) else self._tuples
        self._flat = issubclass(kind, FlatValuesListIterable)
        if self._shape == self._models:
            self._prepare_models()

    def _prepare_models(self) -> None:
        info, select = self._compiler.klass_info, self._compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        self._own = slice(first, last)
        self._names = [one[0].target.attname for one in select[first:last]]
        self._related = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        self._annotated = list(self._compiler.annotation_col_map.items())

    def rows(self, given: dict[str, Any]) -> Iterator[Any]:
        """Ask with these values."""
        if not self._sql:
            return iter(())
        own = connections[DEFAULT_DB_ALIAS]
        adapt = own.ops.adapt_unknown_value
        values = [adapt(given[one.value]) if isinstance(one, Given) else one for one in self._params]
        with _cursor(own) as cursor:
            cursor.execute(self._sql, values)
            found: Any = cursor.fetchall()
        if self._convert:
            found = [self._converted(row, own) for row in found]
        return self._shape(found)

    def _converted(self, row: tuple[Any, ...], own: Any) -> list[Any]:
        given = list(row)
        for place, (converters, expression) in self._convert:
            for convert in converters:
                given[place] = convert(given[place], expression, own)
        return given

    def _models(self, found: Any) -> Iterator[Any]:
        for row in found:
            one = self.model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._own])
            for populator in self._related:
                populator.populate(row, one)
            for name, place in self._annotated:
                setattr(one, name, row[place])
            yield one

    def _tuples(self, found: Any) -> Iterator[Any]:
        return chain.from_iterable(found) if self._flat else map(tuple, found)


def _cursor(own: Any) -> Any:
    """A cursor; on PostgreSQL one whose statements the server keeps prepared (setting `prepare_threshold`).

    While statements are recorded (tests, DEBUG) it is the plain one, which can tell what it sent.
    """
    if own.vendor != "postgresql" or own.queries_logged:
        return own.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    own.ensure_connection()
    raw = own.connection
    plain, raw.cursor_factory = raw.cursor_factory, ServerBindingCursor
    try:
        return own.cursor()
    finally:
        raw.cursor_factory = plain


def fetched(owner: Model, name: str, rows: list[Any]) -> None:
    """Let `owner.<name>.all()` give these rows without a query, as `prefetch_related` would."""
    link: Any = owner._meta.get_field(name).remote_field
    for row in rows:
        link.set_cached_value(row, owner)
    held = getattr(owner, name).all()
    held._result_cache, held._prefetch_done = rows, True
    owner.__dict__.setdefault("_prefetched_objects_cache", {})[name] = held


def insert(*rows: Model) -> None:
    """Write new rows of one model with one statement, as `bulk_create` does; each gets its key."""
    _insert(rows, "")


def _insert(rows: tuple[Model, ...], conflict: str) -> None:
    model = type(rows[0])
    head, names, tail = _insertion(model)
    places = f"({', '.join(['%s'] * len(names))})"
    with _cursor(connections[DEFAULT_DB_ALIAS]) as cursor:
        cursor.execute(
            f"{head} VALUES {', '.join([places] * len(rows))} {conflict} {tail}",
            [value for row in rows for value in _values(row, names, new=True)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def upsert(*rows: Model, on: tuple[str, ...], change: tuple[str, ...]) -> None:
    """Write rows of one model with one statement; one that is there already (by its unique fields `on`) is changed.

    As `bulk_create` with `update_conflicts` does it; each gets its key.
    """
    meta: Any = type(rows[0])._meta
    quoted = connection.ops.quote_name
    columns = {name: quoted(meta.get_field(name).column) for name in (*on, *change)}
    kept = ", ".join(columns[name] for name in on)
    anew = ", ".join(f"{columns[name]} = EXCLUDED.{columns[name]}" for name in change)
    _insert(rows, f"ON CONFLICT ({kept}) DO UPDATE SET {anew}")


def update(row: Model, *names: str) -> None:
    """Write these columns of a row (default: all), as `save` does. Raises `DatabaseError` if the row is gone."""
    statement, fields = _change(type(row), names)
    with _cursor(connections[DEFAULT_DB_ALIAS]) as cursor:
        cursor.execute(statement, [*_values(row, fields, new=False), row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"{row._meta.label} {row.pk} is gone")


def _values(row: Model, fields: tuple[Any, ...], *, new: bool) -> list[Any]:
    own = connections[DEFAULT_DB_ALIAS]  # the connection itself: through `connection` each look at it costs more
    return [field.get_db_prep_save(field.pre_save(row, new), own) for field in fields]


@cache
def _insertion(model: type[Model]) -> tuple[str, tuple[Any, ...], str]:
    """(up to VALUES, the columns given, what comes back)."""
    meta: Any = model._meta
    quoted = connection.ops.quote_name
    fields = tuple(field for field in meta.local_concrete_fields if field is not meta.auto_field)
    columns = ", ".join(quoted(field.column) for field in fields)
    key = quoted(meta.pk.column)
    return f"INSERT INTO {quoted(meta.db_table)} ({columns})", fields, f"RETURNING {key}"


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    meta: Any = model._meta
    quoted = connection.ops.quote_name
    wanted = [meta.get_field(name) for name in names] or [one for one in meta.local_concrete_fields if one != meta.pk]
    columns = ", ".join(f"{quoted(one.column)} = %s" for one in wanted)
    where = f"{quoted(meta.pk.column)} = %s"
    return f"UPDATE {quoted(meta.db_table)} SET {columns} WHERE {where}", tuple(wanted)  # noqa: S608 - our own names
