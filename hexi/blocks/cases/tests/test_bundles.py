"""一件事, pure: one form for several items, what each of them gets of it, and what lint refuses."""

from pathlib import Path

import pytest

from hexi.blocks.cases import bundle_lint, bundles
from hexi.blocks.cases.bundles import BundleFile, compose
from hexi.blocks.cases.operations.publishing import shipped
from hexi.blocks.cases.tests.make_items import make_answers, make_item
from hexi.blocks.forms.answers import clean
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import packs

SHIPPED = packs.files("bundles")


def make_bundle(**changes):
    """Two wells one after the other: the depth of the second is that of the first."""
    text = {
        "key": "two-wells", "title": {"zh": "打两口井", "en": "Two wells"}, "sentence": {"zh": "打井", "en": "Wells"},
        "life_event": "farming",
        "items": [{"item": "well-permit"}, {"item": "second-well", "after": ["well-permit"]}],
    }  # fmt: skip
    return BundleFile.model_validate(text | changes)


def make_items(first=None, second=None):
    """The sample item twice, under two keys, with parts changed."""
    one = make_item(first)
    return {"well-permit": one, "second-well": make_item({"key": "second-well", **(second or {})})}


def sentences(bundle, of=None):
    return [said.partition("/ ")[0].strip() for _where, said in bundle_lint.lint(bundle, of or make_items())]


def second(**part):
    return make_bundle(items=[{"item": "well-permit"}, {"item": "second-well", "after": ["well-permit"], **part}])


def keys(form):
    return [(section.key, [field.key for field in section.fields]) for section in form.sections]


# --- merging ----------------------------------------------------------------------------------------------------------
def test_a_question_of_both_is_asked_once_and_empty_sections_vanish():
    whole = compose(make_bundle(), make_items())
    assert keys(whole.form) == [("who", ["applicant_name", "neighbour"]), ("well", ["depth"])]
    assert [(paper.slot.key, paper.of) for paper in whole.papers] == [
        ("land_title", (("well-permit", "land_title"), ("second-well", "land_title")))
    ]
    assert (whole.saved.forms, whole.saved.questions, whole.saved.materials) == ((2, 1), (6, 3), (2, 1))


def test_what_is_given_or_taken_is_not_asked_and_conditions_keep_looking_at_it():
    field = {"key": "hole", "kind": "number", "min": 1, "max": 500, "label": {"zh": "井深", "en": "Depth"}}
    of = make_items(
        second={
            "form.sections.1.fields.0": field,
            "materials.2.when": {">": [{"var": "hole"}, 50]},
            "materials.2.title": {"zh": "第二口井的土地证明", "en": "Title of the second"},
            "result.facts": {"depth": "hole"},
        }
    )
    whole = compose(second(takes={"hole": "well-permit.depth"}), of)
    assert keys(whole.form) == [("who", ["applicant_name", "neighbour"]), ("well", ["depth"])]
    assert [(one.slot.key, one.slot.when) for one in whole.papers] == [
        ("land_title", {">": [{"var": "depth"}, 50]}),
        ("land_title_2", {">": [{"var": "depth"}, 50]}),
    ]
    assert whole.raw("second-well", {"applicant_name": "石建国", "depth": 30}) == {
        "applicant_name": "石建国",
        "hole": 30,
    }


def test_what_an_earlier_item_issues_is_not_asked_of_the_next():
    of = make_items(second={"materials.2.have_it": ["well_permit"]})
    whole = compose(make_bundle(), of)
    assert [paper.of for paper in whole.papers] == [(("well-permit", "land_title"),)]
    assert whole.issued_for("second-well") == {"land_title": "well-permit"}


