"""Applications for data as a kind of case. Above states, beside queries."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.kinds import CaseKind
from hexi.domains.livelihood.sharing.states import ACTIONS, CLOCKS, ENDED, STAGES, STEPS, TAGS, State

SHARING = CaseKind(
    key="sharing", title=_("数据共享申请"), states=State, ended=ENDED, stages=STAGES, actions=ACTIONS, view=(),
    work="sharing.application", mine="sharing.application", tags=TAGS, counted="sharing", steps=STEPS, clocks=CLOCKS,
)  # fmt: skip
