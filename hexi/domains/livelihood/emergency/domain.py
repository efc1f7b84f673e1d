"""The duty desk: an emergency event with its plan, tasks, contacts, log and closing report, day and night."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.alerts.hooks import alert_ended, alert_published, area_found
from hexi.blocks.documents.readers import Reader
from hexi.domains.livelihood.emergency import demo, hooks, kind, mapped, plans, queries, telling
from hexi.domains.livelihood.emergency.operations import warned
from hexi.domains.livelihood.emergency.pages import duty, events
from hexi.domains.livelihood.emergency.states import DUTY, VIEW
from hexi.kernel.hooks import Listen
from hexi.kernel.manifest import Domain, Tell
from hexi.ui.doors import Page

emergency = Domain(
    key="emergency",
    title=_("应急值班"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        kind.EVENT,
        *plans.PACKS,
        *mapped.ADDED,
        Tell(_("应急值班"), demo.tell),
        Reader(queries.KIND, queries.may_read, queries.never),
        Listen(alert_published, warned.by_alert),
        Listen(area_found, warned.by_ground),
        Listen(alert_ended, warned.alert_over),
        Listen(hooks.task_given, telling.given),
        Listen(hooks.level_changed, telling.level),
        Listen(hooks.alert_followed, telling.alert),
        Page("workbench", "emergency/", duty.desk, _("应急值班"), menu=_("应急值班"), icon="urgent", order=20,
             verb=VIEW),
        Page("workbench", "emergency/open/", events.open_new, _("启动事件"), verb=DUTY),
        Page("workbench", "emergency/events/", events.events, _("突发事件"), menu=_("突发事件"), icon="alarm", order=21,
             verb=events.rights),
        Page("workbench", "emergency/events/<str:number>/", events.event, _("突发事件"), verb=events.rights),
        Page("workbench", "emergency/events/<str:number>/<slug:action>/", events.act, _("办理"), verb=events.rights),
        Page("workbench", "emergency/roster/", duty.roster, _("值班表"), menu=_("值班表"), icon="calendar", order=22,
             verb=VIEW),
        Page("workbench", "emergency/shifts/<int:pk>/<slug:what>/", duty.shift, _("交接班"), verb=VIEW),
        Page("workbench", "emergency/plans/", duty.plan_list, _("应急预案"), verb=VIEW),
    ),
)  # fmt: skip
