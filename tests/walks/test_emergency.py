"""The duty desk on a phone: an event opened by a plan, rung, logged, its tasks done, its report approved by the head."""

import re

import pytest

from tests.walks.conftest import become

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]


def open_event(page):
    """A fire, opened by its plan; gives the number."""
    page.goto("/work/emergency/")
    page.click("a:has-text('启动事件')")
    page.select_option("[name=plan]", "yumen-fire")
    page.fill("[name=address]", "三组草垛（演示）")
    page.fill("[name=text]", "草垛冒烟，没有人受伤。")
    page.click("main form button:has-text('启动')")
    page.wait_for_url("**/emergency/events/**")
    return re.search("E[0-9]{18,}", page.url)[0]


def fold(page, words, place=0):
    """Open a folded form."""
    page.locator(f"summary:has-text('{words}')").nth(place).click()


@pytest.mark.parametrize("js", [True, False], ids=["js", "no js"])
def test_an_event_from_the_call_to_its_report(visit, js):
    page = visit("duty", phone=True, js=js)
    number = open_event(page)
    here = f"/work/emergency/events/{number}/"
    assert page.locator("a[href^='tel:']").count() == 2
    fold(page, "记录通话")
    page.locator("[name=answered][value=yes]").first.check()
    page.locator("details[open] button:has-text('记录')").first.click()
    page.wait_for_load_state()
    assert "已接听" in page.locator("main").inner_text()
    page.fill("#id_text", "消防车出发。")
    page.locator("button:has-text('记录')").first.click()
    page.wait_for_load_state()
    become(page, "fire")
    page.goto(here)
    assert "消防车出发" not in page.content()
    fold(page, "登记完成")
    page.locator("details[open] textarea").first.fill("到场，明火扑灭。")
    page.locator("details[open] button:has-text('登记完成')").first.click()
    page.wait_for_load_state()
    assert "按时完成" in page.locator("main").inner_text()
    become(page, "duty")
    page.goto(here)
    while page.locator("summary:has-text('登记完成')").count():
        fold(page, "登记完成")
        page.locator("details[open] textarea[name=note]").first.fill("不需要，没有伤员。")
        page.locator("details[open] button:has-text('登记完成')").first.click()
        page.wait_for_load_state()
    fold(page, "提交结案报告")
    text = page.locator("#hand_inform textarea").input_value()
    assert "消防车出发" in text
    assert "按时完成" in text
    page.locator("#hand_inform textarea").fill(text.replace("（请填写）", "烟头引燃，已加强宣传。"))
    page.locator("#hand_inform button").click()
    page.wait_for_load_state()
    become(page, "duty-head")
    page.goto(here)
    fold(page, "批准结案")
    page.locator("#approveform button").click()
    page.wait_for_load_state()
    words = page.locator("main").inner_text()
    assert "已结案" in words
    assert "烟头引燃" in words
    assert page.locator("button:has-text('记录')").count() == 0
    assert page.problems == []


def test_a_shift_is_handed_over(visit):
    page = visit("duty-head", phone=True)
    page.goto("/work/emergency/")
    fold(page, "交班")
    page.fill("[name=note]", "盯住沙沟水位。")
    page.click("form[action$='/hand/'] button")
    page.wait_for_load_state()
    assert "盯住沙沟水位" in page.locator("main").inner_text()
    for other in ("duty", "duty2"):  # whoever did not sit in the shift that was handed over
        become(page, other)
        page.goto("/work/emergency/")
        if page.locator("button:has-text('看过了，接班')").count():
            break
    page.click("button:has-text('看过了，接班')")
    page.wait_for_load_state()
    assert "盯住沙沟水位" not in page.locator("main").inner_text()
