"""Every page without arguments is linked from a menu, the footer, the site map, "my", or another page."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

import hexi
from hexi.fronts.citizen.pages import mine
from hexi.kernel.manifest import added_by
from hexi.ui import doors

HOME = Path(hexi.__file__).parent
PAGES = {
    doors.url_name(manifest, page): page
    for manifest, page in added_by(doors.Page)
    if "<" not in page.path and page.menu is not False
}


def sources():
    """Lines that may link: our code and templates without the tests, and without crumbs, which lead back from below."""
    for path in sorted(HOME.rglob("*")):
        if path.suffix in (".py", ".html") and not {"tests", "node_modules", "built"} & set(path.parts):
            yield from (line for line in path.read_text("utf-8").splitlines() if "crumbs" not in line)


@pytest.fixture(scope="module")
def named():
    """Names of pages that a line of ours writes."""
    return set(re.findall(r"[\"']([a-z_]+\.[a-z_0-9]+)[\"']", "\n".join(sources())))


def test_every_page_at_work_is_in_the_menu_or_linked_from_another(named):
    lost = [name for name, page in PAGES.items() if page.door in ("workbench", "command") and not page.menu]
    assert [name for name in lost if name not in named] == []


def test_everything_of_mine_is_on_my_page_or_linked_from_another(named):
    shown = {one["url"] for one in mine()}
    own = [name for name, page in PAGES.items() if page.path.startswith("my/") and not page.menu]
    assert [name for name in own if reverse(name) not in shown and name not in named] == []


@pytest.mark.django_db
def test_the_footer_leads_to_the_site_map_and_that_to_every_public_page(client):
    home = client.get("/").content.decode()
    foot = home[home.index('<footer class="foot"') :]
    for name in ("citizen.site_map", "cases.powers", "cases.rating_results", "indicators.indicators"):
        assert f'<a href="{reverse(name)}">' in foot
    public = [name for name, page in PAGES.items() if page.door in ("citizen", "plain") and not page.verb]
    text = client.get(reverse("citizen.site_map")).content.decode()
    assert [name for name in public if f'<a href="{reverse(name)}">' not in text] == []


@pytest.mark.django_db
def test_the_site_map_offers_only_pages(client):
    text = client.get(reverse("citizen.site_map")).content.decode()
    part = text[text.index("<main") : text.index("</main>")]
    answers = {url: client.get(url) for url in re.findall('<a href="([^"]+)">', part)}
    shown = {url: (one.status_code, one["Content-Type"].partition(";")[0]) for url, one in answers.items()}
    assert {url: one for url, one in shown.items() if one not in ((200, "text/html"), (302, "text/html"))} == {}
