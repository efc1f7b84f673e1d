"""Who left nothing but a phone hears by SMS, against a gateway that reads what it is sent."""

import re

import pytest
from django.test import Client

from hexi.blocks.notices.tests.test_channels import gateway  # noqa: F401 a fixture
from hexi.domains.livelihood.requests import jobs as own_jobs
from hexi.domains.livelihood.requests import operations
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock, jobs
from hexi.ui.words import day

pytestmark = pytest.mark.django_db
PHONE = "10000000077"


def told(gateway, phone=PHONE) -> list[str]:  # noqa: F811
    jobs.drain()
    return [one.text for one in gateway.taken.values() if one.to == phone]


def test_who_called_hears_number_first_word_and_answer_with_a_link_to_rate(gateway):  # noqa: F811
    request, office = make.make_request(by=make.make_operator(), phone=PHONE), make.make_office()
    handler = make.make_handler(office)
    operations.dispatch(request, office=office, subject=make.LAMP, by=make.make_dispatcher())
    operations.note(make.fresh(request), opinion="已派维修队。", promised=clock.today(), by=handler)
    operations.reply(make.fresh(request), opinion="换了三盏灯。" * 40, by=handler)
    came, noted, answered = told(gateway)
    number = request.case.number
    assert came.startswith(f"您的诉求已经收到，编号 {number}。\nhttp")
    assert noted.startswith(f"[{number}] 已派维修队。")
    assert "前答复结果" in noted
    assert "告诉我们解决了没有" in answered
    assert len(answered.split("\nhttp")[0]) < 120
    link = re.search(r"https?://[^/]+(/\S+)", answered)[1]
    assert Client().post(link + "rate/", {"solved": "yes", "satisfied": "5"}).status_code == 302
    assert make.fresh(request).case.state == State.CLOSED
    assert told(gateway) == [came, noted, answered], "the same news goes out once"


def test_who_is_refused_hears_who_is_in_charge(gateway):  # noqa: F811
    request = make.make_request(phone=PHONE)
    operations.refuse(
        request, refusal="court", next_owner="玉门市人民法院 12368", opinion="已经起诉。", by=make.make_dispatcher()
    )
    assert "请找：玉门市人民法院 12368" in told(gateway)[-1]


@pytest.mark.parametrize("phone", ["0937-3331234", ""])
def test_no_sms_where_none_arrives(gateway, phone):  # noqa: F811
    request = make.make_answered(phone=phone)
    jobs.drain()
    assert (make.fresh(request).case.state, gateway.requests) == (State.ANSWERED, 0)


def test_who_signed_in_is_told_as_everybody_and_not_twice(gateway):  # noqa: F811
    make.make_answered(make.make_own(make.make_citizen(), phone=PHONE))
    assert told(gateway) == []


def test_who_wrote_a_letter_gets_a_letter(gateway):  # noqa: F811
    from hexi.blocks.notices.channels import MAIL_HOST
    from hexi.kernel.options import override

    with override(MAIL_HOST, ""):
        make.make_request(phone=PHONE, mail="a@example.org")
        assert len(told(gateway)) == 1, "no mail is set up: the phone is there"


def test_more_time_is_told_with_the_day_of_the_answer_not_of_the_first_word(gateway):  # noqa: F811
    request = make.make_dispatched(phone=PHONE)
    head = make.make_handler(request.case.department, "order_head")
    operations.extend(make.fresh(request), days=5, opinion="等配件。", by=head)
    first, handle = (request.case.clocks.get(kind=kind) for kind in ("first", "handle"))
    assert (first.stopped_at, first.due < handle.due) == (None, True)
    assert f"办结期限延到{day(handle.due)}。" in told(gateway)[-1]


def test_what_is_tried_again_is_the_same_news_whatever_was_said_since(gateway):  # noqa: F811
    request = make.make_dispatched(phone=PHONE)
    handler = make.make_handler(request.case.department)
    operations.note(make.fresh(request), opinion="已派维修队。", promised=clock.today(), by=handler)
    said = told(gateway)
    operations.reply(make.fresh(request), opinion="修好了。", by=handler)
    for again in (own_jobs.back_received, own_jobs.back_noted):
        again(request=request.pk, by="x")
    assert [one.text for one in gateway.taken.values()] == said
    assert len(told(gateway)) == 3


def test_merged_elsewhere_is_other_news(gateway):  # noqa: F811
    double, dispatcher = make.make_request(phone=PHONE), make.make_dispatcher()
    leads = [make.make_dispatched(make.make_own(make.make_citizen())) for _n in range(2)]
    operations.merge(double, number=leads[0].case.number, by=dispatcher)
    assert leads[0].case.number in told(gateway)[-1]
    operations.reply(make.fresh(leads[0]), opinion="修好了。", by=make.make_handler(leads[0].case.department))
    jobs.drain()
    operations.rate(make.fresh(double), solved=False, satisfied=1, comment="还是不亮", by=make.BY)
    assert make.fresh(double).lead is None
    # told late it has nothing to say: it follows nobody now
    before = told(gateway)
    own_jobs.back_merged(request=double.pk, by="x")
    own_jobs.back_again(request=double.pk, by="x")
    assert told(gateway) == before
    operations.merge(make.fresh(double), number=leads[1].case.number, by=dispatcher)
    assert f"与 {leads[1].case.number} 是同一件事" in told(gateway)[-1]
