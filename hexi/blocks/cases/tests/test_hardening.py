"""Holes a hostile reviewer found: other people's numbers, claimed steps, limits of the item's own law, lost remedies."""

import re
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from hexi.blocks.cases import operations, queries
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Task
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
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

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def item():
    return make.make_item()


def to_decision(case):
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.examine(case, by=make.make_official(make.EXAMINER), opinion="符合采伐限额。")
    return make.fresh(case)


def day(moment):
    return clock.local_day(moment).isoformat()


@pytest.fixture
def bodies(monkeypatch):
    """The paragraphs of every letter that is printed, by its title; the real page is made as well."""
    from hexi.blocks.cases import letters

    printed, official = {}, letters.pdf.official

    def keep(**facts):
        printed[facts["title"]] = "\n".join(facts["body"])
        return official(**facts)

    monkeypatch.setattr(letters.pdf, "official", keep)
    return printed


# --- who ------------------------------------------------------------------------------------------------------------
def test_the_name_of_anothers_submission_gives_nothing_of_his_case(at, item):
    make.make_case(item, submission="draft:same")
    stranger = make.make_citizen()
    with pytest.raises(ValidationError, match="已经"):
        make.make_case(item, applicant=stranger.account.person, by=stranger, submission="draft:same")
    assert Case.objects.count() == 1


def test_a_person_does_not_apply_for_what_only_enterprises_may_have(at):
    item = make.make_item("business-scope-change")
    with pytest.raises(ValidationError, match="服务对象"):
        make.make_case(item, applicant=people.make_person())
    assert Case.objects.count() == 0


def test_what_has_ended_by_law_takes_no_draft_of_yesterday(at, item):
    rules = definition(item.version)
    until = rules.national.model_copy(update={"valid_to": clock.today(), "ending": rules.national.sentence})
    ended, _new = operations.publish(until, rules.local, by=make.BY)
    make.make_case(ended)
    at("2026-11-25 10:00")
    with pytest.raises(ValidationError, match="停止办理"):
        make.make_case(ended)


def test_a_claimed_step_is_its_holders_alone(at, item):
    case, task = make.make_case(item), Task.objects.get()
    holder, other, head = (make.make_official(role) for role in (make.CLERK, make.CLERK, make.HEAD))
    operations.claim(task, by=holder)
    with pytest.raises(ValidationError, match="领取"):
        operations.accept(case, by=other)
    assert make.fresh(case).state == State.SUBMITTED
    # the head takes it from one who fell ill, and the other goes on
    operations.release(task, by=head)
    operations.accept(case, by=other)
    assert make.fresh(case).state == State.EXAMINING


def test_a_claim_does_not_hinder_the_head_nor_the_law(at, item):
    case = make.make_case(item)
    operations.accept(case, by=make.make_official(make.CLERK))
    operations.claim(Task.objects.get(done_at=None), by=make.make_official(make.EXAMINER))
    operations.extend(case, days=5, by=make.make_official(make.HEAD), opinion="案情复杂")
    late = make.make_case(item)
    operations.claim(late.tasks.get(), by=make.make_official(make.CLERK))
    at("2026-12-02 00:01")
    assert operations.accept_deemed(late, by=make.BY) is True


def test_a_bulk_claim_takes_what_is_free_and_says_what_is_not(at, item, client):
    first, second = make.make_case(item), make.make_case(item)
    operations.claim(first.tasks.get(), by=make.make_official(make.CLERK))
    account = people.make_official(make.CLERK, department=item.department, region_code=item.region_code)
    client.force_login(account)
    rows = [case.tasks.get().pk for case in (first, second)]
    page = client.post(reverse("cases.inbox"), {"action": "claim", "row": rows}, follow=True).content.decode()
    assert second.tasks.get().claimed_by == account
    assert first.tasks.get().claimed_by != account
    assert "已领取 1 件" in page
    assert "1 件没有领取" in page


def test_a_bulk_release_of_anothers_tasks_takes_nothing_from_him(at, item, client):
    case, holder = make.make_case(item), make.make_official(make.CLERK)
    operations.claim(case.tasks.get(), by=holder)
    client.force_login(people.make_official(make.CLERK, department=item.department, region_code=item.region_code))
    page = client.post(reverse("cases.inbox"), {"action": "release", "row": [case.tasks.get().pk]}, follow=True)
    assert case.tasks.get().claimed_by_id == holder.account_id
    assert (page.status_code, "1 件没有放回" in page.content.decode()) == (200, True)


# --- the law of the item ----------------------------------------------------------------------------------------------
def test_an_extension_is_no_longer_than_the_items_own_law_allows(at):
    item = make.make_item("food-permit")
    assert definition(item.version).extension.amount == 5
    case = make.make_case(item, applicant=people.make_enterprise(), answers={})
    operations.accept(case, by=make.make_official(make.CLERK, item))
    head = make.make_official(make.HEAD, item)
    with pytest.raises(ValidationError, match="1 到 5"):
        operations.extend(case, days=6, by=head, opinion="案情复杂")
    operations.extend(case, days=5, by=head, opinion="案情复杂")


def test_what_knows_no_extension_is_not_extended(at):
    item = make.make_item("senior-card")
    case = make.make_case(item, answers={})
    operations.accept(case, by=make.make_official(make.CLERK, item))
    due = case.clocks.get(kind="legal").due
    with pytest.raises(ValidationError, match="没有规定"):
        operations.extend(case, days=1, by=make.make_official(make.HEAD, item), opinion="忙")
    assert case.clocks.get(kind="legal").due == due


