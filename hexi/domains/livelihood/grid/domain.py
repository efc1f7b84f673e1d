"""The grid: cells with people responsible for them, events found, handled and checked within their limits."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.documents.readers import Reader
from hexi.blocks.indicators.counted import Counted
from hexi.domains.livelihood.grid import commands, demo, figures, jobs, mapped, queries, rules, warned
from hexi.domains.livelihood.grid.operations.reporting import DRAFT, KEPT
from hexi.domains.livelihood.grid.pages import cells, drawing, incidents, people, phone, scores
from hexi.domains.livelihood.grid.states import KIND
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Command, Domain, Tell
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page

REPORT, VIEW, EDIT, VIDEO = "grid.report", "grid.view", "grid.edit", "grid.video"

grid = Domain(
    key="grid",
    title=_("网格"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        KIND,
        Pack("grid_codes", rules.CodesFile, rules.load_codes, rank=45),
        Pack("grid_classes", rules.ClassFile, rules.load_classes, rank=45),
        Pack("grid_cells", demo.CellsFile, demo.load_cells, rank=70),
        Tell(_("网格"), demo.fill),
        Counted("grid", figures.FACTS, figures.recount, _("类别"), figures.class_names),
        Counted("gridcells", figures.CELLS, figures.recount_cells, _("网格"), figures.cell_names),
        *mapped.ADDED,
        *warned.ADDED,
        Reader(KEPT, queries.may_read_photo, queries.photos_open),
        Reader(DRAFT, queries.no_reader),
        Command(
            "grid import", commands.take_in, "导入网格（GeoJSON） / cells from a GeoJSON file",
            commands.take_in_arguments,
        ),
        Schedule(jobs.end_holds, minutes=5),
        # the worker
        Page("workbench", "grid/phone/", phone.phone, _("网格员"), menu=_("网格员"), icon="device-mobile", order=12,
             verb=REPORT),
        Page("workbench", "grid/phone/report/", phone.report, _("上报"), verb=REPORT),
        Page("workbench", "grid/phone/check-in/", phone.check_in, _("打卡"), verb=REPORT),
        Page("workbench", "grid/phone/worker.js", phone.phone_script, _("离线脚本"), verb=REPORT),
        # offices
        Page("workbench", "grid/incidents/", incidents.incidents, _("网格事件"), menu=_("网格事件"), icon="map-pin",
             order=14, signed_in=True, verb=VIEW),
        Page("workbench", "grid/incidents/<str:number>/", incidents.incident, _("网格事件"), signed_in=True),
        Page("workbench", "grid/incidents/<str:number>/<slug:action>/", incidents.act, _("办理"), signed_in=True),
        Page("workbench", "grid/cells/", cells.cells, _("网格"), menu=_("网格"), icon="grid-4x4", order=50, verb=VIEW),
        Page("workbench", "grid/cells/import/", cells.take_cells, _("导入网格"), verb=EDIT),
        Page("workbench", "grid/cells/draw/", drawing.draw, _("画网格"), verb=EDIT),
        Page("workbench", "grid/cells/draw/map.json", drawing.draw_map, _("地图数据"), verb=EDIT),
        Page("workbench", "grid/cells/<str:code>/draw/", drawing.redraw, _("改网格边界"), verb=EDIT),
        Page("workbench", "grid/cells/<str:code>/", cells.cell, _("网格"), signed_in=True),
        Page("workbench", "grid/cells/<str:code>/homes/", people.homes, _("住户"), signed_in=True),
        Page("workbench", "grid/cells/<str:code>/<slug:action>/", cells.change_cell, _("修改网格"), verb=EDIT),
        Page("workbench", "grid/homes/", people.strays, _("没有网格的住户"), verb="grid.people"),
        Page("workbench", "grid/homes/<int:pk>/", people.home, _("住户"), signed_in=True),
        Page("workbench", "grid/homes/<int:pk>/move-in/", people.move_in, _("登记住户"), signed_in=True),
        Page("workbench", "grid/homes/<int:pk>/move-out/<int:resident>/", people.move_out, _("迁出"), signed_in=True),
        Page("workbench", "grid/homes/<int:pk>/drop/", people.drop_home, _("删除这一户"), signed_in=True),
        Page("workbench", "grid/components/", cells.components, _("管理部件"), menu=_("管理部件"), icon="bulb",
             order=51, verb=VIEW),
        Page("workbench", "grid/components/import/", cells.take_components, _("导入部件"), verb=EDIT),
        Page("workbench", "grid/imports/<int:pk>/", cells.imported, _("导入结果"), verb=EDIT),
        Page("workbench", "grid/classes/", cells.grid_classes, _("事件和部件的类别"), menu=_("事件和部件的类别"),
             icon="list-details", order=51, verb=VIEW),
        Page("workbench", "grid/videos/", people.videos, _("视频点位"), menu=_("视频点位"), icon="video", order=52,
             verb=VIDEO),
        Page("workbench", "grid/videos/new/", people.put_video, _("登记视频点位"), verb=EDIT),
        Page("workbench", "grid/videos/<int:pk>/", people.video, _("视频点位"), verb=VIDEO),
        Page("workbench", "grid/videos/<int:pk>/drop/", people.drop_video, _("删除点位"), verb=EDIT),
        Page("workbench", "grid/scores/", scores.scores, _("网格评价"), menu=_("网格评价"), icon="chart-bar", order=53,
             verb="statistics.view"),
        Page("workbench", "grid/scores/cells/", scores.cell_scores, _("网格评价：网格"), verb="statistics.view"),
        Page("workbench", "grid/scores/<slug:fact>/", scores.behind, _("数字背后的事件"), verb="statistics.view"),
    ),
)  # fmt: skip
