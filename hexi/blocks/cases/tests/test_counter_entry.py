"""At the counter for whoever stands there: renewing and changing his certificate, several items at once, a second word."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import bundle_intake, bundled, counter_entry, intake, operations
from hexi.blocks.cases.models import Agency, Bundle, Case, Concern, Rating
from hexi.blocks.cases.operations import bundling, rating
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.make_bundles import COMPANY, answers_for, case_of, make_version, settle
from hexi.blocks.cases.tests.test_renewing import decided, permit
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.conditions import holds
from hexi.blocks.forms.models import Draft
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.models import Person
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
ELDER = people.resident_number(77)
BODY = people.credit_number(7)


@pytest.fixture
def item():
    regions.make_divisions()
    return make.make_item("food-permit")


@pytest.fixture
def shop(owner):
    """The holder: an enterprise known by its credit code."""
    return people.make_enterprise(name="玉门演示饭馆", representative=owner.account.person, number=BODY)


@pytest.fixture
def held(at, item, owner, shop):
    """Its food permit, until 23 November 2031."""
    return permit(item, owner, shop)


def shown(**given):
    facts = {"name": "玉门演示饭馆", "number": BODY, "kind": "2", "how": "window", "seen": True}
    return facts | given


def with_papers(draft, slots, by):
    for number, slot in enumerate(slots):
        documents.make_document(
            draft.person, content=documents.make_image(seed=number), by=by, thing=draft, slot=slot.key
        )


def sent(client, draft, page):
    answer = {"_version": draft.version, "_declared": "1", "_action": "submit", "delivery": "online"}
    return client.post(reverse(page, args=[draft.key]), answer)


# --- renewal and change -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["renew", "change"])
def test_a_renewal_and_a_change_are_begun_with_last_times_answers_and_on_record(at, item, held, shop, what):
    at("2031-10-10 10:00")
    clerk = make.make_official(make.CLERK, item)
    draft = counter_entry.begin_again(held.number, what, by=clerk, **shown())
    assert (draft.person, draft.definition_kind) == (shop, f"cases.{what}")
    assert draft.answers["floor_area"] == 80
    (look,) = log.looks_at(shop.pk)
    assert (look.actor_key, look.facts["purpose"]) == (clerk.key, f"窗口代办 {item.title}")
    answers = draft.answers | {"ready_on": "2031-10-20"}
    forms.save_step(draft, raw=answers, version=draft.version, by=clerk)
    with_papers(draft, intake.definition(item.version).national.slots(), clerk)
    draft.refresh_from_db()
    case = Case.objects.get(number=intake.submit(draft, version=draft.version, by=clerk, channel="window"))
    about = Concern.objects.get(case=case)
    assert (about.certificate, about.kind, about.in_time, case.channel) == (held, what, True, "window")
    assert (case.agency.how, case.agency.by_key, case.applicant) == ("window", clerk.key, shop)
    assert Notice.objects.filter(person=shop.representative, key="cases.for_you").count() == 1
    decided(case, item)
    new = Certificate.objects.get(superseded=False)
    ends = date(2036, 11, 23) if what == "renew" else held.valid_to
    assert (new.replaces, new.valid_to) == (held, ends)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"seen": False}, "seen"), ({"how": "operator"}, "note"), ({"how": "mandate"}, "how"),
        ({"number": people.credit_number(8), "name": "别的饭馆"}, "number"), ({"certificate": "没有"}, "certificate"),
    ],
)  # fmt: skip
def test_what_is_not_shown_begins_nothing(at, item, held, given, field):
    at("2031-10-10 10:00")
    facts = {"certificate": held.number, **shown(), **given}
    with pytest.raises(ValidationError) as caught:
        counter_entry.begin_again(facts.pop("certificate"), "renew", by=make.make_official(make.CLERK, item), **facts)
    assert list(caught.value.message_dict) == [field]
    assert (Draft.objects.count(), Person.objects.filter(name="别的饭馆").count()) == (0, 0)


def test_not_before_its_time_and_not_twice(at, item, held, owner):
    clerk = make.make_official(make.CLERK, item)
    with pytest.raises(ValidationError, match="还没有到时候"):
        counter_entry.begin_again(held.number, "renew", by=clerk, **shown())
    at("2031-10-10 10:00")
    operations.concern(make.make_case(item, applicant=held.holder, by=owner), held, "renew", by=owner)
    with pytest.raises(ValidationError, match="可能已经申请"):
        counter_entry.begin_again(held.number, "renew", by=clerk, **shown())


def test_no_other_window_and_nobody_for_himself(at, item, held, owner):
    at("2031-10-10 10:00")
    other = people.acting(people.make_official(make.CLERK, department=people.make_department("other")))
    people.make_post(owner.account, make.CLERK, department=item.department, region_code=item.region_code)
    for by in (other, make.make_official(make.EXAMINER, item), make.make_citizen(), people.acting(owner.account)):
        with pytest.raises(Denied):
            counter_entry.begin_again(held.number, "change", by=by, **shown())
    assert Draft.objects.count() == 0


def test_the_counters_page_of_renewals(at, item, held, client):
    at("2031-10-10 10:00")
    client.force_login(make.make_official(make.CLERK, item).account)
    page = reverse("cases.enter_again")
    assert page in client.get(reverse("cases.enter")).content.decode()
    form = {"certificate": held.number, "what": "renew", "kind": "2", "name": "玉门演示饭馆", "number": BODY}
    form |= {"how": "window", "note": ""}
    assert "原件" in client.post(page, form).content.decode()
    answer = client.post(page, form | {"seen": "1"})
    draft = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, intake.address(draft, draft.step))
    assert client.get(answer["Location"]).status_code == 200
    client.force_login(make.make_official(make.EXAMINER, item).account)
    assert client.get(page).status_code == 403


# --- 一件事 -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def version(at):
    people.make_types()
    return make_version(COMPANY)


def elder(**given):
    return shown(name="赵秀兰", number=ELDER, kind="1", **given)


def window(version):
    """A clerk of the office that does the first step, and of no other."""
    first = bundled.offered_at(COMPANY, make.YUMEN).items["company-name"]
    return make.make_official(make.CLERK, first)


def begun(version, by):
    """The draft of all of it, filled in and with its papers."""
    draft = counter_entry.begin_bundle(bundled.offered_at(COMPANY, make.YUMEN), by=by, **elder())
    answers = answers_for(version)
    forms.save_step(draft, raw=draft.answers | answers, version=draft.version, by=by)
    with_papers(draft, [one.slot for one in bundled.composed(version).papers if holds(one.slot.when, answers.get)], by)
    draft.refresh_from_db()
    return draft


def test_one_window_takes_a_bundle_in_for_all_offices(version, client):
    clerk = window(version)
    draft = begun(version, clerk)
    person = Person.objects.get(name="赵秀兰")
    assert draft.person == person
    client.force_login(clerk.account)
    answer = sent(client, draft, "cases.bundle_check")
    bundle = Bundle.objects.get()
    name = case_of(bundle, "company-name")
    assert answer["Location"] == reverse("cases.case", args=[name.number])
    assert client.get(answer["Location"]).status_code == 200
    assert (bundle.applicant, bundle.channel, name.channel, name.agency.how) == (person, "window", "window", "window")
    settle(name)
    registration = case_of(bundle, "company-registration")
    assert (registration.agency.how, registration.agency.by_key) == ("window", clerk.key)
    assert Notice.objects.filter(person=person, key="cases.for_you").count() == 1
    draft.refresh_from_db()
    assert bundle_intake.became(draft) == reverse("cases.case", args=[name.number])


def test_who_is_not_of_the_first_steps_window_takes_no_bundle_in(version, at):
    offer = bundled.offered_at(COMPANY, make.YUMEN)
    later = make.make_official(make.CLERK, offer.items["vat-invoice"])
    same = offer.items["vat-invoice"].department == offer.items["company-name"].department
    assert (same, list(counter_entry.offered(later))) == (False, [])
    for nobody in (later, make.make_citizen(), make.make_official(make.HEAD, offer.items["company-name"])):
        with pytest.raises(Denied):
            counter_entry.begin_bundle(offer, by=nobody, **elder())
        with pytest.raises(Denied):
            bundling.submit_bundle(
                version, applicant=people.make_person("赵秀兰"), answers=answers_for(version), submission="x", by=nobody
            )
    assert Draft.objects.count() == 0


def test_a_bundle_is_not_for_everybody_nor_unseen_nor_for_oneself(version):
    offer, clerk = bundled.offered_at(COMPANY, make.YUMEN), window(version)
    strange = shown(kind=next(one for one in Person.Kind.values if one not in offer.whole.audience))
    for given, field in ((strange, "kind"), (elder(seen=False), "seen"), (elder(how="operator"), "note")):
        with pytest.raises(ValidationError) as caught:
            counter_entry.begin_bundle(offer, by=clerk, **given)
        assert list(caught.value.message_dict) == [field]
    account = people.make_citizen(name="赵秀兰", number=ELDER)
    people.verify(account.person)
    first = offer.items["company-name"]
    people.make_post(account, make.CLERK, department=first.department, region_code=first.region_code)
    with pytest.raises(Denied, match="不能给自己"):
        counter_entry.begin_bundle(offer, by=people.acting(account), **elder())
    assert Draft.objects.count() == 0


def test_the_counters_page_of_bundles(version, client):
    clerk = window(version)
    client.force_login(clerk.account)
    page, ref = reverse("cases.enter_bundle"), f"{COMPANY}@{make.YUMEN}"
    assert ref in client.get(page).content.decode()
    form = {"bundle": ref, "kind": "1", "name": "赵秀兰", "number": ELDER, "how": "window", "note": "", "seen": "1"}
    assert client.post(page, form | {"bundle": f"{COMPANY}@110000000000"}).status_code == 422
    answer = client.post(page, form)
    draft = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, bundle_intake.page(draft, draft.step))


# --- a second word on a rating ----------------------------------------------------------------------------------------
@pytest.fixture
def felling():
    regions.make_divisions()
    return make.make_item()


@pytest.fixture
def mended(at, felling):
    """A case the window took in for somebody without an account, rated badly there, and the office's answer to it."""
    clerk = make.make_official(make.CLERK, felling)
    elder_ = people.make_person("赵秀兰", number=ELDER)
    case = make.make_case(felling, applicant=elder_, by=clerk, channel="window")
    facts = {"how": "window", "by_key": clerk.key, "by_name": clerk.name, "at": case.submitted_at}
    Agency.objects.create(case=case, **facts)
    operations.withdraw(case, reason="不办了", by=clerk, seen=True)
    bad, head = rating.rate(make.fresh(case), level=1, by=clerk, seen=True), make.make_official(make.HEAD, felling)
    rating.contact(bad, said="打过电话", by=head)
    rating.answer_rating(bad, reply="已整改", by=head)
    return make.fresh(case), clerk


