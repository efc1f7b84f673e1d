"""Rights: a verb, a department, a region subtree; deny first."""

from dataclasses import dataclass

import pytest

from hexi.kernel.actors import Denied, Scope, Scoped, System, require, subtree, within

YUMEN, DUNHUANG = "620981000000", "620982000000"


@dataclass
class Clerk(Scoped):
    key: str = "account:1"
    name: str = "张"
    held: tuple = (Scope(7, "620981"),)

    def scopes(self, verb):
        return self.held if verb == "cases.accept" else ()


@pytest.mark.parametrize(
    ("verb", "department", "region", "allowed"),
    [
        ("cases.accept", 7, YUMEN, True),
        ("cases.accept", 7, "620981106201", True),
        ("cases.accept", 8, YUMEN, False),
        ("cases.accept", 7, DUNHUANG, False),
        ("cases.decide", 7, YUMEN, False),
    ],
)
def test_may(verb, department, region, allowed):
    assert Clerk().may(verb, department, region) is allowed
    if allowed:
        require(Clerk(), verb, department, region)
    else:
        with pytest.raises(Denied, match=verb):
            require(Clerk(), verb, department, region)


def test_system_may_everything():
    assert System("law").may("cases.decide", 3, YUMEN)
    assert System("law").key == "system:law"


def test_nobody_by_default():
    assert Scoped().may("cases.view") is False


def test_no_scope_matches_no_row():
    assert str(within([])) == "(AND: ('pk__in', ()))"


def test_whole_country_every_department_matches_every_row():
    assert "pk__isnull" in str(within([Scope()]))


@pytest.mark.parametrize(
    ("scopes", "asked"),
    [
        ([Scope(7, YUMEN), Scope(7, YUMEN)], [Scope(7, YUMEN)]),
        ([Scope(7, YUMEN), Scope(None, "6209")], [Scope(None, "6209")]),
        ([Scope(7, "6209"), Scope(7, YUMEN)], [Scope(7, "6209")]),
        ([Scope(7, "6209"), Scope(8, YUMEN)], [Scope(7, "6209"), Scope(8, YUMEN)]),
        ([Scope(), Scope(7, YUMEN), Scope(None, "62")], [Scope()]),
    ],
)
def test_a_scope_within_another_is_not_asked_again(scopes, asked):
    assert str(within(scopes)) == str(within(asked))
    assert str(within(scopes)).count("region_code__gte") == sum(bool(one.region) for one in asked)


def test_a_subtree_is_a_range_of_codes():
    assert str(subtree("620981")) == "(AND: ('region_code__gte', '620981'), ('region_code__lte', '620981999999'))"
    assert str(subtree("", "code")) == "(AND: )"
