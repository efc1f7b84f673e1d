"""What the filters of the work lists offer: the items a reader's cases can be of, in one statement of two columns."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.cases import operations, queries
from hexi.blocks.cases.models import Item
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.test_levels import JIUQUAN, at, item
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions

pytestmark = pytest.mark.django_db
PAGES = ("cases.inbox", "cases.cases")
__all__ = ["at", "item"]


def twin(of, key, **changes):
    """Another item of the same text, without a version of its own."""
    facts = {"title": key, "title_en": key, "region_code": of.region_code, "department": of.department}
    return Item.objects.create(key=key, **(facts | {"status": Item.Status.PUBLISHED} | changes))


def offered(client, page):
    text = client.get(reverse(page)).content.decode()
    select = re.search(r'<select[^>]*name="item".*?</select>', text, re.S).group()
    return re.findall(r'<option value="(\d+)"', select)


@pytest.mark.parametrize("page", PAGES)
def test_an_official_is_offered_the_items_of_the_office_and_no_drafts(client, page):
    own = make.make_item()
    stopped = twin(own, "stopped", status=Item.Status.WITHDRAWN)
    twin(own, "draft", status=Item.Status.DRAFT)
    twin(own, "elsewhere", department=people.make_department("yumen-market"))
    client.force_login(people.make_official(make.CLERK, department=own.department, region_code=own.region_code))
    assert sorted(offered(client, page)) == sorted([str(own.pk), str(stopped.pk)])


@pytest.mark.parametrize("page", PAGES)
def test_a_row_opens_in_the_side_panel(client, page):
    case = make.make_case()
    client.force_login(people.make_official(make.CLERK, department=case.department, region_code=case.region_code))
    text = client.get(reverse(page)).content.decode()
    (link,) = re.findall(rf'<a href="{reverse("cases.case", args=[case.number])}" data-open[^>]*>', text)
    assert ('hx-target="#panel-body"' in link, 'id="panel-body"' in text) == (True, True)


def test_a_supervisor_is_offered_those_of_the_region(client):
    own = make.make_item()
    other = twin(own, "elsewhere", department=people.make_department("yumen-market"))
    twin(own, "abroad", region_code="610000000000", department=people.make_department("xian", "610000000000"))
    client.force_login(people.make_official(make.SUPERVISOR, region_code=regions.YUMEN))
    assert sorted(offered(client, "cases.cases")) == sorted([str(own.pk), str(other.pk)])


def test_the_lower_office_is_offered_what_it_has_and_what_it_has_passed_up(item):
    office = people.make_department("yumen-forestry")
    county = people.acting(people.make_official(make.EXAMINER, department=office, region_code=regions.YUMEN))
    clerk = people.acting(people.make_official(make.CLERK, department=office, region_code=regions.YUMEN))
    assert item not in queries.items_of(county)
    case = make.make_case(item)
    operations.accept(case, by=clerk)
    assert item in queries.items_of(county)
    operations.pass_up(make.fresh(case), by=county, opinion="初审符合。")
    assert make.fresh(case).department.key == JIUQUAN
    assert item in queries.items_of(county)
    assert list(queries.items_of(make.make_citizen())) == []


def test_whatever_their_number_they_are_one_statement_without_their_texts(client):
    own = make.make_item()
    client.force_login(people.make_official(make.CLERK, department=own.department, region_code=own.region_code))
    [client.get(reverse(page)) for page in PAGES]
    for number in range(3):
        twin(own, f"more-{number}")
    for page in PAGES:
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse(page))
        found = [one["sql"] for one in asked if 'FROM "cases_item"' in one["sql"]]
        assert (len(found), "status" in found[0].split("FROM")[0]) == (1, False)
