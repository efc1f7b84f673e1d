"""Calls at the workbench: where one sits, what rings, lost ones, rings back, recordings; where the exchange pushes."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.requests import callers, operations, queries
from hexi.domains.livelihood.requests.channels import telephony
from hexi.domains.livelihood.requests.models import Call, Request, Seat
from hexi.domains.livelihood.requests.queries import calls as queries_calls
from hexi.domains.livelihood.requests.states import CALLBACK, INTAKE, State
from hexi.kernel.actors import Actor, Denied
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, SavedView
from hexi.ui.words import mask_phone
from hexi.wire import telephony_http as wire

RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


# --- pushed by the exchange -------------------------------------------------------------------------------------------
@csrf_exempt
@require_POST
def call_events(request: HttpRequest) -> JsonResponse:
    """Take a signed event in."""
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (wire.LONGEST + 1)
    if len(body) > wire.LONGEST:
        return JsonResponse({"error": f"at most {wire.LONGEST} bytes"}, status=413)
    try:
        telephony.hear(body, dict(request.headers))
    except wire.BadRequest as error:
        return JsonResponse({"error": str(error)}, status=401 if error.forged else 400)
    except ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=422)
    return JsonResponse({})


# --- what rings -------------------------------------------------------------------------------------------------------
def live_call(actor: Actor, argument: str) -> str:
    """Live fact: the call at one's extension and how it stands; "" for none."""
    call = queries_calls.now_of(actor)
    return f"{call.pk} {bool(call.answered_at):d}{bool(call.ended_at):d}" if call else ""


def live_calls(actor: Actor, argument: str) -> int:
    """Live fact: 1 while a call is at one's extension: the badge beside the menu word."""
    call = queries_calls.now_of(actor)
    return int(call is not None and call.ended_at is None)


def calls_count(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return live_calls(request.actor, "")  # type: ignore[attr-defined]


def at_hand(request: HttpRequest, *, swap: bool) -> dict[str, Any]:
    """The call at one's extension, for the form; `swap`: it may be put into the form, which is still empty."""
    call = queries_calls.now_of(request.actor)  # type: ignore[attr-defined]
    return {
        "call": call, "seat": queries_calls.seat_of(request.actor), "swap": swap and call is not None,  # type: ignore[attr-defined]
        "calls_tag": tag(call) if call else None,
    }  # fmt: skip


def tag(call: Call) -> tuple[str, str]:
    """How a call stands: state of the tag, word."""
    if call.refused:
        return "refused", _("没有拨出")
    if call.ended_at is None:
        return ("doing", _("通话中")) if call.answered_at else ("near", _("振铃"))
    if call.answered_at:
        return "done", _("已通话")
    if call.way == Call.Way.OUT:
        return "off", _("无人接听")
    return ("off", _("未接，已处理")) if call.returned_at else ("overdue", _("未接"))


def _orders(call: Call) -> str:
    return "、".join(one.case.number for one in call.named)  # type: ignore[attr-defined]


def _logged(request: HttpRequest, count: int) -> None:
    with change(request.actor, "requests.export_calls", count=count):  # type: ignore[attr-defined]
        pass


CALLS = ListPage(
    title=gettext_lazy("来电列表"),
    columns=(
        Column("began", gettext_lazy("时间"), value="began_at", kind="moment",
               link=lambda one: reverse("requests.call", args=[one.pk])),
        Column("phone", gettext_lazy("号码"), value=lambda one: mask_phone(one.phone) or _("未显示")),
        Column("way", gettext_lazy("方向"), value="get_way_display"),
        Column("state", gettext_lazy("状态"), value=tag, kind="tag"),
        Column("extension", gettext_lazy("分机号"), value="extension"),
        Column("orders", gettext_lazy("诉求"), value=_orders),
    ),
    views=(
        SavedView("now", gettext_lazy("正在来电"), queries_calls.ringing),
        SavedView("lost", gettext_lazy("未接待回"), queries_calls.lost),
        SavedView("all", gettext_lazy("全部")),
    ),
    on_export=_logged,
    empty=Empty(gettext_lazy("没有这样的通话。")),
)  # fmt: skip


def calls(request: HttpRequest) -> HttpResponseBase:
    """What rings now, what was lost, all calls. Works without JavaScript: reload to see what rings."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    return CALLS.respond(request, queries_calls.calls(by).prefetch_related(queries_calls.named(by)))


@never_cache
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """One call: its number (each look is logged), its course, what can be done."""
    found = _call(request, pk)
    with change(request.actor, "requests.look_call", found):  # type: ignore[attr-defined]
        pass
    by: Actor = request.actor  # type: ignore[attr-defined]
    facts = {
        "title": _("通话"), "one": found, "tag": tag(found), "orders": queries_calls.orders_of(found, by),
        "number": callers.HIDDEN if queries_calls.hides(found, by) else found.phone,
        "dial": telephony.ready() and bool(found.phone), "hear": may_hear(found, by),
        "waits": found.lost and found.returned_at is None,
    }  # fmt: skip
    return render(request, "requests/call.html", facts)


@require_POST
def call_do(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Ring back or give up a lost call."""
    found = _call(request, pk)
    do = {"dial": telephony.ring_lost, "give_up": operations.give_up}.get(action)
    if do is None:
        raise Http404
    _try(request, lambda: do(found, by=request.actor))  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("requests.call", args=[pk]))


