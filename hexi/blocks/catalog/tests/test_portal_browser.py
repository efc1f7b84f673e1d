"""The portal in a real browser: phone, desktop, elder edition, and all of it without JavaScript."""

import pytest

from hexi.blocks.catalog.tests.test_actions import house

__all__ = ["house"]
pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]
PHONE, DESKTOP = (390, 844), (1280, 900)


@pytest.fixture
def visit(chromium, live_server, house):
    """Open a page with these choices; faults of the page are kept."""
    contexts = []

    def opened(path, *, size=DESKTOP, edition="normal", lang="zh-hans", script=True):
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=script)
        choices = {"django_language": lang, "hexi_edition": edition}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in choices.items()])
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_pages_fit_every_screen_and_break_nothing(visit, house):
    slug = house["行政区划"].slug
    paths = ["/data/", f"/data/{slug}/", f"/data/{slug}/chart/?by=level&kind=line", f"/data/{slug}/map/?region=620981000000",
             "/data/api/", "/data/wishes/", "/data/products/"]  # fmt: skip
    for path in paths:
        for size, edition, lang in ((PHONE, "normal", "zh-hans"), (PHONE, "elder", "en"), (DESKTOP, "normal", "en")):
            page = visit(path, size=size, edition=edition, lang=lang)
            assert page.faults == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (path, size, edition)


def test_somebody_who_does_not_program_draws_a_chart_without_javascript(visit, house):
    page = visit("/data/", script=False)
    page.fill("[name=q]", "区划")
    page.click(".hero-search button")
    page.click("main .card h2 a")
    page.click("main .heading-actions a.btn-primary")
    page.select_option("[name=by]", "level")
    page.click("main form button[type=submit]")
    assert page.locator("main meter").count() == 5
    assert "by=level" in page.url
    assert page.get_attribute("[data-share]", "href") == page.url
    page.check("[name=kind][value=line]")
    page.click("main form button[type=submit]")
    assert page.locator("main svg polyline").count() == 1
    page.goto(page.url.partition("chart/")[0])
    with page.expect_download() as found:
        page.click("main a[href$='rows.csv']")
    assert found.value.path().read_bytes().startswith("\ufeff区划代码,名称,级别".encode())
