"""Grants: who may read which fields and rows of an entry, for what, until when; given, renewed, taken back."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.catalog import own, sources
from hexi.blocks.catalog.models import Entry, Grant, GrantChange, GrantState, Mask, Sharing, State, Subsystem
from hexi.blocks.catalog.operations import grant_notices
from hexi.blocks.catalog.operations.exchange import touch
from hexi.blocks.catalog.queries.exchange import GRANT
from hexi.blocks.regions.codes import prefix
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

#: a grant nobody has used for so long is flagged
UNUSED = timedelta(days=90)
#: longest time one is given for
LONGEST = timedelta(days=3 * 366)
#: days before the last one on which both sides are told
ENDING = (30, 7)
OPEN = (GrantState.ACTIVE, GrantState.SUSPENDED)


def grant(
    entry: Entry, consumer: Subsystem | Department, *, fields: Iterable[str] | Mapping[str, str],
    purpose: str, expires: date, by: Actor, rows: str = "", region_field: str = "", quota: int | None = None,
    basis: str = "", law: str = "",
) -> Grant:  # fmt: skip
    """Give a consumer some fields of an entry's rows until a day. For the same case and consumer twice is once.

    `fields`: name → how it is shown ("none" as it is, "part", "year" …); names alone: as the catalogue masks them.
    `rows`: 12-digit division whose subtree alone is given ("" all); `region_field`: the item that holds a row's
    division, needed for loaded data (a register of our own knows its own). `quota`: calls a day. `basis`: number of
    the case in which it was decided, or of the other side's request; `law`: law and article by which the consumer may
    have the data, which a system must have for data of persons. Needs `catalog.grant` for the providing office.
    """
    require(by, GRANT, entry.provider_id, entry.region_code)
    whom = {"subsystem": consumer} if isinstance(consumer, Subsystem) else {"department": consumer}
    items = {one.name: one for one in entry.items.all()}
    chosen = dict(fields) if isinstance(fields, Mapping) else {n: items[n].mask if n in items else "" for n in fields}
    held = Grant.objects.filter(basis=basis, entry=entry, **whom) if basis else Grant.objects.none()
    if known := held.first():
        return _same(known, chosen)
    _may_be_shared(entry, chosen, set(items), purpose)
    _until(expires)
    if rows:
        region_field = _region_field(entry, rows, region_field, set(items))
    personal = sources.of_persons(entry, chosen)
    if personal and not basis:
        raise ValidationError({"basis": _("含个人信息的授权要写明依据的办件编号。")})
    if personal and isinstance(consumer, Subsystem) and not law.strip():
        raise ValidationError({"law": _("含个人信息：请写明依据的法律法规和条款。")})
    if personal and not sources.says_whose(entry):
        raise ValidationError(
            {
                "fields": _(
                    "每行没有写明是谁的，本人无从知道谁看过：请先把公民身份号码列为个人信息项，或者不选个人信息。"
                )
            }
        )
    try:
        with change(by, "catalog.grant") as note:
            made = Grant.objects.create(
                entry=entry, fields=chosen, region=rows, region_field=region_field if rows else "", purpose=purpose,
                basis=basis, law=law.strip()[:300], personal=personal, expires=expires, quota=quota, given_key=by.key,
                given_name=by.name, **whom,
            )  # fmt: skip
            _noted(made, "given", purpose, by)
            note.thing, note.facts = made, {"entry": entry.code, "to": str(consumer), "fields": chosen, "basis": basis}
    except IntegrityError:  # the same case at the same moment
        if (known := held.first()) is None:
            raise
        return _same(known, chosen)
    return made


def _same(known: Grant, chosen: dict[str, str]) -> Grant:
    """What the case has given already; anything else is not given as if it were that."""
    if known.state not in OPEN or known.expires < clock.today() or known.fields != chosen:
        raise ValidationError({"basis": _("这个办件已经授权过，内容不同或者已经收回、到期。请另行申请。")})
    return known


def _may_be_shared(entry: Entry, chosen: dict[str, str], known: set[str], purpose: str) -> None:
    if entry.state != State.PUBLISHED:
        raise ValidationError({"entry": _("这个目录条目没有发布，不能授权。")})
    if entry.sharing == Sharing.NONE:
        raise ValidationError({"entry": _("不予共享的数据不能授权：%(basis)s") % {"basis": entry.sharing_basis}})
    if not chosen or set(chosen) - known:
        wrong = ", ".join(sorted(set(chosen) - known))
        raise ValidationError({"fields": _("请从信息项里选：%(wrong)s 不在其中。") % {"wrong": wrong or "—"}})
    if hidden := [name for name, mask in chosen.items() if mask not in Mask.values or mask == Mask.HIDDEN]:
        raise ValidationError(
            {"fields": _("请写明怎样给出：%(names)s（原样、只留首尾……）。") % {"names": ", ".join(hidden)}}
        )
    if not purpose.strip():
        raise ValidationError({"purpose": _("请写明用途。")})


def _until(expires: date) -> None:
    if not clock.today() <= expires <= clock.today() + LONGEST:
        raise ValidationError({"expires": _("有效期从今天起，最长三年。")})


def _region_field(entry: Entry, rows: str, field: str, known: set[str]) -> str:
    if len(rows) != 12 or not rows.isdigit() or not prefix(rows):
        raise ValidationError({"rows": _("请写 12 位区划代码。")})
    register = own.of(entry)
    found = register.said.region if register else field
    if not found or (register is None and found not in known):
        raise ValidationError({"region_field": _("请指出哪个信息项是区划代码。")})
    return found


def renew(grant: Grant, *, expires: date, by: Actor, why: str) -> None:
    """A later last day; an expired grant is in force again, a revoked one never."""
    _until(expires)
    with change(by, "catalog.renew", grant, expires=expires):
        locked = _locked(grant, by)
        if locked.state == GrantState.REVOKED or expires <= locked.expires:
            raise ValidationError({"expires": _("新的截止日应晚于原来的，收回的授权不能续期。")})
        locked.expires, locked.ending_told = expires, None
        locked.state = GrantState.ACTIVE if locked.state == GrantState.EXPIRED else locked.state
        _saved(locked, "renewed", why, by)


def suspend(grant: Grant, *, by: Actor, why: str) -> None:
    """Not to be used until `resume`. Twice is once."""
    _turn(grant, GrantState.ACTIVE, GrantState.SUSPENDED, "suspended", why, by)


def resume(grant: Grant, *, by: Actor, why: str = "") -> None:
    """To be used again."""
    _turn(grant, GrantState.SUSPENDED, GrantState.ACTIVE, "resumed", why, by)


def _turn(grant: Grant, before: GrantState, after: GrantState, what: str, why: str, by: Actor) -> None:
    with change(by, f"catalog.{what}", grant, why=why):
        locked = _locked(grant, by)
        if locked.state == after:
            return
        if locked.state != before:
            raise ValidationError(_("授权已%(state)s。") % {"state": GrantState(locked.state).label})
        locked.state = after
        _saved(locked, what, why, by)


def revoke(grant: Grant, *, by: Actor, why: str) -> None:
    """Taken back for good; the reason is kept."""
    if not why.strip():
        raise ValidationError({"why": _("请写明收回的理由。")})
    with change(by, "catalog.revoke", grant, why=why):
        locked = _locked(grant, by)
        if locked.state == GrantState.REVOKED:
            return
        locked.state = GrantState.REVOKED
        _saved(locked, "revoked", why, by)


def expire(*, by: Actor) -> int:
    """Close every grant whose last day is over; how many. (It could not be used any more since that day.)"""
    count = 0
    for one in Grant.objects.filter(state__in=OPEN, expires__lt=clock.today()).order_by("pk"):
        with change(by, "catalog.expire", one):
            if Grant.objects.filter(pk=one.pk, state__in=OPEN, expires__lt=clock.today()).update(
                state=GrantState.EXPIRED
            ):
                _noted(one, "expired", "", by)
                grant_notices.tell(one, "expired", by=by)
                count += 1
    return count


def tell_ending(*, by: Actor) -> int:
    """Tell both sides of grants that end in thirty days, and in seven, each once; how many were told of.

    A grant that was given for less is not told of as soon as it is given.
    """
    today, count = clock.today(), 0
    near = Grant.objects.filter(state=GrantState.ACTIVE, expires__range=(today, today + timedelta(days=max(ENDING))))
    for one in near.select_related("entry").order_by("pk"):
        if (step := _step(one, today)) is None:
            continue
        with change(by, "catalog.tell_ending", one, days=step):
            free = Q(ending_told=None) | Q(ending_told__gt=step)  # of two runs at once one tells
            if near.filter(free, pk=one.pk, expires=one.expires).update(ending_told=step):
                grant_notices.tell(one, "ending", by=by, n=(one.expires - today).days)
                count += 1
    return count


def _step(grant: Grant, today: date) -> int | None:
    """The step of ENDING a grant has come to and was not told of."""
    left, whole = (grant.expires - today).days, (grant.expires - grant.begins).days
    step = min((days for days in ENDING if left <= days < whole), default=None)
    told = step is None or (grant.ending_told is not None and grant.ending_told <= step)
    return None if told or left < 0 or grant.state != GrantState.ACTIVE else step


def flag_unused(*, by: Actor) -> int:
    """Mark every grant in force that nobody has used for ninety days, and tell its provider; a use takes the mark off.

    Of two runs at once each grant is told of by one.
    """
    since, count = clock.now() - UNUSED, 0
    idle = Q(last_used__lt=since) | Q(last_used=None, given_at__lt=since)
    held = Grant.objects.filter(idle, state=GrantState.ACTIVE, unused_told=None)
    for one in held.select_related("entry").order_by("pk"):
        with change(by, "catalog.flag_unused", one):
            if held.filter(pk=one.pk).update(unused_told=clock.today()):
                grant_notices.tell(one, "unused", by=by)
                count += 1
    return count


def _locked(grant: Grant, by: Actor) -> Grant:
    found = Grant.objects.select_for_update(of=("self",)).select_related("entry").get(pk=grant.pk)
    require(by, GRANT, found.entry.provider_id, found.entry.region_code)
    return found


def _saved(grant: Grant, what: str, why: str, by: Actor) -> None:
    grant.save(update_fields=["state", "expires", "ending_told"])
    _noted(grant, what, why, by)
    grant_notices.tell(grant, what, by=by, why=why)


def _noted(grant: Grant, what: str, why: str, by: Actor) -> None:
    GrantChange.objects.create(grant=grant, what=what, why=why[:300], expires=grant.expires, by_name=by.name)
    touch()
