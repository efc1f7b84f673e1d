"""Couriers by HTTP, against a real server on this machine: good, late, twice, never; news in any order; called off."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit.models import Entry
from hexi.blocks.notices.models import Notice
from hexi.blocks.parcels import couriers, jobs, operations, tracking
from hexi.blocks.parcels.models import Parcel, Problem, State, Way
from hexi.blocks.parcels.tests.make import TITLE, TO, courier_server, fresh, make_clerk, make_parcel
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.jobs import drain
from hexi.kernel.options import override
from hexi.wire.courier_http import News

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Set the time: `at("2026-11-24 10:00")`."""

    def go(text):
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        return moment

    go("2026-11-24 10:00")
    return go


@pytest.fixture
def server(at):
    with courier_server() as one:
        yield one


def news(kind, when, key="", **given):
    """An event at a time of November 2026."""
    moment = datetime.fromisoformat(f"2026-11-{when}").replace(tzinfo=clock.CHINA)
    return News(key or f"{kind}@{when}", kind, moment, signed_by="石小红" if kind == "delivered" else "", **given)


def sent(**given):
    """A parcel whose order the courier has taken."""
    parcel = operations.send(make_parcel(Way.COURIER, **given), by=make_clerk())
    assert drain() >= 1
    return fresh(parcel)


def state(parcel):
    """State, problem and tracking number as they are now."""
    now = fresh(parcel)
    return now.state, now.problem, now.tracking


def hear(parcel, *events):
    return tracking.hear(parcel, events, by=tracking.BY)


# --- the order --------------------------------------------------------------------------------------------------------
def test_an_order_names_both_ends_and_brings_the_tracking_number(server):
    parcel = sent()
    (what, body, headers), *rest = server.asked
    assert (what, rest) == ("labels", [])
    assert body["receiver"] == TO
    assert body["sender"] == {
        "name": parcel.department.name, "phone": parcel.department.phone, "address": "玉门市演示路 15 号 3 号窗口",
    }  # fmt: skip
    assert (body["number"], body["content"]) == (parcel.number, TITLE.zh)
    assert headers["Idempotency-Key"] == str(parcel.key)
    assert state(parcel) == (State.ORDERED, "", "SF000001")
    assert Notice.objects.filter(person=parcel.receiver).values_list("key", flat=True)[0] == "parcels.sent"


def test_an_answer_too_late_is_asked_for_again_under_the_same_key(server, at):
    server.answers["labels"] = [(200, {"tracking": "LATE1"}, 1.5)]
    parcel = operations.send(make_parcel(Way.COURIER), by=make_clerk())
    drain()
    assert state(parcel) == (State.ORDERING, "", "")
    jobs.sweep()
    assert len(server.asked) == 1, "not due yet"
    at("2026-11-24 10:01")
    jobs.sweep()
    assert state(parcel) == (State.ORDERED, "", "SF000001")
    assert {headers["Idempotency-Key"] for _, _, headers in server.asked} == {str(parcel.key)}


def test_an_event_under_a_key_of_ours_is_not_heard_and_breaks_nothing(server, at):
    parcel = sent()
    before = state(parcel)
    assert hear(parcel, news("picked", "24 11:00", key="hexi:9")) == 0
    assert (state(parcel), parcel.tracks.filter(key="hexi:9").count()) == (before, 0)


def test_a_second_answer_changes_nothing(server, at):
    parcel = sent()
    tracking._ordered(parcel, "OTHER")
    assert state(parcel) == (State.ORDERED, "", "SF000001")
    assert parcel.tracks.filter(kind=State.ORDERED).count() == 1
    assert Notice.objects.filter(key="parcels.sent").count() == 1


