"""Public figures: each opens what it counts for who may see it, and each table is an Excel file."""

import io
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from hexi.blocks.cases import operations
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.operations import rating as rate_operations
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.regions.tests import make as regions

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(at):
    """林木采伐许可: three came in, two were accepted, one of them granted and one refused; one more matter rejected."""
    regions.make_divisions()
    item = make.make_item()
    cases = [make.make_case(item) for _ in range(3)]
    for case, decide in zip(cases, (operations.grant, operations.refuse), strict=False):
        operations.accept(case, by=make.make_official(make.CLERK))
        operations.examine(make.fresh(case), by=make.make_official(make.EXAMINER), opinion="符合。")
        decide(make.fresh(case), by=make.make_official(make.HEAD), opinion="见意见。")
    return cases


def links(page, number):
    """The addresses under a number in the tables, table by table."""
    return [unescape(one) for one in re.findall(rf'<td class="num"><a href="([^"]+)">{number}</a>', page)]


def sheet(client, page, title, **asked):
    answer = client.get(page, asked)
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows()]
    assert rows[0][0] == title
    return rows


def test_an_official_opens_the_cases_behind_each_figure(world, client):
    client.force_login(make.make_official(make.SUPERVISOR).account)
    page = client.get(reverse("cases.statistics")).content.decode()
    received = links(page, 3)
    assert len(received) == 3  # by month, by item, by department
    for address in received:
        assert client.get(address).content.decode().count("/work/cases/") >= 3
    for address in links(page, 2):  # accepted
        assert urlsplit(address).path == reverse("cases.behind", args=["accepted"])
        assert "这个数字数的就是这 2 件" in client.get(address).content.decode()
    month, item, office = (parse_qs(urlsplit(one).query) for one in received)
    assert (month["from"], month["to"]) == (["2026-11-01"], ["2026-11-24"])
    assert item["dimension"] == ["tree-felling"]
    assert office["department"] == [str(world[0].department_id)]


def test_everybody_opens_the_decisions_made_public_and_the_board_of_the_rest(world, client):
    page = client.get(reverse("cases.statistics")).content.decode()
    ones = [one for one in links(page, 1) if urlsplit(one).path == reverse("cases.decisions")]
    granted, refused = (client.get(one).content.decode() for one in ones)
    assert ["outcome=granted" in ones[0], "outcome=refused" in ones[1]] == [True, True]
    assert [text.count('href="/decisions/') for text in (granted, refused)] == [1, 1]
    for address in links(page, 3):
        assert urlsplit(address).path == reverse("indicators.figure", args=["cases"])
        assert client.get(address).status_code == 200
    assert "/work/" not in "".join(links(page, 3))


def test_decisions_are_narrowed_to_an_item_and_days(world, client):
    page = reverse("cases.decisions")
    count = lambda **asked: client.get(page, asked).content.decode().count('href="/decisions/')  # noqa: E731
    assert (count(), count(item="tree-felling"), count(item="tree-felling", outcome="refused")) == (2, 2, 1)
    assert (count(to="2026-11-23"), count(**{"from": "2026-11-24"})) == (0, 2)


@pytest.mark.parametrize(
    ("table", "title", "name"),
    [("months", "月份", "2026-11"), ("items", "事项", "林木采伐许可证核发"), ("departments", "部门", "")],
)
def test_each_table_goes_to_excel(world, client, table, title, name):
    head, first = sheet(client, reverse("cases.statistics"), title, sheet=table)
    assert head[1:6] == ["收件", "受理", "其中视为受理", "准予", "不予许可"]
    assert first[1:6] == [3, 2, 0, 1, 1]
    assert name in first[0]


def test_the_supervisors_table_of_departments_goes_to_excel(world, client):
    client.force_login(make.make_official(make.SUPERVISOR).account)
    head, first = sheet(client, reverse("cases.watch"), "部门", sheet="departments")
    assert head[1:] == ["红灯：已超期", "黄灯：临近期限", "绿灯：正常", "不计时"]
    assert sum(first[1:]) == 2  # the one not yet accepted, the one being certified
    client.logout()
    assert client.get(reverse("cases.watch"), {"sheet": "departments"}).status_code in (302, 403)


def test_results_of_ratings_open_line_by_line(at, client):
    villager = make.make_citizen()
    item = make.make_item()
    for level in (5, 1):
        case = make.make_case(item, applicant=villager.account.person, by=villager)
        operations.reject(case, by=make.make_official(make.CLERK), opinion="不归本局管", where_to="瓜州县林业和草原局")
        assert make.fresh(case).state == State.REJECTED
        rate_operations.rate(make.fresh(case), level=level, by=villager, text="", aspects={})
    results = reverse("cases.rating_results")
    head, first = sheet(client, results, "事项", sheet="item")
    assert (head[1:], first[1:]) == (["评价数", "满意率", "差评", "平均分"], [2, 50, 1, 3])
    page = client.get(results).content.decode()
    assert "/work/" not in page.split("<main")[1].split("</main>")[0]
    (own, *_rest) = {one for one in links(page, 2) if "item=" in one}
    assert "看全部" in client.get(results + own).content.decode()
    client.force_login(make.make_official(make.SUPERVISOR).account)
    page = client.get(results).content.decode()
    behind = next(one for one in links(page, 2) if "item=" in one)
    assert urlsplit(behind).path == reverse("cases.rating_list")
    assert client.get(behind).content.decode().count("/work/ratings/") >= 2
    low = next(one for one in links(page, 1) if "view=low" in one)
    assert "非常不满意" in client.get(low).content.decode()
    assert parse_qs(urlsplit(behind).query)["year"] == ["2026"]
    assert parse_qs(urlsplit(behind).query)["region"] == [case.region_code[:2] + "0" * 10]


def test_the_link_of_a_line_opens_the_ratings_of_that_very_name_and_region(at, client):
    villager, item, made = make.make_citizen(), make.make_item(), []
    for title in (item.title, f"{item.title}（变更）"):
        case = make.make_case(item, applicant=villager.account.person, by=villager)
        operations.reject(case, by=make.make_official(make.CLERK), opinion="不归本局管", where_to="瓜州县林业和草原局")
        made.append(rate_operations.rate(make.fresh(case), level=1, by=villager, text="", aspects={}))
        Case.objects.filter(pk=case.pk).update(title=title)
    here = make.fresh(made[0].case).region_code
    client.force_login(make.make_official(make.SUPERVISOR, item).account)

    def listed(**asked):
        page = client.get(reverse("cases.rating_list"), {"view": "all"} | asked).content.decode()
        return [reverse("cases.rating", args=[one.pk]) in page for one in made]

    assert listed(item=item.title, region=here) == [True, False]
    assert listed(item=item.title[:4], region=here) == [True, True]
    assert listed(department=case.department.name, region=here) == [True, True]
    assert listed(item=item.title, region="620982000000") == [False, False]
