"""Language, edition and colours: chosen by link or address, kept in cookies, back to the same page and nowhere else."""

import pytest
from django.test import Client

from hexi.ui.preferences import switch
from hexi.ui.tests.make import make_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare_house")]


def test_switch_link_comes_back_to_the_page_with_its_query():
    request = make_request("/ui/list/?q=采伐&edition=elder")
    assert (
        switch(request, edition="normal")
        == "/preferences/?edition=normal&next=%2Fui%2Flist%2F%3Fq%3D%25E9%2587%2587%25E4%25BC%2590"
    )


def test_edition_is_kept():
    client = Client()
    assert 'data-edition="normal"' in client.get("/ui/error/404/").content.decode()
    response = client.get("/preferences/?edition=elder&next=/ui/list/?q=1")
    assert (response.status_code, response["Location"]) == (302, "/ui/list/?q=1")
    assert 'data-edition="elder"' in client.get("/ui/error/404/").content.decode()


def test_edition_in_any_address_is_kept():
    client = Client()
    assert 'data-edition="elder"' in client.get("/ui/error/404/?edition=elder").content.decode()
    assert client.cookies["hexi_edition"].value == "elder"
    assert 'data-edition="elder"' in client.get("/ui/error/404/").content.decode()


def test_language_is_kept():
    client = Client()
    client.get("/preferences/?language=en&next=/ui/")
    assert '<html lang="en"' in client.get("/ui/error/404/").content.decode()
    client.post("/preferences/", {"language": "zh-hans"})
    assert '<html lang="zh-Hans"' in client.get("/ui/error/404/").content.decode()


def test_chinese_is_first_whatever_the_browser_prefers_only_when_it_prefers_nothing():
    assert '<html lang="zh-Hans"' in Client().get("/ui/error/404/").content.decode()


@pytest.mark.parametrize("field", ["edition=huge", "theme=pink", "language=fr"])
def test_unknown_choices_are_ignored(field):
    assert not Client().get(f"/preferences/?{field}").cookies


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_never_leads_elsewhere(back):
    assert Client().get("/preferences/", {"theme": "dark", "next": back})["Location"] == "/"


def test_cookies_are_closed_to_scripts():
    cookie = Client().get("/preferences/?theme=dark").cookies["hexi_theme"]
    assert (cookie["httponly"], cookie["samesite"], cookie.value) == (True, "Lax", "dark")
