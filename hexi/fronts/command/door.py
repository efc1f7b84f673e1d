"""The command centre's door: a wall with one map, live figures that open their lists, and the same as a list."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.fronts.command import pages
from hexi.fronts.command.queries import VIEW, wall_now
from hexi.kernel.manifest import Door
from hexi.ui.doors import Page, Tile
from hexi.ui.live import Live

command = Door(
    key="command",
    title=_("指挥中心"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Live("wall", wall_now),
        Tile("workbench", pages.tile, order=2),
        Page("command", "", pages.wall, _("指挥中心"), menu=_("指挥中心"), icon="map-2", order=0, verb=VIEW),
        Page("command", "data.json", pages.data, _("地图数据"), verb=VIEW),
    ),
)
