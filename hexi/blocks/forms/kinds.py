"""What each kind of field takes for an answer: from what was typed to the value that is kept, or the sentence why not.

Stands above `definitions`, below `answers`. A value that was cleaned once is cleaned again to itself.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from hexi.blocks.forms.definitions import Field
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Division
from hexi.kernel import clock
from hexi.ui import words
from hexi.wire import checksums

LARGEST = 10**15  # what a browser still counts exactly
LENGTHS = {"text": 200, "long_text": 2000, "address": 200}
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[0-9]{10})")
_LANDLINE = re.compile(r"(?:\+86|0086)?(0(?:10|2[0-9]|[3-9][0-9]{2}))([0-9]{7,8})")


class Wrong(Exception):
    """An answer that cannot be used. `faults` are (part, code, sentence); part "" is the answer as a whole."""

    def __init__(self, *faults: tuple[str, str, str]):
        super().__init__(faults)
        self.faults = faults


def clean(field: Field, raw: Any) -> Any:
    """The value of an answer, None if nothing was given. Raises `Wrong`."""
    return KINDS[field.kind](field, raw)


def wrong(field: Field, code: str, sentence: str, part: str = "", /, **facts: Any) -> Wrong:
    """A fault in the field's own words if its definition has some, else in the usual ones."""
    own = field.messages.get(code)  # type: ignore[call-overload]
    return Wrong((part, code, str(own) if own else sentence % {"label": field.label, **facts}))


def missing(field: Field) -> str:
    """The sentence for a required answer that was not given."""
    if "required" in field.messages:
        return str(field.messages["required"])
    chosen = field.kind in ("choice", "choices", "yes_no", "region", "date", "period")
    sentence = _("请选择“%(label)s”。") if chosen else _("请填写“%(label)s”。")
    return sentence % {"label": field.label}


