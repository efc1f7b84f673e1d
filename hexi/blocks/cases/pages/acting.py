"""The official's page of one case, and every action on it; what was typed is kept when an action is refused."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hexi.blocks.cases import joint, letters, operations, procedures, queries, trust
from hexi.blocks.cases.definitions import definition, stage_of
from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import JOINT, Case, Task
from hexi.blocks.cases.pages import moves, papers, words
from hexi.blocks.cases.states import ACTIONS, BEFORE_ACCEPTANCE, UNDER_EXAMINATION, Action, State
from hexi.blocks.cases.steps import Stale, other_holder
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents.models import Document
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices import queries as talks
from hexi.blocks.notices.models import Line
from hexi.blocks.parcels.queries import live
from hexi.kernel import clock
from hexi.kernel.actors import Actor

#: while originals can still be seen before anything rests on them
WAITS_FOR_DECISION = (*BEFORE_ACCEPTANCE, *UNDER_EXAMINATION)
Do = Callable[..., Any]
Typed = dict[str, str]


def _number(data: Typed, name: str) -> int:
    text = data.get(name, "").strip()
    if not text.isdecimal() or len(text) > 4:
        raise ValidationError({name: _("请填写整数天数。")})
    return int(text)


def _ruling(data: Typed) -> dict[str, Any]:
    parts = {name[5:]: text for name, text in data.items() if name.startswith("part_") and text.strip()}
    return {"decision": data.get("decision", ""), "parts": parts, "where": data.get("where", "")}


def _points(data: Typed) -> dict[str, str]:
    return {name[6:]: text for name, text in data.items() if name.startswith("point_") and text.strip()}


#: how each action's form is read
READ: dict[str, Callable[[Typed], dict[str, Any]]] = {
    "give_back": lambda data: {"points": _points(data)},
    "ask_correction": lambda data: {"points": _points(data)},
    "reject": lambda data: {"where_to": data.get("where_to", "")},
    "grant": _ruling,
    "refuse": lambda data: {"remedy": data.get("remedy", "")},
    "extend": lambda data: {"days": _number(data, "days")},
    "extend_joint": lambda data: {"days": _number(data, "days")},
    "pause": lambda data: {"procedure": data.get("procedure", ""), "planned_days": _number(data, "planned_days")},
    "prolong": lambda data: {"days": _number(data, "days")},
    "deliver": lambda data: {"tracking": data.get("tracking", "")},
}


def case(request: HttpRequest, number: str) -> HttpResponse:
    """The whole case: application and materials left; checklist, clocks, opinions and decision right."""
    return _show(request, _case(request, number, queries.case_for))


@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table. A refusal shows the page again with everything that was typed."""
    found = _case(request, number)
    if action not in ACTIONS:
        raise Http404
    revision = request.POST.get("revision", "")
    try:
        # every action's form has names of its own on the page: "refuse__opinion"
        data = {name.removeprefix(f"{action}__"): text for name, text in request.POST.items()}
        facts = READ.get(action, lambda data: {})(data)
        if action != "certify":
            facts["opinion"] = data.get("opinion", "")
        do: Do = getattr(operations, action)
        seen = int(revision) if revision.isdecimal() and len(revision) < 10 else None
        do(found, by=request.actor, revision=seen, **facts)  # type: ignore[attr-defined]
    except ValidationError as error:
        fresh = queries.case_for(number, request.actor)  # type: ignore[attr-defined]
        return _show(request, fresh, failed=action, error=error, status=409 if isinstance(error, Stale) else 422)
    messages.success(request, _("已办理：%(action)s。") % {"action": ACTIONS[action].title})
    return HttpResponseRedirect(reverse("cases.case", args=[number]))


