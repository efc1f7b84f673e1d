"""A matter of another law (政府信息公开条例): its own clocks, third parties and hearings, one after the other."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import intake, jobs, operations
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.operations import concerned, hearings
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.forms import operations as forms
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def day(moment):
    return clock.local_day(moment).isoformat()


def due(case, kind):
    return day(case.clocks.get(kind=kind).due)


def test_a_request_for_information_has_its_own_clocks_and_is_not_accepted_by_silence(at):
    item = make.make_item("info-disclosure")
    case = make.make_case(item, answers={})
    assert day(case.clocks.get(kind="notice").due) == "2026-12-03"  # seven working days after 24 November
    at("2026-12-04 08:00")
    assert jobs.accept_by_law() == 0
    assert make.fresh(case).state == State.SUBMITTED
    # late, but accepted by the office; the twenty days count from receipt
    operations.accept(case, by=make.make_official(make.CLERK, item))
    case = make.fresh(case)
    assert (day(case.accepted_at), day(case.clocks.get(kind="legal").due)) == ("2026-12-04", "2026-12-22")
    operations.extend(case, days=20, by=make.make_official(make.HEAD, item), opinion="涉及多个部门")
    with pytest.raises(ValidationError):
        operations.extend(case, days=1, by=make.make_official(make.HEAD, item), opinion="再延")


def asked_for(at, **given):
    """A request for information, accepted on Tuesday 24 November 2026, and who examines it."""
    item = make.make_item("info-disclosure")
    case = make.make_case(item, answers={}, **given)
    operations.accept(case, by=make.make_official(make.CLERK, item))
    return make.fresh(case), make.make_official(make.EXAMINER, item)


def test_supplemented_the_answer_is_due_from_that_day(at):
    villager, item = make.make_citizen(), make.make_item("info-disclosure")
    case = make.make_case(item, answers={}, applicant=villager.account.person, by=villager)
    clerk = make.make_official(make.CLERK, item)
    point = next(iter(definition(item.version).points))
    operations.ask_correction(case, points={point: "请写明要哪一年的。"}, by=clerk)
    assert case.letters.get().facts["until"] == "2026年12月15日"  # fifteen working days: the item's own term
    at("2026-12-01 10:00")
    operations.supplement(make.fresh(case), answers={}, by=villager)
    at("2026-12-03 10:00")
    operations.accept(make.fresh(case), by=clerk)
    assert due(make.fresh(case), "legal") == "2026-12-29"


def test_a_third_party_has_fifteen_days_that_do_not_count(at):
    case, examiner = asked_for(at)
    party = concerned.name_party(case, name="某公司", why="里面有它的商业秘密。", by=examiner)
    case = make.fresh(case)
    assert (day(party.until), case.next_due) == ("2026-12-15", None)
    assert case.letters.order_by("pk").last().kind == "pause"
    at("2026-11-27 10:00")
    concerned.state_view(party, text="不同意公开第三页。", by=examiner)
    assert due(make.fresh(case), "legal") == "2026-12-24"  # two working days longer, the 25th and 26th
    assert case.pauses.get().end == clock.now()


def test_a_third_party_that_says_nothing_holds_the_answer_up_no_longer_than_its_time(at):
    case, examiner = asked_for(at)
    concerned.name_party(case, name="某公司", why="里面有它的商业秘密。", by=examiner)
    other = concerned.name_party(case, name="某协会", why="名单里有会员。", by=examiner)
    concerned.state_view(other, text="不反对。", by=examiner)
    at("2026-12-15 20:00")
    assert (jobs.end_party_pauses(), make.fresh(case).next_due) == (0, None)
    assert not Entry.objects.filter(verb="cases.views_over").exists()  # the sweep runs every five minutes
    at("2026-12-20 08:00")
    assert (jobs.end_party_pauses(), jobs.end_party_pauses()) == (1, 0)
    assert day(case.pauses.get().end) == "2026-12-15"
    assert due(make.fresh(case), "legal") == "2027-01-12"


def test_served_late_its_whole_time_does_not_count_either(at):
    case, examiner = asked_for(at)
    party = concerned.name_party(case, name="某公司", why="里面有它的商业秘密。", by=examiner)
    at("2026-12-20 08:00")
    assert jobs.end_party_pauses() == 1
    at("2026-12-21 10:00")
    concerned.serve_party(party, how="posted", on=date(2026, 12, 20), note="EMS 1", by=examiner)
    assert spans(case) == [("third_party", "2026-11-24", "2026-12-15"), ("third_party", "2026-12-21", None)]
    assert make.fresh(case).next_due is None
    at("2026-12-23 10:00")
    concerned.state_view(party, text="不同意。", by=examiner)
    assert spans(case)[-1] == ("third_party", "2026-12-21", "2026-12-23")


def test_a_view_that_comes_late_holds_the_answer_up_no_longer_either(at):
    case, examiner = asked_for(at)
    party = concerned.name_party(case, name="某公司", why="里面有它的商业秘密。", by=examiner)
    at("2026-12-20 08:00")  # the job was down
    concerned.state_view(party, text="不同意。", by=examiner)
    assert (day(case.pauses.get().end), due(make.fresh(case), "legal")) == ("2026-12-15", "2027-01-12")


def spans(case):
    return [(one.procedure, day(one.start), one.end and day(one.end)) for one in case.pauses.order_by("pk")]


def test_a_hearing_asked_for_while_a_third_party_is_heard_holds_on_after_it(at):
    villager = make.make_citizen()
    case, examiner = asked_for(at, applicant=villager.account.person, by=villager)
    party = concerned.name_party(case, name="某公司", why="里面有它的商业秘密。", by=examiner)
    hearings.tell_hearing(case, by=examiner, opinion="关系重大。")
    at("2026-11-26 09:00")
    hearings.ask_hearing(case, by=villager)
    at("2026-11-27 10:00")
    concerned.state_view(party, text="不同意。", by=examiner)
    assert spans(case) == [("third_party", "2026-11-24", "2026-11-27"), ("hearing", "2026-11-27", None)]
    assert make.fresh(case).next_due is None
    at("2026-12-28 08:00")
    assert (jobs.count_late_hearings(), spans(case)[-1]) == (1, ("hearing", "2026-11-27", "2026-12-24"))


def test_a_third_party_named_while_another_procedure_runs_is_waited_for_after_it(at):
    case, examiner = asked_for(at)
    operations.pause(case, procedure="expert_review", planned_days=15, by=examiner, opinion="与公安局共同制作")
    at("2026-11-25 10:00")
    party = concerned.name_party(case, name="某公司", why="里面有它的商业秘密。", by=examiner)
    at("2026-11-27 10:00")
    operations.resume(make.fresh(case), by=examiner, opinion="同意公开")
    assert spans(case) == [("expert_review", "2026-11-24", "2026-11-27"), ("third_party", "2026-11-27", None)]
    assert make.fresh(case).next_due is None
    at("2026-11-30 10:00")
    concerned.state_view(party, text="不反对。", by=examiner)
    assert (spans(case)[-1][2], len(spans(case))) == ("2026-11-30", 2)
    assert make.fresh(case).next_due is not None


def test_a_third_party_named_during_a_hearing_is_waited_for_after_it(at):
    villager = make.make_citizen()
    case, examiner = asked_for(at, applicant=villager.account.person, by=villager)
    hearings.tell_hearing(case, by=examiner, opinion="关系重大。")
    hearings.ask_hearing(case, by=villager)
    head, held = make.make_official(make.HEAD, case.item), datetime(2026, 12, 7, 9, 30, tzinfo=clock.CHINA)
    hearings.call_hearing(case, at=held, place="一楼", presider=head.account, by=examiner)
    at("2026-12-01 10:00")
    concerned.name_party(case, name="某公司", why="里面有它的商业秘密。", by=examiner)
    at("2026-12-07 11:00")
    hearings.record_hearing(case, minutes="各方陈述……", signed_by="石建国", by=head)
    assert spans(case) == [("hearing", "2026-11-24", "2026-12-07"), ("third_party", "2026-12-07", None)]
    assert case.letters.order_by("pk").last().kind == "pause"


def test_another_procedure_stops_the_answer_until_it_ends(at):
    case, examiner = asked_for(at)
    with pytest.raises(ValidationError, match="选择一种特别程序"):
        operations.pause(case, procedure="third_party", planned_days=15, by=examiner, opinion="征求意见")
    operations.pause(case, procedure="expert_review", planned_days=15, by=examiner, opinion="与公安局共同制作")
    at("2026-11-27 10:00")
    operations.resume(make.fresh(case), by=examiner, opinion="同意公开")
    assert due(make.fresh(case), "legal") == "2026-12-24"


def test_where_the_clock_runs_from_receipt_no_later_day_is_promised(at, client):
    item, citizen = make.make_item("info-disclosure"), make.make_citizen()
    facts = {"ref": str(item.pk), "digest": item.version.digest, "person_id": citizen.account.person_id}
    draft = forms.start(intake.ITEM, by=citizen, **facts)
    client.force_login(citizen.account)
    page = client.get(reverse("cases.check", args=[draft.key])).content.decode()
    case = make.make_case(item, answers={})
    operations.accept(case, by=make.make_official(make.CLERK, item))
    assert day(case.clocks.get(kind="promised").due) == "2026-12-15"
    assert "最晚 12月15日（周二）（从收到申请起算）" in page
