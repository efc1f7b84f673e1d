"""A request for information answered in part with a file; a move for which the original of a paper has to be seen."""

import pytest

from hexi.blocks.documents.tests.make import make_pdf
from tests.walks import steps

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
REQUEST = {
    "existing": "yes", "information": "2025 年下西号镇补贴发放表", "form_wanted": "electronic", "applicant_phone": "10000000011",
}  # fmt: skip
VILLAGE = ("620000000000", "620900000000", "620981000000", "620981106000", "620981106203")
MOVE = {
    "to_address.detail": "一组 12 号",
    "ground": "return",
    "joins_household": "no",
    "alone": "yes",
    "pledge": "truth",
}


def ended(page, number):
    """The applicant's page when the worker has finished the case."""
    page.goto(f"/my/cases/{number}/")
    for _ in range(40):
        if "已经办结" in page.locator("main").inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()
    return page.locator("main").inner_text()


def test_information_is_disclosed_in_part_and_downloaded(visit):
    villager, office = visit("shi", phone=True), visit("disclosure")
    number = steps.apply(villager, "info-disclosure", REQUEST)
    steps.act(office, number, "accept")
    sent = make_pdf(text="Subsidies 2025")
    office.set_input_files(
        "[name=files]", {"name": "发放表（遮挡）.pdf", "mimeType": "application/pdf", "buffer": sent}
    )
    office.click("button:has-text('上传文件')")
    office.wait_for_load_state()
    assert "发放表（遮挡）.pdf" in office.locator("#results").inner_text()
    villager.goto(f"/my/cases/{number}/")
    assert "发放表" not in villager.locator("main").inner_text().replace("补贴发放表", "")
    steps.act(office, number, "examine", opinion="身份证号不公开，其余公开。")
    office.goto(f"/work/cases/{number}/")
    form = office.locator("form[action$='/grant/']")
    office.locator("details.action", has=form).locator("summary").click()
    form.get_by_label("部分公开", exact=True).check()
    form.locator("[name=grant__part_third_party]").fill("农户的身份证号和银行账号")
    steps.act_here(office, "grant", opinion="您申请的发放表见附件。")
    mine = ended(villager, number)
    assert "部分公开" in mine
    assert villager.locator("a:has-text('政府信息部分公开告知书')").count() == 1
    with villager.expect_download() as caught:
        villager.click("main a:has-text('发放表（遮挡）.pdf')")
    with open(caught.value.path(), "rb") as file:
        assert file.read() == sent
    for page in (villager, office):
        assert page.problems == []


def test_the_original_of_the_booklet_is_seen_before_the_move_is_granted(visit):
    villager, police = visit("shi"), visit("police")
    villager.goto("/items/household-transfer/")
    assert "原件要到窗口核对" in villager.locator("main").inner_text()
    villager.click("text=在线申请")
    villager.wait_for_url(lambda url: "/items/" not in url)
    if villager.locator("main input[name=person]").count():
        villager.locator("main label", has_text="石建国").first.click()
        villager.click("main button:has-text('继续')")
    villager.wait_for_url("**/drafts/**")
    while "/form/" in villager.url:
        here = villager.url
        if villager.locator("select[name='to_address.region']").count():
            for level, code in enumerate(VILLAGE):
                villager.locator("select[name='to_address.region']").nth(level).select_option(code)
                if level + 1 < len(VILLAGE):
                    villager.locator("select[name='to_address.region']").nth(level + 1).wait_for()
        steps.fill_section(villager, MOVE)
        villager.click(steps.NEXT)
        villager.wait_for_url(lambda url, before=here: url != before)
    assert "可信等级要达到 B" in villager.locator("main").inner_text()
    steps.hand_in(villager)
    villager.click(steps.NEXT)
    villager.wait_for_url("**/check/")
    number = steps.send(villager)
    police.goto(f"/work/cases/{number}/")
    assert "等核对原件" in police.locator("#materials").inner_text()
    assert "先受理的，请写明理由" in police.locator("main").inner_text()
    steps.act(police, number, "accept", opinion="群众明天带户口簿来。")
    while "待决定" not in (text := police.locator("main").inner_text()):
        action = "review" if "审核中" in text else "examine"
        steps.act(police, number, action, opinion="符合落户条件。")
    assert "准予之前要核对这些材料的原件：居民户口簿" in steps.act(police, number, "grant", opinion="同意。")
    while police.locator("button:has-text('已核对原件')").count():
        police.locator("button:has-text('已核对原件')").first.click()
        police.wait_for_load_state()
    assert "等核对原件" not in police.locator("main").inner_text()
    assert "准予之前要核对" not in steps.act(police, number, "grant", opinion="同意。")
