"""Cells and components taken in with every fault told; who is responsible; placing follows every change."""

import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from openpyxl import Workbook

from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.domains.livelihood.grid import coding, places, rules
from hexi.domains.livelihood.grid.models import Cell, Component, Duty, Rule
from hexi.domains.livelihood.grid.operations import keeping, mapping
from hexi.domains.livelihood.grid.pages.asking import unit_field
from hexi.domains.livelihood.grid.tests import make
from hexi.domains.livelihood.grid.tests.make import SOUTH, WEST, WIDE, collection, feature, square
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
HERE = (WEST + WIDE / 2, SOUTH + WIDE / 2)


def take(*features, scheme="gbt30428_cell", by=make.BY):
    make.make_rules()
    facts = {"name": "x.json", "scheme": scheme, "region": make.YUMEN, "department": make.make_centre(), "by": by}
    return mapping.import_cells(collection(*features), **facts)


def said(run):
    return " ".join(f"{place}：{sentence}" for place, sentence in run.faults)


# --- codes
@pytest.mark.parametrize(
    ("scheme", "code", "division"),
    [
        ("gbt30428_cell", "62098110620301", "620981106203"), ("gbt30428_cell", "620981106203001", "620981106203"),
        ("cjt349_cell", "01010062098110620301", "620981106203"), ("cjt349_cell", "01010062098110660101", "620981106000"),
    ],
)  # fmt: skip
def test_codes_of_cells(scheme, code, division):
    make.make_rules()
    read, wrong = coding.read(code, rules.scheme(scheme))
    assert (read.division, wrong) == (division, "")


@pytest.mark.parametrize("code", ["6209811062030", "6209811062030001", "62098110620A01", ""])
def test_codes_of_another_length_are_refused(code):
    make.make_rules()
    assert coding.read(code, rules.scheme("gbt30428_cell"))[0] is None


def test_a_region_may_lay_down_its_own_scheme_from_a_day_on():
    make.make_rules()
    line = rules.scheme("gbt30428_cell")
    facts = line.model_dump(mode="json", exclude={"key", "title", "valid_from", "valid_to"})
    facts["parts"][-1]["digits"] = 4
    rules.Rule.objects.create(
        what="scheme", key=line.key, title="本地", title_en="Local", facts=facts, valid_from="2020-01-01"
    )
    assert coding.lengths(rules.scheme("gbt30428_cell")) == [16]


# --- taking in
def test_cells_are_taken_in_and_found():
    run = take(feature(1, square(0)), feature(2, square(1), kind="special"))
    assert (run.taken, run.faults, run.hints) == (2, [], [])
    cell = places.cell_at(*HERE)
    assert (cell.code, cell.region_code, cell.kind) == ("62098110620301", "620981106203", "basic")
    assert cell.area_m2 == pytest.approx(1113.2**2 * 0.7627, rel=0.01)
    assert places.cell_at(WEST - 0.001, SOUTH) is None


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (feature(2, [[0, 0], [1, 0], [1, 1], [0, 1]]), "要素 2：环没有闭合"),
        (feature(2, square(0)), "要素 1：和 要素 2（62098110620302）重叠"),
        (feature(1, square(1)), "要素 2：编码 62098110620301 和要素 1 重复"),
        (feature(2, [[116.3, 39.9], [116.4, 39.9], [116.4, 40], [116.3, 39.9]]), "要素 2：在区域范围之外"),
        (feature(2, square(1), code="62098210620301"), "要素 2：编码里的区划 620982106203 不在"),
        (feature(2, square(1), code="620981"), "要素 2：编码 620981 有 6 位"),
        (feature(2, square(1), region="620981106200"), "要素 2：属性里的区划 620981106200 和编码不一致"),
        (feature(2, square(1), kind="round"), "要素 2：网格种类"),
        ({"type": "Feature"}, "要素 2：没有属性"),
    ],
)
def test_one_fault_refuses_the_file_and_names_its_feature(one, sentence):
    run = take(feature(1, square(0)), one)
    assert (run.taken, Cell.objects.count()) == (0, 0)
    assert sentence in said(run)


