"""Feedback: counted once, limited by the hour, answered by the owner; nothing kept of visitors."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.articles import answering, operations, options, queries, rates
from hexi.blocks.articles.models import Allowance, Feedback, Side, Version
from hexi.blocks.articles.tests.make import fresh, make_feedback, make_office, make_version, make_writer
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.actors import Nobody
from hexi.blocks.people.tests.make import acting, make_citizen
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
HOME = "10.0.0.1"


def counts(version):
    article = fresh(version.article)
    return article.helpful, article.unhelpful


def test_a_visitor_s_press_is_counted_and_nothing_of_him_is_kept():
    version = make_version()
    said = make_feedback(version, by=Nobody(), helpful=True, text="", address=HOME)
    assert (said.side, said.open, said.by_key, said.by_name) == (Side.PUBLIC, False, "", "")
    assert counts(version) == (1, 0)
    assert HOME not in str(Allowance.objects.values_list("key", flat=True))


def test_words_come_to_the_owner_and_the_answer_to_who_signed_in():
    office = make_office()
    writer = make_writer(office)
    version, citizen = make_version(office, by=writer), acting(make_citizen())
    said = make_feedback(version, by=citizen, text="<b>电话</b>变了")
    told = Notice.objects.get(key="articles.feedback")
    assert (told.account_id, told.body_zh) == (writer.account_id, "<b>电话</b>变了")
    assert list(queries.to_answer(writer)) == [said]
    answering.answer(said, text="已更正。", by=writer)
    back = Notice.objects.get(key="articles.answered")
    assert (back.account_id, back.body_zh) == (citizen.account_id, "已更正。")
    assert (list(queries.to_answer(writer)), Feedback.objects.get().tag) == ([], ("done", "已答复"))
    with pytest.raises(ValidationError, match="已由"):
        answering.answer(said, text="又一次", by=writer)


def test_an_official_is_named_and_another_office_does_not_answer():
    office = make_office()
    version, reader = make_version(office), make_writer(office)
    said = make_feedback(version, by=reader, helpful=None)
    assert (said.side, said.by_name) == (Side.OFFICIAL, reader.name)
    other = make_writer(make_office("yumen-tax", name="税务"))
    with pytest.raises(Denied):
        answering.answer(said, text="好", by=other)
    assert list(queries.feedback(other)) == []


@pytest.mark.parametrize(("helpful", "text", "field"), [(None, " \x00", "helpful"), (True, "长" * 1001, "text")])
def test_what_says_nothing_or_too_much(helpful, text, field):
    version = make_version()
    with pytest.raises(ValidationError) as caught:
        make_feedback(version, helpful=helpful, text=text)
    assert (list(caught.value.message_dict), Feedback.objects.count()) == ([field], 0)


def test_sent_twice_it_counts_once():
    version, once = make_version(), uuid.uuid4()
    first, second = (make_feedback(version, by=Nobody(), once=once) for _twice in range(2))
    assert first == second
    assert counts(version) == (0, 1)


def test_one_too_many_in_the_hour(monkeypatch):
    monkeypatch.setenv("HEXI_ARTICLES_FEEDBACK_PER_ADDRESS_HOUR", "2")
    monkeypatch.setenv("HEXI_ARTICLES_FEEDBACK_PER_PERSON_HOUR", "1")
    assert options.PER_ADDRESS.value == 2
    version, citizen = make_version(), acting(make_citizen())
    for _twice in range(2):
        make_feedback(version, by=Nobody(), address=HOME)
    with pytest.raises(ValidationError, match="登录后可以马上反馈"):
        make_feedback(version, by=Nobody(), address=HOME)
    # who signs in is counted by himself, whatever his address
    make_feedback(version, by=citizen, address=HOME)
    with pytest.raises(ValidationError, match="一小时内已反馈 1 条"):
        make_feedback(version, by=citizen, address=HOME)
    make_feedback(version, by=Nobody(), address="10.0.0.2")
    assert counts(version) == (0, 4)
    with clock.told_at(clock.now() + timedelta(hours=1)):
        make_feedback(version, by=Nobody(), address=HOME)
    with clock.told_at(clock.now() + timedelta(hours=4)):
        assert rates.forget() == 4
    assert Allowance.objects.count() == 0


def test_nobody_judges_what_he_may_not_read():
    inside = make_version(audience="officials")
    with pytest.raises(Version.DoesNotExist):
        make_feedback(inside, by=Nobody())
    public = make_version()
    operations.withdraw(public.article, reason="错", by=make_writer(public.article.department))
    with pytest.raises(Version.DoesNotExist):
        make_feedback(public, by=Nobody())
