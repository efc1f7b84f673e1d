"""Cells as values of their column's type: a schema inferred, each row checked against it, what is wrong told by cell.

Types are the letters of the guide (发改高技〔2017〕1272号). A whole column is read at once where it is clean, which is
nearly always; only where something does not fit is it looked at cell by cell. Pure, but for the words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.catalog.store.grammar import Column
from hexi.blocks.catalog.store.reading import WRONG, Formula, Line
from hexi.kernel.clock import CHINA

#: letters of text without a declared length; share of cells (of a sample) that may not fit an inferred type
TEXT, TOLERANCE = 10_000, 0.01
LETTERS = "CNYDTLMGBIF"
#: what may be wrong with a row
REASONS = {
    "width": gettext_lazy("格数与列数不同"),
    "encoding": gettext_lazy("有读不出的字符"),
    "formula": gettext_lazy("是公式或错误值，请粘贴为数值"),
    "required": gettext_lazy("必填，这里是空的"),
    "length": gettext_lazy("比规定的长度长"),
    "I": gettext_lazy("不是整数"),
    "N": gettext_lazy("不是数字"),
    "Y": gettext_lazy("不是金额，或者多于四位小数"),
    "D": gettext_lazy("不是日期，例如 2026-01-31"),
    "T": gettext_lazy("不是时刻，例如 2026-01-31 09:30"),
    "L": gettext_lazy("不是“是”或“否”"),
}


@dataclass(frozen=True)
class Field:
    """What a column of a data set must hold."""

    name: str
    type: str = "C"
    length: int | None = None
    required: bool = False
    title: str = ""

    @property
    def column(self) -> Column:
        """As the grammar knows it."""
        return Column(self.name, self.type, self.title)

    def facts(self) -> dict[str, Any]:
        """As it is kept (JSON)."""
        return asdict(self)


@dataclass(frozen=True)
class Bad:
    """A row that is not taken: its line, the column at fault, what stands there, and why (a key of REASONS)."""

    line: int
    column: str
    value: str
    reason: str


class Misfit(ValueError):
    """A cell that does not fit; its argument is the key of the reason."""


def convert(fields: Sequence[Field], lines: Sequence[Line], order: Sequence[int]) -> tuple[list[list[Any]], list[Bad]]:
    """Columns of values from a piece of rows, and the rows left out. `order`: where each field stands in a row."""
    width = len(order)
    bads: list[Bad] = []
    if {len(row) for _line, row in lines} - {width}:
        lines = [(line, _fitted(row, width)) for line, row in lines]
        bads = [Bad(line, "", _shown(row), "width") for line, row in lines if len(row) != width]
        lines = [one for one in lines if len(one[1]) == width]
    raw = list(zip(*(row for _line, row in lines), strict=True)) or [()] * width
    wrong: dict[int, Bad] = {}
    columns = []
    for field, place in zip(fields, order, strict=True):
        values, misfits = _column(field, raw[place])
        for number, reason in misfits.items():
            wrong.setdefault(number, Bad(lines[number][0], field.name, _shown(raw[place][number]), reason))
        columns.append(values)
    if wrong:
        columns = [[value for number, value in enumerate(values) if number not in wrong] for values in columns]
        bads += wrong.values()
    return columns, sorted(bads, key=lambda one: one.line)


def _fitted(row: Sequence[Any], width: int) -> Sequence[Any]:
    """A row with empty cells too many is as wide as the others; a spreadsheet leaves out empty cells at its end."""
    if len(row) > width and not any(cell not in (None, "") for cell in row[width:]):
        return row[:width]
    if len(row) < width and not all(isinstance(cell, str) for cell in row):
        return [*row, *[None] * (width - len(row))]
    return row


def _shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value if value is not None else "")
    return text.replace("\0", "").replace(WRONG, "?")[:200]


def _column(field: Field, cells: Sequence[Any]) -> tuple[list[Any], dict[int, str]]:
    try:
        return _whole(field, cells), {}
    except (ValueError, TypeError, InvalidOperation, OverflowError, KeyError):
        pass
    reader = _READERS[field.type]
    values: list[Any] = []
    misfits = {}
    for number, cell in enumerate(cells):
        try:
            values.append(_one(field, reader, cell))
        except Misfit as error:
            values.append(None)
            misfits[number] = str(error)
    return values, misfits


def _whole(field: Field, cells: Sequence[Any]) -> list[Any]:
    """A clean column of text at once. Raises one of several errors if a cell needs to be looked at."""
    if {*map(type, cells)} != {str}:
        raise TypeError
    joined = "\0".join(cells)
    if WRONG in joined or joined.count("\0") != len(cells) - 1 or (field.required and "" in cells):
        raise ValueError
    values = _FAST[field.type](cells, joined)
    edged = field.type in "CMG" and [*map(str.strip, cells)] != [*cells]  # white space at the edge of a cell
    if edged or (field.type in "CMG" and max(map(len, cells)) > (field.length or TEXT)):
        raise ValueError
    return values


def _fast_real(cells: Sequence[str], joined: str) -> list[float | None]:
    values = [float(cell) if cell else None for cell in cells]
    if "_" in joined or not all(value is None or isfinite(value) for value in values):
        raise ValueError
    return values


def _fast_whole(cells: Sequence[str], joined: str) -> list[int | None]:
    values = [int(cell) if cell else None for cell in cells]
    if "_" in joined or max(map(len, cells)) > 18:
        raise ValueError
    return values


def _fast_money(cells: Sequence[str], joined: str) -> list[Decimal | None]:
    if "_" in joined or "e" in joined or "E" in joined or "n" in joined.lower():
        raise ValueError
    values = [Decimal(cell) if cell else None for cell in cells]
    if max(map(len, cells)) > 14 or _FINE.search(joined):
        raise ValueError
    return values


#: more decimals than money is kept with
_FINE = re.compile(r"\.\d{5}")


def _fast_day(cells: Sequence[str], _joined: str) -> list[date | None]:
    return [date.fromisoformat(cell) if cell else None for cell in cells]


def _fast_moment(cells: Sequence[str], _joined: str) -> list[datetime | None]:
    values = [datetime.fromisoformat(cell) if cell else None for cell in cells]
    if any(value is not None and value.tzinfo for value in values):
        raise ValueError
    return values


_FAST: dict[str, Callable[[Sequence[str], str], list[Any]]] = {
    **dict.fromkeys("CMG", lambda cells, _joined: [cell or None for cell in cells]),
    **dict.fromkeys("NBF", _fast_real),
    "I": _fast_whole, "Y": _fast_money, "D": _fast_day, "T": _fast_moment,
    "L": lambda cells, _joined: [_TRUTH[cell.lower()] if cell else None for cell in cells],
}  # fmt: skip


# --- one cell ---------------------------------------------------------------------------------------------------------
def _one(field: Field, reader: Callable[[Any], Any], cell: Any) -> Any:
    if isinstance(cell, Formula):
        raise Misfit("formula")
    if isinstance(cell, str):
        cell = cell.strip()
        if WRONG in cell or "\0" in cell:
            raise Misfit("encoding")
    if cell is None or cell == "":
        if field.required:
            raise Misfit("required")
        return None
    try:
        value = reader(cell)
    except (ValueError, TypeError, InvalidOperation, OverflowError, KeyError):
        raise Misfit("N" if field.type in "BF" else field.type) from None
    if isinstance(value, str) and len(value) > (field.length or TEXT):
        raise Misfit("length")
    return value


def value(field: Field, cell: Any) -> Any:
    """One cell as the column keeps it. Raises `Misfit`."""
    return _one(field, _READERS[field.type], cell)


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    text = str(cell) if not isinstance(cell, bytes) else cell.decode()
    text.encode()  # half a surrogate pair
    return text


_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")


def _figure(cell: Any) -> str | int | float | Decimal:
    """A number as it may be read: "1,234.50" without its commas."""
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float, Decimal)):
        raise TypeError
    if not isinstance(cell, str):
        return cell
    text = cell.translate(_WIDE)
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return text.replace(",", "")


_WIDE = str.maketrans("０１２３４５６７８９．，－＋％", "0123456789.,-+%")


def _real(cell: Any) -> float:
    value = float(_figure(cell))
    if not isfinite(value):
        raise ValueError
    return value


def _integer(cell: Any) -> int:
    exact = Decimal(_figure(cell))
    if exact != int(exact) or not -(2**63) <= exact < 2**63:
        raise ValueError
    return int(exact)


def _money(cell: Any) -> Decimal:
    if isinstance(cell, str):
        cell = cell.lstrip("¥￥").removesuffix("元").strip()
    value = Decimal(str(_figure(cell)))
    if not value.is_finite() or abs(value) >= 10**14 or value != round(value, 4):
        raise ValueError
    return round(value, 4)


_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


def _day(cell: Any) -> date:
    if isinstance(cell, datetime):
        cell = _local(cell)
        if cell.time() != time():
            raise ValueError
        return cell.date()
    if isinstance(cell, date):
        return cell
    if found := _DAY.fullmatch(cell):
        return date(*map(int, found.groups()))
    return date.fromisoformat(cell) if len(cell) in (8, 10) else _day(datetime.fromisoformat(cell))


def _moment(cell: Any) -> datetime:
    if isinstance(cell, datetime):
        return _local(cell)
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if not isinstance(cell, str):
        raise TypeError
    day, _space, clock = cell.replace("T", " ").partition(" ")
    if _DAY.fullmatch(day):
        clock = clock.strip()
        clock = f"0{clock}" if clock[1:2] == ":" else clock
        return _local(datetime.combine(_day(day), time.fromisoformat(clock) if clock else time()))
    return _local(datetime.fromisoformat(cell))


def _local(moment: datetime) -> datetime:
    """In China's time, without its zone, as rows are kept."""
    return moment.astimezone(CHINA).replace(tzinfo=None) if moment.tzinfo else moment


