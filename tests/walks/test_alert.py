"""An alert goes out and is confirmed: composed by one, approved by another, seen by all, confirmed by link, called off."""

import pytest

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
