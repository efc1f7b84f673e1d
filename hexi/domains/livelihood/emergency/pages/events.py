"""Events at the workbench: the list, opening one, one of them with its tasks, calls and log, and every action."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.cases.pages.papers import card
from hexi.blocks.cases.states import Action
from hexi.blocks.cases.steps import Stale, other_holder
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.emergency import mapped, plans, queries
from hexi.domains.livelihood.emergency.models import Entry, Event, Task
from hexi.domains.livelihood.emergency.operations import events as operations
from hexi.domains.livelihood.emergency.operations import log
from hexi.domains.livelihood.emergency.pages.asking import WORDS, ContactForm, OpenForm, action_form
from hexi.domains.livelihood.emergency.states import ACTIONS, DUTY, RESPOND, VIEW, Source, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.pages import FormPage, ListPage, add_errors
from hexi.ui.tables import Column, Empty, Filter, SavedView
from hexi.ui.words import moment


def rights() -> tuple[str, ...]:
    """Any of these opens an event."""
    return (VIEW, RESPOND)


def level_tag(event: Event) -> tuple[str, str]:
    """The level with the word of its colour."""
    one = plans.levels()[event.level]
    return one.look, f"{one.title} {one.colour}"


def kind_word(event: Event) -> str:
    """The kind in the language of the page."""
    found = plans.kinds().get(event.kind)
    return str(found.title) if found else event.kind


def _late(rows: QuerySet[Event]) -> QuerySet[Event]:
    return rows.filter(case__ended_at=None, tasks__done_at=None, tasks__due_at__lt=clock.now()).distinct()


EVENTS = ListPage(
    title=gettext_lazy("突发事件"),
    columns=(
        Column("title", gettext_lazy("事件"), value="case.title", link=lambda one: address(one)),
        Column("level", gettext_lazy("级别"), value=level_tag, kind="tag"),
        Column("kind", gettext_lazy("种类"), value=kind_word),
        Column("state", gettext_lazy("状态"), value=lambda one: case_words.tag(one.case), kind="tag"),
        Column("at", gettext_lazy("启动"), value="case.submitted_at", kind="moment", sort="case__submitted_at"),
        Column("number", gettext_lazy("编号"), value="case.number"),
    ),
    filters=(
        Filter("state", gettext_lazy("状态"), State.choices, "case__state"),
        Filter("place", gettext_lazy("区划代码"), "text", mapped.in_place),
    ),
    views=(
        SavedView("open", gettext_lazy("处置中的"), lambda rows: rows.filter(case__ended_at=None)),
        SavedView("late", gettext_lazy("有超时任务"), _late),
        SavedView("all", gettext_lazy("全部")),
    ),
    row_link=lambda one: address(one),
    empty=Empty(gettext_lazy("没有突发事件。")),
)


def address(event: Event) -> str:
    """Where an event is handled."""
    return reverse("emergency.event", args=[event.case.number])


def events(request: HttpRequest) -> HttpResponseBase:
    """Those one may see."""
    return EVENTS.respond(request, queries.visible(request.actor))  # type: ignore[attr-defined]


def open_new(request: HttpRequest) -> HttpResponseBase:
    """Open an event; with a plan its tasks run from this moment."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    desk = queries.desk_of(actor, DUTY, request.GET.get("desk", ""))
    region = desk.region_code if desk else regions.region_of(request)
    place = regions.chosen_code(request.POST.getlist("place")) or region

    def save(form: OpenForm) -> str:
        given = dict(form.cleaned_data)
        submission, plan = given.pop("submission"), plans.plan(given.pop("plan"))
        known = operations.Known(place_code=place, **given)
        event, new = operations.open_event(known, by=actor, submission=submission, plan=plan)
        words = _("已启动，编号 %(number)s。") if new else _("这个事件已经启动：%(number)s。")
        messages.success(request, words % {"number": event.case.number})
        return address(event)

    page = FormPage(title=_("启动事件"), submit=_("启动"), template="emergency/open.html", icon="urgent")
    return page.respond(
        request, lambda *given, **more: OpenForm(*given, region=region, **more), save, place=place,
        levels=regions.levels(place), children=reverse("regions.children"),
    )  # fmt: skip


def event(request: HttpRequest, number: str) -> HttpResponse:
    """One event: what is to be done by whom by when, whom to ring, what has happened."""
    return _show(request, _event(request, number))


