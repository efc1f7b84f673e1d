"""A smaller area, an all-clear: whoever was told before and is outside now hears of it, once, and is asked for nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.alerts import jobs, keeping, operations, queries, reaching
from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.hooks import area_found
from hexi.blocks.alerts.models import Alert, Kind, Reached
from hexi.blocks.alerts.reach import LEFT, Reach
from hexi.blocks.alerts.tests.make import (
    BY,
    TOWNSHIP,
    make_contact,
    make_draft,
    make_follower,
    make_officer,
    make_published,
)
from hexi.blocks.alerts.tests.test_life import at_once
from hexi.blocks.alerts.tests.test_reach import told
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests.make import acting, make_citizen, make_official
from hexi.blocks.regions.tests.make import SHIHEZI
from hexi.kernel import clock
from hexi.kernel.jobs import drain
from hexi.kernel.packs import Words

pytestmark = pytest.mark.django_db
HEDONG = "620981106200"
VILLAGE = Piece(Words(zh="河东村", en="Hedong Village"), code=HEDONG)


def smaller(alert: Alert) -> Alert:
    """An update for one village of the township, published."""
    by, boss = make_officer(), make_officer("alert_approver")
    draft = operations.follow(alert, Kind.UPDATE, by=by)
    operations.add_area(draft, VILLAGE, by=by)
    operations.drop_area(draft, TOWNSHIP.stored(), by=by)
    operations.submit(draft, by=by)
    return operations.publish(operations.approve(draft, by=boss), by=boss)


def left(alert: Alert) -> list[str]:
    return list(Reached.objects.filter(alert=alert, kind=LEFT).order_by("ref").values_list("ref", flat=True))


def test_who_fell_out_of_a_smaller_area_is_told_so_once_and_who_stays_is_not():
    inside, outside, watcher = make_contact(HEDONG), make_contact(SHIHEZI), make_citizen()
    keeping.subscribe(SHIHEZI, colour="blue", by=acting(watcher))
    first = make_published()
    drain()
    update = smaller(first)
    drain()
    assert told(person=inside.person) == ["alerts.confirm", "alerts.confirm"]
    assert told(person=outside.person) == ["alerts.confirm", "alerts.left"]
    assert told(watcher) == ["alerts.left", "alerts.published"]
    said = Notice.objects.get(person=outside.person, key="alerts.left")
    assert ("河东村" in said.body_zh, "Hedong Village" in said.body_en) == (True, True)
    assert sorted(queries.calls(update).values_list("person_id", flat=True)) == [inside.person_id]
    Alert.objects.filter(pk=update.pk).update(reached_at=None)  # the worker died before it noted the end
    assert reaching.reach(Alert.objects.get(pk=update.pk), by=BY) == 0
    assert told(person=outside.person) == ["alerts.confirm", "alerts.left"]


def test_who_was_told_that_he_is_outside_hears_no_more_of_it_unless_he_is_inside_again():
    outside = make_contact(SHIHEZI)
    first = make_published()
    drain()
    second = smaller(first)
    drain()
    over = make_follower(second, Kind.CANCEL, note="雨停了")
    drain()
    assert (told(person=outside.person), left(over)) == (["alerts.confirm", "alerts.left"], [])


def test_an_all_clear_is_told_to_who_was_warned_and_is_found_no_more():
    gone = make_contact(SHIHEZI)
    alert = make_published()
    drain()
    keeping.end_contact(gone, by=BY)
    over = make_follower(alert, Kind.CANCEL, note="雨停了")
    drain()
    assert told(person=gone.person) == ["alerts.cancelled", "alerts.confirm"]
    assert left(over) == [f"person:{gone.person_id}"]


def test_of_a_first_alert_nobody_is_outside():
    make_contact()
    alert = make_published()
    drain()
    assert left(alert) == []


def test_while_a_kind_cannot_be_asked_nobody_is_told_that_he_is_outside(monkeypatch):
    outside = make_contact(SHIHEZI)
    first = make_published()
    drain()
    update = smaller(first)
    whole = reaching.reaches()

    def broken(area):
        raise RuntimeError("away")

    monkeypatch.setattr(reaching, "reaches", lambda: whole | {"contacts": replace(whole["contacts"], find=broken)})
    with pytest.raises(RuntimeError):
        reaching.reach(Alert.objects.get(pk=update.pk), by=BY)
    assert told(person=outside.person) == ["alerts.confirm"]
    monkeypatch.setattr(reaching, "reaches", lambda: whole)
    reaching.reach(Alert.objects.get(pk=update.pk), by=BY)
    assert told(person=outside.person) == ["alerts.confirm", "alerts.left"]


def test_a_warning_that_another_has_replaced_is_told_to_nobody_any_more():
    contact = make_contact(SHIHEZI)
    first = make_published()
    smaller(first)
    assert reaching.reach(Alert.objects.get(pk=first.pk), by=BY) == 0
    assert told(person=contact.person) == []


def test_the_sweep_takes_up_an_all_clear_as_well():
    contact = make_contact()
    alert = make_published()
    drain()
    make_follower(alert, Kind.CANCEL, note="雨停了")
    with clock.told_at(clock.now() + timedelta(minutes=3)):
        jobs.sweep()
    assert told(person=contact.person) == ["alerts.cancelled", "alerts.confirm"]


def test_an_all_clear_keeps_the_area_of_the_warning():
    by = make_officer()
    alert = make_published(TOWNSHIP, VILLAGE)
    draft = operations.follow(alert, Kind.CANCEL, by=by, note="雨停了")
    with pytest.raises(ValidationError, match="请发更新"):
        operations.drop_area(draft, VILLAGE.stored(), by=by)
    with pytest.raises(ValidationError, match="请发更新"):
        operations.add_area(draft, Piece(Words(zh="石河子", en="Shihezi"), code=SHIHEZI), by=by)
    assert Alert.objects.get(pk=draft.pk).areas == alert.areas
    first = make_draft(TOWNSHIP, VILLAGE, by=by)
    assert operations.drop_area(first, VILLAGE.stored(), by=by).areas == [TOWNSHIP.stored()]


def test_who_is_inside_still_is_not_told_that_he_is_outside_though_he_is_found_no_more():
    """A milder warning of the same area, a contact who gave up, an office whose post ended."""
    watcher, gone, officer = make_citizen(), make_contact(SHIHEZI), make_official("alert_duty")
    keeping.subscribe(SHIHEZI, colour="orange", by=acting(watcher))
    first = make_published()
    drain()
    keeping.end_contact(gone, by=BY)
    officer.posts.update(valid_to=clock.today() - timedelta(days=1))
    milder = make_follower(first, Kind.UPDATE, colour="yellow")
    drain()
    assert Alert.objects.get(pk=milder.pk).reached_at is not None
    assert (told(watcher), told(person=gone.person), told(officer)) == (
        ["alerts.published"], ["alerts.confirm"], ["alerts.confirm"],
    )  # fmt: skip
    assert left(milder) == []


def test_who_was_told_before_two_quick_updates_hears_of_the_second_that_he_is_outside():
    outside = make_contact(SHIHEZI)
    first = make_published()
    drain()
    second = smaller(first)
    third = make_follower(second, Kind.UPDATE)  # before the job of the second has run
    drain()
    assert [Alert.objects.get(pk=one.pk).reached_at is None for one in (first, second, third)] == [False, True, False]
    assert (told(person=outside.person), left(third)) == (
        ["alerts.confirm", "alerts.left"], [f"person:{outside.person_id}"],
    )  # fmt: skip


def test_who_heard_it_from_a_message_that_was_overtaken_hears_it_no_second_time():
    outside, other = make_contact(SHIHEZI), make_contact(SHIHEZI)
    first = make_published()
    drain()
    second = smaller(first)
    drain()
    # the worker died between the two of them, and the next message came before the sweep
    Alert.objects.filter(pk=second.pk).update(reached_at=None)
    Reached.objects.get(alert=second, ref=f"person:{other.person_id}").delete()
    third = make_follower(second, Kind.UPDATE)
    drain()
    assert left(third) == [f"person:{other.person_id}"]
    assert told(person=outside.person) == ["alerts.confirm", "alerts.left"]


def test_of_a_message_that_was_overtaken_nobody_learns_where_its_ground_is(monkeypatch):
    rung = []
    kinds_now = {"fields": Reach("fields", "地块", lambda area: [], ground=True)}
    monkeypatch.setattr(reaching, "reaches", lambda: kinds_now)
    monkeypatch.setattr(type(area_found), "ring", lambda self, **facts: rung.append((self.name, facts.get("alert"))))
    first = make_published()
    Reached.objects.create(alert=first, kind="fields", ref="1", title_zh="地", title_en="Field", region_code=HEDONG)
    over = make_follower(first, Kind.CANCEL, note="雨停了")
    Reached.objects.create(alert=over, kind="fields", ref="1", title_zh="地", title_en="Field", region_code=HEDONG)
    for alert in (first, over):
        reaching.reach(Alert.objects.get(pk=alert.pk), by=BY)
    assert [alert for name, alert in rung if name == area_found.name] == [over]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_who_is_outside_once():
    outside = make_contact(SHIHEZI)
    first = make_published()
    reaching.reach(Alert.objects.get(pk=first.pk), by=BY)
    update = smaller(first)
    at_once(*[lambda: reaching.reach(Alert.objects.get(pk=update.pk), by=BY)] * 3)
    assert told(person=outside.person) == ["alerts.confirm", "alerts.left"]
