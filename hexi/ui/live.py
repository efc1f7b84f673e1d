"""Live facts: small values a page keeps up to date by server-sent events (`hexi listen`), such as unread notices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hexi.kernel.actors import Actor


@dataclass(frozen=True)
class Live:
    """A fact the browser may follow: `read(actor, argument)` gives a small JSON value, in one cheap query.

    `argument` is text from the address (a draft, a slot): check the right to it as any page would.
    """

    name: str
    read: Callable[[Actor, str], Any]
