"""Orders and topics on maps: rights, time, place, and not a word of who called."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import BaseMap
from hexi.domains.livelihood.requests import callers, mapped, operations
from hexi.domains.livelihood.requests.models import Topic
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock
from hexi.ui.maps import Look, collection

pytestmark = pytest.mark.django_db
SQUARE = [[[[97.0, 40.3], [97.2, 40.3], [97.2, 40.4], [97.0, 40.4], [97.0, 40.3]]]]


def look(division=make.YUMEN, **facts):
    return Look(division, **({"until": clock.now() + timedelta(seconds=1)} | facts))


def test_counts_by_division_and_gives_features_with_class_and_state():
    make.make_request(lat=make.LAT, lon=make.LON)
    make.make_dispatched(place_code=make.TOWN)
    found = mapped.orders(make.make_operator(), look(), 10)
    assert found.counts == {make.TOWN: 2}
    placed = [one for one in found.features if one.placed]
    assert [(one.lon, one.lat, one.code) for one in placed] == [(make.LON, make.LAT, make.VILLAGE)]
    assert sorted(one.title for one in found.features) == ["未分类", "路灯"]
    assert mapped.orders(make.make_operator(), look("620000000000"), 10).counts == {make.YUMEN: 2}
    assert mapped.orders(make.make_operator(), look(make.TOWN), 10).counts == {make.TOWN: 1, make.VILLAGE: 1}


def test_nothing_said_and_nobody_named_stands_in_a_feature():
    request = make.make_request(
        text="我是石建国，电话 10012345678，门前路灯不亮。", name="石建国", phone="10012345678", address="一组十一号"
    )
    found = mapped.orders(make.make_operator(), look(), 10)
    written = json.dumps(
        [vars(one) for one in found.features] + [collection(found.features)], default=str, ensure_ascii=False
    )
    assert request.case.number in written
    for word in ("石建国", "10012345678", "十一号", "门前"):
        assert word not in written


def test_an_office_finds_its_own_and_a_stranger_none():
    mine, other = make.make_office(), make.make_office("yumen-water", "玉门市水务局")
    make.make_dispatched(office=mine)
    make.make_dispatched(office=other)
    make.make_request()
    assert mapped.orders(make.make_handler(mine), look(), 10).total == 1
    assert mapped.orders(make.make_operator(), look(), 10).total == 3
    assert mapped.orders(make.make_citizen(), look(), 10).total == 0


def test_the_moment_looked_at():
    now = clock.now()
    with clock.told_at(now - timedelta(days=3)):
        old = make.make_dispatched()
    with clock.told_at(now - timedelta(days=2)):
        operations.reply(old, opinion="已修好。", by=make.BY)
    make.make_request()
    actor = make.make_operator()
    assert mapped.orders(actor, look(until=now - timedelta(days=2, hours=12)), 10).total == 1
    assert mapped.orders(actor, look(since=now - timedelta(hours=24)), 10).total == 1
    assert mapped.orders(actor, look(), 10).total == 2


def test_inside_a_piece_of_ground():
    make.make_request(lat=40.35, lon=97.1)
    make.make_request(lat=40.45, lon=97.1)
    make.make_request()
    found = mapped.orders(make.make_operator(), look(make.VILLAGE, inside=SQUARE), 10)
    assert (found.counts, [one.lat for one in found.features]) == ({make.VILLAGE: 1}, [40.35])


@pytest.mark.parametrize("many", [1, 3])
def test_three_queries_however_many(many, django_assert_num_queries):
    for _ in range(many):
        make.make_request()
    actor = make.make_operator()
    actor.scopes("requests.view")
    with django_assert_num_queries(3):  # the hotlines of the posts, the counts, the orders
        assert mapped.orders(actor, look(), 10).total == many


def test_topics_of_several_people():
    request = make.make_request()
    facts = {
        "region_code": make.YUMEN,
        "place_code": make.VILLAGE,
        "first_at": clock.now(),
        "last_at": clock.now(),
        "heat": 2,
    }
    topic = Topic.objects.create(lead=request, orders=3, callers=2, **facts)
    found = mapped.topics(make.make_operator(), look(), 10)
    assert [(one.word, one.weight, one.link) for one in found.features] == [
        ("3 件", 3, reverse("requests.topic", args=[request.case.number]))
    ]
    Topic.objects.filter(pk=topic.pk).update(callers=1)
    assert mapped.topics(make.make_operator(), look(), 10).total == 0


def test_figures_are_what_their_lists_hold():
    account = people.make_official("hotline_operator", department=make.make_hotline().department)
    make.make_request()
    late = make.make_request()
    late.case.next_due = clock.now() - timedelta(hours=1)
    late.case.save(update_fields=["next_due"])
    actor, client = people.acting(account), Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    for gauge in (one for one in mapped.ADDED if one.key.startswith("orders") and hasattr(one, "count")):
        for place in (make.YUMEN, make.VILLAGE, "620982000000"):
            page = client.get(gauge.behind(place)).text
            listed = {one for one in (late.case.number,) if one in page}
            number = gauge.count(actor, place)
            assert page.count("/work/requests/H") >= number
            assert bool(number) == bool(listed)
    assert mapped.open_orders(actor, make.YUMEN) == 2
    assert mapped.late_orders(actor, make.YUMEN) == 1
    assert mapped.open_orders(actor, "nothing") == 0


def test_everybody_s_map_counts_by_place_and_shows_no_point():
    make.make_request(lat=make.LAT, lon=make.LON)
    make.make_request(secret=True)
    drawn = Client().get(reverse("requests.open_map"), headers={"cookie": f"hexi_region={make.YUMEN}"}).json()
    (layer,) = drawn["layers"]
    assert (layer["total"], layer["features"]["features"]) == (1, [])
    assert {one["name"]: one["counts"] for one in drawn["tiles"]} == {"玉门镇": {}, "下西号镇": {"orders": 1}}
    page = Client().get(reverse("requests.open_orders"), headers={"cookie": f"hexi_region={make.YUMEN}"}).text
    assert f"?place={make.TOWN}" in page
    assert "不是地图" in page


def test_map_of_topics_is_for_those_who_read_them():
    account = people.make_official("hotline_operator", department=make.make_hotline().department)
    request = make.make_request(lat=make.LAT, lon=make.LON)
    facts = {
        "region_code": make.YUMEN,
        "place_code": make.VILLAGE,
        "first_at": clock.now(),
        "last_at": clock.now(),
        "heat": 2,
    }
    Topic.objects.create(lead=request, orders=3, callers=2, lat=make.LAT, lon=make.LON, **facts)
    client = Client()
    assert client.get(reverse("requests.topics_map")).status_code == 302
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    (layer,) = client.get(reverse("requests.topics_map")).json()["layers"]
    assert [one["geometry"]["coordinates"] for one in layer["features"]["features"]] == [[make.LON, make.LAT]]
    assert reverse("requests.topics_map") in client.get(reverse("requests.topics") + "?view=all").text


# --- under the pin
def test_everybody_sees_what_lies_under_a_pin_and_nothing_of_an_order():
    make.make_request(lat=make.LAT, lon=make.LON)
    drawn = Client().get(reverse("requests.ground"), {"place": make.VILLAGE}).json()
    assert drawn["box"] == [float(side) for side in make.make_hotline().box]
    assert drawn["outlines"]["features"] == []
    assert Client().get(reverse("requests.ground"), {"place": "nothing"}).json()["box"] is None


def test_the_page_names_the_place_in_a_picture_and_takes_it_back(client):
    make.make_hotline()
    report = operations.begin(by=visitor(client))
    report.said = {
        "text": "路灯不亮",
        "type": "help",
        "lat": 40.3,
        "lon": 97.1,
        "picture": [40.3, 97.1],
        "from_picture": True,
    }
    report.save()
    where = reverse("requests.step", args=[report.key, "where"])
    page = client.get(where).text
    assert f'data-pin="{reverse("requests.ground")}"' in page
    assert "用照片里的位置" not in page
    moved = {"place": make.VILLAGE, "lat": "40.31", "lon": "97.1"}
    assert client.post(where, moved).status_code == 302
    report.refresh_from_db()
    assert (report.said["lat"], report.said["from_picture"]) == ("40.31", False)
    assert "用照片里的位置" in client.get(where).text
    assert client.post(where, moved | {"use": "picture"}).status_code == 200
    report.refresh_from_db()
    assert (report.said["lat"], report.said["lon"], report.said["from_picture"]) == ("40.3", "97.1", True)


def visitor(client):
    """Who the browser is: a visitor known by his session."""
    client.get(reverse("requests.new"))
    client.post(reverse("requests.new"))
    return callers.unknown(f"session:{client.session['requests.visitor']}")


def test_a_point_beyond_the_boundaries_is_refused_though_the_square_holds_it():
    """A region is no square: where its boundaries were imported, they decide."""
    make.make_hotline()
    inside = {"lat": make.LAT, "lon": make.LON}
    shape = [[[[make.LON - 0.02, make.LAT - 0.02], [make.LON + 0.02, make.LAT - 0.02], [make.LON, make.LAT + 0.02],
               [make.LON - 0.02, make.LAT - 0.02]]]]  # fmt: skip
    BaseMap.objects.create(
        kind=BaseMap.Kind.BOUNDARIES, region_code=make.YUMEN, title="样本", approval="测S（2026）1号", source="样本",
        features=[{"code": make.YUMEN, "shape": shape}], digest="1" * 64, by_name="样本", at=clock.now(),
    )  # fmt: skip
    assert make.make_request(**inside).lat is not None
    with pytest.raises(ValidationError, match="不在玉门市范围内"):
        make.make_request(lat=make.LAT + 0.019, lon=make.LON + 0.019)
