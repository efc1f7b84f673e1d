"""The steps in a real browser: axe, questions that appear while typing, the whole way without JavaScript."""

import re

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from hexi.blocks.documents.tests.make import make_image, make_pdf
from hexi.blocks.forms import operations
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.queries import Standing
from hexi.blocks.forms.tests.make import (
    IDENTITY,
    make_draft,
    make_every_kind,
    make_field,
    make_form,
    make_kind,
    make_seedling_form,
)
from hexi.blocks.people.tests.make import acting, make_citizen
from hexi.blocks.regions.tests.make import SHIHEZI, make_divisions
from hexi.ui.assets import BUILT
from hexi.ui.tests.test_browser import AXE, DESKTOP, PHONE, overflow, too_small, violations

pytestmark = [
    pytest.mark.walk,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("hexi.blocks.forms.tests.urls"),
    pytest.mark.skipif(not AXE.exists() or not BUILT.exists(), reason="assets not built: python -m hexi.ui.build"),
]
VARIANTS = [("zh-hans", "elder", PHONE), ("en", "normal", DESKTOP)]


@pytest.fixture
def applicant(declared):
    return acting(make_citizen("applicant"))


@pytest.fixture
def visit(chromium, live_server, applicant):
    """Open a page as the applicant."""
    contexts = []
    client = Client()
    client.force_login(applicant.account, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value

    def opened(path, *, size=DESKTOP, lang="zh-hans", edition="normal", **how):
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **how)
        cookies = {settings.SESSION_COOKIE_NAME: session, "django_language": lang, "hexi_edition": edition}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        page = context.new_page()
        page.goto(live_server.url + path)
        contexts.append(context)
        return page

    yield opened
    for context in contexts:
        context.close()


def step(draft, name):
    return f"/sample/{draft.key}/{name}/"


@pytest.mark.parametrize(("lang", "edition", "size"), VARIANTS)
def test_every_kind_of_question(visit, applicant, declared, lang, edition, size):
    make_divisions()
    form = make_every_kind()
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    raw = {"j": SHIHEZI, "k": {"region": SHIHEZI, "detail": ""}, "q": [{"id": "r1"}], "l": "62", "i": True}
    operations.save_step(draft, raw=raw, version=1, by=applicant)
    for query in ("", "?check"):
        page = visit(step(draft, "form.s1") + query, lang=lang, edition=edition, size=size)
        assert violations(page) == []
        assert overflow(page) <= 0
        assert too_small(page, 60 if edition == "elder" else 44) == []


@pytest.mark.parametrize(("lang", "edition", "size"), VARIANTS)
def test_the_other_pages(visit, applicant, lang, edition, size):
    draft = make_draft(applicant)
    operations.discard(make_draft(applicant, ref="other"), by=applicant)
    for path in (
        step(draft, "materials"),
        step(draft, "materials") + "?phone=rights",
        step(draft, "check"),
        "/my/drafts/",
    ):
        page = visit(path, lang=lang, edition=edition, size=size)
        assert (path, violations(page)) == (path, [])
        assert overflow(page) <= 0
        assert too_small(page, 60 if edition == "elder" else 44) == []


def test_questions_appear_while_answering(visit, applicant):
    draft = make_draft(applicant)
    page = visit(step(draft, "form.applicant"))
    name = page.get_by_label("代办人姓名")
    assert not name.is_visible()
    page.get_by_role("group", name="是否由他人代办").get_by_label("是", exact=True).check()
    assert name.is_visible()
    name.fill("李四")
    page.get_by_role("group", name="是否由他人代办").get_by_label("否", exact=True).check()
    assert not name.is_visible()
    page.get_by_label("身份证号码").fill(IDENTITY)
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url(re.compile("form.trees"))
    assert Draft.objects.get().answers["agent_name"] == "李四"
    assert page.get_by_label("作业设计编号").is_visible() is False
    page.get_by_label("采伐蓄积").fill("１６")
    assert page.get_by_label("作业设计编号").is_visible() is True
    page.get_by_label("采伐蓄积").fill("600")
    assert page.get_by_label("作业设计编号").is_visible() is False


def test_questions_of_a_row_appear_too(visit, applicant):
    draft = make_draft(applicant)
    operations.save_step(draft, raw={"members": [{"id": "r1"}, {"id": "r2"}]}, version=1, by=applicant)
    page = visit(step(draft, "form.trees"))
    page.locator("[name='members.r2.own_saw'][value=yes]").check()
    assert [page.locator(f"[name='members.{row}.saw']").is_visible() for row in ("r1", "r2")] == [False, True]


