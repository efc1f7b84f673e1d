"""What somebody follows: reports, and divisions by a letter each Monday; stopping by a link; the week of a division."""

from datetime import date

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import followers, operations, queries
from hexi.domains.livelihood.requests.models import Follow
from hexi.domains.livelihood.requests.operations import mailing
from hexi.domains.livelihood.requests.pages import words

#: reports of a kind the page of a week names
MOST = 200


@never_cache
def follows(request: HttpRequest) -> HttpResponse:
    """One's list: what is new of each report, divisions with letters; a form for another."""
    by, data, sentences = request.actor, request.POST, []  # type: ignore[attr-defined]
    place = regions.chosen_code(data.getlist("place")) or regions.region_of(request)
    if request.method == "POST" and not data.get("_levels"):
        try:
            if number := data.get("unfollow"):
                row = followers.follows(by).filter(request__case__number=number).first()
                if row is None:
                    raise Http404
                operations.unfollow(row.request, by=by)
                messages.success(request, _("已不再关注。"))
            elif region := data.get("unsubscribe"):
                operations.unsubscribe(region, by=by)
                messages.success(request, _("已取消订阅。"))
            else:
                operations.subscribe(place, by=by)
                messages.success(request, _("已订阅，每周一上午九点发给您。"))
            return HttpResponseRedirect(reverse("requests.follows"))
        except ValidationError as error:
            sentences = error.messages
    rows = list(followers.follows(by)[:MOST])
    names = words.subject_names()
    places = regions.places({row.request.place_code for row in rows})
    letters = list(followers.digests(by))
    where = regions.places({one.region_code for one in letters})
    facts = {
        "title": _("我的关注"), "sentences": sentences, "place": place, "levels": regions.levels(place),
        "children": reverse("regions.children"),
        "rows": [(row, _subject(row, names), places.get(row.request.place_code, ""), words.tag(row.request),
                  _is_open(row)) for row in rows],
        "letters": [(one, where.get(one.region_code, one.region_code)) for one in letters],
    }  # fmt: skip
    return render(request, "requests/follows.html", facts, status=422 if sentences else 200)


def _subject(row: Follow, names: dict) -> str:
    return words.subject_word(row.request.case.subject, names)


def _is_open(row: Follow) -> bool:
    """True if it still has a page for everybody."""
    return row.request.case.state not in ("refused", "withdrawn") and not row.request.secret


def _named(token: str) -> tuple[str, str]:
    """What a stop link is about: kind, number or code."""
    _account, kind, of = followers.read_token(token)
    return (followers.REPORT, mailing.number_of(of)) if kind == followers.MAIL else (kind, of)


@csrf_exempt  # mail programs post here without a cookie (RFC 8058 §3.2); the link's own signature says for whom
@never_cache
def stop_following(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link of a letter, signed in or not: opened it stops nothing, for programs that look into letters open
    every link; the button on it does, as does the post of a mail program. Pressed again it is taken back."""
    again = bool(request.POST.get("again"))
    try:
        if request.method == "POST":
            kind, of = operations.stop_by_link(token, again=again)
        else:
            kind, of = _named(token)
    except (signing.BadSignature, ValueError, ObjectDoesNotExist):
        raise Http404(_("链接不对或不完整。请登录后在“我的关注”里取消。")) from None
    stopped = request.method == "POST" and not again
    facts = {
        "title": _("不再关注") if request.method != "POST" else _("已不再关注") if stopped else _("已恢复关注"),
        "asked": request.method == "POST", "stopped": stopped, "division": kind == followers.DIVISION,
        "what": regions.place(of) if kind == followers.DIVISION else of,
    }  # fmt: skip
    return render(request, "requests/stopped.html", facts)


@never_cache
def confirm_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link of a letter that asks: one button says yes; opened alone it says nothing."""
    try:
        if request.method == "POST":
            order = mailing.confirm_by_mail(token, by=request.actor)  # type: ignore[attr-defined]
        else:
            order = mailing.asked_for(token)
    except (signing.BadSignature, ValueError, ObjectDoesNotExist):
        raise Http404(_("链接不对，或者已经过期。请回到那件诉求的页面再要求一次。")) from None
    done = request.method == "POST"
    title = _("已关注") if done else _("请确认关注")
    return render(request, "requests/confirm_mail.html", {"title": title, "order": order, "done": done})


@require_safe
def week(request: HttpRequest, region: str, monday: str) -> HttpResponse:
    """The seven days before a Monday in a division, as the letter counts them, with links."""
    try:
        day = date.fromisoformat(monday)
    except ValueError:
        raise Http404 from None
    if regions.find(region) is None or queries.hotline_for(region) is None or day.weekday() or day.year < 2000:
        raise Http404(_("没有这一周，或者这个地方没有热线。"))
    found = followers.Week(region, day)
    parts = ((_("新诉求"), found.new), (_("已答复"), found.answered), (_("已办结"), found.closed))
    facts = {
        "title": _("%(place)s一周诉求") % {"place": regions.place(region)}, "week": found,
        "parts": [(name, rows.count(), [(one, words.tag(one)) for one in queries.worded(rows)[:MOST]])
                  for name, rows in parts],
    }  # fmt: skip
    return render(request, "requests/week.html", facts)
