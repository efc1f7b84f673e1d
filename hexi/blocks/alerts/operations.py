"""Alerts composed, changed, submitted, given back, approved by another, signed and published, followed, ended."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.alerts import foreseen, hooks, keys, message, numbers, queries
from hexi.blocks.alerts.areas import MOST, Piece, checked, said
from hexi.blocks.alerts.definitions import colour, colours, hazards
from hexi.blocks.alerts.models import Alert, Kind, State, Status, Why
from hexi.blocks.audit import operations as audit
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words
from hexi.wire.cap import checks, signing, writing
from hexi.wire.cap.faults import refused

#: what a composer says
FIELDS = (
    "hazard", "colour", "status", "urgency", "certainty", "responses", "headline_zh", "headline_en", "text_zh",
    "text_en", "advice_zh", "advice_en", "note", "onset", "expires",
)  # fmt: skip

#: of these the texts, whose columns say how long they may be
TEXTS = ("headline_zh", "headline_en", "text_zh", "text_en", "advice_zh", "advice_en", "note")


def compose(
    department: Department, *, pieces: Iterable[Piece] = (), once: uuid.UUID | None = None, by: Actor, **said: Any
) -> Alert:
    """A draft in the name of a department; sent twice with the same `once` it stands once. Needs `alerts.compose`.

    `said` are FIELDS. Raises `ValidationError` naming the field.
    """
    require(by, queries.COMPOSE, department.pk, department.region_code)
    alert = Alert(
        once=once or uuid.uuid4(), department=department, region_code=department.region_code, composed_key=by.key,
        composed_name=by.name, composed_at=clock.now(), **_tidied(said),
    )  # fmt: skip
    alert.areas = [_within(checked(piece), alert, by).stored() for piece in pieces]
    _fields_fit(alert)
    return _added(alert, "alerts.compose", by)


def follow(alert: Alert, kind: str, *, once: uuid.UUID | None = None, by: Actor, **said: Any) -> Alert:
    """The draft of an update or a cancellation of a published alert, its words taken over where `said` is silent.

    One at a time: raises `ValidationError` naming the one under way.
    """
    alert = Alert.objects.select_related("department").get(pk=alert.pk)
    require(by, queries.COMPOSE, alert.department_id, alert.region_code)
    if kind not in (Kind.UPDATE, Kind.CANCEL):
        raise ValidationError({"kind": _("请选择更新或者解除。")})
    if not alert.in_force:
        raise ValidationError(
            _("这条预警现在是“%(state)s”，不能再更新或解除。请另发新的预警。") % {"state": alert.tag[1]}
        )
    fresh = Alert(
        kind=kind, of=alert, once=once or uuid.uuid4(), department=alert.department, region_code=alert.region_code,
        areas=alert.areas, composed_key=by.key, composed_name=by.name, composed_at=clock.now(),
        **({name: getattr(alert, name) for name in FIELDS} | _tidied(said)),
    )  # fmt: skip
    _fields_fit(fresh)
    return _added(fresh, "alerts.follow", by)


def _added(alert: Alert, verb: str, by: Actor) -> Alert:
    try:
        with audit.change(by, verb) as note:
            alert.number = numbers.alert_number(alert.region_code)
            alert.save()
            note.thing, note.facts = alert, {"number": alert.number, "kind": alert.kind, "colour": alert.colour}
    except IntegrityError:
        same = Alert.objects.filter(composed_key=alert.composed_key, once=alert.once).first()
        if same is not None:
            return same
        other = Alert.objects.filter(of=alert.of).exclude(state=State.WITHDRAWN).first()
        if alert.of is None or other is None:
            raise
        raise ValidationError(_("已经有一条更新或解除在办理：%(number)s。") % {"number": other.number}) from None
    return alert


def change(alert: Alert, *, by: Actor, **said: Any) -> Alert:
    """Other words for a draft: its composer's alone, so that whoever approves has written none of it."""
    with audit.change(by, "alerts.change", alert) as note:
        alert = _own_draft(alert, by)
        for name, value in _tidied(said).items():
            setattr(alert, name, value)
        _fields_fit(alert)
        alert.save()
        note.facts["fields"] = sorted(said)
    return alert


