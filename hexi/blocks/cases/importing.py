"""Items taken in from a sheet of national columns: read, matched with what is there, linted, reported line by line.

Stands above operations. A line with columns of the item begins one; lines below with only materials, fees, questions
or penalties go on with it. An empty cell keeps what there is. Blank forms, checklists and the form itself are not in
the sheet: they come from the same item here, from the same base code elsewhere, or from a plain beginning (`seeds`),
which is told as a finding until somebody writes the real one. Cells that are not taken in are told too (`ignored`).
"""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _
from pydantic import ValidationError as Unfit

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import lint, seeds
from hexi.blocks.cases.columns import BY_NAME, COLUMNS, MANY, READ_ONLY, Column, Wrong, read
from hexi.blocks.cases.definitions import Definition
from hexi.blocks.cases.elements import ELEMENTS
from hexi.blocks.cases.findings import Finding
from hexi.blocks.cases.ignored import ignored
from hexi.blocks.cases.items import ImplementingItem, ServiceItem, task_code, version
from hexi.blocks.cases.models import Item, ItemVersion
from hexi.blocks.cases.operations import publishing
from hexi.blocks.regions.models import Department
from hexi.kernel.actors import Actor, Denied
from hexi.ui import sheets

#: what one file may hold; items looked over and written in one batch
LIMITS = sheets.Limits(bytes=40_000_000, lines=200_000, columns=500)
CHUNK = 250
Cells = dict[str, str]


@dataclass(frozen=True)
class Note:
    """One thing about a line: the column it stands in ("" the whole line), the sentence, whether it holds it up."""

    line: int
    column: str
    sentence: str
    error: bool = True


@dataclass
class Row:
    """One item of the sheet: its first line, what became of it, what was found."""

    line: int
    title: str
    code: str
    notes: list[Note] = field(default_factory=list)
    state: str = "wrong"
    national: ServiceItem | None = None
    local: ImplementingItem | None = None
    department: Department | None = None
    digest: str = ""

    @property
    def good(self) -> bool:
        """True if nothing holds it up."""
        return not any(one.error for one in self.notes)


@dataclass
class Report:
    """What a sheet brings: `rows`, and what is wrong with the sheet itself."""

    rows: list[Row] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    written: bool = False
    #: how many there are by state, where the rows themselves are no longer at hand
    counted: dict[str, int] | None = None

    def count(self, *states: str) -> int:
        """How many rows are in one of these states: new, changed, same, wrong."""
        if self.counted is not None:
            return sum(self.counted.get(state, 0) for state in states)
        return sum(row.state in states for row in self.rows)

    @property
    def total(self) -> int:
        """How many items the sheet has, as far as it was read."""
        return len(self.rows) if self.counted is None else self.counted["all"]

    @property
    def good(self) -> bool:
        """True if nothing holds the whole of it up."""
        return not self.count("wrong") and not any(one.error for one in self.notes)

    @property
    def sentence(self) -> str:
        """All of it in one sentence; an import that brings nothing says so."""
        facts = {state: self.count(state) for state in ("new", "changed", "same", "wrong")} | {"all": self.total}
        if not self.total:
            return _("没有带来任何事项：表里没有可用的行。请对照导出的表头检查。")
        if not facts["new"] + facts["changed"]:
            return _("没有带来任何变化：%(all)s 个事项里 %(same)s 个与现有的相同，%(wrong)s 个有错。") % facts
        if not self.written:
            return _("可以导入 %(new)s 个新事项、%(changed)s 个变更；%(same)s 个没有变化，%(wrong)s 个有错。") % facts
        return (
            _("已导入 %(new)s 个新事项、%(changed)s 个变更；%(same)s 个没有变化，%(wrong)s 个有错，没有导入。") % facts
        )


# --- the sheet ------------------------------------------------------------------------------------------------------
def _groups(lines: Iterator[list[str]], report: Report) -> Iterator[list[tuple[int, Cells]]]:
    """The lines of each item with their numbers, as the sheet has them."""
    heads = [head.strip().upper() for head in next(lines, [])]
    strange = [head for head in heads if head and head not in BY_NAME]
    if strange:
        names = "、".join(strange[:10])
        report.notes.append(Note(1, names, _("不认识这些列，没有读：%(names)s。") % {"names": names}, error=False))
    if "CATALOG_CODE" not in heads or "DEPT_CODE" not in heads:
        report.notes.append(Note(1, "", _("表头里要有 CATALOG_CODE（基本编码）和 DEPT_CODE（实施主体编码）。")))
        return
    group: list[tuple[int, Cells]] = []
    for number, line in enumerate(lines, 2):
        pairs = zip(heads, line, strict=False)
        cells = {head: _undone(cell) for head, cell in pairs if cell.strip() and head in BY_NAME}
        if not cells:
            continue
        if any(BY_NAME[name].own for name in cells) and group:
            yield group
            group = []
        group.append((number, cells))
    if group:
        yield group


