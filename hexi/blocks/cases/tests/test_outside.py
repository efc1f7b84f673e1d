"""Webhooks: an event for each step of a case, signed, sent to a real server; a target that is down; given up and again."""

import json
import socket
import threading
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from hexi.blocks.cases import operations
from hexi.blocks.cases.tests.make import BY, fresh, make_case, make_item
from hexi.blocks.notices import jobs, webhooks
from hexi.blocks.notices.models import Webhook, WebhookDelivery
from hexi.blocks.people import keys
from hexi.blocks.people.actors import Grant, Official
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied, Scope
from hexi.kernel.jobs import drain
from hexi.kernel.options import override
from hexi.wire import webhooks_http

pytestmark = pytest.mark.django_db
ALL = ("cases.submitted", "cases.asked", "cases.corrected", "cases.accepted", "cases.decided", "cases.certified",
       "cases.ended")  # fmt: skip


class Target:
    """Another system: a real server that keeps what it gets, answers `status`, and can be down."""

    def __init__(self):
        self.got, self.paths, self.status, self.server = [], [], 204, None
        self.up()
        self.port = self.server.server_port

    def up(self, port=0):
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                target.paths.append(self.path)
                target.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(target.status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def down(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/events?from=hexi"

    def events(self):
        return [json.loads(body) for _headers, body in self.got]


@pytest.fixture
def target():
    one = Target()
    with override(webhooks.PRIVATE, True):
        yield one
    one.down()


def make_webhook(target, item, *, events=ALL, verbs=("cases.view",), department=None, name="水权系统"):
    key = keys.make(name, department=department or item.department, verbs=verbs, by=BY)[0]
    return webhooks.subscribe(key, url=target.url, events=events, by=BY)


def test_a_life_is_told_step_by_step(target):
    item = make_item()
    _webhook, secret = make_webhook(target, item)
    case = make_case(item)
    operations.ask_correction(case, points={"species": "写清树种"}, by=BY)
    operations.supplement(fresh(case), answers=fresh(case).answers, by=people.acting(_owner(case)))
    operations.accept(fresh(case), by=BY)
    while fresh(case).state in ("examining", "reviewing"):
        do = operations.examine if fresh(case).state == "examining" else operations.review
        do(fresh(case), by=BY, opinion="可以")
    operations.grant(fresh(case), by=BY)
    operations.certify(fresh(case), by=BY)
    drain()
    told = target.events()
    assert [one["type"].removeprefix("cn.hexi.cases.") for one in told] == [
        "submitted", "asked", "corrected", "accepted", "decided", "certified", "ended",
    ]  # fmt: skip
    assert {(one["specversion"], one["subject"], one["data"]["number"]) for one in told} == {
        ("1.0", case.number, case.number)
    }
    assert (told[1]["data"]["points"], told[4]["data"]["outcome"]) == ({"species": "写清树种"}, "granted")
    assert told[5]["data"]["certificate"] == fresh(case).certificate_ref
    headers, body = target.got[0]
    at = int(headers["webhook-timestamp"])
    assert (headers["content-type"], headers["webhook-id"]) == ("application/cloudevents+json", told[0]["id"])
    assert webhooks_http.genuine(headers, body, secret, at) is True
    assert webhooks_http.genuine(headers, body + b" ", secret, at) is False
    assert webhooks_http.genuine(headers, body, secret + "x", at) is False
    assert webhooks_http.genuine(headers, body, secret, at + 301) is False


def _owner(case):
    from hexi.blocks.people.models import Account

    account = people.make_account()
    Account.objects.filter(pk=account.pk).update(person=case.applicant)
    return Account.objects.get(pk=account.pk)


def test_what_is_undone_is_not_told(target):
    item = make_item()
    make_webhook(target, item)
    with transaction.atomic():
        make_case(item)
        assert WebhookDelivery.objects.count() == 1
        transaction.set_rollback(True)
    drain()
    assert (target.got, WebhookDelivery.objects.count()) == ([], 0)


def test_only_what_was_asked_for_and_may_be_seen(target):
    item = make_item()
    make_webhook(target, item, events=["cases.decided"])
    make_webhook(target, item, name="别处", department=people.make_department("dunhuang-water", "620982000000"))
    make_webhook(target, item, name="只看目录", verbs=("items.view",))
    withdrawn, _secret = make_webhook(target, item, name="收回")
    keys.withdraw(withdrawn.api_key, by=BY)
    make_case(item)
    assert WebhookDelivery.objects.count() == 0


def test_a_target_that_is_down_for_a_day_gets_everything_in_the_end(target):
    item = make_item()
    make_webhook(target, item)
    start = clock.now()
    with clock.told_at(start):
        target.down()
        cases = [make_case(item) for _ in range(3)]
        drain()
    for minute in range(0, 24 * 60, 30):  # the sweep of a day, every half hour
        with clock.told_at(start + timedelta(minutes=minute)):
            jobs.sweep_webhooks()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"waiting"}
    target.up(target.port)
    for minute in range(24 * 60, 29 * 60, 30):
        with clock.told_at(start + timedelta(minutes=minute)):
            jobs.sweep_webhooks()
    assert sorted(one["subject"] for one in target.events()) == sorted(case.number for case in cases)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"sent"}


