"""The officials' door: what waits, what is due, then the menus the blocks and domains declare."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.fronts.workbench import pages
from hexi.kernel.manifest import Door
from hexi.ui.doors import Page

workbench = Door(
    key="workbench",
    title=_("工作台"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Page(
            "workbench", "", pages.home, _("工作台"), menu=_("工作台"), icon="layout-dashboard", order=0, signed_in=True
        ),
    ),
)
