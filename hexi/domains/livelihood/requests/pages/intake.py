"""The operator at the phone: caller, what, where, sent: by keyboard alone, in under a minute."""

import hashlib
import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from hexi.blocks.articles import queries as articles
from hexi.blocks.articles.pages import kind_word
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import queries
from hexi.domains.livelihood.requests.definitions import named
from hexi.domains.livelihood.requests.models import Call, Request
from hexi.domains.livelihood.requests.operations import Said, answer_from, receive
from hexi.domains.livelihood.requests.operations.intake import PHONE
from hexi.domains.livelihood.requests.operations.knowing import answer_of
from hexi.domains.livelihood.requests.pages import calls, words
from hexi.domains.livelihood.requests.queries import calls as queries_calls
from hexi.domains.livelihood.requests.states import INTAKE, Type
from hexi.kernel.actors import Actor, Denied

FIELDS = ("phone", "name", "type", "text", "subject", "address", "key", "source_ref", "call", "kb")
#: buttons that only show the page again: more divisions, the knowledge base without JavaScript
SHOW = ("_levels", "_kb")


def intake(request: HttpRequest) -> HttpResponse:
    """The form; Alt+S sends from anywhere in it. Sent, the next call finds an empty one."""
    hotlines = queries.hotlines_of(request.actor, INTAKE)  # type: ignore[attr-defined]
    if not hotlines:
        raise Denied(_("您的岗位所在地区没有设热线中心。请联系系统管理员。"))
    said, call = _begun(request)
    place = regions.chosen_code(request.POST.getlist("place")) or hotlines[0].region_code
    errors: dict[str, Any] = {}
    if request.method == "POST" and not any(request.POST.get(name) for name in SHOW):
        try:
            order, sentence = _taken(request, said, place, call)
            messages.success(request, sentence % {"number": order.case.number})
            if request.POST.get("then") == "open":
                return HttpResponseRedirect(reverse("requests.order", args=[order.case.number]))
            return HttpResponseRedirect(reverse("requests.intake"))
        except ValidationError as error:
            errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            if "article" in errors:
                errors["kb"] = errors.pop("article")
    facts = {
        "title": _("接听登记"), "said": said, "errors": errors, "types": Type.choices, "place": place,
        "levels": regions.levels(place), "children": reverse("regions.children"),
        "subjects": words.subject_options(3), "secret": bool(request.POST.get("secret")),
        "may_publish": request.method != "POST" or bool(request.POST.get("may_publish")),
        "known": _caller(request, said["phone"]), "alike": _alike(request, said["text"]),
        "knowledge": _knowledge(request, said["kb"], said["text"]), **calls.at_hand(request, swap=False),
    }  # fmt: skip
    return render(request, "requests/intake.html", facts, status=422 if errors else 200)


def _taken(request: HttpRequest, typed: dict[str, str], place: str, call: Call | None) -> tuple[Request, str]:
    """The order that came of the form, and what to say: registered, or answered from an article and closed."""
    article = request.POST.get("article", "")
    by, type_ = request.actor, typed["type"]  # type: ignore[attr-defined]
    if article and type_ == Type.HELP:
        type_ = Type.ASK  # the button says so; help is only what stands there when nobody has chosen
    said = Said(
        text=typed["text"], place_code=place, type=type_, subject=typed["subject"], address=typed["address"],
        name=typed["name"], phone=typed["phone"], secret=bool(request.POST.get("secret")),
        may_publish=bool(request.POST.get("may_publish")), source_ref=typed["source_ref"],
    )  # fmt: skip
    if article:
        pk = int(article) if article.isdecimal() and len(article) < 10 else 0
        order, new = answer_from(said, article=pk, submission=typed["key"], by=by, call=call)
        return order, _("已按知识答复并办结 %(number)s。") if new else _("这一件已登记过：%(number)s。")
    order, new = receive(said, by=by, submission=typed["key"], channel=PHONE, call=call)
    return order, _("已登记 %(number)s。") if new else _("这一件已登记过：%(number)s。")


