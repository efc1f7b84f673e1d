"""Orders by WeChat: words and pictures pushed to us, replays, what is refused, news that go back."""

import io
import re
import time

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from lxml import etree
from PIL import Image

from hexi.blocks.notices import weixin as notices_weixin
from hexi.blocks.people.tests.wechat import APP_ID, SECRET, TOKEN, WeChat
from hexi.blocks.people.weixin import options as account
from hexi.domains.livelihood.requests import operations, options, queries
from hexi.domains.livelihood.requests.channels import weixin
from hexi.domains.livelihood.requests.models import Request, WeixinSender
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel.jobs import drain
from hexi.kernel.options import OptionError, check, override
from hexi.wire import weixin as wire
from hexi.wire import weixin_sealed

pytestmark = pytest.mark.django_db
WORDS = "村口路灯不亮三天了，老人看不见路。"


@pytest.fixture
def wechat():
    make.make_hotline()
    with (
        WeChat() as one, override(account.APP_ID, APP_ID), override(account.SECRET, SECRET), override(account.API_URL, one.url),
        override(options.WEIXIN_TOKEN, TOKEN), override(options.WEIXIN_REGION, make.YUMEN),
        override(options.WEIXIN_PICTURES, [one.url.removeprefix("http://")]), override(options.WEIXIN_PRIVATE, True),
        override(notices_weixin.TEMPLATES, ["*:T-1:thing1=title;thing2=body"]),
    ):  # fmt: skip
        yield one


def push(client, kind="text", key="1", sender="o-1", token=TOKEN, at=None, **facts):
    at = at or int(time.time())
    told = {"ToUserName": "gh_1", "FromUserName": sender, "CreateTime": str(at), "MsgType": kind, "MsgId": key} | facts
    body = "<xml>" + "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in told.items()) + "</xml>"
    query = {"timestamp": str(at), "nonce": "n", "signature": wire.signature(token, str(at), "n")}
    return client.post("/requests/weixin/", body.encode(), content_type="text/xml", query_params=query)


def said(answer):
    """The words of a passive reply."""
    return re.search(r"<Content><!\[CDATA\[(.*?)\]\]>", answer.content.decode(), re.DOTALL)[1]


def photograph(colour="red"):
    made = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(made, "JPEG")
    return made.getvalue()


# --- in ---------------------------------------------------------------------------------------------------------------
def test_words_become_an_order_and_the_reply_holds_its_number(client, wechat):
    answers = [push(client, Content=WORDS) for _ in range(3)]
    order = Request.objects.get()
    assert {said(one) for one in answers} == {f"已登记，编号 {order.case.number}。回复编号可查进度。"}
    assert (order.text, order.case.channel, order.place_code, order.contact["weixin"]) == (
        WORDS,
        "weixin",
        make.YUMEN,
        "o-1",
    )


def test_the_number_of_the_message_is_kept_and_who_wrote_it_rests_sealed(client, wechat):
    push(client, Content=WORDS, key="24001234567890123", sender="oAbcdefghijklmnopqrstuvwxyz1")
    order = Request.objects.get()
    assert (order.source_ref, order.contact["weixin"]) == ("24001234567890123", "oAbcdefghijklmnopqrstuvwxyz1")


KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def push_sealed(client, key=KEY, token=TOKEN, app_id=APP_ID, plain=False, **query):
    """As WeChat pushes in the encrypted mode; `plain`: with the message in plain beside it."""
    at = str(int(time.time()))
    inside = f"<ToUserName>gh_1</ToUserName><FromUserName>o-1</FromUserName><CreateTime>{at}</CreateTime>"
    inside += f"<MsgType>text</MsgType><MsgId>1</MsgId><Content>{WORDS}</Content>"
    sealed = weixin_sealed.sealed(f"<xml>{inside}</xml>".encode(), key=key, app_id=app_id)
    body = f"<xml><ToUserName>gh_1</ToUserName>{inside if plain else ''}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    given = {"timestamp": at, "nonce": "n", "signature": wire.signature(token, at, "n"), "encrypt_type": "aes"}
    given |= {"msg_signature": weixin_sealed.signature(token, at, "n", sealed)} | query
    return client.post("/requests/weixin/", body.encode(), content_type="text/xml", query_params=given)


