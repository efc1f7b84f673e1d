"""Level, prefix, parent and span of division codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexi.blocks.regions import codes

LEVELS = {
    "000000000000": (0, ""),
    "": (0, ""),
    "620000000000": (1, "62"),
    "620900000000": (2, "6209"),
    "621000000000": (2, "6210"),
    "620981000000": (3, "620981"),
    "623001000000": (3, "623001"),
    "620981106000": (4, "620981106"),
    "620981100000": (4, "620981100"),
    "620981106203": (5, "620981106203"),
    "620981106200": (5, "620981106200"),
    "441900003000": (4, "441900003"),
}
any_code = st.sampled_from([(2, 10), (4, 8), (6, 6), (9, 3), (12, 0)]).flatmap(
    lambda cut: st.integers(11, 10 ** cut[0] - 1).map(lambda n: str(n).zfill(cut[0]).ljust(12, "0"))
)


@pytest.mark.parametrize(("code", "wanted"), LEVELS.items())
def test_level_and_prefix(code, wanted):
    assert (codes.level_of(code), codes.prefix(code)) == wanted


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("620000000000", ""),
        ("620900000000", "620000000000"),
        ("620981106203", "620981106000"),
        ("620201102000", "620201000000"),
        # Dongguan has no counties: its townships belong to the city itself
        ("441900003000", "441900000000"),
        ("", ""),
    ],
)
def test_parent(code, above):
    assert codes.parent(code) == above


def test_ancestors_end_with_the_code_itself():
    assert codes.ancestors("620981106203") == (
        "620000000000", "620900000000", "620981000000", "620981106000", "620981106203",
    )  # fmt: skip
    assert codes.ancestors("") == ()


@pytest.mark.parametrize(
    ("text", "right"),
    [("620981106000", True), ("620981", False), ("000000000000", False), ("62098110600a", False), ("", False)],
)
def test_is_code(text, right):
    assert codes.is_code(text) is right


@given(any_code, any_code)
def test_the_span_holds_just_the_codes_with_the_prefix(code, other):
    start, beyond = codes.span(code)
    assert (start <= other < beyond) == other.startswith(codes.prefix(code))


def test_the_span_of_nothing_holds_everything():
    start, beyond = codes.span("")
    assert start <= "110000000000" < "999999999999" < beyond