def test_two_conditions_of_one_question_are_joined_and_declarations_stand_together():
    pledge = {
        "key": "pledge", "kind": "choices", "min": 1, "label": {"zh": "承诺", "en": "Pledge"},
        "choices": [{"key": "a", "label": {"zh": "甲", "en": "A"}}],
    }  # fmt: skip
    other = pledge | {"choices": [{"key": "b", "label": {"zh": "乙", "en": "B"}}]}
    sight = {"when": {"==": [{"var": "applicant_name"}, "甲"]}}
    of = make_items(
        {"form.sections.0.fields.1": pledge | sight, "asks": {}},
        {"form.sections.0.fields.1": other | {"when": {"==": [{"var": "applicant_name"}, "乙"]}}, "asks": {}},
    )
    whole = compose(make_bundle(), of)
    field = whole.form.section("who").fields[1]
    assert ([one.key for one in field.choices], field.min) == (["a", "b"], 2)
    assert field.when == {"or": [{"==": [{"var": "applicant_name"}, name]} for name in ("甲", "乙")]}
    assert whole.raw("well-permit", {"pledge": ["a", "b"]}) == {"pledge": ["a"]}
    assert sentences(make_bundle(), of) == []


def test_a_condition_that_nobody_can_change_is_settled():
    assert bundles.settled({"==": [True, False]}) is False
    assert bundles.all_of(True, {"==": [1, 1]}) is True
    assert bundles.any_of(False, {"var": "a"}, {"var": "a"}) == {"var": "a"}
    assert bundles.rewrite({"!": [{"var": ["x"]}]}, {"x": {"var": "y"}}) == {"!": [{"var": "y"}]}


def test_the_order_follows_what_waits_for_what():
    bundle = make_bundle(
        items=[{"item": "c", "after": ["a", "b"]}, {"item": "b", "after": ["a"]}, {"item": "a"}],
    )
    assert [part.item for part in bundle.order] == ["a", "b", "c"]
    assert bundle.earlier("c") == ("a", "b")


# --- lint -------------------------------------------------------------------------------------------------------------
def test_a_sound_bundle_has_no_fault():
    assert sentences(make_bundle()) == []


def test_unknown_items_and_circles_are_refused():
    assert sentences(make_bundle(items=[{"item": "well-permit"}, {"item": "moon"}])) == ["没有国家事项「moon」"]
    round_ = [{"item": "well-permit", "after": ["second-well"]}, {"item": "second-well", "after": ["well-permit"]}]
    assert sentences(make_bundle(items=round_)) == ["先后关系成了环：well-permit、second-well"]
    assert sentences(make_bundle(items=[{"item": "well-permit"}, {"item": "well-permit"}])) == [
        "「well-permit」写了两次"
    ]
    assert sentences(second(after=["sun"])) == ["「sun」不是这件事的另一个事项"]


def test_one_key_for_two_questions_is_refused():
    text = {"key": "depth", "kind": "text", "label": {"zh": "井深", "en": "Depth"}}
    of = make_items(second={"form.sections.1.fields.0": text, "materials.2.when": True})
    assert sentences(make_bundle(), of) == ["「depth」在「well-permit」是 number，在这里是 text"]
    deeper = make_items(second={"form.sections.1.fields.0.max": 900})
    assert sentences(make_bundle(), deeper) == ["「depth」的要求与「well-permit」的不同"]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"takes": {"moon": "well-permit.depth"}}, "「second-well」没有字段「moon」"),
        ({"takes": {"depth": "well-permit.moon"}}, "「well-permit」没有字段「moon」"),
        ({"takes": {"depth": "well-permit.applicant_name"}}, "「depth」是 number，取来的是 text"),
        ({"takes": {"depth": "well-permit.certificate"}}, "「depth」是 number，取来的是 text"),
        ({"takes": {"depth": "third.depth"}}, "「third」不在「second-well」之前办完"),
        ({"takes": {"applicant_name": "well-permit.neighbour"}}, "「applicant_name」是 text，取来的是 identity_number"),
        ({"given": {"depth": True}}, "「depth」不能是「True」"),
        ({"applicant": "well-permit"}, "「well-permit」不在之前设立企业"),
    ],
)
def test_what_cannot_be_taken_or_given_is_refused(part, said):
    assert said in sentences(second(**part))


