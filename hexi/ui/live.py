"""Live facts: small values a page keeps up to date by server-sent events (`hexi listen`), such as unread notices.

In a template: `<span data-live="unread">3</span>` shows a number, `data-live-refresh="handed:TOKEN"` with
`hx-trigger="live"` fetches anew when the fact changes. Without the stream a page is as good as when it was loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hexi.kernel.actors import Actor


@dataclass(frozen=True)
class Live:
    """A fact the browser may follow: `read(actor, argument)` gives a small JSON value, in one cheap query.

    `argument` is text from the address (a draft, a slot): check the right to it as any page would.
    """

    name: str
    read: Callable[[Actor, str], Any]


def host(request: HttpRequest) -> str:
    """Origin of the stream: option site.events_url, else the host of this page with the port of live events."""
    own = f"{request.scheme}://{request.get_host().partition(':')[0]}:{settings.HEXI_EVENTS_PORT}"
    return settings.HEXI_EVENTS_URL.rstrip("/") or own


def address(request: HttpRequest) -> str:
    """Where a page's script follows live facts."""
    return host(request) + "/events/"
