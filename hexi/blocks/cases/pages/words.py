"""How states, clocks and outcomes are said and coloured: one place for all pages of this block."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hexi.blocks.calendars.clocks import Light, Limit, Unit
from hexi.blocks.cases.models import JOINT, Case, Clock, Task
from hexi.blocks.cases.states import Outcome, State
from hexi.kernel import clock
from hexi.ui import words

#: state of a case → state of the tag that shows it
TAGS = {
    State.SUBMITTED: "wait",
    State.RETURNED: "near",
    State.CORRECTING: "near",
    State.LOWER: "doing",
    State.EXAMINING: "doing",
    State.JOINT: "doing",
    State.REVIEWING: "doing",
    State.DECIDING: "doing",
    State.CERTIFYING: "doing",
    State.DELIVERING: "doing",
    State.CLOSED: "done",
    State.NOT_NEEDED: "info",
    State.REJECTED: "refused",
    State.WITHDRAWN: "off",
    State.TERMINATED: "off",
}
LIGHTS = {Light.NORMAL: "done", Light.NEAR: "near", Light.OVERDUE: "overdue", Light.PAUSED: "paused"}
CLOCKS = {
    Clock.Kind.NOTICE: gettext_lazy("五日内告知"),
    Clock.Kind.LOWER: gettext_lazy("下级机关初审"),
    Clock.Kind.LEGAL: gettext_lazy("法定期限"),
    Clock.Kind.PROMISED: gettext_lazy("承诺期限"),
    Clock.Kind.DELIVERY: gettext_lazy("十日内送达"),
}
#: what the timeline calls a step
STEPS = {
    "submit": gettext_lazy("提交申请"),
    "mend": gettext_lazy("更正后再次提交"),
    "supplement": gettext_lazy("提交补正材料"),
    "withdraw": gettext_lazy("撤回申请"),
    "accept_deemed": gettext_lazy("依法视为受理"),
    "joint_report": gettext_lazy("部门并联审查意见"),
    "name_party": gettext_lazy("告知利害关系人"),
    "party_view": gettext_lazy("利害关系人陈述意见"),
    "hearing_told": gettext_lazy("告知听证权利"),
    "hearing_asked": gettext_lazy("要求听证"),
    "hearing_called": gettext_lazy("通知听证"),
    "hearing_held": gettext_lazy("举行听证"),
    "visit_assigned": gettext_lazy("指派现场核查人员"),
    "visit_found": gettext_lazy("填写现场核查情况"),
    "visit_confirmed": gettext_lazy("确认现场核查情况"),
    "hand_in": gettext_lazy("补交容缺材料"),
    "lapse": gettext_lazy("逾期没有补齐，视为撤回"),
    "overtaken": gettext_lazy("证照已不存在，终止办理"),
    "held": gettext_lazy("证照暂扣，等待恢复"),
    "resumed": gettext_lazy("证照恢复，接着办理"),
    "renew_deemed": gettext_lazy("依法视为准予延续"),
    "verified": gettext_lazy("核查：已履行承诺"),
    "rectify": gettext_lazy("核查：责令限期整改"),
    "broken": gettext_lazy("核查：未履行承诺"),
    "revoke": gettext_lazy("撤销决定"),
    "repair": gettext_lazy("信用修复"),
}


def tag(case: Case) -> tuple[str, Any]:
    """(state of the tag, word): refused cases are said to be refused, not only closed."""
    if case.outcome == Outcome.REFUSED:
        return "refused", Outcome.REFUSED.label
    return TAGS[State(case.state)], State(case.state).label


def task_tag(task: Task) -> tuple[str, Any]:
    """The step a task is for: a joint review is not the state of the case."""
    return ("doing", _("并联审查")) if task.stage == JOINT else tag(task.case)


def task_url(task: Task) -> str:
    """Where a task is done: at the case, or at the department's own page of a joint review."""
    if task.stage == JOINT:
        return reverse("cases.joint_review", args=[task.case.number, task.department_id])
    return reverse("cases.case", args=[task.case.number])


def due_words(due: datetime | None, now: datetime | None = None) -> str:
    """A due moment as a day and what is left, in plain words."""
    if due is None:
        return _("计时暂停")
    now = now or clock.now()
    day = words.day(due)
    days = (clock.local_day(due) - clock.local_day(now)).days
    if now > due:
        return _("%(day)s（已超期 %(n)s 天）") % {"day": day, "n": -days or 1}
    if days == 0:
        return _("%(day)s（今天）") % {"day": day}
    return _("%(day)s（还有 %(n)s 天）") % {"day": day, "n": days}


def due_tag(due: datetime | None, near: datetime | None = None) -> tuple[str, str]:
    """A due moment as a tag."""
    now = clock.now()
    if due is None:
        return "paused", due_words(due, now)
    if now > due:
        return "overdue", due_words(due, now)
    # a list knows only the due moment: a day before it is near
    close = near if near is not None else due - timedelta(days=1)
    return ("near" if now >= close else "done"), due_words(due, now)


def length(limit: Limit) -> str:
    """A limit with its unit: 20 个工作日."""
    count = {"num": limit.amount}
    if limit.unit is Unit.WORKING_DAYS:
        return ngettext("%(num)s 个工作日", "%(num)s 个工作日", limit.amount) % count
    if limit.unit is Unit.CALENDAR_DAYS:
        return ngettext("%(num)s 天", "%(num)s 天", limit.amount) % count
    if limit.unit is Unit.WORKING_HOURS:
        return ngettext("%(num)s 个工作小时", "%(num)s 个工作小时", limit.amount) % count
    return ngettext("%(num)s 小时", "%(num)s 小时", limit.amount) % count


def clock_rows(case: Case, now: datetime | None = None) -> list[tuple[Any, float, float, str, str]]:
    """The case's clocks for `ui.clocks`: title, used, limit, light, sentence."""
    now = now or clock.now()
    return [_clock_row(one, now) for one in sorted(case.clocks.all(), key=lambda one: list(CLOCKS).index(one.kind))]


def _clock_row(one: Clock, now: datetime) -> tuple[Any, float, float, str, str]:
    light = one.light(now)
    if one.stopped_at:
        text = (_("按时，%(day)s") if one.met else _("超期，%(day)s")) % {"day": words.day(one.stopped_at)}
        state = "done" if one.met else "overdue"
    else:
        text, state = due_words(one.due, now), LIGHTS[light]
    if one.uncertain and not one.stopped_at:
        text += _("（该年放假安排尚未公布，可能变动）")
    title = _("%(clock)s（%(length)s）") % {"clock": CLOCKS[one.kind], "length": length(one.length)}
    end = one.due or now
    whole = max(1.0, (end - one.start).total_seconds())
    used = ((one.stopped_at or now) - one.start).total_seconds()
    return title, min(max(used, 0.0), whole) / whole * 100, 100.0, state, text


def day_of(due: datetime | None) -> str:
    """A due moment as its day; empty if there is none."""
    return words.day(due) if due else ""


def short(number: str) -> str:
    """The end of a case's number as lists show it: day and serial; the 31 signs before it are the item's code."""
    return f"{number[31:39]}-{number[39:]}" if len(number) > 39 else number
