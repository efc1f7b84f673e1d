"""The port through which money comes and goes: `Channel` in a manifest. The built-in ones stand in `counter`, `online`.

Stands beside models.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hexi.kernel.manifest import added
from hexi.wire.pay_http import Returned, Told


class Unreachable(Exception):
    """The channel did not answer, or not so that it can be believed: nothing is known, it is asked again later."""


class Declined(Exception):
    """The channel answered that it will not; the text says why."""


@dataclass(frozen=True)
class Channel:
    """One way money comes. An official takes it (`counter`), or the payer pays elsewhere and the channel tells.

    A channel that tells has all of `open`, `ask` and `give_back`; each may be called again with the same payment or
    refund, whose `order` or `key` names it, and raises `Unreachable` or `Declined`. A counter's money is given back by
    the official who says so. `keeps`: the money already lies with the office when it is entered, so that what comes
    twice is held, not refused. `reference` is what the channel calls its own number, if the clerk has to enter it.
    """

    key: str
    title: Any
    icon: str
    counter: bool = False
    keeps: bool = True
    reference: Any = ""
    ready: Callable[[], bool] = lambda: True
    open: Callable[[Any], Told] | None = None
    ask: Callable[[Any], Told] | None = None
    give_back: Callable[[Any], Returned] | None = None


def channels(*, counter: bool | None = None) -> list[Channel]:
    """Every channel that is set up; only those of the counter, or only the others, if asked."""
    return [one for one in added(Channel) if one.ready() and counter in (None, one.counter)]


def channel(key: str) -> Channel:
    """The channel of this key, set up or not. Raises `LookupError`."""
    found = next((one for one in added(Channel) if one.key == key), None)
    if found is None:
        raise LookupError(f"no channel {key}")
    return found


def title(key: str) -> str:
    """What people call it; its key if it is gone."""
    return next((str(one.title) for one in added(Channel) if one.key == key), key)
