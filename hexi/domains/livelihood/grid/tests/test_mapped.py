"""Cells, incidents and cameras on maps: rights, places, no stream, no reporter."""

import json
from datetime import timedelta

import pytest

from hexi.domains.livelihood.grid import mapped
from hexi.domains.livelihood.grid.operations import keeping
from hexi.domains.livelihood.grid.tests import make
from hexi.kernel import clock
from hexi.ui.maps import Look, collection

pytestmark = pytest.mark.django_db


def look(division=make.YUMEN, **facts):
    return Look(division, **({"until": clock.now() + timedelta(seconds=1)} | facts))


def test_incidents_in_the_village_of_their_cell():
    make.make_cells()
    one = make.make_incident()
    found = mapped.incidents(make.acting("grid_centre"), look(), 10)
    assert found.counts == {"620981106000": 1}
    assert [(one.lon, one.lat, one.code) for one in found.features] == [(one.longitude, one.latitude, make.SHIHEZI)]
    written = json.dumps(collection(found.features), ensure_ascii=False)
    assert one.case.number in written
    assert one.text not in written
    assert one.place not in written


def test_a_unit_finds_what_it_has_and_a_worker_what_he_reported():
    make.make_cells()
    make.make_handling()
    worker = make.make_worker(username="other")
    assert mapped.incidents(make.acting("grid_unit"), look(), 10).total == 1
    assert mapped.incidents(make.people.acting(worker), look(), 10).total == 0


def test_cells_are_shapes_as_high_as_they_are_busy():
    make.make_cells()
    make.make_incident()
    found = mapped.cells(make.acting("grid_supervisor"), look(), 10)
    assert sorted((one.weight, one.state) for one in found.features) == [(1, "done"), (2, "near")]
    shapes = collection(found.features)["features"]
    assert {one["geometry"]["type"] for one in shapes} == {"Polygon"}
    assert all(ring[0] == ring[-1] for one in shapes for ring in one["geometry"]["coordinates"])


def test_inside_a_cell_is_what_lies_in_it():
    first, second = make.make_cells()
    make.make_incident()
    actor = make.acting("grid_centre")
    here, there = look(make.SHIHEZI, inside=first.shape), look(make.SHIHEZI, inside=second.shape)
    assert [mapped.incidents(actor, one, 10).total for one in (here, there)] == [1, 0]
    assert [one.key for one in mapped.cells(actor, there, 10).features] == [second.code]


def test_cameras_without_their_stream():
    make.make_cells()
    facts = {
        "title": "路口",
        "longitude": make.WEST + 0.005,
        "latitude": make.SOUTH + 0.005,
        "department": make.make_centre(),
    }
    keeping.put_video("V1", stream="rtsp://secret:pass@host/1", by=make.BY, **facts)
    found = mapped.videos(make.acting("grid_centre"), look(), 10)
    assert [one.title for one in found.features] == ["路口"]
    assert "secret" not in json.dumps(collection(found.features))
    assert mapped.videos(make.acting("grid_unit"), look(), 10).total == 0


@pytest.mark.parametrize("many", [1, 3])
def test_two_queries_a_layer_however_many(many, django_assert_num_queries):
    make.make_cells()
    for _ in range(many):
        make.make_incident()
    actor = make.acting("grid_centre")
    with django_assert_num_queries(2):
        assert mapped.incidents(actor, look(), 10).total == many
    with django_assert_num_queries(2):
        assert mapped.cells(actor, look(), 10).total == 2


def test_figures():
    make.make_cells()
    one = make.make_incident()
    actor = make.acting("grid_centre")
    assert [mapped.open_incidents(actor, place) for place in (make.YUMEN, make.SHIHEZI, make.HEDONG, "x")] == [
        1,
        1,
        0,
        0,
    ]
    assert mapped.late_incidents(actor, make.YUMEN) == 0
    one.case.next_due = clock.now() - timedelta(hours=1)
    one.case.save(update_fields=["next_due"])
    assert mapped.late_incidents(actor, make.YUMEN) == 1