def test_a_village_that_is_not_in_the_register_is_named():
    regions.make_divisions()
    assert "没有区划代码为 620981106999" in said(take(feature(1, square(0), code="62098110699901")))
    assert take(feature(1, square(0))).faults == []


def test_gaps_are_told_and_taken():
    run = take(*[feature(1 + x + 3 * y, square(x, y)) for x in range(3) for y in range(3) if (x, y) != (1, 1)])
    assert run.taken == 8
    assert "有空隙" in run.hints[0][1]


def test_what_is_no_geojson_is_refused():
    make.make_rules()
    facts = {
        "name": "x",
        "scheme": "gbt30428_cell",
        "region": make.YUMEN,
        "department": make.make_centre(),
        "by": make.BY,
    }
    projected = json.dumps(
        {"type": "FeatureCollection", "features": [1], "crs": {"properties": {"name": "EPSG:3857"}}}
    ).encode()
    for content in (b"\xff\xfe", b"[]", b'{"type":"FeatureCollection","features":[]}', b"[" * 100_000, projected):
        with pytest.raises(ValidationError) as refused:
            mapping.import_cells(content, **facts)
        assert list(refused.value.message_dict) == ["file"]


def test_only_who_may_takes_in():
    make.make_rules()
    with pytest.raises(Denied):
        take(feature(1, square(0)), by=make.acting("grid_centre"))
    assert take(feature(1, square(0)), by=make.acting("grid_supervisor")).taken == 1


def test_the_same_code_gets_the_new_shape_and_places_follow_at_once():
    take(feature(1, square(0)))
    assert places.cell_at(*HERE).code == "62098110620301"
    take(feature(1, square(5)))
    assert places.cell_at(*HERE) is None
    assert Cell.objects.count() == 1


def test_a_change_rolled_back_moves_no_place():
    take(feature(1, square(0)))
    with transaction.atomic():
        take(feature(1, square(5)))
        assert places.cell_at(*HERE) is None
        transaction.set_rollback(True)
    assert places.cell_at(*HERE).code == "62098110620301"


def test_an_ended_cell_is_found_no_more_and_its_code_is_free():
    (cell,) = make.make_cells(1)
    make.make_worker(cell)
    mapping.end_cell(cell, by=make.acting("grid_supervisor"))
    assert places.cell_at(*HERE) is None
    assert Duty.objects.now().count() == 0
    take(feature(1, square(0)))
    assert Cell.objects.count() == 2


# --- who is responsible
def test_responsible_is_who_holds_a_post_at_the_centre():
    (cell,) = make.make_cells(1)
    stranger = make.make_official("grid_unit")
    with pytest.raises(ValidationError):
        mapping.assign(cell, stranger, by=make.acting("grid_supervisor"))
    worker = make.make_official("grid_worker")
    first = mapping.assign(cell, worker, by=make.acting("grid_supervisor"))
    assert mapping.assign(cell, worker, by=make.acting("grid_supervisor")) == first
    with pytest.raises(Denied):
        mapping.relieve(first, by=people.acting(worker))
    mapping.relieve(first, by=make.acting("grid_supervisor"))
    assert Duty.objects.now().count() == 0


# --- components
HEAD = "编码,名称,经度,纬度,精度,权属单位,地址,状态"


def take_components(*lines, scheme="component_2_2_6"):
    content = "\n".join((HEAD, *lines)).encode()
    return keeping.import_components(content, name="x.csv", scheme=scheme, region=make.YUMEN, by=make.BY)


def test_good_rows_are_taken_and_every_other_is_told():
    make.make_cells()
    water = make.make_unit()
    x, y = HERE
    run = take_components(
        f"6209810101000001,上水井盖 1,{x},{y},A,{water.name},一组路口,完好",
        f"620981010100002,短一位,{x},{y},A,,,",
        f"6209829101000003,外县,{x},{y},,,,",
        f"6209810199000004,没有类别,{x},{y},,,,",
        f"6209810101000005,没有部门,{x},{y},,某公司,,",
        "6209810101000006,在外面,116.4,39.9,,,,",
        f"6209810101000007,状态不对,{x},{y},,,,好",
        f"6209810101000001,重复,{x},{y},,,,",
        "6209810101000008,不在网格,97.5,40.5,,,,",
    )
    assert (run.total, run.taken) == (9, 2)
    assert [place for place, _said in run.faults] == [f"第 {n} 行" for n in (3, 4, 4, 5, 6, 7, 8, 9)]
    assert [place for place, _said in run.hints] == ["第 10 行"]
    one = Component.objects.get(code="6209810101000001")
    assert (one.subject, one.cell.code, one.owner, one.accuracy) == ("C0101", "62098110620301", water, "A")


