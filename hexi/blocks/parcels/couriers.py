"""The courier's port: `Courier` in a manifest; one that speaks HTTP is ours (docs/courier.md). Beside queries."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from hexi.blocks.parcels.models import Parcel
from hexi.kernel.manifest import added
from hexi.kernel.options import Option
from hexi.kernel.packs import Words
from hexi.wire import courier_http
from hexi.wire.courier_http import Label, News

CHOSEN = Option(
    "parcels.courier", str, "",
    "新送达件用的快递渠道；留空：第一个设好的。 / Key of the courier for new parcels; empty: the first that is set up.",
)  # fmt: skip
URL = Option(
    "parcels.courier_url", str, "",
    "快递服务器地址（docs/courier.md）；留空：没有。 / Address of the courier's server (docs/courier.md); empty: none.",
)  # fmt: skip
SECRET = Option("parcels.courier_secret", str, "", "与快递共用的密钥。 / Secret shared with the courier.", secret=True)
PATIENCE = Option(
    "parcels.courier_seconds", int, 15, "等快递应答最多几秒。 / Seconds to wait for the courier's answer."
)
ASK_HOURS = Option(
    "parcels.ask_hours", int, 6, "几小时没有消息就去问快递。 / Hours without news after which the courier is asked."
)
OPTIONS = (CHOSEN, URL, SECRET, PATIENCE, ASK_HOURS)


@dataclass(frozen=True)
class Courier:
    """Somebody who carries parcels.

    `order(label)` gives the tracking number; asked again with the same key, the same one. `track(parcel)` gives all
    events so far, in any order. `cancel(parcel)` calls the order off. Each raises `courier_http.Refused` (useless to
    ask again) or OSError (ask later). `wait()`: how long to rely on its own messages before asking.
    """

    key: str
    title: Any
    order: Callable[[Label], str]
    track: Callable[[Parcel], list[News]]
    cancel: Callable[[Parcel], None]
    ready: Callable[[], bool]
    wait: Callable[[], timedelta]
    synthetic: bool = False


@cache
def couriers() -> dict[str, Courier]:
    """Every declared courier by its key."""
    return {one.key: one for one in added(Courier)}


def chosen() -> Courier | None:
    """The courier that takes new parcels; None if none is set up."""
    if CHOSEN.value:
        one = couriers().get(CHOSEN.value)
        return one if one is not None and one.ready() else None
    return next((one for one in couriers().values() if one.ready()), None)


def title_of(key: str) -> Words:
    """A courier's name in both languages."""
    title = couriers()[key].title if key in couriers() else key
    with translation.override("zh-hans"):
        chinese = str(title)
    with translation.override("en"):
        return Words(zh=chinese, en=str(title))


def order(label: Label) -> str:
    """Order a label by HTTP."""
    body, headers = courier_http.order(label, SECRET.value, real_now())
    return courier_http.tracking_of(*_post("labels", body, headers))


def track(parcel: Parcel) -> list[News]:
    """Ask by HTTP what happened."""
    return courier_http.news_of(*_post("track", *_asked(parcel, "track")))


def cancel(parcel: Parcel) -> None:
    """Call an order off by HTTP."""
    courier_http.taken(*_post("cancel", *_asked(parcel, "cancel")))


def real_now() -> datetime:
    """The time signatures are made at: the other side's clock is not moved with the demo's."""
    return datetime.fromtimestamp(time.time(), UTC)


def _asked(parcel: Parcel, what: str) -> tuple[bytes, dict[str, str]]:
    now = real_now()
    key = f"{parcel.key}:{what}" + (f":{now.timestamp():.0f}" if what == "track" else "")
    return courier_http.ask(parcel.number, parcel.tracking, key, SECRET.value, now)


def _post(what: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    url = f"{URL.value.rstrip('/')}/{what}"
    if not url.startswith(("https://", "http://")):
        raise OSError("parcels.courier_url must begin with https:// or http://")
    request = Request(url, body, headers, method="POST")  # noqa: S310 checked
    try:
        with urlopen(request, timeout=PATIENCE.value) as response:  # noqa: S310 checked
            return response.status, response.read(courier_http.LONGEST)
    except HTTPError as error:
        return error.code, error.read(10_000)


HTTP = Courier(
    "http", _("快递"), order, track, cancel, lambda: bool(URL.value and SECRET.value),
    lambda: timedelta(hours=ASK_HOURS.value),
)  # fmt: skip