def test_what_may_be_empty_cannot_answer_what_is_required():
    of = make_items({"form.sections.1.fields.0.required": False}, {"form.sections.1.fields.0.key": "hole",
                    "materials.2.when": True, "result.facts": {"depth": "hole"}})  # fmt: skip
    assert sentences(second(takes={"hole": "well-permit.depth"}), of) == ["「depth」可能没有填，而「hole」必填"]


def test_no_condition_waits_for_what_only_the_end_tells():
    of = make_items(second={"materials.2.when": {"==": [{"var": "applicant_name"}, "x"]}})
    assert sentences(second(takes={"applicant_name": "well-permit.number"}), of) == [
        "有条件要看「applicant_name」，不能后取"
    ]


def test_somebody_must_be_able_to_apply_for_all_of_it():
    of = make_items({"audience": ["1"]}, {"audience": ["2"], "topics": {"corporate": ["agriculture"]}})
    assert sentences(make_bundle(), of) == ["这些事项没有共同的服务对象"]


def test_a_fault_names_its_line(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(
        "key: two\ntitle: {zh: 二, en: Two}\nsentence: {zh: 二, en: Two}\nlife_event: farming\n"
        "items:\n  - item: well-permit\n  - item: moon\n",
        "utf-8",
    )
    (fault,) = bundle_lint.check_file(path, packs.read(path, BundleFile), make_items())
    assert (fault.line, "moon" in fault.sentence) == (7, True)


# --- what is shipped --------------------------------------------------------------------------------------------------
def read(path: Path):
    return compose(packs.read(path, BundleFile), shipped())


def named(paths):
    return [pytest.param(path, id=path.stem) for path in paths]


@pytest.mark.parametrize("path", named(SHIPPED))
def test_what_is_shipped_passes_lint(path):
    assert [str(one) for one in bundle_lint.check_file(path, packs.read(path, BundleFile), shipped())] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", named(SHIPPED))
@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("choice", [0, -1])
def test_every_items_own_form_accepts_what_is_split_off(path, yes, choice):
    regions.make_divisions()
    whole = read(path)
    asked = [field for _section, field in whole.form.fields()]
    given = {field.key: yes for field in asked if field.kind == "yes_no"}
    given |= {field.key: field.choices[choice].key for field in asked if field.kind == "choice"}
    given |= {field.key: [one.key for one in field.choices] for field in asked if field.kind == "choices"}
    merged = clean(whole.form, make_answers(asked, regions.SHIHEZI, **given), {"applicant": "person"})
    assert merged.errors == {}
    for part in whole.file.items:
        item, later = whole.items[part.item], whole.later(part.item)
        answers = make_answers([f for _s, f in item.form.fields() if f.key in later], regions.SHIHEZI)
        done = clean(item.form, whole.raw(part.item, merged.values) | answers, {"applicant": "body"})
        assert (part.item, done.errors) == (part.item, {})


def test_starting_a_company_is_one_form_of_half_the_papers():
    (path,) = [one for one in SHIPPED if one.stem == "starting-a-company"] or [pytest.skip("the hall is switched off")]
    whole = read(path)
    assert [part.item for part in whole.file.order] == [
        "company-name", "company-registration", "seal-filing", "vat-invoice",
    ]  # fmt: skip
    assert (whole.saved.forms, whole.saved.materials) == ((4, 1), (10, 5))
    assert whole.saved.questions[1] < whole.saved.questions[0] * 2 / 3
    licence = whole.file.part("company-registration").promised
    assert (licence.amount, licence.unit) == (5, "working_hours")


def test_a_child_is_registered_first_and_the_rest_runs_side_by_side():
    (path,) = [one for one in SHIPPED if one.stem == "having-a-child"] or [pytest.skip("the hall is switched off")]
    whole = read(path)
    assert {part.item: part.after for part in whole.file.items} == {
        "birth-registration": (), "newborn-insurance": ("birth-registration",),
        "social-security-card": ("birth-registration",),
    }  # fmt: skip
    assert whole.saved.materials == (5, 3)
