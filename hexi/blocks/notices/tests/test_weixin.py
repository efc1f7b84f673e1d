"""Notices by WeChat: the token kept and renewed by one worker, error codes, SMS where WeChat reaches nobody."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from hexi.blocks.notices import operations, weixin
from hexi.blocks.notices.channels import Message
from hexi.blocks.notices.models import Delivery, Preference, WeixinToken
from hexi.blocks.notices.tests.make import Postbox, make_notice
from hexi.blocks.people.tests.make import make_account
from hexi.blocks.people.tests.wechat import APP_ID, SECRET, WeChat
from hexi.blocks.people.weixin import options as account
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
TEMPLATE = "*:T-1:thing1=title;thing2=body;time3=at"


@pytest.fixture
def wechat():
    with (
        WeChat() as one, override(account.APP_ID, APP_ID), override(account.SECRET, SECRET),
        override(account.API_URL, one.url), override(weixin.TEMPLATES, [TEMPLATE]),
    ):  # fmt: skip
        yield one


@pytest.fixture
def postbox(only):
    """SMS that goes nowhere, beside WeChat."""
    box = Postbox()
    only(weixin.WEIXIN, box.channel())
    return box


def tied(openid="o-1", **facts):
    made = make_account(phone="10000000001", **facts)
    SocialAccount.objects.create(user=made, provider="weixin", uid=openid)
    return made


def message(**facts):
    given = {"to": "o-1", "title": "已受理", "body": "五日内答复", "link": "https://x/1", "key": "k-1", "notice": "a.b"}
    return Message(**(given | facts))


def rows():
    return sorted(Delivery.objects.values_list("channel", "state"))


# --- sending ----------------------------------------------------------------------------------------------------------
def test_a_notice_goes_by_wechat_and_not_by_sms(wechat, postbox):
    make_notice(tied())
    assert operations.deliver(Delivery.objects.get().pk).sent
    sent = wechat.sent[0]
    assert (sent["touser"], sent["template_id"]) == ("o-1", "T-1")
    assert set(sent["data"]) == {"thing1", "thing2", "time3"}
    assert (rows(), postbox.taken) == ([("weixin", "sent")], [])


def test_who_is_not_tied_or_does_not_want_it_gets_an_sms(wechat, postbox):
    make_notice(make_account(phone="10000000001"))
    unwilling = tied(username="unwilling")
    Preference.objects.create(account=unwilling, channel="weixin")
    make_notice(unwilling)
    assert rows() == [("sms", "waiting")] * 2


@pytest.mark.parametrize("code", [43004, 43101, 40037])
def test_what_wechat_cannot_reach_goes_by_sms_once(wechat, postbox, code):
    make_notice(tied())
    wechat.code = code
    outcome = operations.deliver(Delivery.objects.get().pk)
    assert (outcome.sent, outcome.final, outcome.answer) == (False, True, f"{code} refused")
    assert rows() == [("sms", "waiting"), ("weixin", "failed")]
    operations.deliver(Delivery.objects.get(channel="sms").pk)
    assert [one.to for one in postbox.taken] == ["10000000001"]


@pytest.mark.parametrize("code", [45009, -1])
def test_a_limit_is_waited_for(wechat, postbox, code):
    make_notice(tied())
    wechat.code = code
    outcome = operations.deliver(Delivery.objects.get().pk)
    assert (outcome.sent, outcome.final) == (False, False)
    assert rows() == [("weixin", "waiting")]


def test_given_up_after_all_tries_it_goes_by_sms(wechat, postbox):
    make_notice(tied())
    wechat.code = 45009
    Delivery.objects.update(tries=operations.TRIES.value - 1)
    operations.deliver(Delivery.objects.get().pk)
    assert rows() == [("sms", "waiting"), ("weixin", "failed")]


# --- the token --------------------------------------------------------------------------------------------------------
def test_one_token_serves_until_it_ends(wechat):
    for _ in range(3):
        assert weixin.send(message()).sent
    assert wechat.tokens == 1
    WeixinToken.objects.update(ends_at=weixin._now(), renew_at=weixin._now())
    assert weixin.send(message()).sent
    assert wechat.tokens == 2


def test_the_token_rests_sealed(wechat):
    weixin.send(message())
    assert "token-1" not in WeixinToken.objects.get().token


def test_a_token_that_is_refused_is_fetched_anew_once(wechat):
    weixin.send(message())
    wechat.tokens += 1  # somebody else has asked: ours has ended
    assert weixin.send(message()).sent
    assert wechat.tokens == 3
    wechat.code = 40001  # whatever token: WeChat is out of order
    outcome = weixin.send(message())
    assert (outcome.sent, outcome.final, wechat.tokens) == (False, False, 4)


def test_a_refused_token_that_another_renewed_is_not_asked_for_again(wechat):
    assert weixin.token() == "token-1"
    assert weixin.token(refused="token-1") == "token-2"
    assert weixin.token(refused="token-1") == "token-2"
    assert wechat.tokens == 2


def test_while_one_worker_renews_the_others_use_the_old_one(wechat):
    weixin.token()
    WeixinToken.objects.update(renew_at=weixin._now(), asking_until=weixin._now() + timedelta(seconds=20))
    assert (weixin.token(), wechat.tokens) == ("token-1", 1)


def test_a_worker_that_died_asking_is_waited_for_no_longer_than_its_lease(wechat, monkeypatch):
    monkeypatch.setattr(weixin, "WAIT", 0.3)
    WeixinToken.objects.create(app_id=APP_ID, asking_until=weixin._now() + timedelta(seconds=20))
    with pytest.raises(OSError):
        weixin.token()
    WeixinToken.objects.update(asking_until=weixin._now() - timedelta(seconds=1))
    assert weixin.token() == "token-1"


def test_a_wrong_secret_is_tried_again_later_and_leaves_the_way_free(wechat):
    with override(account.SECRET, "wrong"), pytest.raises(OSError, match="40125"):
        weixin.token()
    assert weixin.token() == "token-1"


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_ask_for_one_token(wechat):
    wechat.slow = 0.3
    gate = Barrier(6)

    def one(_n):
        gate.wait()
        try:
            return weixin.token()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(one, range(6))) == {"token-1"}
    assert wechat.tokens == 1


def test_a_server_that_is_gone_is_tried_again(wechat):
    with override(account.API_URL, "http://127.0.0.1:1"), pytest.raises(OSError):
        weixin.send(message())


# --- templates --------------------------------------------------------------------------------------------------------
def test_a_notice_has_its_own_template_or_the_common_one(wechat):
    with override(weixin.TEMPLATES, [TEMPLATE, "a.b:T-2:first=body"]):
        weixin.send(message())
        weixin.send(message(notice="a.c"))
    assert [one["template_id"] for one in wechat.sent] == ["T-2", "T-1"]
    with override(weixin.TEMPLATES, ["a.b:T-2:first=body"]):
        assert weixin.send(message(notice="a.c")).final


@pytest.mark.parametrize("line", ["x", "a:b", "a::x=title", "a:T:x=phone", "a:T:", "a:T:x"])
def test_a_template_that_is_not_written_so(wechat, line):
    with override(weixin.TEMPLATES, [line]):
        assert not weixin.ready()  # and whoever tells somebody something goes on
        with pytest.raises(ValueError, match=re.escape(line)):
            weixin.templates()


def test_without_account_or_template_the_channel_is_away(wechat):
    with override(weixin.TEMPLATES, []):
        assert not weixin.ready()
    with override(account.APP_ID, ""):
        assert not weixin.ready()
