"""Supervision: lights, orders, the cases behind a figure, time and reasons; who sees what."""

import random
import re
from datetime import date, datetime, timedelta
from html import unescape
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import deadlines, facts, jobs, operations, queries, supervision, watching
from hexi.blocks.cases.models import Case, SupervisionOrder, Task
from hexi.blocks.cases.operations import hearings
from hexi.blocks.cases.pages import spent
from hexi.blocks.cases.pages import supervision as pages
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.documents.operations import raise_level
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.indicators import queries as indicators
from hexi.blocks.indicators.counted import Slice, sources
from hexi.blocks.indicators.operations import ALWAYS
from hexi.blocks.notices.models import Notice
from hexi.blocks.parcels import operations as parcels
from hexi.blocks.parcels.codes import code_of
from hexi.blocks.parcels.queries import live
from hexi.blocks.people.actors import Grant, Official
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied, Scope
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db
REASON = "已经超期，请说明。"


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


@pytest.fixture
def supervisor(item):
    return make.make_official(make.SUPERVISOR)


def signed_in(client, actor):
    client.force_login(actor.account)
    return client


# --- lights ---
def lights():
    return sorted(watching.lit(Case.objects.all()).values_list("light", flat=True))


def test_green_then_yellow_on_the_last_day_then_red(at, item):
    make.make_case(item)  # notice: due 2026-12-01
    for moment, light in (
        ("2026-11-30 09:00", "normal"),
        ("2026-12-01 09:00", "near"),
        ("2026-12-02 09:00", "overdue"),
    ):
        at(moment)
        assert lights() == [light], moment


def test_a_hearing_stops_the_light(at, item):
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.accept(case, by=make.make_official(make.CLERK))
    hearings.tell_hearing(make.fresh(case), by=make.make_official(make.EXAMINER), opinion="影响邻居")
    hearings.ask_hearing(make.fresh(case), by=villager)
    at("2026-12-14 10:00")
    assert lights() == ["paused"]


def test_the_board_counts_each_light_and_opens_its_list(at, item, supervisor, client):
    for _ in range(2):
        make.make_case(item)
    at("2026-12-02 09:00")
    make.make_case(item)
    shown = signed_in(client, supervisor).get("/work/supervision/")
    numbers = re.findall(r'<p class="figure-number">.*?(\d+)<span', shown.text, re.DOTALL)
    assert numbers == ["2", "0", "1", "0"]
    hrefs = [unescape(one) for one in re.findall(r'<td class="num"><a href="(.*?)"', shown.text)]
    assert len(hrefs) == 2
    assert "共 2 件" in client.get(hrefs[0]).text
    assert "共 1 件" in client.get(hrefs[1]).text


# --- orders ---
def test_an_order_is_numbered_told_answered_and_closed(at, item, supervisor):
    case = make.make_case(item)
    head = make.make_official(make.HEAD)
    at("2026-12-04 10:00")
    order = supervision.issue(case, by=supervisor, reason=REASON, days=3)
    assert (order.number, order.state, order.light) == ("督办620981〔2026〕0001号", "issued", "overdue")
    assert clock.local_day(order.due) == date(2026, 12, 9)
    told = Notice.objects.get(key="cases.order_issued")
    assert (told.account, told.link) == (head.account, f"/work/supervision/orders/{order.pk}/")
    supervision.answer(order, by=head, text="材料已补齐，12 月 8 日办结。")
    assert (order.state, order.late) == ("answered", False)
    assert Notice.objects.get(key="cases.order_answered").account == supervisor.account
    supervision.close(order, by=supervisor, conclusion="已办结。")
    assert order.state == "closed"
    verbs = Entry.objects.filter(verb__startswith="cases.order_").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["cases.order_issue", "cases.order_answer", "cases.order_close"]


def test_a_repeated_order_follows_the_first(at, item, supervisor):
    order = supervision.issue(make.make_case(item), by=supervisor, reason=REASON)
    supervision.answer(order, by=make.make_official(make.HEAD), text="正在办。")
    again = supervision.repeat(order, by=supervisor, reason="没有写明日期，请再答复。", days=1)
    order.refresh_from_db()
    assert (order.state, again.state, again.repeats) == ("repeated", "issued", order)
    assert again.number == "督办620981〔2026〕0002号"


def test_an_answer_after_its_time_is_late(at, item, supervisor):
    order = supervision.issue(make.make_case(item), by=supervisor, reason=REASON, days=1)
    at("2026-11-26 09:00")
    assert order.late
    supervision.answer(order, by=make.make_official(make.HEAD), text="晚了。")
    at("2026-11-25 09:00")
    assert order.late


