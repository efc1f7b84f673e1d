"""Sheets that wait to be taken in: forgotten after a day, though another request takes one away in the same moment."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from hexi.blocks.cases.pages import sheets
from hexi.blocks.cases.tests import make
from hexi.blocks.people.tests import make as people

OLD, NEW, GONE = "old", "new", "gone"


@pytest.fixture
def kept(settings, tmp_path, monkeypatch):
    """One file of the day before yesterday, one of now, and one that is gone once the folder has been read."""
    settings.MEDIA_ROOT = tmp_path
    moments = {OLD: timezone.now() - 2 * sheets.KEPT, NEW: timezone.now()}
    for name in (OLD, NEW):
        default_storage.save(f"{sheets.FOLDER}/{name}", ContentFile(b"x"))

    def modified(path):
        name = path.rpartition("/")[2]
        if name == GONE:
            raise FileNotFoundError(path)
        return moments[name]

    monkeypatch.setattr(default_storage, "get_modified_time", modified)
    yield lambda: sorted(default_storage.listdir(sheets.FOLDER)[1])
    for name in (OLD, NEW):
        default_storage.delete(f"{sheets.FOLDER}/{name}")


def test_what_is_gone_meanwhile_stops_nothing(kept, monkeypatch):
    listed = ([], [GONE, OLD, NEW])
    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "listdir", lambda folder: listed)
        sheets._forget_old()
    assert kept() == [NEW]


@pytest.mark.django_db
def test_a_sheet_forgotten_while_it_is_taken_in_is_to_be_uploaded_again(client, monkeypatch):
    item = make.make_item()
    client.force_login(people.make_official("catalogue_editor", department=item.department))
    monkeypatch.setattr(default_storage, "exists", lambda path: True)  # there when asked, gone when opened
    page = client.post(reverse("cases.take_items"), {"token": "f" * 32})
    assert (page.status_code, "请重新上传" in page.content.decode()) == (422, True)
