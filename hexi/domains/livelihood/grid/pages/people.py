"""Homes of a cell with who lives there, and cameras: each look is logged."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from hexi.blocks.people import queries as people
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import queries
from hexi.domains.livelihood.grid.models import Cell, Home, Resident, VideoPoint
from hexi.domains.livelihood.grid.operations import keeping
from hexi.domains.livelihood.grid.operations import strays as operations
from hexi.kernel.actors import Denied, within
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty

VIDEOS = ListPage(
    title=gettext_lazy("视频点位"),
    columns=(
        Column("title", gettext_lazy("名称"), sort="title", link=lambda one: reverse("grid.video", args=[one.pk])),
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("cell", gettext_lazy("所在网格"), value=lambda one: one.cell.title if one.cell else ""),
        Column("department", gettext_lazy("管理单位"), value="department.title"),
        Column("place", gettext_lazy("经纬度（WGS-84）"), value=lambda one: f"{one.longitude:.5f}, {one.latitude:.5f}"),
    ),
    search=lambda rows, text: rows.filter(title__contains=text) | rows.filter(code__startswith=text),
    empty=Empty(gettext_lazy("还没有视频点位。登记后会出现在这里。")),
)


# --- homes ------------------------------------------------------------------------------------------------------------
def homes(request: HttpRequest, code: str) -> HttpResponse:
    """The homes of a cell: addresses and how many live there, no names; each look is logged."""
    cell = get_object_or_404(Cell.objects.current(), code=code)
    if request.method == "POST":
        try:
            home_ = keeping.put_home(cell, request.POST.get("address", ""), by=request.actor)  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse("grid.home", args=[home_.pk]))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    found = keeping.open_homes(cell, by=request.actor)  # type: ignore[attr-defined]
    rows = [(one, one.lived_in) for one in found]
    return render(request, "grid/homes.html", {"title": _("住户"), "cell": cell, "rows": rows})


def home(request: HttpRequest, pk: int) -> HttpResponse:
    """One home with who lives there; whoever is shown can read that he was looked at."""
    found = _home(request, pk)
    rows = found.residents.filter(until=None).select_related("person").order_by("pk")
    facts = {"title": found.address, "home": found, "rows": rows, "cares": Resident.Care.choices}
    return render(request, "grid/home.html", facts)


def strays(request: HttpRequest) -> HttpResponse:
    """Homes whose cell was ended, to be given to another one; each look is logged."""
    actor = request.actor  # type: ignore[attr-defined]
    code = request.POST.get("cell", "").strip()
    if request.method == "POST":
        try:
            given = Cell.objects.current().filter(code=code).first()
            if given is None:
                raise ValidationError(_("没有编码为 %(code)s 的在用网格。请核对编码。") % {"code": code[:24]})
            numbers = [int(one) for one in request.POST.getlist("home") if one.isdecimal() and len(one) < 10]
            done = operations.give_homes(numbers, given, by=actor)
            told = ngettext("已把 %(num)s 户归到“%(cell)s”。", "已把 %(num)s 户归到“%(cell)s”。", done)
            messages.success(request, told % {"num": done, "cell": given.title})
            return HttpResponseRedirect(reverse("grid.strays"))
        except (ValidationError, Denied) as error:
            messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
    found = operations.open_strays(by=actor)
    villages = {one.cell.region_code for one in found}
    cells = Cell.objects.current().filter(region_code__in=villages).order_by("code").only("code", "title")
    facts = {"title": _("没有网格的住户"), "rows": found, "cells": cells, "code": code}
    return render(request, "grid/strays.html", facts, status=422 if request.method == "POST" else 200)


@require_POST
def move_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter somebody by his identity number, who must be known at the window."""
    found = _home(request, pk)
    number = people.identifier_of(request.POST.get("number", "").strip(), type=people.RESIDENT)
    try:
        if number is None:
            raise ValidationError(_("没有查到这个证件号码。请先在窗口登记此人。"))
        care = request.POST.get("care", "")
        keeping.move_in(found, number.person, care=care, by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("grid.home", args=[pk]))


@require_POST
def move_out(request: HttpRequest, pk: int, resident: int) -> HttpResponse:
    """Somebody no longer lives here."""
    found = _home(request, pk)
    keeping.move_out(get_object_or_404(Resident, pk=resident, home=found), by=request.actor)  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("grid.home", args=[pk]))


@require_POST
def drop_home(request: HttpRequest, pk: int) -> HttpResponse:
    """A home that is no more."""
    found = _home(request, pk)
    try:
        keeping.drop_home(found, by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("grid.home", args=[pk]))
    messages.success(request, _("已删除。"))
    ended = found.cell.ended_on is not None
    return HttpResponseRedirect(reverse("grid.strays") if ended else reverse("grid.homes", args=[found.cell.code]))


def _home(request: HttpRequest, pk: int) -> Home:
    try:
        return queries.home_for(pk, request.actor)  # type: ignore[attr-defined]
    except Home.DoesNotExist:
        raise Http404(_("没有这一户。")) from None


# --- cameras ----------------------------------------------------------------------------------------------------------
class VideoForm(forms.Form):
    """A camera."""

    code = forms.CharField(label=gettext_lazy("编号"), max_length=40)
    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    stream = forms.CharField(label=gettext_lazy("流地址"), max_length=500)
    longitude = forms.FloatField(label=gettext_lazy("东经（度）"), min_value=-180, max_value=180)
    latitude = forms.FloatField(label=gettext_lazy("北纬（度）"), min_value=-90, max_value=90)
    department = forms.ModelChoiceField(label=gettext_lazy("管理单位"), queryset=Department.objects.none())


def videos(request: HttpRequest) -> HttpResponseBase:
    """Cameras a post may see; without their addresses."""
    from django.utils.html import format_html

    add = format_html('<a class="btn btn-secondary" href="{}">{}</a>', reverse("grid.put_video"), _("登记"))
    edits = request.actor.scopes("grid.edit")  # type: ignore[attr-defined]
    rows = queries.videos_for(request.actor)  # type: ignore[attr-defined]
    return VIDEOS.respond(request, rows.order_by("code"), heading_actions=add if edits else "")


def put_video(request: HttpRequest) -> HttpResponseBase:
    """Enter one."""

    class Form(VideoForm):
        def __init__(self, *given: Any, **more: Any):
            super().__init__(*given, **more)
            reach = within(request.actor.scopes("grid.edit"), "pk")  # type: ignore[attr-defined]
            self.fields["department"].queryset = Department.objects.filter(reach, active=True)

    def save(form: Any) -> str:
        keeping.put_video(**form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        return reverse("grid.videos")

    return FormPage(_("登记视频点位"), _("保存"), back=reverse("grid.videos")).respond(request, Form, save)


def video(request: HttpRequest, pk: int) -> HttpResponse:
    """One camera; the address of its stream is shown when asked for, and that is logged."""
    found = get_object_or_404(VideoPoint.objects.select_related("cell", "department"), pk=pk)
    actor = request.actor  # type: ignore[attr-defined]
    if not actor.may("grid.video", found.department_id, found.region_code):
        raise Denied
    shown = keeping.open_video(found, by=actor) if request.method == "POST" else ""
    edits = actor.may("grid.edit", found.department_id, found.region_code)
    return render(request, "grid/video.html", {"title": found.title, "point": found, "shown": shown, "edits": edits})


@require_POST
def drop_video(request: HttpRequest, pk: int) -> HttpResponse:
    """A camera that is no more."""
    keeping.drop_video(get_object_or_404(VideoPoint, pk=pk), by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已删除。"))
    return HttpResponseRedirect(reverse("grid.videos"))
