"""Joint review on pages: a department's own view of a case, and the state of every department on others' pages."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from markupsafe import Markup

from hexi.blocks.calendars.queries import may_move
from hexi.blocks.cases import joint, operations
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.models import JOINT, Case, JointReview, Task
from hexi.blocks.cases.pages import papers, words
from hexi.blocks.cases.states import UNDER_EXAMINATION
from hexi.ui.words import day

TAGS = {JointReview.Result.AGREE: "done", JointReview.Result.CONDITIONS: "near", JointReview.Result.DISAGREE: "refused"}


def joint_review(request: HttpRequest, number: str, department: int) -> HttpResponse:
    """The application and the materials a department is to look at, and the form for what it says."""
    review = _review(request, number, department)
    if request.method != "POST":
        return _show(request, review)
    task = Task.objects.filter(case=review.case, stage=JOINT, department=department, done_at=None).first()
    try:
        if request.POST.get("do") in ("claim", "release") and task:
            do = operations.claim if request.POST["do"] == "claim" else operations.release
            do(task, by=request.actor)  # type: ignore[attr-defined]
        else:
            _report(request, review)
    except ValidationError as error:
        fresh = _review(request, number, department)
        return _show(request, fresh, error=error, status=409 if error.__class__ is not ValidationError else 422)
    return HttpResponseRedirect(request.path)


def to_decide(request: HttpRequest, case: Case) -> Markup | None:
    """Panel beside the decision: each department's answer, and who is missing since when."""
    return _standing(request, case, "work")


def of_my_case(request: HttpRequest, case: Case) -> Markup | None:
    """Panel for the applicant: each department's state, without what offices write among themselves."""
    return _standing(request, case, "mine")


def _standing(request: HttpRequest, case: Case, side: str) -> Markup | None:
    if not has(case, JointReview):
        return None
    rows = joint.reviews(case)
    parts, running = joint.parts(case), case.state in UNDER_EXAMINATION
    facts: dict[str, Any] = {
        "rows": [(one, parts[one.department.key].what, _tag(one, side, running)) for one in rows],
        "missing": [one for one in rows if one.given_at is None] if running else [],
        "full": side == "work",
        "done": sum(one.given_at is not None for one in rows),
    }
    return Markup(render_to_string("cases/joint_standing.html", facts, request))  # noqa: S704 - our own template


def _tag(one: JointReview, side: str, running: bool) -> tuple[str, Any]:
    if one.given_at and side == "work":
        return TAGS[JointReview.Result(one.result)], one.get_result_display()
    if one.given_at:
        return "done", _("已提出意见")
    if not running:
        return "off", _("不再需要")
    if one.due is None:
        return "paused", _("计时暂停")
    return ("overdue" if one.late else "doing"), _("审查中，%(day)s前") % {"day": day(one.due)}


def _report(request: HttpRequest, review: JointReview) -> None:
    data = request.POST
    operations.report(
        review, result=data.get("result", ""), opinion=data.get("opinion", ""), conditions=data.get("conditions", ""),
        by=request.actor,  # type: ignore[attr-defined]
    )  # fmt: skip
    messages.success(request, _("意见已提交给%(office)s。") % {"office": review.case.department.title})


def _review(request: HttpRequest, number: str, department: int) -> JointReview:
    try:
        return joint.review_for(number, department, request.actor)  # type: ignore[attr-defined]
    except JointReview.DoesNotExist:
        raise Http404(_("没有请这个部门审查的办件。")) from None


def _show(
    request: HttpRequest, review: JointReview, *, error: ValidationError | None = None, status: int = 200
) -> HttpResponse:
    case, slots = review.case, joint.slots(review)
    materials = [(material, files) for material, files in papers.materials(case) if material.key in slots]
    task = Task.objects.filter(case=case, stage=JOINT, department=review.department, done_at=None)
    facts = {
        "case": case,
        "title": case.name,
        "review": review,
        "part": joint.parts(case)[review.department.key],
        "tag": _tag(review, "work", case.state in UNDER_EXAMINATION),
        "sections": papers.sections(case),
        "materials": materials,
        "shown": papers.viewer(materials),
        "task": (found := task.select_related("claimed_by").first()),
        "own": found is not None and found.claimed_by_id == getattr(request.actor, "account_id", None),  # type: ignore[attr-defined]
        "results": JointReview.Result.choices,
        "typed": request.POST if error else {},
        "errors": error.message_dict if error and hasattr(error, "error_dict") else {},
        "sentences": error.messages if error else [],
        "due": words.due_tag(review.due, uncertain=may_move(review.case.region_code, review.due)),
    }
    return render(request, "cases/work_joint.html", facts, status=status)
