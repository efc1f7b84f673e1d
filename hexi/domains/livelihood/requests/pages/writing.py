"""A report on the phone, one thing a screen: the picture first, then what, where, who; nothing is lost on the way."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.articles import markup
from hexi.blocks.articles import queries as articles
from hexi.blocks.documents.kinds import PICTURES
from hexi.blocks.people.models import Person
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import callers, mapped, options, queries
from hexi.domains.livelihood.requests.definitions import named
from hexi.domains.livelihood.requests.models import Report, Request
from hexi.domains.livelihood.requests.operations import Said, begin, drop_picture, receive, take_picture, write
from hexi.domains.livelihood.requests.operations.intake import hotline_of
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.states import Type
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.clock import CHINA
from hexi.ui.pages import Step, StepsPage

VISITOR = "requests.visitor"
STEPS = StepsPage(
    gettext_lazy("我要反映"),
    (
        Step("photo", gettext_lazy("照片")),
        Step("what", gettext_lazy("什么事")),
        Step("where", gettext_lazy("在哪里")),
        Step("send", gettext_lazy("核对并提交")),
    ),
)
ORDER = [step.key for step in STEPS.steps]
#: what a citizen chooses from; urging and praise have ways of their own
TYPES = (Type.HELP, Type.COMPLAIN, Type.ASK, Type.SUGGEST, Type.REPORT, Type.PRAISE)
Given = dict[str, Any]


def writer(request: HttpRequest) -> Actor:
    """Who writes: the account, or a visitor known by a sign in his session alone."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor if getattr(actor, "account_id", None) is not None else _visitor(request)


def _visitor(request: HttpRequest) -> Actor:
    sign = request.session.get(VISITOR)
    if sign is None:
        sign = request.session[VISITOR] = secrets.token_hex(16)
    return callers.unknown(f"session:{sign}")


@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """What can be reported, what must be rung at once; a press begins."""
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            report = begin(by=writer(request), network=words.network(request))
            return HttpResponseRedirect(_address(report, "photo"))
        except ValidationError as error:
            errors = {"": error.messages}
    hotline = queries.hotline_for(regions.region_of(request))
    facts = {"title": _("我要反映"), "hotline": hotline, "errors": errors}
    return render(request, "requests/new.html", facts, status=422 if errors else 200)


@never_cache
def step(request: HttpRequest, key: str, step: str) -> HttpResponseBase:
    """One screen of a report."""
    if step not in ORDER:
        raise Http404
    report = _report(request, key)
    if report.sent_id:
        return HttpResponseRedirect(where_mine(request, Request.objects.select_related("case").get(pk=report.sent_id)))
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            done = SAVE[step](request, report)
            if done is not None:
                return done
        except ValidationError as error:
            errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return _show(request, report, step, errors)


def ground(request: HttpRequest) -> HttpResponse:
    """What lies under the pin, for everybody: boundaries, buildings, named pieces of ground of the place chosen."""
    return JsonResponse(mapped.ground(request.GET.get("place", "")).data())


@require_POST
def emergency(request: HttpRequest) -> HttpResponse:
    """A piece: whom to ring at once, while one still writes. Posted, so that no log of addresses holds the words."""
    found = named(request.POST.get("text", "")[: options.LONGEST.value])
    return render(request, "requests/emergency.html", {"emergencies": found})


# --- saving a screen --------------------------------------------------------------------------------------------------
def _photo(request: HttpRequest, report: Report) -> HttpResponse | None:
    by = writer(request)
    if gone := request.POST.get("remove"):
        pk = int(gone) if gone.isdecimal() and len(gone) < 19 else 0
        one = get_object_or_404(queries.pictures(queries.REPORT, report.key), pk=pk)
        drop_picture(report, one, by=by)
        return HttpResponseRedirect(_address(report, "photo"))
    faults = []
    for place, file in enumerate(request.FILES.getlist("photo")[: options.MOST_PHOTOS.value + 1], 1):
        try:
            found = take_picture(report, file, by=by, network=words.network(request))
        except ValidationError as error:  # one that cannot be kept does not cost the others
            faults += [_("第 %(n)s 张没有存上：%(text)s") % {"n": place, "text": text} for text in error.messages]
            continue
        if found.lat is not None:
            messages.success(request, _("从照片里读到了位置，后面可以核对或清除。"))
    if faults:
        raise ValidationError({"photo": faults})
    return HttpResponseRedirect(_address(report, "photo" if request.POST.get("more") else "what"))


