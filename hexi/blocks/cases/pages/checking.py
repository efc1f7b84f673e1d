"""Pages of the checks that follow a pledge: the office's list, one check with what may be done, the holder's panel."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.cases import operations, promise_queries
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Breach, Case, Verification
from hexi.blocks.cases.operations.pledging import repairable_from
from hexi.blocks.cases.pages import words, work
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

State = Verification.State
TAGS = {
    State.WAITING: "wait", State.RECTIFYING: "near", State.KEPT: "done", State.BROKEN: "overdue",
    State.REVOKED: "refused",
}  # fmt: skip
#: what may be done, the state it is done in, the right it takes, how it is called
DOES: dict[str, tuple[Any, tuple[str, ...], str, Any]] = {
    "keep": (operations.keep, Verification.OPEN, "cases.examine", gettext_lazy("已履行承诺")),
    "order_to_rectify": (operations.order_to_rectify, (State.WAITING,), "cases.examine", gettext_lazy("责令限期整改")),
    "find_broken": (operations.find_broken, Verification.OPEN, "cases.examine", gettext_lazy("未履行承诺，提请撤销")),
    "revoke_pledged": (
        operations.revoke_pledged,
        (State.BROKEN,),
        "certificates.revoke",
        gettext_lazy("撤销决定和证件"),
    ),
    "repair": (operations.repair, (State.REVOKED,), "certificates.revoke", gettext_lazy("信用修复：不再限制告知承诺")),
}


def _tag(row: Verification) -> tuple[str, Any]:
    return TAGS[State(row.state)], State(row.state).label


def _address(row: Verification) -> str:
    return reverse("cases.verification", args=[row.pk])


def _due(row: Verification) -> tuple[str, str] | None:
    return words.due_tag(row.next_due) if row.next_due else None


VERIFICATIONS = ListPage(
    title=gettext_lazy("承诺核查"),
    columns=(
        Column("case", gettext_lazy("事项"), value="case.name", link=_address),
        Column("applicant", gettext_lazy("申请人"), value="case.applicant_masked"),
        Column("state", gettext_lazy("状态"), value=_tag, kind="tag"),
        Column(
            "due", gettext_lazy("期限"), kind="tag", sort="due",
            value=lambda row: _due(row) or ("off", "—"),
        ),
        Column("opened_at", gettext_lazy("决定"), kind="day", sort="opened_at"),
    ),
    filters=(Filter("state", gettext_lazy("状态"), State.choices, "state"),),
    views=(
        SavedView("open", gettext_lazy("待办"), lambda rows: rows.filter(ended_at=None)),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=lambda rows, text: rows.filter(case__applicant_name__contains=text),
    empty=Empty(gettext_lazy("没有要核查的承诺。以告知承诺方式办理的会出现在这里。")),
    on_export=work._logged,
)  # fmt: skip


def verifications(request: HttpRequest) -> HttpResponseBase:
    """What the office is to check after decisions made on a pledge, soonest due first."""
    return VERIFICATIONS.respond(request, promise_queries.verifications(request.actor))  # type: ignore[attr-defined]


def verification(request: HttpRequest, pk: int) -> HttpResponse:
    """One check: what was pledged, what was found, what may be done now."""
    actor = request.actor  # type: ignore[attr-defined]
    found = get_object_or_404(promise_queries.verifications(actor), pk=pk)
    errors: list[str] = []
    if request.method == "POST":
        do = DOES.get(request.POST.get("do", ""))
        try:
            if do is None:
                raise ValidationError(_("请选择一种处理。"))
            told = (operations.revoke_pledged, operations.repair)
            named = {"reason" if do[0] in told else "finding": request.POST.get("finding", "")}
            do[0](found, by=actor, **named)
        except ValidationError as error:
            errors = error.messages
        else:
            messages.success(request, _("已记录：%(what)s。") % {"what": do[3]})
            return HttpResponseRedirect(reverse("cases.verification", args=[pk]))
    found = promise_queries.verification_for(pk, actor)
    case, breach = found.case, Breach.objects.filter(case=found.case).first()
    facts = {
        "breach": breach, "repairable": repairable_from(breach) if breach else None,
        "title": case.name, "thing": found, "tag": _tag(found), "due": _due(found),
        "pledge": definition(case.version).national.pledge, "promise": case.promises.filter(kind="pledge").first(),
        "does": [
            (key, title) for key, (_do, states, verb, title) in DOES.items()
            if found.state in states and actor.may(verb, case.department_id, case.region_code)
            and (key != "repair" or (breach and breach.repaired_at is None))
        ],
        "errors": errors, "typed": request.POST.get("finding", ""), "chosen": request.POST.get("do", ""),
    }  # fmt: skip
    return render(request, "cases/verification.html", facts, status=422 if errors else 200)


def pledged(request: HttpRequest, case: Case) -> Markup | None:
    """Panel of both pages of a case: how the pledge it was decided on stands."""
    if not has(case, Verification):
        return None
    found = Verification.objects.filter(case=case).first()
    mine = request.resolver_match is not None and request.resolver_match.url_name == "cases.mine"
    facts = {
        "thing": found, "tag": _tag(found), "due": _due(found),
        "promise": case.promises.filter(kind="pledge").first(), "own": mine,
    }  # fmt: skip
    return Markup(render_to_string("cases/pledged.html", facts, request))  # noqa: S704 - our own template
