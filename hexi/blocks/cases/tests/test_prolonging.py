"""A special procedure has a planned end: seen by all while it runs, red when it passes, and prolonged with a reason."""

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.calendars import operations as calendars
from hexi.blocks.calendars.models import Calendar
from hexi.blocks.cases import jobs, operations, queries, selfcheck, watching
from hexi.blocks.cases.models import Case, Pause
from hexi.blocks.cases.operations import hearings
from hexi.blocks.cases.tests import make
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(at, owner):
    """林木采伐许可, accepted on Tuesday 24 November 2026, in an expert review planned to end on 1 December."""
    found = make.make_case(make.make_item(), applicant=owner.account.person, by=owner)
    operations.accept(found, by=make.make_official(make.CLERK))
    operations.pause(
        found, procedure="expert_review", planned_days=5, by=make.make_official(make.EXAMINER), opinion="古树"
    )
    return make.fresh(found)


def special(case):
    return case.clocks.get(kind="special")


def day(moment):
    return clock.local_day(moment).isoformat()


def light():
    return watching.lit(Case.objects.all()).values_list("light", flat=True).get()


def test_the_planned_end_is_yellow_then_red_for_the_supervisor(case, at):
    assert (day(special(case).due), case.next_due) == ("2026-12-01", special(case).due)
    supervisor = make.make_official(make.SUPERVISOR)
    mine = queries.for_officials(supervisor)
    for moment, wanted, over in (
        ("2026-11-24 11:00", "normal", []), ("2026-12-01 09:00", "near", []), ("2026-12-02 09:00", "overdue", [case]),
    ):  # fmt: skip
        at(moment)
        assert (light(), list(watching.procedure_over(mine))) == (wanted, over), moment
    assert list(watching.of_light(mine, "overdue")) == [case]
    assert list(queries.overdue(queries.todo(make.make_official(make.EXAMINER)))) == [case.open_task()]
    assert case.clocks.get(kind="legal").due is None  # the law's own clock still stands


def test_the_letter_says_until_when_and_the_self_check_what_is_late(case, at):
    assert case.letters.get(kind="pause").facts["until"] == "2026年12月1日"
    assert list(selfcheck._overdue_procedures()) == []
    at("2026-12-02 09:00")
    assert [one.zh for one in selfcheck._overdue_procedures()] == [f"{case.number} 特别程序已过预计时间"]


def test_the_supervisors_list_shows_it(case, at, client):
    client.force_login(make.make_official(make.SUPERVISOR).account)
    page = reverse("cases.lit")
    assert case.title in client.get(page, {"view": "procedure"}).content.decode()
    assert case.title not in client.get(page, {"view": "procedure_over"}).content.decode()
    at("2026-12-02 09:00")
    client.force_login(make.make_official(make.SUPERVISOR).account)
    for view in ("procedure_over", "overdue"):
        assert case.title in client.get(page, {"view": view}).content.decode()


def test_the_office_is_reminded_once_for_each_planned_end(case, at):
    examiner, head = make.make_official(make.EXAMINER), make.make_official(make.HEAD)
    operations.claim(case.open_task(), by=examiner)
    assert jobs.remind_procedures() == 0
    at("2026-12-02 09:00")
    assert (jobs.remind_procedures(), jobs.remind_procedures()) == (1, 0)
    told = Notice.objects.filter(key="cases.procedure_over")
    assert {one.account for one in told} == {examiner.account, head.account}
    assert {one.link for one in told} == {f"/work/cases/{case.number}/"}
    operations.prolong(case, days=5, by=examiner, opinion="专家出差")
    assert jobs.remind_procedures() == 0
    at("2026-12-10 09:00")
    assert (jobs.remind_procedures(), jobs.remind_procedures()) == (1, 0)


