"""Items as a sheet of national columns in the workbench: saved as CSV or XLSX, looked over, then taken in."""

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import columns, importing
from hexi.blocks.cases.models import Item
from hexi.kernel.actors import within
from hexi.ui import export

#: notes shown on the page; all of them are in the report to download
SHOWN = 200
FOLDER, KEPT = "imports", timedelta(days=1)


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
    """Upload a sheet; see what it would bring, fault by fault; then import the good rows, or all or none."""
    facts: dict[str, Any] = {"title": _("导入事项"), "report": None, "token": "", "error": ""}
    status = 200
    if request.method == "POST":
        try:
            facts |= _import(request) if request.POST.get("token") else _preview(request)
        except ValidationError as error:
            facts["error"], status = " ".join(error.messages), 422
    return render(request, "cases/take_items.html", facts, status=status)


def _preview(request: HttpRequest) -> dict[str, Any]:
    file = request.FILES.get("file")
    if file is None:
        raise ValidationError(_("请选择一个 CSV 或 XLSX 文件。"))
    content = file.read()
    report = importing.check(file.name or "", content, by=request.actor)  # type: ignore[attr-defined]
    _forget_old()
    token = secrets.token_hex(16)
    default_storage.save(_path(request, token), ContentFile((file.name or "").encode()[:200] + b"\n" + content))
    return _shown(report) | {"token": token if report.count("new", "changed") else ""}


def _import(request: HttpRequest) -> dict[str, Any]:
    path = _path(request, request.POST["token"])
    try:
        with default_storage.open(path) as kept:
            name, _end, content = kept.read().partition(b"\n")
    except FileNotFoundError as error:
        raise ValidationError(_("上传的文件已过期或已导入。请重新上传。")) from error
    whole = request.POST.get("mode") == "whole"
    report = importing.take_in(name.decode(errors="replace"), content, by=request.actor, whole=whole)  # type: ignore[attr-defined]
    if report.written:
        default_storage.delete(path)
    return _shown(report)


def _shown(report: importing.Report) -> dict[str, Any]:
    notes = [*report.notes, *(note for row in report.rows for note in row.notes)]
    notes.sort(key=lambda note: (not note.error, note.line))
    return {"report": report, "notes": notes[:SHOWN], "more": max(0, len(notes) - SHOWN)}


def _path(request: HttpRequest, token: str) -> str:
    """Where the file waits: under its uploader, so that nobody else can take it in."""
    mark = f"{request.actor.key}:{token}"  # type: ignore[attr-defined]
    return f"{FOLDER}/{hashlib.sha256(mark.encode()).hexdigest()}"


def _forget_old() -> None:
    """Remove what nobody came back for; a file that another request took away meanwhile is gone."""
    if not default_storage.exists(FOLDER):
        return
    for name in default_storage.listdir(FOLDER)[1]:
        with suppress(FileNotFoundError):
            if default_storage.get_modified_time(f"{FOLDER}/{name}") < timezone.now() - KEPT:
                default_storage.delete(f"{FOLDER}/{name}")
