"""Orders as a kind of case. Above states, beside models."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.kinds import CaseKind
from hexi.domains.livelihood.requests.states import ACTIONS, CLOCKS, ENDED, STAGES, STEPS, TAGS, VIEW, State

ORDER = CaseKind(
    key="request", title=_("热线诉求"), states=State, ended=ENDED, stages=STAGES, actions=ACTIONS, view=(VIEW,),
    work="requests.order", mine="requests.mine", tags=TAGS, counted="requests", steps=STEPS, clocks=CLOCKS,
)  # fmt: skip
