"""The Open311 server (docs/open311.md): discovery, services, requests, tokens, updates; JSON or XML by the ending.

Reading needs no key. Sending needs `api_key`, a key of ours with the right to hand in orders.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from hexi.blocks.notices.operations import SITE_URL
from hexi.blocks.people import keys
from hexi.blocks.people.actors import Outside
from hexi.domains.livelihood.requests import options, rates
from hexi.domains.livelihood.requests.channels import open311
from hexi.domains.livelihood.requests.pages import words
from hexi.kernel import clock
from hexi.wire import open311 as wire
from hexi.wire.open311 import Refused

ROOT = "open311/v2/"
#: day from which the endpoint speaks as it does
CHANGESET = "2026-11-29T00:00:00+08:00"
Body = bytes
Speak = Callable[..., tuple[int, Body]]


def speaking(speak: Speak) -> Callable[..., HttpResponse]:
    """The view of what speaks: its format checked, every refusal in the specification's words."""

    @csrf_exempt
    @wraps(speak)
    def view(request: HttpRequest, form: str, **arguments: str) -> HttpResponse:
        if form not in wire.MEDIA:
            return _answer(404, wire.write_error(404, "the format must be json or xml", "xml"), "xml")
        try:
            return _answer(*speak(request, form, **arguments), form)
        except Refused as refused:
            return _answer(refused.status, wire.write_error(refused.status, refused.description, form), form)
        except RequestDataTooBig:
            return _answer(413, wire.write_error(413, "the request is too large; send a media_url", form), form)
        except (SuspiciousOperation, UnreadablePostError):
            return _answer(400, wire.write_error(400, "the form cannot be read", form), form)

    return view


def _answer(status: int, body: bytes, form: str) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type=wire.MEDIA[form])
    response.headers["Cache-Control"] = "no-store"
    return response


@speaking
def discovery(request: HttpRequest, form: str) -> tuple[int, Body]:
    """Where we answer and who gives keys."""
    _only(request, "GET")
    site = SITE_URL.value.rstrip("/")
    said = wire.Discovery(
        CHANGESET, f"{site}/requests/", f"{site}/work/systems/", (wire.Endpoint(f"{site}/{ROOT[:-1]}", CHANGESET),)
    )
    return 200, wire.write_one(said, form)


@speaking
def services(request: HttpRequest, form: str) -> tuple[int, Body]:
    """Every class that may be asked about."""
    _only(request, "GET")
    open311.region_of(_clean(request.GET.get("jurisdiction_id", "")))
    return 200, wire.write(open311.services(), wire.Service, form)


@speaking
def service(request: HttpRequest, form: str, code: str) -> tuple[int, Body]:
    """The further fields of one class."""
    _only(request, "GET")
    open311.region_of(_clean(request.GET.get("jurisdiction_id", "")))
    return 200, wire.write_one(open311.definition(_clean(code)), form)


@speaking
def service_requests(request: HttpRequest, form: str) -> tuple[int, Body]:
    """Orders that may be read; or a new one."""
    if request.method == "POST":
        given = _posted(request)
        by = _key(given, words.network(request))
        return 201, wire.write([open311.take(wire.read_post(given), by=by)], wire.Receipt, form)
    _only(request, "GET", "POST")
    search, region = _searched(request)
    return 200, wire.write(open311.found(search, region), wire.Request, form)


@speaking
def service_request(request: HttpRequest, form: str, number: str) -> tuple[int, Body]:
    """One order."""
    _only(request, "GET")
    region = open311.region_of(_clean(request.GET.get("jurisdiction_id", "")))
    return 200, wire.write(open311.one(_clean(number), region), wire.Request, form)


@speaking
def token(request: HttpRequest, form: str, number: str) -> tuple[int, Body]:
    """We number at once: a token is the number itself."""
    _only(request, "GET")
    rows = open311.one(_clean(number), "")
    made = [wire.Receipt(one.service_request_id, token=one.service_request_id) for one in rows]
    return 200, wire.write(made, wire.Receipt, form)


@speaking
def service_updates(request: HttpRequest, form: str) -> tuple[int, Body]:
    """What happened to orders that may be read; or something told about one."""
    if request.method == "POST":
        given = _posted(request)
        by = _key(given, words.network(request))
        return 201, wire.write([open311.tell(_update(given), by=by)], wire.Update, form)
    _only(request, "GET", "POST")
    search, region = _searched(request)
    return 200, wire.write(open311.updates(search, region), wire.Update, form)


def _only(request: HttpRequest, *methods: str) -> None:
    if request.method not in (*methods, "HEAD"):
        raise Refused(405, f"use {' or '.join(methods)}")


def _clean(text: str) -> str:
    """No sign a database cannot be asked for."""
    if "\0" in text:
        raise Refused(400, "a NUL is not allowed")
    return text


def _searched(request: HttpRequest) -> tuple[wire.Search, str]:
    given = {name: _clean(value) for name, value in request.GET.items()}
    return wire.read_search(given, clock.now()), open311.region_of(given.get("jurisdiction_id", ""))


def _posted(request: HttpRequest) -> Mapping[str, Sequence[str]]:
    return {_clean(name): [_clean(str(value)) for value in values] for name, values in request.POST.lists()}


def _key(given: Mapping[str, Sequence[str]], address: str) -> Outside:
    """Who sends. Raises `Refused` 403, 429."""
    text = (given.get("api_key") or [""])[-1]
    if not text:
        raise Refused(403, "api_key was not provided")
    if not rates.keys_are_looked_at(address):
        raise Refused(429, "too many wrong api_keys from this address; try again in the next minute")
    by = keys.spoken_by(text)
    if by is None:
        rates.spend_wrong_key(address)
        raise Refused(403, "invalid api_key received")
    if keys.count(by.api_key) >= options.OPEN311_PER_MINUTE.value:
        raise Refused(429, "too many requests by this api_key in a minute; try again in the next one")
    open311.require_intake(by)
    return by


def _update(given: Mapping[str, Sequence[str]]) -> wire.Update:
    facts = {name: values[-1].strip() for name, values in given.items() if values}
    status = facts.get("status", "").lower()
    for name in ("service_request_id", "description"):
        if not facts.get(name):
            raise Refused(400, f"{name} was not provided")
    if status not in ("", wire.OPEN, wire.CLOSED):
        raise Refused(400, "status must be open or closed")
    return wire.Update(
        facts.get("update_id", ""), facts["service_request_id"], status, description=facts["description"]
    )
