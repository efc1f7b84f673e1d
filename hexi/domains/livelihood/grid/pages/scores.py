"""Score cards by unit and by cell, read from the roll-up; every figure leads to what it counts."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import figures, queries
from hexi.kernel import clock

SPANS = (7, 30, 90, 365)


def scores(request: HttpRequest) -> HttpResponse:
    """Units and cells of the regions a post covers, over a span of days."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and len(asked) < 4 and int(asked) in SPANS else 30
    last = clock.today()
    first = last - timedelta(days - 1)
    regions = sorted({one.region for one in request.actor.scopes("statistics.view")})  # type: ignore[attr-defined]
    tops = [one for one in regions if not any(one != other and one.startswith(other) for other in regions)]
    facts = {
        "title": _("网格评价"), "days": days, "spans": [(n, f"?days={n}") for n in SPANS],
        "units": [row for top in tops for row in _units(top.ljust(12, "0") if top else "", first, last)],
        "cells": [row for top in tops for row in _cells(top.ljust(12, "0") if top else "", first, last)],
        "first": first, "last": last,
    }  # fmt: skip
    return render(request, "grid/scores.html", facts)


def _units(region: str, first: date, last: date) -> list[dict[str, Any]]:
    rows = queries.unit_scores(region, first, last)
    names = {one.pk: one.title for one in Department.objects.filter(pk__in=[unit for unit, _amounts in rows])}
    return [
        {
            "name": names[unit], **{key.partition(".")[2]: amounts.get(key, 0) for key in figures.FACTS},
            "rate": _rate(amounts, "grid.in_time", "grid.closed"),
            "redone": _rate(amounts, "grid.rework", "grid.handled"),
            "mean": f"{amounts['grid.points'] / amounts['grid.rated']:.1f}" if amounts.get("grid.rated") else "—",
        }
        for unit, amounts in rows
    ]  # fmt: skip


def _cells(region: str, first: date, last: date) -> list[dict[str, Any]]:
    rows = queries.cell_scores(region, first, last)
    names = figures.cell_names(code for code, _amounts in rows)
    return [
        {
            "name": names.get(code, code), "code": code, "url": reverse("grid.incidents") + f"?view=all&cell={code}",
            **{key.partition(".")[2]: amounts.get(key, 0) for key in figures.CELLS},
        }
        for code, amounts in rows
    ]  # fmt: skip


def _rate(amounts: dict[str, int], part: str, whole: str) -> str:
    return f"{100 * amounts.get(part, 0) / amounts[whole]:.1f} %" if amounts.get(whole) else "—"