def tidy(raw: Any) -> str:
    """Text without what no database or reader wants: control characters, half characters, space at both ends."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        return ""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")).strip()


def compact(raw: Any) -> str:
    """As `tidy`, full-width digits, letters and signs made narrow, spaces and what nobody sees taken out: for codes."""
    text = "".join(unicodedata.normalize("NFKC", tidy(raw)).split())
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def bound(value: Any) -> Any:
    """A bound as it stands today: "today" and days become dates."""
    if value == "today":
        return clock.today()
    return date.fromisoformat(value) if isinstance(value, str) else value


def _text(field: Field, raw: Any) -> str | None:
    text = tidy(raw)
    if field.kind == "text":
        text = " ".join(text.split())
    if not text:
        return None
    _fits(field, text)
    if field.pattern and not re.fullmatch(field.pattern, text):
        like, other = _("“%(label)s”的格式不对。请照例子填写，如 %(example)s。"), _("“%(label)s”的格式不对。请核对后重填。")
        raise wrong(field, "invalid", like if field.example else other, example=field.example)
    return text


def _fits(field: Field, text: str, part: str = "") -> None:
    most = field.max_length or LENGTHS[field.kind]
    if len(text) > most:
        sentence = _("“%(label)s”最多 %(most)s 个字，现在有 %(count)s 个。请删短一些。")
        raise wrong(field, "too_long", sentence, part, most=most, count=len(text))


def _number(field: Field, raw: Any) -> int | float | None:
    amount = _amount(field, compact(raw), _("“%(label)s”要填数字，如 %(example)s。"), field.example or "12")
    if amount is None:
        return None
    if amount != round(amount, field.decimals):
        whole, parts = _("“%(label)s”要填整数。请去掉小数点后的数。"), _("“%(label)s”最多 %(most)s 位小数。请改短一些。")
        raise wrong(field, "invalid", parts if field.decimals else whole, most=field.decimals)
    value = int(amount) if amount == int(amount) else float(amount)
    _bounded(field, value, lambda one: words.number(one))
    return value


def _money(field: Field, raw: Any) -> int | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        fen = raw
    else:
        text = compact(raw).removeprefix("¥").removesuffix("元")
        sentence = _("“%(label)s”要填金额（元），最多两位小数，如 %(example)s。")
        amount = _amount(field, text, sentence, field.example or "12.50")
        if amount is None:
            return None
        if amount * 100 != int(amount * 100):
            raise wrong(field, "invalid", sentence, example=field.example or "12.50")
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


def _date(field: Field, raw: Any, part: str = "") -> str | None:
    text = compact(raw)
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if not found:
        sentence = _("“%(label)s”要填日期，如 2026-11-24。请填上年、月、日。")
        raise wrong(field, "invalid", sentence, part)
    year, month, number = (int(one) for one in found.groups() if one)
    try:
        day = date(year, month, number)
    except ValueError:
        sentence = _("“%(label)s”里的 %(text)s 不是日历上的一天。请核对年、月、日。")
        raise wrong(field, "invalid", sentence, part, text=text) from None
    _day_bounded(field, day, part)
    return day.isoformat()


def _day_bounded(field: Field, day: date, part: str) -> None:
    least, most = bound(field.min) or date(1900, 1, 1), bound(field.max) or date(2199, 12, 31)
    if day < least:
        sentence = _("“%(label)s”不能早于 %(least)s。请改成这一天或以后。")
        raise wrong(field, "too_small", sentence, part, least=words.day(least))
    if day > most:
        sentence = _("“%(label)s”不能晚于 %(most)s。请改成这一天或以前。")
        raise wrong(field, "too_large", sentence, part, most=words.day(most))


def _period(field: Field, raw: Any) -> dict[str, str] | None:
    given = raw if isinstance(raw, dict) else {"from": raw}
    ends, faults = {}, []
    for part in ("from", "to"):
        try:
            ends[part] = _date(field, given.get(part), part)
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


def _choice(field: Field, raw: Any) -> str | None:
    key = tidy(raw)
    if not key:
        return None
    if key not in {choice.key for choice in field.choices}:
        raise _no_such(field, key)
    return key


def _no_such(field: Field, key: str) -> Wrong:
    return wrong(field, "invalid", _("“%(label)s”没有“%(key)s”这一项。请从列出的选项里选。"), key=key[:40])


def _choices(field: Field, raw: Any) -> list[str] | None:
    given = [tidy(key) for key in (raw if isinstance(raw, list | tuple) else [raw])]
    known = [choice.key for choice in field.choices]
    for key in given:
        if key and key not in known:
            raise _no_such(field, key)
    picked = [key for key in known if key in given]
    _counted(field, picked, _("“%(label)s”至少选 %(least)s 项。"), _("“%(label)s”最多选 %(most)s 项。请去掉几项。"))
    return picked or None


def _counted(field: Field, things: list[Any], few: str, many: str) -> None:
    if things and field.min is not None and len(things) < bound(field.min):
        raise wrong(field, "too_few", few, least=field.min)
    if field.max is not None and len(things) > bound(field.max):
        raise wrong(field, "too_many", many, most=field.max)


def _yes_no(field: Field, raw: Any) -> bool | None:
    if isinstance(raw, bool):
        return raw
    text = compact(raw).lower()
    if not text:
        return None
    if text not in _TRUTH:
        raise wrong(field, "invalid", _("“%(label)s”请选“是”或“否”。"))
    return _TRUTH[text]


_TRUTH = {"yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}


def _region(field: Field, raw: Any, part: str = "") -> str | None:
    code = compact(raw)
    if not code:
        return None
    region = regions.find(code)
    if region is None:
        raise wrong(field, "invalid", _("“%(label)s”没有代码为 %(code)s 的地区。请从列表里选。"), part, code=code[:20])
    if field.level and region.level < field.level:
        level = Division.Level(field.level).label
        raise wrong(field, "invalid", _("“%(label)s”请选到%(level)s一级。"), part, level=level)
    return str(region.code)


def _address(field: Field, raw: Any) -> dict[str, str] | None:
    given = raw if isinstance(raw, dict) else {"detail": raw}
    region, faults = None, []
    try:
        region = _region(field, given.get("region"), "region")
    except Wrong as error:
        faults += error.faults
    detail = " ".join(tidy(given.get("detail")).split())
    if not (region or detail or faults):
        return None
    if not region and not faults:
        faults += wrong(field, "invalid", _("请选择“%(label)s”所在的地区。"), "region").faults
    if not detail:
        sentence = _("请填写“%(label)s”的详细地址，如村组、街道和门牌号。")
        faults += wrong(field, "invalid", sentence, "detail").faults
    if faults:
        raise Wrong(*faults)
    _fits(field, detail, "detail")
    return {"region": region or "", "detail": detail}


def _identity_number(field: Field, raw: Any) -> str | None:
    text = compact(raw)
    if not text:
        return None
    try:
        read = checksums.read_resident_id(text)
    except checksums.Wrong as error:
        raise wrong(field, "invalid", _identity_sentences()[error.reason], count=len(checksums.tidy(text))) from None
    if read.birth > clock.today():
        raise wrong(field, "invalid", _identity_sentences()["birth"])
    return read.number


def _identity_sentences() -> dict[str, str]:
    return {
        "length": _("“%(label)s”应有 18 位，现在是 %(count)s 位。请照身份证重填。"),
        "characters": _("“%(label)s”只有数字，最后一位可以是 X。请照身份证重填。"),
        "birth": _("“%(label)s”第 7 至 14 位不是出生日期。请照身份证核对。"),
        "check": _("“%(label)s”最后一位与前面的数字对不上，可能填错了一位。请照身份证核对。"),
    }


def _credit_code(field: Field, raw: Any) -> str | None:
    text = compact(raw)
    if not text:
        return None
    try:
        return checksums.read_credit_code(text).code
    except checksums.Wrong as error:
        raise wrong(field, "invalid", _credit_sentences()[error.reason], count=len(checksums.tidy(text))) from None


def _credit_sentences() -> dict[str, str]:
    mistyped = _("“%(label)s”的校验位与前面的字符对不上，可能填错了一位。请照营业执照核对。")
    return {
        "length": _("“%(label)s”应有 18 位，现在是 %(count)s 位。请照营业执照重填。"),
        "characters": _("“%(label)s”只有数字和大写字母，没有 I、O、S、V、Z，第 3 至 8 位是数字。请照营业执照重填。"),
        "check": mistyped,
        "organisation": mistyped,
    }


def _phone(field: Field, raw: Any) -> str | None:
    text = re.sub(r"[-()‐–—]", "", compact(raw))
    if not text:
        return None
    if mobile := _MOBILE.fullmatch(text):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(text):
        return f"{landline[1]}-{landline[2]}"
    raise wrong(field, "invalid", _("“%(label)s”要填 11 位手机号，或带区号的座机号，如 0937-3312345。"))


def _email(field: Field, raw: Any) -> str | None:
    text = compact(raw)
    if not text:
        return None
    try:
        validate_email(text)
    except ValidationError:
        raise wrong(field, "invalid", _("“%(label)s”不是完整的邮箱地址，要像 name@example.com。")) from None
    return text


def _note(field: Field, raw: Any) -> None:
    return None


def _rows(field: Field, raw: Any) -> list[Any] | None:
    if raw in (None, ""):
        return None
    if not isinstance(raw, list):
        raise wrong(field, "invalid", _("“%(label)s”要一行一行地填。"))
    return raw


def counted_rows(field: Field, rows: list[Any], required: bool) -> None:
    """Raise `Wrong` if a repeating group has too few or too many rows that are not blank."""
    least = max(int(bound(field.min) or 0), int(required))
    if len(rows) < least:
        raise wrong(field, "too_few", _("“%(label)s”至少要填 %(least)s 行。请增加一行。"), least=least)
    _counted(field, rows, "", _("“%(label)s”最多填 %(most)s 行。请删去几行。"))


#: how an answer of each kind is read; a new kind is one line here and one macro in `forms/fields.html`
KINDS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "period": _period,
    "choice": _choice,
    "choices": _choices,
    "yes_no": _yes_no,
    "region": _region,
    "address": _address,
    "identity_number": _identity_number,
    "credit_code": _credit_code,
    "phone": _phone,
    "email": _email,
    "note": _note,
    "repeating": _rows,
}
