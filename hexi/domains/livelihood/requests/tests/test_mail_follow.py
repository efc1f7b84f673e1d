"""Following by e-mail without an account, against a real SMTP server: asked, confirmed, told of each step once, stopped."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from hexi.blocks.notices import channels
from hexi.domains.livelihood.requests import operations
from hexi.domains.livelihood.requests.jobs import clear
from hexi.domains.livelihood.requests.models import MailFollow
from hexi.domains.livelihood.requests.operations import mailing
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests.test_mail import post  # noqa: F401 a fixture
from hexi.kernel import clock, jobs
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
MAIL = "neighbour@example.org"


def ask(client, request, mail=MAIL):
    return client.post(reverse("requests.public_do", args=[request.case.number, "mail"]), {"mail": mail})


def link_in(letter, part):
    """The path of a link in a letter."""
    body = letter.get_content()
    return re.search(rf"https?://[^/\s]+(/requests/{part}/\S+)", body)[1]


def confirmed(client, post, request):  # noqa: F811
    ask(client, request)
    jobs.drain()
    address = link_in(post[-1], "mail")
    client.post(address)
    return address


def test_a_mailbox_follows_only_after_it_said_yes(post):  # noqa: F811
    client, request = Client(), make.make_request()
    page = client.get(reverse("requests.public", args=[request.case.number])).content.decode()
    assert "不登录，用电子邮件关注" in page
    assert ask(client, request).status_code == 302
    jobs.drain()
    (letter,) = post
    assert (letter["To"], "请确认关注" in letter["Subject"]) == (MAIL, True)
    make.make_dispatched(request)
    jobs.drain()
    assert len(post) == 1, "nothing before the yes"
    address = link_in(letter, "mail")
    assert "确认" in client.get(address).content.decode()
    assert MailFollow.objects.get().confirmed_at is None, "opened alone it says nothing"
    assert "已关注" in client.post(address).content.decode()
    operations.reply(make.fresh(request), opinion="修好了。", by=make.BY)
    jobs.drain()
    (_asked, told) = post
    assert request.case.number in told["Subject"]
    assert "已答复" in told.get_content()
    assert MAIL not in str(MailFollow.objects.values_list("lookup").get())


def test_each_step_goes_out_once_however_often_it_is_tried(post):  # noqa: F811
    request = make.make_request()
    confirmed(Client(), post, request)
    make.make_dispatched(request)
    jobs.drain()
    many = len(post)
    assert mailing.tell_mailboxes(make.fresh(request)) == 0
    assert len(post) == many
    operations.reply(make.fresh(request), opinion="修好了。", by=make.BY)
    with override(channels.MAIL_PORT, 1), pytest.raises(OSError):
        mailing.tell_mailboxes(make.fresh(request))
    assert mailing.tell_mailboxes(make.fresh(request)) == 1


def test_a_letter_holds_the_way_to_stop(post):  # noqa: F811
    client, request = Client(), make.make_request()
    confirmed(client, post, request)
    make.make_dispatched(request)
    jobs.drain()
    stop = link_in(post[-1], "stop")
    assert post[-1]["List-Unsubscribe"].endswith(f"{stop}>")
    assert request.case.number in client.get(stop).content.decode()
    assert MailFollow.objects.get().stopped_at is None
    assert "已不再关注" in client.post(stop).content.decode()
    many = len(post)
    operations.reply(make.fresh(request), opinion="修好了。", by=make.BY)
    jobs.drain()
    assert len(post) == many
    assert "已恢复关注" in client.post(stop, {"again": "1"}).content.decode()
    assert MailFollow.objects.get().stopped_at is None


def test_one_mailbox_gets_few_letters_and_nothing_is_told_of_it(post):  # noqa: F811
    client, requests = Client(), [make.make_request() for _ in range(4)]
    said = [ask(client, one) for one in requests[:3]]
    assert [one.status_code for one in said] == [302] * 3
    refused = ask(client, requests[3])
    assert (refused.status_code, "太多" in refused.content.decode()) == (422, True)
    jobs.drain()
    assert len(post) == 3
    with clock.told_at(clock.now() + timedelta(hours=2)):
        for letter in list(post):
            client.post(link_in(letter, "mail"))
        # whoever asks again for a mailbox that follows already reads the same, and no letter goes out
        assert ask(client, requests[0]).status_code == 302
        jobs.drain()
        assert len(post) == 3
    assert MailFollow.objects.count() == 3


def test_what_nobody_confirms_is_forgotten(post):  # noqa: F811
    client, request = Client(), make.make_request()
    ask(client, request)
    jobs.drain()
    address = link_in(post[-1], "mail")
    with clock.told_at(clock.now() + timedelta(days=4)):
        clear()
    assert MailFollow.objects.count() == 0
    assert client.post(address).status_code == 404
    assert client.get("/requests/mail/nonsense/").status_code == 404


@pytest.mark.parametrize("mail", ["", "x", "a@b", "a" * 250 + "@example.org", "a@example.org\nBcc: b@example.org"])
def test_what_is_no_address_is_said_and_kept(post, mail):  # noqa: F811
    request = make.make_request()
    refused = ask(Client(), request, mail)
    assert (refused.status_code, "邮箱地址写得不对" in refused.content.decode()) == (422, True)
    assert MailFollow.objects.count() == 0


def test_nobody_follows_a_secret_caller_by_mail_either(post):  # noqa: F811
    request = make.make_request(secret=True)
    assert ask(Client(), request).status_code == 404
    with pytest.raises(Denied):
        mailing.ask_by_mail(request, mail=MAIL, network="", language="", by=make.BY)
    with pytest.raises(ValidationError):
        mailing.ask_by_mail(make.make_request(), mail="x", network="", language="", by=make.BY)


def test_without_mail_the_page_offers_none():
    request = make.make_request()
    assert "用电子邮件关注" not in Client().get(reverse("requests.public", args=[request.case.number])).content.decode()
