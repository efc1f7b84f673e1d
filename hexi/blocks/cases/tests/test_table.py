"""The table of actions tried whole: each action in each state, and by whoever lacks its one right."""

from datetime import datetime

import pytest

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import operations
from hexi.blocks.cases.kinds import PERMIT_KIND
from hexi.blocks.cases.models import Case, Event, Letter
from hexi.blocks.cases.states import ACTIONS, STAGES, State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied, Scope, Scoped

pytestmark = pytest.mark.django_db

#: facts every action takes gladly
FACTS = {
    "accept": {},
    "give_back": {"opinion": "请更正"},
    "ask_correction": {"points": {"spot": "请写明"}},
    "lapse_correction": {"opinion": "逾期没有补正"},
    "not_needed": {"opinion": "不需要许可"},
    "reject": {"opinion": "不归本局管", "where_to": "瓜州县林业和草原局"},
    "examine": {"opinion": "符合"},
    "review": {"opinion": "符合"},
    "send_back": {"opinion": "再看"},
    "grant": {},
    "refuse": {"opinion": "在封山育林区内"},
    "extend": {"days": 5, "opinion": "案情复杂"},
    "extend_joint": {"days": 5, "opinion": "涉及部门多"},
    "pass_up": {"opinion": "符合，报送"},
    "pause": {"procedure": "hearing", "planned_days": 5, "opinion": "听证"},
    "prolong": {"days": 5, "opinion": "专家出差"},
    "resume": {"opinion": "开完了"},
    "terminate": {"opinion": "树已倒"},
    "certify": {},
    "deliver": {},
}
VERBS = sorted({PERMIT_KIND.right(action, state) for action in ACTIONS.values() for state in action.states})
OTHER_STATES = {key: [state for state in State if state not in action.states] for key, action in ACTIONS.items()}
RIGHT_STATES = [(key, state) for key, action in ACTIONS.items() for state in action.states]


class Holder(Scoped):
    """Somebody who holds these verbs within one scope."""

    key, name, account_id, person_id = "account:0", "测试", None, None

    def __init__(self, verbs, scope=None):
        self.verbs, self.scope = verbs, scope or Scope()

    def scopes(self, verb):
        return (self.scope,) if verb in self.verbs else ()


@pytest.fixture
def case(monkeypatch):
    moment = datetime(2026, 11, 24, 10, tzinfo=clock.CHINA)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return make.make_case()


def left(case):
    """What a refused action must leave as it was."""
    row = Case.objects.filter(pk=case.pk).values("state", "revision", "outcome", "accepted_at", "ended_at").get()
    return row, Event.objects.count(), Letter.objects.count(), Entry.objects.count()


def test_every_action_is_tried():
    assert set(FACTS) == set(ACTIONS)
    assert sum(map(len, OTHER_STATES.values())) + len(RIGHT_STATES) == len(ACTIONS) * len(State)


@pytest.mark.parametrize("key", OTHER_STATES)
def test_an_action_from_another_state_is_stale_and_leaves_nothing(case, key):
    for state in OTHER_STATES[key]:
        Case.objects.filter(pk=case.pk).update(state=state)
        before = left(case)
        with pytest.raises(Stale):
            getattr(operations, key)(case, by=Holder(VERBS), **FACTS[key])
        assert left(case) == before


@pytest.mark.parametrize(("key", "state"), RIGHT_STATES)
def test_without_its_right_an_action_is_denied_and_leaves_nothing(case, key, state):
    Case.objects.filter(pk=case.pk).update(state=state)
    before, right = left(case), PERMIT_KIND.right(ACTIONS[key], state)
    elsewhere = Scope(case.department_id + 1, ""), Scope(case.department_id, "620982")
    for actor in (
        Holder([verb for verb in VERBS if verb != right]),
        *(Holder(VERBS, scope) for scope in elsewhere),
    ):
        with pytest.raises(Denied):
            getattr(operations, key)(case, by=actor, **FACTS[key])
    assert left(case) == before


def test_the_right_of_a_task_is_that_of_the_ordinary_step():
    taken = {state: PERMIT_KIND.right(ACTIONS[key], state) for key in ("accept", "pass_up", "examine", "review", "grant", "certify", "deliver")
             for state in ACTIONS[key].states}  # fmt: skip
    assert taken == {state: verb for state, (_stage, verb) in STAGES.items()}


def test_the_reviewer_sends_back_what_he_reviews(case):
    Case.objects.filter(pk=case.pk).update(state=State.REVIEWING)
    operations.send_back(case, by=Holder(["cases.review"]), opinion="请补充现场照片")
    assert make.fresh(case).state == State.EXAMINING
