"""告知承诺: decided on the spot with the certificate, checked afterwards, put right or revoked; never offered twice."""

import io

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import intake, operations, promise_queries, queries
from hexi.blocks.cases.models import Breach, Case, Letter, Verification
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents.tests import make as papers
from hexi.blocks.forms import operations as forms
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.packs import Words

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    regions.make_divisions()
    return make.make_item("business-scope-change")


def day(moment):
    return clock.local_day(moment).isoformat()


def begun(item, by, body, *, without=("resolution",)):
    """A draft with every answer and every material but some."""
    draft = forms.start(
        intake.ITEM,
        ref=str(item.pk),
        digest=item.version.digest,
        by=by,
        person_id=body.pk,
        region_code=item.region_code,
    )
    national = intake.definition(item.version).national
    forms.save_step(draft, raw=make_items.answers_of(national, regions.SHIHEZI), version=draft.version, by=by)
    for number, slot in enumerate(national.slots()):
        if slot.key not in without:
            picture = io.BytesIO(papers.make_image(seed=number))
            documents.store(picture, name="a.jpg", by=by, owner=body, thing=draft, slot=slot.key)
    draft.refresh_from_db()
    return draft


def pledged(item, owner, body):
    draft = begun(item, owner, body)
    number = intake.submit(draft, version=draft.version, by=owner, signed=["pledge"])
    drain()
    return Case.objects.select_related("verification").get(number=number)


def test_decided_on_the_spot_with_the_certificate(at, item, owner, body):
    case = pledged(item, owner, body)
    assert (case.state, case.outcome, day(case.accepted_at)) == (State.CLOSED, Outcome.GRANTED, "2026-11-24")
    assert Certificate.objects.get().identifier == case.certificate_ref
    assert [one.kind for one in case.letters.order_by("pk")] == ["acceptance", "granted"]
    check = case.verification
    assert (check.state, day(check.due)) == ("waiting", "2026-12-22")
    assert case.promises.get().text.splitlines()[0].startswith("变更经营范围")
    assert not case.tasks.filter(done_at=None).exists()
    span = ("6209", clock.today(), clock.today())
    assert queries.figures(*span) == queries.recounted(*span)
    assert list(log.verify()) == []


def test_the_ordinary_way_asks_for_what_the_pledge_replaces(at, item, owner, body):
    draft = begun(item, owner, body)
    with pytest.raises(ValidationError, match="请先上传：变更决议或者决定"):
        intake.submit(draft, version=draft.version, by=owner)
    whole = begun(item, owner, body, without=())
    number = intake.submit(whole, version=whole.version, by=owner)
    case = Case.objects.get(number=number)
    assert (case.state, Verification.objects.count()) == (State.SUBMITTED, 0)


def test_no_pledge_where_none_is_offered(at, owner):
    regions.make_divisions()
    case = make.make_case(make.make_item(), applicant=owner.account.person, by=owner)
    with pytest.raises(ValidationError, match="不能用告知承诺"):
        operations.pledge(case, by=owner)
    assert make.fresh(case).state == State.SUBMITTED


def test_checked_and_kept(at, item, owner, body):
    check = pledged(item, owner, body).verification
    operations.keep(check, finding="决议原件齐全", by=make.make_official(make.EXAMINER))
    check.refresh_from_db()
    assert (check.state, check.ended_at is not None, Breach.objects.count()) == ("kept", True, 0)
    with pytest.raises(ValidationError, match="已履行承诺"):
        operations.find_broken(check, finding="再查", by=make.make_official(make.EXAMINER))


def test_not_kept_rectified_in_its_term_or_revoked_and_never_offered_again(at, item, owner, body):
    case = pledged(item, owner, body)
    check, examiner, head = case.verification, make.make_official(make.EXAMINER), make.make_official(make.HEAD)
    with pytest.raises(ValidationError, match="请写明核查情况"):
        operations.order_to_rectify(check, finding=" ", by=examiner)
    at("2026-12-01 10:00")
    operations.order_to_rectify(check, finding="没有股东会决议", by=examiner)
    check.refresh_from_db()
    assert (check.state, day(check.rectify_due)) == ("rectifying", "2026-12-15")
    with pytest.raises(ValidationError, match="期满后再核查"):
        operations.find_broken(check, finding="仍没有", by=examiner)
    at("2026-12-16 10:00")
    operations.find_broken(check, finding="期满仍没有决议", by=examiner)
    with pytest.raises(Denied):
        operations.revoke_pledged(check, reason="承诺不实", by=examiner)
    operations.revoke_pledged(check, reason="承诺不实，期满未改。", by=head)
    assert (Certificate.objects.get().state, Verification.objects.get().state) == ("03", "revoked")
    assert list(Letter.objects.order_by("pk").values_list("kind", flat=True)) == [
        "acceptance", "granted", "rectify", "revocation",
    ]  # fmt: skip
    assert "复议" in Letter.objects.get(kind="revocation").facts["remedy"]
    assert Breach.objects.get().person == body
    again = begun(item, owner, body)
    with pytest.raises(ValidationError, match="不能用告知承诺"):
        intake.submit(again, version=again.version, by=owner, signed=["pledge"])
    assert Case.objects.count() == 1


