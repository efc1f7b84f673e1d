"""The life of an alert: composed, approved by another, signed, published, updated, cancelled, expired."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, close_old_connections, connection, transaction

from hexi.blocks.alerts import keys, operations, queries
from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.models import Alert, Kind, State, Why
from hexi.blocks.alerts.tests.make import (
    CIRCLE,
    POLYGON,
    TOWNSHIP,
    WORDS,
    make_draft,
    make_follower,
    make_officer,
    make_places,
    make_published,
    make_waiting,
)
from hexi.blocks.audit.models import Entry
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests.make import acting, make_department, make_official, make_post
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.packs import Words
from hexi.wire.cap import checks, reading
from hexi.wire.cap.signing import Signature

pytestmark = pytest.mark.django_db


def fresh(alert):
    return Alert.objects.get(pk=alert.pk)


def test_the_whole_way_ends_in_a_signed_document_that_keeps_every_rule():
    officer, boss = make_officer(), make_officer("alert_approver")
    alert = make_draft(TOWNSHIP, POLYGON, CIRCLE, by=officer)
    operations.submit(alert, by=officer)
    operations.approve(alert, by=boss)
    alert = operations.publish(alert, by=boss)
    checked = checks.check(alert.document.encode(), [keys.signer().certificate])
    assert (checked.good, checked.signature) == (True, Signature.GOOD)
    message = checked.alert
    assert (message.identifier, message.kind, message.status, message.scope) == (
        alert.number, "Alert", "Actual", "Public",
    )  # fmt: skip
    assert message.sent_at == alert.published_at
    chinese, english = message.infos
    assert (chinese.tongue, english.tongue) == ("zh-CN", "en")
    assert (chinese.headline, english.headline) == (WORDS["headline_zh"], WORDS["headline_en"])
    assert (chinese.severity, chinese.parameters[0].name, chinese.parameters[0].value) == ("Severe", "预警颜色", "橙色")
    assert [(one.polygons, one.circles, [(two.name, two.value) for two in one.geocodes]) for one in chinese.areas] == [
        ((), (), [("统计用区划代码", "620981106000")]), ((POLYGON.polygon,), (), []), ((), (CIRCLE.circle,), []),
    ]  # fmt: skip
    verbs = list(Entry.objects.filter(verb__startswith="alerts.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["alerts.compose", "alerts.submit", "alerts.approve", "alerts.publish"]


@pytest.mark.parametrize(
    ("colour", "severity"), [("blue", "Minor"), ("yellow", "Moderate"), ("orange", "Severe"), ("red", "Extreme")]
)
def test_the_four_colours_are_cap_severities(colour, severity):
    message = reading.parse(make_published(colour=colour).document.encode())
    assert {info.severity for info in message.infos} == {severity}


def test_nobody_approves_his_own():
    officer = make_officer("alert_approver")
    both = make_officer()
    alert = make_waiting(by=both)
    operations.approve(alert, by=officer)
    own = make_waiting(by=both)
    with pytest.raises(Denied):
        operations.approve(own, by=both)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor does the database take it
        Alert.objects.filter(pk=own.pk).update(approved_key=both.key)


def test_who_composes_and_approves_by_right_still_needs_another():
    make_places()
    account = make_official("alert_officer")
    make_post(account, "alert_approver")
    both = acting(account)
    alert = make_waiting(by=both)
    for attempt in (operations.approve, lambda one, by: operations.give_back(one, reason="x", by=by)):
        with pytest.raises(Denied):
            attempt(alert, by=both)
    assert list(queries.to_approve(both)) == []


def test_only_the_composer_changes_a_draft():
    alert = make_draft()
    with pytest.raises(Denied):
        operations.change(alert, by=make_officer(), headline_zh="别的")
    with pytest.raises(Denied):
        operations.add_area(alert, POLYGON, by=make_officer())
    with pytest.raises(Denied):
        operations.submit(alert, by=make_officer())


def test_what_waits_cannot_be_changed_and_what_is_public_cannot_be_withdrawn():
    officer = make_officer()
    alert = make_waiting(by=officer)
    with pytest.raises(ValidationError, match="待核准"):
        operations.change(alert, by=officer, headline_zh="别的")
    alert = make_published()
    with pytest.raises(ValidationError, match="请发布解除"):
        operations.withdraw(alert, by=make_officer("alert_approver"))


def test_given_back_it_is_changed_and_submitted_again():
    officer, boss = make_officer(), make_officer("alert_approver")
    alert = make_waiting(by=officer)
    with pytest.raises(ValidationError):
        operations.give_back(alert, reason=" ", by=boss)
    operations.give_back(alert, reason="写明时间", by=boss)
    assert (fresh(alert).state, fresh(alert).returned) == (State.DRAFT, "写明时间")
    assert Notice.objects.filter(key="alerts.returned", account_id=officer.account_id).count() == 1
    operations.change(alert, by=officer, headline_zh="改好了")
    operations.submit(alert, by=officer)
    assert (fresh(alert).state, fresh(alert).returned, fresh(alert).headline_zh) == (State.WAITING, "", "改好了")


def test_what_was_changed_since_it_was_read_is_not_approved_unread():
    officer, boss, other = make_officer(), make_officer("alert_approver"), make_officer("alert_approver")
    alert = make_waiting(by=officer)
    seen = fresh(alert).submitted_at
    operations.give_back(alert, reason="写明时间", by=other)
    operations.change(alert, by=officer, headline_zh="改成别的")
    operations.submit(alert, by=officer)
    with pytest.raises(ValidationError, match="内容改过"):
        operations.approve(alert, seen=seen, by=boss)
    assert operations.approve(alert, seen=fresh(alert).submitted_at, by=boss).state == State.APPROVED


def test_approvers_are_told_and_the_composer_is_not():
    boss = make_officer("alert_approver")
    other = make_officer(
        "alert_approver", region_code="620900000000", department=make_department("jiuquan", "620900000000")
    )
    make_waiting()
    told = set(Notice.objects.filter(key="alerts.to_approve").values_list("account_id", flat=True))
    assert told == {boss.account_id}
    assert other.account_id not in told


def test_without_a_key_nothing_is_public():
    boss = make_officer("alert_approver")
    alert = operations.approve(make_waiting(), by=boss)
    for path in keys.folder().glob("alert-*.pem"):
        path.unlink()
    with pytest.raises(ImproperlyConfigured):
        operations.publish(alert, by=boss)
    assert (fresh(alert).state, fresh(alert).document) == (State.APPROVED, "")


def test_published_twice_it_is_published_once():
    alert = make_published()
    again = operations.publish(alert, by=make_officer("alert_approver"))
    assert again.document == alert.document
    assert Entry.objects.filter(verb="alerts.publish", ref=str(alert.pk), facts__has_key="number").count() == 1


def test_composed_twice_by_the_same_form_it_stands_once():
    officer, once = make_officer(), uuid4()
    given = WORDS | {"expires": clock.now() + timedelta(hours=1)}
    first, second = (operations.compose(make_department(), once=once, by=officer, **given) for _ in range(2))
    assert (first.pk, Alert.objects.count()) == (second.pk, 1)
    other = make_draft()
    assert other.number[-4:] == "0002"  # the second form took no number


# --- updates and cancellations ----------------------------------------------------------------------------------------
def test_an_update_refers_to_all_earlier_ones_and_ends_the_last():
    first = make_published()
    second = make_follower(first, Kind.UPDATE, colour="red")
    third = make_follower(second, Kind.CANCEL, note="雨停了")
    assert [(fresh(one).ended_why, fresh(one).in_force) for one in (first, second, third)] == [
        (Why.UPDATED, False), (Why.CANCELLED, False), ("", False),
    ]  # fmt: skip
    message = reading.parse(third.document.encode())
    assert [one.identifier for one in message.refers_to] == [first.number, second.number]
    assert (message.infos[0].responses, message.infos[0].urgency) == (("AllClear",), "Past")
    assert reading.parse(second.document.encode()).infos[0].severity == "Extreme"
    assert queries.in_force() == []


def test_one_follower_at_a_time():
    alert = make_published()
    officer = make_officer()
    first = operations.follow(alert, Kind.UPDATE, by=officer)
    with pytest.raises(ValidationError, match=first.number):
        operations.follow(alert, Kind.CANCEL, by=officer, note="x")
    operations.withdraw(first, by=officer)
    operations.follow(alert, Kind.CANCEL, by=officer, note="x")


def test_what_is_over_is_not_followed():
    alert = make_published()
    make_follower(alert, Kind.CANCEL, note="雨停了")
    with pytest.raises(ValidationError, match="已解除"):
        operations.follow(alert, Kind.UPDATE, by=make_officer())
    with pytest.raises(ValidationError):
        operations.follow(make_draft(), Kind.UPDATE, by=make_officer())


def test_a_follower_whose_alert_has_expired_meanwhile_is_not_published():
    alert = make_published()
    officer, boss = make_officer(), make_officer("alert_approver")
    draft = operations.submit(operations.follow(alert, Kind.UPDATE, by=officer), by=officer)
    operations.approve(draft, by=boss)
    Alert.objects.filter(pk=alert.pk).update(ended_at=clock.now(), ended_why=Why.EXPIRED)
    with pytest.raises(ValidationError, match="已经失效"):
        operations.publish(draft, by=boss)
    assert fresh(draft).state == State.APPROVED


def test_it_expires_once_and_by_itself():
    alert = make_published()
    assert operations.expire(alert, by=make_officer()) is False
    with clock.told_at(clock.now() + timedelta(hours=7)):
        assert queries.in_force() == []
        assert fresh(alert).tag == ("off", "到期")
        assert [operations.expire(alert, by=make_officer()) for _ in range(2)] == [True, False]
    assert fresh(alert).ended_why == Why.EXPIRED


# --- what is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "field"),
    [({"hazard": "dragons"}, "hazard"), ({"colour": "pink"}, "colour"), ({"headline_zh": ""}, "headline_zh"),
     ({"headline_zh": "雨" * 161}, "headline_zh"), ({"text_zh": "x" * 4001}, "text_zh"),
     ({"onset": clock.now() + timedelta(days=9)}, "expires")],
)  # fmt: skip
def test_a_draft_names_the_field_that_does_not_fit(said, field):
    with pytest.raises(ValidationError) as refused:
        make_draft(**said)
    assert list(refused.value.error_dict) == [field]


@pytest.mark.parametrize(
    ("piece", "field", "rule"),
    [(dict(polygon="39.8,97.0 39.9,97.1 39.9,97.0 39.8,97.2 39.8,97.0"), "polygon", "自己相交"),
     (dict(polygon="39.8,97.0 39.9,97.1 39.9,97.0"), "polygon", "至少要 4 个"), (dict(circle="39.8,97.0"), "circle", "半径"),
     (dict(polygon=" ".join(["1,1"] * 3000)), "polygon", "最多"), (dict(), "shape", "请给出"),
     (dict(code="620981106000", circle="39.8,97 5"), "shape", "请给出")],
)  # fmt: skip
def test_a_broken_shape_is_refused_and_the_rule_named(piece, field, rule):
    officer = make_officer()
    with pytest.raises(ValidationError) as refused:
        operations.add_area(make_draft(by=officer), Piece(Words(zh="x", en=""), **piece), by=officer)
    assert list(refused.value.error_dict) == [field]
    assert rule in " ".join(refused.value.messages)


def test_a_shape_needs_a_name():
    officer = make_officer()
    with pytest.raises(ValidationError) as refused:
        operations.add_area(make_draft(by=officer), Piece(Words(zh=" ", en=""), circle="39.8,97 5"), by=officer)
    assert list(refused.value.error_dict) == ["name"]


def test_an_area_added_twice_stands_once_and_can_be_dropped():
    officer = make_officer()
    alert = make_draft(by=officer)
    for _ in range(2):
        alert = operations.add_area(alert, POLYGON, by=officer)
    assert [one["zh"] for one in alert.areas] == ["下西号镇", "昌马河下游两岸"]
    alert = operations.drop_area(alert, POLYGON.stored(), by=officer)
    assert [one["zh"] for one in alert.areas] == ["下西号镇"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [({"status": "Exercise"}, "演练名称"), ({"expires": clock.now() - timedelta(hours=1)}, "失效时间已过")],
)
def test_what_is_not_whole_is_not_submitted(said, sentence):
    officer = make_officer()
    alert = make_draft(by=officer, **said)
    with pytest.raises(ValidationError, match=sentence):
        operations.submit(alert, by=officer)
    assert fresh(alert).state == State.DRAFT


def test_control_characters_do_not_break_the_document():
    alert = make_published(text_zh="a\x00b\x0bc\u202ed\r\n<script>alert(1)</script>")
    assert reading.parse(alert.document.encode()).infos[0].description == "abcd\n<script>alert(1)</script>"


# --- rights -----------------------------------------------------------------------------------------------------------
def test_only_in_ones_own_region_and_department():
    officer = make_officer()
    with pytest.raises(ValidationError, match="本辖区"):
        make_draft(Piece(Words(zh="敦煌市", en=""), code="620982000000"), by=officer)
    with pytest.raises(ValidationError, match="本辖区"):
        make_draft(Piece(Words(zh="酒泉市", en=""), code="620900000000"), by=officer)
    elsewhere = make_department("dunhuang", "620982000000")
    with pytest.raises(Denied):
        operations.compose(elsewhere, by=officer, **WORDS, expires=clock.now())
    stranger = make_officer("alert_approver", department=elsewhere, region_code="620982000000")
    with pytest.raises(Denied):
        operations.approve(make_waiting(), by=stranger)
    assert list(queries.seen_by(stranger)) == []


@pytest.mark.parametrize("role", ["clerk", "alert_duty", "alert_approver"])
def test_who_may_not_compose(role):
    with pytest.raises(Denied):
        make_draft(by=make_officer(role))


# --- two at once ------------------------------------------------------------------------------------------------------
def at_once(*works):
    """Run the works in threads that begin together; what each gave or raised."""
    barrier, outcomes = Barrier(len(works)), [None] * len(works)

    def run(place, work):
        close_old_connections()
        barrier.wait()
        try:
            outcomes[place] = work()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_at_once_one_counts():
    one, other = make_officer("alert_approver"), make_officer("alert_approver")
    alert = make_waiting()
    outcomes = at_once(lambda: operations.approve(alert, by=one), lambda: operations.approve(alert, by=other))
    assert sorted(type(found).__name__ for found in outcomes) == ["Alert", "ValidationError"]
    assert Entry.objects.filter(verb="alerts.approve").count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_published_by_two_at_once_it_is_signed_once():
    boss = make_officer("alert_approver")
    alert = operations.approve(make_waiting(), by=boss)
    outcomes = at_once(*[lambda: operations.publish(alert, by=boss)] * 3)
    assert {found.document for found in outcomes} == {fresh(alert).document}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_an_update_and_a_cancellation_at_once_one_stands():
    officer, alert = make_officer(), make_published()
    outcomes = at_once(
        lambda: operations.follow(alert, Kind.UPDATE, by=officer),
        lambda: operations.follow(alert, Kind.CANCEL, by=officer, note="雨停了"),
    )
    assert sorted(type(found).__name__ for found in outcomes) == ["Alert", "ValidationError"]
    numbers = sorted(Alert.objects.values_list("number", flat=True))
    assert [number[-4:] for number in numbers] == ["0001", "0002"]
