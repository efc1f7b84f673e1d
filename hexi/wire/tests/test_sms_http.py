"""The SMS gateway's protocol."""

from datetime import UTC, datetime, timedelta

import pytest

from hexi.wire import sms_http
from hexi.wire.sms_http import Answer, BadRequest, Sms

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
#: of `openssl`, not of our own code
OPENSSL = "f24671d300f742151f57ef54e1c803f1964bbc14c4fb415b2d7c532da49bdabe"
SMS = Sms("10000000001", "您的申请已受理。", "key-1")


def test_the_gateway_reads_what_was_sent():
    body, headers = sms_http.request(SMS, "secret", NOW)
    assert sms_http.read(body, headers, "secret", NOW) == SMS


def test_the_body_and_headers_are_those_documented():
    body, headers = sms_http.request(Sms("10000000001", "x", "k"), "secret", NOW)
    assert body == b'{"to": "10000000001", "text": "x"}'
    assert headers == {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": "k",
        "X-Hexi-Time": "1795482000",
        "X-Hexi-Signature": sms_http.signature("secret", "1795482000", "k", body),
    }


def test_the_signature_is_that_of_openssl():
    # printf '1795482000.k.{"to": "1"}' | openssl dgst -sha256 -hmac secret
    assert sms_http.signature("secret", "1795482000", "k", b'{"to": "1"}') == OPENSSL


@pytest.mark.parametrize(
    ("name", "value"), [("Idempotency-Key", "key-2"), ("X-Hexi-Time", "1795482001"), ("X-Hexi-Signature", "é")]
)
def test_a_changed_header_is_refused(name, value):
    body, headers = sms_http.request(SMS, "secret", NOW)
    with pytest.raises(BadRequest, match="signature"):
        sms_http.read(body, headers | {name: value}, "secret", NOW)


def test_a_changed_body_another_secret_and_no_headers_are_refused():
    body, headers = sms_http.request(SMS, "secret", NOW)
    for content, given, secret in ((body + b" ", headers, "secret"), (body, headers, "other"), (body, {}, "secret")):
        with pytest.raises(BadRequest, match="signature"):
            sms_http.read(content, given, secret, NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_future_request_is_refused(seconds):
    body, headers = sms_http.request(SMS, "secret", NOW)
    with pytest.raises(BadRequest, match="five minutes"):
        sms_http.read(body, headers, "secret", NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"to": "1"}', b"\xff"])
def test_a_signed_body_of_another_shape_is_refused(body):
    headers = {"X-Hexi-Time": "1795482000", "Idempotency-Key": "k"}
    headers["X-Hexi-Signature"] = sms_http.signature("secret", "1795482000", "k", body)
    with pytest.raises(BadRequest, match="to, text"):
        sms_http.read(body, headers, "secret", NOW)


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"id": "17"}', Answer(taken=True, passing=False, words="200 17")),
        (202, b"", Answer(taken=True, passing=False, words="202")),
        (409, b'{"error": "again"}', Answer(taken=True, passing=False, words="409 again")),
        (400, b'{"error": "no such number"}', Answer(taken=False, passing=False, words="400 no such number")),
        (401, b"<html>", Answer(taken=False, passing=False, words="401")),
        (429, b"[]", Answer(taken=False, passing=True, words="429")),
        (500, b"", Answer(taken=False, passing=True, words="500")),
        (503, b'{"error": null}', Answer(taken=False, passing=True, words="503")),
    ],
)
def test_what_an_answer_means(status, body, answer):
    assert sms_http.answer(status, body) == answer