def broken(case):
    operations.find_broken(case.verification, finding="没有决议", by=make.make_official(make.EXAMINER))
    return case.verification


def written(case):
    return list(case.letters.order_by("pk").values_list("kind", flat=True))


def test_a_version_that_came_since_is_revoked_with_it(at, item, owner, body):
    case, head = pledged(item, owner, body), make.make_official(make.HEAD)
    facts = dict(Certificate.objects.get().metadata["extend_info"])
    corrected = certificates.correct(Certificate.objects.get(), facts=facts, reason="写错一字", by=head)
    other = make.make_case(item, applicant=body, by=owner, answers=case.answers)
    newest = certificates.reissue(corrected, reason="变更", case=other, by=head)
    check = broken(case)
    operations.revoke_pledged(check, reason="承诺不实。", by=head)
    newest.refresh_from_db()
    assert (newest.state, Verification.objects.get().state) == ("03", "revoked")
    assert (written(case)[-1], written(other)[-1]) == ("revocation", "revocation")


def test_corrected_since_one_letter_goes_with_it(at, item, owner, body):
    case, head = pledged(item, owner, body), make.make_official(make.HEAD)
    facts = dict(Certificate.objects.get().metadata["extend_info"])
    corrected = certificates.correct(Certificate.objects.get(), facts=facts, reason="写错一字", by=head)
    operations.revoke_pledged(broken(case), reason="承诺不实。", by=head)
    corrected.refresh_from_db()
    assert (corrected.state, written(case).count("revocation")) == ("03", 1)


@pytest.mark.parametrize("verb", ["cancel", "forfeit"])
def test_struck_off_before_the_check_the_decision_is_revoked_all_the_same(at, item, owner, body, verb):
    case, head = pledged(item, owner, body), make.make_official(make.HEAD)
    getattr(certificates, verb)(Certificate.objects.get(), reason="依持证人申请", by=head)
    struck = Certificate.objects.get().state
    operations.revoke_pledged(broken(case), reason="承诺不实。", by=head)
    assert (Certificate.objects.get().state, Verification.objects.get().state) == (struck, "revoked")
    assert written(case)[-1] == "revocation"
    at("2027-11-26 10:00")
    operations.repair(Verification.objects.get(), reason="没有再犯", by=head)
    assert operations.pledging.offered(body)


def test_what_ends_in_no_certificate_can_be_revoked_too(at, item, owner, body):
    file = make.file_of(make.HALL / "services" / "business-scope-change.yaml")
    local = make.file_of(settings.HEXI_PACKS / "gansu" / "services" / "business-scope-change.yaml")
    paper = {
        "type": "document",
        "name": Words(zh="变更登记结果", en="Result"),
        "certificate": None,
        "facts": {},
        "replaces": False,
    }
    bare = file.model_copy(update={"result": file.result.model_copy(update=paper)})
    item = operations.publish(bare, local, by=make.BY)[0]
    case = pledged(item, owner, body)
    assert (case.state, case.certificate_ref, Certificate.objects.count()) == (State.CLOSED, "", 0)
    operations.revoke_pledged(broken(case), reason="承诺不实。", by=make.make_official(make.HEAD))
    assert (Verification.objects.get().state, written(case)[-1]) == ("revoked", "revocation")


def test_before_it_is_made_nothing_is_revoked(at, item, owner, body):
    case = pledged(item, owner, body)
    check = broken(case)
    Case.objects.update(state=State.DELIVERING)
    with pytest.raises(ValidationError, match="还没有制好"):
        operations.revoke_pledged(check, reason="承诺不实。", by=make.make_official(make.HEAD))


