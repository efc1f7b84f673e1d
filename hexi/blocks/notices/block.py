"""What people are told, by which channel, and talks about a thing."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.notices import (
    channels,
    jobs,
    operations,
    pages,
    pages_channels,
    pages_webhooks,
    webhooks,
    weixin,
    wording,
)
from hexi.blocks.notices.hooks import delivery_made, webhook_due
from hexi.blocks.people.hooks import mail_wanted
from hexi.kernel.hooks import Later
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Panel
from hexi.ui.live import Live

MEND = "notices.mend"
KEYS = "people.keys"

block = Block(
    key="notices",
    title=_("消息"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Pack("notices", wording.Templates, wording.load, check=wording.check),
        channels.MAIL,
        weixin.WEIXIN,
        weixin.TEMPLATES,
        channels.SMS,
        *channels.OPTIONS,
        operations.TRIES,
        operations.SITE_URL,
        Later(delivery_made, jobs.deliver),
        Later(mail_wanted, jobs.post_letter),
        webhooks.PRIVATE,
        Later(webhook_due, jobs.post_webhook),
        Schedule(jobs.sweep_webhooks, minutes=1),
        Panel("people.api_key", pages_webhooks.panel),
        Page("workbench", "systems/<int:pk>/webhooks/new/", pages_webhooks.subscribe, _("订阅事件"), verb=KEYS),
        Page("workbench", "systems/webhooks/<int:pk>/stop/", pages_webhooks.stop, _("停止订阅"), verb=KEYS),
        Page(
            "workbench", "systems/webhooks/dead/", pages_webhooks.dead, _("未送达的事件"),
            menu=_("未送达的事件"), icon="mail-off", order=96, verb=KEYS, count=pages_webhooks.dead_count,
        ),
        Schedule(jobs.sweep, minutes=1),
        Live("unread", pages.live_unread),
        Panel("ui.strip", pages.bell_link, order=10),
        Page(
            "citizen", "my/notices/", pages.inbox, _("消息"),
            menu=_("消息"), icon="bell", order=30, signed_in=True, count=pages.unread_count, live="unread",
        ),
        Page("citizen", "my/notices/<int:pk>/", pages.notice, _("消息"), signed_in=True),
        Page("citizen", "my/notices/read/", pages.read_all, _("全部标为已读"), signed_in=True, menu=False),
        Page("citizen", "my/notices/unread/", pages.unread, _("标为未读"), signed_in=True, menu=False),
        Page(
            "citizen", "my/notices/channels/", pages_channels.wishes, _("消息怎样告诉我"), icon="message-cog", order=55,
            signed_in=True,
        ),
        Page("citizen", "my/notices/channels/test/", pages_channels.try_out, _("测试消息"), signed_in=True, menu=False),
        Page("workbench", "notices/", pages.bell, _("消息"), signed_in=True),
        Page("workbench", "notices/<int:pk>/", pages.rung, _("消息"), signed_in=True),
        Page(
            "workbench", "notices/failures/", pages_channels.failures, _("发送失败"),
            menu=_("发送失败"), icon="mail-off", order=95, verb=MEND, count=pages_channels.failures_count,
        ),
    ),
)  # fmt: skip