@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Take the case's open task, put it back, or keep what is ticked in its checklist; the form names the task."""
    found = _case(request, number)
    task = get_object_or_404(Task.objects.exclude(stage=JOINT), case=found, done_at=None)
    kept = HttpResponse(status=204)
    try:
        if request.POST.get("task") != str(task.pk):
            raise ValidationError(_("这项任务已经办完。"))
        if request.POST.get("do") == "release":
            operations.release(task, by=request.actor)  # type: ignore[attr-defined]
        elif request.POST.get("do") == "tick":
            operations.tick(task, keys=request.POST.getlist("check"), by=request.actor)  # type: ignore[attr-defined]
        else:
            operations.claim(task, by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        kept["HX-Refresh"] = "true"
    if "HX-Request" in request.headers:
        return kept
    return HttpResponseRedirect(reverse("cases.case", args=[number]))


@require_POST
def say(request: HttpRequest, number: str) -> HttpResponse:
    """A line to the applicant about the case or one material."""
    found = _case(request, number)
    try:
        notices.say(
            found, topic=request.POST.get("topic", ""), text=request.POST.get("text", ""), side=Line.Side.OFFICE,
            by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("cases.case", args=[number]) + "#talk")


@require_POST
def verify(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """Raise a material to level B: checked against the original at the window."""
    found = _case(request, number)
    paper = get_object_or_404(Document, pk=document, of_kind="cases.case", of_ref=str(found.pk))
    try:
        documents.raise_level(paper, to="B", by=request.actor, source=found.department.name)  # type: ignore[attr-defined]
        messages.success(request, _("已核对原件。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("cases.case", args=[number]) + "#materials")


def open_actions(case: Case, actor: Actor, task: Task | None) -> list[Action]:
    """What the actor may do to the case as it stands, the ordinary step first; not what another has claimed."""
    paused = any(pause.end is None for pause in case.pauses.all())
    extended = hasattr(case, "extension")
    corrected = any(letter.kind == "correction" for letter in case.letters.all())
    rules, state, kind = definition(case.version), State(case.state), kind_of(case)
    hidden = {
        "resume": not paused, "prolong": not procedures.may_prolong(case),
        "pause": paused or not rules.procedures,
        "extend": extended or not rules.extension or rules.national.joint,
        "lapse_correction": state == State.CORRECTING and not _overdue(case),
        "ask_correction": corrected, "give_back": corrected,
        "extend_joint": extended or not rules.national.joint,
        "deliver": state == State.DELIVERING and live(case) is not None,
    }  # fmt: skip
    return [
        action
        for action in ACTIONS.values()
        if state in action.states
        and not hidden.get(action.key, False)
        and actor.may(kind.right(action, state), *joint.office_for(case, action.key))
        and not other_holder(task, kind.right(action, state), actor)
    ]


def _overdue(case: Case) -> bool:
    """True if the time to supplement is over."""
    until = procedures.supplement_until(case)
    return until is not None and until < clock.now()


def _case(request: HttpRequest, number: str, find: Callable[[str, Actor], Case] = queries.case_to_act) -> Case:
    try:
        return find(number, request.actor)  # type: ignore[attr-defined]
    except Case.DoesNotExist:
        raise Http404(_("没有这件办件。")) from None


def _show(
    request: HttpRequest, case: Case, *, failed: str = "", error: ValidationError | None = None, status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rules = definition(case.version)
    stage, state = stage_of(case), State(case.state)
    task = case.open_task()
    actions = open_actions(case, actor, task)
    gone = failed and failed not in {action.key for action in actions}
    facts = {
        "case": case,
        "title": case.name,
        "tag": words.tag(case),
        "rules": rules,
        "sections": papers.sections(case),
        "materials": (materials := papers.materials(case)),
        "shown": papers.viewer(materials),
        "asked": {slot.key for slot in rules.national.slots()},
        "short": (short := trust.of_rows(materials) if state in WAITS_FOR_DECISION else []),
        "binding": trust.binding(case, short) if state == State.DECIDING else [],
        "levels": trust.LEVELS,
        "letters": [(letters.title_of(one), one) for one in case.letters.all()],
        "clocks": words.clock_rows(case),
        "moves": moves.rows(case),
        "timeline": papers.timeline(case, everything=True),
        "checks": [one for one in rules.national.checklist if stage and one.stage == stage.key],
        "actions": actions,
        "reads_only": not queries.handles(actor, case),
        "parcel": live(case) if state == State.DELIVERING else None,
        # the action is no longer open: what was typed for it is shown, to be copied
        "lost": [text for name, text in request.POST.items() if "__" in name and text.strip()] if gone else [],
        "points": rules.points,
        "procedures": rules.procedures,
        "task": task,
        "may_tick": task is not None
        and actor.may(task.verb, task.department_id, task.region_code)
        and not other_holder(task, task.verb, actor),
        "mine": task is not None and task.claimed_by_id == getattr(actor, "account_id", None),
        "talks": talks.talks(case),
        "may_check": actor.may("documents.check", case.department_id, case.region_code),
        "failed": failed,
        "typed": request.POST if failed else {},
        "errors": error.message_dict if error and hasattr(error, "error_dict") else {},
        "sentences": error.messages if error else [],
    }
    return render(request, "cases/work_case.html", facts, status=status)