@pytest.mark.parametrize(("reason", "days", "field"), [(" ", 3, "reason"), (REASON, 0, "days"), (REASON, 31, "days")])
def test_an_order_needs_reason_and_term(item, supervisor, reason, days, field):
    case = make.make_case(item)
    with pytest.raises(ValidationError) as refused:
        supervision.issue(case, by=supervisor, reason=reason, days=days)
    assert list(refused.value.message_dict) == [field]
    assert SupervisionOrder.objects.count() == 0


def test_what_was_refused_takes_no_number(item, supervisor):
    case = make.make_case(item)
    with pytest.raises(ValidationError):
        supervision.issue(case, by=supervisor, reason="", days=3)
    order = supervision.issue(case, by=supervisor, reason=REASON)
    with pytest.raises(ValidationError, match=order.number):
        supervision.issue(case, by=supervisor, reason=REASON)
    supervision.close(order, by=supervisor, conclusion="好")
    assert supervision.issue(case, by=supervisor, reason=REASON).number.endswith("0002号")


def test_rights_of_orders(item, supervisor):
    case, head = make.make_case(item), make.make_official(make.HEAD)
    other = people.acting(people.make_official("head", department=people.make_department("other")))
    for actor in (head, make.make_official(make.CLERK), make.make_citizen(), other):
        with pytest.raises(Denied):
            supervision.issue(case, by=actor, reason=REASON)
    order = supervision.issue(case, by=supervisor, reason=REASON)
    for actor in (supervisor, make.make_official(make.CLERK), other, make.make_citizen()):
        with pytest.raises(Denied):
            supervision.answer(order, by=actor, text="好")
        if actor is not supervisor:
            with pytest.raises(Denied):
                supervision.close(order, by=actor, conclusion="好")
    assert [watching.orders(one).count() for one in (supervisor, head, other, make.make_citizen())] == [1, 1, 0, 0]


def test_an_ended_case_takes_no_order(item, supervisor):
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.withdraw(case, reason="不办了", by=villager)
    with pytest.raises(ValidationError, match="已经结束"):
        supervision.issue(case, by=supervisor, reason=REASON)


def test_an_order_in_the_browser(at, item, supervisor, client):
    case, head = make.make_case(item), make.make_official(make.HEAD)
    signed_in(client, supervisor)
    issue = f"/work/supervision/issue/{case.number}/"
    assert issue in client.get(f"/work/cases/{case.number}/").text
    assert client.post(issue, {"reason": "", "days": 3}).status_code == 422
    response = client.post(issue, {"reason": REASON, "days": 3})
    order = SupervisionOrder.objects.get()
    page = f"/work/supervision/orders/{order.pk}/"
    assert response.url == page
    assert order.number in client.get(f"/work/cases/{case.number}/").text
    assert "提交答复" not in client.get(page).text
    signed_in(client, head)
    assert "有 1 张督办单等您的部门答复" in client.get("/work/").text
    assert order.number in client.get("/work/supervision/orders/").text
    refused = client.post(page + "answer/", {"text": " "})
    assert (refused.status_code, "请写明原因和办结的日期" in refused.text) == (422, True)
    assert client.post(page + "answer/", {"text": "明天办结。"}).url == page
    signed_in(client, supervisor)
    assert client.post(page + "repeat/", {"text": "明天没有办结。"}).url == f"/work/supervision/orders/{order.pk + 1}/"
    assert client.post(f"/work/supervision/orders/{order.pk + 1}/close/", {"text": "办结。"}).status_code == 302
    assert list(SupervisionOrder.objects.order_by("pk").values_list("state", flat=True)) == ["repeated", "closed"]
    signed_in(client, make.make_citizen())
    assert client.get(page).status_code == 404


# --- figures ---
def lived(at, item):
    """Five cases: one left, one accepted by law, one withdrawn after acceptance, one refused, one granted late."""
    clerk, examiner, head = (make.make_official(role) for role in (make.CLERK, make.EXAMINER, make.HEAD))
    villager = make.make_citizen()
    cases = [make.make_case(item, applicant=villager.account.person, by=villager) for _ in range(5)]
    for case in cases[2:]:
        operations.accept(case, by=clerk)
    operations.withdraw(make.fresh(cases[2]), reason="不办了", by=villager)
    for case in cases[3:]:
        operations.examine(make.fresh(case), by=examiner, opinion="可以")
    operations.refuse(make.fresh(cases[3]), by=head, opinion="不符合条件")
    at("2026-12-02 10:00")
    operations.accept_deemed(cases[1], by=make.BY)
    operations.grant(make.fresh(cases[4]), by=head)
    drain()
    return cases


