"""Previews: upright, small, without EXIF, made once."""

import io
import os

import pytest
from PIL import Image

from hexi.blocks.documents import previews, shelf
from hexi.blocks.documents.tests import make

pytestmark = pytest.mark.django_db


def test_a_preview_is_turned_upright_small_and_says_nothing_about_camera_and_place():
    body = make.make_image("JPEG", 800, 600, turned=True)
    assert b"SecretCamera" in body
    blob = make.make_document(content=body).blob
    path = previews.of(blob, 320)
    with Image.open(path) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (240, 320), {})
    assert b"SecretCamera" not in path.read_bytes()
    assert shelf.path(blob.pk).read_bytes() == body


def test_a_small_picture_is_not_blown_up():
    blob = make.make_document(content=make.make_image("WEBP", 50, 40)).blob
    with Image.open(previews.of(blob, 320)) as image:
        assert image.size == (50, 40)


def test_transparency_becomes_white():
    made = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(made, "PNG")
    with Image.open(previews.of(make.make_document(content=made.getvalue()).blob, 320)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


def test_grey_and_palette_pictures_have_previews_too():
    for mode in ("L", "P", "1", "CMYK"):
        made = io.BytesIO()
        Image.new(mode, (30, 20)).save(made, "JPEG" if mode in ("L", "CMYK") else "PNG")
        with Image.open(previews.of(make.make_document(content=made.getvalue()).blob, 16)) as image:
            assert (image.mode, image.size) == ("RGB", (16, 11))


def test_a_preview_is_made_once():
    blob = make.make_document().blob
    path = previews.of(blob, 320)
    os.utime(path, (1, 1))
    assert previews.of(blob, 320).stat().st_mtime == 1
    assert sorted(one.name for one in path.parent.iterdir()) == [f"{blob.pk}-320.jpg"]


def test_previews_can_be_forgotten():
    blob = make.make_document().blob
    paths = [previews.of(blob, side) for side in (previews.THUMB, previews.SCREEN)]
    previews.forget(blob.pk)
    assert [path.exists() for path in paths] == [False, False]
