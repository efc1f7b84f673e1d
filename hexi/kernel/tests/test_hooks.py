"""Hooks: right facts or an error; listeners run in the transaction, later jobs get plain facts."""

import pytest

from hexi.kernel import hooks
from hexi.kernel.actors import System
from hexi.kernel.hooks import Hook, Later, Listen

heard = []
MOMENT = Hook("test.moment", ("thing", "by"))


class Thing:
    pk = 17


def listen(thing, by):
    heard.append((thing.pk, by.key))


def job(thing, by):
    raise AssertionError("run by the worker, not here")


@pytest.fixture
def house(monkeypatch):
    heard.clear()
    queued = []
    kinds = {Listen: (Listen(MOMENT, listen),), Later: (Later(MOMENT, job),)}
    monkeypatch.setattr(hooks, "added", kinds.__getitem__)
    monkeypatch.setattr(hooks, "enqueue", lambda work, **facts: queued.append((work, facts)))
    return queued


def test_listener_gets_things_and_job_gets_plain_values(house):
    MOMENT.ring(thing=Thing(), by=System("law"))
    assert heard == [(17, "system:law")]
    assert house == [(job, {"thing": 17, "by": "system:law"})]


def test_a_job_that_would_find_nothing_to_do_is_not_made(house, monkeypatch):
    asked = []

    def when(thing, by):
        asked.append((thing.pk, by.key))
        return len(asked) > 1

    monkeypatch.setattr(hooks, "added", {Listen: (), Later: (Later(MOMENT, job, when),)}.__getitem__)
    MOMENT.ring(thing=Thing(), by=System("law"))
    assert (asked, house) == ([(17, "system:law")], [])
    MOMENT.ring(thing=Thing(), by=System("law"))
    assert house == [(job, {"thing": 17, "by": "system:law"})]


def test_wrong_facts_are_an_error(house):
    with pytest.raises(TypeError, match="test.moment"):
        MOMENT.ring(thing=Thing())


def test_a_listeners_error_reaches_the_caller(house, monkeypatch):
    def fail(**facts):
        raise ValueError("no")

    monkeypatch.setattr(hooks, "added", {Listen: (Listen(MOMENT, fail),), Later: ()}.__getitem__)
    with pytest.raises(ValueError, match="no"):
        MOMENT.ring(thing=Thing(), by=System())
