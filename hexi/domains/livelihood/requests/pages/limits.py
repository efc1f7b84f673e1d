"""Limits of first answers and handling: those that hold and will hold, more of them, changed before they do, ended."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.calendars.clocks import Unit
from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import operations, queries
from hexi.domains.livelihood.requests.models import TimeLimit
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.states import PLAN, Type
from hexi.kernel import clock
from hexi.ui.pages import FormPage

UNITS = (
    (Unit.HOURS.value, gettext_lazy("小时")), (Unit.WORKING_HOURS.value, gettext_lazy("工作小时")),
    (Unit.WORKING_DAYS.value, gettext_lazy("工作日")), (Unit.CALENDAR_DAYS.value, gettext_lazy("天")),
)  # fmt: skip


def limits(request: HttpRequest) -> HttpResponse:
    """Limits that hold or will hold, the most special first."""
    today, mine = clock.today(), queries.hotlines_of(request.actor, PLAN)  # type: ignore[attr-defined]
    rows = list(
        TimeLimit.objects.exclude(valid_to__lte=today).order_by("-subject", "-type", "-region_code", "valid_from")
    )
    places, names = regions.places([one.region_code for one in rows if one.region_code]), words.subject_names()
    own = {one.region_code for one in mine}
    facts = {
        "title": _("诉求时限"), "hotlines": words.hotlines(mine),
        "rows": [
            {
                "limit": one, "place": places.get(one.region_code, _("各地")), "own": one.region_code in own,
                "subject": words.subject_word(one.subject, names) if one.subject else _("各类"),
                "type": Type(one.type).label if one.type else _("各种"), "coming": one.valid_from > today,
                "first": case_words.length(one.first_limit), "handle": case_words.length(one.handle_limit),
            }
            for one in rows
        ],
    }  # fmt: skip
    return render(request, "requests/limits.html", facts)


class LimitForm(forms.Form):
    """A line of limits from a day on."""

    subject = forms.ChoiceField(label=gettext_lazy("分类"), required=False)
    type = forms.ChoiceField(
        label=gettext_lazy("类型"), required=False, choices=[("", gettext_lazy("各种")), *Type.choices]
    )
    first = forms.IntegerField(label=gettext_lazy("首次回应"), min_value=1, max_value=999)
    first_unit = forms.ChoiceField(label=gettext_lazy("单位"), choices=UNITS)
    handle = forms.IntegerField(label=gettext_lazy("办结答复"), min_value=1, max_value=999)
    handle_unit = forms.ChoiceField(label=gettext_lazy("单位"), choices=UNITS, initial=Unit.WORKING_DAYS)
    valid_from = forms.DateField(label=gettext_lazy("启用日期"), widget=forms.DateInput)
    source = forms.CharField(label=gettext_lazy("依据"), max_length=120, required=False)

    def __init__(self, *arguments: object, **more: object):
        super().__init__(*arguments, **more)  # type: ignore[arg-type]
        options = [*words.subject_options(1), *words.subject_options(2), *words.subject_options(3)]
        self.fields["subject"].choices = [("", _("各类")), *sorted(options)]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """From when it no longer holds."""

    day = forms.DateField(label=gettext_lazy("停用日期"), widget=forms.DateInput)


def _page(title: str, submit: str, **more: Any) -> FormPage:
    back = reverse("requests.limits")
    return FormPage(title=title, submit=submit, back=back, crumbs=((_("诉求时限"), back),), **more)


def new_limit(request: HttpRequest) -> HttpResponseBase:
    """Another limit for the hotline's region, from tomorrow at the earliest; running orders keep theirs."""
    hotline = queries.hotline_of(request.actor, PLAN, request.GET.get("hotline", ""))  # type: ignore[attr-defined]

    def save(form: LimitForm) -> str:
        if hotline is None:
            raise ValidationError(_("您的岗位所在地区没有设热线中心。"))
        operations.set_limit(hotline, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。启用日期起收到的诉求按新时限计算。"))
        return reverse("requests.limits")

    lead = _("越具体的越优先：先看分类，再看类型，再看地区。")
    page = _page(words.of_hotline(_("增加时限"), hotline), _("保存"), lead=lead)
    return page.respond(request, LimitForm, save, {"valid_from": clock.today() + timedelta(days=1)})


def _own(request: HttpRequest, limit: int) -> TimeLimit:
    mine = queries.hotlines_of(request.actor, PLAN)  # type: ignore[attr-defined]
    return get_object_or_404(TimeLimit, pk=limit, region_code__in=[one.region_code for one in mine])


def change_limit(request: HttpRequest, limit: int) -> HttpResponseBase:
    """Another wording of a limit that does not hold yet."""
    row = _own(request, limit)

    def save(form: LimitForm) -> str:
        operations.change_limit(row, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。启用日期起收到的诉求按新时限计算。"))
        return reverse("requests.limits")

    page = _page(_("改时限"), _("保存"), lead=_("还没启用的可以改；已启用的不能改，只能停用后另加。"))
    return page.respond(request, LimitForm, save, {name: getattr(row, name) for name in LimitForm.base_fields})


def end_limit(request: HttpRequest, limit: int) -> HttpResponseBase:
    """End a limit from a day on."""
    row = _own(request, limit)

    def save(form: EndForm) -> str:
        operations.end_limit(row, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已设停用日期。"))
        return reverse("requests.limits")

    lead = _("停用日期起收到的诉求按更一般的时限计算；还没启用的，停用日期不晚于启用日期就撤掉。")
    page = _page(_("停用时限"), _("停用"), lead=lead)
    return page.respond(request, EndForm, save, {"day": clock.today() + timedelta(days=1)})
