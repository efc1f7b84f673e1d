"""What this block shows on others' first pages: my open matters, public counters, the official's figures."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from hexi.blocks.cases import queries
from hexi.blocks.cases.pages import words
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.ui.pages import Figure


def open_matters(request: HttpRequest) -> Markup | None:
    """First thing on the portal for somebody signed in: up to five open cases."""
    if getattr(request.actor, "person_id", None) is None:  # type: ignore[attr-defined]
        return None
    cases = queries.with_uncertainty(queries.mine(request.actor).filter(ended_at=None))[:5]  # type: ignore[attr-defined]
    rows = [
        (case, words.mine_url(case), words.tag(case), words.due_words(case.next_due, uncertain=case.uncertain))
        for case in cases
    ]
    return _tile(request, "mine", rows=rows) if rows else None


def progress(request: HttpRequest) -> Markup:
    """Where a case stands, asked on the first page by number and four signs; there before anything was received too."""
    return _tile(request, "progress")


def counters(request: HttpRequest) -> Markup | None:
    """Public counters of the region this year; absent until there is something to count."""
    today = clock.today()
    total = queries.figures(codes.prefix(regions.region_of(request)), date(today.year, 1, 1), today)
    return _tile(request, "counters", total=total, year=today.year) if total.received else None


def rated(request: HttpRequest) -> Markup | None:
    """What people said of the region's offices this year; absent until somebody has rated."""
    today = clock.today()
    total = queries.figures(codes.prefix(regions.region_of(request)), date(today.year, 1, 1), today)
    return _tile(request, "rated", total=total, year=today.year) if total.rated else None


def today_at_work(request: HttpRequest) -> Markup | None:
    """Three figures for the official; each opens its list."""
    if not request.actor.scopes("cases.view"):  # type: ignore[attr-defined]
        return None
    tasks = queries.todo(request.actor)  # type: ignore[attr-defined]
    inbox = reverse("cases.inbox")
    figures = [
        Figure(tasks.count(), _("待办"), _("件"), inbox),
        Figure(queries.near_due(tasks).count(), _("临近期限"), _("件"), f"{inbox}?view=near", state="near"),
        Figure(queries.overdue(tasks).count(), _("已超期"), _("件"), f"{inbox}?view=over", state="overdue"),
    ]
    rows = [
        (task, words.task_url(task), words.task_tag(task), words.due_tag(task.due, uncertain=task.uncertain))
        for task in queries.with_uncertainty(tasks, case="case", due="due")[:8]
    ]
    return _tile(request, "work", figures=figures, rows=rows)


def watched(request: HttpRequest) -> Markup | None:
    """For a supervisor: what is near or over its limit in all the offices he watches."""
    if not request.actor.scopes("cases.supervise"):  # type: ignore[attr-defined]
        return None
    cases, page = queries.for_officials(request.actor), reverse("cases.cases")  # type: ignore[attr-defined]
    figures = [
        Figure(cases.open().count(), _("在办"), _("件"), page),
        Figure(queries.cases_near_due(cases).count(), _("临近期限"), _("件"), f"{page}?view=near", state="near"),
        Figure(queries.cases_overdue(cases).count(), _("已超期"), _("件"), f"{page}?view=over", state="overdue"),
    ]
    return _tile(request, "watched", figures=figures)


def _tile(request: HttpRequest, name: str, **facts: Any) -> Markup:
    return Markup(render_to_string(f"cases/tile_{name}.html", facts, request))  # noqa: S704 - our own template
