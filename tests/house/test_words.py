"""Translations: every Chinese sentence a person may read has its English, with the same named values."""

import re
from pathlib import Path

import pytest

from hexi.site import translations


@pytest.mark.parametrize("home", translations.parts(), ids=lambda home: f"{home.parent.name}/{home.name}")
def test_english_is_complete(home: Path):
    assert translations.missing(home) == []


@pytest.mark.parametrize("home", translations.parts(), ids=lambda home: f"{home.parent.name}/{home.name}")
def test_english_has_no_leftovers(home: Path):
    assert sorted(set(translations.catalogue(home)) - translations.sentences(home)) == []


def test_parts_agree_on_shared_sentences():
    """Catalogues are merged, so one sentence has one English; two meanings are told apart by pgettext."""
    english: dict[translations.Key, dict[object, list[str]]] = {}
    for home in translations.parts():
        for key, message in translations.catalogue(home).items():
            english.setdefault(key, {}).setdefault(message.string, []).append(home.name)
    assert {key: words for key, words in english.items() if len(words) > 1} == {}


def test_english_shows_no_chinese_punctuation():
    """Examples of what to type may be Chinese; brackets, commas and colons may not."""
    wide = re.compile("[\u3000-\u303f\uff00-\uffef]")
    wrong = [
        (home.name, message.id)
        for home in translations.parts()
        for message in translations.catalogue(home).values()
        if wide.search(str(message.string))
    ]
    assert wrong == []
