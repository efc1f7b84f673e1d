"""The Open311 client against our own server on a port of this machine, in both formats."""

import argparse
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hexi.domains.livelihood.requests import operations
from hexi.domains.livelihood.requests.channels import client, open311
from hexi.domains.livelihood.requests.channels.elsewhere import Failed, Server
from hexi.domains.livelihood.requests.models import Request, SentOn
from hexi.domains.livelihood.requests.operations import sending_on
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests.test_open311 import make_key
from hexi.wire import open311 as wire
from hexi.wire.open311 import Post

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = pytest.mark.parametrize("form", ["json", "xml"])


def run(live_server, *words):
    parser = argparse.ArgumentParser()
    client.open311_arguments(parser)
    what, *rest = words
    return client.open311_client(parser.parse_args([what, f"{live_server.url}/open311/v2", *rest]))


@BOTH
def test_everything_a_client_asks(live_server, form):
    key = make_key()
    server = Server(f"{live_server.url}/open311/v2/", key, make.YUMEN, form)
    assert make.LAMP in {one.service_code for one in server.services()}
    assert server.definition(make.LAMP).service_code == make.LAMP
    receipt = server.send(Post(make.LAMP, "路灯不亮了 & 黑", 40.35, 97.1, jurisdiction_id=make.YUMEN))
    number = receipt.service_request_id
    assert Request.objects.get().text == "路灯不亮了 & 黑"
    assert server.number(number) == number
    assert (server.request(number).lat, [one.service_request_id for one in server.requests()]) == (40.35, [number])
    assert [one.service_request_id for one in server.updates(service_request_id=number)] == [number]


@BOTH
def test_what_the_server_refuses_is_said(live_server, form):
    make.make_hotline()
    server = Server(f"{live_server.url}/open311/v2", "wrong", form=form)
    with pytest.raises(Failed, match="403 invalid api_key received"):
        server.send(Post(make.LAMP, "路灯", 40.35, 97.1))
    with pytest.raises(Failed, match="404 service_request_id 'H0' was not found"):
        server.request("H0")
    with pytest.raises(Failed, match="https://"):
        Server("file:///etc/passwd").services()


def test_the_command_brings_and_sends(live_server, monkeypatch, capsys):
    """What is pulled twice is here once; a secret order never goes out, a name neither."""
    monkeypatch.setenv(client.KEY, make_key())
    order = make.make_request(subject=make.LAMP, lat=40.35, lon=97.1, text="我叫石建国，电话 13912345678，路灯不亮")
    assert run(live_server, "services") == 0
    assert run(live_server, "pull") == 0
    pulled = Request.objects.exclude(pk=order.pk).get()
    capsys.readouterr()
    assert run(live_server, "pull") == 0
    assert f"· {order.case.number} → {pulled.case.number}" in capsys.readouterr().out
    assert (pulled.source_ref.split()[0], pulled.case.channel, pulled.place_code) == (
        order.case.number, "open311", make.VILLAGE)  # fmt: skip
    assert run(live_server, "push", f"{order.case.number}={make.LAMP}") == 0
    there = Request.objects.order_by("-pk")[0]
    assert ("13912345678" in there.text, "石建国" in there.text, order.case.number in there.text) == (
        False,
        False,
        True,
    )
    secret = make.make_request(secret=True, type="report")
    assert run(live_server, "push", f"{secret.case.number}={make.LAMP}") == 1
    assert secret.case.number not in there.text
    capsys.readouterr()
    assert run(live_server, "pull", "--place", "1") == 1
    assert "✗" in capsys.readouterr().out


def test_what_was_sent_on_is_sent_once_and_followed(live_server, monkeypatch, capsys):
    monkeypatch.setenv(client.KEY, make_key())
    order = make.make_request(subject=make.LAMP, lat=40.35, lon=97.1)
    for _again in range(2):
        assert run(live_server, "push", f"{order.case.number}={make.LAMP}") == 0
    there = Request.objects.exclude(pk=order.pk).get()
    assert f"→ {there.case.number} 已经转出" in capsys.readouterr().out
    assert SentOn.objects.get().number == there.case.number
    assert run(live_server, "follow") == 0
    make.make_closed(there)
    for _again in range(2):
        assert run(live_server, "follow") == 0
    assert (SentOn.objects.get().status, make.actions(order)) == (
        "closed", ["submit", "sent_on", "heard_of", "heard_of"])  # fmt: skip
    said = order.case.events.get(action="sent_on")
    assert (there.case.number in said.opinion, said.public) == (True, False)
    assert make.fresh(order).case.state == "new"


def test_what_did_not_arrive_is_sent_again(live_server, monkeypatch):
    make_key()
    monkeypatch.setenv(client.KEY, "wrong")
    order = make.make_request(subject=make.LAMP, lat=40.35, lon=97.1)
    assert run(live_server, "push", f"{order.case.number}={make.LAMP}") == 1
    assert SentOn.objects.count() == 0


class There(BaseHTTPRequestHandler):
    """Another city's server, which answers as told."""

    def do_POST(self):  # noqa: N802 the library's name
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *words):
        """Quiet."""


@pytest.fixture
def there():
    server = HTTPServer(("127.0.0.1", 0), There)
    server.asked, server.url = 0, f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("status", "asked"), [(200, 1), (503, 1), (400, 2)])
def test_what_may_have_arrived_is_not_sent_again(there, status, asked):
    order = make.make_request(subject=make.LAMP, lat=40.35, lon=97.1)
    there.status = status
    for _again in range(2):
        run(there, "push", f"{order.case.number}={make.LAMP}")
    assert (there.asked, SentOn.objects.count()) == (asked, int(asked == 1))


def test_what_never_went_out_is_sent_again(there):
    order = make.make_request(subject=make.LAMP, lat=40.35, lon=97.1)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        there.url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert run(there, "push", f"{order.case.number}={make.LAMP}") == 1
    assert SentOn.objects.count() == 0


def test_where_it_is_and_that_it_is_told_are_written_together(monkeypatch):
    order = make.make_request(subject=make.LAMP)
    row = operations.begin_sending(order, "https://x/v2")
    monkeypatch.setattr(sending_on, "_tell", broken)
    with pytest.raises(RuntimeError):
        operations.note_sent(row, number="SR-1", token="", by=make.BY)
    with pytest.raises(RuntimeError):
        operations.note_heard(row, number="SR-1", status="open", notes="", by=make.BY)
    row.refresh_from_db()
    assert (row.number, row.status) == ("", "")


def broken(*given):
    raise RuntimeError


def test_an_order_of_elsewhere_without_our_class_comes_unclassified():
    make.make_hotline()
    there = wire.Request("SR-7", "open", "pothole", "Pothole", "deep", lat=40.35, long=97.1)
    order, new = open311.bring(there, "https://x/v2", make.VILLAGE, by=make.BY)
    assert (order.case.subject, order.text, new) == ("", "Pothole deep", True)
    assert open311.bring(there, "https://x/v2/", make.VILLAGE, by=make.BY) == (order, False)