def test_after_two_days_it_is_given_up_and_can_be_sent_again(target, client):
    item = make_item()
    make_webhook(target, item)
    target.status, start = 503, clock.now()
    with clock.told_at(start):
        make_case(item)
        drain()
    for hour in range(50):
        with clock.told_at(start + timedelta(hours=hour)):
            jobs.sweep_webhooks()
    (dead,) = WebhookDelivery.objects.all()
    assert (dead.state, dead.answer) == ("dead", "503")
    assert 15 <= dead.tries <= 25
    target.status, before = 204, len(target.got)
    client.force_login(people.make_official("region_admin", department=item.department))
    page = client.get(reverse("notices.dead")).content.decode()
    assert (dead.subject in page, "503" in page) == (True, True)
    client.post(reverse("notices.dead"), {"_action": "again", "_row": [dead.pk], "action": "again", "row": [dead.pk]})
    drain()
    assert (len(target.got), WebhookDelivery.objects.get().state) == (before + 1, "sent")
    first, last = (json.loads(target.got[place][1])["id"] for place in (0, -1))
    assert first == last


def test_the_same_delivery_is_sent_once(target):
    item = make_item()
    make_webhook(target, item)
    make_case(item)
    pk = WebhookDelivery.objects.get().pk
    assert (webhooks.deliver(pk), webhooks.deliver(pk), len(target.got)) == (True, None, 1)


def test_gone_is_final(target):
    item = make_item()
    make_webhook(target, item)
    target.status = 410
    make_case(item)
    drain()
    assert WebhookDelivery.objects.get().state == "dead"


def test_a_silent_target_does_not_hold_up_the_others(target):
    item, other = make_item(), Target()
    other.down()
    make_webhook(other, item, events=["cases.submitted"], name="不通")
    make_webhook(target, item, events=["cases.submitted"])
    for _ in range(3):
        make_case(item)
    jobs.sweep_webhooks()
    tries = WebhookDelivery.objects.filter(state="waiting").values_list("tries", flat=True)
    assert (len(target.got), sorted(tries)) == (3, [0, 0, 1])


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://10.0.0.8/", "http://169.254.169.254/"],
)
def test_nothing_is_sent_into_private_networks_unless_allowed(url):
    item = make_item()
    key = keys.make("内网", department=item.department, verbs=["cases.view"], by=BY)[0]
    webhooks.subscribe(key, url=url, events=["cases.submitted"], by=BY)
    make_case(item)
    drain()
    found = WebhookDelivery.objects.get()
    assert (found.state, "内部网络" in found.answer) == ("dead", True)


