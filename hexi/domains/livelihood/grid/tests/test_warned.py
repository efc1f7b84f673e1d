"""Whom an alert finds in the grid: cells by division and by shape, workers, homes, and all of the villages touched."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.alerts import foreseen, operations, queries
from hexi.blocks.alerts import keeping as watching
from hexi.blocks.alerts.areas import Piece, area_of
from hexi.blocks.alerts.models import Reached
from hexi.blocks.alerts.tests import make as alerts
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.grid import warned
from hexi.domains.livelihood.grid.operations import keeping, mapping
from hexi.domains.livelihood.grid.tests import make
from hexi.domains.livelihood.grid.tests.make import HEDONG, SHIHEZI, SOUTH, WEST, WIDE, YUMEN
from hexi.kernel import clock
from hexi.kernel.jobs import drain
from hexi.kernel.packs import Words

pytestmark = pytest.mark.django_db
HERE = Words(zh="河道两岸", en="Along the river")


def box(west, south, east, north):
    """A polygon as CAP writes it."""
    corners = ((south, west), (south, east), (north, east), (north, west), (south, west))
    return Piece(HERE, polygon=" ".join(f"{lat},{lon}" for lat, lon in corners))


def disc(longitude, latitude, radius):
    return Piece(HERE, circle=f"{latitude},{longitude} {radius}")


def found(*pieces):
    return [one.ref for one in warned.cells(area_of([one.stored() for one in pieces], YUMEN, 3))]


FIRST, SECOND = make.code(1), make.code(2)
X, Y, FAR = WEST + WIDE / 2, SOUTH + WIDE / 2, WEST + 40 * WIDE


@pytest.mark.parametrize(
    ("piece", "cells"),
    [
        (box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1), [FIRST, SECOND]),  # all of both
        (box(X, Y, X + WIDE / 9, Y + WIDE / 9), [FIRST]),  # inside one
        (box(X, Y - 1, X + WIDE / 9, Y + 1), [FIRST]),  # a strip across one, no corner of either in the other
        (box(WEST - 1, SOUTH, WEST, SOUTH + WIDE), []),  # beside it: a border in common is no ground
        (box(FAR, SOUTH, FAR + 1, SOUTH + 1), []),
        (disc(X, Y, 0), [FIRST]),
        (disc(WEST + 1.9 * WIDE, Y, 0.1), [SECOND]),
        (disc(WEST + WIDE, Y, 0.1), [FIRST, SECOND]),
        (disc(WEST - 0.01, Y, 0.9), [FIRST]),  # 851 metres to the west of it
        (disc(WEST - 0.01, Y, 0.8), []),
        (disc(X, SOUTH - 0.01, 1.15), [FIRST]),  # 1112 metres to the south of it
        (disc(X, SOUTH - 0.01, 1.0), []),
        (Piece(HERE, code=SHIHEZI), [FIRST, SECOND]),
        (Piece(HERE, code=HEDONG), []),
    ],
)
def test_cells_are_found_by_shape_and_by_division(piece, cells):
    make.make_cells()
    assert found(piece) == cells


def test_a_cell_that_is_no_more_is_not_found():
    first, _second = make.make_cells()
    mapping.end_cell(first, by=make.BY)
    assert found(disc(X, Y, 0.1)) == []


def test_found_by_two_pieces_it_is_found_once():
    make.make_cells()
    assert found(disc(X, Y, 0.1), Piece(HERE, code=SHIHEZI)) == [FIRST, SECOND]


def told(account=None, person=None):
    mine = Notice.objects.filter(account=account) if account else Notice.objects.filter(person=person)
    return list(mine.filter(key__startswith="alerts.").values_list("key", flat=True))


@pytest.mark.parametrize("piece", [disc(X, Y, 0.1), Piece(HERE, code=SHIHEZI)])
def test_workers_are_asked_and_homes_told(piece):
    first, second = make.make_cells()
    mine, other, gone = make.make_worker(first), make.make_worker(second), make.make_worker(first)
    mapping.assign(second, mine, by=make.BY)
    mapping.relieve(first.duties.get(account=gone), by=make.BY)
    home = keeping.put_home(first, "一组 1 号", by=people.acting(mine))
    stays, left = people.make_person(name="常住"), people.make_person()
    keeping.move_in(home, stays, care="elder", by=people.acting(mine))
    keeping.move_out(keeping.move_in(home, left, by=people.acting(mine)), by=people.acting(mine))
    alert = alerts.make_published(piece)
    drain()
    assert (told(mine), told(gone)) == (["alerts.confirm"], [])
    assert told(other) == ([] if piece.circle else ["alerts.confirm"])
    assert (told(person=stays), told(person=left)) == (["alerts.published"], [])
    asked = queries.calls(alert).get(account=mine)
    assert (asked.kind, asked.region_code, asked.title_zh) == ("workers", SHIHEZI, f"{mine}（网格员，{first.title}）")
    home_row = Reached.objects.get(alert=alert, kind="homes")
    assert (home_row.title_zh, home_row.must_confirm) == ("住户", False)
    assert "常住" not in f"{home_row.title_zh}{home_row.title_en}{home_row.ref}"


def test_villages_contacts_and_subscribers_inside_a_shape_are_found():
    make.make_cells()
    alerts.make_places()
    village, township, elsewhere = (alerts.make_contact(one) for one in (SHIHEZI, alerts.XIAXIHAO, HEDONG))
    near, far = people.make_citizen(), people.make_citizen()
    watching.subscribe(SHIHEZI, colour="blue", by=people.acting(near))
    watching.subscribe(HEDONG, colour="blue", by=people.acting(far))
    alert = alerts.make_published(disc(X, Y, 0.1))
    drain()
    assert list(Reached.objects.filter(alert=alert, kind="villages").values_list("ref", flat=True)) == [SHIHEZI]
    assert [told(person=one.person) for one in (village, township, elsewhere)] == [["alerts.confirm"]] * 2 + [[]]
    assert (told(near), told(far)) == (["alerts.published"], [])


def test_a_shape_over_no_cell_is_not_published():
    make.make_cells()
    alerts.make_places()
    with pytest.raises(ValidationError, match="没有碰到本辖区的任何网格"):
        alerts.make_published(disc(FAR, Y, 0.1))


def test_where_the_region_has_no_grid_a_shape_alone_is_published_and_its_contact_asked():
    alerts.make_places()
    contact = alerts.make_contact(YUMEN)
    alerts.make_published(disc(FAR, Y, 0.1))
    drain()
    assert told(person=contact.person) == ["alerts.confirm"]


def test_what_it_would_reach_is_counted():
    first, second = make.make_cells()
    worker = make.make_worker(first)
    home = keeping.put_home(first, "一组 1 号", by=people.acting(worker))
    keeping.move_in(home, people.make_person(), by=people.acting(worker))
    alerts.make_places()
    seen = foreseen.foreseen(alerts.make_draft(disc(X, Y, 0.1)))
    kinds = {"villages": 1, "cells": 1, "workers": 1, "homes": 1}
    assert (seen.divisions, seen.kinds, seen.people) == (1, kinds, 2)
    assert foreseen.idle(alerts.make_draft(disc(X, Y, 0.1), disc(FAR, Y, 0.1), Piece(HERE, code=HEDONG))) == [HERE.zh]


def test_a_shape_drawn_over_another_county_warns_nobody_there():
    first, _second = make.make_cells()
    alerts.make_places()
    worker, contact = make.make_worker(first), alerts.make_contact(SHIHEZI)
    living = people.make_person()
    keeping.move_in(keeping.put_home(first, "一组 1 号", by=people.acting(worker)), living, by=people.acting(worker))
    office = people.make_department("dunhuang-water", "620982000000")
    officer, boss = (
        alerts.make_officer(role, department=office, region_code="620982000000")
        for role in ("alert_officer", "alert_approver")
    )
    said = alerts.WORDS | {"expires": clock.now() + timedelta(hours=6)}
    draft = operations.compose(office, pieces=[disc(X, Y, 0.1)], by=officer, **said)
    operations.approve(operations.submit(draft, by=officer), by=boss)
    alert = operations.publish(draft, by=boss)
    drain()
    assert Reached.objects.filter(alert=alert).count() == 0
    assert (told(worker), told(person=contact.person), told(person=living)) == ([], [], [])


def put_camera(code, longitude, latitude, office=None):
    point = {"title": f"路口 {code}", "stream": "rtsp://10.0.0.9/live", "longitude": longitude, "latitude": latitude}
    return keeping.put_video(code, **point, department=office or make.make_centre(), by=make.BY)


@pytest.mark.parametrize(
    ("piece", "codes"),
    [(disc(X, Y, 0.1), ["V1"]), (Piece(HERE, code=SHIHEZI), ["V1", "V2"]), (Piece(HERE, code=HEDONG), []),
     (Piece(HERE, code=YUMEN), ["V1", "V2", "V3"]), (box(FAR - 1, Y - 1, FAR + 1, Y + 1), ["V1", "V2", "V3"])],
)  # fmt: skip
def test_cameras_are_found_and_who_looks_after_them_is_told_once(piece, codes):
    make.make_cells()
    for code, longitude in (("V1", X), ("V2", X + WIDE), ("V3", FAR)):
        put_camera(code, longitude, Y)
    keeper, other = make.make_official("grid_centre"), make.make_worker()
    area = area_of([piece.stored()], YUMEN, 3)
    assert [one.ref for one in warned.cameras(area)] == codes
    assert [one.whom for one in warned.keepers(area)] == ([keeper] if codes else [])
    assert other not in [one.whom for one in warned.keepers(area)]


def test_a_camera_counts_and_its_keeper_is_told_but_not_asked():
    make.make_cells()
    alerts.make_places()
    put_camera("V1", X, Y)
    keeper = make.make_official("grid_centre")
    seen = foreseen.foreseen(alerts.make_draft(disc(X, Y, 0.1)))
    assert (seen.kinds["cameras"], seen.kinds["camera_keepers"]) == (1, 1)
    alert = alerts.make_published(disc(X, Y, 0.1))
    drain()
    assert told(keeper) == ["alerts.published"]
    assert queries.found(alert)["cameras"] == 1
    assert not queries.calls(alert).filter(account=keeper).exists()


def test_the_finders_ask_no_more_of_many_cells(django_assert_num_queries):
    cells = make.make_cells(3, 2)
    for cell in cells:
        keeping.put_home(cell, "一组 1 号", by=people.acting(make.make_worker(cell)))
    area = area_of([box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1).stored()], YUMEN, 3)
    with django_assert_num_queries(2):
        assert len(list(warned.workers(area))) == 6
    with django_assert_num_queries(3):
        assert list(warned.homes(area)) == []
