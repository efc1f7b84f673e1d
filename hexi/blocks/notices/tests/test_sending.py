"""Sending: tried again, given up, sent again by hand; nothing lost, at most one process at it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.notices import jobs, operations, queries
from hexi.blocks.notices.channels import Outcome
from hexi.blocks.notices.models import Delivery
from hexi.blocks.notices.tests.make import make_failure, make_notice
from hexi.blocks.people.tests.make import acting, make_account, make_official
from hexi.kernel import clock, options
from hexi.kernel.actors import Denied, System
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db
LATER = Outcome(sent=False, answer="503 busy")
NEVER = Outcome(sent=False, answer="400 no such number", final=True)


@pytest.fixture
def delivery(postbox) -> Delivery:
    """A delivery that waits for its first try."""
    make_notice(make_account(phone="10000000001"))
    return Delivery.objects.get()


@pytest.fixture
def later(monkeypatch):
    """`later(minutes=…)` moves the clock."""
    moved = [timedelta()]
    real = clock.now

    def move(**span):
        moved[0] += timedelta(**span)

    monkeypatch.setattr(clock, "now", lambda: real() + moved[0])
    return move


def state(delivery: Delivery) -> tuple[str, int, str]:
    delivery.refresh_from_db()
    return delivery.state, delivery.tries, delivery.answer


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (Outcome(sent=False, answer="550 <10000000001> unknown", final=True), "550 <01> unknown"),
        (OSError("no route to 10000000001"), "OSError: no route to 01"),
    ],
)
def test_an_answer_that_repeats_the_address_is_kept_masked(delivery, postbox, answer, kept):
    postbox.answers = [answer]
    drain()
    assert state(delivery)[2] == kept


def test_what_fails_is_tried_again_with_the_same_key_after_a_growing_pause(delivery, postbox, later):
    postbox.answers = [LATER, LATER, OSError("connection refused")]
    drain()
    assert state(delivery) == ("waiting", 1, "503 busy")
    jobs.sweep()  # not due yet
    assert len(postbox.taken) == 1
    for minutes, expected in (
        (1, ("waiting", 2, "503 busy")),
        (4, ("waiting", 3, "OSError: connection refused")),
        (16, ("sent", 4, "250 ok")),
    ):
        later(minutes=minutes, seconds=-10)
        jobs.sweep()
        assert state(delivery) != expected
        later(seconds=20)
        jobs.sweep()
        assert state(delivery) == expected
    assert {message.key for message in postbox.taken} == {str(delivery.once)}


def test_pauses_grow_fourfold_to_a_day():
    assert [operations.pause_after(tries) // timedelta(minutes=1) for tries in range(1, 9)] == [
        1, 4, 16, 64, 256, 1024, 1440, 1440,
    ]  # fmt: skip


def test_a_refusal_for_good_is_not_tried_again(delivery, postbox, later):
    postbox.answers = [NEVER]
    drain()
    later(days=9)
    jobs.sweep()
    assert state(delivery) == ("failed", 1, "400 no such number")
    assert list(queries.failures()) == [delivery]


def test_after_the_last_try_it_is_given_up_and_shown(delivery, postbox, later):
    postbox.answers = [LATER] * 9
    with options.override(operations.TRIES, 3):
        drain()
        for _ in range(5):
            assert list(queries.failures()) == [] or state(delivery)[0] == "failed"
            later(days=2)
            jobs.sweep()
    assert state(delivery) == ("failed", 3, "503 busy")
    assert len(postbox.taken) == 3


def test_an_address_that_is_gone_is_said_so(delivery, postbox):
    delivery.notice.account.phone = ""
    delivery.notice.account.save()
    drain()
    assert state(delivery) == ("failed", 1, "没有可用的地址")
    assert postbox.taken == []


def test_a_channel_that_is_gone_is_said_so(delivery, only):
    only()
    drain()
    assert state(delivery) == ("failed", 1, "没有可用的地址")


def test_what_was_sent_is_not_sent_again(delivery, postbox, later):
    drain()
    later(days=9)
    jobs.sweep()
    assert operations.deliver(delivery.pk) is None
    assert len(postbox.taken) == 1


def test_a_try_whose_process_died_is_made_again(delivery, postbox, later):
    postbox.answers = [SystemExit()]
    with pytest.raises(SystemExit):
        operations.deliver(delivery.pk)
    later(minutes=operations.LEASE - 1)
    jobs.sweep()
    assert state(delivery) == ("waiting", 1, "")
    later(minutes=2)
    jobs.sweep()
    assert state(delivery) == ("sent", 2, "250 ok")


def test_long_answers_are_cut(delivery, postbox):
    postbox.answers = [Outcome(sent=False, answer="x" * 999, final=True)]
    drain()
    assert state(delivery)[2] == "x" * 300


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_an_operator_sends_again_what_was_given_up(postbox):
    failure = make_failure(make_account(phone="10000000001"))
    Delivery.objects.exclude(pk=failure.pk).delete()
    operations.retry(failure, by=acting(make_official("system_admin")))
    operations.retry(failure, by=System())
    assert state(failure) == ("waiting", 0, "400 no")
    drain()
    assert state(failure) == ("sent", 1, "250 ok")
    assert Entry.objects.filter(verb="notices.retry").count() == 2


def test_without_the_right_nothing_is_sent_again(postbox):
    failure = make_failure(make_account(phone="10000000001"))
    for actor in (acting(make_account()), acting(make_official("clerk"))):
        with pytest.raises(Denied):
            operations.retry(failure, by=actor)
    assert state(failure)[0] == "failed"


# --- at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_workers_send_one_delivery_once(postbox):
    make_notice(make_account(phone="10000000001"))
    pk, go = Delivery.objects.get().pk, Event()

    def work(_):
        go.wait(10)
        try:
            return operations.deliver(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(work, n) for n in range(8)]
        go.set()
        outcomes = [one.result() for one in tries]
    assert sorted(outcome is not None for outcome in outcomes) == [False] * 7 + [True]
    assert len(postbox.taken) == 1
    assert Delivery.objects.get().tries == 1
