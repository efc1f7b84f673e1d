"""Who may do what where: roles, region subtrees, dates, appointing and dismissing."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from hexi.blocks.audit.models import Entry
from hexi.blocks.people import offices, queries
from hexi.blocks.people.actors import Citizen, Nobody, Official
from hexi.blocks.people.models import Role
from hexi.blocks.people.tests.make import (
    BY,
    acting,
    make_account,
    make_citizen,
    make_department,
    make_official,
    make_post,
    make_roles,
)  # fmt: skip
from hexi.blocks.regions.tests.make import JIUQUAN, SHIHEZI, XIAXIHAO, YUMEN
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, Scope

pytestmark = pytest.mark.django_db
DUNHUANG = "620982000000"


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_a_visitor_may_nothing():
    from django.contrib.auth.models import AnonymousUser

    actor = queries.actor_of(request_of(AnonymousUser()))
    assert isinstance(actor, Nobody)
    assert isinstance(actor, Actor)
    assert (actor.key, actor.account_id, actor.person_id, actor.scopes("cases.view")) == ("nobody", None, None, ())
    assert not actor.may("cases.view")


def test_a_citizen_is_known_by_account_and_person():
    account = make_citizen(name="石建国")
    actor = acting(account)
    assert type(actor) is Citizen
    assert (actor.key, actor.name) == (f"account:{account.pk}", "石建国")
    assert (actor.account_id, actor.person_id) == (account.pk, account.person_id)
    assert actor.scopes("cases.accept") == ()


def test_an_official_acts_for_the_office():
    department = make_department()
    account = make_official("examiner", department=department, name="李审")
    actor = acting(account)
    assert isinstance(actor, Official)
    assert actor.name == "玉门市林业和草原局 李审"
    assert actor.scopes("cases.examine") == (Scope(department.pk, "620981"),)
    assert [(post.title, post.region_code) for post in actor.posts] == [("审查员", YUMEN)]


def test_the_actor_of_a_request_costs_one_query_asked_once():
    account = make_official("head")
    request = request_of(account)
    with CaptureQueriesContext(
        connection,
    ) as first:
        actor = queries.actor_of(request)
        actor.may("cases.decide", None, YUMEN)
    with CaptureQueriesContext(connection) as again:
        assert queries.actor_of(request) is actor
    assert (len(first), len(again)) == (1, 0)


@pytest.mark.parametrize(
    ("role", "verb", "own", "other"),
    [
        ("clerk", "cases.accept", True, False),
        ("hall_clerk", "cases.accept", True, True),
        ("examiner", "cases.examine", True, False),
        ("examiner", "cases.decide", False, False),
        ("head", "cases.decide", True, False),
        ("supervisor", "cases.supervise", True, True),
        ("supervisor", "cases.decide", False, False),
        ("catalogue_editor", "items.publish", True, True),
        ("region_admin", "people.posts", True, True),
        ("system_admin", "audit.view", True, True),
        ("clerk", "people.unmask", False, False),
    ],
)
def test_rights_by_role_and_department(role, verb, own, other):
    mine, theirs = make_department(), make_department("yumen-market", name="玉门市市场监督管理局")
    actor = acting(make_official(role, department=mine))
    assert actor.may(verb, mine.pk, YUMEN) is own
    assert actor.may(verb, theirs.pk, YUMEN) is other


@pytest.mark.parametrize(
    ("where", "expected"),
    [(YUMEN, True), (XIAXIHAO, True), (SHIHEZI, True), (DUNHUANG, False), (JIUQUAN, False), ("", False), (None, True)],
)
def test_rights_hold_in_the_region_subtree_alone(where, expected):
    actor = acting(make_official("supervisor", region_code=YUMEN))
    assert actor.may("cases.view", None, where) is expected


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [(-30, None, True), (0, None, True), (1, None, False), (-30, 1, True), (-30, 0, False), (-30, -1, False)],
)
def test_a_post_counts_from_its_first_day_and_not_on_its_last_date(start, end, held):
    day = clock.today()
    account = make_official(
        "examiner", valid_from=day + timedelta(start), valid_to=None if end is None else day + timedelta(end)
    )
    assert acting(account).may("cases.examine") is held


def test_two_posts_add_up():
    account = make_official("examiner", department=make_department())
    market = make_department("yumen-market", name="玉门市市场监督管理局")
    make_post(account, "head", department=market)
    actor = acting(account)
    assert actor.may("cases.examine", make_department().pk, YUMEN)
    assert not actor.may("cases.examine", market.pk, YUMEN)
    assert actor.may("cases.decide", market.pk, YUMEN)
    assert len(actor.scopes("cases.view")) == 2


def test_a_role_changed_by_a_pack_counts_at_once():
    account = make_official("examiner")
    Role.objects.filter(pk="examiner").update(verbs=["cases.view"])
    assert not acting(account).may("cases.examine")
    assert acting(account).may("cases.view")


def test_dismissal_ends_the_rights_today_and_keeps_the_record():
    account, admin = make_official("examiner"), acting(make_official("region_admin"))
    post = account.posts.get()
    offices.dismiss(post, by=admin)
    assert type(acting(account)) is Citizen
    assert account.posts.get().valid_to == clock.today()
    entry = Entry.objects.get(verb="people.dismiss")
    assert entry.facts == {"post": post.pk, "on": clock.today().isoformat()}


def test_a_dismissal_can_be_brought_forward_but_not_repeated():
    post = make_official("examiner", valid_to=clock.today() + timedelta(10)).posts.get()
    offices.dismiss(post, by=BY)
    with pytest.raises(ValidationError) as refused:
        offices.dismiss(post, by=BY)
    assert refused.value.message_dict == {"on": ["这个职务已经免去。"]}


def test_nobody_is_dismissed_before_he_was_appointed():
    post = make_official("examiner").posts.get()
    with pytest.raises(ValidationError, match="不能早于任职日期"):
        offices.dismiss(post, by=BY, on=post.valid_from - timedelta(1))


def test_appointing_needs_the_right_there():
    examiner, admin = acting(make_official("examiner")), acting(make_official("region_admin"))
    dunhuang = make_department("dunhuang-forestry", DUNHUANG, name="敦煌市林业和草原局")
    someone = make_account()
    with pytest.raises(Denied):
        offices.appoint(someone, department=make_department(), title="审查员", roles=["examiner"], by=examiner)
    with pytest.raises(Denied):
        offices.appoint(someone, department=dunhuang, title="审查员", roles=["examiner"], by=admin)
    with pytest.raises(Denied):
        offices.appoint(
            someone, department=make_department(), title="审查员", roles=["examiner"], by=admin, region_code=JIUQUAN
        )
    assert not someone.posts.exists()


def test_nobody_appoints_himself_or_gives_more_than_he_has():
    account = make_official("region_admin")
    admin = acting(account)
    with pytest.raises(Denied, match="不能给自己任职"):
        offices.appoint(account, department=make_department(), title="负责人", roles=["head"], by=admin)
    with pytest.raises(Denied, match="系统管理员"):
        offices.appoint(make_account(), department=make_department(), title="管理员", roles=["system_admin"], by=admin)
    system = acting(make_official("system_admin"))
    other = offices.appoint(
        make_account(), department=make_department(), title="管理员", roles=["system_admin"], by=system
    )
    assert acting(other.account).may("audit.view")


def test_nobody_reaches_into_another_regions_department_through_his_own_region():
    """A post counts by department where no region is asked."""
    admin, province = acting(make_official("region_admin")), make_department("gansu-forestry", "620000000000")
    with pytest.raises(Denied):
        offices.appoint(
            make_account(), department=province, region_code=YUMEN, title="负责人", roles=["head"], by=admin
        )


def test_a_guarded_post_is_ended_by_who_could_have_given_it():
    department = make_department()
    post = make_official("system_admin", department=department).posts.get()
    with pytest.raises(Denied, match="系统管理员"):
        offices.dismiss(post, by=acting(make_official("region_admin", department=department)))
    offices.dismiss(post, by=acting(make_official("system_admin", department=department)))
    post.refresh_from_db()
    assert post.valid_to == clock.today()


def test_a_right_over_one_department_does_not_give_roles_over_all():
    make_roles()
    Role.objects.create(key="office_admin", title_zh="本局管理员", title_en="Office admin", verbs=["people.posts"])
    admin = acting(make_official("office_admin"))
    offices.appoint(make_account(), department=make_department(), title="审查员", roles=["examiner"], by=admin)
    with pytest.raises(Denied, match="监察员"):
        offices.appoint(make_account(), department=make_department(), title="监察员", roles=["supervisor"], by=admin)


@pytest.mark.parametrize("roles", [[], ["nothing"], ["examiner", "nothing"]])
def test_roles_must_exist(roles):
    make_roles()
    with pytest.raises(ValidationError) as refused:
        offices.appoint(make_account(), department=make_department(), title="审查员", roles=roles, by=BY)
    assert list(refused.value.message_dict) == ["roles"]


def test_the_same_post_twice_is_refused_in_words():
    account = make_official("examiner")
    with pytest.raises(ValidationError, match="已在任这一职务"):
        make_post(account, "examiner")


def test_posts_one_may_see_are_those_one_may_end():
    here = make_official("examiner").posts.get()
    make_official("examiner", department=make_department("dunhuang-forestry", DUNHUANG, name="敦煌市林业和草原局"))
    admin = make_official("region_admin")
    assert set(queries.posts_within(acting(admin))) == {here, admin.posts.get()}
    assert not queries.posts_within(acting(make_citizen())).exists()


def test_accounts_are_opened_by_those_who_appoint():
    with pytest.raises(Denied):
        offices.open_account("lishen", name="李审", by=acting(make_citizen()))
    account = offices.open_account("lishen", name=" 李 审 ", by=acting(make_official("region_admin")))
    assert (account.name, account.has_usable_password()) == ("李审", False)
    with pytest.raises(ValidationError, match="这个用户名已有人使用"):
        offices.open_account("LiShen", name="李深", by=BY)
