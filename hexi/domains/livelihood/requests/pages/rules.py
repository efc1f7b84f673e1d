"""Rules of dispatch, tried on earlier orders before they hold; the classifier's versions with how well each does."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import operations, options, proposing, queries
from hexi.domains.livelihood.requests.models import Classifier, DispatchRule, Hotline
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.states import PLAN, Type
from hexi.kernel import clock
from hexi.ui.pages import FormPage

#: orders a trial looks at, and how many of the differences are shown
TRIED, MOST, SHOWN = 200, 2000, 100


def _hotlines(request: HttpRequest) -> list[Hotline]:
    return queries.hotlines_of(request.actor, PLAN)  # type: ignore[attr-defined]


def rules(request: HttpRequest) -> HttpResponse:
    """Rules that hold or will hold, in the order in which they are asked."""
    today, places, names = clock.today(), {}, words.subject_names()
    rows = DispatchRule.objects.filter(region_code__in=[one.region_code for one in _hotlines(request)])
    rows = rows.exclude(valid_to__lte=today).select_related("office").order_by("position", "valid_from", "pk")
    found = list(rows)
    places = regions.places([one.place_code for one in found if one.place_code])
    facts = {
        "title": _("派单规则"),
        "hotlines": words.hotlines(_hotlines(request)),
        "rows": [
            {
                "rule": one,
                "place": places.get(one.place_code, _("各地")),
                "subject": words.subject_word(one.subject, names) if one.subject else _("各类"),
                "type": Type(one.type).label if one.type else _("各种"),
                "words": _("、").join(one.words),
                "coming": one.valid_from > today,
            }
            for one in found
        ],
    }
    return render(request, "requests/rules.html", facts)


class RuleForm(forms.Form):
    """A rule from a day to come."""

    position = forms.IntegerField(
        label=gettext_lazy("顺序"), min_value=1, max_value=9999, help_text=gettext_lazy("小的先用，第一条符合的算数。")
    )
    place_code = forms.ChoiceField(label=gettext_lazy("地区"), required=False)
    subject = forms.ChoiceField(label=gettext_lazy("分类"), required=False)
    type = forms.ChoiceField(
        label=gettext_lazy("类型"), required=False, choices=[("", gettext_lazy("各种")), *Type.choices]
    )
    words = forms.CharField(
        label=gettext_lazy("正文里有其中一个词"), required=False, max_length=400,
        help_text=gettext_lazy("用空格隔开；不填为不限。"),
    )  # fmt: skip
    office = forms.ChoiceField(label=gettext_lazy("主办单位"))
    duty = forms.CharField(
        label=gettext_lazy("职责依据"), max_length=200, help_text=gettext_lazy("承办单位权责清单上的事项。")
    )
    valid_from = forms.DateField(label=gettext_lazy("启用日期"), widget=forms.DateInput)

    def __init__(self, *arguments: object, **more: object):
        super().__init__(*arguments, **more)  # type: ignore[arg-type]
        options_ = sorted([*words.subject_options(1), *words.subject_options(2), *words.subject_options(3)])
        self.fields["subject"].choices = [("", _("各类")), *options_]  # type: ignore[attr-defined]

    def offer(self, hotline: Hotline | None) -> None:
        """Offices and places of the hotline's region."""
        region = hotline.region_code if hotline else ""
        offices = regions.departments(region) if region else []
        self.fields["office"].choices = [(one.pk, one.title) for one in offices]  # type: ignore[attr-defined]
        below = regions.children(region) if region else []
        self.fields["place_code"].choices = [  # type: ignore[attr-defined]
            ("", _("各地")), *((one.code, one.title) for one in below)
        ]  # fmt: skip

    def clean_words(self) -> list[str]:
        """The words, one each."""
        return list(dict.fromkeys(self.cleaned_data["words"].replace("、", " ").split()))


