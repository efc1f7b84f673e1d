"""What passes between us and couriers: orders, questions, cancellations, and the events they tell. Beside operations.

No lock is held while a courier's server answers: a try is noted before it is made and its outcome after it.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.parcels import couriers, hooks, operations
from hexi.blocks.parcels.models import ON_THE_WAY, Parcel, Problem, State, Track
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System
from hexi.kernel.options import Option
from hexi.wire.courier_http import Address, Label, News, Refused

TRIES = Option(
    "parcels.order_tries", int, 6,
    "下单试几次后放弃：隔 1、4、16、64…… 分钟。 / Tries before an order is given up: after 1, 4, 16, 64 … minutes.",
)  # fmt: skip
SILENT_DAYS = Option(
    "parcels.silent_days", int, 3,
    "快递几天没有消息算有问题。 / Days without news of a courier after which a parcel is a problem.",
)  # fmt: skip
#: minutes after which a try whose process died is made again
LEASE = 10
#: later of two events at one moment
RANK = {kind: place for place, kind in enumerate((*ON_THE_WAY, State.RETURNED, State.DELIVERED))}
FINAL = (State.DELIVERED, State.RETURNED)
BY = System("parcels.courier")
log = logging.getLogger(__name__)


def exchange(pk: int) -> bool:
    """Ask the courier what is due for a parcel: take the order, call it off, or tell the news. False: nothing due."""
    parcel = _claim(pk)
    if parcel is None:
        return False
    courier = couriers.couriers().get(parcel.courier)
    try:
        if courier is None:
            raise Refused(_("没有快递“%(key)s”") % {"key": parcel.courier})
        if parcel.state == State.ORDERING:
            _ordered(parcel, courier.order(label_of(parcel)))
        elif parcel.state == State.CANCELLED:
            courier.cancel(parcel)
            # a tracking number that came meanwhile is called off as well
            Parcel.objects.filter(pk=pk, tracking=parcel.tracking).update(due=None, tries=0)
        else:
            hear(parcel, courier.track(parcel), by=BY)
            Parcel.objects.filter(pk=pk, state__in=ON_THE_WAY).update(tries=0)  # only what fails is put off
    except Refused as error:
        _failed(parcel, str(error), final=True)
    except Exception as error:  # whatever its server or library does, the parcel is kept and asked about again
        log.warning("parcel %s by %s: %s", parcel.number, parcel.courier, type(error).__name__)
        _failed(parcel, str(error) or type(error).__name__, final=False)
    return True


def hear(parcel: Parcel, news: Iterable[News], *, by: Actor) -> int:
    """Take in events in whatever order; each counts once. Returns how many were new.

    Names that begin as those of our own events are not a courier's to use: they would hide what it says.
    """
    news = [one for one in news if not one.key.startswith(operations.OURS)]
    if {one.key for one in news} <= set(parcel.tracks.values_list("key", flat=True)):
        # nothing to log: only when to ask next
        Parcel.objects.filter(pk=parcel.pk, state__in=ON_THE_WAY).update(due=clock.now() + _wait(parcel))
        return 0
    with change(by, "parcels.hear", parcel) as note:
        parcel = operations.locked(parcel)
        known = set(parcel.tracks.values_list("key", flat=True))
        fresh = list({one.key: one for one in news if one.key not in known}.values())
        Track.objects.bulk_create(
            [
                Track(
                    parcel=parcel, key=one.key, kind=one.kind, at=one.at, noted_at=clock.now(), place=one.place,
                    text=one.text, who=one.signed_by,
                )
                for one in fresh
            ]
        )  # fmt: skip
        note.facts["new"] = len(fresh)
        parcel.due = _next(parcel)
        if fresh:
            parcel.heard_at = clock.now()
            _named(parcel, fresh)
            _move(parcel, by)
        parcel.save()
    return len(fresh)


def find(news: News, courier: str) -> Parcel | None:
    """The parcel an event speaks of, by our number or the courier's; None if there is none, or they disagree."""
    ours = Parcel.objects.filter(courier=courier)
    found = ours.filter(number=news.number).first() if news.number else None
    if found is None and news.tracking and not news.number:
        found = ours.filter(tracking=news.tracking).first()
    if found is None or (found.tracking and news.tracking and found.tracking != news.tracking):
        return None
    return found


