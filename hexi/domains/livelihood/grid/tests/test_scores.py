"""Score cards: units and cells as lists with pages and files; each figure opens the incidents it has counted."""

import pytest

from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.grid import figures
from hexi.domains.livelihood.grid.models import Cell
from hexi.domains.livelihood.grid.tests import make
from hexi.domains.livelihood.grid.tests.test_pages import entering, officer, text
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return make.make_cells()


def test_scores_name_units_and_cells(cells):
    make.make_closed()
    client = officer("grid_supervisor")
    today = clock.today().isoformat()
    said = text(client.get(f"/work/grid/scores/?from={today}"))
    assert "玉门市水务局" in said
    assert "100.0 %" in said
    behind = f"/work/grid/scores/closed/?unit={make.make_unit().pk}&amp;from={today}&amp;to={today}"
    assert behind in said
    said = text(client.get("/work/grid/scores/cells/"))
    assert cells[0].title in said
    assert f"/work/grid/scores/received/?cell={cells[0].code}&amp;" in said
    assert client.get(f"/work/grid/scores/?from={'9' * 6000}&to=x").status_code == 200
    assert "没有符合条件的" in text(client.get("/work/grid/scores/?to=2020-01-01"))
    for asked in ("to=0001-01-01", "from=0001-01-01", "to=9999-12-31", "from=9999-12-31&to=0001-01-02"):
        for page in ("?", "cells/?", f"closed/?unit={make.make_unit().pk}&"):
            assert client.get(f"/work/grid/scores/{page}{asked}").status_code == 200


def test_units_are_sorted_sought_and_saved():
    incident, client = make.make_incident(), officer("grid_supervisor")
    for name, sent in (("甲局", 1), ("乙局", 3), ("丙局", 2)):
        figures.count(incident, people.make_department(f"unit-{sent}", name=name).pk, clock.now(), dispatched=sent)

    def order(**asked):
        said = text(client.get("/work/grid/scores/", asked))
        return sorted((one for one in ("甲局", "乙局", "丙局") if one in said), key=said.index)

    assert order() == ["乙局", "丙局", "甲局"]
    assert order(sort="dispatched") == ["甲局", "丙局", "乙局"]
    assert order(q="丙") == ["丙局"]
    saved = b"".join(client.get("/work/grid/scores/?export=csv&sort=-dispatched")).decode("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in saved[1:]] == [["乙局", "3"], ["丙局", "2"], ["甲局", "1"]]


def test_scores_are_paged_and_saved_as_a_table():
    for cell in make.make_cells(5, 5):
        figures.count_cell(cell, clock.now(), received=1)
    client = officer("grid_supervisor")
    pages = [text(client.get("/work/grid/scores/cells/", {"page": n})) for n in (1, 2)]
    found = [{one.code for one in Cell.objects.all() if f"/work/grid/cells/{one.code}/" in page} for page in pages]
    assert ([len(one) for one in found], len(found[0] | found[1])) == ([20, 5], 25)
    assert pages[0].count("<td") == 20 * 7
    table = client.get("/work/grid/scores/cells/?export=csv")
    assert len(b"".join(table).decode("utf-8-sig").splitlines()) == 26
    assert client.get("/work/grid/scores/?export=xlsx").status_code == 200
    assert make.code(3) in text(client.get("/work/grid/scores/cells/", {"q": make.code(3)}))


def test_a_figure_opens_the_incidents_it_counts_that_one_may_see(cells):
    closed, other = make.make_closed(), make.make_handling(make.make_incident())
    client, unit = officer("grid_supervisor"), make.make_unit()
    said = text(client.get("/work/grid/scores/closed/", {"unit": unit.pk}))
    assert (closed.case.number in said, other.case.number in said) == (True, False)
    assert "共 1 次" in said
    assert "玉门市水务局：结案" in said
    said = text(client.get("/work/grid/scores/received/", {"cell": cells[0].code}))
    assert (closed.case.number in said, other.case.number in said) == (True, True)
    far = text(client.get("/work/grid/scores/closed/", {"unit": unit.pk, "to": "2020-01-01"}))
    assert closed.case.number not in far
    for wrong in ({"unit": unit.pk + 99}, {"cell": "1"}, {"unit": "x"}, {}):
        assert client.get("/work/grid/scores/closed/", wrong).status_code == 404
    assert client.get("/work/grid/scores/visits/", {"cell": cells[0].code}).status_code == 404
    assert officer("grid_unit").get("/work/grid/scores/closed/", {"unit": unit.pk}).status_code == 403
    elsewhere = entering(people.make_official("grid_supervisor", department=unit, region_code="620982000000"))
    for whose in ({"unit": unit.pk}, {"cell": cells[0].code}):
        assert "共 0 次" in text(elsewhere.get("/work/grid/scores/closed/", whose))
