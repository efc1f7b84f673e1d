"""Translations: every Chinese sentence a person may read has its English, with the same named values."""

from pathlib import Path

import pytest

from hexi.site import translations


@pytest.mark.parametrize("home", translations.parts(), ids=lambda home: f"{home.parent.name}/{home.name}")
def test_english_is_complete(home: Path):
    assert translations.missing(home) == []


@pytest.mark.parametrize("home", translations.parts(), ids=lambda home: f"{home.parent.name}/{home.name}")
def test_english_has_no_leftovers(home: Path):
    known = translations.sentences(home)
    ids = [message.id if isinstance(message.id, str) else message.id[0] for message in translations.catalogue(home) if message.id]
    assert [text for text in ids if text not in known] == []
