"""The life of a case: every step, its right, its letter, its clocks; and what is refused."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import jobs, operations, queries
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Letter, Task
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.models import Account
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System
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
    return make.make_item()


def day(moment):
    return clock.local_day(moment).isoformat()


def due(case, kind):
    return day(case.clocks.get(kind=kind).due)


def to_decision(case):
    """Accept and examine; returns the case waiting for the head."""
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合采伐限额。")
    return make.fresh(case)


#: the clocks of a case that one office handles
FOUR = ("notice", "legal", "promised", "delivery")


def test_the_whole_life_within_the_promise(at, item):
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    assert case.number == f"{operations.applying.code_of(item.version)}202611240001"
    assert due(case, "notice") == "2026-12-01"
    at("2026-11-24 11:00")
    operations.accept(case, by=make.make_official(make.CLERK))
    case = make.fresh(case)
    assert (case.state, case.deemed, day(case.accepted_at)) == (State.EXAMINING, False, "2026-11-24")
    assert (due(case, "legal"), due(case, "promised")) == ("2026-12-22", "2026-11-25")
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合采伐限额。")
    at("2026-11-25 09:00")
    operations.grant(case, by=make.make_official(make.HEAD), opinion="同意。")
    case = make.fresh(case)
    assert (case.state, case.outcome, due(case, "delivery")) == (State.CERTIFYING, Outcome.GRANTED, "2026-12-09")
    assert drain() >= 1
    case = make.fresh(case)
    assert (case.state, case.next_due) == (State.CLOSED, None)
    assert Certificate.objects.get().identifier == case.certificate_ref
    assert [one.kind for one in case.letters.order_by("pk")] == ["acceptance", "granted"]
    assert {one.kind: one.met for one in case.clocks.all()} == dict.fromkeys(FOUR, True)
    assert not case.tasks.filter(done_at=None).exists()
    assert list(log.verify()) == []
    told = list(Notice.objects.filter(person=case.applicant).order_by("pk").values_list("key", flat=True))
    assert told[:2] == ["cases.submitted", "cases.accepted"]
    assert "cases.certified" in told


def test_letters_are_numbered_by_office_kind_and_year(at, item):
    for serial in ("0001", "0002"):
        case = make.make_case(item)
        operations.accept(case, by=make.make_official(make.CLERK))
        assert case.letters.get().number == f"{item.department.name}受理〔2026〕{serial}号"
        assert case.letters.get().document.blob.media_type == "application/pdf"


def test_correction_is_told_once_and_then_must_be_accepted(at, item):
    villager, clerk = make.make_citizen(), make.make_official(make.CLERK)
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    at("2026-11-25 10:00")
    operations.ask_correction(case, points={"spot": "请写明小班号"}, by=clerk)
    case = make.fresh(case)
    assert (case.state, case.next_due) == (State.CORRECTING, None)
    assert case.letters.get().facts["points"] == {"spot": "请写明小班号"}
    assert not case.tasks.filter(done_at=None).exists()
    at("2026-11-30 10:00")
    operations.supplement(case, answers=make.ANSWERS | {"spot": "渠东 3 小班"}, by=villager)
    case = make.fresh(case)
    assert (case.state, day(case.received_at), due(case, "notice")) == (State.SUBMITTED, "2026-11-30", "2026-12-07")
    with pytest.raises(ValidationError, match="只能一次告知"):
        operations.ask_correction(case, points={"area": "再补面积"}, by=clerk)
    operations.accept(case, by=clerk)
    assert make.fresh(case).state == State.EXAMINING


def test_what_is_never_supplemented_ends_when_its_term_is_over(at, item, client):
    villager, clerk = make.make_citizen(), make.make_official(make.CLERK)
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.ask_correction(case, points={"spot": "请写明小班号"}, by=clerk)
    assert case.letters.get().facts["until"] == "2027年1月6日（该年放假安排尚未公布，可能变动）"
    client.force_login(villager.account)
    assert (
        "请在 2027年1月6日（周三）（该年放假安排尚未公布，可能变动） 前"
        in client.get(reverse("cases.mine", args=[case.number])).content.decode()
    )
    at("2027-01-06 10:00")
    client.force_login(clerk.account)
    page, act = reverse("cases.case", args=[case.number]), reverse("cases.act", args=[case.number, "lapse_correction"])
    assert act not in client.get(page).content.decode()
    with pytest.raises(ValidationError, match="可以补正到"):
        operations.lapse_correction(case, by=clerk, opinion="没有补正")
    at("2027-01-07 10:00")
    client.force_login(clerk.account)
    assert act in client.get(page).content.decode()
    assert client.post(act, {"lapse_correction__opinion": "多次联系，没有补正。"}).status_code == 302
    case = make.fresh(case)
    assert (case.state, case.ended_at is not None) == (State.WITHDRAWN, True)
    assert list(case.letters.order_by("pk").values_list("kind", flat=True)) == ["correction", "uncorrected"]


def test_only_what_is_on_the_list_may_be_asked(at, item):
    case, clerk = make.make_case(item), make.make_official(make.CLERK)
    with pytest.raises(ValidationError, match="清单"):
        operations.ask_correction(case, points={"marriage": "结婚证"}, by=clerk)
    with pytest.raises(ValidationError, match="至少勾选一项"):
        operations.ask_correction(case, points={}, by=clerk)
    assert make.fresh(case).state == State.SUBMITTED


def test_giving_back_does_not_stop_the_five_days(at, item):
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.give_back(case, by=make.make_official(make.CLERK), opinion="小地名写错了")
    case = make.fresh(case)
    assert (case.state, day(case.next_due)) == (State.RETURNED, "2026-12-01")
    at("2026-11-26 10:00")
    operations.mend(case, answers=make.ANSWERS, by=villager)
    assert due(case, "notice") == "2026-12-01"


@pytest.mark.parametrize("state", [State.SUBMITTED, State.RETURNED])
def test_the_law_accepts_at_the_end_of_day_five(at, item, state):
    case = make.make_case(item)
    if state == State.RETURNED:
        operations.give_back(case, by=make.make_official(make.CLERK), opinion="请更正")
    at("2026-12-01 23:59")
    assert jobs.accept_by_law() == 0
    at("2026-12-02 00:00")
    assert jobs.accept_by_law() == 1
    case = make.fresh(case)
    assert (case.state, case.deemed, day(case.accepted_at)) == (State.EXAMINING, True, "2026-11-24")
    assert due(case, "legal") == "2026-12-22"
    assert case.clocks.get(kind="notice").met is False
    assert case.letters.filter(kind="deemed").count() == 1


def test_the_law_accepts_once_even_weeks_late_and_twice(at, item):
    case = make.make_case(item)
    at("2027-01-15 08:00")
    assert [jobs.accept_by_law(), jobs.accept_by_law()] == [1, 0]
    assert operations.accept_deemed(case, by=System("law")) is False
    case = make.fresh(case)
    assert day(case.accepted_at) == "2026-11-24"
    assert case.letters.count() == 1
    assert queries.figures("", clock.today(), clock.today()).deemed == 1


def test_the_law_does_not_accept_what_waits_for_the_applicant(at, item):
    case = make.make_case(item)
    operations.ask_correction(case, points={"spot": "请写明"}, by=make.make_official(make.CLERK))
    at("2027-03-01 08:00")
    assert jobs.accept_by_law() == 0
    assert make.fresh(case).state == State.CORRECTING


def test_refusal_needs_a_reason_and_tells_the_remedy(at, item):
    case, head = to_decision(make.make_case(item)), make.make_official(make.HEAD)
    with pytest.raises(ValidationError) as caught:
        operations.refuse(case, by=head, opinion="  ")
    assert "opinion" in caught.value.message_dict
    operations.refuse(case, by=head, opinion="采伐点在封山育林区内。")
    case = make.fresh(case)
    assert (case.state, case.outcome) == (State.CLOSED, Outcome.REFUSED)
    letter = case.letters.get(kind="refused")
    assert "复议" in letter.facts["remedy"]
    assert "诉讼" in letter.facts["remedy"]
    drain()
    assert Certificate.objects.count() == 0


def test_rejection_names_where_to_go(at, item):
    case, clerk = make.make_case(item), make.make_official(make.CLERK)
    with pytest.raises(ValidationError, match="哪个机关"):
        operations.reject(case, by=clerk, opinion="不归本局管")
    operations.reject(case, by=clerk, opinion="不归本局管", where_to="瓜州县林业和草原局")
    assert make.fresh(case).state == State.REJECTED
    assert case.letters.get().facts["where_to"] == "瓜州县林业和草原局"


def test_one_extension_of_at_most_ten_days_by_the_head(at, item):
    case, head = to_decision(make.make_case(item)), make.make_official(make.HEAD)
    with pytest.raises(ValidationError, match="1 到 10"):
        operations.extend(case, days=11, by=head, opinion="案情复杂")
    with pytest.raises(Denied):
        operations.extend(case, days=5, by=make.make_official(make.EXAMINER), opinion="案情复杂")
    operations.extend(case, days=5, by=head, opinion="案情复杂")
    legal = case.clocks.get(kind="legal")
    assert (day(legal.due), day(legal.changes.get().old)) == ("2026-12-29", "2026-12-22")
    with pytest.raises(ValidationError, match="只能延长一次"):
        operations.extend(case, days=1, by=head, opinion="还不够")
    assert case.letters.filter(kind="extension").count() == 1


def test_a_special_procedure_stops_the_clock_and_moves_the_due_by_what_it_took(at, item):
    case = make.make_case(item)
    operations.accept(case, by=make.make_official(make.CLERK))
    examiner = make.make_official(make.EXAMINER)
    operations.pause(case, procedure="expert_review", planned_days=5, by=examiner, opinion="请专家评审")
    case = make.fresh(case)
    assert (case.clocks.get(kind="legal").due, day(case.next_due)) == (None, "2026-12-01")
    with pytest.raises(ValidationError, match="还没有结束"):
        operations.examine(case, by=examiner, opinion="可以")
    at("2026-12-01 09:00")
    operations.resume(case, by=examiner, opinion="评审通过")
    # opened on 24 November, closed on 1 December: 24, 25, 26, 27, 30 November do not count
    assert due(case, "legal") == "2026-12-28"
    operations.examine(case, by=examiner, opinion="可以")
    assert make.fresh(case).state == State.DECIDING


def test_withdrawal_ends_it_before_the_decision_and_not_after(at, item):
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    with pytest.raises(Denied):
        operations.withdraw(case, reason="", by=make.make_citizen())
    operations.withdraw(case, reason="不砍了", by=villager)
    case = make.fresh(case)
    assert (case.state, case.clocks.get().stopped_at is not None) == (State.WITHDRAWN, True)
    with pytest.raises(Stale):
        operations.withdraw(case, reason="", by=villager)


def test_a_stale_page_is_refused(at, item):
    case, clerk = make.make_case(item), make.make_official(make.CLERK)
    seen = case.revision
    operations.give_back(case, by=clerk, opinion="请更正", revision=seen)
    with pytest.raises(Stale, match="预审退回"):
        operations.accept(case, by=clerk, revision=seen)


@pytest.mark.parametrize("role", [make.EXAMINER, make.HEAD, make.SUPERVISOR])
def test_only_the_window_accepts(at, item, role):
    case = make.make_case(item)
    with pytest.raises(Denied):
        operations.accept(case, by=make.make_official(role))
    assert make.fresh(case).state == State.SUBMITTED


def test_another_office_can_do_nothing_and_sees_nothing(at, item):
    case = make.make_case(item)
    other = people.make_department("yumen-market", item.region_code)
    stranger = people.acting(people.make_official(make.CLERK, department=other, region_code=item.region_code))
    with pytest.raises(Denied):
        operations.accept(case, by=stranger)
    assert list(queries.todo(stranger)) == []
    assert list(queries.for_officials(stranger)) == []
    with pytest.raises(Denied):
        queries.case_for(case.number, stranger)


def test_the_owner_reads_who_looked(at, item):
    case = make.make_case(item)
    clerk = make.make_official(make.CLERK)
    queries.case_for(case.number, clerk)
    looks = log.looks_at(case.applicant_id)
    assert [(look.actor_key, case.title in look.facts["purpose"]) for look in looks] == [(clerk.key, True)]


def test_nobody_applies_in_anothers_name(at, item):
    with pytest.raises(Denied):
        make.make_case(item, applicant=people.make_person(), by=make.make_citizen())
    assert Case.objects.count() == 0


def test_a_representative_applies_for_the_body(at, item):
    villager = make.make_citizen()
    body = people.make_enterprise(representative=villager.account.person)
    case = make.make_case(item, applicant=body, by=villager)
    assert list(queries.mine(villager)) == [case]


def test_a_second_submission_of_the_same_draft_is_the_same_case(at, item):
    version, person = item.version, people.make_person()
    first, new = operations.submit(version, applicant=person, answers={}, submission="draft:1", by=make.BY)
    second, again = operations.submit(version, applicant=person, answers={}, submission="draft:1", by=make.BY)
    assert (first, new, again) == (second, True, False)
    assert Letter.objects.count() == 0


def test_a_withdrawn_item_takes_no_applications_and_runs_on(at, item):
    case = make.make_case(item)
    operations.withdraw_item(item, by=make.BY, reason="取消")
    item.version.item.refresh_from_db()
    with pytest.raises(ValidationError, match="停止办理"):
        make.make_case(item)
    operations.accept(case, by=make.make_official(make.CLERK))
    assert make.fresh(case).state == State.EXAMINING


def test_claiming_and_releasing(at, item):
    make.make_case(item)
    task = Task.objects.get()
    first, second = make.make_official(make.CLERK), make.make_official(make.CLERK)
    operations.claim(task, by=first)
    with pytest.raises(ValidationError, match="领取"):
        operations.claim(task, by=second)
    with pytest.raises(Denied):
        operations.release(task, by=second)
    operations.release(task, by=first)
    assert operations.claim(task, by=second).claimed_by_id == second.account_id


def test_what_is_ticked_stays_with_the_task(at, item, client):
    case = make.make_case(item)
    clerk, other = make.make_official(make.CLERK), make.make_official(make.CLERK)
    client.force_login(Account.objects.get(pk=clerk.account_id))
    page, address = reverse("cases.case", args=[case.number]), reverse("cases.claim", args=[case.number])
    keys = [one.key for one in definition(item.version).national.checklist if one.stage == "accept"]
    ticked = lambda answer: re.findall(r'name="check" value="(\w+)" checked', answer.content.decode())  # noqa: E731
    assert ticked(client.get(page)) == []
    form, quick = {"do": "tick", "task": Task.objects.get().pk}, {"HX-Request": "true"}
    assert f'name="task" value="{form["task"]}"' in client.get(page).content.decode()
    done = client.post(address, form | {"check": [keys[1], "nonsense", keys[0]]}, headers=quick)
    assert (done.status_code, "HX-Refresh" in done.headers) == (204, False)
    assert ticked(client.get(page)) == keys[:2]
    # a page of an earlier step: its ticks are not this step's
    stale = client.post(address, {"do": "tick", "task": "1234567", "check": []}, headers=quick)
    assert (stale.status_code, stale.headers["HX-Refresh"]) == (204, "true")
    told = client.get(page)
    assert ("已经办完" in told.content.decode(), ticked(told)) == (True, keys[:2])
    # a refused action shows them too
    assert ticked(client.post(reverse("cases.act", args=[case.number, "not_needed"]), {})) == keys[:2]
    with pytest.raises(Denied):
        operations.tick(Task.objects.get(), keys=[], by=make.make_official(make.EXAMINER))
    operations.claim(Task.objects.get(), by=other)
    with pytest.raises(ValidationError, match="别人领取"):
        operations.tick(Task.objects.get(), keys=[], by=clerk)
    assert Task.objects.get().checked == keys[:2]
    assert "disabled" in client.get(page).content.decode()


def test_a_calendar_change_moves_open_dues_and_keeps_the_old_one(at, item):
    from hexi.blocks.calendars import operations as calendars
    from hexi.blocks.calendars.models import Calendar

    case = make.make_case(item)
    calendar = Calendar.objects.order_by("pk").first()
    calendars.set_day(calendar, day=clock.today() + timedelta(3), kind="rest", name="演示", by=make.BY)
    drain()
    notice = case.clocks.get(kind="notice")
    assert (day(notice.due), day(notice.changes.get().old)) == ("2026-12-02", "2026-12-01")
    assert make.fresh(case).next_due == notice.due
    assert Task.objects.get().due == notice.due


def test_progress_needs_number_and_last_four(at, item):
    case = make.make_case(item)
    assert queries.progress(case.number, "1234") == case
    assert queries.progress(case.number, "9999") is None
    assert queries.progress(case.number, "") is None


def test_roll_up_equals_the_cases(at, item):
    clerk, examiner, head = (make.make_official(role) for role in (make.CLERK, make.EXAMINER, make.HEAD))
    for place in range(6):
        case = make.make_case(item)
        if place > 0:
            operations.accept(case, by=clerk)
        if place > 1:
            operations.examine(case, by=examiner, opinion="可以")
        if place == 5:
            at("2026-11-27 10:00")
        if place > 2:
            decide = operations.refuse if place == 3 else operations.grant
            decide(case, by=head, opinion="见材料")
    span = ("6209", clock.today() - timedelta(5), clock.today())
    rolled = queries.figures(*span)
    counted = queries.recounted(*span)
    names = queries.COUNTED
    assert {name: getattr(rolled, name) for name in names} == {name: getattr(counted, name) for name in names}
    assert (rolled.received, rolled.accepted, rolled.granted, rolled.refused, rolled.late) == (6, 5, 2, 1, 1)
