"""Answers in words: for the check page, the case and its papers. Stands above `kinds`, beside `answers`.

Numbers of persons are masked. Each region in an answer costs one query for its name, four if it was merged.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.forms import kinds, typed
from hexi.blocks.forms.definitions import Field, Form, Section
from hexi.blocks.regions import queries as regions
from hexi.ui import words

Raw = dict[str, Any]


def say(field: Field, value: Any) -> str:
    """An answer in words, as the check page, the case and its papers print it; numbers of persons masked."""
    if value is None:
        return ""
    return SAID.get(field.kind, lambda one, given: str(given))(field, value)


def _chosen(field: Field, value: Any) -> str:
    labels = {choice.key: str(choice.label) for choice in field.choices}
    picked = value if isinstance(value, list) else [value]
    return listed(labels.get(key, str(key)) for key in picked)


def listed(things: Iterable[str]) -> str:
    """Several words in one line."""
    return (", " if words.english() else "、").join(things)


def _place(code: str) -> str:
    """The names from the province down, as they are today: a unit that was merged is called what it became."""
    names = regions.names_today(code)
    return (", " if words.english() else "").join(names) if names else code


def path_of(strokes: list[list[list[int]]]) -> str:
    """Strokes as the path of an SVG."""
    return " ".join("M" + " L".join(f"{x} {y}" for x, y in stroke) for stroke in strokes)


def _computed(field: Field, value: Any) -> str:
    return SAID.get(field.result, lambda one, given: str(given))(field, value)


def _point(value: dict[str, float]) -> str:
    east, north = (f"{value[part]:.6f}".rstrip("0").rstrip(".") for part in ("lon", "lat"))
    return _("东经 %(east)s°，北纬 %(north)s°") % {"east": east, "north": north}


SAID: dict[str, Any] = {
    "computed": _computed,
    "map_point": lambda field, value: _point(value),
    "file": lambda field, value: listed(value),
    "photo": lambda field, value: listed(value),
    "signature": lambda field, value: _("已手写签名") if value.get("strokes") else _("已用登录的账户签名"),
    "number": lambda field, value: words.number(value) + (f" {field.unit}" if field.unit else ""),
    "money": lambda field, value: words.money(value),
    "date": lambda field, value: words.day(date.fromisoformat(value)),
    "period": lambda field, value: _("%(from)s至%(to)s") % {
        end: words.day(date.fromisoformat(value[end])) for end in ("from", "to")
    },
    "choice": _chosen,
    "choices": _chosen,
    "yes_no": lambda field, value: words.yes_no(value),
    "region": lambda field, value: _place(value),
    "address": lambda field, value: (" " if words.english() else "").join((_place(value["region"]), value["detail"])),
    "identity_number": lambda field, value: words.mask_id(value),
    "repeating": lambda field, value: ("; " if words.english() else "；").join(say_row(field, row) for row in value),
}  # fmt: skip


def say_row(field: Field, row: Raw) -> str:
    """One row of a repeating group in words: "姓名：张三，自带油锯：否"."""
    given = [one for one in field.fields if one.key in row]
    colon, comma = (": ", ", ") if words.english() else ("：", "，")
    return comma.join(f"{one.label}{colon}{say(one, row[one.key])}" for one in given)


def said(form: Form, values: Raw) -> list[tuple[Section, list[tuple[Field, str]]]]:
    """Submitted answers in words, by section; questions without an answer are left out."""
    found = [
        (section, [(field, say(field, values[field.key])) for field in section.fields if field.key in values])
        for section in form.sections
    ]
    return [(section, rows) for section, rows in found if rows]


def say_kept(field: Field, path: str, value: Any) -> str:
    """An answer as a draft keeps it, perhaps a wrong one, in words. `path` may lead to a question inside a row."""
    inner = {one.key: one for one in field.fields}.get(path.rpartition(".")[2], field)
    if value is None:
        return _("（空）")
    try:
        return say(inner, kinds.clean(inner, value))
    except typed.Wrong:
        return str(value)
