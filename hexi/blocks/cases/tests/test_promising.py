"""容缺受理: left out by a signed promise, told at once, handed in in time, or withdrawn by it exactly once."""

import io
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import intake, jobs, operations, queries, waiting
from hexi.blocks.cases.models import Case, Deferred, Promise
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents.tests import make as papers
from hexi.blocks.forms import operations as forms
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System

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
    return make.make_item()


@pytest.fixture
def villager():
    return make.make_citizen()


def day(moment):
    return clock.local_day(moment).isoformat()


def begun(item, by):
    """A draft with every answer and every material but those that may follow."""
    draft = forms.start(
        intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=by, person_id=by.person_id,
        region_code=item.region_code,
    )  # fmt: skip
    forms.save_step(draft, raw=make.ANSWERS, version=draft.version, by=by)
    national = intake.definition(item.version).national
    for slot in national.slots():
        if not national.material(slot.key).deferrable:
            put(draft, slot.key, by, owner=by.account.person)
    draft.refresh_from_db()
    return draft


def put(thing, slot, by, owner):
    picture = io.BytesIO(papers.make_image(seed=len(slot)))
    return documents.store(picture, name=f"{slot}.jpg", by=by, owner=owner, thing=thing, slot=slot)


def promised(item, by):
    """A case accepted on a promise; the only material that may follow of 林木采伐 is the title to the land."""
    draft = begun(item, by)
    number = intake.submit(draft, version=draft.version, by=by, signed=["deferral"])
    case = Case.objects.get(number=number)
    operations.accept(case, by=make.make_official(make.CLERK))
    return make.fresh(case)


def test_nothing_is_left_out_without_the_promise(at, item, villager):
    draft = begun(item, villager)
    with pytest.raises(ValidationError, match="容缺承诺"):
        intake.submit(draft, version=draft.version, by=villager)
    assert Case.objects.count() == 0


def test_accepted_at_once_with_everything_missing_its_term_and_the_outcome_told(at, item, villager):
    case = promised(item, villager)
    row = case.deferred.get()
    assert (row.material, row.amount, day(row.due), row.told == row.due) == ("title_proof", 5, "2026-12-01", True)
    assert case.promises.get().text.count("视为我撤回申请") == 1
    assert [one.kind for one in case.letters.all()] == ["deferral"]
    assert case.letters.get().facts["points"] == {"title_proof": "5 个工作日内，即 2026年12月1日前补交"}
    assert sorted(case.clocks.values_list("kind", flat=True)) == ["legal", "notice"]


def test_in_time_the_promised_limit_begins_with_the_last_material(at, item, villager):
    case = promised(item, villager)
    with pytest.raises(ValidationError, match="还没有收到"):
        operations.hand_in(case, by=villager)
    at("2026-11-30 15:00")
    put(case, "title_proof", villager, case.applicant)
    operations.hand_in(case, by=villager)
    case = make.fresh(case)
    assert (day(case.deferred.get().handed_at), day(case.clocks.get(kind="promised").start)) == ("2026-11-30",) * 2
    at("2026-12-10 00:00")
    assert jobs.withdraw_lapsed() == 0
    assert make.fresh(case).state == State.EXAMINING
    assert list(log.verify()) == []


def test_no_decision_before_it_is_there(at, item, villager):
    case = promised(item, villager)
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合")
    for decide in (operations.grant, operations.refuse):
        with pytest.raises(ValidationError, match="还没有补齐"):
            decide(case, by=make.make_official(make.HEAD), opinion="同意")
    put(case, "title_proof", villager, case.applicant)
    operations.hand_in(case, by=villager)
    operations.grant(case, by=make.make_official(make.HEAD), opinion="同意")
    assert make.fresh(case).state == State.CERTIFYING


def test_overdue_is_withdrawn_once_with_the_date_of_the_law(at, item, villager):
    case = promised(item, villager)
    at("2026-12-01 23:59")
    assert jobs.withdraw_lapsed() == 0
    at("2026-12-09 08:00")  # the job was down for a week
    assert (jobs.withdraw_lapsed(), jobs.withdraw_lapsed()) == (1, 0)
    case = make.fresh(case)
    assert (case.state, day(case.ended_at), case.outcome) == (State.WITHDRAWN, "2026-12-01", "")
    assert [one.kind for one in case.letters.order_by("pk")] == ["deferral", "lapsed"]
    assert not case.tasks.filter(done_at=None).exists()
    span = ("6209", clock.today().replace(day=1), clock.today())
    assert queries.figures(*span).ended == queries.recounted(*span).ended == 1


def test_a_procedure_begun_before_the_late_job_does_not_end_before_it_began(at, item, villager):
    case = promised(item, villager)
    at("2026-12-03 09:00")  # the term ended with 1 December, the job was down
    examiner = make.make_official(make.EXAMINER)
    operations.pause(case, procedure="expert_review", planned_days=5, by=examiner, opinion="古树")
    at("2026-12-04 09:00")
    assert jobs.withdraw_lapsed() == 1
    stopped = case.pauses.get()
    assert (day(stopped.start), stopped.end) == ("2026-12-03", stopped.start)
    assert day(make.fresh(case).ended_at) == "2026-12-01"


