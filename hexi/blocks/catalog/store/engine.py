"""Rows of a data set for a question: pages, figures, streams; masks, and small groups kept back.

`rows(source, query)` is the one way to rows. A source is a `Stored` version (DuckDB over Parquet, or a table of
PostgreSQL where that is chosen) or a `View` of own tables (the ORM); all answer alike. Who calls has narrowed the
question with `Query.within` to what its asker may see.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.catalog.store import duck, orm, tables
from hexi.blocks.catalog.store.files import Stored
from hexi.blocks.catalog.store.grammar import GROUP_ROWS, Aggregate, Column, Compare, Fault, Query, unknown
from hexi.blocks.catalog.store.grammar import both as both_hold
from hexi.blocks.catalog.store.masks import hide
from hexi.blocks.catalog.store.orm import View

__all__ = ["Guard", "Page", "Stored", "View", "rows", "stream"]
Source = Stored | View
#: persons a group must have to be told to outsiders
LEAST = 5


@dataclass(frozen=True)
class Page:
    """What a question came to: rows as tuples in the order of `columns`; `total` of all pages (None: not asked for).

    `withheld`: groups left out because they are small, or would tell a small one. `aside`: of each row the value of the
    column the caller keeps for itself (`rows(aside=)`), unmasked; it is not among the columns and is never given out.
    """

    rows: list[tuple[Any, ...]]
    total: int | None
    columns: tuple[Column, ...]
    withheld: int = 0
    aside: tuple[Any, ...] = ()

    def dicts(self) -> list[dict[str, Any]]:
        """The rows by the names of their columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Guard:
    """What outsiders may learn of persons: figures of groups of `least` at least, also by way of differences.

    `earlier`: the questions answered to the same asker before. A group is kept back, too, if it is all but a few, or
    a few more, of what they told: 100 women less 99 women under eighty is one person. `whose`: the column that says
    whose a row is, by which persons are counted; without one each row is another person's.
    """

    least: int = LEAST
    earlier: tuple[Query, ...] = field(default=())
    whose: str = ""


def rows(source: Source, query: Query, *, count: bool = True, guard: Guard | None = None, aside: str = "") -> Page:
    """The page a question asks for. Raises `Fault` for a field that is not there, and for what costs too much.

    `aside`: a column the asker may not see, nor filter, sort or search by, read along for the caller itself.
    """
    clear, shown = _columns(source, query)
    if guard is not None:
        return _guarded(source, query, clear, guard)
    by = _by(source)
    if query.grouped:
        found, total = by.groups(source, query, clear)
        return Page(found, total, _outcome(source, query))
    beside = [column for column in source.columns if aside and column.name == aside]
    got = by.select(source, query, clear, [*shown, *beside]) if query.limit else []
    total = _total(source, query, clear, len(got)) if count else None
    kept = tuple(row[-1] for row in got) if beside else ()
    got = [row[:-1] for row in got] if beside else got
    return Page(_masked(source, query, shown, got), total, _told(query, shown), aside=kept)


def _total(source: Source, query: Query, clear: Sequence[Column], got: int) -> int:
    """A page that is not full is the last one: nothing more to count."""
    if 0 < got < query.limit:
        return query.offset + got
    return int(_by(source).count(source, query, clear))


def stream(source: Source, query: Query, *, size: int = 10_000, whose: str = "") -> Iterator[list[tuple[Any, ...]]]:
    """Every row that passes, in pieces, as `rows` would show them: for downloads. `limit` and `offset` count not.

    `whose`: a column that says whose a row is, for the caller itself: it stands last in each row, unmasked, and the
    rows of one person stand together.
    """
    if query.grouped:
        raise Fault("group", _("整份下载不能分组统计。"))
    clear, shown = _columns(source, query)
    for piece in _by(source).stream(source, query, clear, shown, size, whose):
        yield _masked(source, query, shown, piece)


def columns_of(source: Source, query: Query) -> tuple[Column, ...]:
    """The columns a question gives, without asking it."""
    return _outcome(source, query) if query.grouped else _told(query, _columns(source, query)[1])


def _by(source: Source) -> Any:
    if not isinstance(source, Stored):
        return orm
    return tables if tables.holds(source) else duck


