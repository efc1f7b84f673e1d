"""Halls put into force, places put on offer by the calendar, times closed. Stands beside `operations`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.market import operations, queries
from hexi.blocks.market.models import Hall, Offer, Queue
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

#: said to those whose time falls away because of the calendar
NOT_OPEN = "放假安排有变，这一天不办公 / the office is closed on that day"


def save(key: str, facts: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], *, by: Actor) -> Hall:
    """Put a hall and its lines into force and their times on offer; a line that is no longer named is closed."""
    require(by, queries.PLAN, region=facts["region_code"])
    lines = [dict(line) for line in lines]
    offices = {one.key: one for one in Department.objects.filter(key__in={line["department"] for line in lines})}
    if missing := {line["department"] for line in lines} - set(offices):
        raise ValidationError({"department": _("没有部门：%(keys)s") % {"keys": "、".join(sorted(missing))}})
    with audit.change(by, "market.save_hall", key=key, lines=len(lines)) as note:
        hall, _new = Hall.objects.update_or_create(key=key, defaults=dict(facts))
        note.thing = hall
        keys = [line["key"] for line in lines]
        Queue.objects.filter(hall=hall).exclude(key__in=keys).update(active=False)
        for order, line in enumerate(lines):
            line["department"] = offices[line["department"]]
            given = {**line, "region_code": hall.region_code, "order": order, "active": True}
            Queue.objects.update_or_create(hall=hall, key=given.pop("key"), defaults=given)
    for queue in Queue.objects.filter(hall=hall).select_related("hall"):
        plan(queue, by=by)
    return hall


@dataclass(frozen=True)
class Wanted:
    """What differs between the places that are there and those that should be."""

    new: list[Offer]
    open: list[int]
    close: list[Offer]
    resize: list[int]

    def __bool__(self) -> bool:
        return bool(self.new or self.open or self.close or self.resize)


def plan(queue: Queue, *, by: Actor) -> int:
    """Put the times of the coming days on offer, as the office hours now are; how many are new.

    May run twice at once: a time is there once. Times that are office time no longer are closed, their bookings
    cancelled and the people told; those closed by hand stay closed.
    """
    require(by, queries.PLAN, queue.department_id, queue.region_code)
    if not _wanted(queue):
        return 0
    with audit.change(by, "market.plan", queue) as note:
        queue = Queue.objects.select_for_update(no_key=True, of=("self",)).select_related("hall").get(pk=queue.pk)
        wanted = _wanted(queue)
        Offer.objects.bulk_create(wanted.new, ignore_conflicts=True)
        Offer.objects.filter(pk__in=wanted.open, closed=Offer.Closed.CALENDAR).update(closed="")
        Offer.objects.filter(pk__in=wanted.resize).update(minutes=queue.minutes)
        Offer.objects.filter(pk__in=wanted.resize, taken__lte=queue.places).update(capacity=queue.places)
        for offer in wanted.close:
            close(offer, why=Offer.Closed.CALENDAR, reason=NOT_OPEN, by=by)
        note.facts |= {"new": len(wanted.new), "closed": len(wanted.close)}
    return len(wanted.new)


def close(offer: Offer, *, why: str, reason: str, by: Actor) -> int:
    """Close a time, cancel who booked it and tell them; how many that were."""
    with audit.change(by, "market.close", offer, reason=reason) as note:
        Offer.objects.select_for_update(no_key=True).get(pk=offer.pk)
        Offer.objects.filter(pk=offer.pk, closed="").update(closed=why)
        standing = list(offer.bookings.filter(state="booked").select_related("person", "offer__queue__hall"))
        for booking in standing:
            operations.call_off(booking, reason=reason, by=by)
        note.facts["cancelled"] = len(standing)
    return len(standing)


def close_day(queue: Queue, day: date, *, reason: str, by: Actor) -> int:
    """Close what is left of a day by hand; how many appointments fell away. Needs `window.plan`."""
    require(by, queries.PLAN, queue.department_id, queue.region_code)
    if not reason.strip():
        raise ValidationError({"reason": _("请写明停止预约的原因，约好的人会看到。")})
    with audit.change(by, "market.close_day", queue, day=day, reason=reason.strip()):
        offers = Offer.objects.filter(queue=queue, day=day, start__gt=clock.now(), closed="").order_by("pk")
        if not offers:
            raise ValidationError({"day": _("这一天没有可以停的时间。")})
        return sum(close(one, why=Offer.Closed.HAND, reason=reason.strip(), by=by) for one in offers)


def open_day(queue: Queue, day: date, *, by: Actor) -> int:
    """Open again what was closed by hand; how many times that are. Needs `window.plan`."""
    require(by, queries.PLAN, queue.department_id, queue.region_code)
    with audit.change(by, "market.open_day", queue, day=day):
        closed = Offer.objects.filter(queue=queue, day=day, start__gt=clock.now(), closed=Offer.Closed.HAND)
        return int(closed.update(closed=""))


def _wanted(queue: Queue) -> Wanted:
    now, today = clock.now(), clock.today()
    there = {one.start: one for one in Offer.objects.filter(queue=queue, start__gt=now)}
    ends = queries.horizon(queue, today)
    last = max([ends, *(one.day for one in there.values())])
    times = queries.expected(queue, [today + timedelta(n) for n in range((last - today).days + 1)])
    coming = {start for start in times if start > now}
    fit, odd = [], []
    for start, one in there.items():
        (fit if start in coming else odd).append(one)
    return Wanted(
        [_offer(queue, start) for start in sorted(coming - set(there)) if clock.local_day(start) <= ends],
        [one.pk for one in fit if one.closed == Offer.Closed.CALENDAR],
        [one for one in odd if not one.closed and not _stays(queue, one)],
        [one.pk for one in fit if one.minutes != queue.minutes or one.capacity != queue.places >= one.taken],
    )


def _stays(queue: Queue, offer: Offer) -> bool:
    """True for a booked time that lies in office hours, though times are now cut another way."""
    if not (offer.taken and queue.active and queue.hall.active):
        return False
    calendar = calendar_for(queue.region_code)
    return calendar.is_open(offer.start) and calendar.is_open(offer.end - timedelta(seconds=1))


def _offer(queue: Queue, start: datetime) -> Offer:
    return Offer(queue=queue, day=clock.local_day(start), start=start, minutes=queue.minutes, capacity=queue.places)
