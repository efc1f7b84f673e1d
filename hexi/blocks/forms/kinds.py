"""What each kind of field takes for an answer: from what was typed to the value that is kept, or the sentence why not.

Stands above `typed` and `figures`, below `answers`. A value that was cleaned once is cleaned again to itself.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from hexi.blocks.forms import figures
from hexi.blocks.forms.definitions import Field
from hexi.blocks.forms.typed import Wrong, compact, tidy, wrong
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Division
from hexi.kernel import clock
from hexi.wire import checksums

LENGTHS = {"text": 200, "long_text": 2000, "address": 200}
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[0-9]{10})")
_LANDLINE = re.compile(r"(?:\+86|0086)?(0(?:10|2[0-9]|[3-9][0-9]{2}))([0-9]{7,8})")


def clean(field: Field, raw: Any) -> Any:
    """The value of an answer, None if nothing was given. Raises `Wrong`."""
    return KINDS[field.kind](field, raw)


def _text(field: Field, raw: Any) -> str | None:
    text = tidy(raw)
    if field.kind == "text":
        text = " ".join(text.split())
    if not text:
        return None
    _fits(field, text)
    if field.pattern and not re.fullmatch(field.pattern, text):
        sentence = _("“%(label)s”的格式不对。请照例子填写，如 %(example)s。")
        other = _("“%(label)s”的格式不对。请核对后重填。")
        raise wrong(field, "invalid", sentence if field.example else other, example=field.example)
    return text


def _fits(field: Field, text: str, part: str = "") -> None:
    most = field.max_length or LENGTHS[field.kind]
    if len(text) > most:
        sentence = _("“%(label)s”最多 %(most)s 个字，现在有 %(count)s 个。请删短一些。")
        raise wrong(field, "too_long", sentence, part, most=most, count=len(text))


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
    if things and field.min is not None and len(things) < figures.bound(field.min):
        raise wrong(field, "too_few", few, least=field.min)
    if field.max is not None and len(things) > figures.bound(field.max):
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


def _map_point(field: Field, raw: Any) -> dict[str, float] | None:
    """Degrees of longitude and latitude (CGCS2000) to six places, about 0.1 m, inside China's frame."""
    given = raw if isinstance(raw, dict) else {}
    texts = {part: compact(given.get(part)).rstrip("°") for part in FRAME}
    if not any(texts.values()):
        return None
    found, faults = {}, []
    for part, (least, most) in FRAME.items():
        degrees = float(texts[part]) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,15})?", texts[part]) else 0.0
        if not least <= degrees <= most:
            east, north = (
                _("“%(label)s”的经度要填 %(least)s 到 %(most)s 之间的度数，如 97.045。"),
                _("“%(label)s”的纬度要填 %(least)s 到 %(most)s 之间的度数，如 40.292。"),
            )
            faults += wrong(field, "invalid", east if part == "lon" else north, part, least=least, most=most).faults
        found[part] = round(degrees, 6)
    if faults:
        raise Wrong(*faults)
    return found


#: part of a map point: least and most degrees
FRAME = {"lon": (73, 136), "lat": (3, 54)}


def _signature(field: Field, raw: Any) -> dict[str, Any] | None:
    """A name signed: drawn (strokes of points on a field of 600 × 200), or by the account that is signed in."""
    if isinstance(raw, dict):
        drawn, account = raw.get("strokes"), raw.get("account")
    else:
        drawn, account = (raw, None) if tidy(raw).startswith("[") else (None, raw)
    if strokes := _strokes(field, drawn):
        return {"strokes": strokes}
    return {"account": True} if account is True or tidy(account) in ("yes", "account") else None


def _strokes(field: Field, drawn: Any) -> list[list[list[int]]]:
    if isinstance(drawn, str) and drawn.strip():
        try:
            drawn = json.loads(drawn)
        except ValueError:
            drawn = [None]
    if not drawn:
        return []
    if not (isinstance(drawn, list) and len(drawn) <= MOST_STROKES and all(map(_is_stroke, drawn))):
        raise wrong(field, "invalid", _("“%(label)s”没有收到完整的签名。请清除后重新签。"), "strokes")
    if sum(map(len, drawn)) < LEAST_POINTS:
        raise wrong(field, "invalid", _("“%(label)s”太短，不像签名。请清除后重新签。"), "strokes")
    return drawn


def _is_stroke(stroke: Any) -> bool:
    return isinstance(stroke, list) and 0 < len(stroke) <= MOST_POINTS and all(map(_is_point, stroke))


def _is_point(point: Any) -> bool:
    return (
        isinstance(point, list) and len(point) == 2 and all(type(one) is int for one in point)
        and 0 <= point[0] <= SIGNED[0] and 0 <= point[1] <= SIGNED[1]
    )  # fmt: skip


#: width and height of the field a name is drawn on, and how much is taken for one
SIGNED, MOST_STROKES, MOST_POINTS, LEAST_POINTS = (600, 200), 60, 800, 8


def _note(field: Field, raw: Any) -> None:
    return None


def settled(field: Field, value: Any) -> Any:
    """What a formula gave, if it is of the kind its field promises; else None."""
    types: dict[str, Any] = {"number": (int, float), "money": int, "text": str, "date": str, "yes_no": bool}
    if not isinstance(value, types[field.result]) or (isinstance(value, bool) and field.result != "yes_no"):
        return None
    try:
        return figures.day(field, value) if field.result == "date" else value
    except Wrong:
        return None


def _rows(field: Field, raw: Any) -> list[Any] | None:
    if raw is None or (isinstance(raw, str) and not tidy(raw)):
        return None
    if not isinstance(raw, list):
        raise wrong(field, "invalid", _("“%(label)s”要一行一行地填。"))
    return raw


def counted_rows(field: Field, rows: list[Any], required: bool) -> None:
    """Raise `Wrong` if a repeating group has too few or too many rows that are not blank."""
    least = max(int(figures.bound(field.min) or 0), int(required))
    if len(rows) < least:
        raise wrong(field, "too_few", _("“%(label)s”至少要填 %(least)s 行。请增加一行。"), least=least)
    _counted(field, rows, "", _("“%(label)s”最多填 %(most)s 行。请删去几行。"))


#: how an answer of each kind is read; a new kind is one line here and one macro in `forms/fields.html`
KINDS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "long_text": _text,
    "number": figures.number,
    "money": figures.money,
    "date": figures.day,
    "period": figures.period,
    "choice": _choice,
    "choices": _choices,
    "yes_no": _yes_no,
    "region": _region,
    "address": _address,
    "identity_number": _identity_number,
    "credit_code": _credit_code,
    "phone": _phone,
    "email": _email,
    "map_point": _map_point,
    "signature": _signature,
    # the files of a question are documents, and a formula is no answer: nothing of what is sent counts
    "file": _note,
    "photo": _note,
    "computed": _note,
    "note": _note,
    "repeating": _rows,
}
