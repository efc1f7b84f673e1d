"""Limits of a hotline's region, as rows with a day from which they hold: changed before it, ended from a day on."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.requests.models import Hotline, TimeLimit
from hexi.domains.livelihood.requests.states import PLAN
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require


def set_limit(hotline: Hotline, *, by: Actor, **facts: Any) -> TimeLimit:
    """Another limit from a day to come (`requests.plan`). A second of the same scope and day is a `ValidationError`:
    the first one, which does not hold yet either, can be changed instead."""
    require(by, PLAN, hotline.department_id, hotline.region_code)
    with change(by, "requests.set_limit") as note:
        row = TimeLimit(region_code=hotline.region_code, **facts)
        _to_come(row)
        row.full_clean()
        row.save()
        note.thing = row
    return row


def change_limit(limit: TimeLimit, *, by: Actor, **facts: Any) -> TimeLimit:
    """Other facts of a limit that does not hold yet; of one that does, `ValidationError`: orders are counted by it."""
    _require(limit, by)
    with change(by, "requests.change_limit", limit, **{name: str(value) for name, value in facts.items()}):
        row = _locked(limit)
        if row.valid_from <= clock.today():
            raise ValidationError(_("这条时限已经启用，不能改。请设停用日期，另加一条。"))
        for name, value in facts.items():
            setattr(row, name, value)
        _to_come(row)
        row.full_clean()
        row.save()
    return row


def end_limit(limit: TimeLimit, *, day: date, by: Actor) -> None:
    """From this day on, tomorrow at the earliest, the limit no longer holds; one that would never hold is taken out.

    Ended twice, the earlier day counts. What is more general holds then; the nation's own line cannot be ended here.
    """
    _require(limit, by)
    if day <= clock.today():
        raise ValidationError({"day": _("停用日期最早是明天。")})
    with change(by, "requests.end_limit", limit, day=day.isoformat()):
        row = _locked(limit)
        if row.valid_from > clock.today() and day <= row.valid_from:
            row.delete()
        else:
            row.valid_to = min(day, row.valid_to or day)
            row.save(update_fields=["valid_to"])


def _require(limit: TimeLimit, by: Actor) -> None:
    hotline = Hotline.objects.get(region_code=limit.region_code)
    require(by, PLAN, hotline.department_id, hotline.region_code)


def _locked(limit: TimeLimit) -> TimeLimit:
    row = TimeLimit.objects.select_for_update().filter(pk=limit.pk).first()
    if row is None:
        raise ValidationError(_("这条时限已经撤掉。请刷新页面。"))
    return row


def _to_come(row: TimeLimit) -> None:
    if row.valid_from <= clock.today():
        raise ValidationError({"valid_from": _("启用日期最早是明天。")})
    if row.valid_to is not None and row.valid_to <= row.valid_from:
        raise ValidationError({"valid_from": _("启用日期要早于停用日期。")})
