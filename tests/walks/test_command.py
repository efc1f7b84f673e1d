"""The command wall: live by server-sent events, figures that open their lists, drilling, a map that is really drawn."""

import io
import re

import pytest
from PIL import Image

from tests.walks.measures import HEAVIEST, HEAVIEST_MAP, violations, weight

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
WALL, YUMEN = "/command/", "620981000000"
DRAWN = "[data-map-drawn]"


def number(page, key="orders"):
    return int(page.locator(f"[data-wall-figure={key}]").inner_text())


def report(page, text):
    """An order by the operator, who types what a caller says."""
    page.goto("/work/requests/intake/")
    page.fill("main [name=phone]", "10000000077")
    page.fill("main [name=text]", text)
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_selector("text=已登记")


def colours(page):
    """How many different colours the map has, and the share of the commonest one, read from the picture of its canvas."""
    picture = Image.open(io.BytesIO(page.locator(".map-ground canvas").screenshot())).convert("RGB").resize((160, 100))
    found = picture.getcolors(16_000)
    return len(found), max(n for n, _colour in found) / (160 * 100)


def watch_policy(page):
    """What the page's policy refuses from now on."""
    page.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation', (e) => window.refused.push(e.violatedDirective + ' ' + e.blockedURI));"
    )


def test_the_wall_is_live(visit):
    wall, desk = visit("commander"), visit("operator")
    watch_policy(wall)
    wall.goto(f"{WALL}?division={YUMEN}")
    wall.wait_for_selector(DRAWN)
    wall.wait_for_selector("text=实时更新")
    before, rows = number(wall), wall.locator("#lists .map-things li").count()
    report(desk, "村口水渠盖板断了，走查刚才说的。")
    wall.wait_for_function(
        f"() => document.querySelector('[data-wall-figure=orders]').textContent === '{before + 1}'", timeout=20_000
    )
    # the map's counts and the list below it follow without loading the page anew
    wall.wait_for_function(
        f"() => document.querySelectorAll('#lists .map-things li').length === {rows + 1}", timeout=20_000
    )
    wall.wait_for_function(
        f"() => document.querySelector('[data-map-total=orders]').textContent === '{before + 1}'", timeout=20_000
    )
    assert wall.evaluate("window.refused") == []
    assert wall.problems == []


def test_the_stream_is_taken_up_again(visit):
    wall = visit("commander")
    wall.route("**/events/**", lambda route: route.abort())
    wall.goto(WALL)
    wall.wait_for_selector("text=已断开，正在重新连接")
    wall.unroute("**/events/**")
    wall.wait_for_selector("text=实时更新", timeout=30_000)


def test_figures_open_their_lists_and_the_drill_goes_down(visit):
    page = visit("commander")
    page.goto(WALL)
    page.wait_for_selector(DRAWN)
    shown = number(page)
    page.click(".wall-figure a:has-text('在办诉求')")
    page.wait_for_url("**/work/requests/**")
    assert int(re.search("共 ([0-9]+) 件", page.inner_text("main"))[1]) == shown
    page.goto(WALL)
    way = ("玉门市", "下西号镇", "石河子村委会")
    for name in way:
        page.click(f".map-parts a:has-text('{name}')")
        page.wait_for_selector(f"h1:has-text('{name}')")
    page.click(".wall-cells a:has-text('石河子 1 号网格')")
    page.wait_for_selector("h1:has-text('石河子 1 号网格')")
    assert page.locator(".crumbs li").all_inner_texts()[-5:-1] == ["酒泉市", *way]
    assert page.locator("#lists a[href*='/work/grid/incidents/W']").count() >= 1
    page.click(".crumbs a:has-text('酒泉市')")
    page.wait_for_selector("h1:has-text('酒泉市')")


@pytest.mark.parametrize("division", ["620000000000", YUMEN])
def test_the_map_is_really_drawn(visit, division):
    page = visit("commander")
    page.goto(f"{WALL}?division={division}")
    page.wait_for_selector(DRAWN)
    page.wait_for_timeout(500)
    many, most = colours(page)
    assert many > 60, "a map of one colour"
    assert most < 0.97
    boxes = page.locator("[data-map-layer]")
    before = page.locator(".map-ground canvas").screenshot()
    for place in range(boxes.count()):
        boxes.nth(place).uncheck()
    page.wait_for_timeout(1500)
    assert page.locator(".map-ground canvas").screenshot() != before, "layers cannot be taken away"