def _try(request: HttpRequest, do: Any) -> None:
    """Do it, or say why it was not done."""
    try:
        done = do()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if isinstance(done, Call):
            messages.success(request, _("您的话机在响，拿起后接通对方。"))


def _call(request: HttpRequest, pk: int) -> Call:
    try:
        return queries_calls.call_for(pk, request.actor)  # type: ignore[attr-defined]
    except Call.DoesNotExist:
        raise Http404(_("没有这个通话。")) from None


# --- where one sits ---------------------------------------------------------------------------------------------------
class SeatForm(forms.Form):
    """Extension and state."""

    extension = forms.CharField(label=gettext_lazy("分机号"), max_length=20)
    state = forms.ChoiceField(
        label=gettext_lazy("状态"), choices=Seat.State.choices, widget=forms.RadioSelect,
        help_text=gettext_lazy("暂停时，交换机不会把电话转给您。"),
    )  # fmt: skip


def seat(request: HttpRequest) -> HttpResponseBase:
    """Say where one sits and whether calls may come."""
    by = request.actor  # type: ignore[attr-defined]
    hotlines = queries.hotlines_of(by, INTAKE)
    if not hotlines:
        raise Denied(_("您的岗位所在地区没有设热线中心。请联系系统管理员。"))
    mine = queries_calls.seat_of(by)

    def save(form: forms.Form) -> str:
        given = form.cleaned_data
        ready = given["state"] == Seat.State.READY
        operations.sit(hotlines[0], extension=given["extension"], ready=ready, by=by)
        messages.success(request, _("已可接听。") if ready else _("已暂停接听。"))
        return reverse("requests.intake")

    page = FormPage(title=_("我的座席"), submit=_("保存"), back=reverse("requests.calls"))
    initial = {"extension": mine.extension, "state": mine.state} if mine else {"state": Seat.State.READY}
    return page.respond(request, SeatForm, save, initial)


