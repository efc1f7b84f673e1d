"""The small grammar in which rows of a data set are asked for: read from JSON or an address, checked, never SQL.

    {"fields": ["county", "year"], "where": {"and": [{"field": "year", "op": ">=", "value": 2015},
     {"not": {"field": "county", "op": "prefix", "value": "6209"}}]}, "sort": ["-year"], "limit": 100, "offset": 0}
    {"group": ["county"], "aggregates": [{"do": "sum", "field": "amount", "as": "total"}], "sort": ["-total"]}

In an address: `fields=county,year&where=year:>=:2015&where=county:prefix:6209&sort=-year&aggregates=n:sum:amount`.
Tests are true or false, never in between: an empty cell passes none but `null`, so `not` of another holds for it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.kernel.clock import CHINA

#: what one question may cost
DEPTH, TERMS, VALUES, FIELDS, SORTS, GROUPS, AGGREGATES = 6, 50, 500, 300, 4, 4, 10
ROWS, OFFSET, GROUP_ROWS, TEXT, LETTERS = 32_000, 100_000_000, 10_000, 1_000, 100_000
LIMIT = 100
#: letters of the guide (发改高技〔2017〕1272号) by how their values are compared
TEXTS, REALS, NUMBERS = frozenset("CMG"), frozenset("NBF"), frozenset("NBFIY")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = (*COMPARISONS, "in", "prefix", "contains", "null")
FUNCTIONS = ("count", "sum", "avg", "min", "max", "distinct")


class Fault(ValidationError):
    """What is wrong with a question: `place` ("where.and[1].value") and one sentence with the remedy."""

    def __init__(self, place: str, sentence: str):
        super().__init__({place.partition(".")[0].partition("[")[0] or "query": sentence})
        self.place, self.sentence = place, sentence

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


@dataclass(frozen=True)
class Column:
    """A column of a data set: its name, and its type as a letter of the guide."""

    name: str
    type: str = "C"
    title: str = ""

    @property
    def text(self) -> bool:
        """True if it holds words."""
        return self.type in TEXTS

    @property
    def number(self) -> bool:
        """True if it can be added up."""
        return self.type in NUMBERS


@dataclass(frozen=True)
class Compare:
    """`field op value`; the value has the type of its column (`in`: a tuple of such, `null`: True or False)."""

    field: str
    op: str
    value: Any = True


@dataclass(frozen=True)
class All:
    """Every part holds; without parts it holds always."""

    parts: tuple["Where", ...] = ()


@dataclass(frozen=True)
class Some:
    """One part holds at least; without parts it never holds."""

    parts: tuple["Where", ...] = ()


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Where"


Where = Compare | All | Some | Not


@dataclass(frozen=True)
class Aggregate:
    """A figure of each group: `do` is one of FUNCTIONS; count without a field counts the rows.

    Nobody asks for the other two, which small groups are known by: "persons" with a row (with a field: one that has a
    value of it), and "others" with a row that has none. `whose`: the column that says whose a row is.
    """

    do: str
    field: str = ""
    name: str = ""
    whose: str = ""


@dataclass(frozen=True)
class Query:
    """A question. `sort`: (name, downwards). `within` sets `shown` (name → mask) and `kept`, which nobody asks for."""

    fields: tuple[str, ...] = ()
    where: Where | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = LIMIT
    offset: int = 0
    group: tuple[str, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    q: str = ""
    shown: Mapping[str, str] | None = None
    kept: Where | None = None

    @property
    def grouped(self) -> bool:
        """True if it asks for figures, not for rows."""
        return bool(self.group or self.aggregates)

    def within(self, mask: Mapping[str, str] | Iterable[str], row_filter: Where | None = None) -> "Query":
        """The same question of somebody who may see only the fields in `mask` and the rows that pass `row_filter`.

        `mask`: name → how it is shown ("none" as it is, "part", "hash", "year", "month", "county"; "hidden" or left
        out: not at all), or names alone. What is not shown as it is can be neither filtered, sorted nor grouped by:
        that would tell it. Raises `Fault`, in the words of a field that is not there.
        """
        named = dict(mask) if isinstance(mask, Mapping) else dict.fromkeys(mask, "none")
        shown = {name: how for name, how in named.items() if how != "hidden"}
        if self.shown is not None:
            shown = {name: _stricter(how, self.shown[name]) for name, how in shown.items() if name in self.shown}
        for name in self.fields:
            if name not in shown:
                raise unknown("fields", name)
        for place, name in self.told_by():
            if shown.get(name) != "none":
                raise masked(place, name) if name in shown else unknown(place, name)
        return replace(self, shown=shown, kept=both(self.kept, row_filter))

    def told_by(self) -> Iterator[tuple[str, str]]:
        """Each column whose values the answer tells in another way than by showing it, with its place."""
        if self.where:
            yield from (("where", one.field) for one in tests(self.where))
        yield from (("group", name) for name in self.group)
        yield from (("aggregates", one.field) for one in self.aggregates if one.field)
        if not self.grouped:
            yield from (("sort", name) for name, _down in self.sort)


def both(one: Where | None, other: Where | None) -> Where | None:
    """Both hold; None is no condition."""
    parts = tuple(part for part in (one, other) if part is not None)
    return All(parts) if len(parts) == 2 else next(iter(parts), None)


def said(query: Query) -> dict[str, Any]:
    """Which rows a question asks of, and by what they are grouped, as `parse` reads it again."""
    return {"where": _said(query.where) if query.where else None, "group": list(query.group)}


def _said(where: Where) -> dict[str, Any]:
    if isinstance(where, Not):
        return {"not": _said(where.part)}
    if isinstance(where, Compare):
        plain = lambda one: one if isinstance(one, (bool, int, float)) else str(one)  # noqa: E731
        value = list(map(plain, where.value)) if where.op == "in" else plain(where.value)
        return {"field": where.field, "op": where.op, "value": value}
    return {"and" if isinstance(where, All) else "or": [_said(part) for part in where.parts]}


def tests(where: Where) -> Iterator[Compare]:
    """Every single test of a tree."""
    if isinstance(where, Compare):
        yield where
    elif isinstance(where, Not):
        yield from tests(where.part)
    else:
        for part in where.parts:
            yield from tests(part)


def _stricter(one: str, other: str) -> str:
    return other if one == "none" else one


def unknown(place: str, name: str) -> Fault:
    """No such field, or none that this asker may know of."""
    return Fault(place, _("没有“%(name)s”这个字段。请从数据项列表里选。") % {"name": name[:60]})


def masked(place: str, name: str) -> Fault:
    """A field that is shown only in part."""
    return Fault(place, _("字段“%(name)s”只能脱敏显示，不能用来筛选、排序或分组。请换一个字段。") % {"name": name[:60]})


# --- reading ----------------------------------------------------------------------------------------------------------
def parse(given: str | bytes | Mapping[str, Any], columns: Sequence[Column]) -> Query:
    """A question from JSON (text or already read). Raises `Fault` naming the place."""
    said = _read(given)
    known = {column.name: column for column in columns}
    for name in said:
        if name not in _PARTS:
            raise Fault(
                "query",
                _("不认识“%(name)s”。可以写：%(known)s。") % {"name": str(name)[:60], "known": ", ".join(_PARTS)},
            )
    group = _names("group", said.get("group"), known, GROUPS)
    aggregates = tuple(_aggregates(said.get("aggregates"), known, group))
    grouped = bool(group or aggregates)
    fields = _names("fields", said.get("fields"), known, FIELDS)
    if grouped and fields:
        raise Fault("fields", _("分组统计时不写 fields：得到的是分组字段和统计值。"))
    outcome = [*group, *(one.name for one in aggregates)] if grouped else list(known)
    where = said.get("where")
    return Query(
        fields=fields,
        where=None if where in (None, "", {}) else _Reader(known).where(where),
        sort=_sort(said.get("sort"), outcome),
        limit=_whole("limit", said.get("limit"), LIMIT, GROUP_ROWS if grouped else ROWS),
        offset=_whole("offset", said.get("offset"), 0, OFFSET),
        group=group,
        aggregates=aggregates,
        q=_words(said.get("q")),
    )


_PARTS = ("fields", "where", "sort", "limit", "offset", "group", "aggregates", "q")


def from_address(given: Mapping[str, Sequence[str]], columns: Sequence[Column]) -> Query:
    """A question from the parameters of an address (`dict(request.GET.lists())`); names it does not know are left."""
    said: dict[str, Any] = {}
    for name in ("fields", "sort", "group"):
        if words := [word for text in given.get(name, ()) for word in text.split(",") if word]:
            said[name] = words
    for name in ("limit", "offset", "q"):
        if texts := given.get(name):
            said[name] = texts[-1]
    if texts := [text for text in given.get("aggregates", ()) if text]:
        said["aggregates"] = [_short_aggregate(text) for text in texts]
    if texts := [text for text in given.get("where", ()) if text]:
        said["where"] = {"and": [_short_test(text, columns) for text in texts]}
    return parse(said, columns)


def _short_aggregate(text: str) -> dict[str, str]:
    """ "total:sum:amount", "n:count"."""
    name, _colon, rest = text.partition(":")
    do, _colon, field = rest.partition(":")
    return {"as": name, "do": do, "field": field}


def _short_test(text: str, columns: Sequence[Column]) -> Any:
    """ "year:>=:2015", "county:in:620902|620921", "county:null"; or a tree as JSON."""
    if text.startswith("{"):
        return _json("where", text)
    for name in sorted((column.name for column in columns), key=len, reverse=True):
        op, _colon, value = text.removeprefix(f"{name}:").partition(":")
        if text.startswith(f"{name}:") and op in OPERATORS:
            if op == "null":
                return {"field": name, "op": op, "value": value != "false"}
            return {"field": name, "op": op, "value": value.split("|") if op == "in" else value}
    raise Fault("where", _("读不出条件“%(text)s”。请写成 字段:比较:值，例如 year:>=:2015。") % {"text": text[:60]})


def _read(given: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(given, (str, bytes)):
        given = _json("query", given)
    if not isinstance(given, Mapping):
        raise Fault("query", _('请写一个 JSON 对象，例如 {"limit": 10}。'))
    return given


def _json(place: str, text: str | bytes) -> Any:
    if len(text) > LETTERS:
        raise Fault(place, _("太长：最多 %(n)s 个字符。请少写一些条件。") % {"n": LETTERS})
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Fault(place, _("不是 JSON。请检查引号和括号。")) from None


def _list(place: str, given: Any, most: int) -> list[Any]:
    """A list, or one thing as a list of one; "a,b" is two."""
    if given is None or given == "":
        return []
    found = given.split(",") if isinstance(given, str) else given
    if not isinstance(found, (list, tuple)):
        raise Fault(place, _("请写成列表。"))
    if len(found) > most:
        raise Fault(place, _("最多 %(n)s 个。请少写一些。") % {"n": most})
    return list(found)


def _names(place: str, given: Any, known: Mapping[str, Any], most: int) -> tuple[str, ...]:
    found = _list(place, given, most)
    for number, name in enumerate(found):
        if not isinstance(name, str) or name not in known:
            raise unknown(f"{place}[{number}]", str(name))
    return tuple(dict.fromkeys(found))


def _sort(given: Any, names: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """ "-year", "year", "year desc"."""
    found = []
    for number, text in enumerate(_list("sort", given, SORTS)):
        one = str(text).strip()
        down = one.lower().endswith(" desc") or (one.startswith("-") and one not in names)
        name = one if one in names else one.removeprefix("-").removesuffix(" desc").removesuffix(" asc").strip()
        name = name if name in names else name.removesuffix(" DESC").removesuffix(" ASC").strip()
        if name not in names:
            raise unknown(f"sort[{number}]", name)
        found.append((name, down))
    return tuple(found)


def _whole(place: str, given: Any, default: int, most: int) -> int:
    if given is None or given == "":
        return default
    try:
        number = int(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else -1
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise Fault(place, _("请写 0 到 %(n)s 之间的整数。") % {"n": most})
    return number


def _words(given: Any) -> str:
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > TEXT or "\0" in given:
        raise Fault("q", _("请写要找的词，最多 %(n)s 个字。") % {"n": TEXT})
    return given.strip()


def _aggregates(given: Any, known: Mapping[str, Column], group: Sequence[str]) -> Iterator[Aggregate]:
    if isinstance(given, (str, Mapping)):
        given = [given]
    taken = set(group)
    for number, one in enumerate(_list("aggregates", given, AGGREGATES)):
        place = f"aggregates[{number}]"
        if isinstance(one, str):
            one = _short_aggregate(one)
        if not isinstance(one, Mapping):
            raise Fault(place, _('请写成 {"do": "sum", "field": "…", "as": "…"}。'))
        made = _aggregate(place, one, known)
        if made.name in taken:
            raise Fault(f"{place}.as", _("名称“%(name)s”已经用过。请换一个。") % {"name": made.name})
        taken.add(made.name)
        yield made


def _aggregate(place: str, one: Mapping[str, Any], known: Mapping[str, Column]) -> Aggregate:
    do, field = str(one.get("do", "")), one.get("field") or ""
    if do not in FUNCTIONS:
        raise Fault(
            f"{place}.do",
            _("不认识的统计“%(do)s”。可以写：%(known)s。") % {"do": do[:60], "known": ", ".join(FUNCTIONS)},
        )
    if not isinstance(field, str) or (field and field not in known):
        raise unknown(f"{place}.field", str(field))
    if not field and do != "count":
        raise Fault(f"{place}.field", _("请写要统计的字段。"))
    column = known.get(field)
    if do in ("sum", "avg") and not (column and column.number):
        raise Fault(f"{place}.field", _("字段“%(name)s”不是数字，不能求和或平均。请换一个字段。") % {"name": field})
    if do in ("min", "max") and column and column.type == "L":
        raise Fault(f"{place}.field", _("字段“%(name)s”是是非值，没有大小。请换一个字段。") % {"name": field})
    name = one.get("as") or (f"{do}_{field}" if field else do)
    if not isinstance(name, str) or len(name) > 100 or "\0" in name:
        raise Fault(f"{place}.as", _("名称最多 %(n)s 个字。") % {"n": 100})
    return Aggregate(do, field, name)


class _Reader:
    """Reads the tree of conditions, counting what it costs."""

    def __init__(self, known: Mapping[str, Column]):
        self.known, self.terms = known, 0

    def where(self, given: Any, place: str = "where", depth: int = 1) -> Where:
        """The tree at one place."""
        if depth > DEPTH:
            raise Fault(place, _("条件套得太深：最多 %(n)s 层。请写得平一些。") % {"n": DEPTH})
        if not isinstance(given, Mapping):
            raise Fault(place, _('请写成 {"field": …, "op": …, "value": …}，或者 and、or、not。'))
        for word, made in (("and", All), ("or", Some)):
            if set(given) == {word}:
                parts = given[word]
                if not isinstance(parts, (list, tuple)):
                    raise Fault(f"{place}.{word}", _("请写成列表。"))
                self._count(place, len(parts))
                return made(tuple(
                    self.where(part, f"{place}.{word}[{number}]", depth + 1) for number, part in enumerate(parts)
                ))  # fmt: skip
        if set(given) == {"not"}:
            return Not(self.where(given["not"], f"{place}.not", depth + 1))
        return self._test(given, place)

    def _count(self, place: str, more: int) -> None:
        self.terms += more
        if self.terms > TERMS:
            raise Fault(place, _("条件太多：最多 %(n)s 个。请少写一些。") % {"n": TERMS})

    def _test(self, given: Mapping[str, Any], place: str) -> Compare:
        self._count(place, 1)
        if set(given) - {"field", "op", "value"}:
            raise Fault(place, _("条件里只写 field、op 和 value；and、or、not 单独写。"))
        column = self.known.get(name) if isinstance(name := given.get("field"), str) else None
        if column is None:
            raise unknown(f"{place}.field", str(name))
        op = given.get("op", "=")
        if op not in OPERATORS:
            known = " ".join(OPERATORS)
            raise Fault(
                f"{place}.op", _("不认识的比较“%(op)s”。可以写：%(known)s。") % {"op": str(op)[:20], "known": known}
            )
        if op == "null":
            return Compare(column.name, op, _flag(f"{place}.value", given.get("value", True)))
        if (op in ("prefix", "contains") and not column.text) or (column.type == "L" and op not in ("=", "!=", "in")):
            told = {"name": column.name, "op": op}
            raise Fault(f"{place}.op", _("字段“%(name)s”的类型不能用 %(op)s 比较。") % told)
        return Compare(column.name, op, self._value(column, op, given.get("value"), f"{place}.value"))

    def _value(self, column: Column, op: str, given: Any, place: str) -> Any:
        if op != "in":
            return value(column, given, place)
        if not isinstance(given, (list, tuple)) or len(given) > VALUES:
            raise Fault(place, _("请写成列表，最多 %(n)s 个值。") % {"n": VALUES})
        return tuple(value(column, one, f"{place}[{number}]") for number, one in enumerate(given))


def _flag(place: str, given: Any) -> bool:
    known = {True: True, False: False, "true": True, "false": False}
    if not isinstance(given, (bool, str)) or given not in known:
        raise Fault(place, _("请写 true 或 false。"))
    return known[given]


def value(column: Column, given: Any, place: str) -> Any:
    """What was given as a value of the column's type. Raises `Fault` saying what would be right."""
    read, wanted = _READERS[column.type]
    try:
        if given is None:
            raise ValueError
        return read(given)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        told = {"name": column.name, "wanted": wanted(), "given": str(given)[:60]}
        raise Fault(place, _("字段“%(name)s”要%(wanted)s，写的是“%(given)s”。") % told) from None


