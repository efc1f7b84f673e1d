"""From the guide to the window: booked on a phone without JavaScript, a number at the kiosk, called, served, on the screen."""

import io
import re

import pytest
import zxingcpp
from PIL import Image

from tests.walks.measures import sound

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]


def scanned(page):
    """The address in the QR code that a page shows."""
    picture = Image.open(io.BytesIO(page.locator(".qr-box").screenshot(scale="css")))
    return zxingcpp.read_barcode(picture.resize([2 * side for side in picture.size])).text


def booked_in_two_days(page, time=1):
    """From the guide: the second working day after today, a time of that day; returns the code."""
    page.goto("/items/tree-felling/")
    page.click("text=预约到窗口办")
    assert "林木采伐许可证核发" in page.locator("main").inner_text()
    page.locator("main a:has-text('最早')").first.click()
    days = page.locator("main .chips a")
    today = page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})")
    first_is_today = f"day={today}" in days.first.get_attribute("href")
    days.nth(2 if first_is_today else 1).click()
    page.locator("main [name=offer]").nth(time).check()
    page.click("main button:has-text('约这个时间')")
    page.wait_for_url("**/my/appointments/*/")
    text = page.locator("main").inner_text()
    assert "林业窗口" in text
    return "".join(re.search(r"\b([2-9A-Z]{4}) ([2-9A-Z]{4})\b", text).groups())


def test_booked_called_and_served(visit):
    villager = visit("shi", phone=True, js=False)
    code = booked_in_two_days(villager)
    clerk, kiosk, wall = visit("clerk"), visit(phone=True), visit()
    clerk.goto("/work/window/")
    clerk.select_option("main [name=seat]", index=1)
    clerk.click("main button:has-text('就坐')")
    clerk.click(".demo-strip button[value=day]")
    clerk.wait_for_load_state()
    try:
        clerk.goto("/work/window/")
        kiosk.goto(clerk.locator("main a:has-text('取号机')").get_attribute("href"))
        sound(kiosk, "market.kiosk")
        clerk.goto(scanned(kiosk))
        sound(clerk, "market.take_here")
        kiosk.fill("main [name=code]", code)
        kiosk.click("main button:has-text('凭预约码取号')")
        kiosk.wait_for_url("**taken=*")
        label = kiosk.locator(".slip-label").inner_text()
        assert label == "B001"
        assert "我的号 B001" in reloaded(villager)
        kiosk.goto(villager.locator("main a:has-text('我的号')").get_attribute("href"))
        sound(kiosk, "market.ticket")
        wall.goto("/screen/yumen/")
        assert "现在没有叫号" in wall.locator("main").inner_text()

        clerk.goto("/work/appointments/")
        assert "石**" in clerk.locator("main").inner_text()
        clerk.goto("/work/window/")
        clerk.click("main button:has-text('叫下一个')")
        clerk.wait_for_load_state()
        window = clerk.locator("main").inner_text()
        assert [part in window for part in ("B001", "石建国", "林木采伐许可证核发", "这个人的办件")] == [True] * 4
        wall.locator(".wall-label", has_text="B001").wait_for()
        assert "请到 3 号窗口" in wall.locator("main").inner_text()
        assert "石" not in wall.locator("main").inner_text()

        clerk.click("main button:has-text('来了，开始办')")
        clerk.click("main button:has-text('办完了')")
        clerk.locator("main button:has-text('叫下一个')").wait_for()
        assert "已到场" in reloaded(villager)
    finally:
        clerk.click(".demo-strip button[value=reset]")
    assert [page.problems for page in (villager, clerk, kiosk, wall)] == [[]] * 4


def reloaded(page):
    """What the page says now."""
    page.reload()
    return page.locator("main").inner_text()


def test_cancelled_gives_the_time_back(visit):
    page = visit("li", phone=True)
    code = booked_in_two_days(page, time=-1)  # the story has given her one in the morning
    with page.expect_download() as download:
        page.click("main a:has-text('加到手机日历')")
    assert download.value.suggested_filename == f"{code}.ics"
    page.click("main button:has-text('取消预约')")
    page.wait_for_load_state()
    assert "已取消" in page.locator("main").inner_text()
    page.goto("/my/appointments/?view=all")
    assert code in page.locator("main").inner_text()
    assert page.problems == []
