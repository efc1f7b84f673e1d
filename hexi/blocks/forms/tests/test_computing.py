"""Forms that compute: rows that add up, files inside rows, points, signatures, early ends; lint of formulas."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.tests.make import make_image, make_pdf
from hexi.blocks.forms import answers, drafts, kinds, lint, operations, prefill, saying, typed
from hexi.blocks.forms.definitions import Form
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.queries import Standing
from hexi.blocks.forms.tests.make import make_draft, make_field, make_form, make_kind, make_seedling_form
from hexi.kernel import packs

pytestmark = [pytest.mark.django_db, pytest.mark.urls("hexi.blocks.forms.tests.urls")]
FORM = make_seedling_form()
STROKES = [[[10, 10], [20, 30], [40, 60], [80, 90]], [[100, 20], [120, 40], [140, 60], [160, 80]]]


@pytest.fixture
def draft(applicant, declared):
    declared(make_kind(FORM))
    return make_draft(applicant, FORM)


@pytest.fixture
def browser(applicant):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(applicant.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def fresh(draft):
    return Draft.objects.get(pk=draft.pk)


def post(browser, draft, section, **given):
    fields = {"_version": fresh(draft).version, "_section": section, "_action": "next"}
    return browser.post(f"/sample/{draft.key}/form.{section}/", fields | given)


def rows(*given):
    """Answers of some rows, as a page posts them."""
    posted = {"here": "yes", "trees": [f"r{n}" for n in range(1, len(given) + 1)]}
    for n, row in enumerate(given, 1):
        posted |= {f"trees.r{n}.{key}": value for key, value in row.items()}
    return posted


def photo(seed=1, name="spot.jpg"):
    return SimpleUploadedFile(name, make_image(seed=seed), "image/jpeg")


# --- sums -------------------------------------------------------------------------------------------------------------
def test_rows_compute_and_the_form_adds_them_up():
    trees = [
        {"id": "a", "species": "杨", "count": 200, "price": "12.50"},
        {"id": "b", "species": "榆", "count": 3, "price": 100},
        {"id": "c"},
    ]
    done = answers.clean(FORM, {"here": True, "trees": trees})
    assert [row.get("cost") for row in done.values["trees"]] == [250_000, 300]
    assert (done.values["total"], "reason" in done.shown) == (250_300, True)
    assert "reason" in done.errors


def test_what_somebody_sends_for_a_computed_field_counts_nothing():
    trees = [{"id": "a", "species": "杨", "count": 1, "price": 100, "cost": 1}]
    done = answers.clean(FORM, {"here": True, "trees": trees, "total": 1})
    assert (done.values["total"], done.values["trees"][0]["cost"], done.unknown) == (100, 100, [])


def test_what_is_submitted_is_cleaned_again_to_itself():
    trees = [{"id": "a", "species": "杨", "count": 7, "price": "0.10"}]
    first = answers.clean(FORM, {"here": "yes", "trees": trees, "place": {"lon": "97.0450001", "lat": "40.3"}})
    again = answers.clean(FORM, first.values)
    assert again.values == first.values
    assert first.values["place"] == {"lon": 97.045, "lat": 40.3}


def test_a_formula_that_cannot_be_worked_out_is_missing_and_says_why():
    form = make_form(
        [make_field("number", "n"), make_field("computed", "half", "一半", formula={"/": [1, {"var": "n"}]})]
    )
    done = answers.clean(form, {"n": 0})
    assert done.errors == {"half": "“一半”还算不出来。请先答完它用到的问题。"}


@pytest.mark.parametrize(
    ("result", "formula", "value"),
    [
        ("number", 2.345, 2.35), ("money", 2.5, 3), ("text", {"if": [True, "甲"]}, "甲"), ("text", 3, None),
        ("date", "2026-11-29", "2026-11-29"), ("date", "2026-11-31", None), ("yes_no", {"==": [1, 1]}, True),
        ("yes_no", 1, None), ("number", "2", None), ("number", True, None),
    ],
)  # fmt: skip
def test_a_result_is_of_the_kind_that_was_promised(result, formula, value):
    decimals = {"decimals": 2} if result == "number" else {}
    field = make_field("computed", "it", formula=formula, result=result, required=False, **decimals)
    assert answers.clean(make_form([field]), {}).values.get("it") == value


def test_the_applicants_age_decides(applicant, declared, monkeypatch):
    form = make_form([
        make_field("date", "born", "出生日期"),
        make_field("computed", "age", "年龄", formula={"years": [{"var": "born"}, {"var": "today"}]}),
        make_field("text", "guardian", "监护人", when={"<": [{"var": "age"}, 18]}),
    ])  # fmt: skip
    declared(make_kind(form))
    standing = Standing(make_draft(applicant, form))
    monkeypatch.setattr("hexi.kernel.clock.today", lambda: __import__("datetime").date(2026, 11, 29))
    assert standing.judge({"born": "2008-11-30"}).shown == {"born", "age", "guardian"}
    assert standing.judge({"born": "2008-11-29"}).shown == {"born", "age"}


# --- pages ------------------------------------------------------------------------------------------------------------
def test_a_row_with_a_photo_keeps_it_when_another_row_goes(browser, draft):
    tree = {"species": "杨", "count": "1", "price": "1"}
    post(browser, draft, "order", **rows(tree, tree), **{"trees.r1.spot": photo(1), "trees.r2.spot": photo(2)})
    kept = papers.by_slot("forms.draft", str(draft.pk))
    assert sorted(kept) == ["form:trees.r1.spot", "form:trees.r2.spot"]
    gone = rows(tree, tree) | {"_remove": "trees.r1"}
    post(browser, draft, "order", **gone)
    standing = Standing(fresh(draft))
    assert [(row["id"], row["spot"]) for row in standing.cleaned.values["trees"]] == [("r2", ["spot.jpg"])]
    ref = papers.by_slot("forms.draft", str(draft.pk))["form:trees.r2.spot"][0].blob_id
    assert ref == kept["form:trees.r2.spot"][0].blob_id


def test_a_file_that_is_no_picture_is_refused_at_its_row_and_the_rest_is_kept(browser, draft):
    tree = {"species": "杨", "count": "1", "price": "1"}
    page = post(
        browser, draft, "order", **rows(tree, tree),
        **{"trees.r1.spot": SimpleUploadedFile("plan.pdf", make_pdf()), "trees.r2.spot": photo()},
    )  # fmt: skip
    assert page.status_code == 422
    assert 'href="#id_trees.r1.spot"' in page.content.decode()
    assert list(papers.by_slot("forms.draft", str(draft.pk))) == ["form:trees.r2.spot"]
    assert len(fresh(draft).answers["trees"]) == 2


def test_the_way_ends_early_and_nothing_is_lost(browser, draft, applicant):
    page = post(browser, draft, "order", **rows({"species": "杨", "count": "1", "price": "1"}) | {"here": "no"})
    text = page.content.decode()
    assert (page.status_code, "请到种植地申请" in text, "苗木由种植地的县发放。" in text) == (200, True, True)
    assert fresh(draft).answers["trees"][0]["species"] == "杨"
    with pytest.raises(ValidationError, match="请到种植地申请"):
        operations.submit(fresh(draft), version=fresh(draft).version, by=applicant, create=lambda _submission: "never")
    assert "请到种植地申请" in browser.get(f"/sample/{draft.key}/check/").content.decode()
    # the answer is mended and the way goes on
    page = post(browser, draft, "order", **rows({"species": "杨", "count": "1", "price": "1"}))
    assert (page.status_code, page.url) == (302, f"/sample/{draft.key}/form.sign/")


def test_only_files_of_what_is_handed_in_go_along(browser, draft, applicant):
    tree = {"species": "杨", "count": "1", "price": "1"}
    post(browser, draft, "order", **rows(tree, tree), **{"trees.r1.spot": photo(1), "trees.r2.spot": photo(2)})
    post(browser, draft, "order", **rows(tree, tree) | {"_remove": "trees.r1"})
    post(browser, draft, "sign", **{"place.lon": "97", "place.lat": "40", "signed.account": "yes"}, plan=photo())
    operations.submit(fresh(draft), version=fresh(draft).version, by=applicant, create=lambda _submission: "CASE-1")
    assert sorted(papers.by_slot("forms.draft", str(draft.pk))) == ["form:plan", "form:trees.r2.spot"]


def test_a_file_is_taken_out_and_the_page_stays(browser, draft):
    post(browser, draft, "sign", **{"place.lon": "97", "place.lat": "40"}, plan=[photo(1), photo(2, "b.jpg")])
    first, second = papers.by_slot("forms.draft", str(draft.pk))["form:plan"]
    page = post(browser, draft, "sign", **{"place.lon": "97", "place.lat": "40", "_unfile": first.pk})
    assert page.status_code == 302
    assert papers.by_slot("forms.draft", str(draft.pk)) == {"form:plan": [second]}
    no_file = post(browser, draft, "sign", **{"place.lon": "97", "place.lat": "40", "_unfile": "9" * 6000})
    assert (no_file.status_code, papers.by_slot("forms.draft", str(draft.pk))) == (302, {"form:plan": [second]})


# --- points and signatures --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("lon", "lat", "parts"),
    [("97.045", "", ["lat"]), ("", "40", ["lon"]), ("200", "40", ["lon"]), ("x", "y", ["lon", "lat"])],
)
def test_a_point_outside_the_frame_is_named_part_by_part(lon, lat, parts):
    with pytest.raises(typed.Wrong) as error:
        kinds.clean(make_field("map_point"), {"lon": lon, "lat": lat})
    assert [part for part, _code, _sentence in error.value.faults] == parts


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"strokes": json.dumps(STROKES)}, {"strokes": STROKES}), ({"strokes": "", "account": "yes"}, {"account": True}),
        ({"strokes": STROKES}, {"strokes": STROKES}), ({"account": True}, {"account": True}), ({"strokes": ""}, None),
        (None, None), ({"account": "no"}, None),
    ],
)  # fmt: skip
def test_a_signature_is_drawn_or_by_account(raw, value):
    assert kinds.clean(make_field("signature"), raw) == value


@pytest.mark.parametrize(
    "strokes",
    [
        "[[1",
        "[[[1,2]]]",
        [[[0, 0]] * 801],
        [[[0, 0]]] * 61,
        [[[700, 1]] * 9],
        [[[-1, 0]] * 9],
        [[[1, "2"]] * 9],
        {"a": 1},
    ],
)
def test_what_is_no_signature_is_refused(strokes):
    with pytest.raises(typed.Wrong, match="签"):
        kinds.clean(make_field("signature"), {"strokes": strokes})


def test_they_are_said_in_words():
    assert saying.say(make_field("map_point"), {"lon": 97.045, "lat": 40.0}) == "东经 97.045°，北纬 40°"
    assert saying.say(make_field("signature"), {"strokes": STROKES}) == "已手写签名"
    assert saying.say(make_field("computed", result="money", formula=1), 1250) == "¥12.50"
    assert saying.path_of(STROKES).startswith("M10 10 L20 30")


# --- lint and prefill -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([make_field("computed", "it")], "请写 formula"),
        ([make_field("text", "it", formula=1)], "用不上 formula"),
        ([make_field("computed", "it", formula={"var": "gone"})], "「gone」不存在"),
        (
            [make_field("computed", "a", formula={"var": "b"}), make_field("computed", "b", formula={"var": "a"})],
            "a → b → a",
        ),
        (
            [
                make_field("repeating", "g", fields=[make_field("text", "x", when={"var": "n"})]),
                make_field("computed", "n", formula={"count": {"var": "g"}}),
            ],
            "g → n → g",
        ),
        ([make_field("photo", "it", min=1)], "文件不设 min"),
        ([make_field("file", "it", max=0)], "大于零"),
        ([make_field("text", "it", prefill="certificate.none.x")], "没有「certificate.none.x」这个来源"),
    ],
)
def test_what_lint_says(fields, said, declared):
    assert any(said in one for one in lint.check(make_form(fields))), lint.check(make_form(fields))


def test_the_seedling_form_is_sound(declared):
    assert lint.check(FORM) == []


def test_a_stop_looks_at_questions_that_are_there():
    stops = (FORM.stops[0].model_copy(update={"when": {"var": "nowhere"}}),)
    assert any("「nowhere」不存在" in one for one in lint.check(FORM.model_copy(update={"stops": stops})))


def test_a_source_that_somebody_adds_fills_in(applicant, declared):
    seen = []

    def find(person_id, what, by):
        seen.append((person_id, what, by.key))
        return "杨树"

    declared(drafts.Known("register", "林权登记", find, lambda what: what == "species"))
    form = make_form([make_field("text", "species", "树种", prefill="register.species")])
    assert lint.check(form) == []
    assert prefill.known(form, by=applicant, person_id=applicant.person_id) == (
        {"species": "杨树"},
        {"species": "register"},
    )
    assert seen == [(applicant.person_id, "species", applicant.key)]


def test_a_word_a_schema_learns_makes_no_new_version():
    """The digest of a form is that of what its pack says."""
    text = {"sections": [{"key": "s", "title": {"zh": "一", "en": "One"}, "fields": [
        {"key": "it", "kind": "text", "label": {"zh": "名", "en": "Name"}},
    ]}]}  # fmt: skip
    assert packs.digest(Form(**text)) == packs.digest(text)
