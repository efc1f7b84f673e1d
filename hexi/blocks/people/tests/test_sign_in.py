"""allauth's flows on our pages: signing up and in, second factors, e-mail, limits."""

import re
import time
from pathlib import Path
from types import SimpleNamespace

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import identify_hasher
from django.urls import reverse
from django.utils import translation

from hexi.blocks.people import adapters, rekeying, vault
from hexi.blocks.people import letters as texts
from hexi.blocks.people.models import Account
from hexi.blocks.people.tests.make import PASSWORD, make_account, make_citizen, resident_number
from hexi.kernel import clock
from hexi.kernel.options import override
from hexi.site import settings as shipped

pytestmark = pytest.mark.django_db
NEW = {"username": "shijianguo", "phone": "10000000001", "email": "", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def letters(monkeypatch):
    """What is announced to be mailed."""
    sent = []
    monkeypatch.setattr(adapters, "mail_wanted", SimpleNamespace(ring=lambda **facts: sent.append(facts)))
    return sent


def sign_in(client, username="shijianguo", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": username, "password": password, **more})


def test_signing_up_leads_to_binding_and_on_to_where_one_was_going(client, settings):
    settings.PASSWORD_HASHERS = shipped.PASSWORD_HASHERS  # not the quick one of tests
    page = client.get(reverse("account_signup"), {"next": "/ui/form/"})
    assert page.status_code == 200
    assert 'name="next" value="/ui/form/"' in page.content.decode()
    answer = client.post(reverse("account_signup"), {**NEW, "next": "/ui/form/"})
    assert (answer.status_code, answer["Location"]) == (302, "/my/account/bind/?next=%2Fui%2Fform%2F")
    account = Account.objects.get()
    assert (account.username, account.phone) == ("shijianguo", "10000000001")
    assert identify_hasher(account.password).algorithm == "scrypt"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "12", "电话号码应为 11 位手机号码"),
        ("username", "sh", "3"),
        ("password2", "other-password-1", "密码"),
        ("password1", "12345678", "密码"),
    ],
)
def test_what_is_wrong_at_sign_up_is_said_and_nothing_is_kept(client, field, value, sentence):
    page = client.post(reverse("account_signup"), {**NEW, field: value})
    assert page.status_code == 200
    assert sentence in str(page.context_data["form"].errors)
    assert 'value="shijianguo"' in page.content.decode() or field == "username"
    assert not Account.objects.exists()


def test_a_user_name_is_taken_whatever_its_case(client):
    make_account("ShiJianguo")
    page = client.post(reverse("account_signup"), NEW)
    assert list(page.context_data["form"].errors) == ["username"]


def test_signing_in_goes_where_one_wanted_and_takes_language_and_edition_along(client):
    account = make_account("shijianguo", password=PASSWORD)
    Account.objects.filter(pk=account.pk).update(language="en", edition="elder")
    page = client.get(reverse("account_login"), {"next": "/my/looks/"}).content.decode()
    assert '<input type="hidden" name="next" value="/my/looks/">' in page
    assert "/accounts/signup/?next=%2Fmy%2Flooks%2F" in page
    answer = sign_in(client, next="/my/looks/")
    assert answer["Location"] == "/my/looks/"
    assert answer.cookies["hexi_edition"].value == "elder"
    assert answer.cookies["django_language"].value == "en"