def test_the_same_table_twice_changes_nothing_and_a_new_one_changes_the_row():
    make.make_cells()
    x, y = HERE
    line = f"6209810101000001,上水井盖,{x},{y},A,,,"
    take_components(line)
    take_components(line)
    take_components(line + "丢失")
    assert list(Component.objects.values_list("code", "state")) == [("6209810101000001", "missing")]


def test_the_longer_minor_class_and_a_workbook():
    make.make_cells()
    book = Workbook()
    book.active.append(["编码", "经度", "纬度"])
    book.active.append(["6209810100100001", *HERE])
    file = io.BytesIO()
    book.save(file)
    run = keeping.import_components(
        file.getvalue(), name="x.xlsx", scheme="component_2_3_5", region=make.YUMEN, by=make.BY
    )
    assert (run.taken, run.faults) == (1, [])


def test_a_minor_class_of_three_digits_is_never_another_class():
    """080 and above are a region's own: 101 is not 01, and 001 to 079 are those of the standard in two digits."""
    make.make_cells()
    own = Rule.objects.get(what="class", key="C0101")
    own.pk, own.key, own.title = None, "C01101", "自定小类"
    own.save()
    x, y = HERE
    run = take_components(
        f"6209810100100001,标准小类,{x},{y},,,,", f"6209810110100002,自定小类,{x},{y},,,,",
        f"6209810118000003,没有的小类,{x},{y},,,,", f"6209810107900004,没有的标准小类,{x},{y},,,,",
        scheme="component_2_3_5",
    )  # fmt: skip
    taken = dict(Component.objects.values_list("code", "subject"))
    assert taken == {"6209810100100001": "C0101", "6209810110100002": "C01101"}
    assert [said for _place, said in run.faults] == [
        f"没有类别 {key}。请先在类别里补上。" for key in ("C01180", "C0179")
    ]


def test_who_owns_the_thing_is_proposed_first_unless_its_class_says_otherwise():
    make.make_cells()
    owner, usual = people.make_department("yumen-gas", name="玉门市燃气公司"), make.make_unit()
    x, y = HERE
    take_components(f"6209810101000001,上水井盖,{x},{y},A,{owner.name},,", f"6209810101000002,上水井盖,{x},{y},A,,,")
    one = make.make_incident(subject="C0101", component="6209810101000001")
    other = make.make_incident(subject="C0101", component="6209810101000002")
    Rule.objects.create(
        what="unit", key=f"{make.YUMEN}:C0101", title="C0101", title_en="C0101", valid_from=clock.today(),
        facts={"departments": [usual.key]},
    )  # fmt: skip
    proposed = lambda incident: unit_field(make.fresh(incident)).initial  # noqa: E731
    assert (proposed(one), proposed(other)) == (owner, usual)
    rule = one.rule
    rule.facts["owner_first"] = False
    rule.save()
    assert proposed(one) == usual
    rule.facts["owner_first"] = True
    rule.save()
    type(owner).objects.filter(pk=owner.pk).update(active=False)
    assert proposed(one) == usual


def test_a_head_without_the_needed_columns_is_refused():
    make.make_rules()
    with pytest.raises(ValidationError):
        keeping.import_components(b"a,b\n1,2", name="x.csv", scheme="component_2_2_6", region=make.YUMEN, by=make.BY)


def test_a_report_by_the_code_of_a_component_lies_in_its_cell():
    make.make_cells()
    take_components(f"6209810101000001,上水井盖,{HERE[0]},{HERE[1]},A,,,")
    incident = make.make_incident(subject="C0101", component="6209810101000001", longitude=None, latitude=None)
    assert (incident.component.code, incident.cell.code) == ("6209810101000001", "62098110620301")
