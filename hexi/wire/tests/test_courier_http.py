"""The courier's protocol: what is signed and read, and what each answer means."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from hexi.wire import courier_http as wire
from hexi.wire.courier_http import Address, BadRequest, Label, News, Refused

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
LABEL = Label(
    "P2026112400001", "key-1", "林木采伐许可证", Address("林草局", "0937-0000016", "演示路 15 号"),
    Address("石建国", "10000001234", "石河子村 1 组 1 号"),
)  # fmt: skip
EVENT = News(
    "e-1", "delivered", datetime(2026, 11, 26, 11, 20, tzinfo=timezone(timedelta(hours=8))), "P2026112400001",
    "SF000001", "玉门市", "已签收", "石小红",
)  # fmt: skip


def test_an_order_carries_both_ends_and_its_key_only_in_the_head():
    body, headers = wire.order(LABEL, "secret", NOW)
    assert json.loads(body) == {
        "number": "P2026112400001", "content": "林木采伐许可证",
        "sender": {"name": "林草局", "phone": "0937-0000016", "address": "演示路 15 号"},
        "receiver": {"name": "石建国", "phone": "10000001234", "address": "石河子村 1 组 1 号"},
    }  # fmt: skip
    assert (headers["Idempotency-Key"], headers["X-Hexi-Time"]) == ("key-1", "1795485600")


def test_events_come_through_whole():
    body, headers = wire.push([EVENT], "p-1", "secret", NOW)
    assert wire.verified(body, headers, "secret", NOW) == [EVENT]
    lower = {name.lower(): value for name, value in headers.items()}
    assert wire.verified(body, lower, "secret", NOW + timedelta(seconds=300)) == [EVENT]


@pytest.mark.parametrize(
    ("body", "head", "secret", "late"),
    [
        (b"{}", {}, "secret", 0),
        (None, {"Idempotency-Key": "p-2"}, "secret", 0),
        (None, {"X-Hexi-Time": "1795485601"}, "secret", 0),
        (None, {"X-Hexi-Signature": ""}, "secret", 0),
        (None, {"X-Hexi-Signature": "é"}, "secret", 0),
        (None, {}, "other", 0),
        (None, {}, "", 0),
        (None, {}, "secret", 301),
        (None, {}, "secret", -301),
    ],
)
def test_what_was_changed_or_is_stale_is_a_forgery(body, head, secret, late):
    made, headers = wire.push([EVENT], "p-1", "secret", NOW)
    with pytest.raises(BadRequest) as caught:
        wire.verified(made if body is None else body, headers | head, secret, NOW + timedelta(seconds=late))
    assert caught.value.forged is True


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"tracking": " SF1 "}', "SF1"),
        (201, b'{"tracking": 17}', "17"),
        (409, b'{"tracking": "SF1"}', "SF1"),
        (200, b"{}", OSError),
        (200, b'{"tracking": "%s"}' % (b"9" * 61), OSError),
        (200, b"<html>", OSError),
        (200, b"[]", OSError),
        (200, b"\xff", OSError),
        (408, b"", OSError),
        (425, b"", OSError),
        (429, b"", OSError),
        (500, b"", OSError),
        (400, b"", Refused),
        (404, b"<html>", Refused),
        (422, '{"error": "不到这里"}'.encode(), Refused),
        (302, b"", Refused),
    ],
)
def test_what_an_answer_to_an_order_means(status, body, outcome):
    if isinstance(outcome, str):
        assert wire.tracking_of(status, body) == outcome
        return
    with pytest.raises(outcome):
        wire.tracking_of(status, body)


def test_the_reason_of_a_refusal_is_kept():
    with pytest.raises(Refused, match="^422 不到这里$"):
        wire.taken(422, '{"error": "不到这里"}'.encode())


def test_bad_news_in_an_answer_is_asked_for_again():
    assert wire.news_of(200, b'{"events": []}') == []
    for body in (b'{"events": [{"id": "1"}]}', b"{}", b'{"events": [null]}'):
        with pytest.raises(OSError):
            wire.news_of(200, body)


def test_long_texts_are_cut_and_nul_is_dropped():
    event = {"id": "1", "kind": "transit", "at": "2026-11-24T10:00:00Z", "text": "a\0b" + "长" * 600, "place": None}
    (one,) = wire.news_of(200, json.dumps({"events": [event]}).encode())
    assert (one.text[:3], len(one.text), one.place, one.at) == ("ab长", 500, "", datetime(2026, 11, 24, 10, tzinfo=UTC))
