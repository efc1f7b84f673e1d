"""建筑工程施工许可 in the browser: one intake, four departments side by side, a visit of two, one decision."""

import re
from datetime import timedelta

import pytest

from hexi.kernel import clock
from tests.walks import steps
from tests.walks.measures import sound

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
COMPANY = "玉门河西演示商贸有限公司"
PLACE = ("620000000000", "620900000000", "620981000000", "620981106000", "620981106203")
ANSWERS = {
    "contact_phone": "10000000013", "project": "戈壁葡萄加工厂房", "site.detail": "3 组 5 号（演示）", "kind": "factory",
    "floor_area": "3200", "price": "860", "builder": "酒泉演示建筑公司", "manager": "演示经理", "environment": "form",
    "soil": "yes", "road": "no", "pledge": "truth",
    "period.from": (clock.today() + timedelta(60)).isoformat(), "period.to": (clock.today() + timedelta(260)).isoformat(),
}  # fmt: skip
DEPARTMENTS = {
    "land": "玉门市自然资源局",
    "ecology": "酒泉市生态环境局玉门分局",
    "water": "玉门市水务局",
    "police": "玉门市公安局",
}


def pick_place(page):
    """From the province down to the village, each level listed when the one above it is chosen."""
    levels = page.locator("select[name='site.region']")
    for depth, code in enumerate(PLACE):
        levels.nth(depth).locator(f"option[value='{code}']").wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        if levels.nth(depth).input_value() != code:
            # the fragment that answers brings its own listeners: choosing before it is there is lost
            with page.expect_response(lambda answer: "/regions/" in answer.url):
                levels.nth(depth).select_option(code)
            page.wait_for_timeout(100)


def apply(page):
    """The company's application; returns the number."""
    page.goto("/items/construction-permit/")
    page.click("text=在线申请")
    if page.locator("main input[name=person]").count():
        page.locator("main label", has_text=COMPANY).first.click()
        page.click("main button:has-text('继续')")
    page.wait_for_url("**/form/**")
    for _ in range(8):
        if "/form/" not in page.url:
            break
        here = page.url
        if page.locator("select[name='site.region']").count():
            pick_place(page)
        steps.fill_section(page, ANSWERS)
        page.click(steps.NEXT)
        page.wait_for_url(lambda url, before=here: url != before)
    steps.hand_in(page)
    page.click(steps.NEXT)
    page.wait_for_url("**/check/")
    return steps.send(page)


def open_from_inbox(page, number):
    """The officer finds the case in the worklist, sees it in the side panel and opens it."""
    page.goto(f"/work/inbox/?q={number}")
    page.locator("main table a", has_text="建筑工程施工许可").first.click()
    page.locator("#panel-body h1").wait_for()
    page.click("#panel-open")
    page.locator("#panel").wait_for(state="hidden")
    page.wait_for_load_state()


def report(page, number, result, opinion, conditions=""):
    """What a department says, from its own worklist."""
    open_from_inbox(page, number)
    sound(page, "cases.joint_review")
    page.click("main button:has-text('领取')")
    page.wait_for_load_state()
    page.locator("main label", has_text=result).first.click()
    page.fill("main [name=opinion]", opinion)
    if conditions:
        page.fill("main [name=conditions]", conditions)
    page.click("main button:has-text('提交审查意见')")
    page.wait_for_load_state()
    return page.locator("main").inner_text()


def standing(page, number):
    """The case as an official reads it."""
    page.goto(f"/work/cases/{number}/")
    return page.locator("main").inner_text()


def procedure(page, number, link, /, **fields):
    """One step of a special procedure, from its link on the case page."""
    page.goto(f"/work/cases/{number}/")
    page.locator("main a", has_text=link).first.click()
    page.wait_for_url("**/procedures/**")
    sound(page, "cases.procedure")
    for name, value in fields.items():
        control = page.locator(f"main [name={name}]")
        kind = control.first.evaluate("one => one.type || one.tagName.toLowerCase()")
        if kind == "file":
            control.set_input_files({"name": "site.jpg", "mimeType": "image/jpeg", "buffer": value})
        elif kind == "radio":
            control.and_(page.locator(f"[value='{value}']")).check()
        elif kind == "select-one":
            option = control.locator("option", has_text=value).get_attribute("value")
            control.select_option(option)
        else:
            control.fill(value)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()
    return page.locator("main").inner_text()