# --- rings back -------------------------------------------------------------------------------------------------------
CALLBACKS = ListPage(
    title=gettext_lazy("电话回访"),
    lead=gettext_lazy("已答复、还没有评价的诉求，等得久的在前。"),
    columns=(
        Column("title", gettext_lazy("诉求"), value="case.title",
               link=lambda one: reverse("requests.order", args=[one.case.number])),
        Column("caller", gettext_lazy("诉求人"), value="case.applicant_name"),
        Column("office", gettext_lazy("承办单位"), value="case.department.title"),
        Column("state", gettext_lazy("回访"), kind="tag",
               value=lambda one: ("near", _("没有打通过")) if one.tried else ("wait", _("还没有打"))),
        Column("first", gettext_lazy("首次回应"), value="first_at", kind="moment"),
        Column("number", gettext_lazy("编号"), value="case.number"),
    ),
    on_export=_logged,
    empty=Empty(gettext_lazy("没有等着回访的诉求。")),
)  # fmt: skip


def callbacks(request: HttpRequest) -> HttpResponseBase:
    """Whom to ring back."""
    return CALLBACKS.respond(request, queries_calls.to_ring_back(request.actor))  # type: ignore[attr-defined]


@require_POST
def dial(request: HttpRequest, number: str) -> HttpResponse:
    """Ring back the caller of an order: one click, without seeing his number."""
    try:
        order = queries.order_to_act(number, request.actor)  # type: ignore[attr-defined]
    except Request.DoesNotExist:
        raise Http404(_("没有这件诉求。")) from None
    _try(request, lambda: telephony.ring_back(order, by=request.actor))  # type: ignore[attr-defined]
    return HttpResponseRedirect(reverse("requests.order", args=[number]) + "#decide")


def order_panel(request: HttpRequest, order: Request) -> Markup | None:
    """On the page of an order: the calls about it, their recordings, and the button that rings back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    # nobody is rung back before there is an answer
    back = order.callbacks.order_by("pk") if order.first_at else ()
    rows = [*([order.call] if order.call else []), *back]
    dial = (
        telephony.ready() and order.case.state == State.ANSWERED and bool(order.caller_lookup)
        and actor.may(CALLBACK, order.hotline_id, order.hotline_region)
    )  # fmt: skip
    if not rows and not dial:
        return None
    facts = {"order": order, "dial": dial, "rows": [(one, tag(one), may_hear(one, actor)) for one in rows]}
    return Markup(render_to_string("requests/order_calls.html", facts, request))  # noqa: S704 our own template


# --- recordings -------------------------------------------------------------------------------------------------------
def may_hear(found: Call, actor: Actor) -> bool:
    """True if there is a recording and the actor may hear it."""
    try:
        queries_calls.require_hearing(found, actor)
    except Denied:
        return False
    return found.recorded


@never_cache
def recording(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a recording is heard."""
    found = _call(request, pk)
    queries_calls.require_hearing(found, request.actor)  # type: ignore[attr-defined]
    if not found.recorded:
        raise Http404(_("还没有录音。"))
    facts = {"title": _("通话录音"), "one": found, "orders": list(found.orders.select_related("case"))}
    return render(request, "requests/recording.html", facts)


@never_cache
def sound(request: HttpRequest, pk: int) -> HttpResponse:
    """The recording itself, or the piece a player asks for. Hearing it from its beginning is logged."""
    found = _call(request, pk)
    start, end = _asked(request.headers.get("Range", ""))
    try:
        content, kind = telephony.recording(found, by=request.actor, first=start == 0)  # type: ignore[attr-defined]
    except ValidationError as error:
        return HttpResponse(" ".join(error.messages), status=502, content_type="text/plain; charset=utf-8")
    size = len(content)
    if start >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff"}
    if "Range" not in request.headers:
        return HttpResponse(content, content_type=kind, headers=headers)
    piece = content[start : end + 1]
    headers["Content-Range"] = f"bytes {start}-{start + len(piece) - 1}/{size}"
    return HttpResponse(piece, status=206, content_type=kind, headers=headers)


def _asked(text: str) -> tuple[int, int]:
    """First and last byte a player asks for; everything if it asks for nothing we know."""
    found = RANGE.fullmatch(text.strip())
    if found is None or not found[1]:
        return 0, 10**12
    return int(found[1]), int(found[2] or 10**12)
