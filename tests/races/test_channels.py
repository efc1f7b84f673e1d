"""Orders by every channel, told several times at once: e-mail, mention, Open311, WeChat, a call: one order."""

import hashlib
import json
import time
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.requests import operations, options
from hexi.domains.livelihood.requests.channels import accounts, mail, telephony, weixin
from hexi.domains.livelihood.requests.channels.letters import read
from hexi.domains.livelihood.requests.models import Attempt, Call, Hotline, Mention, Request, Seat
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests.exchange import SECRET, Exchange, now
from hexi.domains.livelihood.requests.tests.test_letters import make_letter
from hexi.domains.livelihood.requests.tests.test_open311 import make_key
from hexi.kernel.options import override
from hexi.wire import telephony_http as phone
from hexi.wire import webhooks_http as webhooks
from hexi.wire import weixin as wechat
from hexi.wire.telephony_http import Event
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WORDS = "村口路灯不亮三天了，老人看不见路。"


def numbers(found):
    """The numbers of the orders that came of it, each once."""
    return {one.case.number for one in found}


def test_one_letter_read_thrice_at_once():
    make.make_hotline()
    letter = read(make_letter(text=WORDS))
    with override(options.MAIL_REGION, make.YUMEN):
        found = together(*[lambda: mail.take(letter)] * 3)
    assert numbers(found) == {Request.objects.get().case.number}


def test_one_mention_pushed_thrice_at_once():
    make.make_hotline()
    accounts.register("yumen-fabu", name="玉门发布", platform="weibo", department=make.make_office(), by=make.BY)
    data = {"account": "yumen-fabu", "id": "w-1", "text": WORDS, "author": "小石头"}
    body = json.dumps({"type": accounts.MENTION, "data": data}).encode()
    headers = webhooks.headers("e-1", body, SECRET, int(time.time()))
    with override(options.ACCOUNTS_SECRET, SECRET):
        found = together(*[lambda: accounts.hear(body, headers)] * 3)
    assert {one["number"] for one in found} == {Request.objects.get().case.number}
    assert Mention.objects.count() == 1


def test_one_open311_post_sent_thrice_at_once():
    make.make_hotline()
    key = make_key()
    post = {"api_key": key, "service_code": make.LAMP, "description": WORDS, "lat": "40.35", "long": "97.1",
            "account_id": "other-1"}  # fmt: skip
    found = together(*[lambda: Client().post("/open311/v2/requests.json", post)] * 3)
    assert {one.status_code for one in found} == {201}
    assert {one.json()[0]["service_request_id"] for one in found} == {Request.objects.get().case.number}


def test_one_message_of_wechat_pushed_thrice_at_once():
    make.make_hotline()
    message = wechat.Message("gh_1", "o-1", 1, wechat.TEXT, "o-1:7", WORDS)
    with override(options.WEIXIN_REGION, make.YUMEN):
        found = together(*[lambda: weixin.taken(message)] * 3)
    assert numbers(found) == {Request.objects.get().case.number}


def test_two_messages_of_one_man_at_once_are_two_orders():
    make.make_hotline()
    work = [
        lambda n=n: weixin.taken(wechat.Message("gh_1", "o-1", 1, wechat.TEXT, f"o-1:{n}", WORDS)) for n in range(3)
    ]
    with override(options.WEIXIN_REGION, make.YUMEN):
        found = together(*work)
    assert len(numbers(found)) == 3


def test_one_event_of_a_call_pushed_by_four_at_once():
    make.make_hotline()
    body, headers = phone.push(Event(phone.RINGING, "c-1", now(), "10000000012", "8001"), SECRET, now())
    with override(options.EXCHANGE_SECRET, SECRET):
        together(*[lambda: telephony.hear(body, headers)] * 4)
    assert Call.objects.get().extension == "8001"


def test_all_events_of_a_call_at_once_come_to_the_same():
    make.make_hotline()
    at = now()
    events = [Event(kind, "c-1", at + timedelta(seconds=n), "10000000012", "8001", recording="x" if n == 3 else "")
              for n, kind in enumerate(phone.KINDS)]  # fmt: skip
    hotline = Hotline.objects.get()
    together(*[lambda one=one: operations.hear(one, hotline) for one in events])
    call = Call.objects.get()
    assert ((call.answered_at - at).seconds, (call.ended_at - at).seconds, call.recorded, call.lost) == (
        1,
        2,
        True,
        False,
    )


def test_two_operators_enter_one_call_at_once():
    make.make_hotline()
    call = operations.hear(Event(phone.RINGING, "c-1", now(), "10000000012", "8001"), Hotline.objects.get())
    key = hashlib.sha256(b"call:c-1").hexdigest()[:24]
    work = [lambda: make.make_request(call=call, phone=call.phone, submission=key)] * 3
    found = together(*work)
    assert numbers(found) == {Request.objects.get().case.number}
    assert call.orders.count() == 1


def test_two_sit_down_at_one_extension():
    hotline = make.make_hotline()
    office = hotline.department
    actors = [
        people.acting(people.make_official("hotline_operator", department=office, username=f"o{n}")) for n in range(3)
    ]
    work = [lambda by=by: operations.sit(hotline, extension="8001", ready=True, by=by) for by in actors]
    done, refused = parted(together(*work, expect=(ValidationError,)), ValidationError)
    assert (len(done), len(refused)) == (1, 2)
    assert Seat.objects.count() == 1


def test_a_double_click_rings_once_and_nobody_there_is_one_attempt():
    hotline = make.make_hotline()
    by = people.acting(people.make_official("hotline_operator", department=hotline.department))
    operations.sit(hotline, extension="8001", ready=True, by=by)
    order = make.make_answered(phone="10000000012")
    with (
        Exchange() as exchange, override(options.EXCHANGE_SECRET, SECRET), override(options.EXCHANGE_URL, exchange.url),
        override(options.EXCHANGE_PRIVATE, True),
    ):  # fmt: skip
        together(*[lambda: telephony.ring_back(make.fresh(order), by=by)] * 3)
        assert len(exchange.calls) == 1
        over = Event(phone.ENDED, exchange.calls[0]["call"], now())
        together(*[lambda: operations.hear(over, hotline)] * 3)
    assert Attempt.objects.filter(request=order).count() == 1
