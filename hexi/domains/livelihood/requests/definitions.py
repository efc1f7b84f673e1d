"""Packs of the hotline: class tree, limits, centres, emergencies; put into tables or read from the files. Above models.

`packs/request_classes`, `request_limits`, `hotlines`, `dispatch_rules`, `emergencies`. A region brings its own tree.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pydantic import Field

from hexi.blocks.audit.operations import change
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests.models import DispatchRule, Hotline, Subject, TimeLimit
from hexi.kernel import clock, packs
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import Fault, Pack, PackModel, Words
from hexi.ui import sheets

BY = System("packs")
Units = Literal["hours", "working_hours", "working_days", "calendar_days"]
#: what a region's own tree may be
TREE = sheets.Limits(5_000_000, 5_000, 10)
#: of a class: letters of its English title, words, letters of one
TITLE_EN, MOST_WORDS, WORD = 120, 40, 40
SEPARATED = re.compile(r"[\n\r、，,；;|]+")
#: heads of the columns that describe a class
HEADS = {"英文名称": "title_en", "title_en": "title_en", "english": "title_en", "关键词": "words", "words": "words"}


class Leaf(PackModel):
    """A class of the last level."""

    code: str = Field(pattern=r"^[0-9]{2,12}$")
    title: Words
    words: list[str] = []


class Middle(Leaf):
    """A class of the second level."""

    classes: list[Leaf] = []


class Top(Leaf):
    """A class of the first level."""

    classes: list[Middle] = Field(min_length=1)


class ClassFile(PackModel):
    """`packs/request_classes/*.yaml`."""

    classes: list[Top] = Field(min_length=1)


class LimitRow(PackModel):
    """One line of limits; what is left out holds for any."""

    region: str = ""
    subject: str = ""
    type: Literal["", "ask", "help", "complain", "report", "suggest", "praise", "urge"] = ""
    first: int = Field(gt=0)
    first_unit: Units = "hours"
    handle: int = Field(5, gt=0)
    handle_unit: Units = "working_days"
    valid_from: date
    valid_to: date | None = None
    source: str = ""


class LimitFile(PackModel):
    """`packs/request_limits/*.yaml`."""

    limits: list[LimitRow] = Field(min_length=1)


class RuleRow(PackModel):
    """One rule of dispatch; what is left out is any."""

    position: int = Field(gt=0)
    place: str = ""
    subject: str = ""
    type: Literal["", "ask", "help", "complain", "report", "suggest", "praise", "urge"] = ""
    words: list[str] = []
    office: str
    duty: str = Field(min_length=2, max_length=200)
    valid_from: date
    valid_to: date | None = None


class RuleFile(PackModel):
    """`packs/dispatch_rules/*.yaml`: the rules a hotline starts from."""

    region: str = Field(pattern=r"^[0-9]{12}$")
    rules: list[RuleRow] = Field(min_length=1)


class Square(PackModel):
    """The least square round a region, WGS-84."""

    west: float
    south: float
    east: float
    north: float


class HotlineRow(PackModel):
    """A hotline: its region, its centre, its number."""

    region: str = Field(pattern=r"^[0-9]{12}$")
    department: str
    phone: str = "12345"
    square: Square | None = None


class HotlineFile(PackModel):
    """`packs/hotlines/*.yaml`."""

    hotlines: list[HotlineRow] = Field(min_length=1)


class Emergency(PackModel):
    """Words that name an emergency, whom to ring, and what to do until help comes. Not if one of `but` stands there."""

    key: str
    words: list[str] = Field(min_length=1)
    but: list[str] = []
    call: str
    title: Words
    advice: Words


class EmergencyFile(PackModel):
    """`packs/emergencies/*.yaml`."""

    emergencies: list[Emergency] = Field(min_length=1)


# --- class tree -------------------------------------------------------------------------------------------------------
def load_classes(path: Path, file: ClassFile) -> None:
    """Put the tree that ships into the table; a region that has its own keeps that."""
    if Subject.objects.exclude(code__in=_codes(file)).filter(active=True).exists():
        return
    with change(BY, "requests.load_classes", source=path.name):
        rows = _rows(file)
        described = Subject.objects.filter(code__in=[one.code for one in rows], described_at__isnull=False)
        ours = {one.code: one for one in described}
        for one in rows:
            _kept(one, ours.get(one.code))  # what the hotline calls it stays
        _write(rows)


def _rows(file: ClassFile) -> list[Subject]:
    rows = []
    for top in file.classes:
        rows.append(_row(top, ""))
        for middle in top.classes:
            rows.append(_row(middle, top.code))
            rows += [_row(leaf, middle.code) for leaf in middle.classes]
    return rows


def _codes(file: ClassFile) -> set[str]:
    return {one.code for one in _rows(file)}


def _row(leaf: Leaf, parent: str) -> Subject:
    return Subject(
        code=leaf.code, parent_code=parent, level=len(leaf.code) // 2, title=leaf.title.zh, title_en=leaf.title.en,
        words=leaf.words,
    )  # fmt: skip


def _write(rows: Sequence[Subject]) -> None:
    for one in rows:
        one.active = True
    Subject.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"],
        update_fields=["parent_code", "level", "title", "title_en", "words", "described_at", "active"], batch_size=300,
    )  # fmt: skip
    Subject.objects.exclude(code__in=[one.code for one in rows]).update(active=False)


def check_classes(path: Path, file: ClassFile) -> list[Fault]:
    """Codes are one each, and begin with the code above."""
    faults, seen = [], set()
    for row in _rows(file):
        if row.code in seen or not row.code.startswith(row.parent_code):
            faults.append(
                Fault(path, _line(path, row.code), f"分类代码 {row.code} 重复或与上级不符 / wrong class code")
            )
        seen.add(row.code)
    return faults


def take_tree(name: str, content: bytes, *, by: Actor) -> int:
    """A region's own tree, CSV or XLSX: one column a level, first line heads; codes are made from the order.

    Columns headed 英文名称 and 关键词 (or title_en, words) describe the class of a line; an empty cell changes nothing.
    Replaces the tree in force in one step: classes it does not name are no longer offered, but keep naming old orders.
    All hotlines of the site share it, so whoever replaces it plans for each of them. How many classes it has. Raises
    `ValidationError` that names the line.
    """
    _plans_for_all(by)
    lines = [[cell.strip() for cell in line] for line in sheets.lines(name, content, TREE)]
    rows = _grown(lines[1:], _described_by(lines[0] if lines else []))
    if not rows:
        raise ValidationError({"file": _("表里没有分类。第一行是表头，从第二行起每行一个分类，一列一级。")})
    with change(by, "requests.take_tree", source=name, classes=len(rows)):
        _write(rows)
    return len(rows)


def _plans_for_all(by: Actor) -> None:
    hotlines = Hotline.objects.values_list("department_id", "region_code")
    if not by.may("requests.plan") or not all(by.may("requests.plan", *one) for one in hotlines):
        raise ValidationError(_("诉求分类由各热线中心共用：能管全部热线中心的岗位才能更换。"))


def describe(subject: Subject, *, title_en: str, words: Sequence[str], by: Actor) -> Subject:
    """What a class is called in English, and what people call it: for search, the classifier's start and other cities.

    By who may replace the tree. Raises `ValidationError` by field.
    """
    _plans_for_all(by)
    with change(by, "requests.describe_class", subject, title_en=title_en, words=list(words)):
        subject = Subject.objects.select_for_update().get(pk=subject.pk)
        subject.title_en, subject.words = title_en.strip(), _sound(words)
        if len(subject.title_en) > TITLE_EN:
            raise ValidationError({"title_en": _("英文名称最多 %(n)s 个字母。") % {"n": TITLE_EN}})
        subject.described_at = clock.now()
        subject.save()
    return subject


def words_of(text: str) -> list[str]:
    """Words as somebody writes them: one a line, or separated by commas."""
    return list(dict.fromkeys(word.strip() for word in SEPARATED.split(text) if word.strip()))


def _sound(words: Sequence[str]) -> list[str]:
    if len(words) > MOST_WORDS or any(len(one) > WORD for one in words):
        told = _("关键词最多 %(n)s 个，每个最多 %(long)s 字。")
        raise ValidationError({"words": told % {"n": MOST_WORDS, "long": WORD}})
    return list(words)


def _described_by(head: Sequence[str]) -> dict[str, int]:
    """Where the English title and the words stand, by the head of the table."""
    return {HEADS[cell.lower()]: place for place, cell in enumerate(head) if cell.lower() in HEADS}


def _said(line: Sequence[str], places: Mapping[str, int], number: int) -> dict[str, Any]:
    """What a line says of its class; nothing where a cell is empty."""
    cells = {name: line[place] for name, place in places.items() if place < len(line) and line[place]}
    said: dict[str, Any] = {}
    try:
        if "words" in cells:
            said["words"] = _sound(words_of(cells["words"]))
        if "title_en" in cells:
            said["title_en"] = cells["title_en"]
            if len(cells["title_en"]) > TITLE_EN:
                raise ValidationError(_("英文名称最多 %(n)s 个字母。") % {"n": TITLE_EN})
    except ValidationError as error:
        told = _("第 %(line)s 行：%(why)s") % {"line": number, "why": " ".join(error.messages)}
        raise ValidationError({"file": told}) from None
    return said


def _grown(lines: Iterable[list[str]], described: Mapping[str, int]) -> list[Subject]:
    """Rows of a tree from its paths. The same title under the same parent keeps the code it has in the table, its
    English and what people call it, unless the line says otherwise."""
    there = {one.code: one for one in Subject.objects.all()}
    known = {(one.parent_code, one.title): one.code for one in there.values()}
    taken = set(known.values())
    rows: dict[str, Subject] = {}
    for number, whole in enumerate(lines, 2):
        line = [cell for place, cell in enumerate(whole) if place not in described.values()]
        path = [cell for cell in line if cell]
        if not path:
            continue
        if line[: len(path)] != path or len(path) > 4 or max(map(len, path)) > 80:
            told = {"line": number}
            raise ValidationError(
                {"file": _("第 %(line)s 行：各级要从左到右填，不跳级，最多四级，每级最多 80 字。") % told}
            )
        parent = ""
        for level, title in enumerate(path, 1):
            code = known.get((parent, title)) or _free(parent, taken)
            known[parent, title] = code
            taken.add(code)
            row = Subject(code=code, parent_code=parent, level=level, title=title)
            rows.setdefault(code, _kept(row, there.get(code)))
            parent = code
        if said := _said(whole, described, number):
            for name, value in (said | {"described_at": clock.now()}).items():
                setattr(rows[parent], name, value)
    return list(rows.values())


def _kept(one: Subject, before: Subject | None) -> Subject:
    """With what people call it, and since when, as it stood before."""
    if before is not None:
        one.title_en, one.words, one.described_at = before.title_en, before.words, before.described_at
    return one


def _free(parent: str, taken: set[str]) -> str:
    """The first code under a parent that nobody has; three digits where two are not enough."""
    codes = (f"{parent}{number:0{width}d}" for width in (2, 3) for number in range(1, 10**width))
    return next(code for code in codes if code not in taken)


# --- limits, centres --------------------------------------------------------------------------------------------------
def load_limits(path: Path, file: LimitFile) -> None:
    """Put shipped limits into the table; a line the region changed under the same day is left alone."""
    with change(BY, "requests.load_limits", source=path.name):
        for one in file.limits:
            facts = one.model_dump(exclude={"region"})
            keys = {name: facts.pop(name) for name in ("subject", "type", "valid_from")}
            TimeLimit.objects.get_or_create(region_code=one.region, **keys, defaults=facts)


def load_hotlines(path: Path, file: HotlineFile) -> None:
    """Put the centres into the table."""
    offices = {one.key: one for one in Department.objects.filter(key__in=[row.department for row in file.hotlines])}
    with change(BY, "requests.load_hotlines", source=path.name):
        for row in file.hotlines:
            square = row.square.model_dump() if row.square else {}
            Hotline.objects.update_or_create(
                region_code=row.region,
                defaults={"department": offices[row.department], "phone": row.phone, **square},
            )


def load_rules(path: Path, file: RuleFile) -> None:
    """Put shipped rules into the table; one that the region has ended or changed is left alone."""
    offices = {one.key: one for one in Department.objects.filter(key__in=[row.office for row in file.rules])}
    with change(BY, "requests.load_rules", source=path.name):
        for row in file.rules:
            facts = row.model_dump(exclude={"office", "place", "position", "valid_from"})
            DispatchRule.objects.get_or_create(
                region_code=file.region, position=row.position, valid_from=row.valid_from,
                defaults=facts | {"office": offices[row.office], "place_code": row.place},
            )  # fmt: skip


# --- emergencies ------------------------------------------------------------------------------------------------------
@cache
def emergencies() -> tuple[Emergency, ...]:
    """Every emergency of the house and its region, from the files."""
    found = (packs.read(path, EmergencyFile).emergencies for path in packs.files("emergencies"))
    return tuple(one for part in found for one in part)


def fresh_emergencies(path: Path, file: EmergencyFile) -> None:
    """They are read from the files: loading only makes the next reading fresh."""
    emergencies.cache_clear()


def named(text: str) -> list[Emergency]:
    """The emergencies that a text names; "no fire any more" names none."""
    return [one for one in emergencies() if _names(one, text)]


def _names(one: Emergency, text: str) -> bool:
    for word in one.but:
        text = text.replace(word, "")
    return any(word in text for word in one.words)


def titles(codes: Iterable[str]) -> Mapping[str, str]:
    """Titles of classes by code, in the language of the page: what figures are split by."""
    return {one.code: one.name for one in Subject.objects.filter(code__in=list(codes))}


def _line(path: Path, text: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)


PACKS = (
    Pack("request_classes", ClassFile, load_classes, rank=40, check=check_classes),
    Pack("request_limits", LimitFile, load_limits, rank=41),
    Pack("hotlines", HotlineFile, load_hotlines, rank=42),
    Pack("dispatch_rules", RuleFile, load_rules, rank=43),
    Pack("emergencies", EmergencyFile, fresh_emergencies, rank=43),
)