def trickling(head=b"", pause=0.02):
    """A server that never ends its answer: a byte now and then, so that no single read is slow. Its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError), server.accept()[0] as one:
            one.recv(100_000)
            one.sendall(head)
            while True:
                one.sendall(b"x")
                time.sleep(pause)

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


def test_a_trickling_target_holds_a_worker_no_longer_than_a_silent_one():
    begun = time.monotonic()
    with pytest.raises(TimeoutError, match="in time"):
        webhooks_http.post(f"http://127.0.0.1:{trickling()}/", b"{}", {}, private=True, patience=0.5)
    assert time.monotonic() - begun < 3


def test_a_status_counts_though_the_body_never_ends():
    port = trickling(b"HTTP/1.1 204 No\r\n\r\n")
    said = webhooks_http.post(f"http://127.0.0.1:{port}/", b"{}", {}, private=True, patience=0.5)
    assert said == (204, "")
    port = trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 290\r\n\r\n", pause=0.1)
    begun = time.monotonic()
    assert webhooks_http.post(f"http://127.0.0.1:{port}/", b"{}", {}, private=True, patience=0.5)[0] == 200
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),  # NAT64 of 93.184.215.14
        ("64:ff9b::7f00:1", False),  # … of 127.0.0.1
        ("64:ff9b::a00:8", False),  # … of 10.0.0.8
        ("64:ff9b::a9fe:a9fe", False),  # … of 169.254.169.254
        ("64:ff9b:1::a00:8", False),
        ("2002:a00:8::1", False),  # 6to4 of 10.0.0.8
        ("2001:0:5db8:d70e::f5ff:fff7", False),  # Teredo of 10.0.0.8
        ("::ffff:10.0.0.8", False),
        ("::a00:8", False),
        ("fec0::1", False),
        ("224.0.0.1", False),
    ],
)
def test_an_address_that_carries_a_private_one_is_private(address, outside):
    assert webhooks_http.public(address) is outside


def test_stopping_ends_what_is_on_its_way(target):
    item = make_item()
    webhook, _secret = make_webhook(target, item)
    make_case(item)
    webhooks.stop(webhook, by=BY)
    drain()
    make_case(item)
    found = WebhookDelivery.objects.get()
    assert (found.state, target.got) == ("dead", [])
    assert webhooks.send_again(found, by=BY) is False


# --- rights and pages ---------------------------------------------------------------------------------------------------
def test_who_may_subscribe():
    item = make_item()
    key = keys.make("甲", department=item.department, verbs=["cases.view"], by=BY)[0]
    clerk = people.acting(people.make_official("clerk", department=item.department))
    with pytest.raises(Denied):
        webhooks.subscribe(key, url="https://example.org/", events=["cases.decided"], by=clerk)
    with pytest.raises(ValidationError, match="至少选择一种事件"):
        webhooks.subscribe(key, url="https://example.org/", events=["no.such"], by=BY)
    with pytest.raises(ValidationError, match="https"):
        webhooks.subscribe(key, url="ftp://example.org/", events=["cases.decided"], by=BY)
    webhooks.subscribe(key, url="https://example.org/", events=["cases.decided"], by=BY)
    with pytest.raises(ValidationError, match="已经订阅"):
        webhooks.subscribe(key, url="https://example.org/", events=["cases.decided"], by=BY)


def test_whose_right_is_one_department_has_no_events_of_all_sent_anywhere():
    item = make_item()
    wide = keys.make("全部", department=item.department, verbs=["cases.view"], everywhere=True, by=BY)[0]
    narrow = Official(people.make_official("region_admin"), grants=[Grant(keys.VERB, Scope(item.department_id, ""), 0)])
    with pytest.raises(Denied):
        webhooks.subscribe(wide, url="https://example.org/", events=["cases.decided"], by=narrow)
    hook, _secret = webhooks.subscribe(wide, url="https://example.org/", events=["cases.decided"], by=BY)
    now = clock.now()
    lost = WebhookDelivery.objects.create(
        webhook=hook, event=uuid.uuid4(), type="cases.decided", subject="x", at=now, since=now, due=now, data={},
        state="dead",
    )  # fmt: skip
    with pytest.raises(Denied):
        webhooks.stop(hook, by=narrow)
    with pytest.raises(Denied):
        webhooks.send_again(lost, by=narrow)
    assert (list(webhooks.dead(narrow)), list(webhooks.dead(BY))) == ([], [lost])


def test_subscribing_and_stopping_in_the_workbench(client):
    item = make_item()
    key = keys.make("甲", department=item.department, verbs=["cases.view"], by=BY)[0]
    client.force_login(people.make_official("region_admin", department=item.department))
    page = client.post(
        reverse("notices.subscribe", args=[key.pk]), {"url": "https://example.org/in", "events": ["cases.decided"]}
    )
    webhook = Webhook.objects.get()
    assert "whsec_" in page.content.decode()
    assert "whsec_" not in webhook.secret
    shown = client.get(reverse("people.api_key", args=[key.pk])).content.decode()
    assert ("https://example.org/in" in shown, "作出决定" in shown) == (True, True)
    client.post(reverse("notices.stop", args=[webhook.pk]))
    assert Webhook.objects.filter(withdrawn_at=None).count() == 0


def test_other_offices_see_no_failures():
    item = make_item()
    key = keys.make("甲", department=item.department, verbs=["cases.view"], by=BY)[0]
    webhooks.subscribe(key, url="http://10.0.0.8/", events=["cases.submitted"], by=BY)
    make_case(item)
    drain()
    other = people.make_department("dunhuang-water", "620982000000")
    seen = [
        webhooks.dead(people.acting(people.make_official("region_admin", department=one))).count()
        for one in (item.department, other)
    ]
    assert seen == [1, 0]


@pytest.mark.parametrize("end", ["withdraw", "expire", "close"])
def test_what_waits_is_not_told_once_the_key_has_ended(target, end):
    item = make_item()
    webhook, _secret = make_webhook(target, item, events=["cases.submitted"])
    make_case(item)
    if end == "withdraw":
        keys.withdraw(webhook.api_key, by=BY)
    elif end == "expire":
        type(webhook.api_key).objects.update(expires=clock.today() - timedelta(days=1))
    else:
        type(item.department).objects.filter(pk=item.department_id).update(active=False)
    drain()
    jobs.sweep_webhooks()
    assert (target.got, WebhookDelivery.objects.get().state) == ([], WebhookDelivery.State.DEAD)


def test_an_address_typed_in_chinese_is_sent_in_percent_signs(target):
    assert webhooks_http.post(
        f"http://127.0.0.1:{target.port}/事件/%41?从=河西", b"{}", {}, private=True, patience=5
    ) == (204, "")  # fmt: skip
    assert target.paths == ["/%E4%BA%8B%E4%BB%B6/%41?%E4%BB%8E=%E6%B2%B3%E8%A5%BF"]


def test_an_impossible_port_is_given_up_and_does_not_hold_up_the_others(target):
    item = make_item()
    bad, _secret = make_webhook(target, item, events=["cases.submitted"], name="写错的系统")
    make_webhook(target, item, events=["cases.submitted"])
    Webhook.objects.filter(pk=bad.pk).update(url="http://127.0.0.1:99999/")
    make_case(item)
    jobs.sweep_webhooks()
    states = dict(WebhookDelivery.objects.values_list("webhook", "state"))
    assert (states.pop(bad.pk), set(states.values()), len(target.got)) == ("dead", {"sent"}, 1)
