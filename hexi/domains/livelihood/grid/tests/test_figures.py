"""Roll-up = detail: every fact of a lively month, day by day and month by month, by unit, class and cell."""

from datetime import date, timedelta

import pytest

from hexi.blocks.indicators import operations as indicators
from hexi.blocks.indicators.counted import sources
from hexi.blocks.indicators.queries import differences
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.grid import figures, queries
from hexi.domains.livelihood.grid.operations import handling, keeping
from hexi.domains.livelihood.grid.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import System

pytestmark = pytest.mark.django_db
ALWAYS = (date(2000, 1, 1), date(2199, 12, 31))


def make_month():
    """Incidents of every fate on different days."""
    cells = make.make_cells()
    worker = make.make_worker(cells[0])
    centre, unit, supervisor = (make.acting(role) for role in ("grid_centre", "grid_unit", "grid_supervisor"))
    start = clock.now() - timedelta(days=40)
    with clock.told_at(start):
        make.make_closed()
        handling.cancel(make.make_incident().case, by=centre, opinion="重复。")
    with clock.told_at(start + timedelta(days=3)):
        late = make.make_handling(make.make_incident(subject="E0102"))
        handling.ask_delay(late.case, amount=1, by=unit, opinion="车坏了。")
        handling.grant(late.case, by=centre)
    with clock.told_at(start + timedelta(days=20)):
        handling.handle(late.case, by=unit, opinion="清了。")
        handling.send_back(late.case, by=centre, opinion="照片看不清。")
        handling.handle(late.case, by=unit, opinion="又清了。")
        handling.feedback(late.case, by=centre)
        handling.rework(late.case, by=centre, opinion="还有。")
        handling.handle(late.case, by=unit, opinion="真清了。")
        handling.feedback(late.case, by=centre)
        handling.close(late.case, by=centre)
        handling.evaluate(late.case, level=2, by=supervisor)
    held = make.make_handling(make.make_incident(subject="C0118"))
    handling.ask_hold(held.case, amount=9, by=unit, opinion="没有配件。")
    handling.grant(held.case, by=centre)
    back = make.make_handling(make.make_incident())
    handling.give_back(back.case, by=unit, opinion="不是水管。")
    handling.void(back.case, by=supervisor, opinion="误录。")
    inside = keeping.Presence(cells[0], None, make.WEST + 0.001, make.SOUTH + 0.001)
    keeping.check_in(inside, submission="1", by=people.acting(worker))
    keeping.check_in(keeping.Presence(cells[0]), submission="2", by=people.acting(worker))
    return cells, late


def test_what_is_kept_is_what_is_counted():
    make_month()
    for owner in ("grid.received", "gridcells.received"):
        assert differences(sources()[owner], *ALWAYS) == []
    before = [figures_of(one, UNIT) for one in queries.unit_scores([""], *ALWAYS)]
    for owner in ("grid.received", "gridcells.received"):
        indicators.rebuild(sources()[owner], by=System("test"))
        assert differences(sources()[owner], *ALWAYS) == []
    assert [figures_of(one, UNIT) for one in queries.unit_scores([""], *ALWAYS)] == before


def figures_of(row, names) -> dict[str, int]:
    return {name: getattr(row, name) for name in names if getattr(row, name)}


UNIT = {
    "dispatched": 6, "handled": 4, "rework": 2, "returned": 1, "delayed": 1, "held": 1, "closed": 2, "in_time": 1,
    "late": 1, "rated": 1, "points": 2,
}  # fmt: skip
CELL = {"received": 5, "closed": 2, "late": 1, "rework": 2, "visits": 1}


@pytest.mark.parametrize("tops", [[make.YUMEN[:6]], [""], ["620982", "6209"]])
def test_the_card_of_a_unit(tops):
    make_month()
    (unit,) = queries.unit_scores(tops, *ALWAYS)
    assert unit.key == "yumen-water"
    assert figures_of(unit, UNIT) == UNIT
    assert list(queries.unit_scores(["620982"], *ALWAYS)) == []


def test_cards_of_units_are_summed_at_once_however_many(django_assert_num_queries):
    make_month()
    centre = make.make_incident().centre
    for units in (1, 3):
        others = [people.make_department(f"unit-{n}") for n in range(units)]
        for n, one in enumerate(others, 2):
            figures.count(make.make_incident(), one.pk, clock.now(), dispatched=n, closed=1)
        with django_assert_num_queries(2) as asked:
            found = queries.unit_scores([""], *ALWAYS)
        assert sum(one["sql"].count("SUM(") for one in asked.captured_queries) == 1
        assert centre.pk not in [one.pk for one in found]
    assert [(one.key, one.dispatched, one.closed) for one in found] == [
        ("yumen-water", 6, 2), ("unit-0", 4, 2), ("unit-2", 4, 1), ("unit-1", 3, 1),
    ]  # fmt: skip


def test_the_card_of_a_cell_counts_what_lies_in_it():
    cells, _late = make_month()
    (cell,) = queries.cell_scores([make.YUMEN[:6]], *ALWAYS)
    assert (cell.code, figures_of(cell, CELL)) == (cells[0].code, CELL)


def test_a_cell_that_was_drawn_anew_under_its_code_stands_once():
    cells, _late = make_month()
    type(cells[0]).objects.filter(pk=cells[0].pk).update(ended_on=clock.today())
    again = type(cells[0]).objects.get(pk=cells[0].pk)
    again.pk, again.ended_on = None, None
    again.save()
    assert [one.pk for one in queries.cell_scores([""], *ALWAYS)] == [again.pk]


def test_every_figure_leads_to_the_rows_it_counts():
    cells, _late = make_month()
    unit = make.make_unit()
    for name, number in (UNIT | {"points": None}).items():
        rows = figures.behind_unit(name, unit.pk, [make.YUMEN[:6]], *ALWAYS)
        assert (rows and rows.count()) == number
    for name, number in (CELL | {"visits": None}).items():
        rows = figures.behind_cell(name, cells[0].code, [make.YUMEN[:6]], *ALWAYS)
        assert (rows and rows.count()) == number
    today = clock.today()
    assert figures.behind_unit("dispatched", unit.pk, [""], today, today).count() == 2
    assert figures.behind_unit("dispatched", unit.pk + 1, [""], *ALWAYS).count() == 0


def test_a_case_received_is_counted_for_the_centre_of_its_cell():
    incident = make.make_incident()
    (line,) = [one for one in sources()["grid.received"].recount(*ALWAYS) if one.key == "grid.received"]
    assert (line.department_id, line.dimension, line.region_code) == (incident.centre_id, "E0401", make.YUMEN)


@pytest.mark.parametrize(
    ("tops", "seen"), [(["620982"], False), ([], False), ([""], True), (["620982", "62098"], True)]
)
def test_behind_a_figure_only_the_regions_of_its_card_are_counted(tops, seen):
    cells, _late = make_month()
    unit = make.make_unit().pk
    of_unit = [figures.behind_unit(name, unit, tops, *ALWAYS).count() for name in UNIT if name != "points"]
    of_cell = [figures.behind_cell(name, cells[0].code, tops, *ALWAYS).count() for name in CELL if name != "visits"]
    assert ({bool(n) for n in of_unit}, {bool(n) for n in of_cell}) == ({seen}, {seen})
