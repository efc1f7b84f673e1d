"""What bad input gets: a clear message that names field and remedy, and nothing entered is lost."""

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.walks import steps

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]


def draft_of(page, item="tree-felling", name="石建国"):
    """Begin (or go on with) an application; the page stands on its first section."""
    page.goto(f"/items/{item}/")
    page.click("text=在线申请")
    page.wait_for_url(lambda url: "/items/" not in url)
    if page.locator("main input[name=person]").count():
        page.locator("main label", has_text=name).first.click()
        page.click("main button:has-text('继续')")
    page.wait_for_url("**/drafts/**")


def to_materials(page):
    """Where the files are handed in, in an application begun or gone on with."""
    draft_of(page)
    steps.fill_form(page)
    page.wait_for_url("**/materials/")


def chosen(name, content, kind="image/jpeg"):
    return {"name": name, "mimeType": kind, "buffer": content}


def said_at(page, name):
    """The sentence at a control, which the control names as its description."""
    control = page.locator(f"main [name='{name}']").first
    assert control.get_attribute("aria-invalid") == "true"
    about = control.get_attribute("aria-describedby").split()
    return page.locator(f"[id='{next(one for one in about if 'error' in one)}']").inner_text()


def card(page, name):
    """The part of the materials page for one material."""
    return page.locator(f"section[id='card-{name}']")


def count_of_cases(page):
    return len(set(re.findall(r"/my/cases/([0-9A-Z]{40,})/", page.request.get("/my/cases/").text())))


def test_session_expired_in_mid_form(visit):
    page = visit("li")
    draft_of(page, name="李文静")
    page.click(steps.NEXT)
    page.wait_for_url("**/form/place/")
    page.fill("[name=spot]", "沙枣林北缘")
    page.context.clear_cookies(name="sessionid")
    page.click(steps.NEXT)
    page.wait_for_url("**/accounts/login/**")
    steps.sign_in_here(page, "li")
    page.wait_for_url("**/form/place/**")
    assert "刚才填写的内容已经放回" in page.locator("body").inner_text()
    assert page.input_value("[name=spot]") == "沙枣林北缘"
    assert page.problems == []


def test_session_expired_on_a_page_that_keeps_no_draft(visit):
    page = visit("li")
    page.goto("/my/account/edit/")
    moved = page.input_value("[name=address]") + "（北门）"
    page.fill("[name=address]", moved)
    page.context.clear_cookies(name="sessionid")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/accounts/login/**")
    steps.sign_in_here(page, "li")
    page.wait_for_url("**/kept/")
    assert "您填的内容还在" in page.locator("h1").inner_text()
    page.click("main button:has-text('继续提交')")
    page.wait_for_url("**/my/account/")
    page.goto("/my/account/edit/")
    assert page.input_value("[name=address]") == moved


def test_the_same_application_sent_twice(visit):
    """By a double click, from a second window, and after going back."""
    page = visit("shi")
    before = count_of_cases(page)
    to_materials(page)
    steps.hand_in(page)
    page.click(steps.NEXT)
    page.wait_for_url("**/check/")
    second = page.context.new_page()
    second.goto(page.url)
    for window in (page, second):
        window.check("main [name=_declared]")
    page.dblclick("main button:has-text('提交')")
    page.wait_for_url("**/sent/")
    number = re.search("/my/cases/([^/]+)/", page.url)[1]
    second.click("main button:has-text('提交')")
    second.wait_for_load_state()
    page.go_back()
    for window in (page, second):
        # what was sent already leads to its confirmation, with the one number
        expect(window.locator("main")).to_contain_text("已提交")
        expect(window.locator("main")).to_contain_text(number)
        assert window.locator("main button:has-text('提交')").count() == 0
    assert count_of_cases(page) == before + 1
    assert page.problems == []


def test_a_wrong_identity_number(visit):
    page = visit("supervisor")
    page.goto("/my/account/bind/")
    page.fill("[name=name]", "沈监察")
    page.fill("[name=number]", "629999196805120118")  # the last character should be 7
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    assert said_at(page, "number") == "公民身份号码第 18 位校验码不对，请逐位核对。"
    assert page.locator(".error-summary a[href='#id_number']").count() == 1
    assert page.input_value("[name=name]") == "沈监察"
    assert page.input_value("[name=number]") == "629999196805120118"


def test_a_wrong_credit_code(visit):
    page = visit("li")
    page.goto("/my/account/body/")
    page.fill("[name=name]", "玉门河西演示商贸有限公司")
    page.fill("[name=number]", "91629999MA00020295")  # the last character should be Y
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    assert "校验码不对" in said_at(page, "number")
    assert page.input_value("[name=name]") == "玉门河西演示商贸有限公司"
    assert page.input_value("[name=number]") == "91629999MA00020295"


