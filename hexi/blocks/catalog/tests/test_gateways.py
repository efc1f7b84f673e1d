"""Two installations that exchange: two folders, two processes, real TLS with pinned certificates; and what goes wrong.

One pair of installations for all tests of this file: each starts from what the one before it left.
"""

import gzip
import json
import os
import resource
import signal
import sqlite3
import ssl
import threading
import time
from datetime import date, timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from hexi.blocks.catalog.tests.pair import CLIENT, SERVICE, call, client, pair, system
from hexi.wire.checksums import make_resident_id
from hexi.wire.xroad import messages, transport

pytestmark = pytest.mark.xdist_group("gateways")


@pytest.fixture(scope="module")
def two(tmp_path_factory, django_db_setup, django_db_blocker):
    """Both sides running; the caller has a right to the whole service."""
    folder = tmp_path_factory.mktemp("pair")
    template = None
    if connection.vendor == "sqlite":
        template = folder / "template.sqlite3"
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(template)])
    with pair(folder, template) as (asks, offers, echo):
        asks.right = offers.step("allow", service="ECHO", member="ASKS")
        time.sleep(1)
        yield asks, offers, echo


@pytest.fixture(autouse=True)
def well_behaved(two):
    """The service behaves again after each test."""
    yield
    two[2].mode = ""


def ask(two, *arguments, **more):
    return call(two[0].address, two[0].context, *arguments, **more)


def rows(side):
    """What stands in a side's log: (side, kind, status, fault)."""
    with sqlite3.connect(f"file:{side.database}?mode=ro", uri=True) as opened:
        return opened.execute("SELECT side, kind, status, fault FROM catalog_messagelog ORDER BY id").fetchall()


def raw(two, frame, headers, own=None):
    """Something sent straight to the provider's gateway by who holds our gateway's pair: status and error type."""
    asks, offers, _ = two
    with sqlite3.connect(f"file:{offers.database}?mode=ro", uri=True) as opened:
        pinned = opened.execute("SELECT certificate FROM catalog_gateway WHERE own").fetchone()[0]
    own = own or next((asks.folder / "keys").glob("exchange-tls-*.pem"))
    one = HTTPSConnection("127.0.0.1", offers.provider, context=client(own, pinned), timeout=30)
    one.request("POST", transport.PATH, frame, headers)
    got = one.getresponse()
    got.read()
    return got.status, got.headers.get("x-road-error")


