"""What people are told, by which channel, and talks about a thing."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.notices import channels, jobs, operations, pages, pages_channels, wording
from hexi.blocks.notices.hooks import delivery_made
from hexi.blocks.people.hooks import mail_wanted
from hexi.kernel.hooks import Later
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Panel
from hexi.ui.live import Live

MEND = "notices.mend"

block = Block(
    key="notices",
    title=_("消息"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Pack("notices", wording.Templates, wording.load, check=wording.check),
        channels.MAIL,
        channels.SMS,
        *channels.OPTIONS,
        operations.TRIES,
        operations.SITE_URL,
        Later(delivery_made, jobs.deliver),
        Later(mail_wanted, jobs.post_letter),
        Schedule(jobs.sweep, minutes=1),
        Live("unread", pages.live_unread),
        Panel("ui.strip", pages.bell_link, order=10),
        Page(
            "citizen", "my/notices/", pages.inbox, _("消息"),
            menu=_("消息"), icon="bell", order=30, signed_in=True, count=pages.unread_count, live="unread",
        ),
        Page("citizen", "my/notices/<int:pk>/", pages.notice, _("消息"), signed_in=True),
        Page("citizen", "my/notices/read/", pages.read_all, _("全部标为已读"), signed_in=True),
        Page("citizen", "my/notices/unread/", pages.unread, _("标为未读"), signed_in=True),
        Page(
            "citizen", "my/notices/channels/", pages_channels.wishes, _("消息怎样告诉我"), icon="message-cog", order=55,
            signed_in=True,
        ),
        Page("citizen", "my/notices/channels/test/", pages_channels.try_out, _("测试消息"), signed_in=True),
        Page("workbench", "notices/", pages.bell, _("消息"), signed_in=True),
        Page("workbench", "notices/<int:pk>/", pages.rung, _("消息"), signed_in=True),
        Page(
            "workbench", "notices/failures/", pages_channels.failures, _("发送失败"),
            menu=_("发送失败"), icon="mail-off", order=95, verb=MEND, count=pages_channels.failures_count,
        ),
    ),
)  # fmt: skip
