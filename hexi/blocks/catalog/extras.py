"""Provincial extra fields: the small part of JSON Schema we read, and what is wrong with values. Pure, beside models.

DB51/T 2847, DB37/T 2885, DB36/T 1124 and others add fields to the thirteen; a region says which in a schema of one
object whose properties are plain. Patterns are left out: a schema is data that people type.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from hexi.ui.words import english

TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
WORDS = {
    "type", "title", "title_en", "description", "enum", "minLength", "maxLength", "minimum", "maximum", "format",
    "default",
}  # fmt: skip
FORMATS = ("date", "uri")
#: fields a region may add, characters of a value
MOST, LONGEST = 60, 4000


def check_schema(schema: Any) -> None:
    """Raises `ValidationError` under "schema" that says what of it cannot be read."""
    if not isinstance(schema, dict) or schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        raise _bad(_("要是一个 JSON 对象：type 写 object，properties 里写各个字段。"))
    unknown = set(schema) - {"$schema", "type", "title", "properties", "required", "additionalProperties"}
    if unknown:
        raise _bad(_("不认识 %(words)s，请删去。") % {"words": "、".join(sorted(map(str, unknown)))})
    if len(schema["properties"]) > MOST:
        raise _bad(_("最多 %(n)s 个字段。") % {"n": MOST})
    for name, field in schema["properties"].items():
        _check_field(name, field)
    missing = [name for name in schema.get("required", []) if name not in schema["properties"]]
    if missing:
        raise _bad(_("required 里的 %(words)s 不在 properties 里。") % {"words": "、".join(map(str, missing))})


def _check_field(name: str, field: Any) -> None:
    if not name.isidentifier() or len(name) > 60:
        raise _bad(_("字段名“%(name)s”只能由字母、数字和下划线组成，不以数字开头。") % {"name": name})
    if not isinstance(field, dict) or field.get("type") not in TYPES:
        raise _bad(_("字段 %(name)s 的 type 写 string、integer、number 或 boolean。") % {"name": name})
    unknown = set(field) - WORDS
    if unknown:
        words = "、".join(sorted(map(str, unknown)))
        raise _bad(_("字段 %(name)s 里不认识 %(words)s，请删去。") % {"name": name, "words": words})
    _check_words(name, field)


def _check_words(name: str, field: dict[str, Any]) -> None:
    if not field.get("title"):
        raise _bad(_("字段 %(name)s 要有 title，页面上显示它。") % {"name": name})
    if "enum" in field and not (isinstance(field["enum"], list) and field["enum"]):
        raise _bad(_("字段 %(name)s 的 enum 要列出可选的值。") % {"name": name})
    if field.get("format", FORMATS[0]) not in FORMATS:
        raise _bad(_("字段 %(name)s 的 format 写 date 或 uri。") % {"name": name})
    for word in ("minLength", "maxLength", "minimum", "maximum"):
        if word in field and (isinstance(field[word], bool) or not isinstance(field[word], (int, float))):
            raise _bad(_("字段 %(name)s 的 %(word)s 要是数字。") % {"name": name, "word": word})


def _bad(sentence: str) -> ValidationError:
    return ValidationError({"schema": sentence})


def label(name: str, field: Mapping[str, Any]) -> str:
    """What a field is called in the language of the page."""
    return str(field.get("title_en") if english() and field.get("title_en") else field.get("title", name))


def read(schema: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as their types, empty ones left out. Raises `ValidationError`, each under `extra_<field>`.

    Without a schema nothing may be given: a field nobody has defined would be kept where nobody looks.
    """
    fields = schema["properties"] if schema else {}
    wrong: dict[str, str] = {
        f"extra_{name}": _("本地区没有规定这一项，请删去。") for name in given if name not in fields
    }
    found: dict[str, Any] = {}
    for name, field in fields.items():
        value = given.get(name)
        if value in (None, ""):
            if name in (schema or {}).get("required", []):
                wrong[f"extra_{name}"] = _("请填写。")
            continue
        try:
            found[name] = _value(field, value)
        except ValueError as error:
            wrong[f"extra_{name}"] = str(error)
    if wrong:
        raise ValidationError(wrong)
    return found


def _value(field: Mapping[str, Any], value: Any) -> Any:
    """The value as its type says. Raises ValueError with the remedy."""
    typed = READERS[field["type"]](value)
    if "enum" in field and typed not in field["enum"]:
        raise ValueError(_("只能是 %(words)s。") % {"words": "、".join(map(str, field["enum"]))})
    if isinstance(typed, str):
        _text(field, typed)
    elif not isinstance(typed, bool):
        _number(field, typed)
    return typed


def _text(field: Mapping[str, Any], text: str) -> None:
    least, most = field.get("minLength", 0), min(field.get("maxLength", LONGEST), LONGEST)
    if not least <= len(text) <= most:
        raise ValueError(_("要有 %(from)s 至 %(to)s 字。") % {"from": least, "to": most})
    if field.get("format") == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            raise ValueError(_("请写成日期，例如 2026-11-24。")) from None
    if field.get("format") == "uri":
        try:
            URLValidator(schemes=["http", "https"])(text)
        except ValidationError:
            raise ValueError(_("请填写以 http:// 或 https:// 开头的网址。")) from None


def _number(field: Mapping[str, Any], number: float) -> None:
    least, most = field.get("minimum"), field.get("maximum")
    if (least is not None and number < least) or (most is not None and number > most):
        told = {"from": "" if least is None else least, "to": "" if most is None else most}
        raise ValueError(_("要在 %(from)s 至 %(to)s 之间。") % told)


def _whole(value: Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise ValueError(_("请填写整数。")) from None


def _decimal(value: Any) -> int | float:
    try:
        number = float(str(value))
    except ValueError:
        raise ValueError(_("请填写数字。")) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(_("请填写数字。"))
    return int(number) if number.is_integer() else number


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    told = {"1": True, "true": True, "是": True, "yes": True, "0": False, "false": False, "否": False, "no": False}
    try:
        return told[str(value).strip().lower()]
    except KeyError:
        raise ValueError(_("请填写“是”或“否”。")) from None


READERS = {"string": lambda value: str(value).strip(), "integer": _whole, "number": _decimal, "boolean": _truth}
