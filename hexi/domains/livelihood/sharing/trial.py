"""A dry run: rows as a grant would give them, of the same shape, every value made up. Reads no data. Beside queries."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hexi.blocks.catalog.models import Entry, Item
from hexi.blocks.catalog.store.masks import hide

#: rows shown
ROWS = 5
DAY = date(2017, 3, 1)


def rows(entry: Entry, fields: Mapping[str, str], region: str = "") -> tuple[list[Item], list[list[str]]]:
    """The asked items in their order, and rows as the grant's masks would show them."""
    items = [one for one in entry.items.all() if one.name in fields]
    return items, [
        [_shown(_value(one, place, region), fields[one.name], entry) for one in items] for place in range(ROWS)
    ]


def _shown(value: Any, mask: str, entry: Entry) -> str:
    return str(value) if mask == "none" else hide(value, mask, entry.code) or "—"


def _value(item: Item, place: int, region: str) -> Any:
    """Something of the item's type; signs of a person are of nobody's region (629999)."""
    made = _special(item, place, region)
    if made is not None:
        return made
    types: dict[str, Any] = {
        "D": DAY + timedelta(days=place * 31), "T": datetime(2017, 3, 1, 9, place, tzinfo=UTC).isoformat(),
        "L": place % 2 == 0, "I": 100 + place, "N": round(10.5 + place, 2), "Y": f"{1000 + place}.00",
        "B": 1.5 + place, "F": 1.5 + place,
    }  # fmt: skip
    text = f"{item.title}{place + 1}"
    return types.get(item.type, text[: item.length] if item.length else text)


def _special(item: Item, place: int, region: str) -> str | None:
    """Numbers of persons and codes of divisions look like themselves, so that their masks can be judged."""
    if item.length == 18 and item.personal:
        return f"6299991990010100{place:02}"
    if item.length == 12 and "区划" in item.title:
        return region or "629999000000"
    if item.personal and "姓名" in item.title:
        return "张王李赵刘"[place] + "某某"
    return None
