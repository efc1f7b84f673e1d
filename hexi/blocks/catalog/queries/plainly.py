"""Questions of the grammar answered from lines in memory: the counts that a data set of persons is opened as."""

from collections.abc import Sequence
from typing import Any

from hexi.blocks.catalog.store.grammar import All, Column, Compare, Not, Query, Where

Line = tuple[Any, ...]


class Lines:
    """Lines with their columns; the last one counts persons."""

    def __init__(self, columns: Sequence[Column], lines: Sequence[Line]):
        self.columns, self.lines = tuple(columns), lines
        self.place = {column.name: number for number, column in enumerate(columns)}

    def rows(self, query: Query) -> tuple[list[Line], int, tuple[Column, ...]]:
        """The page of a question, how many there are in all, its columns."""
        found = [line for line in self.lines if self._passes(line, query)]
        found = self._sorted(found, query, self.place)
        names = query.fields or tuple(self.place)
        page = found[query.offset : query.offset + query.limit]
        told = [tuple(line[self.place[name]] for name in names) for line in page]
        return told, len(found), tuple(self.columns[self.place[name]] for name in names)

    def groups(self, query: Query) -> list[Line]:
        """Persons by the columns of `query.group`; every aggregate is their number."""
        sums: dict[Line, int] = {}
        for line in self.lines:
            if self._passes(line, query):
                key = tuple(line[self.place[name]] for name in query.group)
                sums[key] = sums.get(key, 0) + line[-1]
        found = [(*key, *([n] * len(query.aggregates))) for key, n in sums.items()]
        names = (*query.group, *(one.name for one in query.aggregates))
        ordered = self._sorted(found, query, {name: number for number, name in enumerate(names)})
        return ordered[query.offset : query.offset + query.limit]

    def _sorted(self, found: list[Line], query: Query, place: dict[str, int]) -> list[Line]:
        for name, down in reversed(query.sort):
            held = [line for line in found if line[place[name]] is not None]
            empty = [line for line in found if line[place[name]] is None]
            found = [*sorted(held, key=lambda line: line[place[name]], reverse=down), *empty]
        return found

    def _passes(self, line: Line, query: Query) -> bool:
        texts = [str(line[self.place[one.name]] or "").lower() for one in self.columns if one.text]
        words = query.q.lower().split()
        return self._holds(line, query.where) and all(any(word in text for text in texts) for word in words)

    def _holds(self, line: Line, where: Where | None) -> bool:
        if where is None:
            return True
        if isinstance(where, Not):
            return not self._holds(line, where.part)
        if isinstance(where, Compare):
            return _test(line[self.place[where.field]], where)
        return (all if isinstance(where, All) else any)(self._holds(line, part) for part in where.parts)


def _test(value: Any, test: Compare) -> bool:
    if test.op == "null":
        return (value is None) == test.value
    return value is not None and bool(_OPERATORS[test.op](value, test.value))


_OPERATORS = {
    "=": lambda mine, given: mine == given, "!=": lambda mine, given: mine != given,
    "<": lambda mine, given: mine < given, "<=": lambda mine, given: mine <= given,
    ">": lambda mine, given: mine > given, ">=": lambda mine, given: mine >= given,
    "in": lambda mine, given: mine in given, "prefix": lambda mine, given: str(mine).startswith(given),
    "contains": lambda mine, given: given.lower() in str(mine).lower(),
}  # fmt: skip
