"""Whatever arrives, by page or as JSON: nothing raises, what is kept can be stored and gives the same verdict again."""

import json

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexi.blocks.forms import answers
from hexi.blocks.forms.conditions import same
from hexi.blocks.forms.tests.make import IDENTITY, make_every_kind, make_felling_form
from hexi.blocks.regions import queries as regions

FORM = make_every_kind()
KEYS = [field.key for field in FORM.sections[0].fields]
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "12", "1.5", "2026-11-24", "yes", "pine", "k3", IDENTITY, "10000000001", "a@example.com", "\x00", "\ud800"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "from", "to", "region", "detail", "r", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
RAW = st.dictionaries(st.sampled_from([*KEYS, "x", "id"]), ANY, max_size=8)


@pytest.fixture(autouse=True)
def no_regions(monkeypatch):
    """No division is there: these tests need no database."""
    monkeypatch.setattr(regions, "find", lambda code: None)


def storable(value):
    """Both databases take it: JSON without NUL, without halves of characters, without numbers that are none."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return "\\u0000" not in text and text.encode().decode() == text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RAW)
def test_any_json(raw):
    once = answers.clean(FORM, raw)
    again = answers.clean(FORM, once.kept)
    assert storable(once.kept)
    assert storable(once.values)
    assert same(again.values, once.values)
    assert same(again.kept, once.kept)
    known = {path: said for path, said in once.errors.items() if path not in once.unknown}
    assert again.errors == known
    assert set(once.unknown) >= {name for name in raw if name in ("x", "id")}
    assert not set(once.values) & {path.partition(".")[0] for path in known if "." not in path} - {"q"}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*KEYS, "f.from", "f.to", "k.region", "k.detail", "q.r1.r", "q.r2.r", "x"]),
            st.text(max_size=12),
        ),
        max_size=12,
    )
)
def test_any_page(pairs):
    posted = QueryDict(mutable=True)
    for name, value in pairs:
        posted.appendlist(name, value)
    raw = answers.read(FORM.sections[0].fields, posted)
    done = answers.clean(FORM, raw)
    assert storable(done.kept)
    assert set(raw) <= set(KEYS)
    rows = set(posted.getlist("q"))
    expected = {name for name in posted if name == "x" or (name.startswith("q.") and name.split(".")[1] not in rows)}
    unread = {"f", "k"} & set(posted)  # a period and an address are posted by their parts
    assert set(answers.strangers(FORM.sections[0].fields, posted)) | unread == expected | unread


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RAW, RAW, RAW)
def test_any_three_versions_merge(base, stored, posted):
    one, two, three = (answers.clean(FORM, raw).kept for raw in (base, stored, posted))
    merged, lost = answers.merge(one, two, three)
    assert storable(merged)
    assert storable(lost)
    assert set(merged) <= {*two, *three}


SAMPLE = st.fixed_dictionaries(
    {},
    optional={
        "agent": st.sampled_from(["yes", "no", "", True, False, "maybe"]),
        "agent_name": st.sampled_from(["李四", "", "x" * 300]),
        "volume": st.sampled_from(["3.5", "16", "600", "viel", ""]),
        "plan": st.sampled_from(["第 8 号", ""]),
    },
)


@settings(max_examples=200, deadline=None)
@given(SAMPLE)
def test_what_is_hidden_is_never_judged_nor_submitted(raw):
    done = answers.clean(make_felling_form(), raw)
    assert ("agent_name" in done.shown) == (raw.get("agent") in ("yes", True))
    assert ("plan" in done.shown) == (raw.get("volume") == "16")
    for key in ("agent_name", "plan"):
        if key not in done.shown:
            assert key not in done.values
            assert key not in done.errors
            assert done.kept.get(key) == (raw.get(key) or None)
