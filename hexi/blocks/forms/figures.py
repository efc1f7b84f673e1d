"""Answers that are numbers, amounts of money, days and periods. Stands above `typed`, below `kinds`."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.forms.definitions import Field
from hexi.blocks.forms.typed import Wrong, compact, wrong
from hexi.kernel import clock
from hexi.ui import words

LARGEST = 10**15  # what a browser still counts exactly
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")


def bound(value: Any) -> Any:
    """A bound as it stands today: "today" and days become dates."""
    if value == "today":
        return clock.today()
    return date.fromisoformat(value) if isinstance(value, str) else value


def number(field: Field, raw: Any) -> int | float | None:
    """A number with at most the field's decimal places."""
    amount = _amount(field, compact(raw), _("“%(label)s”要填数字，如 %(example)s。"), str(field.example) or "12")
    if amount is None:
        return None
    if amount != round(amount, field.decimals):
        sentence = _("“%(label)s”最多 %(most)s 位小数。请改短一些。")
        whole = _("“%(label)s”要填整数。请去掉小数点后的数。")
        raise wrong(field, "invalid", sentence if field.decimals else whole, most=field.decimals)
    value = int(amount) if amount == int(amount) else float(amount)
    _bounded(field, value, words.number)
    return value


def money(field: Field, raw: Any) -> int | None:
    """Fen: an integer is fen already, text is yuan."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        fen = raw
    else:
        text = compact(raw).removeprefix("¥").removesuffix("元")
        sentence = _("“%(label)s”要填金额（元），最多两位小数，如 %(example)s。")
        amount = _amount(field, text, sentence, str(field.example) or "12.50")
        if amount is None:
            return None
        if amount * 100 != int(amount * 100):
            raise wrong(field, "invalid", sentence, example=str(field.example) or "12.50")
        fen = int(amount * 100)
    if fen < 0 and field.min is None:
        raise wrong(field, "too_small", _("“%(label)s”不能是负数。请填 0 或更大的金额。"))
    _bounded(field, fen, words.money)
    return fen


def _amount(field: Field, text: str, sentence: str, example: str) -> Decimal | None:
    if not text:
        return None
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text) or abs(Decimal(text)) >= LARGEST:
        raise wrong(field, "invalid", sentence, example=example)
    return Decimal(text)


def _bounded(field: Field, value: float, show: Callable[[Any], str]) -> None:
    if field.min is not None and value < bound(field.min):
        sentence = _("“%(label)s”不能小于 %(least)s。请填 %(least)s 或更大的数。")
        raise wrong(field, "too_small", sentence, least=show(field.min))
    if field.max is not None and value > bound(field.max):
        sentence = _("“%(label)s”不能大于 %(most)s。请填 %(most)s 或更小的数。")
        raise wrong(field, "too_large", sentence, most=show(field.max))


def day(field: Field, raw: Any, part: str = "") -> str | None:
    """A day as YYYY-MM-DD, from any of the ways to write one with the year first."""
    text = compact(raw)
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if not found:
        sentence = _("“%(label)s”要填日期，如 2026-11-24。请填上年、月、日。")
        raise wrong(field, "invalid", sentence, part)
    try:
        found_day = date(*(int(one) for one in found.groups() if one))
    except ValueError:
        sentence = _("“%(label)s”里的 %(text)s 不是日历上的一天。请核对年、月、日。")
        raise wrong(field, "invalid", sentence, part, text=text) from None
    _day_bounded(field, found_day, part)
    return found_day.isoformat()


def _day_bounded(field: Field, value: date, part: str) -> None:
    least, most = bound(field.min) or date(1900, 1, 1), bound(field.max) or date(2199, 12, 31)
    if value < least:
        sentence = _("“%(label)s”不能早于 %(least)s。请改成这一天或以后。")
        raise wrong(field, "too_small", sentence, part, least=words.day(least))
    if value > most:
        sentence = _("“%(label)s”不能晚于 %(most)s。请改成这一天或以前。")
        raise wrong(field, "too_large", sentence, part, most=words.day(most))


def period(field: Field, raw: Any) -> dict[str, str] | None:
    """Two days, {"from": …, "to": …}, both included."""
    given = raw if isinstance(raw, dict) else {"from": raw}
    ends, faults = {}, []
    for part in ("from", "to"):
        try:
            ends[part] = day(field, given.get(part), part)
        except Wrong as error:
            faults += error.faults
    if faults:
        raise Wrong(*faults)
    if not any(ends.values()):
        return None
    if not ends["from"]:
        raise wrong(field, "invalid", _("请填写“%(label)s”的开始日期。"), "from")
    if not ends["to"]:
        raise wrong(field, "invalid", _("请填写“%(label)s”的结束日期。"), "to")
    if ends["to"] < ends["from"]:
        raise wrong(field, "invalid", _("“%(label)s”的结束日期早于开始日期。请改一个日期。"), "to")
    return ends  # type: ignore[return-value]
