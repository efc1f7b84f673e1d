"""Apply (办): somebody asks, offices handle it within legal clocks, it ends with a result that can be proved."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.hooks import calendar_changed
from hexi.blocks.cases import commands, finding, hooks, intake, jobs, letters, readers, telling
from hexi.blocks.cases.items import ServiceFile
from hexi.blocks.cases.operations import publishing
from hexi.blocks.cases.pages import acting, applicant, applying, catalogue, public, tiles, work
from hexi.blocks.documents.readers import Reader
from hexi.blocks.search.found import Searchable
from hexi.kernel.hooks import Later, Listen
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Command
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Tile
from hexi.ui.live import Live

VIEW = "cases.view"

block = Block(
    key="cases",
    title=_("办件"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Pack("letters", letters.Wordings, letters.load, rank=40, check=letters.check),
        Pack("services", ServiceFile, publishing.take_in, rank=60, check=publishing.check),
        *intake.DRAFTS,
        Reader("cases.case", readers.may, readers.changeable, readers.purpose),
        Searchable("item", _("事项"), finding.all_items, "list-details", 10),
        Searchable("case", _("办件"), finding.all_cases, "folder", 20, (VIEW,)),
        Listen(hooks.case_submitted, telling.submitted),
        Listen(hooks.case_accepted, telling.accepted),
        Listen(hooks.letter_written, telling.letter_written),
        Listen(hooks.case_ended, telling.ended),
        Listen(hooks.case_submitted, finding.put_case),
        Listen(hooks.item_published, finding.put_item),
        Listen(hooks.item_withdrawn, finding.remove_item),
        Later(hooks.case_decided, jobs.certify),
        Listen(calendar_changed, jobs.recount_later),
        Schedule(jobs.accept_by_law, minutes=5),
        Schedule(jobs.certify_waiting, minutes=5),
        Schedule(jobs.recount_daily, minutes=24 * 60),
        Live("waiting", work.live_waiting),
        # the applicant
        Page("citizen", "apply/<int:item>/", applying.begin, _("申请"), signed_in=True),
        Page("citizen", "drafts/<str:key>/form/<slug:section>/", applying.section, _("填写")),
        Page("citizen", "drafts/<str:key>/materials/", applying.materials, _("材料")),
        Page("citizen", "drafts/<str:key>/check/", applying.check, _("核对")),
        Page("citizen", "my/cases/", applicant.my_cases, _("我的办件"), icon="folder", order=10, signed_in=True),
        Page("citizen", "my/cases/<str:number>/", applicant.mine, _("办件"), signed_in=True),
        Page("citizen", "my/cases/<str:number>/sent/", applying.sent, _("已提交"), signed_in=True),
        Page("citizen", "my/cases/<str:number>/mend/", applying.mend, _("补充"), signed_in=True),
        Page("citizen", "my/cases/<str:number>/withdraw/", applicant.withdraw, _("撤回"), signed_in=True),
        Page("citizen", "my/cases/<str:number>/say/", applicant.answer, _("留言"), signed_in=True),
        Page("plain", "cases/<str:number>/", applicant.open_case, _("办件"), signed_in=True),
        Tile("citizen", tiles.open_matters, order=10),
        # everybody
        Page("citizen", "progress/", public.progress, _("查询办理进度")),
        Page("citizen", "statistics/", public.statistics, _("办件统计")),
        Page("citizen", "decisions/", public.decisions, _("许可决定公开")),
        Tile("citizen", tiles.counters, order=70),
        # officials
        Page(
            "workbench", "inbox/", work.inbox, _("待办"), menu=_("待办"), icon="inbox", order=10, verb=VIEW,
            count=work.waiting, live="waiting",
        ),
        Page("workbench", "cases/", work.cases, _("全部办件"), menu=_("全部办件"), icon="folders", order=20, verb=VIEW),
        Page("workbench", "cases/<str:number>/", acting.case, _("办件"), verb=VIEW),
        Page("workbench", "cases/<str:number>/claim/", acting.claim, _("领取"), verb=VIEW),
        Page("workbench", "cases/<str:number>/say/", acting.say, _("留言"), verb=VIEW),
        Page("workbench", "cases/<str:number>/check/<int:document>/", acting.verify, _("核对原件"), verb=VIEW),
        Page("workbench", "cases/<str:number>/<slug:action>/", acting.act, _("办理"), verb=VIEW),
        Page(
            "workbench", "items/", catalogue.items, _("事项目录"), menu=_("事项目录"), icon="list-details", order=40,
            verb="items.view",
        ),
        Page("workbench", "items/<int:pk>/", catalogue.item, _("事项"), verb="items.view"),
        Page("workbench", "items/<int:pk>/withdraw/", catalogue.stop_item, _("停止办理"), verb="items.publish"),
        Tile("workbench", tiles.watched, order=5),
        Tile("workbench", tiles.today_at_work, order=10),
        Command("cases law", commands.law, "Accept by law what the five days have passed for, as the worker does."),
        Command("cases recount", commands.recount, "Compare the daily roll-up with the cases; exit 1 if they differ."),
    ),
)  # fmt: skip
