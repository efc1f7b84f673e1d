"""Money in a real browser: paid at the gateway's own page, taken at the counter, given back; axe, phone, no JavaScript."""

from contextlib import ExitStack

import pytest
from django.conf import settings
from django.test import Client

from hexi.blocks.money import online
from hexi.blocks.money.models import Payment
from hexi.blocks.money.operations import Item
from hexi.blocks.money.tests.gateway_server import SECRET, running
from hexi.blocks.money.tests.make import POOR, WATER, fresh, make_charge
from hexi.blocks.people.tests import make as people
from hexi.kernel.options import override
from hexi.ui.assets import BUILT
from hexi.ui.tests.test_browser import AXE, DESKTOP, PHONE, overflow, too_small, violations

pytestmark = [
    pytest.mark.walk,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not AXE.exists() or not BUILT.exists(), reason="assets not built: python -m hexi.ui.build"),
]
VARIANTS = [("zh-hans", "elder", PHONE), ("en", "normal", DESKTOP)]


@pytest.fixture
def gateway():
    with ExitStack() as stack:
        here = stack.enter_context(running())
        for option, value in ((online.URL, here.url), (online.SECRET, SECRET)):
            stack.enter_context(override(option, value))
        yield here


@pytest.fixture
def visit(chromium, live_server):
    """Open a page as an account."""
    contexts = []

    def opened(account, path, *, size=DESKTOP, lang="zh-hans", edition="normal", **how):
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **how)
        cookies = {
            settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
            "django_language": lang, "hexi_edition": edition,
        }  # fmt: skip
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        page = context.new_page()
        page.goto(live_server.url + path)
        contexts.append(context)
        return page

    yield opened
    for context in contexts:
        context.close()


def official(charge, role):
    return people.make_official(role, department=charge.department, region_code=charge.region_code)


def main(page):
    return page.locator("main").inner_text()


def test_paid_at_the_gateway_without_javascript(visit, gateway):
    payer = people.make_citizen()
    charge = make_charge(payer.person, items=[Item(WATER, 30_000, 15_000, POOR)])
    page = visit(payer, f"/my/payments/{charge.number}/", size=PHONE, java_script_enabled=False)
    page.click("main button:has-text('网上付款 ¥150.00')")
    page.wait_for_selector("main a:has-text('去支付平台付 ¥150.00')")
    payment = Payment.objects.get()
    assert page.get_attribute("main a:has-text('去支付平台')", "href") == payment.link
    page.click("main button:has-text('我已付款')")
    assert "不要重复付款" in page.locator("body").inner_text()
    gateway.pay(payment.order)
    page.click("main button:has-text('我已付款')")
    assert ("已缴" in main(page), fresh(payment).receipt in main(page)) == (True, True)


def test_taken_at_the_counter_and_given_back(visit):
    charge = make_charge()
    page = visit(official(charge, "clerk"), "/work/cashier/")
    page.click(f"main a:has-text('{charge.number}')")
    page.click("main a:has-text('收款')")
    page.check("main [name=channel][value=slip]")
    page.click("main button:has-text('确认收到')")
    assert "请填写银行缴款回单上的回单号" in main(page)
    page.fill("main [name=reference]", "S1")
    page.click("main button:has-text('确认收到')")
    page.wait_for_url(f"**/cashier/{charge.number}/")
    payment = Payment.objects.get()
    assert payment.receipt in main(page)
    page = visit(official(charge, "accountant"), f"/work/cashier/{charge.number}/")
    page.click("main a:has-text('退款')")
    page.fill("main [name=fen]", "20.50")
    page.fill("main [name=reason]", "多收")
    page.click("main button:has-text('退款')")
    page.wait_for_url(f"**/cashier/{charge.number}/")
    assert ("¥20.50" in main(page), fresh(payment).room) == (True, 10_000)


@pytest.mark.parametrize(("lang", "edition", "size"), VARIANTS)
def test_every_page_is_accessible(visit, gateway, lang, edition, size):
    payer = people.make_citizen()
    charge = make_charge(payer.person, items=[Item(WATER, 30_000, 15_000, POOR)])
    look = {"size": size, "lang": lang, "edition": edition}
    clerk, accountant = official(charge, "clerk"), official(charge, "accountant")
    for account, path in (
        (payer, "/my/payments/"), (payer, f"/my/payments/{charge.number}/"), (clerk, "/work/cashier/"),
        (clerk, f"/work/cashier/{charge.number}/"), (clerk, f"/work/cashier/{charge.number}/take/"),
        (clerk, "/work/cashier/receipts/"), (accountant, "/work/reconciliation/"),
        (accountant, "/work/reconciliation/new/"),
    ):  # fmt: skip
        page = visit(account, path, **look)
        assert (path, violations(page), overflow(page)) == (path, [], 0)
        if edition == "elder":
            assert (path, too_small(page, 60)) == (path, [])
