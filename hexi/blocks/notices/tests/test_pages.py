"""The inbox, the bell, the wishes and the failures through HTTP."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.notices import queries
from hexi.blocks.notices.models import Delivery, Notice
from hexi.blocks.notices.tests.make import make_failure, make_notice
from hexi.blocks.people.tests.make import (
    acting,
    make_account,
    make_citizen,
    make_enterprise,
    make_official,
    make_person,
)
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db
SIGNED_IN = [
    ("notices.inbox", []), ("notices.notice", [1]), ("notices.wishes", []), ("notices.bell", []), ("notices.rung", [1]),
    ("notices.failures", []),
]  # fmt: skip


@pytest.fixture
def reader(client):
    """A signed-in citizen."""
    account = make_citizen()
    client.force_login(account)
    return account


@pytest.fixture
def captured():
    """`captured(do)`: how many queries it takes."""

    def count(do) -> int:
        with CaptureQueriesContext(connection) as context:
            do()
        return len(context)

    return count


def text_of(client, name, *args, **asked) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("name", "args"), SIGNED_IN)
def test_a_visitor_signs_in_first(client, name, args):
    response = client.get(reverse(name, args=args))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_an_empty_inbox_says_what_will_be_here(client, reader):
    text = text_of(client, "notices.inbox")
    assert "还没有消息" in text
    assert "全部标为已读" not in text


def test_the_inbox_lists_ones_own(client, reader):
    mine, other = make_notice(reader), make_notice(make_citizen().person)
    of_body = make_notice(make_enterprise(representative=reader.person))
    text = text_of(client, "notices.inbox")
    for notice in (mine, of_body):
        assert reverse("notices.notice", args=[notice.pk]) in text
    assert reverse("notices.notice", args=[other.pk]) not in text


def test_what_a_fact_says_is_text(client, reader):
    Notice.objects.filter(pk=make_notice(reader).pk).update(title_zh="<b>甲</b>", body_zh="<script>x</script>")
    text = text_of(client, "notices.inbox")
    assert "&lt;b&gt;甲&lt;/b&gt;" in text
    assert "<script>x" not in text


def test_opening_a_notice_marks_it_as_read_and_shows_where_it_leads(client, reader):
    notice = make_notice(reader.person)
    text = text_of(client, "notices.notice", notice.pk)
    assert "这是一条测试消息" in text
    assert 'href="/my/notices/"' in text
    assert queries.unread(acting(reader)) == 0


@pytest.mark.parametrize("name", ["notices.notice", "notices.rung"])
def test_anothers_notice_is_not_there(client, reader, name):
    other = make_account()
    notice = make_notice(other)
    assert client.get(reverse(name, args=[notice.pk])).status_code == 404
    assert queries.unread(acting(other)) == 1


def test_a_notice_is_marked_as_new_again(client, reader):
    notice = make_notice(reader)
    moment = re.search(r'name="moment" value="([^"]+)"', text_of(client, "notices.notice", notice.pk)).group(1)
    response = client.post(reverse("notices.unread"), {"moment": moment, "door": "citizen"})
    assert response["Location"] == reverse("notices.inbox")
    assert queries.unread(acting(reader)) == 1


def test_all_are_marked_as_read_and_that_is_undone(client, reader):
    for _ in range(3):
        make_notice(reader)
    response = client.post(reverse("notices.read_all"), {"door": "citizen"}, follow=True)
    assert queries.unread(acting(reader)) == 0
    text = response.content.decode()
    assert "已标为已读" in text
    moment = re.search(r'name="moment" value="([^"]+)"', text).group(1)
    text = client.post(reverse("notices.unread"), {"moment": moment}, follow=True).content.decode()
    assert "已恢复3条未读" in text
    assert queries.unread(acting(reader)) == 3


def test_ticked_ones_are_marked_as_read(client, reader):
    first, second = make_notice(reader), make_notice(reader)
    response = client.post(reverse("notices.inbox"), {"action": "read", "row": [first.pk]})
    assert response["Location"].startswith(reverse("notices.inbox") + "?undo=")
    assert list(queries.inbox(acting(reader)).filter(read_at=None)) == [second]


@pytest.mark.parametrize("moment", ["", "x", "2026-11-24", "2026-11-24T00:00:00+00:00"])
def test_a_moment_that_is_none_undoes_nothing(client, reader, moment):
    make_notice(reader)
    client.post(reverse("notices.read_all"))
    assert client.post(reverse("notices.unread"), {"moment": moment}).status_code == 302
    assert client.get(reverse("notices.inbox"), {"undo": moment}).status_code == 200
    assert queries.unread(acting(reader)) == 0


@pytest.mark.parametrize("name", ["notices.read_all", "notices.unread", "notices.try_out"])
def test_changes_are_not_made_by_following_a_link(client, reader, name):
    make_notice(reader)
    assert client.get(reverse(name)).status_code == 405
    assert queries.unread(acting(reader)) == 1


def test_the_tab_of_new_ones(client, reader):
    read, new = make_notice(reader), make_notice(reader)
    client.get(reverse("notices.notice", args=[read.pk]))
    text = text_of(client, "notices.inbox", view="new")
    assert reverse("notices.notice", args=[new.pk]) in text
    assert reverse("notices.notice", args=[read.pk]) not in text


def test_the_inbox_takes_as_many_queries_for_one_as_for_many(client, reader, django_assert_num_queries, captured):
    make_notice(reader)
    client.get(reverse("notices.inbox"))  # what is asked once a process
    many = captured(lambda: client.get(reverse("notices.inbox")))
    for _ in range(10):
        make_notice(reader)
    with django_assert_num_queries(many):
        client.get(reverse("notices.inbox"))


# --- the bell ---------------------------------------------------------------------------------------------------------


def test_the_bell_counts_and_leads_to_the_inbox_of_the_door(client):
    official = make_official("system_admin")
    client.force_login(official)
    notice = make_notice(official)
    at_work = text_of(client, "notices.bell")
    assert bell(at_work) == (reverse("notices.bell"), "1")
    assert reverse("notices.rung", args=[notice.pk]) in at_work
    assert bell(text_of(client, "notices.inbox")) == (reverse("notices.inbox"), "1")


def bell(page):
    """Where the bell of a page leads and the number on it; None without one."""
    found = re.search(
        r'<a href="([^"]+)"><span>(?:(?!</a>).)*未读消息(?:(?!</a>).)*data-live="unread"[^>]*>(\d*)<', page, re.S
    )
    return found and found.groups()


def test_marking_at_the_workbench_stays_at_the_workbench(client):
    official = make_official()
    client.force_login(official)
    make_notice(official)
    response = client.post(reverse("notices.read_all"), {"door": "workbench"})
    assert response["Location"].startswith(reverse("notices.bell") + "?undo=")


def test_a_visitor_has_no_bell(client):
    assert bell(text_of(client, "search.search")) is None


# --- wishes -----------------------------------------------------------------------------------------------------------


def test_without_channels_there_is_nothing_to_wish(client, reader):
    assert "还没有开通别的渠道" in text_of(client, "notices.wishes")


def test_a_wish_is_kept_and_shown(client, reader, postbox):
    text = text_of(client, "notices.wishes")
    assert f"短信 · {reader.phone[-2:]}" in text
    assert re.search(r"<input[^>]*checked[^>]*>", text)
    client.post(reverse("notices.wishes"), {})
    assert queries.unwanted(reader.pk) == {"sms"}
    assert not re.search(r"<input[^>]*checked[^>]*>", text_of(client, "notices.wishes"))
    client.post(reverse("notices.wishes"), {"channels": ["sms"]})
    assert queries.unwanted(reader.pk) == set()


def test_an_unknown_channel_is_refused(client, reader, postbox):
    assert client.post(reverse("notices.wishes"), {"channels": ["pigeon"]}).status_code == 422
    assert queries.unwanted(reader.pk) == set()


def test_a_test_message_is_sent_once(client, reader, postbox):
    assert "测试消息已发出" in client.post(reverse("notices.try_out"), follow=True).content.decode()
    assert "十分钟后再试" in client.post(reverse("notices.try_out"), follow=True).content.decode()
    drain()
    assert [message.to for message in postbox.taken] == [reader.phone]


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["clerk", "examiner", "head"])
def test_failures_are_for_who_mends_them(client, role):
    client.force_login(make_official(role))
    assert client.get(reverse("notices.failures")).status_code == 403


def test_failures_are_listed_masked_and_sent_again(client, postbox):
    failure = make_failure(make_person(phone="10000000042"))
    client.force_login(make_official("system_admin"))
    text = text_of(client, "notices.failures")
    assert "400 no" in text
    assert "notices.test" in text
    assert "10000000042" not in text
    response = client.post(reverse("notices.failures"), {"action": "retry", "row": [failure.pk]}, follow=True)
    assert "1条消息将重新发送" in response.content.decode()
    drain()
    assert Delivery.objects.get(pk=failure.pk).state == "sent"


def test_failures_take_as_many_queries_for_one_as_for_many(client, postbox, django_assert_num_queries, captured):
    make_failure(make_enterprise(phone=""))
    client.force_login(make_official("system_admin"))
    client.get(reverse("notices.failures"))  # what is asked once a process
    many = captured(lambda: client.get(reverse("notices.failures")))
    for _ in range(3):
        make_failure(make_enterprise(phone=""))
        make_failure(make_citizen())
        make_failure(make_citizen().person)
    with django_assert_num_queries(many):
        client.get(reverse("notices.failures"))