def add_area(alert: Alert, piece: Piece, *, by: Actor) -> Alert:
    """One more piece of its area; the same twice stands once."""
    with audit.change(by, "alerts.add_area", alert) as note:
        alert = _own_draft(alert, by)
        _area_open(alert)
        stored = _within(checked(piece), alert, by).stored()
        if stored not in alert.areas:
            if len(alert.areas) >= MOST:
                raise ValidationError(_("一条预警最多 %(n)s 块区域，请合并，或者分几条发布。") % {"n": MOST})
            alert.areas = [*alert.areas, stored]
            alert.save(update_fields=["areas"])
        note.facts["area"] = stored
    return alert


def drop_area(alert: Alert, stored: Mapping[str, str], *, by: Actor) -> Alert:
    """Without one of its pieces; not there any more is as good."""
    with audit.change(by, "alerts.drop_area", alert, area=dict(stored)):
        alert = _own_draft(alert, by)
        _area_open(alert)
        alert.areas = [one for one in alert.areas if one != stored]
        alert.save(update_fields=["areas"])
    return alert


def submit(alert: Alert, *, by: Actor) -> Alert:
    """Hand it to those who approve; they are told. Every rule of CAP is checked first. Twice is once."""
    with audit.change(by, "alerts.submit", alert):
        alert = _locked(alert)
        _composer(alert, by)
        if alert.state == State.WAITING:
            return alert
        _is(alert, State.DRAFT)
        _whole(alert)
        alert.state, alert.submitted_at, alert.returned = State.WAITING, clock.now(), ""
        alert.save()
        _tell(queries.approvers(alert), alert, "alerts.to_approve", by, who=alert.composed_name, colour=_shade(alert))
    return alert


def give_back(alert: Alert, *, reason: str, by: Actor) -> Alert:
    """Return it to its composer, who is told why."""
    _may_approve(alert, by)
    if not reason.strip():
        raise ValidationError({"reason": _("请写明要修改什么，起草人会看到。")})
    with audit.change(by, "alerts.give_back", alert, reason=reason.strip()):
        alert = _locked(alert)
        _is(alert, State.WAITING)
        alert.state, alert.returned = State.DRAFT, reason.strip()[:300]
        alert.save()
        _tell(_composers(alert), alert, "alerts.returned", by, who=by.name, reason=alert.returned)
    return alert


def approve(alert: Alert, *, seen: datetime | None = None, by: Actor) -> Alert:
    """Agree to it as it stands. Needs `alerts.approve`; never by its composer. Of two at once the second is told so.

    `seen`: when what the approver read was submitted; one changed and submitted again since is not agreed to unread.
    """
    _may_approve(alert, by)
    with audit.change(by, "alerts.approve", alert):
        alert = _locked(alert)
        if alert.state in (State.APPROVED, State.PUBLISHED):
            raise ValidationError(_("已由%(who)s核准。") % {"who": alert.approved_name})
        _is(alert, State.WAITING)
        if seen is not None and seen != alert.submitted_at:
            raise ValidationError(_("您打开以后内容改过，请重新看一遍再核准。"))
        _whole(alert)
        alert.state, alert.approved_at = State.APPROVED, clock.now()
        alert.approved_key, alert.approved_name = by.key, by.name
        alert.save()
    return alert


