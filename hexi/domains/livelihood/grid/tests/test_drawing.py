"""Cells drawn: every fault before anything is kept, who was faster is not undone, the map's neighbours; corners by Node."""

import json
import subprocess

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.grid.mapped import outlines
from hexi.domains.livelihood.grid.models import Cell
from hexi.domains.livelihood.grid.operations import mapping
from hexi.domains.livelihood.grid.tests import make
from hexi.domains.livelihood.grid.tests.make import SOUTH, WEST, WIDE, square
from hexi.domains.livelihood.grid.tests.test_pages import entering, text
from hexi.kernel.actors import Denied
from hexi.ui.build import node

pytestmark = pytest.mark.django_db


def border(*corners):
    return json.dumps({"type": "Polygon", "coordinates": [list(corners)]})


def drawn(serial=3, ring=None, **facts):
    given = {"code": make.code(serial), "title": f"石河子 {serial} 号网格", "kind": "basic", "scheme": "gbt30428_cell"}
    return mapping.Drawn(**given | {"geometry": border(*(ring or square(2)))} | facts)


def draw(*given, by=make.BY, **facts):
    return mapping.draw_cell(drawn(*given, **facts), department=make.make_centre(), by=by)


def fault(*given, **facts):
    with pytest.raises(ValidationError) as caught:
        draw(*given, **facts)
    assert not Cell.objects.filter(code=make.code(3)).exists()
    return caught.value.message_dict


@pytest.fixture(autouse=True)
def cells():
    return make.make_cells()


def test_a_cell_beside_the_others_is_kept():
    cell = draw()
    assert (cell.code, cell.region_code, cell.synthetic) == (make.code(3), make.SHIHEZI, False)
    assert cell.shape == [[[[round(x, 7), round(y, 7)] for x, y in square(2)]]]


def test_every_fault_of_a_border_is_told_and_nothing_is_kept():
    crossed = [square(2)[place] for place in (0, 2, 1, 3, 0)]
    assert "边界自相交" in fault(ring=crossed)["shape"][0]
    assert "重叠" in fault(ring=square(1))["shape"][0]
    assert "不是 GeoJSON" in fault(geometry="{")["shape"][0]
    assert "不是 GeoJSON" in fault(geometry="[" * 100_000)["shape"][0]
    assert "Polygon" in fault(geometry="7")["shape"][0]
    assert "最多" in fault(geometry=" " * 500_001)["shape"][0]
    huge = border([10**400, 1], *square(2)[1:])
    assert "坐标应为" in fault(geometry=huge)["shape"][0]
    assert "已经有网格在用" in fault(serial=1)["code"][0]
    assert "在区域范围之外" in fault(ring=[[x + 10, y] for x, y in square(2)])["shape"][0]


def test_ground_left_between_is_told_once_and_kept_if_it_is_meant():
    """The third cell goes round a square metre-wide pond beside the second."""
    x, y, step = WEST + 2 * WIDE, SOUTH, WIDE
    ring = [[x, y], [x + step, y], [x + step, y + step], [x, y + step], [x, y + 0.6 * step], [x + 0.2 * step, y + 0.5 * step],
            [x, y + 0.4 * step], [x, y]]  # fmt: skip
    said = fault(ring=ring)
    assert list(said) == ["gaps_meant"]
    assert "附近有空隙" in said["gaps_meant"][0]
    cell = draw(ring=ring, gaps_meant=True)
    # the gap is known now: another border elsewhere is not refused because of it
    other = Cell.objects.get(code=make.code(1))
    mapping.redraw_cell(other, drawn(1, square(0), title="改名"), seen=mapping.state_of(other), by=make.BY)
    assert Cell.objects.get(code=make.code(1)).title == "改名"
    assert cell.area_m2 > 0


def test_who_was_faster_is_not_undone(cells):
    first, seen = cells[0], mapping.state_of(cells[0])
    mapping.redraw_cell(first, drawn(1, square(0), title="先改的"), seen=seen, by=make.BY)
    with pytest.raises(ValidationError, match="别人改过"):
        mapping.redraw_cell(first, drawn(1, square(0), title="后改的"), seen=seen, by=make.BY)
    held = Cell.objects.get(pk=first.pk)
    assert (held.title, held.synthetic) == ("先改的", True)
    with pytest.raises(ValidationError, match="编码不能改"):
        mapping.redraw_cell(held, drawn(9, square(0)), seen=mapping.state_of(held), by=make.BY)


