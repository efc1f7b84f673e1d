"""Other people's alerts: taken in once, broken ones kept with the reason, shown only if proven; private places refused."""

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.alerts import jobs, outside, queries
from hexi.blocks.alerts.models import Received
from hexi.blocks.alerts.tests.make import BY, make_officer, make_source
from hexi.blocks.alerts.tests.test_life import at_once
from hexi.blocks.people.tests.make import make_department
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.options import override
from hexi.wire.cap import feeds, signing, times, writing
from hexi.wire.tests.cap_examples import INFO, SHARED, WHOLE, needs_shared, signer

pytestmark = pytest.mark.django_db


def moment(hours):
    return times.written((clock.now() + timedelta(hours=hours)).astimezone(clock.CHINA))


def message(**changed):
    info = replace(INFO, effective=None, onset=None, expires=moment(5))
    return replace(WHOLE, infos=(info,), **{"sent": moment(0)} | changed)


def pem():
    return signing.pem_of(signer()[1])


def signed(**changed):
    return signing.sign(message(**changed), *signer())


def test_a_good_and_proven_message_is_shown():
    source = make_source(pem())
    assert outside.take_in(source, signed(), by=BY) == outside.Taken(new=1, good=1)
    row = queries.received_in_force()[0]
    assert (row.headline, row.identifier, row.severity, row.good, row.signature) == (
        "暴雨橙色预警", WHOLE.identifier, "Severe", True, "good",
    )  # fmt: skip
    assert row.tag == ("done", "签名有效")
    assert queries.received_in_force("620982000000") == []  # the source warns for Yumen


def test_taken_in_twice_it_stands_once():
    source, content = make_source(pem()), signed()
    outside.take_in(source, content, by=BY)
    assert outside.take_in(source, content, by=BY) == outside.Taken(known=1)
    assert Received.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_taken_in_by_three_at_once_it_stands_once():
    source, content = make_source(pem()), signed()
    taken = at_once(*[lambda: outside.take_in(source, content, by=BY)] * 3)
    assert sorted((one.new, one.known) for one in taken) == [(0, 1), (0, 1), (1, 0)]
    assert Received.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "key", "signature"),
    [
        (lambda: signed().replace(b"Severe", b"Minor"), "signature-false", "false"),
        (lambda: writing.write(message(kind="Update")), "references-needed", "none"),
        (lambda: writing.write(message(status="actual")), "value", "none"),
        (lambda: b"<alert/>", "namespace", "none"), (lambda: b"no xml \x00", "xml", "none"),
        (lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "doctype", "none"),
    ],
)  # fmt: skip
def test_broken_ones_are_kept_with_the_reason_and_counted(content, key, signature):
    source = make_source(pem())
    assert outside.take_in(source, content(), by=BY) == outside.Taken(new=1, good=0)
    row = Received.objects.get()
    assert (row.good, [one["key"] for one in row.faults if one["must"]], row.signature) == (False, [key], signature)
    assert all(one["zh"] and one["en"] and one["clause"] for one in row.faults)
    assert queries.received_in_force() == []
    counted = queries.sources(make_officer()).get()
    assert (counted.good, counted.broken) == (0, 1)


@pytest.mark.parametrize("certificate", ["", "other"])
def test_what_is_not_proven_is_kept_but_not_shown(certificate):
    """§3.3.4.1: it is not refused; but a portal does not pass on what anybody may have written."""
    other = signing.pem_of(signer("ec", "别人")[1])
    source = make_source(other if certificate else "")
    outside.take_in(source, signed(), by=BY)
    row = Received.objects.get()
    assert (row.good, row.signature, row.tag[1]) == (True, "unknown", "来源未核实")
    assert queries.received_in_force() == []


@pytest.mark.parametrize(
    "changed", [{"status": "Test"}, {"status": "Exercise"}, {"scope": "Restricted", "restriction": "x"}]
)
def test_what_is_not_meant_for_the_public_is_not_shown(changed):
    outside.take_in(make_source(pem()), signed(**changed), by=BY)
    assert (Received.objects.get().good, queries.received_in_force()) == (True, [])


def test_a_proven_update_takes_the_place_of_what_it_names():
    source = make_source(pem())
    outside.take_in(source, signed(), by=BY)
    first = Received.objects.get()
    named = f"{first.sender} {first.identifier}"
    references = str(message().name)
    outside.take_in(source, signed(identifier="x-2", kind="Update", references=references), by=BY)
    assert [one.identifier for one in queries.received_in_force()] == ["x-2"], named
    outside.take_in(
        source, signed(identifier="x-3", kind="Cancel", references=str(message(identifier="x-2").name)), by=BY
    )
    assert queries.received_in_force() == []


def answers_to(named, kind, identifier):
    return signed(identifier=identifier, kind=kind, references=str(named.name), sent=moment(0.01))


