"""Parcels made, sent, handed over by code, cancelled, arranged anew. What couriers say is taken in by `tracking`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.notices import operations as notices
from hexi.blocks.parcels import addresses, codes, couriers, hooks, numbers, queries
from hexi.blocks.parcels.models import Parcel, Problem, State, Track, Way
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words

#: how the keys of our own events begin
OURS = "hexi:"
#: proof of an electronic delivery: it counts when it reaches the receiver's account
IN_THE_ACCOUNT = "电子送达，已到收件人账户"


def make(
    thing: models.Model, *, title: Words, way: str, receiver: Person, sender: Department,
    to: Mapping[str, str] | None = None, place: str = "", by: Actor,
) -> Parcel:  # fmt: skip
    """Prepare what is handed over of a thing; one at a time a thing, however often asked. Needs `parcels.send`.

    `to` is the address for a courier, `place` where it is handed out or sent from. Electronic ones are delivered at
    once. Raises `ValidationError` naming `to_name`, `to_phone`, `to_address`.
    """
    require(by, "parcels.send", sender.pk, sender.region_code)
    kind, ref = queries.name_of(thing)
    parcel = Parcel(
        of_kind=kind, of_ref=ref, title_zh=title.zh, title_en=title.en, way=Way(way), receiver=receiver,
        receiver_name=receiver.name, department=sender, region_code=sender.region_code, place=place[:300],
        to=addresses.checked(to or {}) if way == Way.COURIER else {}, made_at=clock.now(),
    )  # fmt: skip
    try:
        with audit.change(by, "parcels.make") as note:
            earlier = _standing(parcel)
            if earlier is not None:
                return earlier
            _begin(parcel, note, by)
    except IntegrityError:
        earlier = _standing(parcel)  # somebody else made it this very moment
        if earlier is None:
            raise
        return earlier
    return parcel


def send(parcel: Parcel, *, by: Actor) -> Parcel:
    """Order the courier, or ask again after it refused or kept silent. The order itself is placed soon, by a job."""
    require(by, "parcels.send", parcel.department_id, parcel.region_code)
    courier = couriers.chosen()
    if courier is None:
        raise ValidationError(_("还没有接通快递。请管理员设置 parcels.courier_url（见 docs/courier.md）。"))
    with audit.change(by, "parcels.send", parcel) as note:
        parcel = locked(parcel)
        again = parcel.state == State.ORDERING and parcel.due is None
        if parcel.state != State.TO_SEND and not again:
            raise ValidationError(_("这件现在是“%(state)s”，不用下单。") % {"state": parcel.tag[1]})
        parcel.state, parcel.courier, parcel.tries, parcel.due = State.ORDERING, courier.key, 0, clock.now()
        parcel.problem = parcel.problem_note = ""
        parcel.save()
        note.facts["courier"] = courier.key
        hooks.courier_wanted.ring(parcel=parcel)
    return parcel


def hand(parcel: Parcel, *, code: str, taken_by: str = "", by: Actor) -> Parcel:
    """Hand over at the window to whoever says the code; a wrong one is counted and told. Needs `parcels.hand`.

    `taken_by` is the name of somebody else who collects for the receiver.
    """
    _may_hand(parcel, by)
    with audit.change(by, "parcels.hand", parcel) as note:
        parcel = locked(parcel)
        _waits(parcel)
        right = codes.fits(parcel, code)
        if right:
            conclude(parcel, at=clock.now(), signed_by=taken_by.strip() or _self(parcel), by=by)
        else:
            parcel.wrong += 1
            parcel.problem = "" if codes.left(parcel) else Problem.LOCKED
            parcel.save()
            note.verb, note.facts["wrong"] = "parcels.wrong_code", parcel.wrong
    if not right:
        raise ValidationError({"code": _wrong(parcel)})
    return parcel


def hand_known(parcel: Parcel, *, checked: str, taken_by: str = "", by: Actor) -> Parcel:
    """Hand over at the window without the code, after checking the identity paper named in `checked`."""
    _may_hand(parcel, by)
    if not checked.strip():
        raise ValidationError({"checked": _("请写明核对了什么证件，例如“居民身份证原件”。不要写证件号码。")})
    with audit.change(by, "parcels.hand_known", parcel, checked=checked.strip()):
        parcel = locked(parcel)
        if parcel.state != State.PICKUP:
            raise ValidationError(_("这件现在是“%(state)s”，不能在窗口交付。") % {"state": parcel.tag[1]})
        conclude(
            parcel, at=clock.now(), signed_by=taken_by.strip() or _self(parcel), by=by,
            text=f"核对证件：{checked.strip()}",
        )  # fmt: skip
    return parcel


def renew_code(parcel: Parcel, *, by: Actor) -> Parcel:
    """A new pick-up code and new tries: the receiver's own wish, or the window's (`parcels.hand`)."""
    if parcel.receiver_id not in persons_of(by):
        _may_hand(parcel, by)
    with audit.change(by, "parcels.renew_code", parcel):
        parcel = locked(parcel)
        if parcel.state != State.PICKUP:
            raise ValidationError(_("这件现在是“%(state)s”，没有领取码。") % {"state": parcel.tag[1]})
        _new_code(parcel)
        parcel.save()
        _tell(parcel, "parcels.to_collect", by, place=parcel.place, day=parcel.valid_to)
    return parcel


def cancel(parcel: Parcel, *, reason: str, by: Actor) -> Parcel:
    """Call it off before the courier has it; the courier is told by a job."""
    require(by, "parcels.send", parcel.department_id, parcel.region_code)
    if not reason.strip():
        raise ValidationError({"reason": _("请写明取消的原因，收件人会看到。")})
    with audit.change(by, "parcels.cancel", parcel, reason=reason.strip()):
        parcel = locked(parcel)
        if parcel.state not in (State.PICKUP, State.TO_SEND, State.ORDERING, State.ORDERED):
            raise ValidationError(
                _("这件现在是“%(state)s”，不能取消。已在路上的，请联系快递退回。") % {"state": parcel.tag[1]}
            )
        ordered = parcel.state in (State.ORDERING, State.ORDERED)
        parcel.state, parcel.problem, parcel.problem_note = State.CANCELLED, "", ""
        parcel.due, parcel.tries = (clock.now() if ordered else None), 0
        parcel.save()
        note_track(parcel, State.CANCELLED, who=by.name, text=reason.strip())
        _tell(parcel, "parcels.cancelled", by, reason=reason.strip())
        if ordered:
            hooks.courier_wanted.ring(parcel=parcel)
    return parcel


def again(parcel: Parcel, *, way: str, to: Mapping[str, str] | None = None, by: Actor) -> Parcel:
    """Arrange anew what came back or was called off: a new parcel with its own number."""
    require(by, "parcels.send", parcel.department_id, parcel.region_code)
    with audit.change(by, "parcels.again", parcel) as note:
        old = locked(parcel)
        if old.state not in (State.RETURNED, State.CANCELLED):
            raise ValidationError(_("这件现在是“%(state)s”，不用重新安排。") % {"state": old.tag[1]})
        fresh = make_like(old, way=way, to=to)
        earlier = _standing(fresh)
        if earlier is not None:
            raise ValidationError(_("已经重新安排过：%(number)s。") % {"number": earlier.number})
        Parcel.objects.filter(pk=old.pk).update(problem="", problem_note="")
        _begin(fresh, note, by)
    return fresh


def make_like(old: Parcel, *, way: str, to: Mapping[str, str] | None) -> Parcel:
    """The same thing to the same person, not yet saved."""
    if way not in (Way.WINDOW, Way.COURIER):
        raise ValidationError({"way": _("请选择窗口领取或者快递送达。")})
    return Parcel(
        of_kind=old.of_kind, of_ref=old.of_ref, title_zh=old.title_zh, title_en=old.title_en, way=way,
        receiver=old.receiver, receiver_name=old.receiver_name, department=old.department,
        region_code=old.region_code, place=old.place, made_at=clock.now(),
        to=addresses.checked(to or old.to) if way == Way.COURIER else {},
    )  # fmt: skip


def note_export(by: Actor, count: int) -> None:
    """Log that somebody saved a list of parcels."""
    with audit.change(by, "parcels.export", "parcels.parcel", count=count):
        pass


def locked(parcel: Parcel) -> Parcel:
    """The parcel as it stands now, its row locked until the transaction ends."""
    found = Parcel.objects.select_for_update(of=("self",)).select_related("department", "receiver__representative")
    return found.get(pk=parcel.pk)


def conclude(
    parcel: Parcel, *, at: datetime, signed_by: str, by: Actor, text: str = "", handed_by: str = "",
    track: bool = True,
) -> None:  # fmt: skip
    """Note the proof of delivery of a locked parcel and tell whoever listens; in the caller's transaction."""
    parcel.state, parcel.problem, parcel.problem_note, parcel.due = State.DELIVERED, "", "", None
    parcel.delivered_at, parcel.signed_by = min(max(at, parcel.made_at), clock.now()), signed_by[:200]
    parcel.handed_by = (handed_by or by.name)[:200]
    parcel.save()
    if track:
        note_track(parcel, State.DELIVERED, who=parcel.handed_by, text=text)
    _tell(parcel, "parcels.delivered", by, who=parcel.signed_by, at=parcel.delivered_at)
    hooks.delivered.ring(parcel=parcel, by=by)


