"""Items as a sheet of national columns in the workbench: saved as CSV or XLSX, looked over, then taken in."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import columns, import_runs
from hexi.blocks.cases.models import Item, ItemImport
from hexi.kernel.actors import within
from hexi.ui import export

#: notes shown on the page (all of them are in the report to download), and imports listed
SHOWN, LATEST = 200, 10


def items_sheet(request: HttpRequest, kind: str) -> HttpResponse:
    """Every published item within reach, in the national columns."""
    rows = _published(request)
    with change(request.actor, "items.export", "cases.item", count=rows.count()):  # type: ignore[attr-defined]
        lines = columns.rows(rows.iterator(chunk_size=200))
    heads = [one.name for one in columns.COLUMNS]
    if kind == "xlsx":
        response = HttpResponse(export.xlsx(heads, lines), content_type=export.XLSX)
    else:
        response = HttpResponse(columns.csv_of(heads, lines), content_type="text/csv; charset=utf-8")
    name = export.file_name(_("事项"), "xlsx" if kind == "xlsx" else "csv")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


def _published(request: HttpRequest) -> QuerySet[Item]:
    found = Item.objects.filter(within(request.actor.scopes("items.view")), status=Item.Status.PUBLISHED)  # type: ignore[attr-defined]
    return found.select_related("version", "department").order_by("pk")


def take_items(request: HttpRequest) -> HttpResponseBase:
    """Upload a sheet; the next page tells what it would bring. Below, what one has imported lately."""
    error = ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_address(_begun(request)))
        except ValidationError as refused:
            error = " ".join(refused.messages)
    facts = {"title": _("导入事项"), "error": error, "runs": _mine(request).order_by("-at").defer("notes")[:LATEST]}
    return render(request, "cases/take_items.html", facts, status=422 if error else 200)


def item_import(request: HttpRequest, key: str) -> HttpResponseBase:
    """One's own import: how far it is, fault by fault; then import the good rows, or all or none."""
    run, error = get_object_or_404(_mine(request), key=key), ""
    if request.method == "POST":
        try:
            import_runs.take(run, whole=request.POST.get("mode") == "whole", by=request.actor)  # type: ignore[attr-defined]
            return HttpResponseRedirect(_address(run))
        except ValidationError as refused:
            error = " ".join(refused.messages)
    report = import_runs.report(run)
    notes = sorted(report.notes, key=lambda note: (not note.error, note.line))
    facts = {
        "title": _("导入事项"), "run": run, "report": report, "error": error, "notes": notes[:SHOWN],
        "more": max(0, len(notes) - SHOWN),
        "offered": run.state == ItemImport.State.CHECKED and report.count("new", "changed"),
    }  # fmt: skip
    return render(request, "cases/item_import.html", facts, status=422 if error else 200)


def import_report(request: HttpRequest, key: str) -> HttpResponse:
    """Every note of one's own import, as CSV."""
    run = get_object_or_404(_mine(request), key=key)
    lines = ([str(line), column, _("错误") if error else _("提醒"), said] for line, column, said, error in run.notes)
    content = columns.csv_of([_("行"), _("列"), _("轻重"), _("问题")], lines)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = str(
        content_disposition_header(True, export.file_name(_("逐行报告"), "csv"))
    )
    return response


def _begun(request: HttpRequest) -> ItemImport:
    file, actor = request.FILES.get("file"), request.actor  # type: ignore[attr-defined]
    if file is None:
        raise ValidationError(_("请选择一个 CSV 或 XLSX 文件。"))
    return import_runs.begin(file.name or "", file.read(), account=actor.account, by=actor)


def _mine(request: HttpRequest) -> QuerySet[ItemImport]:
    """Nobody else's: a report tells what an office has not published yet."""
    return ItemImport.objects.filter(account=request.actor.account_id)  # type: ignore[attr-defined]


def _address(run: ItemImport) -> str:
    return reverse("cases.item_import", args=[run.key])
