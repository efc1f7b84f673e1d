"""The thread: data set → application → grant → calls → cases → figure; and, at a case, what was fetched for it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.models import PERMIT, Case
from hexi.blocks.catalog.models import Entry, MessageLog, Side
from hexi.blocks.catalog.queries import entries, exchange
from hexi.domains.livelihood.sharing import queries
from hexi.domains.livelihood.sharing.models import Application, Use
from hexi.domains.livelihood.sharing.operations import using
from hexi.domains.livelihood.sharing.pages import links, words
from hexi.kernel.actors import Actor
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty

#: rows of calls and cases the thread shows; all of them stand behind a link
SHOWN = 10


@never_cache
def thread(request: HttpRequest, number: str) -> HttpResponse:
    """All of it on one page, each step a link for whoever may follow it."""
    found, actor = _found(request, number), request.actor  # type: ignore[attr-defined]
    may_open = set(_open_to(actor, [one.case_number for one in _with_case(found)]))
    uses = [(one, one.case_number if one.case_number in may_open else "") for one in _with_case(found)[:SHOWN]]
    facts = {
        "found": found, "case": found.case, "entry": found.entry, "title": _("数据的来龙去脉"),
        "sees_entry": _sees(found.entry, actor), "tag": words.tag(found), "grant": found.grant,
        "grant_tag": words.grant_tag(found), "calls": _calls(found),
        "many": queries.calls(found).count(), "grant_url": links.grant_url(found, request),
        "consumer": words.consumer_of(found), "addresses": queries.addresses(found),
        "uses": uses, "used": found.uses.count() + queries.called(found),
        "spares": words.material_of(found.item, found.spares),
        "answers": words.answers_of(found.item, found.entry, found.answers),
        "figures": bool(actor.scopes("statistics.view")),
    }  # fmt: skip
    return render(request, "sharing/thread.html", facts)


def _with_case(found: Application) -> list[Use]:
    """Its uses, each with the number of the case it was for ("" while its applicant still writes)."""
    rows = list(queries.cases_of(found).select_related("draft")[:200])
    for one in rows:
        one.case_number = one.case.number if one.case else (one.draft.submitted_ref if one.draft else "")  # type: ignore[attr-defined]
        one.shown = words.draft_of(one) if one.draft else one.reference  # type: ignore[attr-defined]
    return rows


def _calls(found: Application) -> list[MessageLog]:
    """The last calls, each with the words of its way and its case."""
    rows = list(queries.calls(found)[:SHOWN])
    for one in rows:
        one.side_word, one.case_word = Side(one.side).label, words.issue_of(one) or "—"  # type: ignore[attr-defined]
    return rows


def _open_to(actor: Actor, numbers: list[str]) -> list[str]:
    """Those cases the actor's posts may open."""
    rows = cases.for_officials(actor).filter(number__in=[one for one in numbers if one])
    return list(rows.values_list("number", flat=True))


def _sees(entry: Entry, actor: Actor) -> bool:
    return bool(entries.seen_by(actor).filter(pk=entry.pk).exists())


def _proof(one: MessageLog) -> str:
    """The message with its proofs, for whoever may read the log of the exchange."""
    return reverse("catalog.message", args=[one.pk]) if one.opens else ""  # type: ignore[attr-defined]


CALLS = ListPage(
    title=gettext_lazy("签名的调用记录"),
    lead=gettext_lazy("每次调用先签名、入链，再给数据。改动任何一个字节都能核验出来。"),
    columns=(
        Column("at", gettext_lazy("时间"), kind="moment", sort="at", link=_proof),
        Column("side", gettext_lazy("经由"), value=lambda one: Side(one.side).label),
        Column("issue", gettext_lazy("办件"), value=words.issue_of, kind="code"),
        Column("user", gettext_lazy("调用人"), value=lambda one: one.user),
        Column("place", gettext_lazy("链上位置"), value=lambda one: f"{one.stream} {one.seq}", kind="code"),
        Column("hash", gettext_lazy("散列"), value=lambda one: one.hash[:16], kind="code"),
        Column("request", gettext_lazy("调用号"), value="request_id", kind="code"),
    ),
    search=lambda rows, text: rows.filter(Q(issue__contains=text) | Q(became=text) | Q(request_id=text)),
    empty=Empty(gettext_lazy("还没有调用过。")),
)


def calls(request: HttpRequest, number: str) -> HttpResponseBase:
    """The signed calls through the grant."""
    found = _found(request, number)
    readable = exchange.log(request.actor).filter(pk=OuterRef("pk"))  # type: ignore[attr-defined]
    rows = queries.calls(found).annotate(opens=Exists(readable))
    crumbs = ((_("共享申请"), reverse("sharing.applications")),
              (found.case.number, reverse("sharing.application", args=[number])), (CALLS.title, ""))  # fmt: skip
    return CALLS.respond(request, rows, crumbs=crumbs)


def _found(request: HttpRequest, number: str) -> Application:
    try:
        return queries.seen(number, request.actor)  # type: ignore[attr-defined]
    except Application.DoesNotExist:
        raise Http404(_("没有这份共享申请。")) from None


# --- at a case --------------------------------------------------------------------------------------------------------
def at_work(request: HttpRequest, case: Case) -> Markup | None:
    """Panel at `cases.case`: what was fetched, from whom, when, under which grant; and to look once more."""
    if case.kind != PERMIT:
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    uses, usable = list(queries.uses_in(case)), []
    natural = case.applicant is not None and queries.own_number(case.applicant)
    if natural and case.ended_at is None and actor.may(using.USE, case.department_id, case.region_code):
        usable = list(queries.usable(case.item_id, case.department_id))  # type: ignore[arg-type]
    if not uses and not usable:
        return None
    seen = set(queries.seen_by(actor).filter(pk__in=[one.application_id for one in uses]).values_list("pk", flat=True))
    facts = {"rows": [(one, words.fields_of(one.application.entry, dict.fromkeys(one.fields, "none")),
                       one.application_id in seen) for one in uses], "usable": usable, "case": case}  # fmt: skip
    return Markup(render_to_string("sharing/at_case.html", facts, request))  # noqa: S704 a template


def at_mine(request: HttpRequest, case: Case) -> Markup | None:
    """Panel at `cases.mine`: the same for the applicant, without the offices' own pages."""
    uses = list(queries.uses_in(case)) if case.kind == PERMIT else []
    if not uses:
        return None
    rows = [(one, words.fields_of(one.application.entry, dict.fromkeys(one.fields, "none")), False) for one in uses]
    facts = {"rows": rows, "usable": [], "case": case, "mine": True}
    return Markup(render_to_string("sharing/at_case.html", facts, request))  # noqa: S704 a template


@never_cache
@require_POST
def check_data(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """An official looks at the data of the applicant once more; they are shown once and not kept."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    case = get_object_or_404(cases.for_officials(actor).select_related("applicant", "item"), number=number)
    application = get_object_or_404(queries.usable(case.item_id, case.department_id), pk=pk)
    back = reverse("cases.case", args=[number])
    try:
        use, row = using.verify(application, case, by=actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(back)
    titles = {one.name: one.label for one in application.entry.items.all()}
    facts = {
        "title": _("核对数据"), "use": use, "application": application, "case": case, "back": back,
        "facts": [(titles.get(name, name), value or "—") for name, value in (row or {}).items()],
    }  # fmt: skip
    return render(request, "sharing/checked.html", facts)
