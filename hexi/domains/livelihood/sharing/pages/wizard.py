"""Asking for data, screen by screen: what for, which data, how; looked over with made-up rows, and sent."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.catalog.models import Entry, Sharing
from hexi.blocks.catalog.models import State as EntryState
from hexi.blocks.catalog.queries import entries
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.sharing import queries, trial
from hexi.domains.livelihood.sharing.models import Application, Writing
from hexi.domains.livelihood.sharing.operations import applying
from hexi.domains.livelihood.sharing.pages import asking, words
from hexi.domains.livelihood.sharing.states import APPLY, State
from hexi.kernel.actors import Actor
from hexi.ui.pages import Step, StepsPage, add_errors

STEPS = StepsPage(
    gettext_lazy("申请共享"),
    (
        Step("why", gettext_lazy("用途和依据")),
        Step("what", gettext_lazy("要哪些数据")),
        Step("how", gettext_lazy("期限和用法")),
        Step("check", gettext_lazy("试看并提交")),
    ),
)
ORDER = [step.key for step in STEPS.steps]
#: which faults belong to which screen
ASKS = {"why": ("purpose", "law", "item"), "what": ("fields", "region", "region_field"),
        "how": ("expires", "quota", "subsystem", "answers", "spares")}  # fmt: skip


def panel(request: HttpRequest, entry: Entry) -> Markup | None:
    """At an entry of the catalogue: how to get the data, for who asks for an office."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if entry.state != EntryState.PUBLISHED or not actor.scopes(APPLY):
        return None
    offices = [one for one in queries.offices(actor) if one.pk != entry.provider_id]
    if not offices:
        return None
    mine = queries.seen_by(actor).filter(entry=entry).order_by("-pk")[:5]
    facts = {"entry": entry, "offices": offices, "refused": entry.sharing == Sharing.NONE,
             "mine": [(one, words.tag(one)) for one in mine]}  # fmt: skip
    return Markup(render_to_string("sharing/panel.html", facts, request))  # noqa: S704 a template


@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin, or go on with what is not sent yet."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    entry = get_object_or_404(entries.seen_by(actor), pk=pk)
    office = get_object_or_404(queries.offices(actor), pk=words.number(request.POST.get("office", "")))
    like = queries.seen_by(actor).filter(pk=words.number(request.POST.get("like", "")), entry=entry, office=office)
    try:
        writing = applying.begin(actor.account, entry, office, by=actor, like=like.first())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("catalog.entry", args=[pk]))
    return HttpResponseRedirect(address(writing, "why"))


@require_POST
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Write again what was given back."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = get_object_or_404(queries.seen_by(actor), case__number=number, case__state=State.RETURNED)
    writing = applying.begin(actor.account, found.entry, found.office, by=actor, corrects=found)
    return HttpResponseRedirect(address(writing, "why"))


@never_cache
def step(request: HttpRequest, key: str, step: str) -> HttpResponseBase:
    """One screen."""
    if step not in ORDER:
        raise Http404
    account = getattr(request.actor, "account_id", None)  # type: ignore[attr-defined]
    rows = Writing.objects.select_related("entry__provider", "office", "sent__case", "corrects__case")
    writing = get_object_or_404(rows, key=key, account=account)
    if writing.sent is not None:
        return HttpResponseRedirect(_done(writing.sent))
    return _check(request, writing) if step == "check" else _screen(request, writing, step)


def _screen(request: HttpRequest, writing: Writing, step: str) -> HttpResponseBase:
    kind = asking.FORMS[step]
    posted = request.POST if request.method == "POST" else None
    form = kind(posted, initial=asking.initial(step, writing.written), writing=writing)
    if request.method == "POST" and form.is_valid():
        applying.save(writing, asking.kept(step, form), by=request.actor)  # type: ignore[attr-defined]
        faults = applying.checked(writing.entry, writing.office, asking.asked(writing))
        mine = {name: text for name, text in faults.items() if name in ASKS[step]}
        if not mine:
            return HttpResponseRedirect(address(writing, ORDER[ORDER.index(step) + 1]))
        add_errors(
            form, ValidationError({"fields_" if name == "fields" else name: text for name, text in mine.items()})
        )
    status = 422 if form.errors else 200
    return _render(request, writing, step, "sharing/step.html", {"form": form}, status)


def _check(request: HttpRequest, writing: Writing) -> HttpResponseBase:
    asked, errors = asking.asked(writing), []
    if request.method == "POST":
        try:
            found = applying.send(writing, asked, by=request.actor)  # type: ignore[attr-defined]
        except ValidationError as error:
            errors = error.messages
        else:
            granted = found.case.state == State.GRANTED
            said = _("无条件共享，已授权。编号 %(number)s。") if granted else _("已提交，编号 %(number)s。")
            messages.success(request, said % {"number": found.case.number})
            return HttpResponseRedirect(_done(found))
    faults = applying.checked(writing.entry, writing.office, asked)
    items, rows = trial.rows(writing.entry, asked.fields, asked.region)
    facts = {
        "errors": errors or list(faults.values()), "items": items, "rows": rows,
        "facts": [(label, value, address(writing, place)) for place, label, value in _told(writing, asked)],
        "at_once": writing.entry.sharing == Sharing.UNCONDITIONAL,
    }  # fmt: skip
    return _render(request, writing, "check", "sharing/check.html", facts, 422 if errors else 200)


def _told(writing: Writing, asked: applying.Asked) -> list[tuple[str, str, Any]]:
    return [
        ("why", _("用途"), asked.purpose), ("why", _("法律依据"), asked.law),
        ("why", _("服务的事项"), asked.item.name if asked.item else "—"),
        ("what", _("信息项"), words.fields_of(writing.entry, asked.fields)),
        ("what", _("地区"), regions.place(asked.region) if asked.region else _("全部")),
        ("how", _("使用到"), words.day(asked.expires) if asked.expires else "—"),
        ("how", _("每天最多"), asked.quota or _("按需要")),
        ("how", _("调用的系统"), words.system_of(asked.subsystem)),
        ("how", _("预填"), words.answers_of(asked.item, writing.entry, asked.answers) or "—"),
        ("how", _("免交材料"), words.material_of(asked.item, asked.spares) or "—"),
    ]  # fmt: skip


def _render(
    request: HttpRequest, writing: Writing, step: str, template: str, facts: dict[str, Any], status: int
) -> HttpResponse:
    facts = {"writing": writing, "entry": writing.entry, "back": reverse("catalog.entry", args=[writing.entry_id]),
             **facts}  # fmt: skip
    return STEPS.render(
        request, step, template, facts, url_of=lambda key: address(writing, key), status=status,
    )  # fmt: skip


def address(writing: Writing, step: str) -> str:
    """Where a screen of a writing stands."""
    return reverse("sharing.step", args=[writing.key, step])


def _done(found: Application) -> str:
    return reverse("sharing.application", args=[found.case.number])