def test_what_must_be_answered_follows_the_answers(visit, applicant, declared):
    form = make_form(
        [
            make_field("yes_no", "inherited", "是否继承"),
            make_field("text", "deed", "公证书编号", required={"var": "inherited"}),
            make_field("choices", "heirs", "继承人", required={"var": "inherited"}),
            make_field(
                "repeating", "plots", "地块", required=False,
                fields=[make_field("number", "mu", "面积"), make_field("text", "why", "为什么", required={">": [{"var": "mu"}, 10]})],
            ),
        ]
    )  # fmt: skip
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    operations.save_step(draft, raw={"plots": [{"id": "r1"}, {"id": "r2"}]}, version=1, by=applicant)
    page = visit(step(draft, "form.s1"))

    def duty(name):
        """(the word behind the label, whether the control must be filled in)"""
        box = page.locator(f"[data-field='{name}']")
        control = box.locator("input").last
        return "（选填）" in box.locator("legend, label").first.inner_text(), control.get_attribute(
            "required"
        ) is not None

    assert [duty(name) for name in ("deed", "heirs", "plots.r1.why")] == [(True, False)] * 3
    page.get_by_role("group", name="是否继承").get_by_label("是", exact=True).check()
    assert (duty("deed"), duty("heirs")) == ((False, True), (False, False))  # of boxes none must be ticked by itself
    page.fill("[name='plots.r2.mu']", "12")
    assert (duty("plots.r1.why"), duty("plots.r2.why")) == ((True, False), (False, True))
    assert violations(page) == []
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_selector(".error-summary")
    assert (duty("deed"), duty("plots.r1.why"), duty("plots.r2.why")) == ((False, True), (True, False), (False, True))
    page.get_by_role("group", name="是否继承").get_by_label("否", exact=True).check()
    assert duty("deed") == (True, False)


def test_rows_change_places_and_keep_their_photographs(visit, applicant, declared):
    form = make_seedling_form()
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    rows = [{"id": "r1", "species": "杨"}, {"id": "r2", "species": "柳"}]
    operations.save_step(draft, raw={"here": True, "trees": rows}, version=1, by=applicant)
    page = visit(step(draft, "form.order"), java_script_enabled=False)
    photo = {"name": "柳.png", "mimeType": "image/png", "buffer": make_image("PNG", seed=1)}
    page.set_input_files("[name='trees.r2.spot']", photo)
    page.fill("[name='trees.r1.species']", "新疆杨")  # what was typed is kept when a row is moved
    page.get_by_role("button", name="上移 苗木 2").click()
    page.wait_for_url("**#row-trees.r2")
    boxes = page.locator("fieldset#row-trees .card[id^='row-trees.']")
    assert boxes.evaluate_all("all => all.map(one => one.id)") == ["row-trees.r2", "row-trees.r1"]
    assert ["柳.png" in boxes.nth(place).inner_text() for place in (0, 1)] == [True, False]
    assert [page.input_value(f"[name='trees.{row}.species']") for row in ("r2", "r1")] == ["柳", "新疆杨"]
    page.get_by_role("button", name="下移 苗木 1").click()
    page.wait_for_url("**#row-trees.r2")
    assert [row["id"] for row in Draft.objects.get(pk=draft.pk).answers["trees"]] == ["r1", "r2"]
    assert "柳.png" in page.locator("[id='row-trees.r2']").inner_text()
    assert page.get_by_role("button", name="上移 苗木 1").count() == 0


def test_the_summary_leads_to_the_field(visit, applicant):
    draft = make_draft(applicant)
    page = visit(step(draft, "form.applicant"))
    page.get_by_role("button", name="保存并继续").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator(".error-summary a").first.click()
    expect(page.locator("#id_agent")).to_be_focused()


