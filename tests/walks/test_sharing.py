"""Data asked for, granted, used in a citizen's form; the thread leads from the catalogue to the figure."""

import re

import pytest

from tests.walks import steps
from tests.walks.conftest import become

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]


def ask(page):
    """The forestry office asks for the register of persons, screen by screen; gives the number."""
    page.goto("/work/catalog/?q=自然人登记信息")
    page.click("main a:has-text('自然人登记信息')")
    page.click("main button:has-text('申请共享')")
    page.wait_for_url("**/why/")
    page.click("main button:has-text('下一步')")
    page.wait_for_load_state()
    assert "请写明用途" in page.locator("main").inner_text()
    page.fill("[name=purpose]", "办理林木采伐许可，预填申请人所在村")
    page.fill("[name=law]", "《中华人民共和国森林法》第五十七条")
    page.select_option("[name=item]", label="林木采伐许可证核发")
    page.click("main button:has-text('下一步')")
    page.wait_for_url("**/what/")
    for name in ("name", "region_code"):
        page.check(f"[name=fields_][value={name}]")
        page.check(f"[name=full][value={name}]")
    page.click("main button:has-text('下一步')")
    page.wait_for_url("**/how/")
    page.select_option("[name=answer_village]", "region_code")
    page.click("main button:has-text('下一步')")
    page.wait_for_url("**/check/")
    assert "张某某" in page.locator("main").inner_text()
    page.click("main button:has-text('提交申请')")
    page.wait_for_url(re.compile("/work/sharing/D[0-9]+/"))
    return re.search("D[0-9]{18,}", page.url)[0]


def test_from_the_catalogue_to_a_form_and_back_along_the_thread(visit):
    page = visit("clerk")
    number = ask(page)
    become(page, "tax")
    assert page.goto(f"/work/sharing/{number}/").status == 404
    become(page, "police")
    page.goto("/work/sharing/?view=todo")
    assert number in page.content()
    page.goto(f"/work/sharing/{number}/")
    page.click("#grantform button[type=submit]")
    page.wait_for_load_state()
    assert "已授权" in page.locator("main").inner_text()
    try:
        become(page, "shi")
        page.goto("/search/?q=采伐")
        page.click("main a:has-text('林木采伐许可证核发')")
        page.click("text=在线申请")
        page.locator("main label", has_text="石建国").first.click()
        page.click("main button:has-text('继续')")
        page.wait_for_url("**/form/**")
        if "共享数据" not in page.locator("main").inner_text():
            page.click(steps.NEXT)
            page.wait_for_load_state()
        assert "来自共享数据" in page.locator("main").inner_text()
        page.goto("/my/looks/")
        assert "自然人登记信息" in page.locator("main").inner_text()
        become(page, "clerk")
        page.goto(f"/work/sharing/{number}/thread/")
        said = page.locator("main").inner_text()
        assert "draft-" in said
        assert "自然人登记信息" in said
        for link in page.locator("main a").evaluate_all("all => all.map(one => one.href)"):
            assert page.request.get(link).status == 200, link
    finally:
        become(page, "police")
        page.goto(f"/work/sharing/{number}/grant/revoke/")
        page.fill("[name=why]", "演示结束")
        page.click("main button:has-text('收回授权')")
        page.wait_for_load_state()
    assert "收回" in page.locator("main").inner_text()
    assert page.problems == []


def test_the_thread_leads_to_the_grant_of_a_system_and_back(visit):
    page = visit("tax")
    page.goto("/work/sharing/?q=排污许可企业名录")
    page.click("main a:has-text('排污许可企业名录')")
    page.click("main a:has-text('数据的来龙去脉')")
    page.wait_for_url("**/thread/")
    thread = page.url
    said = page.locator("main").inner_text()
    assert "/r1/" in said, "where the system calls"
    assert "办税服务系统" in said
    page.click("main a[href^='/work/grants/']")
    page.wait_for_url(re.compile("/work/grants/[0-9]+/"))
    assert "/r1/" in page.locator("main").inner_text()
    page.click("main a:has-text('数据的来龙去脉')")
    page.wait_for_url("**/thread/")
    assert page.url == thread
    assert page.problems == []
