"""At the workbench: lists of orders, one order with all that can be done to it, who called, publishing."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.articles import queries as articles
from hexi.blocks.audit.operations import change
from hexi.blocks.cases.models import JOINT, Task
from hexi.blocks.cases.operations import working
from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.cases.steps import Stale, other_holder
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices import queries as talks
from hexi.blocks.notices.models import Line
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import callers, mapped, operations, options, ports, queries
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.pages.public import _subject, _subjects
from hexi.domains.livelihood.requests.states import ACTIONS, DISPATCH, PUBLISH, Refusal, State, Type
from hexi.kernel.actors import Actor
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

Typed = dict[str, str]
#: a number or its beginning; a phone; how many of the latest orders words are looked for in
NUMBER, PHONE = re.compile(r"H[0-9A-Z]{6,}"), re.compile(r"\+?[0-9][0-9 -]{6,18}")
LATEST = 50_000


def _find(rows: QuerySet[Request], text: str) -> QuerySet[Request]:
    """By number; by a phone only through its sign; by words in the latest orders. Never who a secret caller is.

    Words have no index here: further back they are looked for by the search of the site, which has one.
    """
    plain = text.strip().upper()
    found = Q(case__number__startswith=plain) if NUMBER.fullmatch(plain) else Q(pk__in=())
    if sign := callers.lookup(text) if PHONE.fullmatch(text.strip()) else "":
        found |= Q(secret=False, caller_lookup=sign)
    if NUMBER.fullmatch(plain):
        return rows.filter(found)
    last = Request.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    words_ = Q(text__contains=text) | Q(address__contains=text) | Q(secret=False, case__applicant_name__contains=text)
    if (digits := plain.replace("-", "")).isdigit():  # as the list shows a number: day and serial
        words_ |= Q(case__number__contains=digits)
    return rows.filter(found | (Q(pk__gt=last - LATEST) & words_))


def _newest(rows: QuerySet[Request]) -> QuerySet[Request]:
    """What is over has no due moment to be sorted by."""
    return rows.order_by("-pk")


def _logged(request: HttpRequest, count: int) -> None:
    with change(request.actor, "requests.export", count=count):  # type: ignore[attr-defined]
        pass


def _days(lookup: str) -> Callable[[QuerySet[Request], date], QuerySet[Request]]:
    return lambda rows, day: rows.filter(**{f"case__submitted_at__date__{lookup}": day})


ORDERS = ListPage(
    title=gettext_lazy("热线诉求"),
    columns=(
        Column("title", gettext_lazy("诉求"), value="case.title",
               link=lambda one: reverse("requests.order", args=[one.case.number])),
        Column("subject", gettext_lazy("分类"), value="subject_title"),
        Column("place", gettext_lazy("在哪里"), value="place_title"),
        Column("caller", gettext_lazy("诉求人"), value="case.applicant_name"),
        Column("state", gettext_lazy("状态"), value=words.tag, kind="tag"),
        Column("due", gettext_lazy("最近期限"), value=words.due_tag, kind="tag", sort="case__next_due"),
        Column("office", gettext_lazy("承办单位"), value="case.department.title"),
        Column("submitted", gettext_lazy("收到"), value="case.submitted_at", kind="moment", sort="case__submitted_at"),
        Column("number", gettext_lazy("编号"), value=lambda one: case_words.short(one.case.number), kind="code"),
    ),
    filters=(
        Filter("class", gettext_lazy("分类"), _subjects, _subject),
        Filter("type", gettext_lazy("类型"), Type.choices, "type"),
        Filter("state", gettext_lazy("状态"), State.choices, "case__state"),
        Filter("from", gettext_lazy("收到自"), "date", _days("gte")),
        Filter("to", gettext_lazy("收到至"), "date", _days("lte")),
        Filter("place", gettext_lazy("区划代码"), "text", mapped.in_place),
    ),
    views=(
        SavedView("open", gettext_lazy("在办"), lambda rows: rows.filter(case__ended_at=None)),
        SavedView("urgent", gettext_lazy("紧急"), lambda rows: rows.filter(case__ended_at=None, urgent=True)),
        SavedView("over", gettext_lazy("已超期"), lambda rows: rows.filter(
            case__ended_at=None, case__next_due__lt=case_words.clock.now())),
        SavedView("rate", gettext_lazy("待回访"), lambda rows: rows.filter(case__state=State.ANSWERED)),
        SavedView("bad", gettext_lazy("不满意"), lambda rows: _newest(
            rows.filter(Q(solved=False) | Q(satisfied__lt=3)))),
        SavedView("all", gettext_lazy("全部"), lambda rows: _newest(rows)),
    ),
    search=_find,
    on_export=_logged,
    empty=Empty(gettext_lazy("没有符合条件的诉求。")),
)  # fmt: skip

DESK = ListPage(
    title=gettext_lazy("派单台"),
    lead=gettext_lazy("紧急的在最前，其余按首次回应的期限排。"),
    columns=(
        ORDERS.columns[0],
        Column("urgent", gettext_lazy("紧急"), value=lambda one: ("overdue", _("紧急")) if one.urgent else None,
               kind="tag"),
        Column("type", gettext_lazy("类型"), value=words.type_word),
        *ORDERS.columns[1:3],
        Column("due", gettext_lazy("首次回应"), value=words.due_tag, kind="tag", sort="case__next_due"),
        ORDERS.columns[8],
    ),
    filters=ORDERS.filters[:2],
    search=_find,
    on_export=_logged,
    row_panel=True,
    empty=Empty(gettext_lazy("没有等着派单的诉求。")),
)  # fmt: skip


def orders(request: HttpRequest) -> HttpResponseBase:
    """Every order the posts may see."""
    return ORDERS.respond(request, queries.worded(queries.for_officials(request.actor)))  # type: ignore[attr-defined]


def desk(request: HttpRequest) -> HttpResponseBase:
    """What waits to be dispatched."""
    return DESK.respond(request, queries.worded(queries.at_desk(request.actor)))  # type: ignore[attr-defined]


def waiting(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return queries.waiting(request.actor)  # type: ignore[attr-defined]


# --- one order --------------------------------------------------------------------------------------------------------
def _number(data: Typed, name: str) -> int:
    text = data.get(name, "").strip()
    if not text.isdecimal() or len(text) > 4:
        raise ValidationError({name: _("请填写整数。")})
    return int(text)


def _office(data: Typed, name: str = "office") -> Department:
    key = data.get(name, "")
    office = regions.office(int(key)) if key.isdecimal() and len(key) < 10 else None
    if office is None:
        raise ValidationError({name: _("请选择单位。")})
    return office


def _day(data: Typed, name: str) -> date | None:
    try:
        return date.fromisoformat(data.get(name, ""))
    except ValueError:
        return None


def _article(data: Typed, name: str = "article") -> int | None:
    """Key of the version of the knowledge base an answer is taken from."""
    key = data.get(name, "")
    return int(key) if key.isdecimal() and 0 < len(key) < 10 else None


def _dispatch(data: Typed) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "office": _office(data), "subject": data.get("subject", ""), "designate": bool(data.get("designate")),
    }  # fmt: skip
    if data.get("helper"):
        facts["helpers"] = [_office(data, "helper")]
    return facts


def _call(data: Typed) -> dict[str, Any]:
    reached = _YES.get(data.get("reached", ""))
    if reached is None:
        raise ValidationError({"reached": _("请选择接通了没有。")})
    level = data.get("satisfied", "")
    return {
        "reached": reached, "solved": _YES.get(data.get("solved", "")),
        "satisfied": int(level) if level in set("12345") else 0,
    }  # fmt: skip


_YES = {"yes": True, "no": False}
#: how each action's form is read
READ: dict[str, Callable[[Typed], dict[str, Any]]] = {
    "dispatch": _dispatch,
    "reply_now": lambda data: {"subject": data.get("subject", ""), "article": _article(data)},
    "reply": lambda data: {"article": _article(data)},
    "merge": lambda data: {"number": data.get("number", "")},
    "refuse": lambda data: {"refusal": data.get("refusal", ""), "next_owner": data.get("next_owner", "")},
    "note": lambda data: {"passed_to": data.get("passed_to", ""), "promised": _day(data, "promised")},
    "ask_help": lambda data: {"office": _office(data)},
    "extend": lambda data: {"days": _number(data, "days")},
    "call": _call,
}  # fmt: skip


@never_cache
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The whole order: what was said and where, left; clocks, what can be done, its course, right."""
    return _show(request, _order(request, number, queries.order_for))


