"""Regions: divisions of five levels with their history, departments, and the sites of the site group."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.regions import commands, pages, pages_maps, pages_sites
from hexi.blocks.regions.packs import PACKS
from hexi.kernel.manifest import Block, Command
from hexi.ui.doors import Brand, Page

VIEW, EDIT = "regions.view", "regions.edit"

block = Block(
    key="regions",
    title=_("区划与部门"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        *PACKS,
        Brand(pages.masthead),
        Page("plain", "regions/pick/", pages.pick, _("选择地区")),
        Page("plain", "regions/children/", pages.children, _("下级地区"), menu=False),
        Page("plain", "regions/here/", pages.here, _("切换地区"), menu=False),
        Page("plain", "sites/", pages.sites, _("网站群")),
        Page("plain", "s/<slug:key>/", pages.site, _("进入网站")),
        Page("workbench", "departments/", pages.departments, _("部门名录"), _("部门名录"), "building", 80, VIEW),
        Page("workbench", "departments/<slug:key>/", pages.department, _("部门名录"), verb=VIEW),
        Page("workbench", "departments/<slug:key>/edit/", pages_sites.edit_department, _("修改部门"), verb=EDIT),
        Page("workbench", "sites/", pages_sites.work_sites, _("网站"), _("网站"), "world", 83, EDIT),
        Page("workbench", "sites/<slug:key>/", pages_sites.edit_site, _("网站"), verb=EDIT),
        Page("workbench", "edits/<int:pk>/undo/", pages_sites.undo_edit, _("撤销改动"), menu=False, verb=EDIT),
        Page("workbench", "divisions/", pages.divisions, _("行政区划"), _("行政区划"), "map-2", 81, VIEW),
        Page("workbench", "divisions/<slug:code>/", pages.division, _("行政区划"), verb=VIEW),
        Page("workbench", "divisions/<slug:code>/rename/", pages.rename, _("更名"), verb=EDIT),
        Page("workbench", "divisions/<slug:code>/merge/", pages.merge, _("合并"), verb=EDIT),
        Page("plain", "maps/<int:pk>/<slug:digest>.json", pages_maps.base_map, _("底图数据")),
        Page("workbench", "maps/", pages_maps.base_maps, _("底图"), _("底图"), "map-2", 82, VIEW),
        Page("workbench", "maps/import/", pages_maps.import_map, _("导入底图"), verb=EDIT),
        Page("workbench", "maps/<int:pk>/", pages_maps.base_map_page, _("底图"), verb=VIEW),
        Page("workbench", "maps/<int:pk>/end/", pages_maps.end_base_map, _("停用底图"), verb=EDIT),
        Command(
            "regions map",
            commands.take_map,
            "导入区划边界或建筑（GeoJSON） / boundaries or buildings from a GeoJSON file",
            commands.map_arguments,
        ),
        Command(
            "regions load", commands.load, "导入区划名录 / import division lists of the packs", commands.load_arguments
        ),
        Command(
            "regions extract",
            commands.extract,
            "从原始表摘出一个地区的区划 / make a region's list from the source's tables",
            commands.extract_arguments,
        ),
    ),
)
