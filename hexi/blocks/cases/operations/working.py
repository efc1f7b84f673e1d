"""How officials share the work: claim and release tasks, tick the checklist; recount clocks after a calendar change."""

from collections.abc import Collection
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import sweeping, terms
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.hooks import dues_moved
from hexi.blocks.cases.kinds import require_known
from hexi.blocks.cases.models import Case, Clock, Task
from hexi.blocks.cases.parties import require_stranger
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require


def claim(task: Task, *, by: Actor) -> Task:
    """Take an open task; the first to claim has it, the second is told who does."""
    require(by, task.verb, task.department_id, task.region_code)
    require_stranger(by, task.case)
    require_known(by, task.case)
    account_id = getattr(by, "account_id", None)
    if account_id is None:
        raise ValidationError(_("只有登录的工作人员可以领取。"))
    with change(by, "cases.claim", task.case):
        free = Q(claimed_by=None) | Q(claimed_by=account_id)
        taken = Task.objects.filter(free, pk=task.pk, done_at=None).update(
            claimed_by=account_id, claimed_at=clock.now()
        )
        if not taken:
            task.refresh_from_db()
            if task.done_at:
                raise ValidationError(_("这项任务已经办完。"))
            raise ValidationError(_("这项任务已由%(name)s领取。") % {"name": task.claimed_by})
    task.refresh_from_db()
    return task


def release(task: Task, *, by: Actor) -> None:
    """Put a claimed task back for others: its holder, the head of the office, or a supervisor."""
    require_known(by, task.case)
    mine = task.claimed_by_id == getattr(by, "account_id", None)
    if not mine and not by.may("cases.takeover", task.department_id, task.region_code):
        require(by, "cases.supervise", task.department_id, task.region_code)
    with change(by, "cases.release", task.case):
        Task.objects.filter(pk=task.pk, done_at=None).update(claimed_by=None, claimed_at=None)


def tick(task: Task, *, keys: Collection[str], by: Actor) -> None:
    """Keep which questions of the checklist are answered so far: for whoever has the task, and for the file."""
    require(by, task.verb, task.department_id, task.region_code)
    require_stranger(by, task.case)
    require_known(by, task.case)
    asked = [one.key for one in definition(task.case.version).national.checklist if one.stage == task.stage]
    ticked = [key for key in asked if key in keys]
    with change(by, "cases.tick", task.case, ticked=ticked):
        free = Q(claimed_by=None) | Q(claimed_by=getattr(by, "account_id", None))
        if not Task.objects.filter(free, pk=task.pk, done_at=None).update(checked=ticked):
            raise ValidationError(_("这项任务已经办完，或者已由别人领取。"))


def recount_open(region_code: str, first: date, *, why: str, by: Actor, batch: int = 1000) -> int:
    """Recompute the running clocks of a region subtree that reach `first` or later; one short transaction a batch.

    The terms of the procedure itself follow. Safe to run again: a clock whose due does not move is left alone. How many
    cases and terms moved.
    """
    moved = 0
    midnight = datetime.combine(first, time.min, clock.CHINA)
    reaching = Clock.objects.filter(Q(due__gte=midnight) | Q(due=None), stopped_at=None)
    # found once, not anew for each batch: what is begun meanwhile asks the calendar of now
    cases = Case.objects.open().filter(region_code__startswith=region_code, pk__in=reaching.values("case"))
    keys = list(cases.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), batch):
        with change(by, "cases.recount", f"region:{region_code}", why=why) as note:
            note.rows = changed = sweeping.recount(keys[start : start + batch], why)
            if changed:
                dues_moved.ring(cases=changed, why=why, by=by)
        moved += len(changed)
    return moved + terms.recount(region_code, first, why=why, by=by)
