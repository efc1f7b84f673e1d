"""The telephone: where operators sit, what the exchange tells of calls, calls asked for, lost ones done with."""

import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Account
from hexi.domains.livelihood.requests import callers, hooks
from hexi.domains.livelihood.requests.models import Call, Hotline, Request, Seat
from hexi.domains.livelihood.requests.operations.asking import call as ask
from hexi.domains.livelihood.requests.queries import calls as queries_calls
from hexi.domains.livelihood.requests.states import CALLBACK, INTAKE, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require
from hexi.wire.telephony_http import ANSWERED, ENDED, RECORDED, RINGING, Event

BY = System("exchange")
#: seconds in which asking for the same call again is the same call
DOUBLE = 60


# --- where operators sit ----------------------------------------------------------------------------------------------
def sit(hotline: Hotline, *, extension: str, ready: bool, by: Actor) -> Seat:
    """The operator sits at this extension from now on, ready or not. Whoever has left it paused gives it up."""
    require(by, INTAKE, hotline.department_id, hotline.region_code)
    account_id = getattr(by, "account_id", None)
    if account_id is None:
        raise Denied(_("请先登录。"))
    extension = extension.strip()
    if not (extension.isascii() and extension.isalnum() and len(extension) <= 20):
        raise ValidationError({"extension": _("分机号由数字或字母组成，最多 20 位。")})
    state = Seat.State.READY if ready else Seat.State.PAUSED
    try:
        with change(by, "requests.sit", extension=extension, state=str(state)) as note:
            _free(extension, account_id)
            facts = {"extension": extension, "region_code": hotline.region_code, "state": state, "since": clock.now()}
            seat, _new = Seat.objects.update_or_create(account_id=account_id, defaults=facts)
            hooks.seat_changed.ring(seat=seat, by=by)
            note.thing = seat
    except IntegrityError as error:  # another sat down there this moment
        raise ValidationError({"extension": _("这个分机刚刚有人坐下。请换一个分机号。")}) from error
    return seat


def _free(extension: str, account_id: int) -> None:
    """Nobody else may sit there and be ready."""
    other = Seat.objects.select_for_update().filter(extension=extension).exclude(account_id=account_id).first()
    if other is None:
        return
    if other.state == Seat.State.READY:
        name = Account.objects.get(pk=other.account_id).name
        raise ValidationError({"extension": _("%(name)s正在用这个分机。请换一个分机号。") % {"name": name}})
    other.delete()


# --- what the exchange tells ------------------------------------------------------------------------------------------
def hear(event: Event, hotline: Hotline | None, *, by: Actor = BY) -> Call:
    """Write down what the exchange tells: told twice, late or in another order it comes to the same.

    `hotline` is needed for a call we do not know yet; `ValidationError` without. Needs `requests.intake` there.
    """
    with transaction.atomic():
        known = Call.objects.filter(key=event.call).first() or _begin(event, hotline)
        call = Call.objects.select_for_update().get(pk=known.pk)
        require(by, INTAKE, call.hotline_id, call.hotline_region)
        if not _TAKEN[event.kind](call, event):
            return call
        with change(by, "requests.hear", call, kind=event.kind):
            call.save()
            _follow(call, event)
    return call


def _begin(event: Event, hotline: Hotline | None) -> Call:
    if hotline is None:
        raise ValidationError({"line": "no hotline has this line"})
    facts = {
        "hotline_id": hotline.department_id, "hotline_region": hotline.region_code, "began_at": event.at,
        "contact": {"phone": event.caller}, "phone_lookup": callers.lookup(event.caller),
    }  # fmt: skip
    return Call.objects.get_or_create(key=event.call, defaults=facts)[0]


def _known(call: Call, event: Event) -> bool:
    """The number, if this is the first event that has it; the earliest moment. True if something is new."""
    new = bool(event.caller and not call.phone)
    if new:
        call.contact = {**call.contact, "phone": event.caller}
        call.phone_lookup = callers.lookup(event.caller)
    earlier = event.at < call.began_at
    call.began_at = min(call.began_at, event.at)
    return new or earlier


def _ringing(call: Call, event: Event) -> bool:
    """Rings at an extension; a later one counts. Once answered it is where it was answered."""
    known = _known(call, event)
    if call.answered_at is not None or (call.extension_at is not None and event.at <= call.extension_at):
        return known
    call.extension, call.extension_at = event.extension, event.at
    return True


def _answered(call: Call, event: Event) -> bool:
    if call.answered_at is not None:
        return False
    _known(call, event)
    call.extension, call.answered_at = event.extension or call.extension, event.at
    return True


def _ended(call: Call, event: Event) -> bool:
    if call.ended_at is not None:
        return False
    _known(call, event)
    call.ended_at = event.at
    return True


