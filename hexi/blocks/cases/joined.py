"""What the manifest adds for departments that work together and for special procedures. Beside `block`."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases import finding, hooks, quotas, readers
from hexi.blocks.cases.operations import joining, visits
from hexi.blocks.cases.pages import concerned, giving, joint, proceeding
from hexi.blocks.certificates.hooks import certificate_changed
from hexi.blocks.documents.readers import Reader
from hexi.kernel.hooks import Listen
from hexi.ui.doors import Page, Panel

EXAMINE = "cases.examine"

ADDS = (
    Listen(hooks.case_accepted, joining.ask_departments),
    Listen(hooks.case_ended, joining.dismiss_departments),
    Listen(hooks.case_accepted, visits.plan_visit),
    Listen(hooks.case_passed_up, finding.put_case),
    Reader(visits.KIND, readers.may_visit, readers.visit_open, readers.visit_purpose),
    Panel("cases.decide", joint.to_decide, order=5),
    Panel("cases.decide", proceeding.quota, order=8),
    Listen(certificate_changed, quotas.revoked),
    Panel("cases.decide", proceeding.to_decide, order=10),
    Panel("cases.mine", proceeding.of_my_case, order=6),
    Panel("cases.decide", giving.to_give, order=12),
    Panel("cases.to_do", giving.given, order=5),
    Page("workbench", "results/<str:number>/", giving.results, _("随决定提供的文件"), verb="cases.view"),
    Page("workbench", "procedures/<str:number>/<slug:what>/", proceeding.procedure, _("特别程序"), verb=EXAMINE),
    Page("workbench", "minutes/<str:number>/", proceeding.minutes, _("听证笔录"), verb="cases.view"),
    Page("citizen", "my/cases/<str:number>/hearing/", concerned.ask, _("要求听证"), signed_in=True),
    Page("citizen", "my/views/<int:pk>/", concerned.view, _("利害关系人意见"), signed_in=True),
    Panel("cases.mine", joint.of_my_case, order=5),
    Page("workbench", "joint/<str:number>/<int:department>/", joint.joint_review, _("并联审查"), verb=EXAMINE),
)