def _what(request: HttpRequest, report: Report) -> HttpResponse | None:
    given = {name: request.POST.get(name, "") for name in ("type", "text", "subject")}
    write(report, given, by=writer(request))
    most, length = options.LONGEST.value, len(given["text"].strip())
    faults = {}
    if not length:
        faults["text"] = _("请写一写是什么事。")
    elif length > most:
        faults["text"] = _("最多 %(most)s 字，您写了 %(n)s 字。请写要点，其余放在照片里或分两件提交。") % {
            "most": most, "n": length,
        }  # fmt: skip
    if given["type"] not in TYPES:
        faults["type"] = _("请选一种。")
    if faults:
        raise ValidationError(faults)
    return HttpResponseRedirect(_address(report, "where"))


def _where(request: HttpRequest, report: Report) -> HttpResponse | None:
    place = regions.chosen_code(request.POST.getlist("place"))
    given: Given = {"place": place, "address": request.POST.get("address", "")[:200]}
    given |= {"lat": request.POST.get("lat", "").strip(), "lon": request.POST.get("lon", "").strip()}
    seen = [str(value) for value in report.said.get("picture", ())]
    if request.POST.get("clear"):
        given |= {"lat": "", "lon": ""}
    elif request.POST.get("use") == "picture" and seen:
        given |= {"lat": seen[0], "lon": seen[1]}
    given["from_picture"] = bool(seen) and [given["lat"], given["lon"]] == seen
    given["happened_at"] = request.POST.get("happened_at", "")
    write(report, given, by=writer(request))
    if any(request.POST.get(name) for name in ("_levels", "clear", "use")):
        return None
    hotline_of(_said(report, request))  # every fault of this screen, before the next
    return HttpResponseRedirect(_address(report, "send"))


def _send(request: HttpRequest, report: Report) -> HttpResponse | None:
    by, actor = writer(request), request.actor  # type: ignore[attr-defined]
    given = {name: request.POST.get(name, "")[:60] for name in ("name", "phone")}
    given |= {"secret": bool(request.POST.get("secret")), "may_publish": bool(request.POST.get("may_publish"))}
    write(report, given, by=by)
    person = Person.objects.filter(pk=getattr(actor, "person_id", None) or 0).first()
    order, _new = receive(
        _said(report, request), by=by, submission=report.key, applicant=person, report=report,
        network=words.network(request),
    )  # fmt: skip
    messages.success(request, _("已收到，编号 %(number)s。") % {"number": order.case.number})
    return HttpResponseRedirect(where_mine(request, order))


SAVE: dict[str, Callable[[HttpRequest, Report], HttpResponse | None]] = {
    "photo": _photo, "what": _what, "where": _where, "send": _send,
}  # fmt: skip


# --- reading ----------------------------------------------------------------------------------------------------------
def _said(report: Report, request: HttpRequest) -> Said:
    """What was written so far. Raises `ValidationError` for what is no number or date."""
    said, faults = report.said, {}
    point: list[float | None] = []
    for name in ("lat", "lon"):
        try:
            point.append(float(said[name]) if said.get(name) not in ("", None) else None)
        except ValueError:
            faults["point"] = _("经纬度应为数字，如纬度 40.292、经度 97.045；不知道可以清除。")
    if not faults and any(
        value is not None and abs(value) > most for value, most in zip(point, (90, 180), strict=True)
    ):
        faults["point"] = _("纬度在 -90 到 90 之间，经度在 -180 到 180 之间。")
    at = None
    if text := said.get("happened_at"):
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            faults["happened_at"] = _("时间写得不对，如 2026-11-26 18:30；不记得可以不填。")
    if faults:
        raise ValidationError(faults)
    at = at.replace(tzinfo=CHINA) if at is not None and at.tzinfo is None else at
    account = getattr(request.actor, "account", None)  # type: ignore[attr-defined]
    return Said(
        text=said.get("text", ""), type=said.get("type", ""), subject=said.get("subject", ""),
        place_code=said.get("place", ""), address=said.get("address", ""), lat=point[0], lon=point[1], happened_at=at,
        name=said.get("name") or (str(account) if account else ""),
        phone=said.get("phone") or (account.phone if account else ""),
        secret=bool(said.get("secret")), may_publish=said.get("may_publish", True),
    )  # fmt: skip


