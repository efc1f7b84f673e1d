"""The whole story in the browser: a villager applies, the offices decide within a day, anyone can check the code."""

import re

import pytest

from tests.walks import steps
from tests.walks.conftest import become

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]


def counted(page):
    """What the public statistics say of the item: received, accepted, by law, granted, refused, ended."""
    page.goto("/statistics/")
    row = page.locator("tr", has=page.locator("th", has_text="林木采伐许可证核发"))
    return [int(text.replace(",", "")) for text in row.locator("td").all_inner_texts()[:6]]


def test_the_whole_story(visit):
    stranger = visit()
    before = counted(stranger)
    villager = visit("shi", phone=True)
    villager.goto("/search/?q=采伐")
    villager.click("main a:has-text('林木采伐许可证核发')")
    guide = villager.locator("main").inner_text()
    for words in ("我能办吗", "1 个工作日", "20 个工作日", "要带什么", "怎么办", "在哪里办"):
        assert words in guide
    villager.click("text=在线申请")
    villager.locator("main label", has_text="石建国").first.click()
    villager.click("main button:has-text('继续')")
    villager.wait_for_url("**/form/**")
    assert villager.input_value("[name=applicant_name]") == "石建国"
    steps.fill_form(villager)
    steps.hand_in(villager)
    villager.click(steps.NEXT)
    villager.wait_for_url("**/check/")
    check = villager.locator("main").inner_text()
    assert "最晚告知是否受理" in check
    promised = re.search(r"作出决定\s+今天受理的，最晚 (\S+)；最迟不超过 \S+", check)[1]
    assert "渠东林带" in check
    number = steps.send(villager)

    clerk = visit("clerk")
    clerk.goto("/work/inbox/")
    assert f"{number[31:39]}-{number[39:]}" in clerk.locator("main").inner_text()
    accepted = steps.act(clerk, number, "accept")
    assert "审查中" in accepted
    assert promised in accepted, "the day told before sending is the day the clock shows"
    examiner = visit("examiner")
    assert "待决定" in steps.act(examiner, number, "examine", opinion="现场与申请一致，在采伐限额内。")
    head = visit("head")
    head_text = steps.act(head, number, "grant", opinion="同意。")
    assert "制证中" in head_text or "办结" in head_text

    villager.goto(f"/my/cases/{number}/")
    for _ in range(40):
        if "已经办结" in villager.locator("main").inner_text():
            break
        villager.wait_for_timeout(500)
        villager.reload()
    mine = villager.locator("main").inner_text()
    assert "已经办结" in mine
    assert "同意。" in mine
    assert "在采伐限额内" not in mine, "inner opinions are not the applicant's"
    villager.goto("/my/certificates/")
    villager.click("main a >> nth=0")
    identifier = re.search(r"1\.2\.156\.3005\.2[0-9A-Z.]+", villager.locator("main").inner_text())[0]

    stranger.goto(f"/verify/{identifier}/")
    proof = stranger.locator("main").inner_text()
    assert "有效" in proof
    assert "演示" in proof
    assert "石建国" not in proof
    assert [now - then for now, then in zip(counted(stranger), before, strict=True)] == [1, 1, 0, 1, 0, 1]
    for page in (villager, clerk, examiner, head, stranger):
        assert page.problems == []


def test_correction_once_then_acceptance(visit):
    page = visit("shi")
    number = steps.apply(page)
    become(page, "clerk")
    steps.act(page, number, "ask_correction", point_spot="请写明小班号")
    become(page, "shi")
    page.goto(f"/my/cases/{number}/")
    assert "请写明小班号" in page.locator("main").inner_text()
    page.click("main button:has-text('去补充')")
    page.wait_for_url("**/drafts/**")
    while "/form/" in page.url:
        here = page.url
        if page.locator("[name=spot]").count():
            page.fill("[name=spot]", "渠东 3 小班")
        page.click(steps.NEXT)
        page.wait_for_url(lambda url, before=here: url != before)
    page.click(steps.NEXT)
    page.wait_for_url("**/check/")
    page.check("main [name=_declared]")
    page.click("main button:has-text('提交')")
    page.wait_for_url("**/sent/")
    become(page, "clerk")
    page.goto(f"/work/cases/{number}/")
    assert page.locator("form[action$='/ask_correction/']").count() == 0
    assert "渠东 3 小班" in page.locator("main").inner_text()
    assert "审查中" in steps.act(page, number, "accept")