def test_after_the_term_a_head_repairs_and_pledges_are_offered_again(at, item, owner, body, client):
    check = pledged(item, owner, body).verification
    examiner, head = make.make_official(make.EXAMINER), make.make_official(make.HEAD)
    operations.find_broken(check, finding="没有决议", by=examiner)
    with pytest.raises(ValidationError, match="还没有撤销"):
        operations.repair(check, reason="已改正", by=head)
    operations.revoke_pledged(check, reason="承诺不实。", by=head)
    check.refresh_from_db()
    with pytest.raises(ValidationError, match="2027年11月24日.*之后才能修复"):
        operations.repair(check, reason="已改正", by=head)
    assert not operations.pledging.offered(body)
    at("2027-11-26 10:00")
    with pytest.raises(Denied):
        operations.repair(check, reason="已改正", by=examiner)
    with pytest.raises(ValidationError, match="请写明"):
        operations.repair(check, reason=" ", by=head)
    client.force_login(head.account)
    page = client.get(reverse("cases.verification", args=[check.pk])).content.decode()
    assert "信用修复" in page
    client.post(reverse("cases.verification", args=[check.pk]), {"do": "repair", "finding": "一年内没有再犯。"})
    breach = Breach.objects.get()
    assert (breach.repaired_reason, operations.pledging.offered(body)) == ("一年内没有再犯。", True)
    with pytest.raises(ValidationError, match="已经修复"):
        operations.repair(check, reason="再来", by=head)
    assert Entry.objects.filter(verb="cases.repair").count() == 1
    assert check.case.events.order_by("pk").last().action == "repair"


@pytest.mark.parametrize("role", [make.CLERK, make.SUPERVISOR])
def test_only_examiners_check(at, item, owner, body, role):
    check = pledged(item, owner, body).verification
    for do in (operations.keep, operations.order_to_rectify, operations.find_broken):
        with pytest.raises(Denied):
            do(check, finding="看过", by=make.make_official(role))
    assert list(promise_queries.verifications(make.make_official(role))) == []


def test_nobody_checks_his_own_pledge_and_another_office_sees_nothing(at, item, owner, body):
    check = pledged(item, owner, body).verification
    people.make_post(owner.account, make.EXAMINER, department=item.department, region_code=item.region_code)
    own = people.acting(owner.account)
    with pytest.raises(Denied):
        operations.keep(check, finding="没问题", by=own)
    assert list(promise_queries.verifications(own)) == []
    other = people.make_department("yumen-forestry", item.region_code)
    stranger = people.acting(people.make_official(make.EXAMINER, department=other, region_code=item.region_code))
    with pytest.raises(Denied):
        operations.keep(check, finding="没问题", by=stranger)
    assert list(promise_queries.verifications(stranger)) == []


def test_the_pages_offer_the_choice_and_the_check(at, item, owner, body, client):
    draft = begun(item, owner, body)
    client.force_login(owner.account)
    address = reverse("cases.check", args=[draft.key])
    assert "告知承诺书" in client.get(address).content.decode()
    sent = {"_version": draft.version, "_declared": "1", "_action": "submit", "delivery": "online"}
    assert client.post(address, sent | {"way": "ordinary"}).status_code == 422
    assert client.post(address, sent | {"way": "pledge"}).status_code == 302
    case = Case.objects.get()
    page = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert "待核查" in page
    client.force_login(people.make_official(make.EXAMINER, department=item.department, region_code=item.region_code))
    assert "待核查" in client.get(reverse("cases.verifications")).content.decode()
    logged = Entry.objects.filter(verb="cases.export")
    client.get(reverse("cases.verifications") + "?export=csv")
    assert [one.facts["count"] for one in logged] == [1]
    check = reverse("cases.verification", args=[case.verification.pk])
    looks = Entry.objects.filter(verb="look", about_person=case.applicant_id, kind="cases.verification")
    assert (client.get(check).status_code, looks.count()) == (200, 1)
    assert client.post(check, {"do": "keep", "finding": ""}).status_code == 422
    assert client.post(check, {"do": "revoke_pledged", "finding": "不行"}).status_code in (403, 422)
    assert client.post(check, {"do": "keep", "finding": "属实"}).status_code == 302
    assert Verification.objects.get().state == "kept"


def test_the_barred_are_told_on_the_check_page(at, item, owner, body, client):
    case = pledged(item, owner, body)
    operations.find_broken(case.verification, finding="没有决议", by=make.make_official(make.EXAMINER))
    draft = begun(item, owner, body)
    client.force_login(owner.account)
    page = client.get(reverse("cases.check", args=[draft.key])).content.decode()
    assert ("不履行承诺的记录" in page, "告知承诺书" in page) == (True, False)


def test_the_list_of_checks_takes_the_same_queries_for_one_and_three(at, item, owner, body, client):
    client.force_login(people.make_official(make.EXAMINER, department=item.department, region_code=item.region_code))
    counts = []
    for more in (1, 2):
        for _ in range(more):
            pledged(item, owner, body)
        client.get(reverse("cases.verifications"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("cases.verifications"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
