"""The workbench: applications one's office asks or decides, one of them with its grant; terms."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.cases.pages.papers import timeline
from hexi.blocks.cases.steps import Stale, other_holder
from hexi.blocks.catalog.operations import grants
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.sharing import queries, rules, trial
from hexi.domains.livelihood.sharing.models import Application
from hexi.domains.livelihood.sharing.operations import applying, deciding
from hexi.domains.livelihood.sharing.pages import words
from hexi.domains.livelihood.sharing.pages.asking import GrantForm, RenewForm, TermForm, action_form
from hexi.domains.livelihood.sharing.states import ACTIONS, APPLY, CLOCKS, DECIDE, OPEN, TERMS, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.ui.pages import FormPage, ListPage, add_errors
from hexi.ui.tables import Column, Empty, Filter, SavedView


def rights() -> tuple[str, ...]:
    """Who comes to these pages."""
    return (APPLY, DECIDE, TERMS)


def _todo(rows: QuerySet[Application], request: HttpRequest) -> QuerySet[Application]:
    return rows.filter(pk__in=queries.to_do(request.actor).values("pk"))  # type: ignore[attr-defined]


def _find(rows: QuerySet[Application], text: str) -> QuerySet[Application]:
    return rows.filter(case__number__contains=text.upper()) | rows.filter(entry__title__contains=text)


def _over(rows: QuerySet[Application]) -> QuerySet[Application]:
    return rows.filter(case__state=State.ASKED, case__next_due__lt=clock.now())


def _exported(request: HttpRequest, many: int) -> None:
    with change(request.actor, "sharing.export", "sharing.application", count=many):  # type: ignore[attr-defined]
        pass


def _due(one: Application) -> tuple[str, str]:
    return ("off", "—") if one.case.ended_at or not one.case.next_due else case_words.due_tag(one.case.next_due)


APPLICATIONS = ListPage(
    title=gettext_lazy("共享申请"),
    columns=(
        Column("title", gettext_lazy("数据集"), value="entry.name", link=lambda one: address(one)),
        Column("office", gettext_lazy("申请单位"), value="office.title"),
        Column("provider", gettext_lazy("提供方"), value="entry.provider.title"),
        Column("state", gettext_lazy("环节"), value=words.tag, kind="tag"),
        Column("due", gettext_lazy("决定期限"), value=_due, kind="tag", sort="case__next_due"),
        Column("grant", gettext_lazy("授权"), value=words.grant_tag, kind="tag"),
        Column("at", gettext_lazy("提出"), value="case.submitted_at", kind="moment", sort="case__submitted_at"),
        Column("number", gettext_lazy("编号"), value="case.number", kind="code"),
    ),
    filters=(Filter("state", gettext_lazy("环节"), State.choices, "case__state"),),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("todo", gettext_lazy("等我办理"), _todo, with_request=True),
        SavedView("open", gettext_lazy("在办"), queries.open_ones),
        SavedView("over", gettext_lazy("已超期"), _over),
        SavedView("idle", gettext_lazy("授权长期未用"), queries.idle),
    ),
    search=_find,
    on_export=_exported,
    row_link=lambda one: address(one),
    empty=Empty(gettext_lazy("没有共享申请。在数据目录里打开一个条目，就可以申请。")),
)


def address(one: Application) -> str:
    """Where an application is handled."""
    return reverse("sharing.application", args=[one.case.number])


def waiting(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return queries.to_do(request.actor).count()  # type: ignore[attr-defined]


def applications(request: HttpRequest) -> HttpResponseBase:
    """Those one's offices ask or decide."""
    terms = Markup('<a class="btn btn-secondary" href="{}">{}</a>').format(reverse("sharing.terms"), _("共享期限"))
    return APPLICATIONS.respond(request, queries.lists(request.actor), heading_actions=terms)  # type: ignore[attr-defined]


@never_cache
def application(request: HttpRequest, number: str) -> HttpResponse:
    """One application: what is asked, the clock, the decision, the grant."""
    return _show(request, _found(request, number))


