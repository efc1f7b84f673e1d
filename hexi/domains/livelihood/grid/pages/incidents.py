"""Incidents: the list of those a post may see, one of them with its seven steps, and every action on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.cases import procedures
from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.pages import words
from hexi.blocks.cases.pages.papers import card, timeline
from hexi.blocks.cases.states import Action
from hexi.blocks.cases.steps import Stale, other_holder
from hexi.domains.livelihood.grid import mapped, queries, rules
from hexi.domains.livelihood.grid.models import Incident, Wish
from hexi.domains.livelihood.grid.operations import handling
from hexi.domains.livelihood.grid.pages.asking import action_form
from hexi.domains.livelihood.grid.states import ACTIONS, ENDED, STEPS, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.ui.pages import ListPage, add_errors
from hexi.ui.tables import Column, Empty, Filter, SavedView

#: what only somebody apart from who handled it may do
JUDGING = ("feedback", "send_back", "close", "rework", "evaluate", "grant", "refuse")


def _class_choices() -> list[tuple[str, str]]:
    return [(one.key, str(one)) for one in rules.classes()]


def _todo(rows: QuerySet[Incident], request: HttpRequest) -> QuerySet[Incident]:
    return rows.filter(case__in=cases.todo(request.actor).values("case"))  # type: ignore[attr-defined]


def _own(rows: QuerySet[Incident], request: HttpRequest) -> QuerySet[Incident]:
    return rows.filter(reporter=request.actor.account_id)  # type: ignore[attr-defined]


def _find(rows: QuerySet[Incident], text: str) -> QuerySet[Incident]:
    return rows.filter(
        Q(case__number__contains=text.replace("-", "")) | Q(text__contains=text) | Q(place__contains=text)
    )


def _due(one: Incident) -> tuple[str, str]:
    return ("off", "—") if one.case.ended_at else words.due_tag(one.case.next_due)


INCIDENTS = ListPage(
    title=gettext_lazy("网格事件"),
    columns=(
        Column("title", gettext_lazy("类别"), value="rule", link=lambda one: address(one)),
        Column("place", gettext_lazy("位置"), value=lambda one: one.place or (one.cell.title if one.cell else "")),
        Column("state", gettext_lazy("环节"), value=lambda one: words.tag(one.case), kind="tag"),
        Column("due", gettext_lazy("最近期限"), value=_due, kind="tag", sort="case__next_due"),
        Column("office", gettext_lazy("现在由谁办"), value="case.department.title"),
        Column("at", gettext_lazy("上报"), value="case.submitted_at", kind="moment", sort="case__submitted_at"),
        Column("number", gettext_lazy("编号"), value=lambda one: words.short(one.case.number), kind="code"),
    ),
    filters=(
        Filter("class", gettext_lazy("类别"), _class_choices, "subject"),
        Filter("state", gettext_lazy("环节"), State.choices, "case__state"),
        Filter("cell", gettext_lazy("网格编码"), "text", "cell__code"),
        Filter("place", gettext_lazy("区划代码"), "text", mapped.in_place),
    ),
    views=(
        SavedView("todo", gettext_lazy("等我办理"), _todo, with_request=True),
        SavedView("open", gettext_lazy("在办"), lambda rows: rows.filter(case__ended_at=None)),
        SavedView(
            "over", gettext_lazy("已超期"),
            lambda rows: rows.filter(case__ended_at=None, case__next_due__lt=clock.now()),
        ),
        SavedView("own", gettext_lazy("我上报的"), _own, with_request=True),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=_find,
    row_link=lambda one: address(one),
    empty=Empty(gettext_lazy("没有事件。网格员上报后会出现在这里。")),
)  # fmt: skip


def address(one: Incident) -> str:
    """Where an incident is handled."""
    return reverse("grid.incident", args=[one.case.number])


def incidents(request: HttpRequest) -> HttpResponseBase:
    """Everything a post may see."""
    return INCIDENTS.respond(request, queries.visible(request.actor))  # type: ignore[attr-defined]


def incident(request: HttpRequest, number: str) -> HttpResponse:
    """One incident: what was seen, where, its steps and clocks, and what is to be done."""
    return _show(request, _incident(request, number))


@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table. A refusal shows the page again with everything that was typed."""
    found = _incident(request, number)
    if action not in ACTIONS:
        raise Http404
    form = action_form(action, found, request.POST, request.FILES)
    revision = request.POST.get("revision", "")
    if form.is_valid():
        try:
            do: Callable[..., Any] = getattr(handling, action)
            seen = int(revision) if revision.isdecimal() and len(revision) < 10 else None
            do(found.case, by=request.actor, revision=seen, **form.facts())  # type: ignore[attr-defined]
            messages.success(request, _("已办理：%(action)s。") % {"action": ACTIONS[action].title})
            return HttpResponseRedirect(_after(found, request))
        except ValidationError as error:
            add_errors(form, error)
            status = 409 if isinstance(error, Stale) else 422
            return _show(request, _incident(request, number), form, action, status)
    return _show(request, found, form, action, 422)


