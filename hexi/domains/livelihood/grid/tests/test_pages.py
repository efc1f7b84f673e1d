"""Pages of the grid: what each shows to whom, forms with their refusals, JSON for the phone, looks that are logged."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hexi.blocks.audit.models import Entry
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.grid.models import Cell, CheckIn, Home, Incident, Patrol, Resident, VideoPoint
from hexi.domains.livelihood.grid.operations import handling, keeping, mapping, strays
from hexi.domains.livelihood.grid.tests import make
from hexi.domains.livelihood.grid.tests.make import SOUTH, WEST, WIDE, collection, feature, square

pytestmark = pytest.mark.django_db
X, Y = f"{WEST + WIDE / 2}", f"{SOUTH + WIDE / 2}"
JSON = {"headers": {"accept": "application/json"}}


def entering(account):
    client = Client()
    client.force_login(account)
    return client


def officer(role, office=None):
    return entering(make.make_official(role, office))


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


@pytest.fixture
def cells():
    return make.make_cells()


# --- the phone
def test_the_phone_page_shows_cells_and_what_is_due(cells):
    worker = make.make_worker(cells[0])
    keeping.plan_patrol(cells[0], title="每日巡查", every_days=1, by=make.BY)
    said = text(entering(worker).get("/work/grid/phone/"))
    assert "每日巡查" in said
    assert "还没有巡查过" in said
    assert cells[0].title in said


def test_a_report_without_scripts_leads_to_its_page(cells):
    client = entering(make.make_worker(cells[0]))
    photo = SimpleUploadedFile("1.jpg", documents.make_image(seed=1), "image/jpeg")
    given = {
        "subject": "E0102",
        "text": "路口有垃圾",
        "longitude": X,
        "latitude": Y,
        "submission": "abc",
        "photos": [photo],
    }
    answer = client.post("/work/grid/phone/report/", given, follow=True)
    said = text(answer)
    incident = Incident.objects.get()
    assert answer.redirect_chain == [(f"/work/grid/incidents/{incident.case.number}/", 302)]
    assert "路口有垃圾" in said
    assert "现场照片" in said


def test_a_refused_report_keeps_what_was_typed(cells):
    client = entering(make.make_worker(cells[0]))
    said = text(
        client.post("/work/grid/phone/report/", {"subject": "E0102", "text": "垃圾堆在路口", "submission": "a"}), 422
    )
    assert "垃圾堆在路口" in said
    assert "请打开定位，或者选择所在网格。" in said


def test_the_phone_sends_json_and_the_same_thrice_is_one(cells):
    client = entering(make.make_worker(cells[0]))
    given = {"subject": "E0102", "text": "垃圾", "longitude": X, "latitude": Y, "submission": "abc"}
    answers = [client.post("/work/grid/phone/report/", given, **JSON).json() for _ in range(3)]
    assert [one["new"] for one in answers] == [True, False, False]
    assert len({one["number"] for one in answers}) == 1
    bad = client.post("/work/grid/phone/report/", given | {"submission": "b", "subject": ""}, **JSON)
    assert (bad.status_code, list(bad.json())) == (422, ["errors"])


def test_a_report_from_a_cell_of_another_centre_is_refused_by_itself(cells):
    """As one that can be mended, not as if the worker were signed out: those behind it on the phone are sent."""
    other = people.make_department("dunhuang-grid", "620982000000", name="敦煌网格中心")
    Cell.objects.filter(pk=cells[1].pk).update(department=other, region_code="620982100200")
    client = entering(make.make_worker(cells[0]))
    given = {
        "subject": "E0102",
        "text": "路口垃圾",
        "longitude": f"{WEST + 1.5 * WIDE}",
        "latitude": Y,
        "submission": "a",
    }
    refused = client.post("/work/grid/phone/report/", given, **JSON)
    assert (refused.status_code, [cells[1].title in one for one in refused.json()["errors"]]) == (422, [True])
    said = text(client.post("/work/grid/phone/report/", given), 422)
    assert "路口垃圾" in said
    assert "敦煌网格中心" in said
    mended = given | {"longitude": "", "latitude": "", "cell": cells[0].pk}
    assert client.post("/work/grid/phone/report/", mended, **JSON).json()["new"] is True


def test_a_check_in_counts_inside_and_once(cells):
    client = entering(make.make_worker(cells[0]))
    keeping.plan_patrol(cells[0], title="每日巡查", every_days=1, by=make.BY)
    given = {"cell": cells[0].pk, "longitude": X, "latitude": Y, "submission": "abc"}
    for _ in range(2):
        client.post("/work/grid/phone/check-in/", given)
    assert list(CheckIn.objects.values_list("inside", "patrol")) == [(True, Patrol.objects.get().pk)]
    assert "已完成" in text(client.get("/work/grid/phone/"))
    client.post("/work/grid/phone/check-in/", {"cell": cells[0].pk, "submission": "d"})
    assert CheckIn.objects.filter(inside=False).count() == 1


def test_each_plan_of_a_cell_is_done_by_name_or_as_it_falls_due(cells):
    client = entering(make.make_worker(cells[0]))
    plans = [keeping.plan_patrol(cells[0], title=title, every_days=1, by=make.BY) for title in ("防火", "河道", "养犬")]
    other = keeping.plan_patrol(cells[1], title="别处", every_days=1, by=make.BY)
    given = {"cell": cells[0].pk, "longitude": X, "latitude": Y}
    for key, chosen in enumerate((plans[1].pk, "", "")):
        client.post("/work/grid/phone/check-in/", given | {"patrol": chosen, "submission": f"k{key}"})
    assert list(CheckIn.objects.order_by("pk").values_list("patrol", flat=True)) == [
        plans[1].pk, plans[0].pk, plans[2].pk,
    ]  # fmt: skip
    text(client.post("/work/grid/phone/check-in/", given | {"patrol": other.pk, "submission": "x"}), 422)


def test_a_check_in_that_waited_outlives_its_plan(cells):
    client = entering(make.make_worker(cells[0]))
    ended, goes_on = (keeping.plan_patrol(cells[0], title=one, every_days=1, by=make.BY) for one in ("防火", "河道"))
    keeping.end_patrol(ended, by=make.BY)
    shown = text(client.get("/work/grid/phone/"))
    assert (f"· {ended}" in shown, f"· {goes_on}" in shown) == (False, True)
    given = {"cell": cells[0].pk, "longitude": X, "latitude": Y, "submission": "w", "patrol": ended.pk}
    assert client.post("/work/grid/phone/check-in/", given, **JSON).json()["new"] is True
    assert list(CheckIn.objects.values_list("patrol", flat=True)) == [ended.pk]


def test_nobody_checks_in_where_he_is_not_responsible(cells):
    client = entering(make.make_worker(cells[0]))
    said = text(client.post("/work/grid/phone/check-in/", {"cell": cells[1].pk, "submission": "a"}), 422)
    assert CheckIn.objects.count() == 0
    assert "网格" in said


# --- incidents
def test_each_sees_his_own_actions(cells):
    incident = make.make_incident()
    where = f"/work/grid/incidents/{incident.case.number}/"
    assert "立案" in text(officer("grid_centre").get(where))
    assert officer("grid_unit").get(where).status_code == 403
    said = text(entering(incident.reporter).get(where))
    assert "现在这一步由其他岗位办理。" in said


def test_the_whole_life_by_forms(cells):
    incident = make.make_incident()
    unit = make.make_unit()
    where = f"/work/grid/incidents/{incident.case.number}/"
    centre, water, supervisor = officer("grid_centre"), officer("grid_unit"), officer("grid_supervisor")
    photo = SimpleUploadedFile("2.jpg", documents.make_image(seed=2), "image/jpeg")
    for client, action, given in (
        (centre, "file", {}), (centre, "dispatch", {"dispatch-unit": unit.pk}),
        (water, "handle", {"handle-opinion": "修好了", "handle-photos": [photo]}), (centre, "feedback", {}),
        (centre, "close", {}), (supervisor, "evaluate", {"evaluate-level": "5"}),
    ):  # fmt: skip
        answer = client.post(f"{where}{action}/", given)
        assert answer.status_code == 302, answer.content.decode()[:3000]
    incident = make.fresh(incident)
    assert (incident.case.state, incident.evaluation.level) == ("closed", 5)
    said = text(centre.get(where))
    assert "处置后照片" in said
    assert "核查通过" in said


def test_a_refused_action_keeps_what_was_typed(cells):
    incident = make.make_incident()
    where = f"/work/grid/incidents/{incident.case.number}/"
    client = officer("grid_centre")
    said = text(client.post(f"{where}cancel/", {"cancel-opinion": ""}), 422)
    assert "有误" in said or "必填" in said or "这个字段" in said
    handling.file(incident.case, by=make.acting("grid_centre"))
    given = {"cancel-opinion": "重复上报，见另一件", "revision": str(incident.case.revision)}
    assert "重复上报，见另一件" in text(client.post(f"{where}cancel/", given), 409)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(cells, number, django_assert_max_num_queries):
    for _ in range(number):
        make.make_incident()
    client = officer("grid_centre")
    with django_assert_max_num_queries(30):
        assert text(client.get("/work/grid/incidents/?view=open")).count("/work/grid/incidents/W") >= number


def test_a_photo_is_read_by_who_sees_the_incident(cells):
    photo = io.BytesIO(documents.make_image(seed=3))
    incident = make.make_incident(photos=[(photo, "1.jpg")])
    document = next(iter(__import__("hexi.domains.livelihood.grid.queries", fromlist=["x"]).photos(incident)["before"]))
    assert officer("grid_centre").get(f"/documents/{document.pk}/").status_code == 200
    assert officer("grid_unit").get(f"/documents/{document.pk}/").status_code in (403, 404)


# --- cells
def test_cells_are_taken_in_by_the_page_and_the_report_names_the_feature():
    client = officer("grid_supervisor")
    centre = make.make_centre()
    given = {"scheme": "gbt30428_cell", "region": make.YUMEN, "department": centre.pk}
    broken = collection(feature(1, square(0)), feature(2, square(0)))
    file = SimpleUploadedFile("cells.geojson", broken, "application/json")
    said = text(client.post("/work/grid/cells/import/", given | {"file": file}, follow=True))
    assert "没有导入" in said
    assert "要素 1" in said
    file = SimpleUploadedFile("cells.geojson", collection(feature(1, square(0))), "application/json")
    assert "全部导入" in text(client.post("/work/grid/cells/import/", given | {"file": file}, follow=True))
    assert make.code(1) in text(client.get("/work/grid/cells/"))


def test_a_cell_shows_its_people_and_plans_and_who_may_changes_them(cells):
    worker = make.make_official("grid_worker", name="王网格")
    client = officer("grid_supervisor")
    where = f"/work/grid/cells/{cells[0].code}/"
    client.post(f"{where}assign/", {"account": worker.pk})
    client.post(f"{where}plan/", {"title": "每周巡查", "every_days": "7"})
    said = text(client.get(where))
    assert "王网格" in said
    assert "每周巡查" in said
    assert "为演示编造" in said
    assert officer("grid_centre").post(f"{where}plan/", {"title": "x", "every_days": "1"}).status_code == 403
    client.post(f"{where}relieve/", {"duty": cells[0].duties.get().pk})
    client.post(f"{where}end-patrol/", {"patrol": cells[0].patrols.get().pk})
    assert cells[0].duties.now().count() == cells[0].patrols.filter(ended_on=None).count() == 0


def test_a_cell_is_ended_from_its_page_by_who_edits(cells):
    where = f"/work/grid/cells/{cells[0].code}/"
    assert "停用网格" not in text(officer("grid_centre").get(where))
    assert officer("grid_centre").post(f"{where}end/").status_code == 403
    client = officer("grid_supervisor")
    assert "停用网格" in text(client.get(where))
    assert client.post(f"{where}end/").url == "/work/grid/cells/"
    assert list(Cell.objects.current().values_list("pk", flat=True)) == [cells[1].pk]
    assert client.get(where).status_code == 404


def test_a_home_is_taken_away_when_nobody_lives_there(cells):
    worker = make.make_worker(cells[0])
    home = keeping.put_home(cells[0], "一组 1 号", by=people.acting(worker))
    lives = keeping.move_in(home, people.make_person(), by=people.acting(worker))
    client, where = entering(worker), f"/work/grid/homes/{home.pk}/"
    assert "删除这一户" not in text(client.get(where))
    assert "还有人住" in text(client.post(f"{where}drop/", follow=True))
    client.post(f"{where}move-out/{lives.pk}/")
    assert "删除这一户" in text(client.get(where))
    assert entering(make.make_worker(cells[1])).post(f"{where}drop/").status_code == 403
    assert client.post(f"{where}drop/").url == f"/work/grid/cells/{cells[0].code}/homes/"
    assert Home.objects.count() == 0
    assert Entry.objects.filter(verb="grid.drop_home", ref=str(home.pk)).count() == 1


def test_a_camera_is_taken_away_by_who_edits_there(cells):
    facts = {"title": "路口", "stream": "rtsp://host/1", "longitude": float(X), "latitude": float(Y), "by": make.BY}
    mine = keeping.put_video("V1", department=make.make_centre(), **facts)
    far = people.make_department("dunhuang-grid", "620982000000")
    theirs = keeping.put_video("V2", department=far, **facts)
    drop = "/work/grid/videos/{}/drop/".format
    assert officer("grid_centre").post(drop(mine.pk)).status_code == 403
    assert "删除点位" not in text(officer("grid_centre").get(f"/work/grid/videos/{mine.pk}/"))
    client = officer("grid_supervisor")
    assert "删除点位" in text(client.get(f"/work/grid/videos/{mine.pk}/"))
    assert (client.post(drop(theirs.pk)).status_code, client.post(drop(mine.pk)).status_code) == (403, 302)
    assert list(VideoPoint.objects.values_list("code", flat=True)) == ["V2"]


def test_classes_are_in_the_menu(cells):
    assert 'href="/work/grid/classes/"' in text(officer("grid_centre").get("/work/grid/incidents/"))


def test_classes_say_what_is_not_yet_checked(cells):
    said = text(officer("grid_centre").get("/work/grid/classes/"))
    assert "暴露垃圾" in said
    assert "待核对标准原文" in said


# --- people and cameras
def test_a_home_is_seen_by_who_looks_after_the_cell_and_each_look_is_logged(cells):
    worker = make.make_worker(cells[0])
    person = people.make_person("独居老人")
    home = keeping.put_home(cells[0], "一组 5 号", by=people.acting(worker))
    keeping.move_in(home, person, care="elder", by=people.acting(worker))
    mine = entering(worker)
    assert "独居老人" not in text(mine.get(f"/work/grid/cells/{cells[0].code}/homes/"))
    assert [one.ref for one in Entry.objects.filter(verb="grid.open_homes")] == [str(cells[0].pk)]
    assert "独居老人" in text(mine.get(f"/work/grid/homes/{home.pk}/"))
    assert Entry.objects.filter(verb="look", about_person=person.pk).count() == 1
    for other in (entering(make.make_worker(cells[1])), officer("grid_centre"), officer("grid_unit")):
        assert other.get(f"/work/grid/homes/{home.pk}/").status_code == 403
        assert other.get(f"/work/grid/cells/{cells[0].code}/homes/").status_code == 403
        assert other.post(f"/work/grid/homes/{home.pk}/move-in/", {"number": "1"}).status_code == 403
    assert Entry.objects.filter(verb__in=("look", "grid.open_homes")).count() == 2
    assert officer("grid_supervisor").get(f"/work/grid/homes/{home.pk}/").status_code == 200


def test_homes_of_an_ended_cell_are_given_to_another(cells):
    """Seen by who looks after people there, each look logged; who was in both homes lives in one, once."""
    first, second = cells
    by = people.acting(make.make_official("grid_supervisor"))
    person, other = people.make_person("独居老人"), people.make_person("邻居")
    stray, same = keeping.put_home(first, "一组 5 号", by=by), keeping.put_home(first, "二组 1 号", by=by)
    there = keeping.put_home(second, "二组 1 号", by=by)
    keeping.move_in(stray, person, care="elder", by=by)
    keeping.move_in(same, other, by=by)
    Resident.objects.create(home=there, person=other)
    where, client = "/work/grid/homes/", entering(by.account)
    assert "一组 5 号" not in text(client.get(where))
    ended = client.post(f"/work/grid/cells/{first.code}/end/", follow=True)
    assert "请归到别的网格" in text(ended)
    page = text(client.get(where))
    assert ("一组 5 号" in page, "独居老人" in page, "停用于" in page) == (True, False, True)
    assert Entry.objects.filter(verb="grid.open_stray_homes").latest("pk").facts["rows"] == 2
    assert "独居老人" in text(client.get(f"{where}{stray.pk}/"))
    assert Entry.objects.filter(verb="look", about_person=person.pk).count() == 1
    for no in (entering(make.make_worker(second)), officer("grid_centre")):
        assert no.get(where).status_code == 403
        assert no.post(where, {"home": stray.pk, "cell": second.code}).status_code == 403
    chosen = {"home": [stray.pk, same.pk]}
    assert "没有编码为" in text(client.post(where, chosen | {"cell": first.code}), 422)
    for _ in range(2):
        assert client.post(where, chosen | {"cell": second.code}).status_code == 302
    assert list(Home.objects.order_by("address").values_list("pk", "cell")) == [
        (stray.pk, second.pk), (there.pk, second.pk),
    ]  # fmt: skip
    assert list(Resident.objects.filter(until=None).order_by("pk").values_list("home", "person")) == [
        (stray.pk, person.pk), (there.pk, other.pk),
    ]  # fmt: skip
    assert Resident.objects.filter(home=there).count() == 2
    assert "没有。停用网格以后" in text(client.get(where))


def test_a_home_another_gave_meanwhile_stays_there_and_an_ended_cell_gets_none(monkeypatch):
    first, second, third = make.make_cells(3, 1)
    by, read = people.acting(make.make_official("grid_supervisor")), strays.stray_homes
    home = keeping.put_home(first, "一组 5 号", by=by)
    mapping.end_cell(first, by=make.BY)

    def overtaken(actor):
        seen = list(read(actor).values_list("pk", flat=True))
        Home.objects.filter(pk__in=seen).update(cell=second)
        return Home.objects.filter(pk__in=seen)

    with monkeypatch.context() as there:
        there.setattr(strays, "stray_homes", overtaken)
        assert strays.give_homes([home.pk], third, by=by) == 0
    home.refresh_from_db()
    assert home.cell == second
    mapping.end_cell(second, by=make.BY)
    mapping.end_cell(third, by=make.BY)
    with pytest.raises(ValidationError, match="也已停用"):
        strays.give_homes([home.pk], third, by=by)


def test_moving_in_ends_the_home_before_and_moving_out_ends_it(cells):
    worker = make.make_worker(cells[0])
    by, client = people.acting(worker), entering(worker)
    number = people.resident_number()
    person = people.make_person("住户甲", number=number)
    one, two = (keeping.put_home(cells[0], address, by=by) for address in ("甲", "乙"))
    client.post(f"/work/grid/homes/{one.pk}/move-in/", {"number": number, "care": "elder"})
    client.post(f"/work/grid/homes/{two.pk}/move-in/", {"number": number})
    assert list(Resident.objects.filter(until=None).values_list("home", "person")) == [(two.pk, person.pk)]
    resident = Resident.objects.get(until=None)
    client.post(f"/work/grid/homes/{two.pk}/move-out/{resident.pk}/")
    assert Resident.objects.filter(until=None).count() == 0
    assert Home.objects.count() == 2
    said = text(client.post(f"/work/grid/homes/{two.pk}/move-in/", {"number": "123"}, follow=True))
    assert "没有查到这个证件号码" in said


def test_the_stream_of_a_camera_is_shown_on_asking_and_logged(cells):
    client = officer("grid_supervisor")
    given = {
        "code": "V1", "title": "路口", "stream": "rtsp://10.0.0.1/a?token=secret", "longitude": X, "latitude": Y,
        "department": make.make_centre().pk,
    }  # fmt: skip
    assert client.post("/work/grid/videos/new/", given).status_code == 302
    assert (
        client.post("/work/grid/videos/new/", given | {"code": "V2", "stream": "javascript:alert(1)"}).status_code
        == 422
    )
    point = VideoPoint.objects.get()
    assert point.cell == cells[0]
    watcher = officer("grid_centre")
    assert "secret" not in text(watcher.get("/work/grid/videos/"))
    assert "secret" not in text(watcher.get(f"/work/grid/videos/{point.pk}/"))
    assert "secret" in text(watcher.post(f"/work/grid/videos/{point.pk}/"))
    assert Entry.objects.filter(verb="grid.open_video").count() == 1
    assert officer("grid_unit").get(f"/work/grid/videos/{point.pk}/").status_code == 403


def test_a_camera_of_another_office_is_not_overwritten(cells):
    far = people.make_department("dunhuang-grid", "620982000000", name="敦煌网格中心")
    facts = {"title": "别处", "stream": "rtsp://far/1", "longitude": 94.6, "latitude": 40.1}
    theirs = keeping.put_video("V1", department=far, by=make.BY, **facts)
    given = {
        "code": "V1", "title": "路口", "stream": "rtsp://here/1", "longitude": X, "latitude": Y,
        "department": make.make_centre().pk,
    }  # fmt: skip
    client = officer("grid_supervisor")
    assert "别的单位" in text(client.post("/work/grid/videos/new/", given), 422)
    theirs.refresh_from_db()
    assert (theirs.department, theirs.title, theirs.stream) == (far, "别处", {"address": "rtsp://far/1"})
    for title in ("路口", "路口（东）"):  # one's own is changed
        assert client.post("/work/grid/videos/new/", given | {"code": "V2", "title": title}).status_code == 302
    mine = VideoPoint.objects.get(code="V2")
    assert (mine.title, mine.cell, mine.stream) == ("路口（东）", cells[0], {"address": "rtsp://here/1"})


def test_components_are_listed_and_taken_in(cells):
    client = officer("grid_supervisor")
    table = f"编码,经度,纬度\n6209810101000001,{X},{Y}\n1,{X},{Y}\n"
    file = SimpleUploadedFile("c.csv", table.encode(), "text/csv")
    given = {"scheme": "component_2_2_6", "region": make.YUMEN, "file": file}
    said = text(client.post("/work/grid/components/import/", given, follow=True))
    assert "第 3 行" in said
    assert "6209810101000001" in text(client.get("/work/grid/components/"))
    assert mapping.MOST_CELLS > 20_000
