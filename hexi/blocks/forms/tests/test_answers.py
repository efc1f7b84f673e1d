"""Answers: what is hidden, required, unknown; rows; reading a posted page; merging two tabs."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from hexi.blocks.forms import answers
from hexi.blocks.forms.conditions import same
from hexi.blocks.forms.definitions import Form, Section
from hexi.blocks.forms.tests.make import IDENTITY, make_felling_form, make_field, make_form, make_words

MEMBERS = make_field(
    "repeating", "members", "成员", required=False, max=2,
    fields=[
        make_field("text", "member", "姓名"),
        make_field("yes_no", "saw", "带油锯", required=False),
        make_field("text", "model", "型号", when={"var": "saw"}),
    ],
)  # fmt: skip


def clean(fields, raw, facts=None):
    return answers.clean(make_form(fields), raw, facts)


def test_good_answers_are_values_and_kept():
    done = clean([make_field("number", "n"), make_field("money", "fee", required=False)], {"n": "１２"})
    assert (done.values, done.kept, done.errors) == ({"n": 12}, {"n": 12}, {})


def test_a_wrong_answer_is_kept_as_typed_and_not_a_value():
    done = clean([make_field("number", "n", "株数")], {"n": "三十"})
    assert (done.values, done.kept) == ({}, {"n": "三十"})
    assert done.errors == {"n": "“株数”要填数字，如 12。"}


def test_what_is_kept_gives_the_same_faults_again():
    fields = [
        make_field("money", "fee", "费用", max=100),
        make_field("date", "day", "日期"),
        make_field("period", "felling", "时间"),
        make_field("choices", "kinds", "树种", max=1),
    ]
    raw = {"fee": "5", "day": "2026-02-30", "felling": {"from": "x", "to": "2026-1-5"}, "kinds": ["pine", "fir"]}
    once = clean(fields, raw)
    assert once.kept == raw
    assert clean(fields, once.kept).errors == once.errors
    assert list(once.errors) == ["fee", "day", "felling.from", "kinds"]


def test_fen_that_are_too_much_stay_fen():
    done = clean([make_field("money", "fee", max=100)], {"fee": 500})
    assert done.kept == {"fee": 500}


def test_missing_answers_by_path_in_the_order_of_the_page():
    fields = [
        make_field(key="a", label="甲"),
        make_field("period", "b", "乙"),
        make_field("address", "c", "丙"),
        make_field(key="d", required=False),
        make_field("note", "e"),
    ]
    assert clean(fields, {}).errors == {"a": "请填写“甲”。", "b.from": "请选择“乙”。", "c.region": "请填写“丙”。"}


def test_required_may_be_a_condition():
    fields = [make_field("yes_no", "agent"), make_field(key="name", label="代办人", required={"var": "agent"})]
    assert clean(fields, {"agent": "no"}).errors == {}
    assert clean(fields, {"agent": "yes"}).errors == {"name": "请填写“代办人”。"}


def test_hidden_answers_are_kept_but_neither_judged_nor_submitted():
    fields = [
        make_field("yes_no", "agent"),
        make_field("identity_number", "number", when={"var": "agent"}),
        make_field(key="note", when={"!": {"empty": {"var": "number"}}}, required=False),
    ]
    shown = clean(fields, {"agent": True, "number": IDENTITY, "note": "x"})
    hidden = clean(fields, {"agent": False, "number": IDENTITY, "note": "x"})
    wrong = clean(fields, {"agent": False, "number": "1"})
    assert shown.values == {"agent": True, "number": IDENTITY, "note": "x"}
    assert (hidden.values, hidden.shown) == ({"agent": False}, {"agent"})
    assert hidden.kept == {"agent": False, "number": IDENTITY, "note": "x"}
    assert (wrong.errors, wrong.kept) == ({}, {"agent": False, "number": "1"})


def test_a_hidden_section_hides_its_fields():
    form = Form(
        sections=[
            Section(key="a", title=make_words("一"), fields=[make_field("yes_no", "agent")]),
            Section(key="b", title=make_words("二"), when={"var": "agent"}, fields=[make_field(key="name")]),
        ]
    )
    assert answers.clean(form, {"agent": "no"}).errors == {}
    assert list(answers.clean(form, {"agent": "yes"}).errors) == ["name"]


def test_facts_may_be_looked_at_and_are_not_submitted():
    fields = [make_field(key="body", when={"==": [{"var": "applicant"}, "body"]})]
    assert clean(fields, {"body": "x"}, {"applicant": "person"}).values == {}
    done = clean(fields, {"body": "x"}, {"applicant": "body"})
    assert (done.values, done.look("applicant"), done.look("body"), done.look("nothing")) == (
        {"body": "x"}, "body", "x", None,
    )  # fmt: skip


def test_unknown_names_are_refused_by_name():
    fields = [make_field(key="a", required=False), make_field("period", "p", required=False), MEMBERS]
    raw = {"b": 1, "p": {"from": "", "till": ""}, "members": [{"id": "r1", "member": "张", "age": 3}]}
    done = clean(fields, raw)
    assert done.unknown == ["members.r1.age", "b", "p.till"]
    assert done.errors["b"] == "表单里没有“b”这一项。请删去它，或核对名称。"
    assert list(done.errors) == done.unknown
    assert done.kept == {"members": [{"id": "r1", "member": "张"}]}


def test_nothing_unstorable_is_kept():
    done = clean([make_field("number", "n")], {"n": {"a\x00": ["\ud800x", float("nan"), 1.5, None, True]}})
    assert done.kept == {}
    done = clean([MEMBERS], {"members": "a\x00b"})
    assert done.kept == {"members": "ab"}
    assert answers.plain({"a\x00": ["\ud800x", float("nan"), 1.5, None, True]}) == {"a": ["x", "nan", 1.5, None, True]}


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_are_judged_each_by_itself():
    rows = [{"id": "r1", "member": "张三", "saw": "yes"}, {"id": "r2", "saw": "no", "model": "旧"}]
    done = clean([MEMBERS], {"members": rows})
    assert done.errors == {"members.r1.model": "请填写“型号”。", "members.r2.member": "请填写“姓名”。"}
    assert done.kept["members"] == [
        {"id": "r1", "member": "张三", "saw": True},
        {"id": "r2", "saw": False, "model": "旧"},
    ]
    assert done.shown == {
        "members",
        "members.r1.member",
        "members.r1.saw",
        "members.r1.model",
        "members.r2.member",
        "members.r2.saw",
    }


def test_hidden_answers_of_a_row_are_not_submitted():
    done = clean([MEMBERS], {"members": [{"id": "r1", "member": "张三", "saw": "no", "model": "旧"}]})
    assert done.errors == {}
    assert done.values == {"members": [{"id": "r1", "member": "张三", "saw": False}]}


def test_blank_rows_are_kept_but_count_for_nothing():
    done = clean([MEMBERS], {"members": [{"id": "r1"}, {"id": "r2", "member": " "}]})
    assert (done.errors, done.values, done.kept) == ({}, {}, {"members": [{"id": "r1"}, {"id": "r2"}]})


def test_too_few_and_too_many_rows():
    needed = MEMBERS.model_copy(update={"required": True})
    two = MEMBERS.model_copy(update={"min": 2})
    one = [{"id": "r1", "member": "张"}]
    assert clean([needed], {}).errors == {"members": "“成员”至少要填 1 行。请增加一行。"}
    assert clean([needed], {"members": one}).errors == {}
    assert clean([two], {"members": one}).errors == {"members": "“成员”至少要填 2 行。请增加一行。"}
    many = [{"id": f"r{n}", "member": "张"} for n in range(3)]
    assert clean([MEMBERS], {"members": many}).errors == {"members": "“成员”最多填 2 行。请删去几行。"}


def test_a_row_sees_answers_outside_but_not_hidden_ones():
    group = make_field(
        "repeating", "rows", fields=[make_field(key="x", required=False, when={"==": [{"var": "kind"}, "a"]})]
    )
    kind = make_field("choice", "kind", choices=[("a", "甲"), ("b", "乙")], when={"var": "yes"})
    fields = [make_field("yes_no", "yes"), kind, group]
    rows = [{"id": "r1", "x": "1"}]
    assert "rows.r1.x" in clean(fields, {"yes": True, "kind": "a", "rows": rows}).shown
    assert "rows.r1.x" not in clean(fields, {"yes": False, "kind": "a", "rows": rows}).shown


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        ([{"member": "a"}, {"member": "b"}], ["r1", "r2"]),
        ([{"id": "r2", "member": "a"}, {"id": "r2", "member": "b"}], ["r2", "r3"]),
        ([{"id": "../x", "member": "a"}, {"id": "r1", "member": "b"}], ["r1", "r2"]),
        ([{"id": "x" * 21, "member": "a"}, "nonsense", 3], ["r1", "r2", "r3"]),
    ],
)
def test_every_row_has_an_id_of_its_own(rows, ids):
    assert [row["id"] for row in clean([MEMBERS], {"members": rows}).kept["members"]] == ids


# --- a posted page ------------------------------------------------------------------------------------------------------

FIELDS = [
    make_field(key="name"),
    make_field("choices", "kinds"),
    make_field("choice", "kind"),
    make_field("period", "felling"),
    make_field("region", "place"),
    make_field("address", "home"),
    MEMBERS,
]


def post(text):
    return QueryDict(text)


def test_reading_a_page():
    posted = post(
        "name=%E5%BC%A0&kinds=&kinds=fir&kinds=oak&kind=pine&felling.from=2026-11-24&felling.to="
        "&place=62&place=6209&place=&home.region=62&home.region=6209&home.detail=1"
        "&members=&members=r1&members=r9&members.r1.member=a&members.r9.saw=yes"
    )
    assert answers.read(FIELDS, posted) == {
        "name": "张",
        "kinds": ["", "fir", "oak"],
        "kind": "pine",
        "felling": {"from": "2026-11-24", "to": ""},
        "place": "6209",
        "home": {"region": "6209", "detail": "1"},
        "members": [{"id": "r1", "member": "a"}, {"id": "r9", "saw": "yes"}],
    }
    assert answers.strangers(FIELDS, posted) == []


def test_what_was_not_on_the_page_is_left_out_and_what_was_emptied_is_not():
    assert answers.read(FIELDS, post("")) == {}
    assert answers.read(FIELDS, post("name=&kinds=&felling.from=&felling.to=&place=&members=")) == {
        "name": "", "kinds": [""], "felling": None, "place": "", "members": [],
    }  # fmt: skip


def test_strangers_on_a_page():
    posted = post(
        "name=a&nam=b&_version=3&csrfmiddlewaretoken=x&felling.at=1&members=r1&members.r1.x=1&members.r2.member=1"
    )
    assert answers.strangers(FIELDS, posted) == ["nam", "felling.at", "members.r1.x", "members.r2.member"]


def test_adding_and_taking_out_rows():
    raw = {"members": [{"id": "r1"}, {"id": "r2"}]}
    answers.change_rows(FIELDS, raw, remove="members.r1")
    assert raw == {"members": [{"id": "r2"}]}
    answers.change_rows(FIELDS, raw, add="members")
    assert [row["id"] for row in raw["members"]][0] == "r2"
    assert len(raw["members"]) == 2
    fresh = {}
    answers.change_rows(FIELDS, fresh, add="members")
    assert len(fresh["members"]) == 1
    answers.change_rows(FIELDS, untouched := {}, add="name", remove="name.r1")
    assert untouched == {}


@pytest.mark.parametrize(
    ("button", "row", "order"),
    [
        ("up", "r2", ["r2", "r1", "r3"]), ("down", "r2", ["r1", "r3", "r2"]), ("up", "r1", ["r1", "r2", "r3"]),
        ("down", "r3", ["r1", "r2", "r3"]), ("up", "gone", ["r1", "r2", "r3"]),
    ],
)  # fmt: skip
def test_a_row_changes_places_with_its_neighbour(button, row, order):
    raw = {"members": [{"id": key, "member": key.upper()} for key in ("r1", "r2", "r3")]}
    answers.change_rows(FIELDS, raw, **{button: f"members.{row}"})
    assert [(one["id"], one["member"]) for one in raw["members"]] == [(key, key.upper()) for key in order]


# --- two tabs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "stored", "posted", "merged", "lost"),
    [
        ({}, {}, {"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}, {}),
        ({"a": 1}, {"a": 1}, {"a": None}, {}, {}),
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}, {}),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}, {"a": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}, {}),
        ({"a": 1}, {}, {"a": 3}, {"a": 3}, {"a": None}),
        ({"a": 1}, {}, {"a": 1}, {}, {}),
        ({}, {"b": 5}, {"a": 1}, {"a": 1, "b": 5}, {}),
        ({"a": True}, {"a": True}, {"a": 1}, {"a": 1}, {}),
    ],
)
def test_merging(base, stored, posted, merged, lost):
    found = answers.merge(base, stored, posted)
    assert same(found[0], merged)
    assert found[1] == lost


def rows(*pairs):
    return {"m": [{"id": key, **row} for key, row in pairs]}


def test_rows_added_in_two_tabs_are_both_there():
    base = rows(("r1", {"x": 1}))
    stored = rows(("r1", {"x": 1}), ("r2", {"x": 2}))
    posted = rows(("r1", {"x": 1}), ("r3", {"x": 3}))
    merged, lost = answers.merge(base, stored, posted)
    assert merged == rows(("r1", {"x": 1}), ("r3", {"x": 3}), ("r2", {"x": 2}))
    assert lost == {}


def test_a_row_taken_out_stays_out_unless_the_other_tab_changed_it():
    base = rows(("r1", {"x": 1}), ("r2", {"x": 2}))
    assert answers.merge(base, base, rows(("r2", {"x": 2})))[0] == rows(("r2", {"x": 2}))
    assert answers.merge(base, rows(("r2", {"x": 2})), base)[0] == rows(("r2", {"x": 2}))
    changed = rows(("r1", {"x": 9}), ("r2", {"x": 2}))
    assert answers.merge(base, changed, rows(("r2", {"x": 2})))[0] == rows(("r2", {"x": 2}), ("r1", {"x": 9}))


def test_two_questions_of_one_row_changed_in_two_tabs():
    base, stored = rows(("r1", {"x": 1, "y": 1})), rows(("r1", {"x": 2, "y": 1}))
    assert answers.merge(base, stored, rows(("r1", {"x": 1, "y": 5})))[0] == rows(("r1", {"x": 2, "y": 5}))
    merged, lost = answers.merge(base, stored, rows(("r1", {"x": 3})))
    assert (merged, lost) == (rows(("r1", {"x": 3})), {"m.r1.x": 2})


def test_the_last_row_taken_out():
    assert answers.merge(rows(("r1", {"x": 1})), rows(("r1", {"x": 1})), {"m": []})[0] in ({}, {"m": []})


VALUES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3) | st.booleans(), max_size=3)


@given(VALUES, VALUES, VALUES)
def test_nothing_is_lost_without_being_told(base, stored, posted):
    merged, lost = answers.merge(base, stored, posted)
    for key in {*base, *stored, *posted}:
        value = merged.get(key)
        if key not in posted:
            assert same(value, stored.get(key))
        elif not same(stored.get(key), base.get(key)) and not same(value, stored.get(key)):
            assert same(lost[key], stored.get(key))
    assert set(lost) <= set(posted)


@given(VALUES, VALUES)
def test_a_page_that_is_up_to_date_wins(base, posted):
    merged, lost = answers.merge(base, base, posted)
    assert same(merged, {**base, **posted})
    assert lost == {}


def test_the_sample_form_end_to_end():
    raw = {
        "name": "石建国", "identity": IDENTITY, "phone": "10000000001", "agent": "no", "agent_name": "旧",
        "kind": "pine", "volume": "3.5", "plan": "旧", "felling": {"from": "2026-12-1", "to": "2026-12-5"},
    }  # fmt: skip
    done = answers.clean(make_felling_form(), raw)
    assert done.errors == {}
    assert done.values == {
        "name": "石建国", "identity": IDENTITY, "phone": "10000000001", "agent": False, "kind": "pine", "volume": 3.5,
        "felling": {"from": "2026-12-01", "to": "2026-12-05"},
    }  # fmt: skip
