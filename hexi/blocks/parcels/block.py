"""Handing over: courier channels, tracking, pick-up codes, proof of delivery."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.parcels import api, codes, couriers, jobs, pages, play, tracking
from hexi.blocks.parcels.hooks import courier_wanted
from hexi.kernel.hooks import Later
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block
from hexi.ui.doors import Page

SEND, HAND = "parcels.send", "parcels.hand"

block = Block(
    key="parcels",
    title=_("送达"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        couriers.HTTP,
        play.PLAYED,
        *couriers.OPTIONS,
        codes.TRIES,
        codes.DAYS,
        tracking.TRIES,
        tracking.SILENT_DAYS,
        Later(courier_wanted, jobs.exchange),
        Schedule(jobs.sweep, minutes=1),
        Schedule(jobs.look_after, minutes=60),
        Page("citizen", "my/parcels/", pages.mine, _("我的送达"), icon="package", order=25, signed_in=True),
        Page("citizen", "my/parcels/<str:number>/", pages.mine_one, _("送达"), signed_in=True),
        Page("citizen", "my/parcels/<str:number>/code/", pages.new_code, _("换领取码"), signed_in=True),
        Page("plain", "couriers/events/", api.events, _("快递消息"), menu=False),
        Page(
            "workbench", "parcels/", pages.parcels, _("送达"), menu=_("送达"), icon="package", order=50, verb=SEND,
            count=pages.waiting,
        ),
        Page("workbench", "parcels/hand/", pages.hand, _("凭码交付"), verb=HAND),
        Page("workbench", "parcels/<str:number>/", pages.parcel, _("送达"), verb=SEND),
        Page("workbench", "parcels/<str:number>/send/", pages.send, _("下单寄出"), verb=SEND),
        Page("workbench", "parcels/<str:number>/known/", pages.hand_known, _("核对证件后交付"), verb=HAND),
        Page("workbench", "parcels/<str:number>/cancel/", pages.cancel, _("取消送达"), verb=SEND),
        Page("workbench", "parcels/<str:number>/again/", pages.again, _("重新安排送达"), verb=SEND),
        Page("workbench", "parcels/<str:number>/label/", pages.label_of, _("面单"), verb=SEND),
    ),
)  # fmt: skip
