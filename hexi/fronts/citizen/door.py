"""The citizens' door: one big search, life events, my matters; it shows what blocks and domains declare."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.fronts.citizen import pages
from hexi.kernel.manifest import Door
from hexi.ui.doors import Page, foot

citizen = Door(
    key="citizen",
    title=_("门户"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Page("citizen", "", pages.home, _("首页"), menu=_("首页"), icon="home", order=10),
        Page("citizen", "my/", pages.my, _("我的"), menu=_("我的"), icon="user", order=40, signed_in=True),
        Page("citizen", "site-map/", pages.site_map, _("网站地图")),
        foot("citizen.site_map", _("网站地图")),
        Page("plain", "robots.txt", pages.robots, _("给搜索引擎的话"), menu=False),
    ),
)
