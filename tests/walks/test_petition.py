"""A petition on a phone: written, passed on, accepted, answered, reviewed; whom it complains of finds nothing."""

import re

import pytest

from tests.walks import steps
from tests.walks.conftest import become

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
TITLE = "村口路灯三个月不亮"


def write(page):
    """The four screens; gives the number."""
    page.goto("/petitions/")
    page.click("button:has-text('开始写')")
    page.check("input[name=type][value=claim]")
    page.select_option("[name=subject]", "traffic")
    page.fill("[name=title]", TITLE)
    page.fill("[name=text]", "村口三盏路灯从八月起不亮，晚上老人出门摔倒过，多次打电话没有人来修。")
    page.fill("[name=wish]", "尽快修好路灯。")
    page.click("main button:has-text('下一步')")
    page.wait_for_url("**/against/")
    page.select_option("[name=unit]", label="玉门市水务局")
    page.click("main button:has-text('下一步')")
    page.wait_for_url("**/files/")
    page.set_input_files(
        "[name=file]", [{"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": steps.picture("darkslategray")}]
    )
    page.click("main button:has-text('下一步')")
    page.wait_for_url("**/send/")
    assert TITLE in page.locator("main").inner_text()
    page.click("main button:has-text('提交')")
    page.wait_for_url("**/my/petitions/**")
    return re.search("X[0-9]{18,}", page.url)[0]


def act(page, number, action, fill=None):
    """One action at the workbench."""
    page.goto(f"/work/petitions/{number}/")
    form = page.locator(f"#{action}form")
    if not form.is_visible():
        page.locator(f"details:has(#{action}form) summary").click()
    for name, value in (fill or {}).items():
        field = form.locator(f"[name={action}-{name}]")
        if field.first.get_attribute("type") == "radio":
            form.locator(f"[name={action}-{name}][value={value}]").check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    form.locator("button[type=submit]").click()
    page.wait_for_load_state()
    return page.locator("main").inner_text()


@pytest.mark.parametrize("js", [True, False], ids=["js", "no js"])
def test_a_petition_from_the_phone_to_its_review(visit, js):
    page = visit("wang", phone=True, js=js)
    number = write(page)
    assert "最晚" in page.locator("main").inner_text()
    become(page, "water")
    assert page.goto(f"/work/petitions/{number}/").status == 404
    page.goto("/work/petitions/?view=all")
    assert number not in page.content()
    become(page, "petition")
    page.goto("/work/inbox/")
    assert number[-6:] in page.content()
    assert TITLE not in page.content()
    page.goto(f"/work/petitions/{number}/")
    options = page.locator("#transferform [name=transfer-unit]").inner_text()
    assert "水务局" not in options
    act(page, number, "transfer", {"unit": "玉门市住房和城乡建设局"})
    become(page, "housing")
    assert TITLE not in (page.goto(f"/work/petitions/{number}/") and page.content())
    become(page, "housing-head")
    act(page, number, "name_handler", {"account": "秦住建"})
    assert TITLE not in page.content()
    become(page, "housing")
    act(page, number, "accept")
    act(
        page,
        number,
        "conclude",
        {"result": "support", "facts": "路灯线路老化。", "words": "本周内修复。", "basis": "有关规定。"},
    )
    become(page, "wang")
    page.goto(f"/my/petitions/{number}/")
    assert "本周内修复" in page.locator("main").inner_text()
    page.click("button:has-text('签收意见书')")
    page.locator("summary:has-text('请求复查')").click()
    page.fill("[name=reason]", "只修了一盏。")
    page.click("button:has-text('提出请求')")
    page.wait_for_load_state()
    assert "复查中" in page.locator("main").inner_text()
    assert page.locator("a:has-text('信访事项处理意见书')").count() == 1
    assert page.problems == []


def test_a_petition_by_keyboard_alone(visit):
    page = visit("li")
    page.goto("/petitions/")
    page.focus("button:has-text('开始写')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/what/")
    page.focus("[name=subject]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("键盘写的标题")
    page.keyboard.press("Tab")
    page.keyboard.type("只用键盘写下来的事实和理由，一共不少于十个字。")
    page.keyboard.press("Tab")
    page.keyboard.type("请答复。")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/against/")
    page.go_back()
    assert page.input_value("[name=title]") == "键盘写的标题"