def signed(two, *, when=None, by=None, target=f"{SERVICE}/v1"):
    """A message as our consumer gateway would send it."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from hexi.blocks.catalog.exchange_keys import key_id

    path = by or next((two[0].folder / "keys").glob("exchange-sign-*.pem"))
    private = load_pem_private_key(Path(path).read_bytes(), None)
    number = os.urandom(8).hex()
    date = (when or timezone.now()).isoformat()
    made = messages.request(
        "GET", target, [("X-Road-Client", CLIENT)], b"", id=number, request_id=number, more=[(transport.DATE, date)]
    )
    return transport.Signed(made.head, made.body, key_id(private.public_key()), transport.sign(made.digest, private))


def test_call_goes_through_signed_and_logged_on_both_sides(two):
    before = len(rows(two[0])), len(rows(two[1]))
    status, headers, body = ask(two, "POST", body=b"hello", X_Road_Issue="case-1", X_Road_UserId="CN1", X_Mine="kept")
    assert (status, body, headers["content-type"]) == (200, b"hello", "application/json")
    assert headers["x-road-service"] == "CN/GOV/OFFERS/REGISTER/ECHO"
    assert headers["x-road-request-hash"] != "forged"
    method, path, seen, got = two[2].calls[-1]
    assert (method, path, got) == ("POST", "/base/v1/things?q=1", b"hello")
    assert (seen["X-Mine"], seen["X-Road-Issue"]) == ("kept", "case-1")
    assert "User-Agent" not in seen
    assert rows(two[0])[before[0] :] == [("consumer", "request", None, ""), ("consumer", "response", 200, "")]
    assert rows(two[1])[before[1] :] == [("provider", "request", None, ""), ("provider", "response", 200, "")]


def test_a_compressed_body_comes_as_it_was_sent(two):
    packed = gzip.compress(b"question")
    assert ask(two, "POST", body=packed, Content_Encoding="gzip")[2] == packed
    assert (two[2].calls[-1][2]["Content-Encoding"], two[2].calls[-1][3]) == ("gzip", packed)


def test_answers_of_the_service_come_as_they_are(two):
    two[2].mode = "missing"
    status, headers, body = ask(two)
    assert (status, body) == (404, b'{"missing": true}')
    assert "x-road-error" not in headers


def test_garbage_of_the_service(two):
    two[2].mode = "garbage"
    status, headers, _ = ask(two)
    assert (status, headers["x-road-error"]) == (500, "Server.ServerProxy.ServiceFailed.InvalidResponse")
    assert rows(two[1])[-1] == ("provider", "response", 500, "Server.ServerProxy.ServiceFailed.InvalidResponse")


def test_slow_service(two):
    two[2].mode = "slow"
    status, headers, _ = ask(two)
    assert (status, headers["x-road-error"]) == (500, "Server.ServerProxy.NetworkError")


def test_addresses_and_callers_that_are_wrong(two):
    assert ask(two, path="/r1/CN/GOV/OFFERS")[1]["x-road-error"] == "Client.BadRequest"
    for path in ("/a/..%2fb", "/v1/x#/things", "/v1/..;/things"):
        assert ask(two, path=f"{SERVICE}{path}")[1]["x-road-error"] == "Client.BadRequest"
    unknown = ask(two, X_Road_Client="CN/GOV/NOBODY/CASES")
    assert unknown[1]["x-road-error"] == "Server.ClientProxy.UnknownMember"
    nowhere = ask(two, path="/r1/CN/GOV/NOBODY/REGISTER/ECHO")
    assert nowhere[1]["x-road-error"] == "Server.ClientProxy.UnknownMember"
    no_service = ask(two, path="/r1/CN/GOV/OFFERS/REGISTER/OTHER")
    assert no_service[1]["x-road-error"] == "Server.ServerProxy.UnknownService"


def test_stranger_without_a_pinned_certificate(two, tmp_path):
    asks, offers, _ = two
    own, _certificate = system(tmp_path)
    with sqlite3.connect(f"file:{asks.database}?mode=ro", uri=True) as opened:
        pinned = opened.execute("SELECT certificate FROM catalog_gateway WHERE own").fetchone()[0]
    for shown in (own, None):
        with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
            call(asks.address, client(shown, pinned))
    with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
        raw(two, b"", {}, own=own)


def test_a_right_to_one_endpoint_is_no_right_to_another(two):
    asks, offers, _ = two
    offers.step("forbid", right=asks.right)
    time.sleep(1.2)
    assert ask(two)[1]["x-road-error"] == "Server.ServerProxy.AccessDenied"
    narrow = offers.step("allow", service="ECHO", member="ASKS", method="GET", path="/v1/*")
    time.sleep(1.2)
    assert ask(two, path=f"{SERVICE}/v1/things")[0] == 200
    assert (
        ask(two, "POST", path=f"{SERVICE}/v1/things", body=b"x")[1]["x-road-error"] == "Server.ServerProxy.AccessDenied"
    )
    assert ask(two, path=f"{SERVICE}/v1/things/1")[1]["x-road-error"] == "Server.ServerProxy.AccessDenied"
    offers.step("forbid", right=narrow)
    asks.right = offers.step("allow", service="ECHO", member="ASKS")
    time.sleep(1.2)
    assert ask(two)[0] == 200


def test_rows_of_an_entry_under_a_grant(two):
    """Only the grant's items of the grant's rows; about persons only with purpose and case; nothing once it is over."""
    asks, offers, _ = two
    path = "/r1/CN/GOV/OFFERS/REGISTER/ROWS/rows"
    denied, unclear = "Server.ServerProxy.AccessDenied", "Client.BadRequest"
    given = {"service": "ROWS", "member": "ASKS"}
    plain = {**given, "fields": ["place", "paid"]}
    _, whole, town, named = offers.steps(
        ["subsidies", {"code": "ROWS"}], ["give", {**plain, "basis": "case-2"}],
        ["give", {**plain, "basis": "case-3", "rows": "620981000000", "region_field": "place"}],
        ["give", {**given, "fields": ["id_number", "paid"], "basis": "case-1"}],
    )  # fmt: skip
    time.sleep(1.2)

    def read(grant, more="", **headers):
        status, answer, body = ask(two, path=path + more, X_Hexi_Grant=grant, **headers)
        return json.loads(body)["rows"] if status == 200 else answer["x-road-error"]

    purpose = {"X_Hexi_Purpose": "%E6%A0%B8%E5%AF%B9"}
    why = {**purpose, "X_Road_Issue": "case-7"}
    assert ask(two, path=path)[1]["x-road-error"] == denied  # which of the three?
    assert read("none of them") == denied
    assert read(whole) == unclear, "the rows say whose they are, though no such item was granted"
    assert read(whole, **why) == [[620981000000, "一百"], [620982000000, "二百"]]
    assert read(whole, "?fields=id_number", **why) == unclear
    assert (read(town, **why), read(town, "?where=place:=:620982000000", **why)) == ([[620981000000, "一百"]], [])
    for said in ({}, purpose, {"X_Road_Issue": "case-9"}):
        assert read(named, **said) == unclear
    assert [("*" in number, paid) for number, paid in read(named, X_Road_Issue="case-9", **purpose)] == [
        (True, "一百"), (True, "二百"),
    ]  # fmt: skip
    with sqlite3.connect(f"file:{offers.database}?mode=ro", uri=True) as opened:
        seen = opened.execute('SELECT purpose, "case" FROM catalog_access ORDER BY id').fetchall()
    assert seen == [("核对", "case-7")] * 3 + [("核对", "case-9")] * 2
    offers.step("over", grant=whole)
    assert (read(whole, **why), read(town, **why)) == (denied, [[620981000000, "一百"]])


def test_a_service_at_an_address_says_whom_it_is_asked_about(two):
    """Said to answer about persons, it is asked only under purpose and case; whom, each of them finds in his log."""
    asks, offers, echo = two
    offers.step("about_persons", service="ECHO")
    time.sleep(1.2)
    calls = len(echo.calls)
    why = {"X_Hexi_Purpose": "%E6%A0%B8%E5%AF%B9", "X_Road_Issue": "case-5"}
    named = {"X_Hexi_Person": ",".join(make_resident_id("629999", date(1990, 1, 1), serial) for serial in (1, 2))}
    for said in ({}, why, named, {**why, "X_Hexi_Person": "620902199001011234"}):
        status, headers, _ = ask(two, **said)
        assert (status, headers["x-road-error"]) == (400, "Client.BadRequest")
    assert len(echo.calls) == calls, "nothing was asked"
    assert ask(two, **why, **named)[0] == 200
    with sqlite3.connect(offers.database) as opened:
        seen = opened.execute(
            'SELECT purpose, "case", entry_id FROM catalog_access WHERE "case" = \'case-5\''
        ).fetchall()
        opened.execute("UPDATE catalog_service SET personal = 0")
        opened.execute("UPDATE catalog_stamp SET changes = changes + 1")
    assert seen == [("核对", "case-5", None)] * 2
    time.sleep(1.2)
    assert ask(two)[0] == 200


def test_replayed_message(two):
    one = signed(two)
    assert raw(two, one.frame(), one.headers) == (200, None)
    assert raw(two, one.frame(), one.headers) == (500, "Server.ServerProxy.InvalidRequest")


def test_altered_message(two):
    one = signed(two)
    other = transport.Signed(one.head.replace(b"/v1", b"/v2"), one.body, one.key, one.signature)
    assert raw(two, other.frame(), other.headers) == (500, "Server.ServerProxy.InvalidSignatureValue")
    more = transport.Signed(one.head, b"more", one.key, one.signature)
    assert raw(two, more.frame(), more.headers) == (500, "Server.ServerProxy.InvalidSignatureValue")


def test_clock_that_is_off(two):
    for seconds in (-400, 400):
        one = signed(two, when=timezone.now() + timedelta(seconds=seconds))
        assert raw(two, one.frame(), one.headers) == (500, "Server.ServerProxy.ClockOff")


def test_message_under_somebody_elses_key(two):
    foreign = next((two[1].folder / "keys").glob("exchange-sign-*.pem"))
    one = signed(two, by=foreign)
    assert raw(two, one.frame(), one.headers) == (500, "Server.ServerProxy.UnknownKey")


def test_garbage_for_the_gateway(two):
    assert raw(two, b"garbage", {}) == (500, "Server.ServerProxy.InvalidRequest")
    one = signed(two)
    assert raw(two, one.frame()[:-5], one.headers)[1] == "Server.ServerProxy.InvalidRequest"


def test_body_that_is_too_long(two):
    status, headers, _ = ask(two, "POST", body=b"x" * 10_000_001)
    assert (status, headers["x-road-error"]) == (400, "Client.BadRequest")


def test_many_at_once_lose_nothing(two):
    before = len(rows(two[0])), len(rows(two[1]))
    found = []

    def some():
        found.extend(ask(two, "POST", body=b"many")[0] for _ in range(5))

    threads = [threading.Thread(target=some) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [200] * 40
    assert (len(rows(two[0])) - before[0], len(rows(two[1])) - before[1]) == (80, 80)


def test_full_disk(two):
    """Writes of the provider's gateway fail (its files may not grow): refused, and well again once there is room."""
    asks, offers, echo = two
    pid, calls = offers.processes["provider"].pid, len(echo.calls)
    before = len(rows(offers))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
    try:
        status, headers, _ = ask(two, "POST", body=b"y" * 100_000)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert (status, headers["x-road-error"]) == (500, "Server.ServerProxy.LoggingFailed")
    assert (len(echo.calls), len(rows(offers))) == (calls, before)
    assert ask(two)[0] == 200


