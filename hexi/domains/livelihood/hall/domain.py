"""The service hall: complete guides found by everyday words, applications decided in time, results one can prove."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.market.matters import Matter
from hexi.blocks.regions.edits import Choosable
from hexi.domains.livelihood.hall import pages, queries
from hexi.kernel.manifest import Domain
from hexi.ui.doors import Page, Panel, Tile

hall = Domain(
    key="hall",
    title=_("政务服务大厅"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Page("citizen", "items/", pages.items, _("办事"), menu=_("办事"), icon="list-search", order=20),
        Page("citizen", "items/<slug:key>/", pages.guide, _("办事指南")),
        Page("citizen", "items/<slug:key>/papers/<slug:material>/", pages.blank, _("空白表格与样例")),
        Matter("item", queries.to_book_for),
        Choosable(queries.choosable),
        Panel("market.window", pages.window_panel),
        Tile("citizen", pages.events_tile, order=20),
        Tile("citizen", pages.topics_tile, order=30),
        Tile("citizen", pages.frequent_tile, order=40),
        Tile("citizen", pages.departments_tile, order=60),
        Tile("citizen", pages.across_tile, order=67),
    ),
)