_TRUTH = {
    **dict.fromkeys(("是", "true", "1", "y", "yes", "有", "t"), True),
    **dict.fromkeys(("否", "false", "0", "n", "no", "无", "f"), False),
}


def _flag(cell: Any) -> bool:
    return cell if isinstance(cell, bool) else _TRUTH[str(cell).lower()]


_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys("CMG", _text), **dict.fromkeys("NBF", _real),
    "I": _integer, "Y": _money, "D": _day, "T": _moment, "L": _flag,
}  # fmt: skip


# --- what a table seems to be -----------------------------------------------------------------------------------------
#: names of columns whose figures are no quantities
_CODES = re.compile(
    r"代码|编码|编号|号码|证号|电话|手机|邮编|序列号|区划|(?:^|_)(?:code|id|no|phone|tel|zip)$", re.IGNORECASE
)
_MONEY = re.compile(r"金额|价格|单价|总价|费用|工资|收入|支出|（元）|\(元\)|amount|price", re.IGNORECASE)
_LENGTHS = (20, 50, 100, 200, 500, 2_000)


def infer(names: Sequence[str], lines: Sequence[Line]) -> tuple[Field, ...]:
    """What the columns of a sample seem to hold: the narrowest type that all but a few cells fit."""
    fields = []
    for place, name in enumerate(names):
        cells = [row[place] for _line, row in lines if len(row) > place]
        filled = [cell for cell in cells if cell not in (None, "") and str(cell).strip()]
        fields.append(_inferred(name, filled))
    return tuple(fields)


