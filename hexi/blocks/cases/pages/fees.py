"""What a case costs, on the official's page of it; and the page on which an officer waives what is not owed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.cases import fees, operations, queries
from hexi.blocks.cases.models import Case, FeeWaiver
from hexi.blocks.cases.operations.waiving import VERB
from hexi.blocks.money.queries import SEE
from hexi.kernel.actors import Actor, require
from hexi.ui.pages import FormPage
from hexi.ui.words import money


class WaiveForm(forms.Form):
    """Why it is not owed."""

    reason = forms.CharField(
        label=gettext_lazy("理由和依据"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("写明依据哪条规定、什么情形。申请人会看到。"),
    )  # fmt: skip


def panel(request: HttpRequest, case: Case) -> Markup | None:
    """Panel at `cases.case`: each charge with its state; a link to it for whoever sees the office's money."""
    charges = fees.charges(case)
    if not charges:
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    at = case.department_id, case.region_code
    waivers = {one.charge: one for one in FeeWaiver.objects.filter(case=case)}
    facts = {
        "charges": [(one, waivers.get(one.number)) for one in charges], "case": case,
        "sees": any(actor.may(verb, *at) for verb in SEE),
        "waives": actor.may(VERB, *at) and fees.waivable(case) is not None,
    }  # fmt: skip
    return Markup(render_to_string("cases/fees.html", facts, request))  # noqa: S704 a template


def waive_fee(request: HttpRequest, number: str) -> HttpResponseBase:
    """The officer says that the fee is not owed, and why."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        case = queries.case_to_act(number, actor)
    except Case.DoesNotExist:
        raise Http404(_("没有这件办件。")) from None
    require(actor, VERB, case.department_id, case.region_code)
    charge, back = fees.waivable(case), reverse("cases.case", args=[number])

    def save(form: Any) -> str:
        operations.waive_fee(case, by=actor, **form.cleaned_data)
        messages.success(request, _("已免收，系统接着制证。"))
        return back

    said = _("缴费单 %(number)s，%(fen)s。") % {"number": charge.number, "fen": money(charge.fen)} if charge else ""
    lead = said + _("免收只用于本来就不该收的，或者法律、收费标准规定可以免收的（行政许可法第五十九条）。")
    return FormPage(_("免收费用"), _("免收"), lead=lead, back=back).respond(request, WaiveForm, save)
