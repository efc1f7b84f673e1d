"""Telling people: inboxes, channels, wishes, and who reads what."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django_q.models import OrmQ

from hexi.blocks.audit.models import Entry
from hexi.blocks.notices import operations, queries
from hexi.blocks.notices.models import Delivery, Notice
from hexi.blocks.notices.tests.make import BY, make_notice
from hexi.blocks.people.actors import Nobody
from hexi.blocks.people.tests.make import (
    acting,
    make_account,
    make_citizen,
    make_enterprise,
    make_official,
    make_person,
)
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db


def told(actor) -> list[int]:
    return list(queries.inbox(actor).values_list("pk", flat=True))


def test_a_notice_is_kept_in_both_languages_with_what_it_is_about():
    account, thing = make_account(), make_person()
    notice = operations.tell(account, "notices.test", about=thing, facts={"at": "今天"}, by=BY)[0]
    notice.refresh_from_db()
    assert notice.title_zh == "这是一条测试消息"
    assert notice.title_en == "This is a test message"
    assert notice.body_zh.startswith("您在今天请求了")
    assert notice.body_en.startswith("You asked for this test message on 今天.")
    assert (notice.link, notice.key, notice.by_key) == ("/my/notices/", "notices.test", "system:make")
    assert (notice.about_kind, notice.about_ref) == ("people.person", str(thing.pk))
    assert list(queries.about(thing)) == [notice]
    assert list(queries.about(account)) == []


def test_title_and_body_follow_the_reader():
    notice = make_notice(make_account())
    assert notice.title == "这是一条测试消息"
    with translation.override("en"):
        assert notice.title == "This is a test message"
        assert notice.body.startswith("You asked")


def test_several_people_are_told_once_each():
    one, two = make_account(), make_account()
    notices = operations.tell([one, two, one], "notices.test", facts={"at": "x"}, by=BY)
    assert [notice.account for notice in notices] == [one, two]


def test_an_unknown_template_or_wrong_facts_tell_nobody():
    account = make_account()
    with pytest.raises(LookupError):
        operations.tell(account, "nobody.knows", by=BY)
    with pytest.raises(TypeError):
        operations.tell(account, "notices.test", by=BY)
    assert not Notice.objects.exists()


def test_nobody_is_told_if_the_change_is_undone(postbox):
    account = make_account(phone="10000000001")
    before = OrmQ.objects.count()
    with transaction.atomic():
        make_notice(account)
        assert OrmQ.objects.count() == before + 1
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert OrmQ.objects.count() == before


# --- who reads what ---------------------------------------------------------------------------------------------------


def test_an_account_reads_its_own_and_no_other():
    mine, other = make_account(), make_account()
    notice = make_notice(mine)
    assert told(acting(mine)) == [notice.pk]
    assert told(acting(other)) == []
    assert told(Nobody()) == []
    assert told(System()) == []


def test_what_a_person_is_told_is_read_by_the_account_bound_to_it():
    account = make_citizen()
    notice = make_notice(account.person)
    assert told(acting(account)) == [notice.pk]
    assert told(acting(make_citizen())) == []


def test_what_a_body_is_told_is_read_by_its_representative():
    boss = make_citizen()
    notice = make_notice(make_enterprise(representative=boss.person))
    assert told(acting(boss)) == [notice.pk]
    assert queries.unread(acting(boss)) == 1
    assert told(acting(make_citizen())) == []


def test_new_ones_come_first_then_the_newest():
    account = make_account()
    first, second, third, fourth = (make_notice(account) for _ in range(4))
    operations.read([second, fourth], by=acting(account))
    assert told(acting(account)) == [third.pk, first.pk, fourth.pk, second.pk]


def test_unread_counts_account_person_and_bodies_in_one_query(django_assert_num_queries):
    boss = make_citizen()
    body, stranger = make_enterprise(representative=boss.person), make_citizen()
    for recipient in (boss, boss.person, body, body, stranger, stranger.person):
        make_notice(recipient)
    operations.read([make_notice(boss)], by=acting(boss))
    actor, official = acting(boss), acting(make_official())
    with django_assert_num_queries(1):
        assert queries.unread(actor) == 4
    with django_assert_num_queries(1):
        assert queries.unread(official) == 0
    with django_assert_num_queries(0):
        assert queries.unread(Nobody()) == 0


# --- reading and undoing ----------------------------------------------------------------------------------------------


def test_the_first_reading_stays():
    account = make_account()
    notice, actor = make_notice(account), acting(account)
    first = operations.read([notice], by=actor)
    assert operations.read([notice], by=actor) > first
    notice.refresh_from_db()
    assert notice.read_at == first


def test_reading_is_undone_by_its_moment_alone():
    account = make_account()
    early, late, actor = make_notice(account), make_notice(account), acting(account)
    operations.read([early], by=actor)
    moment = operations.read_all(by=actor)
    assert queries.unread(actor) == 0
    assert operations.unread(moment, by=actor) == 1
    assert list(queries.inbox(actor).filter(read_at=None)) == [late]


def test_nobody_reads_or_unreads_what_is_anothers():
    mine, other = make_account(), make_account()
    notice = make_notice(mine)
    operations.read([notice], by=acting(other))
    operations.read_all(by=acting(other))
    assert queries.unread(acting(mine)) == 1
    moment = operations.read_all(by=acting(mine))
    assert operations.unread(moment, by=acting(other)) == 0
    assert queries.unread(acting(mine)) == 0


# --- channels ---------------------------------------------------------------------------------------------------------


def test_each_channel_of_the_template_gets_a_delivery_that_a_worker_sends(postbox):
    notice = make_notice(make_account(phone="10000000001"))
    delivery = Delivery.objects.get()
    assert (delivery.notice, delivery.channel, delivery.state) == (notice, "sms", "waiting")
    drain()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, delivery.answer) == ("sent", 1, "250 ok")
    message = postbox.taken[0]
    assert (message.to, message.title, message.key) == ("10000000001", "这是一条测试消息", str(delivery.once))
    assert message.link == "http://localhost:8000/my/notices/"


def test_a_message_speaks_the_language_of_the_account(postbox):
    account = make_account(phone="10000000001")
    account.language = "en"
    account.save()
    make_notice(account)
    drain()
    assert postbox.taken[0].title == "This is a test message"


def test_a_channel_without_address_or_of_another_template_or_not_set_up_is_left_out(only):
    from hexi.blocks.notices.channels import MAIL, SMS

    only(MAIL, SMS)  # nothing is set up in a test
    make_notice(make_account(phone="10000000001", email="a@example.org"))
    assert not Delivery.objects.exists()


def test_who_has_no_phone_gets_no_sms(postbox):
    make_notice(make_account())
    assert not Delivery.objects.exists()


def test_a_channel_the_template_does_not_name_is_left_out(postbox, only):
    only(postbox.channel("pigeon"))
    make_notice(make_account(phone="10000000001"))
    assert not Delivery.objects.exists()


def test_the_phone_of_a_person_a_body_and_its_representative(postbox):
    person = make_person(phone="10000000001")
    body = make_enterprise(representative=person, phone="10000000002")
    silent = make_enterprise(representative=person, phone="")
    for recipient in (person, body, silent):
        make_notice(recipient)
    drain()
    assert [message.to for message in postbox.taken] == ["10000000001", "10000000002", "10000000001"]


def test_an_account_switched_off_gets_no_mail():
    from hexi.blocks.notices.contacts import contact_of

    account = make_account(email="a@example.org")
    assert contact_of(account).mail == "a@example.org"
    account.is_active = False
    assert contact_of(account).mail == ""


# --- wishes -----------------------------------------------------------------------------------------------------------


def test_a_channel_that_is_not_wanted_is_left_out_until_it_is(postbox):
    account = make_account(phone="10000000001")
    actor = acting(account)
    operations.want([], by=actor)
    operations.want([], by=actor)
    make_notice(account)
    assert Delivery.objects.count() == 0
    operations.want(["sms", "no such channel"], by=actor)
    make_notice(account)
    assert Delivery.objects.count() == 1
    assert Entry.objects.filter(verb="notices.want").count() == 3


def test_the_wish_of_an_account_holds_for_its_person(postbox):
    account = make_citizen()
    operations.want([], by=acting(account))
    make_notice(account.person)
    assert not Delivery.objects.exists()


def test_a_wish_about_a_channel_not_offered_now_stays(postbox, only):
    account = make_account(phone="10000000001")
    operations.want([], by=acting(account))
    only()
    operations.want([], by=acting(account))
    assert queries.unwanted(account.pk) == {"sms"}


def test_a_visitor_has_no_wishes():
    with pytest.raises(Denied):
        operations.want([], by=Nobody())


def test_a_test_message_goes_to_oneself_and_not_again_at_once(postbox, monkeypatch):
    account = make_account(phone="10000000001")
    operations.try_channels(by=acting(account))
    with pytest.raises(ValidationError, match="十分钟后再试"):
        operations.try_channels(by=acting(account))
    drain()
    assert [message.to for message in postbox.taken] == ["10000000001"]
    later = clock.now() + operations.TEST_PAUSE
    monkeypatch.setattr(clock, "now", lambda: later)
    operations.try_channels(by=acting(account))
    assert Notice.objects.filter(account=account).count() == 2
