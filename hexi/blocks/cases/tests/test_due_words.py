"""What people are told of due dates: no acceptance by silence where no law gives it, and years not yet announced."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from hexi.blocks.calendars import operations as calendars
from hexi.blocks.calendars.models import Calendar
from hexi.blocks.cases import api, deadlines, letters, operations, queries, states
from hexi.blocks.cases.models import Case, Clock
from hexi.blocks.cases.pages import applicant, moves, words
from hexi.blocks.cases.tests import make
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people

pytestmark = pytest.mark.django_db
DEEMED, WARNED = "视为受理", "该年放假安排尚未公布"
#: an examination of twenty working days from here ends in January, a promise of one in December
DECEMBER = "2026-12-22 10:00"


def applied(key, client):
    """A case of somebody signed in, and what his pages say."""
    account = people.make_citizen()
    client.force_login(account)
    case = make.make_case(make.make_item(key), answers={}, applicant=account.person, by=people.acting(account))
    pages = [client.get(reverse(name, args=[case.number])).content.decode() for name in ("cases.sent", "cases.mine")]
    return case, account, pages


def test_silence_accepts_a_permit_and_everybody_says_so(at, client):
    case, _account, (sent, mine) = applied("tree-felling", client)
    told = Notice.objects.get(about_ref=str(case.pk))
    assert (told.key, DEEMED in told.body_zh) == ("cases.submitted", True)
    assert DEEMED in sent
    assert f"逾期没有告知，{DEEMED}" in mine


def test_where_another_law_rules_nobody_promises_acceptance_by_silence(at, client):
    case, _account, (sent, mine) = applied("info-disclosure", client)
    told = Notice.objects.get(about_ref=str(case.pk))
    assert (told.key, told.body_zh) == (
        "cases.received",
        f"办件编号 {case.number}。最晚 12月3日（周四） 23:59 告知您是否受理。",
    )
    assert "accepted" in told.body_en
    assert "counts as accepted" not in told.body_en
    assert (DEEMED in sent, DEEMED in mine) == (False, False)
    assert "最晚 12月3日（周四） 告知您是否受理。" in sent
    assert "最晚 12月3日（周四） 告知是否受理。" in mine
    assert "告知是否受理（7 个工作日）" in mine


@pytest.fixture
def late(at):
    """A case accepted in late December: its legal limit ends in a year whose holidays nobody has announced."""
    item = make.make_item()
    at(DECEMBER)
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.accept(case, by=make.make_official(make.CLERK, item))
    case = make.fresh(case)
    # the promise is kept short; what waits is the legal limit
    case.clocks.filter(kind=Clock.Kind.PROMISED).delete()
    case.next_due = deadlines.soonest(case)
    case.save(update_fields=["next_due"])
    case.tasks.update(due=case.next_due)
    return case, villager


def test_letters_and_notices_say_that_the_year_is_not_announced(late):
    case, villager = late
    legal = case.clocks.get(kind="legal")
    assert (legal.due.year, legal.uncertain) == (2027, True)
    assert letters._facts(case, {})["due"].endswith("（该年放假安排尚未公布，可能变动）")
    case.clocks.filter(kind="legal").update(kind="promised")
    Notice.objects.all().delete()
    from hexi.blocks.cases import telling

    telling.accepted(case, make.BY)
    told = Notice.objects.get()
    assert (WARNED in told.body_zh, "holidays" in told.body_en) == (True, True)


def test_every_list_and_page_says_it(late, client):
    case, villager = late
    client.force_login(villager.account)
    short = "放假安排未公布"
    assert WARNED in client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert WARNED in applicant.next_words(make.fresh(case))
    assert short in client.get("/").content.decode()
    client.force_login(make.make_official(make.EXAMINER).account)
    for page in ("cases.inbox", "cases.cases", "workbench.home"):
        assert short in client.get(reverse(page)).content.decode(), page
    client.force_login(make.make_official(make.SUPERVISOR).account)
    assert short in client.get(f"{reverse('cases.lit')}?view=normal").content.decode()


def test_the_api_says_it(late):
    case, _villager = late
    full = api.case_full(queries.permit(case.number))
    assert full["next_due_uncertain"] is True
    assert {one["kind"]: one["uncertain"] for one in full["clocks"]} == {"notice": False, "legal": True}


def test_a_due_in_a_year_that_is_announced_says_nothing(at):
    case = make.make_case(make.make_item())
    row = queries.with_uncertainty(Case.objects.all()).get()
    assert row.uncertain is False
    assert words.due_words(row.next_due, uncertain=row.uncertain) == "12月1日（周二）（还有 7 天）"
    assert WARNED not in applicant.next_words(case)


def test_how_a_due_date_moved_stands_under_the_clocks(at, client):
    villager = make.make_citizen()
    case = make.make_case(make.make_item(), applicant=villager.account.person, by=villager)
    client.force_login(villager.account)
    page = reverse("cases.mine", args=[case.number])
    assert "期限变动" not in client.get(page).content.decode()
    calendars.set_day(Calendar.objects.get(), day=date(2026, 11, 30), kind="rest", name="临时放假", by=make.BY)
    operations.recount_open("", date(2026, 11, 24), why="calendar changed", by=make.BY)
    shown = client.get(page).content.decode()
    assert "期限变动（1 次）" in shown
    assert "12月1日（周二） → 12月2日（周三）" in shown
    assert "工作日历有调整" in shown
    client.force_login(make.make_official(make.CLERK).account)
    assert "期限变动（1 次）" in client.get(reverse("cases.case", args=[case.number])).content.decode()
    (change,) = api.case_full(queries.permit(case.number))["due_changes"]
    assert (change["kind"], change["why"], change["old"] < change["new"]) == ("notice", "工作日历有调整", True)


def test_a_pause_is_said_to_stop_the_clock(at):
    case = make.make_case(make.make_item())
    operations.accept(case, by=make.make_official(make.CLERK))
    examiner = make.make_official(make.EXAMINER)
    operations.pause(make.fresh(case), procedure="expert_review", planned_days=5, by=examiner, opinion="古树")
    rows = {str(row["clock"]): row for row in moves.rows(make.fresh(case))}
    assert rows["法定期限"]["new"] == "计时暂停"
    assert rows["法定期限"]["why"] == "特别程序期间不计算"
    with translation.override("en"):
        assert moves.rows(make.fresh(case))[0]["new"] == "Clock stopped"


def test_what_the_law_renewed_says_so_where_its_due_moved():
    assert states.moved_because("renewed by law") == "依法视为准予延续"
