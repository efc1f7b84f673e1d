"""A passkey in a real browser, under our Content-Security-Policy: added, used to sign in, taken away."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from hexi.blocks.people.models import Account
from hexi.blocks.people.tests.make import PASSWORD, make_account

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(chromium):
    """A browser page with a virtual device that confirms at once; `complaints` collects what the CSP refused."""
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page
    context.close()


def test_a_passkey_is_added_signs_in_and_is_taken_away(live_server, page):
    account = make_account("shijianguo", password=PASSWORD)
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_label("用户名或电子邮箱").fill("shijianguo")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)

    page.goto(live_server.url + reverse("mfa_add_webauthn"))
    page.get_by_label("密码").fill(PASSWORD)  # asked again before something sensitive
    page.get_by_role("button", name="确认").click()
    page.get_by_role("checkbox").check()  # to sign in without a password
    page.get_by_role("button", name="添加").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    key = Authenticator.objects.get(user=account, type="webauthn")
    assert key.wrap().is_passwordless is True

    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login") + "?next=/my/account/")
    page.get_by_role("button", name="用通行密钥登录").click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_have_text("我的账户")
    assert Account.objects.get().last_login is not None

    page.goto(live_server.url + reverse("mfa_list_webauthn"))
    page.get_by_role("link", name="删除").click()
    page.get_by_role("link", name="改用通行密钥").click()
    page.get_by_role("button", name="用通行密钥验证").click()  # the key itself answers when asked again
    page.get_by_role("button", name="删除").click()
    page.wait_for_url("**/webauthn/")
    assert not Authenticator.objects.filter(type="webauthn").exists()
    assert [line for line in page.complaints if "Content Security Policy" in line] == []
