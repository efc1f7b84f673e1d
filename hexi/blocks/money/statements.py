"""A channel's statement read from CSV, and how it differs from what is booked here. Beside operations and queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.money.models import Payment, Refund, Statement, StatementLine
from hexi.blocks.money.queries import day_bounds
from hexi.ui import sheets

#: columns, by every name they may have
COLUMNS = {
    "order": ("order", "商户单号", "订单号"),
    "reference": ("reference", "流水号", "渠道流水号", "回单号"),
    "kind": ("kind", "类型"),
    "yuan": ("yuan", "金额", "金额（元）"),
}
KINDS = {"pay": "pay", "收款": "pay", "支付": "pay", "refund": "refund", "退款": "refund"}
#: what one file may hold: a large hall's payments of a day many times over
LIMITS = sheets.Limits(bytes=20_000_000, lines=200_000, columns=60)
#: the most faults told at once
TOLD = 20


@dataclass(frozen=True)
class Row:
    """One line of a file: its place in it, in or out, whose number for it, how many fen."""

    place: int
    kind: str
    order: str
    reference: str
    fen: int


def read(content: bytes) -> list[Row]:
    """The lines of a file: UTF-8 or GB 18030, a head of columns, amounts in yuan.

    Raises `ValidationError` for a file that cannot be read and for lines that are wrong.
    """
    lines = sheets.csv_lines(content, LIMITS)
    head = [name.strip() for name in next(lines, [])]
    found = {key: next((n for n, one in enumerate(head) if one in names), None) for key, names in COLUMNS.items()}
    missing = [COLUMNS[key][1] for key in ("kind", "yuan") if found[key] is None]
    if found["order"] is None and found["reference"] is None:
        missing.append(f"{COLUMNS['order'][1]} / {COLUMNS['reference'][1]}")
    if missing:
        raise ValidationError({"file": _("文件第一行缺少这些列：%(names)s。") % {"names": "、".join(missing)}})
    rows, faults = [], []
    for place, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            rows.append(_row(place, cells, found))
        except ValueError as error:
            faults.append(_("第 %(n)s 行：%(fault)s") % {"n": place, "fault": error})
    if faults:
        more = len(faults) - TOLD
        told = faults[:TOLD] + ([_("另有 %(n)s 行有误。") % {"n": more}] if more > 0 else [])
        raise ValidationError({"file": told})
    return rows


def _row(place: int, cells: list[str], columns: dict[str, int | None]) -> Row:
    def cell(key: str) -> str:
        at = columns[key]
        return cells[at].strip().lstrip("\t'") if at is not None and at < len(cells) else ""

    kind, order, reference = KINDS.get(cell("kind")), cell("order"), cell("reference")
    if kind is None:
        raise ValueError(_("类型要写“收款”或“退款”。"))
    if not order and not reference:
        raise ValueError(_("商户单号和流水号都是空的。"))
    if len(order) > 60 or len(reference) > 80:
        raise ValueError(_("单号太长。"))
    return Row(place, kind, order, reference, _fen(cell("yuan")))


def _fen(text: str) -> int:
    try:
        fen = Decimal(text.replace(",", "").lstrip("¥")) * 100
    except ArithmeticError:  # no number, or one out of all bounds
        fen = Decimal(0)
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen < 10**15:
        raise ValueError(_("金额“%(text)s”不对，要写元，最多两位小数，大于 0。") % {"text": text[:30]})
    return int(fen)


@dataclass(frozen=True)
class Difference:
    """One thing the channel and the books see otherwise: `kind` missing_here, missing_there, amount or twice."""

    kind: str
    way: str
    order: str
    reference: str
    ours: int | None
    theirs: int | None
    number: str = ""


@dataclass(frozen=True)
class Ours:
    """A payment or refund as the books have it."""

    way: str
    order: str
    reference: str
    fen: int
    number: str
    on_day: bool


@dataclass(frozen=True)
class Comparison:
    """What came of comparing: how many agree, the sums of both sides on the day, and every difference."""

    agree: int
    ours: int
    theirs: int
    differences: tuple[Difference, ...]


def compare(statement: Statement) -> Comparison:
    """The statement beside the books as they are now. A few queries, whatever the number of lines."""
    lines = list(statement.lines.order_by("place"))
    ours = list(_ours(statement, lines))
    by_order = {(one.way, one.order): one for one in ours}
    by_reference = {(one.way, one.reference): one for one in ours if one.reference}
    seen: set[tuple[str, str]] = set()
    differences, agree = [], 0
    for line in lines:
        one = by_order.get((line.kind, line.order)) or by_reference.get((line.kind, line.reference))
        fault = _fault(line, one, seen)
        if one is not None:
            seen.add((one.way, one.order))
        if fault:
            number, fen = (one.number, one.fen) if one else ("", None)
            differences.append(Difference(fault, line.kind, line.order, line.reference, fen, line.fen, number))
        else:
            agree += 1
    differences += [
        Difference("missing_there", one.way, one.order, one.reference, one.fen, None, one.number)
        for one in ours
        if one.on_day and (one.way, one.order) not in seen
    ]
    return Comparison(agree, _sum(one for one in ours if one.on_day), _sum(lines), tuple(differences))


def _fault(line: StatementLine, one: Ours | None, seen: set[tuple[str, str]]) -> str:
    if one is None:
        return "missing_here"
    if (one.way, one.order) in seen:
        return "twice"
    return "" if one.fen == line.fen else "amount"


def _sum(things: Iterable[Any]) -> int:
    """In less out."""
    return sum(
        -one.fen if getattr(one, "way", None) == "refund" or getattr(one, "kind", None) == "refund" else one.fen
        for one in things
    )


def _ours(statement: Statement, lines: list[StatementLine]) -> Iterator[Ours]:
    """What the books have of the day, and whatever else the lines name (a payment a minute before midnight)."""
    start, end = day_bounds(statement.day)
    of = {"department": statement.department_id, "channel": statement.channel}
    orders, references = (
        {line.order for line in lines if line.order},
        {line.reference for line in lines if line.reference},
    )
    received = Payment.objects.filter(**of, state=Payment.State.RECEIVED).select_related("charge")
    done = Refund.objects.filter(state=Refund.State.DONE, **{f"payment__{name}": value for name, value in of.items()})
    for one in _named(received, "order", orders, references, received_at__gte=start, received_at__lt=end):
        on_day = start <= one.received_at < end
        yield Ours("pay", one.order, one.reference, one.received, one.charge.number, on_day)
    done = done.select_related("payment__charge")
    for back in _named(done, "key", orders, references, done_at__gte=start, done_at__lt=end):
        on_day = start <= back.done_at < end
        yield Ours("refund", back.key, back.reference, back.fen, back.payment.charge.number, on_day)


def _named(rows: Any, name: str, orders: set[str], references: set[str], **on_day: Any) -> list[Any]:
    """Rows of the day and those the lines name, each once; names are asked for a few hundred at a time."""
    found = {row.pk: row for row in rows.filter(**on_day)}
    for column, wanted in ((name, orders), ("reference", references)):
        left = sorted(wanted - {getattr(row, column) for row in found.values()})
        for start in range(0, len(left), 500):
            found |= {row.pk: row for row in rows.filter(**{f"{column}__in": left[start : start + 500]})}
    return list(found.values())
