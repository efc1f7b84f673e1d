"""The inbox and the bell, at the citizens' and the officials' door."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.notices import operations, queries
from hexi.blocks.notices.models import Notice
from hexi.kernel.actors import Actor
from hexi.ui.assets import icon
from hexi.ui.doors import door_of
from hexi.ui.pages import ListPage
from hexi.ui.tables import Action, Column, Empty, SavedView

#: the inbox and one notice, at each door
PLACES = {"workbench": ("notices.bell", "notices.rung"), "citizen": ("notices.inbox", "notices.notice")}


def _mark_read(request: HttpRequest, rows: QuerySet[Notice]) -> HttpResponse:
    moment = operations.read(rows, by=request.actor)  # type: ignore[attr-defined]
    return _back(request, moment)


def _list(door: str) -> ListPage:
    return ListPage(
        title=gettext_lazy("消息"),
        columns=(
            Column("title", gettext_lazy("标题"), link=lambda notice: reverse(PLACES[door][1], args=[notice.pk])),
            Column("body", gettext_lazy("内容")),
            Column("at", gettext_lazy("时间"), kind="moment"),
            Column("state", gettext_lazy("状态"), value=_state, kind="tag"),
        ),
        views=(
            SavedView("all", gettext_lazy("全部")),
            SavedView("new", gettext_lazy("未读"), lambda rows: rows.filter(read_at=None)),
        ),
        bulk=(Action("read", gettext_lazy("标为已读"), "check", _mark_read),),
        empty=Empty(gettext_lazy("还没有消息。办件有进展时会在这里告诉您。"), icon="bell"),
        export=False,
        template="notices/inbox.html",
    )


def _state(notice: Notice) -> tuple[str, str]:
    return ("done", _("已读")) if notice.read_at else ("info", _("未读"))


LISTS = {door: _list(door) for door in PLACES}


def inbox(request: HttpRequest) -> HttpResponseBase:
    """A citizen's messages, new ones first."""
    return _inbox(request, "citizen")


def bell(request: HttpRequest) -> HttpResponseBase:
    """The same at the workbench."""
    return _inbox(request, "workbench")


def _inbox(request: HttpRequest, door: str) -> HttpResponseBase:
    rows = queries.inbox(request.actor)  # type: ignore[attr-defined]
    undo = _moment(request.GET.get("undo", ""))
    return LISTS[door].respond(request, rows, undo=undo and undo.isoformat(), has_new=unread_count(request))


def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One message; opening it marks it as read."""
    return _notice(request, pk, "citizen")


def rung(request: HttpRequest, pk: int) -> HttpResponse:
    """The same at the workbench."""
    return _notice(request, pk, "workbench")


def _notice(request: HttpRequest, pk: int, door: str) -> HttpResponse:
    found = get_object_or_404(queries.inbox(request.actor), pk=pk)  # type: ignore[attr-defined]
    moment = found.read_at or operations.read([found], by=request.actor)  # type: ignore[attr-defined]
    crumbs = ((_("消息"), reverse(PLACES[door][0])),)
    facts = {"notice": found, "title": found.title, "crumbs": crumbs, "moment": moment.isoformat()}
    return render(request, "notices/notice.html", facts)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    return _back(request, operations.read_all(by=request.actor))  # type: ignore[attr-defined]


@require_POST
def unread(request: HttpRequest) -> HttpResponse:
    """Take back what was marked as read at one moment."""
    moment = _moment(request.POST.get("moment", ""))
    many = operations.unread(moment, by=request.actor) if moment else 0  # type: ignore[attr-defined]
    messages.success(request, ngettext("已恢复%(n)s条未读", "已恢复%(n)s条未读", many) % {"n": many})
    return redirect(_inbox_url(request))


def _back(request: HttpRequest, moment: datetime) -> HttpResponse:
    return HttpResponseRedirect(f"{_inbox_url(request)}?{urlencode({'undo': moment.isoformat()})}")


def _inbox_url(request: HttpRequest) -> str:
    """The inbox at the door the request came from (these two addresses serve both)."""
    at_work = "workbench" in (door_of(request), request.POST.get("door"))
    return reverse(PLACES["workbench" if at_work else "citizen"][0])


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


# --- the bell ---------------------------------------------------------------------------------------------------------


def unread_count(request: HttpRequest) -> int:
    """The number on the bell; asked once a request."""
    if not hasattr(request, "_notices_unread"):
        request._notices_unread = queries.unread(request.actor)  # type: ignore[attr-defined]
    return request._notices_unread  # type: ignore[attr-defined]


def bell_link(request: HttpRequest, thing: Any) -> Markup | None:
    """The bell in the top line of every page, for those who signed in."""
    if not request.user.is_authenticated:
        return None
    many = unread_count(request)
    url = reverse(PLACES.get(door_of(request), PLACES["citizen"])[0])
    number = Markup('<span class="count" data-live="unread"{}>{}</span>')
    return Markup('<a href="{}"><span>{}</span><span class="visually-hidden">{}</span>{}</a>').format(
        url, icon("bell"), _("未读消息"), number.format("" if many else Markup(" hidden"), many or "")
    )


def live_unread(actor: Actor, argument: str) -> int:
    """Live fact: the same number."""
    return queries.unread(actor)
