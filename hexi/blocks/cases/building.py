"""The questions of an item changed without writing YAML: each change takes the text and gives the new text. Pure."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, get_args

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import texts
from hexi.blocks.forms.definitions import Kind
from hexi.kernel import packs
from hexi.ui.words import yes_no

#: kinds one can add here; the others need more than one screen and are written in the text
ADDABLE = tuple(kind for kind in get_args(Kind) if kind not in ("repeating", "computed"))
COMPARED = ("==", "!=", ">", ">=", "<", "<=")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
CHOICE = re.compile(r"[A-Za-z0-9_.\-]{1,40}")
Text = dict[str, Any]


def read(text: str) -> Text:
    """The national element as plain values. Raises `ValidationError` if the text cannot be built upon."""
    try:
        found = packs.plain(text, Path("text"))
        if all(isinstance(section["fields"], list) for section in found["form"]["sections"]):
            return found
    except (packs.PackError, TypeError, KeyError):
        pass
    raise ValidationError(_("国家要素的文本现在读不懂，先在文本里改好，再来改问题。"))


def changed(text: str, do: Callable[[Text], None]) -> str:
    """The text after a change."""
    found = read(text)
    do(found)
    return texts.write(found)


def add_section(title: Mapping[str, str], key: str) -> Callable[[Text], None]:
    """A new section at the end, with a note as its first question: an empty one is not allowed."""

    def do(text: Text) -> None:
        _free(key, [one["key"] for one in text["form"]["sections"]])
        note = {"key": f"{key[:34]}_note", "kind": "note", "label": dict(title)}
        text["form"]["sections"].append({"key": key, "title": _words(title), "fields": [note]})

    return do


def add_field(section: str, kind: str, key: str, label: Mapping[str, str]) -> Callable[[Text], None]:
    """A new question at the end of a section."""

    def do(text: Text) -> None:
        if kind not in ADDABLE:
            raise ValidationError({"kind": _("请从列表里选一种问题。")})
        _free(key, [one["key"] for part in text["form"]["sections"] for one in part["fields"]])
        field: Text = {"key": key, "kind": kind, "label": _words(label)}
        if kind in ("choice", "choices"):
            field["choices"] = [{"key": one, "label": {"zh": f"选项 {one}", "en": f"Choice {one}"}} for one in "ab"]
        _section(text, section)["fields"].append(field)

    return do


def set_field(key: str, given: Mapping[str, str]) -> Callable[[Text], None]:
    """What a question says: `label_zh`, `label_en`, `hint_zh`, `hint_en`, `example`, `example_en`,
    `required` ("yes", "no", "as_is"), `choices` (lines "key | 中文 | English"), `when_field`, `when_operator`,
    `when_value` (an empty field: always shown, "as_is": the condition is kept).
    """  # fmt: skip

    def do(text: Text) -> None:
        field = _field(text, key)[1]
        field["label"] = _words({"zh": given.get("label_zh", ""), "en": given.get("label_en", "")})
        hint = {"zh": given.get("hint_zh", "").strip(), "en": given.get("hint_en", "").strip()}
        _put(field, "hint", _words(hint, "hint") if any(hint.values()) else None)
        shown, other = given.get("example", "").strip(), given.get("example_en", "").strip()
        if other and not shown:
            raise ValidationError({"example": _("中文和英文都要写。")})
        _put(field, "example", {"zh": shown, "en": other} if shown and other else shown or None)
        if given.get("required") in ("yes", "no"):
            _put(field, "required", False if given["required"] == "no" else None)
        if field["kind"] in ("choice", "choices"):
            field["choices"] = _choices(given.get("choices", ""), field.get("choices", ()))
        if given.get("when_field", "") != "as_is":
            _put(field, "when", _condition(text, given))

    return do


def move(key: str, by: int) -> Callable[[Text], None]:
    """A question one place up (-1) or down (1) in its section; at the end it stays."""

    def do(text: Text) -> None:
        fields, field = _field(text, key)
        place = fields.index(field)
        fields.insert(max(0, min(len(fields) - 1, place + by)), fields.pop(place))

    return do


def remove(key: str) -> Callable[[Text], None]:
    """A question away; a section without questions goes with its last one."""

    def do(text: Text) -> None:
        fields, field = _field(text, key)
        fields.remove(field)
        sections = text["form"]["sections"]
        if len(sections) > 1:
            sections[:] = [one for one in sections if one["fields"]]
        elif not fields:
            raise ValidationError(_("表单至少要有一个问题。"))

    return do


def simple(condition: Any) -> tuple[str, str, Any] | None:
    """(field, operator, value) of a condition this page can write; None for others."""
    if isinstance(condition, dict) and len(condition) == 1:
        ((operator, operands),) = condition.items()
        if operator in COMPARED and isinstance(operands, list) and len(operands) == 2:
            one, value = operands
            if isinstance(one, dict) and isinstance(one.get("var"), str) and not isinstance(value, dict | list):
                return one["var"], operator, value
    return None


def typed(fields: list[Text], condition: tuple[str, str, Any]) -> str:
    """The value of a simple condition as one types it, for `set_field` to read back: money in yuan."""
    name, _operator, value = condition
    kind = next((one["kind"] for one in fields if one["key"] == name), "")
    if isinstance(value, bool):
        return yes_no(value)
    if kind == "money" and isinstance(value, int | float):
        value = Decimal(str(value)) / 100
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _condition(text: Text, given: Mapping[str, str]) -> Text | None:
    name, operator, raw = (given.get(f"when_{part}", "").strip() for part in ("field", "operator", "value"))
    if not name:
        return None
    kind = _field(text, name)[1]["kind"]
    if operator not in COMPARED:
        raise ValidationError({"when_operator": _("请选一种比较。")})
    return {operator: [{"var": name}, _value(kind, raw)]}


def _value(kind: str, raw: str) -> Any:
    if kind == "yes_no":
        if raw.lower() not in ("是", "否", "yes", "no"):
            raise ValidationError({"when_value": _("请填“是”或“否”。")})
        return raw.lower() in ("是", "yes")
    if kind in ("number", "money"):
        try:
            value = Decimal(raw) * (100 if kind == "money" else 1)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or (value and value.adjusted() > 15):
            raise ValidationError({"when_value": _("请填数字。")})
        return int(value) if value == value.to_integral_value() else float(value)
    if not raw:
        raise ValidationError({"when_value": _("请填比较的值。")})
    return raw


def _choices(lines: str, old: Any) -> list[Text]:
    kept, found = {one["key"]: one for one in old}, []
    for number, line in enumerate(filter(str.strip, lines.splitlines()), 1):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts) or not CHOICE.fullmatch(parts[0]):
            said = _("第 %(n)s 行要写成：标识 | 中文 | English，标识用字母和数字。")
            raise ValidationError({"choices": said % {"n": number}})
        found.append({**kept.get(parts[0], {}), "key": parts[0], "label": {"zh": parts[1], "en": parts[2]}})
    return found


def _words(given: Mapping[str, str], name: str = "label") -> Text:
    for language in ("zh", "en"):
        if not given.get(language, "").strip():
            raise ValidationError({f"{name}_{language}": _("中文和英文都要写。")})
    return {language: given[language].strip() for language in ("zh", "en")}


def _free(key: str, taken: list[str]) -> None:
    if not KEY.fullmatch(key):
        raise ValidationError({"key": _("标识以小写字母开头，只用小写字母、数字和下划线。")})
    if key in taken:
        raise ValidationError({"key": _("已有标识“%(key)s”，请换一个。") % {"key": key}})


def _put(field: Text, name: str, value: Any) -> None:
    if value is None:
        field.pop(name, None)
    else:
        field[name] = value


def _section(text: Text, key: str) -> Text:
    for section in text["form"]["sections"]:
        if section["key"] == key:
            return section
    raise ValidationError(_("没有这一节，也许刚被删去。"))


def _field(text: Text, key: str) -> tuple[list[Text], Text]:
    """The list a question stands in, and the question."""
    for section in text["form"]["sections"]:
        for field in section["fields"]:
            if field["key"] == key:
                return section["fields"], field
    raise ValidationError(_("没有这个问题，也许刚被删去。"))
