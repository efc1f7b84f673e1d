"""The gallery in a real browser: axe, sizes of targets and type, keys, panel and dialogs, and life without JavaScript."""

import pytest
from playwright.sync_api import expect

from hexi.ui.assets import BUILT, HOME

AXE = HOME / "node_modules/axe-core/axe.min.js"
PHONE, DESKTOP = (390, 844), (1280, 900)
pytestmark = [
    pytest.mark.walk,
    pytest.mark.skipif(not AXE.exists() or not BUILT.exists(), reason="assets not built: python -m hexi.ui.build"),
]
EVERYWHERE = [
    (lang, edition, size) for lang in ("zh-hans", "en") for edition in ("normal", "elder") for size in (PHONE, DESKTOP)
]
KINDS = [
    "/ui/home/", "/ui/list/", "/ui/list/?view=none", "/ui/detail/", "/ui/form/", "/ui/steps/2/", "/ui/steps/4/", "/ui/board/",
    "/ui/error/404/", "/ui/error/500/", "/work/ui/list/",
]  # fmt: skip
# buttons, fields and entries of menus; links inside running text and table rows are not targets of their own (WCAG 2.5.8)
TARGETS = (
    ".btn, .form-control, .form-select, .form-check, .tabs a, .pages a, .strip-tools > li > a, .strip-tools summary, "
    ".bottom a, .mast-nav a, .tile, .topics a, .fold > summary, .hot a, .star"
)


@pytest.fixture
def visit(chromium, live_server, sample_house):
    """Open a page of the running site as somebody with these choices; complains about errors on the console."""
    contexts = []

    def opened(path, *, size=DESKTOP, lang="zh-hans", edition="normal", theme="auto", **how):
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **how)
        choices = {"django_language": lang, "hexi_edition": edition, "hexi_theme": theme}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in choices.items()])
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda line: page.faults.append(line.text) if _is_fault(line) else None)
        page.goto(live_server.url + path)
        contexts.append(context)
        return page

    yield opened
    for context in contexts:
        context.close()


def _is_fault(line):
    """The browser itself reports a page of status 404 or 422 as an error; that is not one of ours."""
    return line.type == "error" and "Failed to load resource" not in line.text


def violations(page):
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((said) => said.violations)")
    return [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]]


def too_small(page, least):
    """Targets whose smaller side is under `least` px."""
    return page.evaluate(
        """([names, least]) => [...document.querySelectorAll(names)].filter((one) => {
          const box = one.getBoundingClientRect();
          return box.width > 0 && box.height > 0 && Math.min(box.width, box.height) < least - 0.5;
        }).map((one) => one.outerHTML.slice(0, 90))""",
        [TARGETS, least],
    )


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize(("lang", "edition", "size"), EVERYWHERE)
def test_every_part_everywhere(visit, lang, edition, size):
    page = visit("/ui/", lang=lang, edition=edition, size=size)
    assert violations(page) == []
    assert too_small(page, 60 if edition == "elder" else 44) == []
    assert overflow(page) <= 0
    assert page.faults == []


def test_axe_sees_what_is_wrong(visit):
    page = visit("/ui/error/404/")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=x><input>')")
    assert sorted(rule for rule, _html in violations(page)) == ["image-alt", "label"]


@pytest.mark.parametrize("theme", ["dark", "contrast"])
def test_every_part_in_other_colours(visit, theme):
    assert violations(visit("/ui/", theme=theme)) == []


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize(("lang", "edition", "size"), [("zh-hans", "elder", PHONE), ("en", "normal", DESKTOP)])
def test_every_kind_of_page(visit, path, lang, edition, size):
    page = visit(path, lang=lang, edition=edition, size=size)
    assert violations(page) == []
    assert overflow(page) <= 0
    assert page.faults == []
    if edition == "elder":
        assert too_small(page, 60) == []


