"""The catalogue kept: the whole as a table downloaded and taken in again, the extra fields of a region."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.catalog import sheet
from hexi.blocks.catalog.forms import ExtraForm, SheetForm
from hexi.blocks.catalog.models import SheetImport, State
from hexi.blocks.catalog.operations import extras as operations
from hexi.blocks.catalog.operations import sheets
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.kernel.actors import require
from hexi.ui import export
from hexi.ui.pages import FormPage

#: outcomes shown on a page, those refused first
SHOWN = 500


def export_entries(request: HttpRequest) -> HttpResponse:
    """Every entry one may see, with its items, as a workbook that `import_entries` takes in again."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = queries.seen_by(actor).exclude(state=State.WITHDRAWN).order_by("code")
    if request.GET.get("mine"):
        rows = queries.mine(actor, rows)
    held = list(rows[: sheet.LIMITS.lines])
    extra = sorted({name for one in held for name in one.extra})
    with change(actor, "catalog.export", count=len(held)):
        pass
    answer = HttpResponse(export.xlsx(sheet.heads(extra), sheet.lines_of(held, extra)), content_type=export.XLSX)
    name = export.file_name(_("数据目录"), "xlsx")
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return answer


def import_entries(request: HttpRequest) -> HttpResponseBase:
    """A file of entries; the report says of each what became of it."""
    actor = request.actor  # type: ignore[attr-defined]
    require(actor, queries.WRITE)

    def save(form: SheetForm) -> HttpResponse | str:
        file = form.cleaned_data["file"]
        found = sheets.begin(file.name, file.read(), account=actor.account, by=actor)
        if isinstance(found, SheetImport):
            return reverse("catalog.sheet_import", args=[found.key])
        return render(request, "catalog/imported.html", _told(found, file.name))

    page = FormPage(
        _("导入目录"), _("导入"), icon="upload", back=reverse("catalog.catalogue"), crumbs=_crumbs(),
        template="catalog/import.html",
        lead=_("一行一个信息项；同一条目从第二个信息项起，条目的各列留空。导入后都是草稿，要提交审核才会发布。"),
    )  # fmt: skip
    runs = SheetImport.objects.filter(account=actor.account_id).defer("outcomes").order_by("-at")[:10]
    return page.respond(request, SheetForm, save, runs=runs)


def sheet_import(request: HttpRequest, key: str) -> HttpResponse:
    """One's own large file: how far it is, and what became of each entry so far."""
    run = get_object_or_404(SheetImport, key=key, account=request.actor.account_id)  # type: ignore[attr-defined]
    return render(request, "catalog/imported.html", _told(sheets.report_of(run, SHOWN), run.name) | {"run": run})


def _told(report: sheets.Report, name: str) -> dict[str, Any]:
    counts = {what: report.count(what) for what in sheets.WHATS}
    refused_first = sorted(report.outcomes, key=lambda one: (one.what != "refused", one.line))
    return {
        "outcomes": refused_first[:SHOWN], "more": max(0, len(report.outcomes) - SHOWN), "counts": counts,
        "title": _("导入目录：结果"), "name": name, "crumbs": _crumbs(),
    }  # fmt: skip


def extra_fields(request: HttpRequest) -> HttpResponseBase:
    """What a region adds to the thirteen core fields; shown as it is now, laid down from a day on."""
    actor = request.actor  # type: ignore[attr-defined]
    region = request.GET.get("region") or regions.region_of(request)
    held = queries.extra_fields(region)
    first = {"region": region, "standard": held.standard if held else "", "valid_from": clock.today()}
    shown = held.schema if held else {"type": "object", "properties": {}}
    first["schema"] = json.dumps(shown, ensure_ascii=False, indent=2)

    def save(form: ExtraForm) -> str:
        given: dict[str, Any] = dict(form.cleaned_data)
        operations.lay_down(given.pop("region"), by=actor, **given)
        messages.success(request, _("已保存。目录条目从启用日期起要填这些项。"))
        return reverse("catalog.catalogue")

    page = FormPage(
        _("地区扩展项"), _("保存"), back=reverse("catalog.catalogue"), crumbs=_crumbs(), template="catalog/extra.html",
        lead=_("本地区标准在 13 项核心元数据以外增加的项，对本地区和以下各级的提供方生效。"),
    )  # fmt: skip
    return page.respond(request, ExtraForm, save, first, levels=regions.levels)


def _crumbs() -> tuple[tuple[Any, str], ...]:
    return ((_("数据目录"), reverse("catalog.catalogue")),)
