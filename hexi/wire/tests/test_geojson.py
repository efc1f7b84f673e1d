"""GeoJSON read within limits: good shapes as they are, every fault of a broken one told."""

import json

import pytest

from hexi.wire import geojson

SQUARE = [[97.0, 40.0], [97.1, 40.0], [97.1, 40.1], [97.0, 40.1], [97.0, 40.0]]
HOLE = [[97.02, 40.02], [97.02, 40.04], [97.04, 40.04], [97.04, 40.02], [97.02, 40.02]]
BOW = [[97.0, 40.0], [97.1, 40.1], [97.1, 40.0], [97.0, 40.1], [97.0, 40.0]]


def file(*rings, kind="Polygon", **facts):
    shape = {"type": kind, "coordinates": list(rings) if kind == "Polygon" else [[one] for one in rings]}
    row = {"type": "Feature", "properties": facts, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [row]}).encode()


def wrong(content, limits=geojson.Limits()):
    return [one.en for one in geojson.read(content, limits).wrong]


def test_reads_polygons_with_holes_and_what_stands_beside_them():
    found = geojson.read(file(SQUARE, HOLE, code="620981"))
    assert (found.wrong, found.points) == ([], 10)
    assert found.features == [geojson.Feature(1, {"code": "620981"}, [[SQUARE, HOLE]])]
    beside = [[x + 0.1, y] for x, y in SQUARE]
    assert geojson.read(file(SQUARE, beside, kind="MultiPolygon")).features[0].shape == [
        [SQUARE],
        [[[round(x, 6), y] for x, y in beside]],
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe", "not a JSON file in UTF-8"),
        (b"[" * 100_000, "not a JSON file in UTF-8"),
        (b'{"type": "Feature"}', "should be a FeatureCollection with features"),
        (b'{"type": "FeatureCollection", "features": [3]}', "the geometry should be a Polygon or MultiPolygon"),
        (file(kind="MultiPolygon"), "there are no coordinates"),
        (
            file(SQUARE[:-1]),
            "the ring is not closed: its first and last points should be the same, at least four",
        ),
        (file(BOW), "the border crosses itself near 97.1, 40"),
        (file([[97, 40], [97.1, 40.1], [97.2, 40.2], [97, 40]]), "its area is zero: all points lie on one line"),
        (
            file([["97", 40], [1, 2], [3, 4], ["97", 40]]),
            "coordinates should be [longitude, latitude], numbers in degrees (WGS 84)",
        ),
        (
            file([[10**400, 40], [1, 2], [3, 4], [10**400, 40]]),
            "coordinates should be [longitude, latitude], numbers in degrees (WGS 84)",
        ),
        (file([[97, 95], [98, 40], [98, 41], [97, 95]]), "the point 97, 95 lies outside -180–180 E, -90–90 N"),
    ],
)
def test_tells_what_is_wrong(content, sentence):
    assert wrong(content) == [sentence]
    assert geojson.read(content).features == []


def test_longitude_and_latitude_swapped_lie_out_of_the_range_asked_for():
    swapped = [[y, x] for x, y in SQUARE]
    assert wrong(file(swapped), geojson.Limits(box=(73, 3, 136, 54))) == [
        "the point 40, 97 lies outside 73–136 E, 3–54 N"
    ]


def test_limits():
    assert wrong(file(SQUARE), geojson.Limits(octets=20)) == ["the file is larger than 0 MB"]
    assert wrong(file(SQUARE), geojson.Limits(features=0)) == ["at most 0 features"]
    assert wrong(file(SQUARE), geojson.Limits(points=4)) == ["more than 4 points in all: simplify the file first"]


def test_turned_inside_and_box():
    clockwise = [SQUARE[::-1], HOLE[::-1]]
    assert geojson.turned([clockwise]) == [[SQUARE, HOLE]]
    assert geojson.box_of([[SQUARE]]) == (97.0, 40.0, 97.1, 40.1)
    shape = [[SQUARE, HOLE]]
    assert [geojson.contains(shape, *at) for at in ((97.01, 40.01), (97.03, 40.03), (97.2, 40.0))] == [
        True,
        False,
        False,
    ]
    assert geojson.geometry(shape) == {"type": "Polygon", "coordinates": [SQUARE, HOLE]}


def box(west, south, size):
    return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]


OUT = box(0, 0, 10)


@pytest.mark.parametrize(
    ("shape", "good"),
    [
        ([[OUT, box(2, 2, 3)]], True),
        ([[OUT, box(2, 2, 3), box(6, 6, 3)]], True),
        ([[OUT, box(2, 2, 3), box(5, 5, 3)]], True),  # holes that touch in a corner
        ([[OUT, box(0, 0, 3)]], True),  # a hole along the border
        ([[OUT], [box(10, 0, 5)]], True),  # parts side by side
        ([[OUT, box(1, 1, 8)], [box(2, 2, 3)]], True),  # an island in the lake
        ([[OUT, box(8, 8, 4)]], False),  # a hole across the border
        ([[OUT, box(20, 20, 3)]], False),  # a hole outside
        ([[OUT, box(2, 2, 4), box(3, 3, 4)]], False),  # holes across each other
        ([[OUT, box(2, 2, 6), box(3, 3, 2)]], False),  # a hole in a hole
        ([[OUT], [box(5, 5, 10)]], False),  # parts across each other
        ([[OUT], [box(2, 2, 3)]], False),  # a part inside another
        ([[box(2, 2, 3)], [OUT]], False),
        ([[OUT, [[10, 5], [12, 7], [10, 9], [8, 7], [10, 5]]]], False),  # through corners that lie on the border
    ],
)
def test_rings_keep_out_of_each_other(shape, good):
    assert (geojson.entangled(shape) is None) is good
    row = {"type": "Feature", "properties": {}, "geometry": {"type": "MultiPolygon", "coordinates": shape}}
    text = json.dumps({"type": "FeatureCollection", "features": [row]}).encode()
    assert bool(geojson.read(text).wrong) is not good


def test_a_shape_too_dense_to_check_is_refused_with_a_word():
    """A thousand edges across the whole width, twice: each would be compared with each."""
    saw = [[(n % 2) * 8 + 1, 1 + n / 250] for n in range(1500)]
    ring = [*saw, [0.5, 7.5], [0.5, 0.5], saw[0]]
    with pytest.raises(OverflowError):
        geojson.entangled([[OUT, ring]])
    text = json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [OUT, ring]}}
    ]})  # fmt: skip
    assert any("simplify" in one.en for one in geojson.read(text.encode()).wrong)
    # many simple parts are no trouble
    parts = [[box(x * 2, y * 2, 1)] for x in range(30) for y in range(30)]
    assert geojson.entangled(parts) is None
