"""Promises at the same moment: withdrawn by it once, handed in or withdrawn but never both."""

import io
from datetime import date, datetime
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases import jobs, operations
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Concern, Deferred, Event, Letter
from hexi.blocks.cases.parts import Deferral
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents.tests import make as papers
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at(monkeypatch):
    """Set the time for all threads."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


def promised():
    item = make.make_item()
    case = make.make_case(item)
    title = definition(item.version).national.material("title_proof")
    assert isinstance(title.deferrable, Deferral)
    operations.sign_deferral(case, [title], by=make.BY)
    operations.accept(case, by=make.make_official(make.CLERK))
    return make.fresh(case)


def test_withdrawn_by_promise_once(at):
    case = promised()
    at("2026-12-05 08:00")
    done = together(*[jobs.withdraw_lapsed] * 4)
    assert sum(done) == 1
    assert (Letter.objects.filter(kind="lapsed").count(), Event.objects.filter(action="lapse").count()) == (1, 1)
    assert Case.objects.get(pk=case.pk).state == State.WITHDRAWN


def test_renewed_by_law_once(at):
    regions.make_divisions()
    item, owner = make.make_item("food-permit"), make.make_citizen()
    body = people.make_enterprise(representative=owner.account.person)
    facts = {"name": body.name, "code": "91", "representative": "石", "address": "路", "type": "餐饮", "items": "热食"}
    first = make.make_case(item, applicant=body, by=owner, answers={})
    held = certificates.issue(
        "food_permit", holder=body, issuer=item.department, facts=facts, case=first, valid_from=date(2021, 12, 31),
        valid_to=date(2026, 12, 30), by=make.BY,
    )  # fmt: skip
    case = make.make_case(item, applicant=body, by=owner, answers={})
    operations.concern(case, held, "renew", by=owner)
    operations.accept(case, by=make.make_official(make.CLERK, item))
    at("2027-01-04 08:00")
    assert sum(together(*[jobs.renew_by_law] * 4)) == 1
    assert Event.objects.filter(action="renew_deemed").count() == Letter.objects.filter(kind="renewed").count() == 1


def test_asked_to_renew_twice_is_one_case(at):
    regions.make_divisions()
    item, owner = make.make_item("food-permit"), make.make_citizen()
    body = people.make_enterprise(representative=owner.account.person)
    facts = {"name": body.name, "code": "91", "representative": "石", "address": "路", "type": "餐饮", "items": "热食"}
    first = make.make_case(item, applicant=body, by=owner, answers={})
    held = certificates.issue(
        "food_permit",
        holder=body,
        issuer=item.department,
        facts=facts,
        case=first,
        valid_to=date(2027, 1, 30),
        by=make.BY,
    )
    cases = [make.make_case(item, applicant=body, by=owner, answers={}) for _ in range(4)]
    found = together(
        *[partial(operations.concern, one, held, "renew", by=owner) for one in cases], expect=ValidationError
    )
    assert len(parted(found, ValidationError)[0]) == Concern.objects.count() == 1


def test_handed_in_twice_is_once(at):
    case = promised()
    documents.store(
        io.BytesIO(papers.make_image()), name="a.jpg", by=make.BY, owner=case.applicant, thing=case, slot="title_proof"
    )
    found = together(*[partial(operations.hand_in, case, by=make.BY)] * 4, expect=ValidationError)
    assert len([one for one in found if isinstance(one, Case)]) == 1
    assert Event.objects.filter(action="hand_in").count() == 1
    assert Deferred.objects.get().handed_at is not None
    assert case.clocks.filter(kind="promised").count() == 1
