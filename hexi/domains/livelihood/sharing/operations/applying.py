"""Asking for data: written step by step, sent once, given at once where nothing is to be decided; corrected."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Item
from hexi.blocks.cases.operations.opening import give, open_case, own_step
from hexi.blocks.cases.steps import Step
from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry, Mask, Sharing, Subsystem
from hexi.blocks.catalog.models import State as EntryState
from hexi.blocks.catalog.operations import grants
from hexi.blocks.catalog.queries import entries
from hexi.blocks.people.models import Account
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.sharing import hooks, queries, rules
from hexi.domains.livelihood.sharing.kind import SHARING
from hexi.domains.livelihood.sharing.models import Application, Writing
from hexi.domains.livelihood.sharing.states import APPLY, OPEN, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require

#: a number begins with it
LETTER = "D"
#: who gives what nobody has to decide on (国发〔2016〕51号, unconditional sharing; from memory)
AT_ONCE = System("sharing")
#: days after which an unsent writing is deleted
FORGET = timedelta(days=90)


@dataclass(frozen=True)
class Asked:
    """What an application says; see `Application`."""

    purpose: str
    law: str
    fields: Mapping[str, str]
    expires: date | None
    item: Item | None = None
    region: str = ""
    region_field: str = ""
    quota: int | None = None
    subsystem: Subsystem | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    spares: str = ""


def apply(entry: Entry, office: Department, asked: Asked, *, by: Actor, submission: str) -> tuple[Application, bool]:
    """Ask for data in an office's name (right `sharing.apply` there). `submission` sent twice is one application.

    Data shared without condition are granted in the same transaction. Raises `Denied`; `ValidationError` names the
    field, and for data that are not shared the law that says so.
    """
    require(by, APPLY, office.pk, office.region_code)
    require_open(entry, office, by)
    if faults := checked(entry, office, asked):
        raise ValidationError(faults)
    at_once = entry.sharing == Sharing.UNCONDITIONAL

    def then(one: Step) -> None:
        row = Application.objects.create(
            case=one.case, entry=entry, office=office, office_region=office.region_code, asked_key=by.key,
            asked_name=by.name, **_said(asked),
        )  # fmt: skip
        one.office = office.name
        if at_once:
            give_at_once(one, row)
        else:
            hooks.asked.ring(application=row, by=by)

    case, new = open_case(
        SHARING, letter=LETTER, title=entry.title[:200], subject=entry.code, office=entry.provider, state=State.ASKED,
        submission=f"sharing:{submission}"[:80], by=by, then=then, applicant_name=office.name, channel="workbench",
        clocks={} if at_once else {"decide": rules.limit("decide", entry.region_code, clock.today())},
    )  # fmt: skip
    return of(case), new


def of(case: Case) -> Application:
    """The application of a case that a step has locked; both hold the same case."""
    found = Application.objects.select_related("entry__provider", "office", "item", "grant", "subsystem").get(case=case)
    found.case = case
    return found


def give_at_once(one: Step, row: Application) -> None:
    """Nothing to decide: the grant is written with the application, masked as the catalogue masks."""
    row.grant = grants.grant(
        row.entry, consumer(row), fields=row.fields, purpose=row.purpose, expires=row.expires, by=AT_ONCE,
        rows=row.region, region_field=row.region_field, quota=row.quota, basis=one.case.number, law=row.law,
    )  # fmt: skip
    row.save(update_fields=["grant"])
    one.case.state = State.GRANTED
    one.count(granted=1, in_time=1)
    hooks.decided.ring(application=row, by=one.by)


def consumer(row: Application) -> Subsystem | Department:
    """Whom the grant is for: the system the office calls with, under which the office itself may use it too.

    The office alone, if the system was switched off meanwhile.
    """
    if row.subsystem is None or not queries.systems_of(row.office).filter(pk=row.subsystem_id).exists():
        return row.office
    return row.subsystem


def correct(application: Application, asked: Asked, *, by: Actor, revision: int | None = None) -> Application:
    """Hand in again what was given back, once; the provider's days run anew from here."""
    if not queries.asks(application, by):
        raise Denied(_("这份申请不是您的单位提出的。"))
    require_open(application.entry, application.office, by)
    if faults := checked(application.entry, application.office, asked):
        raise ValidationError(faults)
    with own_step(application.case, "correct", by=by, states=(State.RETURNED,), revision=revision) as one:
        row = of(one.case)
        for name, value in _said(asked).items():
            setattr(row, name, value)
        row.save()
        one.office = row.office.name
        one.case.state, one.case.received_at = State.ASKED, one.at
        give(one, row.entry.provider)
        limit = rules.limit("decide", row.entry.region_code, clock.local_day(one.at))
        deadlines.start(one.case, "decide", at=one.at, limit=limit)
        hooks.asked.ring(application=row, by=by)
    return row


