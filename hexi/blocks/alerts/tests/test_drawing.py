"""Areas as pictures: every valid shape is drawn inside the picture, whatever its size and place."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hexi.blocks.alerts import drawing
from hexi.blocks.alerts.tests.make import CIRCLE, POLYGON, TOWNSHIP

LABEL = "示意图"
latitudes, longitudes = some.floats(-89, 89), some.floats(-179, 179)


def numbers(svg, name="points"):
    """The places of all corners."""
    return [
        tuple(map(float, pair.split(","))) for found in re.findall(f'{name}="([^"]+)"', svg) for pair in found.split()
    ]


def test_what_has_no_shape_has_no_picture():
    assert drawing.picture([TOWNSHIP.stored()], LABEL) == ""
    assert drawing.picture([], LABEL) == ""


def test_shapes_and_their_grid():
    svg = drawing.picture([TOWNSHIP.stored(), POLYGON.stored(), CIRCLE.stored()], "a<b")
    assert (svg.count("area-shape"), "style" in svg, 'aria-label="a&lt;b"' in svg) == (2, False, True)
    assert (">39.80°N<" in svg, ">97.00°E<" in svg) == (True, True)


def test_north_is_up_and_east_is_right():
    south, east = numbers(drawing.picture([POLYGON.stored()], LABEL))[:2]
    north = numbers(drawing.picture([POLYGON.stored()], LABEL))[2]
    assert (east[0] > south[0], north[1] < south[1]) == (True, True)


@given(latitudes, longitudes, some.floats(0, 500))
def test_every_circle_is_inside_the_picture(latitude, longitude, radius):
    piece = CIRCLE.stored() | {"circle": f"{latitude:.4f},{longitude:.4f} {radius:.3f}"}
    corners = numbers(drawing.picture([piece], LABEL))
    assert len(corners) == drawing.CORNERS
    assert all(-1 <= x <= drawing.WIDTH + 1 and -1 <= y <= drawing.HEIGHT + 1 for x, y in corners)


@pytest.mark.parametrize("circle", ["89.9,0 100", "-90,0 10", "0,180 1", "39.8,97 0"])
def test_at_the_ends_of_the_world(circle):
    assert "area-shape" in drawing.picture([CIRCLE.stored() | {"circle": circle}], LABEL)
