"""The queue of the day: numbers, who is next, and each step at the window."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit.models import Entry
from hexi.blocks.market import operations, queries, queueing
from hexi.blocks.market.models import Ticket
from hexi.blocks.market.tests.make import (
    BY,
    DAY,
    WINDOW,
    fresh,
    make_booker,
    make_booking,
    make_clerk,
    make_hall,
    make_line,
    make_offer,
    make_queue,
    make_ticket,
)  # fmt: skip
from hexi.blocks.people import operations as people
from hexi.blocks.people.tests.make import (
    acting,
    make_department,
    make_official,
    make_person,
    make_types,
    resident_number,
)
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.clock import CHINA

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 5, 9, 0, tzinfo=CHINA)


@pytest.fixture(autouse=True)
def _morning():
    with clock.told_at(DAY):
        yield


def labels(queue):
    return [one.label for one in queries.in_turn(queries.today([queue]))]


def call(queue, by):
    return queueing.next_one(queue, window=WINDOW, by=by)


# --- numbers ----------------------------------------------------------------------------------------------------------
def test_numbers_run_from_one_each_day_and_each_line():
    hall = make_hall(make_line(), make_line("second", "C"))
    first, second = hall.queues.order_by("order")
    found = [make_ticket(one).label for one in (first, first, second)]
    with clock.told_at(DAY + timedelta(days=1)):
        found.append(make_ticket(first).label)
    assert found == ["B001", "B002", "C001", "B001"]


def test_the_same_press_and_the_same_person_get_the_same_number():
    queue, person, key = make_queue(), make_person(), uuid4()
    assert make_ticket(queue, key=key) == make_ticket(queue, key=key)
    mine = make_ticket(queue, person)
    assert (make_ticket(queue, person), mine.label) == (mine, "B002")


def test_a_number_is_not_taken_for_a_stranger():
    by, _person = make_booker()
    with pytest.raises(Denied):
        queueing.take(make_queue(), person=make_person(), by=by)


def test_an_appointment_becomes_one_number_by_its_code_in_its_hall_on_its_day():
    queue = make_queue()
    booking = make_booking(make_offer(queue))
    other = make_hall(make_line("x", "X"), key="jiuquan")
    for hall, at, code in ((other.pk, DAY, booking.code), (queue.hall_id, DAY, "NOSUCH22"),
                           (queue.hall_id, DAY + timedelta(days=1), booking.code),
                           (queue.hall_id, queries.late_after(booking) + timedelta(minutes=1), booking.code)):  # fmt: skip
        with clock.told_at(at), pytest.raises(ValidationError) as refused:
            queueing.arrive(code, queue_hall=hall, by=BY)
        assert list(refused.value.message_dict) == ["code"]
    ticket = queueing.arrive(f" {booking.code.lower()} ", queue_hall=queue.hall_id, by=BY)
    assert (ticket.label, ticket.rank, ticket.turn_at, fresh(booking).state) == (
        "B001", Ticket.Rank.BOOKED, booking.start, "arrived",
    )  # fmt: skip
    assert queueing.arrive(booking.code, queue_hall=queue.hall_id, by=BY) == ticket


def test_a_cancelled_appointment_gives_no_number():
    queue = make_queue()
    booking = operations.cancel(make_booking(make_offer(queue)), by=BY)
    with pytest.raises(ValidationError, match="已取消"):
        queueing.arrive(booking.code, queue_hall=queue.hall_id, by=BY)


def test_who_took_a_number_and_had_an_appointment_keeps_the_appointment_only():
    queue, person = make_queue(), make_person()
    booking = make_booking(make_offer(queue), person=person)
    walked_in = make_ticket(queue, person)
    ticket = queueing.arrive(booking.code, queue_hall=queue.hall_id, by=BY)
    assert (fresh(walked_in).state, labels(queue)) == ("passed", [ticket.label])


# --- who is next ------------------------------------------------------------------------------------------------------
def test_elders_and_those_who_say_so_first_then_booked_at_their_time_then_walk_ins():
    queue = make_queue(places=3)
    booking = make_booking(make_offer(queue), person=make_person())
    made = {"walk-in": make_ticket(queue)}
    made["booked"] = queueing.arrive(booking.code, queue_hall=queue.hall_id, by=BY)
    made["elder"] = make_ticket(queue, make_person(number=resident_number(born=date(1949, 3, 8))))
    made["disabled"] = make_ticket(queue, claims=("disabled",))
    made["nonsense"] = make_ticket(queue, claims=("important",))
    names = {ticket.label: name for name, ticket in made.items()}
    assert [names[one] for one in labels(queue)] == ["elder", "disabled", "walk-in", "nonsense", "booked"]
    assert [made[name].priority for name in ("elder", "disabled", "nonsense")] == ["elder", "disabled", ""]
    with clock.told_at(NINE):
        assert [names[one] for one in labels(queue)] == ["elder", "disabled", "booked", "walk-in", "nonsense"]
        assert [queries.before(made[name]) for name in ("elder", "booked", "nonsense")] == [0, 2, 4]


def test_a_person_of_59_waits_like_everybody():
    ticket = make_ticket(make_queue(), make_person(number=resident_number(1, born=date(1966, 3, 6))))
    assert (ticket.rank, ticket.priority) == (Ticket.Rank.PLAIN, "")


# --- at the window ----------------------------------------------------------------------------------------------------
def test_called_again_served_and_finished():
    queue, by = make_queue(), make_clerk()
    person = make_person()
    make_ticket(queue, person)
    make_ticket(queue)
    ticket = call(queue, by)
    assert (ticket.label, ticket.state, ticket.window, ticket.calls, call(queue, by)) == (
        "B001", "called", WINDOW, 1, ticket,
    )  # fmt: skip
    assert Entry.objects.get(verb="look").about_person == person.pk
    assert queueing.again(ticket, by=by).calls == 2
    assert queueing.serve(ticket, by=by).state == "serving"
    with pytest.raises(ValidationError, match="办理中"):
        queueing.pass_over(ticket, by=by)
    assert queueing.done(ticket, by=by).state == "done"
    with pytest.raises(ValidationError, match="已办完"):
        queueing.done(ticket, by=by)
    assert call(queue, by).label == "B002"


def test_who_was_passed_over_may_wait_on_behind_the_others():
    queue, by = make_queue(), make_clerk()
    for _ in range(2):
        make_ticket(queue)
    ticket = queueing.pass_over(call(queue, by), by=by)
    with clock.told_at(DAY + timedelta(minutes=5)):
        queueing.back_in_line(ticket, by=by)
        assert labels(queue) == ["B002", "B001"]
        with pytest.raises(ValidationError):
            queueing.back_in_line(ticket, by=by)


def test_sent_on_to_another_line_without_waiting_anew():
    hall = make_hall(make_line(), make_line("second", "C"))
    first, second = hall.queues.select_related("hall").order_by("order")
    by = make_clerk()
    make_ticket(first)
    ticket = call(first, by)
    with clock.told_at(DAY + timedelta(minutes=5)):
        make_ticket(second)
        fresh_one = queueing.hand_on(ticket, second, by=by)
    assert (fresh(ticket).state, fresh_one.label, labels(second)) == ("done", "C002", ["C002", "C001"])
    with pytest.raises(ValidationError):
        queueing.hand_on(ticket, first, by=by)


def test_nobody_waits():
    with pytest.raises(ValidationError, match="没有人等候"):
        call(make_queue(), make_clerk())
    assert Entry.objects.filter(verb="market.call").count() == 0


def test_a_window_that_is_not_there_is_refused():
    queue = make_queue()
    make_ticket(queue)
    with pytest.raises(ValidationError) as refused:
        queueing.next_one(queue, window="99 号窗口", by=make_clerk())
    assert list(refused.value.message_dict) == ["window"]


def test_a_clerk_does_not_call_himself():
    queue, account = make_queue(), make_official("clerk")
    make_types()
    people.bind_person(account, name=account.name, number=resident_number(), by=acting(account))
    by = acting(account)
    queueing.take(queue, person=account.person, by=by)
    with pytest.raises(ValidationError, match="没有人等候"):
        call(queue, by)
    assert call(queue, make_clerk()).person == account.person


def test_the_person_is_put_to_a_number_by_the_paper_shown():
    queue, by, number = make_queue(), make_clerk(), resident_number()
    person = make_person(number=number)
    make_ticket(queue)
    ticket = call(queue, by)
    with pytest.raises(ValidationError) as refused:
        queueing.know(ticket, number=resident_number(), by=by)
    assert list(refused.value.message_dict) == ["number"]
    assert queueing.know(ticket, number=number, by=by).person == person
    assert Entry.objects.filter(verb="look", about_person=person.pk).count() == 1


@pytest.mark.parametrize(
    ("role", "department"), [("examiner", "yumen-forestry"), ("head", "yumen-forestry"), ("clerk", "yumen-market")]
)
def test_who_may_not_call(role, department):
    queue = make_queue()
    make_ticket(queue)
    somebody = make_clerk(role, department=make_department(department))
    with pytest.raises(Denied):
        call(queue, somebody)
    ticket = call(queue, make_clerk("hall_clerk", department=make_department("yumen-service-centre")))
    for step in (queueing.again, queueing.serve, queueing.done, queueing.pass_over, queueing.back_in_line):
        with pytest.raises(Denied):
            step(ticket, by=somebody)
    assert fresh(ticket).state == "called"


def test_another_clerk_of_the_line_does_not_move_it_on():
    queue = make_queue()
    make_ticket(queue)
    ticket = call(queue, make_clerk())
    with pytest.raises(ValidationError):
        queueing.done(ticket, by=make_clerk())
    assert fresh(ticket).state == "called"
