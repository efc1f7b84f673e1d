"""Polygons and circles: crossing, touching, holes in the check; inside and outside; fast enough."""

import time
from math import cos, radians, sin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from hexi.wire.cap import shapes

SQUARE = "39.8,97.0 39.8,97.1 39.9,97.1 39.9,97.0 39.8,97.0"


def keys(text):
    return [one.key for one in shapes.polygon_faults(text, "polygon")]


def ring(number, radius=1.0):
    turns = [360 * place / number for place in range(number)]
    points = [(40 + radius * sin(radians(turn)), 97 + radius * cos(radians(turn))) for turn in turns]
    return [*points, points[0]]


def text_of(points):
    return " ".join(f"{lat},{lon}" for lat, lon in points)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SQUARE, []),
        ("0,0 0,2 2,2 2,0 0,0", []),
        ("0,0 0,2 0,2 2,2 2,0 0,0", []),  # a point twice in a row
        ("0,0 0,1 0,2 2,2 2,0 0,0", []),  # a point in the middle of an edge
        ("0,0 2,2 2,0 0,2 0,0", ["polygon-flat"]),  # a bow tie whose halves cancel out
        ("0,0 2,2 2,0 0,3 0,0", ["polygon-crossing"]),
        ("0,0 0,4 4,4 4,2 0,2 4,0 0,0", ["polygon-crossing"]),  # a corner touches an edge
        ("0,0 0,4 2,4 2,2 2,4 4,4 4,0 0,0", ["polygon-crossing"]),  # out and back over the same line
        ("0,0 0,2 2,2 2,0 0,0 0,2 2,2 2,0 0,0", ["polygon-crossing"]),  # round twice
        ("0,0 0,1 0,2 0,0", ["polygon-flat"]),
        ("0,0 0,0 0,0 0,0", ["polygon-flat"]),
        ("1e400,0 0,1 1,1 1,0", ["coordinate"]), ("1_0,0 0,1 1,1 1_0,0", ["coordinate"]), ("", ["polygon-points"]),
    ],
)  # fmt: skip
def test_polygons(text, found):
    assert keys(text) == found


@given(some.lists(some.tuples(some.integers(0, 6), some.integers(0, 6)), min_size=3, max_size=8))
def test_crossing_is_found_by_comparing_every_pair_as_well(points):
    points = [one for place, one in enumerate(points) if place == 0 or one != points[place - 1]]
    assume(len(points) >= 3 and points[0] != points[-1])
    line = [(float(a), float(b)) for a, b in [*points, points[0]]]
    number = len(line) - 1
    naive = any(shapes._meet(line, one, other, number) for one in range(number) for other in range(one + 1, number))
    assert (shapes.crossing(line) is not None) == naive


def test_a_large_ring_is_checked_in_time():
    began = time.process_time()
    assert keys(text_of(ring(3000))) == []
    assert time.process_time() - began < 2


def test_a_comb_made_to_be_slow_is_left_unchecked_and_said_so():
    teeth = [(float(place % 2 * 80), place / 100) for place in range(3000)]
    began = time.process_time()
    assert keys(text_of([*teeth, (-1.0, 30.0), (-1.0, -1.0), teeth[0]])) == ["polygon-large"]
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        ((39.85, 97.05), True),
        ((39.8, 97.0), True),
        ((39.85, 97.0), True),
        ((39.85, 97.2), False),
        ((39.7, 97.05), False),
    ],
)
def test_inside_a_polygon(point, inside):
    assert shapes.polygon(SQUARE).contains(*point) is inside


def test_inside_a_circle():
    circle = shapes.circle("39.8,97.0 5")
    assert (circle.contains(39.84, 97.0), circle.contains(39.85, 97.0)) == (True, False)
    assert shapes.distance((39.8, 97.0), (40.8, 97.0)) == pytest.approx(111.195, abs=0.01)


def test_broken_shapes_are_none():
    assert (shapes.polygon("0,0 1,1"), shapes.circle("0,0"), shapes.circle("0,0 x")) == (None, None, None)
