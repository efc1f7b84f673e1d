"""Indicators (measure 评): figures with their meaning, kept by the write path, from province down to village."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.indicators import commands, definitions, pages
from hexi.kernel.manifest import Block, Command
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, foot

block = Block(
    key="indicators",
    title=_("指标"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Pack("indicators", definitions.IndicatorsFile, definitions.load, rank=50, check=definitions.check),
        Page("citizen", "indicators/", pages.indicators, _("指标")),
        foot("indicators.indicators", _("指标")),
        Page("citizen", "indicators/<str:key>/", pages.figure, _("指标")),
        Page(
            "workbench", "indicators/", pages.work_indicators, _("指标"), menu=_("指标"), icon="chart-bar", order=30,
            verb="statistics.view",
        ),
        Page("workbench", "indicators/<str:key>/", pages.work_figure, _("指标"), verb="statistics.view"),
        Command("indicators verify", commands.verify, "核对汇总数与明细 / compare the figures with what they count"),
        Command(
            "indicators rebuild", commands.rebuild, "按明细重新统计 / count the figures anew from the details",
            commands.rebuild_arguments,
        ),
    ),
)  # fmt: skip
