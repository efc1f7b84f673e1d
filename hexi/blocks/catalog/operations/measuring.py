"""How good data sets are, measured at night: complete, fresh, valid, unique, used; each 0 to 100, none if unknown."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import log
from typing import Any

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import cycles, options, sampling
from hexi.blocks.catalog.models import Entry, Item, Quality, State
from hexi.blocks.catalog.uses import Uses
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.manifest import added

#: reads of so many days count as use
USED_DAYS = 30
Row = Mapping[str, Any]


def measure(entry: Entry, *, uses: int, most: int, by: Actor) -> Quality:
    """Measure one published data set today; a second run the same day replaces the first.

    `uses`: of this one, `most`: of the one used most. Complete and valid are shares of cells, unique of rows whose key
    stands once, all in the newest rows (option `catalog.quality_sample`).
    """
    items = list(entry.items.all())
    found = sampling.sample(entry, options.SAMPLE.value)
    shares: dict[str, Decimal | None] = {
        "complete": None, "valid": None, "unique": None, "fresh": fresh(entry, clock.today()), "used": used(uses, most),
    }  # fmt: skip
    if found is not None and found.rows:
        shares |= {
            "complete": complete(found.rows, items), "valid": valid(found.rows, items),
            "unique": unique(found.rows, items),
        }  # fmt: skip
    known = [value for value in shares.values() if value is not None]
    score = round(sum(known, Decimal()) / len(known), 2) if known else None
    facts = shares | {"score": score, "uses": uses, "rows": found.total if found else None}
    with audit.change(by, "catalog.measure", entry, score=score):
        Entry.objects.select_for_update().get(pk=entry.pk)
        made, _new = Quality.objects.update_or_create(entry=entry, day=clock.today(), defaults=facts)
        Entry.objects.filter(pk=entry.pk).update(quality=score)
    return made


def uses_of_all(now: datetime) -> dict[int, int]:
    """How often each published data set is used: who depends on it, and how often it was read of late."""
    counts: Counter[int] = Counter()
    for entry in Entry.objects.filter(state=State.PUBLISHED):
        counts[entry.pk] = sum(one.count(entry) for one in added(Uses))
    for reads in added(sampling.Reads):
        counts.update(reads.count(now - timedelta(days=USED_DAYS)))
    return dict(counts)


def complete(rows: Sequence[Row], items: Sequence[Item]) -> Decimal | None:
    """Cells filled in, of the items that must be; of all where none must."""
    names = [item.name for item in items if item.required] or [item.name for item in items]
    return share(sum(row.get(name) not in (None, "") for row in rows for name in names), len(rows) * len(names))


def valid(rows: Sequence[Row], items: Sequence[Item]) -> Decimal | None:
    """Cells that hold something of their type and no more than their length, of those that hold anything."""
    good = every = 0
    for row in rows:
        for item in items:
            value = row.get(item.name)
            if value not in (None, ""):
                every += 1
                good += fits(value, item)
    return share(good, every)


def unique(rows: Sequence[Row], items: Sequence[Item]) -> Decimal | None:
    """Rows whose key stands once; None without a key."""
    keys = [item.name for item in items if item.key]
    if not keys:
        return None
    found = Counter(tuple(row.get(name) for name in keys) for row in rows)
    return share(sum(count for count in found.values() if count == 1), len(rows))


def fresh(entry: Entry, day: date) -> Decimal | None:
    """100 in time; each part of its cycle that it is late takes as much away. None where there is no day it is due."""
    if entry.due_on is None:
        return None
    late = cycles.late(entry, day)
    length = (day + cycles.SPANS[entry.cycle]) - day  # type: ignore[index]
    return max(Decimal(), round(Decimal(100) - Decimal(100) * late.days / length.days, 2))


def used(uses: int, most: int) -> Decimal | None:
    """By the logarithm, so that the second most used does not count for nothing."""
    return round(Decimal(100 * log(1 + uses) / log(1 + most)), 2) if most else None


def share(good: int, every: int) -> Decimal | None:
    """In percent; None of nothing."""
    return round(Decimal(100 * good) / every, 2) if every else None


def fits(value: Any, item: Item) -> bool:
    """True if the value is of the item's type and length."""
    check = CHECKS.get(item.type)
    if check is not None and not check(value):
        return False
    return item.length is None or item.type not in ("C", "M", "N") or len(str(value)) <= item.length


def _number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return isinstance(value, (int, float, Decimal)) or float(str(value)) is not None
    except ValueError:
        return False


def _whole(value: Any) -> bool:
    return _number(value) and float(value).is_integer()


def _day(value: Any) -> bool:
    return isinstance(value, date) or _iso(value, date.fromisoformat)


def _moment(value: Any) -> bool:
    return isinstance(value, datetime) or _iso(value, datetime.fromisoformat)


def _iso(value: Any, read: Callable[[str], Any]) -> bool:
    try:
        return read(str(value)) is not None
    except ValueError:
        return False


def _truth(value: Any) -> bool:
    return isinstance(value, bool) or str(value).lower() in ("0", "1", "true", "false", "是", "否")


CHECKS: dict[str, Callable[[Any], bool]] = {
    "N": _number, "Y": _number, "B": _number, "F": _number, "I": _whole, "D": _day, "T": _moment, "L": _truth,
}  # fmt: skip
