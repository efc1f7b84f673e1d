"""Rows that were computed, not read from one table: they answer the few questions a list page asks of a queryset."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from types import SimpleNamespace
from typing import Any


class Rows:
    """Narrowed, ordered, counted and sliced as a queryset is. Each row has a `pk`; they stand in the order given."""

    model = SimpleNamespace(_meta=SimpleNamespace(ordering=()))
    query = SimpleNamespace(order_by=("pk",))

    def __init__(self, rows: Iterable[Any]):
        self.rows = list(rows)

    def where(self, test: Callable[[Any], bool]) -> "Rows":
        """The rows that pass."""
        return Rows(row for row in self.rows if test(row))

    def filter(self, pk__in: list[str]) -> "Rows":
        """The ticked rows."""
        return self.where(lambda row: str(row.pk) in pk__in)

    def order_by(self, *fields: str) -> "Rows":
        """Ordered by these attributes, the first before the others; a minus before one turns it round."""
        rows = self.rows
        for field in reversed(fields):
            rows = sorted(rows, key=attrgetter(field.removeprefix("-")), reverse=field.startswith("-"))
        return Rows(rows)

    def count(self) -> int:
        """How many."""
        return len(self.rows)

    def iterator(self, chunk_size: int) -> Iterator[Any]:
        """One after another."""
        return iter(self.rows)

    def __getitem__(self, part: slice) -> "Rows":
        return Rows(self.rows[part])

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)