def _report(request: HttpRequest, key: str) -> Report:
    """The writer's report; what he began before he signed in is still his."""
    report = get_object_or_404(Report, key=key)
    by = writer(request)
    if report.owner_key == by.key:
        return report
    if request.session.get(VISITOR) and report.owner_key == _visitor(request).key:
        Report.objects.filter(pk=report.pk).update(owner_key=by.key)
        report.owner_key = by.key
        return report
    raise Denied(_("这份诉求不是您写的。请从“我要反映”重新开始。"))


def _address(report: Report, step: str) -> str:
    return reverse("requests.step", args=[report.key, step])


def where_mine(request: HttpRequest, order: Request) -> str:
    """Where somebody follows his order: among his own, or by a link that only he has."""
    person = getattr(request.actor, "person_id", None)  # type: ignore[attr-defined]
    if person is not None and order.case.applicant_id == person:
        return reverse("requests.mine", args=[order.case.number])
    return reverse("requests.linked", args=[callers.sign(order.case.number)])


def _show(request: HttpRequest, report: Report, step: str, errors: dict[str, list[str]]) -> HttpResponse:
    said = {"type": Type.HELP, "may_publish": True, **report.said}
    account = getattr(request.actor, "account", None)  # type: ignore[attr-defined]
    place = said.get("place") or _home(account) or regions.region_of(request)
    facts: Given = {
        "report": report, "said": said, "errors": errors, "emergencies": named(said.get("text", "")),
        "pictures": list(queries.pictures(queries.REPORT, report.key)), "accept": PICTURES,
        "most": options.LONGEST.value, "most_photos": options.MOST_PHOTOS.value,
        "types": [(one.value, one.label) for one in TYPES], "account": account,
        "at": _local(said.get("happened_at")),
    }  # fmt: skip
    if step == "what":
        facts["subjects"] = words.subject_options(2)
    if step == "where":
        facts |= {
            "levels": regions.levels(place), "place": place, "children": reverse("regions.children"),
            "ground": mapped.ground(place), "ground_data": reverse("requests.ground"),
        }  # fmt: skip
    if step == "send":
        facts |= {
            "place_words": regions.place(place),
            "alike": _alike(said),
            "subject": words.subject_word(said.get("subject", "")),
            "answers": _answers(request, said, place),
        }
    return STEPS.render(
        request, step, f"requests/step_{step}.html", facts, url_of=lambda key: _address(report, key),
        status=422 if errors else 200,
    )  # fmt: skip


def _home(account: Any) -> str:
    """Where somebody lives, if a hotline serves it: most matters lie there."""
    code = account.person.region_code if account and account.person else ""
    return code if queries.hotline_for(code) else ""


def _answers(request: HttpRequest, said: Given, place: str) -> list[tuple[Any, str]]:
    """Public articles that may answer a question before it is sent, each in short."""
    if said.get("type") != Type.ASK:
        return []
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = articles.like(said.get("text", ""), actor=actor, region=place, most=3)
    return [(one, markup.short(one.text)) for one in found if one.public]


def _alike(said: Given) -> list[tuple[Request, str]]:
    """Open reports of the same matter close by, offered before sending; each with its place, never with its address."""
    try:
        lat, lon = float(said.get("lat") or ""), float(said.get("lon") or "")
    except ValueError:
        return []
    found = queries.near(lat, lon, subject=said.get("subject", ""), public=True)
    places = regions.places([one.place_code for one in found])
    return [(one, places.get(one.place_code, "")) for one in found]


def _local(text: str | None) -> str:
    """A moment as `<input type=datetime-local>` wants it."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return ""
    moment = moment.astimezone(CHINA) if moment.tzinfo else moment
    return f"{moment:%Y-%m-%dT%H:%M}"
