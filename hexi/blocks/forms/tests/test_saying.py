"""Answers in words, in both languages; what a draft keeps wrong is said as typed."""

from datetime import date

import pytest
from django.utils import translation

from hexi.blocks.forms import saying
from hexi.blocks.forms.tests.make import CREDIT_CODE, IDENTITY, make_felling_form, make_field
from hexi.blocks.regions import operations as regions
from hexi.blocks.regions.tests.make import SHIHEZI, Somebody, make_divisions

GROUP = make_field(
    "repeating", label="成员", fields=[make_field("text", "name", "姓名"), make_field("yes_no", "saw", "带油锯")]
)


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        (make_field("text"), "张三", "张三", "张三"),
        (make_field("long_text"), "一\n二", "一\n二", "一\n二"),
        (make_field("number", unit="立方米"), 1234.5, "1,234.5 立方米", "1,234.5 [立方米]"),
        (make_field("number"), 7, "7", "7"),
        (make_field("money"), 123456, "¥1,234.56", "¥1,234.56"),
        (make_field("date"), "2020-02-29", "2020年2月29日（周六）", "Sat 29 Feb 2020"),
        (
            make_field("period"), {"from": "2020-02-29", "to": "2020-03-01"},
            "2020年2月29日（周六）至2020年3月1日（周日）", "Sat 29 Feb 2020 to Sun 1 Mar 2020",
        ),
        (make_field("choice"), "fir", "杉", "[杉]"),
        (make_field("choice"), "gone", "gone", "gone"),
        (make_field("choices"), ["pine", "oak"], "松、栎", "[松], [栎]"),
        (make_field("yes_no"), True, "是", "Yes"),
        (make_field("yes_no"), False, "否", "No"),
        (make_field("identity_number"), IDENTITY, f"6299**********{IDENTITY[-4:]}", f"6299**********{IDENTITY[-4:]}"),
        (make_field("credit_code"), CREDIT_CODE, CREDIT_CODE, CREDIT_CODE),
        (make_field("phone"), "10000000001", "10000000001", "10000000001"),
        (make_field("email"), "a@example.com", "a@example.com", "a@example.com"),
        (
            GROUP, [{"id": "r1", "name": "张三", "saw": True}, {"id": "r2", "name": "李四"}],
            "姓名：张三，带油锯：是；姓名：李四", "[姓名]: 张三, [带油锯]: Yes; [姓名]: 李四",
        ),
        (make_field("text"), None, "", ""),
    ],
    ids=lambda one: getattr(one, "kind", ""),
)  # fmt: skip
def test_every_kind_in_words(field, value, zh, en):
    assert saying.say(field, value) == zh
    with translation.override("en"):
        assert saying.say(field, value) == en


def test_places(db):
    make_divisions()
    assert saying.say(make_field("region"), SHIHEZI) == "甘肃省酒泉市玉门市下西号镇石河子村委会"
    assert saying.say(make_field("region"), "629998000000") == "629998000000"
    address = {"region": SHIHEZI, "detail": "1 组 1 号"}
    assert saying.say(make_field("address"), address) == "甘肃省酒泉市玉门市下西号镇石河子村委会1 组 1 号"
    with translation.override("en"):
        said = saying.say(make_field("address"), address)
    assert said == "Gansu Province, Jiuquan City, Yumen City, Xiaxihao Town, Shihezi Village 1 组 1 号"


def test_a_place_that_was_merged_is_called_what_it_became(db):
    units = make_divisions()
    regions.merge(
        [units["620981101000"]], into=units["620981106000"], on=date(2026, 1, 1), by=Somebody({"regions.edit": ""})
    )
    assert saying.say(make_field("region"), "620981101000") == "甘肃省酒泉市玉门市下西号镇"


def test_a_submission_in_words_by_section():
    form = make_felling_form()
    found = saying.said(form, {"name": "石建国", "agent": False})
    assert [(section.key, [(field.key, words) for field, words in rows]) for section, rows in found] == [
        ("applicant", [("name", "石建国"), ("agent", "否")])
    ]


def test_what_a_draft_keeps():
    assert saying.say_kept(make_field("money"), "it", 1250) == "¥12.50"
    assert saying.say_kept(make_field("money"), "it", "zwölf") == "zwölf"
    assert saying.say_kept(make_field("money"), "it", None) == "（空）"
    assert saying.say_kept(GROUP, "it.r1.saw", True) == "是"
