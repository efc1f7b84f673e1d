"""Entry at the counter: who stands there, what he wants; then the same steps as online. And who applied for whom."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.cases import bundle_intake, counter_entry, operations
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.models import Agency, Case, Concern, Entry, Item
from hexi.blocks.cases.pages.work import names
from hexi.blocks.forms.drafts import kind_of
from hexi.blocks.forms.models import Draft
from hexi.blocks.people.models import Person
from hexi.blocks.regions import queries as regions
from hexi.kernel.actors import within
from hexi.ui.pages import FormPage


class Shown(forms.Form):
    """Who stands there, by which document, and who writes for whom."""

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


class EntryForm(Shown):
    """A first application of one item."""

    item = forms.ChoiceField(label=gettext_lazy("事项"))
    field_order = ("item",)


class AgainForm(Shown):
    """What is to become of a certificate."""

    certificate = forms.CharField(
        label=gettext_lazy("证照编号或电子证照标识"), max_length=120, help_text=gettext_lazy("印在证照上。")
    )
    what = forms.ChoiceField(label=gettext_lazy("办什么"), widget=forms.RadioSelect, choices=Concern.Kind.choices)
    field_order = ("certificate", "what")


class BundleForm(Shown):
    """Several items at once."""

    bundle = forms.ChoiceField(label=gettext_lazy("一件事"))
    field_order = ("bundle",)


def enter(request: HttpRequest) -> HttpResponseBase:
    """Begin an application for whoever stands at the counter."""
    actor = request.actor  # type: ignore[attr-defined]
    offered = Item.objects.filter(within(actor.scopes("cases.accept")), status=Item.Status.PUBLISHED)

    def save(facts: dict[str, Any]) -> Draft:
        item = offered.select_related("version").get(pk=facts.pop("item"))
        return operations.enter(item, by=actor, **facts)

    return _page(request, _choosing(EntryForm, "item", names(offered.order_by("title", "region_code"))), save)


def enter_again(request: HttpRequest) -> HttpResponseBase:
    """Begin the renewal or change of a certificate for its holder at the counter."""
    return _page(
        request, AgainForm,
        lambda facts: counter_entry.begin_again(by=request.actor, **facts),  # type: ignore[attr-defined]
    )  # fmt: skip


def enter_bundle(request: HttpRequest) -> HttpResponseBase:
    """Begin several items at once for whoever stands at the counter."""
    actor = request.actor  # type: ignore[attr-defined]
    offers = {bundle_intake.ref_of(one.file.key, one.region_code): one for one in counter_entry.offered(actor)}

    def save(facts: dict[str, Any]) -> Draft:
        return counter_entry.begin_bundle(offers[facts.pop("bundle")], by=actor, **facts)

    where = regions.places({one.region_code for one in offers.values()})
    choices = [(ref, f"{one.file.title} · {where[one.region_code]}") for ref, one in offers.items()]
    return _page(request, _choosing(BundleForm, "bundle", choices), save)


def _choosing(form: type[Shown], name: str, choices: list[tuple[Any, Any]]) -> type[Shown]:
    """The form with what may be chosen today."""

    class Form(form):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **more: Any):
            super().__init__(*args, **more)
            self.fields[name].choices = choices

    return Form


def _page(request: HttpRequest, form: type[Shown], begin: Callable[[dict[str, Any]], Draft]) -> HttpResponseBase:
    def save(filled: Shown) -> str:
        draft = begin(dict(filled.cleaned_data))
        return kind_of(draft.definition_kind).address(draft, draft.step)

    lead = _("先认人，再填表。申请人会收到通知；材料录入后，在办件页逐件核对原件。")
    page = FormPage(_("窗口录入"), _("开始录入"), lead=lead, template="cases/enter.html")
    return page.respond(request, form, save, ways=_ways(request))


def _ways(request: HttpRequest) -> list[dict[str, Any]]:
    """The three things that are entered at the counter, as tabs."""
    ways = (("cases.enter", _("首次申请")), ("cases.enter_again", _("延续和变更")), ("cases.enter_bundle", _("一件事")))
    return [{"title": title, "url": reverse(name), "active": request.path == reverse(name)} for name, title in ways]


def on_behalf(request: HttpRequest, case: Case) -> Markup | None:
    """Panel of both pages of a case: who applied for the applicant."""
    if not has(case, Agency):
        return None
    found = Agency.objects.select_related("mandate").get(case=case)
    return Markup(render_to_string("cases/on_behalf.html", {"thing": found}, request))  # noqa: S704 - our own template
