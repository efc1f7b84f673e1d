"""企业开办 in the browser: one form and one set of papers, four cases after each other, to the last certificate."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import TimeoutError as TooLate

from hexi.kernel import clock
from hexi.wire.checksums import make_resident_id
from tests.walks import steps
from tests.walks.conftest import become
from tests.walks.measures import sound

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
PLACE = ("620000000000", "620900000000", "620981000000", "620981101000")
NUMBER = make_resident_id("629999", date(1986, 9, 21), 13)
ANSWERS = {
    "brand": "沙枣花", "industry": "商贸", "full_name": "玉门沙枣花商贸有限公司", "needs_approval": "no",
    "contains_other": "no", "pledge": ["liability", "truth"], "company_type": "one_person",
    "company_address.detail": "演示路 13 号（演示）", "capital": "50", "scope": "农产品销售", "term": "endless",
    "rep_name": "李文静", "rep_identity": NUMBER, "rep_phone": "10000000013", "holder_name": "李文静",
    "holder_kind": "person", "holder_identity": NUMBER, "contribution": "50",
    "pay_by": (clock.today() + timedelta(days=300)).isoformat(), "director": "李文静", "manager": "李文静",
    "supervisor": "王某", "liaison": "李文静", "liaison_phone": "10000000013", "seals": ["main", "invoice"],
    "maker": "demo_a", "invoice_kind": "ordinary", "count": "25", "highest": "10000",
}  # fmt: skip
STEPS = (
    ("企业名称自主申报", "market"),
    ("企业设立登记", "market"),
    ("公章刻制备案", "police"),
    ("增值税纸质发票领用", "tax"),
)


def test_a_company_from_the_guide_to_the_last_certificate(visit):
    founder = visit("li")
    founder.goto("/items/?event=starting_a_business")
    assert "10 份材料变 5 份" in founder.locator("main").inner_text()
    founder.click("main a:has-text('一次办完')")
    guide = founder.locator("main").inner_text()
    for words in ("4 张表变 1 张", "5 个工作小时", "公章刻制备案办好后自动开始", "电子营业执照"):
        assert words in guide
    founder.click("main a:has-text('一次申请')")
    founder.locator("main label", has_text="李文静").first.click()
    founder.click("main button:has-text('继续')")
    founder.wait_for_url("**/form/**")
    seen = fill_form(founder)
    assert not {"body_name", "body_code", "company_name", "legal_form", "first_time"} & seen
    papers = founder.locator("main").inner_text()
    assert "名称自主申报告知书" not in papers
    steps.hand_in(founder)
    founder.click(steps.NEXT)
    founder.wait_for_url("**/check-all/")
    sound(founder, "cases.bundle_check")
    assert "企业名称自主申报办好后自动开始。" in founder.locator("main").inner_text()
    founder.check("main [name=_declared]")
    founder.click("main button:has-text('提交')")
    founder.wait_for_url("**/my/bundles/**")
    sound(founder, "cases.my_bundle")
    line = founder.url
    assert "0 / 4 步办好" in founder.locator("main").inner_text()

    for done, (title, who) in enumerate(STEPS):
        number = running(founder, line, title)
        office = visit(who)
        office.goto(f"/work/cases/{number}/")
        assert f"企业开办一件事（第 {done + 1} 步，共 4 步）" in office.locator("main").inner_text()
        steps.act(office, number, "accept")
        steps.act(office, number, "examine", opinion="核对无误。")
        steps.act(office, number, "grant", opinion="同意。")
        assert office.problems == []
    waited(founder, line, "全部办好")
    founder.goto("/my/certificates/")
    mine = founder.locator("main").inner_text()
    for certificate in ("企业名称自主申报告知书", "营业执照", "印章刻制备案回执", "发票领用确认单"):
        assert certificate in mine
    founder.locator("main a", has_text="营业执照").first.click()
    licence = founder.locator("main").inner_text()
    assert "玉门沙枣花商贸有限公司" in licence
    assert re.search(r"91629999MA[0-9A-Z]{8}", licence)
    become(founder, "shi")
    assert founder.goto(line).status == 404
    assert founder.problems == []


def test_a_company_begun_at_the_counter(visit):
    clerk = visit("market")
    clerk.goto("/work/enter/")
    clerk.click("main .tabs a:has-text('一件事')")
    clerk.select_option("main [name=bundle]", index=[
        "企业开办" in one for one in clerk.locator("main [name=bundle] option").all_inner_texts()
    ].index(True))  # fmt: skip
    clerk.fill("main [name=name]", "李文静")
    clerk.fill("main [name=number]", NUMBER)
    clerk.check("main [name=seen]")
    clerk.click("main button:has-text('开始录入')")
    clerk.wait_for_url("**/form/**")
    fill_form(clerk)
    steps.hand_in(clerk)
    clerk.click(steps.NEXT)
    clerk.wait_for_url("**/check-all/")
    clerk.check("main [name=_declared]")
    clerk.click("main button:has-text('提交')")
    clerk.wait_for_url("**/work/cases/**")
    words = clerk.locator("main").inner_text()
    for said in ("企业开办一件事（第 1 步，共 4 步）", "窗口按纸质申请录入", "李文静"):
        assert said in words
    become(clerk, "li")
    clerk.goto("/my/bundles/")
    assert "0 / 4 步办好" in clerk.locator("main").inner_text()
    assert clerk.problems == []


def running(page, line, title):
    """The number of the case that has begun under this title."""
    for _ in range(60):
        page.goto(line)
        link = page.locator("main a[href*='/my/cases/']", has_text=title)
        if link.count():
            return re.search(r"/my/cases/([^/]+)/", link.first.get_attribute("href"))[1]
        page.wait_for_timeout(500)
    raise AssertionError(f"{title} has not begun")


def waited(page, line, words):
    """Until the page says so: certificates are made by the worker."""
    for _ in range(60):
        page.goto(line)
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{words} is not said")


def fill_form(page):
    """Section after section, until the materials; the names of all questions met."""
    seen = set()
    for _ in range(12):
        if "/form/" not in page.url:
            break
        here = page.url
        seen |= fill_section(page)
        page.click(steps.NEXT)
        page.wait_for_url(lambda url, before=here: url != before)
    return seen


def fill_section(page):
    for region in ("name_region", "company_address.region"):
        if page.locator(f"main select[name='{region}']").count():
            pick(page, region, PLACE if "address" in region else PLACE[:3])
    met = set()
    for _again in range(2):  # what an answer brings up is answered too
        for name in page.eval_on_selector_all("main [name]", "all => [...new Set(all.map(one => one.name))]"):
            key = re.sub(r"^shareholders\.[^.]+\.", "", name)
            met.add(key.partition(".")[0])
            if key in ANSWERS:
                answer(page, name, ANSWERS[key])
    return met


def answer(page, name, value):
    control = page.locator(f"main [name='{name}']:not([type=hidden])")
    kind = control.first.get_attribute("type") or control.first.evaluate("one => one.tagName.toLowerCase()")
    if not control.first.is_visible():
        return
    if kind in ("radio", "checkbox"):
        for one in value if isinstance(value, list) else [value]:
            control.and_(page.locator(f"[value='{one}']")).check()
    elif kind == "select":
        control.first.select_option(value)
    else:
        control.first.fill(value)


def pick(page, name, place):
    """Down the levels; a level chosen before the page's script was ready is chosen once more."""
    levels = page.locator(f"main select[name='{name}']")
    for depth, code in enumerate(place):
        wanted = levels.nth(depth).locator(f"option[value='{code}']")
        try:
            wanted.wait_for(state="attached", timeout=5_000)
        except TooLate:
            levels.nth(depth - 1).dispatch_event("change")
            wanted.wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        if levels.nth(depth).input_value() != code:
            levels.nth(depth).select_option(code)
    page.wait_for_load_state("networkidle")
