"""What the manifest adds for several items asked at once (一件事). Only the manifest imports it."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases import api_bundles, bundle_finding, bundle_intake, establishing, hooks
from hexi.blocks.cases.bundles import BundleFile
from hexi.blocks.cases.operations import bundling
from hexi.blocks.cases.pages import bundles
from hexi.blocks.documents.readers import Reader
from hexi.blocks.parcels.hooks import delivered
from hexi.blocks.search.found import Searchable
from hexi.kernel.hooks import Listen
from hexi.kernel.packs import Pack
from hexi.ui.api import Api
from hexi.ui.doors import Page, Panel

ADDS = (
    Pack("bundles", BundleFile, bundle_finding.load, rank=70, check=bundle_finding.check),
    bundle_intake.KIND,
    Api(api_bundles.router, _("政务服务")),
    establishing.AREA,
    Reader(bundling.KIND, bundle_intake.nobody, bundle_intake.closed, bundle_intake.purpose),
    Reader(bundling.PART, bundle_intake.nobody, bundle_intake.not_begun),
    Searchable("bundle", _("一件事"), bundle_finding.everything, "list-check", 5, chosen=lambda site: []),
    Listen(hooks.items_published, bundle_finding.put_again),
    Listen(hooks.item_withdrawn, bundle_finding.put_without),
    Listen(hooks.case_ended, bundling.follow),
    Listen(delivered, bundling.handed),
    Panel("cases.mine", bundles.of_my_case, order=3),
    Panel("cases.case", bundles.of_case, order=3),
    Page("citizen", "bundles/<slug:key>/", bundles.bundle_guide, _("一件事")),
    Page("citizen", "bundles/<slug:key>/apply/", bundles.begin_bundle, _("申请"), signed_in=True),
    Page("citizen", "drafts/<str:key>/check-all/", bundles.bundle_check, _("核对")),
    Page("citizen", "my/bundles/", bundles.my_bundles, _("我的一件事"), icon="stack-2", signed_in=True),
    Page("citizen", "my/bundles/<str:number>/", bundles.my_bundle, _("一件事"), signed_in=True),
)
