"""The payment gateway's protocol: signed both ways, fresh, bound to its request; strict about what it says."""

from datetime import UTC, datetime, timedelta

import pytest

from hexi.wire import pay_http
from hexi.wire.pay_http import BadMessage, Told, read, read_answer, returned, send, told

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SECRET = "secret"


def sent(what="POST /orders", content=None, secret=SECRET, at=NOW, nonce="n1"):
    return send(what, {"order": "A1", "fen": 5} if content is None else content, secret, at, nonce)


def test_the_signature_is_the_documented_one():
    """Computed by hand: printf '1795485600.n1.POST /orders.{}' | openssl dgst -sha256 -hmac secret."""
    import hashlib
    import hmac

    wanted = hmac.new(b"secret", b"1795485600.n1.POST /orders.{}", hashlib.sha256).hexdigest()
    assert pay_http.signature("secret", "1795485600", "n1", "POST /orders", b"{}") == wanted


def test_what_is_sent_is_read():
    body, headers = sent()
    assert read("POST /orders", body, headers, SECRET, NOW) == {"order": "A1", "fen": 5}
    assert read("POST /orders", body, {name.lower(): value for name, value in headers.items()}, SECRET, NOW)["fen"] == 5


def test_nothing_to_say_is_an_empty_body():
    body, headers = sent("GET /orders/A1", {})
    assert (body, read("GET /orders/A1", body, headers, SECRET, NOW)) == (b"", {})


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_an_old_or_future_message_is_not_believed(seconds):
    body, headers = sent(at=NOW + timedelta(seconds=seconds))
    with pytest.raises(BadMessage, match="five minutes"):
        read("POST /orders", body, headers, SECRET, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b'{"order": "A1", "fen": 6}'}, {"what": "POST /orders/A1/refunds"}, {"what": pay_http.NOTIFY},
        {"X-Hexi-Nonce": "n2"}, {"X-Hexi-Time": "1795485601"}, {"X-Hexi-Signature": "0" * 64},
        {"X-Hexi-Signature": ""}, {"X-Hexi-Signature": "签"},
    ],
)  # fmt: skip
def test_whatever_is_changed_the_signature_is_wrong(changed):
    body, headers = sent()
    headers |= {name: value for name, value in changed.items() if name.startswith("X-")}
    with pytest.raises(BadMessage, match="signature"):
        read(changed.get("what", "POST /orders"), changed.get("body", body), headers, SECRET, NOW)


def test_without_a_secret_nothing_is_believed():
    body, headers = sent(secret="")
    with pytest.raises(BadMessage, match="no secret"):
        read("POST /orders", body, headers, "", NOW)


@pytest.mark.parametrize(("body", "words"), [(b"{", "not JSON"), (b"[1]", "no object"), (b"\xff", "not JSON")])
def test_a_signed_body_that_is_no_object_is_refused(body, words):
    stamp = str(int(NOW.timestamp()))
    sign = pay_http.signature(SECRET, stamp, "n", "notify", body)
    headers = {"X-Hexi-Time": stamp, "X-Hexi-Nonce": "n", "X-Hexi-Signature": sign}
    with pytest.raises(BadMessage, match=words.replace("no object", "not an object")):
        read("notify", body, headers, SECRET, NOW)


def test_an_answer_belongs_to_its_request_and_its_status():
    body, headers = send("answer 200", {"order": "A1", "state": "waiting"}, SECRET, NOW, "n1")
    assert read_answer(body, headers, SECRET, NOW, "n1", 200)["state"] == "waiting"
    with pytest.raises(BadMessage, match="another request"):
        read_answer(body, headers, SECRET, NOW, "n2", 200)
    with pytest.raises(BadMessage, match="signature"):
        read_answer(body, headers, SECRET, NOW, "n1", 404)


def test_an_order_as_it_is_told():
    at = "2026-11-24T10:00:00+08:00"
    said = told({"order": "A1", "state": "paid", "fen": 5, "reference": "T1", "paid_at": at})
    assert said == Told("A1", "paid", 5, "T1", NOW)
    assert told({"order": "A1", "state": "waiting", "link": "https://x/"}) == Told("A1", "waiting", link="https://x/")


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"state": "paid"}, {"order": "A", "state": "rich"}, {"order": "A", "state": "paid", "fen": 5},
        {"order": "A", "state": "paid", "fen": "5", "reference": "T"},
        {"order": "A", "state": "paid", "fen": 0, "reference": "T"},
        {"order": "A", "state": "paid", "fen": 10**15, "reference": "T"},
        {"order": "A", "state": "paid", "fen": 5, "reference": "T", "paid_at": "yesterday"},
        {"order": "A", "state": "paid", "fen": 5, "reference": "T", "paid_at": "2026-11-24T10:00:00"},
    ],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(BadMessage):
        told(wrong)


def test_a_refund_as_it_is_told():
    assert returned({"refund": "R1", "state": "done", "reference": "B1"}) == pay_http.Returned("R1", "done", "B1")
    assert returned({"refund": "R1", "state": "refused", "error": "no"}).words == "no"
    for wrong in ({}, {"state": "done"}, {"refund": "R1", "state": "maybe"}):
        with pytest.raises(BadMessage):
            returned(wrong)
