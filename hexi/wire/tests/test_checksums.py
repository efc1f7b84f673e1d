"""Identifiers of real standards and registers, and every single wrong character of them."""

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexi.wire import checksums
from hexi.wire.checksums import Wrong, make_credit_code, make_resident_id, read_credit_code, read_resident_id

#: public bodies and listed companies, and the issuers of the two licences below
CREDIT_CODES = [
    ("11100000000013338W", "100000", "000013338"),
    ("11430000006122244L", "430000", "006122244"),
    ("11220000013544541J", "220000", "013544541"),
    ("11440232MB2D06811W", "440232", "MB2D06811"),
    ("12441500196720244T", "441500", "196720244"),
    ("91110108551385082Q", "110108", "551385082"),
    ("91440300708461136T", "440300", "708461136"),
]
LICENCES = [
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
]


def reason(read, text):
    """Why `read` refuses a text."""
    with pytest.raises(Wrong) as caught:
        read(text)
    return caught.value.reason


def test_the_example_of_the_standard_is_right_and_says_birth_and_sex():
    person = read_resident_id("11010519491231002X")
    assert (person.area, person.birth, person.male) == ("110105", date(1949, 12, 31), False)


def test_fifteen_digits_become_eighteen():
    assert read_resident_id("110105491231002").number == "11010519491231002X"


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_what_people_type_is_read(typed):
    assert read_resident_id(typed).number == "11010519491231002X"


def test_an_unknown_area_is_accepted():
    assert read_resident_id(make_resident_id("629999", date(1990, 1, 1), 1)).area == "629999"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "length"),
        ("1101051949123100", "length"),
        ("11010519491231002XX", "length"),
        ("1101051949123100AX", "characters"),
        ("11010X194912310021", "characters"),
        ("11010549123100X", "characters"),
        ("110105194902300021", "birth"),
        ("110105000012310021", "birth"),
        ("110105491331002", "birth"),
        ("110105194912310021", "check"),
        ("11015019491231002X", "check"),
    ],
)
def test_a_wrong_identity_number_says_why(text, why):
    assert reason(read_resident_id, text) == why


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(1, 999))
def test_made_numbers_are_read_back(birth, serial):
    person = read_resident_id(make_resident_id("620981", birth, serial))
    assert (person.area, person.birth, person.male) == ("620981", birth, serial % 2 == 1)


@given(st.integers(0, 16), st.integers(1, 9), st.integers(1, 999))
def test_one_wrong_digit_is_always_found(place, shift, serial):
    number = make_resident_id("620981", date(1975, 6, 15), serial)
    digit = (int(number[place]) + shift) % 10
    assert reason(read_resident_id, number[:place] + str(digit) + number[place + 1 :]) in ("check", "birth")


@pytest.mark.parametrize(("code", "area", "organisation"), CREDIT_CODES)
def test_real_credit_codes_are_right_with_their_inner_organisation_code(code, area, organisation):
    read = read_credit_code(code)
    assert (read.code, read.kind, read.area, read.organisation) == (code, code[:2], area, organisation)
    assert checksums.is_organisation_code(organisation)


@pytest.mark.parametrize("kind", ["11", "91", "93", "A1", "N1", "Y1", "WX"])
def test_any_registering_authority_of_the_alphabet_is_accepted(kind):
    assert read_credit_code(make_credit_code(kind, "629999", "MA0000AB")).kind == kind


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("11100000000013338", "length"),
        ("1110000000001333OW", "characters"),
        ("11A00000000013338W", "characters"),
        ("11100000000013339W", "check"),
        ("111000000000133389", "check"),
    ],
)
def test_a_wrong_credit_code_says_why(text, why):
    assert reason(read_credit_code, text) == why


def test_a_right_last_character_does_not_hide_a_wrong_organisation_code():
    first17 = "11100000" + "000013339"
    assert reason(read_credit_code, first17 + checksums.credit_check(first17)) == "organisation"


@given(st.data(), st.sampled_from([code for code, _, _ in CREDIT_CODES]))
def test_one_wrong_character_of_a_credit_code_is_always_found(data, code):
    place = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(sorted(set(checksums.ALPHABET31) - {code[place]})))
    assert reason(read_credit_code, code[:place] + other + code[place + 1 :]) in ("check", "characters")


@pytest.mark.parametrize(
    ("code", "right"),
    [("000013338", True), ("D2143569-X", True), ("D2143569X", True), ("000013339", False), ("00001333", False)],
)
def test_organisation_codes(code, right):
    assert checksums.is_organisation_code(code) is right


def test_the_organisation_check_of_ten_is_x_and_of_eleven_is_0():
    assert checksums.organisation_check("D2143569") == "X"
    assert checksums.organisation_check("00000000") == "0"


@pytest.mark.parametrize("identifier", LICENCES)
def test_real_licence_identifiers_have_the_right_last_character(identifier):
    assert checksums.licence_check(identifier[:-2]) == identifier[-1]
    assert checksums.is_licence_identifier(identifier)


@pytest.mark.parametrize(
    "identifier",
    [
        LICENCES[0][:-1] + "V",
        LICENCES[0].replace(".001.", ".002."),
        LICENCES[0].removeprefix("1.2."),
        LICENCES[0].lower(),
        LICENCES[0].replace(".001.", ".1."),
        LICENCES[0][:-2],
    ],
)
def test_a_changed_licence_identifier_is_refused(identifier):
    assert not checksums.is_licence_identifier(identifier)


def test_the_root_of_the_identifier_is_not_counted():
    whole = LICENCES[0][:-2].replace(".", "")
    assert checksums.mod37_36(whole) != "U"


@given(st.text(checksums.ALPHABET36, min_size=1, max_size=60), st.data())
def test_mod37_36_finds_every_single_wrong_character(text, data):
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(sorted(set(checksums.ALPHABET36) - {text[place]})))
    assert checksums.mod37_36(text[:place] + other + text[place + 1 :]) != checksums.mod37_36(text)


def test_mod37_36_finds_all_but_a_few_swapped_neighbours():
    """The first character brings each of the 36 inner states once, so this is every case: 36 of 22,680 go unseen."""
    signs = checksums.ALPHABET36
    unseen = [
        (first, one, two)
        for first in signs
        for one, two in combinations(signs, 2)
        if checksums.mod37_36(first + one + two) == checksums.mod37_36(first + two + one)
    ]
    assert len(unseen) == 36


def test_mod37_36_refuses_other_characters():
    with pytest.raises(ValueError):
        checksums.mod37_36("12a")