def _after(found: Incident, request: HttpRequest) -> str:
    """The incident, if one may still see it (a unit that gave it back may not)."""
    fresh = Incident.objects.select_related("case").get(pk=found.pk)
    seen = queries.may_see(fresh, request.actor)  # type: ignore[attr-defined]
    return address(fresh) if seen else reverse("grid.incidents")


def open_actions(found: Incident, actor: Actor) -> list[Action]:
    """What the actor may do now, the ordinary step first."""
    case, task = found.case, found.case.open_task()
    wish = found.wishes.filter(decided_at=None).first()
    paused = case.pauses.filter(end=None).exists()
    hidden = {
        "ask_delay": wish is not None or paused, "ask_hold": wish is not None or paused,
        "ask_longer": wish is not None or not paused,
        "grant": wish is None or wish.asked_by == actor.key, "refuse": wish is None or wish.asked_by == actor.key,
        "resume": not paused, "evaluate": hasattr(found, "evaluation"),
    }  # fmt: skip
    if not _apart(found, actor):
        hidden |= dict.fromkeys(JUDGING, True)
    return [
        one
        for one in ACTIONS.values()
        if case.state in one.states
        and not hidden.get(one.key, False)
        and actor.may(one.verb, case.department_id, case.region_code)
        and not other_holder(task, one.verb, actor)
    ]


def _apart(found: Incident, actor: Actor) -> bool:
    try:
        handling.require_apart(actor, found)
    except Denied:
        return False
    return True


def _incident(request: HttpRequest, number: str) -> Incident:
    try:
        return queries.incident_for(number, request.actor)  # type: ignore[attr-defined]
    except Incident.DoesNotExist:
        raise Http404(_("没有这件网格事件。")) from None


def _line(case: Case, evaluated: bool) -> list[dict[str, Any]]:
    """The seven steps, as far as they are done."""
    states = [state for _title, state in STEPS]
    here = states.index(case.state) if case.state in states else 0
    done = len(STEPS) if evaluated else here
    over = case.state in ENDED and case.state != State.CLOSED
    return [
        {"title": title, "state": "done" if place < done else "doing" if place == done and not over else "wait"}
        for place, (title, _state) in enumerate(STEPS)
    ]


def _show(request: HttpRequest, found: Incident, failed: Any = None, key: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case, actions = found.case, open_actions(found, actor)
    forms = [(one, failed if one.key == key else action_form(one.key, found)) for one in actions]
    photos = queries.photos(found)
    facts = {
        "incident": found, "case": case, "title": str(found.rule), "tag": words.tag(case),
        "line": _line(case, hasattr(found, "evaluation")), "facts": _facts(found), "clocks": words.clock_rows(case),
        "timeline": timeline(case, everything=True), "rounds": found.rounds.select_related("unit"),
        "wishes": found.wishes.all(), "wish_kind": Wish.Kind, "forms": forms, "failed": key,
        "lost": failed if failed is not None and key not in {one.key for one in actions} else None,
        "photos": [(title, [card(one) for one in photos.get(slot, [])])
                   for slot, title in (("before", _("现场照片")), ("after", _("处置后照片")))],
    }  # fmt: skip
    return render(request, "grid/incident.html", facts, status=status)


def _held_until(case: Case) -> str:
    """By which day the clock runs again, and why it stands."""
    pause = case.pauses.filter(end=None).first()
    return f"{words.day_of(procedures.planned_end(case, pause))} · {pause.reason}" if pause else ""


def _facts(found: Incident) -> list[tuple[Any, ...]]:
    where = f"{found.longitude:.6f}, {found.latitude:.6f}" if found.longitude is not None else ""
    rows = [
        (_("情况"), found.text),
        (_("位置"), found.place),
        (_("经纬度（WGS-84）"), where),
        (_("所在网格"), str(found.cell) if found.cell else _("不在网格里")),
        (_("部件"), str(found.component) if found.component else ""),
        (_("上报人"), str(found.reporter) if found.reporter else ""),
        (_("看到的时间"), words.words.moment(found.seen_at)),
        (_("紧急"), _("是") if found.urgent else ""),
        (_("处置时限"), words.length(found.limit)),
        (_("挂账到"), _held_until(found.case)),
        (_("结案条件"), found.rule.facts["close_when"]["en" if words.words.english() else "zh"]),
        (_("依据"), found.rule.facts.get("standard", "")),
    ]
    return [row for row in rows if row[1]]
