"""Rules of publication for wording: no vague phrases, both languages, questions that the law needs. Pure.

国办函〔2017〕115号 found vague materials on 13 % of the platforms; 行政许可法 art. 29 forbids a form to ask what has no
direct bearing on the permit.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from hexi.blocks.cases.findings import Finding, Where, texts, unfilled, wrong
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.seeds import GOVERNMENT, NO_FORM, NO_SAMPLE
from hexi.blocks.forms import lint as forms
from hexi.blocks.forms.definitions import Field

Findings = Iterator[Finding]
#: phrases that leave people guessing; each is a regular expression
VAGUE = (
    r"法律[、，]?\s*(行政)?法规[^。；]{0,8}(规定|要求)的其他(材料|文件|条件|情形)?",
    r"其他(的)?(相关|有关|必要|需要提供|应当提交|应提交)的?(材料|文件|资料|证明|条件|手续)",
    r"(等|以及)(相关|有关)?(的)?(材料|文件|资料|证明材料|证件)(?![的]?(名称|清单))",
    r"(有关|相关)(证明)?(材料|文件|资料)",
    r"视(具体)?情况(而定|确定|办理|提供)?",
    r"(具体)?(以|按)(窗口|现场|工作人员)(答复|通知|告知|要求)为准",
    r"(需要|要求)提(供|交)的其他",
    r"原则上",
    r"酌情",
    r"(?i)\bother (relevant|related|necessary|required) (materials?|documents?|papers?)\b",
    r"(?i)\bas the case may be\b",
    r"(?i)\bdepending on (the )?circumstances\b",
    r"(?i)\betc\.",
)
#: what touches private life: asked only if the item says why the law needs it
PRIVATE = ("民族", "宗教", "信仰", "政治面貌", "婚姻", "学历", "收入", "银行", "账号", "血型", "病史", "籍贯")
PRIVATE_KINDS = ("identity_number", "credit_code")
CHINESE = re.compile(r"[㐀-䶿一-鿿豈-﫿]")


def phrases_are_clear(item: ServiceItem, local: ImplementingItem | None) -> Findings:
    """No phrase that leaves people guessing, in either language."""
    for side, thing in _sides(item, local):
        for where, words in texts(thing):
            for text in (words.zh, words.en):
                if found := vague(text):
                    zh = f"「{found}」说得不清楚，请写明到底是什么"
                    yield wrong("用语", where, zh, f"“{found}” is vague: say what exactly", side=side)


def both_languages_are_there(item: ServiceItem, local: ImplementingItem | None) -> Findings:
    """Chinese and English, and no Chinese in the English."""
    for side, thing in _sides(item, local):
        for where, words in texts(thing, quotes=True):
            if not words.zh.strip() or not words.en.strip():
                yield wrong("用语", where, "中文和英文都要写", "Chinese and English are both needed", side=side)
            elif CHINESE.search(words.en):
                yield wrong(
                    "用语", where, "英文里夹有汉字，请译出来", "there is Chinese in the English text", side=side
                )


def form_asks_only_what_is_needed(item: ServiceItem, local: ImplementingItem | None) -> Findings:
    """行政许可法 art. 29: what touches private life says why the law needs it."""
    asked = dict(_questions(item))
    for key, (where, field) in asked.items():
        private = field.kind in PRIVATE_KINDS or any(term in field.label.zh for term in PRIVATE)
        if private and field.prefill is None and key not in item.asks:
            zh = f"表单要填「{field.label.zh}」，请在 asks 里写明法律为什么需要（行政许可法第二十九条）"
            yield wrong("申请书", where, zh, f"say in `asks` why the law needs “{field.label.en}” (art. 29)")
    for key in item.asks:
        if key not in asked:
            yield wrong("申请书", ("asks", key), f"表单里没有「{key}」", f"the form has no field “{key}”")


def _questions(item: ServiceItem) -> Iterator[tuple[str, tuple[Where, Field]]]:
    """Every question by its key, those of repeating rows as "group.key", with its place in the file."""
    for number, section in enumerate(item.form.sections):
        for index, field in enumerate(section.fields):
            where: Where = ("form", "sections", number, "fields", index)
            yield field.key, (where, field)
            for row, inner in enumerate(field.fields):
                yield f"{field.key}.{inner.key}", ((*where, "fields", row), inner)


def form_is_sound(item: ServiceItem, local: ImplementingItem | None) -> Findings:
    """The form's own lint: keys, choices, bounds, conditions."""
    for fault in forms.check(item.form, item.slots()):
        zh, _, en = fault.rpartition(" / ")
        yield wrong("申请书", ("form",), zh or en, en)


def nothing_is_left_to_fill_in(item: ServiceItem, local: ImplementingItem | None) -> Findings:
    """What `hexi new service` marked has been written (docs/new-service.md)."""
    for side, thing in _sides(item, local):
        for where in unfilled(thing):
            yield wrong("待填写", where, "这里还没有填写", "this is still to be filled in", side=side)


def nothing_is_a_filler(item: ServiceItem, local: ImplementingItem | None) -> Findings:
    """What an import put where its sheet said nothing has been replaced: a filler is no form, no sample, no office."""
    for number, one in enumerate(item.materials):
        for name, paper, filler in (("空白表格", one.blank, NO_FORM), ("示例样表", one.sample, NO_SAMPLE)):
            if paper and paper.body and paper.body.zh == filler:
                where = ("materials", number, "blank" if filler == NO_FORM else "sample")
                zh = f"“{one.title.zh}”的{name}是导入时补的占位文字，请换成真正的"
                yield wrong(name, where, zh, f"that of “{one.title.en}” is a filler of the import", severity="warning")
    if local and local.reconsideration.zh == GOVERNMENT:
        zh, en = "是导入时补的占位文字，请写明复议机关和期限", "a filler of the import: name the body and the term"
        yield wrong("救济途径", ("reconsideration",), zh, en, side="office", severity="warning")


RULES = (
    phrases_are_clear, both_languages_are_there, form_asks_only_what_is_needed, form_is_sound,
    nothing_is_left_to_fill_in, nothing_is_a_filler,
)  # fmt: skip


@lru_cache(maxsize=20_000)
def vague(text: str) -> str:
    """The first vague phrase in a text; "" if there is none."""
    for pattern in VAGUE:
        if found := re.search(pattern, text):
            return found[0]
    return ""


def _sides(item: ServiceItem, local: ImplementingItem | None) -> Iterator[tuple[str, object]]:
    yield "item", item
    if local is not None:
        yield "office", local
