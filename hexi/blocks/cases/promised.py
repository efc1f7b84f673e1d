"""What promises, renewals and acting for others add to this block's manifest. Only the manifest imports it."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases import again as drafts
from hexi.blocks.cases import intake, jobs, renewals
from hexi.blocks.cases.models import Item
from hexi.blocks.cases.operations import overtaken, renewing
from hexi.blocks.cases.pages import again, checking, counter, entering, promises
from hexi.blocks.certificates.continuing import Continues
from hexi.blocks.certificates.hooks import certificate_changed, certificate_replaced
from hexi.blocks.forms.drafts import DraftKind
from hexi.blocks.notices.operations import tell
from hexi.blocks.people import mandates
from hexi.blocks.people.hooks import mandate_ended, mandate_given, mandate_offered
from hexi.blocks.people.mandates import Matters
from hexi.blocks.people.models import Mandate, MandateOffer
from hexi.kernel.actors import Actor, System
from hexi.kernel.hooks import Later, Listen
from hexi.kernel.jobs import Schedule
from hexi.kernel.packs import Words
from hexi.ui.doors import Page, Panel
from hexi.ui.words import english


def _matters() -> list[tuple[str, str]]:
    """The items a mandate can be limited to."""
    rows = Item.objects.filter(status=Item.Status.PUBLISHED).order_by("title", "pk")
    return list({one.key: one.title_en if english() else one.title for one in rows}.items())


def _tell_mandate(mandate: Mandate, by: Actor) -> None:
    """Both sides hear of a mandate that is given or ended."""
    state = Words(zh="已解除", en="ended") if mandate.ended_at else Words(zh="已生效", en="in force")
    facts = {"principal": mandate.principal.name, "agent": mandate.agent.name, "state": state, "day": mandate.valid_to}
    body = mandate.principal
    told = body if body.natural or body.representative is None else body.representative
    tell([told, mandate.agent], "cases.mandate", about=mandate, facts=facts, by=by)


def tell_offer(offer: int, by: str = "") -> None:
    """Job: whoever is meant hears that somebody wants him to act for him; nobody, if he is not known here."""
    found = MandateOffer.objects.select_related("principal").get(pk=offer)
    agent = mandates.agent_of(found)
    if agent is not None and found.state == MandateOffer.State.WAITING:
        facts = {"principal": found.principal.name, "day": found.valid_to}
        tell(agent, "cases.mandate_offered", about=found, facts=facts, by=System("mandate"))


ADDS = (
    # 容缺受理
    Page("citizen", "my/cases/<str:number>/hand-in/", promises.hand_in, _("补交材料"), signed_in=True),
    Page("workbench", "cases/<str:number>/take-in/", promises.take_in, _("收下补交材料"), verb="documents.add"),
    Panel("cases.to_do", promises.to_follow),
    Panel("cases.case", promises.followed, order=5),
    Schedule(jobs.withdraw_lapsed, minutes=5),
    # 告知承诺
    Panel("cases.to_do", checking.pledged, order=40),
    Panel("cases.case", checking.pledged, order=6),
    Page(
        "workbench",
        "verifications/",
        checking.verifications,
        _("承诺核查"),
        menu=_("承诺核查"),
        icon="shield-check",
        order=35,
        verb="cases.view",
    ),
    Page("workbench", "verifications/<int:pk>/", checking.verification, _("承诺核查"), verb="cases.view"),
    # 延续、变更
    *(DraftKind(kind, drafts.find, drafts.newest, intake.address, intake.became) for kind in drafts.KINDS),
    Continues(renewals.continues),
    Listen(certificate_changed, renewing.tell_change),
    Listen(certificate_replaced, renewing.tell_replaced),
    Listen(certificate_changed, overtaken.settle),
    Listen(certificate_replaced, overtaken.follow),
    Schedule(jobs.renew_by_law, minutes=5),
    Panel("certificates.certificate", again.holder_may, order=5),
    Page("citizen", "again/<str:identifier>/<slug:kind>/", again.begin_again, _("延续或变更证照"), signed_in=True),
    # 代办
    Matters(_matters),
    Later(mandate_offered, tell_offer),
    Listen(mandate_given, _tell_mandate),
    Listen(mandate_ended, _tell_mandate),
    Panel("cases.to_do", entering.on_behalf, order=60),
    Panel("cases.case", entering.on_behalf, order=4),
    Panel("cases.case", counter.panel, order=5),
    Page("workbench", "counter/<str:number>/<slug:what>/", counter.counter, _("代申请人办理"), verb="cases.accept"),
    Page(
        "workbench", "enter/", entering.enter, _("窗口录入"), menu=_("窗口录入"), icon="clipboard-text", order=15,
        verb="cases.accept",
    ),
    Page("workbench", "enter/again/", entering.enter_again, _("窗口录入"), verb="cases.accept"),
    Page("workbench", "enter/bundle/", entering.enter_bundle, _("窗口录入"), verb="cases.accept"),
)  # fmt: skip