@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table. A refusal shows the page again with everything that was typed."""
    found = _order(request, number)
    if action not in ACTIONS:
        raise Http404
    revision = request.POST.get("revision", "")
    try:
        # every action's form has names of its own on the page: "refuse__opinion"
        data = {name.removeprefix(f"{action}__"): text for name, text in request.POST.items()}
        facts = READ.get(action, lambda data: {})(data)
        for file in request.FILES.getlist("reply__photo") if action == "reply" else ():
            operations.take_after(found, file, by=request.actor)  # type: ignore[attr-defined]
        do: Callable[..., Any] = getattr(operations, action)
        seen = int(revision) if revision.isdecimal() and len(revision) < 10 else None
        do(found, by=request.actor, revision=seen, opinion=data.get("opinion", ""), **facts)  # type: ignore[attr-defined]
    except ValidationError as error:
        status = 409 if isinstance(error, Stale) else 422
        return _show(request, _order(request, number), failed=action, error=error, status=status)
    messages.success(request, _("已办理：%(action)s。") % {"action": ACTIONS[action].title})
    after = request.actor.scopes(DISPATCH) and action in ("dispatch", "merge", "refuse")  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("requests.desk") if after else reverse("requests.order", args=[number]))


@require_POST
def standard_text(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """The page again with a standard text put into the answer after what was typed; nothing is sent yet."""
    found = _order(request, number)
    version = articles.citable(_article(request.POST.dict(), "standard") or 0, request.actor)  # type: ignore[attr-defined]
    if action not in ("reply", "reply_now") or version is None:
        raise Http404(_("没有这条标准答复，或者刚刚更新了。"))
    typed = request.POST.dict()
    before = typed.get(f"{action}__opinion", "").strip()
    typed[f"{action}__opinion"] = f"{before}\n{version.reply}" if before else version.reply
    typed[f"{action}__article"] = str(version.pk)
    return _show(request, found, failed=action, typed=typed)


@require_POST
def order_do(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """What is no step of the table: claim, help, a line to the caller, urge for him, take back a publication."""
    found, data, by = _order(request, number), request.POST, request.actor  # type: ignore[attr-defined]
    try:
        if what == "help":
            operations.help_given(
                found, office=_office({"office": data.get("office", "")}), opinion=data.get("opinion", ""), by=by
            )
        elif what == "say":
            notices.say(found.case, topic="", text=data.get("text", ""), side=Line.Side.OFFICE, by=by)
        elif what == "urge":
            operations.urge(found, why=data.get("why", ""), by=by, own=False)
        elif what in ("claim", "release"):
            task = get_object_or_404(Task.objects.exclude(stage=JOINT), case=found.case, done_at=None)
            (working.claim if what == "claim" else working.release)(task, by=by)
        elif what == "unpublish":
            operations.unpublish(found, by=by)
        else:
            raise Http404
        messages.success(request, _("已完成。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("requests.order", args=[number]))


@require_POST
def caller(request: HttpRequest, number: str) -> HttpResponse:
    """Name and phone of who called, for whoever may know; of a secret caller each look is logged with its reason."""
    found = _order(request, number)
    try:
        contact = operations.reveal(found, why=request.POST.get("why", ""), by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("requests.order", args=[number]))
    return _show(request, found, contact=contact)


class Published(forms.Form):
    """What everybody will read."""

    text = forms.CharField(label=gettext_lazy("公开的诉求"), widget=forms.Textarea(attrs={"rows": 5}))
    answer = forms.CharField(label=gettext_lazy("公开的答复"), widget=forms.Textarea(attrs={"rows": 5}))


def publish(request: HttpRequest, number: str) -> HttpResponseBase:
    """Read once more what everybody will read, and publish it."""
    found = _order(request, number)
    back = reverse("requests.order", args=[number])

    def save(form: Published) -> str:
        operations.publish(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已公开。"))
        return back

    last = found.replies.filter(final=True).order_by("-pk").first()
    text, answer = (
        callers.without_names(callers.without_caller(said, found.contact))
        for said in (found.text, last.text if last else "")
    )
    initial = {"text": found.public_text or text, "answer": found.public_answer or answer}
    page = FormPage(
        title=_("公开问答"), submit=_("公开"), back=back,
        lead=_("电话、证件号、车牌、门牌和姓名已替换，请通读一遍：看不出是谁，才可以公开。"),
    )  # fmt: skip
    return page.respond(request, Published, save, initial)


def open_actions(order: Request, actor: Actor, task: Task | None) -> list[Any]:
    """What the actor may do to the order as it stands; not what another has claimed."""
    case, state = order.case, State(order.case.state)
    hidden = {"extend": bool(order.extended), "give_back": order.designated}
    return [
        one
        for one in ACTIONS.values()
        if state in one.states
        and not hidden.get(one.key, False)
        and actor.may(one.verb, case.department_id, case.region_code)
        and not other_holder(task, one.verb, actor)
    ]


def _order(request: HttpRequest, number: str, find: Callable[[str, Actor], Request] = queries.order_to_act) -> Request:
    try:
        return find(number, request.actor)  # type: ignore[attr-defined]
    except Request.DoesNotExist:
        raise Http404(_("没有这件诉求。")) from None


def _show(
    request: HttpRequest, order: Request, *, failed: str = "", error: ValidationError | None = None, status: int = 200,
    contact: dict[str, str] | None = None, typed: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case, task = order.case, order.case.open_task()
    actions = open_actions(order, actor, task)
    keys = {action.key for action in actions}
    facts: dict[str, Any] = {
        "order": order, "case": case, "title": case.title, "tag": words.tag(order), "task": task,
        "mine": task is not None and task.claimed_by_id == getattr(actor, "account_id", None),
        "clocks": case_words.clock_rows(case), "timeline": words.timeline(case, everything=True), "actions": actions,
        "subject": words.subject_word(case.subject), "place": words.place_word(order), "type": words.type_word(order),
        "pictures": words.pictures(list(queries.pictures(queries.ORDER, order.pk))),
        "replies": queries.replies(order), "talks": talks.talks(case),
        "contact": contact, "may_know": queries.may_know_caller(actor, order),
        "may_publish": actor.may(PUBLISH, order.hotline_id, order.hotline_region)
        and not order.secret and order.may_publish and case.state in (State.ANSWERED, State.CLOSED),
        "helps": queries.helps(order, actor),
        "followers": queries.following(order), "most_days": options.EXTEND_DAYS.value,
        "failed": failed, "typed": _typed(request, failed, typed),
        "lost": [text for name, text in request.POST.items() if "__" in name and text.strip()]
        if failed and failed not in keys else [],
        "errors": error.message_dict if error and hasattr(error, "error_dict") else {},
        "sentences": error.messages if error else [],
    }  # fmt: skip
    if keys & {"reply", "reply_now"}:
        facts["standards"] = articles.standard_texts(
            order.text, subject=case.subject, actor=actor, region=order.hotline_region
        )
    if keys & {"dispatch", "reply_now", "ask_help", "merge"}:
        facts |= _choices(order, dispatching="dispatch" in keys)
    return render(request, "requests/order.html", facts, status=status)


def _typed(request: HttpRequest, failed: str, typed: dict[str, str] | None) -> dict[str, str]:
    """What stands in the form shown again; an article that is no longer to be answered from is let go."""
    if not failed:
        return {}
    found = dict(typed) if typed is not None else request.POST.dict()
    name = f"{failed}__article"
    if found.get(name) and articles.citable(_article(found, name) or 0, request.actor) is None:  # type: ignore[attr-defined]
        found[name] = ""
    return found


def _choices(order: Request, *, dispatching: bool) -> dict[str, Any]:
    """What the forms offer: offices, classes, reasons; proposals, and what lies near."""
    offices = [(one.pk, one.title) for one in regions.departments(order.hotline_region)]
    facts = {"offices": offices, "refusals": Refusal.choices, "subjects": words.subject_options(3)}
    if not dispatching:
        return facts
    keys = (
        {one.key: one for one in Department.objects.filter(active=True)}
        if (made := ports.proposals(queries.matter(order)))
        else {}
    )
    near = []
    if order.lat is not None and order.lon is not None:
        near = [
            one
            for one in queries.near(float(order.lat), float(order.lon), subject=order.case.subject)
            if one.pk != order.pk
        ]
    return facts | {
        "proposals": [(one, keys[one.proposal.office], words.subject_word(one.proposal.subject)) for one in made
                      if one.proposal.office in keys],
        "near": near,
    }  # fmt: skip
