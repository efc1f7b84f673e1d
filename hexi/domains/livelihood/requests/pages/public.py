"""What everybody sees: open orders, counts, the league of offices, questions with answers, one order's course."""

from dataclasses import replace
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.defaultfilters import truncatechars
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.indicators.counted import Slice
from hexi.blocks.notices.channels import MAIL
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import mapped, operations, queries
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.operations import mailing
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.states import OPEN, State
from hexi.kernel import clock
from hexi.ui import doors
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

#: days the public figures look back
DAYS = 90
#: signs of a question and of an answer that the list shows
WORDS = 90


def _subject(rows: QuerySet[Request], code: str) -> QuerySet[Request]:
    return rows.filter(case__subject__startswith=code)


def _place(rows: QuerySet[Request], code: str) -> QuerySet[Request]:
    start, beyond = codes.span(code)
    return rows.filter(place_code__gte=start, place_code__lt=beyond)


def _subjects() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in queries.subjects() if one.level == 1]


OPEN_ORDERS = ListPage(
    title=gettext_lazy("正在办理的诉求"),
    lead=gettext_lazy("只公开事情、地方和进度，不公开谁反映的。"),
    columns=(
        Column("subject", gettext_lazy("什么事"), value="subject_title",
               link=lambda one: reverse("requests.public", args=[one.case.number])),
        Column("place", gettext_lazy("在哪里"), value="place_title"),
        Column("state", gettext_lazy("进度"), value=words.tag, kind="tag"),
        Column("office", gettext_lazy("谁在办"), value="case.department.title"),
        Column("submitted_at", gettext_lazy("什么时候反映的"), value="case.submitted_at", kind="day",
               sort="case__submitted_at"),
        Column("number", gettext_lazy("编号"), value="case.number"),
    ),
    views=(
        SavedView("open", gettext_lazy("正在办"), lambda rows: rows.filter(
            case__state__in=OPEN, case__ended_at=None)),
        SavedView("closed", gettext_lazy("已办结"), lambda rows: rows.filter(case__state=State.CLOSED)),
    ),
    export=False,
    empty=Empty(gettext_lazy("没有符合条件的诉求。"), action=gettext_lazy("我要反映"), url="/requests/new/"),
    template="requests/open_orders.html",
)  # fmt: skip


def home_tile(request: HttpRequest) -> Markup | None:
    """On the portal's first page, where there is a hotline."""
    if queries.hotline_for(regions.region_of(request)) is None:
        return None
    return Markup(render_to_string("requests/tile_home.html", {}, request))  # noqa: S704 - our own template


def home(request: HttpRequest) -> HttpResponse:
    """The hotline at a glance."""
    region = regions.region_of(request)
    part = Slice(clock.today() - timedelta(days=DAYS - 1), clock.today(), region)
    facts = {
        "title": _("12345 问政"), "figures": queries.rates(part), "open": queries.open_count(region), "days": DAYS,
        "league": queries.by_office(part)[:10], "subjects": queries.by_subject(part)[:8],
        "months": [one.received for _month, one in queries.by_month(part)],
        "answers": list(queries.published(region)[:5]), "hotline": queries.hotline_for(region),
        "names": words.subject_names(),
    }  # fmt: skip
    return render(request, "requests/home.html", facts)


def open_orders(request: HttpRequest) -> HttpResponseBase:
    """Open orders as a list: by class and place."""
    region = regions.region_of(request)
    page = replace(OPEN_ORDERS, filters=_filters(region))
    rows = queries.worded(queries.open_to_all(region))
    return page.respond(request, rows, crumbs=_crumbs(), drawing=mapped.open_drawing(region))


def open_map(request: HttpRequest) -> HttpResponse:
    """The map beside that list: how many are open in each place."""
    return JsonResponse(mapped.open_drawing(regions.region_of(request)).data())


def _find(rows: QuerySet[Request], text: str) -> QuerySet[Request]:
    return rows.filter(Q(public_text__contains=text) | Q(public_answer__contains=text))