ALL = Slice(date(2026, 1, 1), date(2026, 12, 31))


def test_every_figure_equals_its_list_and_its_proof(at, item):
    lived(at, item)
    kept = indicators.totals(ALL, facts.TITLES)
    assert {key.removeprefix("cases."): amount for key, amount in kept.items()} == {
        "received": 5, "accepted": 4, "deemed": 1, "granted": 1, "refused": 1, "ended": 3, "finished": 3, "in_time": 1,
        "late": 1, "days_used": 6, "paperless": 2,
    }  # fmt: skip
    for name, fact in facts.FACTS.items():
        if fact.listed:
            assert facts.behind([name], ALL).count() == kept.get(f"cases.{name}", 0), name
    assert indicators.differences(sources()["cases.received"], ALL.first, ALL.last) == []
    assert facts.behind(["granted", "refused"], ALL).count() == 2


def test_visits_are_counted_at_the_end(at, item):
    clerk, examiner, head = (make.make_official(role) for role in (make.CLERK, make.EXAMINER, make.HEAD))
    case = make.make_case(item, channel=facts.WINDOW, delivery="window")
    operations.accept(case, by=clerk)
    operations.examine(make.fresh(case), by=examiner, opinion="可以")
    operations.grant(make.fresh(case), by=head)
    drain()
    parcel = live(make.fresh(case))
    parcels.hand(parcel, code=code_of(parcel), by=clerk)
    assert indicators.totals(ALL, ["cases.visits", "cases.paperless"]) == {"cases.visits": 2}
    assert indicators.differences(sources()["cases.received"], ALL.first, ALL.last) == []


def test_the_list_behind_a_figure_is_as_long_as_the_figure_and_keeps_to_rights(at, item, supervisor, client):
    lived(at, item)
    page = "/work/figures/accepted/?from=2026-01-01&to=2026-12-31"
    shown = signed_in(client, supervisor).get(page).text
    assert ("数的就是这 4 件" in shown, "共 4 件" in shown) == (True, True)
    clerk = people.acting(people.make_official("clerk", department=people.make_department("other")))
    shown = signed_in(client, clerk).get(page).text
    assert ("这个数字共 4 件，您的岗位可以查看其中 0 件" in shown, "石建国" in shown) == (True, False)
    assert client.get("/work/figures/nonsense/").status_code == 404


def test_a_sum_over_cases_and_a_rate_open_the_cases_they_are_made_of(at, item, supervisor, client):
    lived(at, item)
    days = pages.behind_address(("cases.days_used",), ALL)
    assert days == "/work/figures/days_used/?from=2026-01-01&to=2026-12-31&region="
    assert "这个数字由 2 件算出" in signed_in(client, supervisor).get(days).text
    assert facts.behind(["visits"], ALL).count() == 0
    rate = pages.behind_address(("cases.in_time", "cases.late"), ALL)
    assert "这个数字由 2 件算出" in client.get(rate).text
    table = client.get("/work/indicators/cases.on_time/?from=2026-01-01&to=2026-12-31&region=620900000000").text
    assert "/work/figures/in_time+late/?from=2026-01-01" in unescape(table)


def test_the_line_of_a_region_itself_opens_its_own_cases(at, item, supervisor, client):
    lived(at, item)
    table = signed_in(client, supervisor).get(
        f"/work/indicators/cases.accepted/?from=2026-01-01&to=2026-12-31&region={make.YUMEN}"
    ).text  # fmt: skip
    own = f"/work/figures/accepted/?from=2026-01-01&to=2026-12-31&region={make.YUMEN}&own=1"
    assert own in unescape(table)
    assert "数的就是这 4 件" in client.get(own).text
    assert facts.behind(["accepted"], ALL.but(region=make.YUMEN, own=True)).count() == 4
    assert facts.behind(["accepted"], ALL.but(region="620900000000", own=True)).count() == 0


def test_the_list_keeps_to_region_department_item_and_days(at, item):
    lived(at, item)
    assert facts.behind(["received"], ALL.but(region=make.YUMEN, dimension=item.key)).count() == 5
    assert facts.behind(["received"], ALL.but(department=item.department_id)).count() == 5
    assert facts.behind(["received"], ALL.but(region="620982000000")).count() == 0
    assert facts.behind(["received"], ALL.but(dimension="other")).count() == 0
    assert facts.behind(["deemed"], ALL.but(last=date(2026, 12, 1))).count() == 0


