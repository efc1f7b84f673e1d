"""延续、变更: the certificate's next version, by decision or by law; letters when one ends; certificates as materials."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import again, intake, jobs, operations, queries, renewals
from hexi.blocks.cases.models import Case, Concern
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.cases.tests.make_bundles import settle
from hexi.blocks.certificates import jobs as certificate_jobs
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import queries as papers
from hexi.blocks.forms import operations as forms
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    regions.make_divisions()
    return make.make_item("food-permit")


def answers_of(item):
    return make_items.answers_of(intake.definition(item.version).national, regions.SHIHEZI)


def permit(item, owner, body):
    """A food permit that came from a case."""
    case = make.make_case(item, applicant=body, by=owner, answers=answers_of(item))
    decided(case, item)
    return Certificate.objects.get(superseded=False, holder=body)


def decided(case, item):
    clerk, examiner, head = (make.make_official(role, item) for role in (make.CLERK, make.EXAMINER, make.HEAD))
    operations.accept(case, by=clerk)
    case = make.fresh(case)
    while case.state in (State.EXAMINING, State.REVIEWING):
        do = operations.examine if case.state == State.EXAMINING else operations.review
        do(case, by=examiner if case.state == State.EXAMINING else make.make_official("reviewer", item), opinion="可以")
        case = make.fresh(case)
    operations.grant(case, by=head, opinion="同意")
    drain()


def asked(certificate, item, owner, kind="renew"):
    """The case that renews it, just handed in (materials are beside the point here)."""
    case = make.make_case(item, applicant=certificate.holder, by=owner, answers=answers_of(item))
    operations.concern(case, certificate, kind, by=owner)
    return make.fresh(case)


def day(moment):
    return clock.local_day(moment).isoformat()


def test_it_opens_ninety_days_before_and_is_in_time_until_thirty(at, item, owner, body):
    held = permit(item, owner, body)
    assert held.valid_to == date(2031, 11, 23)
    for now, kinds, timely in (
        ("2031-08-24 10:00", ["change"], True), ("2031-08-25 10:00", ["renew", "change"], True),
        ("2031-10-24 10:00", ["renew", "change"], True), ("2031-10-25 10:00", ["renew", "change"], False),
        ("2031-11-24 00:00", [], False),
    ):  # fmt: skip
        at(now)
        assert (renewals.possible(held), renewals.in_time(held)) == (kinds, timely)


def test_renewed_by_decision_the_new_term_follows_the_old_one(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-10-10 10:00")
    case = asked(held, item, owner)
    assert "renew" not in renewals.possible(held)
    decided(case, item)
    new = Certificate.objects.get(superseded=False)
    assert (new.number, new.replaces_id, new.valid_from, new.valid_to) == (
        held.number, held.pk, date(2031, 10, 10), date(2036, 11, 23),
    )  # fmt: skip
    assert make.fresh(case).certificate_ref == new.identifier
    assert list(log.verify()) == []


def test_undecided_at_the_end_it_is_renewed_by_law_once_with_the_right_days(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-10-20 10:00")
    case = asked(held, item, owner)
    operations.accept(case, by=make.make_official(make.CLERK, item))
    at("2031-11-23 23:50")
    assert jobs.renew_by_law() == 0
    at("2031-12-03 08:00")  # the job was down for ten days
    certificate_jobs.expire()
    held.refresh_from_db()
    assert held.state == "01"
    assert (jobs.renew_by_law(), jobs.renew_by_law()) == (1, 0)
    drain()
    case, new = make.fresh(case), Certificate.objects.get(superseded=False)
    assert (day(case.decided_at), case.outcome, case.concern.deemed) == ("2031-11-23", "granted", True)
    assert (new.valid_from, new.valid_to) == (date(2031, 11, 24), date(2036, 11, 23))
    assert case.letters.order_by("-pk").first().kind == "renewed"
    span = ("6209", date(2031, 10, 1), date(2031, 12, 31))
    assert queries.figures(*span).granted == queries.recounted(*span).granted == 1


def test_not_even_accepted_it_is_accepted_and_renewed_by_law(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-10-20 10:00")
    case = asked(held, item, owner)
    at("2031-12-03 08:00")
    assert jobs.renew_by_law() == 1
    case = make.fresh(case)
    assert (day(case.accepted_at), day(case.decided_at), case.deemed) == ("2031-10-20", "2031-11-23", True)


def test_asked_for_too_late_it_expires_and_may_still_be_granted(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-11-20 10:00")
    case = asked(held, item, owner)
    assert case.concern.in_time is False
    at("2031-11-25 08:00")
    certificate_jobs.expire()
    assert jobs.renew_by_law() == 0
    held.refresh_from_db()
    assert held.state == "05"
    decided(case, item)
    new = Certificate.objects.get(superseded=False)
    assert (new.valid_from, new.valid_to) == (date(2031, 11, 25), date(2036, 11, 24))


def test_waiting_for_the_applicant_nothing_is_renewed_by_law(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-10-20 10:00")
    case = asked(held, item, owner)
    point = next(iter(intake.definition(item.version).points))
    operations.ask_correction(case, points={point: "请补"}, by=make.make_official(make.CLERK, item))
    at("2031-12-03 08:00")
    certificate_jobs.expire()
    assert jobs.renew_by_law() == 0
    held.refresh_from_db()
    assert held.state == "05"


def corrected(case, item):
    """Sent back for what is missing; returns what hands it in again."""
    point = next(iter(intake.definition(item.version).points))
    operations.ask_correction(case, points={point: "请补"}, by=make.make_official(make.CLERK, item))
    return lambda owner: operations.supplement(make.fresh(case), answers=case.answers, by=owner)


@pytest.mark.parametrize("noted", [True, False])
def test_supplemented_after_the_end_it_is_examined_like_any_other(at, item, owner, body, noted):
    held = permit(item, owner, body)
    at("2031-10-20 10:00")
    case = asked(held, item, owner)
    supplement = corrected(case, item)
    at("2032-01-12 10:00")
    if noted:
        certificate_jobs.expire()
    supplement(owner)
    operations.accept(case, by=make.make_official(make.CLERK, item))
    assert (jobs.renew_by_law(), make.fresh(case).state) == (0, State.EXAMINING)
    assert make.fresh(case).concern.deemed is False


def test_accepted_by_hand_after_the_end_what_lay_with_the_office_is_renewed_in_order(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-10-20 10:00")
    case = asked(held, item, owner)
    supplement = corrected(case, item)
    at("2031-11-21 10:00")
    supplement(owner)
    at("2031-11-25 09:00")  # two days after the end, within the five for the notice
    assert jobs.renew_by_law() == 0
    operations.accept(case, by=make.make_official(make.CLERK, item))
    examiner = make.make_official(make.EXAMINER, item)
    procedure = next(iter(intake.definition(item.version).procedures))
    operations.pause(case, procedure=procedure, planned_days=3, by=examiner, opinion="需要")
    at("2031-11-25 09:04")
    assert jobs.renew_by_law() == 1
    case = make.fresh(case)
    assert (day(case.accepted_at), day(case.decided_at)) == ("2031-11-21", "2031-11-23")
    spans = [(one.start, one.stopped_at) for one in case.clocks.exclude(kind="delivery")]
    spans += [(one.start, one.end) for one in case.pauses.all()]
    assert [(start, end) for start, end in spans if end is None or end < start] == []
    drain()
    new = Certificate.objects.get(superseded=False)
    assert (new.valid_from, new.valid_to) == (date(2031, 11, 24), date(2036, 11, 23))
    span = ("6209", date(2031, 10, 1), date(2031, 12, 31))
    assert queries.figures(*span) == queries.recounted(*span)


def test_a_change_keeps_the_term(at, item, owner, body):
    held = permit(item, owner, body)
    at("2027-03-01 10:00")
    case = asked(held, item, owner, "change")
    decided(case, item)
    new = Certificate.objects.get(superseded=False)
    assert (new.valid_from, new.valid_to, new.number) == (date(2027, 3, 1), held.valid_to, held.number)


def test_a_second_renewal_waits_and_strangers_begin_none(at, item, owner, body):
    held = permit(item, owner, body)
    at("2031-10-10 10:00")
    asked(held, item, owner)
    with pytest.raises(ValidationError, match="不能办理"):
        asked(held, item, owner)
    with pytest.raises(Denied):
        again.begin(held, "change", by=make.make_citizen())
    assert Concern.objects.count() == 1


def test_the_holder_begins_on_the_certificates_page_with_last_times_answers(at, item, owner, body, client):
    held = permit(item, owner, body)
    at("2031-10-10 10:00")
    client.force_login(owner.account)
    page = client.get(reverse("certificates.own", args=[held.identifier])).content.decode()
    assert "申请延续" in page
    assert "到期 30 日前申请的" in page
    response = client.post(reverse("cases.begin_again", args=[held.identifier, "renew"]))
    assert "/drafts/" in response["Location"]
    draft = forms.queries.mine(owner).get()
    assert draft.answers["premises"] == answers_of(item)["premises"]
    assert intake.version_of(draft).item == item
    assert client.get(reverse("cases.materials", args=[draft.key])).status_code == 200
    client.force_login(make.make_citizen().account)
    assert client.post(reverse("cases.begin_again", args=[held.identifier, "renew"])).status_code == 404


def test_what_becomes_of_a_certificate_is_told_in_a_letter(at, item, owner, body):
    held = permit(item, owner, body)
    case = Case.objects.get()
    head = make.make_official(make.HEAD, item)
    facts = dict(held.metadata["extend_info"])
    new = certificates.correct(held, facts=facts | {"address": "演示路 9 号"}, reason="门牌写错", by=head)
    certificates.cancel(new, reason="依持证人申请注销", by=head)
    kinds = list(case.letters.order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["amended", "cancellation"]
    assert "复议" in case.letters.order_by("-pk").first().facts["remedy"]


def test_a_valid_certificate_is_handed_in_by_itself(at, owner, body, item, client):
    held = certificates.issue(
        "business_licence", holder=body, issuer=item.department,
        facts={"name": body.name, "code": "9162", "representative": "石建国", "scope": "餐饮"}, by=make.BY,
        valid_to=clock.today() + timedelta(days=300),
    )  # fmt: skip
    client.force_login(owner.account)
    client.post(reverse("cases.begin", args=[item.pk]), {"person": body.pk})
    draft = forms.queries.mine(owner).get()
    slot = next(
        one.key for one in intake.definition(item.version).national.materials if "business_licence" in one.have_it
    )
    there = papers.of_thing(intake.DRAFT, str(draft.pk), slot).get()
    assert (there.level, there.copied_from_id, there.source) == ("A", held.document_id, item.department.name)


# --- certificates of what was established, and items that replace a certificate ---------------------------------------
def licensed(owner):
    """A new enterprise's licence, with its number; the item that registered it."""
    item = make.make_item("company-registration")
    answers = answers_of(item) | {"capital": 50}
    settle(make.make_case(item, applicant=owner.account.person, by=owner, answers=answers))
    return Certificate.objects.get(type__key="business_licence"), item


