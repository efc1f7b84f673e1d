"""Conditions: every shared case in Python and in the browser's module, shapes that are refused, properties."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexi.blocks.forms import answers, conditions, kinds, typed
from hexi.blocks.forms.tests.make import make_field
from hexi.site.places import HEXI

HERE = Path(__file__).parent
MODULE = HEXI / "ui" / "static" / "ui" / "src" / "js" / "conditions.js"
CASES = json.loads((HERE / "conditions.json").read_text("utf-8"))


def visible(whens, given_answers):
    """The shown keys."""
    return conditions.Sheet({key: conditions.Rule(tuple(all_)) for key, all_ in whens.items()}, given_answers).shown


def typed_of(values):
    """Types of some values."""
    return {name: type(value) for name, value in values.items()}


@pytest.mark.parametrize("case", CASES["evaluate"], ids=lambda case: json.dumps(case, ensure_ascii=False))
def test_evaluate(case):
    assert conditions.fault(case["condition"]) is None
    value = conditions.evaluate(case["condition"], case["answers"].get)
    assert (value, type(value)) == (case["value"], type(case["value"]))


@pytest.mark.parametrize("case", CASES["visible"], ids=lambda case: json.dumps(case, ensure_ascii=False))
def test_visible(case):
    assert sorted(visible(case["whens"], case["answers"])) == case["shown"]


@pytest.mark.parametrize("case", CASES["sheets"], ids=lambda case: json.dumps(case, ensure_ascii=False))
def test_sheets(case):
    rules = {key: conditions.Rule(tuple(one["whens"]), one.get("formula")) for key, one in case["rules"].items()}
    sheet = conditions.Sheet(rules, case["answers"], case.get("outer", {}).get)
    found = {name: sheet.look(name) for name in case["values"]}
    assert (found, typed_of(found)) == (case["values"], typed_of(case["values"]))


@pytest.mark.parametrize("case", CASES["typed"], ids=lambda case: json.dumps(case, ensure_ascii=False))
def test_typed(case):
    field = make_field(case["kind"], **{name: case[name] for name in ("decimals", "min", "max") if name in case})
    try:
        value = kinds.clean(field, case["typed"])
    except typed.Wrong:
        value = None
    assert (value, type(value)) == (case["value"], type(case["value"]))


def test_the_browser_agrees_on_every_case():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    run = subprocess.run(
        [node, HERE / "run_cases.mjs", MODULE, HERE / "conditions.json"], capture_output=True, text=True, check=True
    )
    found = json.loads(run.stdout)
    assert found["evaluate"] == [case["value"] for case in CASES["evaluate"]]
    assert [type(value) for value in found["evaluate"]] == [type(case["value"]) for case in CASES["evaluate"]]
    assert found["visible"] == [case["shown"] for case in CASES["visible"]]
    assert found["sheets"] == [case["values"] for case in CASES["sheets"]]
    assert found["typed"] == [case["value"] for case in CASES["typed"]]


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"xor": [1, 2]}, "没有运算符「xor」"),
        ({"==": [1]}, "「==」要有 2 到 2 个值"),
        ({"==": [1, 2, 3]}, "「==」要有 2 到 2 个值"),
        ({"<": [1, 2, 3, 4]}, "「<」要有 2 到 3 个值"),
        ({"and": []}, "「and」要有 1 到 99 个值"),
        ({"empty": []}, "「empty」要有 1 到 1 个值"),
        ({"var": 3}, "var 后面写一个字段名"),
        ({"var": ["a", "b"]}, "var 后面写一个字段名"),
        ({}, "条件要写成一个运算符"),
        ({"==": [1, 1], "!=": [1, 1]}, "条件要写成一个运算符"),
        ({"and": [True, {"or": [{"nand": [1]}]}]}, "没有运算符「nand」"),
        ([{"var": "a"}, {"nor": 1}], "没有运算符「nor」"),
    ],
)
def test_a_misshapen_condition_is_named(condition, sentence):
    assert conditions.fault(condition).startswith(sentence)


def test_names_and_comparisons():
    condition = {"and": [{"in": [{"var": "kind"}, ["pine", "fir"]]}, {"!": {"==": ["x", {"var": ["other"]}]}}]}
    assert list(conditions.names(condition)) == ["kind", "other"]
    assert list(conditions.comparisons(condition)) == [("kind", "pine"), ("kind", "fir"), ("other", "x")]


def test_comparing_two_fields_is_no_comparison_with_a_value():
    assert list(conditions.comparisons({"==": [{"var": "one"}, {"var": "other"}]})) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2),
    max_leaves=4,
)


@given(JSON, JSON)
def test_equality_is_symmetric_and_decides_in(one, other):
    assert conditions.same(one, one)
    assert conditions.same(one, other) == conditions.same(other, one)
    assert conditions.evaluate({"in": [{"var": "one"}, {"var": "list"}]}, {"one": one, "list": [other]}.get) == (
        conditions.same(one, other)
    )


@given(JSON, JSON)
def test_order_never_holds_both_ways(one, other):
    look = {"one": one, "other": other}.get
    below = conditions.evaluate({"<": [{"var": "one"}, {"var": "other"}]}, look)
    above = conditions.evaluate({">": [{"var": "one"}, {"var": "other"}]}, look)
    assert not (below and above)
    if below or above:
        assert not conditions.same(one, other)


@given(
    st.dictionaries(st.sampled_from("abcd"), JSON), st.dictionaries(st.sampled_from("abcd"), st.sampled_from("abcd"))
)
def test_what_is_hidden_never_shows_anything(given_answers, looks):
    """Leaving out the answers of hidden fields changes nothing."""
    whens = {key: [{"var": other}] for key, other in looks.items()} | {"e": [True]}
    shown = visible(whens, given_answers)
    kept = {key: value for key, value in given_answers.items() if key in shown or key not in whens}
    assert visible(whens, kept) == shown


def test_facts_have_names_no_field_may_take():
    assert answers.FACTS == ("applicant", "today")
