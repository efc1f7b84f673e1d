"""回避: an official has nothing to do with a matter of his own, of a body he represents, or of whom he acts for."""

import pytest
from django.urls import reverse

from hexi.blocks.cases import operations, promise_queries, queries, ratings, supervision, watching
from hexi.blocks.cases.models import Rating, Task, Verification
from hexi.blocks.cases.operations import concerned
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.documents.queries import may_read
from hexi.blocks.people.models import Mandate
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    """A window clerk who is a citizen too."""
    item = make.make_item()
    account = people.make_citizen()
    people.make_post(account, make.CLERK, department=item.department, region_code=item.region_code)
    return people.acting(account)


@pytest.fixture(params=["himself", "body", "mandate", "one matter"])
def own(request, clerk):
    """His own case, that of the body he represents, or one he sees to for somebody by a mandate."""
    person = clerk.account.person
    if "ma" in request.param:
        neighbour = people.make_citizen(name="石建国")
        Mandate.objects.create(
            principal=neighbour.person, agent=person, items=["tree-felling"] if request.param == "one matter" else [],
            valid_from=clock.today(), valid_to=clock.today(), given_key="x", given_name="x", given_at=clock.now(),
        )  # fmt: skip
        return make.make_case(applicant=neighbour.person, by=people.acting(neighbour))
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


def test_it_is_in_none_of_the_lists_beside_them(clerk, own):
    """He is a head who answers for the office: ratings, supervision orders, promises to be checked, times per officer."""
    account, office = clerk.account, {"department": own.department, "region_code": own.region_code}
    for role in (make.HEAD, make.EXAMINER):
        people.make_post(account, role, **office)
    now = clock.now()
    Rating.objects.create(case=own, level=1)
    supervision.issue(own, by=make.make_official(make.SUPERVISOR), reason="久拖不决", days=3)
    Verification.objects.create(case=own, **office, opened_at=now, due=now)
    lists = (ratings.of_offices, watching.orders, promise_queries.verifications)
    colleague = people.make_official(make.HEAD, **office)
    people.make_post(colleague, make.EXAMINER, **office)
    seen = [[len(found(people.acting(who))) for found in lists] for who in (account, colleague)]
    assert seen == [[0, 0, 0], [1, 1, 1]]


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
