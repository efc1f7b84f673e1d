"""E-mail against a real SMTP server and SMS against a real HTTP server, both on a port of this machine."""

import socket
import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from hexi.blocks.notices import channels, jobs, operations, wording
from hexi.blocks.notices.channels import Message, Outcome
from hexi.blocks.notices.models import Delivery
from hexi.blocks.notices.tests.make import make_notice
from hexi.blocks.people.tests.make import make_account
from hexi.kernel import options
from hexi.kernel.jobs import drain
from hexi.wire import sms_http

LETTER = Message(
    to="wang@example.org",
    title="林木采伐许可\n已受理",
    body="受理号 17。",
    link="http://localhost:8000/my/cases/17/",
    key="k-17",
)


@contextmanager
def chosen(**values):
    """Options of this block, by the end of their names."""
    with ExitStack() as stack:
        for name, value in values.items():
            stack.enter_context(options.override(getattr(channels, name.upper()), value))
        yield


# --- e-mail -----------------------------------------------------------------------------------------------------------


class Postmaster:
    """Keeps what arrives; `refuse` is answered instead to the recipient."""

    def __init__(self):
        self.letters, self.refuse = [], {}

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return self.refuse.get("recipient", "250 OK")

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 aiosmtpd's name
        if "data" in self.refuse:
            return self.refuse["data"]
        self.letters.append((envelope, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def postmaster():
    """An SMTP server that runs while the test does; the options point to it."""
    handler, port = Postmaster(), free_port()
    server = Controller(
        handler, hostname="127.0.0.1", port=port, auth_require_tls=False,
        authenticator=lambda server, session, envelope, mechanism, data: AuthResult(
            success=(data.login, data.password) == (b"hexi", b"right"), handled=False
        ),
    )  # fmt: skip
    server.start()
    with chosen(mail_host="127.0.0.1", mail_port=port, mail_from="河西 <hall@example.org>"):
        yield handler
    server.stop()


def test_a_letter_arrives_as_plain_text_with_its_key(postmaster):
    assert channels.send_mail(LETTER) == Outcome(sent=True)
    envelope, letter = postmaster.letters[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hall@example.org", ["wang@example.org"])
    assert letter["Subject"] == "林木采伐许可 已受理"
    assert letter["From"] == "河西 <hall@example.org>"
    assert b"\r\nMessage-ID: <k-17@example.org>\r\n" in envelope.content
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().splitlines() == ["受理号 17。", "", "http://localhost:8000/my/cases/17/"]


def test_a_title_cannot_add_headers(postmaster):
    channels.send_mail(Message("a@example.org", "x\r\nBcc: thief@example.org", "y", "", "k"))
    envelope, letter = postmaster.letters[0]
    assert envelope.rcpt_tos == ["a@example.org"]
    assert letter["Bcc"] is None


@pytest.mark.parametrize(
    ("stage", "answer", "final"),
    [
        ("recipient", "550 no such user", True),
        ("recipient", "450 mailbox busy", False),
        ("data", "554 looks like spam", True),
        ("data", "452 disk full", False),
    ],
)
def test_a_refusal_is_final_or_passing_by_its_code(postmaster, stage, answer, final):
    postmaster.refuse[stage] = answer
    assert channels.send_mail(LETTER) == Outcome(sent=False, answer=answer, final=final)


def test_signing_in_at_the_server(postmaster):
    with chosen(mail_user="hexi", mail_password="right"):
        assert channels.send_mail(LETTER).sent
    with chosen(mail_user="hexi", mail_password="wrong"):
        outcome = channels.send_mail(LETTER)
    assert (outcome.sent, outcome.final, outcome.answer[:3]) == (False, False, "535")


def test_no_server_there_is_an_error_of_the_connection():
    with chosen(mail_host="127.0.0.1", mail_port=9), pytest.raises(OSError, match="refused"):
        channels.send_mail(LETTER)


@pytest.mark.django_db
def test_a_notice_goes_by_mail_to_the_end(postmaster):
    make_notice(make_account(email="wang@example.org"))
    drain()
    assert Delivery.objects.get().state == "sent"
    assert postmaster.letters[0][1]["To"] == "wang@example.org"


@pytest.mark.django_db
def test_a_letter_about_an_account_is_posted_and_no_inbox_keeps_it(client, postmaster):
    make_account("wang", password="hexi-demo-2026", email="wang@example.org")
    client.post("/accounts/password/reset/", {"email": "wang@example.org"})
    assert postmaster.letters == []  # the page did not wait for the server
    drain()
    [(envelope, letter)] = postmaster.letters
    assert envelope.rcpt_tos == ["wang@example.org"]
    assert "/accounts/password/reset/key/" in letter.get_content()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(("answer", "again"), [("450 mailbox busy", True), ("550 no such user", False)])
def test_a_letter_is_tried_again_only_while_that_can_help(postmaster, answer, again):
    postmaster.refuse["recipient"] = answer
    facts = {"to": "wang@example.org", "subject": "设置密码", "body": "链接"}
    if again:
        with pytest.raises(OSError, match="busy"):
            jobs.post_letter(**facts)
    else:
        jobs.post_letter(**facts)
    assert postmaster.letters == []


def test_without_a_mail_server_letters_are_not_sent():
    with chosen(mail_host=""):
        jobs.post_letter(to="wang@example.org", subject="设置密码", body="链接")


# --- SMS --------------------------------------------------------------------------------------------------------------


class Gateway(HTTPServer):
    """Speaks docs/sms.md: reads with the secret, keeps each key once, answers as told."""

    status, reply = 200, b'{"id": "g-1"}'

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: dict[str, sms_http.Sms] = {}
        self.refused: list[str] = []
        self.requests = 0


class Handler(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self):  # noqa: N802 the library's name
        gateway = self.server
        gateway.requests += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            sms = sms_http.read(body, dict(self.headers), "secret", datetime.now(UTC))
            gateway.taken.setdefault(sms.key, sms)
            status, reply = gateway.status, gateway.reply
        except sms_http.BadRequest as error:
            gateway.refused.append(str(error))
            status, reply = 401, b'{"error": "signature"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *arguments):
        """Silent."""


@pytest.fixture
def gateway():
    """An SMS gateway that runs while the test does; the options point to it."""
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with chosen(sms_url=f"http://127.0.0.1:{server.server_port}/sms", sms_secret="secret"):
        yield server
    server.shutdown()
    thread.join()
    server.server_close()


SMS = Message(to="10000000001", title="标题", body="受理号 17。", link="http://localhost:8000/x/", key="k-17")


def test_the_gateway_reads_number_text_and_key(gateway):
    assert channels.send_sms(SMS) == Outcome(sent=True, answer="200 g-1")
    assert gateway.taken == {"k-17": sms_http.Sms("10000000001", "受理号 17。\nhttp://localhost:8000/x/", "k-17")}


def test_a_second_try_is_the_same_message_for_the_gateway(gateway):
    channels.send_sms(SMS)
    gateway.status, gateway.reply = 409, b'{"error": "known"}'
    assert channels.send_sms(SMS) == Outcome(sent=True, answer="409 known")
    assert (gateway.requests, len(gateway.taken)) == (2, 1)


@pytest.mark.parametrize(("status", "final"), [(400, True), (404, True), (429, False), (500, False), (503, False)])
def test_an_answer_is_final_or_passing_by_its_status(gateway, status, final):
    gateway.status, gateway.reply = status, b'{"error": "because"}'
    assert channels.send_sms(SMS) == Outcome(sent=False, answer=f"{status} because", final=final)


def test_another_secret_is_refused(gateway):
    with chosen(sms_secret="other"):
        assert channels.send_sms(SMS) == Outcome(sent=False, answer="401 signature", final=True)
    assert gateway.refused == ["the signature is wrong"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1"])
def test_only_http_addresses_are_opened(url):
    with chosen(sms_url=url), pytest.raises(OSError, match="must begin with"):
        channels.send_sms(SMS)


def test_no_gateway_there_is_an_error_of_the_connection():
    with chosen(sms_url="http://127.0.0.1:9/"), pytest.raises(OSError, match="refused"):
        channels.send_sms(SMS)


@pytest.mark.django_db
def test_a_notice_goes_by_sms_to_the_end(gateway):
    make_notice(make_account(phone="10000000001"))
    drain()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.answer) == ("sent", "200 g-1")
    assert list(gateway.taken) == [str(delivery.once)]


# --- both -------------------------------------------------------------------------------------------------------------


def test_a_channel_is_ready_when_its_server_is_named():
    assert channels.ready() == []
    with chosen(mail_host="localhost"):
        assert channels.ready() == [channels.MAIL]
    with chosen(sms_url="http://localhost/"):
        assert channels.ready() == [channels.SMS]


@pytest.mark.parametrize(
    ("address", "masked"), [("zhang@example.org", "z***@example.org"), ("a@b", "a***@b"), ("", "")]
)
def test_an_address_is_masked(address, masked):
    assert channels.mask_mail(address) == masked


def test_a_template_naming_an_unknown_channel_is_a_fault(tmp_path):
    template = wording.templates()["notices.test"].model_copy(update={"channels": ["mail", "pigeon"]})
    faults = wording.check(tmp_path / "t.yaml", wording.Templates(templates=[template]))
    assert [fault.sentence for fault in faults] == ["「notices.test」：没有「pigeon」这个渠道 / no such channel"]


def test_the_site_is_named_with_its_port_unless_it_has_an_address(settings, monkeypatch):
    settings.HEXI_PORT = 9000
    assert operations.SITE_URL.value == "http://localhost:9000"
    monkeypatch.setenv("HEXI_NOTICES_SITE_URL", "https://hexi.example")
    assert operations.SITE_URL.value == "https://hexi.example"