def publish(alert: Alert, *, by: Actor) -> Alert:
    """Sign what was approved and make it public; the one it follows ends. Twice is once.

    Needs `alerts.compose` or `alerts.approve`. Raises `ImproperlyConfigured` without a key: nothing is public then.
    """
    _may_publish(alert, by)
    with audit.change(by, "alerts.publish", alert) as note:
        alert = _locked(alert)
        if alert.state == State.PUBLISHED:
            return alert
        _is(alert, State.APPROVED)
        now = clock.now().replace(microsecond=0)
        alert.document, alert.signer = _signed(alert, now)
        alert.state, alert.published_at = State.PUBLISHED, now
        alert.save()
        note.facts |= {"number": alert.number, "signer": alert.signer}
        if alert.of_id:
            _end_followed(alert)
        hooks.alert_published.ring(alert=alert, by=by)
    return alert


def withdraw(alert: Alert, *, by: Actor) -> Alert:
    """Give up what is not public yet: its composer, or who might approve it. Twice is once."""
    if alert.composed_key != by.key:
        _may_approve(alert, by)
    with audit.change(by, "alerts.withdraw", alert):
        alert = _locked(alert)
        if alert.state == State.WITHDRAWN:
            return alert
        if alert.state == State.PUBLISHED:
            raise ValidationError(_("已经发布，不能作废。请发布解除。"))
        alert.state = State.WITHDRAWN
        alert.save()
    return alert


def expire(alert: Alert, *, by: Actor) -> bool:
    """Note that its time is over and tell whoever listens, once."""
    with audit.change(by, "alerts.expire", alert):
        return _end(Alert.objects.filter(pk=alert.pk, expires__lte=clock.now()), Why.EXPIRED)


def _end(rows: Any, why: Why) -> bool:
    """End published rows that have not ended, and ring for each that this call has ended."""
    ended = False
    for alert in rows.select_for_update(of=("self",)).filter(state=State.PUBLISHED, ended_at=None):
        alert.ended_at, alert.ended_why = clock.now(), why
        alert.save(update_fields=["ended_at", "ended_why"])
        hooks.alert_ended.ring(alert=alert, why=why)
        ended = True
    return ended


def _end_followed(alert: Alert) -> None:
    why = Why.CANCELLED if alert.kind == Kind.CANCEL else Why.UPDATED
    if not _end(Alert.objects.filter(pk=alert.of_id), why):
        raise ValidationError(_("被更新或解除的预警已经失效，不用再发。"))


# --- checks -----------------------------------------------------------------------------------------------------------
def faults(alert: Alert) -> list[str]:
    """What keeps it from being published, in the language of the page; empty if nothing."""
    found = [] if alert.areas else [_("请至少给出一块区域。")]
    if alert.areas and foreseen.finds_nothing(alert):
        found.append(_("区域：没有碰到本辖区的任何网格。请检查坐标（先纬度，后经度），或者再加一个地区。"))
    if alert.expires <= clock.now():
        found.append(_("失效时间已过，请改晚。"))
    if alert.status == Status.EXERCISE and not alert.note.strip():
        found.append(_("演练要写明演练名称。"))
    if alert.kind == Kind.CANCEL and not alert.note.strip():
        found.append(_("解除要写明原因。"))
    content = writing.write(message.make(alert, sent=clock.now()))
    return found + [said(one) for one in refused(checks.check(content).faults)]


def _whole(alert: Alert) -> None:
    if found := faults(alert):
        raise ValidationError(found)


def _signed(alert: Alert, at: datetime) -> tuple[str, str]:
    """The signed document and its signer, verified as any reader would. Raises `ValidationError` if he refuses it."""
    _whole(alert)
    signer = keys.signer()
    document = signing.sign(message.make(alert, sent=at), signer.private, signer.certificate)
    outcome = checks.check(document, [signer.certificate])
    if not outcome.good or outcome.signature != signing.Signature.GOOD:
        raise ValidationError([said(one) for one in outcome.faults] or [_("签名证书不在有效期内，请换新的密钥。")])
    return document.decode(), outcome.signer[:200]


