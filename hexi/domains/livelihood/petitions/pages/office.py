"""The petition office: entry at the window, figures, terms in force and a region's own."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.petitions import queries
from hexi.domains.livelihood.petitions.operations import intake as taking
from hexi.domains.livelihood.petitions.operations import keeping
from hexi.domains.livelihood.petitions.pages import words
from hexi.domains.livelihood.petitions.pages.asking import IntakeForm, representatives
from hexi.domains.livelihood.petitions.states import CLOCKS, INTAKE, TERMS
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.ui.pages import FormPage

#: what a term is called: the clocks, and the most that may be added
TITLES = {**CLOCKS, "extend": gettext_lazy("最多延长")}


def intake(request: HttpRequest) -> HttpResponseBase:
    """Write down what somebody says at the window, by letter or by phone."""
    offices = queries.offices_of(request.actor, INTAKE)  # type: ignore[attr-defined]
    if not offices:
        raise Denied(_("您的岗位所在地区没有设信访部门。请联系系统管理员。"))
    place = regions.chosen_code(request.POST.getlist("place")) or offices[0].region_code

    def save(form: IntakeForm) -> str:
        given = dict(form.cleaned_data)
        submission, channel = given.pop("submission"), given.pop("channel")
        said = taking.Said(**(given | {"representatives": representatives(given["representatives"])}), place_code=place)
        found, new = taking.receive(
            said, by=request.actor, submission=submission, channel=channel,  # type: ignore[attr-defined]
        )  # fmt: skip
        words_ = _("已登记 %(number)s。") if new else _("这一件已登记过：%(number)s。")
        messages.success(request, words_ % {"number": found.case.number})
        knows = queries.lists(request.actor).filter(pk=found.pk).exists()  # type: ignore[attr-defined]
        return reverse("petitions.petition", args=[found.case.number]) if knows else reverse("petitions.petitions")

    page = FormPage(title=_("登记信访事项"), submit=_("登记"), template="petitions/intake.html", icon="file-plus")
    return page.respond(
        request, IntakeForm, save, {"submission": uuid4().hex}, place=place, levels=regions.levels(place),
        children=reverse("regions.children"),
    )  # fmt: skip


def petition_figures(request: HttpRequest) -> HttpResponse:
    """Counts, on-time rates of each clock, by class and by unit; only petitions one may read are counted."""
    actor = request.actor  # type: ignore[attr-defined]
    last = _day(request.GET.get("to")) or clock.today()
    first = min(_day(request.GET.get("from")) or last - timedelta(days=364), last)
    found = queries.figures(actor, first, last)
    facts = {
        "title": _("信访统计"), "first": first, "last": last, "figures": found,
        "clocks": [(TITLES[kind], *found.kept[kind]) for kind in CLOCKS if kind in found.kept],
        "classes": [(words.class_word(key), n) for key, n in queries.by_class(actor, first, last)],
        "units": queries.by_unit(actor, first, last),
    }  # fmt: skip
    return render(request, "petitions/figures.html", facts)


def terms(request: HttpRequest) -> HttpResponse:
    """Terms in force, with their law and whether the text was read."""
    rows = list(queries.terms(clock.today()))
    places = regions.places([one.region_code for one in rows if one.region_code])
    facts = {
        "title": _("信访期限"), "may_set": bool(request.actor.scopes(TERMS)),  # type: ignore[attr-defined]
        "rows": [
            (TITLES[one.step], case_words.length(one.limit), f"{one.law} {one.clause}",
             places.get(one.region_code, _("各地")), one.valid_from,
             ("done", _("已核对")) if one.verified else ("near", _("未核对")))
            for one in rows
        ],
    }  # fmt: skip
    return render(request, "petitions/terms.html", facts)


class TermForm(forms.Form):
    """A term of the region's own."""

    step = forms.ChoiceField(label=gettext_lazy("环节"), choices=list(TITLES.items()))
    amount = forms.IntegerField(label=gettext_lazy("期限"), min_value=1, max_value=365)
    unit = forms.ChoiceField(
        label=gettext_lazy("单位"),
        choices=list(keeping.UNIT_WORDS.items()),
    )
    law = forms.CharField(label=gettext_lazy("依据"), max_length=100)
    clause = forms.CharField(label=gettext_lazy("条款"), max_length=100, required=False)
    valid_from = forms.DateField(label=gettext_lazy("启用日期"), widget=forms.DateInput)


def new_term(request: HttpRequest) -> HttpResponseBase:
    """Another term for the office's region, from a day on."""
    offices = queries.offices_of(request.actor, TERMS)  # type: ignore[attr-defined]

    def save(form: TermForm) -> str:
        if not offices:
            raise ValidationError(_("您的岗位所在地区没有设信访部门。请联系系统管理员。"))
        keeping.set_term(offices[0], by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。启用日期起开始的期限按它计算。"))
        return reverse("petitions.terms")

    back = reverse("petitions.terms")
    page = FormPage(title=_("增加本地期限"), submit=_("保存"), back=back, crumbs=((_("信访期限"), back),))
    return page.respond(request, TermForm, save, {"valid_from": clock.today() + timedelta(days=1)})


def _day(text: Any) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None
