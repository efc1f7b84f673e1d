"""The contacts an office keeps in its divisions: who is told at once and asked to confirm."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.alerts import keeping, queries
from hexi.blocks.alerts.forms import RegionSelect
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import identifier_of
from hexi.blocks.regions import queries as regions
from hexi.ui import words
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty

LIST = ListPage(
    title=gettext_lazy("预警联络人"),
    columns=(
        Column("name", gettext_lazy("姓名"), value="person.name"),
        Column("duty", gettext_lazy("职责")),
        Column(
            "region_code", gettext_lazy("地区"), value=lambda one: one.place_en if words.english() else one.place_zh
        ),
        Column("phone", gettext_lazy("电话"), value=lambda one: words.mask_phone(one.person.phone)),
        Column("department", gettext_lazy("登记单位"), value="department.title"),
        Column("made_at", gettext_lazy("何时登记"), kind="moment"),
    ),
    search=lambda rows, text: rows.filter(person__name__contains=text),
    row_link=lambda one: reverse("alerts.end_contact", args=[one.pk]),
    empty=Empty(gettext_lazy("还没有联络人。登记后，发布预警时会通知他们并要求确认。"), icon="users"),
    export=False,
    template="alerts/contacts.html",
)


def contacts(request: HttpRequest) -> HttpResponseBase:
    """Those kept now."""
    return LIST.respond(request, queries.contacts(_actor(request)))


class ContactForm(forms.Form):
    """Who, where, as what."""

    department = forms.ModelChoiceField(label=gettext_lazy("登记单位"), queryset=None)
    number = forms.CharField(
        label=gettext_lazy("身份证号"),
        max_length=30,
        help_text=gettext_lazy("窗口登记过的人；号码只用来查找，不会显示。"),
    )
    code = forms.CharField(label=gettext_lazy("负责的地区"), widget=RegionSelect)
    duty = forms.CharField(
        label=gettext_lazy("职责"), max_length=60, help_text=gettext_lazy("例如“村主任”“小学校长”。")
    )


def add_contact(request: HttpRequest) -> HttpResponseBase:
    """One more."""
    actor = _actor(request)
    offices = queries.offices(actor, queries.CONTACTS)

    def form(*args: Any, **kwargs: Any) -> ContactForm:
        made = ContactForm(*args, **kwargs)
        made.fields["department"].queryset = offices  # type: ignore[attr-defined]
        return made

    def save(form: ContactForm) -> str:
        given = form.cleaned_data
        keeping.add_contact(
            given["department"],
            person=_person(given["number"]),
            region_code=given["code"],
            duty=given["duty"],
            by=actor,
        )
        messages.success(request, _("已登记。"))
        return reverse("alerts.contacts")

    first = offices.first()
    page = FormPage(_("登记联络人"), _("登记"), back=reverse("alerts.contacts"), template="alerts/form.html")
    initial = {"department": first.pk if first else None, "code": first.region_code if first else ""}
    return page.respond(request, form, save, initial, levels=regions.levels)


def _person(number: str) -> Person:
    found = identifier_of(number)
    if found is None:
        raise ValidationError({"number": _("没有这个人。请先在“人员查询”登记。")})
    return found.person


def end_contact(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask whether he is really no longer asked, then end it."""
    row = get_object_or_404(queries.contacts(_actor(request)), pk=pk)

    def save(form: forms.Form) -> str:
        keeping.end_contact(row, by=_actor(request))
        messages.success(request, _("已取消联络人。"))
        return reverse("alerts.contacts")

    lead = f"{row.person.name} · {row.duty} · {regions.place(row.region_code)}"
    page = FormPage(_("取消联络人"), _("取消联络人"), lead=lead, back=reverse("alerts.contacts"), kind="danger")
    return page.respond(request, forms.Form, save)


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]
