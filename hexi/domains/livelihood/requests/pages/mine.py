"""One's own order: what happened, what next, who has it, by when; rate, urge, add a word, take up again, withdraw."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices import queries as talks
from hexi.blocks.notices.models import Line
from hexi.domains.livelihood.requests import callers, operations, queries, rates
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.states import State


@never_cache
def mine(request: HttpRequest, number: str) -> HttpResponse:
    """One's own, signed in."""
    return _show(request, _own(request, number), reverse("requests.mine", args=[number]))


@require_POST
def mine_do(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """What one does with it."""
    return _do(request, _own(request, number), action, reverse("requests.mine", args=[number]))


@never_cache
def linked(request: HttpRequest, token: str) -> HttpResponse:
    """The same behind a signed link, for who has no account."""
    return _show(request, _linked(token), reverse("requests.linked", args=[token]))


@require_POST
def linked_do(request: HttpRequest, token: str, action: str) -> HttpResponse:
    """What one does with it there."""
    return _do(request, _linked(token), action, reverse("requests.linked", args=[token]))


@never_cache
def progress(request: HttpRequest) -> HttpResponse:
    """State and timeline for who knows the number and the end of the phone."""
    number, last = (request.POST.get(name, "").strip() for name in ("number", "last"))
    facts: dict[str, Any] = {"title": _("查诉求进度"), "number": number, "last": last, "errors": {}, "order": None}
    status = 200
    if request.method == "POST":
        try:
            order = _looked_up(request, number, last)
            facts |= {
                "order": order, "tag": words.tag(order), "next": words.next_words(order),
                "timeline": words.timeline(order.case, opinions=False),
            }  # fmt: skip
        except ValidationError as error:
            facts["errors"], status = {"number": error.messages[0]}, 422
    return render(request, "requests/progress.html", facts, status=status)


def open_order(request: HttpRequest, number: str) -> HttpResponse:
    """Where search leads: to the caller's page or the official's."""
    own = Request.objects.filter(case__number=number).first()
    if own is not None and queries.is_caller(request.actor, own):  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("requests.mine", args=[number]))
    return HttpResponseRedirect(reverse("requests.order", args=[number]))


def _own(request: HttpRequest, number: str) -> Request:
    try:
        return queries.mine(number, request.actor)  # type: ignore[attr-defined]
    except Request.DoesNotExist:
        raise Http404(_("没有这件诉求，或者它不是您的。")) from None


def _linked(token: str) -> Request:
    try:
        return queries.by_link(token)
    except (Request.DoesNotExist, signing.BadSignature):
        raise Http404(_("链接不对或不完整。请用“查诉求进度”，填编号和电话后四位。")) from None


def _do(request: HttpRequest, order: Request, action: str, back: str) -> HttpResponse:
    """One action; what is refused is said on the page, with what was typed."""
    data = request.POST
    try:
        if action == "rate":
            level = data.get("satisfied", "")
            operations.rate(
                order, solved=_solved(data.get("solved")), satisfied=int(level) if level in "12345" and level else 0,
                comment=data.get("comment", ""), by=request.actor,  # type: ignore[attr-defined]
            )  # fmt: skip
            said = _("谢谢您的评价。")
        elif action == "urge":
            operations.urge(order, why=data.get("why", ""), by=request.actor)  # type: ignore[attr-defined]
            said = _("已催办，承办单位马上看到。")
        elif action == "withdraw":
            operations.withdraw(order, why=data.get("why", ""), by=request.actor)  # type: ignore[attr-defined]
            said = _("已撤回。")
        elif action == "reopen":
            operations.reopen(order, why=data.get("why", ""), by=request.actor)  # type: ignore[attr-defined]
            said = _("已退回承办单位接着办。")
        elif action == "say":
            voice = callers.voice(request.actor, own=True, secret=order.secret)  # type: ignore[attr-defined]
            notices.say(order.case, topic="", text=data.get("text", ""), side=Line.Side.CITIZEN, by=voice)
            said = _("已补充。")
        else:
            raise Http404
    except ValidationError as error:
        return _show(request, order, back, error.messages, status=422)
    messages.success(request, said)
    return HttpResponseRedirect(back)


def _solved(text: str | None) -> bool:
    if text not in ("yes", "no"):
        raise ValidationError({"solved": _("请选择解决了没有。")})
    return text == "yes"


def _show(
    request: HttpRequest, order: Request, here: str, sentences: list[str] | None = None, status: int = 200
) -> HttpResponse:
    order = Request.objects.select_related("case__department", "lead__case").get(pk=order.pk)
    case = order.case
    signed = bool(getattr(request.actor, "account_id", None))  # type: ignore[attr-defined]
    facts = {
        "order": order, "case": case, "title": case.title, "tag": words.tag(order), "next": words.next_words(order),
        "here": here, "clocks": case_words.clock_rows(case), "timeline": words.timeline(case),
        "subject": words.subject_word(case.subject), "place": words.place_word(order), "type": words.type_word(order),
        "pictures": words.pictures(list(queries.pictures(queries.ORDER, order.pk))) if signed else [],
        "answer": order.replies.filter(final=True).select_related("article").order_by("-pk").first(),
        "talks": talks.talks(case),
        "may_rate": case.state == State.ANSWERED
        and not order.verdicts.filter(round=order.replies.filter(final=True).count()).exists(),
        "may_urge": case.state in (State.NEW, State.HANDLING), "may_reopen": queries.may_reopen(order),
        "may_withdraw": case.state in (State.NEW, State.HANDLING), "sentences": sentences or [],
        "typed": request.POST if sentences else {}, "signed": signed,
    }  # fmt: skip
    return render(request, "requests/mine.html", facts, status=status)


def _looked_up(request: HttpRequest, number: str, last: str) -> Request:
    """The order with this number and end of the phone; only what was wrong is counted."""
    spent = rates.spend_guess(by=request.actor, number=number[:60], network=words.network(request))  # type: ignore[attr-defined]
    order = queries.progress(number, last)
    if order is None:
        raise ValidationError(_("没有对得上的诉求。请核对编号和当时留的电话；或拨打 12345 查询。"))
    rates.give_back(spent)
    return order
