"""What a case's pages cost: no look for an action, an item's text read once, a lost answer found again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import beside, definitions, intake, queries
from hexi.blocks.cases.models import Case, Hearing, Item
from hexi.blocks.cases.tests import make
from hexi.blocks.forms.models import Draft
from hexi.blocks.people.tests import make as people
from hexi.kernel import remembered
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make.make_case(make.make_item())


@pytest.fixture
def clerk(case, client):
    account = people.make_official(make.CLERK, department=case.department, region_code=case.region_code)
    client.force_login(account)
    return people.acting(account)


def verbs(case):
    return list(Entry.objects.filter(ref=str(case.pk), kind="cases.case").order_by("pk").values_list("verb", flat=True))


def test_an_action_is_logged_as_itself_and_not_as_a_look(case, clerk, client):
    client.get(reverse("cases.case", args=[case.number]))
    before = sorted(verbs(case))
    assert before.count("look") == 1
    answer = client.post(reverse("cases.act", args=[case.number, "accept"]), {"revision": case.revision})
    assert answer.status_code == 302
    assert sorted(verbs(case)) == sorted([*before, "cases.accept"])


def test_an_action_that_is_refused_shows_the_case_and_that_is_a_look(case, clerk, client):
    answer = client.post(reverse("cases.act", args=[case.number, "accept"]), {"revision": case.revision - 1})
    assert answer.status_code == 409
    assert verbs(case).count("look") == 1


def test_who_may_not_see_a_case_may_not_act_on_it(case, client):
    stranger = make.make_official(make.CLERK)
    other = people.make_official(make.CLERK, department=people.make_department("elsewhere", "620982000000"))
    assert queries.case_to_act(case.number, stranger).pk == case.pk
    with pytest.raises(Denied):
        queries.case_to_act(case.number, people.acting(other))
    client.force_login(other)
    assert client.post(reverse("cases.act", args=[case.number, "accept"])).status_code == 403
    assert client.post(reverse("cases.act", args=["1" * 43, "accept"])).status_code == 404


def test_the_rules_of_a_case_are_read_once_a_process(case, django_assert_num_queries):
    definitions._parsed.clear()
    version = Case.objects.select_related("version").defer("version__national", "version__implementing").get().version
    with django_assert_num_queries(1):
        rules = definitions.definition(version)
    version = Case.objects.select_related("version").defer("version__national", "version__implementing").get().version
    with django_assert_num_queries(0):
        assert definitions.definition(version) is rules


def test_ones_own_cases_are_found_without_joining_everybodys():
    account = people.make_citizen()
    asked = str(queries.mine(people.acting(account)).query)
    named = f'"cases_case"."applicant_id" IN ({account.person_id})'
    assert (named in asked, '"people_person"' in asked) == (True, False)


def asked(client, page):
    """How many statements a page takes."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_the_list_of_ones_own_takes_the_same_queries_for_one_and_three(client):
    account = people.make_citizen()
    client.force_login(account)
    item, page, found = make.make_item(), reverse("cases.my_cases"), []
    for more in (1, 2):
        for _case in range(more):
            make.make_case(item, applicant=account.person)
        asked(client, page)
        found.append(asked(client, page))
    assert found[0] == found[1]


def test_the_catalogue_takes_the_same_queries_whatever_its_length(client):
    item = make.make_item()
    client.force_login(people.make_official("catalogue_editor", department=item.department))
    page = reverse("cases.items")
    asked(client, page)
    one = asked(client, page)
    for number in (1, 2):
        twin = Item.objects.get(pk=item.pk)
        twin.pk, twin.key = None, f"twin-{number}"
        twin.save()
    assert asked(client, page) == one


def test_a_submission_whose_answer_was_lost_is_confirmed_again(client):
    account = people.make_citizen()
    client.force_login(account)
    case = make.make_case(make.make_item(), applicant=account.person)
    draft = Draft.objects.create(
        key="lost", definition_kind=intake.ITEM, definition_ref=str(case.item_id), title_zh="采伐", title_en="Felling",
        definition_digest=case.version.digest, account_id=account.pk, person_id=account.person_id,
        submitted_ref=case.number, submitted_at=case.submitted_at,
    )  # fmt: skip
    again = client.post(reverse("cases.check", args=[draft.key]), {"_version": 1, "_action": "submit"})
    assert (again.status_code, again["Location"]) == (302, reverse("cases.sent", args=[case.number]))
    assert case.number in client.get(again["Location"]).content.decode()


def test_what_a_case_has_beside_it_is_asked_once(case, django_assert_num_queries):
    at = case.submitted_at
    Hearing.objects.create(case=case, told_at=at, ask_until=at, reason="影响相邻权")
    with django_assert_num_queries(1):
        assert [one.__name__ for one in beside.TABLES if beside.has(case, one)] == ["Hearing"]


def test_the_official_s_page_of_a_case_with_nothing_beside_it(case, clerk, client):
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("cases.case", args=[case.number]))
    asked = [one["sql"] for one in seen if not one["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 26


#: the most statements the main requests of a case may send; fewer is better: then lower the number here
#: (one read each is the panel of sharing: what was fetched for this case and need not be handed in; one of accepting is
#: the agent who is to hear of it)
STATEMENTS = {"the official's page": 25, "the applicant's page": 17, "accept": 42}


@pytest.mark.django_db(transaction=True)
def test_the_main_requests_send_no_more_statements_than_they_did(client, monkeypatch):
    """Once everything that a process keeps is there; outside transactions, as in a server."""
    monkeypatch.setattr(remembered, "SECONDS", 3600.0)  # a slow machine is not to forget between two requests
    item = make.make_item()
    applicant = people.make_citizen()
    case = make.make_case(item, applicant=applicant.person)
    clerk = people.make_official(make.CLERK, department=item.department, region_code=item.region_code)
    page, mine = reverse("cases.case", args=[case.number]), reverse("cases.mine", args=[case.number])
    act = reverse("cases.act", args=[case.number, "accept"])
    sent = {}
    for what, who, address in (("the official's page", clerk, page), ("the applicant's page", applicant, mine)):
        client.force_login(who)
        client.get(address)
        sent[what] = _statements(lambda address=address: client.get(address))
    client.force_login(clerk)
    sent["accept"] = _statements(lambda: client.post(act, {"revision": case.revision}))
    case.refresh_from_db()
    assert case.state == "examining"
    more = {what: many for what, many in sent.items() if many > STATEMENTS[what]}
    assert more == {}, "a read is asked once more than before: is it in a loop, or asked twice by two panels?"


def _statements(ask):
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code in (200, 302)
    return len([one for one in seen if not (one["sql"] or "").startswith(("SAVEPOINT", "RELEASE"))])