def withdraw(application: Application, *, by: Actor, why: str = "") -> Application:
    """Take it back before it is decided."""
    if not queries.asks(application, by):
        raise Denied(_("这份申请不是您的单位提出的。"))
    with own_step(application.case, "withdraw", by=by, states=OPEN) as one:
        one.office, one.opinion = application.office.name, why.strip()[:500]
        one.case.state = State.WITHDRAWN
    return of(one.case)


def require_open(entry: Entry, office: Department, by: Actor) -> None:
    """Raise unless these data may be asked for by this office at all."""
    if not entries.seen_by(by).filter(pk=entry.pk).exists():
        raise Denied(_("没有这个目录条目，或者您的岗位看不到。"))
    if entry.state != EntryState.PUBLISHED:
        raise ValidationError(_("这个目录条目没有发布，不能申请。"))
    if entry.sharing == Sharing.NONE:
        raise ValidationError(_("这是不予共享的数据，不能申请。依据：%(law)s") % {"law": entry.sharing_basis})
    if entry.provider_id == office.pk:
        raise ValidationError(_("这是本单位的数据，不用申请。"))


# --- what an application says -----------------------------------------------------------------------------------------
def checked(entry: Entry, office: Department, asked: Asked) -> dict[str, str]:
    """Every fault at once, each at its field with its remedy."""
    found = {
        "purpose": "" if 4 <= len(asked.purpose.strip()) <= 300 else _("请写明用途，4 到 300 个字。"),
        "law": "" if 4 <= len(asked.law.strip()) <= 300 else _("请写明依据的法律法规和条款，4 到 300 个字。"),
        "item": _item_fault(office, asked),
        "fields": _fields_fault(entry, asked),
        **_rows_faults(entry, asked),
        "expires": _until_fault(asked.expires),
        "quota": _("每天最多调用次数至少是 1。") if asked.quota is not None and asked.quota < 1 else "",
        "subsystem": _system_fault(office, asked),
        "answers": _answers_fault(asked),
        "spares": _spares_fault(asked),
    }
    return {name: sentence for name, sentence in found.items() if sentence}


def _item_fault(office: Department, asked: Asked) -> str:
    if asked.item is not None and not queries.items_of(office).filter(pk=asked.item.pk).exists():
        return _("请选择本单位正在办理的事项。")
    return ""


def _system_fault(office: Department, asked: Asked) -> str:
    if asked.subsystem is not None and not queries.systems_of(office).filter(pk=asked.subsystem.pk).exists():
        return _("请选择本单位在用的子系统。")
    return ""


def _fields_fault(entry: Entry, asked: Asked) -> str:
    items = {one.name: one for one in entry.items.all()}
    if not asked.fields or set(asked.fields) - set(items):
        return _("请至少选择一个信息项。")
    for name, mask in asked.fields.items():
        if mask not in Mask.values or mask == Mask.HIDDEN:
            return _("“%(name)s”平时不给出。需要的话请一并选择“原样”，并说明理由。") % {"name": items[name].label}
        if entry.sharing == Sharing.UNCONDITIONAL and mask != items[name].mask:
            words = _("无条件共享按目录的方式给出；“%(name)s”要原样给出的，请与提供方联系改为有条件共享。")
            return words % {"name": items[name].label}
        if mask not in (items[name].mask, Mask.NONE):
            return _("“%(name)s”只能按目录的方式给出，或者原样给出。") % {"name": items[name].label}
    return ""


def _rows_faults(entry: Entry, asked: Asked) -> dict[str, str]:
    """A division, and for loaded data the item that holds a row's division."""
    if not asked.region:
        return {}
    if not codes.is_code(asked.region) or not codes.prefix(asked.region):
        return {"region": _("请选择一个地区。")}
    register = own.of(entry)
    if register is not None:
        return {} if register.said.region else {"region": _("这个数据集的行不分地区，请选择全部。")}
    known = {one.name for one in entry.items.all()}
    return {} if asked.region_field in known else {"region_field": _("请指出哪个信息项是区划代码。")}


def _until_fault(expires: date | None) -> str:
    if expires is None or not clock.today() < expires <= clock.today() + grants.LONGEST:
        return _("使用期限从明天起，最长三年。")
    return ""


