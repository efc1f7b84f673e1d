"""The workbench's first page: the tiles that blocks and domains declare, for officials only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hexi.kernel.actors import Denied


def home(request: HttpRequest) -> HttpResponse:
    """What waits for this post today."""
    if not getattr(request.actor, "official", False):  # type: ignore[attr-defined]
        raise Denied(_("工作台只对在岗的工作人员开放。办事请到门户首页。"))
    return render(request, "workbench/home.html", {"title": _("工作台")})
