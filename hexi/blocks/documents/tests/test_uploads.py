"""Uploads beyond the limit never reach the disk whole, and say so with their true size."""

import io
import tempfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hexi.blocks.documents import operations
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests import make
from hexi.blocks.documents.uploads import Bounded, Cut
from hexi.blocks.people.tests.make import make_citizen
from hexi.kernel.options import override


@pytest.fixture
def handlers(settings):
    settings.FILE_UPLOAD_HANDLERS = ["hexi.blocks.documents.uploads.Bounded"]


def received(body: bytes, piece: int):
    handler = Bounded()
    handler.new_file("file", "a.jpg", "image/jpeg", len(body))
    for start in range(0, len(body), piece):
        handler.receive_data_chunk(body[start : start + piece], start)
        assert Path(handler.file.temporary_file_path()).stat().st_size <= operations.MAX_BYTES.value + piece
    return handler.file_complete(len(body))


@pytest.mark.parametrize("size", [0, 1, 999, 1000])
def test_a_file_within_the_limit_arrives_whole(size):
    with override(operations.MAX_BYTES, 1000):
        file = received(b"x" * size, 100)
    assert (file.size, file.read(), file.name) == (size, b"x" * size, "a.jpg")


def test_of_a_larger_file_only_the_size_is_kept():
    before = set(Path(tempfile.gettempdir()).glob("*.upload*"))
    with override(operations.MAX_BYTES, 1000):
        file = received(b"x" * 50_000, 100)
        assert (type(file), file.size) == (Cut, 50_000)
        for read in (file.read, lambda: list(file.chunks())):
            with pytest.raises(ValidationError, match=r"最多 1.0 kB，这份至少有 50.0 kB"):
                read()
    file.close()
    assert set(Path(tempfile.gettempdir()).glob("*.upload*")) == before


@pytest.mark.django_db
def test_a_page_answers_an_oversized_upload_with_the_reason(client, handlers):
    client.force_login(make_citizen())
    with override(operations.MAX_BYTES, 1_000):
        file = SimpleUploadedFile("a.jpg", make.make_image())
        answer = client.post(reverse("documents.mine"), {"title": "身份证", "file": file})
    assert (answer.status_code, "最多 1.0 kB" in answer.content.decode()) == (422, True)
    assert Document.objects.count() == 0


@pytest.mark.django_db
def test_a_page_takes_an_upload_that_fits(client, handlers):
    body = make.make_image()
    client.force_login(make_citizen())
    client.post(reverse("documents.mine"), {"title": "身份证", "file": io.BytesIO(body)})
    assert Document.objects.get().blob.size == len(body)
