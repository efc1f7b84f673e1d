"""Orders by e-mail against a real IMAP server (dovecot) and a real SMTP server."""

import io
import shutil
import socket
import tempfile
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import ValidationError
from django_q.models import OrmQ
from django_q.tasks import async_task
from PIL import Image

from hexi.blocks.notices import channels
from hexi.blocks.notices.queries import talks
from hexi.domains.livelihood.requests import jobs, operations, options, queries, rates
from hexi.domains.livelihood.requests.channels import letters, mail
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.tests import mailbox, make
from hexi.domains.livelihood.requests.tests.test_letters import make_letter
from hexi.domains.livelihood.requests.tests.test_pages import with_place
from hexi.kernel import clock
from hexi.kernel.jobs import drain
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
SENDER = "shi@example.org"


def png():
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, "PNG")
    return made.getvalue()


class Postmaster:
    """Keeps what is sent."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 aiosmtpd's name
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def chosen(**values):
    with ExitStack() as stack:
        for name, value in values.items():
            home = options if hasattr(options, name) else channels
            stack.enter_context(override(getattr(home, name), value))
        yield


@pytest.fixture
def post():
    """What goes out, and everything set up to send."""
    make.make_hotline()
    master = Postmaster()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(master, hostname="127.0.0.1", port=port)
    server.start()
    with chosen(
        MAIL_HOST="127.0.0.1", MAIL_PORT=port, MAIL_FROM=mailbox.USER, MAIL_REGION=make.YUMEN, IMAP_USER=mailbox.USER
    ):
        yield master.letters
    server.stop()


@pytest.fixture(scope="module")
def server():
    """A mailbox: (home, port)."""
    if mailbox.PROGRAM is None:
        pytest.skip("dovecot is not installed: apt-get install dovecot-imapd (CI installs it)")
    home = Path(tempfile.mkdtemp(prefix="hexi-mail-"))
    with mailbox.running(home) as port:
        yield home, port
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def box(server, post):
    """The mailbox, set up to be read."""
    home, port = server
    with chosen(IMAP_HOST="127.0.0.1", IMAP_PORT=port, IMAP_PASSWORD=mailbox.PASSWORD, IMAP_CA=str(home / "cert.pem")):
        yield server


def take(**facts):
    return mail.take(letters.read(make_letter(**facts)))


def subjects(post):
    return [one["Subject"].strip() for one in post]


# --- the mailbox ------------------------------------------------------------------------------------------------------
def test_a_letter_in_the_mailbox_becomes_an_order_and_its_answer_goes_back(box, post):
    mailbox.put(*box, make_letter(pictures=[("灯.png", png(), "image/png")]))
    jobs.fetch_mail()
    order = Request.objects.get()
    assert (order.case.channel, order.text, order.place_code) == ("mail", "路灯坏了\n村口路灯不亮三天了。", make.YUMEN)
    assert order.contact == {"name": "石建国", "phone": "", "mail": SENDER}
    assert queries.pictures(queries.ORDER, order.pk).count() == 1
    assert mailbox.unseen(*box) == 0
    drain()
    make.make_answered(order)
    drain()
    number = order.case.number
    assert subjects(post) == [f"[{number}] 已收到您的诉求", f"[{number}] 您的诉求有了回复"]
    assert [one["To"] for one in post] == [SENDER, SENDER]
    said = post[1].get_content()
    assert ("路灯已修好，换了三盏灯。" in said, "/requests/r/" in said) == (True, True)


def test_read_again_it_is_the_same_order(box):
    """All stopped after the order was written and before the letter was marked."""
    mailbox.put(*box, make_letter(Message_ID="<again@example.org>"), make_letter(Message_ID="<again@example.org>"))
    assert mail.fetch() == 2
    assert Request.objects.count() == 1
    assert mail.fetch() == 0


def test_one_that_cannot_be_dealt_with_stays_and_holds_nobody_up(box, monkeypatch):
    before, real = Request.objects.count(), mail.take

    def broken(letter):
        if letter.key == "<bad@example.org>":
            raise RuntimeError
        return real(letter)

    mailbox.put(*box, make_letter(Message_ID="<bad@example.org>"), make_letter(Message_ID="<good@example.org>"))
    monkeypatch.setattr(mail, "take", broken)
    assert (mail.fetch(), mailbox.unseen(*box), Request.objects.count()) == (1, 1, before + 1)
    monkeypatch.setattr(mail, "take", real)
    assert (mail.fetch(), mailbox.unseen(*box)) == (1, 0)


def test_those_that_cannot_be_dealt_with_do_not_close_the_mailbox(box, monkeypatch):
    real = mail.take

    def broken(letter):
        if letter.key.startswith("<bad"):
            raise RuntimeError
        return real(letter)

    monkeypatch.setattr(mail, "MOST", 2)
    monkeypatch.setattr(mail, "take", broken)
    mailbox.put(*box, *(make_letter(Message_ID=f"<bad{n}@example.org>") for n in range(3)))
    assert (mail.fetch(), mail.fetch()) == (0, 0)
    mailbox.put(*box, make_letter(Message_ID="<good@example.org>"))
    assert (mail.fetch(), Request.objects.count(), mailbox.unseen(*box)) == (1, 1, 3)
    monkeypatch.setattr(mail, "take", real)
    assert (mail.fetch(), mailbox.unseen(*box), mailbox.flagged(*box)) == (3, 0, 0)


def test_too_large_ones_are_answered_no_oftener_than_others(box, post, monkeypatch):
    monkeypatch.setattr(mail, "MOST_BYTES", 100)
    mailbox.put(*box, *(make_letter(Message_ID=f"<large{n}@example.org>") for n in range(3)))
    with override(options.PER_PHONE, 2):
        assert (mail.fetch(), len(post)) == (3, 2)


def test_one_too_large_is_told(box, post, monkeypatch):
    monkeypatch.setattr(mail, "MOST_BYTES", 100)
    mailbox.put(*box, make_letter(Message_ID="<large@example.org>"))
    assert (mail.fetch(), subjects(post), Request.objects.count()) == (1, ["您的邮件没有登记"], 0)


@pytest.mark.parametrize("wrong", [{"IMAP_PASSWORD": "no"}, {"IMAP_CA": ""}, {"IMAP_FOLDER": "None"}])
def test_a_mailbox_that_does_not_let_us_in(box, wrong):
    """A wrong password, a certificate nobody vouches for, no such folder: said, to be tried again."""
    with chosen(**wrong), pytest.raises(OSError, match=".+"):
        mail.fetch()


def test_without_a_mailbox_nothing_is_fetched():
    jobs.fetch_mail()


# --- a letter ---------------------------------------------------------------------------------------------------------
def test_a_machine_is_neither_taken_nor_answered(post):
    assert take(Auto_Submitted="auto-replied") is None
    assert take(From=mailbox.USER) is None
    assert (Request.objects.count(), post) == (0, [])


def test_what_is_wrong_is_told_once(post):
    assert take(text="灯", Subject="") is None
    assert subjects(post) == ["您的邮件没有登记"]
    assert "至少 4 个字" in post[0].get_content()


def test_faulty_letters_cost_as_much_as_good_ones(post):
    with override(options.PER_PHONE, 2):
        assert [take(text="灯", Subject="", Message_ID=f"<{n}@example.org>") for n in range(4)] == [None] * 4
        assert take(Message_ID="<good@example.org>") is None
    assert len(post) == 2


def test_forged_senders_do_not_make_us_write_to_everybody(post, monkeypatch):
    monkeypatch.setattr(rates, "FAULTS", 3)
    for n in range(5):
        assert take(text="灯", Subject="", From=f"stranger{n}@example.org", Message_ID=f"<{n}@example.org>") is None
    assert len(post) == 3


def test_what_could_not_be_sent_now_is_tried_again_and_costs_nothing(post):
    facts = {"text": "灯", "Subject": ""}
    for _round in range(3):
        with override(channels.MAIL_PORT, 1), override(options.PER_PHONE, 1), pytest.raises(OSError, match=".+"):
            take(**facts)
    with override(options.PER_PHONE, 1):
        assert take(**facts) is None
    assert len(post) == 1


def test_an_answer_without_words_is_told_and_not_read_for_ever(post):
    order = take()
    again = {"Subject": "", "In_Reply_To": f"<{order.case.number}.received@hexi>", "Message_ID": "<2@example.org>"}
    assert take(text=" ", **again) is None
    assert subjects(post) == ["您的邮件没有登记"]


def test_a_photo_taken_elsewhere_does_not_cost_the_letter(post):
    order = take(pictures=[("灯.jpg", with_place(lat=(31, 0, 0.0), lon=(121, 0, 0.0)), "image/jpeg")])
    assert (order.lat, queries.pictures(queries.ORDER, order.pk).count(), post) == (None, 1, [])
    here = take(pictures=[("灯.jpg", with_place(), "image/jpeg")], Message_ID="<here@example.org>")
    assert here.lat is not None


def test_signs_no_database_takes_are_left_out(post):
    order = take()
    raw = make_letter("TEXT", Subject=f"Re: [{order.case.number}]", Message_ID="<2@example.org>")
    for charset in ("unicode_escape", "utf-7"):
        mean = raw.replace(b'charset="utf-8"', f'charset="{charset}"'.encode())
        text = b"ab\\ud800cd" if charset == "unicode_escape" else b"ab+2AA-cd"
        letter = letters.read(mean.replace(b"TEXT", text).replace(b"<2@", f"<{charset}@".encode()))
        assert mail.take(letter) == order
    assert sum(len(said) for said in talks(order.case).values()) == 2


def test_a_file_that_is_no_picture_is_named_not_kept(post):
    order = take(pictures=[("a.png", b"MZ not a picture", "image/png"), ("b.doc", b"x", "application/msword")])
    assert order.text.endswith("（没有接收的附件：b.doc、a.png）")
    assert queries.pictures(queries.ORDER, order.pk).count() == 0


def test_an_answer_to_our_letter_is_a_line_in_its_talk(post):
    order = take()
    again = {"Subject": f"Re: [{order.case.number}]", "Message_ID": "<2@example.org>", "text": "灯杆上写着 7 号"}
    assert (take(**again), take(**again)) == (order, order)
    assert [line.text for said in talks(order.case).values() for line in said] == ["灯杆上写着 7 号"]


def test_somebody_else_who_names_the_number_writes_an_order_of_his_own(post):
    order = take()
    other = take(Subject=f"Re: [{order.case.number}]", Message_ID="<3@example.org>", From="other@example.org")
    assert (other != order, talks(order.case)) == (True, {})


def test_a_flood_of_letters_is_stopped_without_an_answer(post):
    with override(options.PER_PHONE, 2):
        made = [take(Message_ID=f"<flood-{n}@example.org>") for n in range(4)]
    assert ([one is None for one in made], post) == ([False, False, True, True], [])


# --- back -------------------------------------------------------------------------------------------------------------
def test_a_refusal_names_the_next_owner(post):
    order = take()
    operations.refuse(order, refusal="elsewhere", next_owner="酒泉市 12345", opinion="不在本市", by=make.BY)
    drain()
    assert subjects(post)[-1] == f"[{order.case.number}] 您的诉求没有受理"
    assert "酒泉市 12345" in post[-1].get_content()


def test_who_did_not_write_by_mail_gets_none(post):
    make.make_answered()
    drain()
    assert post == []


def test_what_waited_while_the_house_was_upgraded_goes_out(post):
    """Under the names the jobs had a release ago."""
    order = make.make_dispatched(take())
    operations.note(make.fresh(order), opinion="已派维修队。", promised=clock.today(), by=make.BY)
    operations.reply(make.fresh(order), opinion="修好了。", by=make.BY)
    OrmQ.objects.all().delete()
    post.clear()
    old = ("mail_received", "mail_noted", "mail_answered", "weixin_noted", "weixin_answered")
    for name in old:
        async_task(f"hexi.domains.livelihood.requests.jobs.{name}", request=order.pk, by="x")
    assert drain() == len(old)
    assert len(post) == 3


def test_a_server_that_is_away_is_tried_again(post):
    order = take()
    with override(channels.MAIL_PORT, 1), pytest.raises(OSError, match=".+"):
        mail.back(order, "received")
    with pytest.raises(ValidationError):
        operations.receive(make.said("灯"), by=make.BY, submission="x", channel="mail")
