"""Hints from a PDF's own text: over, or another paper than asked for; nothing is refused, pictures get none."""

import io
from datetime import date
from pathlib import Path

import pytest

from hexi.blocks.documents import operations, reading
from hexi.blocks.documents.reading import Wanted
from hexi.blocks.documents.tests import make
from hexi.blocks.documents.tests.make import make_text_pdf
from hexi.kernel import clock

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("有效期至 2020年5月1日", "2020-05-01"), ("有效期限：2015年5月1日至2020年5月1日", "2020-05-01"),
        ("有 效 期", None), ("有效期限 2015.05.01-2020.05.01", "2020-05-01"), ("Valid until 2020-5-1", "2020-05-01"),
        ("有效期至 2026年11月29日", None), ("有效期至 2020年13月41日", None), ("2020年5月1日 签发", None),
        ("有效期：长期", None), ("有效期至2020年5月1日\n有效期至2030年5月1日", None), ("", None),
    ],
)  # fmt: skip
def test_the_last_day_a_paper_names_is_held_against_today(text, day):
    assert list(reading.of_text(text, Wanted(), TODAY)) == ([{"key": "expired", "day": day}] if day else [])


@pytest.mark.parametrize(
    ("text", "words", "doubt"),
    [
        ("不 动 产 权 证 书", ("不动产权证书", "林权证"), False), ("林权证", ("不动产权证书", "林权证"), False),
        ("营业执照", ("不动产权证书", "林权证"), True), ("营业执照", (), False), (" \n", ("林权证",), False),
    ],
)  # fmt: skip
def test_a_paper_without_any_of_the_words_may_be_the_wrong_one(text, words, doubt):
    found = list(reading.of_text(text, Wanted(words), TODAY))
    assert found == ([{"key": "wrong", "wanted": words[0]}] if doubt else [])


@pytest.mark.django_db
def test_the_hints_stay_with_the_document_in_words_and_nothing_is_refused():
    content = io.BytesIO(make_text_pdf("营业执照", "有效期限：2015年5月1日至2020年5月1日"))
    document = operations.store(content, name="a.pdf", by=make.BY, wanted=Wanted(("林权证",)))
    assert [one["key"] for one in document.doubts] == ["expired", "wrong"]
    assert [said[:11] for said in document.hints] == ["这份材料上写的有效期到", "文字里没有找到“林权证"]
    again = operations.attach(document, thing=("tests.thing", "1"), slot="s", by=make.BY, wanted=Wanted(("营业执照",)))
    assert [one["key"] for one in again.doubts] == ["expired"]


@pytest.mark.django_db
def test_pictures_and_pdfs_without_text_get_none():
    for content, name in ((make.make_image(), "a.jpg"), (make_text_pdf(), "a.pdf"), (make.make_docx(), "a.docx")):
        stored = operations.store(io.BytesIO(content), name=name, by=make.BY, wanted=Wanted(("林权证",)))
        assert stored.doubts == []


def test_what_cannot_be_read_gives_none(tmp_path: Path):
    broken = tmp_path / "a.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    assert (reading.text_of(broken), clock.today() > TODAY.replace(year=2000)) == ("", True)
