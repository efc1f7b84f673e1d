"""Duplicates go with their lead: no clock of their own, and each caller hears each word the lead is told."""

from datetime import timedelta

import pytest

from hexi.blocks.notices.models import Notice
from hexi.blocks.notices.tests.test_channels import gateway  # noqa: F401 a fixture
from hexi.domains.livelihood.requests import jobs as own_jobs
from hexi.domains.livelihood.requests import operations, queries
from hexi.domains.livelihood.requests.pages.work import ORDERS
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.domains.livelihood.requests.tests.test_life import _figures_are_true  # noqa: F401 holds for every test
from hexi.domains.livelihood.requests.tests.test_sms import PHONE
from hexi.kernel import clock, jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    """An order of a citizen, dispatched."""
    return make.make_dispatched(make.make_own(make.make_citizen()))


def duplicate(lead, **given):
    """Another citizen's order, merged into it by a dispatcher."""
    double = make.make_own(make.make_citizen(), **given)
    return operations.merge(double, number=lead.case.number, by=make.make_dispatcher())


def told(request) -> list[str]:
    jobs.drain()
    found = Notice.objects.filter(person=make.fresh(request).case.applicant).order_by("pk")
    return list(found.values_list("key", flat=True))


def test_what_was_merged_has_no_clock_and_is_never_overdue(lead):
    double = duplicate(lead)
    assert [(one.kind, one.met) for one in double.case.clocks.all()] == [("first", True)]
    assert make.fresh(double).first_at is not None
    over = next(one for one in ORDERS.views if one.key == "over")
    with clock.told_at(clock.now() + timedelta(days=60)):
        assert double not in over.apply(queries.for_officials(make.make_dispatcher()))


def test_first_word_and_more_time_reach_every_caller(lead):
    double, office = duplicate(lead), lead.case.department
    handler, head = make.make_handler(office), make.make_handler(office, "order_head")
    operations.note(
        make.fresh(lead), opinion="已派维修队。", passed_to="市政维修队", promised=clock.today(), by=handler
    )
    operations.extend(make.fresh(lead), days=3, opinion="等配件。", by=head)
    assert told(lead) == ["requests.received", "requests.noted", "requests.extended"]
    assert told(double) == ["requests.received", "requests.merged", "requests.noted", "requests.extended"]
    noted = Notice.objects.get(person=make.fresh(double).case.applicant, key="requests.noted")
    assert "市政维修队" in noted.body_zh
    assert [one.text for one in queries.replies(double)] == ["已派维修队。"]
    for again in (own_jobs.pass_on, own_jobs.pass_extension):
        again(request=lead.pk, by="x")
    assert make.actions(double) == ["submit", "merge", "led_noted", "led_extended"]
    operations.reply(make.fresh(lead), opinion="修好了。", by=handler)
    assert told(double)[-1] == "requests.answered"
    assert make.fresh(double).case.state == State.ANSWERED


def test_done_again_for_one_is_done_again_for_all(lead):
    double, happy = duplicate(lead), duplicate(lead)
    handler = make.make_handler(lead.case.department)
    operations.reply(make.fresh(lead), opinion="修好了。", by=handler)
    jobs.drain()
    operations.rate(make.fresh(happy), solved=True, satisfied=5, by=make.BY)
    operations.rate(make.fresh(lead), solved=False, satisfied=1, comment="还是不亮", by=make.BY)
    assert told(double)[-1] == "requests.led_again"
    assert (make.fresh(double).case.state, make.fresh(happy).case.state) == (State.MERGED, State.CLOSED)
    operations.reply(make.fresh(lead), opinion="这次修好了。", by=handler)
    assert told(double)[-1] == "requests.answered"
    operations.rate(make.fresh(double), solved=True, satisfied=5, by=make.BY)
    assert make.fresh(double).case.state == State.CLOSED
    assert [one.text for one in queries.replies(double)] == ["修好了。", "这次修好了。"]


def test_who_left_a_phone_hears_that_it_was_merged_and_goes_on(lead, gateway):  # noqa: F811
    double = make.make_request(phone=PHONE)
    operations.merge(double, number=lead.case.number, by=make.make_dispatcher())
    operations.note(make.fresh(lead), opinion="已派维修队。", promised=clock.today(), by=make.BY)
    jobs.drain()
    operations.reply(make.fresh(lead), opinion="修好了。", by=make.BY)
    jobs.drain()
    operations.rate(make.fresh(lead), solved=False, satisfied=1, comment="还是不亮", by=make.BY)
    jobs.drain()
    said = [one.text for one in gateway.taken.values() if one.to == PHONE]
    words = ["已经收到", "一并办理", "已派维修队", "修好了", "正在接着办"]
    assert [word in text for word, text in zip(words, said, strict=True)] == [True] * 5


def test_answered_again_before_the_duplicates_were_told_they_hear_the_new_answer(lead):
    double, happy, handler = duplicate(lead), duplicate(lead), make.make_handler(lead.case.department)
    operations.reply(make.fresh(lead), opinion="修好了。", by=handler)
    jobs.drain()
    operations.rate(make.fresh(happy), solved=True, satisfied=5, by=make.BY)
    operations.rate(make.fresh(lead), solved=False, satisfied=1, comment="还是不亮", by=make.BY)
    operations.reply(make.fresh(lead), opinion="这次修好了。", by=handler)
    assert told(double) == ["requests.received", "requests.merged", "requests.answered", "requests.answered"]
    assert [one.text for one in queries.replies(double)] == ["修好了。", "这次修好了。"]
    own_jobs.carry(request=lead.pk, by="x")
    assert make.actions(double) == ["submit", "merge", "led", "led"]
    assert make.actions(happy) == ["submit", "merge", "led", "rate"]
    operations.rate(make.fresh(double), solved=True, satisfied=5, by=make.BY)
    assert make.fresh(double).case.state == State.CLOSED


@pytest.mark.parametrize("told_between", [True, False])
def test_refused_after_an_answer_that_did_not_hold_all_hear_the_refusal(told_between):
    """The hotline answered, the caller was not content, and then it turned out to belong elsewhere."""
    lead = make.make_own(make.make_citizen())
    double = duplicate(lead)
    operations.reply_now(make.fresh(lead), opinion="已经修好了。", subject=make.LAMP, by=make.BY)
    assert told(double)[-1] == "requests.answered"
    operations.rate(make.fresh(lead), solved=False, satisfied=1, comment="还是不亮", by=make.BY)
    if told_between:
        assert told(double)[-1] == "requests.led_again"
    operations.refuse(
        make.fresh(lead), refusal="elsewhere", next_owner="国道养护站 0937-1", opinion="是国道路灯。", by=make.BY
    )
    assert told(double)[-1] == "requests.refused"
    row = make.fresh(double)
    assert (row.case.state, row.refusal, row.next_owner) == (State.REFUSED, "elsewhere", "国道养护站 0937-1")
    assert [one.text for one in queries.replies(double)] == ["已经修好了。"]
    own_jobs.carry(request=lead.pk, by="x")
    assert make.actions(double).count("led") == 2
