"""Appointments: booked, cancelled, called off by the office, reminded of, noted as missed."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.market import hooks, matters, numbers, options, queries
from hexi.blocks.market.models import Booking, Offer, Queue
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.packs import Words
from hexi.ui import words

BOOKED, CANCELLED = Booking.State.BOOKED, Booking.State.CANCELLED


def book(offer: Offer, *, person: Person, matter: str = "", by: Actor) -> Booking:
    """Hold one place for a person; the same press twice is one booking.

    For oneself, or by the office (`window.call`). Raises `ValidationError` when the place is gone, the person is
    somewhere else at that time, has too many ahead, or missed too many lately.
    """
    queue = Queue.objects.select_related("hall").get(pk=offer.queue_id)
    if person.pk not in persons_of(by):
        require(by, queries.CALL, queue.department_id, queue.region_code)
    title = _title(queue, matter)
    try:
        with audit.change(by, "market.book") as note:
            Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person.pk)
            earlier = _standing(person, offer.start)
            if earlier is not None:
                return _the_same(earlier, offer, matter)
            _may_book(person)
            if not queries.bookable(clock.now()).filter(pk=offer.pk).exists():
                raise ValidationError({"offer": _gone(offer)})
            booking = Booking.objects.create(
                offer=offer, person=person, start=offer.start, matter=matter, title_zh=title.zh, title_en=title.en,
                code=numbers.booking_code(), made_at=clock.now(),
            )  # fmt: skip
            note.thing, note.facts = booking, {"offer": offer.pk, "matter": matter}
            booking.offer.queue = queue
            _tell(booking, "market.booked", by)
            _take(offer)  # last, so that others wait for this time as briefly as can be
            hooks.booked.ring(booking=booking, by=by)
    except IntegrityError:  # where the database does not lock the person: the constraint has the last word
        earlier = _standing(person, offer.start)
        if earlier is None:
            raise
        return _the_same(earlier, offer, matter)
    return booking


def cancel(booking: Booking, *, by: Actor) -> Booking:
    """Give a place back before its time; once. By the person himself or the office."""
    queue = booking.offer.queue
    if booking.person_id not in persons_of(by):
        require(by, queries.CALL, queue.department_id, queue.region_code)
    if booking.start <= clock.now():
        raise ValidationError(_("预约的时间已过，不能再取消。"))
    with audit.change(by, "market.cancel", booking):
        _give_back(booking)
    booking.refresh_from_db(fields=["state", "ended_at"])
    return booking


def call_off(booking: Booking, *, reason: str, by: Actor) -> None:
    """The office cannot keep an appointment: cancelled and told, in the caller's transaction, by `halls.close`."""
    queue = booking.offer.queue
    require(by, queries.PLAN, queue.department_id, queue.region_code)
    with audit.change(by, "market.call_off", booking, reason=reason):
        _give_back(booking)
        Booking.objects.filter(pk=booking.pk).update(reason=reason[:300])
        _tell(booking, "market.called_off", by, reason=reason)


def remind(booking: Booking, *, by: Actor) -> bool:
    """Remind a person of an appointment, once; not if it was made within the last day."""
    with audit.change(by, "market.remind", booking):
        now = clock.now()
        mine = queries.to_remind(now).filter(pk=booking.pk).update(reminded_at=now)
        if mine and booking.start - booking.made_at > timedelta(days=1):
            _tell(booking, "market.reminder", by)
    return bool(mine)


def miss(booking: Booking, *, by: Actor) -> bool:
    """Note that somebody did not come and did not cancel, once; it counts on the day of the appointment."""
    if clock.now() <= queries.late_after(booking):
        return False
    with audit.change(by, "market.miss", booking):
        mine = Booking.objects.filter(pk=booking.pk, state=BOOKED).update(
            state=Booking.State.MISSED, ended_at=queries.late_after(booking)
        )
        if mine:
            until = queries.paused_until(booking.person_id)
            if until:
                _tell(booking, "market.paused", by, misses=options.MISSES.value, until=until)
            else:
                _tell(booking, "market.missed", by, misses=options.MISSES.value, days=options.MISS_DAYS.value)
    return bool(mine)


def note_export(by: Actor, count: int) -> None:
    """Log that somebody saved a list of appointments."""
    with audit.change(by, "market.export", "market.booking", count=count):
        pass


def _take(offer: Offer) -> None:
    """One place less, if there is one: a single statement, so that the last place goes once."""
    if not queries.bookable(clock.now()).filter(pk=offer.pk).update(taken=F("taken") + 1):
        raise ValidationError({"offer": _gone(offer)})


def _gone(offer: Offer) -> str:
    if Offer.objects.filter(pk=offer.pk, start__lte=clock.now()).exists():
        return _("这个时间已经过了。请另选一个时间。")
    return _("这个时间刚刚约满。请另选一个时间，已填的都还在。")


def _give_back(booking: Booking) -> None:
    Offer.objects.select_for_update(no_key=True).get(pk=booking.offer_id)
    mine = Booking.objects.filter(pk=booking.pk, state=BOOKED).update(state=CANCELLED, ended_at=clock.now())
    if not mine:
        state = Booking.objects.get(pk=booking.pk).tag[1]
        raise ValidationError(_("这个预约现在是“%(state)s”，不能取消。") % {"state": state})
    Offer.objects.filter(pk=booking.offer_id).update(taken=F("taken") - 1)


def _may_book(person: Person) -> None:
    until = queries.paused_until(person.pk)
    if until:
        said = _("约了没有来的次数多了，%(day)s 起才能再预约。急事请直接到大厅取号。")
        raise ValidationError(said % {"day": words.day(until)})
    if queries.to_come(person.pk, clock.now()).count() >= options.MOST_OPEN.value:
        said = _("您已有 %(n)s 个预约没有办。请先取消用不着的，再约新的。")
        raise ValidationError(said % {"n": options.MOST_OPEN.value})


def _standing(person: Person, start: datetime) -> Booking | None:
    live = (BOOKED, Booking.State.ARRIVED)
    found = Booking.objects.filter(person=person, start=start, state__in=live)
    return found.select_related("offer__queue__hall").first()


def _the_same(earlier: Booking, offer: Offer, matter: str) -> Booking:
    if (earlier.offer_id, earlier.matter) == (offer.pk, matter):
        return earlier
    said = _("您在这个时间已约了“%(title)s”（%(hall)s）。请另选时间，或先取消那一个。")
    raise ValidationError({"offer": said % {"title": earlier.title, "hall": earlier.offer.queue.hall.title}})


def _title(queue: Queue, matter: str) -> Words:
    """What for, in words."""
    if not matter:
        return Words(zh=queue.title_zh, en=queue.title_en)
    title = matters.title_of(matter, queue.region_code)
    if title is None or not queries.serves(queue, matter):
        raise ValidationError({"matter": _("这个窗口不办这件事，或者它不用预约。请从办事指南进入预约。")})
    return title


def _tell(booking: Booking, key: str, by: Actor, **facts: Any) -> None:
    queue = booking.offer.queue
    named = {
        "title": Words(zh=booking.title_zh, en=booking.title_en), "code": booking.code, "at": booking.start,
        "hall": Words(zh=queue.hall.title_zh, en=queue.hall.title_en),
    }  # fmt: skip
    notices.tell(booking.person, key, about=booking, facts=named | facts, by=by)
