"""Apply (办): somebody asks, offices handle it within legal clocks, it ends with a result that can be proved."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.hooks import calendar_changed
from hexi.blocks.cases import (
    commands,
    counts,
    data_uses,
    facts,
    fees,
    finding,
    hooks,
    intake,
    jobs,
    letters,
    readers,
    telling,
)  # fmt: skip
from hexi.blocks.cases import supervision as orders
from hexi.blocks.cases.api import ADDS as API
from hexi.blocks.cases.bundle_adds import ADDS as BUNDLES
from hexi.blocks.cases.definitions import SUPPLEMENT_DAYS
from hexi.blocks.cases.items import ServiceFile
from hexi.blocks.cases.joined import ADDS as JOINED
from hexi.blocks.cases.operations import handing, publishing, rating, waiving
from hexi.blocks.cases.pages import (
    acting,
    applicant,
    applying,
    builder,
    catalogue,
    editor,
    figures,
    powers,
    public,
    ratings,
    selfcheck,
    sheets,
    spent,
    supervision,
    tiles,
    work,
)
from hexi.blocks.cases.pages import fees as fees_pages
from hexi.blocks.cases.promised import ADDS as PROMISED
from hexi.blocks.catalog.uses import Uses
from hexi.blocks.documents.hooks import level_raised
from hexi.blocks.documents.readers import Reader
from hexi.blocks.indicators.counted import Counted
from hexi.blocks.money.hooks import paid, refunded
from hexi.blocks.parcels import pages as parcels
from hexi.blocks.parcels.hooks import delivered
from hexi.blocks.search.found import Searchable
from hexi.kernel.hooks import Later, Listen
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Command
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Panel, Tile, foot
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
        Uses("services", _("事项的预填和免提交"), data_uses.services, data_uses.count_services),
        *intake.DRAFTS,
        *PROMISED,
        *API,
        *JOINED,
        *BUNDLES,
        Counted(
            facts.OWNER, facts.TITLES, facts.recount, _("事项"), facts.item_names, supervision.behind_address,
        ),
        Reader(
            "cases.case", readers.may, readers.changeable, readers.purpose, readers.adds, checks=readers.checks,
            official=readers.OFFICIAL,
        ),
        Searchable("item", _("事项"), finding.all_items, "list-details", 10, chosen=finding.items_at),
        Searchable("case", _("办件"), finding.all_cases, "folder", 20, (VIEW,)),
        Listen(hooks.case_submitted, telling.submitted),
        Listen(hooks.case_accepted, telling.accepted),
        Listen(hooks.letter_written, telling.letter_written),
        Listen(hooks.case_ended, telling.ended),
        Listen(hooks.case_submitted, finding.put_case),
        Listen(hooks.items_published, finding.put_items),
        Listen(hooks.item_withdrawn, finding.remove_item),
        Listen(hooks.case_decided, fees.raise_charge),
        Listen(hooks.case_ended, fees.cancel),
        Listen(paid, jobs.certify_paid),
        Listen(refunded, jobs.charge_returned),
        Panel("cases.case", fees_pages.panel, order=5),
        Page(
            "workbench", "cases/<str:number>/waive-fee/", fees_pages.waive_fee, _("免收费用"), verb=waiving.VERB,
        ),
        Later(hooks.fee_waived, jobs.certify),
        Later(hooks.case_decided, jobs.certify),
        Listen(delivered, handing.handed),
        Panel("cases.case", parcels.panel, order=10),
        Panel("cases.mine", parcels.panel, order=10),
        Listen(calendar_changed, jobs.recount_later),
        Later(hooks.dues_moved, jobs.tell_moved),
        Schedule(jobs.accept_by_law, minutes=5),
        Schedule(jobs.count_late_hearings, minutes=5),
        Schedule(jobs.end_party_pauses, minutes=5),
        Schedule(jobs.remind_procedures, minutes=60),
        Schedule(jobs.certify_waiting, minutes=5),
        Schedule(jobs.recount_daily, minutes=24 * 60),
        Schedule(jobs.drop_left, minutes=24 * 60),
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
        Page("citizen", "statistics/", figures.statistics, _("办件统计")),
        Page("citizen", "decisions/", public.decisions, _("许可决定公开")),
        Page("citizen", "decisions/<int:pk>/", public.decision, _("许可决定")),
        Tile("citizen", tiles.progress, order=65),
        Tile("citizen", tiles.counters, order=70),
        Tile("citizen", tiles.rated, order=80),
        # officials
        Page(
            "workbench", "inbox/", work.inbox, _("待办"), menu=_("待办"), icon="inbox", order=10, verb=work.inbox_verbs,
            count=work.waiting, live="waiting",
        ),
        Page("workbench", "cases/", work.cases, _("全部办件"), menu=_("全部办件"), icon="folders", order=20, verb=VIEW),
        Page("workbench", "cases/<str:number>/", acting.case, _("办件"), verb=VIEW),
        Page("workbench", "cases/<str:number>/claim/", acting.claim, _("领取"), verb=VIEW),
        Page("workbench", "cases/<str:number>/say/", acting.say, _("留言"), verb=VIEW),
        Page("workbench", "cases/<str:number>/check/<int:document>/", acting.verify, _("核对原件"), verb=VIEW),
        Page("workbench", "cases/<str:number>/<slug:action>/", acting.act, _("办理"), verb=VIEW),
        # watched by the supervisor, checked every night, told to everybody
        orders.ANSWER_DAYS,
        SUPPLEMENT_DAYS,
        rating.CONTACT_DAYS,
        rating.MEND_DAYS,
        Listen(level_raised, counts.shown_late),
        Listen(hooks.rated_bad, telling.rated_bad),
        Listen(hooks.rating_answered, telling.rating_answered),
        Panel("cases.mine", ratings.panel, order=5),
        Page("citizen", "my/cases/<str:number>/rate/", ratings.rate, _("评价"), signed_in=True),
        Page("citizen", "ratings/", ratings.rating_results, _("好差评结果")),
        foot("cases.rating_results", _("好差评结果")),
        Page(
            "workbench", "ratings/", ratings.rating_list, _("好差评"), menu=_("好差评"), icon="mood-smile", order=33,
            verb=VIEW,
        ),
        Page("workbench", "ratings/<int:pk>/", ratings.rating, _("评价"), verb=VIEW),
        Page("workbench", "ratings/<int:pk>/<slug:action>/", ratings.handle_rating, _("处理评价"), verb=VIEW),
        Listen(hooks.order_issued, orders.tell_office),
        Listen(hooks.order_answered, orders.tell_supervisor),
        Schedule(jobs.self_check, minutes=24 * 60),
        Panel("cases.case", supervision.orders_panel),
        Page("workbench", "figures/<str:names>/", supervision.behind, _("数字背后的办件"), verb=VIEW),
        Page(
            "workbench", "supervision/", supervision.watch, _("电子监察"), menu=_("电子监察"), icon="traffic-lights",
            order=25, verb="cases.supervise",
        ),
        Page("workbench", "supervision/cases/", supervision.lit, _("办件监察"), verb="cases.supervise"),
        Page("workbench", "supervision/issue/<str:number>/", supervision.issue, _("督办"), verb="cases.supervise"),
        Page("workbench", "supervision/orders/", supervision.orders, _("督办单"), verb=VIEW),
        Tile("workbench", supervision.orders_tile, order=3),
        Page("workbench", "supervision/orders/<int:pk>/", supervision.order, _("督办单"), signed_in=True),
        Page(
            "workbench", "supervision/orders/<int:pk>/<slug:action>/", supervision.act_on_order, _("督办单"),
            signed_in=True,
        ),
        Page("workbench", "supervision/time/", spent.spent, _("用时"), verb="statistics.view"),
        Page("workbench", "supervision/time/cases/", spent.done_steps, _("办完的环节"), verb=VIEW),
        Page("workbench", "supervision/reasons/", spent.reasons, _("退回和不予许可的原因"), verb=VIEW),
        Page("workbench", "supervision/reasons/cases/", spent.because, _("退回和不予许可的原因"), verb=VIEW),
        Page(
            "workbench", "self-check/", selfcheck.self_check, _("体检"), menu=_("体检"), icon="checks", order=45,
            verb="items.view",
        ),
        Page("citizen", "powers/", powers.powers, _("权力清单")),
        foot("cases.powers", _("权力清单")),
        Page("citizen", "powers/<slug:key>/", powers.power_list, _("权力清单")),
        Page(
            "workbench", "items/", catalogue.items, _("事项目录"), menu=_("事项目录"), icon="list-details", order=40,
            verb="items.view",
        ),
        Page("workbench", "items/sheet/", sheets.take_items, _("导入事项"), verb="items.publish"),
        Page("workbench", "items/sheet/<slug:key>/", sheets.item_import, _("导入事项"), verb="items.publish"),
        Page("workbench", "items/sheet/<slug:key>/report.csv", sheets.import_report, _("报告"), verb="items.publish"),
        Later(hooks.import_asked, jobs.import_items),
        Page("workbench", "items/sheet.<str:kind>", sheets.items_sheet, _("导出事项"), verb="items.view"),
        Page("workbench", "items/<int:pk>/", catalogue.item, _("事项"), verb="items.view"),
        Page("workbench", "items/<int:pk>/withdraw/", catalogue.stop_item, _("停止办理"), verb="items.publish"),
        Page("workbench", "items/<int:pk>/edit/", editor.edit, _("修改"), verb="items.edit"),
        Page("workbench", "items/<int:pk>/compare/", editor.compare, _("比较版本"), verb="items.view"),
        Page("workbench", "items/<int:pk>/<str:digest>/<slug:part>.yaml", editor.export, _("导出"), verb="items.view"),
        Page("workbench", "items/bring/", editor.bring, _("导入事项"), verb="items.edit"),
        Page("workbench", "items/drafts/<int:pk>/", editor.item_draft, _("修改"), verb="items.edit"),
        Page("workbench", "items/drafts/<int:pk>/questions/", builder.draft_questions, _("改问题"), verb="items.edit"),
        Page("workbench", "items/drafts/<int:pk>/preview/", editor.preview_draft, _("预览"), verb="items.edit"),
        Page("workbench", "items/drafts/<int:pk>/publish/", editor.publish_draft, _("现在发布"), verb="items.edit"),
        Page("workbench", "items/drafts/<int:pk>/discard/", editor.discard_draft, _("放弃草稿"), verb="items.edit"),
        Schedule(jobs.publish_planned, minutes=60),
        Tile("workbench", tiles.watched, order=5),
        Tile("workbench", tiles.today_at_work, order=10),
        Command("cases law", commands.law, "满五个工作日的视为受理 / accept by law what is due"),
        Command(
            "cases import", commands.take_items, "按国家列导入事项 / items from a CSV or XLSX file", commands.sheet_in
        ),
        Command(
            "cases export", commands.give_items, "按国家列导出事项 / items into a CSV or XLSX file", commands.sheet
        ),
        Command("cases recount", commands.recount, "核对按日统计与办件 / compare the roll-up with the cases"),
    ),
)  # fmt: skip
