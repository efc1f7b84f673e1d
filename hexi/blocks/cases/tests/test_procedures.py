"""Hearings, visits on site, third parties: their own clocks, who may do what, and no decision before they are done."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.cases import jobs, operations, procedures, queries, selfcheck
from hexi.blocks.cases.models import Hearing, SiteVisit, ThirdParty
from hexi.blocks.cases.operations import concerned, hearings, visits
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        return moment

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def villager():
    return make.make_citizen()


@pytest.fixture
def case(at, villager):
    """林木采伐许可, accepted on Tuesday 24 November 2026."""
    item = make.make_item()
    found = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.accept(found, by=make.make_official(make.CLERK))
    return make.fresh(found)


@pytest.fixture
def examiner(case):
    return make.make_official(make.EXAMINER)


@pytest.fixture
def neighbour():
    return make.make_citizen()


def day(moment):
    return clock.local_day(moment).isoformat()


def named(case, examiner, neighbour=None, name="王秀英"):
    """A third party, with an account if `neighbour` is given."""
    number = ""
    if neighbour:
        number = people.resident_number()
        person = people.make_person(name, number=number)
        type(neighbour.account).objects.filter(pk=neighbour.account.pk).update(person=person)
        neighbour.account.refresh_from_db()
    return concerned.name_party(case, name=name, why="树倒下来会压到她家院墙。", by=examiner, number=number)


def told(case, examiner):
    return hearings.tell_hearing(case, by=examiner, opinion="采伐影响邻居的院墙。")


def decide(case, opinion, do=operations.grant):
    if make.fresh(case).state == State.EXAMINING:
        operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合。")
    return do(case, by=make.make_official(make.HEAD), opinion=opinion)


# --- third parties ----------------------------------------------------------------------------------------------------
def test_a_third_party_is_told_in_writing_and_heard_before_the_decision(case, examiner, neighbour, at):
    party = named(case, examiner, neighbour)
    assert day(party.until) == "2026-12-01"
    assert [one.kind for one in party.letters.all()] == ["third_party"]
    assert Notice.objects.get(key="cases.third_party").link == f"/my/views/{party.pk}/"
    with pytest.raises(ValidationError, match="还可以在 12月1日（周二） 前陈述意见"):
        decide(case, "同意。")
    concerned.state_view(party, text="请先加固院墙。", by=people.acting(neighbour.account))
    with pytest.raises(ValidationError) as caught:
        decide(case, "同意。")
    assert "王秀英" in caught.value.message_dict["opinion"][0]
    decide(case, "王秀英要求先加固院墙，已写入采伐作业安排。")
    assert make.fresh(case).outcome == "granted"


def test_silence_holds_the_decision_up_only_until_the_term_is_over(case, examiner, at):
    concerned.serve_party(named(case, examiner), how="handed", on=date(2026, 11, 24), note="本人", by=examiner)
    at("2026-12-01 23:59")
    with pytest.raises(ValidationError, match="陈述意见"):
        decide(case, "同意。")
    at("2026-12-02 00:01")
    decide(case, "同意。")
    assert make.fresh(case).outcome == "granted"


def test_a_view_is_stated_once_by_the_party_or_the_office(case, examiner, neighbour, villager):
    party = named(case, examiner, neighbour)
    for stranger in (villager, make.make_citizen(), make.make_official(make.SUPERVISOR)):
        with pytest.raises(Denied):
            concerned.state_view(party, text="我反对", by=stranger)
    with pytest.raises(ValidationError, match="请写下"):
        concerned.state_view(party, text=" ", by=examiner)
    concerned.state_view(party, text="电话里说不反对。", by=examiner)
    with pytest.raises(ValidationError, match="已经陈述过"):
        concerned.state_view(party, text="又反对", by=people.acting(neighbour.account))
    assert ThirdParty.objects.get().view == "电话里说不反对。"


def test_who_may_name_a_third_party_and_whom(case, examiner, villager):
    with pytest.raises(Denied):
        concerned.name_party(case, name="王秀英", why="院墙", by=make.make_official(make.CLERK))
    with pytest.raises(ValidationError) as caught:
        concerned.name_party(case, name="", why="", by=examiner)
    assert sorted(caught.value.message_dict) == ["name", "why"]
    named(case, examiner)
    with pytest.raises(ValidationError, match="已经告知过"):
        named(case, examiner)


def test_a_third_party_sees_its_own_page_and_nothing_of_the_case(case, examiner, neighbour, villager, client):
    party = named(case, examiner, neighbour)
    page = reverse("cases.view", args=[party.pk])
    client.force_login(neighbour.account)
    text = client.get(page).content.decode()
    assert "压到她家院墙" in text
    assert "渠东林带" not in text
    assert client.get(reverse("cases.mine", args=[case.number])).status_code == 404
    assert client.post(page, {"text": "", "do": "view"}).status_code == 422
    assert client.post(page, {"text": "请先加固院墙。", "do": "view"}).status_code == 302
    assert ThirdParty.objects.get().view == "请先加固院墙。"
    client.force_login(villager.account)
    assert client.get(page).status_code == 404
    mine = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert "利害关系人告知书" not in mine
    letter = party.letters.get().document
    assert not papers.may_read(villager, letter)
    assert papers.may_read(people.acting(neighbour.account), letter)


# --- hearings ---------------------------------------------------------------------------------------------------------
def test_the_whole_hearing(case, examiner, villager, at):
    hearing = told(case, examiner)
    assert day(hearing.ask_until) == "2026-12-01"
    with pytest.raises(ValidationError, match="还可以要求听证"):
        decide(case, "同意。")
    at("2026-11-26 09:00")
    hearings.ask_hearing(case, by=villager, opinion="我要当面说明。")
    hearing = Hearing.objects.get()
    # twenty working days after Thursday 26 November
    assert (day(hearing.hold_until), hearing.asked_by) == ("2026-12-24", case.applicant_name)
    assert case.clocks.get(kind="legal").due is None
    head = make.make_official(make.HEAD)
    held = datetime(2026, 12, 7, 9, 30, tzinfo=clock.CHINA)
    with pytest.raises(ValidationError, match="最早可以定在 2026-12-07"):
        hearings.call_hearing(case, at=held.replace(day=4), place="一楼会议室", presider=head.account, by=examiner)
    with pytest.raises(ValidationError, match="最晚 2026-12-24"):
        hearings.call_hearing(case, at=held.replace(day=25), place="一楼会议室", presider=head.account, by=examiner)
    hearings.call_hearing(case, at=held, place="一楼会议室", presider=head.account, by=examiner)
    assert [one.kind for one in case.letters.order_by("pk")] == ["acceptance", "hearing_right", "hearing_notice"]
    with pytest.raises(ValidationError, match="还没有开始"):
        hearings.record_hearing(case, minutes="各方陈述……", signed_by="石建国", by=head)
    at("2026-12-07 11:00")
    with pytest.raises(ValidationError, match="由主持人填写听证笔录"):
        operations.resume(case, by=examiner, opinion="算了")
    with pytest.raises(Denied, match="主持人"):
        hearings.record_hearing(case, minutes="各方陈述……", signed_by="石建国", by=examiner)
    with pytest.raises(ValidationError) as caught:
        hearings.record_hearing(case, minutes="", signed_by="", by=head)
    assert sorted(caught.value.message_dict) == ["minutes", "signed_by"]
    hearings.record_hearing(case, minutes="申请人同意先加固。", signed_by="石建国、钱审查", by=head)
    # 24 and 25 November had been used; from the 26th to 4 December the clock stood still
    assert case.pauses.get().result == "申请人同意先加固。"
    assert day(case.clocks.get(kind="legal").due) == "2026-12-31"
    with pytest.raises(ValidationError) as caught:
        decide(case, "同意。")
    assert "听证笔录" in caught.value.message_dict["opinion"][0]
    decide(case, "根据听证笔录，申请人先加固院墙，同意采伐。")
    assert make.fresh(case).outcome == "granted"


def awaited(case, examiner, villager, at):
    """A hearing asked for on 26 November: it is to be held by 24 December."""
    told(case, examiner)
    at("2026-11-26 09:00")
    hearings.ask_hearing(case, by=villager, opinion="我要当面说明。")


def test_called_too_late_for_the_twenty_days_it_is_held_all_the_same(case, examiner, villager, at):
    awaited(case, examiner, villager, at)
    head, held = make.make_official(make.HEAD), datetime(2026, 12, 24, 9, 30, tzinfo=clock.CHINA)
    at("2026-12-15 09:00")  # the last day that leaves seven
    with pytest.raises(ValidationError, match="最晚 2026-12-24"):
        hearings.call_hearing(case, at=held.replace(day=25), place="一楼", presider=head.account, by=examiner)
    hearings.call_hearing(case, at=held, place="一楼", presider=head.account, by=examiner)
    assert case.events.order_by("pk").last().opinion == ""
    at("2026-12-16 09:00")  # the presider has fallen ill
    with pytest.raises(ValidationError, match="最早可以定在 2026-12-25"):
        hearings.call_hearing(case, at=held, place="一楼", presider=head.account, by=examiner)
    later = held.replace(day=29)
    hearings.call_hearing(case, at=later, place="二楼", presider=head.account, by=examiner)
    line = case.events.order_by("pk").last()
    assert (line.action, "12月24日" in line.opinion, "逾期" in line.opinion) == ("hearing_called", True, True)
    at("2026-12-29 11:00")
    jobs.count_late_hearings()
    hearings.record_hearing(case, minutes="申请人同意先加固。", signed_by="石建国", by=head)
    assert case.pauses.get().result == "申请人同意先加固。"
    decide(case, "根据听证笔录，同意采伐。")
    assert make.fresh(case).outcome == "granted"


def test_after_the_twenty_days_the_clocks_run_though_nobody_called_it(case, examiner, villager, at):
    awaited(case, examiner, villager, at)
    at("2026-12-24 23:59")
    assert jobs.count_late_hearings() == 0
    with pytest.raises(ValidationError, match="听证还没有结束"):
        operations.resume(case, by=examiner, opinion="算了")
    at("2026-12-28 08:00")  # the job was down
    assert (jobs.count_late_hearings(), jobs.count_late_hearings()) == (1, 0)
    assert case.pauses.get().end == Hearing.objects.get().hold_until
    legal, now = case.clocks.get(kind="legal"), make.fresh(case)
    assert (legal.due is not None, now.next_due) == (True, min(one.due for one in case.clocks.filter(stopped_at=None)))
    assert case.open_task().due == now.next_due
    line = case.events.order_by("pk").last()
    assert (line.action, day(line.at)) == ("hearing_late", "2026-12-24")
    with pytest.raises(ValidationError, match="听证笔录完成后才能决定"):
        decide(case, "同意。")


def test_another_procedure_may_end_though_the_hearing_is_late(case, examiner, villager, at):
    told(case, examiner)
    operations.pause(case, procedure="expert_review", planned_days=5, by=examiner, opinion="古树")
    at("2026-11-26 09:00")
    hearings.ask_hearing(case, by=villager, opinion="我要当面说明。")
    at("2026-12-25 09:00")
    assert jobs.count_late_hearings() == 0
    operations.resume(case, by=examiner, opinion="专家意见：可以。")
    assert case.clocks.get(kind="legal").due is not None


def test_late_hearings_are_found_every_night_while_the_case_runs(case, examiner, villager, at):
    awaited(case, examiner, villager, at)
    assert list(selfcheck._overdue_hearings()) == []
    at("2026-12-25 00:01")
    found = list(selfcheck._overdue_hearings())
    assert [(one.defect, case.number in one.zh, one.department) for one in found] == [
        ("answer", True, case.department_id)
    ]
    assert found[0] in selfcheck.find()[1]
    operations.withdraw(make.fresh(case), reason="不办了", by=villager)
    assert list(selfcheck._overdue_hearings()) == []


def test_who_examined_does_not_preside_and_nobody_presides_over_his_own(case, examiner, villager, at):
    told(case, examiner)
    hearings.ask_hearing(case, by=villager)
    held = datetime(2026, 12, 7, 9, 30, tzinfo=clock.CHINA)
    other = people.make_official(make.HEAD, department=people.make_department("yumen-market"))
    claimed = make.make_official(make.EXAMINER)
    operations.claim(case.open_task(), by=claimed)
    for account in (examiner.account, claimed.account, other):
        with pytest.raises(ValidationError) as caught:
            hearings.call_hearing(case, at=held, place="会议室", presider=account, by=claimed)
        assert list(caught.value.message_dict) == ["presider"]
    people.make_post(villager.account, make.HEAD, department=case.department)
    with pytest.raises(ValidationError, match="回避"):
        hearings.call_hearing(case, at=held, place="会议室", presider=villager.account, by=claimed)
    assert list(procedures.presiders(case).filter(pk__in=(examiner.account_id, claimed.account_id, other.pk))) == []


def test_after_five_days_nobody_may_ask_and_the_decision_is_free(case, examiner, villager, at):
    told(case, examiner)
    at("2026-12-02 00:01")
    with pytest.raises(ValidationError, match="期限已过"):
        hearings.ask_hearing(case, by=villager)
    decide(case, "同意。")
    assert make.fresh(case).outcome == "granted"


def test_a_third_party_may_ask_too_and_strangers_may_not(case, examiner, neighbour, villager, client):
    party = named(case, examiner, neighbour)
    told(case, examiner)
    assert party.letters.filter(kind="hearing_right").count() == 1
    for stranger in (make.make_citizen(), examiner):
        with pytest.raises(Denied):
            hearings.ask_hearing(case, by=stranger)
    client.force_login(neighbour.account)
    answer = client.post(reverse("cases.view", args=[party.pk]), {"text": "请开听证会。", "do": "hearing"})
    assert answer.status_code == 302
    assert Hearing.objects.get().asked_by == "王秀英"
    with pytest.raises(ValidationError, match="已经有人要求"):
        hearings.ask_hearing(case, by=villager)


def test_the_right_is_told_once_and_with_a_reason(case, examiner):
    with pytest.raises(ValidationError) as caught:
        hearings.tell_hearing(case, by=examiner, opinion=" ")
    assert list(caught.value.message_dict) == ["opinion"]
    told(case, examiner)
    with pytest.raises(ValidationError, match="已经告知过"):
        told(case, examiner)
    with pytest.raises(Denied):
        hearings.tell_hearing(case, by=make.make_official(make.CLERK), opinion="理由")


def test_nothing_begins_after_the_decision(case, examiner, villager):
    decide(case, "同意。")
    for late in (
        lambda: told(case, examiner),
        lambda: hearings.ask_hearing(case, by=villager),
        lambda: named(case, examiner),
        lambda: visits.assign_visit(case, first=examiner.account, second=people.make_official(), by=examiner),
    ):
        with pytest.raises(Stale):
            late()


def test_the_applicant_asks_in_the_browser(case, examiner, villager, client):
    told(case, examiner)
    client.force_login(villager.account)
    mine = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert "您可以在 12月1日（周二）前要求听证，不收费用。" in mine
    assert client.post(reverse("cases.ask", args=[case.number]), {"opinion": ""}).status_code == 302
    mine = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert "最晚 12月22日（周二）举行" in mine
    assert "期限暂停计算" in mine
    client.force_login(make.make_citizen().account)
    assert client.get(reverse("cases.ask", args=[case.number])).status_code == 404


# --- visits -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def works(at):
    """建筑工程施工许可, accepted on 24 November 2026, all departments agreed: its site is always visited."""
    item = make.make_item("construction-permit")
    found = make.make_case(item, applicant=people.make_enterprise(), answers={})
    operations.accept(found, by=make.make_official(make.CLERK, item))
    make.make_reports(found)
    return make.fresh(found)


def pair(case):
    return [people.make_official(make.EXAMINER, department=case.department) for _ in range(2)]


def sent(case):
    first, second = pair(case)
    visit = visits.assign_visit(case, first=first, second=second, by=people.acting(first))
    return visit, people.acting(first), people.acting(second)


def photo(visit, by):
    thing = (visits.KIND, str(visit.pk))
    return documents.make_document(None, by=by, content=documents.make_image(), thing=thing, slot=visits.PHOTOS)


def test_acceptance_starts_the_five_days_to_name_the_officers(works):
    visit = SiteVisit.objects.get(case=works)
    assert (day(visit.assign_until), visit.assigned_at) == ("2026-12-01", None)


def test_no_grant_before_two_officers_have_seen_it_but_a_refusal(works):
    operations.examine(works, by=make.make_official(make.EXAMINER, works.item), opinion="材料齐。")
    head = make.make_official(make.HEAD, works.item)
    with pytest.raises(ValidationError, match="施工现场核查"):
        operations.grant(works, by=head, opinion="同意。")
    make.make_visit(works, passed=False)
    with pytest.raises(ValidationError, match="施工现场核查"):
        operations.grant(works, by=head, opinion="同意。")
    make.make_visit(works)
    operations.grant(works, by=head, opinion="同意。")
    assert make.fresh(works).outcome == "granted"


def test_a_refusal_needs_no_visit(works):
    operations.examine(works, by=make.make_official(make.EXAMINER, works.item), opinion="没有规划许可。")
    operations.refuse(works, by=make.make_official(make.HEAD, works.item), opinion="不具备条件。")
    assert make.fresh(works).outcome == "refused"


def test_two_distinct_officers_of_the_office(works):
    first, second = pair(works)
    other = people.make_official(make.EXAMINER, department=people.make_department("yumen-market"))
    window = people.make_official(make.CLERK, department=works.department)
    by = people.acting(first)
    for one, two, field in ((first, first, "second"), (first, other, "second"), (window, second, "first")):
        with pytest.raises(ValidationError) as caught:
            visits.assign_visit(works, first=one, second=two, by=by)
        assert list(caught.value.message_dict) == [field]
    with pytest.raises(Denied):
        visits.assign_visit(works, first=first, second=second, by=people.acting(window))


def test_photos_place_and_both_officers(works):
    visit, first, second = sent(works)
    facts = {"place": "工地", "findings": "已围挡。", "passed": True}
    with pytest.raises(ValidationError) as caught:
        visits.record_visit(visit, by=first, **(facts | {"place": " "}))
    assert sorted(caught.value.message_dict) == ["photos", "place"]
    photo(visit, first)
    with pytest.raises(Denied, match="被指派"):
        visits.record_visit(visit, by=people.acting(pair(works)[0]), **facts)
    with pytest.raises(ValidationError, match="没有等待确认"):
        visits.confirm_visit(visit, by=second)
    visits.record_visit(visit, by=first, latitude="40.29154", longitude="97.04528", **facts)
    with pytest.raises(Denied, match="另一名"):
        visits.confirm_visit(visit, by=first)
    assert not procedures.passed(works)
    done = visits.confirm_visit(visit, by=second)
    assert (str(done.latitude), str(done.longitude), done.found_by_id) == ("40.29154", "97.04528", first.account_id)
    assert procedures.passed(works)


def test_photographs_are_the_offices_own(works):
    visit, first, second = sent(works)
    picture = photo(visit, first)
    assert papers.may_read(second, picture)
    assert papers.may_read(make.make_official(make.SUPERVISOR, works.item), picture)
    land = people.acting(
        people.make_official(make.EXAMINER, department=people.make_department("yumen-natural-resources"))
    )
    representative = people.make_citizen()
    type(representative).objects.filter(pk=representative.pk).update(person=works.applicant.representative)
    for stranger in (land, make.make_citizen(), people.acting(representative)):
        assert not papers.may_read(stranger, picture)
    visits.record_visit(visit, place="工地", findings="已围挡。", passed=True, by=first)
    with pytest.raises(ValidationError, match="不能再增减"):
        documents.make_document(
            None, by=first, content=documents.make_image(seed=9), thing=(visits.KIND, str(visit.pk)), slot=visits.PHOTOS
        )


def test_the_visit_in_the_browser(works, client):
    first, second = pair(works)
    client.force_login(first)
    page = reverse("cases.case", args=[works.number])
    assert "12月1日（周二）前指派两名核查人员" in client.get(page).content.decode()
    step = lambda what: reverse("cases.procedure", args=[works.number, what])  # noqa: E731
    wrong = client.post(step("visit"), {"first": first.pk, "second": first.pk})
    assert wrong.status_code == 422
    assert "另选一人" in wrong.content.decode()
    assert client.post(step("visit"), {"first": first.pk, "second": second.pk}).status_code == 302
    assert client.get(step("found")).status_code == 200
    image = documents.make_image()
    from django.core.files.uploadedfile import SimpleUploadedFile

    found = {
        "place": "工地",
        "findings": "已围挡。",
        "passed": "1",
        "photos": SimpleUploadedFile("a.jpg", image, "image/jpeg"),
    }
    assert client.post(step("found"), found).status_code == 302
    client.force_login(second)
    assert "等另一人确认" in client.get(page).content.decode()
    assert client.post(step("confirm")).status_code == 302
    assert procedures.passed(works)
    assert queries.case_for(works.number, people.acting(second)).visits.get().confirmed_at is not None