@pytest.mark.parametrize(("kind", "shown"), [("Cancel", []), ("Update", ["x-2"])])
def test_what_comes_before_the_alert_it_names_takes_its_place_too(kind, shown):
    """A feed lists the newest first."""
    source, first = make_source(pem()), message()
    for content in (answers_to(first, kind, "x-2"), signing.sign(first, *signer())):
        outside.take_in(source, content, by=BY)
    assert [one.identifier for one in queries.received_in_force()] == shown
    assert Received.objects.get(identifier=first.identifier).replaced_by == Received.objects.get(identifier="x-2")


def test_a_line_of_updates_that_comes_backwards_leaves_nothing_in_force():
    source, first = make_source(pem()), message()
    second = message(identifier="x-2", kind="Update", references=str(first.name), sent=moment(0.01))
    third = message(identifier="x-3", kind="Cancel", references=str(second.name), sent=moment(0.02))
    for one in (third, second, first):
        outside.take_in(source, signing.sign(one, *signer()), by=BY)
    assert queries.received_in_force() == []
    assert [bool(one.replaced_by_id) for one in Received.objects.order_by("sent")] == [True, True, False]


def test_nobody_elses_earlier_cancellation_takes_its_place():
    source, first = make_source(pem()), message()
    forged = message(identifier="x-2", kind="Cancel", references=str(first.name), sent=moment(0.01))
    elsewhere = make_source(pem(), name="别的来源")
    outside.take_in(source, writing.write(forged), by=BY)
    outside.take_in(source, signing.sign(forged, *signer("rsa")), by=BY)
    outside.take_in(elsewhere, signing.sign(forged, *signer()), by=BY)
    outside.take_in(source, signing.sign(first, *signer()), by=BY)
    assert [one.identifier for one in queries.received_in_force()] == [first.identifier]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_alert_and_its_cancellation_at_once_leave_nothing_in_force():
    source, first = make_source(pem()), message()
    both = (signing.sign(first, *signer()), answers_to(first, "Cancel", "x-2"))
    at_once(*[lambda one=one: outside.take_in(source, one, by=BY) for one in both])
    assert queries.received_in_force() == []
    assert Received.objects.filter(replaced_by=None).count() == 1


def test_nobody_else_cancels_it():
    source = make_source(pem())
    outside.take_in(source, signed(), by=BY)
    forged = message(identifier="x-2", kind="Cancel", references=str(message().name))
    outside.take_in(source, writing.write(forged), by=BY)
    outside.take_in(source, signing.sign(forged, *signer("rsa")), by=BY)
    assert [one.identifier for one in queries.received_in_force()] == [WHOLE.identifier]


def test_it_is_gone_when_it_expires_or_its_source_is_ended():
    source = make_source(pem())
    outside.take_in(source, signed(), by=BY)
    with clock.told_at(clock.now() + timedelta(hours=6)):
        assert queries.received_in_force() == []
    outside.end_source(source, by=BY)
    outside.end_source(source, by=BY)
    assert queries.received_in_force() == []


@needs_shared
@pytest.mark.parametrize(("name", "good"), [("canada.cap", True), ("weather.cap", True), ("no_entries.atom", False)])
def test_public_examples_are_taken_in(name, good):
    content = (SHARED / "testdata" / name).read_bytes()
    outside.take_in(make_source(), content, by=BY)
    assert Received.objects.get().good is good


@needs_shared
def test_a_feed_that_carries_messages_gives_them():
    content = (SHARED / "testdata" / "amber.atom").read_bytes()
    assert outside.take_in(make_source(), content, by=BY) == outside.Taken(new=1, good=1)
    assert Received.objects.get().headline == "Amber Alert in Washington D.C."


@needs_shared
@pytest.mark.parametrize("name", ["empty_weather_index.atom", "ny_index.rss"])
def test_a_feed_without_messages_is_no_fault(name):
    content = (SHARED / "testdata" / name).read_bytes()
    assert outside.take_in(make_source(), content, by=BY) == outside.Taken()


def test_pages_of_errors_fill_no_disk(monkeypatch):
    monkeypatch.setattr(outside, "MOST_UNREADABLE", 2)
    source = make_source(pem())
    outside.take_in(source, signed(), by=BY)
    for number in range(4):
        outside.take_in(source, b"<html>" + b"%d" % number * 200_000, by=BY)
    kept = Received.objects.filter(good=False)
    assert [len(one.document) for one in kept] == [100_000, 100_000]
    assert Received.objects.filter(good=True).count() == 1


def test_rights():
    source, clerk = make_source(), make_officer("clerk")
    stranger = make_officer(department=make_department("dunhuang", "620982000000"), region_code="620982000000")
    for who in (clerk, stranger):
        for attempt in (
            lambda who: outside.take_in(source, b"x", by=who), lambda who: outside.fetch(source, by=who),
            lambda who: outside.end_source(source, by=who), lambda who: outside.want_fetch(source, by=who),
        ):  # fmt: skip
            with pytest.raises(Denied):
                attempt(who)
        assert (list(queries.sources(who)), list(queries.received(who))) == ([], [])


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": " "}, "name"), ({"certificate": "no pem"}, "certificate"), ({"url": "file:///etc/passwd"}, "url")],
)
def test_a_source_names_the_field_that_does_not_fit(given, field):
    with pytest.raises(ValidationError) as refused:
        make_source(given.pop("certificate", ""), **given)
    assert list(refused.value.error_dict) == [field]


