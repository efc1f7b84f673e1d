"""Working days and office hours per region, with make-up days; the arithmetic of legal clocks."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars import commands, operations, options, pages, regional
from hexi.kernel.manifest import Block, Command, Prepare
from hexi.kernel.options import Option
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page

VIEW, EDIT = "calendars.view", operations.EDIT
HOME = "calendars/<str:region>/"

block = Block(
    key="calendars",
    title=_("工作日历"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        *(value for value in vars(options).values() if isinstance(value, Option)),
        Pack("calendars", regional.RegionCalendar, regional.load, rank=30),
        Prepare(_("工作日历"), commands.prepare, rank=40),
        Command("calendars seed", commands.seed, "用已公布的节假日填写全国日历 / fill the nation's calendar"),
        Command("calendars compare", commands.compare, "列出各来源不一致的日子和取用的一方 / where sources differ"),
        Page(
            "workbench",
            "calendars/",
            pages.calendars,
            _("工作日历"),
            menu=_("工作日历"),
            icon="calendar",
            order=80,
            verb=VIEW,
        ),
        Page("workbench", "calendars/new/", pages.open_calendar, _("为一个地区设日历"), verb=EDIT),
        Page("workbench", HOME + "<int:year>/", pages.year, _("工作日历"), verb=VIEW),
        Page("workbench", HOME + "<int:year>/announced/", pages.announce_year, _("放假安排"), verb=EDIT),
        Page("workbench", HOME + "day/", pages.change_day, _("修改一天"), verb=EDIT),
        Page("workbench", HOME + "import/", pages.import_days, _("导入放假安排"), verb=EDIT),
        Page("workbench", HOME + "hours/", pages.office_hours, _("修改办公时间"), verb=EDIT),
        Page("plain", "calendar/<int:year>/", pages.public_year, _("工作日历")),
    ),
)
