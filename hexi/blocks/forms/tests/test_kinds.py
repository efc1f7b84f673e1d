"""Every kind of field: good answers in their normal form, bad ones with the exact sentence, in both languages."""

from datetime import date

import pytest
from django.utils import translation

from hexi.blocks.forms import kinds, typed
from hexi.blocks.forms.tests.make import CREDIT_CODE, IDENTITY, make_field
from hexi.blocks.regions.models import Division
from hexi.kernel import clock

TOWN, VILLAGE = "629999101000", "629999101001"


def clean(field, raw):
    return kinds.clean(field, raw)


def sentence(field, raw):
    with pytest.raises(typed.Wrong) as caught:
        kinds.clean(field, raw)
    return [(part, said) for part, _code, said in caught.value.faults]


@pytest.fixture
def regions(db):
    rows = [("629999000000", 3, "虚构县"), (TOWN, 4, "下河镇"), (VILLAGE, 5, "上湾村")]
    for code, level, name in rows:
        Division.objects.create(code=code, level=level, name=name, name_en=f"[{name}]", pinyin="x", initials="x")


@pytest.mark.parametrize("kind", sorted({*kinds.KINDS} - {"note", "repeating"}))
@pytest.mark.parametrize("raw", [None, "", "   ", "　"])
def test_nothing_given_is_no_answer(kind, raw):
    assert clean(make_field(kind), raw) is None


def test_a_group_without_rows_has_no_answer():
    assert [clean(make_field("repeating"), raw) for raw in (None, "", [])] == [None, None, []]


def test_a_note_has_no_answer():
    assert clean(make_field("note"), "x") is None


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (make_field("text"), "  张  三 ", "张 三"),
        (make_field("text"), "a\x00b\x1bc", "abc"),
        (make_field("text"), "半\ud800角", "半角"),
        (make_field("text"), 12, "12"),
        (make_field("text", pattern="[A-Z]{2}[0-9]{3}"), "AB123", "AB123"),
        (make_field("long_text"), " 一行\r\n二行\n\n ", "一行\n二行"),
        (make_field("number"), "12", 12),
        (make_field("number"), "１２", 12),
        (make_field("number"), " 1,234,567 ", 1234567),
        (make_field("number"), "-3", -3),
        (make_field("number"), 7, 7),
        (make_field("number", decimals=1), "3.50", 3.5),
        (make_field("number", decimals=1), 3.5, 3.5),
        (make_field("number", decimals=2), "4.00", 4),
        (make_field("number", min=1, max=5), "5", 5),
        (make_field("number", min=1, max=5), "1", 1),
        (make_field("money"), "12.50", 1250),
        (make_field("money"), "￥1,234.56", 123456),
        (make_field("money"), "８８元", 8800),
        (make_field("money"), "0.29", 29),
        (make_field("money"), 1250, 1250),
        (make_field("money", min=-500), "-5", -500),
        (make_field("date"), "2026-11-24", "2026-11-24"),
        (make_field("date"), "2026/1/5", "2026-01-05"),
        (make_field("date"), "2026.1.5", "2026-01-05"),
        (make_field("date"), "２０２６年１月５日", "2026-01-05"),
        (make_field("date"), "2026 年 1 月 5 日", "2026-01-05"),
        (make_field("date"), "20260105", "2026-01-05"),
        (make_field("date"), "2024-02-29", "2024-02-29"),
        (make_field("period"), {"from": "2026-11-24", "to": "2026/12/1"}, {"from": "2026-11-24", "to": "2026-12-01"}),
        (make_field("period"), {"from": "2026-11-24", "to": "2026-11-24"}, {"from": "2026-11-24", "to": "2026-11-24"}),
        (make_field("period"), {"from": "", "to": ""}, None),
        (make_field("choice"), " fir ", "fir"),
        (make_field("choices"), ["", "oak", "pine"], ["pine", "oak"]),
        (make_field("choices"), "fir", ["fir"]),
        (make_field("choices"), [], None),
        (make_field("choices", min=2, max=2), ["pine", "fir"], ["pine", "fir"]),
        (make_field("yes_no"), "yes", True),
        (make_field("yes_no"), "no", False),
        (make_field("yes_no"), "否", False),
        (make_field("yes_no"), True, True),
        (make_field("yes_no"), False, False),
        (make_field("identity_number"), IDENTITY, IDENTITY),
        (make_field("identity_number"), " ".join(IDENTITY), IDENTITY),
        (make_field("identity_number"), "629999880808001", None),
        (make_field("credit_code"), CREDIT_CODE.lower(), CREDIT_CODE),
        (make_field("credit_code"), f"{CREDIT_CODE[:8]} {CREDIT_CODE[8:]}", CREDIT_CODE),
        (make_field("phone"), "100 0000-0001", "10000000001"),
        (make_field("phone"), "+86 10000000001", "10000000001"),
        (make_field("phone"), "１０００００００００１", "10000000001"),
        (make_field("phone"), "（0937）3312345", "0937-3312345"),
        (make_field("phone"), "010-12345678", "010-12345678"),
        (make_field("phone"), "02912345678", "029-12345678"),
        (make_field("email"), " zhang.san＠example.com\u200b", "zhang.san@example.com"),
    ],
    ids=lambda one: getattr(one, "kind", repr(one)),
)
def test_good_answers(field, raw, value):
    found = clean(field, raw)
    if raw == "629999880808001":
        assert len(found) == 18
        assert found.startswith("62999919880808001")
    else:
        assert (found, type(found)) == (value, type(value))
    assert clean(field, found) == found


