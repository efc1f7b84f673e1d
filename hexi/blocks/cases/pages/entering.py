"""Entry at the counter: who stands there, what he wants; then the same steps as online. And who applied for whom."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.cases import intake, operations
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.models import Agency, Case, Entry, Item
from hexi.blocks.people.models import Person
from hexi.kernel.actors import within
from hexi.ui.pages import FormPage


class EntryForm(forms.Form):
    """What the clerk asks first."""

    item = forms.ChoiceField(label=gettext_lazy("事项"))
    kind = forms.ChoiceField(label=gettext_lazy("申请人类型"), choices=Person.Kind.choices)
    name = forms.CharField(label=gettext_lazy("姓名或名称"), max_length=200)
    number = forms.CharField(label=gettext_lazy("身份号码或统一社会信用代码"), max_length=30)
    phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=20, required=False)
    how = forms.ChoiceField(
        label=gettext_lazy("怎样录入"), widget=forms.RadioSelect, initial=Entry.How.WINDOW,
        choices=[(one.value, one.label) for one in (Entry.How.WINDOW, Entry.How.OPERATOR)],
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)
    seen = forms.BooleanField(label=gettext_lazy("已核对身份证件（或营业执照）原件"), required=False)


def enter(request: HttpRequest) -> HttpResponseBase:
    """Begin an application for whoever stands at the counter."""
    actor = request.actor  # type: ignore[attr-defined]
    offered = Item.objects.filter(within(actor.scopes("cases.accept")), status=Item.Status.PUBLISHED)

    class Form(EntryForm):
        def __init__(self, *args: Any, **more: Any):
            super().__init__(*args, **more)
            rows = offered.order_by("title", "region_code")
            self.fields["item"].choices = [(str(one.pk), one.title) for one in rows]  # type: ignore[attr-defined]

    def save(form: EntryForm) -> str:
        facts = dict(form.cleaned_data)
        item = offered.select_related("version").get(pk=facts.pop("item"))
        draft = operations.enter(item, by=actor, **facts)
        return intake.address(draft, draft.step)

    lead = _("先认人，再填表。申请人会收到通知；材料录入后，在办件页逐件核对原件。")
    page = FormPage(_("窗口录入"), _("开始录入"), lead=lead)
    return page.respond(request, Form, save)


def on_behalf(request: HttpRequest, case: Case) -> Markup | None:
    """Panel of both pages of a case: who applied for the applicant."""
    if not has(case, Agency):
        return None
    found = Agency.objects.select_related("mandate").get(case=case)
    return Markup(render_to_string("cases/on_behalf.html", {"thing": found}, request))  # noqa: S704 - our own template