def said(certificate):
    return certificate.metadata["extend_info"]


def test_a_changed_licence_keeps_the_number_allotted_with_it(at, owner):
    regions.make_divisions()
    held, item = licensed(owner)
    answers = answers_of(item) | {"capital": 80}
    case = make.make_case(item, applicant=owner.account.person, by=owner, answers=answers)
    operations.concern(case, held, "change", by=owner)
    settle(case)
    new = Certificate.objects.get(superseded=False, type__key="business_licence")
    assert (new.replaces, said(new)["code"], said(new)["capital"]) == (held, held.holder_code, "80 万元")


def scope_changed(held, owner, scope):
    other = make.make_item("business-scope-change")
    answers = answers_of(other) | {"body_name": held.holder.name, "body_code": held.holder_code, "new_scope": scope}
    return make.make_case(other, applicant=held.holder, by=owner, answers=answers), other


def test_a_new_scope_is_the_next_version_of_the_licence_and_the_old_one_ends(at, owner):
    regions.make_divisions()
    held, _item = licensed(owner)
    at("2027-03-01 10:00")
    case, other = scope_changed(held, owner, "蔬菜种植；农产品初加工")
    decided(case, other)
    held.refresh_from_db()
    (new,) = Certificate.objects.filter(type__key="business_licence", superseded=False)
    assert (held.superseded, held.state) == (True, "04")
    assert (new.replaces, new.number, new.valid_from) == (held, held.number, date(2027, 3, 1))
    kept = {key: said(held)[key] for key in ("type", "capital", "address", "code")}
    assert said(new) == said(new) | kept | {"scope": "蔬菜种植；农产品初加工"}
    assert make.fresh(case).certificate_ref == new.identifier


