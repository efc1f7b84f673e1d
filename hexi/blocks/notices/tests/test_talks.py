"""Talks about a thing."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.notices import operations, queries
from hexi.blocks.notices.models import Line, Talk
from hexi.blocks.people.tests.make import acting, make_account, make_official, make_person

pytestmark = pytest.mark.django_db
OFFICE, CITIZEN = Line.Side.OFFICE, Line.Side.CITIZEN


def say(thing, text, topic="id-card", by=None, side=CITIZEN, **more):
    return operations.say(thing, topic=topic, text=text, side=side, by=by or acting(make_account()), **more)


def test_both_sides_are_kept_in_order_with_their_names():
    thing, clerk, citizen = make_person(), acting(make_official(name="张窗口")), acting(make_account(name="石建国"))
    say(thing, "请补背面。", by=clerk, side=OFFICE)
    say(thing, "  已补。\n", by=citizen)
    lines = queries.talk(thing, "id-card")
    assert [(line.text, line.side, line.author, line.author_key) for line in lines] == [
        ("请补背面。", "office", clerk.name, clerk.key),
        ("已补。", "citizen", "石建国", citizen.key),
    ]
    assert Entry.objects.filter(verb="notices.say").count() == 2


def test_topics_and_things_are_apart():
    thing, other = make_person(), make_person()
    say(thing, "甲")
    say(thing, "乙", topic="form")
    say(other, "丙")
    assert [line.text for line in queries.talk(thing, "id-card")] == ["甲"]
    assert queries.talk(other, "form") == []


@pytest.mark.parametrize("many", [1, 3])
def test_all_talks_about_a_thing_take_one_query(many, django_assert_num_queries):
    thing = make_person()
    for number in range(many):
        say(thing, "甲", topic=str(number))
        say(thing, "乙", topic=str(number))
    with django_assert_num_queries(1):
        found = queries.talks(thing)
    assert {topic: [line.text for line in lines] for topic, lines in found.items()} == {
        str(number): ["甲", "乙"] for number in range(many)
    }


@pytest.mark.parametrize(("text", "sentence"), [("", "请写下"), (" \n ", "请写下"), ("长" * 2001, "不能超过2000字")])
def test_an_empty_or_endless_line_is_refused(text, sentence):
    with pytest.raises(ValidationError, match=sentence) as error:
        say(make_person(), text)
    assert list(error.value.message_dict) == ["text"]
    assert not Talk.objects.exists()


def test_the_longest_line_is_kept_whole():
    assert say(make_person(), "长" * 2000).text == "长" * 2000


def test_one_line_sent_twice_stands_once():
    thing, by, once = make_person(), acting(make_account()), uuid4()
    assert say(thing, "甲", by=by, once=once) == say(thing, "甲", by=by, once=once)
    assert len(queries.talk(thing, "id-card")) == 1


def test_anothers_key_neither_hides_nor_shows_a_line():
    thing, once = make_person(), uuid4()
    say(thing, "甲", once=once)
    assert say(thing, "乙", once=once).text == "乙"
    assert len(queries.talk(thing, "id-card")) == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_line_sent_many_times_at_once_stands_once():
    thing, by, once = make_person(), acting(make_account()), uuid4()

    def work(_):
        try:
            say(thing, "甲", by=by, once=once)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, n) for n in range(8)]:
            done.result()
    assert (Talk.objects.count(), Line.objects.count()) == (1, 1)