def test_no_answer_is_asked_for_ever_more_rarely_and_then_told(server, at):
    server.answers["labels"] = [(503, {"error": "busy"}, 0)] * 6
    parcel = operations.send(make_parcel(Way.COURIER), by=make_clerk())
    drain()
    moment, pauses = clock.now(), []
    while (due := fresh(parcel).due) is not None:
        pauses.append(round((due - moment).total_seconds() / 60))
        moment = at(due.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M"))
        jobs.sweep()
    assert pauses == [1, 4, 16, 64, 256]
    assert state(parcel) == (State.ORDERING, Problem.UNANSWERED, "")
    assert fresh(parcel).problem_note == "503 busy"
    operations.send(parcel, by=make_clerk())
    drain()
    assert state(parcel) == (State.ORDERED, "", "SF000001")
    assert len({headers["Idempotency-Key"] for _, _, headers in server.asked}) == 1


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((422, {"error": "不到这里"}, 0), Problem.REFUSED),
        ((200, b"<html>", 0), ""),
        ((200, {"tracking": ""}, 0), ""),
        ((200, [], 0), ""),
        ((429, {}, 0), ""),
    ],
)
def test_what_is_refused_for_good_and_what_is_tried_again(server, answer, problem):
    server.answers["labels"] = [answer]
    parcel = operations.send(make_parcel(Way.COURIER), by=make_clerk())
    drain()
    assert state(parcel) == (State.ORDERING, problem, "")
    assert (fresh(parcel).due is None) == bool(problem)


def test_already_known_is_as_good_as_taken(server):
    server.answers["labels"] = [(409, {"tracking": "SF7"}, 0)]
    assert sent().tracking == "SF7"


def test_a_tracking_number_of_another_parcel_is_refused(server):
    first = sent()
    server.answers["labels"] = [(200, {"tracking": first.tracking}, 0)]
    second = operations.send(make_parcel(Way.COURIER), by=make_clerk())
    drain()
    assert state(second) == (State.ORDERING, Problem.REFUSED, "")


def test_a_server_that_is_gone_is_asked_again(at):
    with courier_server():
        parcel = make_parcel(Way.COURIER)
        with override(couriers.URL, "http://127.0.0.1:9/api"):
            operations.send(parcel, by=make_clerk())
            drain()
    assert state(parcel) == (State.ORDERING, "", "")
    assert fresh(parcel).due == clock.now() + timedelta(minutes=1)


def test_without_a_courier_the_remedy_is_told(at):
    with pytest.raises(ValidationError, match=r"parcels\.courier_url"):
        operations.send(make_parcel(Way.COURIER), by=make_clerk())


def test_only_the_right_sends(server):
    parcel = make_parcel(Way.COURIER)
    for do in (
        lambda by: operations.send(parcel, by=by),
        lambda by: operations.cancel(parcel, reason="x", by=by),
        lambda by: operations.again(parcel, way=Way.WINDOW, by=by),
        lambda by: make_parcel(by=by),
    ):
        with pytest.raises(Denied):
            do(make_clerk("examiner"))
    assert state(parcel) == (State.TO_SEND, "", "")


def test_it_is_ordered_once(server):
    parcel = sent()
    with pytest.raises(ValidationError, match="不用下单"):
        operations.send(parcel, by=make_clerk())
    assert tracking.exchange(parcel.pk) is False
    assert len(server.asked) == 1


# --- news -------------------------------------------------------------------------------------------------------------
def test_events_out_of_order_and_repeated_count_once(server, at):
    parcel = sent()
    at("2026-11-26 12:00")
    assert hear(parcel, news("out", "26 08:00"), news("collected", "24 16:00")) == 2
    assert state(parcel)[0] == State.OUT
    assert hear(parcel, news("transit", "25 03:00"), news("collected", "24 16:00"), news("transit", "25 03:00")) == 1
    assert state(parcel)[0] == State.OUT
    assert hear(parcel, news("delivered", "26 11:20"), news("delivered", "26 11:20")) == 1
    parcel = fresh(parcel)
    assert (parcel.state, parcel.signed_by, parcel.handed_by) == (State.DELIVERED, "石小红", "快递")
    assert parcel.delivered_at == datetime(2026, 11, 26, 11, 20, tzinfo=clock.CHINA)
    assert hear(parcel, news("transit", "25 05:00")) == 1
    assert (fresh(parcel).state, fresh(parcel).due) == (State.DELIVERED, None)
    assert Notice.objects.filter(key="parcels.delivered").count() == 1


def test_the_end_counts_even_if_something_else_carries_a_later_time(server, at):
    parcel = sent()
    at("2026-11-27 09:00")
    hear(parcel, news("delivered", "26 11:20"), news("out", "26 11:30"))
    assert state(parcel)[0] == State.DELIVERED


def test_a_failed_attempt_is_a_problem_until_the_next_news(server, at):
    parcel = sent()
    at("2026-11-26 12:00")
    hear(parcel, news("failed", "26 10:00", text="家中无人"))
    assert state(parcel)[:2] == (State.FAILED, Problem.FAILED)
    assert fresh(parcel).problem_note == "家中无人"
    hear(parcel, news("out", "26 11:00"))
    assert state(parcel)[:2] == (State.OUT, "")


