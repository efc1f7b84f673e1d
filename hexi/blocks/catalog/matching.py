"""Columns of a file beside the items of the catalogue: which is which, what is missing, what is over. Beside models."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.catalog import anonymous
from hexi.blocks.catalog.models import Item


def called(names: Sequence[str], items: Iterable[Item]) -> tuple[str, ...]:
    """Each column by the name of its item: a head that is an item's title means that item, if no other column is it."""
    titles = {title: one.name for one in items for title in (one.title_en, one.title) if title}
    found: list[str] = []
    for name in names:
        item = titles.get(name.strip(), name)
        found.append(name if item in names or item in found else item)
    return tuple(found)


def told(names: Sequence[str], items: Sequence[Item]) -> list[str]:
    """In words where columns and items differ: what nobody will see, and what will stay empty."""
    if not items:
        return [_("目录里还没有信息项，装载的数据谁也看不到。请先在目录条目里按这些列写信息项。")]
    known = {one.name for one in items}
    missing = "、".join(f"{one.title}（{one.name}）" for one in items if one.name not in names)
    over = "、".join(name for name in names if name not in known)
    said = [_("目录里有、文件里没有：%(names)s。") % {"names": missing}] if missing else []
    return said + ([_("文件里有、目录里没有，不会给出去：%(names)s。") % {"names": over}] if over else [])


#: letters of an item's name and of its title
NAME, TITLE = 60, 100


def items_for(fields: Iterable[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What items may say of the confirmed columns that none is about yet: name, title, type, length, required.

    A column whose head cannot be a name (blanks, a digit first) is found again by its title. One whose head is that of
    a number or the health of a person is ticked as personal beforehand.
    """
    known = {one[word] for one in items for word in ("name", "title", "title_en") if one[word]}
    names = {one["name"] for one in items}
    made = []
    for field in fields:
        head = field["name"]
        if head in known or len(head) > TITLE:
            continue
        plain = re.sub(r"\W+", "_", head).strip("_")[: NAME - 4] or "column"
        plain = f"c_{plain}" if plain[0].isdigit() else plain
        name = next(one for one in (plain, *(f"{plain}_{n}" for n in range(2, 1_000))) if one not in names)
        names.add(name)
        facts = {"type": field["type"], "length": field["length"], "required": field["required"]}
        made.append({"name": name, "title": head, "personal": anonymous.forbidden(name, head), **facts})
    return made
