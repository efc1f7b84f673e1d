"""What the provider does with an application: grant, give back once, refuse with what would be needed; its term."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import deadlines
from hexi.blocks.cases.operations.opening import give
from hexi.blocks.cases.steps import Step, step
from hexi.blocks.catalog.models import Mask
from hexi.blocks.catalog.operations import grants
from hexi.blocks.regions import codes
from hexi.domains.livelihood.sharing import hooks
from hexi.domains.livelihood.sharing.models import Application, Term
from hexi.domains.livelihood.sharing.operations.applying import consumer, of
from hexi.domains.livelihood.sharing.states import TERMS, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

Revision = int | None


def grant(
    application: Application, *, by: Actor, fields: Iterable[str] | None = None, expires: date | None = None,
    quota: int | None = None, opinion: str = "", revision: Revision = None, masks: Mapping[str, str] | None = None,
    rows: str | None = None, region_field: str = "",
) -> Application:  # fmt: skip
    """同意共享: the grant is written with the decision. The provider may give less than was asked, never more.

    `masks`: how fields asked for as they are are shown instead; `rows`: a division within the one asked for, for loaded
    data with the `region_field` that holds a row's. Of two heads who decide at once the second is told that it is
    decided (`Stale`).
    """
    with step(application.case, "grant", by=by, revision=revision, opinion=opinion) as one:
        row = of(one.case)
        row.grant = grants.grant(
            row.entry, consumer(row), fields=_narrowed(row, fields, masks or {}), purpose=row.purpose, by=by,
            rows=_within(row, rows), region_field=row.region_field or region_field, expires=_sooner(row, expires),
            quota=_fewer(row, quota), basis=one.case.number, law=row.law,
        )  # fmt: skip
        row.save(update_fields=["grant"])
        one.case.state = State.GRANTED
        _decided(one, row, granted=1)
    return row


def refuse(application: Application, *, opinion: str, needed: str, by: Actor, revision: Revision = None) -> Application:
    """不同意共享, with the reason and what would be needed to get the data."""
    if not needed.strip():
        raise ValidationError({"needed": _("请写明补充什么、满足什么条件就可以共享。")})
    with step(application.case, "refuse", by=by, revision=revision, opinion=opinion) as one:
        row = of(one.case)
        row.needed = needed.strip()[:1000]
        row.save(update_fields=["needed"])
        one.case.state = State.REFUSED
        _decided(one, row, refused=1)
    return row


def give_back(application: Application, *, opinion: str, by: Actor, revision: Revision = None) -> Application:
    """退回补正, once: the applicant's office has the task, the provider's clock stands still until it comes again."""
    with step(application.case, "give_back", by=by, revision=revision, opinion=opinion) as one:
        row = of(one.case)
        if row.corrections:
            raise ValidationError(_("已经退回补正过一次，请直接决定。"))
        row.corrections = 1
        row.save(update_fields=["corrections"])
        deadlines.stop(one.case, "decide", at=one.at)
        one.office = row.entry.provider.name
        one.case.state = State.RETURNED
        give(one, row.office)
        hooks.decided.ring(application=row, by=by)
    return row


def _narrowed(row: Application, fields: Iterable[str] | None, masks: Mapping[str, str]) -> dict[str, str]:
    chosen = set(row.fields if fields is None else fields)
    if not chosen or chosen - set(row.fields):
        raise ValidationError({"fields": _("只能从申请的信息项里选，至少一个。")})
    found = {name: mask for name, mask in row.fields.items() if name in chosen}
    for name, mask in masks.items():
        if found.get(name, mask) not in (mask, Mask.NONE):  # of two masks neither shows less than the other
            raise ValidationError({f"mask_{name}": _("申请的不是原样，不能换一种给出方式。")})
    return found | {name: mask for name, mask in masks.items() if name in found}


def _within(row: Application, rows: str | None) -> str:
    """The division whose rows are given: the one asked for, or one inside it."""
    if not rows or rows == row.region:
        return str(row.region)
    if not codes.is_code(rows) or not codes.prefix(rows).startswith(codes.prefix(row.region) if row.region else ""):
        raise ValidationError({"rows": _("只能在申请的地区之内选。")})
    return rows


def _sooner(row: Application, expires: date | None) -> date:
    if expires is not None and expires > row.expires:
        raise ValidationError({"expires": _("不能晚于申请的截止日。")})
    return expires or row.expires


def _fewer(row: Application, quota: int | None) -> int | None:
    if quota is not None and row.quota is not None and quota > row.quota:
        raise ValidationError({"quota": _("不能多于申请的次数。")})
    return quota or row.quota


def _decided(one: Step, row: Application, **outcome: int) -> None:
    case = one.case
    deadlines.stop(case, "decide", at=one.at)
    met = case.clocks.filter(kind="decide", met=True).exists()
    one.count(**outcome, days_used=days_used(case.region_code, case.received_at, one.at), in_time=int(met))
    hooks.decided.ring(application=row, by=one.by)


def days_used(region: str, start: object, end: object) -> int:
    """Working days between two moments, by the calendar of the provider's region."""
    calendar = calendar_for(region)
    return int(calendar.working_days(clock.local_day(start), clock.local_day(end)))  # type: ignore[arg-type]


def set_term(
    *, region: str, step: str, amount: int, unit: str, law: str, clause: str, valid_from: date, by: Actor
) -> Term:
    """A term of the region's own, from a day on; running clocks keep theirs."""
    require(by, TERMS, None, region)
    if valid_from <= clock.today():
        raise ValidationError({"valid_from": _("启用日期从明天起选，已经开始的期限不改。")})
    with change(by, "sharing.set_term") as note:
        row = Term(step=step, region_code=region, amount=amount, unit=unit, law=law, clause=clause, verified=False,
                   valid_from=valid_from)  # fmt: skip
        row.full_clean()
        row.save()
        note.thing = row
    return row
