"""Something limited is offered, held, booked: appointments at a window, and the numbers of the day's queue."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.hooks import calendar_changed
from hexi.blocks.market import jobs, options, pages, pages_hall, pages_work
from hexi.blocks.market.definitions import PACKS
from hexi.blocks.market.queries import CALL, PLAN
from hexi.kernel.hooks import Later
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block
from hexi.kernel.options import Option
from hexi.ui.doors import Page
from hexi.ui.live import Live

block = Block(
    key="market",
    title=_("预约与排队"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        *(value for value in vars(options).values() if isinstance(value, Option)),
        *PACKS,
        Later(calendar_changed, jobs.plan_again),
        Schedule(jobs.plan, minutes=60),
        Schedule(jobs.remind, minutes=30),
        Schedule(jobs.note_misses, minutes=15),
        Live("line", pages_work.live_line),
        Page("citizen", "appointments/", pages.book, _("预约办理"), menu=_("预约"), icon="calendar-plus", order=60),
        Page("citizen", "appointments/<slug:hall>/<slug:queue>/", pages.book_time, _("选时间")),
        Page("citizen", "my/appointments/", pages.mine, _("我的预约"), icon="calendar-event", order=26, signed_in=True),
        Page("citizen", "my/appointments/<str:code>/", pages.mine_one, _("我的预约"), signed_in=True),
        Page("citizen", "my/appointments/<str:code>/cancel/", pages.cancel, _("取消预约"), signed_in=True),
        Page("citizen", "my/appointments/<str:code>/file.ics", pages.calendar_file, _("加到日历"), signed_in=True),
        Page("citizen", "queue/<slug:hall>/<str:sign>/", pages.take_here, _("取号"), signed_in=True),
        Page("citizen", "tickets/<uuid:key>/", pages.ticket, _("我的号")),
        Page("plain", "screen/<slug:hall>/", pages_hall.screen, _("叫号屏")),
        Page("plain", "kiosk/<slug:hall>/<str:sign>/", pages_hall.kiosk, _("取号机")),
        Page(
            "workbench", "window/", pages_work.window, _("我的窗口"), menu=_("我的窗口"), icon="bell-ringing", order=12,
            verb=CALL,
        ),
        Page("workbench", "window/sit/", pages_work.sit, _("选窗口"), verb=CALL),
        Page("workbench", "window/next/", pages_work.call_next, _("叫下一个"), verb=CALL),
        Page("workbench", "window/<int:pk>/know/", pages_work.know, _("核对是谁"), verb=CALL),
        Page("workbench", "window/<int:pk>/on/", pages_work.hand_on, _("转到别的窗口"), verb=CALL),
        Page("workbench", "window/<int:pk>/<slug:what>/", pages_work.step, _("我的窗口"), verb=CALL),
        Page(
            "workbench", "appointments/", pages_work.bookings, _("预约"), menu=_("预约"), icon="calendar-event",
            order=52, verb=CALL,
        ),
        Page(
            "workbench", "appointments/days/", pages_work.days, _("预约安排"), menu=_("预约安排"), icon="calendar-cog",
            order=53, verb=PLAN,
        ),
        Page(
            "workbench", "appointments/days/<int:pk>/<str:day>/close/", pages_work.close_day, _("停止预约"), verb=PLAN
        ),
        Page("workbench", "appointments/days/<int:pk>/<str:day>/open/", pages_work.open_day, _("恢复预约"), verb=PLAN),
    ),
)  # fmt: skip
