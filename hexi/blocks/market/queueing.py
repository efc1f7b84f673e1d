"""The queue of the day: a number taken, an appointment kept; called, served, finished, passed. Beside `operations`."""

from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.market import hooks, numbers, priorities, queries
from hexi.blocks.market.models import Booking, Queue, Ticket
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import identifier_of, persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require

WAITING, CALLED, SERVING = Ticket.State.WAITING, Ticket.State.CALLED, Ticket.State.SERVING


def take(
    queue: Queue, *, person: Person | None = None, claims: tuple[str, ...] = (), key: UUID | None = None, by: Actor
) -> Ticket:
    """A number for somebody who walked in. One open number a person and line; the same `key` is the same number.

    `claims` are priority rules one names oneself; the window checks. Anybody in the hall may take one.
    """
    _open(queue)
    if person is not None and person.pk not in persons_of(by):
        require(by, queries.CALL, queue.department_id, queue.region_code)
    found = _taken(queue, person, key)
    if found is not None:
        return found
    try:
        with audit.change(by, "market.take") as note:
            ticket = _number(queue, person=person, claims=claims, key=key)
            note.thing, note.facts = ticket, {"label": ticket.label, "priority": ticket.priority}
    except IntegrityError:
        found = _taken(queue, person, key)  # the same press a moment ago
        if found is None:
            raise
        return found
    return ticket


def arrive(code: str, *, queue_hall: int, claims: tuple[str, ...] = (), by: Actor) -> Ticket:
    """Keep an appointment: a number that is called at the booked time. Whoever knows the code, in that hall, that day.

    Asked again it is the same number. Raises `ValidationError` naming `code`.
    """
    booking = Booking.objects.filter(code=code.strip().upper().replace(" ", "")).first()
    booking = booking and Booking.objects.select_related("offer__queue__hall", "person").get(pk=booking.pk)
    if booking is None or booking.offer.queue.hall_id != queue_hall:
        raise ValidationError({"code": _("这个大厅没有这个预约码。请核对，或者直接取号。")})
    queue = booking.offer.queue
    with audit.change(by, "market.arrive", booking) as note:
        if not _mine(booking):
            return Ticket.objects.select_related("queue__hall").get(booking=booking)
        _give_up_walk_in(queue, booking.person)
        ticket = _number(queue, person=booking.person, claims=claims, booking=booking)
        note.facts["label"] = ticket.label
    return ticket


def next_one(queue: Queue, *, window: str, by: Actor) -> Ticket:
    """Call whoever is next to a window; two clerks who press at once call two people. Needs `window.call`.

    A clerk who has somebody before him gets that number again. Raises `ValidationError` when nobody waits.
    """
    _may_call(queue, by)
    _window(queue, window)
    before_him = queries.at_window(by)
    if before_him is not None:
        return before_him
    try:
        with audit.change(by, "market.call") as note:
            ticket = _call_first(_callable(queue, by), window, by)
            note.thing, note.facts = ticket, {"label": ticket.label, "window": window}
            _look(ticket, by)
            hooks.called.ring(ticket=ticket, by=by)
    except IntegrityError:  # the same clerk pressed twice at once
        before_him = queries.at_window(by)
        if before_him is None:
            raise
        return before_him
    return ticket


def again(ticket: Ticket, *, by: Actor) -> Ticket:
    """Call the number once more: it moves to the top of the screen."""
    with audit.change(by, "market.call_again", ticket):
        _step(ticket, (CALLED,), by, calls=F("calls") + 1, called_at=clock.now())
        ticket = _fresh(ticket)
        hooks.called.ring(ticket=ticket, by=by)
    return ticket


def serve(ticket: Ticket, *, by: Actor) -> Ticket:
    """They are at the window."""
    with audit.change(by, "market.serve", ticket):
        _step(ticket, (CALLED,), by, state=SERVING, served_at=clock.now())
    return _fresh(ticket)