def test_disguised_and_oversized_files(visit, tmp_path):
    page = visit("shi")
    to_materials(page)
    slots = [one.get_attribute("name") for one in page.locator("main input[type=file]").all()]
    good, disguised, large = slots[:3]
    picture = steps.picture("olive")
    page.set_input_files(f"[name='{good}']", chosen("好照片.jpg", picture))
    page.set_input_files(f"[name='{disguised}']", chosen("证件.jpg", b"MZ\x90\x00" + bytes(2000)))
    (tmp_path / "太大.jpg").write_bytes(picture + bytes(20_000_001))
    page.set_input_files(f"[name='{large}']", tmp_path / "太大.jpg")
    page.click(steps.NEXT)
    page.wait_for_load_state()
    assert "/materials/" in page.url
    assert "证件.jpg" in said_at(page, disguised)
    too_large = said_at(page, large)
    assert "太大.jpg" in too_large
    assert "MB" in too_large
    for name in (disguised, large):
        assert page.locator(f".error-summary a[href='#id_{name}']").count() == 1
    assert "好照片.jpg" in card(page, good).inner_text()
    page.reload()
    assert "好照片.jpg" in card(page, good).inner_text(), "kept, whatever became of the others"
    page.goto(page.url.replace("/materials/", "/form/place/"))
    assert page.input_value("[name=spot]") == steps.ANSWERS["spot"]


def test_a_phone_photographs_while_the_computer_waits(visit):
    desk = visit("shi")
    to_materials(desk)
    name = desk.locator("main input[type=file]").last.get_attribute("name")
    card(desk, name).locator("a:has-text('用手机拍照上传')").click()
    code = card(desk, name).locator(".qr-box svg")
    code.scroll_into_view_if_needed()
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.screenshot())))
    phone = visit(phone=True)
    phone.goto(read.text)
    assert phone.locator("main .lead").inner_text() in desk.locator(f"[id='title-{name}']").inner_text()
    phone.set_input_files("[name=photo]", chosen("IMG_2026.jpg", steps.picture("teal")))
    phone.click("main button:has-text('上传')")
    expect(phone.locator("main")).to_contain_text("已收到 IMG_2026.jpg")
    expect(card(desk, name)).to_contain_text("IMG_2026.jpg", timeout=10_000)
    phone.set_input_files("[name=photo]", chosen("IMG_2027.jpg", b"MZ\x90\x00" + bytes(2000)))
    phone.click("main button:has-text('再传一张')")
    phone.wait_for_load_state()
    assert "IMG_2027.jpg" in phone.locator("main").inner_text() or said_at(phone, "photo")
    assert desk.problems == phone.problems == []


def test_a_page_without_the_right(visit):
    page = visit("clerk")
    answer = page.goto("/work/audit/")
    said = page.locator("main").inner_text()
    assert answer.status == 403
    assert "没有权限" in said
    assert "您的岗位不能打开" in said
    assert "请联系本部门管理员" in said
    assert page.locator("main a[href='/'], main a[href='/work/']").count() >= 1


def test_an_action_without_the_right(visit):
    """The window clerk has no button for the decision; who sends it all the same is told."""
    villager = visit("shi")
    number = steps.apply(villager)
    page = visit("clerk")
    page.goto(f"/work/cases/{number}/")
    assert page.locator("form[action$='/grant/']").count() == 0
    with page.expect_navigation():
        page.locator("form[action$='/accept/']").evaluate("""(one) => {
            one.action = one.action.replace('/accept/', '/grant/');
            HTMLFormElement.prototype.submit.call(one);
        }""")
    said = page.locator("main").inner_text()
    assert "没有权限" in said
    assert "您的岗位没有这项权限" in said
    assert "请联系本部门管理员" in said
    assert page.locator("main a:has-text('再试一次')").count() == 0, "the address answers POST alone"
    page.goto(f"/work/cases/{number}/")
    assert page.locator("form[action$='/accept/']").count() == 1, "nothing has changed"


def test_somebody_elses_case_is_not_there(visit):
    number = steps.apply(visit("shi"))
    page = visit("li")
    assert page.goto(f"/my/cases/{number}/").status == 404
    assert "石建国" not in page.locator("main").inner_text()


@pytest.mark.parametrize(("who", "address"), [("", "/items/no-such-item/"), ("clerk", "/work/cases/620981/")])
def test_an_address_that_does_not_exist(visit, who, address):
    page = visit(who)
    answer = page.goto(address)
    said = page.locator("main").inner_text()
    assert answer.status == 404
    assert "没有找到这一页" in said
    assert "搜索" in said
    assert re.search("[0-9a-f]{8}", said), "a number to quote"
    page.fill("input[name=q] >> nth=0", "采伐")
    page.press("input[name=q] >> nth=0", "Enter")
    page.wait_for_url("**/search/**")
    assert "林木采伐许可证核发" in page.locator("main").inner_text()