@pytest.mark.parametrize(
    ("field", "raw", "part", "said"),
    [
        (make_field("text", max_length=3), "四个汉字", "", "“名称”最多 3 个字，现在有 4 个。请删短一些。"),
        (make_field("text"), "长" * 201, "", "“名称”最多 200 个字，现在有 201 个。请删短一些。"),
        (make_field("long_text"), "长" * 2001, "", "“名称”最多 2000 个字，现在有 2001 个。请删短一些。"),
        (make_field("text", pattern="[0-9]+"), "x", "", "“名称”的格式不对。请核对后重填。"),
        (make_field("text", pattern="[0-9]+", example="12"), "x", "", "“名称”的格式不对。请照例子填写，如 12。"),
        (make_field("number"), "三", "", "“名称”要填数字，如 12。"),
        (make_field("number", example="3.5", decimals=1), "3,5", "", "“名称”要填数字，如 3.5。"),
        (make_field("number"), "1e5", "", "“名称”要填数字，如 12。"),
        (make_field("number"), "٣", "", "“名称”要填数字，如 12。"),
        (make_field("number"), float("inf"), "", "“名称”要填数字，如 12。"),
        (make_field("number"), "1000000000000000", "", "“名称”要填数字，如 12。"),
        (make_field("number"), "3.5", "", "“名称”要填整数。请去掉小数点后的数。"),
        (make_field("number", decimals=1), "3.55", "", "“名称”最多 1 位小数。请改短一些。"),
        (make_field("number", min=1), "0", "", "“名称”不能小于 1。请填 1 或更大的数。"),
        (make_field("number", max=5000), "5001", "", "“名称”不能大于 5,000。请填 5,000 或更小的数。"),
        (make_field("money"), "十元", "", "“名称”要填金额（元），最多两位小数，如 12.50。"),
        (make_field("money"), "1.234", "", "“名称”要填金额（元），最多两位小数，如 12.50。"),
        (make_field("money"), "-1", "", "“名称”不能是负数。请填 0 或更大的金额。"),
        (make_field("money", min=100), "0.99", "", "“名称”不能小于 ¥1.00。请填 ¥1.00 或更大的数。"),
        (make_field("money", max=100), "1.01", "", "“名称”不能大于 ¥1.00。请填 ¥1.00 或更小的数。"),
        (make_field("date"), "明天", "", "“名称”要填日期，如 2026-11-24。请填上年、月、日。"),
        (make_field("date"), "24.11.2026", "", "“名称”要填日期，如 2026-11-24。请填上年、月、日。"),
        (make_field("date"), "2026-02-30", "", "“名称”里的 2026-02-30 不是日历上的一天。请核对年、月、日。"),
        (make_field("date"), "0206-01-05", "", "“名称”不能早于 1900年1月1日（周一）。请改成这一天或以后。"),
        (make_field("date", max="2025-12-31"), "2026-01-01", "", "“名称”不能晚于 2025年12月31日（周三）。请改成这一天或以前。"),
        (make_field("period"), {"from": "2026-11-24"}, "to", "请填写“名称”的结束日期。"),
        (make_field("period"), {"to": "2026-11-24"}, "from", "请填写“名称”的开始日期。"),
        (make_field("period"), "2026-11-24", "to", "请填写“名称”的结束日期。"),
        (make_field("period"), {"from": "2026-11-24", "to": "2026-11-23"}, "to", "“名称”的结束日期早于开始日期。请改一个日期。"),
        (make_field("period"), {"from": "x", "to": "2026-11-23"}, "from", "“名称”要填日期，如 2026-11-24。请填上年、月、日。"),
        (make_field("choice"), "birch", "", "“名称”没有“birch”这一项。请从列出的选项里选。"),
        (make_field("choices"), ["pine", "birch"], "", "“名称”没有“birch”这一项。请从列出的选项里选。"),
        (make_field("choices", min=2), ["pine"], "", "“名称”至少选 2 项。"),
        (make_field("choices", max=1), ["pine", "fir"], "", "“名称”最多选 1 项。请去掉几项。"),
        (make_field("yes_no"), "也许", "", "“名称”请选“是”或“否”。"),
        (make_field("identity_number"), IDENTITY[:-1], "", "“名称”应有 18 位，现在是 17 位。请照身份证重填。"),
        (make_field("identity_number"), "A" + IDENTITY[1:], "", "“名称”只有数字，最后一位可以是 X。请照身份证重填。"),
        (make_field("identity_number"), "629999198813080115", "", "“名称”第 7 至 14 位不是出生日期。请照身份证核对。"),
        (
            make_field("identity_number"), IDENTITY[:-1] + ("1" if IDENTITY[-1] != "1" else "2"), "",
            "“名称”最后一位与前面的数字对不上，可能填错了一位。请照身份证核对。",
        ),
        (make_field("credit_code"), CREDIT_CODE + "0", "", "“名称”应有 18 位，现在是 19 位。请照营业执照重填。"),
        (
            make_field("credit_code"), "I" + CREDIT_CODE[1:], "",
            "“名称”只有数字和大写字母，没有 I、O、S、V、Z，第 3 至 8 位是数字。请照营业执照重填。",
        ),
        (
            make_field("credit_code"), CREDIT_CODE[:-1] + ("1" if CREDIT_CODE[-1] != "1" else "2"), "",
            "“名称”的校验位与前面的字符对不上，可能填错了一位。请照营业执照核对。",
        ),
        (make_field("phone"), "12345", "", "“名称”要填 11 位手机号，或带区号的座机号，如 0937-3312345。"),
        (make_field("phone"), "100000000012", "", "“名称”要填 11 位手机号，或带区号的座机号，如 0937-3312345。"),
        (make_field("email"), "zhang.san", "", "“名称”不是完整的邮箱地址，要像 name@example.com。"),
        (make_field("address"), {"detail": "x"}, "region", "请选择“名称”所在的地区。"),
        (make_field("repeating"), "x", "", "“名称”要一行一行地填。"),
        (make_field("text"), {"a": 1}, None, None),
    ],
    ids=lambda one: getattr(one, "kind", repr(one)),
)  # fmt: skip
def test_bad_answers_get_this_sentence(field, raw, part, said):
    if part is None:
        assert clean(field, raw) is None
    else:
        assert sentence(field, raw) == [(part, said)]