def _tidied(said: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields only, texts without control characters: XML cannot carry them."""
    unknown = set(said) - set(FIELDS)
    if unknown:
        raise TypeError(f"no such fields: {sorted(unknown)}")
    return {name: _clean(value) if isinstance(value, str) else value for name, value in said.items()}


def _clean(text: str) -> str:
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in kept if sign in "\n\t" or (sign.isprintable() or sign == "\u3000")).strip()


def _fields_fit(alert: Alert) -> None:
    """Raises `ValidationError` naming each field that does not fit."""
    wrong: dict[str, str] = {}
    if alert.hazard not in hazards():
        wrong["hazard"] = _("请从列表里选择预警种类。")
    if alert.colour not in colours():
        wrong["colour"] = _("请选择预警颜色。")
    if alert.onset and alert.expires and alert.onset >= alert.expires:
        wrong["expires"] = _("失效时间要晚于开始时间。")
    wrong |= {name: _("请填写。") for name in ("headline_zh", "text_zh") if not getattr(alert, name)}
    if wrong := wrong | _too_long(alert):
        raise ValidationError(wrong)


def _too_long(alert: Alert) -> dict[str, str]:
    most = {name: alert._meta.get_field(name).max_length or 0 for name in TEXTS}
    long = {name: n for name, n in most.items() if len(getattr(alert, name)) > n}
    return {name: _("最多 %(n)s 字，请缩短。") % {"n": n} for name, n in long.items()}


def _within(piece: Piece, alert: Alert, by: Actor) -> Piece:
    """A division must lie where the composer may warn. Shapes have none: they find nobody beyond the issuing region."""
    if piece.code and not by.may(queries.COMPOSE, alert.department_id, piece.code):
        raise ValidationError({"code": _("您不能向这个地区发布预警，请选本辖区内的地区。")})
    return piece


def _locked(alert: Alert) -> Alert:
    """The row as it stands now, locked until the transaction ends."""
    found = Alert.objects.select_for_update(of=("self",)).select_related("department", "of")
    return found.get(pk=alert.pk)


def _own_draft(alert: Alert, by: Actor) -> Alert:
    alert = _locked(alert)
    _composer(alert, by)
    _is(alert, State.DRAFT)
    return alert


def _area_open(alert: Alert) -> None:
    """The area of a cancellation is that of the warning: whoever was warned is told that it is over."""
    if alert.kind == Kind.CANCEL:
        raise ValidationError(_("解除的区域和原来的预警一样，不能增减。只想缩小范围，请发更新。"))


def _composer(alert: Alert, by: Actor) -> None:
    require(by, queries.COMPOSE, alert.department_id, alert.region_code)
    if alert.composed_key != by.key:
        raise Denied(_("只有起草人%(who)s能改这条预警。") % {"who": alert.composed_name})


def _may_approve(alert: Alert, by: Actor) -> None:
    require(by, queries.APPROVE, alert.department_id, alert.region_code)
    if alert.composed_key == by.key:
        raise Denied(_("起草人不能核准自己的预警，请由另一位核准。"))


def _may_publish(alert: Alert, by: Actor) -> None:
    if not by.may(queries.COMPOSE, alert.department_id, alert.region_code):
        require(by, queries.APPROVE, alert.department_id, alert.region_code)


def _is(alert: Alert, state: State) -> None:
    if alert.state != state:
        raise ValidationError(
            _("这条预警现在是“%(now)s”，要在“%(state)s”时才能这样做。") % {"now": alert.tag[1], "state": state.label}
        )


def _shade(alert: Alert) -> Words:
    return colour(alert.colour).title


def _composers(alert: Alert) -> list[Account]:
    kind, _sep, pk = alert.composed_key.partition(":")
    return list(Account.objects.filter(pk=int(pk))) if kind == "account" and pk.isdecimal() else []


def _tell(whom: list[Account], alert: Alert, key: str, by: Actor, **facts: Any) -> None:
    headline = Words(zh=alert.headline_zh, en=alert.headline_en or alert.headline_zh)
    notices.tell(whom, key, about=alert, facts={"headline": headline, "number": alert.number, **facts}, by=by)
