"""回避: an official has nothing to do with the matter he applied for himself, or for a body he represents."""

import pytest
from django.urls import reverse

from hexi.blocks.cases import operations, queries
from hexi.blocks.cases.models import Task
from hexi.blocks.cases.operations import concerned
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.documents.queries import may_read
from hexi.blocks.people.tests import make as people
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    """A window clerk who is a citizen too."""
    item = make.make_item()
    account = people.make_citizen()
    people.make_post(account, make.CLERK, department=item.department, region_code=item.region_code)
    return people.acting(account)


@pytest.fixture(params=["himself", "body"])
def own(request, clerk):
    """His own case, or that of the body he represents."""
    person = clerk.account.person
    applicant = person if request.param == "himself" else people.make_enterprise(representative=person)
    return make.make_case(applicant=applicant, by=clerk)


def test_he_neither_accepts_nor_claims_it(clerk, own):
    with pytest.raises(Denied, match="回避"):
        operations.accept(own, by=clerk)
    with pytest.raises(Denied, match="回避"):
        operations.claim(Task.objects.get(), by=clerk)
    assert make.fresh(own).state == State.SUBMITTED


def test_it_is_in_none_of_his_work_lists(clerk, own):
    other = make.make_case()
    assert [task.case for task in queries.todo(clerk)] == [other]
    assert list(queries.for_officials(clerk)) == [other]
    assert list(queries.mine(clerk)) == [own]
    assert set(queries.visible(clerk)) == {own, other}


def test_he_does_not_read_what_the_office_writes(clerk, own, client):
    with pytest.raises(Denied, match="回避"):
        queries.case_for(own.number, clerk)
    client.force_login(clerk.account)
    assert client.get(reverse("cases.case", args=[own.number])).status_code == 403
    assert client.post(reverse("cases.say", args=[own.number]), {"text": "同意"}).status_code == 403
    assert client.get(reverse("cases.mine", args=[own.number])).status_code == 200


def test_he_does_not_read_what_is_written_to_his_neighbour(clerk, own):
    colleague = make.make_official(make.CLERK)
    operations.accept(own, by=colleague)
    concerned.name_party(make.fresh(own), name="王秀英", why="院墙", by=make.make_official(make.EXAMINER))
    letter = own.letters.get(kind="third_party").document
    told = own.letters.get(kind="acceptance").document
    assert [may_read(one, letter) for one in (clerk, colleague)] == [False, True]
    assert [may_read(one, told) for one in (clerk, colleague)] == [True, True]


def test_a_colleague_handles_it(clerk, own):
    operations.accept(own, by=make.make_official(make.CLERK))
    assert make.fresh(own).state == State.EXAMINING


def test_an_official_elsewhere_reads_his_own_case_only_as_the_applicant(client):
    item = make.make_item()
    account = people.make_citizen()
    people.make_post(account, make.EXAMINER, department=people.make_department("yumen-market", item.region_code))
    own = make.make_case(item, applicant=account.person, by=people.acting(account))
    client.force_login(account)
    assert client.get(reverse("cases.case", args=[own.number])).status_code == 403
    assert client.get(reverse("cases.open_case", args=[own.number])).url == reverse("cases.mine", args=[own.number])
