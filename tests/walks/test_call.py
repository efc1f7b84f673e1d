"""A call: the exchange rings, the operator's screen pops, the order is entered by keyboard, the recording is heard."""

import re
import time

import pytest
from playwright.sync_api import expect

from hexi.domains.livelihood.requests.tests.exchange import Exchange, speech

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
CALLER, EXTENSION = "10000000012", "8001"


@pytest.fixture
def exchange(site):
    with Exchange(site.exchange_secret, site.exchange_port) as one:
        one.site = site.url
        yield one


def sit(page):
    page.goto("/work/requests/seat/")
    page.fill("main [name=extension]", EXTENSION)
    page.check("main [name=state][value=ready]")
    page.click("main button:has-text('保存')")
    page.wait_for_url("**/requests/intake/")


def ring(exchange, call, **facts):
    facts = {"caller": CALLER, "extension": EXTENSION, "line": "620981000000"} | facts
    assert exchange.push(exchange.site, "ringing", call, **facts) == 200


def test_a_call_pops_is_entered_by_keyboard_and_heard(visit, exchange):
    operator = visit("operator")
    sit(operator)
    operator.goto("/work/requests/intake/")
    expect(operator.locator("[name=phone]:focus")).to_have_count(1)
    ring(exchange, "walk-1")
    # nobody touched the page: the stream brought the call
    operator.locator(f"#id_phone[value='{CALLER}']").wait_for()
    operator.locator("#caller", has_text="上次称呼").wait_for()
    expect(operator.locator("[name=phone]:focus")).to_have_count(1)
    assert exchange.push(exchange.site, "answered", "walk-1", extension=EXTENSION) == 200

    began, keys = time.monotonic(), operator.keyboard
    keys.press("Tab")
    keys.type("王秀英")
    keys.press("Tab")
    keys.type("村口小卖部门前的路灯又不亮了，老人晚上看不见路。", delay=20)
    for _ in range(3):
        keys.press("Tab")
    expect(operator.locator("[name=place]:focus")).to_have_count(1)
    keys.press("Alt+s")
    if "已登记" not in operator.locator("body").inner_text():
        operator.focus("#id_phone")
        keys.press("Enter")
    operator.locator("body", has_text="已登记").wait_for()
    assert time.monotonic() - began < 60
    number = re.search(r"H[0-9]{18,}", operator.locator("body").inner_text())[0]
    # the form is empty again, and the same call does not fill it in a second time
    assert operator.locator("#id_text").input_value() == ""

    operator.goto(f"/work/requests/{number}/")
    calls = operator.locator("section, .card", has=operator.locator("h2", has_text="通话")).first
    assert "通话中" in calls.inner_text()
    assert "听录音" not in calls.inner_text()
    assert exchange.push(exchange.site, "ended", "walk-1") == 200
    assert exchange.push(exchange.site, "recorded", "walk-1", recording=exchange.keep("1.wav", speech())) == 200
    operator.reload()
    operator.click("main a:has-text('听录音')")
    operator.wait_for_url("**/recording/")
    seconds = operator.evaluate(
        "new Promise(done => { const sound = document.querySelector('audio');"
        " sound.onloadedmetadata = () => done(sound.duration); sound.onerror = () => done(-1); sound.load();"
        " sound.preload = 'metadata'; })"
    )
    assert seconds == 1
    assert operator.problems == []


def test_a_lost_call_is_rung_back_without_javascript(visit, exchange):
    operator = visit("operator", js=False)
    sit(operator)
    ring(exchange, "walk-2", caller="10000000099")
    operator.goto("/work/requests/calls/")
    assert "100****0099" in operator.locator("main").inner_text()
    assert exchange.push(exchange.site, "ended", "walk-2") == 200
    operator.goto("/work/requests/calls/?view=lost")
    assert "100****0099" in operator.locator("main").inner_text()
    # the demo has lost calls of its own, which have waited longer: in the list of all this one is the newest
    operator.goto("/work/requests/calls/?view=all")
    operator.click("main tbody a")
    operator.wait_for_load_state()
    operator.click("main button:has-text('回拨')")
    operator.wait_for_load_state()
    assert [(one["to"], one["extension"]) for one in exchange.calls] == [("10000000099", EXTENSION)]
    call = exchange.calls[0]["call"]
    assert exchange.push(exchange.site, "answered", call, extension=EXTENSION) == 200
    operator.goto("/work/requests/calls/?view=lost")
    assert "100****0099" not in operator.locator("main").inner_text()
    assert operator.problems == []
