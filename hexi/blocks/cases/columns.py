"""The national columns (GB/T 39554.2) of an item, read and written through the map of `elements`. Beside operations.

A sheet has one line an item; materials, fees, questions and penalties go on in the lines below it, which leave the
item's own columns empty. A text has two columns, the second ends in _EN; several texts in one cell stand in lines.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils import translation
from pydantic import BaseModel

from hexi.blocks.cases import codes, items
from hexi.blocks.cases.definitions import Definition, definition
from hexi.blocks.cases.elements import ELEMENTS
from hexi.blocks.cases.models import Item
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.kernel.packs import Words
from hexi.ui import export

#: tables with several lines an item, and where these lines stand
MANY = {
    "material": "item.materials",
    "fee": "item.fee.items",
    "questions": "item.faq",
    "punish": "item.penalties",
}
#: columns whose value is a code: key, Chinese or English word of a list
CODED = {
    "task_type": "ITEM_TYPES", "use_level": "LEVELS", "task_state": "ITEM_STATES", "dept_type": "NATURES",
    "power_source": "POWER_SOURCES", "server_type": "AUDIENCES", "project_type": "CASE_TYPES",
    "handle_type": "HANDLING", "handle_area": "REACH", "online_handle_depth": "DEPTHS",
    "result_type": "RESULT_TYPES", "user_topic_type": "PERSON_TOPICS", "corp_topic_type": "CORPORATE_TOPICS",
    "is_need": "NEEDS", "material_type": "MATERIAL_TYPES", "material_format": "FORMATS", "source_type": "SOURCES",
}  # fmt: skip
FLAGS = {
    "is_fee", "is_single_login", "app_is_single_login", "is_entry_center", "is_express", "is_pay_online", "is_schedule",
    "is_service_terminals", "is_desc",
}  # fmt: skip
NUMBERS = {"anticipate_day", "promise_day", "limit_scene_num", "page_num", "copies_num"}
UNITS = {"anticipate_type", "promise_type"}
DAYS = {"plan_effective_date", "plan_cancel_date"}
TEXTS = {
    "catalog_code", "local_catalog_code", "local_task_code", "link_way", "supervise_way", "link_addr",
    "mobile_terminal_url", "town_code", "village_code", "reconsider_phone", "reconsider_url", "lawsuit_phone",
    "lawsuit_url",
}  # fmt: skip
#: papers of a material, told by a name of their own: item/material/which
PAPERS = {"form_guid": "blank", "example_guid": "sample"}
#: told, never taken in: made from others, or papers and procedures that the service editor keeps
READ_ONLY = {
    "task_version", "task_code", "task_handle_item", "dept_code", "dept_name", "fee_basis", "special_procedure",
    "is_online", "handle_flow", "row_guid", "cd_operation", "cd_time", "cd_batch", "town_name", "village_name",
    "order_num", *PAPERS,
}  # fmt: skip
UNIT_WORDS = {
    "working_days": "工作日", "calendar_days": "自然日", "working_hours": "工作小时", "hours": "小时",
}  # fmt: skip
#: between law, article and quote of a legal basis
BAR = "｜"


@dataclass(frozen=True)
class Column:
    """One column: its heading, where it belongs, and how a cell is written."""

    name: str
    table: str
    field: str
    kind: str

    @property
    def own(self) -> bool:
        """True if it stands in the item's first line."""
        return self.table not in MANY

    @property
    def path(self) -> str:
        """Where its value stands; inside one line for a table with several."""
        path = ELEMENTS[self.table, self.field]
        return path if self.own else path.removeprefix(MANY[self.table] + ".")

    def of_line(self, item: str, lines: Any, place: int) -> Any:
        """Its value in the line at `place` of a table of the item with this key."""
        if self.field == "order_num":
            return place + 1
        found = _follow(lines[place], self.path.split("."))
        return f"{item}/{lines[place].key}/{PAPERS[self.field]}" if found and self.field in PAPERS else found


def _kind(field: str) -> str:
    kinds = {"code": CODED, "flag": FLAGS, "number": NUMBERS, "unit": UNITS, "day": DAYS, "text": TEXTS}
    if field in READ_ONLY:
        return "read"
    if field == "by_law":
        return "basis"
    return next((kind for kind, fields in kinds.items() if field in fields), "words")


