"""Rows of open data sets as everybody may have them: open columns only, masked, scrubbed; persons only as counts.

Everything that leaves the house as open data goes through `rows`, `groups` and `stream`: preview, files, API, charts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.catalog import anonymous, sources
from hexi.blocks.catalog.models import Entry, Item, Mask, Rows, Version
from hexi.blocks.catalog.queries.loads import rows_of
from hexi.blocks.catalog.queries.plainly import Lines
from hexi.blocks.catalog.store import engine, files
from hexi.blocks.catalog.store.grammar import (
    LIMIT,
    REALS,
    ROWS,
    All,
    Column,
    Compare,
    Fault,
    Not,
    Query,
    Some,
    Where,
    both,
    tests,
)
from hexi.kernel import clock

#: what the column of a data set of persons is called that counts them
PERSONS = "persons"


@dataclass(frozen=True)
class Page:
    """Rows of an open data set with their columns; `total` None: not counted."""

    rows: list[tuple[Any, ...]]
    total: int | None
    columns: tuple[Column, ...]


def source_of(entry: Entry) -> engine.Source | None:
    """Where its rows are; None where there are none to be read here. Looked for once an instance."""
    known = entry.__dict__
    if "_rows" not in known:
        found = _rows(entry)
        known["_rows"] = None if isinstance(found, engine.Stored) and not _readable(found) else found
    return known["_rows"]


def _rows(entry: Entry) -> engine.Source | None:
    """What is fetched with many entries at once is not asked for again."""
    if entry.kind == Rows.NONE:
        return None
    in_use: list[Version] | None = entry.__dict__.get("in_use")
    if in_use is None or entry.kind == Rows.VIEW:
        return rows_of(entry)
    return rows_of(entry, in_use[0]) if in_use else None


def versions(entry: Entry) -> QuerySet[Version]:
    """Those everybody may have: the one in use, and older ones that were loaded open and not withheld since.

    Of persons there is none: two versions would differ by one of them.
    """
    if of_persons(entry) or entry.kind == Rows.VIEW:
        return entry.versions.none()
    return entry.versions.filter(Q(current=True) | Q(open=True))


def at(entry: Entry, number: int) -> Version:
    """Have an older version of its rows read wherever the entry is asked. Raises `Version.DoesNotExist`.

    What is open today is what leaves of it.
    """
    version = versions(entry).get(number=number)
    entry.__dict__["in_use"] = [version]
    entry.__dict__.pop("_rows", None)
    return version


def _readable(version: engine.Stored) -> bool:
    return files.available() and version.path.exists()


def items_of(entry: Entry) -> list[Item]:
    """The columns that leave: open ones that are neither hidden nor forbidden, and that the rows have."""
    source = source_of(entry)
    there = None if source is None else {one.name for one in source.columns}
    return [one for one in entry.items.all() if _leaves(one) and (there is None or one.name in there)]


def _leaves(one: Item) -> bool:
    """Also of one that was opened before it had to be said whose it is, or came from elsewhere."""
    named = anonymous.forbidden(one.name, one.title, one.title_en)
    return one.open and one.mask != Mask.HIDDEN and not (named and (one.personal or not one.of_body))


def of_persons(entry: Entry) -> bool:
    """True if its rows tell of persons, in columns that are open or not: then only counts leave."""
    return sources.of_persons(entry)


def columns_of(entry: Entry) -> tuple[Column, ...]:
    """The columns of what everybody may have; a masked one holds text."""
    found = tuple(Column(one.name, one.type if one.mask == Mask.NONE else "C", one.label) for one in items_of(entry))
    return (*found, Column(PERSONS, "I", _("人数"))) if of_persons(entry) else found


def askable(entry: Entry) -> tuple[Column, ...]:
    """The columns one may filter, sort and group by: those that are shown as they are, or counted."""
    masked = set() if of_persons(entry) else {one.name for one in items_of(entry) if one.mask != Mask.NONE}
    return tuple(one for one in columns_of(entry) if one.name not in masked)


def has_rows(entry: Entry) -> bool:
    """True if there is something to look at."""
    return bool(items_of(entry)) and source_of(entry) is not None


def rows(entry: Entry, query: Query, *, count: bool = True) -> Page:
    """The page of a question. Raises `Fault` for a column that is not there, or a data set without rows."""
    _no_secrets(entry, query)
    if of_persons(entry):
        found, total, columns = _counts(entry).rows(query)
        return Page(found, total, columns)
    page = engine.rows(_source(entry), _careful(entry, query).within(_masks(entry)), count=count)
    return Page(_clean(entry, page.rows, page.columns), page.total, _titled(entry, page.columns))


def groups(entry: Entry, query: Query) -> list[tuple[Any, ...]]:
    """Figures by the columns of `query.group`. Raises `Fault`."""
    _no_secrets(entry, query)
    if of_persons(entry):
        return _counts(entry).groups(query)
    _no_sums(entry, query)
    page = engine.rows(_source(entry), _careful(entry, query).within(_masks(entry)))
    return _clean(entry, page.rows, page.columns)


def stream(entry: Entry) -> Iterator[list[tuple[Any, ...]]]:
    """Every row, in pieces, in the order of `columns_of`."""
    if of_persons(entry):
        yield _counts(entry).rows(Query(limit=anonymous.MOST))[0]
        return
    names = tuple(one.name for one in items_of(entry))
    columns = columns_of(entry)
    for piece in engine.stream(_source(entry), Query(fields=names).within(_masks(entry))):
        yield _clean(entry, piece, columns)


def preview(entry: Entry, most: int = 10) -> Page:
    """The first rows, without counting."""
    return rows(entry, Query(limit=most), count=False)


def _masks(entry: Entry) -> dict[str, str]:
    return {one.name: one.mask for one in items_of(entry)}


def _source(entry: Entry) -> engine.Source:
    found = source_of(entry)
    if found is None or not items_of(entry):
        raise Fault("resource_id", _("这个数据集还没有可以查询的数据。"))
    return found


def _titled(entry: Entry, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    titles = {one.name: one.title for one in columns_of(entry)}
    return tuple(replace(one, title=titles.get(one.name, one.name)) for one in columns)


def _bare(entry: Entry) -> set[str]:
    """Columns of figures nobody measures anything in: a figure there may be somebody's number."""
    plain = (one for one in items_of(entry) if one.mask == Mask.NONE and not one.unit)
    return {one.name for one in plain if one.type in REALS or one.type == "I"}