def test_whoever_holds_no_licence_here_gets_one(at, owner, body):
    regions.make_divisions()
    other = make.make_item("business-scope-change")
    decided(make.make_case(other, applicant=body, by=owner, answers=answers_of(other)), other)
    assert Certificate.objects.get().replaces is None


def test_a_revoked_change_leaves_the_licence_as_it_was(at, owner):
    regions.make_divisions()
    held, _item = licensed(owner)
    case, other = scope_changed(held, owner, "金属冶炼")
    operations.pledge(case, by=owner)
    drain()
    check = make.fresh(case).verification
    operations.find_broken(check, finding="没有决议", by=make.make_official(make.EXAMINER, other))
    operations.revoke_pledged(check, reason="承诺不实。", by=make.make_official(make.HEAD, other))
    (now,) = Certificate.objects.filter(superseded=False)
    assert (now.state, said(now)["scope"], now.number) == ("01", said(held)["scope"], held.number)
    assert "revocation" in case.letters.values_list("kind", flat=True)


def test_what_a_change_leaves_empty_stays_on_the_licence(at, owner):
    regions.make_divisions()
    held, _item = licensed(owner)
    case, other = scope_changed(held, owner, "蔬菜种植")
    Case.objects.filter(pk=case.pk).update(answers=case.answers | {"body_code": ""})
    decided(make.fresh(case), other)
    (new,) = Certificate.objects.filter(type__key="business_licence", superseded=False)
    assert (said(new)["code"], said(new)["scope"]) == (said(held)["code"], "蔬菜种植")


