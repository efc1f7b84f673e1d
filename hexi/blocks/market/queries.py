"""Reading the market: what is on offer, one's own appointments, the day's queue and who is next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.market import misses, options
from hexi.blocks.market.models import Booking, Hall, Offer, Queue, Ticket
from hexi.blocks.market.slots import slots
from hexi.blocks.people.queries import persons_of
from hexi.blocks.regions.codes import ancestors, prefix
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

CALL, PLAN = "window.call", "window.plan"


# --- what is on offer -------------------------------------------------------------------------------------------------
def halls(region_code: str) -> QuerySet[Hall]:
    """The halls that serve a division: its own, those above it, and those inside it."""
    reach = Q(region_code__in=ancestors(region_code)) | Q(region_code__startswith=prefix(region_code))
    return Hall.objects.filter(reach, active=True).order_by("-region_code", "key")


def queues(found: Iterable[Hall], matter: str = "") -> list[Queue]:
    """The lines of halls; for a matter those that serve it, who name it before who take any. One query."""
    rows = Queue.objects.filter(hall__in=list(found), active=True).select_related("hall", "department")
    lines = [one for one in rows.order_by("hall", "order", "key") if serves(one, matter)]
    return sorted(lines, key=lambda one: matter not in one.serves) if matter else lines


def serves(queue: Queue, matter: str) -> bool:
    """True if a line takes the matter; one without a list takes any."""
    return not matter or not queue.serves or matter in queue.serves


def bookable(now: datetime) -> QuerySet[Offer]:
    """Places somebody can still book."""
    return Offer.objects.filter(start__gt=now, closed="", taken__lt=F("capacity"))


def free_days(queue: Queue) -> dict[date, int]:
    """Days with free places, and how many."""
    rows = bookable(clock.now()).filter(queue=queue).order_by("day").values_list("day", "capacity", "taken")
    found: dict[date, int] = {}
    for day, capacity, taken in rows:
        found[day] = found.get(day, 0) + capacity - taken
    return found


def next_free(lines: Iterable[Queue]) -> dict[int, datetime]:
    """The first free place of each line. One query."""
    found: dict[int, datetime] = {}
    for pk, start in (
        bookable(clock.now()).filter(queue__in=list(lines)).order_by("-start").values_list("queue", "start")
    ):
        found[pk] = start
    return found


def times(queue: Queue, day: date) -> QuerySet[Offer]:
    """The free places of a day."""
    return bookable(clock.now()).filter(queue=queue, day=day).order_by("start")


def expected(queue: Queue, days: Iterable[date]) -> list[datetime]:
    """When a line should have places on these days, by the office hours of its region. None on a rest day."""
    if not (queue.active and queue.hall.active and queue.places and queue.days):
        return []
    calendar = calendar_for(queue.region_code)
    return [
        start
        for day in days
        for start in slots(day, [(row.start, row.end) for row in calendar.office_hours(day)], queue.minutes)
    ]


def horizon(queue: Queue, today: date) -> date:
    """The last day that can be booked."""
    return calendar_for(queue.region_code).add(today, queue.days)


# --- appointments -----------------------------------------------------------------------------------------------------
def own(actor: Actor) -> QuerySet[Booking]:
    """Appointments of the persons the actor may act for, the latest first."""
    found = Booking.objects.filter(person__in=persons_of(actor)).select_related("offer__queue__hall")
    return found.order_by("-start", "-pk")


def to_come(person_id: int, now: datetime) -> QuerySet[Booking]:
    """What a person has booked and not yet had."""
    return Booking.objects.filter(person=person_id, state=Booking.State.BOOKED, start__gt=now)


def missed_days(person_id: int) -> list[date]:
    """The days of appointments a person did not come to, as far back as they can count today."""
    since = clock.now() - timedelta(days=options.MISS_DAYS.value + options.PAUSE_DAYS.value + 1)
    rows = Booking.objects.filter(person=person_id, state=Booking.State.MISSED, start__gte=since)
    return [clock.local_day(start) for start in rows.values_list("start", flat=True)]


def paused_until(person_id: int) -> date | None:
    """The day from which a person may book again; None if he may now."""
    until = misses.paused_until(
        missed_days(person_id), misses=options.MISSES.value, within=options.MISS_DAYS.value,
        pause=options.PAUSE_DAYS.value,
    )  # fmt: skip
    return until if until is not None and until > clock.today() else None


def not_come(now: datetime) -> QuerySet[Booking]:
    """Booked ones that may be over; whether grace has run out is for the operation to say."""
    rows = Booking.objects.filter(state=Booking.State.BOOKED, start__lt=now - timedelta(minutes=options.GRACE.value))
    return rows.select_related("offer").order_by("pk")


def to_remind(now: datetime) -> QuerySet[Booking]:
    """Booked ones of the next 24 hours that nobody was reminded of."""
    return Booking.objects.filter(
        state=Booking.State.BOOKED, reminded_at=None, start__gt=now, start__lte=now + timedelta(hours=24)
    ).order_by("pk")


def late_after(booking: Booking) -> datetime:
    """Until when one may still arrive."""
    return booking.offer.end + timedelta(minutes=options.GRACE.value)


def of_office(actor: Actor) -> QuerySet[Booking]:
    """Appointments at the lines an official serves or plans, soonest first; not his own."""
    scopes = [*actor.scopes(CALL), *actor.scopes(PLAN)]
    where = within(scopes, "offer__queue__department_id", "offer__queue__region_code")
    found = Booking.objects.filter(where).exclude(person__in=persons_of(actor))
    return found.select_related("offer__queue__hall", "person").order_by("start", "pk")


# --- the queue --------------------------------------------------------------------------------------------------------
def lines_of(actor: Actor) -> QuerySet[Queue]:
    """The lines an official may call."""
    found = Queue.objects.filter(within(actor.scopes(CALL)), active=True, hall__active=True)
    return found.select_related("hall", "department").order_by("hall", "order", "key")


def today(lines: Iterable[Queue]) -> QuerySet[Ticket]:
    """The numbers of the day of some lines."""
    return Ticket.objects.filter(queue__in=list(lines), day=clock.today())


def in_turn(tickets: QuerySet[Ticket], now: datetime | None = None) -> QuerySet[Ticket]:
    """Those who wait, who is next first: the first ones, then booked ones whose time has come, then walk-ins.

    Who came before the booked time waits behind those whose turn it is, and is called when nobody else waits.
    """
    early = Q(rank=Ticket.Rank.BOOKED, turn_at__gt=now or clock.now())
    place = Case(When(early, then=Value(9)), default=F("rank"), output_field=IntegerField())
    return tickets.filter(state=Ticket.State.WAITING).order_by(place, "turn_at", "number")


def before(ticket: Ticket) -> int:
    """How many are called before this one if nobody else comes; 0 unless it waits. One query."""
    line = Ticket.objects.filter(queue=ticket.queue_id, day=ticket.day)
    order = list(in_turn(line).values_list("pk", flat=True))
    return order.index(ticket.pk) if ticket.pk in order else 0


def at_window(actor: Actor) -> Ticket | None:
    """The number a clerk has called and not finished."""
    open_ones = Ticket.objects.filter(
        clerk=getattr(actor, "account_id", None) or 0, state__in=(Ticket.State.CALLED, Ticket.State.SERVING)
    )
    return open_ones.select_related("queue__hall", "queue__department", "person", "booking").first()


@dataclass(frozen=True)
class Standing:
    """A line as the screen shows it."""

    queue: Queue
    waiting: int
    done: int


@dataclass(frozen=True)
class Screen:
    """What hangs on the wall of a hall: numbers called now, the newest first, and the lines."""

    hall: Hall
    called: list[Ticket]
    standings: list[Standing]


def screen(hall: Hall, most: int = 8) -> Screen:
    """The calling screen. Three queries; no names."""
    lines = queues([hall])
    day = today(lines)
    called = day.filter(state__in=(Ticket.State.CALLED, Ticket.State.SERVING)).select_related("queue")
    counts = {
        row["queue"]: row
        for row in day.values("queue").order_by().annotate(
            waiting=Count("pk", filter=Q(state=Ticket.State.WAITING)),
            done=Count("pk", filter=Q(state=Ticket.State.DONE))
        )
    }  # fmt: skip
    nothing: dict[str, Any] = {"waiting": 0, "done": 0}
    standings = [Standing(one, *(counts.get(one.pk, nothing)[name] for name in ("waiting", "done"))) for one in lines]
    return Screen(hall, list(called.order_by("-called_at", "-pk")[:most]), standings)


def find(bookings: QuerySet[Booking], text: str) -> QuerySet[Booking]:
    """By code, person or matter."""
    return bookings.filter(Q(code__iexact=text.strip()) | Q(person__name__contains=text) | Q(title_zh__contains=text))
