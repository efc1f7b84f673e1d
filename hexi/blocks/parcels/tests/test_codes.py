"""Pick-up at a window: the code, its tries, its last day, and who may hand out."""

import re
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.notices.models import Notice
from hexi.blocks.parcels import codes, hooks, jobs, operations, queries
from hexi.blocks.parcels.models import Parcel, Problem, State, Way
from hexi.blocks.parcels.tests.make import BY, fresh, make_clerk, make_parcel, make_receiver
from hexi.blocks.people.tests.make import acting, make_citizen, make_department, make_enterprise, make_person, make_post
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.options import override
from tests.races.together import parted, together

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    go("2026-11-24 10:00")
    return go


def wrong(parcel):
    """Some six digits that are not the code."""
    return f"{(int(codes.code_of(parcel)) + 1) % 1_000_000:06d}"


def refused(parcel, code, by):
    with pytest.raises(ValidationError) as caught:
        operations.hand(parcel, code=code, by=by)
    return caught.value.message_dict


def test_the_right_code_is_the_proof(at):
    parcel, clerk = make_parcel(), make_clerk()
    assert (parcel.number, parcel.state, parcel.valid_to.isoformat()) == ("P2026112400001", State.PICKUP, "2026-12-24")
    at("2026-11-26 09:30")
    operations.hand(parcel, code=f" {codes.code_of(parcel)} ", by=clerk)
    parcel = fresh(parcel)
    assert (parcel.state, parcel.signed_by, parcel.handed_by) == (State.DELIVERED, parcel.receiver_name, clerk.name)
    assert parcel.delivered_at == datetime(2026, 11, 26, 9, 30, tzinfo=clock.CHINA)
    told = Notice.objects.filter(person=parcel.receiver).order_by("pk").values_list("key", flat=True)
    assert list(told) == ["parcels.to_collect", "parcels.delivered"]
    assert [one.kind for one in parcel.tracks.order_by("pk")] == [State.PICKUP, State.DELIVERED]


def test_each_wrong_code_says_how_many_tries_are_left_and_the_third_locks(at):
    parcel, clerk = make_parcel(), make_clerk()
    assert "还可以试 2 次" in refused(parcel, wrong(parcel), clerk)["code"][0]
    assert "还可以试 1 次" in refused(parcel, "12345", clerk)["code"][0]
    assert "已锁" in refused(parcel, wrong(parcel), clerk)["code"][0]
    parcel = fresh(parcel)
    assert (parcel.wrong, parcel.problem, parcel.state) == (3, Problem.LOCKED, State.PICKUP)
    assert "已锁" in refused(parcel, codes.code_of(parcel), clerk)["code"][0], "the right one comes too late"
    assert Entry.objects.filter(verb="parcels.wrong_code").count() == 3
    assert Entry.objects.filter(verb="parcels.hand").count() == 0


def test_a_new_code_unlocks_and_the_old_one_counts_no_more(at):
    actor, person = make_receiver()
    parcel, clerk = make_parcel(receiver=person), make_clerk()
    old = codes.code_of(parcel)
    for _ in range(3):
        refused(parcel, wrong(parcel), clerk)
    operations.renew_code(parcel, by=actor)
    parcel = fresh(parcel)
    assert (parcel.wrong, parcel.problem, codes.left(parcel)) == (0, "", 3)
    assert codes.code_of(parcel) != old
    assert "还可以试 2 次" in refused(parcel, old, clerk)["code"][0]
    operations.hand(parcel, code=codes.code_of(fresh(parcel)), taken_by="石小红", by=clerk)
    assert fresh(parcel).signed_by == "石小红"


def test_nothing_of_the_code_is_in_the_database(at):
    parcel = make_parcel()
    code = codes.code_of(parcel)
    assert re.fullmatch(r"\d{6}", code)
    with connection.cursor() as cursor:
        for table in ("parcels_parcel", "parcels_track", "notices_notice", "audit_entry"):
            cursor.execute(f"SELECT * FROM {table}")
            rows = [[str(value) for value in row] for row in cursor.fetchall()]
            assert rows
            held = [value for row in rows for value in row if re.search(rf"(?<!\d){code}(?!\d)", value)]
            assert held == [], table


def test_codes_differ_by_parcel_and_fill_six_digits(at):
    found = {codes.code_of(Parcel(number=f"P{n}", salt="same")) for n in range(300)}
    assert len(found) > 295
    assert {len(code) for code in found} == {6}


def test_the_last_day_counts_and_the_next_does_not(at):
    actor, person = make_receiver()
    parcel, clerk = make_parcel(receiver=person), make_clerk()
    at("2026-12-24 23:59")
    jobs.look_after()
    assert (fresh(parcel).problem, codes.good(fresh(parcel))) == ("", True)
    at("2026-12-25 00:00")
    assert "已过期" in refused(parcel, codes.code_of(parcel), clerk)["code"][0]
    jobs.look_after()
    jobs.look_after()
    assert fresh(parcel).problem == Problem.EXPIRED
    assert Notice.objects.filter(person=person, key="parcels.not_collected").count() == 1
    operations.renew_code(parcel, by=actor)
    assert (fresh(parcel).valid_to.isoformat(), fresh(parcel).problem) == ("2027-01-24", "")


def test_options_set_tries_and_days(at):
    with override(codes.TRIES, 1), override(codes.DAYS, 5):
        parcel = make_parcel()
        assert parcel.valid_to.isoformat() == "2026-11-29"
        assert "已锁" in refused(parcel, wrong(parcel), make_clerk())["code"][0]


