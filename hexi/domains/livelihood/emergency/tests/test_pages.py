"""Pages of the duty desk through the client."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.emergency import plans
from hexi.domains.livelihood.emergency.models import Event, Shift
from hexi.domains.livelihood.emergency.tests import make
from hexi.domains.livelihood.emergency.tests.test_duty import make_shift
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


def client_of(account: object) -> Client:
    """Signed in as somebody."""
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def desk() -> Client:
    """Somebody on duty."""
    return client_of(make.make_official("duty_officer"))


def test_an_event_is_opened_by_a_plan_and_worked_on(desk: Client) -> None:
    page = desk.get("/work/emergency/open/").content.decode()
    mark = re.search('name="submission" value="([0-9a-f]+)"', page)
    assert mark
    given = {
        "plan": "yumen-fire", "kind": "", "level": "4", "address": "二组", "text": "草料堆起火。", "source": "call",
        "submission": mark[1], "place": ["620000000000", "620900000000", make.YUMEN],
    }  # fmt: skip
    assert desk.post("/work/emergency/open/", given | {"plan": ""}).status_code == 422
    opened = desk.post("/work/emergency/open/", given)
    assert desk.post("/work/emergency/open/", given).url == opened.url
    event = Event.objects.get()
    here = opened.url
    page = desk.get(here).content.decode()
    assert page.count('href="tel:') == event.contacts.count() == 2
    contact, task = event.contacts.first(), event.tasks.first()
    assert contact is not None
    assert task is not None
    posts = {
        "write": {"text": "到场。", "once": "w1"}, "call": {"contact": contact.pk, "answered": "yes", "once": "c1"},
        "contact": {"name": "村医", "phone": "10000000105", "role": ""}, "task": {"task": task.pk, "note": "完成。"},
        "report": {"report-text": "明火扑灭。", "report-moved": "3", "report-once": "r1"},
        "add_task": {"add_task-title": "清理现场", "add_task-unit": task.unit_id, "add_task-minutes": "90", "add_task-once": "t1"},
    }  # fmt: skip
    for action, data in posts.items():
        assert desk.post(f"{here}{action}/", data).status_code == 302, action
    text = desk.get(here).content.decode()
    assert len(set(re.findall('name="(?:add_task|report)-once" value="[0-9a-f]{32}"', text))) == 2
    tasks, lines = event.tasks.count(), event.entries.count()
    for action in ("report", "add_task"):  # pressed twice
        assert desk.post(f"{here}{action}/", posts[action]).status_code == 302, action
    assert (event.tasks.count(), event.entries.count()) == (tasks, lines)
    assert [word for word in ("到场。", "村医", "明火扑灭。", "清理现场", "转移 3") if word not in text] == []
    wrong = {
        "write": {"text": ""}, "call": {"contact": contact.pk}, "contact": {"name": ""},
        "task": {"task": task.pk, "note": ""}, "report": {"report-text": ""}, "hand_in": {"hand_in-text": "短"},
    }  # fmt: skip
    for action, data in wrong.items():
        assert desk.post(f"{here}{action}/", data).status_code == 422, action
    assert desk.post(f"{here}set_level/", {"set_level-level": "1", "set_level-opinion": "升级"}).status_code == 403
    assert desk.post(f"{here}nothing/").status_code == 404
    assert desk.get(f"{here}write/").status_code == 405


def test_a_unit_sees_its_tasks_and_no_log() -> None:
    event = make.make_event(plan="yumen-fire", text="只有值班室知道的情况")
    unit = client_of(make.make_official("emergency_unit", event.tasks.get(unit__key="yumen-fire").unit))
    here = reverse("emergency.event", args=[event.case.number])
    page = unit.get(here).content.decode()
    assert page.count("登记完成</summary>") == 1
    assert "运行记录" not in page
    assert 'href="tel:' not in page
    task = event.tasks.get(unit__key="yumen-fire")
    assert unit.post(f"{here}task/", {"task": task.pk, "note": "到场。"}).status_code == 302
    assert unit.post(f"{here}write/", {"text": "记录", "once": "1"}).status_code == 403
    other = event.tasks.get(unit__key="yumen-police")
    assert unit.post(f"{here}task/", {"task": other.pk, "note": "到场。"}).status_code == 403


def test_a_stranger_sees_nothing() -> None:
    event = make.make_event()
    here = reverse("emergency.event", args=[event.case.number])
    citizen = client_of(people.make_citizen())
    for address in (
        here,
        "/work/emergency/",
        "/work/emergency/events/",
        "/work/emergency/roster/",
        "/work/emergency/plans/",
    ):
        assert citizen.get(address).status_code == 403
    water = client_of(make.make_official("emergency_unit", people.make_department("yumen-water")))
    assert water.get(here).status_code == 404
    assert event.case.number not in water.get("/work/emergency/events/?view=all").content.decode()


def test_the_desk_shows_who_is_on_duty_and_the_note_of_the_last_shift() -> None:
    account, next_ = make.make_official("duty_officer", name="常值班"), make.make_official("duty_officer")
    one = make_shift(1, account=account)
    make.make_event(plan="yumen-fire")
    me, other = client_of(account), client_of(next_)
    page = other.get("/work/emergency/").content.decode()
    assert "常值班" in page
    assert me.post(reverse("emergency.shift", args=[one.pk, "hand"]), {"note": ""}).status_code == 422
    assert me.post(reverse("emergency.shift", args=[one.pk, "hand"]), {"note": "盯住水位"}).status_code == 302
    assert "盯住水位" in other.get("/work/emergency/").content.decode()
    assert other.post(reverse("emergency.shift", args=[one.pk, "take"])).status_code == 302
    assert "盯住水位" not in other.get("/work/emergency/").content.decode()


def test_the_leader_makes_the_roster() -> None:
    leader, officer = make.make_official("duty_leader"), make.make_official("duty_officer")
    client = client_of(leader)
    given = {
        "account": officer.pk,
        "leader": leader.pk,
        "day": clock.today().isoformat(),
        "start": "08:30",
        "hours": "24",
    }
    assert client.post("/work/emergency/roster/", given).status_code == 302
    assert client.post("/work/emergency/roster/", given).status_code == 422
    assert client.post("/work/emergency/roster/", given | {"hours": "99"}).status_code == 422
    assert Shift.objects.count() == 1
    assert client_of(officer).post("/work/emergency/roster/", given).status_code == 403
    assert str(officer) in client.get("/work/emergency/roster/").content.decode()


def test_an_officer_of_two_desks_chooses_one_and_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    first = make.make_desk()
    second = people.make_department("a-guazhou", "620922000000", name="瓜州县应急管理局", name_en="Guazhou")
    (mine,) = [one for one in plans.files() if one.desk == first.key]
    theirs = mine.model_copy(update={"region": "620922000000", "desk": second.key, "plans": mine.plans[:1]})
    monkeypatch.setattr(plans, "files", lambda: (mine, theirs))
    account = make.make_official("duty_leader")
    people.make_post(account, "duty_officer", department=second, region_code="620922000000")
    client, here = client_of(account), f"?desk={first.key}"
    assert "瓜州县应急管理局</p>" in client.get("/work/emergency/").content.decode()  # the first by its key
    page = client.get(f"/work/emergency/{here}").content.decode()
    assert "玉门市应急管理局</p>" in page
    links = [f"{one}{here}" for one in ("/work/emergency/open/", "/work/emergency/roster/", "/work/emergency/plans/")]
    assert [one for one in ["?desk=a-guazhou", *links] if f'href="{one}"' not in page] == []
    assert mine.plans[-1].title.zh in client.get(links[0]).content.decode()
    given = {"account": account.pk, "leader": "", "day": clock.today(), "start": "08:30", "hours": "24"}
    assert client.post(links[1], given).url.endswith(f"&desk={first.key}")
    assert Shift.objects.get().desk == first
    stranger = client_of(make.make_official("duty_officer")).get("/work/emergency/?desk=a-guazhou").content.decode()
    assert "瓜州县应急管理局" not in stranger


def test_the_command_centre_looks_and_is_offered_nothing_else() -> None:
    make.make_event()
    client = client_of(make.make_official(make.make_commander_role()))
    page = client.get("/work/emergency/").content.decode()
    assert "二组火灾" in page
    assert "/work/emergency/open/" not in page


def test_plans_are_read(desk: Client) -> None:
    assert "玉门市防汛应急预案" in desk.get("/work/emergency/plans/").content.decode()
