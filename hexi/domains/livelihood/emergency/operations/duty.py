"""The roster: who is on duty when, and what one shift tells the next."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import queries
from hexi.domains.livelihood.emergency.models import Shift
from hexi.domains.livelihood.emergency.states import DUTY, ROSTER
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require

LONGEST = timedelta(hours=48)


def put_shift(
    desk: Department, *, start: datetime, end: datetime, account: Account, by: Actor, leader: Account | None = None
) -> Shift:
    """Put somebody on the roster of a desk."""
    require(by, ROSTER, desk.pk, desk.region_code)
    allowed = queries.officers(desk)
    if account not in allowed or (leader is not None and leader not in allowed):
        raise ValidationError({"account": _("只能排这个值班室有值班权限的人员。")})
    if end - start > LONGEST:
        raise ValidationError({"end": _("一班不超过 48 小时。")})
    with change(by, "emergency.put_shift") as note:
        row = Shift(desk=desk, region_code=desk.region_code, start=start, end=end, account=account, leader=leader)
        row.full_clean()
        Account.objects.select_for_update().get(pk=account.pk)  # two who put him on at once wait for each other
        if Shift.objects.filter(account=account, start__lt=end, end__gt=start).exists():
            raise ValidationError({"account": _("%(name)s这段时间已经排了班。") % {"name": account}})
        row.save()
        note.thing = row
    return row


def drop_shift(shift: Shift, *, by: Actor) -> None:
    """Take somebody off the roster before the shift begins."""
    require(by, ROSTER, shift.desk_id, shift.region_code)
    with change(by, "emergency.drop_shift", shift, account=shift.account_id):
        gone, _rows = Shift.objects.filter(pk=shift.pk, start__gt=clock.now()).delete()
        if not gone:
            raise ValidationError(_("已经开始的班不能删除。"))


def hand_over(shift: Shift, *, note: str, by: Actor) -> Shift:
    """交班: what the next shift must know; once, by who was on duty or leads it."""
    mine = getattr(by, "account_id", None) in (shift.account_id, shift.leader_id)
    if not mine or not by.may(DUTY, shift.desk_id, shift.region_code):
        raise Denied(_("交班由本班值班员或者带班领导填写。"))
    if not note.strip():
        raise ValidationError({"note": _("请写交班事项；没有的写“无”。")})
    with change(by, "emergency.hand_over", shift):
        done = Shift.objects.filter(pk=shift.pk, handed_at=None, start__lte=clock.now()).update(
            handover=note.strip()[:4000], handed_at=clock.now(), handed_name=by.name
        )
        if not done:
            raise ValidationError(_("这一班还没有开始，或者已经交班。"))
    shift.refresh_from_db()
    return shift


def take_over(shift: Shift, *, by: Actor) -> Shift:
    """接班: somebody else has read the note."""
    require(by, DUTY, shift.desk_id, shift.region_code)
    if getattr(by, "account_id", None) == shift.account_id:
        raise ValidationError(_("自己的交班由下一班接。"))
    with change(by, "emergency.take_over", shift):
        done = Shift.objects.filter(pk=shift.pk, handed_at__isnull=False, taken_at=None).update(
            taken_at=clock.now(), taken_name=by.name
        )
        if not done:
            raise ValidationError(_("还没有交班，或者已经有人接班。"))
    shift.refresh_from_db()
    return shift
