"""At the edges of the clocks: after day five, after the legal end, during a pause; and jobs that meet one bad case."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import deadlines, intake, jobs, operations, queries
from hexi.blocks.cases.intake import CASE, DRAFT
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests import make as files
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        ("accept", {}),
        ("give_back", {"opinion": "请更正"}),
        ("ask_correction", {"points": {"spot": "请写明"}}),
        ("not_needed", {"opinion": "不需要许可"}),
        ("reject", {"opinion": "不归本局管", "where_to": "瓜州县林业和草原局"}),
    ],
)
def test_after_day_five_the_window_has_no_say_even_if_the_job_is_late(at, action, facts):
    case, clerk = make.make_case(), make.make_official(make.CLERK)
    at("2026-12-02 00:01")
    with pytest.raises(ValidationError, match="视为受理"):
        getattr(operations, action)(case, by=clerk, **facts)
    assert jobs.accept_by_law() == 1
    case = make.fresh(case)
    assert (case.state, case.deemed, clock.local_day(case.accepted_at).isoformat()) == (
        State.EXAMINING, True, "2026-11-24",
    )  # fmt: skip


def test_on_the_last_minute_of_day_five_the_window_still_accepts(at):
    case = make.make_case()
    at("2026-12-01 23:59")
    operations.accept(case, by=make.make_official(make.CLERK))
    assert make.fresh(case).deemed is False


def test_what_is_over_its_legal_end_is_not_extended(at):
    case = make.make_case()
    operations.accept(case, by=make.make_official(make.CLERK))
    head = make.make_official(make.HEAD)
    at("2026-12-23 09:00")
    with pytest.raises(ValidationError, match="已过"):
        operations.extend(case, days=10, by=head, opinion="案情复杂")
    assert clock.local_day(case.clocks.get(kind="legal").due).isoformat() == "2026-12-22"


def test_a_withdrawal_ends_an_open_pause(at):
    villager = make.make_citizen()
    case = make.make_case(applicant=villager.account.person, by=villager)
    operations.accept(case, by=make.make_official(make.CLERK))
    examiner = make.make_official(make.EXAMINER)
    operations.pause(case, procedure="hearing", planned_days=5, by=examiner, opinion="听证")
    at("2026-11-26 10:00")
    operations.withdraw(case, reason="", by=villager)
    assert case.pauses.get().end == clock.now()
    assert not queries.cases_paused(queries.for_officials(examiner)).exists()


def test_the_days_used_leave_out_what_the_clock_leaves_out(at):
    case, examiner = make.make_case(), make.make_official(make.EXAMINER)
    operations.accept(case, by=make.make_official(make.CLERK))
    at("2026-11-26 09:00")
    operations.pause(case, procedure="expert_review", planned_days=2, by=examiner, opinion="请专家评审")
    at("2026-11-30 09:00")
    operations.resume(case, by=examiner, opinion="评审通过")
    at("2026-12-01 09:00")
    # 25 November, 30 November and 1 December count; 26 and 27 do not, 28 and 29 are a weekend
    assert deadlines.days_used(make.fresh(case), clock.now()) == 3


def test_one_case_that_fails_does_not_hold_up_the_law(at, monkeypatch):
    bad, good = make.make_case(), make.make_case()
    write = operations.accepting.letters.write

    def fail(case, *args, **facts):
        if case.pk == bad.pk:
            raise RuntimeError("no paper")
        return write(case, *args, **facts)

    monkeypatch.setattr(operations.accepting.letters, "write", fail)
    at("2026-12-02 00:01")
    assert jobs.accept_by_law() == 1
    assert [make.fresh(one).state for one in (bad, good)] == [State.SUBMITTED, State.EXAMINING]


def test_an_expired_file_does_not_stop_the_supplement(at):
    villager = make.make_citizen()
    person = villager.account.person
    case = make.make_case(applicant=person, by=villager)
    for seed, expires in ((1, None), (2, clock.today() + timedelta(1))):
        one = files.make_document(person, content=files.make_image(seed=seed), slot="map")
        Document.objects.filter(pk=one.pk).update(of_kind=CASE, of_ref=str(case.pk), expires=expires, place=seed)
    operations.ask_correction(case, points={"spot": "请写明"}, by=make.make_official(make.CLERK))
    at("2026-11-27 10:00")
    draft = intake.reopen(make.fresh(case), by=villager)
    assert [one.copied_from.place for one in papers.of_thing(DRAFT, str(draft.pk))] == [1]
    last = Entry.objects.filter(verb__in=("forms.start", "documents.attach", "cases.reopen"), ref__gt="")
    assert len({entry.partition for entry in last}) == 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "x"])
def test_statistics_of_an_impossible_day_are_those_of_today(at, client, day):
    make.make_calendar()
    page = client.get(reverse("cases.statistics"), {"to": day})
    last = re.search(r'name="to" value="([^"]*)"', page.content.decode())
    assert (page.status_code, last[1]) == (200, clock.today().isoformat())


def test_rows_and_revisions_that_nobody_was_shown(at, client):
    case = make.make_case()
    account = people.make_official(make.CLERK, department=case.department, region_code=case.region_code)
    client.force_login(account)
    assert client.post(reverse("cases.inbox"), {"action": "claim", "row": "x"}).status_code == 400
    act = reverse("cases.act", args=[case.number, "give_back"])
    assert client.post(act, {"give_back__opinion": "请更正", "revision": "9" * 6000}).status_code == 302


@pytest.mark.parametrize("figures", [20, 6000])
def test_figures_no_number_has_are_no_error(at, client, figures):
    case, figure = make.make_case(), "9" * figures
    assert client.get(reverse("cases.rating_results"), {"year": figure}).status_code == 200
    account = people.make_official(make.EXAMINER, department=case.department, region_code=case.region_code)
    client.force_login(account)
    assert client.get(reverse("cases.procedure", args=[case.number, f"view-{figure}"])).status_code == 404


def test_the_first_page_asks_for_number_and_last_four_though_nothing_was_received_yet(client):
    page = client.get("/").content.decode()
    (form,) = re.findall(rf'<form method="post" action="{reverse("cases.progress")}".*?</form>', page, re.S)
    assert re.findall(r'<input class="form-control.*?name="(\w+)"', form) == ["number", "last"]
    assert "办件公示" not in page


def test_who_only_knows_the_number_reads_no_reasons(at, client):
    case = make.make_case()
    operations.give_back(case, by=make.make_official(make.CLERK), opinion="小地名写错了")
    page = client.post(reverse("cases.progress"), {"number": case.number, "last": "1234"}).content.decode()
    assert (case.number in page, "预审退回" in page, "小地名写错了" in page) == (True, True, False)
