"""The same questions answered by plain Python over a list of rows: what the engines are held to."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

from hexi.blocks.catalog.store.grammar import All, Column, Compare, Not, Some

COLUMNS = (
    Column("county", "C"), Column("姓 名\"; --", "C"), Column("year", "I"), Column("amount", "Y"), Column("share", "B"),
    Column("day", "D"), Column("moment", "T"), Column("kept", "L"),
)  # fmt: skip
NAMES = [column.name for column in COLUMNS]
WORDS = ["", "a", "b", "ab", "620902", "6209", "62", "酒泉", "酒", "a'b", 'x"y', "50%", "_", "\\", "; DROP TABLE x --"]


def make_rows(seed, size=60):
    """Rows with many equal and many empty cells."""
    chance = random.Random(seed)

    def maybe(value):
        return None if chance.random() < 0.15 else value

    first = date(2015, 1, 1)
    return [
        (
            maybe(chance.choice(WORDS)), maybe(chance.choice(WORDS) + chance.choice(WORDS)),
            maybe(chance.randint(2010, 2016)), maybe(Decimal(chance.randint(-500, 500)) / 4),
            maybe(chance.randint(-8, 8) / 4), maybe(first + timedelta(chance.randint(0, 9))),
            maybe(datetime.fromisoformat("2015-01-01") + timedelta(hours=6 * chance.randint(0, 9))), maybe(chance.random() < 0.5),
        )
        for _number in range(size)
    ]  # fmt: skip


def holds(where, row):
    """True if the row passes; never anything between."""
    if isinstance(where, All):
        return all(holds(part, row) for part in where.parts)
    if isinstance(where, Some):
        return any(holds(part, row) for part in where.parts)
    if isinstance(where, Not):
        return not holds(where.part, row)
    return passes(where, row[NAMES.index(where.field)])


def passes(test: Compare, cell):
    if test.op == "null":
        return (cell is None) == test.value
    if cell is None:
        return False
    return {
        "=": lambda: cell == test.value, "!=": lambda: cell != test.value, "<": lambda: cell < test.value,
        "<=": lambda: cell <= test.value, ">": lambda: cell > test.value, ">=": lambda: cell >= test.value,
        "in": lambda: cell in test.value, "prefix": lambda: cell.startswith(test.value),
        "contains": lambda: test.value.lower() in cell.lower(),
    }[test.op]()  # fmt: skip


def answer(rows, query):
    """(rows of the page, total)."""
    texts = [number for number, column in enumerate(COLUMNS) if column.text]

    def found(row):
        return all(any(word.lower() in (row[one] or "").lower() for one in texts) for word in query.q.split())

    left = [row for row in rows if (query.where is None or holds(query.where, row)) and found(row)]
    names = NAMES
    if query.grouped:
        left, names = grouped(left, query), [*query.group, *(one.name for one in query.aggregates)]
    for name, down in reversed(query.sort):
        place = names.index(name)
        empty = [row for row in left if row[place] is None]
        left = sorted((row for row in left if row[place] is not None), key=lambda row: row[place], reverse=down) + empty
    total = len(left)
    page = left[query.offset : query.offset + query.limit]
    if query.fields:
        page = [tuple(row[NAMES.index(name)] for name in query.fields) for row in page]
    return page, total


def grouped(rows, query):
    places = [NAMES.index(name) for name in query.group]
    keys = Counter(tuple(row[one] for one in places) for row in rows)
    if not query.group and not keys:
        keys = {(): 0}

    def order(key):
        return [(value is None, value if value is not None else 0) for value in key]

    return [
        (
            *key,
            *(figure(one, [row for row in rows if tuple(row[at] for at in places) == key]) for one in query.aggregates),
        )
        for key in sorted(keys, key=order)
    ]


def figure(one, rows):
    if not one.field:
        return len(rows)
    values = [row[NAMES.index(one.field)] for row in rows]
    values = [value for value in values if value is not None]
    if one.do in ("count", "distinct"):
        return len(values if one.do == "count" else set(values))
    if not values:
        return None
    if one.do == "avg":
        return float(sum(values)) / len(values)
    return {"sum": sum, "min": min, "max": max}[one.do](values)