@never_cache
@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """One action of the table. A refusal shows the page again with everything that was typed."""
    found = _found(request, number)
    if action not in ACTIONS:
        raise Http404
    form, revision = action_form(action, found, request.POST), request.POST.get("revision", "")
    status = 422
    if form.is_valid():
        try:
            do: Callable[..., Any] = getattr(deciding, action)
            seen = int(revision) if revision.isdecimal() and len(revision) < 10 else None
            do(found, by=request.actor, revision=seen, **form.cleaned_data)  # type: ignore[attr-defined]
        except ValidationError as error:
            add_errors(form, error)
            status = 409 if isinstance(error, Stale) else 422
        else:
            messages.success(request, _("已办理：%(action)s。") % {"action": ACTIONS[action].title})
            return HttpResponseRedirect(address(found))
    return _show(request, _found(request, number), form, action, status)


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """The office takes it back."""
    found = _found(request, number)
    try:
        applying.withdraw(found, by=request.actor, why=request.POST.get("why", ""))  # type: ignore[attr-defined]
        messages.success(request, _("已撤回。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(address(found))


#: what may be done to a grant: (title, operation, form, kind of button)
CHANGES: dict[str, tuple[Any, Callable[..., Any], type[forms.Form], str]] = {
    "renew": (gettext_lazy("续期"), grants.renew, RenewForm, "primary"),
    "suspend": (gettext_lazy("暂停授权"), grants.suspend, GrantForm, "primary"),
    "resume": (gettext_lazy("恢复授权"), grants.resume, GrantForm, "primary"),
    "revoke": (gettext_lazy("收回授权"), grants.revoke, GrantForm, "danger"),
}


@never_cache
def change_grant(request: HttpRequest, number: str, what: str) -> HttpResponseBase:
    """Renew, suspend, resume or take back the grant, with the reason."""
    found, actor = _found(request, number), request.actor  # type: ignore[attr-defined]
    if what not in CHANGES or found.grant is None:
        raise Http404
    if not queries.decides(found, actor):
        raise Denied(_("授权由提供方管理。"))
    title, do, kind, button = CHANGES[what]

    def save(form: Any) -> str:
        do(found.grant, by=actor, **form.cleaned_data)
        messages.success(request, _("已办理：%(action)s。") % {"action": title})
        return address(found)

    page = FormPage(title, title, lead=f"{found.entry.name} → {found.office.title}", back=address(found), kind=button)
    return page.respond(request, kind, save)


def _found(request: HttpRequest, number: str) -> Application:
    try:
        return queries.seen(number, request.actor)  # type: ignore[attr-defined]
    except Application.DoesNotExist:
        raise Http404(_("没有这份共享申请。")) from None


def _open_actions(found: Application, actor: Actor) -> list[Any]:
    case, task = found.case, found.case.open_task()
    if not queries.decides(found, actor):
        return []
    return [
        one for one in ACTIONS.values()
        if case.state in one.states and not (one.key == "give_back" and found.corrections)
        and not other_holder(task, one.verb, actor)
    ]  # fmt: skip


def _show(
    request: HttpRequest, found: Application, failed: Any = None, key: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actions, asks = _open_actions(found, actor), queries.asks(found, actor)
    items, rows = trial.rows(found.entry, found.fields, found.region)
    facts = {
        "found": found, "case": found.case, "title": found.entry.name, "tag": words.tag(found),
        "said": said(found), "clocks": case_words.clock_rows(found.case), "items": items, "rows": rows,
        "forms": [(one, failed if one.key == key else action_form(one.key, found)) for one in actions], "failed": key,
        "lost": failed if failed is not None and key not in {one.key for one in actions} else None,
        "timeline": timeline(found.case, everything=True), "grant": found.grant, "given": given(found),
        "may_change": found.grant is not None and queries.decides(found, actor), "grant_tag": words.grant_tag(found),
        "may_withdraw": asks and found.case.state in OPEN, "may_correct": asks and found.case.state == State.RETURNED,
        "may_repeat": asks and found.case.ended_at is not None,
        "changes": [(words.CHANGES[one.what](), one) for one in found.grant.changes.all()] if found.grant else [],
    }  # fmt: skip
    return render(request, "sharing/application.html", facts, status=status)


def said(found: Application) -> list[tuple[Any, Any]]:
    """What was asked, as a summary list."""
    entry = found.entry
    rows = [
        (_("申请单位"), found.office.title), (_("经办人"), found.asked_name), (_("用途"), found.purpose),
        (_("法律依据"), found.law), (_("服务的事项"), found.item.name if found.item else None),
        (_("信息项"), words.fields_of(entry, found.fields)),
        (_("地区"), regions.place(found.region) if found.region else _("全部")),
        (_("使用到"), words.day(found.expires)), (_("每天最多"), found.quota or _("按需要")),
        (_("调用的系统"), words.system_of(found.subsystem) if found.subsystem else None),
        (_("预填"), words.answers_of(found.item, entry, found.answers) or None),
        (_("免交材料"), words.material_of(found.item, found.spares) or None),
        (_("补充什么就可以共享"), found.needed or None),
    ]  # fmt: skip
    return [row for row in rows if row[1] is not None]


def given(found: Application) -> list[tuple[Any, Any]]:
    """What was granted."""
    grant = found.grant
    if grant is None:
        return []
    return [
        (_("给谁"), words.consumer_of(found)), (_("信息项"), words.fields_of(found.entry, grant.fields)),
        (_("地区"), regions.place(grant.region) if grant.region else _("全部")),
        (_("有效期"), f"{words.day(grant.begins)} – {words.day(grant.expires)}"),
        (_("每天最多"), grant.quota or _("按需要")), (_("已调用"), grant.calls),
        (_("最近使用"), case_words.words.moment(grant.last_used) if grant.last_used else _("还没有用过")),
        (_("授权人"), grant.given_name),
    ]  # fmt: skip


# --- terms ------------------------------------------------------------------------------------------------------------
def terms(request: HttpRequest) -> HttpResponse:
    """Terms with their law and whether the text was read."""
    rows = list(rules.terms(clock.today() + timedelta(days=366)))
    places = regions.places([one.region_code for one in rows if one.region_code])
    facts = {
        "title": _("共享期限"), "may_set": bool(request.actor.scopes(TERMS)),  # type: ignore[attr-defined]
        "rows": [
            (CLOCKS[one.step], case_words.length(one.limit), f"{one.law} {one.clause}",
             places.get(one.region_code, _("各地")), one.valid_from,
             ("done", _("已核对")) if one.verified else ("near", _("未核对")))
            for one in rows
        ],
    }  # fmt: skip
    return render(request, "sharing/terms.html", facts)


def new_term(request: HttpRequest) -> HttpResponseBase:
    """Another term for one's region, from a day on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    region = next((one.region for one in actor.scopes(TERMS)), "")

    def save(form: TermForm) -> str:
        deciding.set_term(region=region.ljust(12, "0") if region else "", step="decide", by=actor, **form.cleaned_data)
        messages.success(request, _("已保存。启用日期起开始的期限按它计算。"))
        return reverse("sharing.terms")

    back = reverse("sharing.terms")
    page = FormPage(title=_("增加本地期限"), submit=_("保存"), back=back, crumbs=((_("共享期限"), back),))
    return page.respond(request, TermForm, save, {"valid_from": clock.today() + timedelta(days=1), "amount": 10})