def test_elder_edition_has_larger_type(visit):
    measure = "[getComputedStyle(document.body).fontSize, parseFloat(getComputedStyle(document.body).lineHeight)]"
    assert visit("/ui/").evaluate(measure) == ["16px", pytest.approx(25.6)]
    assert visit("/ui/", edition="elder").evaluate(measure) == ["20px", pytest.approx(34)]


def test_form_sent_with_mistakes(visit):
    page = visit("/ui/form/")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert violations(page) == []
    page.locator(".error-summary a").first.click()
    expect(page.locator("#id_name")).to_be_focused()


def test_list_by_keyboard(visit):
    page = visit("/ui/list/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    assert page.locator("[data-row].is-here .row-tick").is_checked()
    assert page.locator(".bulk [data-ticked]").inner_text() == "1"
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")
    expect(page.locator("#keys :focus")).to_have_count(0)
    page.keyboard.press("Enter")
    page.locator("#panel-body h1").wait_for()
    assert page.url.endswith("/ui/list/")
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()
    expect(page.locator("[data-open]:focus")).to_have_count(1)


def test_list_swaps_and_the_address_follows(visit):
    page = visit("/ui/list/")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="已超期").click()
    page.wait_for_url("**/ui/list/?view=late")
    page.get_by_label("种类").select_option("pine")
    page.wait_for_url("**/ui/list/?**kind=pine**")
    assert "view=late" in page.url
    assert page.evaluate("window.same") is True
    page.go_back()
    expect(page.locator("#filter-kind")).to_have_value("")
    assert page.url.endswith("/ui/list/?view=late")
    assert page.locator("h1").count() == 1


def test_materials_are_flipped_zoomed_and_turned(visit):
    page = visit("/ui/")
    pages = page.locator("[data-page]")
    assert [pages.nth(0).is_visible(), pages.nth(1).is_visible()] == [True, False]
    page.get_by_role("button", name="下一份").click()
    assert [pages.nth(0).is_visible(), pages.nth(1).is_visible()] == [False, True]
    assert page.locator(".viewer [role=status]").inner_text() == "2 / 2"
    page.keyboard.press("+")
    page.keyboard.press("r")
    assert pages.nth(1).get_attribute("class").split() == ["turned-1", "zoomed-2"]
    page.keyboard.press("]")
    assert pages.nth(0).is_visible()
    assert page.faults == []


def test_characters_left_are_counted(visit):
    page = visit("/ui/")
    page.locator("#id_note").fill("采伐杨树")
    assert page.locator(".counter span").inner_text() == "196"


def test_dialog_opens_and_closes(visit):
    page = visit("/ui/")
    page.get_by_role("button", name="打开对话框").click()
    assert page.locator("#sample-dialog").is_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not page.locator("#sample-dialog").is_visible()


def test_without_javascript(visit):
    page = visit("/ui/", java_script_enabled=False)
    assert page.locator("[data-page]").nth(1).is_visible()
    assert not page.locator(".viewer-tools").is_visible()
    page = visit("/ui/list/", java_script_enabled=False)
    page.get_by_label("种类").select_option("pine")
    page.get_by_role("button", name="筛选").click()
    assert "kind=pine" in page.url
    page.locator(".row-tick").first.check()
    page.get_by_role("button", name="认领").click()
    assert page.get_by_text("示例：认领了 1 件。").is_visible()
    page.get_by_role("link", name="下一页").click()
    assert "page=2" in page.url
    page.locator("[data-open]").first.click()
    assert page.locator("h1").count() == 1
    page.get_by_role("link", name="长者版").click()
    assert page.locator("html").get_attribute("data-edition") == "elder"
    page.get_by_text("显示", exact=True).first.click()
    page.get_by_role("link", name="深色").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_keyboard_reaches_the_content_first(visit):
    page = visit("/ui/list/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_print_leaves_the_controls_away(visit):
    page = visit("/ui/list/")
    page.emulate_media(media="print")
    for part in (".top", ".foot", ".filters", ".pages", ".list-tools"):
        assert not page.locator(part).first.is_visible(), part
    assert page.locator("table").is_visible()