def test_a_pledged_change_of_a_held_licence_is_revoked_and_the_licence_stays_held(at, owner):
    regions.make_divisions()
    held, _item = licensed(owner)
    case, other = scope_changed(held, owner, "金属冶炼")
    operations.pledge(case, by=owner)
    drain()
    head, check = make.make_official(make.HEAD, other), make.fresh(case).verification
    certificates.suspend(Certificate.objects.get(superseded=False), reason="停业整顿。", by=head)
    operations.find_broken(check, finding="没有决议", by=make.make_official(make.EXAMINER, other))
    operations.revoke_pledged(check, reason="承诺不实。", by=head)
    (now,) = Certificate.objects.filter(superseded=False)
    assert (now.state, said(now)["scope"]) == ("02", said(held)["scope"])
    assert now.changes.last().reason == "停业整顿。"
    assert certificates.resume(now, reason="整改完成。", by=head).state == "01"


def test_a_granted_change_of_a_held_licence_waits_quietly_until_it_counts_again(at, owner, caplog):
    regions.make_divisions()
    held, _item = licensed(owner)
    case, other = scope_changed(held, owner, "蔬菜种植")
    head = make.make_official(make.HEAD, other)
    certificates.suspend(held, reason="停业整顿。", by=head)
    decided(case, other)
    assert (jobs.certify_waiting(), make.fresh(case).state, caplog.records) == (0, State.CERTIFYING, [])
    certificates.resume(held, reason="整改完成。", by=head)
    assert (jobs.certify_waiting(), make.fresh(case).state) == (1, State.CLOSED)
    assert said(Certificate.objects.get(superseded=False))["scope"] == "蔬菜种植"


def test_what_was_granted_and_taken_away_since_is_said_to_be_so(at, item, owner, body, client):
    held = permit(item, owner, body)
    head, decision = make.make_official(make.HEAD, item), reverse("cases.decision", args=[Case.objects.get().pk])
    facts = dict(said(held)) | {"address": "演示路 9 号"}
    new = certificates.correct(held, facts=facts, reason="门牌写错", by=head)
    assert "已注销" not in client.get(decision).content.decode()  # the next version counts
    certificates.revoke(new, reason="以欺骗手段取得。", by=head)
    for page in (decision, reverse("cases.decisions")):
        assert "2031年11月23日（周日），已撤销" in client.get(page).content.decode()


def test_a_decision_is_public_with_its_letter_and_how_long_it_is_good_for(at, item, owner, body, client):
    case = make.make_case(item, applicant=body, by=owner, answers=answers_of(item))
    decided(case, item)
    case = make.fresh(case)
    page = client.get(reverse("cases.decisions")).content.decode()
    number = case.letters.get(kind="granted").number
    assert (number in page, "2026年11月24日" in page or "11月24日" in page) == (True, True)
    address = reverse("cases.decision", args=[case.pk])
    assert f'href="{address}"' in page
    shown = client.get(address).content.decode()
    assert [word in shown for word in (number, body.name, "2031年11月23日", "准予")] == [True] * 4
    assert case.number not in shown
    running = make.make_case(item, applicant=body, by=owner, answers=answers_of(item))
    assert client.get(reverse("cases.decision", args=[running.pk])).status_code == 404
