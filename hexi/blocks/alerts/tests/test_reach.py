"""Whom an alert finds, who is told what, who is asked and who has confirmed; again and after a crash nothing twice."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.alerts import areas, foreseen, jobs, keeping, operations, queries, reaching
from hexi.blocks.alerts.models import Alert, Kind, Reached
from hexi.blocks.alerts.reach import Reach, Target, reaches
from hexi.blocks.alerts.tests.make import (
    BY,
    CIRCLE,
    POLYGON,
    TOWNSHIP,
    make_contact,
    make_draft,
    make_follower,
    make_officer,
    make_places,
    make_published,
    make_waiting,
)
from hexi.blocks.alerts.tests.test_life import at_once
from hexi.blocks.audit.models import Entry
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests.make import acting, make_citizen, make_department
from hexi.blocks.regions.tests.make import JIUQUAN, SHIHEZI, XIAXIHAO, YUMEN
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.packs import Words
from hexi.wire.cap import shapes

pytestmark = pytest.mark.django_db
DUNHUANG = "620982000000"


def told(account=None, person=None):
    mine = Notice.objects.filter(account=account) if account else Notice.objects.filter(person=person)
    return sorted(mine.filter(key__startswith="alerts.").values_list("key", flat=True))


def kinds(alert):
    return {kind: number for kind, number in queries.found(alert).items()}


def test_villages_of_the_divisions_are_found():
    alert = make_published()
    drain()
    found = Reached.objects.filter(alert=alert, kind="villages")
    assert [(one.ref, one.title_zh, one.must_confirm) for one in found.order_by("ref")] == [
        ("620981106200", "河东村委会", False), ("620981106203", "石河子村委会", False),
    ]  # fmt: skip
    assert Alert.objects.get(pk=alert.pk).reached_at is not None


def test_contacts_here_and_above_are_told_and_asked():
    make_places()
    village, township, county = make_contact(SHIHEZI), make_contact(XIAXIHAO), make_contact(YUMEN)
    province, elsewhere = make_contact(JIUQUAN), make_contact(DUNHUANG)
    alert = make_published()
    drain()
    asked = set(queries.calls(alert).values_list("person_id", flat=True))
    assert asked == {village.person_id, township.person_id, county.person_id}
    assert told(person=village.person) == ["alerts.confirm"]
    assert told(person=province.person) == told(person=elsewhere.person) == []


def test_a_contact_that_ended_is_not_asked():
    contact = make_contact()
    keeping.end_contact(contact, by=BY)
    keeping.end_contact(contact, by=BY)
    alert = make_published()
    drain()
    assert queries.confirmed(alert) == queries.Confirmed(yes=0, no=0)


def test_officials_on_duty_are_asked_in_the_workbench():
    duty = make_officer("alert_duty")
    elsewhere = make_officer("alert_duty", region_code=DUNHUANG, department=make_department("dunhuang", DUNHUANG))
    alert = make_published()
    drain()
    row = queries.calls(alert).get(kind="officials")
    assert (row.account_id, [one.pk for one in queries.my_calls(duty)]) == (duty.account_id, [row.pk])
    assert list(queries.my_calls(elsewhere)) == []
    with pytest.raises(Denied):
        reaching.confirm(row, by=elsewhere)
    reaching.confirm(row, by=duty)
    assert list(queries.my_calls(duty)) == []
    row.refresh_from_db()
    assert (row.confirmed_how, row.confirmed_by) == ("workbench", duty.name)


def test_subscribers_hear_from_their_colour_on_and_are_not_asked():
    account, mild, far = make_citizen(), make_citizen(), make_citizen()
    make_places()
    keeping.subscribe(SHIHEZI, colour="orange", by=acting(account))
    keeping.subscribe(YUMEN, colour="red", by=acting(mild))
    keeping.subscribe(DUNHUANG, colour="blue", by=acting(far))
    alert = make_published()  # orange
    drain()
    assert (told(account), told(mild), told(far)) == (["alerts.published"], [], [])
    assert queries.confirmed(alert).total == 0


def test_a_contact_who_watches_his_village_too_is_told_once():
    account = make_citizen()
    make_contact(person=account.person)
    keeping.subscribe(SHIHEZI, colour="blue", by=acting(account))
    alert = make_published()
    drain()
    assert (told(account), told(person=account.person)) == ([], ["alerts.confirm"])
    assert kinds(alert) == {"contacts": 1, "villages": 2}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_found_by_two_workers_at_once_each_is_told_once():
    contact, account = make_contact(), make_citizen()
    keeping.subscribe(SHIHEZI, colour="blue", by=acting(account))
    alert = make_published()
    at_once(*[lambda: reaching.reach(Alert.objects.get(pk=alert.pk), by=BY)] * 3)
    reaching.reach(Alert.objects.get(pk=alert.pk), by=BY)  # as the queue tries again what failed
    assert (told(person=contact.person), told(account)) == (["alerts.confirm"], ["alerts.published"])
    assert Alert.objects.get(pk=alert.pk).reached_at is not None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_confirmed_by_link_and_by_phone_at_once_the_first_counts():
    row = called()
    at_once(lambda: reaching.confirm_by_link(reaching.token(row), by=BY), lambda: reaching.confirm_by_phone(row, by=BY))
    entries = Entry.objects.filter(verb="alerts.confirm", ref=str(row.pk))
    assert sorted(one.facts["first"] for one in entries) == [False, True]
    row.refresh_from_db()
    assert row.confirmed_how == entries.get(facts__first=True).facts["how"]


def with_ground(monkeypatch):
    """Ground of a domain, drawn in a village of the issuing region, beyond the shapes of `make`."""

    def find(area):
        drawn = area.covers(SHIHEZI) or area.contains(39.0, 97.05)
        return [Target("field", Words(zh="地块", en="Field"), SHIHEZI)] if drawn else []

    kinds_now = reaches() | {"fields": Reach("fields", "地块", find, ground=True)}
    for module in (reaching, foreseen):
        monkeypatch.setattr(module, "reaches", lambda: kinds_now)


def with_device(monkeypatch):
    """A sensor of a domain that knows its place, inside the shapes of `make`."""

    def find(area):
        places = {"in": (39.85, 97.05), "out": (39.0, 97.05)}
        return [Target(ref, Words(zh=ref, en=ref)) for ref, place in places.items() if area.contains(*place)]

    kinds_now = reaches() | {"devices": Reach("devices", "设备", find)}
    for module in (reaching, foreseen):
        monkeypatch.setattr(module, "reaches", lambda: kinds_now)


def test_a_shape_asks_those_of_the_issuing_region():
    county, village = make_contact(YUMEN), make_contact(SHIHEZI)
    make_published(POLYGON)
    drain()
    assert (told(person=county.person), told(person=village.person)) == (["alerts.confirm"], [])


def test_found_again_nobody_is_told_twice():
    contact = make_contact()
    alert = make_published()
    drain()
    Alert.objects.filter(pk=alert.pk).update(reached_at=None)  # the worker died before it noted the end
    assert reaching.reach(Alert.objects.get(pk=alert.pk), by=BY) == 0
    assert told(person=contact.person) == ["alerts.confirm"]


def test_what_a_dead_worker_left_is_taken_up_by_the_sweep():
    contact = make_contact()
    make_published()
    jobs.sweep()
    assert told(person=contact.person) == []  # its own job may still be at it
    with clock.told_at(clock.now() + timedelta(minutes=3)):
        jobs.sweep()
    assert told(person=contact.person) == ["alerts.confirm"]


def test_a_test_tells_nobody_and_an_exercise_does():
    contact = make_contact()
    make_published(status="Test")
    drain()
    assert told(person=contact.person) == []
    make_published(status="Exercise", note="秋季演练")
    drain()
    notice = Notice.objects.get(person=contact.person)
    assert (notice.key, "【演练】" in notice.title_zh, "[Exercise]" in notice.title_en) == (
        "alerts.confirm",
        True,
        True,
    )


def test_an_all_clear_is_told_and_not_asked_after():
    contact = make_contact()
    alert = make_published()
    drain()
    over = make_follower(alert, Kind.CANCEL, note="雨停了")
    drain()
    assert told(person=contact.person) == ["alerts.cancelled", "alerts.confirm"]
    assert queries.confirmed(over).total == 0


def test_nothing_is_found_before_it_is_public():
    alert = make_waiting()
    assert reaching.reach(alert, by=BY) == 0
    assert Reached.objects.count() == 0


def test_what_a_domain_adds_is_found(monkeypatch):
    with_device(monkeypatch)
    alert = make_published(CIRCLE)
    drain()
    assert list(Reached.objects.filter(alert=alert, kind="devices").values_list("ref", flat=True)) == ["in"]


def test_a_finder_that_fails_does_not_undo_what_was_published(monkeypatch):
    def broken(area):
        raise RuntimeError("devices are away")

    kinds_now = {"devices": Reach("devices", "设备", broken)} | reaches()
    monkeypatch.setattr(reaching, "reaches", lambda: kinds_now)
    contact = make_contact()
    alert = make_published()
    with pytest.raises(RuntimeError):
        drain()
    found = Alert.objects.get(pk=alert.pk)
    assert (found.state, found.reached_at, told(person=contact.person)) == ("published", None, ["alerts.confirm"])
    with clock.told_at(clock.now() + timedelta(minutes=3)):
        jobs.sweep()  # tries again, and lives
    monkeypatch.setattr(reaching, "reaches", reaches)
    with clock.told_at(clock.now() + timedelta(minutes=4)):
        jobs.sweep()
    assert Alert.objects.get(pk=alert.pk).reached_at is not None
    assert told(person=contact.person) == ["alerts.confirm"]


# --- before it is public ----------------------------------------------------------------------------------------------
def test_what_it_would_reach_is_counted_and_nobody_told():
    contact = make_contact()
    keeping.subscribe(SHIHEZI, colour="blue", by=acting(make_citizen()))
    draft = make_draft(TOWNSHIP, POLYGON)
    seen = foreseen.foreseen(draft)
    assert (seen.divisions, seen.kinds, seen.people) == (1, {"villages": 2, "contacts": 1, "subscribers": 1}, 2)
    assert (Reached.objects.count(), told(person=contact.person)) == (0, [])


@pytest.mark.parametrize(("most", "cut"), [(1, {"villages"}), (2, set())])
def test_it_says_which_figures_are_cut(monkeypatch, most, cut):
    make_contact()
    monkeypatch.setattr(foreseen, "MOST", most)
    seen = foreseen.foreseen(make_draft())
    assert (seen.kinds, seen.people, seen.cut) == ({"villages": most, "contacts": 1}, 1, cut)


def test_an_error_of_the_database_in_one_kind_keeps_the_others_counted(monkeypatch):
    def broken(area):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")
        yield

    kinds_now = {"fields": Reach("fields", "地块", broken, ground=True)} | reaches()
    monkeypatch.setattr(foreseen, "reaches", lambda: kinds_now)
    assert foreseen.foreseen(make_draft()).kinds == {"villages": 2}
    assert make_published(CIRCLE).state == "published"  # maybe it touches them
    assert foreseen.idle(make_draft(CIRCLE)) == []


@pytest.mark.parametrize("piece", [POLYGON, CIRCLE])
def test_where_no_ground_is_drawn_a_shape_alone_is_published_and_called_idle(piece):
    alert = make_published(piece)
    assert foreseen.idle(alert) == [piece.name.zh]


@pytest.mark.parametrize("piece", [POLYGON, CIRCLE])
def test_an_area_that_touches_nothing_is_refused_with_the_remedy(monkeypatch, piece):
    with_ground(monkeypatch)
    officer = make_officer()
    make_contact(YUMEN)  # would hear of any shape, wherever it lies
    alert = make_draft(piece, by=officer)
    with pytest.raises(ValidationError, match="区域：没有碰到本辖区的任何网格.*再加一个地区"):
        operations.submit(alert, by=officer)
    operations.add_area(alert, TOWNSHIP, by=officer)
    assert operations.submit(alert, by=officer).state == "waiting"


def test_it_is_asked_again_when_it_is_published(monkeypatch):
    officer, boss = make_officer(), make_officer("alert_approver")
    alert = operations.approve(operations.submit(make_draft(CIRCLE, by=officer), by=officer), by=boss)
    with_ground(monkeypatch)
    with pytest.raises(ValidationError, match="区域"):
        operations.publish(alert, by=boss)
    assert Alert.objects.get(pk=alert.pk).document == ""


@pytest.mark.parametrize("kind", [Kind.UPDATE, Kind.CANCEL])
def test_updates_and_all_clears_go_out_though_the_ground_is_gone(monkeypatch, kind):
    alert = make_published(CIRCLE)
    with_ground(monkeypatch)
    assert make_follower(alert, kind, note="x").state == "published"


def test_a_test_may_reach_nothing_and_what_cannot_be_asked_does_not_stop_it(monkeypatch):
    with_ground(monkeypatch)
    assert make_published(CIRCLE, status="Test").state == "published"

    def broken(area):
        raise RuntimeError("devices are away")

    kinds_now = reaches() | {"devices": Reach("devices", "设备", broken, ground=True)}
    monkeypatch.setattr(foreseen, "reaches", lambda: kinds_now)
    assert make_published(CIRCLE).state == "published"


# --- confirming -------------------------------------------------------------------------------------------------------
def called():
    make_contact()
    alert = make_published()
    drain()
    return queries.calls(alert).get()


def test_the_link_confirms_once_and_the_first_time_stands():
    row, visitor = called(), make_officer()
    text = reaching.token(row)
    assert quote(text, safe="") in Notice.objects.get(key="alerts.confirm").link
    first = reaching.confirm_by_link(text, by=visitor).confirmed_at
    with clock.told_at(clock.now() + timedelta(hours=1)):
        assert reaching.confirm_by_link(text, by=visitor).confirmed_at == first
    assert queries.confirmed(row.alert) == queries.Confirmed(yes=1, no=0)


@pytest.mark.parametrize(
    "spoil", [lambda text: text[:-1], lambda text: "x" + text, lambda text: "", lambda text: "1:2:3"]
)
def test_a_link_that_is_not_ours_confirms_nothing(spoil):
    row = called()
    with pytest.raises(ValidationError):
        reaching.confirm_by_link(spoil(reaching.token(row)), by=BY)
    row.refresh_from_db()
    assert row.confirmed_at is None


def test_a_link_made_for_something_else_confirms_nothing():
    from django.core import signing

    assert reaching.by_token(signing.dumps(called().pk, salt="other")) is None


def test_by_phone_only_where_one_looks_after_it():
    row = called()
    with pytest.raises(Denied):
        reaching.confirm_by_phone(row, by=make_officer("clerk"))
    reaching.confirm_by_phone(row, by=make_officer())
    row.refresh_from_db()
    assert row.confirmed_how == "phone"


# --- areas ------------------------------------------------------------------------------------------------------------
def test_an_area_answers_by_code_and_by_point():
    area = areas.area_of([TOWNSHIP.stored(), CIRCLE.stored()], YUMEN, 3)
    assert [area.covers(code) for code in (SHIHEZI, XIAXIHAO, YUMEN)] == [True, True, False]
    assert (area.contains(39.85, 97.05), area.contains(39.95, 97.05)) == (True, False)
    assert area.circles == (shapes.Circle((39.85, 97.05), 5.0),)


# --- contacts and subscriptions ---------------------------------------------------------------------------------------
def test_contacts_are_kept_in_ones_own_region():
    officer = make_officer()
    contact = make_contact()
    assert list(queries.contacts(officer)) == [contact]
    with pytest.raises(Denied):
        keeping.add_contact(make_department(), person=contact.person, region_code=DUNHUANG, duty="x", by=officer)
    with pytest.raises(ValidationError):
        keeping.add_contact(make_department(), person=contact.person, region_code=SHIHEZI, duty=" ", by=officer)
    again = keeping.add_contact(make_department(), person=contact.person, region_code=SHIHEZI, duty="书记", by=officer)
    assert (again.pk, again.duty) == (contact.pk, "村主任")


def test_a_subscription_is_changed_and_ended_by_its_owner_alone():
    make_places()
    owner, other = acting(make_citizen()), acting(make_citizen())
    row = keeping.subscribe(YUMEN, colour="red", by=owner)
    assert keeping.subscribe(YUMEN, colour="blue", by=owner).pk == row.pk
    assert [one.rank for one in queries.subscriptions(owner)] == [1]
    with pytest.raises(Denied):
        keeping.unsubscribe(row, by=other)
    keeping.unsubscribe(row, by=owner)
    assert list(queries.subscriptions(owner)) == []


@pytest.mark.parametrize(("code", "colour"), [("000000000000", "red"), (YUMEN, "pink")])
def test_a_subscription_needs_a_place_and_a_colour(code, colour):
    make_places()
    with pytest.raises(ValidationError):
        keeping.subscribe(code, colour=colour, by=acting(make_citizen()))


def test_an_update_asks_the_contacts_anew():
    contact = make_contact()
    alert = make_published()
    drain()
    reaching.confirm_by_phone(queries.calls(alert).get(), by=BY)
    second = make_follower(alert, Kind.UPDATE, colour="red")
    drain()
    assert queries.confirmed(second) == queries.Confirmed(yes=0, no=1)
    assert told(person=contact.person) == ["alerts.confirm", "alerts.confirm"]
    assert operations.faults(second) == []
