"""Who is told when a calendar change moves due dates: each applicant once, each official once for all his cases."""

from datetime import date

import pytest

from hexi.blocks.calendars import operations as calendars
from hexi.blocks.calendars.models import Calendar
from hexi.blocks.cases import jobs, operations
from hexi.blocks.cases.models import DueChange
from hexi.blocks.cases.operations import rescheduled
from hexi.blocks.cases.tests import make
from hexi.blocks.notices.models import Notice
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 30)


def rest(day=DAY):
    """A working day becomes a day of rest, and the jobs run."""
    calendars.set_day(Calendar.objects.get(), day=day, kind="rest", name="临时放假", by=make.BY)
    drain()


def work(day=DAY):
    calendars.clear_day(Calendar.objects.get(), day=day, by=make.BY)
    drain()


def told(key=rescheduled.MOVED):
    return list(Notice.objects.filter(key=key).order_by("pk"))


@pytest.fixture
def cases(at):
    item = make.make_item()
    found = [make.make_case(item) for _n in range(3)]
    drain()
    return found


def test_each_applicant_is_told_once_which_clock_moved_from_when_to_when(cases):
    rest()
    assert [one.about_ref for one in told()] == [str(case.pk) for case in cases]
    assert told()[0].body_zh == (
        f"工作日历有调整，办件 {cases[0].number} 的期限随之变动：告知是否受理由 12月1日（周二） 改为 12月2日（周三）。"
    )
    assert "from Tue 1 Dec to Wed 2 Dec" in told()[0].body_en
    # the job again, as after a crash, and the daily check
    keys = [case.pk for case in cases]
    assert jobs.tell_moved(keys, "calendar changed") == 0
    jobs.recount_daily()
    drain()
    assert len(told()) == 3


def test_a_second_move_is_told_from_where_the_first_one_left_it(cases, at):
    rest()
    at("2026-11-24 11:00")
    rest(date(2026, 12, 1))
    assert len(told()) == 6
    assert "由 12月2日（周三） 改为 12月3日（周四）" in told()[-1].body_zh


def test_moved_and_moved_back_before_anybody_was_told_is_no_news(cases):
    calendars.set_day(Calendar.objects.get(), day=DAY, kind="rest", name="临时放假", by=make.BY)
    operations.recount_open("", DAY, why="calendar changed", by=make.BY)
    work()
    assert (DueChange.objects.count(), told()) == (6, [])


def test_who_has_the_tasks_is_told_once_of_all_of_them(cases):
    clerk = make.make_official(make.CLERK)
    for case in cases[:2]:
        operations.claim(case.open_task(), by=clerk)
    rest()
    (notice,) = told(rescheduled.AT_WORK)
    assert (notice.account_id, notice.title_zh) == (clerk.account_id, "您经办的 2 件办件期限有变动")
    assert notice.deliveries.count() == 0


def moved_now():
    """A calendar change and the recount it brings, whose job has not run yet."""
    calendars.set_day(Calendar.objects.get(), day=DAY, kind="rest", name="临时放假", by=make.BY)
    operations.recount_open("", DAY, why="calendar changed", by=make.BY)


def test_who_has_tasks_among_many_cases_is_told_once_even_if_it_was_cut_off(cases, monkeypatch):
    monkeypatch.setattr(rescheduled, "TOGETHER", 1)
    clerk = make.make_official(make.CLERK)
    for case in cases[:2]:
        operations.claim(case.open_task(), by=clerk)
    moved_now()
    keys = [case.pk for case in cases]

    def dies(*_given, **_facts):
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(rescheduled, "_tell_holders", dies)
        with pytest.raises(RuntimeError):
            jobs.tell_moved(keys, "calendar changed")
    assert (len(told()), told(rescheduled.AT_WORK)) == (3, [])
    assert [jobs.tell_moved(keys, "calendar changed") for _n in range(2)] == [0, 0]
    (notice,) = told(rescheduled.AT_WORK)
    assert notice.title_zh == "您经办的 2 件办件期限有变动"


def test_a_move_of_long_ago_that_nobody_was_told_of_is_no_news(cases, at):
    moved_now()
    at("2026-12-10 10:00")
    assert jobs.tell_moved([case.pk for case in cases], "calendar changed") == 0
    assert told() == []


def test_a_case_that_ended_meanwhile_is_not_told_of(cases):
    calendars.set_day(Calendar.objects.get(), day=DAY, kind="rest", name="临时放假", by=make.BY)
    operations.recount_open("", DAY, why="calendar changed", by=make.BY)
    operations.not_needed(cases[0], by=make.make_official(make.CLERK), opinion="不需要许可")
    drain()
    assert [one.about_ref for one in told()] == [str(case.pk) for case in cases[1:]]
