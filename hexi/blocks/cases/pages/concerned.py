"""For the applicant and for third parties: asking for a hearing, stating a view."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.cases import inputs, procedures, queries
from hexi.blocks.cases.models import ThirdParty
from hexi.blocks.cases.operations import concerned, hearings
from hexi.blocks.cases.parties import acts_as
from hexi.blocks.cases.states import UNDER_EXAMINATION
from hexi.kernel import clock
from hexi.ui.pages import FormPage


def ask(request: HttpRequest, number: str) -> HttpResponseBase:
    """The applicant asks for a hearing."""
    case = queries.my_permit(number, request.actor)  # type: ignore[attr-defined]
    if case is None:
        raise Http404
    back = reverse("cases.mine", args=[number])

    def save(form: Any) -> str:
        hearings.ask_hearing(case, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已提出。二十个工作日内举行听证，时间、地点会提前七个工作日通知您。"))
        return back

    return FormPage(_("要求听证"), _("要求听证"), lead=case.name, back=back).respond(request, inputs.Ask, save)


def view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a third party is told, and the forms to state a view and to ask for a hearing; nothing else of the case."""
    rows = ThirdParty.objects.select_related("case__department", "case__item", "case__applicant", "person")
    party = rows.filter(pk=pk).first()
    item = party.case.item.key if party else ""
    if party is None or party.person is None or not acts_as(request.actor, party.person, item):  # type: ignore[attr-defined]
        raise Http404(_("没有这份告知，或者它不是给您的。"))
    hearing, running = procedures.hearing_of(party.case), party.case.state in UNDER_EXAMINATION
    here = reverse("cases.view", args=[pk])

    def save(form: Any) -> str:
        if request.POST.get("do") == "hearing":
            hearings.ask_hearing(party.case, by=request.actor, opinion=form.cleaned_data["text"])  # type: ignore[attr-defined]
            messages.success(request, _("已提出。二十个工作日内举行听证，时间、地点会提前七个工作日通知您。"))
        else:
            concerned.state_view(party, text=form.cleaned_data["text"], by=request.actor)  # type: ignore[attr-defined]
            messages.success(request, _("意见已收到，作出决定前会听取。"))
        return here

    facts = {"party": party, "case": party.case, "hearing": hearing, "running": running, "now": clock.now()}
    page = FormPage(_("利害关系人意见"), _("提交意见"), template="cases/my_view.html")
    return page.respond(request, inputs.View, save, **facts)
