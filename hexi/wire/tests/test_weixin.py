"""WeChat's interface: error codes, template messages, pushes that are read and those that are refused."""

import json

import pytest
from lxml import etree

from hexi.wire import weixin
from hexi.wire.weixin import BadAnswer, BadPush, Meaning

PUSH = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o-1]]></FromUserName>"
    "<CreateTime>1795930000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[路灯不亮 <b>]]></Content><MsgId>77</MsgId></xml>"
)


@pytest.mark.parametrize(("code", "meant"), [
    (0, Meaning.DONE), (40001, Meaning.TOKEN), (42001, Meaning.TOKEN), (43004, Meaning.ELSEWHERE), (45009, Meaning.LATER),
    (-1, Meaning.LATER), (40037, Meaning.REFUSED), ("x", Meaning.LATER),
])  # fmt: skip
def test_what_codes_mean(code, meant):
    assert weixin.meaning({"errcode": code}) == meant


def test_a_token_and_what_is_none():
    assert weixin.token({"access_token": "t", "expires_in": 7200}) == ("t", 7200)
    for wrong in ({"errcode": 40013, "errmsg": "bad appid"}, {"access_token": "", "expires_in": 1},
                  {"access_token": "t", "expires_in": "7200"}, {"access_token": "t", "expires_in": 0}):  # fmt: skip
        with pytest.raises(BadAnswer):
            weixin.token(wrong)


@pytest.mark.parametrize(("status", "body"), [(200, b""), (200, b"[]"), (502, b"{}"), (200, b"[" * 100_000)])
def test_answers_of_nobody(status, body):
    with pytest.raises(BadAnswer):
        weixin.answer(status, body)


def test_fields_are_cut_to_what_they_hold():
    body = json.loads(
        weixin.template_message("o-1", "T", {"thing1": "一" * 30, "first": "二\n三"}, "https://x/", "k" * 40)
    )
    assert body["data"] == {"thing1": {"value": "一" * 19 + "…"}, "first": {"value": "二 三"}}
    assert (body["touser"], body["template_id"], body["url"], body["client_msg_id"]) == (
        "o-1",
        "T",
        "https://x/",
        "k" * 32,
    )


def test_addresses_carry_what_is_asked():
    assert weixin.token_address("https://api/", "a", "s&") == (
        "https://api/cgi-bin/token?grant_type=client_credential&appid=a&secret=s%26")  # fmt: skip
    assert weixin.template_address("https://api", "t=") == "https://api/cgi-bin/message/template/send?access_token=t%3D"


def test_a_push_is_read():
    found = weixin.read(PUSH.encode())
    assert (found.sender, found.account, found.kind, found.text, found.key) == (
        "o-1",
        "gh_1",
        "text",
        "路灯不亮 <b>",
        "o-1:77",
    )


def test_an_event_is_named_by_who_and_when():
    push = PUSH.replace("text", "event").replace("<MsgId>77</MsgId>", "<Event>Subscribe</Event>")
    found = weixin.read(push.encode())
    assert (found.event, found.key) == (weixin.SUBSCRIBED, "o-1:1795930000:Subscribe")


@pytest.mark.parametrize("body", [
    "", "x", "<xml/>", "<a/>", PUSH.replace("xml>", "yml>"), PUSH.replace("1795930000", "soon"),
    PUSH.replace("o-1", ""), PUSH.replace("o-1", "o" * 65), "<xml>" + "x" * 100_000 + "</xml>",
    '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + PUSH.replace("路灯", "&a;"),
    '<!doctype xml [<!ENTITY a "aaaa">]>' + PUSH, "<xml><Encrypt>x</Encrypt></xml>", PUSH.replace("路灯", "&nbsp;&a;]]>&a;"),
])  # fmt: skip
def test_pushes_that_are_refused(body):
    with pytest.raises(BadPush):
        weixin.read(body.encode())


def test_a_document_type_in_another_encoding_is_refused():
    push = ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE xml [<!ENTITY a "b">]>' + PUSH).encode("utf-16")
    with pytest.raises(BadPush):
        weixin.read(push)


def test_what_is_genuine():
    given = {"timestamp": "1795930000", "nonce": "n", "signature": weixin.signature("s", "1795930000", "n")}
    assert weixin.genuine(given, "s", 1795930100)
    for wrong in (given | {"nonce": "m"}, given | {"timestamp": "x"}, given | {"signature": "ü"}, {}):
        assert not weixin.genuine(wrong, "s", 1795930100)
    assert not weixin.genuine(given, "s", 1795930000 + 601)
    assert not weixin.genuine(given | {"signature": weixin.signature("", "1795930000", "n")}, "", 1795930000)


def test_a_reply_is_whole_whatever_is_said():
    root = etree.fromstring(weixin.reply(weixin.read(PUSH.encode()), "编号 H1 ]]> <x>", 5))
    assert {one.tag: one.text for one in root} == {
        "ToUserName": "o-1", "FromUserName": "gh_1", "MsgType": "text", "Content": "编号 H1 ]] > <x>", "CreateTime": "5",
    }  # fmt: skip
