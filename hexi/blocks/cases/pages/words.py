"""How states, clocks and outcomes are said and coloured: one place for all pages of this block."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hexi.blocks.calendars.clocks import Light, Limit, Unit
from hexi.blocks.calendars.wording import with_warning
from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import JOINT, PERMIT, Case, Clock, Task
from hexi.blocks.cases.states import Outcome, State, outcome_said
from hexi.kernel import clock
from hexi.ui import words

#: what stands before the day in a number: an item's code, or the letter of a kind and a region
ITEM_CODE, LETTER_AND_REGION = 31, 7
LIGHTS = {Light.NORMAL: "done", Light.NEAR: "near", Light.OVERDUE: "overdue", Light.PAUSED: "paused"}


def tag(case: Case) -> tuple[str, Any]:
    """(state of the tag, word): refused cases are said to be refused, granted ones that ended by law that they did."""
    if case.outcome == Outcome.REFUSED or (case.outcome and case.state == State.TERMINATED):
        return decided(case)
    kind = kind_of(case)
    return kind.tags[case.state], kind.states(case.state).label


def decided(case: Case) -> tuple[str, Any]:
    """The decision as a tag."""
    kept = case.outcome == Outcome.GRANTED and case.state != State.TERMINATED
    return "done" if kept else "off" if case.outcome == Outcome.GRANTED else "refused", outcome_said(
        case.state, case.outcome
    )


def task_tag(task: Task) -> tuple[str, Any]:
    """The step a task is for: a joint review is not the state of the case."""
    return ("doing", _("并联审查")) if task.stage == JOINT and task.case.kind == PERMIT else tag(task.case)


def task_url(task: Task) -> str:
    """Where a task is done: at the case, or at the department's own page of a joint review."""
    if task.stage == JOINT and task.case.kind == PERMIT:
        return reverse("cases.joint_review", args=[task.case.number, task.department_id])
    return reverse(kind_of(task.case).work, args=[task.case.number])


def mine_url(case: Case) -> str:
    """Where its own people look at a case."""
    return reverse(kind_of(case).mine, args=[case.number])


def due_words(due: datetime | None, now: datetime | None = None, *, uncertain: bool = False) -> str:
    """A due moment as a day and what is left, in plain words; `uncertain`: a year not announced may still move it."""
    if due is None:
        return _("计时暂停")
    now = now or clock.now()
    text = _left(due, now)
    return _("%(due)s · 放假安排未公布") % {"due": text} if uncertain and now <= due else text


def _left(due: datetime, now: datetime) -> str:
    day = words.day(due)
    days = (clock.local_day(due) - clock.local_day(now)).days
    if now > due:
        return _("%(day)s（已超期 %(n)s 天）") % {"day": day, "n": -days or 1}
    if days == 0:
        return _("%(day)s（今天）") % {"day": day}
    return _("%(day)s（还有 %(n)s 天）") % {"day": day, "n": days}


def due_tag(due: datetime | None, near: datetime | None = None, *, uncertain: bool = False) -> tuple[str, str]:
    """A due moment as a tag."""
    now = clock.now()
    if due is None:
        return "paused", due_words(due, now)
    if now > due:
        return "overdue", due_words(due, now)
    # a list knows only the due moment: a day before it is near
    close = near if near is not None else due - timedelta(days=1)
    return ("near" if now >= close else "done"), due_words(due, now, uncertain=uncertain)


def length(limit: Limit) -> str:
    """A limit with its unit: 20 个工作日."""
    count = {"num": limit.amount}
    if limit.unit is Unit.WORKING_DAYS:
        return ngettext("%(num)s 个工作日", "%(num)s 个工作日", limit.amount) % count
    if limit.unit is Unit.CALENDAR_DAYS:
        return ngettext("%(num)s 天", "%(num)s 天", limit.amount) % count
    if limit.unit is Unit.WORKING_HOURS:
        return ngettext("%(num)s 个工作小时", "%(num)s 个工作小时", limit.amount) % count
    if limit.unit is Unit.MINUTES:
        return ngettext("%(num)s 分钟", "%(num)s 分钟", limit.amount) % count
    return ngettext("%(num)s 小时", "%(num)s 小时", limit.amount) % count


def clock_rows(case: Case, now: datetime | None = None) -> list[tuple[Any, float, float, str, str]]:
    """The case's clocks for `ui.clocks`: title, used, limit, light, sentence."""
    now = now or clock.now()
    titles = kind_of(case).clocks
    rows = sorted(case.clocks.all(), key=lambda one: list(titles).index(one.kind))
    return [_clock_row(one, titles[one.kind], now) for one in rows]


def _clock_row(one: Clock, name: Any, now: datetime) -> tuple[Any, float, float, str, str]:
    light = one.light(now)
    if one.stopped_at:
        text = (_("按时，%(day)s") if one.met else _("超期，%(day)s")) % {"day": words.day(one.stopped_at)}
        state = "done" if one.met else "overdue"
    else:
        text, state = due_words(one.due, now), LIGHTS[light]
    text = with_warning(text, one.uncertain and not one.stopped_at)
    title = _("%(clock)s（%(length)s）") % {"clock": name, "length": length(one.length)}
    end = one.due or now
    whole = max(1.0, (end - one.start).total_seconds())
    used = ((one.stopped_at or now) - one.start).total_seconds()
    return title, min(max(used, 0.0), whole) / whole * 100, 100.0, state, text


def day_of(due: datetime | None, uncertain: bool = False) -> str:
    """A due moment as its day, with the warning if a year not announced may move it; empty if there is none."""
    return with_warning(words.day(due), uncertain) if due else ""


def next_day(case: Case) -> str:
    """The day of the case's soonest clock; empty if none runs."""
    soonest = (one for one in case.clocks.all() if one.stopped_at is None and one.due == case.next_due)
    return day_of(case.next_due, any(one.uncertain for one in soonest))


def short(number: str) -> str:
    """The end of a case's number as lists show it: day and serial; before them stand an item's or a region's code."""
    head = ITEM_CODE if len(number) > ITEM_CODE + 8 else LETTER_AND_REGION
    return f"{number[head : head + 8]}-{number[head + 8 :]}" if len(number) > head + 8 else number
