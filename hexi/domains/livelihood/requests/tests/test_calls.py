"""The telephone: events in any order, the operator's screen, lost calls, rings back, recordings, who sits where."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.people.models import Role
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.requests import jobs, operations, options
from hexi.domains.livelihood.requests.channels import telephony
from hexi.domains.livelihood.requests.models import Attempt, Call, Hotline, Request, Seat
from hexi.domains.livelihood.requests.pages import calls as pages
from hexi.domains.livelihood.requests.queries import calls as queries_calls
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests.exchange import SECRET, Exchange, now, speech
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.options import override
from hexi.wire import telephony_http as wire
from hexi.wire.telephony_http import ANSWERED, ENDED, RECORDED, RINGING, Event

pytestmark = pytest.mark.django_db
EVENTS = "/requests/calls/events/"
CALLER = "10000000012"


@pytest.fixture
def exchange():
    with (
        Exchange() as one, override(options.EXCHANGE_SECRET, SECRET), override(options.EXCHANGE_URL, one.url),
        override(options.EXCHANGE_PRIVATE, True),
    ):  # fmt: skip
        make.make_hotline()
        yield one


def told(kind, call="c-1", at=0, **facts):
    """An event `at` seconds from now comes in."""
    facts = {"caller": CALLER} | facts
    return operations.hear(Event(kind, call, now() + timedelta(seconds=at), **facts), Hotline.objects.get())


def push(client, kind=RINGING, call="c-1", secret=SECRET, at=None, **facts):
    event = Event(kind, call, at or now(), **({"caller": CALLER, "extension": "8001"} | facts))
    body, headers = wire.push(event, secret, now())
    return client.post(EVENTS, body, content_type=headers.pop("Content-Type"), headers=headers)


def hidden(answer):
    """The fields of the form that a call fills in."""
    page = answer.content.decode()
    fields = dict(re.findall(r'name="(key|call|source_ref)" value="([^"]*)"', page))
    return fields | {"phone": re.search(r'name="phone"[^>]*value="([^"]*)"', page)[1]}


def seated(extension="8001", ready=True, **who):
    """An operator at an extension, and his browser."""
    hotline = make.make_hotline()
    account = people.make_official("hotline_operator", department=hotline.department, **who)
    by = people.acting(account)
    operations.sit(hotline, extension=extension, ready=ready, by=by)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return by, client


# --- events -----------------------------------------------------------------------------------------------------------
def test_a_call_is_written_down_once_however_often_it_is_told(client, exchange):
    at = now()
    answers = [push(client, at=at).status_code for _ in range(3)]
    call = Call.objects.get()
    assert answers == [200] * 3
    assert (call.phone, call.extension, call.way, call.lost) == (CALLER, "8001", "in", False)
    assert Entry.objects.filter(verb="requests.hear").count() == 1


def test_the_number_rests_sealed(client, exchange):
    push(client)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT contact, phone_lookup FROM requests_call")
        assert CALLER not in str(cursor.fetchall())


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 1, 0, 3, 2, 2)])
def test_events_in_any_order_come_to_the_same(exchange, order):
    start = now()
    events = [
        Event(RINGING, "c-1", start, CALLER, "8001"), Event(ANSWERED, "c-1", start + timedelta(seconds=4), extension="8002"),
        Event(ENDED, "c-1", start + timedelta(seconds=60)),
        Event(RECORDED, "c-1", start + timedelta(seconds=70), recording="http://x/1.wav"),
    ]  # fmt: skip
    for place in order:
        operations.hear(events[place], Hotline.objects.get())
    call = Call.objects.get()
    assert (call.phone, call.extension, call.recorded, call.lost) == (CALLER, "8002", True, False)
    assert ((call.answered_at - start).seconds, (call.ended_at - start).seconds) == (4, 60)


def test_a_call_rings_where_it_was_put_last(exchange):
    told(RINGING, extension="8001")
    told(RINGING, at=9, extension="8002")
    told(RINGING, at=5, extension="8003")
    assert Call.objects.get().extension == "8002"


@pytest.mark.parametrize(("wrong", "status"), [
    ({"secret": "other"}, 401), ({"kind": "x"}, 400), ({"line": "110000000000"}, 422), ({"extension": "1" * 21}, 400),
])  # fmt: skip
def test_what_is_not_taken(client, exchange, wrong, status):
    answer = push(client, **wrong)
    assert (answer.status_code, Call.objects.count()) == (status, 0)
    assert answer.json()["error"]


def test_a_body_that_is_too_long_and_a_get(client, exchange):
    assert client.post(EVENTS, b"x" * 20_001, content_type="application/json").status_code == 413
    assert client.get(EVENTS).status_code == 405


def test_without_a_secret_nothing_comes_in(client):
    make.make_hotline()
    assert push(client, secret="").status_code == 401


# --- the operator's screen --------------------------------------------------------------------------------------------
def test_it_pops_where_it_rings_and_nowhere_else(exchange):
    one, _browser = seated()
    other, _browser = seated("8002", username="second")
    assert (pages.live_call(one, ""), pages.live_calls(one, "")) == ("", 0)
    call = told(RINGING, extension="8001")
    assert (pages.live_call(one, ""), pages.live_calls(one, "")) == (f"{call.pk} 00", 1)
    assert (pages.live_call(other, ""), pages.live_calls(other, "")) == ("", 0)
    told(ANSWERED, extension="8001", at=1)
    assert pages.live_call(one, "") == f"{call.pk} 10"


def test_who_sits_nowhere_and_strangers_have_no_call(exchange, django_assert_num_queries):
    told(RINGING, extension="")
    assert pages.live_call(make.make_operator(), "") == ""
    with django_assert_num_queries(0):
        assert pages.live_call(make.BY, "") == ""


def test_an_empty_form_gets_the_number_and_a_written_one_stays(exchange):
    _by, browser = seated()
    make.make_request(phone=CALLER, name="王秀英")
    call = told(RINGING, extension="8001")
    now_ = reverse("requests.call_now")
    popped = browser.get(now_).content.decode()
    assert f'value="{CALLER}"' in popped
    assert 'id="call_fields" hx-swap-oob="true"' in popped
    assert "王秀英" in popped
    for written in ({"phone": "10000000099"}, {"text": "村口"}, {"call": str(call.pk + 1)}):
        kept = browser.get(now_, written).content.decode()
        assert "hx-swap-oob" not in kept
        assert CALLER in kept
        assert "登记这个来电" in kept


def test_the_order_keeps_its_call_and_two_clicks_are_one_order(exchange):
    _by, browser = seated()
    call = told(RINGING, extension="8001")
    form = hidden(browser.get(reverse("requests.intake"), {"call": call.pk}))
    assert (form["phone"], form["call"]) == (CALLER, str(call.pk))
    sent = {**form, "text": "村口路灯不亮三天了。", "type": "help", "place": make.VILLAGE}
    assert [browser.post(reverse("requests.intake"), sent).status_code for _ in range(2)] == [302, 302]
    order = Request.objects.get()
    assert (order.call, order.source_ref, order.contact["phone"]) == (call, "c-1", CALLER)
    told(ENDED, at=60)
    assert queries_calls.now_of(seated("8003", username="third")[0]) is None
    again = hidden(browser.get(reverse("requests.intake"), {"call": call.pk}))
    assert again["key"] != form["key"]


def test_a_call_of_another_hotline_is_not_there(exchange):
    call = told(RINGING, extension="8001")
    Call.objects.update(hotline_region="110000000000", hotline=people.make_department("elsewhere", "110000000000"))
    _by, browser = seated()
    assert browser.get(reverse("requests.call", args=[call.pk])).status_code == 404
    assert hidden(browser.get(reverse("requests.intake"), {"call": call.pk}))["call"] == ""


# --- lost calls -------------------------------------------------------------------------------------------------------
def lost(call="c-1", **facts):
    told(RINGING, call, **facts)
    return told(ENDED, call, at=20, **facts)


def test_a_lost_call_is_listed_until_he_is_spoken_to(exchange):
    by, browser = seated()
    rows = lambda: [one.key for one in queries_calls.lost(queries_calls.calls(by))]  # noqa: E731
    lost(), lost("c-2", caller="10000000099")
    assert rows() == ["c-1", "c-2"]
    told(RINGING, "c-3", at=60)
    told(ANSWERED, "c-3", at=65, extension="8001")
    assert rows() == ["c-2"]
    page = browser.get(reverse("requests.calls"), {"view": "lost"}).content.decode()
    assert "未接" in page
    assert "10000000099" not in page
    assert "100****0099" in page


def test_a_lost_call_is_rung_back_and_then_is_done(exchange):
    by, browser = seated()
    call = lost()
    assert browser.post(reverse("requests.call_do", args=[call.pk, "dial"])).status_code == 302
    asked = exchange.calls[0]
    assert (asked["extension"], asked["to"]) == ("8001", CALLER)
    told(ANSWERED, asked["call"], at=90, caller="", extension="8001")
    assert not queries_calls.lost(queries_calls.calls(by)).exists()
    assert Call.objects.get(key=asked["call"]).way == "out"


def test_a_lost_call_is_given_up_once(exchange):
    by, browser = seated()
    call = lost()
    browser.post(reverse("requests.call_do", args=[call.pk, "give_up"]))
    assert Call.objects.get().returned_by == by.name
    with pytest.raises(ValidationError):
        operations.give_up(call, by=by)


def test_a_look_at_a_number_is_logged(exchange):
    _by, browser = seated()
    call = lost()
    assert CALLER in browser.get(reverse("requests.call", args=[call.pk])).content.decode()
    assert Entry.objects.filter(verb="requests.look_call", ref=str(call.pk)).count() == 1


def test_a_secret_callers_number_is_read_at_the_order_alone(exchange):
    call = lost()
    order = make.make_request(call=call, phone=CALLER, secret=True)
    plain = make.make_request(call=call, phone=CALLER)
    role = Role.objects.create(
        pk="takes_calls", title_zh="接线", reach="region", verbs=["requests.intake", "requests.view"]
    )
    hotline = make.make_hotline()
    for key, seen in ((role.pk, False), ("hotline_operator", True)):
        browser = Client()
        account = people.make_official(key, department=hotline.department)
        browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        page = browser.get(reverse("requests.call", args=[call.pk])).content.decode()
        rows = browser.get(reverse("requests.calls"), {"view": "all"}).content.decode()
        form = browser.get(reverse("requests.intake"), {"call": call.pk}).content.decode()
        file = b"".join(browser.get(reverse("requests.calls"), {"view": "all", "export": "csv"})).decode()
        assert [CALLER in one for one in (page, rows, form, file)] == [False] * 4
        assert [order.case.number in one for one in (page, rows, file)] == [seen] * 3
        assert [plain.case.number in one for one in (page, rows, file)] == [True] * 3
    assert Entry.objects.filter(verb="requests.export_calls").count() == 2


def test_who_is_at_the_phone_with_a_secret_caller_has_the_number(exchange):
    _by, browser = seated()
    call = told(RINGING, extension="8001")
    told(ANSWERED, at=1, extension="8001")
    make.make_request(call=call, phone=CALLER, secret=True)
    where = reverse("requests.intake") + f"?call={call.pk}"
    assert hidden(browser.get(where))["phone"] == CALLER
    told(ENDED, at=60)
    assert hidden(browser.get(where))["phone"] == ""


def test_ringing_back_a_secret_caller_shows_no_number(exchange):
    by, browser = seated()
    order = make.make_answered(phone=CALLER, secret=True)
    call, _new = operations.ring_back(order, by=by)
    page = browser.get(reverse("requests.call", args=[call.pk])).content.decode()
    assert (CALLER in page, "保密" in page) == (False, True)


# --- rings back -------------------------------------------------------------------------------------------------------
def test_the_caller_is_rung_back_by_one_click_and_nobody_is_an_attempt(exchange):
    _by, browser = seated()
    order = make.make_answered(phone=CALLER, secret=True)
    listed = browser.get(reverse("requests.callbacks")).content.decode()
    assert order.case.number in listed
    where = reverse("requests.dial", args=[order.case.number])
    assert [browser.post(where).status_code for _ in range(2)] == [302, 302]
    assert [one["to"] for one in exchange.calls] == [CALLER]
    page = browser.get(reverse("requests.order", args=[order.case.number])).content.decode()
    assert "通话" in page
    assert CALLER not in page
    told(ENDED, exchange.calls[0]["call"], at=30, caller="")
    told(ENDED, exchange.calls[0]["call"], at=30, caller="")
    assert Attempt.objects.filter(request=order).count() == 1


def test_a_busy_exchange_is_said_and_the_call_is_over(exchange):
    by, browser = seated()
    order = make.make_answered(phone=CALLER)
    exchange.status = 503
    answer = browser.post(reverse("requests.dial", args=[order.case.number]), follow=True)
    assert "all lines are busy" in answer.content.decode()
    assert Call.objects.get().refused == '503 {"error": "all lines are busy"}'
    exchange.status = 202
    assert telephony.ring_back(make.fresh(order), by=by).refused == ""


def test_who_has_no_seat_no_right_or_no_phone_does_not_dial(exchange):
    order = make.make_answered(phone=CALLER)
    with pytest.raises(ValidationError):
        operations.ring_back(order, by=make.make_operator())
    with pytest.raises(Denied):
        operations.ring_back(order, by=make.make_handler())
    by, _browser = seated()
    with pytest.raises(ValidationError):
        operations.ring_back(make.make_answered(phone=""), by=by)
    with pytest.raises(ValidationError):
        operations.ring_back(make.make_request(phone=CALLER), by=by)
    assert not exchange.calls


def test_without_an_exchange_nothing_is_dialled_and_the_page_offers_nothing():
    by, browser = seated()
    order = make.make_answered(phone=CALLER)
    page = browser.get(reverse("requests.order", args=[order.case.number])).content.decode()
    assert "拨打诉求人" not in page
    with pytest.raises(ValidationError):
        telephony.ring_back(order, by=by)
    assert Call.objects.get().refused


# --- recordings -------------------------------------------------------------------------------------------------------
def recorded(exchange, content=None, address=""):
    told(RINGING, extension="8001")
    told(ANSWERED, at=3, extension="8001")
    told(ENDED, at=60)
    return told(RECORDED, at=62, recording=address or exchange.keep("1.wav", content or speech()))


def test_a_recording_is_heard_by_the_hotline_and_each_hearing_is_logged(exchange):
    _by, browser = seated()
    call = recorded(exchange)
    page = browser.get(reverse("requests.recording", args=[call.pk])).content.decode()
    assert reverse("requests.sound", args=[call.pk]) in page
    assert exchange.url not in page
    answer = browser.get(reverse("requests.sound", args=[call.pk]))
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "audio/wav", speech())
    assert Entry.objects.filter(verb="requests.hear_recording", ref=str(call.pk)).count() == 1


def test_a_player_asks_for_pieces(exchange):
    _by, browser = seated()
    where = reverse("requests.sound", args=[recorded(exchange).pk])
    size = len(speech())
    found = []
    for asked in ("bytes=0-3", f"bytes={size - 2}-", f"bytes={size}-", "bytes=-5"):
        answer = browser.get(where, headers={"Range": asked})
        found.append((answer.status_code, answer.content[:4], answer.headers["Content-Range"]))
    assert found == [
        (206, b"RIFF", f"bytes 0-3/{size}"), (206, b"\x80\x80", f"bytes {size - 2}-{size - 1}/{size}"),
        (416, b"", f"bytes */{size}"), (206, b"RIFF", f"bytes 0-{size - 1}/{size}"),
    ]  # fmt: skip
    assert Entry.objects.filter(verb="requests.hear_recording").count() == 2


def test_who_leaves_out_the_beginning_is_logged_too(exchange):
    cache.clear()
    _by, browser = seated()
    where = reverse("requests.sound", args=[recorded(exchange).pk])
    logged = []
    for asked in ("bytes=1-", "bytes=20-", "bytes=0-"):
        assert browser.get(where, headers={"Range": asked}).status_code == 206
        logged.append(Entry.objects.filter(verb="requests.hear_recording").count())
    assert logged == [1, 1, 2]  # one hearing in pieces; begun anew it is another
    other = seated("8002")[1]
    other.get(where, headers={"Range": "bytes=20-"})
    assert Entry.objects.filter(verb="requests.hear_recording").count() == 3


@pytest.mark.parametrize("address", [
    "http://127.0.0.1:1/exchange/1.wav", "http://169.254.169.254/latest", "file:///etc/passwd", "{url}/../secret", "{url}evil/1.wav",
    "http://user@127.0.0.1/exchange/1.wav", "{url}/%2e%2e/secret", "{url}/..%2fsecret", "{url}/%2e%2e%5csecret", "http://[", "{url}/missing.wav",
])  # fmt: skip
def test_nothing_else_is_fetched(exchange, address):
    by, _browser = seated()
    for path in ("/exchange/../secret", "/secret", "/exchange/..%2fsecret", "/exchange/%2e%2e%5csecret"):
        exchange.recordings[path] = speech()
    call = recorded(exchange, address=address.format(url=exchange.url))
    with pytest.raises(ValidationError):
        telephony.recording(call, by=by)


def test_an_exchange_inside_is_not_asked_unless_that_is_allowed(exchange):
    by, _browser = seated()
    call = recorded(exchange)
    with override(options.EXCHANGE_PRIVATE, False), pytest.raises(ValidationError):
        telephony.recording(call, by=by)


def test_what_is_no_sound_is_not_passed_on(exchange):
    _by, browser = seated()
    call = recorded(exchange, b"<html><script>alert(1)</script></html>")
    answer = browser.get(reverse("requests.sound", args=[call.pk]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/plain; charset=utf-8")


def test_an_office_reads_the_order_but_hears_nothing(exchange):
    call = recorded(exchange)
    order = make.make_dispatched(make.make_request(call=call, phone=CALLER))
    handler = make.make_handler(make.make_office())
    assert not pages.may_hear(call, handler)
    with pytest.raises(Denied):
        telephony.recording(call, by=handler)
    assert order.call == call


# --- seats ------------------------------------------------------------------------------------------------------------
def test_the_exchange_hears_who_is_ready(exchange):
    by, browser = seated()
    browser.post(reverse("requests.seat"), {"extension": "8001", "state": "paused"})
    drain()
    assert exchange.agents[-1] == {"extension": "8001", "state": "paused"}
    assert Seat.objects.get(account_id=by.account_id).state == "paused"


def test_an_exchange_that_is_silent_is_told_again(exchange):
    seated()
    exchange.status = 503
    with pytest.raises(OSError):
        jobs.tell_seat(Seat.objects.get().pk, "")


def test_one_extension_has_one_operator(exchange):
    seated(ready=True)
    with pytest.raises(ValidationError) as raised:
        seated(username="second")
    assert "extension" in raised.value.message_dict
    Seat.objects.update(state=Seat.State.PAUSED)
    by, _browser = seated(username="third")
    assert Seat.objects.get().account_id == by.account_id


@pytest.mark.parametrize("extension", ["", "80 01", "8" * 21, "八"])
def test_what_is_no_extension(exchange, extension):
    by, _browser = seated()
    with pytest.raises(ValidationError):
        operations.sit(make.make_hotline(), extension=extension, ready=True, by=by)


def test_only_operators_sit(exchange):
    with pytest.raises(Denied):
        operations.sit(make.make_hotline(), extension="8001", ready=True, by=make.make_handler())


# --- the past ---------------------------------------------------------------------------------------------------------
def test_calls_that_became_no_order_are_deleted_in_time(exchange):
    old, kept = lost("c-1"), lost("c-2")
    make.make_request(call=kept)
    Call.objects.update(began_at=now() - timedelta(days=200))
    lost("c-3")
    assert (operations.clear_calls(180, most=1), operations.clear_calls(180)) == (1, 0)
    assert sorted(Call.objects.values_list("key", flat=True)) == ["c-2", "c-3"]
    assert old.pk


def test_the_daily_run_leaves_none_behind(exchange, monkeypatch):
    for n in range(3):
        lost(f"c-{n}")
    Call.objects.update(began_at=now() - timedelta(days=200))
    monkeypatch.setattr(jobs.operations, "clear_calls", lambda days, clear=operations.clear_calls: clear(days, most=1))
    jobs.clear()
    assert Call.objects.count() == 0
