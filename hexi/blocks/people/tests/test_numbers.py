"""Numbers and names: what is accepted, and the sentence when it is not."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.people import names, numbers
from hexi.blocks.people.models import IdentifierType
from hexi.blocks.people.tests.make import credit_number, make_types, resident_number
from hexi.wire.checksums import make_resident_id

pytestmark = pytest.mark.django_db


def read(code: str, text: str) -> numbers.Number:
    make_types()
    return numbers.read(IdentifierType.objects.get(pk=code), text)


def sentence(code: str, text: str) -> str:
    with pytest.raises(ValidationError) as refused:
        read(code, text)
    assert list(refused.value.message_dict) == ["number"]
    return refused.value.message_dict["number"][0]


def test_an_identity_number_tells_birth_and_gender():
    found = read("111", make_resident_id("629999", date(1968, 5, 12), 7).lower())
    assert (found.born, found.gender) == (date(1968, 5, 12), "1")
    assert read("111", make_resident_id("629999", date(2001, 1, 1), 8)).gender == "2"


def test_the_old_form_of_15_digits_becomes_the_new_one():
    new = make_resident_id("629999", date(1968, 5, 12), 7)
    assert read("111", new[:6] + new[8:17]).text == new


def test_blanks_are_forgiven():
    number = resident_number(7)
    assert read("111", f" {number[:6]} {number[6:14]} {number[14:]} ").text == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("62999919680512", "公民身份号码应为 18 位，现在是 14 位，请补全或删去多余的字符。"),
        ("62999919680512O017", "公民身份号码里有不该出现的字符，请对照证件逐位核对。"),
        ("629999196802300015", "公民身份号码第 7 至 14 位不是真实的出生日期，请核对。"),
    ],
)
def test_each_fault_of_an_identity_number_has_its_sentence(text, expected):
    assert sentence("111", text) == expected


def test_a_wrong_check_character_is_named():
    number = resident_number(9)
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    assert sentence("111", wrong) == "公民身份号码第 18 位校验码不对，请逐位核对。"


def test_nobody_is_born_tomorrow():
    assert "出生日期" in sentence("111", make_resident_id("629999", date(2999, 1, 1), 1))


def test_a_credit_code_is_checked_twice():
    code = credit_number(3)
    assert read("001", code).text == code
    swapped = code[:16] + ("0" if code[16] != "0" else "1") + code[17]
    assert sentence("001", swapped) == "统一社会信用代码第 18 位校验码不对，请逐位核对。"
    assert "18 位" in sentence("001", code[:-1])


@pytest.mark.parametrize(("code", "good", "bad"), [("414", "E12345678", "E1"), ("516", "H12345678", "X12345678")])
def test_other_documents_follow_their_pattern(code, good, bad):
    assert read(code, good).text == good
    assert "格式不对" in sentence(code, bad)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("石建国", " 石 建国 ", True),
        ("古丽·买买提", "古丽•买买提", True),
        ("古丽·买买提", "古丽．买买提", True),
        ("John  Smith", "john smith", True),
        ("石建国", "石建军", False),
    ],
)
def test_names_are_the_same_but_for_blanks_dots_and_case(one, other, same):
    assert names.same_name(one, other) is same


@pytest.mark.parametrize(
    ("text", "phone"),
    [("", ""), ("100 0000 0001", "10000000001"), ("+86 10000000001", "10000000001"), ("0937-3330000", "0937-3330000")],
)
def test_telephone_numbers_have_one_form(text, phone):
    assert names.read_phone(text) == phone


@pytest.mark.parametrize("text", ["1234", "110", "100000000011", "abc"])
def test_what_is_no_telephone_number_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        names.read_phone(text)
    assert list(refused.value.message_dict) == ["phone"]