def done(ticket: Ticket, *, by: Actor) -> Ticket:
    """Finished at the window."""
    with audit.change(by, "market.done", ticket):
        _step(ticket, (CALLED, SERVING), by, state=Ticket.State.DONE, ended_at=clock.now())
    return _fresh(ticket)


def pass_over(ticket: Ticket, *, by: Actor) -> Ticket:
    """Called, and nobody came."""
    with audit.change(by, "market.pass", ticket):
        _step(ticket, (CALLED,), by, state=Ticket.State.PASSED, ended_at=clock.now())
    return _fresh(ticket)


def back_in_line(ticket: Ticket, *, by: Actor) -> Ticket:
    """Who was passed over has come after all: waits again, last of his rank. The same day."""
    _may_call(ticket.queue, by)
    try:
        with audit.change(by, "market.back_in_line", ticket):
            mine = Ticket.objects.filter(pk=ticket.pk, state=Ticket.State.PASSED, day=clock.today()).update(
                state=WAITING, turn_at=clock.now(), window="", clerk=None, ended_at=None
            )
            if not mine:
                raise ValidationError(_wrong_state(ticket))
    except IntegrityError:
        raise ValidationError(_("这个人已另取了号，请按新号等候。")) from None
    return _fresh(ticket)


def hand_on(ticket: Ticket, queue: Queue, *, by: Actor) -> Ticket:
    """Send somebody on to another line of the hall: a number there, at the head of its rank by the time he came."""
    if queue.hall_id != ticket.queue.hall_id or queue.pk == ticket.queue_id:
        raise ValidationError({"queue": _("请选同一大厅的另一个窗口组。")})
    _open(queue)
    with audit.change(by, "market.hand_on", ticket, queue=queue.key) as note:
        _step(ticket, (CALLED, SERVING), by, state=Ticket.State.DONE, ended_at=clock.now())
        there = ticket.person_id and _taken(queue, ticket.person, None)
        fresh = there or _number(queue, person=ticket.person)
        Ticket.objects.filter(pk=fresh.pk, state=WAITING).update(
            rank=min(fresh.rank, ticket.rank), priority=fresh.priority or ticket.priority, turn_at=ticket.turn_at
        )
        note.facts["label"] = fresh.label
    return _fresh(fresh)


def know(ticket: Ticket, *, number: str, by: Actor) -> Ticket:
    """Put the person to a number taken without a name, by the identity number shown at the window."""
    require(by, "people.view")
    identifier = identifier_of(number)
    if identifier is None:
        raise ValidationError({"number": _("没有登记这个身份号码。请核对，或者先在“人员查询”里登记。")})
    if identifier.person_id in persons_of(by):
        raise Denied(_("这是您自己的事，请由其他人员办理。"))
    try:
        with audit.change(by, "market.know", ticket):
            _step(ticket, (CALLED, SERVING), by, person=identifier.person)
            ticket = _fresh(ticket)
            _look(ticket, by)
    except IntegrityError:
        raise ValidationError({"number": _("这个人今天在这一组已有一个号。")}) from None
    return ticket


def _number(
    queue: Queue, *, person: Person | None, claims: tuple[str, ...] = (), booking: Booking | None = None,
    key: UUID | None = None,
) -> Ticket:  # fmt: skip
    """The next number; in the caller's transaction, so that none is lost."""
    now, day = clock.now(), clock.today()
    first = priorities.first_for(person, claims, day)
    rank = Ticket.Rank.FIRST if first else Ticket.Rank.BOOKED if booking else Ticket.Rank.PLAIN
    number = numbers.next_number(queue, day)
    return Ticket.objects.create(
        queue=queue, day=day, number=number, label=numbers.label(queue, number), key=key or uuid4(), booking=booking,
        person=person, rank=rank, priority=first, turn_at=max(now, booking.start) if booking and not first else now,
    )  # fmt: skip


