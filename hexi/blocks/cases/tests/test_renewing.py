"""延续、变更: the certificate's next version, by decision or by law; letters when one ends; certificates as materials."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import again, intake, jobs, operations, queries, renewals
from hexi.blocks.cases.models import Case, Concern
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.certificates import jobs as certificate_jobs
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import queries as papers
from hexi.blocks.forms import operations as forms
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def item():
    regions.make_divisions()
    return make.make_item("food-permit")


@pytest.fixture
def owner():
    return make.make_citizen()


@pytest.fixture
def body(owner):
    return people.make_enterprise(representative=owner.account.person)


def answers_of(item):
    fields = [field for _section, field in intake.definition(item.version).national.form.fields()]
    return make_items.make_answers(fields, regions.SHIHEZI)


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
