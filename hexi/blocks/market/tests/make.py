"""A hall with lines, places on offer, bookings and numbers, for the tests of all blocks and for the demo."""

from datetime import datetime, timedelta

from hexi.blocks.market import halls, operations, queueing
from hexi.blocks.market.models import Booking, Hall, Offer, Queue, Ticket
from hexi.blocks.people.tests.make import acting, make_citizen, make_department, make_official, make_person
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.clock import CHINA

BY = System("make")
WINDOW = "3 号窗口"
#: a Thursday in March 2026, before the windows open; no holiday is near
DAY = datetime(2026, 3, 5, 8, 0, tzinfo=CHINA)


def make_line(key: str = "forestry", letter: str = "B", **facts) -> dict:
    """A line as a pack says it."""
    given = {
        "key": key, "title_zh": "林业窗口", "title_en": "Forestry", "letter": letter, "department": "yumen-forestry",
        "windows": [{"zh": WINDOW, "en": "Window 3"}, {"zh": "4 号窗口", "en": "Window 4"}], "serves": [],
        "minutes": 30, "places": 1, "days": 3,
    }  # fmt: skip
    return given | facts


def make_hall(*lines: dict, key: str = "yumen", **facts) -> Hall:
    """The hall of Yumen with these lines (one unless given), its times on offer."""
    for line in lines or (make_line(),):
        make_department(line["department"])
    given = {
        "title_zh": "玉门市为民服务中心", "title_en": "Yumen Citizens' Centre", "region_code": YUMEN, "demo": True,
        "address_zh": "玉门市演示路 15 号", "address_en": "15 Demo Road, Yumen", "active": True,
    }  # fmt: skip
    return halls.save(key, given | facts, lines or (make_line(),), by=BY)


def make_queue(**facts) -> Queue:
    """The one line of a new hall."""
    return Queue.objects.select_related("hall").get(hall=make_hall(make_line(**facts)))


def make_offer(queue: Queue | None = None, nth: int = 0) -> Offer:
    """The n-th coming time of a line."""
    return Offer.objects.filter(queue=queue or make_queue(), start__gt=clock.now()).order_by("start")[nth]


def make_booking(offer: Offer | None = None, *, person=None, by: Actor = BY, **facts) -> Booking:
    """A place booked by a new person."""
    return operations.book(offer or make_offer(), person=person or make_person(), by=by, **facts)


def make_missed(queue: Queue, person, days_ago: int, now: datetime) -> Booking:
    """An appointment a person did not come to so many days ago."""
    start = now - timedelta(days=days_ago)
    offer = Offer.objects.create(queue=queue, day=start.date(), start=start, minutes=30, capacity=1, taken=1)
    return Booking.objects.create(
        offer=offer, person=person, start=start, title_zh="林业窗口", title_en="Forestry", state=Booking.State.MISSED,
        code=f"MISS{offer.pk}",
    )  # fmt: skip


def make_ticket(queue: Queue, person=None, **facts) -> Ticket:
    """A number of somebody who walked in."""
    return queueing.take(queue, person=person, by=BY, **facts)


def make_clerk(role: str = "clerk", **facts):
    """A window clerk of the Yumen forestry bureau."""
    return acting(make_official(role, **facts))


def make_booker():
    """A citizen who may book: (actor, person)."""
    account = make_citizen()
    return acting(account), account.person


def fresh(thing):
    """The row as it stands now."""
    return type(thing).objects.get(pk=thing.pk)