def test_a_foreign_address_is_not_followed(client):
    make_account("shijianguo", password=PASSWORD)
    assert sign_in(client, next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(client):
    make_account("shijianguo", password=PASSWORD)
    known, unknown = sign_in(client, password="wrong"), sign_in(client, username="nobody", password="wrong")
    assert known.context_data["form"].errors == unknown.context_data["form"].errors
    assert "_auth_user_id" not in client.session
    assert 'value="shijianguo"' in known.content.decode()


def test_guessing_is_stopped_for_the_account(client):
    make_account("shijianguo", password=PASSWORD)
    for _ in range(5):
        sign_in(client, password="wrong")
    page = sign_in(client)
    assert page.status_code == 200
    assert "_auth_user_id" not in client.session


def test_too_many_requests_get_a_page_of_ours(client):
    for _ in range(30):
        client.post(reverse("account_login"), {})
    page = client.post(reverse("account_login"), {})
    assert page.status_code == 429
    assert "操作太频繁" in page.content.decode()


def test_limits_count_over_all_processes(settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")


def test_signing_out_needs_a_press(client):
    client.force_login(make_account())
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_an_inactive_account_is_told_so(client):
    account = make_account("shijianguo", password=PASSWORD)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    answer = sign_in(client)
    assert "_auth_user_id" not in client.session
    page = client.get(reverse("account_inactive"))
    assert answer.status_code in (200, 302)
    assert "这个账户已停用" in page.content.decode()


def test_the_password_is_changed_by_knowing_the_old_one(client):
    client.force_login(make_account(password=PASSWORD))
    facts = {"oldpassword": PASSWORD, "password1": "another-pass-2026", "password2": "another-pass-2026"}
    bad = client.post(reverse("account_change_password"), {**facts, "oldpassword": "wrong"})
    assert list(bad.context_data["form"].errors) == ["oldpassword"]
    assert client.post(reverse("account_change_password"), facts).status_code == 302
    assert Account.objects.get().check_password("another-pass-2026")


def test_a_forgotten_password_is_set_by_a_letter_once(client, letters):
    make_account("shijianguo", password=PASSWORD, email="shi@example.invalid")
    done = client.post(reverse("account_reset_password"), {"email": "shi@example.invalid"}, follow=True)
    assert "邮件已发出" in done.content.decode()
    [letter] = letters
    assert letter["to"] == "shi@example.invalid"
    assert letter["subject"].startswith("【")
    link = re.search(r"https?://testserver(\S+)", letter["body"])[1]
    page = client.get(link, follow=True)
    assert "设置新密码" in page.content.decode()
    facts = {"password1": "another-pass-2026", "password2": "another-pass-2026"}
    answer = client.post(page.request["PATH_INFO"], facts, follow=True)
    assert "密码已修改" in answer.content.decode()
    assert Account.objects.get().check_password("another-pass-2026")
    assert "链接已用过或已过期" in client.get(link, follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_a_letter_that_says_so(client, letters):
    page = client.post(reverse("account_reset_password"), {"email": "who@example.invalid"}, follow=True)
    assert "邮件已发出" in page.content.decode()
    assert letters == [
        {
            "to": "who@example.invalid",
            "subject": "【河西】没有这个账户",
            "body": "有人用这个邮箱申请找回密码，但没有账户留过它。要注册账户，请打开下面的链接。\n\n"
            "http://testserver/accounts/signup/\n\n河西",
        }
    ]


def test_whoever_has_the_account_is_told_what_was_changed(client, letters):
    account = make_account(password=PASSWORD, email="shi@example.invalid")
    client.force_login(account)
    facts = {"oldpassword": PASSWORD, "password1": "another-pass-2026", "password2": "another-pass-2026"}
    client.post(reverse("account_change_password"), facts)
    [letter] = letters
    assert (letter["to"], letter["subject"]) == ("shi@example.invalid", "【河西】密码已修改")
    assert letter["body"].startswith("您账户的密码已修改。时间：")
    assert "来自 127.0.0.1。" in letter["body"]
    assert "不是您本人操作的" in letter["body"]


@pytest.mark.parametrize("occasion", sorted(texts.LETTERS))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_letter_can_be_written_in_both_languages(occasion, language):
    account = Account(username="shijianguo")
    links = dict.fromkeys(("activate_url", "password_reset_url", "signup_url"), "http://testserver/x/")
    with translation.override(language):
        subject, body = texts.write(
            occasion, {"user": account, "ip": "127.0.0.1", "timestamp": clock.now(), **links}, site="河西"
        )
    assert subject.startswith("【河西】")
    assert ("http://testserver/x/" in body) == bool(texts.LETTERS[occasion].link)
    assert "%(" not in body


def test_every_occasion_of_allauth_has_its_letter():
    """New ones of another version of allauth are noticed here."""
    ours_never = {"login_code", "password_reset_code", "email_changed"}  # ways to sign in that are switched off
    found = {
        f"{app}/email/{path.name.removesuffix('_subject.txt')}"
        for app in ("account", "mfa", "socialaccount")
        for path in (Path(allauth.__file__).parent / "templates" / app / "email").glob("*_subject.txt")
        if path.name.removesuffix("_subject.txt") not in ours_never
    }
    assert found == set(texts.LETTERS)


def test_an_address_is_added_after_the_password_is_asked_again_and_then_confirmed(client, letters):
    client.force_login(make_account("shijianguo", password=PASSWORD))
    address = reverse("account_email")
    assert "还没有邮箱" in client.get(address).content.decode()
    asked = client.post(address, {"email": "shi@example.invalid", "action_add": "1"}, follow=True)
    assert "请再次确认身份" in asked.content.decode()
    assert not EmailAddress.objects.exists()
    goes = {"password": PASSWORD, "next": asked.context_data["redirect_field_value"]}
    done = client.post(asked.request["PATH_INFO"], goes, follow=True)  # what was entered before is done now
    assert "未验证" in done.content.decode()
    link = re.search(r"https?://testserver(\S+)", letters[0]["body"])[1]
    assert "确认 shi@example.invalid 是您的邮箱" in client.get(link).content.decode()
    client.post(link)
    assert EmailAddress.objects.get().verified
    assert "链接已失效" in client.get("/accounts/confirm-email/nonsense/").content.decode()


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def activate_totp(client) -> str:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context_data["form"].secret
    assert secret in page.content.decode()
    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    return secret


def test_a_second_factor_is_asked_for_and_rests_encrypted(client):
    client.force_login(make_account("shijianguo", password=PASSWORD))
    assert client.get(reverse("mfa_activate_totp")).status_code == 302  # the password is asked again first
    secret = activate_totp(client)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    assert vault.ring().open(stored, "mfa") == secret
    index = client.get(reverse("mfa_index")).content.decode()
    assert "已启用" in index
    assert "还有 10 个未用" in index
    client.post(reverse("account_logout"))
    answer = sign_in(client)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert list(wrong.context_data["form"].errors) == ["code"]
    assert "第二步验证" in wrong.content.decode()
    assert "取消登录" in wrong.content.decode()


def test_a_recovery_code_works_once(client):
    client.force_login(make_account("shijianguo", password=PASSWORD))
    activate_totp(client)
    page = client.get(reverse("mfa_view_recovery_codes"))
    code = page.context_data["unused_codes"][0]
    assert code in page.content.decode()
    client.post(reverse("account_logout"))
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert "_auth_user_id" not in client.session


def test_codes_are_made_anew_and_the_factor_is_given_up(client):
    client.force_login(make_account("shijianguo", password=PASSWORD))
    activate_totp(client)
    before = client.get(reverse("mfa_view_recovery_codes")).context_data["unused_codes"]
    assert "原有的全部作废" in client.get(reverse("mfa_generate_recovery_codes")).content.decode()
    client.post(reverse("mfa_generate_recovery_codes"))
    assert set(before).isdisjoint(client.get(reverse("mfa_view_recovery_codes")).context_data["unused_codes"])
    assert "停用后登录只需要密码" in client.get(reverse("mfa_deactivate_totp")).content.decode()
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()


def test_secrets_of_factors_move_to_a_new_key(client):
    old, new = vault.new_key(), vault.new_key()
    with override(vault.DATA_KEY, [old]):
        client.force_login(make_account(password=PASSWORD))
        secret = activate_totp(client)
    with override(vault.DATA_KEY, [new, old]):
        assert rekeying.rekey() == 2  # the app and the recovery codes
        assert rekeying.rekey() == 0
    with override(vault.DATA_KEY, [new]):
        assert vault.ring().open(Authenticator.objects.get(type="totp").data["secret"], "mfa") == secret
        assert len(client.get(reverse("mfa_view_recovery_codes")).context_data["unused_codes"]) == 10


def test_passkey_pages_carry_files_and_data_but_nothing_inline(client):
    client.force_login(make_account("shijianguo", password=PASSWORD))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_add_webauthn"))
    text = page.content.decode()
    assert re.findall(r"<script(?![^>]*(?:src=|type=\"application/json\"))[^>]*>", text) == []
    assert '"creation_options"' in text
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "还没有通行密钥" in client.get(reverse("mfa_list_webauthn")).content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "name",
    [
        "account_login", "account_signup", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key_done", "account_inactive", "account_email_verification_sent",
        "socialaccount_login_cancelled", "socialaccount_login_error",
    ],
)  # fmt: skip
def test_every_page_for_strangers_opens_in_both_languages(client, settings, name, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(reverse(name))
    assert page.status_code == (401 if name == "socialaccount_login_error" else 200)
    text = page.content.decode()
    assert text.count("<h1") == 1
    assert " style=" not in text


@pytest.mark.parametrize("name", ["account_logout", "mfa_index", "mfa_list_webauthn", "socialaccount_connections"])
def test_every_page_for_those_signed_in_opens(client, name):
    client.force_login(make_citizen(number=resident_number()))
    text = client.get(reverse(name)).content.decode()
    assert text.count("<h1") == 1
    assert "我的账户" in text


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password"])
def test_labels_are_ours_and_no_placeholder_takes_their_place(client, name):
    text = client.get(reverse(name)).content.decode()
    assert "placeholder=" not in text
    assert re.search(r"<label[^>]*>电子邮箱", text)


def test_the_password_hint_is_a_sentence(client):
    text = client.get(reverse("account_signup")).content.decode()
    assert "至少 8 个字符；不要用常见的密码" in text
    assert "&lt;ul&gt;" not in text
