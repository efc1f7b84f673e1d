"""Joint review (行政许可法 art. 26, 42(2)): departments are asked on acceptance and answer side by side."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars import queries as calendars
from hexi.blocks.cases import deadlines, joint
from hexi.blocks.cases.definitions import answers_of, definition
from hexi.blocks.cases.models import JOINT, Case, JointReview, Task
from hexi.blocks.cases.operations.deciding import lengthen
from hexi.blocks.cases.operations.opening import close_beside
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.states import UNDER_EXAMINATION, State
from hexi.blocks.cases.steps import Stale, Step, finish, locked, other_holder, write_line
from hexi.blocks.forms.conditions import holds
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require


def ask_departments(case: Case, by: Actor) -> None:
    """Listener: accepted, by the window or by law; each department gets its own task and its own term."""
    answers = answers_of(case)
    wanted = {key: part for key, part in joint.parts(case).items() if holds(part.when, answers)}
    if not wanted:
        return
    offices = Department.objects.in_bulk(list(wanted), field_name="key")
    calendar, pauses, at = calendars.calendar_for(case.region_code), deadlines.pauses_of(case), clock.now()
    for key, part in wanted.items():
        office, limit = offices[key], part.limit.limit
        due = calendar.due(at, limit, pauses).moment
        JointReview.objects.create(
            case=case, department=office, asked_at=at, amount=limit.amount, unit=limit.unit, due=due
        )
        Task.objects.create(
            case=case, stage=JOINT, verb=joint.VERB, department=office, region_code=office.region_code, opened_at=at,
            due=due,
        )  # fmt: skip


def dismiss_departments(case: Case, by: Actor) -> None:
    """Listener: the case ended (withdrawn, terminated); who has not answered need not."""
    assert case.ended_at is not None
    close_beside(case, by=by, at=case.ended_at)


def report(review: JointReview, *, result: str, by: Actor, opinion: str, conditions: str = "") -> JointReview:
    """A department says what it thinks, once. Who is last moves a case on that waited for nobody else.

    Raises `Denied`, `Stale` if the case has ended or been decided, and `ValidationError`.
    """
    if result not in JointReview.Result.values:
        raise ValidationError({"result": _("请选择同意、有条件同意或者不同意。")})
    opinion, conditions = opinion.strip(), conditions.strip() if result == JointReview.Result.CONDITIONS else ""
    if not opinion:
        raise ValidationError({"opinion": _("请写明审查意见，牵头部门据此作出决定。")})
    if result == JointReview.Result.CONDITIONS and not conditions:
        raise ValidationError({"conditions": _("请写明同意的条件，会写进决定书告诉申请人。")})
    with change(by, "cases.joint_report", review.case) as note:
        case = locked(review.case)
        review = case.reviews.select_related("department").get(pk=review.pk)
        task = _task(case, review, by)
        one = Step(case, by, "joint_report", note, opinion=f"{review.Result(result).label}：{opinion}", public=False)
        one.office = review.department.name
        review.result, review.opinion, review.conditions = result, opinion, conditions
        review.given_at, review.given_name = one.at, by.name
        review.save()
        Task.objects.filter(pk=task.pk).update(done_at=one.at, done_by=by.key, action="joint_report")
        note.facts |= {"department": review.department_id, "result": result}
        if case.state == State.JOINT and not case.reviews.filter(given_at=None).exists():
            case.state = definition(case.version).next_state(State.EXAMINING, answers_of(case))
            finish(one)
        else:
            write_line(one)
    return review


def extend_joint(case: Case, *, days: int, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """The one extension of a joint case, by the head of the people's government (art. 42(2))."""
    return lengthen(case, "extend_joint", days=days, by=by, opinion=opinion, revision=revision)


def _task(case: Case, review: JointReview, by: Actor) -> Task:
    require(by, joint.VERB, review.department_id, review.department.region_code)
    require_stranger(by, case)
    if review.given_at is not None:
        raise ValidationError(_("%(office)s已经给过意见，不能再改。") % {"office": review.department})
    if case.state not in UNDER_EXAMINATION:
        raise Stale(case)
    task = Task.objects.select_related("claimed_by").get(
        case=case, stage=JOINT, department=review.department_id, done_at=None
    )
    if holder := other_holder(task, joint.VERB, by):
        raise ValidationError(_("这一步已由%(name)s领取。请由对方办理或放回；负责人也可以放回。") % {"name": holder})
    return task