def test_the_window_writes_the_second_word_down(mended, client):
    case, clerk = mended
    with pytest.raises(ValidationError, match="原件"):
        rating.rate_again(case.rating, level=4, by=clerk)
    client.force_login(clerk.account)
    page = reverse("cases.counter", args=[case.number, "rate-again"])
    assert page in client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert client.post(page, {"level": "4"}).status_code == 422
    assert client.post(page, {"level": "4", "seen": "1"}).status_code == 302
    held = Rating.objects.get()
    assert (held.level, held.again, held.state) == (1, 4, Rating.State.CLOSED)
    lines = case.events.filter(action="rated_here")
    assert [(one.actor_key, clerk.name in one.opinion) for one in lines] == [(clerk.key, True)] * 2
    assert Notice.objects.filter(person=case.applicant, key="cases.rated_here").count() == 2
    assert page not in client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert "整改答复以后可以再评一次" in client.post(page, {"level": "5", "seen": "1"}).content.decode()


def test_a_second_word_without_a_first_is_told(at, felling, client):
    clerk = make.make_official(make.CLERK, felling)
    case = make.make_case(felling, applicant=people.make_person("赵秀兰", number=ELDER), by=clerk)
    Agency.objects.create(case=case, how="window", by_key=clerk.key, by_name=clerk.name, at=case.submitted_at)
    client.force_login(clerk.account)
    page = reverse("cases.counter", args=[case.number, "rate-again"])
    assert "还没有评价过" in client.post(page, {"level": "5", "seen": "1"}).content.decode()
    assert make.fresh(case).state == State.SUBMITTED


def test_another_window_says_nothing_for_him(mended):
    case, _clerk = mended
    other = people.acting(people.make_official(make.CLERK, department=people.make_department("other")))
    for by in (other, make.make_official(make.HEAD), make.make_citizen()):
        with pytest.raises(Denied):
            rating.rate_again(case.rating, level=5, by=by, seen=True)