# --- time and reasons ---
def test_median_and_ninetieth_percentile_in_working_days(at, item):
    case = make.make_case(item)
    opened = datetime(2026, 11, 27, 9, tzinfo=clock.CHINA)  # a Friday
    Task.objects.all().delete()
    for days in (0, 3, 3, 4, 5, 6, 7, 10, 11, 12):  # calendar days; 0, 1, 1, 2, 3, 4, 5, 6, 7, 8 working days
        Task.objects.create(
            case=case, stage="examine", verb="cases.examine", department=item.department, region_code=case.region_code,
            opened_at=opened, done_at=opened + timedelta(days), done_by="account:1",
        )  # fmt: skip
    actor = make.make_official(make.SUPERVISOR)
    took = watching.times(watching.done(ALL, actor), ("stage",))
    assert took == [watching.Took(("examine",), 10, 3.5, 7)]


def test_a_pause_does_not_count_for_a_step(at, item):
    clerk, examiner = make.make_official(make.CLERK), make.make_official(make.EXAMINER)
    case = make.make_case(item)
    operations.accept(case, by=clerk)
    at("2026-11-25 10:00")
    operations.pause(make.fresh(case), procedure="testing", planned_days=5, by=examiner, opinion="送检")
    at("2026-12-07 10:00")
    operations.resume(make.fresh(case), by=examiner, opinion="合格")
    at("2026-12-08 10:00")
    operations.examine(make.fresh(case), by=examiner, opinion="可以")
    took = watching.times(watching.done(ALL, make.make_official(make.SUPERVISOR)), ("stage",))
    assert took == [watching.Took(("accept",), 1, 0.0, 0), watching.Took(("examine",), 1, 2.0, 2)]


def test_time_page_names_officers_and_opens_the_steps(at, item, supervisor, client):
    lived(at, item)
    shown = signed_in(client, supervisor).get("/work/supervision/time/?from=2026-01-01&to=2026-12-31")
    hrefs = [unescape(one) for one in re.findall(r'<td class="num"><a href="(.*?)">(?:\d+)</a>', shown.text)]
    numbers = re.findall(r'<td class="num"><a href=".*?">(\d+)</a>', shown.text)
    assert len(hrefs) >= 6
    for href, number in zip(hrefs, numbers, strict=True):
        assert f"共 {number} 件" in client.get(href).text
    sheet = load_workbook(BytesIO(client.get("/work/supervision/time/?export=xlsx").content)).active
    assert [cell.value for cell in next(sheet.rows)][:3] == ["环节", "经办人", "次数"]
    other = people.acting(people.make_official("head", department=people.make_department("other")))
    assert "没有办完的环节" in signed_in(client, other).get("/work/supervision/time/").text


def test_the_steps_behind_a_figure_are_those_of_cases_one_may_see(at, item, client):
    lived(at, item)
    region, office = Scope(None, item.region_code.rstrip("0")), Scope(item.department_id + 1, "")
    grants = [Grant("statistics.view", region, 0), Grant("cases.view", office, 0)]
    actor = Official(people.make_account(), grants=grants)
    request = RequestFactory().get("/?from=2026-01-01&to=2026-12-31")
    request.actor = actor
    assert watching.done(ALL, actor).count() > 0
    assert list(spent.steps(request)) == []
    request.actor = Official(actor.account, grants=[*grants, Grant("cases.view", region, 0)])
    assert spent.steps(request).count() == watching.done(ALL, request.actor).count()


def test_reasons_by_material_and_ready_reason(at, item, supervisor, client):
    clerk, examiner, head = (make.make_official(role) for role in (make.CLERK, make.EXAMINER, make.HEAD))
    for points in ({"spot": "写明小班"}, {"spot": "写明小班", "area": "写亩数"}):
        operations.ask_correction(make.make_case(item), points=points, by=clerk)
    rules = operations.deciding.definition(item.version)
    ready = next(reason.text.zh for one in rules.national.decisions for reason in one.reasons)
    for opinion in (ready, "只此一件的原因"):
        case = make.make_case(item)
        operations.accept(case, by=clerk)
        operations.examine(make.fresh(case), by=examiner, opinion="不行")
        operations.refuse(make.fresh(case), by=head, opinion=opinion)
    found = [(one.kind, one.text, len(one.cases)) for one in watching.reasons(ALL, supervisor)]
    spot, area = rules.points["spot"].zh, rules.points["area"].zh
    assert found[0] == ("correction", spot, 2)
    assert sorted(found[1:]) == sorted([("correction", area, 1), ("refused", ready, 1), ("refused", "", 1)])
    shown = signed_in(client, supervisor).get("/work/supervision/reasons/?from=2026-01-01&to=2026-12-31")
    for href, number in re.findall(r'<td class="num"><a href="(.*?)">(\d+)</a>', shown.text):
        assert f"共 {number} 件" in client.get(unescape(href)).text
    other = people.acting(people.make_official("head", department=people.make_department("other")))
    assert watching.reasons(ALL, other) == []
    with CaptureQueriesContext(connection) as asked:
        assert len(watching.reasons(ALL, supervisor)) == len(found)
    # the text of the item, parsed already, is not read again with each letter
    assert [one["sql"] for one in asked if '"national"' in one["sql"]] == []


