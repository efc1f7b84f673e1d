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
from hexi.blocks.cases.hooks import case_ended
from hexi.blocks.cases.kinds import kind_of, require_known, state_title
from hexi.blocks.cases.models import PERMIT, RULES, Case, Event, Letter, Task
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.states import State
from hexi.blocks.people.models import Account
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.fixed import Fixed, Given, insert, update
from hexi.kernel.hooks import Hook

#: steps the applicant takes himself: the timeline names him, not the office
BY_APPLICANT = ("submit", "mend", "supplement", "withdraw", "hand_in")


class Stale(ValidationError):
    """The case moved on since the page was opened; the sentence says how, and what to do."""

    def __init__(self, case: Case):
        super().__init__(
            _("这件办件在您打开页面之后已有变化，现在是「%(state)s」。您填写的内容还在下面，请核对最新情况后再决定。")
            % {"state": state_title(case)},
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
    kind = kind_of(case)
    rule = kind.actions[action]
    with change(by, f"cases.{action}", case) as note:
        case = locked(case)
        if case.state not in rule.states and not rule.verb:
            raise Stale(case)
        right = kind.right(rule, case.state)
        require(by, right, *joint.office_for(case, action))
        require_stranger(by, case)
        require_known(by, case)
        if case.state not in rule.states or revision not in (None, case.revision):
            raise Stale(case)
        if rule.reason and not opinion.strip():
            raise ValidationError({"opinion": _("请写明理由，申请人会看到。")})
        one = Step(case, by, action, note, opinion=opinion.strip())
        if holder := other_holder(one.task, right, by):
            words = _("这一步已由%(name)s领取。请由对方办理或放回；负责人和监察员也可以放回。")
            raise ValidationError(words % {"name": holder})
        if case.kind == PERMIT and case.state == State.SUBMITTED and deadlines.lapsed(case, one.at):
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
    try:
        found = _LOCKED.get(case=case.pk)
    except Case.DoesNotExist:
        # whoever held the lock may have given the case to another office: PostgreSQL then joins the new row with the
        # old office, which is none, and only the next statement sees both as they are now
        found = _LOCKED.get(case=case.pk)
    _tied(found)
    return found


def _tied(case: Case) -> None:
    """What is at hand need not be asked for again by another way."""
    item, version = case.item, case.version
    if item is None or version is None:
        return
    version.item = item
    if item.version_id == version.pk:
        item.version = version
    if item.department_id == case.department_id:
        item.department = case.department


_LOCKED = Fixed(
    lambda: (
        Case.objects.select_for_update(of=("self",))
        .select_related("item", "version", "department", "applicant")
        .defer(*RULES)
        .filter(pk=Given("case"))
    )
)


def finish(one: Step) -> None:
    """Write what every step leaves: timeline, task, soonest clock, revision, counts."""
    case = one.case
    if case.state in kind_of(case).ended and case.ended_at is None:
        case.ended_at = one.at
        deadlines.end_pauses(case, at=one.at)
        deadlines.stop_all(case, at=one.at)
        if case.kind == PERMIT:
            one.rings(case_ended)
    case.next_due = deadlines.soonest(case)
    case.revision += 1
    update(case)
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
    line = Event(
        case=one.case, at=one.at, action=one.action, actor_key=one.by.key, actor_name=one.by.name,
        office="" if one.action in BY_APPLICANT else one.office or one.case.department.name,
        opinion=one.opinion, public=one.public, letter=one.letter,
    )  # fmt: skip
    insert(line)


def hand_over(one: Step) -> None:
    """Close the open task if the stage is over, and open the one the new state asks for."""
    case = one.case
    stage, verb = kind_of(case).stages.get(case.state, ("", ""))
    task = one.task
    if task is not None and (task.stage != stage or task.department_id != case.department_id):
        task.done_at, task.done_by, task.action = one.at, one.by.key, one.action
        update(task, "done_at", "done_by", "action")
        task = None
    if not stage:
        return
    if task is not None:
        task.due = case.next_due
        update(task, "due")
        return
    opened = Task(
        case=case, stage=stage, verb=verb, department_id=case.department_id,
        region_code=case.region_code, opened_at=one.at, due=case.next_due,
    )  # fmt: skip
    insert(opened)
