"""For somebody else: by a mandate, at the counter from paper, by an operator; always on record and told."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.cases import intake, operations, queries
from hexi.blocks.cases.models import Agency, Case
from hexi.blocks.cases.operations import hearings, rating
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as pictures
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.models import Draft
from hexi.blocks.notices.models import Notice
from hexi.blocks.people import mandates
from hexi.blocks.people.models import Account, Identifier, Person
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
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
    agent = Account.objects.get(person__name="李文静")
    return people.make_mandate(principal, people.acting(agent), number=AGENT, items=items)


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


def test_a_bodys_code_answers_no_question_for_a_human_beings_number(item):
    draft = entered(item, make.make_official(make.CLERK), name="玉门演示林场", number=people.credit_number(7), kind="2")
    assert (draft.person.natural, "applicant_identity" in draft.answers) == (False, False)


# --- afterwards, at the counter ---
@pytest.fixture
def walked_in(item):
    """A case the window took in for somebody without an account, and its clerk."""
    clerk = make.make_official(make.CLERK)
    draft = filled(entered(item, clerk), clerk)
    number = intake.submit(draft, version=draft.version, by=clerk, channel="window")
    return Case.objects.get(number=number), clerk


def doing(case, what):
    return reverse("cases.counter", args=[case.number, what])


def test_the_window_supplements_for_who_came_in_person_and_is_on_record(walked_in, client):
    case, clerk = walked_in
    operations.ask_correction(case, points={"spot": "写明小班"}, by=clerk)
    client.force_login(clerk.account)
    assert doing(case, "mend") in client.get(reverse("cases.case", args=[case.number])).content.decode()
    page = client.post(doing(case, "mend"), {})
    assert (page.status_code, "原件" in page.content.decode()) == (422, True)
    assert "/drafts/" in client.post(doing(case, "mend"), {"seen": "1"})["Location"]
    draft = forms.queries.mine(clerk).get()
    forms.save_step(draft, raw=case.answers | {"spot": "渠东 3 小班"}, version=draft.version, by=clerk)
    draft.refresh_from_db()
    sent = {"_version": draft.version, "_declared": "1", "_action": "submit"}
    answer = client.post(reverse("cases.check", args=[draft.key]), sent)
    assert answer["Location"] == reverse("cases.case", args=[case.number])
    case = make.fresh(case)
    assert (case.state, case.answers["spot"]) == ("submitted", "渠东 3 小班")
    line = case.events.get(action="supplement")
    assert (line.actor_key, f"由{clerk.name}代为录入" in line.opinion) == (clerk.key, True)


def test_the_window_withdraws_for_who_came_in_person(walked_in, client):
    case, clerk = walked_in
    with pytest.raises(ValidationError, match="原件"):
        operations.withdraw(case, reason="不砍了", by=clerk)
    client.force_login(clerk.account)
    assert client.post(doing(case, "withdraw"), {"reason": "不砍了", "seen": "1"}).status_code == 302
    line = case.events.get(action="withdraw")
    assert (make.fresh(case).state, line.opinion) == (
        "withdrawn",
        f"不砍了 （申请人到窗口提出，由{clerk.name}代为录入）",
    )


def test_the_window_writes_a_rating_down_by_the_counters_own_aspects(walked_in, client):
    case, clerk = walked_in
    operations.not_needed(case, by=clerk, opinion="不用办")
    case = make.fresh(case)
    assert set(rating.aspects_of(case)) == {"speed", "skill", "manner"}
    client.force_login(clerk.account)
    said = {"level": "4", "speed": "3", "skill": "", "manner": "5", "text": "态度好", "seen": "1"}
    assert client.post(doing(case, "rate"), said).status_code == 302
    assert (case.rating.level, case.rating.channel, case.rating.text) == (4, "window", "态度好")
    assert case.rating.aspects == {"speed": 3, "manner": 5}
    assert Notice.objects.filter(person=case.applicant, key="cases.rated_here").count() == 1
    assert case.events.get(action="rated_here").actor_key == clerk.key
    assert client.get(doing(case, "rate")).status_code == 200
    assert "只评一次" in client.post(doing(case, "rate"), {"level": "5", "seen": "1"}).content.decode()


def test_the_window_asks_for_a_hearing_for_who_came_in_person(walked_in, client):
    case, clerk = walked_in
    operations.accept(case, by=clerk)
    hearings.tell_hearing(make.fresh(case), by=make.make_official(make.EXAMINER), opinion="影响邻居")
    client.force_login(clerk.account)
    assert client.post(doing(case, "hearing"), {"reason": "要当面说", "seen": "1"}).status_code == 302
    assert case.hearing.asked_by == "赵秀兰"
    assert Notice.objects.filter(person=case.applicant, key="cases.asked_here").count() == 1
    assert clerk.name in case.events.get(action="hearing_asked").opinion


def test_no_window_does_it_for_who_applied_himself_nor_another_office(walked_in, item, principal, client):
    mine = make.make_case(item, applicant=principal.account.person, by=principal)
    case, clerk = walked_in
    other = people.acting(people.make_official(make.CLERK, department=people.make_department("other")))
    for one, by in ((mine, clerk), (case, other), (case, make.make_official(make.HEAD)), (case, principal)):
        with pytest.raises(Denied):
            operations.withdraw(make.fresh(one), reason="", by=by, seen=True)
        with pytest.raises(Denied):
            rating.rate(make.fresh(one), level=5, by=by, seen=True)
        with pytest.raises(Denied):
            intake.reopen(make.fresh(one), by=by, seen=True)
    client.force_login(other.account)
    assert client.get(doing(case, "withdraw")).status_code == 404


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


def test_nothing_is_entered_while_a_stranger_would_read_it(item):
    clerk, thief = make.make_official(make.CLERK), people.make_citizen(name="赵秀兰", number=ELDER)
    with pytest.raises(ValidationError, match="人员查询"):
        entered(item, clerk)
    assert (Draft.objects.count(), thief.person.identifiers.get().level) == (0, Identifier.Level.DECLARED)
    people.verify(thief.person)  # it is his own account after all
    assert entered(item, clerk).person == thief.person


def test_nobody_enters_for_himself(item):
    account = people.make_citizen(name="赵秀兰", number=ELDER)
    people.verify(account.person)
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
