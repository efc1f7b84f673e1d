"""Appointments: planned by the calendar, booked, cancelled, called off, reminded of, missed."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit.models import Entry
from hexi.blocks.calendars import operations as calendars
from hexi.blocks.calendars.clocks import Kind
from hexi.blocks.calendars.published import Named
from hexi.blocks.calendars.tests.make import make_calendar, make_nation
from hexi.blocks.market import halls, jobs, operations, queries
from hexi.blocks.market.models import Booking, Offer
from hexi.blocks.market.tests.make import (
    BY,
    DAY,
    fresh,
    make_booker,
    make_booking,
    make_clerk,
    make_hall,
    make_line,
    make_missed,
    make_offer,
    make_queue,
)  # fmt: skip
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests.make import make_department, make_person
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.clock import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.told_at(DAY):
        yield


def days_of(queue):
    rows = Offer.objects.filter(queue=queue, closed="").values_list("day", flat=True)
    return sorted(set(rows))


def notices():
    return list(Notice.objects.order_by("pk").values_list("key", flat=True))


# --- on offer ---------------------------------------------------------------------------------------------------------
def test_times_follow_office_hours_and_leave_out_rest_days():
    queue = make_queue(minutes=60)
    assert days_of(queue) == [date(2026, 3, day) for day in (5, 6, 9, 10)]
    hours = [one.hour for one in Offer.objects.filter(queue=queue, day=date(2026, 3, 5)).order_by("start")]
    assert hours == ["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00", "17:00"]
    assert halls.plan(queue, by=BY) == 0


def test_a_national_holiday_is_not_offered_and_a_make_up_day_is():
    make_nation()
    with clock.told_at(datetime(2026, 9, 30, 8, tzinfo=CHINA)):
        queue = make_queue(minutes=60, days=2)
        assert days_of(queue)[1:] == [date(2026, 10, 8), date(2026, 10, 9)]


def test_a_day_that_becomes_a_holiday_is_closed_and_those_who_booked_are_told():
    queue = make_queue()
    booking = make_booking(make_offer(queue))
    make_calendar(YUMEN, "玉门市")
    days = [Named(date(2026, 3, 5), Kind.REST, "演示节", "演示")]
    calendars.adopt(YUMEN, name="玉门市", days=days, hours=[], by=BY)
    jobs.plan()
    assert date(2026, 3, 5) not in days_of(queue)
    booking = fresh(booking)
    assert (booking.state, booking.reason, fresh(booking.offer).taken) == ("cancelled", halls.NOT_OPEN, 0)
    assert notices() == ["market.booked", "market.called_off"]
    assert queries.missed_days(booking.person_id) == []


def test_fewer_places_never_fall_below_those_taken():
    queue = make_queue(places=3)
    offer = make_offer(queue)
    for _ in range(2):
        make_booking(offer)
    make_hall(make_line(places=1))
    assert (fresh(offer).capacity, fresh(make_offer(queue, 1)).capacity) == (3, 1)
    make_hall(make_line(places=2))
    assert (fresh(offer).capacity, fresh(offer).left) == (2, 0)


def test_other_lengths_keep_what_is_booked_and_replace_the_rest():
    queue = make_queue(minutes=30)
    booked = make_booking(make_offer(queue, 1)).offer
    make_hall(make_line(minutes=60))
    hours = [one.hour for one in Offer.objects.filter(queue=queue, day=DAY.date(), closed="").order_by("start")]
    assert hours[:4] == ["09:00", "09:30", "10:00", "11:00"]
    assert fresh(booked).closed == ""


def test_a_hall_that_closes_calls_off_what_was_booked():
    booking = make_booking()
    make_hall(make_line(), active=False)
    assert (fresh(booking).state, Offer.objects.filter(closed="").count()) == ("cancelled", 0)


def test_a_line_without_its_department_is_refused():
    with pytest.raises(ValidationError) as refused:
        halls.save("x", {"region_code": YUMEN}, [make_line(department="nobody")], by=BY)
    assert refused.value.message_dict == {"department": ["没有部门：nobody"]}


def test_a_day_closed_by_hand_stays_closed_until_opened_by_hand():
    queue = make_queue()
    booking = make_booking(make_offer(queue))
    head = make_clerk("head")
    with pytest.raises(ValidationError):
        halls.close_day(queue, DAY.date(), reason=" ", by=head)
    assert halls.close_day(queue, DAY.date(), reason="停电", by=head) == 1
    halls.plan(queue, by=BY)
    assert (DAY.date() in days_of(queue), fresh(booking).reason) == (False, "停电")
    assert halls.open_day(queue, DAY.date(), by=head) == 16
    assert DAY.date() in days_of(queue)


@pytest.mark.parametrize("role", ["clerk", "examiner", "region_admin"])
def test_only_who_plans_may_close_a_day(role):
    queue = make_queue()
    somebody = make_clerk(role, department=make_department("yumen-forestry"))
    if role == "region_admin":
        assert halls.close_day(queue, DAY.date(), reason="停电", by=somebody) == 0
        return
    with pytest.raises(Denied):
        halls.close_day(queue, DAY.date(), reason="停电", by=somebody)


def test_another_departments_head_may_not():
    queue = make_queue()
    head = make_clerk("head", department=make_department("yumen-market"))
    with pytest.raises(Denied):
        halls.close_day(queue, DAY.date(), reason="停电", by=head)


# --- booked -----------------------------------------------------------------------------------------------------------
def test_a_place_is_booked_confirmed_and_logged():
    by, person = make_booker()
    booking = operations.book(make_offer(), person=person, by=by)
    assert (booking.state, booking.title_zh, len(booking.code), fresh(booking.offer).taken) == (
        "booked", "林业窗口", 8, 1,
    )  # fmt: skip
    notice = Notice.objects.get(key="market.booked")
    assert (notice.person_id or notice.account_id is not None, booking.code in notice.body_zh) == (person.pk, True)
    assert Entry.objects.get(verb="market.book").ref == str(booking.pk)


def test_the_last_place_goes_once_and_comes_back_when_cancelled():
    offer = make_offer()
    booking = make_booking(offer)
    with pytest.raises(ValidationError) as refused:
        make_booking(offer)
    assert refused.value.message_dict == {"offer": ["这个时间刚刚约满。请另选一个时间，已填的都还在。"]}
    operations.cancel(booking, by=BY)
    assert (fresh(booking).state, fresh(offer).taken) == ("cancelled", 0)
    with pytest.raises(ValidationError):
        operations.cancel(booking, by=BY)
    assert fresh(offer).taken == 0
    assert make_booking(offer).offer == offer


def test_the_same_press_twice_is_one_booking_and_another_matter_at_that_time_is_refused():
    hall = make_hall(make_line(places=2), make_line("second", "C", places=2))
    first, second = (make_offer(one) for one in hall.queues.order_by("order"))
    person = make_person()
    assert make_booking(first, person=person) == make_booking(first, person=person)
    assert fresh(first).taken == 1
    with pytest.raises(ValidationError) as refused:
        make_booking(second, person=person)
    assert ("您在这个时间已约了" in refused.value.messages[0], fresh(second).taken) == (True, 0)


def test_nobody_books_for_a_stranger_and_a_clerk_may():
    by, _person = make_booker()
    offer, other = make_offer(), make_person()
    with pytest.raises(Denied):
        operations.book(offer, person=other, by=by)
    booking = operations.book(offer, person=other, by=make_clerk())
    with pytest.raises(Denied):
        operations.cancel(booking, by=by)
    with pytest.raises(Denied):
        operations.cancel(booking, by=make_clerk(department=make_department("yumen-market")))
    assert fresh(booking).state == "booked"


def test_a_time_that_has_passed_is_neither_booked_nor_cancelled():
    offer = make_offer()
    booking = make_booking(offer)
    with clock.told_at(offer.start):
        with pytest.raises(ValidationError, match="已经过了"):
            make_booking(offer)
        with pytest.raises(ValidationError, match="不能再取消"):
            operations.cancel(booking, by=BY)


def test_what_a_line_does_not_serve_is_refused():
    offer = make_offer(make_queue(serves=["item:tree-felling"]))
    for matter in ("item:marriage", "nothing:here"):
        with pytest.raises(ValidationError) as refused:
            make_booking(offer, matter=matter)
        assert list(refused.value.message_dict) == ["matter"]
    assert fresh(offer).taken == 0


def test_three_ahead_are_enough():
    queue, person = make_queue(), make_person()
    for nth in range(3):
        make_booking(make_offer(queue, nth), person=person)
    with pytest.raises(ValidationError, match="已有 3 个预约"):
        make_booking(make_offer(queue, 3), person=person)


# --- before and after -------------------------------------------------------------------------------------------------
def test_one_reminder_a_day_before_and_none_for_what_was_booked_just_now():
    queue = make_queue()
    later = Offer.objects.get(queue=queue, start=datetime(2026, 3, 9, 9, tzinfo=CHINA))
    booking = make_booking(later)
    jobs.remind()
    assert notices() == ["market.booked"]
    with clock.told_at(datetime(2026, 3, 8, 9, 30, tzinfo=CHINA)):
        make_booking(Offer.objects.get(queue=queue, start=later.start + timedelta(minutes=30)))
        jobs.remind()
        jobs.remind()
    assert (notices(), fresh(booking).reminded_at is not None) == (
        ["market.booked", "market.booked", "market.reminder"], True,
    )  # fmt: skip


def test_who_did_not_come_is_noted_once_after_grace_however_late_the_job_runs():
    booking = make_booking()
    late = queries.late_after(booking)
    with clock.told_at(late):
        jobs.note_misses()
    assert fresh(booking).state == "booked"
    with clock.told_at(late + timedelta(days=4)):
        jobs.note_misses()
        jobs.note_misses()
    found = fresh(booking)
    assert (found.state, found.ended_at, notices()) == ("missed", late, ["market.booked", "market.missed"])


def test_the_third_miss_pauses_booking_and_says_until_when():
    queue, person = make_queue(), make_person()
    for days_ago in (80, 20):
        make_missed(queue, person, days_ago, DAY)
    booking = make_booking(make_offer(queue), person=person)
    with clock.told_at(DAY + timedelta(days=1)):
        jobs.note_misses()
        assert queries.paused_until(person.pk) == date(2026, 4, 4)
        with pytest.raises(ValidationError, match="4月4日"):
            make_booking(make_offer(queue, 20), person=person)
    assert fresh(booking).state == "missed"
    assert Notice.objects.get(key="market.paused").title_zh == "预约暂停到 4月4日（周六）"
    with clock.told_at(datetime(2026, 4, 4, 8, tzinfo=CHINA)):
        jobs.plan()
        assert queries.paused_until(person.pk) is None
        offer = Offer.objects.filter(queue=queue, start__gt=clock.now()).first()
        assert make_booking(offer, person=person).state == Booking.State.BOOKED


def test_a_line_that_names_the_matter_comes_before_one_that_takes_any():
    hall = make_hall(
        make_line("any", "A"), make_line("trees", "B", serves=["item:a"]), make_line("c", "C", serves=["x:y"])
    )
    found = {matter: [one.key for one in queries.queues([hall], matter)] for matter in ("", "item:a", "item:b")}
    assert found == {"": ["any", "trees", "c"], "item:a": ["trees", "any"], "item:b": ["any"]}
