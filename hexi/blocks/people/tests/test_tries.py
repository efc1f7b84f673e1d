"""Brakes on guessing: each try counts once, however many at once, and is forgotten in time."""

from datetime import timedelta

import pytest

from hexi.blocks.people import tries
from hexi.blocks.people.models import Tries
from hexi.blocks.people.tests.test_races import together
from hexi.kernel import clock


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_of_many_tries_at_once_each_counts():
    assert sorted(together(lambda n: tries.tried("a", 60))) == list(range(1, 9))


@pytest.mark.django_db
def test_tries_are_counted_by_mark_and_anew_when_their_time_is_over(monkeypatch):
    start = clock.now()

    def at(seconds):
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=seconds))

    at(0)
    assert [tries.tried(mark, 60) for mark in "aab"] == [1, 2, 1]
    at(59)
    assert (tries.tried("a", 60), tries.forget(), Tries.objects.count()) == (3, 0, 2)
    at(60)
    assert (tries.tried("a", 60), tries.tried("a", 60)) == (1, 2)
    assert (tries.forget(), Tries.objects.count()) == (1, 1)  # of the one begun anew nothing is lost
    assert "a" not in Tries.objects.values_list("key", flat=True)