def new_rule(request: HttpRequest) -> HttpResponseBase:
    """Another rule of the hotline, from tomorrow at the earliest."""
    hotline = queries.hotline_of(request.actor, PLAN, request.GET.get("hotline", ""))  # type: ignore[attr-defined]

    class Form(RuleForm):
        def __init__(self, *arguments: object, **more: object):
            super().__init__(*arguments, **more)
            self.offer(hotline)

    def save(form: RuleForm) -> str:
        if hotline is None:
            raise ValidationError(_("您的岗位所在地区没有设热线中心。"))
        facts = form.cleaned_data | {"office": get_object_or_404(Department, pk=form.cleaned_data["office"])}
        rule = operations.add_rule(hotline, by=request.actor, **facts)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。请先用以往诉求试算，看看会改变什么。"))
        return f"{reverse('requests.try_rules')}?day={rule.valid_from.isoformat()}&hotline={hotline.region_code}"

    back = reverse("requests.rules")
    page = FormPage(
        title=words.of_hotline(_("增加规则"), hotline), submit=_("保存"), back=back, crumbs=((_("派单规则"), back),),
        lead=_("规则启用前可以用以往诉求试算；已启用的不能改，只能停用后另加。"),
    )  # fmt: skip
    return page.respond(request, Form, save, {"valid_from": clock.today() + timedelta(days=1)})


class EndForm(forms.Form):
    """From when it no longer holds."""

    day = forms.DateField(label=gettext_lazy("停用日期"), widget=forms.DateInput)


def end_rule(request: HttpRequest, rule: int) -> HttpResponseBase:
    """End a rule from a day on."""
    mine = [one.region_code for one in _hotlines(request)]
    row = get_object_or_404(DispatchRule, pk=rule, region_code__in=mine)

    def save(form: EndForm) -> str:
        operations.end_rule(row, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已设停用日期。"))
        return reverse("requests.rules")

    back = reverse("requests.rules")
    page = FormPage(
        title=_("停用规则"), submit=_("停用"), back=back, crumbs=((_("派单规则"), back),),
        lead=_("第 %(n)s 条：%(duty)s") % {"n": row.position, "duty": row.duty},
    )  # fmt: skip
    return page.respond(request, EndForm, save, {"day": clock.today() + timedelta(days=1)})


def try_rules(request: HttpRequest) -> HttpResponse:
    """The rules of a day to come on the last orders: what would go elsewhere than under today's."""
    hotline = queries.hotline_of(request.actor, PLAN, request.GET.get("hotline", ""))  # type: ignore[attr-defined]
    day = _day(request.GET.get("day"))
    many = request.GET.get("n", "")
    many_orders = min(int(many), MOST) if many.isdecimal() and 0 < len(many) < 6 and int(many) else TRIED
    title = words.of_hotline(_("试算派单规则"), hotline)
    facts: dict[str, Any] = {
        "title": title,
        "hotline": hotline,
        "day": day,
        "n": many_orders,
        "trial": None,
        "shown": SHOWN,
    }
    if hotline is not None:
        rows = queries.for_officials(request.actor)  # type: ignore[attr-defined]
        rows = rows.filter(hotline_region=hotline.region_code, dispatches__isnull=False).distinct().order_by("-pk")
        facts["trial"] = proposing.tried(
            rows.prefetch_related("dispatches__office")[:many_orders], hotline.region_code, day
        )
    return render(request, "requests/try_rules.html", facts)


def classifiers(request: HttpRequest) -> HttpResponse:
    """Every version: what it learnt from, how well it does, which is in force."""
    rows = Classifier.objects.filter(region_code__in=[one.region_code for one in _hotlines(request)])
    found = list(rows.defer("content", "offices").order_by("-pk")[:20])
    names = words.subject_names()
    newest = next((one for one in found if one.in_force), None)
    table = newest.metrics.get("table", {}) if newest else {}
    facts = {
        "title": _("分类器"), "rows": found, "confident": options.CONFIDENT.value,
        "classes": [(code, names[code].name if code in names else code) for code in table],
        "table": [
            (names[code].name if code in names else code, [row.get(other, 0) for other in table])
            for code, row in table.items()
        ],
    }  # fmt: skip
    return render(request, "requests/classifiers.html", facts)


def _day(text: str | None) -> date:
    """The day asked for, tomorrow if none."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return clock.today() + timedelta(days=1)
    return found if 2000 <= found.year < 2200 else clock.today() + timedelta(days=1)
