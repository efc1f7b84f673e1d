"""Reads and writes of a fixed shape do what Django's own would do, each time anew."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError
from django.db.models import Q

from hexi.blocks.audit.models import Entry
from hexi.blocks.people.models import Account, Person, Tries
from hexi.blocks.people.tests.make import make_citizen, make_person
from hexi.kernel.fixed import COUNT, Fixed, Given, insert, update, upsert

pytestmark = pytest.mark.django_db
BY_NAME = Fixed(lambda: Person.objects.filter(name=Given("name")).order_by("pk"))
BORN = Fixed(lambda: Person.objects.filter(Q(born__gt=Given("day")) | Q(born=None), name=Given("name")))
WITH_PERSON = Fixed(
    lambda: Account.objects.select_related("person").defer("person__address").filter(pk=Given("account")),
)
NAMES = Fixed(lambda: Person.objects.filter(pk__in=[Given("one"), Given("other")]).order_by("pk").values_list("name"))
HOW_MANY = Fixed(lambda: Person.objects.filter(name=Given("name")).order_by().values_list(COUNT, flat=True))


def test_rows_are_models_and_asked_anew(django_assert_num_queries):
    one = make_person("石建国")
    assert BY_NAME.all(name="石建国") == [one]
    Person.objects.filter(pk=one.pk).update(phone="10000000099")
    with django_assert_num_queries(1):
        found = BY_NAME.first(name="石建国")
    assert (found.phone, found._state.adding, found._state.db) == ("10000000099", False, "default")
    assert BY_NAME.first(name="别人") is None
    with pytest.raises(Person.DoesNotExist):
        BY_NAME.get(name="别人")


def test_a_day_is_a_value_like_any_other():
    one = make_person("石建国")
    Person.objects.filter(pk=one.pk).update(born=date(1980, 5, 1))
    assert BORN.all(day=date(1980, 4, 30), name="石建国") == [one]
    assert BORN.all(day=date(1980, 5, 1), name="石建国") == []
    assert BORN.first(day=date(1980, 4, 30), name="石建国").born == date(1980, 5, 1)


def test_related_rows_come_along_and_what_was_deferred_later(django_assert_num_queries):
    account = make_citizen("shi")
    with django_assert_num_queries(1):
        found = WITH_PERSON.get(account=account.pk)
        assert (found, found.person.name) == (account, account.person.name)
    with django_assert_num_queries(1):
        assert found.person.address == account.person.address


def test_a_related_row_that_is_not_there_is_none():
    account = Account.objects.create(username="nobody")
    assert WITH_PERSON.get(account=account.pk).person is None


def test_tuples_and_counts():
    one, other = make_person("石建国"), make_person("王芳")
    assert NAMES.all(one=one.pk, other=other.pk) == [("石建国",), ("王芳",)]
    assert (HOW_MANY.first(name="石建国"), HOW_MANY.first(name="别人")) == (1, 0)


def test_conditions_that_let_nothing_through_are_not_asked(django_assert_num_queries):
    nobody = Fixed(
        lambda: Person.objects.filter(pk__in=(), name=Given("name")).order_by().values_list(COUNT, flat=True)
    )
    with django_assert_num_queries(0):
        assert (nobody.first(name="石建国"), nobody.all(name="石建国")) == (None, [])


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError):
        BY_NAME.all()


def test_new_rows_are_written_at_once_and_know_their_keys(django_assert_num_queries):
    one, other = Person(name="石建国", born=date(1980, 5, 1)), Person(name="王芳")
    with django_assert_num_queries(1):
        insert(one, other)
    assert list(Person.objects.filter(pk__in=[one.pk, other.pk]).order_by("pk").values_list("name", "born")) == [
        ("石建国", date(1980, 5, 1)),
        ("王芳", None),
    ]
    assert (one._state.adding, one.created_at) == (False, Person.objects.get(pk=one.pk).created_at)


def test_a_row_with_a_json_column_comes_back_as_it_was():
    entry = Entry(
        partition=3, seq=10**9, at=datetime(2026, 5, 1, 8, tzinfo=UTC), actor_key="a", actor_name="甲", verb="x",
        facts={"words": ["采伐", None, 1.5]}, before="0" * 64, hash="1" * 64,
    )  # fmt: skip
    insert(entry)
    found = Entry.objects.get(pk=entry.pk)
    assert (found.facts, found.at, found.about_person) == (entry.facts, entry.at, None)


def test_columns_are_written_alone_or_all(django_assert_num_queries):
    one = make_person("石建国")
    Person.objects.filter(pk=one.pk).update(phone="10000000099")
    before, one.name, one.address = one.address, "石建军", "下西号镇"
    with django_assert_num_queries(1):
        update(one, "name")
    found = Person.objects.get(pk=one.pk)
    assert (found.name, found.phone, found.address) == ("石建军", "10000000099", before)
    update(one)
    found = Person.objects.get(pk=one.pk)
    assert (found.name, found.phone, found.address) == ("石建军", one.phone, "下西号镇")


def test_a_row_that_is_gone_is_an_error():
    with pytest.raises(DatabaseError):
        update(Person(pk=10**9, name="没有"), "name")


def test_any_tells_whether_there_is_a_row():
    make_person("石建国")
    assert (BY_NAME.any(name="石建国"), BY_NAME.any(name="别人")) == (True, False)


def test_what_is_there_already_is_changed(django_assert_num_queries):
    with django_assert_num_queries(1):
        upsert(Tries(key="a", until=1, used=1), Tries(key="b", until=1, used=1), on=("key",), change=("until", "used"))
    with django_assert_num_queries(1):
        upsert(Tries(key="a", until=5, used=7), on=("key",), change=("used",))
    assert list(Tries.objects.order_by("key").values_list("key", "until", "used")) == [("a", 1, 7), ("b", 1, 1)]
