"""Emergency events as a kind of case. Above states, beside models."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.kinds import CaseKind
from hexi.domains.livelihood.emergency.states import ACTIONS, CLOCK, ENDED, RESPOND, STAGES, STEPS, TAGS, VIEW, State

EVENT = CaseKind(
    key="emergency", title=_("突发事件"), states=State, ended=ENDED, stages=STAGES, actions=ACTIONS, view=(VIEW,),
    work="emergency.event", mine="emergency.event", tags=TAGS, beside=(RESPOND,), steps=STEPS,
    clocks={CLOCK: _("最近的任务")},
)  # fmt: skip
