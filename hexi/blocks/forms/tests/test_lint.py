"""Lint: each fault of a definition is named; the sample form has none."""

import pytest
from pydantic import ValidationError

from hexi.blocks.forms.definitions import Form, Slot
from hexi.blocks.forms.lint import check
from hexi.blocks.forms.tests.make import make_felling_form, make_field, make_form, make_slots, make_words
from hexi.kernel.packs import PackError, parse


def faults(*fields, **more):
    return check(make_form(list(fields)), **more)


def test_the_sample_form_is_sound():
    assert check(make_felling_form(), make_slots()) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([make_field(), make_field()], "字段 / field「it」重复 / is there twice"),
        ([make_field(key="id")], "字段「it」/ field: 这个名称已被占用，请换一个 / this key is reserved"),
        ([make_field(key="applicant")], "字段「it」/ field: 这个名称已被占用，请换一个 / this key is reserved"),
        ([make_field(label=" ")], "字段「it」/ field: 题目 / label: 中英文都要写 / write both languages"),
        ([make_field("choice", choices=[("a", "甲")])], "字段「it」/ field: 至少要有 2 个选项 / needs at least 2 choices"),
        ([make_field("choices", choices=[])], "字段「it」/ field: 至少要有 1 个选项 / needs at least 1 choices"),
        ([make_field("choice", choices=[("a", "甲"), ("a", "乙")])], "字段「it」/ field: 选项 / choice「a」重复 / is there twice"),
        ([make_field("text", min=1)], "字段「it」/ field: text 没有 min 和 max / a text takes neither min nor max"),
        ([make_field("number", min=3, max=2)], "字段「it」/ field: min 大于 max / min is above max"),
        ([make_field("date", min="2026-12-01", max="2026-11-01")], "字段「it」/ field: min 大于 max / min is above max"),
        ([make_field("date", min="明天")], "字段「it」/ field: min 和 max 要写日期如 2026-11-24 或 today / a day or today"),
        ([make_field("date", min=3)], "字段「it」/ field: min 和 max 要写日期如 2026-11-24 或 today / a day or today"),
        ([make_field("number", max="today")], "字段「it」/ field: min 和 max 要写数字 / numbers"),
        ([make_field("money", max=1.5)], "字段「it」/ field: min 和 max 要写数字 / numbers"),
        ([make_field("number", pattern="x")], "字段「it」/ field: number 用不上 pattern / pattern means nothing for a number"),
        ([make_field("text", level=3)], "字段「it」/ field: text 用不上 level / level means nothing for a text"),
        ([make_field("phone", prefill="person.name")], "字段「it」/ field: person.name 要填入 text / fills a text"),
        ([make_field("text", pattern="[")], "字段「it」/ field: pattern 不是正则表达式 / is no regular expression: unterminated character set at position 0"),
        (
            [make_field("number", example="三株")],
            "字段「it」/ field: 例子自己通不过 / the example is not a good answer: “名称”要填数字，如 三株。",
        ),
        (
            [make_field("text", pattern="[一-鿿]+", example=make_words("杨树", "Poplar"))],
            "字段「it」/ field: 例子自己通不过 / the example is not a good answer: “名称”的格式不对。请照例子填写，如 杨树。",
        ),
        ([make_field("repeating")], "字段「it」/ field: 重复组里没有字段，请写 fields / a repeating group needs fields"),
        (
            [make_field("repeating", fields=[make_field("repeating", "inner", fields=[make_field(key="x")])])],
            "字段「it」/ field: 「inner」：重复组里不能再有重复组 / a group within a group",
        ),
        (
            [make_field("repeating", fields=[make_field(key="x", max=3)])],
            "字段「it」/ field: 「x」: text 没有 min 和 max / a text takes neither min nor max",
        ),
        (
            [make_field(key="x"), make_field("repeating", fields=[make_field(key="x")])],
            "字段「it」/ field: 「x」在组外也有，请换名 / is also the key of a field outside the group",
        ),
        ([make_field(when={"var": "other"})], "字段「it」/ field: 条件里的字段「other」不存在 / the condition looks at an unknown field"),
        ([make_field(required={"var": "other"})], "字段「it」/ field: 条件里的字段「other」不存在 / the condition looks at an unknown field"),
        (
            [make_field("repeating", fields=[make_field(key="x", when={"var": "y"})])],
            "字段「it」/ field.x: 条件里的字段「y」不存在 / the condition looks at an unknown field",
        ),
        (
            [make_field("note", key="n"), make_field(when={"empty": {"var": "n"}})],
            "字段「it」/ field: 「n」是说明，没有答案 / a note has no answer to look at",
        ),
        (
            [make_field("choice", key="k"), make_field(when={"==": [{"var": "k"}, "birch"]})],
            "字段「it」/ field: 「k」没有选项「birch」/ has no such choice",
        ),
        (
            [make_field("choices", key="k"), make_field(when={"in": ["birch", {"var": "k"}]})],
            "字段「it」/ field: 「k」没有选项「birch」/ has no such choice",
        ),
        (
            [make_field(key="a", when={"var": "b"}), make_field(key="b", when={"var": "c"}), make_field(key="c", when={"var": "a"})],
            "条件互相等待 / conditions in a circle: a → b → c → a",
        ),
        ([make_field(when={"!": {"var": "it"}})], "条件互相等待 / conditions in a circle: it → it"),
        (
            [make_field("repeating", fields=[make_field(key="x", when={"var": "y"}), make_field(key="y", when={"var": "x"})])],
            "条件互相等待 / conditions in a circle: x → y → x",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_each_fault_is_named_once(fields, said):
    expected = said.replace("「it」", f"「{fields[0].key}」") if fields[0].key in ("id", "applicant") else said
    assert faults(*fields) == [expected]


def test_conditions_do_not_look_ahead():
    form = make_form(
        first=[
            make_field(key="a", when={"var": "b"}),
            make_field(key="c", when={"var": "d"}),
            make_field("yes_no", "d"),
        ],
        second=[make_field("yes_no", "b")],
    )
    assert check(form) == ["字段「a」/ field: 条件看到了后面才问的「b」/ the condition looks at a field asked later"]


def test_a_section_does_not_look_at_its_own_fields():
    form = Form.model_validate(
        {
            "sections": [
                {
                    "key": "s",
                    "title": {"zh": "节", "en": "S"},
                    "when": {"var": "a"},
                    "fields": [make_field("yes_no", "a").model_dump()],
                }
            ]
        }
    )
    assert check(form) == [
        "条件互相等待 / conditions in a circle: a → a",
        "分节「s」/ section: 条件看到了后面才问的「a」/ the condition looks at a field asked later",
    ]


def test_two_sections_of_one_name():
    section = make_form([make_field()]).sections[0]
    twin = section.model_copy(update={"fields": (make_field(key="b"),)})
    assert check(Form(sections=(section, twin))) == ["分节 / section「s1」重复 / is there twice"]


def test_facts_may_be_looked_at():
    assert faults(make_field(when={"==": [{"var": "applicant"}, "body"]})) == []


def test_slots():
    slot = Slot(key="paper", title=make_words("证明"), when={"var": "nowhere"})
    assert faults(make_field(), slots=[slot, slot]) == [
        "材料 / material「paper」重复 / is there twice",
        *["材料「paper」/ material: 条件里的字段「nowhere」不存在 / the condition looks at an unknown field"] * 2,
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"key": "Upper"},
        {"key": "with-dash"},
        {"key": "a.b"},
        {"key": ""},
        {"kind": "map"},
        {"decimals": 9},
        {"level": 6},
    ],
)
def test_the_schema_refuses(given):
    with pytest.raises(ValidationError):
        make_field(**{"key": "it", "kind": "text", **given})


def test_an_empty_form_says_so(tmp_path):
    with pytest.raises(PackError) as caught:
        parse("sections: []", Form, tmp_path / "form.yaml")
    assert [fault.sentence for fault in caught.value.faults] == ["「sections」至少要有 1 项 / needs at least 1"]


def test_a_broken_pack_names_the_line(tmp_path):
    text = """sections:
- key: who
  title: {zh: 申请人, en: Applicant}
  fields:
  - key: name
    kind: text
    label: {zh: 姓名, en: Name}
    when: {near: [1, 2]}
  - key: age
    kind: text
    label: {zh: 年龄, en: Age}
    colour: red
"""
    with pytest.raises(PackError) as caught:
        parse(text, Form, tmp_path / "form.yaml")
    assert [(fault.line, fault.sentence[:20]) for fault in caught.value.faults] == [
        (8, "「sections.0.fields.0"),
        (12, "没有「sections.0.fields"),
    ]
    assert "没有运算符「near」" in caught.value.faults[0].sentence
