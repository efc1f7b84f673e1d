"""A day off declared while a term of the procedure runs: whoever was told it has a day more, and never one less."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.calendars import operations as calendars
from hexi.blocks.calendars.models import Calendar
from hexi.blocks.calendars.tests.make import make_calendar
from hexi.blocks.cases import jobs, operations, procedures, supervision, terms
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Hearing, Rating, SiteVisit, SupervisionOrder, ThirdParty, Verification
from hexi.blocks.cases.operations import concerned, hearings, rating
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(at, owner):
    """林木采伐许可, accepted on Tuesday 24 November 2026."""
    found = make.make_case(make.make_item(), applicant=owner.account.person, by=owner)
    operations.accept(found, by=make.make_official(make.CLERK))
    return make.fresh(found)


def mark(day, kind="rest"):
    """Another kind of day from now on; the job that follows runs too."""
    calendars.set_day(Calendar.objects.order_by("pk").first(), day=day, kind=kind, name="临时", by=make.BY)
    drain()


def day(moment):
    return clock.local_day(moment).isoformat()


def test_who_may_ask_for_a_hearing_or_state_a_view_has_the_real_fifth_day(at, case, owner):
    examiner = make.make_official(make.EXAMINER)
    hearings.tell_hearing(case, by=examiner, opinion="影响邻居的院墙。")
    concerned.name_party(case, name="王秀英", why="院墙", by=examiner)
    operations.examine(case, by=examiner, opinion="符合。")
    mark(date(2026, 11, 27))
    assert (day(Hearing.objects.get().ask_until), day(ThirdParty.objects.get().until)) == ("2026-12-02",) * 2
    at("2026-12-02 10:00")
    with pytest.raises(ValidationError, match="还可以在 12月2日（周三） 前陈述意见"):
        operations.grant(case, by=make.make_official(make.HEAD), opinion="同意。")
    hearings.ask_hearing(case, by=owner)
    assert day(Hearing.objects.get().hold_until) == "2026-12-30"
    mark(date(2026, 12, 14))
    assert (day(Hearing.objects.get().hold_until), day(Hearing.objects.get().ask_until)) == ("2026-12-31", "2026-12-02")


def test_a_day_of_work_made_up_takes_nothing_away(at, case):
    hearings.tell_hearing(case, by=make.make_official(make.EXAMINER), opinion="影响邻居的院墙。")
    mark(date(2026, 11, 28), "work")
    assert day(Hearing.objects.get().ask_until) == "2026-12-01"


def test_what_was_told_to_be_the_last_day_to_supplement_comes_no_sooner(at, owner):
    case = make.make_case(make.make_item(), applicant=owner.account.person, by=owner)
    clerk = make.make_official(make.CLERK)
    operations.ask_correction(case, points={"spot": "请写明小班号"}, by=clerk)
    assert case.letters.get().facts["until"] == "2027年1月6日（该年放假安排尚未公布，可能变动）"
    mark(date(2026, 11, 28), "work")
    assert day(procedures.supplement_until(case)) == "2027-01-06"
    mark(date(2026, 11, 27))
    mark(date(2026, 11, 30))
    assert day(procedures.supplement_until(case)) == "2027-01-07"


def test_a_letter_that_named_no_last_day_lets_nothing_lapse(at, owner, client):
    case = make.make_case(make.make_item(), applicant=owner.account.person, by=owner)
    clerk = make.make_official(make.CLERK)
    operations.ask_correction(case, points={"spot": "请写明小班号"}, by=clerk)
    case.letters.update(facts={"points": {"spot": "请写明小班号"}})
    at("2027-03-01 10:00")
    with pytest.raises(ValidationError, match="没有写明补正的期限"):
        operations.lapse_correction(case, by=clerk, opinion="没有补正")
    client.force_login(clerk.account)
    lapse = reverse("cases.act", args=[case.number, "lapse_correction"])
    assert lapse not in client.get(reverse("cases.case", args=[case.number])).content.decode()
    client.force_login(owner.account)
    assert "请按告知书一次补齐" in client.get(reverse("cases.mine", args=[case.number])).content.decode()


def test_it_moves_once_is_logged_and_daily_mended(at, case):
    hearings.tell_hearing(case, by=make.make_official(make.EXAMINER), opinion="影响邻居的院墙。")
    told = Hearing.objects.get().ask_until
    mark(date(2026, 11, 27))
    moved = Entry.objects.filter(verb="cases.recount", kind="cases.hearing")
    assert [(one.facts["term"], one.facts["old"][:10]) for one in moved] == [("ask_until", "2026-12-01")]
    assert jobs.recount_daily() == 0
    Hearing.objects.update(ask_until=told)  # a step at the same moment
    assert terms.recount("62", clock.today(), why="x", by=make.BY) == 1
    Hearing.objects.update(ask_until=told)
    assert terms.recount("61", clock.today(), why="x", by=make.BY) == 0
    case.refresh_from_db()
    operations.withdraw(case, reason="不办了", by=people.acting(case.applicant.account))
    assert terms.recount("62", clock.today(), why="x", by=make.BY) == 0


def test_officers_are_named_a_day_later(at, body):
    works = make.make_item("construction-permit")
    visited = make.make_case(works, applicant=body, answers={})
    operations.accept(visited, by=make.make_official(make.CLERK, works))
    assert day(SiteVisit.objects.get().assign_until) == "2026-12-01"
    mark(date(2026, 11, 27))
    assert day(SiteVisit.objects.get().assign_until) == "2026-12-02"


def test_orders_of_a_bad_rating_follow_the_calendar_both_ways_and_the_old_due_is_kept(at, case, owner):
    operations.withdraw(case, reason="不办了", by=owner)
    bad = rating.rate(make.fresh(case), level=1, by=owner)
    assert (day(bad.contact_due), day(bad.mend_due)) == ("2026-11-25", "2026-12-15")
    mark(date(2026, 11, 25))
    bad.refresh_from_db()
    assert (day(bad.contact_due), day(bad.mend_due)) == ("2026-11-26", "2026-12-16")
    moved = Entry.objects.filter(verb="cases.recount", kind="cases.rating").order_by("pk")
    assert [(one.facts["term"], one.facts["old"][:10]) for one in moved] == [
        ("contact_due", "2026-11-25"), ("mend_due", "2026-12-15"),
    ]  # fmt: skip
    mark(date(2026, 11, 28), "work")
    assert (jobs.recount_daily(), day(Rating.objects.get().mend_due)) == (0, "2026-12-15")
    rating.contact(bad, said="打过电话", by=make.make_official(make.HEAD))
    mark(date(2026, 11, 26))
    bad.refresh_from_db()
    assert (day(bad.contact_due), day(bad.mend_due)) == ("2026-11-26", "2026-12-16")  # the contact is made


def test_the_days_to_mend_run_from_where_the_supervisor_sent_it_back(at, case, owner):
    operations.withdraw(case, reason="不办了", by=owner)
    bad, head = rating.rate(make.fresh(case), level=1, by=owner), make.make_official(make.HEAD)
    rating.contact(bad, said="打过电话", by=head)
    rating.answer_rating(bad, reply="已整改", by=head)
    at("2026-12-01 10:00")
    rating.rate_again(bad, level=2, by=owner)
    rating.rule(bad, annul=False, ruling="没有改好", by=make.make_official(make.SUPERVISOR))
    assert day(Rating.objects.get().mend_due) == "2026-12-22"
    mark(date(2026, 12, 4))
    assert day(Rating.objects.get().mend_due) == "2026-12-23"


def test_what_was_sent_back_in_the_midst_of_a_sweep_keeps_its_new_days(at, case, owner, monkeypatch):
    operations.withdraw(case, reason="不办了", by=owner)
    bad, head = rating.rate(make.fresh(case), level=1, by=owner), make.make_official(make.HEAD)
    rating.contact(bad, said="打过电话", by=head)
    rating.answer_rating(bad, reply="已整改", by=head)
    at("2026-12-01 10:00")
    rating.rate_again(bad, level=2, by=owner)
    calendars.set_day(
        Calendar.objects.order_by("pk").first(), day=date(2026, 12, 4), kind="rest", name="临时", by=make.BY
    )
    plain = terms.locked

    def ruled_first(held):
        monkeypatch.setattr(terms, "locked", plain)
        rating.rule(bad, annul=False, ruling="没有改好", by=make.make_official(make.SUPERVISOR))
        return plain(held)

    monkeypatch.setattr(terms, "locked", ruled_first)
    drain()
    assert day(Rating.objects.get().mend_due) == "2026-12-23"


def test_a_supervision_order_follows_the_calendar_until_it_is_answered(at, case):
    order = supervision.issue(case, by=make.make_official(make.SUPERVISOR), reason="为什么慢", days=2)
    assert day(order.due) == "2026-11-26"
    mark(date(2026, 11, 25))
    order.refresh_from_db()
    assert (day(order.due), order.days) == ("2026-11-27", 2)
    moved = Entry.objects.get(verb="cases.recount", kind="cases.supervisionorder")
    assert (moved.facts["old"][:10], moved.facts["new"][:10]) == ("2026-11-26", "2026-11-27")
    mark(date(2026, 11, 25), "work")
    order.refresh_from_db()
    assert day(order.due) == "2026-11-26"
    supervision.answer(order, by=make.make_official(make.HEAD), text="12 月 1 日办结")
    mark(date(2026, 11, 26))
    order.refresh_from_db()
    assert day(order.due) == "2026-11-26"


def test_an_order_follows_the_calendar_of_its_own_office_wherever_the_case_goes(at, case):
    order = supervision.issue(case, by=make.make_official(make.SUPERVISOR), reason="为什么慢", days=2)
    there, here = make_calendar(), make_calendar(order.region_code, "玉门市")
    Case.objects.filter(pk=case.pk).update(region_code=there.region_code)
    for calendar, until in ((there, "2026-11-26"), (here, "2026-11-27")):
        calendars.set_day(calendar, day=date(2026, 11, 25), kind="rest", name="临时", by=make.BY)
        drain()
        order.refresh_from_db()
        assert day(order.due) == until


def test_an_order_of_before_its_days_were_kept_stays_as_it_is(at, case):
    order = supervision.issue(case, by=make.make_official(make.SUPERVISOR), reason="为什么慢", days=2)
    SupervisionOrder.objects.update(days=None)
    mark(date(2026, 11, 25))
    order.refresh_from_db()
    assert day(order.due) == "2026-11-26"


def test_a_pledge_is_checked_and_put_right_a_day_later_though_its_case_is_closed(at, owner, body):
    regions.make_divisions()
    item = make.make_item("business-scope-change")
    answers = make_items.answers_of(definition(item.version).national, regions.SHIHEZI)
    case = make.make_case(item, applicant=body, by=owner, answers=answers)
    operations.pledge(case, by=owner)
    drain()
    assert (make.fresh(case).state, day(case.verification.due)) == (State.CLOSED, "2026-12-22")
    mark(date(2026, 11, 27))
    assert day(Verification.objects.get().due) == "2026-12-23"
    at("2026-12-01 10:00")
    operations.order_to_rectify(case.verification, finding="没有决议", by=make.make_official(make.EXAMINER, item))
    mark(date(2026, 12, 3))
    check = Verification.objects.get()
    assert (day(check.rectify_due), day(check.due), check.state) == ("2026-12-16", "2026-12-23", "rectifying")
