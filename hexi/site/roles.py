"""The demo strip: switch roles in one click, move the clock. Only with option site.demo; else each page is a 404."""

from datetime import datetime, time
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.people.shipped import DemoFile
from hexi.kernel import clock, jobs, packs
from hexi.site import options

#: how far a click moves the clock: working days, or hours
MOVES = {"hour": ("hours", 1), "day": ("days", 1), "five": ("days", 5), "month": ("days", 22)}


def only_demo(view: Any) -> Any:
    """Hide a page unless this is a demo."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@cache
def people() -> dict[str, Any]:
    """The demo people of the packs by user name: what each can be tried for, and the door each goes to."""
    found = {}
    for path in packs.files("people"):
        file = packs.read(path, DemoFile)
        found |= {one.username: (one, "/") for one in file.citizens}
        found |= {one.username: (one, "/work/") for one in file.officials}
    return found


def bar(request: HttpRequest, thing: object = None) -> Markup | None:
    """The strip above every page."""
    if not settings.DEMO:
        return None
    facts = {"people": people(), "moved": clock.offset() > 60, "next": request.get_full_path()}
    return Markup(render_to_string("site/demo.html", facts, request))  # noqa: S704 - our own template


@require_POST
@only_demo
def switch_role(request: HttpRequest) -> HttpResponse:
    """Become another demo person; anybody else's account cannot be reached this way."""
    username = request.POST.get("username", "")
    if username not in people():
        raise Http404
    account = get_object_or_404(get_user_model(), username=username, is_active=True)
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(people()[username][1])


@require_POST
@only_demo
def move_clock(request: HttpRequest) -> HttpResponse:
    """Move the demo clock and do at once what has become due."""
    move = request.POST.get("move", "")
    if move == "reset":
        clock.move(0)
    elif move in MOVES:
        clock.move(seconds(*MOVES[move]))
    jobs.run_schedules()
    messages.success(request, _("演示时钟已拨动，到期的事已处理。"))
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if safe else "/")


def seconds(unit: str, number: int) -> float:
    """How far to move: hours as they are; working days to one minute past midnight after the n-th of them."""
    if unit == "hours":
        return number * 3600
    now = clock.now().astimezone(clock.CHINA)
    day = calendar_for(options.REGION.value).add(now.date(), number)
    after = datetime.combine(calendar_for(options.REGION.value).add(day, 1), time(9, 0), clock.CHINA)
    return (after - now).total_seconds()
