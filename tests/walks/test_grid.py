"""A grid worker without a line: drafts with photos stay on the phone and are sent once; then the event is handled."""

import re

import pytest

from tests.walks import steps
from tests.walks.conftest import become

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
PHONE_PAGE = "/work/grid/phone/"
QUEUE = "[data-queue]"


def ready(page):
    """The phone page, once it is kept for times without a line."""
    page.goto(PHONE_PAGE)
    page.wait_for_selector("[data-offline][data-ready=yes]")


def fill(page, text, photos=1):
    """The form of a report, with photos of different colours."""
    form = page.locator("form[data-draft=report]")
    form.locator("[name=subject]").select_option("E0102")
    form.locator("[name=text]").fill(text)
    form.locator("[name=cell]").select_option(index=1)
    form.locator("[name=photos]").set_input_files(
        [
            {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": steps.picture((n * 40, 90, 60))}
            for n in range(photos)
        ]
    )
    form.locator("button:has-text('上报')").click()


def numbers(page, text):
    """The numbers of the incidents that say this."""
    page.goto(f"/work/grid/incidents/?view=all&q={text}")
    return sorted(set(re.findall(r"/work/grid/incidents/(W[0-9]+)/", page.content())))


def test_a_worker_works_without_a_line(visit):
    page = visit("gridworker", phone=True)
    ready(page)
    page.context.set_offline(True)
    page.reload()
    assert page.locator("h1").inner_text() == "网格员"
    assert page.locator("[data-line]").is_visible()
    fill(page, "渠边垃圾无线路", photos=2)
    page.wait_for_selector(f"{QUEUE} >> text=2 张照片")
    page.locator("form[data-draft=check-in] [name=cell]").select_option(index=1)
    page.locator("form[data-draft=check-in] button:has-text('打卡')").click()
    page.wait_for_selector(f"{QUEUE} li:has-text('打卡')")
    # the phone is put away: what waits is still there
    page.goto("about:blank")
    page.goto(PHONE_PAGE)
    page.wait_for_selector(f"{QUEUE} >> text=2 张照片")
    page.context.set_offline(False)
    page.wait_for_selector(f"{QUEUE} a:has-text('暴露垃圾')")
    page.wait_for_selector(f"{QUEUE} li:has-text('等待发送')", state="detached")
    page.click(f"{QUEUE} a:has-text('暴露垃圾')")
    page.wait_for_url("**/work/grid/incidents/**")
    assert "渠边垃圾无线路" in page.locator("main").inner_text()
    assert page.locator(".file").count() == 2
    become(page, "gridcentre")
    assert len(numbers(page, "渠边垃圾无线路")) == 1
    assert page.problems == [] or all("ERR_INTERNET_DISCONNECTED" in one for one in page.problems)


def test_over_plain_http_the_phone_page_reports_all_the_same(visit):
    """Over HTTP to another machine a browser has no randomUUID and no worker for times without a line."""
    page = visit("gridworker", phone=True)
    page.add_init_script("delete Crypto.prototype.randomUUID; delete Navigator.prototype.serviceWorker;")
    page.goto(PHONE_PAGE)
    key = page.locator("form[data-draft=report] [name=submission]")
    first = key.input_value()
    fill(page, "没有加密的垃圾")
    page.wait_for_selector(f"{QUEUE} a:has-text('暴露垃圾')")
    assert re.fullmatch("[0-9a-f]{32}", key.input_value())
    assert key.input_value() != first
    assert page.problems == []
    become(page, "gridcentre")
    assert len(numbers(page, "没有加密的垃圾")) == 1


def test_an_answer_that_is_lost_does_not_make_two(visit):
    """The server has the report but the phone never hears of it, twice; it sends it a third time."""
    page = visit("gridworker", phone=True)
    lost = []

    def lose(route):
        if len(lost) < 2:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.context.route("**/work/grid/phone/report/", lose)
    ready(page)
    fill(page, "答复丢失的垃圾")
    for _ in range(2):
        page.wait_for_selector(f"{QUEUE} button:has-text('现在发送')")
        page.click(f"{QUEUE} button:has-text('现在发送')")
        page.wait_for_timeout(500)
    page.wait_for_selector(f"{QUEUE} a:has-text('暴露垃圾')")
    assert lost == [200, 200]
    become(page, "gridcentre")
    assert len(numbers(page, "答复丢失的垃圾")) == 1


def test_what_is_refused_stays_to_be_mended(visit):
    page = visit("gridworker", phone=True)
    ready(page)
    page.context.set_offline(True)
    fill(page, "x")
    page.wait_for_selector(f"{QUEUE} >> text=等待发送")
    page.context.set_offline(False)
    page.wait_for_selector(f"{QUEUE} >> text=没有收下，请改正")
    page.click(f"{QUEUE} button:has-text('改正')")
    form = page.locator("form[data-draft=report]")
    assert form.locator("[name=text]").input_value() == "x"
    form.locator("[name=text]").fill("改正以后的垃圾")
    form.locator("button:has-text('上报')").click()
    page.click(f"{QUEUE} a:has-text('暴露垃圾')")
    page.wait_for_url("**/work/grid/incidents/**")
    assert page.locator(".file").count() == 1


def test_a_draft_that_is_mended_stays_until_it_is_handed_in_and_was_seen_when_it_was_seen(visit):
    page = visit("gridworker", phone=True)
    ready(page)
    page.context.set_offline(True)
    fill(page, "x", photos=2)
    page.wait_for_selector(f"{QUEUE} >> text=等待发送")
    seen = page.locator("form[data-draft=report] [name=seen_at]")
    assert seen.input_value() == ""  # the next report is not seen yet
    page.context.set_offline(False)
    page.click(f"{QUEUE} li:has-text('没有收下') button:has-text('改正')")
    first = seen.input_value()
    assert first
    page.goto("about:blank")  # the phone is put away in the middle
    page.goto(PHONE_PAGE)
    page.click(f"{QUEUE} li:has-text('没有收下') button:has-text('改正')")
    form = page.locator("form[data-draft=report]")
    assert (form.locator("[name=text]").input_value(), seen.input_value()) == ("x", first)
    assert form.locator("[name=photos]").evaluate("one => one.files.length") == 2
    form.locator("[name=text]").fill("收好的草稿里的垃圾")
    sent = []
    page.context.route(
        "**/work/grid/phone/report/",
        lambda route: (sent.append(route.request.post_data_buffer), route.continue_()),
    )
    form.locator("button:has-text('上报')").click()
    page.click(f"{QUEUE} a:has-text('暴露垃圾')")
    page.wait_for_url("**/work/grid/incidents/**")
    assert first.encode() in sent[-1]
    assert page.locator(".file").count() == 2


def test_what_is_being_written_without_a_line_is_there_again(visit):
    page = visit("gridworker", phone=True)
    ready(page)
    page.context.set_offline(True)
    page.reload()
    form = page.locator("form[data-draft=report]")
    form.locator("[name=text]").fill("写到一半的垃圾")
    form.locator("[name=photos]").set_input_files(
        [{"name": "1.jpg", "mimeType": "image/jpeg", "buffer": steps.picture((9, 90, 60))}]
    )
    page.wait_for_timeout(900)
    page.goto("about:blank")
    page.goto(PHONE_PAGE)
    page.wait_for_function(
        "() => document.querySelector('form[data-draft=report] [name=text]').value === '写到一半的垃圾'"
    )
    assert form.locator("[name=photos]").evaluate("one => one.files.length") == 1
    assert page.locator(f"{QUEUE} li").count() == 0  # it is in the form, not on its way
    # two reports, the page opened anew between them: neither takes the place of the other
    fill(page, "写到一半的垃圾，写完了")
    page.wait_for_selector(f"{QUEUE} li:has-text('等待发送')")
    page.goto("about:blank")
    page.goto(PHONE_PAGE)
    fill(page, "写到一半的垃圾，第二件")
    page.wait_for_selector(f"{QUEUE} li:has-text('等待发送') >> nth=1")
    page.context.set_offline(False)
    page.wait_for_selector(f"{QUEUE} a:has-text('暴露垃圾') >> nth=1")
    become(page, "gridcentre")
    assert len(numbers(page, "写到一半的垃圾")) == 2


def test_a_seventh_photo_is_refused_aloud(visit):
    page = visit("gridworker", phone=True)
    ready(page)
    page.context.set_offline(True)
    fill(page, "照片太多的垃圾", photos=7)
    photos = page.locator("form[data-draft=report] [name=photos]")
    assert "最多 6 张" in photos.evaluate("one => one.validationMessage")
    assert page.locator(f"{QUEUE} li").count() == 0
    fill(page, "照片太多的垃圾", photos=6)
    page.wait_for_selector(f"{QUEUE} >> text=6 张照片")
    page.once("dialog", lambda asked: asked.accept())
    page.click(f"{QUEUE} button:has-text('删除')")
    page.context.set_offline(False)


def test_one_that_is_refused_or_fails_keeps_no_other_from_being_sent(visit):
    """The first has too many fields for the server (400 without a word), the second meets an error, the third is good."""
    page = visit("gridworker", phone=True)
    page.context.route(
        "**/work/grid/phone/report/",
        lambda route: (
            route.fulfill(status=500) if "出错的垃圾".encode() in route.request.post_data_buffer else route.continue_()
        ),
    )
    ready(page)
    page.context.set_offline(True)
    page.evaluate(
        """() => {
          const form = document.querySelector("form[data-draft=report]");
          const more = Object.assign(document.createElement("fieldset"), { className: "more" });
          for (let n = 0; n < 1001; n++) more.append(Object.assign(document.createElement("input"), { type: "hidden", name: `n${n}`, value: "1" }));
          form.append(more);
        }"""
    )
    fill(page, "字段太多的垃圾")
    page.wait_for_selector(f"{QUEUE} li:has-text('等待发送')")
    page.evaluate("document.querySelector('.more').remove()")
    fill(page, "出错的垃圾")
    page.wait_for_selector(f"{QUEUE} li:has-text('等待发送') >> nth=1")
    fill(page, "排在后面的垃圾")
    page.wait_for_selector(f"{QUEUE} li:has-text('等待发送') >> nth=2")
    page.context.set_offline(False)
    page.wait_for_selector(f"{QUEUE} a:has-text('暴露垃圾')")
    page.wait_for_selector(f"{QUEUE} li:has-text('代码：400')")
    waiting = page.locator(f"{QUEUE} li:has-text('等待发送')")
    waiting.wait_for()
    assert waiting.count() == 1
    # what waits can be left too, but not by a slip
    page.once("dialog", lambda asked: asked.dismiss())
    waiting.locator("button:has-text('删除')").click()
    page.wait_for_timeout(300)
    assert waiting.count() == 1
    page.once("dialog", lambda asked: asked.accept())
    waiting.locator("button:has-text('删除')").click()
    waiting.wait_for(state="detached")
    page.locator(f"{QUEUE} li:has-text('代码：400') button:has-text('删除')").click()
    page.wait_for_selector(f"{QUEUE} li:has-text('没有收下')", state="detached")
    become(page, "gridcentre")
    said = [len(numbers(page, text)) for text in ("字段太多的垃圾", "出错的垃圾", "排在后面的垃圾")]
    assert said == [0, 0, 1]


def test_photos_too_large_come_back_into_the_form_without_them(visit):
    """As a proxy before the server says it: 413."""
    page, answers = visit("gridworker", phone=True), [413]
    page.context.route(
        "**/work/grid/phone/report/",
        lambda route: route.fulfill(status=answers.pop()) if answers else route.continue_(),
    )
    ready(page)
    fill(page, "照片太大的垃圾", photos=2)
    page.wait_for_selector(f"{QUEUE} li:has-text('照片太大。')")
    page.click(f"{QUEUE} button:has-text('改正')")
    page.locator("form[data-draft=report] button:has-text('上报')").click()
    page.click(f"{QUEUE} a:has-text('暴露垃圾')")
    page.wait_for_url("**/work/grid/incidents/**")
    said = page.locator("main").inner_text()
    assert "照片太大的垃圾" in said
    assert page.locator(".file").count() == 0


def test_another_on_the_same_phone_neither_sees_nor_sends_it(visit):
    page = visit("gridworker", phone=True)
    ready(page)
    page.context.set_offline(True)
    fill(page, "别人手机上的垃圾")
    page.wait_for_selector(f"{QUEUE} >> text=等待发送")
    # closed, not left: a page the browser still keeps would send its own draft as soon as there is a line
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    become(page, "gridworker2")
    ready(page)
    assert page.locator(QUEUE).is_hidden()
    become(page, "gridcentre")
    assert numbers(page, "别人手机上的垃圾") == []
    become(page, "gridworker")
    page.goto(PHONE_PAGE)
    page.wait_for_selector(f"{QUEUE} a:has-text('暴露垃圾')")


def test_without_scripts_the_form_is_sent_and_the_event_goes_its_seven_steps(visit):
    page = visit("gridworker", phone=True, js=False)
    page.goto(PHONE_PAGE)
    fill(page, "没有脚本的垃圾")
    page.wait_for_url("**/work/grid/incidents/**")
    where = page.url

    def act(who, action, **fields):
        become(page, who)
        page.goto(where)
        form = page.locator(f"form[action$='/{action}/']")
        if not form.is_visible():
            page.locator("details", has=form).locator("summary").click()
        for name, value in fields.items():
            control = form.locator(f"[name='{action}-{name}']")
            if name in ("unit", "level"):
                control.select_option(label=value)
            else:
                control.fill(value)
        form.locator("button").last.click()
        page.wait_for_load_state()

    act("gridcentre", "file")
    act("gridcentre", "dispatch", unit="玉门市水务局")
    act("water", "handle", opinion="已清运。")
    act("gridcentre", "feedback")
    act("gridcentre", "close", opinion="现场干净。")
    act("gridhead", "evaluate", level="5")
    said = page.locator("main").inner_text()
    assert "已结案" in said
    assert page.locator(".steps-line .steps-done").count() == 7
