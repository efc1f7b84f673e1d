"""Server-sent events, in a process of its own: a browser names live facts and is told when one changes.

GET /events/?unread=&handed=TOKEN with the session cookie answers events "unread" and "handed:TOKEN". Pages work
without it; the stream only saves reloading.
Plain ASGI: one coroutine a browser, the database is asked in a thread. Why not in the web server:
docs/decisions/server.md.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

import django
from asgiref.sync import sync_to_async

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.contrib.auth import get_user  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import close_old_connections  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.http.request import split_domain_port, validate_host  # noqa: E402

from hexi.blocks.people.queries import actor_of  # noqa: E402
from hexi.kernel.actors import Actor  # noqa: E402
from hexi.kernel.manifest import added  # noqa: E402
from hexi.site import options  # noqa: E402
from hexi.ui.live import Live  # noqa: E402

EVERY = 2.0  # seconds between two looks
MOST = 20  # facts a page may follow
LONGEST = 900.0  # then the browser connects again, so that an ended session ends the stream
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def application(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
    """One event stream, until the browser leaves."""
    if scope["type"] != "http":
        return
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get("origin", "")
    actor = await sync_to_async(actor_from)(headers.get("cookie", ""))
    # a page of ours is told why, too, when its session has ended; without these its browser calls that a forbidden site
    ours = [
        (b"access-control-allow-origin", origin.encode("latin-1")), (b"access-control-allow-credentials", b"true"),
    ] if allowed(origin) else []  # fmt: skip
    if actor is None or not ours:
        await _answer(send, 403, [(b"content-type", b"text/plain"), *ours], b"sign in first", more=False)
        return
    wanted = asked(scope["query_string"].decode())
    await _answer(send, 200, [
        (b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"), *ours,
    ], b"retry: 5000\n\n", more=True)  # fmt: skip
    left = asyncio.ensure_future(_until_gone(receive))
    try:
        await asyncio.wait_for(_stream(send, actor, wanted, left), LONGEST)
    except TimeoutError:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        left.cancel()


def facts() -> dict[str, Live]:
    """Every live fact by its name."""
    return {live.name: live for live in added(Live)}


def asked(query: str) -> list[tuple[str, str]]:
    """The known facts a query asks for, with arguments: printable ones only, they go back into the stream."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name, argument) for name, argument in pairs if name in facts() and argument.isprintable()][:MOST]


def actor_from(cookies: str) -> Actor | None:
    """Who is signed in by these cookies; None for a stranger or an ended session."""
    close_old_connections()
    morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    request = HttpRequest()
    request.session = SessionStore(morsel.value)
    request.user = get_user(request)
    return actor_of(request) if request.user.is_authenticated else None


def allowed(origin: str) -> bool:
    """Only pages of this site may read the stream (it comes with the session cookie)."""
    return not origin or validate_host(split_domain_port(origin.partition("://")[2])[0], options.HOSTS.value)


def look(actor: Actor, wanted: list[tuple[str, str]]) -> dict[str, Any]:
    """The facts as they are now."""
    close_old_connections()
    return {":".join(filter(None, pair)): facts()[pair[0]].read(actor, pair[1]) for pair in wanted}


async def _stream(send: Send, actor: Actor, wanted: list[tuple[str, str]], left: "asyncio.Future[None]") -> None:
    before: dict[str, Any] = {}
    while not left.done():
        now = await sync_to_async(look)(actor, wanted)
        text = "".join(
            f"event: {name}\ndata: {json.dumps(value)}\n\n"
            for name, value in now.items()
            if name not in before or before[name] != value  # null is a first value too
        )
        await send({"type": "http.response.body", "body": (text or ": \n\n").encode(), "more_body": True})
        before = now
        await asyncio.wait([left], timeout=EVERY)


async def _until_gone(receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": more})