def note_track(parcel: Parcel, kind: State, *, who: str = "", text: str = "") -> None:
    """A line of our own on the parcel's way."""
    number = parcel.tracks.filter(key__startswith=OURS).count() + 1
    Track.objects.create(
        parcel=parcel, key=f"{OURS}{number}", kind=kind, at=clock.now(), noted_at=clock.now(), who=who[:200],
        place=parcel.place[:200] if parcel.way == Way.WINDOW else "", text=text[:500],
    )  # fmt: skip


def tell_sent(parcel: Parcel, by: Actor) -> None:
    """The courier has taken the order."""
    _tell(parcel, "parcels.sent", by, courier=couriers.title_of(parcel.courier), tracking=parcel.tracking)


def tell_returned(parcel: Parcel, by: Actor) -> None:
    """It came back."""
    _tell(parcel, "parcels.returned", by, reason=parcel.problem_note)


def expire_code(parcel: Parcel, *, by: Actor) -> bool:
    """Note that it was not collected in time and tell the receiver, once; the thing stays at the window."""
    with audit.change(by, "parcels.code_expired", parcel):
        mine = queries.past_code(clock.now()).filter(pk=parcel.pk).update(problem=Problem.EXPIRED)
        if mine:
            _tell(parcel, "parcels.not_collected", by, place=parcel.place)
    return bool(mine)


