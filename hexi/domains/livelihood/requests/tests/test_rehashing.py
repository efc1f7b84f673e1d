"""Keys are changed: earlier orders and calls of a phone, and letters to a mailbox, are found as before."""

from datetime import timedelta

import pytest

from hexi.blocks.people.tests.make import new_keys
from hexi.domains.livelihood.requests import callers, operations, queries
from hexi.domains.livelihood.requests.channels import weixin
from hexi.domains.livelihood.requests.models import Call, MailFollow, WeixinSender
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
PHONE, MAIL = "10088887777", "Somebody@Example.org"


def test_what_a_phone_and_a_mailbox_are_found_by_moves_to_the_new_key():
    operator = make.make_operator()
    request = make.make_request(phone=PHONE, by=operator)
    mail = MailFollow.objects.create(key="k", request=request, mail=MAIL, lookup=callers.lookup_mail(MAIL))
    call = Call.objects.create(
        key="c", hotline=request.hotline, hotline_region=request.hotline_region, contact={"phone": PHONE},
        phone_lookup=callers.lookup(PHONE), began_at=clock.now(),
    )  # fmt: skip
    withheld = Call.objects.create(
        key="w", hotline=request.hotline, hotline_region=request.hotline_region, began_at=clock.now()
    )
    before = callers.lookup(PHONE)
    with new_keys():
        assert callers.lookup(PHONE) != before
        assert queries.by_phone(PHONE, operator).get() == request
        for row in (mail, call, withheld):
            row.refresh_from_db()
        assert (mail.lookup, call.phone_lookup, withheld.phone_lookup) == (
            callers.lookup_mail(MAIL), callers.lookup(PHONE), "",
        )  # fmt: skip


def test_pictures_of_a_sender_nobody_can_find_any_more_wait_no_longer():
    report = operations.begin(by=callers.unknown("weixin:o-1"))
    WeixinSender.objects.create(sign="old", report=report, at=clock.now() - timedelta(days=8))
    assert weixin.forget() == 0
    with new_keys():
        assert weixin.forget() == 1
