"""What was granted reaches its applicant: collected with a code, or brought by the demo's courier; seen in the browser."""

import re

import pytest

from tests.walks import steps
from tests.walks.conftest import become

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]


def apply_with(page, way, **to):
    """An application whose result comes by this way; returns its number."""
    page.goto("/items/tree-felling/")
    page.click("text=在线申请")
    page.locator("main label", has_text="石建国").first.click()
    page.click("main button:has-text('继续')")
    page.wait_for_url("**/form/**")
    steps.fill_form(page)
    steps.hand_in(page)
    page.click(steps.NEXT)
    page.wait_for_url("**/check/")
    page.check(f"main [name=delivery][value={way}]")
    if to:
        page.click("main summary:has-text('选快递的')")
    for name, value in to.items():
        page.fill(f"main [name=to_{name}]", value)
    return steps.send(page)


def granted(page, number):
    """Through the offices in one browser, until the certificate is made."""
    become(page, "clerk")
    steps.act(page, number, "accept")
    become(page, "examiner")
    steps.act(page, number, "examine", opinion="现场与申请一致，在采伐限额内。")
    become(page, "head")
    steps.act(page, number, "grant", opinion="同意。")
    become(page, "clerk")
    wait(page, f"/work/cases/{number}/", "待送达")


def wait(page, address, words):
    """Look at a page again until it says so."""
    for _ in range(40):
        page.goto(address)
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{address} never said {words}: {page.locator('main').inner_text()}")


def test_collected_with_a_code(visit):
    villager, clerk = visit("shi", phone=True), visit("clerk")
    number = apply_with(villager, "window")
    granted(clerk, number)
    villager.goto(f"/my/cases/{number}/")
    villager.click("main a:has-text('看领取码')")
    text = villager.locator("main").inner_text()
    code = "".join(re.search(r"(?<!\d)(\d{3}) (\d{3})(?!\d)", text).groups())
    assert "待领取" in text

    clerk.click("main a:has-text('去送达')")
    clerk.click("main a:has-text('凭码交付')")
    clerk.fill("main [name=code]", f"{(int(code) + 1) % 1_000_000:06d}")
    clerk.click("main button:has-text('核对并交付')")
    clerk.wait_for_load_state()
    assert "还可以试 2 次" in clerk.locator("main").inner_text()
    clerk.fill("main [name=code]", code)
    clerk.click("main button:has-text('核对并交付')")
    clerk.wait_for_url("**/work/parcels/P*/")
    assert "已送达" in clerk.locator("main").inner_text()

    villager.goto(f"/my/cases/{number}/")
    mine = villager.locator("main").inner_text()
    assert "已经办结" in mine
    assert "签收：石建国" in mine
    assert [villager.problems, clerk.problems] == [[], []]


def test_brought_by_the_courier_of_the_demo(visit):
    page = visit("shi")
    number = apply_with(
        page, "courier", name="石小红", phone="10000005678", address="甘肃省玉门市演示路 8 号 2 单元 301"
    )
    granted(page, number)
    page.click("main a:has-text('去送达')")
    assert "甘肃省玉门市演示路 8 号 2 单元 301" in page.locator("main").inner_text()
    page.click("main button:has-text('下单寄出')")
    page.wait_for_load_state()
    parcel = page.url
    wait(page, parcel, "DEMO2")
    assert page.request.get(f"{parcel}label/").body()[:5] == b"%PDF-"
    page.goto("/work/parcels/?view=all")
    listed = page.locator("main").inner_text()
    assert "石**" in listed or "石*" in listed
    assert "10000005678" not in listed
    become(page, "shi")
    page.goto("/my/parcels/")
    page.click("main a:has-text('林木采伐许可证核发') >> nth=0")
    assert "待揽收" in page.locator("main").inner_text()
    page.click(".demo-strip button[value=five]")
    page.wait_for_load_state()
    try:
        wait(page, f"/my/cases/{number}/", "已经办结")
        mine = page.locator("main").inner_text()
        assert "签收：本人签收（演示）" in mine
        assert "快递员正在派送" in mine
        assert page.locator("main").inner_text().count("超期") == 0
    finally:
        page.click(".demo-strip button[value=reset]")
    assert page.problems == []


def test_without_javascript_on_a_phone(visit):
    page = visit("shi", phone=True, js=False)
    number = apply_with(page, "window")
    granted(page, number)
    become(page, "shi")
    page.goto("/my/parcels/")
    page.click("main a:has-text('林木采伐许可证核发') >> nth=0")
    before = page.locator("main").inner_text()
    page.click("main button:has-text('换一个新码')")
    page.wait_for_load_state()
    after = page.locator("main").inner_text()
    codes = [re.search(r"(?<!\d)(\d{3} \d{3})(?!\d)", text)[1] for text in (before, after)]
    assert codes[0] != codes[1]
    become(page, "clerk")
    page.goto("/work/parcels/hand/")
    page.fill("main [name=number]", re.search(r"P\d{13}", after)[0])
    page.fill("main [name=code]", codes[1])
    page.click("main button:has-text('核对并交付')")
    page.wait_for_load_state()
    assert "已送达" in page.locator("main").inner_text()