def _undone(cell: str) -> str:
    """Without the apostrophe that an export puts before what a spreadsheet would take for a formula."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


# --- checking -------------------------------------------------------------------------------------------------------
class Intake:
    """A sheet on its way in: read whole, then looked over batch by batch against what is here. `report` grows along.

    Raises `ValidationError` for a file that is no sheet.
    """

    def __init__(self, name: str, content: bytes, *, by: Actor):
        self.by, self.report, self.known = by, Report(), Known()
        self.groups = list(_groups(sheets.lines(name, content, LIMITS), self.report))
        self._first: dict[tuple[str, str], tuple[int, str]] = {}
        for (line, cells), *_more in self.groups:
            self._first.setdefault(self._place(cells), (line, cells.get("DEPT_CODE", "")))

    def batches(self, start: int = 0) -> Iterator[list[Row]]:
        """The rows from the `start`th on, CHUNK at a time, with a query or two each."""
        for place in range(start, len(self.groups), CHUNK):
            groups = self.groups[place : place + CHUNK]
            self.known.read({self._key(cells) for (_line, cells), *_more in groups})
            rows = [self._looked(group) for group in groups]
            self.report.rows += rows
            yield rows
            for row in rows:
                row.national = row.local = None  # ten thousand items would not fit into a small server's memory

    def _looked(self, group: list[tuple[int, Cells]]) -> Row:
        row = _checked(group, self.known, self.by)
        line, office = self._first[self._place(group[0][1])]
        if row.code and line != row.line:
            same = office == group[0][1].get("DEPT_CODE", "")
            told = (
                _("这个实施编码在第 %(line)s 行已经有了。请删去一行。")
                if same
                else _("同一区划的另一个部门在第 %(line)s 行已有这个基本编码。请删去一行。")
            )
            row.notes.append(Note(row.line, "TASK_CODE", told % {"line": line}))
            row.state = "wrong"
        return row

    def _key(self, cells: Cells) -> tuple[str, int | None]:
        office = self.known.offices.get(cells.get("DEPT_CODE", ""))
        return cells.get("CATALOG_CODE", ""), office and office.pk

    def _place(self, cells: Cells) -> tuple[str, str]:
        """What there may be one item of: a base code in a region."""
        office = self.known.offices.get(cells.get("DEPT_CODE", ""))
        return cells.get("CATALOG_CODE", ""), office.region_code if office else cells.get("DEPT_CODE", "")


def require_somewhere(by: Actor) -> None:
    """Refuse whoever may publish for no office at all; each row is held against its own office."""
    if not by.scopes("items.publish"):
        raise Denied


def check(name: str, content: bytes, *, by: Actor) -> Report:
    """What an import would bring; nothing is written."""
    intake = Intake(name, content, by=by)
    for _rows in intake.batches():
        pass
    return intake.report


class Known:
    """What was here at the beginning: offices by credit code, items by implementation code, national elements.

    Only names are kept; the texts are read for one batch after the other.
    """

    def __init__(self) -> None:
        self.offices = {one.uscc: one for one in Department.objects.filter(active=True)}
        self._shipped = {one.base_code: one for one in publishing.shipped().values()}
        self._items: dict[tuple[str, int | None], int] = {}
        self._national: dict[str, int] = {}
        found = Item.objects.exclude(version=None).order_by("pk")
        for code, office, version_id in found.values_list(
            KeyTextTransform("base_code", "version__national"), "department_id", "version_id"
        ):
            self._items[code, office] = self._national[code] = version_id
        self._texts: dict[int, ItemVersion] = {}

    def read(self, places: set[tuple[str, int | None]]) -> None:
        """The texts that a batch of (base code, office) goes on from. One query."""
        wanted = {self._items.get(place) or self._national.get(place[0]) for place in places}
        self._texts = ItemVersion.objects.in_bulk([pk for pk in wanted if pk])

    def version(self, base: str, office: int) -> ItemVersion | None:
        """The item's version in force."""
        return self._texts.get(self._items.get((base, office), 0))

    def national(self, base: str) -> dict[str, Any]:
        """What the law says: as offices here have it, as it is shipped, or a plain beginning."""
        there = self._texts.get(self._national.get(base, 0))
        if there:
            return _copy(there.national)
        return self._shipped[base].model_dump(mode="json") if base in self._shipped else seeds.national(base)


def _copy(thing: Any) -> Any:
    """A copy of what JSON holds, five times as fast as `deepcopy`."""
    return json.loads(json.dumps(thing))


