"""The roster and handing over."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.emergency import queries
from hexi.domains.livelihood.emergency.models import Shift
from hexi.domains.livelihood.emergency.operations import duty
from hexi.domains.livelihood.emergency.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


def make_shift(hours: int = 0, **facts: object) -> Shift:
    """A shift of a new officer that began so many hours ago (or begins, if negative)."""
    start = clock.now() - timedelta(hours=hours)
    account = facts.pop("account", None) or make.make_official("duty_officer")
    return duty.put_shift(
        make.make_desk(), start=start, end=start + timedelta(hours=24), account=account, by=make.BY, **facts
    )  # type: ignore[arg-type]


def test_who_is_on_duty_at_a_moment() -> None:
    one = make_shift(1)
    make_shift(-30)
    assert queries.on_duty(make.make_desk()) == [one]
    assert queries.on_duty(make.make_desk(), one.end) == []
    days = queries.week(make.make_desk(), clock.local_day(one.start))
    assert len(days) == 7
    assert days[0][1] == [one]


def test_only_who_leads_puts_people_on_and_only_those_of_the_desk() -> None:
    desk, officer = make.make_desk(), make.make_official("duty_officer")
    start = clock.now()
    facts = {"start": start, "end": start + timedelta(hours=12)}
    with pytest.raises(Denied):
        duty.put_shift(desk, account=officer, by=make.acting("duty_officer"), **facts)
    with pytest.raises(ValidationError):
        duty.put_shift(desk, account=people.make_account(), by=make.acting("duty_leader"), **facts)
    duty.put_shift(desk, account=officer, by=make.acting("duty_leader"), **facts)
    for wrong in (facts, facts | {"end": start - timedelta(hours=1)}, facts | {"end": start + timedelta(hours=49)}):
        with pytest.raises(ValidationError):
            duty.put_shift(desk, account=officer, by=make.acting("duty_leader"), **wrong)
    assert Shift.objects.count() == 1


def test_a_shift_is_handed_over_once_and_taken_by_another_once() -> None:
    account = make.make_official("duty_officer")
    one, me, other = make_shift(2, account=account), people.acting(account), make.acting("duty_officer")
    with pytest.raises(Denied):
        duty.hand_over(one, note="沙沟水位要盯。", by=other)
    with pytest.raises(ValidationError):
        duty.take_over(one, by=other)
    duty.hand_over(one, note="沙沟水位要盯。", by=me)
    with pytest.raises(ValidationError):
        duty.hand_over(one, note="改一改。", by=me)
    assert queries.to_take(make.make_desk()) == one
    with pytest.raises(ValidationError):
        duty.take_over(one, by=me)
    duty.take_over(one, by=other)
    with pytest.raises(ValidationError):
        duty.take_over(one, by=make.acting("duty_officer"))
    assert Shift.objects.get().handover == "沙沟水位要盯。"
    assert queries.to_take(make.make_desk()) is None


def test_what_has_begun_stays_on_the_roster() -> None:
    past, coming, leader = make_shift(2), make_shift(-5), make.acting("duty_leader")
    with pytest.raises(ValidationError):
        duty.drop_shift(past, by=leader)
    with pytest.raises(Denied):
        duty.drop_shift(coming, by=make.acting("duty_officer"))
    duty.drop_shift(coming, by=leader)
    assert list(Shift.objects.all()) == [past]


def test_nobody_is_on_duty_twice_at_once() -> None:
    one = make_shift(2)
    for start in (one.start - timedelta(hours=23), one.start + timedelta(hours=23)):
        with pytest.raises(ValidationError):
            duty.put_shift(
                one.desk, start=start, end=start + timedelta(hours=24), account=one.account, by=make.BY
            )  # fmt: skip
    duty.put_shift(one.desk, start=one.end, end=one.end + timedelta(hours=24), account=one.account, by=make.BY)
    make_shift(2)  # somebody else at the same time
    assert Shift.objects.count() == 3


def test_a_shift_is_still_handed_over_when_its_hours_are_over() -> None:
    late = make_shift(25)
    assert queries.on_duty(late.desk) == []
    assert queries.to_hand(late.desk, late.account_id) == late
    assert queries.to_hand(late.desk, make.make_official("duty_officer").pk) is None
    duty.hand_over(late, note="无。", by=people.acting(late.account))
    assert queries.to_hand(late.desk, late.account_id) is None