def test_provider_down_and_killed(two):
    """Killed in the middle of calls, what was answered stands in its log; down, the caller is told; up, it goes on."""
    asks, offers, _ = two
    answered = []

    def some():
        for _ in range(200):
            status, headers, _ = ask(two)
            if status != 200:
                return
            answered.append(headers["x-road-request-id"])

    threads = [threading.Thread(target=some) for _ in range(4)]
    for one in threads:
        one.start()
    time.sleep(1.5)
    offers.stop("provider", signal.SIGKILL)
    for one in threads:
        one.join()
    status, headers, _ = ask(two)
    assert (status, headers["x-road-error"]) == (500, "Server.ClientProxy.NetworkError")
    with sqlite3.connect(f"file:{offers.database}?mode=ro", uri=True) as opened:
        kept = {row[0] for row in opened.execute("SELECT request_id FROM catalog_messagelog WHERE kind = 'response'")}
    assert answered
    assert set(answered) <= kept
    offers.start("provider")
    assert ask(two)[0] == 200


def pieces(side):
    with sqlite3.connect(f"file:{side.database}?mode=ro", uri=True) as opened:
        return [row[0] for row in opened.execute("SELECT number FROM catalog_received ORDER BY id")]


def test_push_gets_through_once_and_in_order(two):
    """A subscriber that was down, then a sender killed in the middle, twice: every piece once, in order, with receipt."""
    asks, offers, _ = two
    offers.steps(["inbox", {}], ["allow", {"service": "INBOX", "member": "ASKS"}])
    offers.stop("provider")
    feed, _, sent = asks.steps(
        ["feed", {"member": "OFFERS", "service": "CN/GOV/OFFERS/REGISTER/INBOX"}],
        ["pieces", {"feed": 1, "count": 150}],
        ["push_all", {}],
    )
    assert (feed, sent, pieces(offers)) == (1, 0, [])
    offers.start("provider")
    for least in (5, 40):
        sender = asks.background(["push_all", {}])
        until = time.monotonic() + 60
        while len(pieces(offers)) < least and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg(sender.pid, signal.SIGKILL)
        sender.wait()
        assert least <= len(pieces(offers)) < 150
    asks.step("push_all")
    assert pieces(offers) == list(range(1, 151))
    with sqlite3.connect(f"file:{asks.database}?mode=ro", uri=True) as opened:
        left = opened.execute("SELECT count(*) FROM catalog_delivery WHERE received_at IS NULL OR receipt = ''")
        assert left.fetchone() == (0,)