def test_news_before_the_answer_to_the_order_brings_the_tracking_number(server, at):
    server.answers["labels"] = [(200, {"tracking": "SF9"}, 1.5)]
    parcel = operations.send(make_parcel(Way.COURIER), by=make_clerk())
    drain()
    hear(parcel, news("collected", "24 10:00", tracking="SF9"))
    assert state(parcel) == (State.COLLECTED, "", "SF9")
    tracking._ordered(parcel, "SF9")
    assert state(parcel) == (State.COLLECTED, "", "SF9")


def test_a_proof_from_the_future_is_dated_now(server, at):
    parcel = sent()
    hear(parcel, news("delivered", "30 10:00"))
    assert fresh(parcel).delivered_at == clock.now()


def test_a_silent_courier_is_asked_and_then_told_of(server, at):
    parcel = sent()
    at("2026-11-24 15:59")
    jobs.sweep()
    assert [what for what, _, _ in server.asked] == ["labels"]
    at("2026-11-24 16:00")
    server.answers["track"] = [
        (200, {"events": [{"id": "1", "kind": "collected", "at": "2026-11-24T15:00:00+08:00"}]}, 0)
    ]
    jobs.sweep()
    assert state(parcel)[0] == State.COLLECTED
    assert server.asked[-1][1] == {"number": parcel.number, "tracking": "SF000001"}
    at("2026-11-27 16:00")
    jobs.look_after()
    assert state(parcel)[1] == ""
    at("2026-11-27 16:01")
    jobs.look_after()
    assert state(parcel)[:2] == (State.COLLECTED, Problem.SILENT)
    hear(parcel, news("out", "27 16:00"))
    assert state(parcel)[:2] == (State.OUT, "")


def test_asking_for_news_never_gives_up(server, at):
    parcel = sent()
    server.answers["track"] = [(500, {}, 0)] * 12
    for _ in range(12):
        moment = fresh(parcel).due.astimezone(clock.CHINA)
        at(moment.strftime("%Y-%m-%d %H:%M"))
        jobs.sweep()
    assert (state(parcel)[0], fresh(parcel).due > clock.now()) == (State.ORDERED, True)


def test_asking_without_news_leaves_no_line_in_the_log(server, at):
    parcel = sent()
    before = Entry.objects.count()
    at("2026-11-24 16:00")
    jobs.sweep()
    assert (Entry.objects.count(), fresh(parcel).due) == (before, clock.now() + timedelta(hours=6))


# --- called off, sent back --------------------------------------------------------------------------------------------
def test_an_order_is_called_off_and_the_courier_told(server):
    parcel = sent()
    operations.cancel(parcel, reason="证件有误，重新制作", by=make_clerk())
    drain()
    assert [what for what, _, _ in server.asked] == ["labels", "cancel"]
    assert (state(parcel)[:2], fresh(parcel).due) == ((State.CANCELLED, ""), None)


def test_called_off_while_the_order_is_on_its_way_is_called_off_there_too(server):
    parcel = operations.send(make_parcel(Way.COURIER), by=make_clerk())
    operations.cancel(parcel, reason="不要了", by=make_clerk())
    tracking._ordered(parcel, "SF1")  # the answer to the try that was under way
    assert state(parcel) == (State.CANCELLED, "", "SF1")
    drain()
    assert [(what, body["tracking"]) for what, body, _ in server.asked] == [("cancel", "SF1")]


def test_a_number_that_comes_while_the_courier_is_told_is_called_off_too(server, monkeypatch):
    parcel = operations.send(make_parcel(Way.COURIER), by=make_clerk())
    operations.cancel(parcel, reason="不要了", by=make_clerk())
    plain = couriers._post

    def meanwhile(what, body, headers):
        if not fresh(parcel).tracking:
            tracking._ordered(parcel, "SF1")
        return plain(what, body, headers)

    monkeypatch.setattr(couriers, "_post", meanwhile)
    assert tracking.exchange(parcel.pk) is True
    assert fresh(parcel).due is not None
    jobs.sweep()
    assert [(what, body["tracking"]) for what, body, _ in server.asked] == [("cancel", ""), ("cancel", "SF1")]
    assert fresh(parcel).due is None


