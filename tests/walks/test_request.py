"""The hotline: reported on a phone without JavaScript, answered, not satisfied, done again, closed; a call by keyboard."""

import io
import re
import time

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
NUMBER = re.compile(r"\bH[0-9]{18,}\b")


def picture_with_place():
    """What a phone's camera writes: the picture, and where it was taken."""
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (40, 18, 0.0), "E", (97, 2, 0.0)
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "dimgray").save(file, "JPEG", exif=exif)
    return file.getvalue()


def on(page, words):
    page.click(f"main button:has-text('{words}')")
    page.wait_for_load_state()


def reported(page, text):
    """From the portal to the page of one's order; its number."""
    page.goto("/requests/")
    page.click("main a:has-text('我要反映')")
    on(page, "开始")
    page.set_input_files(
        "main [name=photo]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture_with_place()}
    )
    on(page, "下一步")
    page.fill("main [name=text]", text)
    on(page, "下一步")
    assert page.locator("main [name=lat]").input_value() == "40.3"
    # where he lives is chosen already; another village of the town without JavaScript
    assert page.locator("main [name=place]").last.input_value() == "620981106203"
    page.locator("main [name=place]").last.select_option("620981106200")
    page.fill("main [name=address]", "二组渠边")
    on(page, "下一步")
    assert "二组渠边" in page.locator("main").inner_text()
    on(page, "提交")
    page.wait_for_url("**/my/requests/**")
    return NUMBER.search(page.locator("main").inner_text())[0]


def act(page, number, action, button, **fields):
    """An official's action on an order."""
    page.goto(f"/work/requests/{number}/")
    form = page.locator(f"main form[action$='/{action}/']")
    if not form.locator("button").first.is_visible():
        page.locator(f"details.action:has(form[action$='/{action}/']) > summary").click()
    for name, value in fields.items():
        control = form.locator(f"[name='{action}__{name}']").first
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    form.locator(f"button:has-text('{button}')").click()
    page.wait_for_load_state()


def office(page, number, key):
    """The value of an office in the dispatcher's list."""
    page.goto(f"/work/requests/{number}/")
    return page.locator("[name=dispatch__office] option", has_text=key).first.get_attribute("value")


def rate(page, number, solved, grade):
    page.goto(f"/my/requests/{number}/")
    page.check(f"main [name=solved][value={solved}]")
    page.check(f"main [name=satisfied][value='{grade}']")
    on(page, "评价")


def test_reported_answered_done_again_and_closed(visit):
    villager, dispatcher, housing = visit("shi", phone=True, js=False), visit("dispatcher"), visit("housing")
    number = reported(villager, "二组渠边的路灯灯杆被撞歪了，快倒了。")
    assert "热线中心正在派单" in villager.locator("main").inner_text()

    dispatcher.goto("/work/requests/desk/")
    assert f"{number[7:15]}-{number[15:]}" in dispatcher.locator("main").inner_text()
    pk = office(dispatcher, number, "住房和城乡建设局")
    act(dispatcher, number, "dispatch", "派单", office=pk, subject="010203")

    housing.goto("/work/inbox/")
    assert "灯杆被撞歪" in housing.locator("main").inner_text()
    act(housing, number, "reply", "答复", opinion="已派人查看。")
    rate(villager, number, "no", 2)
    assert "正在办理" in villager.locator("main").inner_text()
    act(housing, number, "reply", "答复", opinion="灯杆已扶正加固。")
    rate(villager, number, "yes", 5)
    assert "已经办结" in villager.locator("main").inner_text()
    assert [page.problems for page in (villager, dispatcher, housing)] == [[], [], []]


def access_key(page, letter):
    """Alt and a letter as a keyboard sends them; Playwright's own press leaves out the sign the browser looks for."""
    keyboard = page.context.new_cdp_session(page)
    key = {"modifiers": 1, "key": letter, "code": f"Key{letter.upper()}", "text": letter, "unmodifiedText": letter}
    for kind in ("keyDown", "keyUp"):
        keyboard.send("Input.dispatchKeyEvent", {"type": kind, "windowsVirtualKeyCode": ord(letter.upper()), **key})


def test_a_call_is_taken_by_keyboard_alone(visit):
    operator = visit("operator")
    operator.goto("/work/requests/intake/")
    started, keys = time.monotonic(), operator.keyboard
    # the first field is ready to write in
    expect(operator.locator("[name=phone]:focus")).to_have_count(1)
    keys.type("10000000012")
    keys.press("Tab")
    operator.locator("#caller", has_text="上次称呼").wait_for()
    keys.type("王秀英")
    keys.press("Tab")
    keys.type("村里停水两天了，没有人通知。")
    operator.locator("#alike", has_text="停水和水压").wait_for()
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Tab")
    expect(operator.locator("[name=place]:focus")).to_have_count(1)
    access_key(operator, "s")
    operator.locator("body", has_text="已登记").wait_for()
    assert time.monotonic() - started < 60
    assert operator.locator("#id_text").input_value() == ""
    assert operator.problems == []
