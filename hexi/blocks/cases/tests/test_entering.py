"""For somebody else: by a mandate, at the counter from paper, by an operator; always on record and told."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.cases import intake, operations, queries
from hexi.blocks.cases.models import Agency, Case
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as pictures
from hexi.blocks.forms import operations as forms
from hexi.blocks.notices.models import Notice
from hexi.blocks.people import mandates
from hexi.blocks.people.models import Identifier, Person
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
AGENT, ELDER = people.resident_number(4321), people.resident_number(77)


@pytest.fixture
def item():
    regions.make_divisions()
    people.make_types()
    return make.make_item()


@pytest.fixture
def principal():
    return make.make_citizen()


@pytest.fixture
def agent(principal):
    return people.acting(people.make_citizen(name="李文静", number=AGENT))


def mandate(principal, items=()):
    until = clock.today() + timedelta(days=30)
    return mandates.give(
        principal.account.person, agent_name="李文静", agent_number=AGENT, items=items, until=until, by=principal
    )


def filled(draft, by):
    """Every answer and every material."""
    forms.save_step(draft, raw=make.ANSWERS | {"applicant_identity": ELDER}, version=draft.version, by=by)
    for number, slot in enumerate(intake.definition(intake.version_of(draft)).national.slots()):
        picture = io.BytesIO(pictures.make_image(seed=number))
        documents.store(picture, name="a.jpg", by=by, owner=draft.person, thing=draft, slot=slot.key)
    draft.refresh_from_db()
    return draft


def begun(item, by, person):
    return forms.start(
        intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=by, person_id=person.pk, entitled=True,
        region_code=item.region_code,
    )  # fmt: skip


def test_an_agent_applies_sees_and_supplements_while_the_mandate_lasts(item, principal, agent):
    made = mandate(principal, ["tree-felling"])
    draft = filled(begun(item, agent, principal.account.person), agent)
    number = intake.submit(draft, version=draft.version, by=agent)
    case = Case.objects.get(number=number)
    assert (case.applicant, case.agency.how, case.agency.mandate) == (principal.account.person, "mandate", made)
    assert list(queries.mine(agent)) == list(queries.mine(principal)) == [case]
    assert Notice.objects.filter(person=principal.account.person, key="cases.for_you").count() == 1
    document = papers.of_thing(intake.CASE, str(case.pk)).exclude(slot__startswith="letter:").first()
    assert papers.may_read(agent, document)
    operations.ask_correction(case, points={"spot": "写明小班"}, by=make.make_official(make.CLERK))
    again = intake.reopen(make.fresh(case), by=principal)
    assert again.account_id == principal.account_id
    mandates.withdraw(made, by=principal)
    assert (list(queries.mine(agent)), papers.may_read(agent, document)) == ([], False)
    with pytest.raises(Denied):
        operations.withdraw(make.fresh(case), reason="", by=agent)


def test_no_mandate_for_this_item_no_application(item, principal, agent):
    with pytest.raises(Denied):
        forms.start(intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=agent, person_id=principal.person_id)
    draft = filled(begun(item, agent, principal.account.person), agent)
    with pytest.raises(Denied):
        intake.submit(draft, version=draft.version, by=agent)
    assert Case.objects.count() == 0


def test_an_agent_who_is_an_official_handles_it_not(item, principal, agent):
    case = make.make_case(item, applicant=principal.account.person, by=principal)
    people.make_post(agent.account, make.CLERK, department=item.department, region_code=item.region_code)
    mandate(principal)
    with pytest.raises(Denied, match="回避"):
        operations.accept(case, by=people.acting(agent.account))


def test_the_agent_chooses_in_whose_name(item, principal, agent, client):
    mandate(principal)
    client.force_login(agent.account)
    client.post(reverse("cases.begin", args=[item.pk]), {"person": principal.person_id})
    draft = forms.queries.mine(agent).get()
    assert (draft.person, draft.answers["applicant_name"]) == (principal.account.person, principal.account.person.name)
    assert (
        client.post(reverse("cases.begin", args=[item.pk]), {"person": people.make_person("王五").pk}).status_code
        == 200
    )
    assert forms.queries.mine(agent).count() == 1


def entered(item, by, **given):
    facts = {"name": "赵秀兰", "number": ELDER, "kind": "1", "how": "window", "seen": True}
    return operations.enter(item, by=by, **(facts | given))


def test_entered_at_the_counter_the_person_is_made_checked_told(item):
    clerk = make.make_official(make.CLERK)
    draft = entered(item, clerk)
    person = Person.objects.get(name="赵秀兰")
    assert person.identifiers.get().level == Identifier.Level.WINDOW
    assert (draft.answers["applicant_name"], draft.answers["applicant_identity"]) == ("赵秀兰", ELDER)
    filled(draft, clerk)
    number = intake.submit(draft, version=draft.version, by=clerk, channel="window")
    case = Case.objects.get(number=number)
    assert (case.applicant, case.channel, case.agency.how) == (person, "window", "window")
    assert case.agency.by_name == clerk.name
    assert Notice.objects.filter(person=person, key="cases.for_you").count() == 1
    paper = papers.of_thing(intake.CASE, str(case.pk)).exclude(slot__startswith="letter:").first()
    assert paper.level == "C"
    assert documents.raise_level(paper, by=clerk, source=item.department.name).level == "B"
    operations.accept(case, by=clerk)


def test_an_operator_for_an_elder_says_why_and_is_on_record(item):
    clerk = make.make_official(make.CLERK)
    with pytest.raises(ValidationError, match="写明原因"):
        entered(item, clerk, how="operator")
    draft = filled(entered(item, clerk, how="operator", note="老人不用手机"), clerk)
    intake.submit(draft, version=draft.version, by=clerk, channel="window")
    found = Agency.objects.get()
    assert (found.how, found.note, found.by_key) == ("operator", "老人不用手机", clerk.key)


def test_nothing_is_entered_unseen_or_by_who_may_not(item, principal):
    with pytest.raises(ValidationError, match="原件"):
        entered(item, make.make_official(make.CLERK), seen=False)
    for nobody in (make.make_official(make.EXAMINER), make.make_official(make.HEAD), principal):
        with pytest.raises(Denied):
            entered(item, nobody)
    assert not Person.objects.filter(name="赵秀兰").exists()


def test_nobody_enters_for_himself(item):
    account = people.make_citizen(name="赵秀兰", number=ELDER)
    people.make_post(account, make.CLERK, department=item.department, region_code=item.region_code)
    with pytest.raises(Denied, match="不能给自己"):
        entered(item, people.acting(account))


def test_the_counters_pages(item, client):
    account = people.make_official(make.CLERK, department=item.department, region_code=item.region_code)
    client.force_login(account)
    form = {"item": item.pk, "kind": "1", "name": "赵秀兰", "number": ELDER, "how": "operator", "note": ""}
    assert client.post(reverse("cases.enter"), form).status_code == 422
    response = client.post(reverse("cases.enter"), form | {"seen": "1", "note": "视力不好"})
    assert "/drafts/" in response["Location"]
    clerk = people.acting(account)
    draft = filled(forms.queries.mine(clerk).get(), clerk)
    assert client.get(reverse("cases.materials", args=[draft.key])).status_code == 200
    sent = {"_version": draft.version, "_declared": "1", "_action": "submit", "delivery": "online"}
    response = client.post(reverse("cases.check", args=[draft.key]), sent)
    case = Case.objects.get()
    assert response["Location"] == reverse("cases.case", args=[case.number])
    assert "工作人员代为操作" in client.get(response["Location"]).content.decode()
    client.force_login(people.make_official(make.EXAMINER, department=item.department, region_code=item.region_code))
    assert client.get(reverse("cases.enter")).status_code == 403


def test_a_body_is_entered_by_its_credit_code(client):
    regions.make_divisions()
    people.make_types()
    item = make.make_item("business-scope-change")
    clerk = make.make_official(make.CLERK, item)
    draft = entered(item, clerk, name="玉门演示商贸有限公司", number=people.credit_number(5), kind="2")
    fields = [field for _section, field in intake.definition(item.version).national.form.fields()]
    assert draft.person.kind == "2"
    assert draft.answers["body_code"] == people.credit_number(5)
    assert set(make_items.make_answers(fields, regions.SHIHEZI)) >= set(draft.answers)
