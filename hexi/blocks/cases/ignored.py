"""Cells of a sheet that an import does not take in: each one that says something else is told. Beside `importing`.

What the sheet only tells (codes, stamps of the exchange) and what the service editor keeps (papers, procedure) is
compared with what stands after the import: a cell that says the same is no loss.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.cases.columns import BY_NAME, MANY, PAPERS, READ_ONLY, Column, told, written
from hexi.blocks.cases.definitions import Definition
from hexi.blocks.cases.models import Item, ItemVersion
from hexi.blocks.regions.models import Department

#: read otherwise: the office is found by its code, the implementation code is held against the others
USED = {"dept_code", "task_code"}
#: stamps of the version that is here: what is not here yet has none
STAMPS = {"task_version", "cd_operation", "cd_time", "cd_batch"}
WHY = {
    **dict.fromkeys(PAPERS, gettext_lazy("空白表格和示例样表在事项编辑里维护")),
    "handle_flow": gettext_lazy("办理流程在事项编辑里维护"),
    "special_procedure": gettext_lazy("特别程序在事项编辑里维护"),
    "fee_basis": gettext_lazy("收费依据随各收费项目填写"),
    "dept_name": gettext_lazy("部门按统一社会信用代码识别，名称在部门资料里维护"),
    "order_num": gettext_lazy("材料按行的先后排列"),
}
#: so much of a cell is quoted
QUOTED = 30


def ignored(
    group: list[tuple[int, dict[str, str]]], rules: Definition, office: Department, here: ItemVersion | None
) -> Iterator[tuple[int, str, str]]:
    """(line, column, sentence) of every cell that says something and was not taken in."""
    item = _item(rules, office, here)
    places: Counter[str] = Counter()
    for line, cells in group:
        tables = {BY_NAME[name].table for name in cells} & set(MANY)
        for name, text in cells.items():
            column = BY_NAME[name]
            if column.field not in READ_ONLY - USED or not text.strip():
                continue
            if text.strip() != _stands(column, rules, item, places[column.table], here).strip():
                yield line, name, _sentence(column, text)
        places.update(tables)


def _item(rules: Definition, office: Department, here: ItemVersion | None) -> Item:
    """The item as it stands after the import, as far as a sheet tells it; not stored."""
    version = ItemVersion(digest=here.digest, published_at=here.published_at) if here else None
    return Item(
        key=rules.national.key, region_code=rules.local.region, department=office, version=version,
        status=Item.Status.PUBLISHED,
    )  # fmt: skip


def _stands(column: Column, rules: Definition, item: Item, place: int, here: ItemVersion | None) -> str:
    if column.field in STAMPS and here is None:
        return ""
    if column.own:
        return told(column, rules, item)
    lines: Any = rules.national
    for step in MANY[column.table].split(".")[1:]:
        lines = getattr(lines, step)
    return written(column, column.of_line(item.key, lines, place)) if place < len(lines) else ""


def _sentence(column: Column, text: str) -> str:
    why = WHY.get(column.field, gettext_lazy("这一列由系统生成"))
    return _("“%(text)s”没有采用：%(why)s。") % {"text": text.strip()[:QUOTED], "why": why}
