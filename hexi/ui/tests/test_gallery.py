"""The gallery answers everywhere, in both languages and editions, and sends nothing inline."""

import re
from pathlib import Path

import pytest
from django.test import Client

from hexi.ui import gallery

TEMPLATES = Path(gallery.__file__).parent / "templates" / "ui"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare_house")]
PAGES = [
    "/ui/", "/ui/home/", "/ui/list/", "/ui/list/?view=none", "/ui/list/?view=late&q=采", "/ui/list/?kind=pine&from=2026-01-01",
    "/ui/list/3/", "/ui/detail/", "/ui/form/", "/ui/steps/1/", "/ui/steps/2/", "/ui/steps/3/", "/ui/steps/4/", "/ui/board/", "/ui/map/",
    "/ui/error/404/", "/ui/error/500/", "/work/ui/list/",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_answers(page, language):
    client = Client()
    client.cookies["django_language"] = language
    response = client.get(page)
    text = response.content.decode()
    assert response.status_code == 200
    assert text.count("<h1") == 1
    assert re.findall(r"\sstyle=|<style|<script(?![^>]*src=)|\son\w+=", text) == []


@pytest.mark.parametrize("file", ["parts.html", "maps.html"])
def test_every_part_is_in_the_gallery(file):
    """Named by one of its templates, or made by a part that is."""
    parts = re.findall(r"{% macro ([a-z]\w*)\((.*?){% endmacro %}", (TEMPLATES / file).read_text("utf-8"), re.DOTALL)
    texts = [one.read_text("utf-8") for one in TEMPLATES.glob("gallery*.html")]
    shown = {name for name, _body in parts if any(re.search(rf"\b(ui|maps)\.{name}\(", text) for text in texts)}
    for _round in parts:
        shown |= {name for name, _ in parts for one, body in parts if one in shown and re.search(rf"\b{name}\(", body)}
    assert sorted({name for name, _body in parts} - shown) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != "/ui/"])
def test_english_is_complete(page):
    """Names of people and places in the samples stay as they are; menus belong to other parts of the house."""
    client = Client()
    client.cookies["django_language"] = "en"
    main = re.search(r"<main.*</main>", client.get(page).content.decode(), re.DOTALL)[0]
    for name in (
        "下西号镇",
        "酒泉市",
        "张掖市",
        "玉门市",
        "敦煌市",
        "张*",
        "王**",
        "李*",
        "马**",
        'value="采"',
        "q=采",
    ):
        main = main.replace(name, "")
    assert re.findall(r"[\u4e00-\u9fff]+", main) == []


@pytest.mark.parametrize("page", ["/ui/steps/0/", "/ui/steps/9/", "/ui/list/999/"])
def test_nothing_beyond_the_samples(page):
    assert Client().get(page).status_code == 404


def test_form_of_the_gallery_refuses_and_keeps():
    data = {"name": "王小明", "volume": "12", "begins": "2026-12-01", "kind": "pine", "way": "post", "agree": "on"}
    response = Client().post("/ui/form/", data)
    text = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_volume"' in text
    assert 'value="王小明"' in text


def test_bulk_action_of_the_gallery():
    response = Client().post("/ui/list/", {"action": "claim", "row": ["1", "2"]}, follow=True)
    assert "示例：认领了 2 件。" in response.content.decode()


def test_export_of_the_gallery():
    response = Client().get("/ui/list/?export=csv&view=late")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 11


def test_headings_do_not_skip_a_level():
    for page in PAGES:
        text = re.sub(r"<dialog.*?</dialog>", "", Client().get(page).content.decode(), flags=re.DOTALL)
        levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)), page
