"""Pages for everybody: progress by number and last four signs, statistics, and the list of decisions (art. 40)."""

from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.cases import queries
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.pages import papers, words
from hexi.blocks.cases.states import Outcome
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.ui.pages import Figure, ListPage
from hexi.ui.tables import Column, Empty, Filter
from hexi.ui.words import mask_name

#: guesses of the last four signs one address may make before it must rest for so many seconds: nobody tries them all
GUESSES, WINDOW = 10, 600


def progress(request: HttpRequest) -> HttpResponse:
    """Where a case stands, for whoever knows its number and the last four signs of phone or identity number."""
    number, last = request.POST.get("number", request.GET.get("number", "")).strip(), request.POST.get("last", "")
    errors, found, status = {}, None, 200
    if request.method == "POST":
        errors = _faults(number, last)
        if not errors and not _may_guess(request):
            errors, status = {"last": _("试得太多了。请十分钟后再试，或登录后在“我的办件”查看。")}, 429
        elif not errors:
            found = queries.progress(number, last)
            if found is None:
                errors, status = {"last": _("没有找到。请核对办件编号，以及申请时手机号或证件号的后四位。")}, 404
    facts: dict[str, Any] = {"number": number, "last": last, "errors": errors, "case": found}
    if found:
        facts |= {
            "tag": words.tag(found),
            "timeline": papers.timeline(found, opinions=False),
            "clocks": words.clock_rows(found),
        }
    return render(request, "cases/progress.html", facts, status=status if not found else 200)


def statistics(request: HttpRequest) -> HttpResponse:
    """What came in, was decided and how fast, by month, item and department; every figure from the roll-up."""
    first, last = span(request)
    prefix = codes.prefix(regions.region_of(request))
    total = queries.figures(prefix, first, last)
    months = queries.by_month(prefix, first, last)
    facts = {
        "title": _("办件统计"),
        "figures": board(total, months),
        "total": total,
        "months": months,
        "items": queries.by_item(prefix, first, last),
        "departments": queries.by_department(prefix, first, last),
        "first": first,
        "last": last,
        "open": queries.open_count(prefix),
    }
    return render(request, "cases/statistics.html", facts)


def span(request: HttpRequest) -> tuple[date, date]:
    """The days asked for in the address; by default the last twelve months."""
    today = clock.today()
    first, last = _day(request.GET.get("from")), _day(request.GET.get("to"))
    last = last or today
    first = first or last.replace(day=1) - timedelta(days=334)
    return (first, last) if first <= last else (last, first)


def board(total: queries.Figures, months: list[tuple[date, queries.Figures]]) -> list[Figure]:
    """The four large figures with their trend."""
    return [
        Figure(total.received, _("收件"), _("件"), points=tuple(one.received for _month, one in months)),
        Figure(total.ended, _("办结"), _("件"), points=tuple(one.ended for _month, one in months)),
        Figure(_rate(total.ended_rate), _("办结率"), "%"),
        Figure(_rate(total.in_time_rate), _("限时办结率"), "%"),
        Figure(_rate(total.mean_days), _("平均用时"), _("工作日")),
    ]


DECISIONS = ListPage(
    title=gettext_lazy("许可决定公开"),
    lead=gettext_lazy("依照行政许可法第四十条公开。姓名只显示姓氏，单位显示全称。"),
    columns=(
        Column("title", gettext_lazy("事项"), value="name"),
        Column(
            "applicant", gettext_lazy("申请人"),
            value=lambda case: mask_name(case.applicant_name) if case.applicant.natural else case.applicant_name,
        ),
        Column(
            "outcome", gettext_lazy("决定"), kind="tag",
            value=lambda case: ("done" if case.outcome == Outcome.GRANTED else "refused", case.get_outcome_display()),
        ),
        Column("department", gettext_lazy("决定机关"), value="department.title"),
        Column("decided_at", gettext_lazy("决定日期"), kind="day", sort="decided_at"),
    ),
    filters=(Filter("outcome", gettext_lazy("决定"), Outcome.choices, "outcome"),),
    empty=Empty(gettext_lazy("还没有公开的决定。")),
    export=False,
)  # fmt: skip


def decisions(request: HttpRequest) -> HttpResponseBase:
    """Every decision on a permit of the region, newest first, persons masked."""
    return DECISIONS.respond(request, decided_rows(codes.prefix(regions.region_of(request))))


def decided_rows(prefix: str) -> QuerySet[Case]:
    """Decided permits (item type 01) of a region subtree."""
    rows = Case.objects.filter(decided_at__isnull=False, version__national__item_type="01")
    rows = rows.filter(region_code__startswith=prefix).select_related("department", "applicant", "item")
    return rows.order_by("-decided_at")


def _faults(number: str, last: str) -> dict[str, str]:
    faults = {}
    if not number:
        faults["number"] = _("请填写办件编号，在受理通知书或短信里。")
    if len(last.strip()) != 4:
        faults["last"] = _("请填写手机号或证件号的后四位。")
    return faults


def _may_guess(request: HttpRequest) -> bool:
    key = f"cases.progress:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, WINDOW)
    try:
        made = cache.incr(key)
    except ValueError:  # the count ended this very moment
        made = 1
    cache.touch(key, WINDOW)  # `incr` would keep it for the cache's own shorter time
    return made <= GUESSES


def _rate(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None
