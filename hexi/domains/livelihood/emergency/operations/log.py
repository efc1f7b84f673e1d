"""The running log: lines are added, never changed; each leaves its digest in the chained log of the house."""

import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.steps import locked
from hexi.domains.livelihood.emergency.models import Contact, Entry, Event
from hexi.domains.livelihood.emergency.states import DUTY, ENDED
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

LONGEST = 4000


def put(event: Event, kind: str, text: str, *, by: Actor, at: datetime, once: str = "", **facts: Any) -> Entry:
    """One line, inside an operation that has checked the right."""
    with change(by, "emergency.entry") as note:
        entry = Entry.objects.create(
            event=event, kind=kind, text=text, by_key=by.key, by_name=by.name, at=at,
            once=once or secrets.token_hex(12), **facts,
        )  # fmt: skip
        note.thing, note.facts["digest"], note.facts["event"] = entry, entry.digest, event.pk
    return entry


def write(event: Event, *, text: str, by: Actor, once: str, corrects: Entry | None = None) -> Entry:
    """The desk writes a line, or one that corrects another. `once` names the form: sent twice it stands once."""
    if not text.strip():
        raise ValidationError({"text": _("请写内容。")})
    if len(text) > LONGEST:
        raise ValidationError({"text": _("最多 %(most)s 字。") % {"most": LONGEST}})
    if corrects is not None and corrects.event_id != event.pk:
        raise ValidationError({"text": _("要更正的记录不在这个事件里。")})
    kind = Entry.Kind.FIX if corrects else Entry.Kind.NOTE
    return _added(event, kind, text.strip(), by=by, once=once, corrects=corrects)


def call(contact: Contact, *, answered: bool, text: str, by: Actor, once: str) -> Entry:
    """Somebody was rung: whether he answered and what he said."""
    said = text.strip()[:LONGEST]
    state = "已接听" if answered else "无人接听"
    words = f"致电{contact.name}（{contact.phone}）：{state}。{said}"
    return _added(contact.event, Entry.Kind.CALL, words, by=by, once=once, contact=contact, answered=answered)


def add_contact(event: Event, *, name: str, phone: str, role: str, by: Actor) -> Contact:
    """One more to ring; the same name with the same number is there once, however often it is sent."""
    with change(by, "emergency.contact") as note:
        _open(event, by)  # the case's lock makes two of one form wait for each other
        row = Contact(event=event, name=name.strip(), phone=phone.strip(), role=role.strip())
        row.full_clean()
        held = [one for one in event.contacts.filter(name=row.name) if _digits(one.phone) == _digits(row.phone)]
        if held and row.role and held[0].role != row.role:
            raise ValidationError(
                _("联系人里已经有“%(name)s”（%(phone)s，%(role)s），不用再加。")
                % {"name": row.name, "phone": held[0].phone, "role": held[0].does or "—"}
            )
        note.facts["again"] = bool(held)
        if not held:
            row.save()
        note.thing = held[0] if held else row
    return held[0] if held else row


def _digits(phone: str) -> str:
    """However it is written: 0937-3361234, 0937 3361234."""
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")


def _added(event: Event, kind: str, text: str, *, by: Actor, once: str, **facts: Any) -> Entry:
    with change(by, "emergency.write", event):
        _open(event, by)  # the case's lock makes two of one form wait for each other
        earlier = Entry.objects.filter(event=event, once=once).first()
        return earlier or put(event, kind, text, by=by, at=clock.now(), once=once, **facts)


def _open(event: Event, by: Actor) -> None:
    """Locks the case; the log of an event that has ended is closed."""
    case = locked(event.case)
    require(by, DUTY, case.department_id, case.region_code)
    if case.state in ENDED:
        raise ValidationError(_("事件已经结束，记录不再增加。"))
