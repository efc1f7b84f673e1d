"""An alert goes out and is confirmed: composed by one, approved by another, seen by all, confirmed by link, called off."""

import pytest

from tests.walks.measures import violations
from tests.walks.test_delivery import wait

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
HEADLINE = "石河子村山洪红色预警（走查）"


def press(page, words):
    page.click(f"main button:has-text('{words}')")
    page.wait_for_load_state()


def approved(page, headline):
    """The second person finds what waits and publishes it."""
    page.goto("/work/alerts/?view=waiting")
    page.click(f"main a:has-text('{headline}')")
    page.wait_for_url("**/work/alerts/6*/")
    press(page, "核准并发布")
    assert "已签名发布" in page.inner_text("body")


def spots(page, places):
    """Where parts of the map's width and height lie on the page."""
    page.locator("[data-draw] canvas").scroll_into_view_if_needed()
    box = page.locator("[data-draw] canvas").bounding_box()
    return [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in places]


def drawing(page, number):
    """The page of one more piece, its map drawn."""
    page.goto(f"/work/alerts/{number}/area/")
    page.wait_for_selector("[data-draw][data-map-drawn]")


def test_an_area_is_drawn_on_the_map(visit):
    page = visit("warner")
    page.goto("/work/alerts/new/")
    page.select_option("main [name=hazard]", "rainstorm")
    page.check("main [name=colour][value=yellow]")
    page.fill("main [name=headline_zh]", "画在地图上的暴雨黄色预警")
    page.fill("main [name=text_zh]", "局地短时强降水。")
    press(page, "保存草稿")
    page.wait_for_url("**/work/alerts/6*/")
    number = page.url.rstrip("/").rpartition("/")[2]
    drawing(page, number)
    polygon, circle = page.locator("main [name=polygon]"), page.locator("main [name=circle]")
    corners = [(0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6)]
    for x, y in spots(page, corners):
        page.mouse.click(x, y)
        page.wait_for_timeout(60)
    page.mouse.click(*spots(page, corners[:1])[0])  # the first corner again: done
    lines = [tuple(map(float, line.split(","))) for line in polygon.input_value().splitlines()]
    assert (len(lines), lines[0] == lines[-1]) == (5, True)
    # latitude first: Yumen lies at 40° N, 97° E
    assert all(38 < latitude < 42 and 95 < longitude < 99 for latitude, longitude in lines)
    assert lines[0][0] > lines[2][0]  # north above
    assert violations(page) == []
    # a circle takes its place: its middle, its edge; moved by its middle; every step can be taken back
    page.click("[data-draw-circle-button]")
    said = page.locator("[data-draw] .map-said")
    assert "圆心" in said.inner_text()
    for x, y in spots(page, [(0.5, 0.5), (0.6, 0.5)]):
        page.mouse.click(x, y)
        page.wait_for_timeout(60)
    where, radius = circle.input_value().split()
    latitude, longitude = map(float, where.split(","))
    assert (38 < latitude < 42, 95 < longitude < 99, float(radius) > 0.01, polygon.input_value()) == (
        True,
        True,
        True,
        "",
    )
    assert "千米" in said.inner_text()
    (x, y), (x2, y2) = spots(page, [(0.5, 0.5), (0.4, 0.4)])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x2, y2, steps=4)
    page.mouse.up()
    moved = circle.input_value()
    assert (moved != f"{where} {radius}", moved.split()[1]) == (True, radius)
    page.click("[data-draw-undo]")
    assert circle.input_value() == f"{where} {radius}"
    for _ in range(3):  # the edge, the middle, the button
        page.click("[data-draw-undo]")
    assert (circle.input_value(), len(polygon.input_value().splitlines())) == ("", 5)
    # what is typed is drawn
    circle.fill("nonsense")
    circle.dispatch_event("change")
    assert "看不懂" in said.inner_text()
    circle.fill("")
    circle.dispatch_event("change")
    page.fill("main [name=name]", "画的一块")
    press(page, "加上")
    page.wait_for_url(f"**/{number}/")
    assert page.locator("main .area-shape").count() == 1
    assert page.problems == []
    press(page, "作废")


def test_without_scripts_the_area_is_typed(visit):
    page = visit("warner", js=False)
    page.goto("/work/alerts/?view=drafts")
    page.goto(page.locator("main a[href*='/work/alerts/6']").first.get_attribute("href") + "area/")
    assert page.locator("main [name=polygon]").is_visible()
    assert page.locator("[data-draw]").is_hidden()


def test_an_alert_goes_out_and_is_confirmed(visit):
    warner, boss, villager, visitor = visit("warner"), visit("warn-head"), visit("shi", phone=True), visit(phone=True)
    warner.goto("/work/alerts/new/")
    warner.select_option("main [name=hazard]", "flash_flood")
    warner.check("main [name=colour][value=red]")
    for code in ("620981106000", "620981106203"):
        warner.locator("main [name=code]").last.select_option(code)
        warner.wait_for_load_state("networkidle")
    warner.fill("main [name=headline_zh]", HEADLINE)
    warner.fill("main [name=text_zh]", "昌马河上游已发生山洪，一小时内到达。")
    warner.check("main [name=responses][value=Evacuate]")
    press(warner, "保存草稿")
    warner.wait_for_url("**/work/alerts/6*/")
    number = warner.url.rstrip("/").rpartition("/")[2]
    warner.click("main a:has-text('加一块区域')")
    warner.fill("main [name=polygon]", "39.8,97.0\n39.9,97.1\n39.9,97.0\n39.8,97.2\n39.8,97.0")
    warner.fill("main [name=name]", "河谷")
    press(warner, "加上")
    assert "自己相交" in warner.inner_text("main")
    warner.fill("main [name=polygon]", "39.8,97.0\n39.8,97.1\n39.9,97.1\n39.9,97.0\n39.8,97.0")
    press(warner, "加上")
    warner.wait_for_url(f"**/{number}/")
    assert warner.locator("main .area-shape").count() == 1
    press(warner, "提交核准")
    assert warner.locator("main button:has-text('核准并发布')").count() == 0
    visitor.goto("/")
    assert HEADLINE not in visitor.inner_text("main")

    approved(boss, HEADLINE)
    visitor.goto("/")
    visitor.click(f"main a:has-text('{HEADLINE}')")
    assert "往两侧高处走" in visitor.inner_text("main")
    document = visitor.request.get(f"/alerts/{number}/cap.xml")
    assert document.headers["content-type"].startswith("application/cap+xml")
    assert all(part in document.text() for part in ("<severity>Extreme</severity>", "SignatureValue", number))
    assert number in visitor.request.get("/alerts/feed.atom").text()

    wait(villager, "/my/notices/", HEADLINE)
    villager.click(f"main a:has-text('{HEADLINE}')")
    villager.click("main a[href^='/alerts/confirm/']")
    press(villager, "确认收到")
    assert "请通知到您负责的每一户" in villager.inner_text("main")
    warner.goto(f"/work/alerts/{number}/calls/?view=all")
    rows = warner.locator("main tr", has_text="石建国")
    assert ("已确认" in rows.inner_text(), "点链接" in rows.inner_text()) == (True, True)

    warner.goto(f"/work/alerts/{number}/")
    warner.click("main a:has-text('解除')")
    warner.fill("main [name=note]", "洪峰已过")
    press(warner, "保存草稿")
    press(warner, "提交核准")
    approved(boss, f"解除：{HEADLINE}")
    visitor.goto("/")
    assert HEADLINE not in visitor.inner_text("main")
    assert [one.problems for one in (warner, boss, villager, visitor)] == [[], [], [], []]
