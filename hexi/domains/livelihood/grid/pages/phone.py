"""The worker's phone: today's cells, report, check in. It works without a line; without scripts the forms are sent."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.domains.livelihood.grid import queries
from hexi.domains.livelihood.grid.models import Cell
from hexi.domains.livelihood.grid.operations import keeping, reporting
from hexi.domains.livelihood.grid.pages.asking import PresenceForm, ReportForm
from hexi.domains.livelihood.grid.pages.incidents import INCIDENTS, address
from hexi.kernel.actors import Denied
from hexi.ui.assets import BUILT, built
from hexi.ui.pages import add_errors

#: reports of one's own that the page shows
SHOWN = 10


@never_cache
def phone(request: HttpRequest) -> HttpResponse:
    """My cells and what is due, a report, a check-in, what I reported of late."""
    return _page(request, _report_form(request), _presence_form(request))


@require_POST
def report(request: HttpRequest) -> HttpResponseBase:
    """Send a report; a program that waits for a line gets JSON."""
    form = _report_form(request)
    return _send(request, form, _report, lambda: _page(request, form, _presence_form(None, request), 422))


@require_POST
def check_in(request: HttpRequest) -> HttpResponseBase:
    """Send a check-in, likewise."""
    form = _presence_form(request)
    return _send(request, form, _check_in, lambda: _page(request, _report_form(None, request), form, 422))


def phone_script(request: HttpRequest) -> HttpResponse:
    """The service worker, at an address whose folder is the phone page's own."""
    path = BUILT / built("grid_worker.js")
    return HttpResponse(
        path.read_bytes(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


def _report_form(request: HttpRequest | None, of: HttpRequest | None = None) -> ReportForm:
    asked = request or of
    assert asked is not None
    cells = queries.cells_for(asked.actor, "grid.report")  # type: ignore[attr-defined]
    if request is not None and request.method == "POST":
        return ReportForm(request.POST, request.FILES, cells=cells)
    return ReportForm(cells=cells, prefix=None)


def _presence_form(request: HttpRequest | None, of: HttpRequest | None = None) -> PresenceForm:
    asked = request or of
    assert asked is not None
    cells = queries.own_cells(asked.actor)  # type: ignore[attr-defined]
    if request is not None and request.method == "POST":
        return PresenceForm(request.POST, cells=cells, auto_id="in_%s")
    return PresenceForm(cells=cells, auto_id="in_%s")


def _report(form: Any, request: HttpRequest) -> dict[str, Any]:
    facts = dict(form.cleaned_data)
    photos = [(one, one.name) for one in facts.pop("photos")]
    submission = facts.pop("submission")
    made, new = reporting.report(
        reporting.Report(photos=photos, **facts),
        submission=submission,
        by=request.actor,  # type: ignore[attr-defined]
    )
    return {"number": made.case.number, "url": address(made), "new": new}


def _check_in(form: Any, request: HttpRequest) -> dict[str, Any]:
    facts = dict(form.cleaned_data)
    facts["at"], submission = facts.pop("seen_at"), facts.pop("submission")
    if facts["patrol"] is None:
        due = queries.patrols_due(Cell.objects.filter(pk=facts["cell"].pk))
        facts["patrol"] = due[0].patrol if due else None
    made, new = keeping.check_in(
        keeping.Presence(**facts),
        submission=submission,
        by=request.actor,  # type: ignore[attr-defined]
    )
    return {"number": str(made.pk), "url": "", "new": new, "inside": made.inside}


def _send(
    request: HttpRequest,
    form: Form,
    do: Callable[[Any, HttpRequest], dict[str, Any]],
    again: Callable[[], HttpResponse],
) -> HttpResponseBase:
    json = "application/json" in request.headers.get("Accept", "")
    done = None
    if form.is_valid():
        try:
            done = do(form, request)
        except ValidationError as error:
            add_errors(form, error)
        except Denied as error:  # of this one, not of all that wait on the phone: it can be mended or dropped
            form.add_error(None, str(error))
    if done is None:
        said = [f"{form[name].label}：{error}" if name in form.fields else str(error)
                for name, errors in form.errors.items() for error in errors]  # fmt: skip
        return JsonResponse({"errors": said}, status=422) if json else again()
    if json:
        return JsonResponse(done)
    if done["url"]:
        messages.success(request, _("已上报，编号 %(number)s。") % {"number": done["number"]})
        return HttpResponseRedirect(done["url"])
    told = _("已打卡。") if done["inside"] else _("已记下，但位置不在这个网格里，不计入巡查。")
    messages.info(request, told)
    return HttpResponseRedirect(reverse("grid.phone"))


def _page(request: HttpRequest, form: ReportForm, presence: PresenceForm, status: int = 200) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    mine = queries.own_cells(actor)
    own = queries.visible(actor).filter(reporter=actor.account_id)[:SHOWN]
    facts = {
        "title": _("网格员"), "form": form, "presence": presence, "cells": mine, "due": queries.patrols_due(mine),
        "rows": [(address(one), one, INCIDENTS.columns[2].raw(one)) for one in own], "owner": actor.key,
        "bad": form if form.is_bound else presence, "most": reporting.MOST_PHOTOS,
    }  # fmt: skip
    return render(request, "grid/phone.html", facts, status=status)
