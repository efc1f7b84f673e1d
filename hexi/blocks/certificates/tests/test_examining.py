"""Our own certificates handed in as materials: void, changed or another one than asked for is said at the upload."""

import io

import pytest
from django.utils.translation import override

from hexi.blocks.certificates import operations
from hexi.blocks.certificates.tests import make
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import reading, shelf
from hexi.blocks.documents.reading import Wanted

pytestmark = pytest.mark.django_db
TITLE = {"title": "林木采伐许可证", "title_en": "Tree-felling permit"}


def handed_in(file: bytes, wanted: Wanted | None = None) -> list[dict]:
    return documents.store(io.BytesIO(file), name="a.pdf", by=make.BY, wanted=wanted).doubts


def file_of(certificate) -> bytes:
    return shelf.path(certificate.document.blob_id).read_bytes()


@pytest.mark.parametrize(
    ("wanted", "doubts"),
    [
        (None, []), (Wanted(types=("felling_permit",)), []), (Wanted(("采伐许可证",)), []),
        (Wanted(("营业执照",)), [{"key": "other", **TITLE, "wanted": "营业执照"}]),
    ],
)  # fmt: skip
def test_a_valid_one_is_told_apart_by_its_type(wanted, doubts):
    assert handed_in(file_of(make.make_certificate()), wanted) == doubts


def test_one_that_no_longer_counts_is_named_with_its_state():
    held = make.make_certificate()
    file = file_of(held)
    operations.revoke(held, reason="不符合条件。", by=make.BY)
    assert handed_in(file) == [{"key": "void", **TITLE, "state": "已撤销", "state_en": "Revoked"}]


def test_it_is_told_in_the_language_of_the_reader_whoever_handed_it_in():
    held = make.make_certificate()
    file = file_of(held)
    operations.revoke(held, reason="不符合条件。", by=make.BY)
    with override("en"):
        (doubt,) = handed_in(file)
        assert reading.sentence(doubt) == "This “Tree-felling permit” does not count now: Revoked."
    assert reading.sentence(doubt) == "这张“林木采伐许可证”现在不作数：已撤销。"


def test_one_that_was_changed_is_told():
    file = file_of(make.make_certificate())
    assert handed_in(file.replace("石河子村一组".encode(), "石河子村二组".encode())) == [{"key": "altered"}]
