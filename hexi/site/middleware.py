"""Middleware of the installation: security headers with a strict CSP, who acts, and errors in plain words."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost, ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from hexi.site import errors
from hexi.ui import live

Respond = Callable[[HttpRequest], HttpResponse]


def known_host(respond: Respond) -> Respond:
    """Refuse a `Host` that is none of ours (option site.hosts) before anything else looks at it.

    Scanners send such requests all day: they get one short line and leave one in the log.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            return HttpResponse("没有这个网站 / no such site\n", status=400, content_type="text/plain; charset=utf-8")
        return respond(request)

    return middleware


def client_address(respond: Respond) -> Respond:
    """Let `REMOTE_ADDR` be, behind a proxy on this machine, what the proxy saw: rate limits count by it.

    Only the last address of `X-Forwarded-For` is the proxy's own word; those before it a visitor may have made up.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        seen, forwarded = request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
        if forwarded and (seen.startswith("127.") or seen in ("", "::1")):
            request.META["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip()
        return respond(request)

    return middleware


def policy(request: HttpRequest, form_action: str = "'self'") -> str:
    """The Content-Security-Policy of a page whose forms lead to these places."""
    return (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'self'; base-uri 'none'; "
        f"connect-src 'self' {live.host(request)}; form-action {form_action}; frame-ancestors 'self'"
    )


def security_headers(respond: Respond) -> Respond:
    """Content-Security-Policy without `unsafe-*`, and the headers Django does not set.

    A view may set its own policy (a sandboxed preview); it is kept.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        response.headers.setdefault("Content-Security-Policy", policy(request))
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        return response

    return middleware


def actor(respond: Respond) -> Respond:
    """Put `request.actor`, found when first asked for."""
    from hexi.blocks.people import queries

    def middleware(request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: queries.actor_of(request))  # type: ignore[attr-defined]
        return respond(request)

    return middleware


class plain_errors:  # noqa: N801 - used like the function middlewares beside it
    """Turn what no page caught into a clear page: an operation's `ValidationError`, text a database does not take."""

    def __init__(self, respond: Respond):
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this when a view raises."""
        if isinstance(exception, DataError):  # PostgreSQL: a NUL sign, a number out of range
            return errors.bad_request(request, exception)
        if isinstance(exception, ValidationError) and not settings.DEBUG:
            return errors.page(
                request,
                422,
                _("没有办成"),
                " ".join(exception.messages),
                _("之前保存的内容都还在。请返回上一页改正后再试。"),
            )
        return None