def _columns() -> Iterator[Column]:
    for table, field in ELEMENTS:
        name = f"{table}.{field}" if table in MANY else field
        column = Column(name.upper(), table, field, _kind(field))
        yield column
        if column.kind == "words":
            yield Column(f"{column.name}_EN", table, field, "english")


COLUMNS = tuple(_columns())
BY_NAME = {one.name: one for one in COLUMNS}


# --- out ------------------------------------------------------------------------------------------------------------
def rows(items: Iterator[Item]) -> Iterator[list[str]]:
    """The sheet's lines without its heads."""
    for item in items:
        rules = definition(item.version)  # type: ignore[arg-type]
        lines = {table: _follow(rules.national, path.split(".")[1:]) for table, path in MANY.items()}
        for place in range(max(1, *(len(found) for found in lines.values()))):
            yield [_cell(column, rules, item, lines, place) for column in COLUMNS]


def csv_of(heads: list[str], lines: Iterator[list[str]]) -> bytes:
    """The sheet as CSV, with the mark that Excel needs to read Chinese, and formulas disarmed."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(heads)
    writer.writerows([export.disarm(cell) for cell in line] for line in lines)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def _cell(column: Column, rules: Definition, item: Item, lines: dict[str, Any], place: int) -> str:
    if column.own:
        return written(column, _raw(column.path, rules, item)) if place == 0 else ""
    there = lines[column.table]
    return written(column, column.of_line(rules.national.key, there, place)) if place < len(there) else ""


def written(column: Column, found: Any) -> str:
    """A value as its cell."""
    if found is None or found == ():
        return ""
    if column.kind == "basis":
        return "\n".join(BAR.join((one.law.zh, one.article.zh, one.quote.zh)) for one in found)
    if isinstance(found, list | tuple):
        return ("；" if column.kind in ("code", "text") else "\n").join(_word(column, one) for one in found)
    return _word(column, found)


def _word(column: Column, found: Any) -> str:
    if isinstance(found, Words):
        return found.en if column.kind == "english" else found.zh
    if isinstance(found, BaseModel):
        name = getattr(found, "title", None) or getattr(found, "name", "")
        return name.zh if isinstance(name, Words) else str(name)
    if isinstance(found, bool):
        return "1" if found else "0"
    if column.kind == "code" and not str(found).isdigit():
        return str(getattr(codes, CODED[column.field])[found].zh)
    return UNIT_WORDS.get(str(found), str(found)) if column.kind == "unit" else str(found)


# --- in -------------------------------------------------------------------------------------------------------------
class Wrong(ValueError):
    """A cell that cannot be taken in; the sentence says what would be right, in both languages."""


def read(column: Column, text: str) -> Any:
    """The value a cell means, as the schema's JSON holds it; `Wrong` if it means none."""
    reader = READERS.get(column.kind)
    return reader(column, text) if reader else text


def _code(column: Column, text: str) -> Any:
    known = getattr(codes, CODED[column.field])
    words = {name: key for key, one in known.items() for name in (key, one.zh, one.en)}
    several = column.field in ("server_type", "handle_type", "user_topic_type", "corp_topic_type")
    found = []
    for part in text.replace(";", "；").replace(",", "；").replace("，", "；").split("；") if several else [text]:
        if part.strip() not in words:
            listed = "、".join(f"{key} {one.zh}" for key, one in list(known.items())[:12])
            raise Wrong(f"没有“{part.strip()}”，可用：{listed} / no such code")
        found.append(words[part.strip()])
    return found if several else found[0]


def _flag(column: Column, text: str) -> bool:
    if text not in ("1", "0", "是", "否"):
        raise Wrong("请写 1（是）或 0（否）/ write 1 (yes) or 0 (no)")
    return text in ("1", "是")


def _number(column: Column, text: str) -> int:
    if not text.isdigit() or len(text) > 4:
        raise Wrong("请写整数，如 20 / write a whole number such as 20")
    return int(text)


def _unit(column: Column, text: str) -> str:
    for key, word in UNIT_WORDS.items():
        if text in (key, word):
            return key
    raise Wrong("单位只能是工作日、自然日、工作小时、小时 / working days, calendar days, working hours or hours")


def _day(column: Column, text: str) -> str:
    try:
        return date.fromisoformat(text.replace("/", "-")[:10]).isoformat()
    except ValueError:
        raise Wrong("请写日期，如 2026-11-29 / write a day such as 2026-11-29") from None


