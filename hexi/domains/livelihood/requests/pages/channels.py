"""What the channels of this domain put at the doors."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from hexi.domains.livelihood.requests.pages import accounts, calls, intake, open311, weixin
from hexi.domains.livelihood.requests.states import CALLBACK, INTAKE, PLAN
from hexi.ui.doors import Page, Panel
from hexi.ui.live import Live

V2 = open311.ROOT
OPEN311: tuple[Any, ...] = (
    Page("plain", "open311/discovery.<slug:form>", open311.discovery, _("Open311 接口")),
    Page("plain", f"{V2}services.<slug:form>", open311.services, _("Open311 接口")),
    Page("plain", f"{V2}services/<str:code>.<slug:form>", open311.service, _("Open311 接口")),
    Page("plain", f"{V2}requests.<slug:form>", open311.service_requests, _("Open311 接口")),
    Page("plain", f"{V2}requests/<str:number>.<slug:form>", open311.service_request, _("Open311 接口")),
    Page("plain", f"{V2}tokens/<str:number>.<slug:form>", open311.token, _("Open311 接口")),
    Page("plain", f"{V2}servicerequestupdates.<slug:form>", open311.service_updates, _("Open311 接口")),
)
ACCOUNTS: tuple[Any, ...] = (
    Page("plain", "requests/accounts/events/", accounts.account_events, _("账号矩阵"), menu=False),
    Page("workbench", "requests/accounts/", accounts.accounts, _("账号矩阵"), menu=_("账号矩阵"), icon="at", order=35,
         verb=PLAN),
    Page("workbench", "requests/accounts/new/", accounts.new_account, _("登记账号"), verb=PLAN),
    Page("workbench", "requests/accounts/publish/", accounts.publish_text, _("一文多发"), verb=PLAN),
    Page("workbench", "requests/accounts/outgoing/", accounts.outgoing, _("账号发出的内容"), verb=PLAN),
    Page("workbench", "requests/accounts/<int:account>/", accounts.edit_account, _("账号"), verb=PLAN),
)  # fmt: skip
CALLS: tuple[Any, ...] = (
    Page("plain", "requests/weixin/", weixin.weixin_push, _("微信"), menu=False),
    Page("plain", "requests/calls/events/", calls.call_events, _("电话"), menu=False),
    Page("workbench", "requests/calls/", calls.calls, _("来电列表"), menu=_("来电列表"), icon="phone", order=13,
         verb=INTAKE, count=calls.calls_count, live="calls"),
    Page("workbench", "requests/calls/now/", intake.call_now, _("来电"), verb=INTAKE),
    Page("workbench", "requests/calls/<int:pk>/", calls.call, _("通话"), verb=INTAKE),
    Page("workbench", "requests/calls/<int:pk>/recording/", calls.recording, _("通话录音"), verb=INTAKE),
    Page("workbench", "requests/calls/<int:pk>/sound/", calls.sound, _("通话录音"), verb=INTAKE),
    Page("workbench", "requests/calls/<int:pk>/<slug:action>/", calls.call_do, _("通话"), verb=INTAKE),
    Page("workbench", "requests/seat/", calls.seat, _("我的座席"), verb=INTAKE),
    Page("workbench", "requests/callbacks/", calls.callbacks, _("电话回访"), menu=_("电话回访"), icon="phone-call",
         order=15, verb=CALLBACK),
    Page("workbench", "requests/<str:number>/dial/", calls.dial, _("拨打诉求人"), verb=CALLBACK),
    Panel("requests.order", calls.order_panel, order=40),
    Live("call", calls.live_call),
    Live("calls", calls.live_calls),
)  # fmt: skip
PAGES = (*OPEN311, *ACCOUNTS, *CALLS)