@pytest.mark.parametrize("script", [True, False])
def test_the_whole_way(visit, applicant, script):
    draft = make_draft(applicant)
    page = visit(step(draft, "form.applicant"), java_script_enabled=script)
    page.get_by_role("group", name="是否由他人代办").get_by_label("是", exact=True).check()
    if not script:
        page.get_by_role("button", name="保存并继续").click()
    page.get_by_label("代办人姓名").fill("李四")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("group", name="树种").get_by_label("松").check()
    page.get_by_label("采伐蓄积").fill("3.5")
    page.get_by_role("button", name="增加一行").click()
    page.get_by_label("姓名").fill("张三")
    page.get_by_role("group", name="自带油锯").get_by_label("否", exact=True).check()
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("button", name="上一步").click()
    assert page.get_by_label("姓名").input_value() == "张三"
    page.get_by_role("button", name="保存并继续").click()
    for slot in ("林权证", "委托书"):
        file = {"name": f"{slot}.pdf", "mimeType": "application/pdf", "buffer": make_pdf(text=slot.encode().hex())}
        page.get_by_label(f"选择文件：{slot}").set_input_files(file)
    page.get_by_role("button", name="保存并继续").click()
    assert "3.5 立方米" in page.locator("main").inner_text()
    page.get_by_label("我承诺所填属实。").check()
    page.get_by_role("button", name="提交").click()
    assert page.locator("body").inner_text() == "CASE-1"
    assert Draft.objects.get().answers["members"][0]["member"] == "张三"


def test_a_sum_follows_the_typing_and_agrees_with_the_server(visit, applicant, declared):
    form = make_seedling_form()
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    operations.save_step(draft, raw={"here": True, "trees": [{"id": "r1"}, {"id": "r2"}]}, version=1, by=applicant)
    page = visit(step(draft, "form.order"))
    total, reason = page.locator("#id_total"), page.locator("[data-field=reason]")
    assert (total.inner_text(), reason.is_visible()) == ("¥0.00", False)
    for row, (count, price) in {"r1": ("300", "12.50"), "r2": ("7", "1,000")}.items():
        page.fill(f"[name='trees.{row}.count']", count)
        page.fill(f"[name='trees.{row}.price']", price)
    assert (page.locator("[id='id_trees.r1.cost']").inner_text(), total.inner_text()) == ("¥3,750.00", "¥10,750.00")
    assert reason.is_visible()
    page.fill("[name='trees.r2.price']", "")
    assert total.inner_text() == "¥3,750.00"
    page.fill("[name='trees.r1.price']", "x")
    assert (total.inner_text(), reason.is_visible()) == ("¥0.00", False)
    page.fill("[name='trees.r1.price']", "1.005")
    assert total.inner_text() == "¥0.00"  # half a fen is no price, here as on the server
    for name in ("trees.r1.species", "trees.r2.species"):
        page.fill(f"[name='{name}']", "杨")
    page.fill("[name='trees.r1.price']", "0.35")
    page.fill("[name='trees.r2.price']", "2")
    said = total.inner_text()
    page.click("main button:has-text('保存并继续')")
    page.wait_for_url("**/form.sign/")
    assert (said, Standing(Draft.objects.get(pk=draft.pk)).cleaned.values["total"]) == ("¥119.00", 11_900)


def test_a_name_is_drawn_with_a_finger_and_kept(visit, applicant, declared):
    form = make_seedling_form()
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    page = visit(step(draft, "form.sign"), size=PHONE)
    field = page.locator("canvas")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for n in range(12):
        page.mouse.move(box["x"] + 20 + 10 * n, box["y"] + 20 + 5 * n)
    page.mouse.up()
    page.fill("[name='place.lon']", "97.045")
    page.fill("[name='place.lat']", "40.292")
    page.click("main button:has-text('保存并继续')")
    page.wait_for_url("**/check/")
    assert "已手写签名" in page.locator("main").inner_text()
    signed = Draft.objects.get(pk=draft.pk).answers["signed"]["strokes"]
    assert (len(signed), len(signed[0])) == (1, 13)
    page.goto(page.url.replace("check", "form.sign"))
    page.click("button:has-text('清除重签')")
    page.click("main button:has-text('保存并继续')")
    page.wait_for_selector(".error-summary")
    assert "请在“申请人”签名。" in page.locator(".error-summary").inner_text()


def test_the_device_tells_where_it_is(visit, applicant, declared):
    form = make_seedling_form()
    declared(make_kind(form))
    draft = make_draft(applicant, form)
    where = {"latitude": 40.2921234, "longitude": 97.0451239}
    page = visit(step(draft, "form.sign"), geolocation=where, permissions=["geolocation"])
    page.click("button:has-text('用我现在的位置')")
    expect(page.locator("[name='place.lon']")).not_to_have_value("")
    assert (page.input_value("[name='place.lon']"), page.input_value("[name='place.lat']")) == (
        "97.045124",
        "40.292123",
    )