def _basis(column: Column, text: str) -> list[tuple[str, str, str]]:
    found = []
    for line in text.split("\n"):
        parts = [part.strip() for part in line.replace("|", BAR).split(BAR)]
        if len(parts) != 3 or not all(parts):
            raise Wrong("每行一条依据：法律名称｜条款｜原文 / one basis a line: law｜article｜quote")
        found.append((parts[0], parts[1], parts[2]))
    return found


READERS = {"code": _code, "flag": _flag, "number": _number, "unit": _unit, "day": _day, "basis": _basis}


# --- as JSON --------------------------------------------------------------------------------------------------------
def elements(rules: Definition, item: Item) -> dict[str, Any]:
    """Every element by its public name, as JSON: a text is {"zh", "en"}, a table with several lines a list."""
    found: dict[str, Any] = {table.upper(): _lines(rules, table) for table in MANY}
    for (table, field), path in ELEMENTS.items():
        if table not in MANY:
            found[field.upper()] = plain(_raw(path, rules, item))
    return found


def _lines(rules: Definition, table: str) -> list[dict[str, Any]]:
    own = [one for one in COLUMNS if one.table == table and one.kind != "english"]
    lines = _follow(rules.national, MANY[table].split(".")[1:])
    key = rules.national.key
    return [{one.field.upper(): plain(one.of_line(key, lines, place)) for one in own} for place in range(len(lines))]


def _raw(path: str, rules: Definition, item: Item) -> Any:
    root, *way = path.split(".")
    if root == "computed":
        return computed(way[0], rules, item)
    owner = {"item": rules.national, "local": rules.local, "office": item.department}[root]
    return _follow(owner, way)


def told(column: Column, rules: Definition, item: Item) -> str:
    """What the sheet says in one of the item's own columns."""
    return written(column, _raw(column.path, rules, item))


def computed(name: str, rules: Definition, item: Item) -> str:
    """What is made from others: codes, names of places, and the stamps of an exchange (CD_*, ROW_GUID)."""
    return COMPUTED[name](rules, item)


def _task_code(rules: Definition, item: Item) -> str:
    return items.task_code(item.department.uscc, rules.local.use_level, rules.national.base_code)


def _handling_code(rules: Definition, item: Item) -> str:
    return items.handling_code(_task_code(rules, item), rules.local.handling_number)


def _row_guid(rules: Definition, item: Item) -> str:
    """The same for the same business item, wherever and however often it is exported."""
    return str(uuid5(NAMESPACE_URL, f"{_handling_code(rules, item)}@{item.region_code}"))


def _published(item: Item) -> datetime | None:
    return item.version.published_at.astimezone(clock.CHINA) if item.version else None


def _cd_time(rules: Definition, item: Item) -> str:
    at = _published(item)
    return at.isoformat(sep=" ", timespec="seconds")[:19] if at else ""


def _cd_batch(rules: Definition, item: Item) -> str:
    at = _published(item)
    return f"{at:%Y%m%d}" if at else ""


def _division(code: str | None) -> str:
    """Its own name, in the language of the sheet."""
    with translation.override("zh-hans"):
        names = regions.names_today(code) if code else []
    return names[-1] if names else ""


COMPUTED: dict[str, Callable[[Definition, Item], str]] = {
    "version": lambda rules, item: item.version.digest if item.version else "",
    "task_code": _task_code,
    "handling_code": _handling_code,
    "row_guid": _row_guid,
    # who keeps a copy takes every row over what he has (U), or away (D)
    "cd_operation": lambda rules, item: "D" if item.status == Item.Status.WITHDRAWN else "U",
    "cd_time": _cd_time,
    "cd_batch": _cd_batch,
    "town_name": lambda rules, item: _division(rules.local.town_code),
    "village_name": lambda rules, item: _division(rules.local.village_code),
}


def _follow(thing: Any, way: list[str]) -> Any:
    for place, step in enumerate(way):
        if isinstance(thing, tuple):
            return [_follow(one, way[place:]) for one in thing]
        if thing is None:
            return None
        thing = getattr(thing, step)
    return thing


def plain(thing: Any) -> Any:
    """As JSON holds it."""
    if isinstance(thing, BaseModel):
        return thing.model_dump(mode="json")
    if isinstance(thing, tuple | list):
        return [plain(one) for one in thing]
    return thing.isoformat() if hasattr(thing, "isoformat") else thing
