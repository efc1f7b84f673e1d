"""Random questions about the columns of `plain`, as JSON: what hypothesis draws."""

from hypothesis import strategies as some

from hexi.blocks.catalog.store.grammar import COMPARISONS
from hexi.blocks.catalog.tests.plain import COLUMNS, WORDS

VALUES = {
    "C": some.sampled_from([word for word in WORDS if word]) | some.text(some.characters(min_codepoint=32, max_codepoint=126), max_size=4),
    "I": some.integers(2009, 2017), "Y": some.integers(-500, 500).map(lambda n: f"{n / 4}"),
    "B": some.integers(-8, 8).map(lambda n: n / 4), "D": some.integers(1, 12).map(lambda n: f"2015-01-{n:02}"),
    "T": some.integers(1, 4).map(lambda n: f"2015-01-0{n}T06:00:00"), "L": some.booleans(),
}  # fmt: skip


@some.composite
def tests(draw):
    column = draw(some.sampled_from(COLUMNS))
    ops = ["=", "!=", "in", "null"] if column.type == "L" else [*COMPARISONS, "in", "null"]
    op = draw(some.sampled_from([*ops, "prefix", "contains"] if column.text else ops))
    value = VALUES[column.type]
    given = draw({"null": some.booleans(), "in": some.lists(value, max_size=3)}.get(op, value))
    return {"field": column.name, "op": op, "value": given}


def wheres():
    return some.recursive(
        tests(),
        lambda part: (
            some.lists(part, max_size=3).map(lambda parts: {"and": parts})
            | some.lists(part, max_size=3).map(lambda parts: {"or": parts}) | part.map(lambda one: {"not": one})
        ),
        max_leaves=6,
    ).filter(lambda where: depth(where) <= 6)  # fmt: skip


def depth(where):
    parts = where.get("and") or where.get("or") or ([where["not"]] if "not" in where else [])
    return 1 + max(map(depth, parts), default=0)


names = some.sampled_from([column.name for column in COLUMNS])
#: text is ordered by code point in files, and by the database's collation in own tables: not compared here
ordered = some.sampled_from([column.name for column in COLUMNS if not column.text])


@some.composite
def queries(draw):
    said = {
        "where": draw(some.none() | wheres()),
        "q": draw(some.sampled_from(["", "", "a", "酒 泉", "6209 a", "50%"])),
    }
    said |= {"limit": draw(some.integers(0, 70)), "offset": draw(some.sampled_from([0, 0, 0, 3, 40]))}
    if draw(some.booleans()):
        return said | {"fields": draw(some.lists(names, max_size=3)), "sort": draw(some.lists(order(), max_size=2))}
    group = draw(some.lists(ordered, max_size=2, unique=True))
    figures = draw(
        some.lists(
            aggregates(), min_size=0 if group else 1, max_size=3, unique_by=lambda one: (one["do"], one["field"])
        )
    )
    return said | {"group": group, "aggregates": figures}


def order():
    return ordered.flatmap(lambda name: some.sampled_from([name, f"-{name}", f"{name} desc"]))


@some.composite
def aggregates(draw):
    column = draw(some.sampled_from(COLUMNS))
    dos = [
        "count",
        "distinct",
        *(["sum", "avg"] if column.number else []),
        *([] if column.type in "LC" else ["min", "max"]),
    ]
    return {"do": draw(some.sampled_from(dos)), "field": column.name}
