"""Petitions as a kind of case. Above states and access, beside queries."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.kinds import CaseKind
from hexi.domains.livelihood.petitions.access import kept
from hexi.domains.livelihood.petitions.states import ACTIONS, CLOCKS, ENDED, STAGES, STEPS, TAGS, State

#: no right of an office opens a petition: its own pages and readers ask who is named
PETITION = CaseKind(
    key="petition", title=_("信访事项"), states=State, ended=ENDED, stages=STAGES, actions=ACTIONS, view=(),
    work="petitions.petition", mine="petitions.mine", tags=TAGS, kept=kept, steps=STEPS,
    clocks=CLOCKS | {"special": _("听证")},
)  # fmt: skip
