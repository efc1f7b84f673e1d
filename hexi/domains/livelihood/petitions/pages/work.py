"""Petitions at the workbench: the list of those one knows of, one of them, and every action on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.cases.pages.papers import card, timeline
from hexi.blocks.cases.states import Action
from hexi.blocks.cases.steps import Stale, other_holder
from hexi.domains.livelihood.petitions import access, queries
from hexi.domains.livelihood.petitions.models import Petition, Recusal
from hexi.domains.livelihood.petitions.operations import handling, keeping
from hexi.domains.livelihood.petitions.pages import words
from hexi.domains.livelihood.petitions.pages.asking import RecuseForm, action_form, may_recuse
from hexi.domains.livelihood.petitions.states import ACTIONS, ASSIGN, BLIND, HANDLE, VIEW, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.pages import ListPage, add_errors
from hexi.ui.tables import Column, Empty, Filter, SavedView
from hexi.ui.words import mask_name


def rights() -> tuple[str, ...]:
    """Any of these opens the list."""
    return (VIEW, HANDLE, ASSIGN)


def _todo(rows: QuerySet[Petition], request: HttpRequest) -> QuerySet[Petition]:
    return rows.filter(case__in=cases.todo(request.actor).values("case"))  # type: ignore[attr-defined]


def _named(rows: QuerySet[Petition], request: HttpRequest) -> QuerySet[Petition]:
    account = request.actor.account_id  # type: ignore[attr-defined]
    return rows.filter(handlers__account=account, handlers__ended_at=None)


def _over(rows: QuerySet[Petition]) -> QuerySet[Petition]:
    return rows.filter(case__ended_at=None, case__next_due__lt=clock.now()).exclude(case__state=State.ANSWERED)


def _find(rows: QuerySet[Petition], text: str) -> QuerySet[Petition]:
    """By the number alone: who petitions must not be guessed by trying names and phones."""
    return rows.filter(case__number__contains=text.upper())


def _due(one: Petition) -> tuple[str, str]:
    return ("off", "—") if one.case.ended_at or not one.case.next_due else case_words.due_tag(one.case.next_due)


def _exported(request: HttpRequest, many: int) -> None:
    with change(request.actor, "petitions.export", "petitions.petition", count=many):  # type: ignore[attr-defined]
        pass


#: nothing in the list or its file says what a petition is about or whose it is
PETITIONS = ListPage(
    title=gettext_lazy("信访事项"),
    columns=(
        Column("number", gettext_lazy("编号"), value="case.number", link=lambda one: address(one)),
        Column("state", gettext_lazy("环节"), value=lambda one: case_words.tag(one.case), kind="tag"),
        Column("due", gettext_lazy("最近期限"), value=_due, kind="tag", sort="case__next_due"),
        Column("office", gettext_lazy("现在由谁办"), value="case.department.title"),
        Column("at", gettext_lazy("登记"), value="case.submitted_at", kind="moment", sort="case__submitted_at"),
    ),
    filters=(Filter("state", gettext_lazy("环节"), State.choices, "case__state"),),
    views=(
        SavedView("todo", gettext_lazy("等我办理"), _todo, with_request=True),
        SavedView("named", gettext_lazy("指定我承办"), _named, with_request=True),
        SavedView("open", gettext_lazy("在办"), lambda rows: rows.filter(case__ended_at=None)),
        SavedView("over", gettext_lazy("已超期"), _over),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=_find,
    on_export=_exported,
    row_link=lambda one: address(one),
    empty=Empty(gettext_lazy("没有信访事项。登记后会出现在这里。")),
)


def address(one: Petition) -> str:
    """Where a petition is handled."""
    return reverse("petitions.petition", args=[one.case.number])


def petitions(request: HttpRequest) -> HttpResponseBase:
    """Those one knows of: number, state and clock."""
    return PETITIONS.respond(request, queries.lists(request.actor))  # type: ignore[attr-defined]


@never_cache
def petition(request: HttpRequest, number: str) -> HttpResponse:
    """One petition: in full for the petition office and named handlers, its number and clocks for others."""
    return _show(request, *_seen(request, number))


@never_cache
@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table. A refusal shows the page again with everything that was typed."""
    found = _to_act(request, number)
    if action not in ACTIONS:
        raise Http404
    form = action_form(action, found, request.actor, request.POST)  # type: ignore[attr-defined]
    revision = request.POST.get("revision", "")
    if form.is_valid():
        try:
            do: Callable[..., Any] = getattr(handling, action)
            seen = int(revision) if revision.isdecimal() and len(revision) < 10 else None
            do(found, by=request.actor, revision=seen, **form.facts())  # type: ignore[attr-defined]
            messages.success(request, _("已办理：%(action)s。") % {"action": ACTIONS[action].title})
            return HttpResponseRedirect(_after(number, request))
        except ValidationError as error:
            add_errors(form, error)
            return _show(request, *_seen(request, number), form, action, 409 if isinstance(error, Stale) else 422)
    return _show(request, *_seen(request, number), form, action, 422)


