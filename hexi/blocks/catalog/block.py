"""One catalogue of data sets: who keeps each, what it holds, who may use it, how good it is; exchanged with proof."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.catalog import (
    definitions,
    exchange_adds,
    finding,
    hooks,
    jobs,
    jobs_loads,
    options,
    own,
    portal,
    synthetic,
    synthetic_rows,
)
from hexi.blocks.catalog.operations.own import prepare
from hexi.blocks.catalog.pages import entries, keeping
from hexi.blocks.catalog.pages import loads as row_pages
from hexi.blocks.catalog.pages import versions as version_pages
from hexi.blocks.catalog.queries import uses as used
from hexi.blocks.catalog.queries.entries import KEEP, PUBLISH, WRITE
from hexi.blocks.catalog.queries.loads import read_rows
from hexi.blocks.catalog.sampling import Sampled, read_own
from hexi.blocks.catalog.store import options as store
from hexi.blocks.catalog.uses import Uses
from hexi.blocks.search.found import Searchable
from hexi.kernel.hooks import Later
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Prepare, Tell
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Panel

block = Block(
    key="catalog",
    title=_("数据目录"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        options.AGAIN_DAYS,
        options.FAILURES,
        options.SAMPLE,
        *store.ALL,
        Pack("dataset_classes", definitions.ClassesFile, definitions.load_classes, rank=30),
        Pack("dataset_providers", own.ProvidersFile, own.load_providers, rank=47),
        Pack("datasets", own.DatasetsFile, own.load, rank=48, check=own.check),
        Pack("dataset_stories", synthetic.StoryFile, synthetic.load, rank=70),
        Prepare("自己的数据集 own data sets", prepare, rank=120),
        Uses("followers", _("订阅的人"), used.followers, used.count_followers),
        Uses("linked", _("关联的目录条目"), used.linked, used.count_linked),
        Uses("portal", _("开放"), used.portal, used.count_portal),
        Tell("演示数据目录 data catalogue", synthetic.tell),
        Tell("演示数据装载 loads of rows", synthetic_rows.tell),
        Searchable(finding.KIND, _("数据集"), finding.everything, "database", 40, (finding.VIEW,)),
        Schedule(jobs.remind, minutes=24 * 60),
        Schedule(jobs.look_at_own, minutes=6 * 60),
        Schedule(jobs.measure, minutes=24 * 60),
        Schedule(jobs.take_up_sheets, minutes=15),
        Sampled(("view",), read_own),
        Sampled(("file", "database", "http"), read_rows),
        Later(hooks.sheet_wanted, jobs.take_sheet),
        Later(hooks.load_wanted, jobs_loads.load),
        Later(hooks.asking_wanted, jobs_loads.ask),
        Schedule(jobs_loads.sweep, minutes=1),
        Schedule(jobs_loads.keep_tables, minutes=1),
        Page(
            "workbench",
            "catalog/",
            entries.catalogue,
            _("数据目录"),
            menu=_("数据目录"),
            icon="database",
            order=20,
            verb=finding.VIEW,
            count=entries.waiting,
        ),
        Page("workbench", "catalog/new/", entries.new_entry, _("新目录条目"), verb=WRITE),
        Page("workbench", "catalog/new/<int:provider>/", entries.write_entry, _("新目录条目"), verb=WRITE),
        Page("workbench", "catalog/import/", keeping.import_entries, _("导入目录"), verb=WRITE),
        Page("workbench", "catalog/import/<slug:key>/", keeping.sheet_import, _("导入目录：结果"), verb=WRITE),
        Page("workbench", "catalog/export/", keeping.export_entries, _("下载目录表格"), verb=finding.VIEW),
        Page("workbench", "catalog/extra/", keeping.extra_fields, _("地区扩展项"), verb=KEEP),
        Page("workbench", "catalog/<int:pk>/", entries.entry, _("目录条目"), verb=finding.VIEW),
        Page("workbench", "catalog/<int:pk>/edit/", entries.edit_entry, _("修改目录条目"), verb=WRITE),
        Page("workbench", "catalog/<int:pk>/act/", entries.act_on_entry, _("办理目录条目"), verb=finding.VIEW),
        Page("workbench", "catalog/<int:pk>/back/", entries.give_back_entry, _("退回修改"), verb=PUBLISH),
        Page("workbench", "catalog/<int:pk>/withdraw/", entries.withdraw_entry, _("撤下目录条目"), verb=WRITE),
        Page(
            "workbench",
            "catalog/<int:pk>/versions/<int:number>/",
            entries.entry_version,
            _("目录条目的版本"),
            verb=finding.VIEW,
        ),
        Panel("catalog.entry", row_pages.panel, order=20),
        Page(
            "workbench", "catalog/rows/", row_pages.row_sources, _("数据装载"), menu=_("数据装载"), icon="upload",
            order=21, verb=WRITE, count=row_pages.waiting,
        ),
        Page("workbench", "catalog/<int:pk>/rows/", row_pages.rows, _("数据装载"), verb=WRITE),
        Page("workbench", "catalog/<int:pk>/source/", row_pages.row_source, _("数据从哪里来"), verb=WRITE),
        Page("workbench", "catalog/<int:pk>/upload/", row_pages.upload_rows, _("上传数据"), verb=WRITE),
        Page("workbench", "catalog/<int:pk>/ask/", row_pages.ask_now, _("现在取一次"), verb=WRITE),
        Page("workbench", "catalog/<int:pk>/versions/", version_pages.row_versions, _("数据版本"), verb=WRITE),
        Page("workbench", "catalog/versions/<int:pk>/", version_pages.rows_version, _("数据版本"), verb=WRITE),
        Page("workbench", "catalog/versions/<int:pk>/use/", version_pages.use_version, _("用这个版本"), verb=WRITE),
        Page(
            "workbench", "catalog/versions/<int:pk>/withhold/", version_pages.withhold_version, _("不再公开"),
            verb=WRITE,
        ),
        Page(
            "workbench", "catalog/versions/<int:pk>/reopen/", version_pages.ask_to_open_version, _("申请重新公开"),
            verb=WRITE,
        ),
        Page("workbench", "catalog/versions/<int:pk>/open/", version_pages.open_version, _("重新公开"), verb=WRITE),
        Page("workbench", "catalog/loads/<int:pk>/", row_pages.load, _("数据装载"), verb=WRITE),
        Page("workbench", "catalog/loads/<int:pk>/confirm/", row_pages.confirm_load, _("确认数据项"), verb=WRITE),
        Page("workbench", "catalog/loads/<int:pk>/drop/", row_pages.drop_load, _("放弃这次装载"), verb=WRITE),
        *portal.ADDED,
        *exchange_adds.ADDS,
    ),
)  # fmt: skip
