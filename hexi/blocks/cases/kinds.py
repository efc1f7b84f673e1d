"""Kinds of case: the permit, and what domains declare beside it, so that one inbox, clock and timeline serve all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.models import PERMIT, Case
from hexi.blocks.cases.states import ACTIONS, CLOCKS, ENDED, STAGES, STEPS, TAGS, Action, State
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class CaseKind:
    """In a manifest: a kind of case. A permit is one; a hotline order, a grid event and a petition are others.

    `states`: its states, of which `ended` are the last ones. `stages`: which task a state asks of an office, as (key of
    the stage, right). `actions`: what officials do, as for permits. `view`: any of these rights opens a case of its
    office. `work` and `mine` name its pages at the workbench and at the portal; each takes the number. `tags`: state of
    the tag by state. `steps`: what the timeline calls what is no action. `clocks`: titles of its clocks, in order.
    `counted` is the owner of its facts (block indicators; "": it has none); a case's `subject` is their dimension.
    `kept(actor)` are the cases of the kind he must not even know of (a petition that complains of him).
    `beside`: rights under which offices beside are asked (`opening.ask_beside`) that no stage names.
    """

    key: str
    title: Any
    states: type[TextChoices]
    ended: tuple[str, ...]
    stages: Mapping[str, tuple[str, str]]
    actions: Mapping[str, Action]
    view: tuple[str, ...]
    work: str
    mine: str
    tags: Mapping[str, str]
    counted: str = ""
    kept: Callable[[Actor], QuerySet[Case]] | None = None
    beside: tuple[str, ...] = ()
    steps: Mapping[str, Any] = field(default_factory=dict)
    clocks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verbs(self) -> tuple[str, ...]:
        """The rights its tasks take, of its own stages and of offices asked beside."""
        return (*(verb for _stage, verb in self.stages.values()), *self.beside)

    def right(self, action: Action, state: str) -> str:
        """The right an action takes in a state: its own, or that of the state's task."""
        return action.verb or self.stages[state][1]

    def title_of(self, action: str) -> Any:
        """What the timeline calls a step."""
        return self.steps.get(action) or (self.actions[action].title if action in self.actions else action)


PERMIT_KIND = CaseKind(
    key=PERMIT, title=_("许可和服务"), states=State, ended=ENDED, stages=STAGES, actions=ACTIONS,
    view=("cases.view", "cases.supervise"), work="cases.case", mine="cases.mine", tags=TAGS, counted="cases",
    steps=STEPS, clocks=CLOCKS,
)  # fmt: skip


@cache
def kinds() -> Mapping[str, CaseKind]:
    """Every kind of the installed house, by key."""
    return {one.key: one for one in (PERMIT_KIND, *added(CaseKind))}


@cache
def task_verbs() -> tuple[str, ...]:
    """Every right a task may take, of all kinds; those of a joint review are examined as well."""
    return tuple(dict.fromkeys(verb for kind in kinds().values() for verb in kind.verbs))


def known(by: Actor, case: str = "case") -> Q:
    """Rows whose case is not kept from the actor; `case` names the case from the row ("pk": the rows are cases).

    Only of kinds of which he may take a task: the others do not stand in his lists at all.
    """
    found = Q()
    for kind in kinds().values():
        if kind.kept and any(by.scopes(verb) for verb in kind.verbs):
            found &= ~Q(**{f"{case}__in": kind.kept(by).values("pk")})
    return found


def require_known(by: Actor, case: Case) -> None:
    """Raise `Denied` if the case is kept from the actor, in the words for whoever lacks a right."""
    kept = kind_of(case).kept
    if kept is not None and kept(by).filter(pk=case.pk).exists():
        raise Denied(gettext("您的岗位不能办理这件办件。"))


def kind_of(case: Case) -> CaseKind:
    """The kind of a case. Raises `KeyError` if the domain that owns it is switched off; lists leave such cases out."""
    return kinds()[case.kind]


def state_title(case: Case) -> str:
    """The state in the language of the page."""
    return str(kind_of(case).states(case.state).label)
