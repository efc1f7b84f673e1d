"""Files made to hurt, and honest files that are not what a textbook says: taken whole or refused in words, never worse."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from hexi.blocks.documents import content, previews
from hexi.blocks.documents.kinds import JPEG, PDF, PNG, WEBP, Kind, Limits, Refused
from hexi.blocks.documents.tests import make

LIMITS = Limits(pixels=60_000_000)
HARMLESS = [
    make.make_image("JPEG", 60, 40, turned=True),
    make.make_image("PNG", 60, 40),
    make.make_image("WEBP", 60, 40, turned=True),
    make.make_two_in_one(60, 40),
    make.make_pdf(),
    make.make_pdf_stream(b"5 0 <</A 1>>"),
    make.make_docx(),
    make.make_ofd(),
]


def kind_of(body: bytes, tmp_path, limits: Limits = LIMITS) -> Kind:
    path = tmp_path / "upload"
    path.write_bytes(body)
    return content.kind_of(path, "upload", limits)


def test_a_photo_with_a_second_picture_behind_it_is_a_jpeg(tmp_path):
    """What phones make when they add a depth or brightness map (CIPA DC-007, MPO)."""
    assert kind_of(make.make_two_in_one(300, 200), tmp_path) == Kind(JPEG, None, 300, 200, "small")
    assert previews.small(tmp_path / "upload", 30).size == (30, 20)


@pytest.mark.parametrize("place", [0, 1, 3, 5])
def test_a_photo_with_a_damaged_note_of_its_camera_has_a_preview(place, tmp_path):
    body = make.make_image("JPEG", 60, 40, turned=True)
    exif = body.index(b"Exif\0\0") + 6 + place
    assert kind_of(body[:exif] + b"\xff" + body[exif + 1 :], tmp_path).media_type == JPEG
    assert max(previews.small(tmp_path / "upload", 30).size) == 30


@pytest.mark.parametrize(
    "types",
    [
        '<Override PartName="/word/a.bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        "application/vnd.ms-word.document.macroEnabled.main+xml".encode("utf-16"),
        "APPLICATION/VND.MS-WORD.DOCUMENT.MACROENABLED.MAIN+XML",
    ],
    ids=["under another name", "in UTF-16", "in capitals"],
)
def test_macros_that_hide_are_found(types, tmp_path):
    body = make.make_zip({"[Content_Types].xml": types, "word/document.xml": "<document/>", "word/a.bin": "x"})
    with pytest.raises(Refused) as refused:
        kind_of(body, tmp_path)
    assert refused.value.code == "macros"


def test_a_pdf_of_very_many_tiny_objects_is_refused_without_reading_them(tmp_path):
    assert kind_of(make.make_pdf_of_numbers(5), tmp_path, Limits(1, objects=8)) == Kind(PDF, pages=1)
    begun = time.process_time()
    with pytest.raises(Refused) as refused:
        kind_of(make.make_pdf_of_numbers(200_000), tmp_path)
    assert (refused.value.code, time.process_time() - begun < 3) == ("complex", True)


def test_an_object_stream_that_unfolds_very_far_is_refused(tmp_path):
    assert kind_of(make.make_pdf_stream(b"5 0 <</A 1>>"), tmp_path) == Kind(PDF, pages=1)
    bomb = make.make_pdf_stream(b"5 0 <</A 1>>", blanks=100_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(Refused) as refused:
        kind_of(bomb, tmp_path)
    assert refused.value.code == "broken"


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.data())
def test_a_damaged_file_is_refused_in_words_or_taken_and_a_picture_taken_has_a_preview(tmp_path, data):
    body = bytearray(data.draw(some.sampled_from(HARMLESS)))
    for _ in range(data.draw(some.integers(0, 6))):
        body[data.draw(some.integers(0, len(body) - 1))] = data.draw(some.integers(0, 255))
    del body[data.draw(some.integers(len(body) // 2, len(body))) :]
    try:
        taken = kind_of(bytes(body), tmp_path).media_type
    except Refused:  # anything else a library raises fails the test
        return
    if taken in (JPEG, PNG, WEBP):
        assert max(previews.small(tmp_path / "upload", 30).size) <= 30
