"""A pin put down, moved by keys and by hand; the border of a cell drawn, mended and refused; the wall's slider plays."""

import pytest
from playwright.sync_api import expect

from tests.walks.measures import violations
from tests.walks.test_request import on, picture_with_place

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
CELLS = "/work/grid/cells/"


def place(page):
    return [float(page.locator(f"main [name={name}]").input_value() or 0) for name in ("lon", "lat")]


def where(page, photo=False):
    """The screen of the place, its map drawn."""
    page.goto("/requests/new/")
    on(page, "开始")
    if photo:
        page.set_input_files(
            "main [name=photo]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture_with_place()}
        )
    on(page, "下一步")
    page.fill("main [name=text]", "二组渠边的路灯不亮，走查放图钉。")
    on(page, "下一步")
    page.wait_for_selector("[data-pin][data-map-drawn]")


def test_a_pin_is_put_down_moved_by_keys_by_hand_and_by_the_phone(visit):
    page = visit("shi", phone=True)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 97.031, "latitude": 40.294})
    where(page, photo=True)
    said = page.locator("[data-pin] .map-said")
    assert "东经 97.03333°、北纬 40.30000°" in said.inner_text()  # from the picture
    page.click("button:has-text('用我现在的位置')")
    page.wait_for_function("() => document.querySelector('main [name=lon]').value === '97.031'")
    assert "石河子" in said.inner_text()
    pin = page.locator(".map-pin")
    pin.focus()
    lon, lat = place(page)
    for key in ("ArrowRight", "Shift+ArrowUp"):
        page.keyboard.press(key)
    east, north = place(page)
    assert 0 < east - lon < (north - lat) * 4
    box = page.locator("[data-pin] canvas").bounding_box()
    page.touchscreen.tap(box["x"] + 80, box["y"] + 150)
    page.wait_for_function(f"() => document.querySelector('main [name=lon]').value !== '{east}'")
    tapped = place(page)
    hold = pin.bounding_box()
    page.mouse.move(hold["x"] + 20, hold["y"] + 25)
    page.mouse.down()
    page.mouse.move(hold["x"] + 100, hold["y"] + 60, steps=5)
    page.mouse.up()
    pulled = place(page)
    assert (pulled[0] > tapped[0], pulled[1] < tapped[1]) == (True, True)
    assert violations(page) == []
    page.fill("main [name=address]", "二组渠边")
    page.keyboard.press("Enter")  # goes on, and does not clear the place
    page.wait_for_url("**/send/")
    assert "提交" in page.locator("main").inner_text()
    assert page.problems == []


def test_without_a_place_the_pin_is_put_in_the_middle_by_a_button(visit):
    page = visit("shi", phone=True)
    where(page)
    assert place(page) == [0, 0]
    page.click("[data-pin-put]")
    expect(page.locator(".map-pin:focus")).to_have_count(1)
    assert 97.0 < place(page)[0] < 97.1
    page.fill("main [name=lon]", "116.4")
    page.fill("main [name=lat]", "39.9")
    on(page, "下一步")
    assert "不在玉门市范围内" in page.locator("main").inner_text()


def pixels(page, places):
    """Where places lie on the page, given as parts of the map's width and height."""
    page.locator("[data-draw] canvas").scroll_into_view_if_needed()
    box = page.locator("[data-draw] canvas").bounding_box()
    return [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in places]


def test_a_border_is_drawn_mended_and_checked(visit):
    page = visit("gridhead")
    page.goto(f"{CELLS}draw/")
    page.wait_for_selector("[data-draw][data-map-drawn]")
    page.fill("[name=title]", "走查画的网格")
    page.fill("[name=code]", "62098110620399")
    page.select_option("[name=scheme]", "gbt30428_cell")
    page.select_option("[name=department]", index=1)
    shape, said = page.locator("[name=shape]"), page.locator("[data-draw] .map-said")
    for x, y in pixels(page, [(0.2, 0.2), (0.5, 0.2), (0.2, 0.35), (0.5, 0.35)]):
        page.mouse.click(x, y)
        page.wait_for_timeout(60)
    assert "边界自相交" in said.inner_text()
    page.click("[data-draw-undo]")
    page.click("[data-draw-undo]")
    ((x, y),) = pixels(page, [(0.45, 0.35)])
    page.mouse.click(x, y)
    page.mouse.click(*pixels(page, [(0.2, 0.2)])[0])  # the first corner again: done
    assert "个点，约" in said.inner_text()
    three = shape.input_value()
    # a corner pulled out of an edge, taken away again, taken back
    page.mouse.move(*pixels(page, [(0.35, 0.2)])[0])
    page.mouse.down()
    page.mouse.move(*pixels(page, [(0.35, 0.12)])[0], steps=4)
    page.mouse.up()
    four = shape.input_value()
    assert four.count("[") == three.count("[") + 1
    page.click("[data-draw-remove]")
    assert shape.input_value() == three
    page.click("[data-draw-undo]")
    assert shape.input_value() == four
    assert violations(page) == []
    page.click("button:has-text('核对并保存')")
    page.wait_for_url("**/cells/62098110620399/")
    page.click("a:has-text('改边界')")
    page.wait_for_selector("[data-draw][data-map-drawn]")
    # a border across another cell is refused, and what was drawn is still there
    other = "[[97.0192,40.2958],[97.0190,40.2928],[97.0269,40.2917],[97.0257,40.2961],[97.0192,40.2958]]"
    shape.fill(f'{{"type":"Polygon","coordinates":[{other}]}}')
    shape.dispatch_event("change")
    page.click("button:has-text('核对并保存')")
    page.wait_for_selector("text=重叠")
    assert "97.0192" in shape.input_value()
    assert page.problems == []


def test_the_slider_plays_from_the_past_to_the_present_and_stops(visit):
    page = visit("commander")
    page.goto("/command/?last=7d")
    page.wait_for_selector("[data-map-drawn]")
    button = page.locator("[data-wall-play] button")
    page.locator("[data-wall-play] select").select_option("600")
    assert (button.inner_text(), button.get_attribute("aria-pressed")) == ("播放", "false")
    button.click()
    page.wait_for_url("**step=7**")
    assert button.inner_text() == "停止"
    page.wait_for_url("**step=5**", timeout=30_000)
    button.click()
    page.wait_for_timeout(1500)
    held = page.locator("#step").input_value()
    page.wait_for_timeout(1500)
    assert page.locator("#step").input_value() == held
    assert button.inner_text() == "播放"
    button.click()
    page.wait_for_function("() => document.querySelector('#step').value === '0'", timeout=60_000)
    page.wait_for_selector("[data-wall-play] button:has-text('播放')")
    assert "step" not in page.url
    assert page.problems == []