def test_a_mirror_takes_what_is_pushed_once_and_in_order(two):
    """New rows are asked for through the exchange and loaded; a withdrawal there is one here; nothing is done twice."""
    asks, offers, _ = two
    mine, theirs = "CN/GOV/ASKS/CASES", "CN/GOV/OFFERS/REGISTER/MIRROR"
    asks.steps(["inbox", {}], ["allow", {"service": "INBOX", "member": "OFFERS"}])
    _, _, code = offers.steps(
        ["subsidies", {"code": "MIRROR", "text": "place,paid\n620981101000,一百\n"}],
        [
            "give",
            {
                "service": "MIRROR",
                "member": "ASKS",
                "fields": ["place", "paid"],
                "rows": "620981000000",
                "region_field": "place",
            },
        ],
        ["feed_of", {"service": "MIRROR", "member": "ASKS", "inbox": f"{mine}/INBOX"}],
    )
    asks.start("provider")

    def published(text, *more):
        offers.steps(["publish_rows", {"service": "MIRROR", "text": text}], *more, ["push_all", {}])

    more = "620981103000,三百\n"
    whole = "place,paid\n620981101000,一百\n620981102000,二百\n"
    published(whole)
    asks.step("mirror", service=theirs, code=code, client=mine)  # later than the first piece: it is not lost
    first = asks.step("take_pieces")
    assert (first["used"], first["told"], first["versions"]) == (["seen"], [], [])
    offers.stop("provider")  # nobody answers: the piece waits
    published(whole, ["publish_rows", {"service": "MIRROR", "text": whole + more}])
    waits = asks.step("take_pieces", agree=True)
    assert (waits["used"], waits["rows"], len(waits["told"])) == (["seen", "", ""], ["一百", "二百"], 1)
    offers.start("provider")
    with sqlite3.connect(asks.database) as opened:  # the quarter of an hour is over
        opened.execute("UPDATE catalog_received SET claimed_at = NULL")
    taken = asks.step("take_pieces")
    assert (taken["used"], taken["versions"]) == (["seen", "done", "done"], [1, 2])  # both are one load
    assert taken["rows"] == ["一百", "二百", "三百"]
    published(whole + more)
    assert asks.step("take_pieces")["used"][3:] == ["same"]
    published("place,paid\n620982000000,四百\n")  # nothing is left of what the grant gives
    empty = asks.step("take_pieces")
    assert (empty["used"][4:], empty["versions"], empty["rows"]) == (["done"], [1, 2, 3], [])
    published(whole, ["withdraw", {"service": "MIRROR"}])  # those rows are given to nobody any more
    last = asks.step("take_pieces")
    assert (last["used"][5:], last["versions"], last["state"], last["active"]) == (
        ["withdrawn", "withdrawn"], [1, 2, 3], "withdrawn", False,
    )  # fmt: skip
    assert asks.step("take_pieces") == last


def test_both_logs_prove_and_one_byte_is_found(two):
    """Last: `hexi catalog verify-log` on both sides."""
    for side in two[:2]:
        code, said = side.hexi("catalog", "verify-log")
        assert code == 0, said
        assert said.strip().splitlines()[-1] == "✓ 交换日志完整 / the message log is whole"
    with sqlite3.connect(two[1].database) as opened:
        pk, number, body = opened.execute(
            "SELECT id, request_id, body FROM catalog_messagelog WHERE kind = 'request' AND body_size = 4 LIMIT 1"
        ).fetchone()
        opened.execute("UPDATE catalog_messagelog SET body = ? WHERE id = ?", [b"Many", pk])
    code, said = two[1].hexi("catalog", "verify-log")
    assert code == 1
    assert [line for line in said.splitlines() if line.startswith("✗ provider")] == [
        line for line in said.splitlines() if number in line and "the body was altered" in line
    ]
