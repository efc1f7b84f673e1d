"""Two levels and yearly quotas: a lower office first, the upper decides; shares in order of acceptance."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import intake, lint, operations, queries, quotas
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.models import Agency, QuotaYear, Task
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import operations as store
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.forms import operations as forms
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
JIUQUAN = "jiuquan-forestry"
W = {"zh": "示例", "en": "Sample"}


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


def test_the_day_promised_before_sending_counts_both_offices(item, villager, client):
    regions.make_divisions()
    draft = forms.start(
        intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=villager, person_id=villager.account.person_id
    )
    client.force_login(villager.account)
    page = client.get(reverse("cases.check", args=[draft.key])).content.decode()
    # accepted at once (22 December) or by law (29 December): after twenty days of the county, ten of the prefecture
    assert "今天受理的，最晚 2027年1月6日（周三）；最迟不超过 2027年1月13日（周三）" in page


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


def sent_up(case):
    operations.accept(case, by=county(make.CLERK))
    operations.pass_up(case, by=county(make.EXAMINER), opinion="同意上报。")
    return make.fresh(case)


@pytest.mark.parametrize("role", [make.CLERK, make.EXAMINER, make.HEAD])
def test_who_sent_it_up_reads_on_and_does_nothing(case, role, client):
    case, official = sent_up(case), county(role)
    client.force_login(official.account)
    address = reverse("cases.case", args=[case.number])
    page = client.get(address)
    assert (page.status_code, "已报送上级，本机关只能查看" in page.text) == (200, True)
    assert f'action="{reverse("cases.say", args=[case.number])}"' not in page.text
    for action in ("examine", "grant", "refuse", "pass_up", "send_back"):
        answer = client.post(reverse("cases.act", args=[case.number, action]), {f"{action}__opinion": "同意。"})
        assert (action, answer.status_code) == (action, 403)
    for route in ("cases.say", "cases.claim"):
        assert client.post(reverse(route, args=[case.number]), {"text": "您好"}).status_code == 403
    assert (make.fresh(case).state, list(queries.todo(official))) == (State.EXAMINING, [])
    seen = client.get("/work/cases/?view=passed").text
    rest = client.get("/work/cases/?view=all")
    assert (case.number[-8:] in seen, case.number[-8:] in rest.text) == (True, False)
    counted = [
        f'{title}<span class="count">{count}</span>' in rest.text for title, count in (("全部", 0), ("已报送上级", 1))
    ]
    assert counted == [True, True]


def test_the_window_that_took_it_in_stays_his_when_it_has_gone_up(case, client):
    Agency.objects.create(case=case, how="window", by_key="x", by_name="x", at=clock.now())
    case = sent_up(case)
    address = reverse("cases.counter", args=[case.number, "withdraw"])
    client.force_login(prefecture(make.CLERK).account)
    assert client.get(address).status_code == 404
    client.force_login(county(make.CLERK).account)
    assert address in client.get(reverse("cases.case", args=[case.number])).text
    assert client.post(address, {"reason": "不砍了", "seen": "1"}).status_code == 302
    assert make.fresh(case).state == State.WITHDRAWN


def test_who_sent_it_up_reads_the_papers_and_vouches_for_none(case):
    picture = documents.make_document(case.applicant, by=make.BY, content=documents.make_image(), slot="photos")
    type(picture).objects.filter(pk=picture.pk).update(of_kind="cases.case", of_ref=str(case.pk))
    picture.refresh_from_db()
    case = sent_up(case)
    clerk = county(make.CLERK)
    assert papers.may_read(clerk, picture)
    with pytest.raises(Denied):
        store.raise_level(picture, by=clerk, source="玉门市林业和草原局")
    with pytest.raises(ValidationError, match="不能再增减"):
        store.remove(picture, by=clerk)
    assert store.raise_level(picture, by=prefecture(make.CLERK), source="酒泉市林业和草原局").level == "B"


def test_another_county_sees_nothing_of_it_and_who_acts_for_the_applicant_neither(case, villager):
    case = sent_up(case)
    other = people.make_official(make.HEAD, department=people.make_department("dunhuang-forestry", "620982000000"))
    for stranger in (people.acting(other), villager):
        assert list(queries.passed_up(stranger)) == []
        with pytest.raises(Denied):
            queries.case_for(case.number, stranger)
    people.make_post(villager.account, make.HEAD, department=people.make_department("yumen-forestry"))
    own = people.acting(villager.account)
    assert list(queries.passed_up(own)) == []
    with pytest.raises(Denied, match="回避"):
        queries.case_for(case.number, own)


def test_a_look_from_below_is_on_record_too(case):
    case = sent_up(case)
    examiner = county(make.EXAMINER)
    assert queries.case_for(case.number, examiner) == case
    assert log.looks_at(case.applicant_id).filter(actor_key=examiner.key).count() == 1
    with pytest.raises(Denied):
        queries.case_to_act(case.number, examiner)


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


@pytest.mark.parametrize("several", ["joint", "lower"])
def test_lint_lets_no_pledge_wait_for_another_office(several):
    pledge = {"content": W, "requirement": W, "liability": W, "replaces": ["plan"], "verify": {"amount": 20},
              "rectify": {"amount": 5}}  # fmt: skip
    review = {"department": "yumen-land", "what": W, "limit": {"amount": 3}}
    local = {
        "joint": {"joint": {"government": "yumen-government", "reviews": [review]}, "joint_departments": [W]},
        "lower": {"lower": {"department": "jiuquan-water", "limit": {"amount": 20}}},
    }[several]
    found = lint.lint(
        make_items.make_item({"pledge": pledge, "joint": several == "joint"}), make_items.make_local(local)
    )
    alone = lint.lint(make_items.make_item({"pledge": pledge}), make_items.make_local())
    assert "pledges_are_decided_by_one" in {one.rule for one in found}
    assert "pledges_are_decided_by_one" not in {one.rule for one in alone}


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


def test_the_line_is_asked_about_in_one_query_however_long_it_is(at):
    item = by_cases(30)
    asked = []
    for _one in range(3):
        accepted(item)
        accepted(item)
        last = accepted(item)
        with CaptureQueriesContext(connection) as seen:
            quotas.take(last)
        asked.append(len(seen))
    assert asked[1] == asked[2]


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


def certified(case):
    grant(case)
    operations.certify(make.fresh(case), by=make.BY)
    return Certificate.objects.get(identifier=make.fresh(case).certificate_ref)


def test_a_change_takes_no_second_share_and_passes_who_waits(at):
    item = by_cases(1)
    held = certified(accepted(item))
    waiting = accepted(item)
    case = accepted(item, applicant=held.holder)
    operations.concern(case, held, "change", by=make.BY)
    new = certified(case)
    assert (new.replaces, QuotaYear.objects.get().granted) == (held, 1)
    with pytest.raises(ValidationError, match="只剩 0"):
        grant(waiting)


def test_a_change_to_more_takes_only_what_it_adds(at):
    item = published(quota={"amount": 20, "unit": {"zh": "立方米", "en": "m³"}, "measure": "volume"})
    held = certified(accepted(item, answers=make.ANSWERS | {"volume": 12.5}))
    case = accepted(item, applicant=held.holder, answers=make.ANSWERS | {"volume": 15})
    operations.concern(case, held, "change", by=make.BY)
    certified(case)
    assert QuotaYear.objects.get().granted == 15


def test_what_is_revoked_gives_its_share_back_to_its_year(at):
    item = by_cases(1)
    held = certified(accepted(item))
    at("2027-01-04 10:00")
    head = make.make_official(make.HEAD, item)
    certificates.suspend(held, reason="核查", by=head)
    assert quotas.left(item, 2026) == 0
    certificates.revoke(held, reason="材料不实", by=head)
    assert (quotas.left(item, 2026), quotas.left(item, 2027)) == (1, 1)


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
