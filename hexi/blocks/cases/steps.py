"""One step in a case's life: lock; check right, state, freshness; settle tasks, clocks, counts. Beside operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import Note, change
from hexi.blocks.cases import counts, deadlines, facts, joint
from hexi.blocks.cases.definitions import stage_of
from hexi.blocks.cases.hooks import case_ended
from hexi.blocks.cases.models import RULES, Case, Clock, Event, Letter, Task
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.states import ACTIONS, ENDED, State
from hexi.blocks.people.models import Account
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.hooks import Hook

#: steps the applicant takes himself: the timeline names him, not the office
BY_APPLICANT = ("submit", "mend", "supplement", "withdraw", "hand_in")


class Stale(ValidationError):
    """The case moved on since the page was opened; the sentence says how, and what to do."""

    def __init__(self, case: Case):
        super().__init__(
            _("这件办件在您打开页面之后已有变化，现在是「%(state)s」。您填写的内容还在下面，请核对最新情况后再决定。")
            % {"state": case.get_state_display()},
            code="stale",
        )


@dataclass
class Step:
    """What an operation works with: the locked case, the moment, and what the timeline will say."""

    case: Case
    by: Actor
    action: str
    note: Note
    at: datetime = field(default_factory=clock.now)
    opinion: str = ""
    public: bool = True
    office: str = ""
    letter: Letter | None = None
    counted: dict[str, int] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)

    @cached_property
    def task(self) -> Task | None:
        """The case's open task as the step found it."""
        return self.case.open_task()

    def rings(self, hook: Hook) -> None:
        """Ring this hook (facts: case, by) when the step is written, inside its transaction."""
        self.hooks.append(hook)

    def count(self, **numbers: int) -> None:
        """Add to today's roll-up when the step ends."""
        for name, number in numbers.items():
            self.counted[name] = self.counted.get(name, 0) + number


@contextmanager
def step(case: Case, action: str, *, by: Actor, revision: int | None, opinion: str = "") -> Iterator[Step]:
    """An official's (or a job's) step by the table of actions. Raises `Denied`, `Stale`, `ValidationError`."""
    rule = ACTIONS[action]
    with change(by, f"cases.{action}", case) as note:
        case = locked(case)
        state = State(case.state)
        if state not in rule.states and not rule.verb:
            raise Stale(case)
        require(by, rule.right(state), *joint.office_for(case, action))
        require_stranger(by, case)
        if state not in rule.states or revision not in (None, case.revision):
            raise Stale(case)
        if rule.reason and not opinion.strip():
            raise ValidationError({"opinion": _("请写明理由，申请人会看到。")})
        one = Step(case, by, action, note, opinion=opinion.strip())
        if holder := other_holder(one.task, rule.right(state), by):
            words = _("这一步已由%(name)s领取。请由对方办理或放回；负责人和监察员也可以放回。")
            raise ValidationError(words % {"name": holder})
        if case.state == State.SUBMITTED and deadlines.lapsed(case, one.at):
            raise ValidationError(
                _("五个工作日内没有告知，依法自收到材料之日起视为受理。系统几分钟内登记，请稍后刷新，直接审查。")
            )
        yield one
        finish(one)


def other_holder(task: Task | None, right: str, by: Actor) -> Account | None:
    """Who else has claimed this very step; None if nobody has, or a job of the house asks."""
    own = getattr(by, "account_id", None)
    if task is None or own is None or task.verb != right or task.claimed_by_id == own:
        return None
    return task.claimed_by


def locked(case: Case) -> Case:
    """The case as it stands now, its row locked until the transaction ends."""
    return (
        Case.objects.select_for_update(of=("self",))
        .select_related("item", "version", "department", "applicant")
        .defer(*RULES)
        .get(pk=case.pk)
    )


def finish(one: Step) -> None:
    """Write what every step leaves: timeline, task, soonest clock, revision, counts."""
    case = one.case
    if case.state in ENDED and case.ended_at is None:
        case.ended_at = one.at
        case.pauses.filter(end=None).update(end=one.at)
        deadlines.stop(case, *Clock.Kind, at=one.at)
        one.rings(case_ended)
    case.next_due = deadlines.soonest(case)
    case.revision += 1
    case.save()
    if case_ended in one.hooks:
        one.count(**facts.at_end(case))
    write_line(one)
    hand_over(one)
    if one.counted:
        counts.add(case, clock.local_day(one.at), one.counted)
    for hook in one.hooks:
        hook.ring(case=case, by=one.by)


def write_line(one: Step) -> None:
    """The step's line in the timeline."""
    Event.objects.create(
        case=one.case, at=one.at, action=one.action, actor_key=one.by.key, actor_name=one.by.name,
        office="" if one.action in BY_APPLICANT else one.office or one.case.department.name,
        opinion=one.opinion, public=one.public, letter=one.letter,
    )  # fmt: skip


def hand_over(one: Step) -> None:
    """Close the open task if the stage is over, and open the one the new state asks for."""
    case = one.case
    wanted = stage_of(case)
    task = one.task
    if task is not None and (wanted is None or task.stage != wanted.key):
        task.done_at, task.done_by, task.action = one.at, one.by.key, one.action
        task.save(update_fields=["done_at", "done_by", "action"])
        task = None
    if wanted is None:
        return
    if task is not None:
        Task.objects.filter(pk=task.pk).update(due=case.next_due)
        return
    Task.objects.create(
        case=case, stage=wanted.key, verb=wanted.verb, department_id=case.department_id,
        region_code=case.region_code, opened_at=one.at, due=case.next_due,
    )  # fmt: skip