def test_refusal_with_reason(visit):
    page = visit("shi")
    number = steps.apply(page)
    become(page, "clerk")
    steps.act(page, number, "accept")
    become(page, "examiner")
    steps.act(page, number, "examine", opinion="在封山育林区内。")
    become(page, "head")
    page.goto(f"/work/cases/{number}/")
    page.locator("details.action", has=page.locator("form[action$='/refuse/']")).locator("summary").click()
    form = page.locator("form[action$='/refuse/']")
    form.evaluate("one => one.noValidate = true")
    form.locator("button").last.click()
    page.wait_for_load_state()
    assert "请写明理由" in page.locator("main").inner_text()
    steps.act(page, number, "refuse", opinion="采伐点在封山育林区内，依法不能采伐。")
    become(page, "shi")
    page.goto(f"/my/cases/{number}/")
    assert "不予许可" in page.locator("main").inner_text()
    assert page.locator("a:has-text('不予行政许可决定书')").count() == 1


def test_a_draft_resumed_on_another_device(visit):
    desk = visit("li")
    desk.goto("/items/tree-felling/")
    desk.click("text=在线申请")
    desk.locator("main label", has_text="李文静").first.click()
    desk.click("main button:has-text('继续')")
    desk.wait_for_url("**/drafts/**")
    # an earlier walk may have left a draft: it is resumed where it stood
    desk.goto(desk.url.partition("form/")[0].partition("materials/")[0] + "form/place/")
    desk.fill("[name=spot]", "沙枣林")
    desk.click("main button:has-text('以后再填')")
    desk.wait_for_load_state()
    phone = visit("li", phone=True)
    phone.goto("/my/drafts/")
    phone.click("main a:has-text('林木采伐许可证核发')")
    phone.wait_for_url("**/form/place/**")
    assert phone.input_value("[name=spot]") == "沙枣林"


def test_without_javascript(visit):
    page = visit("shi", js=False)
    number = steps.apply(page)
    page.goto(f"/my/cases/{number}/")
    assert "窗口正在核对材料" in page.locator("main").inner_text()
    become(page, "clerk")
    assert "审查中" in steps.act(page, number, "accept")


def test_a_stale_page_is_told_and_nothing_typed_is_lost(visit):
    page = visit("shi")
    number = steps.apply(page)
    one, other = visit("clerk"), visit("hall")
    one.goto(f"/work/cases/{number}/")
    steps.act(other, number, "accept")
    form = one.locator("form[action$='/give_back/']")
    one.locator("details.action", has=form).locator("summary").click()
    form.locator("[name='give_back__opinion']").fill("身份证照片看不清")
    form.locator("button").last.click()
    one.wait_for_load_state()
    text = one.locator("main").inner_text()
    assert "已有变化" in text
    assert "身份证照片看不清" in one.content()


def test_the_law_accepts_when_the_demo_clock_passes_five_days(visit, site):
    """Last: it moves the clock of the whole installation."""
    page = visit("shi")
    number = steps.apply(page)
    page.goto(f"/my/cases/{number}/")
    page.click(".demo-strip button[value=five]")
    page.wait_for_load_state()
    page.goto(f"/my/cases/{number}/")
    text = page.locator("main").inner_text()
    assert "视为受理" in text
    assert page.locator("a:has-text('视为受理通知书')").count() == 1
    page.click(".demo-strip button[value=reset]")
