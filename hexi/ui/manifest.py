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
        Page("plain", "preferences/", preferences.prefer, _("显示设置")),
        Page("plain", "kept/", kept.kept, _("继续提交"), signed_in=True),
    ),
)
