"""Pages: the calendars and their years for officials, the year's working days for everybody."""

from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from hexi.blocks.calendars import inputs, lists, operations, queries, wording
from hexi.blocks.calendars.clocks import Kind
from hexi.blocks.calendars.models import Calendar
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty

CALENDARS = ListPage(
    title=gettext_lazy("工作日历"),
    lead=gettext_lazy(
        "期限按这里的工作日和办公时间计算。一个地区没有自己的日历时，用上级的；有自己的日历时，只写与上级不同的日子。"
    ),
    columns=(
        Column("title", gettext_lazy("地区"), link=lambda row: _year_url(row, clock.today().year)),
        Column("region_code", gettext_lazy("区划代码")),
    ),
    empty=Empty(gettext_lazy("还没有日历。运行 hexi calendars seed 载入全国的工作日和节假日。")),
)


def calendars(request: HttpRequest) -> HttpResponseBase:
    """Every calendar there is."""
    new = ""
    if request.actor.scopes(operations.EDIT):  # type: ignore[attr-defined]
        ask = {"next": reverse("calendars.open_calendar"), "name": "region_code"}
        new = _button(f"{reverse('regions.pick')}?{urlencode(ask)}", _("为一个地区设日历"))
    return CALENDARS.respond(request, queries.calendars(), heading_actions=new)


def year(request: HttpRequest, region: str, year: int) -> HttpResponse:
    """A year of a calendar, with what its editor may do."""
    calendar = get_object_or_404(queries.calendars(), region_code=region)
    facts = _facts(calendar.title, region, year)
    facts["calendar"] = calendar
    facts["may_edit"] = request.actor.may(operations.EDIT, None, region)  # type: ignore[attr-defined]
    facts["office_hours"] = list(calendar.office_hours.all())
    others = [(one.region_code, one.title) for one in queries.calendars().exclude(pk=calendar.pk)]
    facts |= _compared(request, facts["view"], region, others)
    facts["crumbs"] = ((_("工作日历"), reverse("calendars.calendars")),)
    facts["url_of"] = partial(_year_url, calendar)
    return render(request, "calendars/year.html", facts)


def public_year(request: HttpRequest, year: int) -> HttpResponse:
    """The working days of a year in the visitor's region, for everybody."""
    code = regions.region_of(request)
    division = regions.find(code)
    facts = {
        **_facts(division.title if division else _("全国"), code, year),
        "may_edit": False,
        "url_of": lambda other: reverse("calendars.public_year", args=[other]),
    }
    facts |= _compared(request, facts["view"], code, [])
    return render(request, "calendars/year.html", facts)


def _compared(
    request: HttpRequest, view: queries.YearView, code: str, regions_: list[tuple[str, str]]
) -> dict[str, object]:
    """What the year can be held against: years around it, calendars of other regions; and what differs if asked.

    `with` in the address is a year of four digits or a division's code of twelve.
    """
    years = [year for year in range(view.year - 2, view.year + 3) if year != view.year]
    options = [(str(year), _("%(year)s 年") % {"year": year}) for year in years if lists.FIRST <= year <= lists.LAST]
    options += regions_
    asked, names = request.GET.get("with", ""), dict(options)
    if asked not in names:
        return {"against": options, "asked": ""}
    other = queries.year_of(code, int(asked)) if len(asked) == 4 else queries.year_of(asked, view.year)
    rows = queries.differences(view, other)
    return {"against": options, "asked": asked, "other": other, "other_name": names[asked], "differing": rows}


