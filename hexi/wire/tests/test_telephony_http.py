"""The exchange's protocol: what is signed, fresh and whole is read; nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from hexi.wire import telephony_http as wire
from hexi.wire.telephony_http import BadRequest, Event

NOW = datetime(2026, 11, 29, 4, tzinfo=UTC)
SECRET = "shared"
RING = Event(wire.RINGING, "c-1", NOW, caller="10000000012", extension="8001", line="620981000000")


def test_an_event_is_read_as_it_was_pushed():
    assert wire.read(*wire.push(RING, SECRET, NOW), SECRET, NOW) == RING


def test_the_key_of_an_event_is_the_same_at_every_try():
    keys = [wire.push(RING, SECRET, NOW + timedelta(seconds=n))[1]["Idempotency-Key"] for n in (0, 9)]
    assert keys == ["c-1:ringing"] * 2


@pytest.mark.parametrize(("secret", "late"), [("other", 0), (SECRET, 301), (SECRET, -301)])
def test_what_is_forged(secret, late):
    with pytest.raises(BadRequest) as raised:
        wire.read(*wire.push(RING, secret, NOW + timedelta(seconds=late)), SECRET, NOW)
    assert raised.value.forged


@pytest.mark.parametrize("change", [
    {"X-Hexi-Time": "1"}, {"Idempotency-Key": "x"}, {"X-Hexi-Signature": "ö"}, {"X-Hexi-Signature": ""},
])  # fmt: skip
def test_a_changed_header_is_forged(change):
    body, given = wire.push(RING, SECRET, NOW)
    with pytest.raises(BadRequest) as raised:
        wire.read(body, given | change, SECRET, NOW)
    assert raised.value.forged


def test_without_a_secret_nothing_is_genuine():
    with pytest.raises(BadRequest):
        wire.read(*wire.push(RING, "", NOW), "", NOW)


@pytest.mark.parametrize("content", [
    {"kind": "x"}, {"call": ""}, {"call": "x" * 81}, {"at": "2026-11-29T12:00:00"}, {"at": "soon"}, {"at": 7},
    {"caller": 7}, {"caller": "1" * 31}, {"extension": "1" * 21}, {"kind": "recorded"}, {"line": "\0"}, {"call": "x" * 501}, {"call": "通话"}, {"call": "a\r\nX-A: b"},
])  # fmt: skip
def test_what_is_not_whole(content):
    good = {"kind": "ringing", "call": "c-1", "at": NOW.isoformat()}
    with pytest.raises(BadRequest) as raised:
        wire.read(*wire.signed(good | content, "k", SECRET, NOW), SECRET, NOW)
    assert not raised.value.forged


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 20_000])
def test_a_body_that_is_no_event(body):
    with pytest.raises(BadRequest):
        wire.read(body, wire.headers(body, "k", SECRET, NOW), SECRET, NOW)


@pytest.mark.parametrize(("status", "taken", "passing"), [
    (200, True, False), (202, True, False), (409, True, False), (429, False, True), (503, False, True), (404, False, False),
])  # fmt: skip
def test_answers(status, taken, passing):
    found = wire.answer(status, "words")
    assert (found.taken, found.passing, found.words) == (taken, passing, f"{status} words")


@pytest.mark.parametrize(("head", "kind"), [
    (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"), (b"OggS\0", "audio/ogg"), (b"ID3\x04", "audio/mpeg"), (b"\xff\xfb\x90", "audio/mpeg"),
    (b"<html>", ""), (b"", ""), (b"\xff\xd8\xff", ""),
])  # fmt: skip
def test_what_sounds(head, kind):
    assert wire.sound_type(head) == kind


def test_dialling_names_the_call_and_an_agent_its_state():
    body, given = wire.dial("hexi-1", "8001", "10000000012", SECRET, NOW)
    assert (body, given["Idempotency-Key"]) == (
        b'{"call": "hexi-1", "extension": "8001", "to": "10000000012"}',
        "hexi-1",
    )
    body, given = wire.agent("8001", wire.READY, SECRET, NOW)
    assert body == b'{"extension": "8001", "state": "ready"}'
    wire.checked(body, given, SECRET, NOW)
