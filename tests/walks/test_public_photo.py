"""A photo with a face, from a citizen to everybody: covered, looked at again, let go; the original reached by nobody."""

import io
import re

import pytest
from PIL import Image

from hexi.domains.livelihood.requests import blurring
from hexi.domains.livelihood.requests.tests.faces import FACE, HALF, drawn_street
from tests.walks.measures import overflow, violations
from tests.walks.test_request import act, office, on, rate

pytestmark = [
    pytest.mark.walk,
    pytest.mark.xdist_group("walks"),
    pytest.mark.skipif(not blurring.ready(), reason="hexi[photos] is not installed"),
]
NUMBER = re.compile(r"\bH[0-9]{18,}\b")


def photo(name, **given):
    return {"name": name, "mimeType": "image/jpeg", "buffer": drawn_street(**given)}


def reported(page):
    page.goto("/requests/new/")
    on(page, "开始")
    page.set_input_files("main [name=photo]", photo("p.jpg", place=True))
    on(page, "下一步")
    page.fill("main [name=text]", "村口的路灯不亮，我和邻居都看不见路。")
    on(page, "下一步")
    page.fill("main [name=address]", "村口")
    on(page, "下一步")
    on(page, "提交")
    page.wait_for_url("**/my/requests/**")
    return NUMBER.search(page.locator("main").inner_text())[0]


def answered(page, number):
    """The office answers, with a photo of what it did."""
    page.goto(f"/work/requests/{number}/")
    if not page.locator("[name=reply__opinion]").is_visible():
        page.locator("details.action:has(form[action$='/reply/']) > summary").click()
    page.set_input_files("[name=reply__photo]", photo("after.jpg", face=False))
    page.fill("[name=reply__opinion]", "灯泡已换，当晚恢复照明。")
    page.locator("form[action$='/reply/'] button").click()
    page.wait_for_load_state()


def waiting(page, number):
    """The addresses of its photos, once the worker has covered them."""
    for _ in range(60):
        page.goto(f"/work/requests/{number}/")
        found = page.eval_on_selector_all("main a[href*='/photos/']", "all => all.map(one => one.getAttribute('href'))")
        if len(found) == 2:
            return found
        page.wait_for_timeout(500)
    raise AssertionError("no copy was made")


def pixels(got):
    assert got.status == 200
    assert not Image.open(io.BytesIO(got.body())).getexif()
    return Image.open(io.BytesIO(got.body())).convert("L")


def spread(image, box):
    low, high = image.crop(box).getextrema()
    return high - low


def test_a_face_is_covered_looked_at_and_let_go(visit):
    villager, dispatcher, housing, stranger = visit("shi", phone=True), visit("dispatcher"), visit("housing"), visit()
    number = reported(villager)
    act(dispatcher, number, "dispatch", "派单", office=office(dispatcher, number, "住房和城乡建设局"), subject="010203")
    answered(housing, number)
    rate(villager, number, "yes", 5)
    original = villager.locator("main img[src*='/preview/']").first.get_attribute("src")
    assert "/preview/" in original

    dispatcher.goto(f"/work/requests/{number}/publish/")
    dispatcher.click("main form button[type=submit]")
    dispatcher.wait_for_load_state()
    before, after = waiting(dispatcher, number)

    # nothing is public yet
    stranger.goto(f"/requests/{number}/")
    assert stranger.locator("main figure").count() == 0

    # the copy: the face is covered already; a box more is drawn by the mouse, over the lamp's number
    dispatcher.goto(before)
    assert dispatcher.locator("svg[data-boxes] rect").count() >= 1
    assert violations(dispatcher) == []
    assert overflow(dispatcher) == []
    had = dispatcher.locator("[data-box]").count()
    frame = dispatcher.locator("svg[data-boxes]").bounding_box()
    scale = frame["width"] / 800
    dispatcher.mouse.move(frame["x"] + 560 * scale, frame["y"] + 100 * scale)
    dispatcher.mouse.down()
    dispatcher.mouse.move(frame["x"] + 640 * scale, frame["y"] + 180 * scale, steps=4)
    dispatcher.mouse.up()
    filled = dispatcher.eval_on_selector_all("[name=w]", "all => all.map(one => one.value).filter(Boolean)")
    assert len(filled) == had - 2 + 1
    assert abs(int(filled[-1]) - 80) <= 3
    dispatcher.click("button:has-text('重新遮挡')")
    dispatcher.wait_for_load_state()
    assert "请再看一遍" in dispatcher.locator("body").inner_text()
    dispatcher.click("button:has-text('看过了，放行')")
    dispatcher.wait_for_load_state()
    assert "已放行" in dispatcher.locator("main").inner_text()

    # the other by number fields alone, without a script
    plain = visit("dispatcher", js=False, phone=True)
    plain.goto(after)
    place = plain.locator("[data-box]").count() - 2
    for side, value in (("x", 10), ("y", 10), ("w", 60), ("h", 60)):
        plain.locator(f"[name={side}]").nth(place).fill(str(value))
    plain.click("button:has-text('重新遮挡')")
    plain.click("button:has-text('看过了，放行')")
    assert "已放行" in plain.locator("main").inner_text()

    # everybody: before and after, side by side, each with its words
    stranger.goto(f"/requests/{number}/")
    images = stranger.locator("main figure img")
    assert images.count() == 2
    assert [images.nth(n).get_attribute("alt").split("：")[0] for n in range(2)] == ["处理前", "处理后"]
    left, right = images.nth(0).bounding_box(), images.nth(1).bounding_box()
    assert left["x"] + left["width"] <= right["x"]
    assert violations(stranger) == []
    assert overflow(stranger) == []
    public = [images.nth(n).get_attribute("src") for n in range(2)]
    seen = pixels(stranger.request.get(public[0]))
    x, y = FACE
    eyes = (x - 45, y - 30, x + 45, y + 10)
    assert spread(Image.open(io.BytesIO(drawn_street())).convert("L"), eyes) > 150
    assert spread(seen, eyes) < 110
    assert spread(seen, (585, 100, 630, 170)) < 90
    assert HALF == 80

    # the original: behind the citizen's own page, behind no address of anybody else
    assert villager.request.get(original).status == 200
    refused = stranger.request.get(original, max_redirects=0)
    assert (refused.status, refused.headers["location"].split("?")[0]) == (302, "/accounts/login/")
    neighbour = visit("wang")
    assert neighbour.request.get(original).status in (403, 404)
    assert stranger.request.get(public[0].replace(public[0].split("/")[-1], "1.jpg")).status == 404
    assert "/documents/" not in stranger.content()

    # taken down, both are gone
    dispatcher.goto(f"/work/requests/{number}/")
    dispatcher.click("button:has-text('撤下公开')")
    dispatcher.wait_for_load_state()
    assert [stranger.request.get(one).status for one in public] == [404, 404]
    assert [page.problems for page in (villager, dispatcher, housing, stranger, plain)] == [[], [], [], [], []]