def test_prolonged_with_its_reason_and_told_to_the_applicant(case, at, owner):
    examiner = make.make_official(make.EXAMINER)
    at("2026-12-02 09:00")
    for days, opinion, field in ((0, "专家出差", "days"), (5, " ", "opinion")):
        with pytest.raises(ValidationError) as caught:
            operations.prolong(case, days=days, by=examiner, opinion=opinion)
        assert list(caught.value.message_dict) == [field]
    with pytest.raises(Denied):
        operations.prolong(case, days=5, by=make.make_official(make.CLERK), opinion="专家出差")
    operations.prolong(case, days=5, by=examiner, opinion="专家出差")
    change = special(case).changes.get()
    assert (day(change.old), day(change.new), change.why) == ("2026-12-01", "2026-12-09", "prolonged by 5: 专家出差")
    assert (Pause.objects.get().planned_days, light()) == (11, "normal")
    letter = case.letters.get(kind="prolonged")
    assert (letter.facts["days"], letter.facts["until"], letter.facts["reason"]) == (5, "2026年12月9日", "专家出差")
    assert Notice.objects.filter(person=owner.account.person, key="cases.letter").count() == 2
    operations.resume(make.fresh(case), by=examiner, opinion="评审通过")
    # from 25 November to 1 December nothing was counted: five working days
    assert (special(case).met, day(case.clocks.get(kind="legal").due)) == (True, "2026-12-29")


@pytest.mark.parametrize(("today", "until"), [("2026-12-15", "2026-12-18"), ("2026-12-12", "2026-12-16")])
def test_prolonged_long_after_its_end_it_counts_from_today(case, at, today, until):
    examiner = make.make_official(make.EXAMINER)
    at(f"{today} 09:00")
    assert jobs.remind_procedures() == 1
    operations.prolong(case, days=3, by=examiner, opinion="专家出差")
    month, ends = (int(part) for part in until.split("-")[1:])
    letter = case.letters.get(kind="prolonged").facts
    assert (day(special(case).due), letter["until"], letter["days"]) == (until, f"2026年{month}月{ends}日", 3)
    assert (make.fresh(case).next_due, jobs.remind_procedures()) == (special(case).due, 0)
    at("2026-12-21 09:00")
    assert (jobs.remind_procedures(), jobs.remind_procedures()) == (1, 0)


def test_an_end_without_delay_was_kept_and_a_late_one_was_not(case, at):
    at("2026-12-03 09:00")
    operations.resume(case, by=make.make_official(make.EXAMINER), opinion="评审通过")
    assert (special(case).met, list(watching.procedure_over(Case.objects.all()))) == (False, [])
    assert jobs.remind_procedures() == 0


def test_the_second_procedure_of_a_case_is_planned_anew(case, at):
    examiner = make.make_official(make.EXAMINER)
    operations.resume(case, by=examiner, opinion="评审通过")
    at("2026-12-07 09:00")
    operations.pause(make.fresh(case), procedure="testing", planned_days=2, by=examiner, opinion="送检")
    assert (day(special(case).due), special(case).stopped_at) == ("2026-12-09", None)
    at("2026-12-10 09:00")
    operations.resume(make.fresh(case), by=examiner, opinion="检测通过")
    assert list(Pause.objects.order_by("pk").values_list("procedure", "met")) == [
        ("expert_review", True), ("testing", False),
    ]  # fmt: skip


def test_what_the_clock_still_knows_of_a_procedure_is_kept_with_it(case):
    operations.resume(case, by=make.make_official(make.EXAMINER), opinion="评审通过")
    Pause.objects.update(met=None)
    forwards = import_module("hexi.blocks.cases.migrations.0023_pause_met").forwards
    forwards(apps, None)
    forwards(apps, None)
    assert Pause.objects.get().met is True