def _checked(group: list[tuple[int, Cells]], known: Known, by: Actor) -> Row:
    line, first = group[0]
    base = first.get("CATALOG_CODE", "")
    row = Row(line, first.get("TASK_NAME", ""), "")
    office = known.offices.get(first.get("DEPT_CODE", ""))
    if office is None:
        row.notes.append(Note(line, "DEPT_CODE", _("没有这个统一社会信用代码的部门。请先登记部门，或核对代码。")))
        return row
    if not by.may("items.publish", office.pk, office.region_code):
        row.notes.append(Note(line, "DEPT_CODE", _("您不能发布这个部门的事项。")))
        return row
    row.department = office
    here = known.version(base, office.pk)
    national = _copy(here.national) if here else known.national(base)
    local = _copy(here.implementing) if here else seeds.local(office, national["key"])
    _fill(group, national, local, row)
    if row.good:
        _validated(row, national, local, group)
    if row.national and row.local:
        rest = ignored(group, Definition(row.national, row.local), office, here)
        row.notes += [Note(*found, error=False) for found in rest]
    if row.good and row.national and row.local:
        row.title = row.national.title.zh
        row.digest = version(row.national, row.local)
        row.state = "new" if here is None else "same" if here.digest == row.digest else "changed"
    return row


def _fill(group: list[tuple[int, Cells]], national: dict[str, Any], local: dict[str, Any], row: Row) -> None:
    roots = {"item": national, "local": local}
    line, first = group[0]
    for name, text in first.items():
        column = BY_NAME[name]
        if column.own and column.field not in READ_ONLY and column.kind != "english":
            root, *way = column.path.split(".")
            _put(roots[root], way, column, (text, first.get(f"{name}_EN", "")), line, row)
    for table in MANY:
        there = [(number, cells) for number, cells in group if any(BY_NAME[name].table == table for name in cells)]
        if there:
            _put_lines(national, table, there, row)
    seeds.finish(national, local)
    if {"CATALOG_CODE", "DEPT_CODE"} <= set(first) and row.department:
        try:
            row.code = task_code(row.department.uscc, local["use_level"], national["base_code"])
        except ValueError as error:
            row.notes.append(Note(line, "CATALOG_CODE", str(error)))
        if first.get("TASK_CODE", row.code) != row.code:
            told = _("实施编码应为 %(code)s（主体编码＋层级＋基本编码）。请核对。") % {"code": row.code}
            row.notes.append(Note(line, "TASK_CODE", told))


def _put(thing: dict[str, Any], way: list[str], column: Column, texts: tuple[str, str], line: int, row: Row) -> None:
    """One cell (and its English) into the item, the implementing item or one line of a table."""
    try:
        value = read(column, texts[0])
    except Wrong as wrong:
        row.notes.append(Note(line, column.name, str(wrong)))
        return
    if column.kind == "words":
        _put_words(thing, way, *texts)
    elif column.kind == "basis":
        thing[way[0]] = _bases(value, thing.get(way[0], ()))
    else:
        _place(thing, way, value)


def _place(thing: dict[str, Any], way: list[str], value: Any) -> None:
    for step in way[:-1]:
        if thing.get(step) is None:
            thing[step] = {"single_sign_on": False} if step in ("computer", "mobile") else {}
        thing = thing[step]
    thing[way[-1]] = value


def _put_words(thing: dict[str, Any], way: list[str], text: str, english: str) -> None:
    """One text, or as many as there are lines in the cell; English that is not given stays with the same Chinese."""
    for step in way[:-1]:
        if isinstance(thing.get(step), list | tuple) or step in ("conditions", "places"):
            _put_each(thing, step, way[-1], text, english)
            return
        if thing.get(step) is None:
            thing[step] = {}
        thing = thing[step]
    last = way[-1]
    if last in ("intermediary", "joint_departments", "rights", "duties") or isinstance(thing.get(last), list | tuple):
        before = list(thing.get(last) or ())
        thing[last] = [
            _words(*pair, before[n] if n < len(before) else None) for n, pair in enumerate(_pairs(text, english))
        ]
    else:
        thing[last] = _words(text, english, thing.get(last))


def _put_each(thing: dict[str, Any], step: str, name: str, text: str, english: str) -> None:
    before = list(thing.get(step) or ())
    blank = seeds.PLACE if step == "places" else {}
    made = []
    for place, (zh, en) in enumerate(_pairs(text, english)):
        old = before[place] if place < len(before) else _copy(blank)
        made.append({**old, name: _words(zh, en, old.get(name))})
    thing[step] = made


def _pairs(text: str, english: str) -> list[tuple[str, str]]:
    zh, en = text.split("\n"), english.split("\n")
    return [(one.strip(), en[place].strip() if place < len(en) else "") for place, one in enumerate(zh) if one.strip()]