def _clean(entry: Entry, found: list[tuple[Any, ...]], columns: tuple[Column, ...]) -> list[tuple[Any, ...]]:
    bare = _bare(entry)
    places = [place for place, one in enumerate(columns) if one.text or one.name in bare]
    if not places:
        return found
    cleaned = []
    for row in found:
        values = list(row)
        for place in places:
            values[place] = anonymous.scrub(values[place])
        cleaned.append(tuple(values))
    return cleaned


def _no_secrets(entry: Entry, query: Query) -> None:
    """Nobody finds out by asking for it whether somebody's number stands where stars, or nothing, are shown."""
    measured = {one.name for one in items_of(entry) if one.unit}
    asked = [("q", query.q)]
    for one in tests(query.where) if query.where else ():
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        asked += [("where", value) for value in values if isinstance(value, str) or one.field not in measured]
    for place, value in asked:
        if anonymous.scrub(value) != value:
            raise Fault(place, _("不能按证件号、手机号或银行卡号查询。请换一个条件。"))


#: tests that tell of parts of a text; those of the whole cell tell nothing of one that holds more
_PARTS = ("prefix", "contains", "<", "<=", ">", ">=")


def _careful(entry: Entry, query: Query) -> Query:
    """Nor by asking for a part of it: no such test, and no word, finds a cell in which something like one stands.

    Whether it is found is then the same whatever the number is.
    """
    texts = [one for one in items_of(entry) if one.mask == Mask.NONE and Column(one.name, one.type).text]
    roomy = {one.name for one in texts if one.length is None or one.length >= anonymous.SHORTEST}
    bare = _bare(entry)

    def plain(test: Compare) -> Where:
        if test.field in bare:
            return All((test, Not(_numbers_in(test.field))))
        return All((test, Compare(test.field, "unlike", anonymous.LIKE_A_NUMBER))) if test.field in roomy else test

    def careful(where: Where) -> Where:
        if isinstance(where, Compare):
            return plain(where) if where.op in _PARTS else where
        if isinstance(where, Not):
            return Not(careful(where.part))
        return type(where)(tuple(map(careful, where.parts)))

    words = (Some(tuple(plain(Compare(one.name, "contains", word)) for one in texts)) for word in query.q.split())
    found = All(tuple(words)) if query.q else None
    return replace(query, q="", where=both(careful(query.where) if query.where else None, found))