@never_cache
@require_POST
def keep_out(request: HttpRequest, number: str) -> HttpResponse:
    """Keep somebody or a unit out, or let in again who was kept out by mistake."""
    found = _to_act(request, number)
    form = RecuseForm(request.POST)
    by: Actor = request.actor  # type: ignore[attr-defined]
    try:
        if clear := request.POST.get("clear", ""):
            row = get_object_or_404(found.recusals, pk=int(clear) if clear.isdecimal() and len(clear) < 10 else 0)
            keeping.clear(row, by=by, why=request.POST.get("why", ""))
        elif form.is_valid():
            keeping.recuse(found, by=by, **form.cleaned_data)
        else:
            return _show(request, *_seen(request, number), form, "keep_out", 422)
    except ValidationError as error:
        add_errors(form, error)
        return _show(request, *_seen(request, number), form, "keep_out", 422)
    messages.success(request, _("已登记。"))
    return HttpResponseRedirect(_after(number, request))


def open_actions(found: Petition, actor: Actor, reads: bool) -> list[Action]:
    """What the actor may do now, the ordinary step first."""
    case, task = found.case, found.case.open_task()
    account = getattr(actor, "account_id", None)
    named = found.handlers.filter(ended_at=None)
    paused = case.pauses.filter(end=None).exists()
    hidden = {
        "conclude": not named.filter(account=account, level=found.level).exists(),
        "extend": found.extended > 0, "hear": paused, "heard": not paused, "drop_handler": not named.exists(),
        "route": case.department_id != found.office_id, "object": case.department_id == found.office_id,
    }  # fmt: skip
    return [
        one
        for one in ACTIONS.values()
        if case.state in one.states
        and (reads or one.key in BLIND)
        and not hidden.get(one.key, False)
        and actor.may(one.verb, case.department_id, case.region_code)
        and not other_holder(task, one.verb, actor)
    ]


def _to_act(request: HttpRequest, number: str) -> Petition:
    try:
        return queries.to_act(number, request.actor)  # type: ignore[attr-defined]
    except Petition.DoesNotExist:
        raise Http404(_("没有这件信访事项。")) from None


def _seen(request: HttpRequest, number: str) -> tuple[Petition, bool]:
    """The petition for a page that shows it, also one that refuses an action: the look is logged."""
    try:
        return queries.petition_for(number, request.actor)  # type: ignore[attr-defined]
    except Petition.DoesNotExist:
        raise Http404(_("没有这件信访事项。")) from None


def _after(number: str, request: HttpRequest) -> str:
    """The petition, if one still knows of it."""
    knows = access.known(request.actor).filter(case__number=number).exists()  # type: ignore[attr-defined]
    return reverse("petitions.petition", args=[number]) if knows else reverse("petitions.petitions")


def _show(
    request: HttpRequest, found: Petition, reads: bool, failed: Any = None, key: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case, actions = found.case, open_actions(found, actor, reads)
    forms = [(one, failed if one.key == key else action_form(one.key, found, actor)) for one in actions]
    facts: dict[str, Any] = {
        "petition": found, "case": case, "title": _("信访事项"), "tag": case_words.tag(case), "reads": reads,
        "clocks": case_words.clock_rows(case), "forms": forms, "failed": key,
        "lost": failed if failed is not None and key not in {one.key for one in actions} else None,
        "named": [one.account for one in found.handlers.filter(ended_at=None).select_related("account")],
    }  # fmt: skip
    if reads:
        facts |= _content(found, actor)
        facts["recuse"] = failed if key == "keep_out" else RecuseForm()
    return render(request, "petitions/petition.html", facts, status=status)


def _content(found: Petition, actor: Actor) -> dict[str, Any]:
    """What only who reads the petition is shown."""
    who = found.contact
    closed = access.closed_since(found, actor)
    steps = timeline(found.case, everything=True)
    return {
        "said": words.said(found), "rounds": words.rounds(found, decided=closed is not None), "closed": closed,
        "who": [(_("信访人"), who.get("name", "")), (_("联系电话"), who.get("phone", "")),
                (_("住址"), who.get("address", ""))],
        "speakers": found.representatives, "timeline": [one for one in steps if closed is None or one["at"] < closed],
        "papers": [card(one) for one in queries.papers(found)],
        "materials": [card(one) for one in queries.materials(found)],
        "recusals": [(one, one.account or one.unit, one.get_why_display(), one.why != Recusal.Why.COMPLAINED)
                     for one in found.recusals.select_related("account", "unit")],
        "followers": [(one.case.number, mask_name(one.contact.get("name", "")))
                      for one in found.followers.select_related("case")],
        "may_recuse": may_recuse(found, actor),
    }  # fmt: skip
