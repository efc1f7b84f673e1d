"""Hints about photographed papers, on papers made here: sharp ones pass, spoilt ones are told why."""

import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from hexi.blocks.documents import fonts, looks, operations
from hexi.blocks.documents.tests.make import BY


def paper(width=1200, height=1600, margin=120):
    """A page of print on light paper, lying on a darker table."""
    page = Image.new("L", (width, height), 238)
    brush = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(fonts.file_of()), 34)
    for number in range(18):
        brush.text((margin, 140 + 74 * number), "兹证明林木所有权归石建国，四至清楚。" * 2, fill=40, font=font)
    return page


PAGE = paper()


@pytest.mark.parametrize(
    ("picture", "hint"),
    [
        (PAGE.crop((0, 0, 1200, 1600)), "cut"), (paper(margin=120).resize((500, 660)), "small"),
        (PAGE.filter(ImageFilter.GaussianBlur(9)), "blurred"), (ImageEnhance.Brightness(PAGE).enhance(0.12), "dark"),
        (Image.new("L", (900, 900), 254), "pale"),
    ],
)  # fmt: skip
def test_what_is_spoilt_is_told(picture, hint):
    assert looks.look(picture) == hint


def test_a_whole_sharp_page_passes():
    whole = Image.new("L", (2600, 2000), 200)
    whole.paste(PAGE.resize((1000, 1333)), (700, 300))
    # print stops before the edge of the paper, and the table is light: nothing runs out of the picture
    assert looks.look(whole) == ""
    assert looks.look(whole.filter(ImageFilter.GaussianBlur(1.2))) == ""


@pytest.mark.django_db
def test_the_hint_stays_with_the_content_and_is_said():
    file = io.BytesIO()
    PAGE.filter(ImageFilter.GaussianBlur(9)).save(file, "JPEG")
    document = operations.store(ContentFile(file.getvalue()), name="permit.jpg", by=BY)
    assert document.blob.look == "blurred"
    assert "模糊" in document.blob.hint
