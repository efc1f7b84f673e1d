"""Who acts for whom, by one rule: with a mandate for the matter yes; without one, past its day, for another matter no."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from hexi.blocks.cases import bundled, operations, queries
from hexi.blocks.cases.models import Agency, Bundle, Case, Hearing, ThirdParty
from hexi.blocks.cases.operations import bundling, concerned, entering, hearings
from hexi.blocks.cases.parties import acts, acts_as
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.make_bundles import COMPANY, answers_for, case_of, make_bundle, make_version, settle
from hexi.blocks.forms.models import Draft
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.models import Mandate
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
FELLING = "tree-felling"
STARTING = ["company-name", "company-registration", "seal-filing", "vat-invoice"]
#: what the agent holds, and whether he may then act in a matter of tree felling
HELD = {
    "all matters": ([[]], 30, True),
    "this matter": ([[FELLING]], 30, True),
    "another matter": ([["food-permit"]], 30, False),
    "an expired one": ([[FELLING]], -1, False),
    "nothing": ([], 0, False),
}


@pytest.fixture(autouse=True)
def world(monkeypatch):
    """Tuesday 24 November 2026, ten o'clock."""
    moment = datetime(2026, 11, 24, 10, tzinfo=clock.CHINA)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    people.make_types()


@pytest.fixture
def principal():
    return make.make_citizen()


@pytest.fixture
def agent():
    return people.acting(people.make_citizen(name="李文静"))


def mandate(principal, agent, items=(), days=30):
    """One in force since a month ago, until so many days from today."""
    today = clock.today()
    return Mandate.objects.create(
        principal=principal.account.person, agent=agent.account.person, items=sorted(items), given_key=principal.key,
        given_name=principal.name, given_at=clock.now(), valid_from=today - timedelta(days=30), valid_to=today + timedelta(days=days),
    )  # fmt: skip


def give_all(principal, agent, held):
    for items in held[0]:
        mandate(principal, agent, items, held[1])


@pytest.fixture
def case():
    """林木采伐许可 of somebody else, accepted."""
    regions.make_divisions()
    found = make.make_case(make.make_item())
    operations.accept(found, by=make.make_official(make.CLERK))
    return make.fresh(found)


@pytest.fixture
def party(case, principal):
    """The principal's interests are concerned by the case."""
    return ThirdParty.objects.create(
        case=case, name="王秀英", person=principal.account.person, why="压到院墙。", told_at=clock.now(),
        until=clock.now() + timedelta(days=5),
    )  # fmt: skip


def allowed(do):
    try:
        do()
    except Denied:
        return False
    return True


# --- the rule ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", HELD)
def test_the_rule_knows_scope_and_expiry(case, principal, agent, name):
    give_all(principal, agent, HELD[name])
    own = make.make_case(case.item, applicant=principal.account.person, by=principal)
    may = HELD[name][2]
    assert (acts(principal, own), acts(agent, own), acts(agent, case)) == (True, may, False)
    assert list(queries.mine(agent)) == ([own] if may else [])


def test_mandates_for_two_matters_together_cover_both_and_no_third(principal, agent):
    mandate(principal, agent, [FELLING])
    mandate(principal, agent, ["food-permit"])
    person = principal.account.person
    assert acts_as(agent, person, FELLING, "food-permit")
    assert not acts_as(agent, person, FELLING, "food-permit", "company-name")
    assert not acts_as(agent, person)
    mandate(principal, agent)
    assert acts_as(agent, person, FELLING, "food-permit", "company-name")


def test_a_mandate_withdrawn_counts_no_more(principal, agent):
    made = mandate(principal, agent)
    assert acts_as(agent, principal.account.person, FELLING)
    Mandate.objects.filter(pk=made.pk).update(ended_at=clock.now())
    assert not acts_as(agent, principal.account.person, FELLING)


# --- hearings, views --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", HELD)
def test_the_agent_of_a_third_party_asks_for_a_hearing(case, party, principal, agent, name):
    give_all(principal, agent, HELD[name])
    hearings.tell_hearing(case, by=make.make_official(make.EXAMINER), opinion="关系重大。")
    assert allowed(lambda: hearings.ask_hearing(case, by=agent, opinion="要求听证。")) is HELD[name][2]
    assert Hearing.objects.get().asked_by == ("王秀英" if HELD[name][2] else "")


@pytest.mark.parametrize("name", HELD)
def test_the_agent_of_a_third_party_states_its_view(party, principal, agent, name):
    give_all(principal, agent, HELD[name])
    assert allowed(lambda: concerned.state_view(party, text="不同意。", by=agent)) is HELD[name][2]
    party.refresh_from_db()
    assert party.stated_name == (agent.name if HELD[name][2] else "")


@pytest.mark.parametrize("name", HELD)
def test_the_page_of_the_third_party_opens_for_its_agent(party, principal, agent, name, client):
    give_all(principal, agent, HELD[name])
    client.force_login(agent.account)
    page = client.get(reverse("cases.view", args=[party.pk]))
    assert page.status_code == (200 if HELD[name][2] else 404)


# --- at the counter ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", HELD)
def test_an_agent_does_not_enter_for_his_principal_at_his_own_counter(agent, name):
    regions.make_divisions()
    item, number = make.make_item(), people.resident_number(77)
    principal = people.acting(people.make_citizen(name="赵秀兰", number=number))
    people.verify(principal.account.person)
    give_all(principal, agent, HELD[name])
    people.make_post(agent.account, make.CLERK, department=item.department, region_code=item.region_code)
    clerk = people.acting(agent.account)

    def enter():
        operations.enter(item, name="赵秀兰", number=number, kind="1", how="window", seen=True, by=clerk)

    assert allowed(enter) is not HELD[name][2]


