"""Promises in the browser: papers that follow, a pledge decided on at once, a mandate, an elder at the counter."""

import re

import pytest

from tests.walks import steps
from tests.walks.conftest import become
from tests.walks.measures import sound

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
LI = "629999198609210130"
SCOPE = {
    "old_scope": "百货零售。", "new_scope": "百货零售；农产品初加工服务。", "decided_on": "2026-11-20", "contact_phone": "10000000013",
    "amends_articles": "no", "needs_approval": "no", "paper_licence": "no",
}  # fmt: skip


def hand_in_but(page, *names):
    """A picture for every place but some."""
    for number, slot in enumerate(page.locator("main input[type=file]").all()):
        name = slot.get_attribute("name")
        if name.removeprefix("file.") not in names:
            picture = {
                "name": f"{number}.jpg",
                "mimeType": "image/jpeg",
                "buffer": steps.picture((10 * number, 90, 40)),
            }
            page.locator(f"main input[type=file][name='{name}']").set_input_files(picture)


def to_check(page, item, answers, name, *without):
    """From the guide to the check page, some materials left out."""
    page.goto(f"/items/{item}/")
    page.click("text=在线申请")
    if page.locator("main input[name=person]").count():
        page.locator("main label", has_text=name).first.click()
        page.click("main button:has-text('继续')")
    page.wait_for_url("**/form/**")
    steps.fill_form(page, answers)
    hand_in_but(page, *without)
    page.click(steps.NEXT)
    page.wait_for_url("**/check/")


def text(page):
    return page.locator("main").inner_text()


def test_a_paper_that_follows(visit):
    page = visit("shi", phone=True)
    to_check(page, "tree-felling", steps.ANSWERS, "石建国", "title_proof")
    assert "林木权属证明" in text(page)
    page.check("main [name=_declared]")
    page.click("main button:has-text('提交')")
    page.wait_for_load_state()
    assert "容缺承诺" in text(page)
    page.check("main [name=signed_deferral]")
    number = steps.send(page)
    become(page, "clerk")
    assert "审查中" in steps.act(page, number, "accept")
    become(page, "shi")
    page.goto(f"/my/cases/{number}/")
    assert "已容缺受理。请在" in text(page)
    assert page.locator("a:has-text('容缺受理通知书')").count() == 1
    page.locator("main input[type=file][name='file.title_proof']").set_input_files(
        {"name": "林权证.jpg", "mimeType": "image/jpeg", "buffer": steps.picture("navy")}
    )
    page.click("#hand-in button:has-text('补交')")
    page.wait_for_load_state()
    assert "已补交" in page.locator("#hand-in").inner_text()
    assert page.problems == []


def test_a_pledge_is_decided_on_at_once_checked_and_revoked(visit):
    page = visit("li")
    to_check(page, "business-scope-change", SCOPE, "玉门河西演示商贸有限公司", "resolution")
    assert "告知承诺书" in text(page)
    page.check("main [name=way][value=pledge]")
    number = steps.send(page)
    for _ in range(40):
        page.goto(f"/my/cases/{number}/")
        if "已经办结" in text(page):
            break
        page.wait_for_timeout(500)
    assert "已经办结" in text(page)
    assert "待核查" in page.locator("#pledge").inner_text()
    become(page, "market")
    page.goto("/work/verifications/")
    page.locator("main a[href*='/work/verifications/']", has_text="企业经营范围变更登记").first.click()
    page.wait_for_url(re.compile("/verifications/[0-9]+/"))
    sound(page, "cases.verification")
    page.wait_for_load_state()
    page.check("main [name=do][value=find_broken]")
    page.fill("main [name=finding]", "没有股东会决议。")
    page.click("main form button:has-text('确定')")
    page.wait_for_load_state()
    assert "未履行承诺" in text(page)
    page.check("main [name=do][value=revoke_pledged]")
    page.fill("main [name=finding]", "承诺不实，依法撤销。")
    page.click("main form button:has-text('确定')")
    page.wait_for_load_state()
    become(page, "li")
    page.goto(f"/my/cases/{number}/")
    assert page.locator("a:has-text('撤销')").count() >= 1
    to_check(page, "business-scope-change", SCOPE, "玉门河西演示商贸有限公司")
    assert "不履行承诺的记录" in text(page)
    assert page.problems == []


def test_a_mandate_is_given_used_and_taken_back(visit):
    principal, agent = visit("shi"), visit("li")
    principal.goto("/my/mandates/give/")
    principal.select_option("main [name=principal]", label="石建国")
    principal.fill("main [name=agent_name]", "李文静")
    principal.fill("main [name=agent_number]", LI)
    principal.fill("main [name=until]", "2027-12-31")
    principal.click("main button:has-text('授权')")
    principal.wait_for_url("**/my/mandates/")
    assert "等对方同意" in text(principal)
    agent.goto("/my/mandates/")
    agent.click("main button:has-text('同意代办')")
    agent.wait_for_load_state()
    assert "全部事项" in text(agent)
    number = steps.apply(agent, "tree-felling", {**steps.ANSWERS, "applicant_identity": "629999196805120117"})
    principal.goto(f"/my/cases/{number}/")
    assert "受托人代办" in text(principal)
    principal.goto("/my/mandates/")
    principal.click("main button:has-text('解除授权')")
    principal.wait_for_load_state()
    assert "已解除" in text(principal)
    agent.goto(f"/my/cases/{number}/")
    assert "404" in agent.locator("body").inner_text()


def test_an_elder_at_the_counter_without_javascript(visit):
    page = visit("clerk", js=False)
    page.goto("/work/enter/")
    page.select_option("main [name=item]", label="林木采伐许可证核发")
    page.fill("main [name=name]", "王秀英")
    page.fill("main [name=number]", "629999194903080121")
    page.check("main [name=how][value=operator]")
    page.fill("main [name=note]", "老人不用手机")
    page.check("main [name=seen]")
    page.click("main button:has-text('开始录入')")
    page.wait_for_url("**/form/**")
    assert page.input_value("[name=applicant_name]") == "王秀英"
    steps.fill_form(page, {**steps.ANSWERS, "applicant_phone": "10000000012"})
    steps.hand_in(page)
    page.click(steps.NEXT)
    page.wait_for_url("**/check/")
    page.check("main [name=_declared]")
    page.click("main button:has-text('提交')")
    page.wait_for_url("**/work/cases/**")
    assert "工作人员代为操作" in text(page)
    page.locator("#materials button:has-text('已核对原件')").first.click()
    page.wait_for_load_state()
    assert "已核对原件。" in page.locator("body").inner_text()
    number = re.search(r"/cases/([^/]+)/", page.url)[1]
    with_script = visit("clerk")
    with_script.goto(f"/work/counter/{number}/withdraw/")
    sound(with_script, "cases.counter")
    become(page, "wang")
    page.goto(f"/my/cases/{number}/")
    assert "老人不用手机" in text(page)
