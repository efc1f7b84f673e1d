"""Dates, spans, money, sizes and masks in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from hexi.ui import words


@pytest.fixture(autouse=True)
def _this_year(monkeypatch):
    monkeypatch.setattr(words, "today", lambda: date(2026, 11, 24))


def chinese(function, value):
    with translation.override("zh-hans"):
        return function(value)


def english(function, value):
    with translation.override("en"):
        return function(value)


def test_day_names_the_weekday():
    assert chinese(words.day, date(2026, 11, 26)) == "11月26日（周四）"
    assert english(words.day, date(2026, 11, 26)) == "Thu 26 Nov"


def test_day_of_another_year_says_so():
    assert chinese(words.day, date(2025, 2, 3)) == "2025年2月3日（周一）"
    assert english(words.day, date(2025, 2, 3)) == "Mon 3 Feb 2025"


def test_day_of_a_moment_is_the_day_in_china():
    assert chinese(words.day, datetime(2026, 11, 25, 16, 30, tzinfo=UTC)) == "11月26日（周四）"


def test_moment_is_china_time():
    late = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)
    assert chinese(words.moment, late) == "11月26日（周四） 00:30"
    assert english(words.moment, late) == "Thu 26 Nov, 00:30"


@pytest.mark.parametrize("function", [words.day, words.moment, words.span, words.money, words.number, words.size])
def test_nothing_is_written_as_nothing(function):
    assert function(None) == ""


@pytest.mark.parametrize(
    ("value", "zh"),
    [
        (timedelta(days=3, hours=4, minutes=5), "3天4小时"),
        (timedelta(hours=2), "2小时"),
        (90 * 60, "1小时30分钟"),
        (59, "0分钟"),
        (timedelta(days=1, minutes=7), "1天7分钟"),
    ],
)
def test_span_has_its_two_largest_units(value, zh):
    assert chinese(words.span, value) == zh


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (1250, "¥12.50"),
        (0, "¥0.00"),
        (-5, "-¥0.05"),
        (123456789, "¥1,234,567.89"),
        (10**17, "¥1,000,000,000,000,000.00"),
    ],
)
def test_money_is_exact(fen, text):
    assert words.money(fen) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_534_000, "1.5 MB"),
        (999_999, "1.0 MB"),
        (20_000_000, "20.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (123_400_000, "123 MB"),
    ],
)
def test_size(octets, text):
    assert words.size(octets) == text


def test_number_has_thousands():
    assert words.number(17718) == "17,718"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("620902199001011234", "6209**********1234"),
        ("12345678", "********"),
        ("", ""),
        (None, ""),
        ("620902900101123", "6209*******1123"),
    ],
)
def test_mask_id(value, text):
    assert words.mask_id(value) == text


@pytest.mark.parametrize(("value", "text"), [("张三", "张*"), ("欧阳娜娜", "欧***"), ("", ""), (None, "")])
def test_mask_name(value, text):
    assert words.mask_name(value) == text


@pytest.mark.parametrize(("value", "text"), [("10000000001", "100****0001"), ("1234567", "*******"), (None, "")])
def test_mask_phone(value, text):
    assert words.mask_phone(value) == text


def test_yes_no():
    assert (chinese(words.yes_no, True), chinese(words.yes_no, False)) == ("是", "否")


def test_days_on_paper_carry_their_year_and_no_weekday():
    with translation.override("zh-hans"), words.on_paper():
        assert words.day(date(2026, 11, 24)) == "2026年11月24日"
    with translation.override("en"), words.on_paper():
        assert words.day(date(2026, 11, 24)) == "24 November 2026"
    assert chinese(words.day, date(2026, 11, 24)) == "11月24日（周二）"
