"""The knowledge base: a question on the phone answered from an article by keyboard alone; written, approved, found, judged."""

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
NUMBER = re.compile(r"\bH[0-9]{18,}\b")
LIFE = 60


def focused(page):
    return page.evaluate("[document.activeElement.name, document.activeElement.textContent.trim()]")


def tab_to(page, wanted):
    """By the Tab key until `wanted(name, text)`, as somebody without a mouse; never more than forty presses."""
    for _ in range(40):
        if wanted(*focused(page)):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"never reached; at {focused(page)}")


def test_a_question_is_answered_from_an_article_by_keyboard_alone(visit):
    operator = visit("operator")
    operator.goto("/work/requests/intake/")
    started, keys = time.monotonic(), operator.keyboard
    expect(operator.locator("[name=phone]:focus")).to_have_count(1)
    keys.type("10000000077")
    keys.press("Tab")
    keys.type("来电人")
    keys.press("Tab")
    keys.type("我是外地来的，居住证怎么办理，要带什么材料？")
    operator.locator("#articles summary", has_text="居住证怎么办").wait_for()
    assert "材料不全窗口会一次告诉您" in operator.locator("#articles").inner_text()
    tab_to(operator, lambda name, text: name == "article" and "居住证怎么办" in text)
    keys.press("Enter")
    operator.locator("body", has_text="已按知识答复并办结").wait_for()
    assert time.monotonic() - started < LIFE
    number = NUMBER.search(operator.locator("body").inner_text())[0]
    expect(operator.locator("[name=phone]:focus")).to_have_count(1)

    operator.goto(f"/work/requests/{number}/")
    page = operator.locator("main").inner_text()
    assert "咨询：我是外地来的" in page
    assert "办结" in page
    assert "居住地派出所或社区服务机构办理" in page
    operator.click("main a:has-text('依据知识《居住证怎么办')")
    operator.wait_for_url("**/versions/1/")
    assert "《居住证暂行条例》" in operator.locator("main").inner_text()
    assert operator.problems == []


def test_looked_for_by_keyboard_in_the_panel(visit):
    """What stands in the panel counts, not the words of the order. (A browser without a window knows no access keys.)"""
    operator = visit("operator")
    operator.goto("/work/requests/intake/")
    tab_to(operator, lambda name, text: name == "kb")
    operator.keyboard.type("nianxiujia")
    operator.locator("#articles summary", has_text="年休假有几天").wait_for()
    operator.keyboard.press("Enter")  # sends nothing
    operator.wait_for_timeout(500)
    assert operator.url.endswith("/work/requests/intake/")
    assert "已登记" not in operator.locator("body").inner_text()


def test_without_javascript_the_panel_works_too(visit):
    operator = visit("operator", js=False)
    operator.goto("/work/requests/intake/")
    operator.fill("#id_text", "单位不给年休假怎么算钱")
    operator.click("button[name=_kb]")
    assert operator.locator("#id_text").input_value() == "单位不给年休假怎么算钱"
    operator.click("#articles button:has-text('年休假有几天')")
    assert "已按知识答复并办结" in operator.locator("body").inner_text()


def test_written_approved_found_judged_and_answered(visit):
    writer, boss, reader = visit("dispatcher"), visit("hotline-head"), visit("wang", phone=True, js=False)
    writer.goto("/work/articles/new/")
    writer.select_option("#id_kind", "question")
    writer.fill("#id_title", "热水袋能不能寄存（走查）")
    writer.fill("#id_body", "可以。\n\n## 在哪里\n\n- 大厅一楼")
    writer.click("button[name=preview]")
    assert writer.locator("#preview h2", has_text="在哪里").count() == 1
    writer.click("main button:has-text('保存草稿')")
    writer.wait_for_url(re.compile(r"/work/articles/\d+/$"))
    where = writer.url
    writer.click("main button:has-text('提交核准')")
    writer.locator("body", has_text="核准人已收到通知").wait_for()
    reader.goto("/articles/?q=热水袋")
    assert "热水袋" not in reader.locator("#list").inner_text()

    boss.goto(where)
    boss.click("main button:has-text('核准并发布')")
    boss.locator("body", has_text="已核准并发布").wait_for()
    reader.goto("/search/?q=热水袋")
    reader.click("main a:has-text('寄存')")
    reader.check("main [name=helpful][value=no]")
    reader.fill("main [name=text]", "没有写几点关门")
    reader.click("main button:has-text('提交反馈')")
    assert "负责单位会答复" in reader.locator("body").inner_text()

    writer.goto("/work/articles/feedback/")
    writer.click("main a:has-text('没有写几点关门')")
    writer.fill("#id_text", "已补充：下午五点。")
    writer.click("main button:has-text('答复')")
    writer.locator("body", has_text="已答复").wait_for()
    reader.goto("/my/notices/")
    assert "您反馈的知识有答复" in reader.locator("main").inner_text()
    assert [page.problems for page in (writer, boss, reader)] == [[], [], []]
