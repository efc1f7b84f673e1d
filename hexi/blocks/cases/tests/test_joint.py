"""Joint review: four departments side by side, each with its own task, view and term; one decision when all have spoken."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import joint, operations, queries
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.models import Event, JointReview, Task
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Stale
from hexi.blocks.cases.tests import make
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.people.tests import make as people
from hexi.blocks.search import queries as search
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
LAND, ECOLOGY, WATER, POLICE = "yumen-natural-resources", "yumen-ecology", "yumen-water", "yumen-police"
W = {"zh": "桩基检测", "en": "Test of the piles"}
ANSWERS = {
    "owner_name": "玉门演示建设有限公司", "project": "戈壁葡萄加工厂房", "kind": "factory", "floor_area": 3200, "price": 860,
    "builder": "酒泉演示建筑公司", "environment": "form", "soil": True, "road": False,
}  # fmt: skip


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
    return make.make_item("construction-permit")


@pytest.fixture
def owner():
    return make.make_citizen()


@pytest.fixture
def case(at, item, owner):
    """Accepted on 24 November 2026."""
    body = people.make_enterprise(representative=owner.account.person)
    found = make.make_case(item, applicant=body, by=owner, answers=ANSWERS)
    operations.accept(found, by=make.make_official(make.CLERK, item))
    return make.fresh(found)


def examiner_of(key):
    return people.acting(people.make_official(make.EXAMINER, department=people.make_department(key)))


def review_of(case, key):
    return case.reviews.select_related("department", "case").get(department__key=key)


def say(case, key, result="agree", by=None, **facts):
    return operations.report(
        review_of(case, key),
        result=result,
        by=by or examiner_of(key),
        opinion=facts.pop("opinion", "符合要求。"),
        **facts,
    )


def examine(case):
    operations.examine(case, by=make.make_official(make.EXAMINER, case.item), opinion="具备施工条件。")
    return make.fresh(case)


def day(moment):
    return clock.local_day(moment).isoformat()


def ready(case):
    """Everybody agrees and the case waits for the head; the visit the item demands is made."""
    make.make_reports(case)
    make.make_visit(case)
    return examine(case)


def test_acceptance_asks_every_department_with_its_own_term(case):
    rows = [(one.department.key, one.amount, day(one.due)) for one in joint.reviews(case)]
    # 24 November 2026 is a Tuesday: five working days later is Tuesday 1 December, three is Friday 27 November
    assert rows == [
        (LAND, 5, "2026-12-01"), (ECOLOGY, 5, "2026-12-01"), (WATER, 5, "2026-12-01"), (POLICE, 3, "2026-11-27"),
    ]  # fmt: skip
    tasks = Task.objects.filter(case=case, done_at=None).order_by("pk").values_list("stage", "department__key", "verb")
    assert list(tasks) == [
        ("examine", "yumen-housing", "cases.examine"),
        *(("joint", key, "cases.examine") for key in (LAND, ECOLOGY, WATER, POLICE)),
    ]


def test_the_law_counts_45_days_and_the_promise_seven(case):
    assert day(case.clocks.get(kind="promised").due) == "2026-12-03"
    legal = case.clocks.get(kind="legal")
    assert (legal.amount, legal.unit) == (45, "working_days")


def test_acceptance_by_law_asks_them_too(at, item, owner):
    from hexi.blocks.cases import jobs

    body = people.make_enterprise(representative=owner.account.person)
    found = make.make_case(item, applicant=body, by=owner, answers=ANSWERS)
    at("2026-12-02 00:00")
    assert jobs.accept_by_law() == 1
    assert [day(one.asked_at) for one in joint.reviews(found)] == ["2026-12-02"] * 4


def test_the_last_department_moves_on_what_waits_for_it(case):
    case = examine(case)
    assert case.state == State.JOINT
    for key in (LAND, ECOLOGY, WATER):
        say(case, key)
        assert make.fresh(case).state == State.JOINT
    say(case, POLICE)
    case = make.fresh(case)
    assert case.state == State.DECIDING
    assert [(one.stage, one.verb) for one in case.tasks.filter(done_at=None)] == [("decide", "cases.decide")]
    assert list(log.verify()) == []


def test_departments_that_were_faster_hold_nothing_up(case):
    make.make_reports(case)
    assert make.fresh(case).state == State.EXAMINING
    assert examine(case).state == State.DECIDING


def test_a_report_does_not_make_the_lead_offices_page_stale(case):
    seen = case.revision
    say(case, LAND)
    operations.examine(case, by=make.make_official(make.EXAMINER, case.item), opinion="具备。", revision=seen)
    assert make.fresh(case).state == State.JOINT


def test_no_decision_while_a_result_is_missing(case):
    head = make.make_official(make.HEAD, case.item)
    case = examine(case)
    with pytest.raises(Stale):
        operations.grant(case, by=head)
    # even if the state were wrong: who is missing is named
    case.state = State.DECIDING
    case.save()
    for decide in (operations.grant, operations.refuse):
        with pytest.raises(
            ValidationError, match="还缺这些部门的并联审查意见：玉门市自然资源局、酒泉市生态环境局玉门分局"
        ):
            decide(case, by=head, opinion="可以")
    assert make.fresh(case).outcome == ""


def test_disagreement_is_dealt_with_in_the_reason(case):
    say(case, WATER, "disagree", opinion="水土保持方案没有批复。")
    case = ready(case)
    head = make.make_official(make.HEAD, case.item)
    for decide in (operations.grant, operations.refuse):
        with pytest.raises(ValidationError) as caught:
            decide(case, by=head, opinion="同意其他部门意见。")
        assert "玉门市水务局" in caught.value.message_dict["opinion"][0]
    operations.refuse(case, by=head, opinion="玉门市水务局指出水土保持方案没有批准，依法不得开工。")
    assert make.fresh(case).state == State.CLOSED


def test_conditions_are_told_in_the_decision(case):
    say(case, POLICE, "conditions", conditions="不得在上下学时段占道。")
    case = ready(case)
    operations.grant(case, by=make.make_official(make.HEAD, case.item), opinion="同意。")
    assert case.letters.get(kind="granted").facts["conditions"] == "玉门市公安局：不得在上下学时段占道。"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"result": "perhaps", "opinion": "可以"}, "result"),
        ({"result": "agree", "opinion": " "}, "opinion"),
        ({"result": "conditions", "opinion": "可以", "conditions": " "}, "conditions"),
    ],
)
def test_a_report_says_what_and_why(case, facts, field):
    with pytest.raises(ValidationError) as caught:
        operations.report(review_of(case, LAND), by=examiner_of(LAND), **facts)
    assert list(caught.value.message_dict) == [field]
    assert review_of(case, LAND).given_at is None


def test_a_department_speaks_once_and_only_for_itself(case):
    with pytest.raises(Denied):
        say(case, LAND, by=examiner_of(WATER))
    with pytest.raises(Denied):
        say(case, LAND, by=make.make_official(make.EXAMINER, case.item))
    with pytest.raises(Denied):
        say(case, LAND, by=people.acting(people.make_official(make.CLERK, department=people.make_department(LAND))))
    say(case, LAND)
    with pytest.raises(ValidationError, match="已经给过意见"):
        say(case, LAND, "disagree")
    assert review_of(case, LAND).result == "agree"


def test_who_has_claimed_it_answers(case):
    task = Task.objects.get(case=case, department__key=LAND)
    first, second = examiner_of(LAND), examiner_of(LAND)
    operations.claim(task, by=first)
    with pytest.raises(ValidationError, match="领取"):
        say(case, LAND, by=second)
    say(case, LAND, by=first)
    task.refresh_from_db()
    assert (task.action, task.done_by) == ("joint_report", first.key)


def test_a_department_sees_its_task_and_nothing_else_of_the_lead(case, client):
    land, number = examiner_of(LAND), case.number
    other = make.make_case(case.item, applicant=people.make_enterprise(), answers=ANSWERS)
    assert [(task.case.number, task.stage) for task in queries.todo(land)] == [(number, "joint")]
    assert list(queries.for_officials(land)) == []
    with pytest.raises(Denied):
        queries.case_for(number, land)
    assert list(search.matches(number, actor=land)) == []
    client.force_login(land.account)
    assert client.get(reverse("cases.case", args=[number])).status_code == 403
    assert client.get(reverse("cases.case", args=[other.number])).status_code == 403
    page = client.get(reverse("cases.joint_review", args=[number, review_of(case, LAND).department_id]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "用地手续、规划许可与工程的位置、规模是否一致" in text
    assert "环境影响评价批复" not in text
    water = review_of(case, WATER).department_id
    assert client.get(reverse("cases.joint_review", args=[number, water])).status_code == 403
    assert (
        client.get(reverse("cases.joint_review", args=[other.number, review_of(case, LAND).department_id])).status_code
        == 404
    )


def test_a_department_reads_its_materials_and_not_the_letters(case):
    land = examiner_of(LAND)
    thing = ("cases.case", str(case.pk))
    kept = {
        slot: documents.make_document(case.applicant, content=documents.make_image(seed=seed), by=make.BY, slot=slot)
        for seed, slot in enumerate(("land_approval", "soil_plan"))
    }
    for one in kept.values():
        type(one).objects.filter(pk=one.pk).update(of_kind=thing[0], of_ref=thing[1])
        one.refresh_from_db()
    letter = case.letters.get(kind="acceptance").document
    assert papers.may_read(land, kept["land_approval"])
    assert not papers.may_read(land, kept["soil_plan"])
    assert not papers.may_read(land, letter)
    assert papers.may_read(examiner_of(WATER), kept["soil_plan"])
    assert not papers.may_read(examiner_of("yumen-market"), kept["soil_plan"])


def test_who_represents_the_applicant_keeps_out(case, owner):
    people.make_post(owner.account, make.EXAMINER, department=people.make_department(LAND))
    himself = people.acting(owner.account)
    with pytest.raises(Denied, match="回避"):
        say(case, LAND, by=himself)
    assert list(queries.todo(himself)) == []


def test_the_applicant_and_the_office_see_each_departments_state(case, owner, client):
    say(case, LAND, "disagree", opinion="红线有出入。")
    client.force_login(owner.account)
    mine = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert mine.count("已提出意见") == 1 + 1  # the tag and the card's title
    assert "红线有出入" not in mine
    client.force_login(make.make_official(make.HEAD, case.item).account)
    work = client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert "红线有出入" in work
    assert "还缺玉门市水务局，自 11月24日（周二） 起" in work
    assert "还缺玉门市自然资源局" not in work


def test_a_withdrawn_case_asks_nobody_any_more(case, owner):
    operations.withdraw(case, reason="不盖了", by=owner)
    assert not Task.objects.filter(case=case, done_at=None).exists()
    with pytest.raises(Stale):
        say(case, LAND)
    assert JointReview.objects.filter(case=case, given_at=None).count() == 4


def test_terms_move_with_a_pause(case, at):
    operations.pause(
        case, procedure="expert_review", planned_days=3, by=make.make_official(make.EXAMINER, case.item), opinion="评审"
    )
    assert review_of(case, POLICE).due is None
    at("2026-11-26 10:00")
    operations.resume(case, by=make.make_official(make.EXAMINER, case.item), opinion="通过")
    # 24 and 25 November do not count: the 26th, 27th and 30th do
    assert day(review_of(case, POLICE).due) == "2026-11-30"
    assert Task.objects.get(case=case, department__key=POLICE).due == review_of(case, POLICE).due


def test_the_extension_is_approved_by_the_head_of_the_government(case):
    mayor = people.acting(
        people.make_official("government_head", department=people.make_department("yumen-government"))
    )
    head = make.make_official(make.HEAD, case.item)
    with pytest.raises(ValidationError, match="人民政府负责人"):
        operations.extend(case, days=5, by=head, opinion="资料多")
    with pytest.raises(Denied):
        operations.extend_joint(case, days=5, by=head, opinion="资料多")
    with pytest.raises(ValidationError, match="1 到 15"):
        operations.extend_joint(case, days=16, by=mayor, opinion="资料多")
    operations.extend_joint(case, days=15, by=mayor, opinion="涉及部门多")
    case = make.fresh(case)
    assert case.clocks.get(kind="legal").amount == 60
    assert case.letters.get(kind="extension_joint").facts["days"] == 15
    assert case.extension.approved_by == mayor.name
    with pytest.raises(ValidationError, match="只能延长一次"):
        operations.extend_joint(case, days=1, by=mayor, opinion="再延")


def test_the_head_of_another_government_office_does_not_approve(case):
    other = people.make_department("dunhuang-government", "620982000000")
    stranger = people.acting(people.make_official("government_head", department=other, region_code="620982000000"))
    with pytest.raises(Denied):
        operations.extend_joint(case, days=5, by=stranger, opinion="资料多")


def test_an_ordinary_case_knows_no_joint_extension(at):
    found = make.make_case(make.make_item())
    operations.accept(found, by=make.make_official(make.CLERK))
    with pytest.raises(ValidationError, match="本机关负责人"):
        operations.extend_joint(found, days=5, by=make.BY, opinion="资料多")


def test_the_department_answers_in_the_browser(case, client):
    land = examiner_of(LAND)
    client.force_login(land.account)
    page = reverse("cases.joint_review", args=[case.number, review_of(case, LAND).department_id])
    assert client.post(page, {"do": "claim"}).status_code == 302
    assert Task.objects.get(case=case, department__key=LAND).claimed_by_id == land.account_id
    refused = client.post(page, {"result": "conditions", "opinion": "基本一致"})
    assert refused.status_code == 422
    assert "请写明同意的条件" in refused.content.decode()
    assert "基本一致" in refused.content.decode()
    assert client.post(page, {"result": "agree", "opinion": "一致"}).status_code == 302
    assert Event.objects.get(action="joint_report").office == "玉门市自然资源局"


# --- what depends on the answers --------------------------------------------------------------------------------------
ROAD = {"==": [{"var": "road"}, True]}


def when_road(item):
    """The same item: the water office is asked, and the case reviewed and tested, only where a road is crossed."""
    local, national = item.version.implementing, item.version.national
    asked = [one | ({"when": ROAD} if one["department"] == WATER else {}) for one in local["joint"]["reviews"]]
    local = local | {"joint": local["joint"] | {"reviews": asked}}
    steps = list(national["steps"])
    (place,) = (number for number, one in enumerate(steps) if one.get("stage") == "examine")
    steps.insert(place + 1, steps[place] | {"stage": "review", "when": ROAD})
    basis = national["legal_limit"]["basis"]
    testing = {
        "kind": "testing",
        "title": W,
        "about": W,
        "limit": {"amount": 5},
        "basis": basis,
        "always": True,
        "when": ROAD,
    }
    national = national | {"steps": steps, "special_procedures": [testing]}
    parsed = ServiceItem.model_validate(national), ImplementingItem.model_validate(local)
    return operations.publish(*parsed, by=make.BY)[0]


@pytest.mark.parametrize("road", [True, False])
def test_departments_stages_and_procedures_depend_on_the_answers(at, item, owner, road):
    body = people.make_enterprise(representative=owner.account.person)
    case = make.make_case(when_road(item), applicant=body, by=owner, answers=ANSWERS | {"road": road})
    operations.accept(case, by=make.make_official(make.CLERK, item))
    asked = set(case.reviews.values_list("department__key", flat=True))
    assert asked == {LAND, ECOLOGY, POLICE} | ({WATER} if road else set())
    for key in asked:
        say(case, key)
    operations.examine(make.fresh(case), by=make.make_official(make.EXAMINER, item), opinion="符合。")
    case, head = make.fresh(case), make.make_official(make.HEAD, item)
    assert case.state == (State.REVIEWING if road else State.DECIDING)
    if road:
        operations.review(case, by=make.make_official("reviewer", item), opinion="符合。")
        with pytest.raises(ValidationError, match="准予之前必须完成"):
            operations.grant(make.fresh(case), by=head, opinion="同意。")
    else:
        operations.grant(case, by=head, opinion="同意。")
        assert make.fresh(case).outcome == "granted"
