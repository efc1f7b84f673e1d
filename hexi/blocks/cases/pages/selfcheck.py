"""The self-check's page: the eight defects, each finding with the way to where it is mended."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from hexi.blocks.cases import selfcheck
from hexi.blocks.cases.models import SelfCheck
from hexi.ui import export


def self_check(request: HttpRequest) -> HttpResponse:
    """The newest check; POST: check now."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        done = selfcheck.run(by=actor)
        messages.success(request, _("检查了 %(n)s 个事项。") % {"n": done.items})
        return HttpResponseRedirect(reverse("cases.self_check"))
    last = SelfCheck.objects.first()
    found = selfcheck.seen(last, actor) if last else []
    if request.GET.get("export") == "xlsx":
        return _file(found)
    rows = [
        {"key": key, "title": str(title), "share": share, "found": [one for one in found if one.defect == key]}
        for key, (title, share) in selfcheck.DEFECTS.items()
    ]
    facts: dict[str, Any] = {
        "title": _("体检"), "last": last, "rows": rows, "total": len(found),
        "may_run": actor.may("cases.supervise") or actor.may("items.publish"),
    }  # fmt: skip
    return render(request, "cases/self_check.html", facts)


def _file(found: list[selfcheck.Finding]) -> HttpResponse:
    heads = [_("问题"), _("事项"), _("说明"), _("修改的地方")]
    rows = [[str(selfcheck.DEFECTS[one.defect][0]), one.title, one.sentence, one.url] for one in found]
    response = HttpResponse(export.xlsx(heads, rows), content_type=export.XLSX)
    name = export.file_name(_("体检"), "xlsx")
    response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return response
