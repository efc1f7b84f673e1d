"""The three rates and the counts behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hexi.blocks.indicators import queries as indicators
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests.models import (
    Subject,
)

NAMES = (
    "received", "dispatched", "returned", "first_in_time", "first_late", "answered", "in_time", "late", "rated",
    "solved", "satisfied", "redone", "ended", "refused",
)  # fmt: skip


@dataclass(frozen=True)
class Rates:
    """Counts of a slice and the three rates (响应率、解决率、满意率), in percent; None where nothing was asked."""

    received: int = 0
    dispatched: int = 0
    returned: int = 0
    first_in_time: int = 0
    first_late: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    rated: int = 0
    solved: int = 0
    satisfied: int = 0
    redone: int = 0
    ended: int = 0
    refused: int = 0

    @property
    def response(self) -> float | None:
        """First word in time, of first words."""
        return _percent(self.first_in_time, self.first_in_time + self.first_late)

    @property
    def punctual(self) -> float | None:
        """Answers in time, of answers."""
        return _percent(self.in_time, self.answered)

    @property
    def solved_rate(self) -> float | None:
        """Solved, of those asked."""
        return _percent(self.solved, self.rated)

    @property
    def satisfied_rate(self) -> float | None:
        """Satisfied, of those asked."""
        return _percent(self.satisfied, self.rated)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def keys(names: Iterable[str] = NAMES) -> list[str]:
    """Names of facts as the roll-up knows them."""
    return [f"requests.{name}" for name in names]


def _rates(amounts: dict[str, int]) -> Rates:
    return Rates(**{name: amounts.get(f"requests.{name}", 0) for name in NAMES})


def rates(part: Slice) -> Rates:
    """All counts of a slice, from the roll-up; one query."""
    return _rates(indicators.totals(part, keys()))


def by_office(part: Slice) -> list[tuple[Department, Rates]]:
    """The league: departments that answered, best of the three rates first. Two queries."""
    rows = {pk: _rates(amounts) for pk, amounts in indicators.split(part, keys(), "department").items()}
    offices = Department.objects.filter(pk__in=list(rows))
    table = [(one, rows[one.pk]) for one in offices if rows[one.pk].answered or rows[one.pk].dispatched]
    return sorted(table, key=lambda row: (-_score(row[1]), -row[1].answered, row[0].key))


def _score(one: Rates) -> float:
    """The mean of the rates that are known."""
    known = [rate for rate in (one.response, one.solved_rate, one.satisfied_rate) if rate is not None]
    return sum(known) / len(known) if known else 0.0


def by_subject(part: Slice, level: int = 1) -> list[tuple[str, str, int]]:
    """(code, title, received) by class of a level, most first. Two queries."""
    rows: dict[str, int] = {}
    for code, amounts in indicators.split(part, keys(["received"]), "dimension").items():
        top = str(code)[: 2 * level]
        rows[top] = rows.get(top, 0) + amounts.get("requests.received", 0)
    names = {one.code: one.name for one in Subject.objects.filter(code__in=[code for code in rows if code])}
    return sorted(((code, names.get(code, ""), n) for code, n in rows.items() if n), key=lambda row: (-row[2], row[0]))


def by_month(part: Slice) -> list[tuple[date, Rates]]:
    """Month by month, those with nothing in them too."""
    found = indicators.split(part, keys(), "month")
    return [(month, _rates(found.get(month, {}))) for month in indicators.starts(part, "month")]
