"""Cutting texts and questions into terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexi.blocks.search import terms
from hexi.blocks.search.terms import Term


def test_chinese_is_cut_into_pairs_and_the_last_character():
    assert list(terms.index_terms("林木采伐")) == ["林木", "木采", "采伐", "伐"]


def test_one_character_is_its_own_term():
    assert list(terms.index_terms("林")) == ["林"]


def test_other_letters_and_figures_stay_whole():
    assert list(terms.index_terms("A类 Permit 2026年，ISO-9001")) == ["a", "类", "permit", "2026", "年", "iso", "9001"]


def test_full_width_letters_are_folded():
    assert terms.normal("　ＡＢＣ１２３　许可 ") == "abc123 许可"


def test_rare_characters_of_the_later_planes_are_chinese():
    assert list(terms.index_terms("𬀩𬀪")) == ["𬀩𬀪", "𬀪"]


def test_a_name_is_found_by_pinyin_and_initials_from_each_syllable():
    found = set(terms.name_terms("采伐许可"))
    assert {"caifaxuke", "faxuke", "xuke", "ke", "cfxk", "fxk", "xk", "k"} <= found


def test_latin_in_a_name_stays_in_its_pinyin():
    assert terms.spellings("A类许可") == ["aleixuke", "alxk"]


def test_a_latin_name_has_no_spelling():
    assert terms.spellings("Felling permit") == []


def test_the_reading_follows_the_word():
    assert terms.spellings("银行")[0] == "yinhang"
    assert terms.spellings("行政许可")[0] == "xingzhengxuke"


def test_terms_are_stored_once_in_their_order():
    assert terms.joined(["许可", "可", "许可"]) == "许可 可"


def test_a_question_wants_its_pairs():
    assert terms.question_terms("采伐许可") == [Term("采伐"), Term("伐许"), Term("许可")]


@pytest.mark.parametrize("question", ["林", "l", "lmcf"])
def test_one_character_and_latin_words_are_beginnings(question):
    assert terms.question_terms(question) == [Term(question, prefix=True)]


@pytest.mark.parametrize("question", ["", "  ", "？！", "'\"*:&|", "__"])
def test_a_question_without_letters_wants_nothing(question):
    assert terms.question_terms(question) == []


def test_a_long_question_is_cut():
    question = "".join(chr(0x4E00 + number) for number in range(300))
    assert len(terms.question_terms(question)) == terms.MOST_TERMS


def test_words_and_names_are_compared_without_marks():
    assert terms.plain("林木采伐许可（Ａ类）") == "林木采伐许可 a 类"
    assert terms.words("林木采伐许可(a类)") == ["林木采伐许可", "a", "类"]


@given(st.text(alphabet=st.sampled_from("采伐许可林木办理ab1 ，（"), max_size=30))
def test_a_text_has_every_term_of_each_question_cut_from_it(text):
    found = set(terms.index_terms(text))
    for start in range(len(text)):
        for term in terms.question_terms(text[start : start + 4]):
            whole = any(one.startswith(term.text) for one in found) if term.prefix else term.text in found
            assert whole or text[start - 1 : start].isascii(), (text, start, term)


@given(st.text(max_size=60))
def test_no_term_holds_a_space_or_a_mark_of_the_query_languages(text):
    for term in (*terms.index_terms(text), *terms.name_terms(text)):
        assert term
        assert not set(term) & set(" '\"*:&|()!\\<>\t\n\x00")