def test_completion_is_finished_of_accepted(at, item):
    lived(at, item)
    total = queries.figures("6209", ALL.first, ALL.last)
    assert (total.ended_rate, total.in_time_rate) == (75.0, 50.0)


def test_an_original_shown_after_the_end_is_a_visit_too(at, item):
    clerk, examiner, head = (make.make_official(role) for role in (make.CLERK, make.EXAMINER, make.HEAD))
    villager = make.make_citizen()
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    paper = documents.make_document(villager.account.person)
    paper.of_kind, paper.of_ref = "cases.case", str(case.pk)
    paper.save()
    operations.accept(case, by=clerk)
    operations.examine(make.fresh(case), by=examiner, opinion="可以")
    operations.grant(make.fresh(case), by=head)
    drain()
    assert indicators.totals(ALL, ["cases.visits", "cases.paperless"]) == {"cases.paperless": 1}
    raise_level(paper, by=clerk, source="窗口")
    assert indicators.totals(ALL, ["cases.visits", "cases.paperless"]) == {"cases.visits": 1, "cases.paperless": 0}
    assert indicators.differences(sources()["cases.received"], ALL.first, ALL.last) == []


def test_roll_up_equals_detail_after_a_random_history(at, item):
    chance = random.Random(20171)
    clerk, examiner, head = (make.make_official(role) for role in (make.CLERK, make.EXAMINER, make.HEAD))
    villager = make.make_citizen()
    steps = {
        State.SUBMITTED: (
            lambda case: operations.accept(case, by=clerk), lambda case: operations.accept(case, by=clerk),
            lambda case: operations.not_needed(case, by=clerk, opinion="不需要许可"),
            lambda case: operations.withdraw(case, reason="不办了", by=villager),
        ),
        State.EXAMINING: (lambda case: operations.examine(case, by=examiner, opinion="可以"),),
        State.DECIDING: (
            lambda case: operations.grant(case, by=head), lambda case: operations.refuse(case, by=head, opinion="不行"),
            lambda case: operations.terminate(case, by=head, opinion="灭失"),
            lambda case: operations.send_back(case, by=head, opinion="再看"),
        ),
    }  # fmt: skip
    for turn in range(60):
        at(f"2026-{11 + turn // 30:02d}-{1 + turn % 30:02d} 10:00")
        jobs.accept_by_law()
        if turn % 3 == 0:
            make.make_case(item, applicant=villager.account.person, by=villager)
        for case in Case.objects.filter(state__in=steps).order_by("pk"):
            if chance.random() < 0.4 and not deadlines.lapsed(case, clock.now()):
                chance.choice(steps[State(case.state)])(make.fresh(case))
        drain()
    kept = indicators.totals(ALL, facts.TITLES)
    assert kept["cases.received"] == 20
    assert min(kept[f"cases.{name}"] for name in ("accepted", "granted", "refused", "ended", "finished")) > 0
    assert indicators.differences(sources()["cases.received"], *ALWAYS) == []
    for name, fact in facts.FACTS.items():
        if fact.listed:
            assert facts.behind([name], ALL).count() == kept.get(f"cases.{name}", 0), name


@pytest.mark.parametrize("page", ["supervision/cases/?view=normal", "supervision/orders/", "supervision/",
                                  "figures/received/?from=2026-01-01&to=2026-12-31", "supervision/time/"])  # fmt: skip
def test_queries_do_not_grow_with_the_rows(at, item, supervisor, client, page):
    def asked():
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"/work/{page}").status_code == 200
        return len(found)

    signed_in(client, supervisor)
    supervision.issue(make.make_case(item), by=supervisor, reason=REASON)
    asked()
    one = asked()
    for _ in range(2):
        supervision.issue(make.make_case(item), by=supervisor, reason=REASON)
    assert asked() == one
