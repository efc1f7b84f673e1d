"""Lint of definitions: what a schema cannot see, as sentences for `hexi check`. Stands above `answers`."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from hexi.blocks.forms import conditions, drafts, figures, kinds, typed
from hexi.blocks.forms.answers import FACTS
from hexi.blocks.forms.definitions import Field, Form, Section, Slot
from hexi.kernel.packs import Words

#: names a page or a row needs for itself
RESERVED = {"id", "csrfmiddlewaretoken", *FACTS}
BOUNDED = {"number", "money", "date", "period", "choices", "repeating", "file", "photo"}
DAYS = {"date", "period"}
#: kinds nobody types, so that there is no example to try
UNTYPED = {"region", "address", "repeating", "note", "map_point", "signature", "file", "photo", "computed"}
#: letters for a group and its file field: a document's slot has 80, with the row's id and the form's own word
LONGEST_PLACE = 50
PATTERNED = {"text", "long_text"}
PREFILLED = {
    "person.name": {"text"},
    "person.identity": {"identity_number"},
    "person.phone": {"phone"},
    "person.address": {"text", "address"},
    "person.region": {"region"},
    "enterprise.name": {"text"},
    "enterprise.credit_code": {"credit_code"},
    "enterprise.representative": {"text"},
}
Fields = Mapping[str, Field]


def check(form: Form, slots: Sequence[Slot] = ()) -> list[str]:
    """Everything wrong with a form and the slots for its materials; empty if it may be published."""
    fields = {field.key: field for _section, field in form.fields()}
    found = [*_repeated("分节 / section", [section.key for section in form.sections])]
    found += _repeated("字段 / field", [field.key for _section, field in form.fields()])
    for section in form.sections:
        found += _said(f"分节「{section.key}」/ section", section.title.zh, section.title.en)
        for field in section.fields:
            found += [f"字段「{field.key}」/ field: {fault}" for fault in _field(field)]
    found += _conditions(form, fields)
    found += _stops(form, fields)
    found += _order(form)
    found += _slots(slots, fields)
    return found


def _field(field: Field) -> Iterator[str]:
    for look in CHECKS:
        yield from look(field)


def _named(field: Field) -> Iterator[str]:
    yield from _said("题目 / label", field.label.zh, field.label.en)
    if field.key in RESERVED:
        yield "这个名称已被占用，请换一个 / this key is reserved"


def _chosen(field: Field) -> Iterator[str]:
    keys = [choice.key for choice in field.choices]
    yield from _repeated("选项 / choice", keys)
    least = {"choice": 2, "choices": 1}.get(field.kind, 0)
    if len(keys) < least:
        yield f"至少要有 {least} 个选项 / needs at least {least} choices"
    if keys and not least:
        yield f"{field.kind} 没有选项，请删去 choices / a {field.kind} takes no choices"


def _bounds(field: Field) -> Iterator[str]:
    given = [bound for bound in (field.min, field.max) if bound is not None]
    if given and field.kind not in BOUNDED:
        yield f"{field.kind} 没有 min 和 max / a {field.kind} takes neither min nor max"
        return
    if not all(_is_bound(field.kind, bound) for bound in given):
        form = "日期如 2026-11-24 或 today / a day or today" if field.kind in DAYS else "数字 / numbers"
        yield f"min 和 max 要写{form}"
    elif len(given) == 2 and "today" not in given and field.min > field.max:  # type: ignore[operator]
        yield "min 大于 max / min is above max"


def _is_bound(kind: str, value: Any) -> bool:
    if kind not in DAYS:
        whole = kind in ("money", "choices", "repeating")
        return isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    try:
        return isinstance(value, str) and bool(figures.bound(value))
    except ValueError:
        return False


def _parts(field: Field) -> Iterator[str]:
    allowed: dict[str, tuple[Any, set[str]]] = {
        "pattern": (field.pattern, PATTERNED),
        "max_length": (field.max_length, {*PATTERNED, "address"}),
        "decimals": (field.decimals, {"number", "computed"}),
        "unit": (field.unit, {"number", "computed"}),
        "formula": (field.formula is not None, {"computed"}),
        "result": (field.result != "number", {"computed"}),
        "example": (field.example, set(kinds.KINDS) - UNTYPED),
        "level": (field.level, {"region", "address"}),
        "fields": (field.fields, {"repeating"}),
    }
    for name, (value, suits) in allowed.items():
        if value and field.kind not in suits:
            yield f"{field.kind} 用不上 {name} / {name} means nothing for a {field.kind}"
    yield from _prefilled(field)


def _prefilled(field: Field) -> Iterator[str]:
    source, _dot, what = str(field.prefill or "").partition(".")
    if source in ("person", "enterprise"):
        wanted = PREFILLED.get(str(field.prefill), set())
        if field.kind not in wanted:
            named = "、".join(sorted(wanted)) or "—"
            yield f"{field.prefill} 要填入 {named} / fills a {named}"
    elif source:
        known = drafts.known_of(source)
        if known is None or known.offers is None or not known.offers(what):
            yield f"没有「{field.prefill}」这个来源 / there is no such source to prefill from"


def _formula(field: Field) -> Iterator[str]:
    if field.kind != "computed":
        return
    if field.formula is None:
        yield "请写 formula / a computed field needs a formula"
    if field.prefill:
        yield "自动计算的字段不预填 / a computed field is not prefilled"


def _files(field: Field) -> Iterator[str]:
    """A field for files says how many it takes; its place must fit the slot of a document."""
    if field.kind in ("file", "photo"):
        if field.min is not None:
            yield "文件不设 min，必填就写 required / files take no min: say required"
        if field.max is not None and not (isinstance(field.max, int) and field.max > 0):
            yield "max 是文件个数，要大于零 / max is the number of files"
    longest = max((len(one.key) for one in field.fields if one.kind in ("file", "photo")), default=0)
    if longest + len(field.key) > LONGEST_PLACE:
        yield f"组和文件字段的名称合起来最多 {LONGEST_PLACE} 个字符 / too long a name together"


def _example(field: Field) -> Iterator[str]:
    try:
        re.compile(field.pattern)
    except re.error as error:
        yield f"pattern 不是正则表达式 / is no regular expression: {error}"
        return
    given = field.example
    for example in (given.zh, given.en) if isinstance(given, Words) else (given,):
        if example and field.kind not in UNTYPED:
            try:
                kinds.clean(field, example)
            except typed.Wrong as wrong:
                yield f"例子自己通不过 / the example is not a good answer: {wrong.faults[0][2]}"


def _group(field: Field) -> Iterator[str]:
    if field.kind == "repeating" and not field.fields:
        yield "重复组里没有字段，请写 fields / a repeating group needs fields"
    yield from _repeated("字段 / field", [one.key for one in field.fields])
    for one in field.fields:
        if one.kind == "repeating":
            yield f"「{one.key}」：重复组里不能再有重复组 / a group within a group"
        yield from (f"「{one.key}」: {fault}" for fault in _field(one))


CHECKS: tuple[Callable[[Field], Iterator[str]], ...] = (
    _named, _chosen, _bounds, _parts, _formula, _files, _example, _group,
)  # fmt: skip


def _conditions(form: Form, fields: Fields) -> Iterator[str]:
    for section in form.sections:
        yield from _looks(f"分节「{section.key}」/ section", [section.when], fields)
        for field in section.fields:
            where = f"字段「{field.key}」/ field"
            yield from _looks(where, [field.when, field.required, field.formula], fields)
            inner = {one.key: one for one in field.fields}
            for key in sorted(inner.keys() & fields.keys()):
                yield f"{where}: 「{key}」在组外也有，请换名 / is also the key of a field outside the group"
            for one in field.fields:
                yield from _looks(f"{where}.{one.key}", [one.when, one.required, one.formula], {**fields, **inner})
            yield from _circles({one.key: [one.when, one.formula] for one in field.fields})
    # what rows look at counts for their group: the form sees them as one
    rows = {field.key: [part for one in field.fields for part in (one.when, one.formula)] for field in fields.values()}
    yield from _circles(
        {field.key: [section.when, field.when, field.formula, *rows[field.key]] for section, field in form.fields()}
    )


def _looks(where: str, found: Iterable[Any], fields: Fields) -> Iterator[str]:
    """Fields a condition looks at that are not there, or answers it waits for that cannot be given."""
    for condition in found:
        for name in conditions.names(condition):
            if name not in fields and name not in FACTS:
                yield f"{where}: 条件里的字段「{name}」不存在 / the condition looks at an unknown field"
            elif name in fields and fields[name].kind == "note":
                yield f"{where}: 「{name}」是说明，没有答案 / a note has no answer to look at"
        for name, value in conditions.comparisons(condition):
            choices = {choice.key for choice in fields[name].choices} if name in fields else set()
            if choices and value is not None and value not in choices:
                yield f"{where}: 「{name}」没有选项「{value}」/ has no such choice"


def _circles(whens: Mapping[str, list[Any]]) -> Iterator[str]:
    """Conditions that look at each other in a circle, each circle once."""
    ahead = {key: sorted({name for when in found for name in conditions.names(when)}) for key, found in whens.items()}
    done: set[str] = set()

    def walk(key: str, path: tuple[str, ...]) -> Iterator[str]:
        if key in path:
            yield "条件互相等待 / conditions in a circle: " + " → ".join((*path[path.index(key) :], key))
        elif key in ahead and key not in done:
            for name in ahead[key]:
                yield from walk(name, (*path, key))
            done.add(key)

    for key in ahead:
        yield from walk(key, ())


def _order(form: Form) -> Iterator[str]:
    """A condition may look back or around on its own screen, never ahead: the reader would see the past change."""
    place = {field.key: number for number, section in enumerate(form.sections) for field in section.fields}
    for number, section in enumerate(form.sections):
        yield from _ahead(f"分节「{section.key}」/ section", section.when, place, number - 1)
        for field in _all(section):
            for condition in (field.when, field.required, field.formula):
                yield from _ahead(f"字段「{field.key}」/ field", condition, place, number)


def _all(section: Section) -> Iterator[Field]:
    for field in section.fields:
        yield field
        yield from field.fields


def _ahead(where: str, condition: Any, place: Mapping[str, int], latest: int) -> Iterator[str]:
    for name in conditions.names(condition):
        if place.get(name, -1) > latest:
            yield f"{where}: 条件看到了后面才问的「{name}」/ the condition looks at a field asked later"


def _stops(form: Form, fields: Fields) -> Iterator[str]:
    yield from _repeated("提前结束 / stop", [stop.key for stop in form.stops])
    for stop in form.stops:
        yield from _looks(f"提前结束「{stop.key}」/ stop", [stop.when], fields)
        yield from _said(f"提前结束「{stop.key}」/ stop", stop.title.zh, stop.title.en)
        yield from _said(f"提前结束「{stop.key}」/ stop", stop.text.zh, stop.text.en)


def _slots(slots: Sequence[Slot], fields: Fields) -> Iterator[str]:
    yield from _repeated("材料 / material", [slot.key for slot in slots])
    for slot in slots:
        yield from _looks(f"材料「{slot.key}」/ material", [slot.when, slot.required], fields)


def _said(where: str, zh: str, en: str) -> Iterator[str]:
    if not zh.strip() or not en.strip():
        yield f"{where}: 中英文都要写 / write both languages"


def _repeated(what: str, keys: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            yield f"{what}「{key}」重复 / is there twice"
        seen.add(key)
