"""What CI leaves out on PostgreSQL asks nothing that is not asked (tests/asked.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.asked import fewest, shape


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('SELECT "a" FROM "t" WHERE "id" IN (%s, %s)', 'SELECT "a" FROM "t" WHERE "id" IN (%s)', True),
        ("INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)", "INSERT INTO t (a, b) VALUES (%s, %s)", True),
        ("SELECT a FROM t LIMIT 20 OFFSET 40", "SELECT a FROM t LIMIT 50 OFFSET 0", True),
        ("SELECT a FROM t", "SELECT b FROM t", False),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t", False),
    ],
)
def test_statements_that_differ_in_values_alone_are_one(one, other, same):
    assert (shape(one) == shape(other)) is same


def test_an_error_is_another_outcome():
    assert shape("SELECT 1") != shape("SELECT 1", "IntegrityError")


@given(st.dictionaries(st.text(max_size=3), st.tuples(st.floats(0.001, 1), st.sets(st.integers(0, 20))), max_size=12))
def test_all_that_is_asked_is_still_asked_and_nothing_twice_in_vain(asked):
    kept = fewest(asked, asked)
    assert {one for test in kept for one in asked[test][1]} == {one for _, all_ in asked.values() for one in all_}
    assert all(asked[test][1] for test in kept)


def test_what_takes_more_than_two_seconds_for_each_new_statement_is_left_out():
    asked = {"quick": (0.1, {1}), "worth it": (9.0, {2, 3, 4, 5, 6}), "not worth it": (9.0, {1, 7, 8})}
    assert fewest(asked, asked) == {"quick", "worth it"}


def test_the_quickest_is_taken_and_what_is_unknown_stays():
    asked = {"slow": (2.0, {1, 2}), "quick": (1.0, {1, 2}), "more": (1.0, {2, 3})}
    assert fewest(asked, ["slow", "quick", "more", "unknown"]) == {"quick", "more", "unknown"}
