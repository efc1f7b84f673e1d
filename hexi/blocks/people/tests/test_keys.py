"""API keys: made within one's own reach, shown once, found by their text alone, withdrawn; the same request twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.people import keys
from hexi.blocks.people.actors import Grant, Official
from hexi.blocks.people.models import ApiCall, ApiKey
from hexi.blocks.people.tests.make import BY, acting, make_department, make_official
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import clock
from hexi.kernel.actors import Denied, Scope

pytestmark = pytest.mark.django_db
VERB = "items.view"
DUNHUANG = "620982000000"


def make_key(name="水权系统", **facts):
    given = {"department": make_department(), "verbs": [VERB], "by": BY}
    return keys.make(name, **(given | facts))


def administrator(role="region_admin", **facts):
    return acting(make_official(role, department=make_department(), **facts))


def test_the_text_is_not_kept():
    key, text = make_key()
    assert text.startswith(f"hexi_{key.public}_")
    assert text not in str(vars(ApiKey.objects.get()))
    assert (keys.spoken_by(text).api_key, keys.spoken_by(text + "x"), keys.spoken_by("")) == (key, None, None)


def test_a_key_acts_for_its_own_department_and_region():
    key, _text = make_key()
    actor = keys.acting(key)
    assert actor.scopes(VERB) == (Scope(key.department_id, "620981"),)
    assert (actor.scopes("cases.decide"), actor.key) == ((), f"key:{key.pk}")


def test_a_key_for_every_department_of_its_region():
    actor = keys.acting(make_key(everywhere=True)[0])
    assert (actor.may(VERB, 10**6, regions.SHIHEZI), actor.may(VERB, 10**6, DUNHUANG)) == (True, False)


def test_a_right_brings_what_its_operations_need():
    actor = keys.acting(make_key(verbs=["cases.submit"])[0])
    assert (actor.may("people.register"), actor.may("documents.add"), actor.may("cases.accept")) == (True, True, False)


@pytest.mark.parametrize("verbs", [[], ["cases.decide"], ["nothing.at_all"]])
def test_only_rights_that_may_be_given(verbs):
    with pytest.raises(ValidationError, match="权限"):
        make_key(verbs=verbs)


def test_a_last_day_before_today_is_refused():
    with pytest.raises(ValidationError, match="有效期不能早于今天"):
        make_key(expires=clock.today() - timedelta(1))


def test_a_system_has_one_key_at_a_time():
    key, _text = make_key()
    with pytest.raises(ValidationError, match="已有一把有效密钥"):
        make_key()
    keys.withdraw(key, by=BY)
    assert make_key()[0].pk != key.pk


def test_the_log_names_who_gave_and_who_ended_it():
    key, _text = make_key()
    keys.withdraw(key, by=BY)
    ended = ApiKey.objects.get().withdrawn_at
    keys.withdraw(key, by=BY)
    assert ApiKey.objects.get().withdrawn_at == ended
    assert list(Entry.objects.filter(ref=str(key.pk), kind="people.apikey").values_list("verb", flat=True)) == [
        "people.make_key", "people.withdraw_key", "people.withdraw_key",
    ]  # fmt: skip


# --- rights -------------------------------------------------------------------------------------------------------------
def test_who_may_give_keys():
    admin = administrator()
    assert make_key(by=admin)[0].made_by == admin.name
    with pytest.raises(Denied):
        make_key("别处", by=admin, department=make_department("dunhuang-water", DUNHUANG))
    with pytest.raises(Denied):
        make_key("更大", by=admin, region_code="620900000000")
    with pytest.raises(Denied):
        make_key("别人", by=administrator("examiner"))


def narrow(*scopes):
    """Somebody whose right to keys reaches so far."""
    return Official(make_official("region_admin"), grants=[Grant(keys.VERB, scope, 0) for scope in scopes])


def test_whose_right_is_one_department_gives_and_tends_no_key_for_all_of_them():
    own = make_department()
    by = narrow(Scope(own.pk, "620981"))
    small, _text = make_key(by=by)
    with pytest.raises(Denied, match="超出您的权限"):
        make_key("全部", by=by, everywhere=True)
    wide, _text = make_key("全部", everywhere=True)
    with pytest.raises(Denied):
        keys.withdraw(wide, by=by)
    assert list(keys.within_reach(by)) == [small]
    assert list(keys.within_reach(narrow(Scope(None, "620981")))) == [wide, small]


def test_two_narrow_rights_do_not_add_up_to_a_wide_one():
    city = make_department("jiuquan-water", "620900000000")
    by = narrow(Scope(city.pk, "620981"), Scope(None, "620981"), Scope(city.pk + 1, "6209"))
    facts = {"department": city, "region_code": "620981000000"}
    with pytest.raises(Denied):
        make_key(by=by, **facts)
    made, _text = make_key(**facts)
    with pytest.raises(Denied):
        keys.withdraw(made, by=by)
    assert list(keys.within_reach(by)) == []


def test_a_key_is_ended_by_who_may_look_after_it():
    key, _text = make_key(department=make_department("dunhuang-water", DUNHUANG))
    admin = administrator()
    assert list(keys.within_reach(admin)) == []
    with pytest.raises(Denied):
        keys.withdraw(key, by=admin)


# --- the same again -----------------------------------------------------------------------------------------------------
def test_the_same_request_is_done_once():
    key, done = make_key()[0], []

    def do():
        done.append(1)
        return 201, {"n": len(done)}

    answers = [keys.answer_once(key, "a", "digest", do) for _ in range(2)]
    assert (answers, done) == ([(201, {"n": 1})] * 2, [1])


def test_another_request_under_the_same_number_is_refused():
    key = make_key()[0]
    keys.answer_once(key, "a", "digest", lambda: (201, {}))
    with pytest.raises(keys.OtherRequest):
        keys.answered(key, "a", "other")


def test_what_failed_is_not_remembered():
    key = make_key()[0]

    def fail():
        raise ValidationError("no")

    with pytest.raises(ValidationError), transaction.atomic():
        keys.answer_once(key, "a", "digest", fail)
    assert (keys.answered(key, "a", "digest"), ApiCall.objects.count()) == (None, 0)


def test_answers_are_forgotten_after_thirty_days():
    key = make_key()[0]
    keys.answer_once(key, "a", "digest", lambda: (201, {}))
    with clock.told_at(clock.now() + timedelta(days=29)):
        assert keys.forget_calls() == 0
    with clock.told_at(clock.now() + timedelta(days=31)):
        assert keys.forget_calls() == 1


# --- pages --------------------------------------------------------------------------------------------------------------
def test_a_key_is_given_shown_once_and_withdrawn(client):
    account = make_official("region_admin", department=make_department())
    client.force_login(account)
    given = {"name": "水权系统", "department": make_department().pk, "verbs": [VERB, "cases.view"]}
    page = client.post(reverse("people.new_api_key"), given)
    key = ApiKey.objects.get()
    assert f"hexi_{key.public}_" in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    shown = client.get(reverse("people.api_key", args=[key.pk])).content.decode()
    assert ("查看办件的状态和决定" in shown, f"hexi_{key.public}_…" in shown) == (True, True)
    client.post(reverse("people.withdraw_api_key", args=[key.pk]))
    assert ApiKey.objects.in_force().count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_a_fixed_number_of_queries(client, rows, django_assert_num_queries):
    client.force_login(make_official("region_admin", department=make_department()))
    for number in range(rows):
        make_key(f"系统 {number}")
    client.get(reverse("people.api_keys"))
    # the session, the account, its rights, how many keys there are, the keys, and what the menu counts
    with django_assert_num_queries(10):
        page = client.get(reverse("people.api_keys")).content.decode()
    assert page.count("/work/systems/") >= rows


def test_pages_are_closed_to_others(client):
    client.force_login(make_official("examiner", department=make_department()))
    key = make_key()[0]
    for name, args in [("api_keys", ()), ("new_api_key", ()), ("api_key", (key.pk,)), ("withdraw_api_key", (key.pk,))]:
        assert client.post(reverse(f"people.{name}", args=args)).status_code == 403
