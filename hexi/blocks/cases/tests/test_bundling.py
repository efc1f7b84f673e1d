"""一件事: handed in once; each case when its turn comes, once; the new enterprise applies on; one hand-over."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import bundle_intake, bundled, intake, operations
from hexi.blocks.cases.models import Bundle, BundlePart, Case, Clock, Item
from hexi.blocks.cases.operations import bundling
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.make_bundles import CHILD, COMPANY, answers_for, case_of, make_bundle, make_version, settle
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.models import Draft
from hexi.blocks.notices.models import Notice
from hexi.blocks.parcels import codes
from hexi.blocks.parcels import operations as parcels
from hexi.blocks.parcels.models import Parcel
from hexi.blocks.people.models import Identifier, Person
from hexi.blocks.people.queries import RESIDENT, credit_code
from hexi.blocks.people.tests import make as people
from hexi.blocks.search.models import Entry
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.wire.checksums import read_credit_code

pytestmark = pytest.mark.django_db
NAME, REGISTRATION, SEALS, INVOICES = "company-name", "company-registration", "seal-filing", "vat-invoice"


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def founder():
    return make.make_citizen()


@pytest.fixture
def bundle(at, founder):
    """企业开办, handed in on 24 November 2026 at ten."""
    return make_bundle(by=founder)


def states(bundle):
    return dict(bundle.parts.values_list("item", "state"))


def told(key):
    return list(Notice.objects.filter(key=key).values_list("person_id", flat=True))


# --- the whole way ----------------------------------------------------------------------------------------------------
def test_only_what_waits_for_nothing_becomes_a_case_at_once(bundle, founder):
    assert states(bundle) == {NAME: "running", REGISTRATION: "waiting", SEALS: "waiting", INVOICES: "waiting"}
    (case,) = Case.objects.all()
    assert (case.applicant, case.submission) == (founder.account.person, f"bundle:{bundle.pk}:{NAME}")
    assert (case.answers["legal_form"], case.answers["pledge"]) == ("limited", ["liability"])
    assert bundle.number == "B202611240001"
    assert make_bundle(bundle.version, by=founder).number == "B202611240002"


def test_each_step_begins_when_the_one_before_is_certified(bundle, founder):
    settle(case_of(bundle, NAME))
    assert states(bundle) == {NAME: "done", REGISTRATION: "running", SEALS: "waiting", INVOICES: "waiting"}
    registration = case_of(bundle, REGISTRATION)
    assert registration.answers["company_name"] == "玉门戈壁绿农业科技有限公司"
    settle(registration)
    body = Person.objects.get(name="玉门戈壁绿农业科技有限公司")
    assert (body.kind, body.representative) == ("2", founder.account.person)
    seals = case_of(bundle, SEALS)
    assert (seals.applicant, seals.answers["body_code"]) == (body, credit_code(body))
    assert seals.answers["agent"] == registration.answers["applicant_name"]
    settle(seals)
    invoices = case_of(bundle, INVOICES)
    assert (invoices.applicant, invoices.answers["first_time"]) == (body, True)
    assert invoices.answers["receiver_address"] == registration.answers["company_address"]
    settle(invoices)
    assert set(states(bundle).values()) == {"done"}
    assert Bundle.objects.get().ended_at is not None
    assert told("cases.bundle_done") == [founder.account.person.pk]
    assert Case.objects.count() == 4
    assert list(log.verify()) == []


def test_the_licence_is_that_of_the_new_enterprise_with_its_code(bundle):
    settle(case_of(bundle, NAME))
    settle(case_of(bundle, REGISTRATION))
    licence = Certificate.objects.get(type__key="business_licence")
    code = licence.metadata["extend_info"]["code"]
    assert (licence.holder.kind, licence.holder_code, code) == ("2", code, credit_code(licence.holder))
    assert (read_credit_code(code).area, code[8:10]) == ("629999", "MA")
    other = make_bundle(bundle.version, answers=answers_for(bundle.version, full_name="玉门祁连青商贸有限公司"))
    settle(case_of(other, NAME))
    settle(case_of(other, REGISTRATION))
    codes_ = {one.metadata["extend_info"]["code"] for one in Certificate.objects.filter(type__key="business_licence")}
    assert len(codes_) == 2


def test_the_licence_is_promised_in_five_working_hours(bundle):
    settle(case_of(bundle, NAME))
    registration = case_of(bundle, REGISTRATION)
    operations.accept(registration, by=make.BY)
    within = registration.clocks.get(kind=Clock.Kind.PROMISED)
    assert (within.amount, within.unit) == (5, "working_hours")
    alone = make.make_case(registration.item, answers=registration.answers)
    operations.accept(alone, by=make.BY)
    outside = alone.clocks.get(kind=Clock.Kind.PROMISED)
    assert (outside.amount, outside.unit) == (1, "working_days")


def test_each_case_gets_its_own_papers_and_the_certificates_of_those_before(bundle):
    assert papers.by_slot("cases.case", str(case_of(bundle, NAME).pk)) == {}
    for item in (NAME, REGISTRATION, SEALS):
        settle(case_of(bundle, item))

    def slots(item):
        held = papers.by_slot("cases.case", str(case_of(bundle, item).pk))
        return sorted(slot for slot in held if not slot.startswith("letter"))

    assert slots(REGISTRATION) == ["address_proof", "appointments", "articles", "name_notice"]
    assert slots(SEALS) == ["licence"]
    assert slots(INVOICES) == ["licence", "seal"]
    (licence,) = papers.of_thing("cases.case", str(case_of(bundle, SEALS).pk), "licence")
    assert licence.level == "A"


def test_a_child_gets_its_number_and_both_that_wait_for_it_begin(at, founder):
    version = make_version(CHILD)
    born = answers_for(version, child_name="石小麦", child_gender="male", child_born="2026-11-20")
    bundle = make_bundle(version, by=founder, answers=born)
    settle(case_of(bundle, "birth-registration"))
    child = Person.objects.get(name="石小麦")
    assert (child.gender, child.born.isoformat()) == ("1", "2026-11-20")
    number = case_of(bundle, "newborn-insurance").answers["child_identity"]
    assert number[:14] == "62999920261120"
    assert case_of(bundle, "social-security-card").answers["child_identity"] == number
    assert Identifier.objects.get(person=child, type=RESIDENT).masked[-4:] == number[-4:]
    assert case_of(bundle, "social-security-card").answers["why"] == "first"
    birth = Certificate.objects.get(type__key="birth_registration")
    assert birth.holder == founder.account.person
    assert number not in str(birth.metadata)


# --- what goes wrong --------------------------------------------------------------------------------------------------
def test_a_refusal_in_the_middle_ends_what_waits_for_it_and_is_told(bundle, founder):
    settle(case_of(bundle, NAME))
    settle(case_of(bundle, REGISTRATION), grant=False)
    assert states(bundle) == {NAME: "done", REGISTRATION: "failed", SEALS: "dropped", INVOICES: "dropped"}
    assert told("cases.bundle_stopped") == [founder.account.person.pk]
    notice = Notice.objects.get(key="cases.bundle_stopped")
    assert "企业设立登记没有办成" in notice.body_zh
    assert "公章刻制备案、增值税纸质发票领用" in notice.body_zh
    assert (Bundle.objects.get().ended_at is not None, told("cases.bundle_done")) == (True, [])


def test_taking_back_a_part_ends_what_waits_for_it(bundle, founder):
    operations.withdraw(case_of(bundle, NAME), reason="不开了", by=founder)
    assert states(bundle) == {NAME: "failed", REGISTRATION: "dropped", SEALS: "dropped", INVOICES: "dropped"}
    assert bundle.parts.get(item=NAME).reason == "已撤回"
    with translation.override("en"):
        assert [one.reason for one in bundle.parts.all()][:2] == ["Withdrawn", "The step before could not be done."]


def test_one_of_two_side_by_side_does_not_stop_the_other(at, founder):
    bundle = make_bundle(make_version(CHILD), by=founder)
    settle(case_of(bundle, "birth-registration"))
    operations.withdraw(case_of(bundle, "social-security-card"), reason="", by=founder)
    assert states(bundle)["newborn-insurance"] == "running"
    settle(case_of(bundle, "newborn-insurance"))
    assert states(bundle) == {
        "birth-registration": "done",
        "newborn-insurance": "done",
        "social-security-card": "failed",
    }
    assert len(told("cases.bundle_stopped")) == 1


def test_a_step_that_cannot_begin_does_not_undo_the_one_before(bundle, founder):
    item = Item.objects.get(key=REGISTRATION)
    operations.withdraw_item(item, reason="改版", by=make.BY)
    name = settle(case_of(bundle, NAME))
    assert (name.state, name.certificate_ref != "") == (State.CLOSED, True)
    assert states(bundle) == {NAME: "done", REGISTRATION: "failed", SEALS: "dropped", INVOICES: "dropped"}
    assert "停止办理" in bundle.parts.get(item=REGISTRATION).reason
    assert len(told("cases.bundle_stopped")) == 1


def test_hearing_twice_of_the_same_end_changes_nothing(bundle):
    name = settle(case_of(bundle, NAME))
    bundling.follow(name, make.BY)
    bundling.follow(name, make.BY)
    assert Case.objects.count() == 2


def test_what_an_item_would_not_take_is_told_and_nothing_is_kept(at, founder):
    version = make_version()
    wrong = answers_for(version) | {"company_address": None}
    with pytest.raises(ValidationError, match="企业设立登记：请填写“住所”"):
        make_bundle(version, by=founder, answers=wrong)
    assert (Bundle.objects.count(), Case.objects.count(), BundlePart.objects.count()) == (0, 0, 0)


def test_a_running_bundle_keeps_its_text(bundle):
    item = Item.objects.get(key=REGISTRATION)
    national = bundled.composed(bundle.version).items[REGISTRATION]
    changed = national.model_copy(update={"aliases": (*national.aliases, "注册")})
    from hexi.blocks.cases.definitions import definition

    operations.publish(changed, definition(item.version).local, by=make.BY)
    settle(case_of(bundle, NAME))
    assert case_of(bundle, REGISTRATION).version_id == bundle.version.versions[REGISTRATION]
    assert bundled.offered_at(COMPANY, make.YUMEN).digest != bundle.version.digest


# --- rights -----------------------------------------------------------------------------------------------------------
def test_nobody_hands_in_for_another(at, founder):
    version, other = make_version(), people.make_person(name="别人")
    with pytest.raises(Denied):
        bundling.submit_bundle(version, applicant=other, answers=answers_for(version), submission="x", by=founder)


def test_a_stranger_sees_neither_the_bundle_nor_its_parts(bundle, client):
    client.force_login(make.make_citizen().account)
    assert client.get(reverse("cases.my_bundle", args=[bundle.number])).status_code == 404
    assert bundle.number not in client.get(reverse("cases.my_bundles")).text


def test_the_office_sees_what_its_case_belongs_to_and_opens_only_its_own(bundle, client):
    settle(case_of(bundle, NAME))
    settle(case_of(bundle, REGISTRATION))
    seals = case_of(bundle, SEALS)
    account = people.make_official(make.EXAMINER, department=seals.department, region_code=seals.region_code)
    client.force_login(account)
    page = client.get(reverse("cases.case", args=[seals.number])).text
    assert "企业开办一件事（第 3 步，共 4 步）" in page
    assert reverse("cases.case", args=[case_of(bundle, REGISTRATION).number]) not in page
    assert client.get(reverse("cases.my_bundle", args=[bundle.number])).status_code == 404


# --- handing over -----------------------------------------------------------------------------------------------------
def test_all_of_it_is_handed_over_once_at_the_end(at, founder):
    bundle = make_bundle(make_version(CHILD), by=founder, delivery="window")
    settle(case_of(bundle, "birth-registration"))
    settle(case_of(bundle, "newborn-insurance"))
    assert Parcel.objects.count() == 0
    settle(case_of(bundle, "social-security-card"))
    parcel = Parcel.objects.get()
    assert (parcel.of_kind, parcel.title_zh, parcel.receiver) == ("cases.bundle", "出生一件事", founder.account.person)
    parcels.hand(parcel, code=codes.code_of(parcel), by=make.BY)
    assert Bundle.objects.get().handed_at is not None


def test_online_nothing_is_sent(bundle):
    for item in (NAME, REGISTRATION, SEALS, INVOICES):
        settle(case_of(bundle, item))
    assert Parcel.objects.count() == 0


# --- in the browser, without one --------------------------------------------------------------------------------------
def test_the_guide_says_what_is_saved_and_every_step(at, client):
    make_version()
    page = client.get(f"/bundles/{COMPANY}/").text
    for words in ("4 张表变 1 张", "10 份材料变 5 份", "企业设立登记", "5 个工作小时", "由“公章刻制备案”这一步产生"):
        assert words in page
    assert 'href="/items/seal-filing/"' in page
    assert client.get("/bundles/moon/").status_code == 404
    assert Entry.objects.get(kind="bundle").title == "企业开办一件事"


def test_it_is_offered_only_while_all_its_items_are(at, client):
    make_version()
    operations.withdraw_item(Item.objects.get(key=SEALS), reason="改版", by=make.BY)
    assert client.get(f"/bundles/{COMPANY}/").status_code == 404
    assert not Entry.objects.filter(kind="bundle").exists()


def test_from_the_draft_to_the_line_of_steps(at, founder, client):
    version = make_version()
    client.force_login(founder.account)
    page = client.get(f"/bundles/{COMPANY}/apply/")
    draft = Draft.objects.get()
    assert (draft.definition_kind, page["Location"]) == ("cases.bundle", intake.address(draft, "form.person"))
    forms.save_step(draft, raw=answers_for(version), version=1, by=founder)
    for paper in bundled.composed(version).papers[1:4]:
        documents.make_document(
            founder.account.person, content=documents.make_image(seed=len(paper.slot.key)), by=founder,
            thing=(intake.DRAFT, str(draft.pk)), slot=paper.slot.key,
        )  # fmt: skip
    draft.refresh_from_db()
    check = client.get(bundle_intake.page(draft, "check")).text
    assert "公章刻制备案办好后自动开始。" in check
    given = {"_version": draft.version, "_declared": "on", "delivery": "online"}
    sent = client.post(bundle_intake.page(draft, "check"), given)
    bundle = Bundle.objects.get()
    assert sent["Location"] == reverse("cases.my_bundle", args=[bundle.number])
    line = client.get(sent["Location"]).text
    assert ("0 / 4 步办好" in line, "等前一步办完" in line) == (True, True)
    assert reverse("cases.mine", args=[case_of(bundle, NAME).number]) in line
    mine = client.get(reverse("cases.mine", args=[case_of(bundle, NAME).number])).text
    assert "企业开办一件事（第 1 步，共 4 步）" in mine
    assert bundle_intake.submit(draft, version=draft.version, by=founder) == bundle.number
    assert Bundle.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_a_fixed_number_of_queries(at, founder, client, number, django_assert_max_num_queries):
    version = make_version()
    for _ in range(number):
        make_bundle(version, by=founder)
    client.force_login(founder.account)
    client.get(reverse("cases.my_bundles"))
    with django_assert_max_num_queries(14):
        page = client.get(reverse("cases.my_bundles")).text
    assert page.count("0 / 4 步办好") == number
