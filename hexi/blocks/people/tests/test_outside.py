"""Signing in with an outside identity provider: the code flow against a real one, over HTTP."""

import re
import subprocess
import sys
from html import unescape

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from hexi.blocks.people import adapters
from hexi.blocks.people.models import Account, Identifier
from hexi.blocks.people.tests import provider
from hexi.blocks.people.tests.make import make_account, make_citizen, make_types, resident_number
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
NUMBER = resident_number()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The provider's address; the process is ended after the tests."""
    command = [sys.executable, "-m", provider.__name__, str(tmp_path_factory.mktemp("provider")), NUMBER]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def outside(running):
    """Our options point to it."""
    make_types()
    with (
        override(adapters.OIDC_URL, running),
        override(adapters.OIDC_ID, provider.CLIENT),
        override(adapters.OIDC_SECRET, provider.SECRET),
        override(adapters.OIDC_NAME, "省统一身份认证"),
    ):
        yield running


def post_form(browser, page, **values):
    """Send the first form of a page of the provider's with these values, and do not follow where it leads."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    given = {name: unescape(value) for name, value in hidden.items()}
    return browser.post(page.url.partition("?")[0], {**given, **values}, allow_redirects=False)


def at_provider(address, *, consent=True):
    """What a person does there in a browser: sign in, agree. Gives the address that leads back to us."""
    with requests.Session() as browser:
        page = browser.get(address)
        answer = post_form(browser, page, login=provider.USERNAME, password=provider.PASSWORD)
        page = browser.get(requests.compat.urljoin(page.url, answer.headers["Location"]))
        scopes = re.findall(r'name="scopes"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="scopes"', page.text)
        chosen = [one or other for one, other in scopes]
        answer = post_form(browser, page, scopes=chosen, action="grant" if consent else "cancel")
        return answer.headers["Location"]


def start(client, **query):
    """Press the link on our page; the provider's address."""
    answer = client.get(reverse("openid_connect_login", args=["unified"]), query)
    assert answer.status_code == 302
    return answer["Location"]


def test_the_sign_in_page_offers_the_provider_only_when_there_is_one(client, outside):
    page = client.get(reverse("account_login"), {"next": "/my/looks/"}).content.decode()
    assert "省统一身份认证" in page
    assert "/accounts/oidc/unified/login/?next=%2Fmy%2Flooks%2F" in page
    with override(adapters.OIDC_URL, ""):
        assert "省统一身份认证" not in client.get(reverse("account_login")).content.decode()
        assert client.get(reverse("openid_connect_login", args=["unified"])).status_code == 404


def test_the_first_sign_in_makes_an_account_and_leads_to_binding(client, outside):
    address = start(client, next="/ui/form/")
    assert address.startswith(outside)
    assert "code_challenge=" in address
    answer = client.get(at_provider(address))
    assert answer["Location"] == "/my/account/bind/?next=%2Fui%2Fform%2F"
    account = Account.objects.get()
    assert (account.username, account.name, account.person) == ("shijianguo", "石建国", None)
    assert not account.has_usable_password()
    assert client.session["_auth_user_id"] == str(account.pk)


def test_the_second_sign_in_finds_the_account_again(client, outside):
    client.get(at_provider(start(client)))
    client.post(reverse("account_logout"))
    answer = client.get(at_provider(start(client, next="/my/looks/")))
    assert answer["Location"] == "/my/looks/"
    assert Account.objects.count() == 1


def test_a_taken_user_name_gets_another_one(client, outside):
    make_account("shijianguo")
    client.get(at_provider(start(client)))
    account = SocialAccount.objects.get().user
    assert account.username != "shijianguo"
    assert account.name == "石建国"


def test_a_verified_number_binds_the_person_at_once(client, outside):
    with override(adapters.OIDC_NUMBER, "id_number"):
        answer = client.get(at_provider(start(client, next="/ui/form/")))
    assert answer["Location"] == "/ui/form/"
    account = Account.objects.get()
    held = account.person.identifiers.get()
    assert (account.person.name, held.level) == ("石建国", Identifier.Level.SOURCE)
    assert held.masked == f"{NUMBER[:4]}**********{NUMBER[-4:]}"


@pytest.mark.parametrize("claim", ["id_number", ""])
def test_what_the_provider_tells_is_kept_without_the_number_in_plain(client, outside, claim):
    with override(adapters.OIDC_NUMBER, claim):
        for _twice in range(2):
            client.logout()
            client.get(at_provider(start(client)))
            kept = SocialAccount.objects.get().extra_data
            assert set(kept) == ({"userinfo", "number"} if claim else {"userinfo"})
            assert (kept["userinfo"]["name"], NUMBER in str(kept)) == ("石建国", False)


def test_a_number_bound_elsewhere_is_told_and_the_account_stays_unbound(client, outside):
    make_citizen("other", name="石建国", number=NUMBER)
    with override(adapters.OIDC_NUMBER, "id_number"):
        page = client.get(at_provider(start(client)), follow=True)
    assert "已绑定另一个账户" in page.content.decode()
    assert SocialAccount.objects.get().user.person is None


def test_an_account_is_tied_and_untied(client, outside):
    account = make_account("mine", password="hexi-demo-2026")
    client.force_login(account)
    client.post(reverse("account_reauthenticate"), {"password": "hexi-demo-2026"})
    page = client.get(reverse("socialaccount_connections")).content.decode()
    assert "关联省统一身份认证" in page
    client.get(at_provider(start(client, process="connect")))
    tie = SocialAccount.objects.get()
    assert tie.user == account
    assert "已关联的外部身份" in client.get(reverse("socialaccount_connections")).content.decode()
    client.post(reverse("socialaccount_connections"), {"account": tie.pk})
    assert not SocialAccount.objects.exists()


def test_refusing_there_leads_to_a_page_of_ours(client, outside):
    page = client.get(at_provider(start(client), consent=False), follow=True)
    assert "取消" in page.content.decode()
    assert not Account.objects.exists()


def test_an_answer_nobody_asked_for_is_refused(client, outside):
    page = client.get(reverse("openid_connect_callback", args=["unified"]), {"code": "x", "state": "y"})
    assert "外部登录没有成功" in page.content.decode()
    assert not Account.objects.exists()


def test_a_wrong_client_secret_is_no_sign_in(client, outside):
    with override(adapters.OIDC_SECRET, "wrong"):
        page = client.get(at_provider(start(client)))
    assert "外部登录没有成功" in page.content.decode()
    assert not Account.objects.exists()


def test_a_provider_that_is_down_is_said_in_words(client, outside):
    with override(adapters.OIDC_URL, "http://127.0.0.1:9"):
        page = client.get(reverse("openid_connect_login", args=["unified"]), follow=True)
    assert "外部登录没有成功" in page.content.decode()