ANSWERS = ListPage(
    title=gettext_lazy("问答公开"),
    lead=gettext_lazy("别人问过的，也许就是您要问的。姓名和电话都已去掉。"),
    columns=(
        Column("question", gettext_lazy("问"), value=lambda one: truncatechars(one.public_text, WORDS),
               link=lambda one: reverse("requests.public", args=[one.case.number])),
        Column("answer", gettext_lazy("答"), value=lambda one: truncatechars(one.public_answer, WORDS)),
        Column("subject", gettext_lazy("什么事"), value="subject_title"),
        Column("place", gettext_lazy("在哪里"), value="place_title"),
        Column("office", gettext_lazy("谁答复的"), value="case.department.title"),
        Column("at", gettext_lazy("公开时间"), value="published_at", kind="day", sort="published_at"),
    ),
    search=_find,
    export=False,
    empty=Empty(gettext_lazy("没有找到。可以直接问。"), action=gettext_lazy("我要反映"), url="/requests/new/"),
)  # fmt: skip


def answers(request: HttpRequest) -> HttpResponseBase:
    """Questions with their answers: by class, place and words."""
    region = regions.region_of(request)
    rows = queries.worded(queries.published(region))
    return replace(ANSWERS, filters=_filters(region)).respond(request, rows, crumbs=_crumbs())


def _filters(region: str) -> tuple[Filter, ...]:
    """By first-level class and by the divisions one step down."""
    below = [(row.code, row.title) for row in regions.children(region)]
    return Filter("class", _("哪一类"), _subjects, _subject), Filter("place", _("地区"), below, _place)


def _crumbs() -> tuple[tuple[str, str], ...]:
    return ((_("12345 问政"), reverse("requests.home")),)


def league(request: HttpRequest) -> HttpResponse:
    """Offices by the three rates."""
    region = regions.region_of(request)
    part = Slice(clock.today() - timedelta(days=DAYS - 1), clock.today(), region)
    facts = {"title": _("部门榜"), "league": queries.by_office(part), "days": DAYS, "figures": queries.rates(part)}
    return render(request, "requests/league.html", facts)


def public(request: HttpRequest, number: str) -> HttpResponse:
    """One order as everybody may see it: class, place, course; words once they are published."""
    return _show(request, _order(number))


def _show(
    request: HttpRequest, order: Request, sentences: list[str] | None = None, status: int = 200,
    mail_faults: list[str] | None = None,
) -> HttpResponse:  # fmt: skip
    account = getattr(request.actor, "account_id", None)  # type: ignore[attr-defined]
    facts = {
        "order": order, "case": order.case, "title": words.subject_word(order.case.subject), "tag": words.tag(order),
        "place": regions.place(order.place_code), "type": words.type_word(order),
        "timeline": words.timeline(order.case, opinions=False), "follows": queries.follows(order),
        "followed": account is not None and queries.is_followed(order, account),
        "own": queries.is_caller(request.actor, order),  # type: ignore[attr-defined]
        "may_reopen": queries.may_reopen(order),
        "by_mail": not request.user.is_authenticated and MAIL.ready(), "mail_faults": mail_faults or [],
        "mail": request.POST.get("mail", ""), "sentences": sentences or [], "why": request.POST.get("why", ""),
    }  # fmt: skip
    return render(request, "requests/public.html", facts, status=status)


@require_POST
def public_do(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Follow, no longer follow, ask for it to be taken up again."""
    order = _order(number)
    if action == "mail":
        return _by_mail(request, order)
    if not request.user.is_authenticated:
        return doors.to_sign_in(request)
    by = request.actor  # type: ignore[attr-defined]
    try:
        if action == "follow":
            operations.follow(order, by=by)
            messages.success(request, _("已关注，每走一步都告诉您。"))
        elif action == "unfollow":
            operations.unfollow(order, by=by)
        elif action == "reopen":
            operations.reopen(order, why=request.POST.get("why", ""), by=by, own=False)
            messages.success(request, _("已退回承办单位接着办。"))
        else:
            raise Http404
    except ValidationError as error:
        return _show(request, order, error.messages, status=422)
    return HttpResponseRedirect(reverse("requests.public", args=[number]))


def _by_mail(request: HttpRequest, order: Request) -> HttpResponse:
    """A letter to a mailbox asks whether it wants to follow."""
    try:
        mailing.ask_by_mail(
            order, mail=request.POST.get("mail", ""), network=words.network(request), language=get_language() or "",
            by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
    except ValidationError as error:
        return _show(request, order, mail_faults=error.messages, status=422)
    messages.success(request, _("请到邮箱里打开我们的邮件，点“确认”后才算关注。没有收到请看看垃圾邮件。"))
    return HttpResponseRedirect(reverse("requests.public", args=[order.case.number]))


def _order(number: str) -> Request:
    order = queries.public_order(number)
    if order is None:
        raise Http404(_("没有这件诉求，或者它不公开。"))
    return order
