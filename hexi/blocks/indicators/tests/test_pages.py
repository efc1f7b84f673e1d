"""Pages of figures: the way down from province to township, rights, queries, the file."""

import re
from datetime import date
from html import escape, unescape
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from hexi.blocks.audit.models import Entry
from hexi.blocks.indicators.tests.make import make_facts
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions

pytestmark = pytest.mark.django_db
SPAN = "from=2017-01-01&to=2017-12-31"
DUNHUANG = "620982000000"


@pytest.fixture(autouse=True)
def divisions():
    regions.make_divisions()


def page(client, key="cases", more=""):
    return client.get(f"/indicators/{key}/?{SPAN}&{more}")


def table(response):
    """Each row of the table: title, figures, and the way down."""
    found = []
    for row in re.findall(r'<tr><th scope="row">(.*?)</tr>', response.text, re.DOTALL):
        head, *cells = re.split(r"</th>|</td>", row)
        way = re.search(r'href="(.*?)"', head)
        figures = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells if cell.strip()]
        found.append((re.sub(r"<[^>]+>", "", head), figures, unescape(way[1]) if way else ""))
    return found


def lines(response):
    """Title, first figure and whether there is a way down, of each row."""
    return [(title, figures[0], bool(way)) for title, figures, way in table(response)]


def tiles(response):
    """Number and unit of each figure above the table."""
    found = re.findall(r'<p class="figure-number">(.*?)</p>', response.text, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in found]


@pytest.fixture
def facts():
    make_facts(accepted=3, finished=2)
    make_facts(accepted=4, region=DUNHUANG)
    make_facts(accepted=1, region=regions.JIUQUAN)
    make_facts(accepted=1, region=regions.XIAXIHAO)


def test_down_from_the_province_to_the_township(client, facts):
    province = page(client, more=f"region={regions.GANSU}")
    assert lines(province) == [("嘉峪关市", "0", True), ("酒泉市", "9", True), ("合计", "9", False)]
    way = table(province)[1][2]
    prefecture = client.get(f"/indicators/cases/{way}")
    assert lines(prefecture) == [
        ("本级", "1", False), ("肃州区", "0", True), ("玉门市", "4", True), ("敦煌市", "4", True), ("合计", "9", False),
    ]  # fmt: skip
    county = client.get("/indicators/cases/" + table(prefecture)[2][2])
    assert lines(county) == [("本级", "3", False), ("玉门镇", "0", True), ("下西号镇", "1", True), ("合计", "4", False)]
    here = re.search(r'aria-label="区划"><ol>(.*?)</ol>', county.text, re.DOTALL)[1]
    assert re.sub(r"<[^>]+>", " ", here).split() == ["甘肃省", "酒泉市", "玉门市"]
    up = client.get("/indicators/cases/" + unescape(re.search(r'href="(.*?)"', here)[1]))
    assert lines(up) == lines(province)


def test_a_division_that_is_no_more_keeps_its_figures(client):
    make_facts(accepted=2, region="620999000000")
    assert ("620999000000", "2", True) in lines(page(client, more=f"region={regions.JIUQUAN}"))


def test_by_item_department_and_month(client):
    office = people.make_department()
    make_facts(accepted=2, department=office.pk)
    make_facts(accepted=5, dimension="cargo")
    assert lines(page(client, more="by=department")) == [
        ("无部门", "5", True),
        (office.name, "2", True),
        ("合计", "7", False),
    ]
    assert lines(page(client, more="by=dimension"))[:2] == [("cargo", "5", True), ("tree-felling", "2", True)]
    assert lines(page(client, more="by=month"))[5] == ("2017-06", "7", True)
    assert lines(page(client, more="by=year")) == [("2017", "7", True), ("合计", "7", False)]
    narrowed = page(client, more=f"department={office.pk}&dimension=tree-felling&by=month")
    assert re.findall(r"<p>(\S+) <a", narrowed.text) == [office.name, "tree-felling"]
    assert lines(narrowed)[-1] == ("合计", "2", False)


def test_one_figure_says_what_it_is_made_of(client, facts):
    shown = page(client, "cases.completion", f"region={regions.JIUQUAN}")
    assert tiles(shown) == ["22.22%", "—%", "—%", "2", "9"]
    assert "办结 ÷ 受理" in shown.text


def test_unknown_figures_and_wrong_addresses(client):
    assert page(client, "nothing").status_code == 404
    assert page(client, "cases", "region=abc&department=x&by=moon&from=2017-99-99").status_code == 200


def test_the_index_names_boards_and_figures(client):
    shown = client.get("/indicators/")
    assert "办件效能" in shown.text
    assert 'href="/indicators/cases.completion/"' in shown.text


@pytest.mark.parametrize("by", ["region", "department", "dimension", "month"])
def test_queries_do_not_grow_with_the_rows(client, by):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert page(client, more=f"region={regions.JIUQUAN}&by={by}").status_code == 200
        return len(found)

    offices = [people.make_department(key) for key in ("a", "b", "c")]
    make_facts(accepted=1, department=offices[0].pk)
    asked()
    one = asked()
    make_facts(accepted=1, department=offices[1].pk, region=DUNHUANG, dimension="b", day=date(2017, 1, 2))
    make_facts(accepted=1, department=offices[2].pk, region=regions.JIUQUAN, dimension="c", day=date(2017, 2, 2))
    assert asked() == one


def test_the_file_has_the_rows_of_the_table(client, facts):
    response = page(client, more=f"region={regions.JIUQUAN}&export=xlsx")
    sheet = load_workbook(BytesIO(response.content)).active
    rows = [[cell.value for cell in row][:4] for row in sheet.rows]
    assert rows[0] == ["名称", "受理 件", "办结 件", "办结率 %"]
    assert rows[3] == ["玉门市", 4, 2, 50]
    assert rows[-1] == ["合计", 9, 2, 22.22]


def signed_in(client, role, **facts):
    client.force_login(people.make_official(role, **facts))
    return client


def test_a_clerk_sees_the_figures_of_his_own_department(client):
    forestry, transport = people.make_department("forestry"), people.make_department("transport")
    make_facts(accepted=2, department=forestry.pk)
    make_facts(accepted=5, department=transport.pk)
    signed_in(client, "clerk", department=forestry, region_code=regions.YUMEN)
    response = client.get(f"/work/indicators/cases/?{SPAN}&by=department")
    assert lines(response)[-1] == ("合计", "2", False)
    assert [row[0] for row in lines(response)] == [forestry.name, "合计"]


def test_a_supervisor_sees_all_offices_of_his_region_and_no_other(client):
    make_facts(accepted=2)
    make_facts(accepted=5, region=DUNHUANG)
    signed_in(client, "supervisor", region_code=regions.YUMEN)
    response = client.get(f"/work/indicators/cases/?{SPAN}&region={regions.GANSU}")
    assert lines(response)[-1] == ("合计", "2", False)
    link = f"/work/figures/accepted/?from=2017-01-01&to=2017-12-31&region={regions.GANSU}"
    assert f'<td class="num"><a href="{escape(link)}">2</a></td>' in response.text


def test_the_workbench_file_is_logged(client):
    make_facts(accepted=2)
    signed_in(client, "supervisor", region_code=regions.YUMEN)
    client.get(f"/work/indicators/cases/?{SPAN}&export=xlsx")
    assert Entry.objects.get(verb="indicators.export").facts["title"] == "办件效能"


def test_strangers_and_citizens_do_not_come_to_the_workbench(client):
    assert client.get("/work/indicators/").status_code == 302
    client.force_login(people.make_citizen())
    assert client.get("/work/indicators/cases/").status_code == 403
