"""Warnings by area and severity (CAP): any domain issues, any domain listens."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.alerts import (
    definitions,
    jobs,
    keys,
    mapped,
    message,
    outside,
    pages,
    pages_keep,
    pages_outside,
    pages_work,
    reach,
)
from hexi.blocks.alerts.hooks import alert_published, fetch_wanted
from hexi.blocks.alerts.queries import APPROVE, BRING, COMPOSE, CONTACTS, VIEW
from hexi.kernel.hooks import Later
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Prepare
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Tile

block = Block(
    key="alerts",
    title=_("预警"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        keys.KEY,
        message.SENDER,
        outside.PRIVATE,
        outside.MINUTES,
        *reach.OWN,
        *mapped.ADDED,
        Prepare("预警签名密钥 key of alerts", keys.prepare, rank=10),
        Pack("colours", definitions.Colours, definitions.load, rank=30, check=definitions.check_colours),
        Pack("hazards", definitions.Hazards, definitions.load, rank=30),
        Later(alert_published, jobs.reach),
        Later(fetch_wanted, jobs.fetch),
        Schedule(jobs.sweep, minutes=1),
        Schedule(jobs.fetch_all, minutes=5),
        Tile("citizen", pages.banner, order=1),
        Tile("workbench", pages_work.tile, order=1),
        Page("citizen", "alerts/", pages.current, _("预警"), menu=_("预警"), icon="alert-triangle", order=65),
        Page("citizen", "alerts/feed.<str:form>", pages.feed_of, _("预警订阅源")),
        Page("plain", "alerts/confirm/<str:token>/", pages.confirm, _("确认收到预警")),
        Page("citizen", "alerts/others/<int:pk>/", pages.other, _("其他单位的预警")),
        Page("citizen", "alerts/<str:number>/", pages.alert, _("预警")),
        Page("citizen", "alerts/<str:number>/cap.xml", pages.document, _("预警 CAP 文件")),
        Page("citizen", "my/alerts/", pages.watch, _("预警提醒"), icon="alert-triangle", order=58, signed_in=True),
        Page("citizen", "my/alerts/<int:pk>/end/", pages.unwatch, _("取消关注"), signed_in=True),
        Page(
            "workbench", "alerts/", pages_work.work_alerts, _("预警发布"), menu=_("预警发布"), icon="alert-triangle",
            order=55, verb=VIEW, count=pages_work.waiting,
        ),
        Page("workbench", "alerts/new/", pages_work.compose, _("起草预警"), verb=COMPOSE),
        Page("workbench", "alerts/mine/<int:pk>/", pages_work.confirm_mine, _("确认收到预警"), signed_in=True),
        Page(
            "workbench", "alerts/contacts/", pages_keep.contacts, _("预警联络人"), menu=_("预警联络人"), icon="users",
            order=56, verb=CONTACTS,
        ),
        Page("workbench", "alerts/contacts/new/", pages_keep.add_contact, _("登记联络人"), verb=CONTACTS),
        Page("workbench", "alerts/contacts/<int:pk>/end/", pages_keep.end_contact, _("取消联络人"), verb=CONTACTS),
        Page(
            "workbench", "alerts/sources/", pages_outside.sources, _("外部预警来源"), menu=_("外部预警来源"),
            icon="rss", order=57, verb=BRING,
        ),
        Page("workbench", "alerts/sources/new/", pages_outside.add_source, _("登记外部来源"), verb=BRING),
        Page("workbench", "alerts/sources/<int:pk>/", pages_outside.source, _("外部预警"), verb=BRING),
        Page("workbench", "alerts/sources/<int:pk>/upload/", pages_outside.upload, _("上传 CAP 文件"), verb=BRING),
        Page("workbench", "alerts/sources/<int:pk>/ask/", pages_outside.ask_source, _("现在查询"), verb=BRING),
        Page("workbench", "alerts/sources/<int:pk>/end/", pages_outside.end_source, _("停用来源"), verb=BRING),
        Page("workbench", "alerts/sources/received/<int:pk>/", pages_outside.received, _("外部预警"), verb=BRING),
        Page("workbench", "alerts/<str:number>/", pages_work.work_alert, _("预警"), verb=VIEW),
        Page("workbench", "alerts/<str:number>/change/", pages_work.change, _("修改预警"), verb=COMPOSE),
        Page("workbench", "alerts/<str:number>/area/", pages_work.area, _("加一块区域"), verb=COMPOSE),
        Page("workbench", "alerts/<str:number>/area/map.json", pages_work.area_map, _("地图数据"), verb=COMPOSE),
        Page("workbench", "alerts/<str:number>/area/drop/", pages_work.drop_area, _("去掉区域"), verb=COMPOSE),
        Page("workbench", "alerts/<str:number>/act/", pages_work.act, _("办理预警"), verb=VIEW),
        Page("workbench", "alerts/<str:number>/back/", pages_work.give_back, _("退回修改"), verb=APPROVE),
        Page("workbench", "alerts/<str:number>/update/", pages_work.update, _("更新预警"), verb=COMPOSE),
        Page("workbench", "alerts/<str:number>/cancel/", pages_work.cancel, _("解除预警"), verb=COMPOSE),
        Page("workbench", "alerts/<str:number>/calls/", pages_work.calls, _("叫应名单"), verb=VIEW),
    ),
)  # fmt: skip