def test_only_a_procedure_the_law_knows_stops_the_clocks(at):
    card = make.make_item("senior-card")
    case = make.make_case(card, answers={})
    operations.accept(case, by=make.make_official(make.CLERK, card))
    with pytest.raises(ValidationError, match="特别程序"):
        operations.pause(
            case, procedure="auction", planned_days=5, by=make.make_official(make.EXAMINER, card), opinion="忙"
        )
    assert make.fresh(case).next_due is not None


def test_a_procedure_of_the_items_own_law_stops_the_clocks(at, bodies):
    card = make.make_item("disability-card")
    case = make.make_case(card, answers={})
    operations.accept(case, by=make.make_official(make.CLERK, card))
    with translation.override("en"):
        operations.pause(
            case, procedure="publication", planned_days=5, by=make.make_official(make.EXAMINER, card), opinion="公示"
        )
    assert {one.due for one in case.clocks.filter(stopped_at=None).exclude(kind="special")} == {None}
    title = next(one.title for one in definition(card.version).national.special_procedures if one.kind == "publication")
    assert title.zh in bodies["特别程序告知书"]


def test_delivery_runs_by_the_items_own_limit(at, item):
    rules = definition(item.version)
    quick = rules.national.model_copy(
        update={"delivery_limit": rules.national.legal_limit.model_copy(update={"amount": 3})}
    )
    item, _new = operations.publish(quick, rules.local, by=make.BY)
    case = to_decision(make.make_case(item))
    operations.grant(case, by=make.make_official(make.HEAD))
    assert day(case.clocks.get(kind="delivery").due) == "2026-11-27"


def test_after_the_one_correction_nothing_is_given_back_again(at, item):
    villager, clerk = make.make_citizen(), make.make_official(make.CLERK)
    case = make.make_case(item, applicant=villager.account.person, by=villager)
    operations.ask_correction(case, points={"spot": "请写明小班号"}, by=clerk)
    operations.supplement(case, answers=make.ANSWERS, by=villager)
    with pytest.raises(ValidationError, match="只能一次告知"):
        operations.give_back(case, by=clerk, opinion="还差一样", points={"area": "面积"})
    assert make.fresh(case).state == State.SUBMITTED


def test_a_decision_past_the_legal_end_stands_and_is_counted_late(at, item):
    case = to_decision(make.make_case(item))
    at("2026-12-23 09:00")
    operations.grant(case, by=make.make_official(make.HEAD))
    assert dict(case.clocks.values_list("kind", "met")) == {
        "notice": True, "legal": False, "promised": False, "delivery": None,
    }  # fmt: skip
    figures = queries.figures("", clock.today(), clock.today())
    assert (figures.granted, figures.late, figures.in_time) == (1, 1, 0)


# --- what letters say -------------------------------------------------------------------------------------------------
def test_whoever_is_turned_away_is_told_the_remedy(at, item, bodies):
    rules = definition(item.version)
    clerk = make.make_official(make.CLERK)
    operations.reject(make.make_case(item), by=clerk, opinion="不归本局管", where_to="瓜州县林业和草原局")
    operations.not_needed(make.make_case(item), by=clerk, opinion="自留地零星林木")
    accepted = make.make_case(item)
    operations.accept(accepted, by=clerk)
    operations.terminate(accepted, by=make.make_official(make.HEAD), opinion="树已倒")
    for title in ("行政许可申请不予受理决定书", "行政许可申请不受理告知书", "终止办理决定书"):
        assert rules.remedy in bodies[title], title


def test_a_letter_ends_with_the_paragraph_of_its_item(at, item, bodies):
    operations.grant(to_decision(make.make_case(item)), by=make.make_official(make.HEAD))
    words = definition(item.version).national.notices["granted"].zh
    assert bodies["准予行政许可决定书"].endswith(words)
    assert words not in bodies["行政许可申请受理通知书"]


def test_a_letter_is_in_the_laws_language_whoever_writes_it(at, item, bodies):
    first, second = make.make_case(item), to_decision(make.make_case(item))
    with translation.override("en"):
        operations.ask_correction(first, points={"spot": "请写明"}, by=make.make_official(make.CLERK))
        operations.refuse(second, by=make.make_official(make.HEAD), opinion="在封山育林区内")
    assert "请一次补齐以下全部内容。" in bodies["申请材料补正告知书"]
    assert "玉门市人民政府" in bodies["不予行政许可决定书"]
    assert not re.search("[A-Za-z]{4}", "".join(bodies.values()).replace(first.number, "").replace(second.number, ""))


def test_stopping_an_item_needs_a_reason_and_happens_once(at, item):
    with pytest.raises(ValidationError, match="原因"):
        operations.withdraw_item(item, by=make.BY, reason=" ")
    operations.withdraw_item(item, by=make.BY, reason="取消")
    with pytest.raises(ValidationError, match="已经停止"):
        operations.withdraw_item(item, by=make.BY, reason="取消")


def test_a_clerk_does_not_stop_an_item(at, item):
    with pytest.raises(Denied):
        operations.withdraw_item(item, by=make.make_official(make.CLERK), reason="取消")


# --- cost -------------------------------------------------------------------------------------------------------------
def test_the_median_of_the_guide_asks_as_much_for_three_cases_as_for_one(at, item):
    head, asked = make.make_official(make.HEAD), []
    for _n in range(3):
        at("2026-11-24 10:00")
        case = to_decision(make.make_case(item))
        at("2026-11-26 10:00")
        operations.grant(case, by=head)
        queries.median_days(item)
        with CaptureQueriesContext(connection) as seen:
            assert queries.median_days(item) == 2.0
        asked.append(len(seen))
    assert asked == [asked[0]] * 3
