"""Two levels and yearly quotas: a lower office first, the upper decides; shares in order of acceptance."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import lint, operations, queries, quotas
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.models import QuotaYear, Task
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
JIUQUAN = "jiuquan-forestry"


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


def published(**changes):
    """林木采伐许可, carried out otherwise: `changes` are of the implementing item."""
    item = make.make_item()
    local = ImplementingItem.model_validate(item.version.implementing | changes)
    return operations.publish(ServiceItem.model_validate(item.version.national), local, by=make.BY)[0]


@pytest.fixture
def item(at):
    """The prefecture decides, the county examines first within 20 working days."""
    people.make_department(JIUQUAN, regions.JIUQUAN, name="酒泉市林业和草原局")
    people.make_department("yumen-forestry")
    found = make.make_item()
    changes = {
        "region": regions.JIUQUAN, "department": JIUQUAN, "use_level": "3",
        "lower": {"department": "yumen-forestry", "limit": {"amount": 20}}, "promised_limit": {"amount": 10},
        "plan": {},
    }  # fmt: skip
    local = ImplementingItem.model_validate(found.version.implementing | changes)
    return operations.publish(ServiceItem.model_validate(found.version.national), local, by=make.BY)[0]


@pytest.fixture
def villager():
    return make.make_citizen()


@pytest.fixture
def case(item, villager):
    return make.make_case(item, applicant=villager.account.person, by=villager)


def county(role):
    return people.acting(people.make_official(role, department=people.make_department("yumen-forestry")))


def prefecture(role):
    office = people.make_department(JIUQUAN)
    return people.acting(people.make_official(role, department=office, region_code=regions.JIUQUAN))


def day(moment):
    return clock.local_day(moment).isoformat()


def test_the_county_examines_and_passes_up_the_prefecture_decides(case, at):
    assert [(task.department.key, task.region_code) for task in Task.objects.all()] == [
        ("yumen-forestry", regions.YUMEN)
    ]
    operations.accept(case, by=county(make.CLERK))
    case = make.fresh(case)
    assert case.state == State.LOWER
    # twenty working days of its own; the deciding office's have not begun
    assert {one.kind: day(one.due) for one in case.clocks.filter(stopped_at=None)} == {"lower": "2026-12-22"}
    with pytest.raises(Stale):
        operations.grant(case, by=county(make.HEAD))
    at("2026-12-01 10:00")
    operations.pass_up(case, by=county(make.EXAMINER), opinion="四至清楚，同意上报。")
    case = make.fresh(case)
    assert (case.state, case.department.key, case.region_code) == (State.EXAMINING, JIUQUAN, regions.JIUQUAN)
    assert (case.clocks.get(kind="lower").met, day(case.clocks.get(kind="legal").due)) == (True, "2026-12-29")
    assert (case.first_level.department.key, case.first_level.opinion) == ("yumen-forestry", "四至清楚，同意上报。")
    assert [(task.stage, task.department.key) for task in case.tasks.filter(done_at=None)] == [("examine", JIUQUAN)]
    operations.examine(case, by=prefecture(make.EXAMINER), opinion="同意县级意见。")
    operations.grant(case, by=prefecture(make.HEAD), opinion="同意。")
    operations.certify(case, by=prefecture(make.CLERK))
    assert make.fresh(case).state == State.CLOSED
    assert list(log.verify()) == []


def test_each_office_only_while_it_has_the_case(case):
    assert list(queries.todo(prefecture(make.CLERK))) == []
    with pytest.raises(Denied):
        operations.accept(case, by=prefecture(make.CLERK))
    operations.accept(case, by=county(make.CLERK))
    with pytest.raises(Denied):
        operations.pass_up(case, by=prefecture(make.EXAMINER), opinion="先给我")
    examiner = county(make.EXAMINER)
    operations.pass_up(case, by=examiner, opinion="同意上报。")
    with pytest.raises(Denied):
        operations.examine(case, by=examiner, opinion="再看看")
    assert list(queries.todo(examiner)) == []
    assert [task.case for task in queries.todo(prefecture(make.EXAMINER))] == [case]


def test_all_materials_go_up_and_nothing_is_asked_again(case):
    picture = documents.make_document(case.applicant, by=make.BY, content=documents.make_image(), slot="photos")
    type(picture).objects.filter(pk=picture.pk).update(of_kind="cases.case", of_ref=str(case.pk))
    picture.refresh_from_db()
    upper = prefecture(make.EXAMINER)
    assert not papers.may_read(upper, picture)
    operations.accept(case, by=county(make.CLERK))
    operations.pass_up(case, by=county(make.EXAMINER), opinion="同意上报。")
    assert papers.may_read(upper, picture)
    window = prefecture(make.CLERK)
    for again in (
        lambda: operations.ask_correction(case, points={"spot": "再写一遍"}, by=window),
        lambda: operations.give_back(case, by=window, opinion="再交一次"),
    ):
        with pytest.raises(Stale):
            again()


def test_figures_follow_the_case_and_stay_what_the_cases_say(case, at):
    operations.accept(case, by=county(make.CLERK))
    at("2026-11-26 10:00")
    operations.pass_up(case, by=county(make.EXAMINER), opinion="同意上报。")
    operations.examine(case, by=prefecture(make.EXAMINER), opinion="同意。")
    operations.refuse(case, by=prefecture(make.HEAD), opinion="在封山育林区内。")
    span = (clock.today() - timedelta(5), clock.today())
    for prefix in ("6209", "620981"):
        rolled, counted = queries.figures(prefix, *span), queries.recounted(prefix, *span)
        assert rolled == counted
    assert (queries.figures("620900", *span).received, queries.figures("620981", *span).received) == (1, 0)


def test_the_applicant_is_told_where_it_is(case, villager, client):
    operations.accept(case, by=county(make.CLERK))
    client.force_login(villager.account)
    text = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert "下级机关正在初审。最晚 12月22日（周二） 报送上级机关决定。" in text


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"lower": {"department": "yumen-water", "limit": {"amount": 20}}}, "lower_differs"),
        ({"lower": {"department": "jiuquan-water", "limit": {"amount": 21}}}, "lower_differs"),
        ({"quota": {"amount": 10, "unit": {"zh": "件", "en": "cases"}}}, "quota_is_published"),
        ({"quota": {"amount": 10, "unit": {"zh": "件", "en": "cases"}, "measure": "neighbour"}}, "quota_is_published"),
        (
            {"joint": {"government": "yumen-government", "reviews": [
                {"department": "yumen-land", "what": {"zh": "用地", "en": "land"}, "limit": {"amount": 3}}]}},
            "joint_is_lawful",
        ),
    ],
)  # fmt: skip
def test_lint_of_levels_quotas_and_joint_review(changes, rule):
    found = lint.lint(make_items.make_item(), make_items.make_local(changes))
    assert rule in {one.rule for one in found}


def test_lint_of_the_departments_of_a_joint_review():
    one = {
        "department": "yumen-water",
        "what": {"zh": "水", "en": "water"},
        "limit": {"amount": 6},
        "materials": ["nothing"],
    }
    joint = {
        "joint": {"government": "yumen-government", "reviews": [one]},
        "joint_departments": [{"zh": "甲", "en": "A"}],
    }
    found = lint.lint(make_items.make_item({"joint": True, "extension.amount": 15}), make_items.make_local(joint))
    assert [str(f.where) for f in found if f.rule == "joint_departments_differ"] == ["('joint', 'reviews', 0)"] * 3
    assert "permit_limit_is_lawful" not in {f.rule for f in found}


# --- quotas -----------------------------------------------------------------------------------------------------------
def by_cases(amount):
    return published(quota={"amount": amount, "unit": {"zh": "件", "en": "cases"}})


def accepted(item, **given):
    found = make.make_case(item, **given)
    operations.accept(found, by=make.make_official(make.CLERK, item))
    operations.examine(found, by=make.make_official(make.EXAMINER, item), opinion="符合。")
    return make.fresh(found)


def grant(case):
    return operations.grant(case, by=make.make_official(make.HEAD, case.item), opinion="同意。")


def test_the_quota_goes_to_who_was_accepted_first(at):
    item = by_cases(2)
    first, second, third = (accepted(item) for _ in range(3))
    with pytest.raises(ValidationError, match=f"前面还有 2 件没有决定，请先决定 {first.number}"):
        grant(third)
    grant(second)  # one is left for the first
    with pytest.raises(ValidationError, match="前面还有 1 件"):
        grant(third)
    grant(first)
    with pytest.raises(ValidationError, match="本年度限额只剩 0 件"):
        grant(third)
    operations.refuse(third, by=make.make_official(make.HEAD, item), opinion="本年度限额已经用完。")
    assert (QuotaYear.objects.get().granted, quotas.left(item, 2026)) == (Decimal(2), Decimal(0))


def test_who_is_refused_leaves_his_place_to_the_next(at):
    item = by_cases(1)
    first, second = accepted(item), accepted(item)
    operations.refuse(first, by=make.make_official(make.HEAD, item), opinion="不符合。")
    grant(second)
    assert QuotaYear.objects.get().granted == 1


def test_a_quota_may_be_measured(at):
    item = published(quota={"amount": 20, "unit": {"zh": "立方米", "en": "m³"}, "measure": "volume"})
    grant(accepted(item, answers=make.ANSWERS | {"volume": 12.5}))
    with pytest.raises(ValidationError, match="只剩 7.5 立方米，这件需要 9.8"):
        grant(accepted(item))
    small = accepted(item, answers=make.ANSWERS | {"volume": 7.5})
    with pytest.raises(ValidationError, match="前面还有 1 件"):
        grant(small)
    large = item.cases.get(state=State.DECIDING, pk__lt=small.pk)
    operations.refuse(large, by=make.make_official(make.HEAD, item), opinion="超过限额。")
    grant(small)
    assert QuotaYear.objects.get().granted == 20


def test_a_new_year_has_a_new_quota_and_a_raised_one_counts_at_once(at):
    item = by_cases(1)
    grant(accepted(item))
    late = accepted(item)
    with pytest.raises(ValidationError, match="只剩 0"):
        grant(late)
    at("2027-01-04 10:00")
    grant(late)
    more = accepted(item)
    with pytest.raises(ValidationError, match="只剩 0"):
        grant(more)
    by_cases(2)
    grant(make.fresh(more))
    assert list(QuotaYear.objects.order_by("year").values_list("year", "granted")) == [(2026, 1), (2027, 2)]


def test_the_head_sees_what_is_left_and_who_comes_first(at, client):
    item = by_cases(1)
    accepted(item)
    second = accepted(item)
    client.force_login(make.make_official(make.HEAD, item).account)
    text = client.get(reverse("cases.case", args=[second.number])).content.decode()
    assert "本年度限额 1 件，还剩 1；这件需要 1。" in text
    assert "前面还有 1 件没有决定" in text
