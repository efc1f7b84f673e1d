"""Signing in with WeChat: consent, code, who it is, against a stand-in over HTTP."""

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from hexi.blocks.people import queries
from hexi.blocks.people.models import Account
from hexi.blocks.people.tests.make import make_account
from hexi.blocks.people.tests.wechat import APP_ID, SECRET, WeChat
from hexi.blocks.people.weixin import options
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db


@pytest.fixture
def wechat():
    with (
        WeChat() as one, override(options.APP_ID, APP_ID), override(options.SECRET, SECRET),
        override(options.API_URL, one.url), override(options.AUTHORIZE_URL, f"{one.url}/connect/oauth2/authorize"),
    ):  # fmt: skip
        yield one


def sign_in(client, **query):
    """The whole way round; our answer to the code."""
    start = client.get(reverse("weixin_login"), query)
    assert start.status_code == 302
    assert start["Location"].endswith("#wechat_redirect")
    back = requests.get(start["Location"], allow_redirects=False, timeout=10).headers["Location"]
    return client.get(back)


def test_the_first_sign_in_makes_an_account_and_leads_to_binding(client, wechat):
    answer = sign_in(client, next="/ui/form/")
    assert answer["Location"] == "/my/account/bind/?next=%2Fui%2Fform%2F"
    account = Account.objects.get()
    assert (account.name, account.person, account.has_usable_password()) == ("小石头", None, False)
    tie = SocialAccount.objects.get()
    assert (tie.provider, tie.uid, tie.extra_data) == ("weixin", "o-1", {"userinfo": {"name": "小石头"}})
    assert queries.openid_of(account.pk) == "o-1"
    assert queries.account_of_openid("o-1") == account


def test_the_second_sign_in_finds_the_account_again(client, wechat):
    sign_in(client)
    client.logout()
    assert sign_in(client, next="/my/looks/")["Location"] == "/my/looks/"
    assert Account.objects.count() == 1


def test_somebody_else_gets_an_account_of_his_own(client, wechat):
    sign_in(client)
    client.logout()
    wechat.openid = "o-2"
    sign_in(client)
    assert sorted(SocialAccount.objects.values_list("uid", flat=True)) == ["o-1", "o-2"]
    assert Account.objects.count() == 2


def test_an_account_is_tied(client, wechat):
    account = make_account("mine", password="hexi-demo-2026")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("account_reauthenticate"), {"password": "hexi-demo-2026"})
    page = client.get(reverse("socialaccount_connections")).content.decode()
    assert "关联微信" in page
    sign_in(client, process="connect")
    assert SocialAccount.objects.get().user == account


def test_a_code_that_is_refused_signs_nobody_in(client, wechat):
    with override(options.SECRET, "wrong"):
        answer = sign_in(client)
    assert "_auth_user_id" not in client.session
    assert answer.status_code == 401
    assert Account.objects.count() == 0


def test_a_state_that_is_not_ours_signs_nobody_in(client, wechat):
    client.get(reverse("weixin_login"))
    client.get(reverse("weixin_callback"), {"code": "code-1", "state": "forged"})
    assert "_auth_user_id" not in client.session


def test_who_answers_for_somebody_else_signs_nobody_in(client, wechat):
    start = client.get(reverse("weixin_login"))["Location"]
    back = requests.get(start, allow_redirects=False, timeout=10).headers["Location"]
    wechat.server.RequestHandlerClass._userinfo, kept = (
        lambda self, given: self._json({"openid": "o-9", "nickname": "x"}),
        wechat.server.RequestHandlerClass._userinfo,
    )
    try:
        client.get(back)
    finally:
        wechat.server.RequestHandlerClass._userinfo = kept
    assert "_auth_user_id" not in client.session


def test_it_is_offered_only_when_it_is_set(client, wechat):
    assert "微信登录" in client.get(reverse("account_login")).content.decode()
    with override(options.APP_ID, ""):
        assert "微信登录" not in client.get(reverse("account_login")).content.decode()
        assert client.get(reverse("weixin_login")).status_code == 404


def test_a_qr_code_asks_for_its_own_scope(client, wechat):
    with override(options.AUTHORIZE_URL, "https://open.weixin.qq.com/connect/qrconnect"):
        assert "scope=snsapi_login" in client.get(reverse("weixin_login"))["Location"]