@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table, or a line, a call, a contact, a task done."""
    found = _event(request, number)
    try:
        if action in BESIDE:
            said = BESIDE[action](request, found)
        elif action in ACTIONS:
            form = action_form(action, found, request.POST)
            if not form.is_valid():
                return _show(request, found, form, action, 422)
            try:
                said = _do(request, found, action, form)
            except ValidationError as error:
                add_errors(form, error)
                return _show(request, _event(request, number), form, action, 409 if isinstance(error, Stale) else 422)
        else:
            raise Http404
    except ValidationError as error:
        return _show(request, _event(request, number), sentences=error.messages, status=422)
    messages.success(request, said)
    return HttpResponseRedirect(address(found))


def _do(request: HttpRequest, found: Event, action: str, form: Any) -> str:
    revision = request.POST.get("revision", "")
    do: Callable[..., Any] = getattr(operations, action)
    seen = int(revision) if revision.isdecimal() and len(revision) < 10 else None
    do(found, by=request.actor, revision=seen, **form.facts())  # type: ignore[attr-defined]
    return _("已办理：%(action)s。") % {"action": ACTIONS[action].title}


def _pk(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _write(request: HttpRequest, found: Event) -> str:
    fixed = _pk(request, "corrects")
    log.write(
        found, text=request.POST.get("text", ""), by=request.actor, once=request.POST.get("once", "")[:40],  # type: ignore[attr-defined]
        corrects=get_object_or_404(Entry, pk=fixed, event=found) if fixed else None,
    )  # fmt: skip
    return _("已记录。")


def _call(request: HttpRequest, found: Event) -> str:
    contact = get_object_or_404(found.contacts, pk=_pk(request, "contact"))
    answered = {"yes": True, "no": False}.get(request.POST.get("answered", ""))
    if answered is None:
        raise ValidationError(_("请选择接听了没有。"))
    log.call(
        contact, answered=answered, text=request.POST.get("text", ""), by=request.actor,  # type: ignore[attr-defined]
        once=request.POST.get("once", "")[:40],
    )  # fmt: skip
    return _("已记录。")


def _contact(request: HttpRequest, found: Event) -> str:
    form = ContactForm(request.POST)
    if not form.is_valid():
        raise ValidationError(_("请填写姓名和电话。"))
    log.add_contact(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
    return _("已增加联系人。")


def _done(request: HttpRequest, found: Event) -> str:
    task = get_object_or_404(Task.objects.select_related("unit"), event=found, pk=_pk(request, "task"))
    task.event = found
    operations.finish_task(task, note=request.POST.get("note", ""), by=request.actor)  # type: ignore[attr-defined]
    return _("已登记完成。")


BESIDE: dict[str, Callable[[HttpRequest, Event], str]] = {
    "write": _write, "call": _call, "contact": _contact, "task": _done,
}  # fmt: skip


def open_actions(found: Event, actor: Actor) -> list[Action]:
    """What the actor may do now."""
    case, task = found.case, found.case.open_task()
    return [
        one
        for one in ACTIONS.values()
        if case.state in one.states
        and actor.may(one.verb, case.department_id, case.region_code)
        and not other_holder(task, one.verb, actor)
        and not (one.key == "approve" and found.closing_by == actor.key)
    ]


def _event(request: HttpRequest, number: str) -> Event:
    try:
        return queries.event_for(number, request.actor)  # type: ignore[attr-defined]
    except Event.DoesNotExist:
        raise Http404(_("没有这个事件。")) from None


def _tasks(found: Event, actor: Actor, everything: bool) -> list[dict[str, Any]]:
    rows, now = found.tasks.select_related("unit"), clock.now()
    desk = actor.may(DUTY, found.case.department_id, found.case.region_code)
    return [
        {
            "task": one, "tag": _task_tag(one, now),
            "may": one.done_at is None and found.case.state == State.OPEN
            and (desk or actor.may(RESPOND, one.unit_id, one.unit.region_code)),
        }
        for one in rows
        if everything or actor.may(RESPOND, one.unit_id, one.unit.region_code)
    ]  # fmt: skip


def _task_tag(one: Task, now: Any) -> tuple[str, str]:
    if one.done_at is not None:
        return ("done", _("按时完成")) if one.in_time else ("overdue", _("超时完成"))
    left = round((one.due_at - now).total_seconds() / 60)
    if left < 0:
        return "overdue", _("超时 %(n)s 分钟") % {"n": -left}
    return "near" if left <= one.minutes / 5 else "doing", _("还剩 %(n)s 分钟") % {"n": left}


def _show(
    request: HttpRequest, found: Event, failed: Any = None, key: str = "", status: int = 200,
    sentences: list[str] | None = None,
) -> HttpResponse:  # fmt: skip
    actor: Actor = request.actor  # type: ignore[attr-defined]
    everything, case = queries.sees_all(found, actor), found.case
    actions = open_actions(found, actor)
    facts: dict[str, Any] = {
        "event": found, "case": case, "title": case.title, "tag": case_words.tag(case), "level": level_tag(found),
        "everything": everything, "tasks": _tasks(found, actor, everything), "sentences": sentences or [],
        "typed": request.POST if sentences else {}, "failed": key, "once": uuid4().hex,
        "facts": [
            (_("种类"), kind_word(found)), (_("地点"), f"{regions.place(found.place_code)} {found.address}".strip()),
            (_("发生"), moment(found.happened_at)), (_("得知"), Source(found.source).label),
            (_("已知情况"), found.text),
        ],
        "forms": [(one, failed if one.key == key else action_form(one.key, found)) for one in actions],
        "lost": failed if failed is not None and key not in {one.key for one in actions} else None,
        "may_write": case.ended_at is None and actor.may(DUTY, case.department_id, case.region_code),
    }  # fmt: skip
    if everything:
        facts |= {
            "contacts": [(one, _last_call(one)) for one in found.contacts.prefetch_related("calls")],
            "log": _log(found), "changed": queries.tampered(found), "missing": queries.missing(found),
            "contact": ContactForm(),
            "paper": card(found.letter.document) if found.letter and found.letter.document else None,
        }  # fmt: skip
    return render(request, "emergency/event.html", facts, status=status)


def _last_call(contact: Any) -> tuple[str, str]:
    calls = list(contact.calls.all())
    if not calls:
        return "wait", _("还没有联系")
    return ("done", _("已接听")) if calls[-1].answered else ("near", _("无人接听"))


def _log(found: Event) -> list[dict[str, Any]]:
    """The log, newest first, with the figures of reports and what corrects what."""
    return [
        {
            "entry": one, "kind": one.get_kind_display(),
            "numbers": "，".join(f"{WORDS[name]} {one.facts[name]}" for name in queries.NUMBERS if one.facts.get(name)),
            "fixes": one.corrects_id, "fixed": [fix.pk for fix in one.corrections.all()],
        }
        for one in reversed(queries.log(found))
    ]  # fmt: skip