def test_an_address_is_kept_once():
    make_source(url="https://example.org/feed")
    with pytest.raises(ValidationError, match="已经登记"):
        make_source(url="https://example.org/feed")


# --- the network ------------------------------------------------------------------------------------------------------
@contextmanager
def server(answers):
    """A server on this machine that gives what `answers` says for each path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers.get(self.path, (404, b""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body.decode())
                body = b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}"
    finally:
        running.shutdown()


def asked(url, certificate=""):
    source = make_source(certificate or pem(), url=url)
    with override(outside.PRIVATE, True):
        outside.fetch(source, by=BY)
    source.refresh_from_db()
    return source.answer


def test_a_document_is_fetched():
    with server({"/one.xml": (200, signed())}) as url:
        assert asked(f"{url}/one.xml") == "新 1 条，其中采用 1 条"
    assert Received.objects.get().url.endswith("/one.xml")


def test_the_documents_a_feed_lists_are_fetched():
    listed = listing("/1.xml", "/2.xml", "/3.xml")
    answers = {"/feed": (200, listed), "/1.xml": (200, signed()), "/2.xml": (200, b"broken"), "/3.xml": (500, b"")}
    with server(answers) as url:
        assert asked(f"{url}/feed") == "新 2 条，其中采用 1 条"


@pytest.mark.parametrize(
    ("answer", "said"),
    [((404, b""), "HTTP 404"), ((302, b"http://127.0.0.1:9/"), "HTTP 302"), ((200, b"x" * 5_000_001), "5000000")],
)
def test_what_cannot_be_had_is_noted_at_the_source(answer, said):
    with server({"/x": answer}) as url:
        assert said in asked(f"{url}/x")
    assert Received.objects.count() == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://localhost/",
    ],
)
def test_places_inside_are_not_asked(url):
    source = make_source(url=url)
    outside.fetch(source, by=BY)
    source.refresh_from_db()
    assert "Refused" in source.answer


def test_a_feed_does_not_lead_inside():
    source = make_source(url="https://example.org/feed")
    assert outside._take_all(source, listing("http://169.254.169.254/x"), BY) == outside.Taken()


def listing(*addresses):
    at = clock.now()
    entries = tuple(feeds.Entry(f"urn:{n}", "t", "s", at, at, one, "/", "a") for n, one in enumerate(addresses))
    return feeds.atom(feeds.Feed("urn:f", "t", at, "/", "/", "a", entries))


def test_one_bad_address_in_a_feed_keeps_no_other_from_being_fetched():
    with server({"/feed": (200, listing("http://[x", "http://x:99999/", "/1.xml")), "/1.xml": (200, signed())}) as url:
        assert asked(f"{url}/feed") == "新 1 条，其中采用 1 条"
    assert [one.identifier for one in queries.received_in_force()] == [WHOLE.identifier]


def test_a_source_that_brings_the_unforeseen_is_noted_and_the_next_is_asked(monkeypatch):
    take_in = outside.take_in

    def broken(source, *given, **more):
        if source.name == "第一":
            raise RuntimeError("never seen before")
        return take_in(source, *given, **more)

    monkeypatch.setattr(outside, "take_in", broken)
    with server({"/1.xml": (200, signed()), "/2.xml": (200, signed())}) as url, override(outside.PRIVATE, True):
        first = make_source(pem(), url=f"{url}/1.xml", name="第一")
        second = make_source(pem(), url=f"{url}/2.xml")
        jobs.fetch_all()
    for source in (first, second):
        source.refresh_from_db()
    assert (first.answer, first.asked_at is not None) == ("RuntimeError: never seen before", True)
    assert second.answer == "新 1 条，其中采用 1 条"


@pytest.mark.parametrize("sent", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_no_calendar_of_ours_holds_is_moved_to_the_nearest(sent):
    source = make_source(pem())
    assert outside.take_in(source, signed(sent=sent), by=BY).new == 1
    row = queries.received(make_officer()).get()
    assert row.sent == (outside.EARLIEST if sent[0] == "0" else outside.LATEST)


def test_sources_are_asked_in_turn_and_when_wanted():
    with server({"/one.xml": (200, signed())}) as url, override(outside.PRIVATE, True):
        source = make_source(pem(), url=f"{url}/one.xml")
        outside.want_fetch(source, by=make_officer())
        drain()
        assert Received.objects.count() == 1
        source.refresh_from_db()
        before = source.asked_at
        jobs.fetch_all()
        source.refresh_from_db()
        assert source.asked_at == before  # asked just now
        with clock.told_at(clock.now() + timedelta(minutes=11)):
            jobs.fetch_all()
        source.refresh_from_db()
        assert source.asked_at > before
    with pytest.raises(ValidationError, match="没有地址"):
        outside.want_fetch(make_source(), by=BY)


def test_faults_are_plain_json():
    outside.take_in(make_source(), b"x", by=BY)
    assert json.loads(json.dumps(Received.objects.get().faults))[0]["key"] == "xml"
