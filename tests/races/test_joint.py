"""Departments of a joint review answer at once: nothing is lost, and the last one moves the case on exactly once."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import operations
from hexi.blocks.cases.models import Event, JointReview, QuotaYear, Task
from hexi.blocks.cases.operations import hearings
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make
from hexi.blocks.people.tests import make as people
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def case():
    """Accepted, four departments asked."""
    item = make.make_item("construction-permit")
    found = make.make_case(item, applicant=people.make_enterprise(), answers={})
    operations.accept(found, by=make.make_official(make.CLERK, item))
    return make.fresh(found)


def examine(case):
    return partial(operations.examine, case, by=make.make_official(make.EXAMINER, case.item), opinion="具备施工条件。")


def reports(case):
    return [
        partial(
            operations.report, one, result="agree", opinion="可以",
            by=people.acting(people.make_official(make.EXAMINER, department=one.department)),
        )
        for one in case.reviews.select_related("department", "case")
    ]  # fmt: skip


def settled(case):
    case = make.fresh(case)
    assert case.state == State.DECIDING
    assert case.reviews.filter(result="agree").count() == 4
    assert list(Task.objects.filter(case=case, done_at=None).values_list("stage", flat=True)) == ["decide"]
    assert Event.objects.filter(case=case, action="joint_report").count() == 4
    assert list(log.verify()) == []


def test_the_last_of_four_at_once_moves_it_on_once(case):
    examine(case)()
    before = make.fresh(case).revision
    together(*reports(case))
    settled(case)
    assert make.fresh(case).revision == before + 1


def test_the_lead_and_the_departments_at_once_meet(case):
    together(examine(case), *reports(case))
    settled(case)


def test_two_officers_of_one_department_are_one_answer(case):
    review = JointReview.objects.select_related("department", "case").first()
    officers = [people.acting(people.make_official(make.EXAMINER, department=review.department)) for _ in range(2)]
    say = [
        partial(operations.report, review, result=result, opinion="意见", by=officer)
        for result, officer in zip(("agree", "disagree"), officers, strict=True)
    ]
    won, told = parted(together(*say, expect=ValidationError), ValidationError)
    assert (len(won), len(told)) == (1, 1)
    assert JointReview.objects.get(pk=review.pk).result == won[0].result


def test_the_last_answer_and_a_withdrawal_at_once_leave_no_open_task(case):
    examine(case)()
    *first, last = reports(case)
    for say in first:
        say()
    withdraw = partial(operations.terminate, case, opinion="项目取消", by=make.make_official(make.HEAD, case.item))
    together(last, withdraw, expect=Stale)
    assert make.fresh(case).state == State.TERMINATED
    assert not Task.objects.filter(case=case, done_at=None).exists()


def limited(amount):
    """林木采伐许可 with a yearly quota of so many cases."""
    from hexi.blocks.cases.items import ImplementingItem, ServiceItem

    version = make.make_item().version
    quota = {"quota": {"amount": amount, "unit": {"zh": "件", "en": "cases"}}}
    local = ImplementingItem.model_validate(version.implementing | quota)
    return operations.publish(ServiceItem.model_validate(version.national), local, by=make.BY)[0]


def test_heads_at_once_never_exceed_the_quota():
    item = limited(3)
    clerk, examiner = make.make_official(make.CLERK, item), make.make_official(make.EXAMINER, item)
    cases = [make.make_case(item) for _ in range(6)]
    for one in cases:
        operations.accept(one, by=clerk)
        operations.examine(one, by=examiner, opinion="符合。")
    heads = [make.make_official(make.HEAD, item) for _ in cases]
    grants = [partial(operations.grant, one, by=head, opinion="同意。") for one, head in zip(cases, heads, strict=True)]
    won, told = parted(together(*grants, expect=ValidationError), ValidationError)
    # later ones may be told to wait for those before them; in the end the first three have it
    for do in grants[:3]:
        together(do, expect=ValidationError)
    together(*grants[3:], expect=ValidationError)
    assert (len(won) + len(told), QuotaYear.objects.get().granted) == (6, 3)
    outcomes = [make.fresh(one).outcome for one in cases]
    assert outcomes == ["granted"] * 3 + [""] * 3
    assert list(log.verify()) == []


def test_two_who_ask_for_a_hearing_at_once_get_one(case):
    citizen = people.acting(people.make_citizen())
    type(case.applicant).objects.filter(pk=case.applicant_id).update(representative=citizen.person_id)
    hearings.tell_hearing(case, by=make.make_official(make.EXAMINER, case.item), opinion="影响邻居采光。")
    ask = partial(hearings.ask_hearing, make.fresh(case), by=citizen)
    won, told = parted(together(ask, ask, ask, expect=ValidationError), ValidationError)
    assert (len(won), len(told), case.pauses.filter(end=None).count()) == (1, 2, 1)
