"""The payer's pages: what is owed and paid, paying online, receipts; and the address a payment gateway tells us at."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hexi.blocks.money import channels, online, operations, queries
from hexi.blocks.money.models import Charge, Payment
from hexi.kernel.actors import System
from hexi.ui import words
from hexi.ui.pages import DetailPage, ListPage
from hexi.ui.tables import Column, Empty, SavedView
from hexi.wire.pay_http import BadMessage

MINE = ListPage(
    title=gettext_lazy("我的缴费"),
    columns=(
        Column("title", gettext_lazy("项目"), value=str, link=lambda row: reverse("money.mine", args=[row.number])),
        Column("fen", gettext_lazy("应缴"), kind="money"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("due", gettext_lazy("缴费期限"), kind="day"),
        Column("department", gettext_lazy("收费单位"), value="department.title"),
        Column("payer_name", gettext_lazy("缴款人")),
    ),
    views=(
        SavedView("open", gettext_lazy("待缴"), lambda rows: rows.filter(state=Charge.State.OPEN)),
        SavedView("all", gettext_lazy("全部")),
    ),
    empty=Empty(gettext_lazy("没有要缴的费用。办事需要收费时，缴费单会出现在这里，收据也在这里。")),
)


def my_payments(request: HttpRequest) -> HttpResponseBase:
    """What a person owes and has paid, and the bodies he represents."""
    return MINE.respond(request, queries.own(request.actor))  # type: ignore[attr-defined]


def mine(request: HttpRequest, number: str) -> HttpResponse:
    """One charge: what it is made of, how to pay it, what came, the receipts."""
    charge = _own(request, number)
    payments = shown(charge)
    waiting = next((one for one in payments if one.state == Payment.State.WAITING), None)
    page = DetailPage(
        str(charge), facts_of(charge), charge.tag, crumbs=((_("我的缴费"), reverse("money.my_payments")),),
        place="money.charge", template="money/mine.html",
    )  # fmt: skip
    open_ = charge.state == Charge.State.OPEN
    return page.respond(
        request, charge, items=charge.items.all(), payments=payments, waiting=waiting if open_ else None,
        ways=channels.channels(counter=False) if open_ else [], open=open_,
    )  # fmt: skip


@require_POST
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Begin to pay online: an order is opened at the gateway, and the page then leads there."""
    charge = _own(request, number)
    try:
        payment = operations.begin(charge, channel=request.POST.get("channel", ""), by=request.actor)  # type: ignore[attr-defined]
        if not payment.link and payment.state == Payment.State.WAITING:
            messages.warning(request, _("支付平台暂时没有回应。没有扣款；请过一分钟再试，或者到窗口缴费。"))
    except LookupError:
        messages.error(request, _("没有这种缴款方式。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("money.mine", args=[number]))


@require_POST
def check(request: HttpRequest, number: str) -> HttpResponse:
    """I have paid: ask the gateway now rather than wait."""
    charge = _own(request, number)
    for payment in charge.payments.filter(state=Payment.State.WAITING).select_related("charge", "department"):
        asked = operations.ask(payment, by=request.actor)  # type: ignore[attr-defined]
        if asked.state == Payment.State.WAITING:
            messages.info(request, _("支付平台还没有确认收到。系统会继续查询，不要重复付款。"))
    return HttpResponseRedirect(reverse("money.mine", args=[number]))


@csrf_exempt
@require_POST
def notify(request: HttpRequest) -> HttpResponse:
    """A payment gateway tells of an order, signed. 200 means: understood, tell it no more."""
    try:
        said = online.notification(request.body, dict(request.headers))
    except BadMessage as error:
        return JsonResponse({"error": str(error)}, status=403)
    try:
        payment = operations.notified(said, by=System("money.gateway"))
    except ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=409)
    if payment is None:
        return JsonResponse({"error": "no such order"}, status=404)
    return HttpResponse(json.dumps({"order": payment.order, "state": payment.state}), "application/json")


def facts_of(charge: Charge) -> tuple[tuple[Any, Any], ...]:
    """What stands at the head of a charge's page."""
    return (
        (_("缴费单号"), charge.number),
        (_("缴款人"), charge.payer_name),
        (_("收费单位"), charge.department.title),
        (_("应缴"), words.money(charge.fen)),
        (_("缴费期限"), words.day(charge.due) if charge.due else None),
    )


def shown(charge: Charge) -> list[Payment]:
    """A charge's payments with what went back and their receipts, newest first; what was never paid left out."""
    found = charge.payments.exclude(state=Payment.State.CLOSED).prefetch_related("refunds").order_by("-pk")
    payments = list(found.select_related("department"))
    for one in payments:
        one.way = channels.title(one.channel)  # type: ignore[attr-defined]
    return payments


def _own(request: HttpRequest, number: str) -> Charge:
    return get_object_or_404(queries.own(request.actor), number=number)  # type: ignore[attr-defined]
