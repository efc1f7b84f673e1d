"""Sharing on request: an office asks for data another keeps, its head decides in ten days, grants are used in cases."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.forms.drafts import Known
from hexi.blocks.forms.hooks import draft_started
from hexi.blocks.indicators.counted import Counted
from hexi.domains.livelihood.sharing import demo, facts, hooks, jobs, kind, rules, telling
from hexi.domains.livelihood.sharing.operations import using
from hexi.domains.livelihood.sharing.pages import links, thread, wizard, work
from hexi.domains.livelihood.sharing.states import APPLY, DECIDE, TERMS
from hexi.kernel.hooks import Listen
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Domain, Tell
from hexi.ui.doors import Page, Panel

sharing = Domain(
    key="sharing",
    title=_("数据共享"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        kind.SHARING,
        rules.PACK,
        Tell("演示共享申请 applications for data", demo.tell),
        Counted(facts.OWNER, facts.TITLES, facts.recount, _("数据集"), facts.names),
        # which field answers which question stands in the application: here only what the answers come from is called
        Known(using.SOURCE, _("共享数据")),
        Listen(draft_started, using.fill),
        Listen(hooks.asked, telling.asked),
        Listen(hooks.decided, telling.decided),
        Schedule(jobs.forget, minutes=24 * 60),
        Schedule(jobs.count_calls, minutes=10),
        Panel("catalog.grant", links.at_grant, order=10),
        Panel("catalog.message", links.at_message, order=10),
        Panel("people.looks", links.at_looks, order=20),
        Panel("catalog.entry", wizard.panel, order=10),
        Panel("cases.case", thread.at_work, order=15),
        Panel("cases.mine", thread.at_mine, order=15),
        Page(
            "workbench", "sharing/", work.applications, _("共享申请"), menu=_("共享申请"), icon="arrows-exchange",
            order=22, verb=work.rights, count=work.waiting,
        ),
        Page("workbench", "sharing/apply/<int:pk>/", wizard.begin, _("申请共享"), verb=APPLY),
        Page("workbench", "sharing/new/<slug:key>/<slug:step>/", wizard.step, _("申请共享"), verb=APPLY),
        Page("workbench", "sharing/terms/", work.terms, _("共享期限"), verb=work.rights),
        Page("workbench", "sharing/terms/new/", work.new_term, _("增加本地期限"), verb=TERMS),
        Page("workbench", "sharing/check/<str:number>/<int:pk>/", thread.check_data, _("核对数据"), verb=using.USE),
        Page("workbench", "sharing/<str:number>/", work.application, _("共享申请"), verb=work.rights),
        Page("workbench", "sharing/<str:number>/thread/", thread.thread, _("数据的来龙去脉"), verb=work.rights),
        Page("workbench", "sharing/<str:number>/calls/", thread.calls, _("签名的调用记录"), verb=work.rights),
        Page("workbench", "sharing/<str:number>/correct/", wizard.correct, _("补正"), verb=APPLY),
        Page("workbench", "sharing/<str:number>/withdraw/", work.withdraw, _("撤回共享申请"), verb=APPLY),
        Page("workbench", "sharing/<str:number>/grant/<slug:what>/", work.change_grant, _("授权"), verb=DECIDE),
        Page("workbench", "sharing/<str:number>/<slug:action>/", work.act, _("决定"), verb=DECIDE),
    ),
)  # fmt: skip