# --- several items at once --------------------------------------------------------------------------------------------
def handed_in(version, principal, agent):
    return bundling.submit_bundle(
        version, applicant=principal.account.person, answers=answers_for(version), submission="x", by=agent
    )[0]  # fmt: skip


@pytest.mark.parametrize(
    ("items", "days", "may"),
    [([[]], 30, True), ([STARTING], 30, True), ([STARTING[:2], STARTING[2:]], 30, True), ([STARTING[:3]], 30, False),
     ([STARTING], -1, False), ([], 30, False)],
)  # fmt: skip
def test_a_bundle_needs_a_mandate_for_each_of_its_items(principal, agent, items, days, may):
    version = make_version()
    for one in items:
        mandate(principal, agent, one, days)
    assert allowed(lambda: handed_in(version, principal, agent)) is may
    assert (Bundle.objects.count(), Case.objects.count()) == ((1, 1) if may else (0, 0))


@pytest.mark.parametrize(("items", "seen"), [([[]], 1), ([STARTING], 1), ([STARTING[1:]], 0), ([], 0)])
def test_the_agent_sees_the_bundle_while_he_acts_in_all_of_it(principal, agent, items, seen, client):
    bundle = make_bundle(by=principal)
    for one in items:
        mandate(principal, agent, one)
    assert list(bundled.mine(agent)) == [bundle] * seen
    assert list(bundled.mine(principal)) == [bundle]
    client.force_login(agent.account)
    page = client.get(reverse("cases.my_bundle", args=[bundle.number]))
    assert page.status_code == (200 if seen else 404)
    if seen:
        assert reverse("cases.mine", args=[case_of(bundle, STARTING[0]).number]) in page.text


def test_every_case_of_the_bundle_says_who_applied_and_the_principal_hears_once(principal, agent):
    version = make_version()
    made = mandate(principal, agent, STARTING)
    bundle = handed_in(version, principal, agent)
    Mandate.objects.filter(pk=made.pk).update(valid_to=date(2026, 11, 1))  # what was handed in goes on
    settle(case_of(bundle, STARTING[0]))
    assert list(Agency.objects.values_list("case__item__key", "mandate", "by_key").order_by("pk")) == [
        (STARTING[0], made.pk, agent.key),
        (STARTING[1], made.pk, agent.key),
    ]
    assert list(Notice.objects.filter(key="cases.for_you").values_list("person", flat=True)) == [principal.person_id]
    make_bundle(version, by=principal)
    assert Agency.objects.count() == 2


def test_the_agent_chooses_in_whose_name_he_asks_for_the_bundle(principal, agent, client):
    make_version()
    client.force_login(agent.account)
    begin = f"/bundles/{COMPANY}/apply/"
    client.post(begin, {"person": principal.person_id})
    assert Draft.objects.filter(person=principal.person_id).count() == 0
    mandate(principal, agent, STARTING)
    client.post(begin, {"person": principal.person_id})
    draft = Draft.objects.get(person=principal.person_id)
    assert (draft.account_id, draft.answers["applicant_name"]) == (agent.account_id, principal.account.person.name)


# --- what an agent is told --------------------------------------------------------------------------------------------
def told(agent):
    return list(Notice.objects.filter(person=agent.account.person).order_by("pk").values_list("key", flat=True))


@pytest.fixture
def applied(principal, agent):
    """林木采伐许可 that the agent handed in for the principal by a mandate for it."""
    regions.make_divisions()
    held = mandate(principal, agent, [FELLING])
    item = make.make_item()
    found = make.make_case(item, applicant=principal.account.person, by=agent)
    entering.note_agency(found, by=agent)
    return found, held


def test_the_agent_who_applied_hears_of_every_step_as_the_applicant_does(applied, principal, agent):
    case, _held = applied
    operations.ask_correction(case, points={"title_proof": "缺第二页。"}, by=make.make_official(make.CLERK))
    operations.supplement(make.fresh(case), answers=make.ANSWERS, by=agent)
    operations.accept(make.fresh(case), by=make.make_official(make.CLERK))
    steps = ["cases.submitted", "cases.to_do", "cases.accepted"]
    assert told(agent) == steps
    assert [key for key in told(principal) if key != "cases.for_you"] == steps
    assert Notice.objects.filter(person=agent.account.person).last().link == f"/my/cases/{case.number}/"


@pytest.mark.parametrize(
    "change", [{"ended_at": clock.now()}, {"valid_to": date(2026, 11, 23)}, {"items": ["food-permit"]}]
)
def test_when_his_mandate_is_over_he_hears_no_more(applied, principal, agent, change):
    case, held = applied
    Mandate.objects.filter(pk=held.pk).update(**change)
    operations.accept(case, by=make.make_official(make.CLERK))
    assert told(agent) == ["cases.submitted"]
    assert "cases.accepted" in told(principal)


def test_by_another_mandate_for_the_matter_he_still_does(applied, principal, agent):
    case, held = applied
    Mandate.objects.filter(pk=held.pk).update(ended_at=clock.now())
    mandate(principal, agent)
    operations.accept(case, by=make.make_official(make.CLERK))
    assert told(agent) == ["cases.submitted", "cases.accepted"]


def test_whoever_holds_a_mandate_but_did_not_apply_is_left_alone(principal, agent):
    mandate(principal, agent, [FELLING])
    case = make.make_case(make.make_item(), applicant=principal.account.person, by=principal)
    operations.accept(case, by=make.make_official(make.CLERK))
    assert told(agent) == []