def test_a_courier_that_will_not_be_called_off_is_a_problem(server, at):
    parcel = sent()
    server.answers["cancel"] = [(422, {"error": "已揽收"}, 0)]
    operations.cancel(parcel, reason="不要了", by=make_clerk())
    drain()
    assert (state(parcel)[:2], fresh(parcel).problem_note) == ((State.CANCELLED, Problem.REFUSED), "422 已揽收")
    hear(parcel, news("collected", "24 10:30"))
    assert state(parcel)[:2] == (State.CANCELLED, Problem.STRAY)


def test_what_is_on_its_way_is_not_called_off(server, at):
    parcel = sent()
    hear(parcel, news("collected", "24 10:00"))
    with pytest.raises(ValidationError, match="联系快递退回"):
        operations.cancel(parcel, reason="不要了", by=make_clerk())
    with pytest.raises(ValidationError) as caught:
        operations.cancel(parcel, reason=" ", by=make_clerk())
    assert "reason" in caught.value.message_dict


def test_what_came_back_is_arranged_anew_once(server, at):
    parcel, clerk = sent(), make_clerk()
    at("2026-11-28 10:00")
    hear(parcel, news("returned", "28 09:00", text="拒收"))
    assert (state(parcel)[:2], fresh(parcel).due) == ((State.RETURNED, Problem.RETURNED), None)
    assert Notice.objects.filter(key="parcels.returned").count() == 1
    fresh_one = operations.again(parcel, way=Way.COURIER, to=TO | {"address": "甘肃省玉门市新市区 8 号"}, by=clerk)
    assert (fresh_one.state, fresh_one.to["address"]) == (State.TO_SEND, "甘肃省玉门市新市区 8 号")
    assert (fresh_one.number[-5:], state(parcel)[1], fresh_one.key != parcel.key) == ("00001", "", True)
    with pytest.raises(ValidationError, match=fresh_one.number):
        operations.again(parcel, way=Way.WINDOW, by=clerk)
    with pytest.raises(ValidationError, match="不用重新安排"):
        operations.again(fresh_one, way=Way.WINDOW, by=clerk)
    assert Parcel.objects.count() == 2


def test_said_to_be_returned_after_the_proof_is_looked_into(server, at):
    parcel = sent()
    at("2026-11-28 10:00")
    hear(parcel, news("delivered", "26 11:20"))
    hear(parcel, news("returned", "28 09:00", text="地址有误"))
    assert state(parcel)[:2] == (State.DELIVERED, Problem.RETURNED)


# --- the demo's courier -----------------------------------------------------------------------------------------------
def test_the_played_courier_moves_with_the_clock_and_only_in_a_demo(at, settings):
    assert couriers.chosen() is None
    settings.DEMO = True
    parcel = sent()
    assert state(parcel) == (State.ORDERED, "", f"DEMO{parcel.number[1:]}")
    seen = []
    for moment in ("24 11:59", "24 12:00", "24 16:00", "25 08:00", "25 12:00"):
        at(f"2026-11-{moment}")
        jobs.sweep()
        seen.append(state(parcel)[0])
    assert seen == [State.ORDERED, State.COLLECTED, State.TRANSIT, State.OUT, State.DELIVERED]
    parcel = fresh(parcel)
    assert (parcel.signed_by, "演示" in parcel.handed_by) == ("本人签收（演示）", True)


def test_the_played_courier_tells_the_right_time_however_late_it_is_asked(at, settings):
    settings.DEMO = True
    parcel = sent()
    at("2026-12-24 10:00")
    jobs.sweep()
    assert fresh(parcel).delivered_at == datetime(2026, 11, 25, 12, 0, tzinfo=clock.CHINA)
    assert [one.kind for one in parcel.tracks.order_by("at", "pk")][-4:] == ["collected", "transit", "out", "delivered"]


def test_after_many_good_answers_one_bad_one_is_asked_about_as_soon_as_the_first(server, at):
    parcel, waits = sent(), []
    for good in (False, True, True, True, True, True, False):
        moment = at(fresh(parcel).due.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M"))
        server.answers["track"] = [] if good else [(500, {}, 0)]
        jobs.sweep()
        waits.append(round((fresh(parcel).due - moment).total_seconds() / 3600))
    assert waits == [6, 6, 6, 6, 6, 6, 6]