def _columns(source: Source, query: Query) -> tuple[list[Column], list[Column]]:
    """Those whose words may be searched, and those to show, in the order asked for; checks every name once more."""
    masks = query.shown
    known = {column.name: column for column in source.columns if masks is None or column.name in masks}
    for place, name in _named(query):
        if name not in known:
            raise unknown(place, name)
    clear = [column for column in known.values() if masks is None or masks[column.name] == "none"]
    return clear, [known[name] for name in query.fields or known]


def _named(query: Query) -> Iterator[tuple[str, str]]:
    yield from (("fields", name) for name in query.fields)
    yield from query.told_by()


def _told(query: Query, shown: Sequence[Column]) -> tuple[Column, ...]:
    """A masked column holds text, whatever it held."""
    masks = query.shown or {}
    return tuple(replace(one, type="C") if masks.get(one.name, "none") != "none" else one for one in shown)


def _masked(
    source: Source, query: Query, shown: Sequence[Column], found: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    masks = query.shown or {}
    how = [(place, masks[one.name]) for place, one in enumerate(shown) if masks.get(one.name, "none") != "none"]
    if not how:
        return found
    hidden = []
    for row in found:
        values = list(row)
        for place, mask in how:
            values[place] = hide(values[place], mask, source.key)
        hidden.append(tuple(values))
    return hidden


def _outcome(source: Source, query: Query) -> tuple[Column, ...]:
    known = {column.name: column for column in source.columns}
    kinds = {"count": "I", "distinct": "I", "avg": "B"}
    figures = (
        Column(one.name, kinds.get(one.do) or known[one.field].type, known[one.field].title if one.field else "")
        for one in query.aggregates
    )
    return (*(known[name] for name in query.group), *figures)


# --- small groups -----------------------------------------------------------------------------------------------------
_Sizes = dict[tuple[Any, ...], int]
#: of a column: persons with a value, persons with a row without one, different values
_INNER = 3


def _inner(fields: Sequence[str], whose: str) -> Iterator[Aggregate]:
    """What small groups are known by: of each column that figures are made of, and last the persons of the group."""
    for number, name in enumerate(fields):
        yield Aggregate("persons", name, f"\0with{number}", whose)
        yield Aggregate("others", name, f"\0without{number}", whose)
        yield Aggregate("distinct", name, f"\0distinct{number}")
    yield Aggregate("persons", "", "\0n", whose)


def _guarded(source: Source, query: Query, clear: Sequence[Column], guard: Guard) -> Page:
    if not query.grouped:
        raise Fault("group", _("涉及个人的数据不逐行提供。请分组统计。"))
    if query.q:
        raise Fault("q", _("涉及个人的数据不能按词搜索。请用筛选条件。"))
    for place, one in enumerate(query.aggregates):
        if one.do in ("min", "max"):
            raise Fault(f"aggregates[{place}]", _("涉及个人的数据不给最大值和最小值。请改用平均。"))
    most = max(1, _by(source).most_rows(source, guard.whose)) if guard.whose else 1
    fields = list(dict.fromkeys(one.field for one in query.aggregates if one.field))
    inner = tuple(_inner(fields, guard.whose))
    whole = replace(query, aggregates=(*query.aggregates, *inner), limit=GROUP_ROWS + 1, offset=0)
    found, total = _by(source).groups(source, whole, clear)
    if total > GROUP_ROWS:
        raise Fault("group", _("分出的组太多：最多 %(n)s 组。请少分几个字段，或加上筛选条件。") % {"n": GROUP_ROWS})
    width = len(query.group)
    sizes = {row[:width]: row[-1] for row in found}
    kept_back = _small(sizes, guard.least, most) | _told_before(source, query, sizes, guard, most)
    start = width + len(query.aggregates)
    for number, name in enumerate(fields):
        place = start + _INNER * number
        with_value, without, values = ({row[:width]: row[place + one] for row in found} for one in range(_INNER))
        kept_back |= _few(query, name, (with_value, without, values), guard.least, most)
    open_rows = [row[:start] for row in found if row[:width] not in kept_back]
    page = open_rows[query.offset : query.offset + query.limit]
    return Page(page, len(open_rows), _outcome(source, query), len(kept_back))


def _few(query: Query, name: str, told: Sequence[_Sizes], least: int, most: int) -> set[tuple[Any, ...]]:
    """Groups whose figures of a column would tell of few: of those with a value, of those without, or who is alone.

    The sum of a mark (1 ill, 0 not) is a count of persons: a sum or mean needs as many different values as persons.
    """
    does = {one.do for one in query.aggregates if one.field == name}
    with_value, without, values = told
    found = _small(with_value, least, most)
    if "count" in does:
        found |= _small({key: n for key, n in without.items() if n}, least, most)
    return found | _small(values, least) if does & {"sum", "avg"} else found


def _small(sizes: _Sizes, least: int, most: int = 1) -> set[tuple[Any, ...]]:
    """Groups too small; and the next smallest with them, if what is kept back were small or one group alone.

    Else who knows the sum of all knows the one left out. Where one person has several rows (`most`), the same few may
    be in all of the small groups: then one that is large enough by itself is kept back with them.
    """
    small = {key for key, size in sizes.items() if size < least}
    persons = sum(sizes[key] for key in small)
    if most > 1:
        persons = min(persons, least - 1)
    others = sorted((size, repr(key), key) for key, size in sizes.items() if key not in small)
    while persons and others and (persons < least or len(small) == 1):
        size, _text, key = others.pop(0)
        small.add(key)
        persons += size
    return small


def _told_before(source: Source, query: Query, sizes: _Sizes, guard: Guard, most: int) -> set[tuple[Any, ...]]:
    told: set[tuple[Any, ...]] = set()
    for before in guard.earlier:
        told |= _near(source, query, before, guard, most)
    return told & sizes.keys()


def _near(source: Source, query: Query, before: Query, guard: Guard, most: int) -> set[tuple[Any, ...]]:
    """Groups that differ from some of the groups told before, taken together, by the rows of less than `least` persons.

    Where somebody has twelve rows (`most`), fewer than sixty may be of four. What was told before may have been of
    other rows: of another division, under another grant.
    """
    both = tuple(dict.fromkeys((*query.group, *before.group)))
    if any(name not in {column.name for column in source.columns} for name in both):
        return set()
    kept = query.kept if query.kept == before.kept else None
    if guard.whose:  # rows of nobody hide nobody
        kept = both_hold(kept, Compare(guard.whose, "null", False))
    mine, theirs = both_hold(query.kept, query.where), both_hold(before.kept, before.where)
    cells = _by(source).cross(source, kept, mine, theirs, both)
    place = {name: number for number, name in enumerate(both)}
    now = [place[name] for name in query.group]
    then = [place[name] for name in before.group]
    size: dict[Any, int] = {}
    told: dict[Any, int] = {}
    shared: dict[Any, dict[Any, int]] = {}
    for row in cells:
        new, old = tuple(row[one] for one in now), tuple(row[one] for one in then)
        passes, passed, common = row[-3:]
        size[new] = size.get(new, 0) + passes
        told[old] = told.get(old, 0) + passed
        overlap = shared.setdefault(new, {})
        overlap[old] = overlap.get(old, 0) + common
    kept_back = _small(_persons(source, before, guard) if most > 1 else told, guard.least, most)
    known = {old: n for old, n in told.items() if old not in kept_back}
    return {new for new in size if _close(size[new], shared[new], known, guard.least * most)}


def _persons(source: Source, before: Query, guard: Guard) -> _Sizes:
    """The persons of each group of an earlier question."""
    counted = replace(before, aggregates=(Aggregate("persons", "", "\0n", guard.whose),), limit=GROUP_ROWS, sort=())
    found, _total = _by(source).groups(source, counted, ())
    return {row[:-1]: row[-1] for row in found}


def _close(size: int, shared: dict[Any, int], told: dict[Any, int], least: int) -> bool:
    """True if the nearest union of groups told before is not this group, and differs from it by a few rows only."""
    taken = [old for old, common in shared.items() if old in told and common > told[old] - common]
    differ = size - sum(shared[old] for old in taken) + sum(told[old] - shared[old] for old in taken)
    return bool(taken) and 0 < differ < least
