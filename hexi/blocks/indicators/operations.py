"""Keeping the facts: added in the transaction of what they count, counted anew by their owner."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import connection, transaction

from hexi.blocks.audit.operations import change
from hexi.blocks.indicators.counted import Counted, Line, sources
from hexi.blocks.indicators.models import Fact
from hexi.kernel.actors import Actor, require

COLUMNS = ("key", "grain", "day", "region_code", "department_id", "dimension", "amount")
ALWAYS = (date(1900, 1, 1), date(2199, 12, 31))


def add(
    amounts: Mapping[str, int], *, region: str, day: date, department: int | None = None, dimension: str = ""
) -> None:
    """Add amounts (fact → how much, may be negative) of one day, in the caller's transaction, whose right counts.

    One statement, safe between processes: rows are made or raised, always in the same order.
    """
    if strange := set(amounts) - set(sources()):
        raise KeyError(f"not counted by any manifest: {sorted(strange)}")
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("facts are added in the transaction of what they count")
    _raise([Line(key, day, region, department or 0, dimension, amount) for key, amount in amounts.items() if amount])


def _raise(lines: Iterable[Line]) -> None:
    """Raise the rows of the lines' days and months, each row once, in one order."""
    rows: dict[tuple[object, ...], int] = {}
    for one in lines:
        for grain, day in ((Fact.Grain.DAY, one.day), (Fact.Grain.MONTH, one.day.replace(day=1))):
            name = (one.key, str(grain), day, one.region_code, one.department_id, one.dimension)
            rows[name] = rows.get(name, 0) + one.amount
    values = [value for name in sorted(rows) for value in (*name, rows[name])]
    if not values:
        return
    marks = ", ".join(["(" + ", ".join(["%s"] * len(COLUMNS)) + ")"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO indicators_fact ({', '.join(COLUMNS)}) VALUES {marks} "  # noqa: S608 - fixed names
            "ON CONFLICT (key, grain, region_code, department_id, dimension, day) "
            "DO UPDATE SET amount = indicators_fact.amount + excluded.amount",
            values,
        )


def rebuild(source: Counted, *, by: Actor, batch: int = 100) -> int:
    """Count all facts of an owner anew from its own tables and put them in place of the kept ones; right `audit.view`.

    Whoever adds meanwhile waits: what he changed is either seen here or added on top. Returns the number of lines.
    """
    require(by, "audit.view")
    with change(by, "indicators.rebuild", f"counted:{source.owner}") as note:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE indicators_fact IN SHARE ROW EXCLUSIVE MODE")
        Fact.objects.filter(key__in=list(source.facts)).delete()
        lines = list(source.recount(*ALWAYS))
        for start in range(0, len(lines), batch):
            _raise(lines[start : start + batch])
        note.facts["lines"] = len(lines)
    return len(lines)