def test_in_the_encrypted_mode_message_and_reply_are_in_envelopes(client, wechat):
    with override(options.WEIXIN_KEYS, [KEY]):
        answer = push_sealed(client)
        again = push_sealed(client, plain=True)
    order = Request.objects.get()
    for one in (answer, again):
        found = {part.tag: part.text for part in etree.fromstring(one.content)}
        query = {"timestamp": found["TimeStamp"], "nonce": found["Nonce"], "msg_signature": found["MsgSignature"]}
        reply, _key = weixin_sealed.opened(found["Encrypt"], query, token=TOKEN, keys=[KEY], app_id=APP_ID)
        assert order.case.number in reply.decode()
        assert order.case.number not in one.content.decode()


@pytest.mark.parametrize("used", [KEY, "0" * 42 + "E"])
def test_while_keys_change_the_reply_is_under_the_key_of_the_message(client, wechat, used):
    with override(options.WEIXIN_KEYS, ["0" * 42 + "E", KEY]):
        answer = push_sealed(client, key=used)
    found = {part.tag: part.text for part in etree.fromstring(answer.content)}
    query = {"timestamp": found["TimeStamp"], "nonce": found["Nonce"], "msg_signature": found["MsgSignature"]}
    reply, _key = weixin_sealed.opened(found["Encrypt"], query, token=TOKEN, keys=[used], app_id=APP_ID)
    assert Request.objects.get().case.number in reply.decode()


def test_a_mistyped_key_is_refused_at_start_and_not_printed(monkeypatch):
    monkeypatch.setenv(options.WEIXIN_KEYS.variable, f"{KEY},{KEY[:-1]}")
    with pytest.raises(OptionError, match=r"requests\.weixin_aes_keys: .*EncodingAESKey") as refused:
        check()
    assert KEY[:-1] not in str(refused.value)
    monkeypatch.setenv(options.WEIXIN_KEYS.variable, KEY)
    check()


def test_once_the_encrypted_mode_is_set_nothing_else_is_taken(client, wechat):
    other = "0" * 42 + "E"
    with override(options.WEIXIN_KEYS, [KEY]):
        assert push(client, Content=WORDS).status_code == 401
        for wrong in ({"msg_signature": "0" * 40}, {"key": other}, {"app_id": "wx1"}, {"token": "another"}):
            assert push_sealed(client, **wrong).status_code == 401
    assert push_sealed(client).status_code == 400  # and without a key no envelope can be opened
    assert Request.objects.count() == 0
    assert push_sealed(client, plain=True).status_code == 200  # 兼容模式, read as it always was


def test_two_messages_are_two_orders(client, wechat):
    push(client, Content=WORDS)
    push(client, Content=WORDS, key="2")
    push(client, Content=WORDS, sender="o-2")
    assert Request.objects.count() == 3


def test_who_is_tied_is_the_applicant(client, wechat):
    citizen = make.make_citizen()
    SocialAccount.objects.create(user=citizen.account, provider="weixin", uid="o-1")
    push(client, Content=WORDS)
    assert Request.objects.get().case.applicant == citizen.account.person


def test_the_openid_is_nowhere_in_plain(client, wechat):
    push(client, Content=WORDS, sender="o-not-to-be-read")
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact FROM requests_request")
        rows = str(cursor.fetchall())
        cursor.execute("SELECT sign FROM requests_weixinsender")
        rows += str(cursor.fetchall())
    assert "o-not-to-be-read" not in rows


def test_a_picture_waits_for_its_words(client, wechat):
    wechat.pictures |= {"/1.jpg": photograph(), "/2.jpg": photograph("blue")}
    for name, key in (("1", "7"), ("1", "7"), ("2", "8")):
        assert "照片已收到" in said(push(client, "image", key, PicUrl=f"{wechat.url}/{name}.jpg"))
    assert Request.objects.count() == 0
    push(client, Content=WORDS)
    push(client, Content=WORDS, key="2")
    first, second = Request.objects.order_by("pk")
    assert [queries.pictures(queries.ORDER, one.pk).count() for one in (first, second)] == [2, 0]


