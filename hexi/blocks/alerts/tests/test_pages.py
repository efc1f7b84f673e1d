"""Pages of alerts: from the form to the public page, feeds and documents, the banner, the confirm link, who may what."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.alerts import keys, outside, queries, reaching
from hexi.blocks.alerts.models import Alert, Contact, Kind, Reached, Received, Source, State
from hexi.blocks.alerts.tests.make import (
    BY,
    CIRCLE,
    POLYGON,
    SQUARE,
    TOWNSHIP,
    make_contact,
    make_draft,
    make_follower,
    make_places,
    make_published,
    make_source,
    make_waiting,
)
from hexi.blocks.alerts.tests.test_outside import pem, signed
from hexi.blocks.alerts.tests.test_reach import with_ground
from hexi.blocks.audit.models import Entry
from hexi.blocks.people.models import Account
from hexi.blocks.people.tests.make import (
    acting,
    make_citizen,
    make_department,
    make_official,
    make_person,
    resident_number,
)
from hexi.blocks.regions.tests.make import SHIHEZI, XIAXIHAO, YUMEN
from hexi.kernel import clock
from hexi.kernel.jobs import drain
from hexi.wire.cap import checks, feeds, reading
from hexi.wire.cap.signing import Signature

pytestmark = pytest.mark.django_db


def get(client, name, /, *args, **query):
    return client.get(reverse(f"alerts.{name}", args=args), query)


def post(client, name, /, *args, **data):
    return client.post(reverse(f"alerts.{name}", args=args), data)


def text(response) -> str:
    return response.content.decode()


def enter(client, role):
    make_places()
    account = make_official(role, department=make_department())
    client.force_login(account)
    return acting(account)


def test_the_public_page_is_in_the_portals_menu(client):
    assert '<li><a href="/alerts/"' in text(client.get("/site-map/"))


@pytest.fixture
def officer(client):
    return enter(client, "alert_officer")


def form(**changed):
    ends = (clock.now() + timedelta(hours=3)).astimezone(clock.CHINA)
    return {
        "department": make_department().pk, "hazard": "rainstorm", "colour": "orange", "code": ["620000000000", YUMEN, XIAXIHAO],
        "headline_zh": "下西号镇暴雨橙色预警", "text_zh": "三小时内 50 毫米以上。", "urgency": "Expected", "certainty": "Likely",
        "status": "Actual", "expires": ends.strftime("%Y-%m-%dT%H:%M"), "responses": ["Avoid", "Monitor"],
        "once": "0d4b3bd8-8b2f-4d0a-9c55-2f0a7c1e9f10",
    } | changed  # fmt: skip


# --- at work ----------------------------------------------------------------------------------------------------------
def test_from_the_form_to_the_public_page(client, officer):
    answer = post(client, "compose", **form())
    alert = Alert.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("alerts.work_alert", args=[alert.number]))
    assert ([one["code"] for one in alert.areas], alert.responses) == ([XIAXIHAO], ["Avoid", "Monitor"])
    assert alert.advice_zh.startswith("远离河道")  # the usual advice of the hazard
    post(client, "compose", **form())
    assert Alert.objects.count() == 1  # the button pressed twice
    page = text(get(client, "work_alert", alert.number))
    assert ("提交核准" in page, "核准并发布" in page, "符合 CAP 1.2" in page) == (True, False, True)
    post(client, "act", alert.number, what="submit")
    page = text(get(client, "work_alert", alert.number))
    assert ("核准并发布" in page, "等另一位核准" in page) == (False, True)
    assert get(client, "alert", alert.number).status_code == 404
    enter(client, "alert_approver")
    assert "核准并发布" in text(get(client, "work_alert", alert.number))
    post(client, "act", alert.number, what="approve_and_publish", seen="2026-11-29T00:00:00+00:00")
    post(client, "act", alert.number, what="approve_and_publish")
    alert.refresh_from_db()
    assert alert.state == State.WAITING  # not what was read
    post(client, "act", alert.number, what="approve_and_publish", seen=alert.submitted_at.isoformat())
    alert.refresh_from_db()
    assert alert.state == State.PUBLISHED
    client.logout()
    page = text(get(client, "alert", alert.number))
    assert ("三小时内 50 毫米以上。" in page, "橙色 二级（严重）" in page, "远离河道" in page) == (True, True, True)


def test_approving_ones_own_by_the_address_is_refused(client, officer):
    alert = make_waiting(by=officer)
    seen = alert.submitted_at.isoformat()
    assert post(client, "act", alert.number, what="approve", seen=seen).status_code == 403
    alert.refresh_from_db()
    assert alert.state == State.WAITING


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [({"headline_zh": ""}, "标题"), ({"colour": "pink"}, "预警颜色"), ({"expires": "soon"}, "失效时间"),
     ({"code": "620982000000"}, "本辖区"), ({"text_zh": "x" * 10_000}, "内容")],
)  # fmt: skip
def test_a_form_that_does_not_fit_keeps_what_was_entered(client, officer, changed, sentence):
    answer = post(client, "compose", **form(**changed))
    assert (answer.status_code, Alert.objects.count()) == (422, 0)
    assert (sentence in text(answer), "三小时内 50 毫米以上。" in text(answer) or "text_zh" in changed) == (True, True)


def test_the_picker_lists_the_next_level_without_javascript(client, officer):
    answer = post(client, "compose", **form(_levels="code", code=["620000000000", "620900000000", ""]))
    assert (answer.status_code, Alert.objects.count()) == (200, 0)
    assert '<option value="620981000000"' in text(answer)


def test_areas_are_added_and_dropped(client, officer):
    alert = make_draft(TOWNSHIP, by=officer)
    assert post(client, "area", alert.number, polygon=SQUARE.replace(" ", "\n"), name="两岸").status_code == 302
    assert post(client, "area", alert.number, circle="39.85,97.05 5", name="水库").status_code == 302
    assert post(client, "area", alert.number, code=SHIHEZI).status_code == 302
    alert.refresh_from_db()
    assert [one["zh"] for one in alert.areas] == ["下西号镇", "两岸", "水库", "石河子村委会"]
    page = text(get(client, "work_alert", alert.number))
    assert ('class="area-map"' in page, page.count('class="area-shape"')) == (True, 2)
    post(client, "drop_area", alert.number, area="1")
    alert.refresh_from_db()
    assert [one["zh"] for one in alert.areas] == ["下西号镇", "水库", "石河子村委会"]


def test_the_page_says_what_it_would_reach_and_what_is_wrong_if_that_is_nothing(client, officer, monkeypatch):
    make_contact()
    page = text(get(client, "work_alert", make_draft(TOWNSHIP, by=officer).number))
    figures = page.partition("现在发布会通知到")[2].partition("</section>")[0]
    assert re.findall(r'figure-number">(\S+?)</p>\s*<p class="figure-meaning">(\S+?)</p>', figures) == [
        ("1", "地区"), ("2", "村（社区）"), ("1", "联络人"), ("1", "通知到的人"),
    ]  # fmt: skip
    for pieces in ((POLYGON,), (TOWNSHIP, POLYGON)):  # no grid is drawn here
        page = text(get(client, "work_alert", make_draft(*pieces, by=officer).number))
        assert "这些图形没有碰到本站的任何网格：昌马河下游两岸" in page
        assert ("还不能发布" in page, "提交核准" in page) == (False, True)
    with_ground(monkeypatch)
    page = text(get(client, "work_alert", make_draft(POLYGON, by=officer).number))
    assert ("还不能发布" in page, "没有碰到本辖区的任何网格" in page, "提交核准" in page) == (True, True, False)


def test_a_polygon_that_crosses_itself_is_refused_in_the_form(client, officer):
    alert = make_draft(by=officer)
    answer = post(client, "area", alert.number, polygon="39.8,97.0 39.9,97.1 39.9,97.0 39.8,97.2 39.8,97.0", name="x")
    assert (answer.status_code, "自己相交" in text(answer)) == (422, True)
    answer = post(client, "area", alert.number)
    assert (answer.status_code, "请给出一个地区" in text(answer)) == (422, True)


def test_changed_given_back_updated_cancelled(client, officer):
    alert = make_draft(by=officer)
    given = form(headline_zh="改过的标题")
    assert post(client, "change", alert.number, **given).status_code == 302
    post(client, "act", alert.number, what="submit")
    enter(client, "alert_approver")
    assert post(client, "give_back", alert.number, reason="").status_code == 422
    assert post(client, "give_back", alert.number, reason="写明时间").status_code == 302
    client.force_login(Account.objects.get(pk=officer.account_id))
    assert "写明时间" in text(get(client, "work_alert", alert.number))
    alert = make_published()
    assert "改成红色" not in text(get(client, "update", alert.number))
    answer = post(client, "update", alert.number, **form(headline_zh="改成红色", colour="red"))
    follower = Alert.objects.get(of=alert)
    assert (answer.status_code, follower.kind, follower.colour, follower.areas) == (
        302,
        Kind.UPDATE,
        "red",
        alert.areas,
    )
    post(client, "act", follower.number, what="withdraw")
    page = text(get(client, "cancel", alert.number))
    assert "解除：下西号镇暴雨橙色预警" in page
    cancelled = {"note": "雨停了", "headline_zh": "解除", "text_zh": "现在解除。", "once": form()["once"][:-1] + "1"}
    assert post(client, "cancel", alert.number, **cancelled).status_code == 302
    follower = Alert.objects.get(of=alert, state=State.DRAFT)
    assert (follower.kind, follower.note, follower.advice_zh) == (Kind.CANCEL, "雨停了", "")


def test_without_a_key_the_page_names_the_remedy(client):
    alert = make_waiting()
    enter(client, "alert_approver")
    for path in keys.folder().glob("alert-*.pem"):
        path.unlink()
    given = {"what": "approve_and_publish", "seen": alert.submitted_at.isoformat()}
    answer = client.post(reverse("alerts.act", args=[alert.number]), given, follow=True)
    assert "hexi setup" in text(answer)
    alert.refresh_from_db()
    assert alert.state == State.APPROVED


def test_an_unknown_act_is_not_there(client, officer):
    assert post(client, "act", make_draft(by=officer).number, what="explode").status_code == 404


@pytest.mark.parametrize(
    ("name", "more"),
    [("work_alerts", make_waiting), ("current", make_published), ("contacts", make_contact), ("sources", make_source)],
)
def test_lists_take_the_same_queries_for_one_and_three(client, name, more):
    enter(client, "alert_officer")
    counted = []
    for number in (1, 2):
        for _ in range(number):
            more()
        get(client, name)
        with CaptureQueriesContext(connection) as asked:
            assert get(client, name).status_code == 200
        counted.append(len(asked))
    assert counted[0] == counted[1]


# --- the call list ----------------------------------------------------------------------------------------------------
def test_the_call_list_shows_who_has_not_confirmed_and_looks_are_logged(client, officer):
    contact = make_contact()
    alert = make_published()
    drain()
    page = text(get(client, "calls", alert.number))
    assert (contact.person.phone in page, "已确认 0 人，共 1 人" in page) == (True, True)
    assert Entry.objects.filter(verb="look", about_person=contact.person_id).count() == 1
    row = queries.calls(alert).get()
    client.post(reverse("alerts.calls", args=[alert.number]), {"action": "phone", "row": [row.pk]})
    row.refresh_from_db()
    assert (row.confirmed_how, row.confirmed_by) == ("phone", officer.name)
    assert "已确认" in text(get(client, "work_alert", alert.number))


def looked_at():
    return sorted(Entry.objects.filter(verb="look").values_list("about_person", flat=True))


def test_everybody_of_the_call_list_whose_number_is_shown_is_logged_and_nobody_else(client, officer):
    """The second page too, and the whole file, however long the list is."""
    make_places()
    alert = make_published()
    drain()
    people = [make_person(phone=f"1390000{n:04}") for n in range(230)]
    Reached.objects.bulk_create(
        Reached(alert=alert, kind="contacts", ref=f"x{n:03}", title_zh="x", title_en="x", person=one, must_confirm=True,
                region_code=SHIHEZI)
        for n, one in enumerate(people)
    )  # fmt: skip
    keys = sorted(one.pk for one in people)
    for number, last in ((1, 20), (12, 230)):
        page = text(get(client, "calls", alert.number, page=number))
        assert people[last - 1].phone in page
    assert looked_at() == keys[:20] + keys[220:]
    before = Entry.objects.count()
    file = b"".join(get(client, "calls", alert.number, export="csv").streaming_content).decode()
    assert [one.phone for one in people if one.phone not in file] == []
    assert looked_at() == sorted(keys + keys[:20] + keys[220:])
    assert Entry.objects.count() == before + 231  # and that of the list


def test_an_official_on_duty_confirms_at_the_workbench(client):
    duty = enter(client, "alert_duty")
    alert = make_published()
    drain()
    row = queries.calls(alert).get()
    assert reverse("alerts.confirm_mine", args=[row.pk]) in text(client.get(reverse("workbench.home")))
    assert post(client, "confirm_mine", row.pk).status_code == 302
    row.refresh_from_db()
    assert (row.confirmed_how, row.account_id) == ("workbench", duty.account_id)
    assert reverse("alerts.confirm_mine", args=[row.pk]) not in text(client.get(reverse("workbench.home")))


def test_the_link_confirms_with_one_press_and_not_by_being_opened(client):
    make_contact()
    alert = make_published()
    drain()
    row = queries.calls(alert).get()
    token = reaching.token(row)
    assert "确认收到" in text(get(client, "confirm", token))
    row.refresh_from_db()
    assert row.confirmed_at is None
    post(client, "confirm", token)
    assert "请通知到您负责的每一户" in text(get(client, "confirm", token))
    assert get(client, "confirm", token[:-1]).status_code == 404


# --- the public -------------------------------------------------------------------------------------------------------
def test_the_public_list_shows_those_in_force_and_all(client):
    make_places()
    assert "现在没有生效的预警" in text(get(client, "current"))
    alert, test = make_published(), make_published(status="Test", headline_zh="只是测试")
    page = text(get(client, "current"))
    assert (alert.headline_zh in page, test.headline_zh in page) == (True, False)
    assert get(client, "alert", test.number).status_code == 404
    over = make_follower(alert, Kind.CANCEL, note="雨停了", headline_zh="解除橙色预警")
    page = text(get(client, "current"))
    assert (over.headline_zh in page, "现在没有生效的预警" in page) == (False, True)
    assert over.headline_zh in text(get(client, "current", view="all"))
    assert over.number in text(get(client, "alert", alert.number))


def test_the_document_is_what_was_signed(client):
    alert = make_published(POLYGON)
    answer = get(client, "document", alert.number)
    assert (answer["Content-Type"], answer.content) == ("application/cap+xml; charset=utf-8", alert.document.encode())
    assert checks.check(answer.content, [keys.signer().certificate]).signature == Signature.GOOD
    assert get(client, "document", make_draft().number).status_code == 404


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_the_feeds_lead_to_the_documents(client, form):
    alert, test = make_published(), make_published(status="Test")
    answer = get(client, "feed_of", form)
    assert answer["Content-Type"] == f"application/{form}+xml; charset=utf-8"
    listed = feeds.documents(answer.content)
    assert [one.partition("/alerts/")[2] for one in listed] == [f"{alert.number}/cap.xml"]
    assert test.number not in text(answer)
    assert reading.parse(get(client, "document", alert.number).content).identifier == alert.number
    by_hand = client.get(reverse("alerts.feed_of", args=[form]), headers={"accept": "text/html"})
    assert (by_hand["Content-Type"], "feed.css" in text(by_hand)) == ("text/xml; charset=utf-8", True)
    assert get(client, "feed_of", "xml").status_code == 404


def test_the_feed_without_alerts_is_a_feed(client):
    assert feeds.documents(get(client, "feed_of", "atom").content) == []


def test_the_banner_stands_on_the_portal_while_one_is_in_force(client):
    make_places()
    home = reverse("citizen.home")
    assert "橙色预警" not in text(client.get(home))
    alert = make_published()
    make_published(colour="red", headline_zh="红色的那条")
    page = text(client.get(home))
    assert page.index("红色的那条") < page.index(alert.headline_zh)
    client.cookies["hexi_region"] = "620982000000"
    assert alert.headline_zh not in text(client.get(home))
    client.cookies["hexi_region"] = SHIHEZI
    assert alert.headline_zh in text(client.get(home))
    with clock.told_at(clock.now() + timedelta(hours=7)):
        assert alert.headline_zh not in text(client.get(home))


def test_an_exercise_is_no_banner_and_says_so(client):
    alert = make_published(status="Exercise", note="秋季演练")
    assert alert.headline_zh not in text(client.get(reverse("citizen.home")))
    assert "这不是真的预警" in text(get(client, "alert", alert.number))


def test_what_is_written_is_shown_as_text(client):
    alert = make_published(headline_zh="<script>alert(1)</script>", text_zh="<img src=x onerror=y>")
    for name in ("alert", "current"):
        page = text(get(client, name, *([alert.number] if name == "alert" else [])))
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


def test_the_page_in_english(client):
    alert = make_published(CIRCLE)
    client.cookies["django_language"] = "en"
    page = text(get(client, "alert", alert.number))
    assert ("Orange rainstorm alert for Xiaxihao" in page, "Orange Level II" in page) == (True, True)


def test_one_watches_a_division(client):
    make_places()
    account = make_citizen()
    client.force_login(account)
    assert post(client, "watch", code=["620000000000", YUMEN], colour="yellow").status_code == 302
    page = text(get(client, "watch"))
    assert ("玉门市" in page, "黄色以上" in page) == (True, True)
    row = queries.subscriptions(acting(account)).get()
    other = make_citizen()
    client.force_login(other)
    post(client, "unwatch", row.pk)
    assert queries.subscriptions(acting(account)).count() == 1
    client.force_login(account)
    post(client, "unwatch", row.pk)
    assert queries.subscriptions(acting(account)).count() == 0
    assert post(client, "watch", code="", colour="yellow").status_code == 422


# --- contacts and other people's --------------------------------------------------------------------------------------
def test_contacts_are_registered_by_identity_number(client, officer):
    number = resident_number()
    person = make_person("马村长", number=number)
    given = {"department": make_department().pk, "code": SHIHEZI, "duty": "村主任"}
    assert post(client, "add_contact", number="629999196805120117", **given).status_code == 422
    assert post(client, "add_contact", number=number, **given).status_code == 302
    page = text(get(client, "contacts"))
    assert ("马村长" in page, person.phone in page) == (True, False)
    row = Contact.objects.get()
    assert "马村长" in text(get(client, "end_contact", row.pk))
    post(client, "end_contact", row.pk)
    assert "马村长" not in text(get(client, "contacts"))


def test_other_peoples_alerts_are_uploaded_shown_and_counted(client, officer):
    answer = post(client, "add_source", department=make_department().pk, name="甘肃省气象局", certificate=pem())
    source = Source.objects.get()
    assert answer["Location"] == reverse("alerts.source", args=[source.pk])
    for content in (signed(), b"<broken"):
        answer = post(client, "upload", source.pk, file=SimpleUploadedFile("a.xml", content))
        assert answer.status_code == 302
    page = text(get(client, "source", source.pk))
    assert ("暴雨橙色预警" in page, "有误，不采用" in page) == (True, True)
    assert "甘肃省气象局" in text(get(client, "sources"))
    good, broken = Received.objects.order_by("-good")
    assert "没有问题" in text(get(client, "received", good.pk))
    assert "不是完整的 XML" in text(get(client, "received", broken.pk))
    assert 'class="area-shape"' in text(get(client, "received", good.pk))
    assert post(client, "ask_source", source.pk).status_code == 302
    client.logout()
    assert "暴雨橙色预警" in text(client.get(reverse("citizen.home")))
    page = text(get(client, "other", good.pk))
    assert ("签名已经核实" in page, "玉门市应急管理局" in page) == (True, True)
    assert get(client, "other", broken.pk).status_code == 404
    outside.end_source(source, by=BY)
    assert get(client, "other", good.pk).status_code == 404


@pytest.mark.parametrize("role", ["clerk", "alert_approver", "alert_duty"])
def test_pages_of_officers_are_closed_to_others(client, role):
    source, contact = make_source(), make_contact()
    enter(client, role)
    closed = [("compose",), ("contacts",), ("add_contact",), ("end_contact", contact.pk), ("sources",), ("add_source",),
              ("source", source.pk), ("upload", source.pk)]  # fmt: skip
    assert {get(client, *one).status_code for one in closed} == {403}


def test_what_another_office_looks_after_is_not_there(client):
    alert, source, contact = make_published(), make_source(), make_contact()
    outside.take_in(source, signed(), by=BY)
    make_places()
    office = make_department("dunhuang", "620982000000")
    account = make_official("alert_officer", department=office, region_code="620982000000")
    client.force_login(account)
    hidden = [("work_alert", alert.number), ("calls", alert.number), ("update", alert.number), ("source", source.pk),
              ("received", Received.objects.get().pk), ("end_contact", contact.pk)]  # fmt: skip
    assert {get(client, *one).status_code for one in hidden} == {404}
    assert alert.headline_zh not in text(get(client, "work_alerts"))