def test_a_hearing_paused_for_by_hand_is_timed_by_law_once_it_is_asked_for(at, owner):
    case, examiner = make.make_case(make.make_item(), applicant=owner.account.person, by=owner), make.EXAMINER
    operations.accept(case, by=make.make_official(make.CLERK))
    examiner = make.make_official(examiner)
    hearings.tell_hearing(make.fresh(case), by=examiner, opinion="影响邻居的院墙。")
    operations.pause(make.fresh(case), procedure="hearing", planned_days=2, by=examiner, opinion="准备听证")
    assert day(make.fresh(case).next_due) == "2026-11-26"
    hearings.ask_hearing(make.fresh(case), by=owner)
    assert (special(case).stopped_at, make.fresh(case).next_due) == (clock.now(), None)
    assert list(Pause.objects.values_list("procedure", "end", "met")) == [("hearing", None, None)]
    at("2026-12-02 09:00")
    assert (jobs.remind_procedures(), list(watching.procedure_over(Case.objects.all()))) == (0, [])


def test_what_ends_the_case_ends_the_clock(case, owner):
    operations.withdraw(case, reason="不砍了", by=owner)
    assert (special(case).stopped_at, make.fresh(case).next_due) == (clock.now(), None)


def test_a_day_off_moves_the_planned_end(case):
    calendar = Calendar.objects.order_by("pk").first()
    calendars.set_day(calendar, day=date(2026, 11, 30), kind="rest", name="临时", by=make.BY)
    drain()
    assert (day(special(case).due), make.fresh(case).next_due) == ("2026-12-02", special(case).due)
    assert day(special(case).changes.get().old) == "2026-12-01"


def test_what_the_law_itself_times_is_not_prolonged(at, owner, client):
    case = make.make_case(make.make_item(), applicant=owner.account.person, by=owner)
    operations.accept(case, by=make.make_official(make.CLERK))
    examiner = make.make_official(make.EXAMINER)
    with pytest.raises(ValidationError, match="没有正在进行的特别程序"):
        operations.prolong(case, days=5, by=examiner, opinion="再等等")
    hearings.tell_hearing(case, by=examiner, opinion="影响邻居的院墙。")
    hearings.ask_hearing(case, by=owner)
    with pytest.raises(ValidationError, match="由法律规定"):
        operations.prolong(case, days=5, by=examiner, opinion="再等等")
    client.force_login(examiner.account)
    page = client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert reverse("cases.act", args=[case.number, "prolong"]) not in page


def test_on_the_pages_of_officer_and_applicant(case, at, owner, client):
    examiner = make.make_official(make.EXAMINER)
    client.force_login(examiner.account)
    page, act = reverse("cases.case", args=[case.number]), reverse("cases.act", args=[case.number, "prolong"])
    assert act in client.get(page).content.decode()
    client.force_login(owner.account)
    mine = reverse("cases.mine", args=[case.number])
    assert "预计 12月1日（周二） 前结束" in client.get(mine).content.decode()
    at("2026-12-02 09:00")
    client.force_login(owner.account)
    text = client.get(mine).content.decode()
    assert ("已过预计时间（原定 12月1日（周二） 前结束）" in text, "预计 12月1日" in text) == (True, False)
    client.force_login(examiner.account)
    typed = {"revision": str(case.revision), "prolong__days": "3", "prolong__opinion": ""}
    assert "请写明理由" in client.post(act, typed).content.decode()
    assert client.post(act, typed | {"prolong__opinion": "专家出差"}).status_code == 302
    client.force_login(owner.account)
    text = client.get(mine).content.decode()
    assert ("预计 12月7日（周一） 前结束" in text, "已过预计时间" in text) == (True, False)


def test_what_stood_open_before_there_were_planned_ends_gets_one(case):
    case.clocks.filter(kind="special").delete()
    Case.objects.update(next_due=None)
    forwards = import_module("hexi.blocks.cases.migrations.0022_planned_ends").forwards
    forwards(apps, None)
    forwards(apps, None)
    assert jobs.recount_daily() == 1
    assert (day(special(case).due), make.fresh(case).next_due) == ("2026-12-01", special(case).due)


def test_another_office_prolongs_nothing(case):
    other = people.acting(people.make_official(make.EXAMINER, department=people.make_department("other")))
    with pytest.raises(Denied):
        operations.prolong(case, days=5, by=other, opinion="专家出差")
