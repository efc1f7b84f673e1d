"""Live events in their real server: a first value and every change for who is signed in, nothing for anybody else."""

import http.client
import io
import json
import socket
import time
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from hexi.blocks.documents import handoff, operations
from hexi.blocks.documents.tests.make import make_image
from hexi.blocks.notices.tests.make import make_notice
from hexi.blocks.people.tests.make import acting, make_citizen
from hexi.site.asgi import MOST, allowed, asked
from hexi.site.tests.running import hexi, until
from hexi.ui import live

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("events")]
HOST = "127.0.0.1"
PATIENCE = 20.0  # seconds


@pytest.fixture(scope="module")
def port(django_db_setup):
    """`hexi listen` on a port of its own, with the database of the tests."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        number = one.getsockname()[1]
    with hexi("listen", HEXI_SITE_EVENTS_PORT=str(number)):
        with socket.socket() as one:
            until(lambda: one.connect_ex((HOST, number)) == 0)
        yield number


class Stream:
    """One browser's stream: `next()` is the next event as (name, value).

    It cannot hang: no single read lasts longer than `PATIENCE`, and beats of the stream do not prolong the wait.
    """

    def __init__(self, port, query, cookie="", origin="http://localhost:8000"):
        self.connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}", "Origin": origin}
        self.connection.request("GET", f"/events/?{query}", headers=headers)
        self.answer = self.connection.getresponse()

    def next(self):
        name, give_up = "", time.monotonic() + PATIENCE
        while line := self.answer.readline().decode():
            assert time.monotonic() < give_up, "no event came"
            field, _, value = line.strip().partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                return name, json.loads(value)
        raise AssertionError("the stream ended")


@pytest.fixture
def open_stream(port):
    streams = []

    def opened(query, cookie="", **how):
        streams.append(Stream(port, query, cookie, **how))
        return streams[-1]

    yield opened
    for one in streams:
        one.connection.close()


def session_of(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_first_value_and_a_change(open_stream):
    account = make_citizen("shi")
    stream = open_stream("unread=", session_of(account))
    assert stream.answer.status == 200
    assert stream.answer.headers["Content-Type"] == "text/event-stream"
    assert stream.answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8000"
    assert stream.next() == ("unread", 0)
    make_notice(account.person)
    assert stream.next() == ("unread", 1)


def test_what_the_phone_handed_over(open_stream):
    account = make_citizen("shi")
    by = acting(account)
    facts = {"owner": account.person, "kind": "tests.thing", "ref": "7", "slot": "deed", "title": "林权证"}
    token = handoff.handoff_token(by, **facts)
    mine = open_stream(f"handed={quote(token)}", session_of(account))
    others = open_stream(f"handed={quote(token)}", session_of(make_citizen("li")))
    assert mine.next() == (f"handed:{token}", {"files": [], "over": False})
    assert others.next() == (f"handed:{token}", None)
    found = handoff.open_handoff(token)
    stored = operations.store(
        io.BytesIO(make_image()), name="deed.jpg", by=found.phone, owner=found.owner,
        thing=(found.kind, found.ref), slot=found.slot,
    )  # fmt: skip
    assert mine.next() == (f"handed:{token}", {"files": [stored.pk], "over": False})


@pytest.mark.parametrize("cookie", ["", "no-such-session"])
def test_strangers_are_refused(open_stream, cookie):
    stream = open_stream("unread=", cookie)
    assert (stream.answer.status, stream.answer.read()) == (403, b"sign in first")


def test_an_ended_session_is_refused(open_stream):
    client = Client()
    client.force_login(make_citizen("shi"), backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.logout()
    answer = open_stream("unread=", cookie, origin="http://localhost:8000").answer
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (403, "http://localhost:8000")


def test_pages_of_other_sites_are_refused(open_stream):
    cookie = session_of(make_citizen("shi"))
    answer = open_stream("unread=", cookie, origin="https://elsewhere.example").answer
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (403, None)


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("", True), ("http://localhost:8000", True), ("https://localhost", True), ("http://127.0.0.1:8300", True),
        ("null", False), ("http://localhost.example", False), ("http://example/localhost:8000", False),
    ],
)  # fmt: skip
def test_origins(origin, may):
    assert allowed(origin) is may


def test_only_known_facts_are_asked_and_nothing_that_breaks_the_stream():
    assert asked("unread=&nonsense=1&handed=abc") == [("unread", ""), ("handed", "abc")]
    assert asked("handed=a%0Aevent:%20x") == []
    assert len(asked("&".join(f"handed={n}" for n in range(50)))) == MOST


def test_pages_name_the_stream_and_may_read_it(client, settings):
    client.force_login(make_citizen("shi"), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/my/", headers={"host": "localhost:8000"})
    own = f"http://localhost:{settings.HEXI_EVENTS_PORT}"
    assert f'data-events="{own}/events/"' in answer.text
    assert f"connect-src 'self' {own};" in answer.headers["Content-Security-Policy"]
    settings.HEXI_EVENTS_URL = "https://hexi.example/"
    assert live.address(RequestFactory().get("/")) == "https://hexi.example/events/"


def test_strangers_follow_nothing(client):
    assert "data-events" not in client.get("/", headers={"host": "localhost:8000"}).text