def _answers_fault(asked: Asked) -> str:
    if not asked.answers:
        return ""
    if asked.item is None:
        return _("预填要先选择服务的事项。")
    questions = {one.key for _section, one in definition(asked.item.version).national.form.fields()}
    if set(asked.answers) - questions or any(asked.fields.get(name) != Mask.NONE for name in asked.answers.values()):
        return _("预填只能用原样给出的信息项，填入所选事项表单里的问题。")
    return ""


def _spares_fault(asked: Asked) -> str:
    if not asked.spares:
        return ""
    held = definition(asked.item.version).national.materials if asked.item else ()
    return "" if asked.spares in {one.key for one in held} else _("请选择所选事项的一份材料。")


def _said(asked: Asked) -> dict[str, Any]:
    return {
        "item": asked.item, "purpose": asked.purpose.strip(), "law": asked.law.strip(), "fields": dict(asked.fields),
        "region": asked.region, "region_field": asked.region_field if asked.region else "", "expires": asked.expires,
        "quota": asked.quota, "subsystem": asked.subsystem, "answers": dict(asked.answers), "spares": asked.spares,
    }  # fmt: skip


# --- writing ----------------------------------------------------------------------------------------------------------
def begin(
    account: Account, entry: Entry, office: Department, *, by: Actor, corrects: Application | None = None,
    like: Application | None = None,
) -> Writing:  # fmt: skip
    """Start writing, or go on with what is not sent; `corrects` one given back, `like` an earlier one to ask again."""
    require(by, APPLY, office.pk, office.region_code)
    require_open(entry, office, by)
    source = corrects or like
    facts = {"written": written_of(source) if source else {}, "corrects": corrects}
    try:
        with transaction.atomic(), change(by, "sharing.begin") as note:
            found, new = Writing.objects.get_or_create(
                account=account, entry=entry, office=office, sent=None,
                defaults={"key": secrets.token_hex(12), **facts},
            )  # fmt: skip
            note.thing = found
            if not new and found.corrects_id != (corrects.pk if corrects else None):
                found.written, found.corrects = facts["written"] or found.written, corrects
                found.save(update_fields=["written", "corrects"])
    except IntegrityError:  # pressed twice at once
        found = Writing.objects.get(account=account, entry=entry, office=office, sent=None)
    return found


def written_of(source: Application) -> dict[str, Any]:
    """What an application said, as it is being written."""
    return {
        "purpose": source.purpose, "law": source.law, "item": source.item_id or "", "fields": list(source.fields),
        "full": [name for name, mask in source.fields.items() if mask == Mask.NONE], "region": source.region,
        "region_field": source.region_field, "quota": source.quota or "", "subsystem": source.subsystem_id or "",
        "answers": source.answers,
        "spares": source.spares, "expires": source.expires.isoformat() if source.expires > clock.today() else "",
    }  # fmt: skip


def save(writing: Writing, given: Mapping[str, Any], *, by: Actor) -> Writing:
    """Keep what was written so far; nothing is checked yet."""
    if getattr(by, "account_id", None) != writing.account_id:
        raise Denied(_("这份内容不是您写的。"))
    with change(by, "sharing.save", writing):
        fresh = Writing.objects.select_for_update().get(pk=writing.pk)
        if fresh.sent_id is None:
            fresh.written, fresh.saved_at = fresh.written | dict(given), clock.now()
            fresh.save(update_fields=["written", "saved_at"])
    writing.written, writing.sent_id = fresh.written, fresh.sent_id
    return writing


def send(writing: Writing, asked: Asked, *, by: Actor) -> Application:
    """Hand in what was written; pressed twice it is one application."""
    with transaction.atomic():
        fresh = Writing.objects.select_for_update().get(pk=writing.pk)
        if getattr(by, "account_id", None) != fresh.account_id:
            raise Denied(_("这份内容不是您写的。"))
        if fresh.sent is not None:
            return fresh.sent
        if fresh.corrects is not None:
            row = correct(fresh.corrects, asked, by=by)
        else:
            row, _new = apply(fresh.entry, fresh.office, asked, by=by, submission=fresh.key)
        with change(by, "sharing.send", fresh):
            fresh.sent, fresh.written = row, {}
            fresh.save(update_fields=["sent", "written"])
    return row


def forget(*, by: System) -> int:
    """Delete what was begun and left for ninety days; how many."""
    with change(by, "sharing.forget") as note:
        old = Writing.objects.filter(sent=None, saved_at__lt=clock.now() - FORGET)
        note.rows = list(old.values_list("key", flat=True))
        old.delete()
    return len(note.rows)
