"""Events that a courier pushes: signed, fresh, well-formed; each counts once, in any order, also at the same moment."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from hexi.blocks.parcels import couriers, operations
from hexi.blocks.parcels.models import Parcel, State, Track, Way
from hexi.blocks.parcels.tests.make import BY, SECRET, courier_server, fresh, make_parcel
from hexi.kernel import clock
from hexi.kernel.jobs import drain
from hexi.kernel.options import override
from hexi.wire import courier_http
from hexi.wire.courier_http import News
from tests.races.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel():
    """One whose order the courier has taken."""
    with courier_server():
        one = operations.send(make_parcel(Way.COURIER), by=BY)
        drain()
        yield fresh(one)


def push(client, *events, secret=SECRET, late=0, key="push-1", body=None):
    """Post events as the courier would."""
    at = datetime.fromtimestamp(time.time() - late, UTC)
    made, headers = courier_http.push(list(events), key, secret, at)
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    given.pop("HTTP_CONTENT_TYPE")
    return client.post(reverse("parcels.events"), made if body is None else body, "application/json", **given)


def event(parcel, kind, hours=0, **given):
    at = clock.now() - timedelta(hours=1) + timedelta(hours=hours)
    signed = {"signed_by": "石小红"} if kind == "delivered" else {}
    return News(f"{kind}", kind, at, parcel.number, parcel.tracking, **(signed | given))


def test_events_move_the_parcel_and_repeating_them_changes_nothing(client, parcel):
    events = [event(parcel, "delivered", 0.5), event(parcel, "collected"), event(parcel, "transit", 0.2)]
    assert push(client, *events).json() == {"new": 3, "unknown": []}
    assert push(client, *events).json() == {"new": 0, "unknown": []}
    assert push(client, *reversed(events), key="push-2").json() == {"new": 0, "unknown": []}
    assert (fresh(parcel).state, fresh(parcel).signed_by) == (State.DELIVERED, "石小红")
    assert parcel.tracks.exclude(key__startswith="hexi:").count() == 3


def test_no_session_and_no_csrf_token_is_needed(parcel):
    from django.test import Client

    assert push(Client(enforce_csrf_checks=True), event(parcel, "collected")).status_code == 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"secret": "another"}, 401),
        ({"late": 301}, 401),
        ({"late": -301}, 401),
        ({"body": b'{"events": []}'}, 401),
        ({"late": 290}, 200),
    ],
)
def test_who_cannot_sign_now_changes_nothing(client, parcel, given, status):
    answer = push(client, event(parcel, "delivered"), **given)
    assert answer.status_code == status
    assert (fresh(parcel).state == State.DELIVERED) == (status == 200)


def test_without_a_secret_nothing_is_taken(client, parcel):
    with override(couriers.SECRET, ""):
        assert push(client, event(parcel, "delivered"), secret="").status_code == 401


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "lost"}, "kind must be one of"),
        ({"id": ""}, "id is missing"),
        ({"at": "yesterday"}, "ISO 8601"),
        ({"at": "2026-11-24T10:00:00"}, "offset"),
        ({"kind": "delivered", "signed_by": " "}, "signed_by is missing"),
    ],
)
def test_a_bad_event_is_named_and_nothing_of_the_push_is_taken(client, parcel, wrong, words):
    good = {"id": "1", "kind": "collected", "at": "2026-11-24T10:00:00+08:00", "number": parcel.number}
    content = {"events": [good, good | {"id": "2"} | wrong]}
    body, headers = courier_http.signed(content, "k", SECRET, datetime.fromtimestamp(time.time(), UTC))
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items() if name[0] != "C"}
    answer = client.post(reverse("parcels.events"), body, "application/json", **given)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True)
    assert "events[1]" in answer.json()["error"]
    assert fresh(parcel).state == State.ORDERED


@pytest.mark.parametrize("content", [[], {"events": {}}, {"events": [1]}, {"events": [{}] * 501}, {}])
def test_other_shapes_are_refused(client, parcel, content):
    body, headers = courier_http.signed(content, "k", SECRET, datetime.fromtimestamp(time.time(), UTC))
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items() if name[0] != "C"}
    assert client.post(reverse("parcels.events"), body, "application/json", **given).status_code == 400


def test_too_long_a_push_is_refused_and_only_post_is_open(client, parcel):
    assert push(client, body=b" " * 200_001).status_code == 413
    assert client.get(reverse("parcels.events")).status_code == 405


@pytest.mark.parametrize(
    ("number", "tracking", "known"),
    [("", "SF000001", True), ("P1", "SF000001", False), (None, "SF2", False), (None, "", True), ("", "", False)],
)
def test_unknown_parcels_are_named_and_the_others_taken(client, parcel, number, tracking, known):
    one = event(parcel, "transit")
    strange = News("x", "out", one.at, parcel.number if number is None else number, tracking)
    answer = push(client, one, strange).json()
    assert answer == {"new": 1 + known, "unknown": [] if known else ["x"]}
    assert fresh(parcel).state == (State.OUT if known else State.TRANSIT)


def test_a_parcel_of_another_courier_cannot_be_moved(client, parcel):
    Parcel.objects.filter(pk=parcel.pk).update(courier="demo")
    assert push(client, event(parcel, "delivered")).json() == {"new": 0, "unknown": ["delivered"]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_the_same_push_four_times_at_once_counts_once(parcel):
    from django.test import Client

    events = [event(parcel, "collected"), event(parcel, "delivered", 0.5)]
    found = together(*(lambda: push(Client(), *events).json()["new"] for _ in range(4)))
    assert sorted(found) == [0, 0, 0, 2]
    assert Track.objects.filter(parcel=parcel, kind=State.DELIVERED).count() == 1
