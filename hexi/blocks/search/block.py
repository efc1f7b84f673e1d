"""One index for everything a person may look for; Chinese by character bigrams, pinyin and initials."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.search import commands, jobs, pages
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Command
from hexi.ui.doors import Page

block = Block(
    key="search",
    title=_("搜索"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Page("citizen", "search/", pages.search, _("搜索")),
        Page("citizen", "search/suggest/", pages.suggest, _("搜索建议"), menu=False),
        Schedule(jobs.test_nightly, minutes=1440),
        Command("search rebuild", commands.rebuild, "重建搜索索引 / write the index anew", commands.kinds),
        Command("search selftest", commands.test, "逐条试搜，找出搜不到的 / look for every public thing"),
    ),
)