def _mine(booking: Booking) -> bool:
    """Mark a booking as kept; False if that was done before."""
    now = clock.now()
    if clock.local_day(booking.start) != clock.today():
        raise ValidationError({"code": _("预约的不是今天。请在约好的那天来，或者直接取号。")})
    if now > queries.late_after(booking):
        raise ValidationError({"code": _("约好的时间已过。请直接取号。")})
    mine = Booking.objects.filter(pk=booking.pk, state=Booking.State.BOOKED).update(
        state=Booking.State.ARRIVED, ended_at=now
    )
    if not mine:
        state = Booking.objects.get(pk=booking.pk)
        if state.state != Booking.State.ARRIVED:
            raise ValidationError({"code": _("这个预约现在是“%(state)s”。请直接取号。") % {"state": state.tag[1]}})
    return bool(mine)


def _give_up_walk_in(queue: Queue, person: Person) -> None:
    """Who has an appointment needs no number he took before; one that was called stays."""
    walked_in = Ticket.objects.filter(queue=queue, day=clock.today(), person=person, state__in=Ticket.OPEN)
    walked_in.filter(state=WAITING, booking=None).update(state=Ticket.State.PASSED, ended_at=clock.now())
    left = walked_in.first()
    if left is not None:
        raise ValidationError({"code": _("您在这一组已有一个号 %(label)s，请先按那个号办。") % {"label": left.label}})


def _taken(queue: Queue, person: Person | None, key: UUID | None) -> Ticket | None:
    rows = Ticket.objects.select_related("queue__hall")
    if key is not None:
        found = rows.filter(key=key).first()
        if found is not None:
            return found
    if person is None:
        return None
    return rows.filter(queue=queue, day=clock.today(), person=person, state__in=Ticket.OPEN).first()


def _callable(queue: Queue, by: Actor) -> QuerySet[Ticket]:
    """Who may be called by this clerk: not himself."""
    return queries.today([queue]).exclude(person__in=persons_of(by))


def _call_first(tickets: QuerySet[Ticket], window: str, by: Actor) -> Ticket:
    """Take the first one who waits; when somebody else was quicker, the one after."""
    while True:
        first = queries.in_turn(tickets).values_list("pk", flat=True).first()
        if first is None:
            raise ValidationError(_("现在没有人等候。"))
        mine = Ticket.objects.filter(pk=first, state=WAITING).update(
            state=CALLED, window=window[:60], clerk=by.account_id, calls=F("calls") + 1, called_at=clock.now()
        )
        if mine:
            return _fresh(Ticket(pk=first))


def _step(ticket: Ticket, states: tuple[str, ...], by: Actor, **changes: object) -> None:
    """The clerk who called it moves a number on; once."""
    _may_call(ticket.queue, by)
    mine = Ticket.objects.filter(pk=ticket.pk, clerk=getattr(by, "account_id", None), state__in=states)
    if not mine.update(**changes):
        raise ValidationError(_wrong_state(ticket))


def _wrong_state(ticket: Ticket) -> str:
    now = _fresh(ticket)
    return _("%(label)s 现在是“%(state)s”（%(window)s），这一步不能做。") % {
        "label": now.label, "state": now.tag[1], "window": now.window or _("没有窗口"),
    }  # fmt: skip


def _fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("queue__hall", "queue__department", "person", "booking").get(pk=ticket.pk)


def _look(ticket: Ticket, by: Actor) -> None:
    """The clerk sees who it is: the person can read that later."""
    if ticket.person_id:
        audit.look(by, ticket, purpose=f"窗口办理 {ticket.label}", person_id=ticket.person_id)


def _may_call(queue: Queue, by: Actor) -> None:
    require(by, queries.CALL, queue.department_id, queue.region_code)
    if getattr(by, "account_id", None) is None:
        raise Denied(_("请登录后叫号。"))


def _window(queue: Queue, window: str) -> None:
    if window not in [one["zh"] for one in queue.windows]:
        raise ValidationError({"window": _("请选您所在的窗口。")})


def _open(queue: Queue) -> None:
    if not (queue.active and queue.hall.active):
        raise ValidationError({"queue": _("这一组窗口已停办，请选别的。")})