def _numbers_in(name: str) -> Where:
    """A figure that looks like somebody's number stands in the column."""
    bands = ((Compare(name, ">=", low), Compare(name, "<", high)) for low, high in anonymous.BANDS)
    return Some(tuple(All(band) for band in bands))


def _no_sums(entry: Entry, query: Query) -> None:
    """Nor by having them added up: the sum, mean, least or greatest of one number is that number."""
    bare = _bare(entry)
    for place, one in enumerate(query.aggregates):
        if one.field not in bare or one.do in ("count", "distinct"):
            continue
        asked = Query(where=_numbers_in(one.field), limit=0).within(_masks(entry))
        if engine.rows(_source(entry), asked).total:
            told = _("“%(name)s”里有像手机号、证件号的数，不能计算。说的是数量，请提供单位写明计量单位。")
            titles = {column.name: column.title for column in columns_of(entry)}
            raise Fault(f"aggregates[{place}]", told % {"name": titles[one.field]})


# --- persons ----------------------------------------------------------------------------------------------------------
#: seconds the counts of a day are remembered for
KEPT = 2 * 24 * 3600


def _counts(entry: Entry) -> Lines:
    """Anew once a day and after each load: of counts that follow each other closely, the difference is one person.

    Raises `Fault` where nothing says whose a row is: five rows may be one person's, and no count of rows is told as
    one of persons.
    """
    if not sources.with_person(entry, _source(entry))[1]:
        told = _("现在的数据没有写明每行是谁的，数不出人数，不能公开。请提供单位加上公民身份号码（不公开）作为数据项。")
        raise Fault("resource_id", told)
    loaded = None if entry.kind == Rows.VIEW else entry.refreshed  # an own table changes all day
    lines = _counted(entry.pk, entry.updated, loaded, clock.today(), _Held(entry))
    if lines is None:
        told = _("开放的列分得太细，没有可以公开的统计。请提供单位减少开放的列，或改用只到年、只到县区。")
        raise Fault("resource_id", told)
    return Lines(columns_of(entry), lines)


@dataclass(frozen=True)
class _Held:
    """An entry carried past the cache, which must not compare it."""

    entry: Entry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=16)
def _counted(pk: int, updated: Any, refreshed: Any, day: Any, held: _Held) -> list[tuple[Any, ...]] | None:
    """The first of all processes counts: one that began later, or was started anew, tells the same the whole day."""
    moments = "-".join(str(one.timestamp()) if one else "" for one in (updated, refreshed))
    return cache.get_or_set(f"catalog-persons-{pk}-{moments}-{day}", lambda: _count(held.entry), KEPT)


def _count(entry: Entry) -> list[tuple[Any, ...]] | None:
    names = tuple(one.name for one in items_of(entry))
    source, whose = sources.with_person(entry, _source(entry))
    pieces = engine.stream(source, Query(fields=names).within(_masks(entry)), whose=whose)
    texts = columns_of(entry)[:-1]
    return anonymous.counted(row for piece in pieces for row in _clean(entry, piece, texts))


def forget() -> None:
    """Forget what this process remembers: for tests."""
    _counted.cache_clear()


__all__ = ["LIMIT", "PERSONS", "ROWS", "Page", "columns_of", "groups", "has_rows", "preview", "rows", "stream"]
