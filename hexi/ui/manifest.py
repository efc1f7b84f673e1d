"""What the look itself adds: the gallery of its parts and the switches of language, edition and colours."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.kernel.manifest import Domain
from hexi.ui import gallery, kept, preferences
from hexi.ui.doors import Page

ui = Domain(
    key="ui",
    title=_("界面"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Page("plain", "ui/", gallery.gallery, _("界面总览")),
        Page("citizen", "ui/home/", gallery.gallery_home, _("门户首页")),
        Page("plain", "ui/list/", gallery.gallery_list, _("列表页")),
        Page("workbench", "ui/list/", gallery.gallery_work, _("工作台列表页")),
        Page("plain", "ui/list/<int:pk>/", gallery.gallery_row, _("列表的一行")),
        Page("plain", "ui/detail/", gallery.gallery_detail, _("详情页")),
        Page("plain", "ui/form/", gallery.gallery_form, _("表单页")),
        Page("plain", "ui/steps/<int:number>/", gallery.gallery_steps, _("分步页")),
        Page("plain", "ui/board/", gallery.gallery_board, _("看板页")),
        Page("plain", "ui/map/", gallery.gallery_map, _("地图")),
        Page("plain", "ui/map/<slug:state>.json", gallery.gallery_map_data, _("地图数据")),
        Page("plain", "ui/error/<int:status>/", gallery.gallery_error, _("出错页")),
        Page("plain", "preferences/", preferences.prefer, _("显示设置"), menu=False),
        Page("plain", "kept/", kept.kept, _("继续提交"), signed_in=True, menu=False),
    ),
)
