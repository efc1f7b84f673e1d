"""What is said of an entry, as plain JSON: made tidy, checked whole, compared with what was before. Beside models."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.catalog import anonymous
from hexi.blocks.catalog.definitions import formats, licences, ways
from hexi.blocks.catalog.models import Cycle, Entry, Grading, Item, ItemType, Mask, Rows, Sharing
from hexi.ui.words import english

#: the fields of an entry that its provider writes, in the order pages and sheets show them
FIELDS = (
    "title", "title_en", "unit", "summary", "summary_en", "keywords", "format", "format_type", "sharing",
    "sharing_condition", "sharing_way", "sharing_basis", "open", "open_condition", "cycle", "grading", "license",
    "kind",
)  # fmt: skip
ITEM_FIELDS = (
    "name", "title", "title_en", "type", "length", "unit", "sensitivity", "personal", "key", "required", "mask", "open",
    "of_body",
)  # fmt: skip
LISTS = ("related", "items")
FLAGS = ("open", "personal", "key", "required")
CHOICES: dict[str, Any] = {"sharing": Sharing, "cycle": Cycle, "grading": Grading, "kind": Rows}
ITEM_CHOICES: dict[str, Any] = {"type": ItemType, "sensitivity": Grading, "mask": Mask}
LABELS = {
    "title": gettext_lazy("名称"), "title_en": gettext_lazy("英文名称"), "unit": gettext_lazy("提供单位内的处室"),
    "summary": gettext_lazy("摘要"), "summary_en": gettext_lazy("英文摘要"), "keywords": gettext_lazy("别的说法"),
    "format": gettext_lazy("资源格式"), "format_type": gettext_lazy("格式类型"), "sharing": gettext_lazy("共享类型"),
    "sharing_condition": gettext_lazy("共享条件"), "sharing_way": gettext_lazy("共享方式"),
    "sharing_basis": gettext_lazy("共享依据"), "open": gettext_lazy("向社会开放"),
    "open_condition": gettext_lazy("开放条件"), "cycle": gettext_lazy("更新周期"),
    "grading": gettext_lazy("数据分级"), "license": gettext_lazy("许可"), "kind": gettext_lazy("数据从哪里来"),
    "related": gettext_lazy("关联资源代码"), "items": gettext_lazy("信息项"), "extra": gettext_lazy("本地区扩展项"),
}  # fmt: skip
ITEM_LABELS = {
    "name": gettext_lazy("列名"), "title": gettext_lazy("信息项名称"), "title_en": gettext_lazy("信息项英文名称"),
    "type": gettext_lazy("数据类型"), "length": gettext_lazy("长度"), "unit": gettext_lazy("计量单位"),
    "sensitivity": gettext_lazy("信息项分级"), "personal": gettext_lazy("个人信息"), "key": gettext_lazy("主键"),
    "required": gettext_lazy("必填"), "mask": gettext_lazy("脱敏"), "open": gettext_lazy("随数据集开放"),
    "of_body": gettext_lazy("为什么说的是单位，不是个人"),
}  # fmt: skip
ORDER = [one.value for one in Grading]
#: items of one entry, codes it may name, characters of an item's length
MOST_ITEMS, MOST_RELATED, LONGEST = 500, 50, 1_000_000
#: a law, regulation or document of the State Council, by its name or its number
LAW = re.compile(r"《[^》]{2,}》|[〔\[【（(]\d{4}[〕\]】）)]\s*(第\s*)?\d+\s*号")


@dataclass(frozen=True)
class Change:
    """One thing that differs between two revisions: what it is, the words before and after."""

    label: str
    before: str
    after: str


def clean(text: str) -> str:
    """Without control signs."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in kept if sign in "\n\t\u3000" or sign.isprintable()).strip()


def blank() -> dict[str, Any]:
    """What an entry says before anything is said of it."""
    said: dict[str, Any] = dict.fromkeys(FIELDS, "")
    return said | {
        "open": False, "sharing": "conditional", "cycle": "other", "grading": "internal", "kind": "none", "related": [],
        "items": [], "extra": {},
    }  # fmt: skip