def _text(given: Any) -> str:
    if not isinstance(given, (str, int, float)) or isinstance(given, bool):
        raise TypeError
    text = str(given)
    text.encode()  # half a surrogate pair is no text; no database takes it
    if len(text) > TEXT or "\0" in text:
        raise ValueError
    return text


def _number(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(given: Any) -> Any:
        if isinstance(given, bool) or not isinstance(given, (str, int, float, Decimal)):
            raise TypeError
        if isinstance(given, str) and (len(given) > 40 or "_" in given):
            raise ValueError
        return kind(given)

    return read


def _integer(given: Any) -> int:
    number = int(given)
    if number != (Decimal(given) if isinstance(given, str) else given) or not -(2**63) <= number < 2**63:
        raise ValueError
    return number


def _real(given: Any) -> float:
    number = float(given)
    if not isfinite(number):
        raise ValueError
    return number


def _money(given: Any) -> Decimal:
    number = Decimal(str(given))
    if not number.is_finite() or abs(number) >= 10**14 or number != round(number, 4):
        raise ValueError
    return number


def _day(given: Any) -> date:
    return given if type(given) is date else date.fromisoformat(given)


def _moment(given: Any) -> datetime:
    """Without a zone it is China's time, as the rows are."""
    found = given if isinstance(given, datetime) else datetime.fromisoformat(given)
    return found.astimezone(CHINA).replace(tzinfo=None) if found.tzinfo else found


_READERS: dict[str, tuple[Callable[[Any], Any], Callable[[], str]]] = {
    **dict.fromkeys("CMG", (_text, lambda: _("文字，最多 %(n)s 个字") % {"n": TEXT})),
    **dict.fromkeys("NBF", (_number(_real), lambda: _("一个数字"))),
    "I": (_number(_integer), lambda: _("整数")),
    "Y": (_number(_money), lambda: _("金额，最多四位小数")),
    "D": (_day, lambda: _("日期，例如 2026-01-31")),
    "T": (_moment, lambda: _("时刻，例如 2026-01-31T09:30:00")),
    "L": (lambda given: _flag("value", given), lambda: _("true 或 false")),
}