def test_squares_are_opened_by_a_click_and_the_map_by_keys(visit):
    page = visit("commander")
    page.goto(f"{WALL}?division=620900000000")
    page.wait_for_selector(DRAWN)
    canvas = page.locator(".map-ground canvas")
    assert canvas.get_attribute("aria-label") == "酒泉市地图"
    box = canvas.bounding_box()
    place = None
    for x in range(10, 95, 5):
        for y in range(10, 95, 5):
            page.mouse.move(box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100)
            if "玉门市" in page.locator(".map-said").inner_text():
                place = place or (box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100)
    assert place, "the pointer finds no square"
    before = canvas.screenshot()
    canvas.focus()
    page.keyboard.press("+")
    page.wait_for_timeout(900)
    assert canvas.screenshot() != before
    page.click("button[aria-label=看全部]")
    page.wait_for_timeout(900)
    page.mouse.click(*place)
    page.wait_for_url(f"**division={YUMEN}**")


def test_time_slider(visit):
    page = visit("commander")
    page.goto(f"{WALL}?last=30d")
    page.wait_for_selector(DRAWN)
    now = int(page.locator("[data-map-total=orders]").inner_text())
    page.locator("#step").fill("-30")
    page.wait_for_url("**step=30**")
    page.wait_for_function(f"() => document.querySelector('[data-map-total=orders]').textContent !== '{now}'")
    assert (
        page.locator("#lists [data-map-sum=orders]").inner_text()
        == page.locator("[data-map-total=orders]").inner_text()
        == "0"
    )


def test_without_javascript_it_is_a_list(visit):
    page = visit("commander", js=False)
    page.goto(f"{WALL}?division={YUMEN}&last=7d")
    assert page.locator(".map-ground").is_hidden()
    assert page.locator("#lists .map-things li").count() > 10
    page.click(".wall-slider a:has-text('往前')")
    assert "step=1" in page.url
    page.click("a:has-text('看列表')")
    assert page.locator("[data-map]").count() == 0


@pytest.mark.parametrize("given", ["", "?as=list", f"?division={YUMEN}&last=7d"])
def test_nothing_hinders_and_nothing_is_too_heavy(visit, given):
    page = visit("commander")
    page.goto(WALL + given)
    if "list" not in given:
        page.wait_for_selector(DRAWN)
    page.wait_for_timeout(500)
    assert violations(page) == []
    heavy = weight(page)
    print(given or "wall", heavy)
    assert heavy <= (HEAVIEST_MAP if "list" not in given else HEAVIEST)


def test_boundaries_come_with_their_approval_number(visit):
    admin, wall = visit("admin"), visit("commander")
    admin.goto("/work/maps/import/")
    square = "[[97.0,40.2],[97.2,40.2],[97.2,40.4],[97.0,40.4],[97.0,40.2]]"
    crossed = "[[97.0,40.2],[97.2,40.4],[97.2,40.2],[97.0,40.4],[97.0,40.2]]"

    def bring(ring, approval):
        admin.fill("[name=region]", YUMEN)
        admin.fill("[name=title]", "走查边界（不是真的）")
        admin.fill("[name=approval]", approval)
        admin.fill("[name=source]", "走查")
        content = f'{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"code":"620981"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}'
        admin.set_input_files(
            "[name=file]", {"name": "a.geojson", "mimeType": "application/geo+json", "buffer": content.encode()}
        )
        admin.click("button:has-text('核对并导入')")

    bring(square, "")
    admin.wait_for_selector("text=没有审图号的边界不能使用")
    bring(crossed, "测S（2026）1号")
    admin.wait_for_selector("text=边界自相交")
    bring(square, "测S（2026）1号")
    admin.wait_for_selector("text=已导入 1 个要素")
    wall.goto(f"{WALL}?division={YUMEN}")
    wall.wait_for_selector(DRAWN)
    assert "审图号：测S（2026）1号" in wall.locator(".map-notes").inner_text()
    assert wall.problems == []
    admin.click("button:has-text('停用这份底图')")
    wall.goto(f"{WALL}?division={YUMEN}")
    assert "没有导入边界" in wall.locator(".map-notes").inner_text()
