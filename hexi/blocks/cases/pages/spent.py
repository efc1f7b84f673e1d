"""How long steps and officers take, and why cases were sent back: each figure opens the cases behind it."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.cases import queries, watching
from hexi.blocks.cases.models import Case, Task
from hexi.blocks.cases.pages import work
from hexi.blocks.cases.pages.supervision import BEHIND
from hexi.blocks.indicators.table import Asked, asking
from hexi.ui import export
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty

STAGES = {
    "accept": gettext_lazy("受理"), "lower": gettext_lazy("下级初审"), "joint": gettext_lazy("并联审查"),
    "examine": gettext_lazy("审查"), "review": gettext_lazy("审核"), "decide": gettext_lazy("决定"),
    "certify": gettext_lazy("制证"), "deliver": gettext_lazy("送达"),
}  # fmt: skip
KINDS = {
    "give_back": gettext_lazy("预审退回"), "correction": gettext_lazy("一次性补正告知"),
    "not_needed": gettext_lazy("不受理"), "rejection": gettext_lazy("不予受理"), "refused": gettext_lazy("不予许可"),
}  # fmt: skip
DONE = ListPage(
    title=gettext_lazy("办完的环节"),
    columns=(
        Column("title", gettext_lazy("事项"), value="case.name",
               link=lambda task: reverse("cases.case", args=[task.case.number])),
        Column("stage", gettext_lazy("环节"), value=lambda task: STAGES.get(task.stage, task.stage)),
        Column("opened_at", gettext_lazy("开始"), kind="moment", sort="opened_at"),
        Column("done_at", gettext_lazy("办完"), kind="moment", sort="done_at"),
        Column("department", gettext_lazy("部门"), value="department.title"),
        Column("number", gettext_lazy("编号"), value="case.number"),
    ),
    empty=Empty(gettext_lazy("这段时间没有办完的环节。")),
    on_export=work._logged,
)  # fmt: skip


def spent(request: HttpRequest) -> HttpResponseBase:
    """Median and 90th percentile of working days, for each step and for each officer at each step."""
    asked = Asked(request, "")
    tasks = watching.done(asked.slice, request.actor)  # type: ignore[attr-defined]
    officers = watching.times(tasks, ("stage", "done_by"))
    names = watching.officers(one.key[1] for one in officers)
    rows = [
        (str(STAGES.get(one.key[0], one.key[0])), "", one, _done(asked, *one.key))
        for one in watching.times(tasks, ("stage",))
    ]
    rows += [
        (str(STAGES.get(one.key[0], one.key[0])), names.get(one.key[1], _("系统")), one, _done(asked, *one.key))
        for one in officers
    ]
    if request.GET.get("export") == "xlsx":
        heads = [_("环节"), _("经办人"), _("次数"), _("中位数（工作日）"), _("九成不超过（工作日）")]
        return _file(request, _("用时"), heads, [[a, b, one.count, one.median, one.p90] for a, b, one, _href in rows])
    return _page(request, asked, "cases/spent.html", title=_("用时"), rows=rows)


def _done(asked: Asked, stage: str, officer: str = "") -> str:
    more = {"officer": officer} if officer else {}
    return f"{reverse('cases.done_steps')}?{urlencode({**asking(asked.slice), 'stage': stage, **more})}"


def done_steps(request: HttpRequest) -> HttpResponseBase:
    """The steps a figure of time was made from."""
    return DONE.respond(request, steps(request).select_related("case__item", "department").order_by("-done_at", "-pk"))


def steps(request: HttpRequest) -> QuerySet[Task]:
    """Those of cases the actor's posts may see: a figure may reach further than they do."""
    actor = request.actor  # type: ignore[attr-defined]
    tasks = watching.done(Asked(request, "").slice, actor).filter(case__in=Case.objects.filter(queries.official(actor)))
    if stage := request.GET.get("stage"):
        tasks = tasks.filter(stage=stage)
    if officer := request.GET.get("officer"):
        tasks = tasks.filter(done_by=officer)
    return tasks


def reasons(request: HttpRequest) -> HttpResponseBase:
    """Why cases were sent back, corrected, rejected or refused, the most frequent reason first."""
    asked = Asked(request, "")
    found = watching.reasons(asked.slice, request.actor)  # type: ignore[attr-defined]
    rows = [
        (str(KINDS[one.kind]), one.text or _("自行填写的其他原因"), len(one.cases), _because(asked, one))
        for one in found
    ]
    if request.GET.get("export") == "xlsx":
        heads = [_("文书"), _("原因"), _("件")]
        return _file(request, _("退回和不予许可的原因"), heads, [list(row[:3]) for row in rows])
    return _page(request, asked, "cases/reasons.html", title=_("退回和不予许可的原因"), rows=rows)


def _because(asked: Asked, one: watching.Reason) -> str:
    more = {"kind": one.kind, "reason": one.text}
    return f"{reverse('cases.because')}?{urlencode({**asking(asked.slice), **more})}"


def because(request: HttpRequest) -> HttpResponseBase:
    """The cases behind one reason."""
    kind, text = request.GET.get("kind", ""), request.GET.get("reason", "")
    found = watching.reasons(Asked(request, "").slice, request.actor)  # type: ignore[attr-defined]
    cases = next((one.cases for one in found if (one.kind, one.text) == (kind, text)), ())
    rows = Case.objects.filter(pk__in=cases).select_related("department").order_by("-pk")
    return replace(BEHIND, lead=text).respond(request, rows, title=str(KINDS.get(kind, "")))


def _page(request: HttpRequest, asked: Asked, template: str, **facts: Any) -> HttpResponse:
    address = asked.address(export="xlsx")
    return render(request, template, {"asked": asked, "export": address, **facts})


def _file(request: HttpRequest, title: str, heads: list[str], rows: list[list[Any]]) -> HttpResponse:
    work._logged(request, len(rows))
    response = HttpResponse(export.xlsx(heads, rows), content_type=export.XLSX)
    name = export.file_name(title, "xlsx")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return response