def _recorded(call: Call, event: Event) -> bool:
    if call.recorded:
        return False
    _known(call, event)
    call.contact, call.recorded = {**call.contact, "recording": event.recording}, True
    return True


_TAKEN = {RINGING: _ringing, ANSWERED: _answered, ENDED: _ended, RECORDED: _recorded}


def _follow(call: Call, event: Event) -> None:
    """Somebody spoken to is no lost caller any more; a call back nobody picked up is written down as an attempt."""
    if event.kind == ANSWERED:
        _returned(call, event.at)
    elif event.kind == ENDED and call.about is not None and call.answered_at is None:
        try:
            with transaction.atomic():
                ask(call.about, reached=False, by=BY)
        except ValidationError:
            return  # it has been rated meanwhile


def _returned(call: Call, at: datetime) -> None:
    if call.phone_lookup:
        lost = queries_calls.LOST & queries_calls.of_region(call.hotline_region)
        Call.objects.filter(lost, phone_lookup=call.phone_lookup, began_at__lt=at).update(returned_at=at)


# --- calls we ask for -------------------------------------------------------------------------------------------------
def ring_back(request: Request, *, by: Actor) -> tuple[Call, bool]:
    """Ask the caller of an answered order what he thinks; a second click within a minute is the same call.

    The number goes to the exchange, not to the operator: so who must stay unknown can be rung back too. The caller of
    this function asks the exchange for the call, unless it is False that it is new.
    """
    require(by, CALLBACK, request.hotline_id, request.hotline_region)
    if request.case.state != State.ANSWERED:
        raise ValidationError(_("只有已答复、等待评价的诉求才回访。"))
    hotline = Hotline.objects.get(department=request.hotline_id, region_code=request.hotline_region)
    return _dial(hotline, str(request.contact.get("phone") or ""), request, by)


def ring_lost(call: Call, *, by: Actor) -> tuple[Call, bool]:
    """Ring back whom nobody answered; as `ring_back`."""
    require(by, INTAKE, call.hotline_id, call.hotline_region)
    hotline = Hotline.objects.get(department=call.hotline_id, region_code=call.hotline_region)
    return _dial(hotline, call.phone, None, by)


def _dial(hotline: Hotline, phone: str, about: Request | None, by: Actor) -> tuple[Call, bool]:
    if not callers.plain_phone(phone):
        raise ValidationError(_("没有留电话，不能拨打。"))
    sign = callers.lookup(phone)
    with transaction.atomic():
        seat = Seat.objects.select_for_update().filter(account=getattr(by, "account_id", None)).first()
        if seat is None:
            raise ValidationError(_("请先在“我的座席”填写分机号。"))
        now = clock.now()
        mine = Call.objects.filter(way=Call.Way.OUT, extension=seat.extension, phone_lookup=sign, about=about,
                                   ended_at=None, refused="", began_at__gt=now - timedelta(seconds=DOUBLE))  # fmt: skip
        if (same := mine.first()) is not None:
            return same, False
        with change(by, "requests.dial", about.case if about else None, extension=seat.extension) as note:
            call = Call.objects.create(
                key=f"hexi-{uuid.uuid4()}", way=Call.Way.OUT, hotline_id=hotline.department_id, about=about,
                hotline_region=hotline.region_code, contact={"phone": phone}, phone_lookup=sign,
                extension=seat.extension, extension_at=now, began_at=now,
            )  # fmt: skip
            note.thing = note.thing or call
    return call, True


def not_dialled(call: Call, why: str, *, by: Actor) -> None:
    """The exchange would not: the call is over, and says why."""
    with change(by, "requests.not_dialled", call, why=why[:200]):
        Call.objects.filter(pk=call.pk, ended_at=None).update(ended_at=clock.now(), refused=why[:200] or "refused")


def give_up(call: Call, *, by: Actor) -> None:
    """Nobody rings this lost caller back any more; the number stays in the list of all calls."""
    require(by, INTAKE, call.hotline_id, call.hotline_region)
    with change(by, "requests.give_up_call", call):
        gone = Call.objects.filter(queries_calls.LOST, pk=call.pk).update(
            returned_at=clock.now(), returned_by=by.name[:200]
        )
        if not gone:
            raise ValidationError(_("这个来电已经有人处理。"))


def clear_calls(days: int, most: int = 1000) -> int:
    """Delete calls that became no order after so many days; how many."""
    old = Call.objects.filter(began_at__lt=clock.now() - timedelta(days=days), orders=None, about=None)
    gone = list(old.order_by("pk").values_list("pk", flat=True)[:most])
    if gone:
        with change(System("requests"), "requests.clear_calls", count=len(gone)):
            Call.objects.filter(pk__in=gone).delete()
    return len(gone)