def held(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a revision says, in the fields of today: what it did not know of when it was written is empty."""
    return blank() | tidied(said)


def of(entry: Entry) -> dict[str, Any]:
    """What stands in the entry's own rows, as content."""
    said = {name: getattr(entry, name) for name in FIELDS}
    items = [{name: getattr(item, name) for name in ITEM_FIELDS} for item in entry.items.order_by("position")]
    related = sorted(entry.related.values_list("code", flat=True))
    return said | {"items": items, "related": related, "extra": dict(entry.extra)}


def tidied(said: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields only, texts clean, lists each once. Raises `TypeError` for a field nobody knows."""
    unknown = set(said) - {*FIELDS, *LISTS, "extra"}
    if unknown:
        raise TypeError(f"no such fields: {sorted(unknown)}")
    found = {name: _tidy(name, said[name]) for name in FIELDS if name in said}
    if "related" in said:
        found["related"] = sorted({clean(str(code)) for code in said["related"] if clean(str(code))})
    if "items" in said:
        found["items"] = [_item(item) for item in said["items"]]
    if "extra" in said:
        found["extra"] = dict(said["extra"])
    return found


def _tidy(name: str, value: Any) -> Any:
    if name in FLAGS:
        return bool(value)
    text = clean(str(value or ""))
    if name == "keywords":
        return "\n".join(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    return text


def _item(said: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(said) - set(ITEM_FIELDS)
    if unknown:
        raise TypeError(f"no such fields of an item: {sorted(unknown)}")
    usual = {"type": "C", "length": None, "sensitivity": "internal", "mask": "none"}
    given = {name: said.get(name) or usual.get(name, "") for name in ITEM_FIELDS}
    return {name: value if name == "length" else _tidy(name, value) for name, value in given.items()}


def fits(content: Mapping[str, Any]) -> None:
    """Raises `ValidationError` naming each field that does not fit, with the remedy; items as `items`."""
    wrong: dict[str, Any] = {}
    for name in ("title", "summary"):
        if not content[name]:
            wrong[name] = _("请填写。")
    wrong |= _too_long(content, Entry, [name for name in FIELDS if name not in (*FLAGS, *CHOICES)])
    wrong |= _not_chosen(content, CHOICES)
    wrong |= _lists(content)
    wrong |= _sharing(content)
    wrong |= _openness(content)
    if items := _items_wrong(content):
        wrong["items"] = items
    if wrong:
        raise ValidationError(wrong)


def _too_long(said: Mapping[str, Any], model: Any, names: Iterable[str]) -> dict[str, str]:
    most = {name: model._meta.get_field(name).max_length or 0 for name in names}
    return {
        name: _("最多 %(n)s 字，请缩短。") % {"n": most[name]} for name in names if len(said[name] or "") > most[name]
    }


def _not_chosen(said: Mapping[str, Any], choices: Mapping[str, Any]) -> dict[str, str]:
    return {name: _("请从列表里选择。") for name, known in choices.items() if said[name] not in known.values}


def _lists(content: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    for name, known, needed in (
        ("format", formats(), True), ("sharing_way", ways(), False), ("license", licences(), content["open"])
    ):  # fmt: skip
        if (needed or content[name]) and content[name] not in known:
            wrong[name] = _("请从列表里选择。")
    if len(content["related"]) > MOST_RELATED:
        wrong["related"] = _("最多 %(n)s 个关联资源。") % {"n": MOST_RELATED}
    return wrong


def _sharing(content: Mapping[str, Any]) -> dict[str, str]:
    """国发〔2016〕51号 arts 9 and 10: a condition is said, and what is not shared cites its law."""
    sharing = content["sharing"]
    if sharing == Sharing.CONDITIONAL and not content["sharing_condition"]:
        return {"sharing_condition": _("有条件共享要写明条件，例如给哪些部门、用于什么。")}
    if sharing == Sharing.NONE and not LAW.search(content["sharing_basis"]):
        told = _("不予共享要写明法律、行政法规或国务院文件，例如“《中华人民共和国统计法》第十一条”。")
        return {"sharing_basis": told}
    if sharing == Sharing.UNCONDITIONAL and content["grading"] == Grading.CORE:
        return {"sharing": _("核心数据不能无条件共享，请选有条件共享或不予共享。")}
    return {}


def _openness(content: Mapping[str, Any]) -> dict[str, str]:
    if not content["open"]:
        return {}
    wrong = {}
    if content["sharing"] == Sharing.NONE:
        wrong["open"] = _("不予共享的数据不能向社会开放。")
    if content["grading"] != Grading.PUBLIC:
        wrong["grading"] = _("向社会开放的数据集要定为“公开”；不能公开的信息项不勾“随数据集开放”。")
    if content["items"] and not any(item["open"] and item["mask"] != Mask.HIDDEN for item in content["items"]):
        wrong["open"] = _("至少要有一个信息项随数据集开放，“不给出”的不算。")
    return wrong


def _items_wrong(content: Mapping[str, Any]) -> list[str]:
    """Sentences about items, each beginning with its number and name."""
    items, said, seen = content["items"], [], set()
    if len(items) > MOST_ITEMS:
        return [_("最多 %(n)s 个信息项。") % {"n": MOST_ITEMS}]
    for number, item in enumerate(items, 1):
        where = _("第 %(n)s 个信息项“%(name)s”：") % {"n": number, "name": label(item) or item["name"]}
        said += [f"{where}{one}" for one in _item_wrong(item, content["grading"])]
        if item["name"] in seen:
            said.append(where + _("列名写了两次，请改成不同的。"))
        seen.add(item["name"])
    return said


def _item_wrong(item: Mapping[str, Any], grading: str) -> list[str]:
    said = [f"{ITEM_LABELS[name]} {words}" for name, words in _item_shape(item).items()]
    if said:
        return said
    level = ORDER.index(item["sensitivity"])
    if item["open"] and level:
        return [_("随数据集开放的信息项要定为“公开”。")]
    if item["open"] and item["personal"] and item["mask"] == Mask.NONE:
        said.append(_("个人信息不能原样开放，请选脱敏方式或不勾“随数据集开放”。"))
    said += _forbidden(item)
    if grading in ORDER and level > ORDER.index(grading) and item["mask"] == Mask.NONE:
        said.append(_("比数据集的分级高，请选脱敏方式，或提高数据集的分级。"))
    return said


def _forbidden(item: Mapping[str, Any]) -> list[str]:
    """An open item called like one of the four that never leave says why it is of a body, not of a person."""
    named = anonymous.forbidden(item["name"], item["title"], item["title_en"])
    if item["personal"] and item["of_body"]:
        return [_("勾了“个人信息”，就不能又写说的是单位。请改其中一处。")]
    if not (item["open"] and named) or item["mask"] == Mask.HIDDEN or item["of_body"]:
        return []
    return [_(
        "名称像证件号、手机号、银行账号或健康状况，个人的这些信息不开放：请不勾“随数据集开放”；"
        "说的是单位（如单位账号），请写明理由。"
    )]  # fmt: skip


def _item_shape(item: Mapping[str, Any]) -> dict[str, str]:
    wrong = {name: _("请填写。") for name in ("name", "title") if not item[name]}
    wrong |= _too_long(item, Item, ("name", "title", "title_en", "unit", "of_body")) | _not_chosen(item, ITEM_CHOICES)
    if item["name"] and not re.fullmatch(r"[^\W\d]\w*", item["name"]):
        wrong["name"] = _("由文字、数字和下划线组成，不以数字开头。")
    length = item["length"]
    if length is not None and not (isinstance(length, int) and 0 < length <= LONGEST):
        wrong["length"] = _("是 1 至 %(n)s 的整数，不限就留空。") % {"n": LONGEST}
    return wrong


# --- two of them compared ---------------------------------------------------------------------------------------------
def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What a revision changes: fields by their words, items by column (new, gone, changed, moved)."""
    changes = [
        Change(str(LABELS[name]), shown(name, before.get(name)), shown(name, after.get(name)))
        for name in (*FIELDS, "related")
        if before.get(name) != after.get(name)
    ]
    changes += _extra_changes(before.get("extra") or {}, after.get("extra") or {})
    return changes + _item_changes(before["items"], after["items"])


def _extra_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        Change(f"{LABELS['extra']} {name}", shown(name, before.get(name)), shown(name, after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _item_changes(before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]) -> list[Change]:
    old, new = {item["name"]: item for item in before}, {item["name"]: item for item in after}
    changes = []
    for name, item in old.items():
        if name not in new:
            changes.append(Change(_item_label(item), _("有"), _("删去")))
    for name, item in new.items():
        if name not in old:
            changes.append(Change(_item_label(item), "", _("新增")))
            continue
        changes += [
            Change(
                f"{_item_label(item)} · {ITEM_LABELS[field]}", shown(field, old[name].get(field)), shown(field, value)
            )
            for field, value in item.items()
            if (old[name].get(field) or "") != (value or "")  # what older revisions did not know is empty
        ]
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        changes.append(Change(str(_("信息项的顺序")), "、".join(kept), "、".join(name for name in new if name in old)))
    return changes


def _item_label(item: Mapping[str, Any]) -> str:
    return _("信息项“%(title)s”（%(name)s）") % {"title": label(item), "name": item["name"]}


def touched(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The columns whose users would feel the change: gone, or of another type, length, unit, mask or grading."""
    new = {item["name"]: item for item in after["items"]}
    felt = ("type", "length", "unit", "mask", "sensitivity", "open")
    return {
        item["name"]
        for item in before["items"]
        if item["name"] not in new or any(item[field] != new[item["name"]][field] for field in felt)
    }


def label(said: Mapping[str, Any]) -> str:
    """What an entry or item is called in the language of the page."""
    return said["title_en"] if english() and said.get("title_en") else said["title"]


def shown(name: str, value: Any) -> str:
    """A value in the words of the page."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return "、".join(map(str, value))
    if value in (None, ""):
        return ""
    known = CHOICES.get(name) or ITEM_CHOICES.get(name)
    if known is not None:
        return str(dict(known.choices).get(value, value))
    listed = {"format": formats, "sharing_way": ways, "license": licences}.get(name)
    return str(listed()[value].title) if listed and value in listed() else str(value)