def test_both_ends_of_a_period_are_judged():
    assert [part for part, _said in sentence(make_field("period"), {"from": "x", "to": "y"})] == ["from", "to"]


def test_a_number_that_is_born_tomorrow_is_refused(monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: date(1988, 8, 7))
    assert sentence(make_field("identity_number"), IDENTITY) == [
        ("", "“名称”第 7 至 14 位不是出生日期。请照身份证核对。")
    ]


def test_today_is_a_bound_that_moves(monkeypatch):
    field = make_field("date", min="today")
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 24))
    assert clean(field, "2026-11-24") == "2026-11-24"
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 25))
    assert sentence(field, "2026-11-24") == [("", "“名称”不能早于 11月25日（周三）。请改成这一天或以后。")]


def test_regions(regions):
    assert clean(make_field("region"), " ６２９９９９１０１０００ ") == TOWN
    assert clean(make_field("region", level=5), VILLAGE) == VILLAGE
    assert sentence(make_field("region", level=5), TOWN) == [("", "“名称”请选到村（社区）一级。")]
    assert sentence(make_field("region"), "629998000000") == [
        ("", "“名称”没有代码为 629998000000 的地区。请从列表里选。")
    ]


def test_addresses(regions):
    field = make_field("address", level=4, max_length=10)
    assert clean(field, {"region": TOWN, "detail": " 三组  5 号"}) == {"region": TOWN, "detail": "三组 5 号"}
    assert sentence(field, {"region": TOWN, "detail": ""}) == [
        ("detail", "请填写“名称”的详细地址，如村组、街道和门牌号。")
    ]
    assert sentence(field, {"region": TOWN, "detail": "很" * 11}) == [
        ("detail", "“名称”最多 10 个字，现在有 11 个。请删短一些。")
    ]
    assert sentence(field, {"region": "629999000000", "detail": ""}) == [
        ("region", "“名称”请选到乡镇（街道）一级。"),
        ("detail", "请填写“名称”的详细地址，如村组、街道和门牌号。"),
    ]
    assert clean(field, {"region": "", "detail": ""}) is None


def test_a_fields_own_words_come_first():
    field = make_field("number", max=5, messages={"invalid": "写阿拉伯数字。", "too_large": "最多五株。"})
    assert sentence(field, "x") == [("", "写阿拉伯数字。")]
    assert sentence(field, "6") == [("", "最多五株。")]
    assert typed.missing(make_field(messages={"required": "写上名字。"})) == "写上名字。"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text", "请填写“名称”。"),
        ("number", "请填写“名称”。"),
        ("choice", "请选择“名称”。"),
        ("region", "请选择“名称”。"),
    ],
)
def test_what_is_missing(kind, said):
    assert typed.missing(make_field(kind)) == said


def test_sentences_in_english():
    with translation.override("en"):
        field = make_field("number", label="株数", max=5)
        assert sentence(field, "6") == [("", "“[株数]” cannot be more than 5. Enter 5 or less.")]
        assert typed.missing(field) == "Enter “[株数]”."