def _words(zh: str, en: str, old: dict[str, str] | None) -> dict[str, str]:
    kept = old["en"] if old and old.get("zh") == zh else ""
    return {"zh": zh, "en": en or kept}


def _bases(given: list[tuple[str, str, str]], before: Any) -> list[dict[str, Any]]:
    old = {(one["law"]["zh"], one["article"]["zh"], one["quote"]["zh"]): one for one in before or ()}
    return [old.get(one) or seeds.basis(*one) for one in given]


def _put_lines(national: dict[str, Any], table: str, there: list[tuple[int, Cells]], row: Row) -> None:
    """The lines of a material, fee, question or penalty; one of the same name keeps what the sheet does not say."""
    *way, last = MANY[table].split(".")[1:]
    owner = national
    for step in way:
        owner = owner[step]
    name = next(one for one in COLUMNS if one.table == table)
    field_name = name.path.split(".")[0]
    before = {one[field_name]["zh"]: one for one in owner.get(last) or ()}
    made = []
    for number, cells in there:
        one = _copy(before.get(cells.get(name.name, ""))) or seeds.line(table, len(made))
        for heading, text in cells.items():
            column = BY_NAME[heading]
            if column.table == table and column.field not in READ_ONLY and column.kind != "english":
                texts = (text, cells.get(f"{heading}_EN", ""))
                _put(one, column.path.split("."), column, texts, number, row)
        made.append(one)
    owner[last] = made


def _validated(row: Row, national: dict[str, Any], local: dict[str, Any], group: list[tuple[int, Cells]]) -> None:
    try:
        row.national, row.local = ServiceItem.model_validate(national), ImplementingItem.model_validate(local)
    except Unfit as error:
        side = "item" if error.title == "ServiceItem" else "local"
        for one in error.errors(include_url=False):
            where = tuple(one["loc"])
            line, column = _spot(side, where, group)
            row.notes.append(Note(line, column, f"{'.'.join(map(str, where))}：{one['msg']}"))
        return
    for finding in lint.lint(row.national, row.local):
        side = "item" if finding.side == "item" else "local"
        line, column = _spot(side, finding.where, group)
        row.notes.append(Note(line, column, _said(finding), finding.severity == "error"))


def _said(finding: Finding) -> str:
    return f"{finding.element}：{finding.sentence}"


def _spot(side: str, where: tuple[Any, ...], group: list[tuple[int, Cells]]) -> tuple[int, str]:
    """Line and column of a place in the schema; the item's first line where it stands in none."""
    path = ".".join([side, *(str(step) for step in where if not isinstance(step, int))])
    best, found = _nearest(path)
    line = group[0][0]
    if not best.own and found:
        lines = [number for number, cells in group if any(BY_NAME[name].table == best.table for name in cells)]
        place = next((step for step in where if isinstance(step, int)), 0)
        line = lines[place] if place < len(lines) else line
    return line, found


@lru_cache(maxsize=2000)
def _nearest(path: str) -> tuple[Column, str]:
    """The column whose place has most in common with a path, and its name if that is more than the root."""
    best = max(COLUMNS, key=lambda one: _shared(path, ELEMENTS[one.table, one.field]))
    return best, best.name if _shared(path, ELEMENTS[best.table, best.field]) > 1 else ""


def _shared(one: str, other: str) -> int:
    """How many steps two paths have in common from their beginning."""
    same = 0
    for mine, theirs in zip(one.split("."), other.split("."), strict=False):
        if mine != theirs:
            break
        same += 1
    return same


# --- taking in ------------------------------------------------------------------------------------------------------
def take_in(name: str, content: bytes, *, by: Actor, whole: bool = False) -> Report:
    """Import a sheet: its good rows, or with `whole` nothing unless every row is good. Twice is once."""
    if whole:
        report = check(name, content, by=by)
        if not report.good:
            return report
    intake = Intake(name, content, by=by)
    # else each batch by itself: what is in stays in if the process dies, and the same file again brings the rest
    with transaction.atomic() if whole else nullcontext():
        for rows in intake.batches():
            write(rows, name, by=by)
    intake.report.written = bool(intake.report.count("new", "changed"))
    return intake.report


def write(rows: list[Row], name: str, *, by: Actor) -> None:
    """Put one batch's new and changed items into force: one transaction, one entry in the log with their digest."""
    ready = [
        publishing.Ready(row.national, row.local, row.department, row.digest)
        for row in rows
        if row.national and row.local and row.department and row.state in ("new", "changed")
    ]
    if ready:
        with change(by, "items.import", "cases.item", file=name[:200]) as note:
            note.rows = [[row.code, row.digest] for row in rows if row.state in ("new", "changed")]
            publishing.put_all(ready, by=by)