def open_calendar(request: HttpRequest) -> HttpResponseBase:
    """Give a division its own calendar."""

    def save(form: forms.Form) -> str:
        made = operations.open_calendar(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        return _year_url(made, clock.today().year)

    page = FormPage(_("为一个地区设日历"), _("建立"), back=reverse("calendars.calendars"))
    return page.respond(request, inputs.NewCalendar, save, initial={"region_code": request.GET.get("region_code")})


def change_day(request: HttpRequest, region: str) -> HttpResponseBase:
    """Make one day a rest day or a working day, or take that back."""
    calendar = get_object_or_404(queries.calendars(), region_code=region)

    def save(form: forms.Form) -> str:
        asked = dict(form.cleaned_data)
        if asked["kind"] == inputs.CLEAR:
            operations.clear_day(calendar, day=asked["day"], by=request.actor)  # type: ignore[attr-defined]
        else:
            operations.set_day(calendar, **{**asked, "kind": Kind(asked["kind"])}, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。受影响的期限会重新计算。"))
        return _year_url(calendar, asked["day"].year)

    day = lists.as_date(request.GET.get("day"))
    row = calendar.days.filter(date=day).values("kind", "name", "source").first() if day else None
    page = _form_page(calendar, _("修改一天"), _("保存"))
    return page.respond(request, inputs.ChangeDay, save, initial={"day": day, **(row or {})})


def import_days(request: HttpRequest, region: str) -> HttpResponseBase:
    """Take over a list of days, all or nothing."""
    calendar = get_object_or_404(queries.calendars(), region_code=region)

    def save(form: forms.Form) -> str:
        content = form.cleaned_data["file"].read()
        stored = operations.import_days(calendar, content=content, source=form.cleaned_data["source"], by=request.actor)  # type: ignore[attr-defined]
        sentence = _("已导入：新增 %(added)s 天，改动 %(changed)s 天，%(same)s 天没有变化。")
        messages.success(request, sentence % vars(stored))
        return _year_url(calendar, clock.today().year)

    return _form_page(calendar, _("导入放假安排"), _("导入")).respond(request, inputs.ImportDays, save)


def announce_year(request: HttpRequest, region: str, year: int) -> HttpResponseBase:
    """Say that a year is announced, or not yet."""
    calendar = get_object_or_404(queries.calendars(), region_code=region)
    known = queries.year_of(region, _in_range(year))

    def save(form: forms.Form) -> str:
        operations.announce_year(calendar, year=year, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。受影响的期限会重新计算。"))
        return _year_url(calendar, year)

    page = _form_page(calendar, _("%(year)s 年放假安排") % {"year": year}, _("保存"))
    return page.respond(
        request, inputs.AnnounceYear, save, initial={"announced": known.announced, "source": known.source}
    )


def office_hours(request: HttpRequest, region: str) -> HttpResponseBase:
    """Other office hours from a day on."""
    calendar = get_object_or_404(queries.calendars(), region_code=region)

    def save(form: inputs.WeekHours) -> str:
        span = {name: form.cleaned_data[name] for name in ("valid_from", "valid_to")}
        operations.set_office_hours(calendar, hours=form.hours(), by=request.actor, **span)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。受影响的期限会重新计算。"))
        return _year_url(calendar, clock.today().year)

    return _form_page(calendar, _("修改办公时间"), _("保存")).respond(request, inputs.WeekHours, save)


def _facts(name: str, code: str, year: int) -> dict[str, object]:
    return {
        "view": queries.year_of(code, _in_range(year)),
        "title": _("%(name)s %(year)s 年工作日历") % {"name": name, "year": year},
        "holiday_words": wording.holiday_words,
        "month_name": lambda first: date_format(first, "F"),
        "week": [word for _number, word in inputs.WEEK],
        "before": year - 1 if year > lists.FIRST else None,
        "after": year + 1 if year < lists.LAST else None,
    }


def _in_range(year: int) -> int:
    if not lists.FIRST <= year <= lists.LAST:
        raise Http404
    return year


def _year_url(calendar: Calendar, year: int) -> str:
    return reverse("calendars.year", args=[calendar.region_code, year])


def _form_page(calendar: Calendar, title: str, submit: str) -> FormPage:
    home = _year_url(calendar, clock.today().year)
    crumbs = ((_("工作日历"), reverse("calendars.calendars")), (calendar.title, home))
    return FormPage(title, submit, back=home, crumbs=crumbs)


def _button(href: str, text: str) -> Markup:
    return Markup('<a class="btn btn-primary" href="{}">{}</a>').format(href, escape(text))