@pytest.mark.parametrize("address", [
    "http://127.0.0.1:1/1.jpg", "http://169.254.169.254/1.jpg", "file:///etc/passwd", "", "{url}@evil/1.jpg", "http://[",
    "{url}/missing.jpg", "{url}/text.jpg",
])  # fmt: skip
def test_other_pictures_are_not_fetched(client, wechat, address):
    wechat.pictures["/text.jpg"] = b"no picture"
    answer = said(push(client, "image", PicUrl=address.format(url=wechat.url)))
    assert "照片已收到" not in answer
    assert not WeixinSender.objects.exclude(report=None).exists()


def test_a_number_asks_how_it_stands_and_tells_nobody_else(client, wechat):
    push(client, Content=WORDS)
    number = Request.objects.get().case.number
    assert said(push(client, Content=number, key="2")) == f"{number}：待派单"
    assert "没有找到" in said(push(client, Content=number, key="3", sender="o-2"))
    assert Request.objects.count() == 1


def test_what_is_refused_says_why(client, wechat):
    assert "至少" in said(push(client, Content="灯"))
    with override(options.PER_PERSON, 1):
        push(client, Content=WORDS, key="2")
        assert "一小时内" in said(push(client, Content=WORDS, key="3"))
    assert Request.objects.count() == 1


def test_events_and_other_kinds(client, wechat):
    assert "编号" in said(push(client, "event", Event="subscribe"))
    assert push(client, "event", Event="unsubscribe").content == b"success"
    assert "文字" in said(push(client, "voice", MediaId="1"))


@pytest.mark.parametrize(("wrong", "status"), [({"token": "x"}, 401), ({"at": 5}, 401), ({"sender": ""}, 400)])
def test_what_is_not_taken(client, wechat, wrong, status):
    assert push(client, Content=WORDS, **wrong).status_code == status
    assert Request.objects.count() == 0


def test_entities_are_refused(client, wechat):
    answer = push(client, Content="]]></Content></xml>")
    assert answer.status_code == 400


def test_the_settings_ask_whether_it_is_us(client, wechat):
    at = str(int(time.time()))
    query = {"timestamp": at, "nonce": "n", "signature": wire.signature(TOKEN, at, "n"), "echostr": "<b>7"}
    answer = client.get("/requests/weixin/", query)
    assert (answer.content, answer.headers["Content-Type"]) == (b"<b>7", "text/plain; charset=utf-8")
    assert client.get("/requests/weixin/", query | {"nonce": "m"}).status_code == 401
    with override(options.WEIXIN_TOKEN, ""):
        assert client.get("/requests/weixin/", query).status_code == 401


# --- back -------------------------------------------------------------------------------------------------------------
def test_the_answer_goes_back_by_template(client, wechat):
    push(client, Content=WORDS)
    order = make.make_dispatched(Request.objects.get())
    operations.reply(order, opinion="路灯已修好。", by=make.BY)
    drain()
    sent = wechat.sent[-1]
    assert (sent["touser"], sent["data"]["thing2"]["value"][:6]) == ("o-1", "路灯已修好。")
    assert "/requests/r/" in sent["url"]


def test_who_has_an_account_is_told_once(client, wechat):
    citizen = make.make_citizen()
    SocialAccount.objects.create(user=citizen.account, provider="weixin", uid="o-1")
    push(client, Content=WORDS)
    assert weixin.back(Request.objects.get(), "answered") is False


def test_wechat_that_is_silent_is_tried_again(client, wechat):
    push(client, Content=WORDS)
    operations.reply(make.make_dispatched(Request.objects.get()), opinion="修好了。", by=make.BY)
    wechat.code = 45009
    with pytest.raises(OSError):
        weixin.back(make.fresh(Request.objects.get()), "answered")


def test_who_has_not_written_for_long_is_forgotten(client, wechat):
    push(client, Content=WORDS)
    WeixinSender.objects.update(at=make.fresh(Request.objects.get()).case.submitted_at - weixin.timedelta(days=8))
    assert weixin.forget() == 1
