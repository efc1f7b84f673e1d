"""What a benchmark says: a table for people, and one line of JSON (house.md §8)."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import quantiles
from unicodedata import east_asian_width

#: the issue's sizes, or small ones that end within a minute
FULL = os.environ.get("SIZE", "small") == "full"


@dataclass(frozen=True)
class Result:
    """One benchmark's answer. `reference` was measured beside it in the same minutes, in the same unit."""

    name: str
    value: float
    unit: str
    reference: float | None = None
    reference_name: str = ""
    errors: int = 0

    def line(self) -> str:
        """The JSON of the last line; `ratio` is reference ÷ value, of rates the other way: above 1 is better."""
        ratio = None
        if self.reference and self.value:
            ratio = _short(self.value / self.reference if self.unit.endswith("/s") else self.reference / self.value)
        facts = asdict(self) | {"value": _short(self.value), "reference": self.reference and _short(self.reference)}
        return json.dumps({**facts, "ratio": ratio, "size": "full" if FULL else "small"}, ensure_ascii=False)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print rows in columns: text to the left, numbers to the right."""
    cells = [list(head), *map(list, rows)]
    columns = []
    for column in zip(*cells, strict=True):
        texts = [_cell(cell) for cell in column]
        room, left = max(map(_wide, texts)), all(isinstance(cell, str) for cell in column)
        blanks = [" " * (room - _wide(text)) for text in texts]
        columns.append([text + blank if left else blank + text for text, blank in zip(texts, blanks, strict=True)])
    for line in zip(*columns, strict=True):
        print("  ".join(line).rstrip(), flush=True)


def p95(values: list[float]) -> float:
    """The value that 95 % do not exceed."""
    return quantiles(values, n=20, method="inclusive")[-1]


def _short(number: float) -> float:
    return float(f"{number:.3g}") if abs(number) < 1000 else round(number)


def _wide(text: str) -> int:
    """Columns of a terminal that it takes: a Chinese character two."""
    return len(text) + sum(east_asian_width(character) in "WF" for character in text)


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{_short(cell):,}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