def test_four_departments_side_by_side(visit):
    owner = visit("li")
    number = apply(owner)
    housing, head = visit("housing"), visit("housing-head")
    assert "0 / 4 个部门已提出意见" in steps.act(housing, number, "accept")
    assert "并联审查中" in steps.act(housing, number, "examine", opinion="具备施工条件。")
    waiting = standing(head, number)
    assert [name in waiting for name in DEPARTMENTS.values()] == [True] * 4
    assert waiting.count("还缺") == 4
    assert head.locator("form[action$='/grant/']").count() == 0

    mayor = visit("mayor")
    assert steps.act(mayor, number, "extend_joint", days="5", opinion="涉及部门多。").count("50 个工作日") == 1

    officers = {name: visit(name) for name in DEPARTMENTS}
    text = report(officers["land"], number, "同意", "位置、规模与规划许可一致。")
    assert "位置、规模与规划许可一致。" in text
    assert "环境影响评价批复" not in text
    report(officers["ecology"], number, "同意", "环评已批复。")
    report(officers["water"], number, "不同意", "水土保持方案批复的范围不一致。")
    assert "还缺玉门市公安局" in standing(head, number)
    owner.goto(f"/my/cases/{number}/")
    mine = owner.locator("main").inner_text()
    assert "3 / 4 个部门已提出意见" in mine
    assert "范围不一致" not in mine, "what offices write among themselves is not the applicant's"
    report(officers["police"], number, "有条件同意", "影响不大。", "不得在上下学时段占道。")
    assert "待决定" in standing(head, number)

    assert "已指派" in procedure(housing, number, "指派现场核查人员", first="秦住建", second="尤工程")
    found = {"place": "石河子村工地", "latitude": "40.29154", "longitude": "97.04528", "findings": "围挡、道路已完成。"}
    text = procedure(housing, number, "填写现场核查情况", **found, photos=steps.picture("peru"), passed="1")
    assert "等另一人确认" in text
    refused = steps.act(head, number, "grant", opinion="同意。")
    assert "写出部门全称：玉门市水务局" in refused
    answered = "玉门市水务局指出的范围已由建设单位补充承诺，开工前变更批复。同意。"
    assert "施工现场核查" in steps.act(head, number, "grant", opinion=answered)
    builder = visit("builder")
    assert "石河子村工地" in procedure(builder, number, "确认现场核查情况")
    decided = steps.act(head, number, "grant", opinion=answered)
    assert "制证中" in decided or "办结" in decided

    owner.goto(f"/my/cases/{number}/")
    for _ in range(40):
        if "已经办结" in owner.locator("main").inner_text():
            break
        owner.wait_for_timeout(500)
        owner.reload()
    mine = owner.locator("main").inner_text()
    assert "已经办结" in mine
    assert "4 / 4 个部门已提出意见" in mine
    owner.goto("/my/certificates/")
    assert "建筑工程施工许可证" in owner.locator("main").inner_text()
    for page in (owner, housing, head, mayor, builder, *officers.values()):
        assert page.problems == []


def test_a_neighbour_is_told_and_asks_for_a_hearing(visit):
    owner = visit("li")
    number = apply(owner)
    housing = visit("housing")
    steps.act(housing, number, "accept")
    procedure(
        housing, number, "告知利害关系人", name="石建国", why="厂房遮挡他家院子的采光。", number="629999196805120117"
    )
    assert "石建国" in procedure(housing, number, "告知听证权利", opinion="遮挡邻居采光。")
    neighbour = visit("shi", phone=True)
    neighbour.goto("/my/notices/")
    neighbour.locator("a:has-text('请您陈述意见')").first.click()
    neighbour.wait_for_load_state()
    if "/my/views/" not in neighbour.url:
        neighbour.goto(re.search(r"/my/views/\d+/", neighbour.content())[0])
    assert "遮挡他家院子的采光" in neighbour.locator("main").inner_text()
    sound(neighbour, "cases.view")
    neighbour.fill("main [name=text]", "厂房请退后三米。")
    neighbour.click("main button:has-text('要求听证')")
    neighbour.wait_for_load_state()
    owner.goto(f"/my/cases/{number}/")
    assert "有人要求听证" in owner.locator("main").inner_text()
    soon = (clock.today() + timedelta(2)).isoformat()
    refused = procedure(housing, number, "通知听证", at=f"{soon}T09:30", place="二楼会议室", presider="许局长")
    assert "要提前七个工作日通知" in refused
    day = re.search(r"最早可以定在 (\d{4}-\d\d-\d\d)", refused)[1]
    assert "主持人许局长" in procedure(
        housing, number, "通知听证", at=f"{day}T09:30", place="二楼会议室", presider="许局长"
    )
    presider = visit("housing-head")
    presider.goto(f"/work/minutes/{number}/")
    sound(presider, "cases.minutes")
    owner.reload()
    assert "二楼会议室" in owner.locator("main").inner_text()
    for page in (owner, housing, neighbour):
        assert page.problems == []