def _begun(request: HttpRequest) -> tuple[dict[str, str], Call | None]:
    """What is written so far, and the call it is about: `?call=` fills in the number of one that has just come."""
    said = {name: request.POST.get(name, request.GET.get(name, "")) for name in FIELDS}
    call = _call(request, said["call"])
    said["call"] = str(call.pk) if call else ""
    if call is not None and request.method != "POST":
        said |= prefilled(call, request.actor)  # type: ignore[attr-defined]
    said["key"] = said["key"] if said["key"].isalnum() and len(said["key"]) == 24 else secrets.token_hex(12)
    return said, call


def prefilled(call: Call, actor: Actor) -> dict[str, str]:
    """What a call says before anybody speaks. Its first order has one key: entered by two at once it is one order."""
    first = not call.orders.exists()
    key = hashlib.sha256(f"call:{call.key}".encode()).hexdigest()[:24] if first else secrets.token_hex(12)
    phone = "" if queries_calls.hides(call, actor) else call.phone
    return {"call": str(call.pk), "phone": phone, "key": key, "source_ref": call.key}


def _call(request: HttpRequest, pk: str) -> Call | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 16):
        return None
    return queries_calls.calls(request.actor).filter(pk=pk).first()  # type: ignore[attr-defined]


@never_cache
def call_now(request: HttpRequest) -> HttpResponse:
    """A piece: the call at one's extension. An empty form gets its number; one that is not stays as it is."""
    empty = not any(request.GET.get(name, "").strip() for name in ("phone", "text", "call"))
    facts = calls.at_hand(request, swap=empty)
    said = {"call": request.GET.get("call", "")}
    if facts["swap"]:
        said = prefilled(facts["call"], request.actor)  # type: ignore[attr-defined]
        facts |= {"known": _caller(request, said["phone"])}
    return render(request, "requests/call_pop.html", facts | {"said": said, "errors": {}})


def intake_caller(request: HttpRequest) -> HttpResponse:
    """A piece: earlier orders of the phone just typed."""
    return render(request, "requests/intake_caller.html", {"known": _caller(request, request.GET.get("phone", ""))})


def intake_alike(request: HttpRequest) -> HttpResponse:
    """A piece: emergencies, classes and earlier answers for the words just typed."""
    return render(request, "requests/intake_alike.html", {"alike": _alike(request, request.GET.get("text", ""))})


def intake_articles(request: HttpRequest) -> HttpResponse:
    """A piece: what the knowledge base says to what is looked for there, else to the words of the order."""
    found = _knowledge(request, request.GET.get("kb", ""), request.GET.get("text", ""))
    return render(request, "requests/intake_articles.html", {"knowledge": found})


def _knowledge(request: HttpRequest, asked: str, text: str) -> dict[str, Any]:
    """Articles with what a caller would be told; public and internal ones, each as far as the operator may read it."""
    asked, text = asked.strip()[:100], text.strip()[:500]
    actor = request.actor  # type: ignore[attr-defined]
    if len(asked or text) < 2:
        return {"asked": "", "rows": []}
    region = queries.hotlines_of(actor, INTAKE)[0].region_code
    if asked:
        found = articles.find(asked, actor=actor, region=region)
    else:
        found = articles.like(text, actor=actor, region=region)
    return {"asked": asked or text, "rows": [(one, kind_word(one.kind), answer_of(one)) for one in found]}


def _caller(request: HttpRequest, phone: str) -> dict[str, Any]:
    """What is known of a phone; a secret order is named by its number alone."""
    rows = list(queries.by_phone(phone, request.actor)[:6]) if len(phone) >= 7 else []  # type: ignore[attr-defined]
    named_ = next((one.contact.get("name", "") for one in rows if not one.secret), "")
    return {"asked": len(phone) >= 7, "rows": [(one, words.tag(one)) for one in rows], "name": named_}


def _alike(request: HttpRequest, text: str) -> dict[str, Any]:
    text = text.strip()[:500]
    if len(text) < 2:
        return {}
    region = queries.hotlines_of(request.actor, INTAKE)[0].region_code  # type: ignore[attr-defined]
    names = words.subject_names()
    return {
        "emergencies": named(text), "answers": queries.answered_like(text, region),
        "subjects": [(one.code, words.subject_word(one.code, names)) for one in queries.subjects_like(text)],
    }  # fmt: skip