def label_of(parcel: Parcel) -> Label:
    """What the courier is asked to carry."""
    office = parcel.department
    return Label(
        parcel.number, str(parcel.key), parcel.title_zh, Address(office.name, office.phone, parcel.place),
        Address(parcel.to["name"], parcel.to["phone"], parcel.to["address"]),
    )  # fmt: skip


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries: 1, 4, 16, 64 … minutes, at most a day."""
    return timedelta(minutes=min(4 ** (tries - 1), 1440))


def _claim(pk: int) -> Parcel | None:
    now = clock.now()
    mine = Parcel.objects.filter(pk=pk, due__lte=now).update(due=now + timedelta(minutes=LEASE), tries=F("tries") + 1)
    return Parcel.objects.select_related("department").get(pk=pk) if mine else None


def _ordered(parcel: Parcel, tracking: str) -> None:
    """The courier has taken the order; if it was called off meanwhile, the courier is told that next."""
    with change(BY, "parcels.ordered", parcel, tracking=tracking):
        parcel = operations.locked(parcel)
        if Parcel.objects.filter(courier=parcel.courier, tracking=tracking).exclude(pk=parcel.pk).exists():
            raise Refused(_("快递单号 %(tracking)s 已经用在另一件上") % {"tracking": tracking})
        parcel.tracking = parcel.tracking or tracking
        parcel.tries = 0
        parcel.due = clock.now() if parcel.state == State.CANCELLED else _next(parcel)
        if parcel.state == State.ORDERING:
            _taken(parcel)
        parcel.save()


def _taken(parcel: Parcel) -> None:
    parcel.state, parcel.ordered_at, parcel.heard_at = State.ORDERED, clock.now(), clock.now()
    parcel.problem = parcel.problem_note = ""
    operations.note_track(parcel, State.ORDERED, text=f"快递单号 {parcel.tracking}")
    operations.tell_sent(parcel, BY)


def _failed(parcel: Parcel, words: str, *, final: bool) -> None:
    """Try again later; if that is useless or was done often enough, it is a problem. News is asked for without end."""
    now, asking = clock.now(), parcel.state in (State.ORDERING, State.CANCELLED)
    if not asking:
        Parcel.objects.filter(pk=parcel.pk).update(due=now + max(_wait(parcel), pause_after(min(parcel.tries, 6))))
        return
    given_up = final or parcel.tries >= TRIES.value
    changed: dict = {"due": None if given_up else now + pause_after(parcel.tries)}
    if given_up:
        problem = Problem.REFUSED if final else Problem.UNANSWERED
        changed |= {"problem": problem, "problem_note": words[:300]}
    with change(BY, "parcels.courier_failed", parcel, answer=words[:300], given_up=given_up):
        Parcel.objects.filter(pk=parcel.pk, state=parcel.state).update(**changed)


def _named(parcel: Parcel, fresh: list[News]) -> None:
    """An event that came before the answer to the order brings the tracking number."""
    if not parcel.tracking:
        told = next((one.tracking for one in fresh if one.tracking), "")
        if told and not Parcel.objects.filter(courier=parcel.courier, tracking=told).exists():
            parcel.tracking = told


def _move(parcel: Parcel, by: Actor) -> None:
    """Where all events together say that the parcel is."""
    last = _last(parcel)
    if parcel.state == State.ORDERING:  # the answer to the order is late, the parcel is not
        parcel.ordered_at = clock.now()
    elif parcel.state not in ON_THE_WAY:
        _after_the_end(parcel, last)
        return
    parcel.problem = parcel.problem_note = ""
    if last.kind == State.DELIVERED:
        operations.conclude(
            parcel, at=last.at, signed_by=last.who, by=by, track=False, handed_by=couriers.title_of(parcel.courier).zh
        )
        return
    parcel.state = State(last.kind)
    if last.kind == State.FAILED:
        parcel.problem, parcel.problem_note = Problem.FAILED, last.text[:300]
    if last.kind == State.RETURNED:
        parcel.due, parcel.problem, parcel.problem_note = None, Problem.RETURNED, last.text[:300]
        parcel.save()
        operations.tell_returned(parcel, by)
        hooks.returned.ring(parcel=parcel, by=by)


def _last(parcel: Parcel) -> Track:
    """The event that counts: the end if there is one, else the latest; of two at one moment the further one."""
    told = [one for one in parcel.tracks.all() if not one.key.startswith(operations.OURS)]
    ends = [one for one in told if one.kind in FINAL]
    return max(ends or told, key=lambda one: (one.at, RANK[State(one.kind)]))


def _after_the_end(parcel: Parcel, last: Track) -> None:
    came_back = last.kind == State.RETURNED and last.at > (parcel.delivered_at or last.at)
    if parcel.state == State.DELIVERED and came_back:
        parcel.problem, parcel.problem_note = Problem.RETURNED, last.text[:300]
    if parcel.state == State.CANCELLED and last.kind != State.RETURNED:
        parcel.problem, parcel.problem_note = Problem.STRAY, last.text[:300]


def _wait(parcel: Parcel) -> timedelta:
    courier = couriers.couriers().get(parcel.courier)
    return max(courier.wait() if courier else timedelta(days=1), timedelta(minutes=1))


def _next(parcel: Parcel) -> datetime | None:
    """When to ask for news; never once it is over, but an order to be called off stays due."""
    if parcel.over:
        return parcel.due if parcel.state == State.CANCELLED else None
    return clock.now() + _wait(parcel)
