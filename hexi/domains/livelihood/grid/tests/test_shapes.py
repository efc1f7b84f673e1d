"""Geometry: places in shapes, faults of rings, overlaps, gaps; the index agrees with looking at every cell."""

import random

import pytest

from hexi.domains.livelihood.grid import places, shapes
from hexi.domains.livelihood.grid.tests.make import SOUTH, WEST, WIDE

L = [[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2], [0, 0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def box(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def read(*rings):
    shape, faults = shapes.read(polygon(*rings))
    assert faults == []
    return shape


@pytest.mark.parametrize(
    ("x", "y", "inside"), [(0.5, 0.5, True), (1.5, 0.5, True), (0.5, 1.5, True), (1.5, 1.5, False), (3, 0.5, False)]
)
def test_a_place_in_an_l(x, y, inside):
    assert shapes.contains(read(L), x, y) is inside


def test_a_hole_is_outside():
    shape = read(box(0, 0, 3, 3), box(1, 1, 2, 2))
    assert [shapes.contains(shape, x, 1.5) for x in (0.5, 1.5, 2.5)] == [True, False, True]


def test_a_place_on_a_common_border_lies_in_one_cell():
    left, right = read(box(0, 0, 1, 1)), read(box(1, 0, 2, 1))
    low, high = read(box(0, 0, 1, 1)), read(box(0, 1, 1, 2))
    assert shapes.contains(left, 1, 0.5) + shapes.contains(right, 1, 0.5) == 1
    assert shapes.contains(low, 0.5, 1) + shapes.contains(high, 0.5, 1) == 1


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (None, "Polygon"),
        ({"type": "Point", "coordinates": [1, 2]}, "Polygon"),
        ({"type": "Polygon", "coordinates": []}, "没有坐标"),
        (polygon([[0, 0], [1, 0], [1, 1], [0, 1]]), "没有闭合"),
        (polygon([[0, 0], [1, 1], [0, 0]]), "没有闭合"),
        (polygon([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]), "自相交"),
        (polygon([[0, 0], [2, 0], [2, 2], [1, 0], [0, 2], [0, 0]]), "自相交"),
        (polygon([[0, 0], [2, 0], [1, 0], [2, 0], [0, 0]]), "面积为零"),
        (polygon([[0, 0], [4, 0], [4, 4], [4, 6], [4, 4], [0, 4], [0, 0]]), "自相交"),
        (polygon([["a", 0], [2, 0], [1, 1], [0, 0]]), "[经度, 纬度]"),
        (polygon([[500000, 4400000], [500100, 4400000], [500100, 4400100], [500000, 4400000]]), "WGS-84"),
        (polygon([[float("nan"), 0], [2, 0], [1, 1], [0, 0]]), "WGS-84"),
        (polygon(box(0, 0, 1, 1), box(2, 2, 3, 3)), "洞不在"),
    ],
)
def test_what_is_wrong_is_said(geometry, said):
    shape, faults = shapes.read(geometry)
    assert shape == []
    assert said in faults[0]


def test_the_direction_is_mended():
    (ring,), (hole,) = read(box(0, 0, 3, 3)[::-1])[0], read(box(0, 0, 3, 3), box(1, 1, 2, 2))[0][1:]
    assert shapes.signed(ring) > 0
    assert shapes.signed(hole) < 0


def test_area_in_square_metres():
    assert shapes.area_m2(read(box(97, 40, 97.01, 40.01))) == pytest.approx(1113.2 * 1113.2 * 0.766, rel=0.01)


def test_the_centre_lies_inside():
    assert shapes.contains(read(L), *shapes.centre(read(L)))


# --- a set of cells
@pytest.mark.parametrize(
    ("one", "two", "number"),
    [
        (box(0, 0, 1, 1), box(1, 0, 2, 1), 0), (box(0, 0, 1, 1), box(0.9, 0, 2, 1), 1),
        (box(0, 0, 1, 1), box(0, 0, 1, 1), 1), (box(0, 0, 3, 3), box(1, 1, 2, 2), 1),
        (box(0, 1, 3, 2), box(1, 0, 2, 3), 1), (box(0, 0, 1, 1), box(1.0000005, 0, 2, 1), 0),
        (box(0, 0, 1, 1), box(0.9999995, 0, 2, 1), 0), (box(0, 0, 2, 1), box(0, 1, 1, 2), 0),
    ],
)  # fmt: skip
def test_overlaps(one, two, number):
    assert len(list(shapes.overlaps([read(one), read(two)]))) == number


def test_gaps_are_found_whatever_corners_neighbours_have():
    ring = [read(box(x, y, x + 1, y + 1)) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    ((place, area),) = shapes.gaps(ring)
    assert place == pytest.approx((1.5, 1.5))
    assert area > 1e10
    whole = [*ring, read(box(1, 1, 2, 2))]
    assert shapes.gaps(whole) == []
    uneven = [read(box(0, 0, 1, 1)), read(box(0, 1, 1, 2)), read(box(1, 0, 2, 2))]
    assert shapes.gaps(uneven) == []


def test_the_index_agrees_with_looking_at_every_cell():
    chance = random.Random(7)
    index = places.Index(WIDE)
    rows = []
    for number in range(200):
        west, south = WEST + chance.randrange(30) * WIDE, SOUTH + chance.randrange(30) * WIDE
        wide = WIDE * chance.choice((0.5, 1, 3, 200))
        shape = read(box(west, south, west + wide, south + wide))
        rows.append((number, shape))
        index.add(number, shapes.box_of(shape), shape)
    assert index.large
    for _ in range(2000):
        x, y = WEST + chance.uniform(-0.1, 0.4), SOUTH + chance.uniform(-0.1, 0.4)
        expected = {number for number, shape in rows if shapes.contains(shape, x, y)}
        found = index.find(x, y)
        assert (found in expected) if expected else found is None