def note_silence(parcel: Parcel, *, before: datetime, by: Actor) -> bool:
    """Flag a parcel of which the courier has said nothing for days, once."""
    with audit.change(by, "parcels.silent", parcel):
        return bool(queries.silent(before).filter(pk=parcel.pk).update(problem=Problem.SILENT))


def _begin(parcel: Parcel, note: Any, by: Actor) -> None:
    """Number and save a new parcel, and do what its way begins with."""
    if parcel.way == Way.WINDOW:
        _new_code(parcel)
    parcel.state = State.PICKUP if parcel.way == Way.WINDOW else State.TO_SEND
    parcel.number = numbers.parcel_number()
    parcel.save()
    note.thing, note.facts = parcel, note.facts | {"number": parcel.number, "way": str(parcel.way)}
    if parcel.way == Way.ONLINE:
        conclude(parcel, at=parcel.made_at, signed_by=IN_THE_ACCOUNT, by=by)
        return
    note_track(parcel, State(parcel.state), who=parcel.department.name)
    if parcel.way == Way.WINDOW:
        _tell(parcel, "parcels.to_collect", by, place=parcel.place, day=parcel.valid_to)


def _new_code(parcel: Parcel) -> None:
    parcel.salt, parcel.wrong = codes.salt(), 0
    parcel.valid_to = clock.today() + timedelta(days=codes.DAYS.value)
    parcel.problem = parcel.problem_note = ""


def _standing(parcel: Parcel) -> Parcel | None:
    gone = (State.RETURNED, State.CANCELLED)
    same = Parcel.objects.filter(of_kind=parcel.of_kind, of_ref=parcel.of_ref)
    return same.exclude(state__in=gone).first()


def _may_hand(parcel: Parcel, by: Actor) -> None:
    require(by, "parcels.hand", parcel.department_id, parcel.region_code)
    if parcel.receiver_id in persons_of(by):
        raise Denied(_("这是给您自己（或您代表的单位）的，请由其他人员交付。"))


def _self(parcel: Parcel) -> str:
    """Who comes if nobody is named: the receiver; for a body the human being who represents it."""
    return queries.readers(parcel)[0].name


def _waits(parcel: Parcel) -> None:
    if parcel.state != State.PICKUP:
        raise ValidationError(_("这件现在是“%(state)s”，不能在窗口交付。") % {"state": parcel.tag[1]})
    if not codes.left(parcel):
        raise ValidationError({"code": _locked()})
    if not codes.good(parcel):
        raise ValidationError({"code": _("领取码已过期。请收件人在“我的送达”里换一个新码，或者核对证件后交付。")})


def _wrong(parcel: Parcel) -> str:
    if codes.left(parcel):
        return _("领取码不对，还可以试 %(n)s 次。请收件人再看一遍“我的送达”里的六位数字。") % {"n": codes.left(parcel)}
    return _locked()


def _locked() -> str:
    return _("领取码连续输错，已锁。请收件人在“我的送达”里换一个新码，或者核对证件后交付。")


def _tell(parcel: Parcel, key: str, by: Actor, **facts: Any) -> None:
    title = Words(zh=parcel.title_zh, en=parcel.title_en)
    named = {"title": title, "number": parcel.number, **facts}
    notices.tell(queries.readers(parcel), key, about=parcel, facts=named, by=by)
