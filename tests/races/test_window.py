"""At the window, all at once: the last place, the same press, cancelling, numbers, two clerks who press next."""

from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.market import halls, operations, queries, queueing
from hexi.blocks.market.models import Booking, Offer, Ticket
from hexi.blocks.market.tests.make import (
    BY,
    WINDOW,
    make_booking,
    make_clerk,
    make_hall,
    make_line,
    make_offer,
    make_queue,
    make_ticket,
)
from hexi.blocks.people.tests.make import make_person
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
MANY = 12


def taken(offer):
    """(what the offer says, what stands booked)."""
    return Offer.objects.get(pk=offer.pk).taken, Booking.objects.filter(offer=offer, state="booked").count()


def test_the_last_places_go_once():
    offer = make_offer(make_queue(places=3))
    people = [make_person() for _ in range(MANY)]
    work = [partial(operations.book, offer, person=one, by=BY) for one in people]
    booked, refused = parted(together(*work, expect=ValidationError), ValidationError)
    assert (len(booked), len(refused), taken(offer)) == (3, MANY - 3, (3, 3))


def test_one_person_presses_many_times_and_at_two_windows():
    hall = make_hall(make_line(places=5), make_line("second", "C", places=5))
    person, offers = make_person(), [make_offer(one) for one in hall.queues.all()]
    work = [partial(operations.book, offers[n % 2], person=person, by=BY) for n in range(MANY)]
    booked, refused = parted(together(*work, expect=ValidationError), ValidationError)
    assert (len({one.pk for one in booked}), len(booked) + len(refused)) == (1, MANY)
    assert sorted(taken(one) for one in offers) == [(0, 0), (1, 1)]


def test_cancelled_many_times_gives_one_place_back():
    offer = make_offer(make_queue(places=2))
    booking, _other = make_booking(offer), make_booking(offer)
    work = [partial(operations.cancel, booking, by=BY) for _ in range(MANY)]
    done, refused = parted(together(*work, expect=ValidationError), ValidationError)
    assert (len(done), len(refused), taken(offer)) == (1, MANY - 1, (1, 1))


def test_closing_a_time_while_it_is_booked_and_cancelled_leaves_nobody_behind():
    offer = make_offer(make_queue(places=MANY))
    standing = [make_booking(offer) for _ in range(4)]
    people = [make_person() for _ in range(4)]
    work = [
        *(partial(operations.book, offer, person=one, by=BY) for one in people),
        *(partial(operations.cancel, one, by=BY) for one in standing),
        partial(halls.close, offer, why=Offer.Closed.HAND, reason="停电", by=BY),
    ]
    together(*work, expect=ValidationError)
    assert taken(offer) == (0, 0)


def test_times_are_planned_once(monkeypatch):
    now = queries.clock.now()
    monkeypatch.setattr(queries.clock, "now", lambda: now)  # of today those to come are planned
    queue = make_queue()
    Offer.objects.all().delete()
    together(*(partial(halls.plan, queue, by=BY) for _ in range(4)))
    starts = list(Offer.objects.values_list("start", flat=True))
    expected = queries.expected(queue, {one.day for one in Offer.objects.all()})
    assert sorted(starts) == sorted(one for one in expected if one > now)


def test_numbers_without_gaps_and_the_same_press_once():
    queue, person, key = make_queue(), make_person(), uuid4()
    work = [partial(make_ticket, queue) for _ in range(MANY)]
    work += [partial(make_ticket, queue, key=key) for _ in range(4)]
    work += [partial(make_ticket, queue, person) for _ in range(4)]
    found = together(*work)
    numbers = sorted(Ticket.objects.values_list("number", flat=True))
    assert (len({one.pk for one in found}), numbers) == (MANY + 2, list(range(1, MANY + 3)))


def test_an_appointment_kept_twice_is_one_number():
    queue = make_queue()
    with_code = make_booking(make_offer(queue))
    Booking.objects.filter(pk=with_code.pk).update(start=queries.clock.now())
    work = [partial(queueing.arrive, with_code.code, queue_hall=queue.hall_id, by=BY) for _ in range(6)]
    assert {one.label for one in together(*work)} == {"B001"}


def test_each_number_is_called_by_exactly_one_clerk():
    queue = make_queue()
    for _ in range(MANY):
        make_ticket(queue)
    clerks = [make_clerk() for _ in range(6)]
    work = [partial(queueing.next_one, queue, window=WINDOW, by=by) for by in clerks]
    called = together(*work)
    assert sorted(one.label for one in called) == [f"B{n:03d}" for n in range(1, 7)]
    assert Ticket.objects.filter(state="called").values("clerk").distinct().count() == 6


def test_one_clerk_who_presses_many_times_has_one_person_before_him():
    queue, by = make_queue(), make_clerk()
    for _ in range(MANY):
        make_ticket(queue)
    found = together(*(partial(queueing.next_one, queue, window=WINDOW, by=by) for _ in range(6)))
    assert ({one.pk for one in found}, Ticket.objects.filter(state="called").count()) == ({found[0].pk}, 1)


def test_two_steps_at_once_are_one():
    queue, by = make_queue(), make_clerk()
    make_ticket(queue)
    ticket = queueing.next_one(queue, window=WINDOW, by=by)
    work = [partial(step, ticket, by=by) for step in (queueing.done, queueing.pass_over, queueing.done)]
    done, refused = parted(together(*work, expect=ValidationError), ValidationError)
    assert (len(done), len(refused)) == (1, 2)
