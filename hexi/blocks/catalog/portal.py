"""What the open data portal adds to the manifest: its pages for everybody, its addresses for programs, its reviews."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.catalog import harvesting, hooks, telling
from hexi.blocks.catalog.operations.harvest import PRIVATE
from hexi.blocks.catalog.pages import actions, charts, dcat, harvest, portal, wishes
from hexi.blocks.catalog.queries import reads
from hexi.blocks.catalog.queries.entries import KEEP
from hexi.blocks.catalog.sampling import Reads
from hexi.kernel.hooks import Later
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Tell
from hexi.ui.doors import Page

ADDED = (
    actions.PER_MINUTE,
    Reads("opened", reads.opened),
    Tell("演示开放数据 open data portal", telling.tell),
    # programs
    Page("plain", "api/3/action/<str:name>", actions.action, _("开放数据接口")),
    Page("plain", "api/action/<str:name>", actions.action_too, _("开放数据接口")),
    Page("plain", "catalog.<str:form>", dcat.dcat_catalogue, _("开放数据目录 DCAT")),
    Page("plain", "dataset/<str:slug>.<str:form>", dcat.dcat_dataset, _("开放数据集 DCAT")),
    Page("plain", "data/<slug:slug>/rows.csv-metadata.json", dcat.csvw_metadata, _("列的说明 CSVW")),
    Page("plain", "data/<slug:slug>/schema.jsonld", dcat.schema, _("数据集 schema.org")),
    Page("plain", "data/sitemap.xml", dcat.sitemap, _("开放数据站点地图"), menu=False),
    Page("plain", "data/feed.atom", portal.feed, _("开放数据更新订阅"), menu=False),
    # everybody
    Page("citizen", "data/", portal.datasets, _("数据开放"), menu=_("数据开放"), icon="database", order=66),
    Page("citizen", "data/api/", portal.interface, _("开放数据接口")),
    Page("citizen", "data/wishes/", wishes.wishes, _("数据需求")),
    Page("citizen", "data/wishes/new/", wishes.wish, _("提出数据需求"), signed_in=True),
    Page("citizen", "data/products/", wishes.products, _("应用成果")),
    Page("citizen", "data/products/new/", wishes.product, _("登记应用"), signed_in=True),
    Page("citizen", "data/products/<int:pk>/end/", wishes.end_product, _("撤下应用"), signed_in=True),
    Page("citizen", "data/<slug:slug>/", portal.dataset, _("开放数据集")),
    Page("citizen", "data/<slug:slug>/rows.<str:ending>", portal.rows_file, _("下载数据")),
    Page("citizen", "data/<slug:slug>/versions/<int:number>/", portal.dataset_version, _("数据的版本")),
    Page("citizen", "data/<slug:slug>/versions/<int:number>/rows.<str:ending>", portal.version_file, _("下载数据")),
    Page("citizen", "data/<slug:slug>/rate/", portal.rate, _("评价数据集"), signed_in=True),
    Page("citizen", "data/<slug:slug>/follow/", portal.follow_dataset, _("订阅数据集"), signed_in=True),
    Page("citizen", "my/data/", portal.follows, _("我订阅的数据"), icon="bell", order=59, signed_in=True),
    Page("citizen", "data/followed/<int:pk>/", portal.followed, _("订阅的数据集"), signed_in=True),
    Page("citizen", "data/<slug:slug>/chart/", charts.chart, _("图表")),
    Page("citizen", "data/<slug:slug>/map/", charts.dataset_map, _("地图")),
    Page("citizen", "data/<slug:slug>/map.json", charts.dataset_map_data, _("地图数据")),
    # the data bureau
    Page("workbench", "data/wishes/", wishes.work_wishes, _("数据需求"), menu=_("数据需求"), icon="bulb",
         order=22, verb=KEEP, count=wishes.waiting),
    Page("workbench", "data/wishes/<int:pk>/", wishes.answer_wish, _("答复数据需求"), verb=KEEP),
    Page("workbench", "data/products/", wishes.work_products, _("应用成果审核"), menu=_("应用成果审核"), icon="blocks",
         order=22, verb=KEEP, count=wishes.products_waiting),
    Page("workbench", "data/products/<int:pk>/", wishes.review_product, _("审核应用成果"), verb=KEEP),
    # catalogues of others
    PRIVATE,
    Later(hooks.harvest_wanted, harvesting.harvest_now),
    Schedule(harvesting.harvest_due, minutes=15),
    Page("workbench", "data/harvest/", harvest.harvest_sources, _("外部目录采集"), menu=_("外部目录采集"),
         icon="download", order=23, verb=KEEP),
    Page("workbench", "data/harvest/new/", harvest.add_harvest, _("登记外部目录"), verb=KEEP),
    Page("workbench", "data/harvest/<int:pk>/", harvest.harvest_source, _("外部目录"), verb=KEEP),
    Page("workbench", "data/harvest/<int:pk>/ask/", harvest.ask_harvest, _("现在采集"), verb=KEEP),
    Page("workbench", "data/harvest/<int:pk>/end/", harvest.end_harvest, _("停用外部目录"), verb=KEEP),
)  # fmt: skip
