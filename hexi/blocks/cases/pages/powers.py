"""权力清单: what each department may do, generated from the items in force, never typed twice."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hexi.blocks.cases import codes, queries
from hexi.blocks.cases.definitions import code_of, definition
from hexi.blocks.cases.models import Item
from hexi.blocks.cases.pages import words
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.ui import export


def powers(request: HttpRequest) -> HttpResponse:
    """The departments of the region, each with the number of its powers."""
    rows = queries.powers_by_department(regions.region_of(request))
    return render(request, "cases/powers.html", {"title": _("权力清单"), "rows": rows})


def power_list(request: HttpRequest, key: str) -> HttpResponse:
    """One department's list; for the screen, for paper, and as a spreadsheet."""
    department = Department.objects.filter(key=key).first()
    rows = [_row(place, item) for place, item in enumerate(queries.powers(department), start=1)] if department else []
    if department is None or not rows:
        raise Http404(_("这个部门没有公布的权力事项。"))
    heads = _heads()
    title = _("%(name)s权力清单") % {"name": department.title}
    if request.GET.get("export") == "xlsx":
        response = HttpResponse(export.xlsx(heads, [row["cells"] for row in rows]), content_type=export.XLSX)
        name = export.file_name(title, "xlsx")
        response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
        return response
    return render(request, "cases/power_list.html", {"title": title, "heads": heads, "rows": rows})


def _heads() -> list[str]:
    return [
        _("序号"), _("权力事项"), _("类型"), _("实施编码"), _("行使层级"), _("权力来源"), _("设定依据"), _("服务对象"),
        _("法定期限"), _("承诺期限"), _("收费"),
    ]  # fmt: skip


def _row(place: int, item: Item) -> dict[str, Any]:
    rules = definition(item.version)  # type: ignore[arg-type]
    national, local = rules.national, rules.local
    basis = "；".join(f"{one.law} {one.article}" for one in national.basis)
    cells = [
        place, str(national.title), str(codes.ITEM_TYPES[national.item_type]), code_of(item.version),  # type: ignore[arg-type]
        str(codes.LEVELS[local.use_level]), str(codes.POWER_SOURCES[local.power_source]), basis,
        "、".join(str(codes.AUDIENCES[one]) for one in national.audience),
        words.length(rules.legal), words.length(rules.promised), _("收费") if national.fee.charged else _("不收费"),
    ]  # fmt: skip
    return {"url": f"/items/{item.key}/?region={item.region_code}", "cells": cells}
