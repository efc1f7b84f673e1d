"""Error pages: what went wrong, what is kept, what to do, and a number to quote."""

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

log = logging.getLogger("hexi")


def page(request: HttpRequest, status: int, title: str, kept: str, remedy: str) -> HttpResponse:
    """One error page; its number is in the log beside the path."""
    number = secrets.token_hex(4)
    log.warning("error %s on %s %s: number %s", status, request.method, request.path, number)
    facts = {"title": title, "kept": kept, "remedy": remedy, "number": number, "status": status}
    return render(request, "ui/error.html", facts, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself cannot be read."""
    return page(request, 400, _("请求无法识别"), _("之前保存的内容都还在。"), _("请返回上一页重试。"))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403: a right is missing; the exception's sentence says which."""
    why = str(exception) if exception and str(exception) else _("这一页只对有相应权限的人开放。")
    return page(request, 403, _("没有权限"), why, _("换一个账户登录，或联系本部门管理员。"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing for this person."""
    return page(request, 404, _("没有找到这一页"), _("它可能已移动或收回。"), _("请用搜索查找，或回到首页。"))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return page(
        request, 500, _("系统出错"), _("已保存的内容都还在，没有重复提交。"), _("请稍后再试；仍不行请报下面的编号。")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose session has expired or whose cookies are blocked."""
    return page(
        request,
        403,
        _("页面已过期"),
        _("草稿已在每一步保存。"),
        _("请返回上一页，刷新后再提交；并确认浏览器允许 Cookie。"),
    )