def test_only_posts_of_the_centre_draw(cells):
    worker = people.acting(make.make_worker(cells[0]))
    with pytest.raises(Denied):
        draw(by=worker)
    with pytest.raises(Denied):
        mapping.redraw_cell(cells[0], drawn(1, square(0)), seen=mapping.state_of(cells[0]), by=worker)
    elsewhere = people.make_official(
        "grid_supervisor", region_code="620982000000", department=people.make_department("dunhuang")
    )
    with pytest.raises(Denied):
        draw(by=people.acting(elsewhere))


def test_pages_draw_and_say_what_is_wrong_without_a_map(cells):
    client = entering(make.make_official("grid_supervisor"))
    page = text(client.get("/work/grid/cells/draw/"))
    assert 'data-draw="/work/grid/cells/draw/map.json"' in page
    given = {"code": make.code(3), "title": "三号", "kind": "basic", "scheme": "gbt30428_cell",
             "department": make.make_centre().pk, "shape": border(*square(1))}  # fmt: skip
    refused = text(client.post("/work/grid/cells/draw/", given), 422)
    assert "重叠" in refused
    assert "97.12" in refused, "what was drawn is kept"
    assert client.post("/work/grid/cells/draw/", given | {"shape": border(*square(2))}).status_code == 302
    code = cells[0].code
    page = text(client.get(f"/work/grid/cells/{code}/draw/"))
    assert "改边界：石河子 1 号网格" in page
    again = {"title": "一号", "kind": "basic", "shape": border(*square(0)), "seen": mapping.state_of(cells[0])}
    assert client.post(f"/work/grid/cells/{code}/draw/", again).status_code == 302
    assert Cell.objects.get(code=code).title == "一号"
    assert "别人改过" in text(client.post(f"/work/grid/cells/{code}/draw/", again), 422)
    assert entering(make.make_worker(cells[1])).get("/work/grid/cells/draw/").status_code == 403


def test_the_map_shows_the_neighbours_and_not_the_cell_itself(cells):
    client = entering(make.make_official("grid_supervisor"))

    def codes(query):
        found = client.get(f"/work/grid/cells/draw/map.json?{query}").json()["outlines"]["features"]
        return [one["properties"]["key"] for one in found]

    assert codes("") == [make.code(1), make.code(2)]
    assert codes(f"without={make.code(1)}") == [make.code(2)]
    assert codes("box=1,1,2,2") == []
    assert codes("box=nan,x") == [make.code(1), make.code(2)]


def test_under_a_pin_everybody_sees_cells_by_name_and_nothing_else():
    found = outlines(make.SHIHEZI, 10)
    assert [(one.title, one.link, one.word, one.state, one.weight) for one in found] == [
        ("石河子 1 号网格", "", "", "", 1), ("石河子 2 号网格", "", "", "", 1),
    ]  # fmt: skip
    # of a village without cells those of its township; of a county none: they would be thousands
    assert len(outlines(make.HEDONG, 10)) == 2
    assert len(outlines(make.HEDONG, 1)) == 1
    assert outlines(make.YUMEN, 10) == ()


SCRIPT = """
import * as rings from %r;
const square = [[[[0, 0], [2, 0], [2, 2], [0, 2]]]];
const told = [];
told.push(rings.write(square) === '{"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]}');
told.push(JSON.stringify(rings.read(rings.write(square))) === JSON.stringify(square));
told.push(rings.read("nonsense") === null && rings.read('{"type":"Point","coordinates":[1,2]}') === null);
told.push(rings.crossing(square) === null);
told.push(String(rings.crossing(rings.move(square, [0, 0, 3], [3, 1]))) !== "null");
told.push(rings.insert(square, [0, 0, 1], [1, -1])[0][0].length === 5 && square[0][0].length === 4);
told.push(rings.remove(square, [0, 0, 1])[0][0].length === 3);
told.push(rings.remove(rings.remove(square, [0, 0, 1]), [0, 0, 0]).length === 0);
const holed = [[square[0][0], [[0.5, 0.5], [1, 0.5], [1, 1]]]];
told.push(rings.remove(holed, [0, 1, 0])[0].length === 1);
const same = (place) => place;
told.push(String(rings.snapped([2.05, 2.05], [square], same, 0.2)) === "2,2");
told.push(String(rings.snapped([1.1, 2.05], [square], same, 0.2)) === "1.1,2");
told.push(String(rings.snapped([1, 1], [square], same, 0.2)) === "1,1");
told.push(Math.abs(rings.area(square) / (2 * 111320) ** 2 - 1) < 0.001);
console.log(JSON.stringify(told));
"""


def test_corners_are_put_in_moved_taken_away_and_snap_to_neighbours():
    path = settings.HEXI_PACKS.parent / "hexi" / "ui" / "static" / "ui" / "src" / "js" / "rings.js"
    done = subprocess.run(
        [node()[0], "--input-type=module", "-e", SCRIPT % path.as_uri()], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [True] * 13
