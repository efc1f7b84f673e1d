"""Pages of a list: counting stops at the cap; numbers with gaps; wrong numbers are clamped."""

import pytest
from django.contrib.auth.models import Group
from django.test.utils import CaptureQueriesContext

from hexi.ui import paging
from hexi.ui.paging import capped_count, count_words, numbers, page_of
from hexi.ui.tests.make import make_groups


@pytest.mark.parametrize(
    ("number", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (5, 20, [1, None, 4, 5, 6, None, 20]),
        (3, 20, [1, 2, 3, 4, None, 20]),
        (4, 20, [1, 2, 3, 4, 5, None, 20]),
        (20, 20, [1, None, 19, 20]),
    ],
)
def test_numbers(number, pages, shown):
    assert numbers(number, pages) == shown


def test_count_words():
    assert (count_words(0), count_words(1234), count_words(10_000), count_words(10_001)) == (
        "0",
        "1,234",
        "10,000",
        "10,000+",
    )


def turn(number, count=45, per_page=20):
    rows = list(range(count))
    return page_of(rows, count=count, number=number, per_page=per_page, address=lambda one: f"?page={one}")


def test_middle_page():
    page = turn(2)
    assert (page.rows[0], page.first, page.last, page.previous, page.next) == (20, 21, 40, "?page=1", "?page=3")


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (-3, 1), (99, 3)])
def test_numbers_out_of_reach_are_clamped(asked, given):
    assert turn(asked).number == given


def test_empty_list():
    page = turn(1, count=0)
    assert (page.rows, page.first, page.last, page.previous, page.next) == ([], 0, 0, "", "")


@pytest.mark.django_db
def test_counting_stops_at_the_cap(monkeypatch, django_assert_num_queries):
    make_groups("a", "b", "c", "d")
    monkeypatch.setattr(paging, "CAP", 2)
    with django_assert_num_queries(1) as seen:
        assert capped_count(Group.objects.order_by("name")) == 3
    assert isinstance(seen, CaptureQueriesContext)
    assert "LIMIT 3" in seen.captured_queries[0]["sql"]
    assert "ORDER BY" not in seen.captured_queries[0]["sql"]
    assert count_words(3) == "2+"


@pytest.mark.django_db
def test_pages_end_at_the_cap(monkeypatch):
    make_groups(*"abcdefgh")
    monkeypatch.setattr(paging, "CAP", 4)
    page = page_of(Group.objects.order_by("pk"), count=5, number=9, per_page=2, address=str)
    assert (page.number, [one.name for one in page.rows], page.next, page.total) == (2, ["c", "d"], "", 4)


@pytest.mark.django_db
@pytest.mark.parametrize("order", [("name",), ("-name",), ("-pk",)])
def test_a_deep_page_holds_the_same_rows_in_one_query(monkeypatch, django_assert_num_queries, order):
    make_groups(*"hgfedcba")
    groups = Group.objects.order_by(*order)
    plain = turn_groups(groups)
    monkeypatch.setattr(paging, "DEEP", 2)
    with django_assert_num_queries(1) as seen:
        assert turn_groups(groups) == plain
    assert "OFFSET 4" in seen.captured_queries[0]["sql"].split("IN (SELECT")[1]


def turn_groups(groups):
    return [one.name for one in page_of(groups, count=8, number=3, per_page=2, address=str).rows]