def test_after_the_term_nothing_more_is_taken(at, item, villager):
    case = promised(item, villager)
    at("2026-12-02 00:00")
    with pytest.raises(ValidationError, match="不能再增减"):
        put(case, "title_proof", villager, case.applicant)
    with pytest.raises(ValidationError, match="期限已过"):
        operations.hand_in(case, by=villager)
    assert jobs.withdraw_lapsed() == 1
    with pytest.raises(Stale):
        operations.hand_in(case, by=villager)


def test_cut_off_between_file_and_note_the_file_counts(at, item, villager):
    case = promised(item, villager)
    at("2026-12-01 20:00")
    put(case, "title_proof", villager, case.applicant)
    at("2026-12-02 09:00")
    assert jobs.withdraw_lapsed() == 0
    case = make.fresh(case)
    assert (case.state, case.clocks.filter(kind="promised").count()) == (State.EXAMINING, 1)


def test_accepted_by_law_the_term_runs_from_its_telling(at, item, villager):
    draft = begun(item, villager)
    number = intake.submit(draft, version=draft.version, by=villager, signed=["deferral"])
    at("2026-12-04 08:00")
    assert jobs.accept_by_law() == 1
    case = Case.objects.get(number=number)
    assert (day(case.accepted_at), day(case.deferred.get().due)) == ("2026-11-24", "2026-12-11")
    assert [one.kind for one in case.letters.order_by("pk")] == ["deemed", "deferral"]


def test_a_calendar_change_moves_the_term_and_keeps_what_was_told(at, item, villager):
    from hexi.blocks.calendars import operations as calendars
    from hexi.blocks.calendars.models import Calendar

    case = promised(item, villager)
    calendar = Calendar.objects.order_by("pk").first()
    calendars.set_day(calendar, day=clock.today().replace(day=26), kind="rest", name="演示", by=make.BY)
    operations.recount_open("", clock.today(), why="calendar", by=System("calendar"))
    row = case.deferred.get()
    assert (day(row.told), day(row.due)) == ("2026-12-01", "2026-12-02")


def test_what_is_supplemented_meanwhile_is_no_longer_promised(at, item, villager):
    draft = begun(item, villager)
    number = intake.submit(draft, version=draft.version, by=villager, signed=["deferral"])
    case = Case.objects.get(number=number)
    operations.give_back(case, by=make.make_official(make.CLERK), opinion="请更正小地名")
    again = intake.reopen(make.fresh(case), by=villager)
    put(again, "title_proof", villager, case.applicant)
    again.refresh_from_db()
    intake.submit(again, version=again.version, by=villager)
    assert not Deferred.objects.exists()
    operations.accept(case, by=make.make_official(make.CLERK))
    assert [one.kind for one in case.letters.order_by("pk")] == ["give_back", "acceptance"]


def test_only_the_applicant_and_the_window_hand_in(at, item, villager):
    case = promised(item, villager)
    stranger = make.make_citizen()
    with pytest.raises(Denied):
        put(case, "title_proof", stranger, case.applicant)
    put(case, "title_proof", villager, case.applicant)
    for nobody in (stranger, make.make_official(make.EXAMINER), make.make_official(make.HEAD)):
        with pytest.raises(Denied):
            operations.hand_in(case, by=nobody)
    operations.hand_in(case, by=make.make_official(make.CLERK))
    assert not waiting.outstanding(case).exists()


def test_the_pages_ask_for_the_promise_and_take_the_material(at, item, villager, client):
    draft = begun(item, villager)
    client.force_login(villager.account)
    check = client.get(reverse("cases.check", args=[draft.key])).content.decode()
    assert 'name="signed_deferral"' in check
    sent = {"_version": draft.version, "_declared": "1", "_action": "submit", "delivery": "online"}
    refused = client.post(reverse("cases.check", args=[draft.key]), sent)
    assert (refused.status_code, "容缺承诺" in refused.content.decode()) == (422, True)
    assert client.post(reverse("cases.check", args=[draft.key]), sent | {"signed_deferral": "1"}).status_code == 302
    case = Case.objects.get()
    operations.accept(case, by=make.make_official(make.CLERK))
    page = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert ('name="file.title_proof"' in page, "已容缺受理。请在" in page) == (True, True)
    file = io.BytesIO(papers.make_image())
    file.name = "林权证.jpg"
    client.post(reverse("cases.hand_in", args=[case.number]), {"file.title_proof": file})
    assert case.deferred.get().handed_at is not None
    page = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert ('name="file.title_proof"' in page, "已补交" in page) == (False, True)
    assert client.post(reverse("cases.take_in", args=[case.number])).status_code == 403


def test_the_window_takes_it_in_on_the_officials_page(at, item, villager, client):
    case = promised(item, villager)
    account = people.make_official(make.CLERK, department=item.department, region_code=item.region_code)
    client.force_login(account)
    assert 'name="file.title_proof"' in client.get(reverse("cases.case", args=[case.number])).content.decode()
    file = io.BytesIO(papers.make_image())
    file.name = "林权证.jpg"
    client.post(reverse("cases.take_in", args=[case.number]), {"file.title_proof": file})
    assert case.deferred.get().handed_at is not None
    assert Promise.objects.get().kind == "deferral"
