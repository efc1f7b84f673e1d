"""A form posted after the session ended is offered again, once, within half an hour."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hexi.ui import kept
from hexi.ui.tests.make import make_request

pytestmark = pytest.mark.usefixtures("bare_house")


def test_fields_but_not_the_token_are_kept_and_files_named():
    post = {"a": ["1", "2"], "csrfmiddlewaretoken": "x", "photo": SimpleUploadedFile("tree.jpg", b"...")}
    request = make_request("/apply/?step=2", post=post)
    assert kept.keep(request)
    found = request.session[kept.KEY]
    assert (found["action"], found["fields"], found["files"]) == (
        "/apply/?step=2",
        [["a", "1"], ["a", "2"]],
        ["tree.jpg"],
    )


def test_nothing_and_too_much_are_not_kept():
    assert not kept.keep(make_request(post={"csrfmiddlewaretoken": "x"}))
    assert not kept.keep(make_request(post={"a": "字" * kept.LARGEST}))


def test_shown_once():
    request = make_request("/apply/", post={"name": "<王>"})
    kept.keep(request)
    page = make_request("/kept/", signed_in=True)
    page.session = request.session
    html = kept.kept(page).content.decode()
    assert '<input type="hidden" name="name" value="&lt;王&gt;">' in html
    assert 'action="/apply/"' in html
    assert "csrfmiddlewaretoken" in html
    assert kept.kept(page)["Location"] == "/"


def test_gone_after_half_an_hour(monkeypatch):
    request = make_request("/apply/", post={"name": "王"})
    kept.keep(request)
    request.session[kept.KEY]["at"] -= kept.SECONDS + 1
    assert kept.kept(request)["Location"] == "/"
