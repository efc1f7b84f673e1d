"""A courier who is played in the demo: moves with the demo clock, carries nothing, and says so. Beside couriers."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hexi.blocks.parcels.couriers import Courier
from hexi.blocks.parcels.models import Parcel
from hexi.kernel import clock
from hexi.wire.courier_http import Label, News

#: hours after the order, what happens, where, and what the courier says
WAY = (
    (2, "collected", "寄件网点（演示）", "快递员已取件。"),
    (6, "transit", "酒泉分拨中心（演示）", "已发往收件地。"),
    (22, "out", "收件网点（演示）", "快递员正在派送。"),
    (26, "delivered", "收件地址（演示）", "已签收。"),
)
SIGNED = "本人签收（演示）"


def order(label: Label) -> str:
    """A tracking number that no real courier gives."""
    return f"DEMO{label.number.removeprefix('P')}"


def track(parcel: Parcel) -> list[News]:
    """What has happened by now."""
    start, now = parcel.ordered_at or clock.now(), clock.now()
    return [
        News(
            f"demo:{kind}", kind, start + timedelta(hours=hours), parcel.number, parcel.tracking, place, text,
            SIGNED if kind == "delivered" else "",
        )
        for hours, kind, place, text in WAY
        if start + timedelta(hours=hours) <= now
    ]  # fmt: skip


def cancel(parcel: Parcel) -> None:
    """Always possible: nothing was carried."""


PLAYED = Courier(
    "demo", _("演示快递（虚构，不送任何东西）"), order, track, cancel, lambda: bool(settings.DEMO), timedelta,
    synthetic=True,
)  # fmt: skip
