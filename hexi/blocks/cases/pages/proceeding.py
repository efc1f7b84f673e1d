"""Special procedures on the official's case page: what stands where, and one short form for each step."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.cases import inputs, procedures, queries, quotas
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.models import Case, Hearing, SiteVisit, ThirdParty
from hexi.blocks.cases.operations import concerned, hearings, visits
from hexi.blocks.cases.states import UNDER_EXAMINATION
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.notices import queries as notices
from hexi.kernel import clock
from hexi.ui import words
from hexi.ui.pages import FormPage

#: state of the tag by that of a delivery
SENT = {"waiting": "wait", "sent": "done", "failed": "overdue"}
PICTURES = ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True)
class Do:
    """One step as a page: its words, its form, and what it does with the cleaned answers."""

    title: Any
    form: Callable[..., forms.Form]
    do: Callable[..., Any]
    officers: Callable[[Case], Any] | None = None


def _visit(case: Case) -> SiteVisit:
    found = SiteVisit.objects.filter(case=case, confirmed_at=None).first()
    if found is None:
        raise ValidationError(_("还没有指派现场核查人员。"))
    return found


def _found(case: Case, *, photos: Any, by: Any, **facts: Any) -> None:
    visit = _visit(case)
    if photos:
        if by.account_id not in (visit.first_id, visit.second_id):
            raise ValidationError(_("只有被指派的核查人员可以填写和确认。"))
        try:
            thing = (visits.KIND, str(visit.pk))
            documents.store(photos, name=photos.name, by=by, thing=thing, slot=visits.PHOTOS, accept=PICTURES)
        except ValidationError as error:
            raise ValidationError({"photos": error.messages}) from error
    visits.record_visit(visit, by=by, **facts)


def _confirm(case: Case, *, by: Any) -> None:
    visits.confirm_visit(_visit(case), by=by)


def _view(case: Case, party: int, *, text: str, by: Any) -> None:
    concerned.state_view(case.third_parties.get(pk=party), text=text, by=by)


def _served(case: Case, party: int, *, by: Any, **facts: Any) -> None:
    concerned.serve_party(case.third_parties.get(pk=party), by=by, **facts)


#: what is done about one third party, before the dash of the address
ABOUT_PARTY = {
    "view": (gettext_lazy("记录利害关系人意见"), inputs.View, _view),
    "served": (gettext_lazy("登记告知书送达"), inputs.Served, _served),
}
STEPS = {
    "party": Do(gettext_lazy("告知利害关系人"), inputs.Party, concerned.name_party),
    "hearing": Do(gettext_lazy("告知听证权利"), inputs.Tell, hearings.tell_hearing),
    "call": Do(gettext_lazy("通知听证"), inputs.Call, hearings.call_hearing, procedures.presiders),
    "visit": Do(gettext_lazy("指派现场核查人员"), inputs.Assign, visits.assign_visit, procedures.colleagues),
    "found": Do(gettext_lazy("填写现场核查情况"), inputs.Found, _found),
    "confirm": Do(gettext_lazy("确认现场核查情况"), forms.Form, _confirm),
}  # fmt: skip


def procedure(request: HttpRequest, number: str, what: str) -> HttpResponseBase:
    """One step of a special procedure: `what` is a key of STEPS, or one of ABOUT_PARTY and a third party: "view-17"."""
    case = _case(request, number)
    about, _dash, pk = what.partition("-")
    if about in ABOUT_PARTY and pk.isdecimal() and len(pk) < 19:
        party = case.third_parties.filter(pk=pk).first()
        if party is None:
            raise Http404
        title, form, do = ABOUT_PARTY[about]
        return _form(request, case, Do(title, form, partial(do, party=party.pk)))
    if what not in STEPS:
        raise Http404
    return _form(request, case, STEPS[what])


def minutes(request: HttpRequest, number: str) -> HttpResponseBase:
    """The presider's page: he need not hold an examiner's post."""
    return _form(request, _case(request, number), Do(_("填写听证笔录"), inputs.Minutes, hearings.record_hearing))


def to_decide(request: HttpRequest, case: Case) -> Markup | None:
    """Panel beside the decision: third parties, hearing, visits, each with its next step."""
    if case.accepted_at is None:
        return None
    hearing = procedures.hearing_of(case) if has(case, Hearing) else None
    found = SiteVisit.objects.filter(case=case).select_related("first", "second", "found_by")
    rows = list(found) if has(case, SiteVisit) else []
    account = getattr(request.actor, "account_id", None)  # type: ignore[attr-defined]
    running = case.state in UNDER_EXAMINATION
    open_visit = next((one for one in rows if one.confirmed_at is None), None)
    facts = {
        "case": case,
        "running": running,
        "may": running and request.actor.may("cases.examine", case.department_id, case.region_code),  # type: ignore[attr-defined]
        "parties": _parties(case) if has(case, ThirdParty) else [],
        "hearing": hearing,
        "presides": hearing is not None and hearing.presider_id == account,
        "visits": [(one, papers.of_thing(visits.KIND, str(one.pk), visits.PHOTOS)) for one in rows],
        "open_visit": open_visit,
        "sent": open_visit is not None and account in (open_visit.first_id, open_visit.second_id),
        "confirms": open_visit is not None and open_visit.found_by_id not in (None, account),
        "now": clock.now(),
    }
    return Markup(render_to_string("cases/procedures.html", facts, request))  # noqa: S704 - our own template


def _parties(case: Case) -> list[tuple[ThirdParty, list[tuple[str, Any, str]], bool]]:
    """Each third party, the ways by which the letter reaches it, and whether somebody may still have to go there."""
    found = []
    for party in case.third_parties.select_related("person__representative"):
        online = procedures.told_online(party)
        found.append((party, _reached(party, online), party.served_on is None and not online))
    return found


def _reached(party: ThirdParty, online: bool) -> list[tuple[str, Any, str]]:
    """By which ways the letter reached a third party, or is to: state and word of a tag, and what more there is."""
    if party.served_on is not None:
        more = f"{words.day(party.served_on)} · {party.served_note}"
        return [("done", party.get_served_how_display(), more)]
    if online:
        return [("done", _("已在网上告知"), "")]
    sent = [delivery for notice in notices.about(party) for delivery in notice.deliveries.all()]
    ways = [(SENT[one.state], _("短信%(state)s") % {"state": one.get_state_display()}, "") for one in sent]
    return ways or [("near", _("还没有送达"), _("请当面或者邮寄送达告知书，再登记。"))]


def of_my_case(request: HttpRequest, case: Case) -> Markup | None:
    """Panel for the applicant: the right to a hearing and when it is, special procedures and how long they take."""
    hearing = procedures.hearing_of(case) if has(case, Hearing) else None
    pauses = list(case.pauses.all())
    if hearing is None and not pauses:
        return None
    facts = {
        "case": case, "hearing": hearing, "now": clock.now(), "running": case.state in UNDER_EXAMINATION,
        "pauses": [(procedures.title_of(case, one), one, procedures.planned_end(case, one)) for one in pauses],
    }  # fmt: skip
    return Markup(render_to_string("cases/my_procedures.html", facts, request))  # noqa: S704 - our own template


def quota(request: HttpRequest, case: Case) -> Markup | None:
    """Panel beside the decision of a quantity-limited item: what is left, and who comes first."""
    if case.state not in UNDER_EXAMINATION or case.accepted_at is None:
        return None
    left, rule = quotas.left(case.item, clock.today().year), quotas.quota_of(case.item)
    if left is None or rule is None:
        return None
    facts = {
        "left": quotas.said(left), "rule": rule, "need": quotas.said(quotas.share(case, rule)),
        "earlier": quotas.earlier(case),
    }  # fmt: skip
    return Markup(render_to_string("cases/quota.html", facts, request))  # noqa: S704 - our own template


def _form(request: HttpRequest, case: Case, step: Do) -> HttpResponseBase:
    back = reverse("cases.case", args=[case.number])

    def save(form: forms.Form) -> str:
        step.do(case, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已办理：%(action)s。") % {"action": step.title})
        return back

    form_class = partial(step.form, officers=step.officers(case)) if step.officers else step.form
    page = FormPage(step.title, step.title, lead=f"{case.name} {case.number}", back=back)
    return page.respond(request, form_class, save)


def _case(request: HttpRequest, number: str) -> Case:
    try:
        return queries.case_to_act(number, request.actor)  # type: ignore[attr-defined]
    except Case.DoesNotExist:
        raise Http404(_("没有这件办件。")) from None
