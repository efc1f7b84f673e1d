"""Areas as pictures: every valid shape is drawn inside the picture, whatever its size and place."""

import json
import re
import subprocess

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as some

from hexi.blocks.alerts import drawing
from hexi.blocks.alerts.tests.make import CIRCLE, POLYGON, TOWNSHIP, make_draft, make_officer
from hexi.kernel.manifest import added
from hexi.ui import maps
from hexi.ui.build import node

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


# --- drawn on the map -------------------------------------------------------------------------------------------------
def make_ground(monkeypatch):
    """Ground of a domain that has a name, in every division asked for."""
    shape = [[[[97.0, 40.0], [97.1, 40.0], [97.1, 40.1], [97.0, 40.0]]]]
    asked = []

    def find(division, most):
        asked.append(division)
        return (maps.Feature("field", "地块", division, shape=shape),)

    monkeypatch.setattr(
        drawing, "added", lambda kind: (kind("fields", find),) if kind is maps.Outlines else added(kind)
    )
    return asked


@pytest.mark.django_db
def test_under_a_shape_lie_its_other_pieces_and_named_ground(monkeypatch):
    asked = make_ground(monkeypatch)
    officer = make_officer()
    alert = make_draft(TOWNSHIP, POLYGON, by=officer)
    client = Client()
    client.force_login(officer.account)
    found = client.get(reverse("alerts.area_map", args=[alert.number])).json()
    titles = [one["properties"]["title"] for one in found["outlines"]["features"]]
    assert (titles, asked) == (["昌马河下游两岸", "地块"], ["620981106000"])
    ring = found["outlines"]["features"][0]["geometry"]["coordinates"][0]
    assert (ring[0], ring[0] == ring[-1]) == (
        [97.0, 39.8],
        True,
    )  # longitude first on the map, CAP writes latitude first
    assert found["box"] == [97.0, 39.8, 97.1, 40.1]
    page = client.get(reverse("alerts.area", args=[alert.number])).content.decode()
    assert f'data-draw="{reverse("alerts.area_map", args=[alert.number])}"' in page
    assert 'data-draw-written="cap" data-draw-circle="circle"' in page
    client.force_login(make_officer("alert_duty").account)
    assert client.get(reverse("alerts.area_map", args=[alert.number])).status_code == 403


@pytest.mark.django_db
def test_where_nothing_is_known_the_whole_country_is_looked_at(monkeypatch):
    monkeypatch.setattr(drawing, "added", lambda kind: ())
    alert = make_draft(TOWNSHIP)
    assert (drawing.ground(alert).box, drawing.ground(alert).outlines) == (drawing.WIDEST, ())


SCRIPT = """
import * as circles from %r;
const told = [];
const square = "39.8,97 39.8,97.1 39.9,97.1 39.9,97 39.8,97";
const shape = circles.readPolygon(square);
told.push(JSON.stringify(shape) === "[[[[97,39.8],[97.1,39.8],[97.1,39.9],[97,39.9]]]]");
told.push(circles.writePolygon(shape) === square.replaceAll(" ", "\\n"));
told.push(JSON.stringify(circles.readPolygon("  ")) === "[]" && circles.writePolygon([]) === "");
told.push(circles.readPolygon("39.8 97") === null && circles.readPolygon("x,y") === null && circles.readPolygon("1,2,3") === null);
told.push(circles.writePolygon([[[[97, 39.8], [97.1, 39.8]]]]) === "");
const circle = circles.readCircle("39.85,97.05 5");
told.push(JSON.stringify(circle) === '{"centre":[97.05,39.85],"km":5}' && circles.writeCircle(circle) === "39.85,97.05 5");
told.push(circles.readCircle("39.85,97.05") === null && circles.readCircle("39.85,97.05 -1") === null && circles.readCircle("") === null);
told.push(circles.writeCircle(null) === "");
const edge = circles.edge(circle);
told.push(edge.length === 72 && edge.every((place) => Math.abs(circles.far(circle.centre, place) - 5) < 0.001));
console.log(JSON.stringify(told));
"""


def test_the_map_reads_and_writes_as_cap_does():
    path = settings.HEXI_PACKS.parent / "hexi" / "ui" / "static" / "ui" / "src" / "js" / "circles.js"
    script = SCRIPT % path.as_uri()
    done = subprocess.run(
        [node()[0], "--input-type=module", "-e", script], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.stderr == ""
    assert json.loads(done.stdout) == [True] * 9