def test_without_a_code_an_identity_paper_must_be_named(at):
    parcel, clerk = make_parcel(), make_clerk()
    for _ in range(3):
        refused(parcel, wrong(parcel), clerk)
    with pytest.raises(ValidationError) as caught:
        operations.hand_known(parcel, checked=" ", by=clerk)
    assert "checked" in caught.value.message_dict
    operations.hand_known(parcel, checked="居民身份证原件", by=clerk)
    parcel = fresh(parcel)
    assert (parcel.state, parcel.problem) == (State.DELIVERED, "")
    assert parcel.tracks.get(kind=State.DELIVERED).text == "核对证件：居民身份证原件"


def test_it_is_handed_over_once(at):
    parcel, clerk = make_parcel(), make_clerk()
    code = codes.code_of(parcel)
    operations.hand(parcel, code=code, by=clerk)
    with pytest.raises(ValidationError, match="已送达"):
        operations.hand(parcel, code=code, by=clerk)
    with pytest.raises(ValidationError, match="已送达"):
        operations.hand_known(parcel, checked="居民身份证原件", by=clerk)
    with pytest.raises(ValidationError, match="没有领取码"):
        operations.renew_code(parcel, by=clerk)


@pytest.mark.parametrize("role", ["examiner", "head", "supervisor"])
def test_who_may_not_hand_out(at, role):
    parcel, other = make_parcel(), make_clerk(role)
    with pytest.raises(Denied):
        operations.hand(parcel, code=codes.code_of(parcel), by=other)
    with pytest.raises(Denied):
        operations.hand_known(parcel, checked="居民身份证原件", by=other)
    with pytest.raises(Denied):
        operations.renew_code(parcel, by=other)
    assert fresh(parcel).state == State.PICKUP


def test_nobody_hands_out_to_himself_and_no_stranger_gets_a_code(at):
    actor, _ = make_receiver()
    with pytest.raises(Denied):
        operations.renew_code(make_parcel(), by=actor)
    account = make_citizen()
    make_post(account, "clerk")
    clerk, own = acting(account), make_parcel(receiver=account.person)
    with pytest.raises(Denied, match="自己"):
        operations.hand(own, code=codes.code_of(own), by=clerk)
    assert own not in queries.seen_by(clerk)


def test_a_body_is_told_through_its_representative(at):
    actor, person = make_receiver()
    parcel = make_parcel(receiver=make_enterprise(representative=person))
    assert list(queries.own(actor)) == [parcel]
    assert Notice.objects.get(key="parcels.to_collect").person == person
    operations.hand(parcel, code=codes.code_of(parcel), by=make_clerk())
    assert fresh(parcel).signed_by == person.name


def test_an_electronic_one_is_there_at_once_with_its_proof(at, monkeypatch):
    rung = []
    monkeypatch.setattr(type(hooks.delivered), "ring", lambda hook, **facts: rung.append((hook.name, facts)))
    parcel = make_parcel(Way.ONLINE)
    assert (parcel.state, parcel.delivered_at, parcel.signed_by) == (
        State.DELIVERED, parcel.made_at, operations.IN_THE_ACCOUNT,
    )  # fmt: skip
    assert [(name, facts["parcel"]) for name, facts in rung] == [("parcels.delivered", parcel)]


def test_a_thing_is_sent_once_however_often_asked(at):
    thing, receiver = make_person(), make_person()
    first = make_parcel(thing=thing, receiver=receiver)
    assert make_parcel(Way.COURIER, thing=thing, receiver=receiver) == first
    operations.cancel(first, reason="要改成快递", by=make_clerk())
    second = make_parcel(Way.COURIER, thing=thing, receiver=receiver)
    assert [first.number, second.number] == ["P2026112400001", "P2026112400002"]
    assert list(queries.of_thing(thing)) == [second, first]
    assert queries.live(thing) == second


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "长" * 61),
        ("phone", "12"),
        ("phone", "电话"),
        ("address", "玉门"),
        ("address", "长" * 201),
    ],
)
def test_a_bad_address_is_named(at, field, value):
    from hexi.blocks.parcels.tests.make import TO

    with pytest.raises(ValidationError) as caught:
        make_parcel(Way.COURIER, to=TO | {field: value})
    assert list(caught.value.message_dict) == [f"to_{field}"]
    assert Parcel.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_two_windows_at_once_hand_over_once():
    parcel, clerks = make_parcel(), [make_clerk() for _ in range(4)]
    code = codes.code_of(parcel)
    found = together(
        *(lambda by=by: operations.hand(parcel, code=code, by=by) for by in clerks), expect=(ValidationError,)
    )
    done, errors = parted(found, ValidationError)
    assert (len(done), len(errors), parcel.tracks.filter(kind=State.DELIVERED).count()) == (1, 3, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_guesses_at_once_are_all_counted():
    parcel, clerks = make_parcel(), [make_clerk() for _ in range(5)]
    bad = wrong(parcel)
    found = together(
        *(lambda by=by: operations.hand(parcel, code=bad, by=by) for by in clerks), expect=(ValidationError,)
    )
    left = sorted(int(match[1]) for one in found if (match := re.search(r"还可以试 (\d) 次", str(one))))
    assert (left, fresh(parcel).wrong) == ([1, 2], 3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_numbers_have_no_gap_and_one_thing_gets_one_parcel():
    make_department()
    things = [make_person() for _ in range(6)]
    receiver = make_person()
    found = together(*(lambda one=one: make_parcel(thing=one, receiver=receiver, by=BY) for one in things))
    serials = sorted(int(one.number[-5:]) for one in found)
    assert serials == list(range(1, 7))
    same = together(*(lambda: make_parcel(thing=receiver, receiver=receiver) for _ in range(4)))
    assert len({one.pk for one in same}) == 1
    assert sorted(int(n[-5:]) for n in Parcel.objects.values_list("number", flat=True)) == list(range(1, 8))
