"""Joint review (并联审查): which departments were asked, who is missing, where the case goes. Above definitions."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import look
from hexi.blocks.calendars import queries as calendars
from hexi.blocks.calendars.clocks import Pause
from hexi.blocks.cases.definitions import answers_of, definition
from hexi.blocks.cases.models import JOINT, Case, JointReview, Task
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.parts import JointReview as Part
from hexi.blocks.cases.states import State
from hexi.blocks.regions.models import Department
from hexi.kernel.actors import Actor, require
from hexi.kernel.fixed import Fixed, Given

Result = JointReview.Result
_REVIEWS = Fixed(lambda: JointReview.objects.filter(case_id=Given("case")).select_related("department"))
#: the right that answers for a department
VERB = "cases.examine"


def parts(case: Case) -> dict[str, Part]:
    """What the item asks of each further department, by its key."""
    wanted = definition(case.version).local.joint
    return {one.department: one for one in wanted.reviews} if wanted else {}


def reviews(case: Case) -> list[JointReview]:
    """Every department that was asked, in the item's order. One query."""
    return _REVIEWS.all(case=case.pk)


def missing(case: Case) -> list[JointReview]:
    """Who has not answered yet."""
    return [one for one in reviews(case) if one.given_at is None]


def after_examination(case: Case) -> State:
    """Where the lead office's opinion leads: to the decision, or to waiting for the departments."""
    after = definition(case.version).next_state(State.EXAMINING, answers_of(case))
    return State.JOINT if missing(case) else after


def conditions(case: Case) -> str:
    """What departments have made their consent depend on, for the letter of decision."""
    rows = [one for one in reviews(case) if one.result == Result.CONDITIONS]
    return "\n".join(f"{one.department.name}：{one.conditions}" for one in rows)


def office_for(case: Case, action: str) -> tuple[int | None, str]:
    """Which office's right an action takes: the case's own; for the joint extension that of the government."""
    wanted = definition(case.version).local.joint if action == "extend_joint" else None
    if wanted is None:
        return case.department_id, case.region_code
    office = Department.objects.filter(key=wanted.government).values_list("pk", flat=True).first()
    return office or case.department_id, case.region_code


def require_heard(case: Case, opinion: str) -> None:
    """No decision while a department is missing; whoever disagrees is answered by name in the reason."""
    found = reviews(case)
    if late := [one for one in found if one.given_at is None]:
        raise ValidationError(_("还缺这些部门的并联审查意见：%(names)s。齐了才能决定。") % {"names": names(late)})
    against = [one for one in found if one.result == Result.DISAGREE and one.department.name not in opinion]
    if against:
        words = _("有部门不同意。请在理由里逐一写明怎样处理它们的意见，写出部门全称：%(names)s。")
        raise ValidationError({"opinion": words % {"names": names(against)}})


def review_for(number: str, department: int, actor: Actor) -> JointReview:
    """What a department was asked about a case, for its examiner; the look is logged. Raises `DoesNotExist`, `Denied`.

    It opens the application and the materials the item names for this department, and nothing the lead office wrote.
    """
    review = JointReview.objects.select_related(
        "department", "case__item", "case__version", "case__department", "case__applicant"
    ).get(case__number=number, department=department)
    require(actor, VERB, department, review.department.region_code)
    require_stranger(actor, review.case)
    look(actor, review.case, purpose=f"并联审查 {review.case.title}", person_id=review.case.applicant_id)
    return review


def may_read(actor: Actor, case_id: int, slot: str) -> bool:
    """True if a department of the actor was asked about the case and the item shows it this material."""
    if not actor.scopes(VERB):
        return False
    rows = JointReview.objects.filter(case=case_id).select_related("department", "case__version")
    return any(actor.may(VERB, one.department_id, one.department.region_code) and slot in slots(one) for one in rows)


def slots(review: JointReview) -> set[str]:
    """The materials a department sees: those the item names for it, or all of the item's; never letters."""
    part = parts(review.case)[review.department.key]
    return set(part.materials) or {one.key for one in definition(review.case.version).national.materials}


def names(rows: Iterable[JointReview]) -> str:
    """The departments by name."""
    return "、".join(str(one.department) for one in rows)


def recount(case: Case, pauses: list[Pause]) -> int:
    """The terms of those who have not answered, after a pause or a calendar change; their tasks are sorted by them."""
    rows = list(case.reviews.filter(given_at=None))
    if not rows:
        return 0
    calendar, moved = calendars.calendar_for(case.region_code), 0
    for one in rows:
        due = calendar.due(one.asked_at, one.length, pauses).moment
        if due != one.due:
            moved += JointReview.objects.filter(pk=one.pk).update(due=due)
            Task.objects.filter(case=case, stage=JOINT, department=one.department_id, done_at=None).update(due=due)
    return moved
