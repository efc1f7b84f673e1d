"""Following: told at each public step, stopped by one click, a letter each Monday once; taken up again by anyone affected."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.notices import channels
from hexi.blocks.notices.models import Notice
from hexi.domains.livelihood.requests import followers, operations, options
from hexi.domains.livelihood.requests.jobs import send_digests
from hexi.domains.livelihood.requests.models import Allowance, Digest, Follow
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock, jobs
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def hotline():
    return make.make_hotline()


def told(actor) -> list[str]:
    """What somebody was told as a follower, in order."""
    rows = Notice.objects.filter(account=actor.account, key__startswith="requests.followed").order_by("pk")
    return [one.body_zh.split("不再关注")[0] for one in rows]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.CHINA)


# --- each public step -------------------------------------------------------------------------------------------------
def test_told_at_each_public_step():
    request, neighbour = make.make_request(), make.make_citizen()
    operations.follow(request, by=neighbour)
    make.make_dispatched(request)
    handler = make.make_handler(make.make_office())
    operations.note(make.fresh(request), opinion="在修。", promised=clock.today(), by=handler)
    operations.reply(make.fresh(request), opinion="修好了。", by=handler)
    operations.rate(make.fresh(request), solved=True, satisfied=5, by=make.BY)
    operations.publish(make.fresh(request), text="路灯不亮。", answer="修好了。", by=make.BY)
    operations.unpublish(make.fresh(request), by=make.BY)
    operations.reopen(make.fresh(request), why="又坏了。", by=make.BY)
    said = told(neighbour)
    assert [one[:4] for one in said] == ["已派给玉", "玉门市住", "点开看答", "已办结。", "问答已公", "没有解决"]
    # nothing of what office or caller wrote goes along
    assert not any("修好了" in one or "又坏了" in one for one in said)


def test_refused_is_told_with_the_next_owner():
    request, neighbour = make.make_request(), make.make_citizen()
    operations.follow(request, by=neighbour)
    operations.refuse(request, refusal="elsewhere", next_owner="供热公司 12345", opinion="不归本市。", by=make.BY)
    assert told(neighbour) == ["这件事请找：供热公司 12345。"]


def test_followers_of_a_duplicate_hear_of_the_lead():
    lead, double = make.make_request(), make.make_request()
    neighbour = make.make_citizen()
    operations.follow(double, by=neighbour)
    operations.merge(double, number=lead.case.number, by=make.BY)
    operations.reply(make.make_dispatched(make.fresh(lead)), opinion="修好了。", by=make.BY)
    jobs.drain()
    said = told(neighbour)
    assert len(said) == 2
    assert lead.case.number in said[0]
    assert Notice.objects.filter(account=neighbour.account, key="requests.followed").count() == 1


def test_nobody_follows_a_secret_caller():
    with pytest.raises(Denied):
        operations.follow(make.make_request(secret=True), by=make.make_citizen())


# --- stopping ---------------------------------------------------------------------------------------------------------
def test_a_link_opened_stops_nothing_and_its_button_does_signed_out(client):
    request, neighbour = make.make_request(), make.make_citizen()
    operations.follow(request, by=neighbour)
    make.make_dispatched(request)
    body = Notice.objects.get(account=neighbour.account).body_zh
    address = body.split("不再关注：")[1].split("8000", 1)[1]
    # programs that look into letters open every link: nothing is stopped
    client.head(address)
    page = client.get(address).content.decode()
    assert "这件诉求的进展不再告诉您？" in page
    assert Follow.objects.count() == 1
    assert "已不再关注" in client.post(address, {"stop": "1"}).content.decode()
    assert Follow.objects.count() == 0
    assert Entry.objects.filter(verb="requests.unfollow").latest("pk").actor_key == neighbour.key
    assert client.post(address).status_code == 200
    assert "已恢复关注" in client.post(address, {"again": "1"}).content.decode()
    assert Follow.objects.get().account == neighbour.account


def test_a_mail_program_stops_it_by_one_post_without_a_cookie():
    """RFC 8058 §3.1, §3.2: the headers of the letter, and the post they promise."""
    request, neighbour = make.make_request(), make.make_citizen()
    operations.follow(request, by=neighbour)
    make.make_dispatched(request)
    stop = Notice.objects.get(account=neighbour.account).stop
    assert stop in Notice.objects.get(account=neighbour.account).body_zh
    sent = channels._headers(channels.Message("a@example.org", "", "", "", "1", stop=stop.replace("http:", "https:")))
    assert sent["List-Unsubscribe"] == f"<{stop.replace('http:', 'https:')}>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # over plain HTTP mail programs must not do it by themselves
    assert "List-Unsubscribe-Post" not in channels._headers(channels.Message("a", "", "", "", "1", stop=stop))
    assert channels._headers(channels.Message("a", "", "", "", "1")).keys() == {"Message-ID"}
    strict = Client(enforce_csrf_checks=True)
    done = strict.post(stop.split("8000", 1)[1], "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    assert done.status_code == 200
    assert Follow.objects.count() == 0


def test_a_forged_link_stops_nothing(client):
    request, neighbour = make.make_request(), make.make_citizen()
    operations.follow(request, by=neighbour)
    real = followers.token(neighbour.account.pk, followers.REPORT, request.case.number)
    other = followers.token(neighbour.account.pk + 1, followers.REPORT, request.case.number)
    forged = real.rsplit("~", 1)[0] + "~" + other.rsplit("~", 1)[1]
    for bad in (forged, real[:-1], "1~report~H1~x", "x", real.replace("report", "division")):
        assert client.get(reverse("requests.stop_following", args=[bad])).status_code == 404
    assert Follow.objects.count() == 1
    # nor is the link of another purpose one
    from hexi.domains.livelihood.requests import callers

    signed = callers.sign(request.case.number).replace(":", "~")
    assert client.get(reverse("requests.stop_following", args=[signed])).status_code == 404


# --- the letter -------------------------------------------------------------------------------------------------------
def week_of_reports():
    """In the week before MONDAY: two new, one of them answered and closed; one outside the week, one in another place."""
    with clock.told_at(at(MONDAY - timedelta(days=6), 10)):
        first = make.make_request()
        make.make_request(secret=True)
    with clock.told_at(at(MONDAY - timedelta(days=1), 23, 59)):
        make.make_request()
        make.make_closed(first)
        make.make_request(place_code="620981101000")
    with clock.told_at(at(MONDAY, 0, 1)):
        make.make_request()
    return first


def letters(actor):
    return list(Notice.objects.filter(account=actor.account, key="requests.week").order_by("pk"))


def test_sent_on_monday_at_nine_once_however_late_or_often():
    reader = make.make_citizen()
    with clock.told_at(at(MONDAY - timedelta(days=3), 12)):
        operations.subscribe(make.TOWN, by=reader)
    week_of_reports()
    with clock.told_at(at(MONDAY, 8, 59)):
        send_digests()
        assert [one.title_zh for one in letters(reader)] == []
    with clock.told_at(at(MONDAY, 9)):
        send_digests()
        send_digests()
    with clock.told_at(at(MONDAY + timedelta(days=3), 15)):
        send_digests()
    (letter,) = letters(reader)
    assert "新 2 件，答复 1 件，办结 1 件" in letter.title_zh
    assert letter.link == f"/requests/week/{make.TOWN}/{MONDAY}/"
    assert letter.body_zh.count("/requests/H") == 2


def test_a_letter_that_cannot_be_written_holds_up_no_other(monkeypatch):
    first, second = make.make_citizen(), make.make_citizen()
    with clock.told_at(at(MONDAY - timedelta(days=3), 12)):
        broken = operations.subscribe(make.TOWN, by=first)
        operations.subscribe(make.TOWN, by=second)
    week_of_reports()
    plain = operations.send_digest

    def send(one, *, by):
        if one == broken:
            raise OSError("no letter")
        return plain(one, by=by)

    monkeypatch.setattr(operations, "send_digest", send)
    with clock.told_at(at(MONDAY, 9)), pytest.raises(OSError, match="no letter"):
        send_digests()
    assert (len(letters(first)), len(letters(second))) == (0, 1)


def test_run_late_it_tells_of_the_right_week():
    reader = make.make_citizen()
    with clock.told_at(at(MONDAY - timedelta(days=3), 12)):
        operations.subscribe(make.TOWN, by=reader)
    week_of_reports()
    with clock.told_at(at(MONDAY + timedelta(days=2), 3)):
        make.make_request()
        send_digests()
    assert "新 2 件" in letters(reader)[0].title_zh
    assert Digest.objects.get().week == MONDAY


def test_who_subscribes_after_it_was_due_waits_for_the_next_and_an_empty_week_sends_none():
    reader, other = make.make_citizen(), make.make_citizen()
    week_of_reports()
    with clock.told_at(at(MONDAY, 10)):
        operations.subscribe(make.TOWN, by=reader)
        operations.subscribe(make.TOWN, by=reader)
        send_digests()
    assert (Digest.objects.count(), letters(reader)) == (1, [])
    with clock.told_at(at(MONDAY + timedelta(days=14), 9)):
        operations.subscribe("620981101000", by=other)
        send_digests()
    assert letters(other) == letters(reader) == []


def test_a_letter_is_stopped_by_its_link(client):
    reader = make.make_citizen()
    operations.subscribe(make.TOWN, by=reader)
    address = reverse("requests.stop_following", args=[followers.token(reader.account.pk, "division", make.TOWN)])
    assert client.get(address).status_code == 200
    assert Digest.objects.count() == 1
    assert client.post(address).status_code == 200
    assert Digest.objects.count() == 0
    client.post(address, {"again": "1"})
    assert Digest.objects.get().region_code == make.TOWN


def test_the_week_is_open_to_all_and_costs_the_same(client):
    week_of_reports()
    address = reverse("requests.week", args=[make.TOWN, MONDAY.isoformat()])

    def cost():
        with CaptureQueriesContext(connection) as found:
            page = client.get(address)
        return len(found), page.content.decode()

    cost()
    one, page = cost()
    assert "新诉求 2 件" in page
    with clock.told_at(at(MONDAY - timedelta(days=2), 10)):
        make.make_request()
    assert cost()[0] == one
    for bad in ("2026-12-01", "nonsense", "0001-01-01"):
        assert client.get(f"/requests/week/{make.TOWN}/{bad}/").status_code == 404
    assert client.get(f"/requests/week/110000000000/{MONDAY}/").status_code == 404


def test_my_follows(client):
    reader = make.make_citizen()
    request = make.make_request()
    page = reverse("requests.follows")
    assert "login" in client.get(page).url
    client.force_login(reader.account)
    assert "还没有关注" in client.get(page).content.decode()
    operations.follow(request, by=reader)
    assert client.post(page, {"place": [make.YUMEN, make.TOWN]}).status_code == 302
    assert client.post(page, {"place": "110000000000"}).status_code == 422
    said = client.get(page).content.decode()
    assert request.case.number in said
    assert client.post(page, {"unfollow": "H0"}).status_code == 404
    client.post(page, {"unfollow": request.case.number})
    (one,) = Digest.objects.all()
    client.post(page, {"unsubscribe": one.region_code})
    assert (Follow.objects.count(), Digest.objects.count()) == (0, 0)


def test_at_most_so_many_places():
    reader = make.make_citizen()
    for n in range(20):
        Digest.objects.create(account=reader.account, region_code=f"{n:012d}")
    with pytest.raises(ValidationError, match="20"):
        operations.subscribe(make.TOWN, by=reader)


# --- taken up again ---------------------------------------------------------------------------------------------------
def test_anybody_affected_has_it_taken_up_again(client):
    request, neighbour = make.make_closed(), make.make_citizen()
    do = reverse("requests.public_do", args=[request.case.number, "reopen"])
    assert "login" in client.post(do, {"why": "我家门口没修。"}).url
    client.force_login(neighbour.account)
    assert client.post(do, {"why": " "}).status_code == 422
    assert client.post(do, {"why": "我家门口没修。"}).status_code == 302
    request = make.fresh(request)
    assert (request.case.state, request.reopened) == (State.HANDLING, 1)
    assert Follow.objects.get().account == neighbour.account
    event = request.case.events.get(action="reopen")
    assert (event.opinion, event.actor_name) == ("我家门口没修。", "诉求人")


def test_what_was_typed_is_kept_when_it_is_too_late(client):
    with clock.told_at(clock.now() - timedelta(days=31)):
        request = make.make_closed()
    client.force_login(make.make_citizen().account)
    page = reverse("requests.public", args=[request.case.number])
    assert "我这里还没解决" not in client.get(page).content.decode()
    late = client.post(page + "reopen/", {"why": "还是不亮"})
    assert late.status_code == 422
    assert make.fresh(request).case.state == State.CLOSED
    with override(options.REOPEN_DAYS, 60):
        assert client.post(page + "reopen/", {"why": "还是不亮"}).status_code == 302


def test_not_what_is_not_public_and_not_too_often():
    neighbour = make.make_citizen()
    with pytest.raises(Denied):
        operations.reopen(make.make_closed(secret=True), why="没修", by=neighbour, own=False)
    with pytest.raises(Denied):
        operations.reopen(make.make_closed(), why="没修", by=make.people.queries.Nobody(), own=False)
    with override(options.REOPENS_PER_PERSON, 2):
        for _ in range(2):
            operations.reopen(make.make_closed(), why="没修", by=neighbour, own=False)
        with pytest.raises(ValidationError, match="一小时内"):
            operations.reopen(make.make_closed(), why="没修", by=neighbour, own=False)
    request = make.make_closed()
    type(request).objects.filter(pk=request.pk).update(reopened=3)
    with pytest.raises(ValidationError, match="由热线中心决定"):
        operations.reopen(request, why="没修", by=make.make_citizen(), own=False)
    assert make.fresh(request).case.state == State.CLOSED
    # the caller himself is not held to that
    operations.reopen(make.fresh(request), why="没修", by=make.BY)
    assert not any(neighbour.key in row.key for row in Allowance.objects.all())
