"""The account matrix: signed posts become orders once, answers go under them, one text to many, the league."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.domains.livelihood.requests import jobs, operations, options
from hexi.domains.livelihood.requests.channels import accounts
from hexi.domains.livelihood.requests.models import Mention, Outgoing, Request, SocialAccount
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.options import override
from hexi.wire import webhooks_http as wire

pytestmark = pytest.mark.django_db
SECRET = "secret-of-a-test"
EVENTS = "/requests/accounts/events/"


def make_account(key="yumen-fabu", **facts):
    make.make_hotline()
    given = {"name": "玉门发布", "platform": "weibo", "department": make.make_office(), "by": make.BY}
    return accounts.register(key, **(given | facts))


@pytest.fixture
def secret():
    with override(options.ACCOUNTS_SECRET, SECRET):
        yield


def push(client, kind=accounts.MENTION, secret=SECRET, at=None, **data):
    given = {"account": "yumen-fabu", "id": "w-1", "text": "@玉门发布 村口路灯不亮三天了", "author": "小石头"} | data
    body = json.dumps({"type": kind, "data": given}, ensure_ascii=False).encode()
    headers = wire.headers("e-1", body, secret, at or int(time.time()))
    return client.post(EVENTS, body, content_type=headers.pop("content-type"), headers=headers)


class Adapter(BaseHTTPRequestHandler):
    """Takes what is genuine, each id once; answers `status`."""

    def do_POST(self):  # noqa: N802 the library's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        given = {name.lower(): value for name, value in self.headers.items()}
        assert wire.genuine(given, body, SECRET, int(time.time()))
        self.server.taken.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *words):
        """Quiet."""


@pytest.fixture
def adapter(secret):
    server = HTTPServer(("127.0.0.1", 0), Adapter)
    server.taken, server.status = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with (
        override(options.ACCOUNTS_URL, f"http://127.0.0.1:{server.server_port}/"),
        override(options.ACCOUNTS_PRIVATE, True),
    ):
        yield server
    server.shutdown()


# --- in ---------------------------------------------------------------------------------------------------------------
def test_a_mention_becomes_an_order_once(client, secret):
    make_account()
    first, again = push(client, url="https://weibo.example/1"), push(client)
    order = Request.objects.get()
    assert (first.json(), again.json()) == ({"number": order.case.number},) * 2
    assert (order.case.channel, order.text, order.contact["name"]) == (
        "social", "@玉门发布 村口路灯不亮三天了", "小石头")  # fmt: skip
    assert (Mention.objects.get().url, order.place_code) == ("https://weibo.example/1", make.YUMEN)


@pytest.mark.parametrize(("wrong", "status"), [
    ({"secret": "other"}, 401), ({"at": 1}, 401), ({"account": "nobody"}, 400), ({"kind": "x"}, 400),
    ({"id": ""}, 400), ({"text": "灯"}, 422), ({"text": "x" * 6000}, 422),
    ({"kind": accounts.REACH, "followers": -1}, 400), ({"kind": accounts.REACH, "reads": 7}, 400),
])  # fmt: skip
def test_what_is_not_taken(client, secret, wrong, status):
    make_account()
    answer = push(client, **wrong)
    assert (answer.status_code, Request.objects.count()) == (status, 0)
    assert answer.json()["error"]


def test_without_a_secret_nothing_comes_in(client):
    make_account()
    assert push(client, secret="").status_code == 401


def test_a_body_that_is_too_long_or_no_event(client, secret):
    assert client.post(EVENTS, b"x" * 200_001, content_type="application/json").status_code == 413
    headers = wire.headers("e", b"[]", SECRET, int(time.time()))
    assert client.post(EVENTS, b"[]", content_type=headers.pop("content-type"), headers=headers).status_code == 400
    assert client.get(EVENTS).status_code == 405


def test_a_link_that_is_no_address_is_left_out(client, secret):
    make_account()
    push(client, url="javascript:alert(1)")
    assert Mention.objects.get().url == ""


# --- out --------------------------------------------------------------------------------------------------------------
def test_the_answer_goes_under_the_post_without_names(client, adapter):
    make_account()
    push(client)
    order = make.make_dispatched(Request.objects.get())
    operations.reply(order, opinion="已修好，问题请找王师傅 13912345678。", by=make.BY)
    drain()
    (sent,) = adapter.taken
    assert (sent["type"], sent["data"]) == (
        "accounts.answer", {"account": "yumen-fabu", "text": "已修好，问题请找王某师傅 （电话）。", "under": "w-1"})  # fmt: skip
    assert Mention.objects.get().answered_at is not None
    jobs.answer_account(order.pk, "x")
    assert (len(adapter.taken), Outgoing.objects.count()) == (1, 1)


def test_a_refusal_goes_under_the_post_with_who_is_in_charge(client, adapter):
    make_account()
    push(client)
    order = Request.objects.get()
    owner = "玉门市人民法院立案庭 0937-3330001"
    operations.refuse(order, refusal="court", next_owner=owner, opinion="已经起诉。", by=make.make_dispatcher())
    drain()
    jobs.answer_account(order.pk, "x")
    (sent,) = adapter.taken
    assert (sent["data"]["under"], sent["data"]["text"]) == ("w-1", f"不属受理范围。请找：{owner}")
    assert Mention.objects.get().answered_at is not None


def test_a_refusal_for_everybody_names_nobody(client, adapter):
    """`next_owner` is written for one caller, and goes under a post that everybody reads."""
    make_account()
    push(client, author="下西号", text="村口3号楼2单元501室门口路灯不亮三天了")
    order = Request.objects.get()
    owner = "下西号镇王主任 13912345678，政务大厅 3 楼 0937-3330001，已转告3号楼2单元501室"
    operations.refuse(order, refusal="court", next_owner=owner, opinion="已经起诉。", by=make.make_dispatcher())
    drain()
    (sent,) = adapter.taken
    clean = "下西号镇王某主任 （电话），政务大厅 3 楼 0937-3330001，已转告3（门牌）"
    assert sent["data"]["text"] == f"不属受理范围。请找：{clean}"


def test_a_nickname_that_is_a_word_does_not_forbid_to_publish(client, secret):
    make_account()
    push(client, author="安宁", text="安宁区路灯不亮三天了")
    order = make.make_answered(Request.objects.get())
    client.force_login(make.make_dispatcher().account)
    proposed = client.get(reverse("requests.publish", args=[order.case.number])).content.decode()
    assert "某某区路灯不亮" in proposed
    assert operations.publish(order, text="安宁区路灯不亮。", answer="修好了。", by=make.make_dispatcher()).public


def test_an_order_that_came_otherwise_is_not_posted(adapter):
    jobs.answer_account(make.make_answered().pk, "x")
    assert adapter.taken == []


@pytest.mark.parametrize(("status", "tries", "failed"), [(503, 2, ""), (429, 2, ""), (400, 1, "400 ")])
def test_an_adapter_that_does_not_take_it(adapter, status, tries, failed):
    accounts.publish("停水通知", [make_account()], once="1", by=make.BY)
    adapter.status = status
    assert (accounts.send_waiting(), accounts.send_waiting()) == (0, 0)
    row = Outgoing.objects.get()
    assert (row.tries, row.failed, row.sent_at, len(adapter.taken)) == (tries, failed, None, tries)


def test_it_is_given_up_after_eight_tries(adapter):
    accounts.publish("停水通知", [make_account()], once="1", by=make.BY)
    adapter.status = 500
    for _n in range(10):
        accounts.send_waiting()
    assert (len(adapter.taken), Outgoing.objects.get().failed) == (8, "500 ")
    assert {one["id"] for one in adapter.taken} == {Outgoing.objects.get().key}


def test_one_text_to_many_once(adapter):
    two = [make_account(), make_account("yumen-water", name="玉门水务")]
    for _n in range(2):
        assert accounts.publish("停水通知", two, once="form-1", by=make.BY) == 2
        accounts.send_waiting()
    assert [(one["type"], one["subject"]) for one in adapter.taken] == [
        ("accounts.post", "yumen-fabu"), ("accounts.post", "yumen-water")]  # fmt: skip
    with pytest.raises(ValidationError):
        accounts.publish(" ", two, once="2", by=make.BY)


# --- rights and pages -------------------------------------------------------------------------------------------------
def test_who_may_register_and_publish():
    one = make_account()
    with pytest.raises(Denied):
        accounts.register("x", "X", "weibo", make.make_office(), by=make.make_operator())
    with pytest.raises(Denied):
        accounts.publish("停水通知", [one], once="1", by=make.make_handler())
    with pytest.raises(ValidationError):
        accounts.register("yumen-fabu", "X", "weibo", make.make_office(), by=make.BY)
    assert list(accounts.league(make.make_dispatcher())) == []


def make_head():
    return make.people.make_official("hotline_head", department=make.make_hotline().department)


def test_the_league_and_reach(client, secret, django_assert_max_num_queries):
    make_account()
    quiet = make_account("yumen-water", name="玉门水务")
    push(client)
    Mention.objects.update(answered_at=make.fresh(Request.objects.get()).case.submitted_at)
    accounts.publish("停水通知", [quiet], once="1", by=make.BY)
    key = Outgoing.objects.get().key
    assert push(client, accounts.REACH, account="yumen-water", followers=900, reads={key: 77}).json() == {}
    client.force_login(make_head())
    rows = [(one.key, one.asked, one.answered, one.followers, one.reads) for one in accounts.league(make.BY)]
    assert rows == [("yumen-fabu", 1, 1, 0, 0), ("yumen-water", 0, 0, 900, 77)]
    page = client.get(reverse("requests.accounts")).content.decode()
    assert ("玉门发布" in page, "100%" in page) == (True, True)


def test_a_head_registers_and_publishes_by_the_pages(client):
    client.force_login(make_head())
    office = make.make_office()
    given = {"name": "玉门发布", "key": "yumen-fabu", "platform": "weibo", "department": office.pk}
    assert client.post(reverse("requests.new_account"), given)["Location"] == reverse("requests.accounts")
    one = SocialAccount.objects.get()
    assert client.get(reverse("requests.publish_text")).status_code == 200
    sent = {"text": "停水通知", "accounts": [one.pk], "once": "abc"}
    for _n in range(2):
        assert client.post(reverse("requests.publish_text"), sent).status_code == 302
    assert Outgoing.objects.get().text == "停水通知"


def test_what_could_not_go_out_is_shown_and_sent_again(client, adapter):
    accounts.publish("停水通知", [make_account()], once="1", by=make.BY)
    adapter.status = 403
    accounts.send_waiting()
    client.force_login(make_head())
    list_ = reverse("requests.accounts")
    page = client.get(list_).content.decode()
    for name in ("new_account", "publish_text", "outgoing"):
        assert f'href="{reverse(f"requests.{name}")}"' in page
    page = client.get(reverse("requests.outgoing") + "?view=failed").content.decode()
    assert ("停水通知" in page, "403" in page) == (True, True)
    adapter.status = 200
    row = Outgoing.objects.get()
    client.post(reverse("requests.outgoing"), {"action": "again", "row": [row.pk]})
    assert accounts.send_waiting() == 1
    assert accounts.send_again(Outgoing.objects.get(), by=make.people.acting(make_head())) is False


def test_an_account_is_changed_and_put_out_of_use(client, secret):
    one, water = make_account(), make.make_office("yumen-water", "玉门市水务局")
    address = reverse("requests.edit_account", args=[one.pk])
    client.force_login(make_head())
    assert address in client.get(reverse("requests.accounts")).content.decode()
    client.post(address, {"name": "玉门水务", "platform": "wechat", "department": water.pk, "active": "on"})
    one.refresh_from_db()
    assert (one.name, one.platform, one.department, one.active) == ("玉门水务", "wechat", water, True)
    accounts.publish("停水通知", [one], once="1", by=make.BY)
    assert client.post(address, {"name": "玉门水务", "platform": "wechat", "department": water.pk}).status_code == 302
    assert push(client).status_code == 400, "nothing comes in"
    page = client.get(reverse("requests.accounts")).content.decode()
    assert "已停用" in page
    assert f'value="{one.pk}"' not in client.get(reverse("requests.publish_text")).content.decode()
    with override(options.ACCOUNTS_URL, "http://127.0.0.1:9/"):
        accounts.send_waiting()
    assert Outgoing.objects.get().tries == 0, "nothing goes out"
    facts = {"name": "X", "platform": "weibo", "department": water, "active": True}
    with pytest.raises(Denied):
        accounts.change_account(one, by=make.make_dispatcher(), **facts)