def _inferred(name: str, cells: Sequence[Any]) -> Field:
    fits = [letter for letter in _candidates(name, cells) if _fit(letter, cells)]
    letter = fits[0] if cells and fits else "C"
    if letter != "C":
        return Field(name, letter)
    longest = max((len(str(cell)) for cell in cells), default=0)
    length = next((one for one in _LENGTHS if longest * 1.5 <= one), None)
    return Field(name, "C" if length else "M", length)


def _candidates(name: str, cells: Sequence[Any]) -> str:
    texts = [cell for cell in cells if isinstance(cell, str)]
    named = bool(texts or not cells) and bool(_CODES.search(name))  # a database says itself that it is a number
    coded = any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in texts)
    long = any(text.isdigit() and len(text) > 15 for text in texts)
    if coded or long or named:
        return "DT" if not named and not long else ""
    if _MONEY.search(name) or any(text.startswith(("¥", "￥")) for text in texts):
        return "YN"
    if texts and all(text.isdigit() and len(text) == 8 and text[:2] in ("19", "20") for text in texts):
        return "DIN"
    words = {str(cell).lower() for cell in cells}
    return "LINDT" if words & {"是", "否", "true", "false"} else "INDT"


def _fit(letter: str, cells: Sequence[Any]) -> bool:
    """The kind of value must fit as well: a whole number in a spreadsheet is no day."""
    field, reader, misfits = Field("", letter), _READERS[letter], 0
    allowed = TOLERANCE * len(cells)
    for cell in cells:
        try:
            if letter in "IN" and isinstance(cell, bool):
                raise Misfit(letter)
            _one(field, reader, cell)
        except Misfit:
            misfits += 1
            if misfits > allowed:
                return False
    return True


# --- a schema that changed --------------------------------------------------------------------------------------------
def order(fields: Sequence[Field], names: Sequence[str]) -> tuple[int, ...] | None:
    """Where each field stands among the columns of a file; None if they are not the same columns."""
    if sorted(names) != sorted(field.name for field in fields):
        return None
    return tuple(names.index(field.name) for field in fields)


def changes(fields: Sequence[Field], found: Iterable[Field]) -> list[str]:
    """What is different in a file, in words: columns gone, new, and of another type (a clear change alone)."""
    before = {field.name: field for field in fields}
    after = {field.name: field for field in found}
    said = [_("少了列“%(name)s”") % {"name": name} for name in before if name not in after]
    said += [_("多了列“%(name)s”") % {"name": name} for name in after if name not in before]
    for name, field in before.items():
        now = after.get(name)
        if now is not None and field.type not in "CMG" and now.type != field.type and now.type in "CM":
            told = {"name": name, "before": field.type, "after": now.type}
            said.append(_("列“%(name)s”原是 %(before)s，现在像是 %(after)s") % told)
    return said


def commonest(bads: Iterable[Bad]) -> list[tuple[str, str, int]]:
    """(column, reason, how many), the commonest first: what to tell in one sentence."""
    return [(*key, times) for key, times in Counter((one.column, one.reason) for one in bads).most_common(3)]
