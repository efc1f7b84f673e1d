"""Finding, ranking, counting, and who finds what."""

from datetime import timedelta

import pytest
from django.utils import translation

from hexi.blocks.people.actors import Nobody
from hexi.blocks.people.models import Person
from hexi.blocks.people.tests.make import make_department
from hexi.blocks.search import queries
from hexi.blocks.search.models import Asked
from hexi.blocks.search.tests.make import Asker, make_entry
from hexi.kernel import clock
from hexi.kernel.actors import Scope, System

pytestmark = pytest.mark.django_db
VISITOR = Nobody()


def titles(question, actor=VISITOR, **more) -> list[str]:
    """What is found, in order; nothing if it only resembles."""
    results = queries.find(question, actor=actor, **more)
    return [] if results.near else [entry.title for entry in results.entries]


@pytest.fixture
def felling():
    return make_entry(
        "林木采伐许可",
        title_en="Tree felling permit",
        aliases=("砍树证", "林木采伐证"),
        body="适用于国有林场（A类）。编号62-0881。",
    )


@pytest.mark.usefixtures("felling")
@pytest.mark.parametrize(
    "question",
    [
        "林木采伐许可", "采伐", "许可", "林", "可", "木采", "采伐 许可", "许可，采伐！",  # parts of the name
        "砍树", "砍树证", "林木采伐证",  # other names
        "linmucaifaxuke", "caifa", "CaiFa", "cai fa", "caif", "lmcfxk", "lmcf", "cf", "kanshu", "ksz",  # spellings
        "felling", "Tree  Permit", "permi",  # English
        "国有林场", "场", "a类", "Ａ类", "0881", "采伐 国有", "caifa 林场",  # the text, and both together
    ],
)  # fmt: skip
def test_it_is_found_by(question):
    assert titles(question) == ["林木采伐许可"]


@pytest.mark.usefixtures("felling")
@pytest.mark.parametrize("question", ["采木", "伐采", "养老", "采伐 养老", "aifa", "mf", "881", "ermit", "证林木x"])
def test_it_is_not_found_by(question):
    assert titles(question) == []


@pytest.mark.usefixtures("felling")
@pytest.mark.parametrize(
    "question", ["", "   ", "!?", "'", '"', "\\", "% _", "养老' OR 1=1 --", '养"老', "x* & y:*", "\x00"]
)
def test_no_question_breaks_the_query(question):
    assert titles(question) == []


def test_the_name_comes_before_its_beginning_alias_inside_and_text():
    make_entry("甲", body="采伐许可在这里办")
    make_entry("林木采伐许可证")
    make_entry("乙", aliases=("采伐许可",))
    make_entry("采伐许可延期")
    make_entry("采伐许可")
    assert titles("采伐许可") == ["采伐许可", "采伐许可延期", "乙", "林木采伐许可证", "甲"]


def test_equals_are_ordered_by_weight_then_by_the_newest():
    now = clock.now()
    for ref, weight, days in (("a", 0, 3), ("b", 0, 1), ("c", 5, 9)):
        make_entry("居住证", ref=ref, weight=weight, updated=now - timedelta(days=days))
    assert [entry.ref for entry in queries.find("居住证", actor=VISITOR).entries] == ["c", "b", "a"]


def test_a_rare_name_is_found_on_both_databases():
    make_entry("𬀩𬀪有限公司设立")
    assert titles("𬀩𬀪") == ["𬀩𬀪有限公司设立"]
    assert titles("𬀪") == ["𬀩𬀪有限公司设立"]


def test_other_scripts_are_found():
    make_entry("བོད་ཡིག གཞུང་ལས")
    make_entry("Übersetzung beglaubigt")
    assert titles("གཞུང") == ["བོད་ཡིག གཞུང་ལས"]
    assert titles("übersetz") == ["Übersetzung beglaubigt"]


def test_counts_are_by_kind_and_do_not_depend_on_the_chosen_one():
    make_entry("采伐甲")
    make_entry("采伐乙")
    make_entry("采伐政策", kind="article")
    results = queries.find("采伐", actor=VISITOR, kind="article")
    assert results.counts == {"item": 2, "article": 1}
    assert results.total == 1
    assert [entry.title for entry in results.entries] == ["采伐政策"]
    assert queries.find("采伐", actor=VISITOR).total == 3


def test_a_chosen_kind_without_results_is_empty_not_near():
    make_entry("采伐甲")
    results = queries.find("采伐", actor=VISITOR, kind="article")
    assert (results.total, list(results.entries), results.near) == (0, [], False)


def test_what_no_manifest_declares_is_not_found():
    make_entry("采伐甲", kind="of a domain switched off")
    assert queries.find("采伐", actor=VISITOR).counts == {}


# --- rights -----------------------------------------------------------------------------------------------------------


def test_a_private_thing_is_found_by_its_person_alone():
    mine, other = Person.objects.create(name="甲"), Person.objects.create(name="乙")
    make_entry("采伐申请", kind="case", person_id=mine.pk)
    assert titles("采伐", Asker(person_id=mine.pk)) == ["采伐申请"]
    for actor in (VISITOR, Asker(), Asker(person_id=other.pk), System()):
        assert titles("采伐", actor) == []


def test_a_private_thing_of_a_body_is_found_by_its_representative():
    boss = Person.objects.create(name="甲")
    body = Person.objects.create(name="河西林场", kind=Person.Kind.ENTERPRISE, representative=boss)
    make_entry("采伐申请", kind="case", person_id=body.pk)
    assert titles("采伐", Asker(person_id=boss.pk)) == ["采伐申请"]


def test_what_one_may_not_see_is_in_no_count_and_no_suggestion():
    owner = Person.objects.create(name="甲")
    make_entry("林木采伐许可")
    make_entry("林木采伐许可 62088", kind="case", person_id=owner.pk)
    stranger = Asker(person_id=Person.objects.create(name="乙").pk)
    results = queries.find("采伐", actor=stranger)
    assert (results.counts, results.total) == ({"item": 1}, 1)
    assert [one.title for one in queries.suggest("采伐", stranger)] == ["林木采伐许可"]
    assert [entry.title for entry in queries.find("采伐养老", actor=stranger).entries] == ["林木采伐许可"]
    assert queries.suggest("62088", stranger) == []


def test_an_official_finds_what_his_right_covers_and_no_more():
    make_entry("采伐申请一", kind="case", verb="cases.view", region_code="620981000000")
    make_entry("采伐申请二", kind="case", verb="cases.view", region_code="620982000000")
    make_entry("采伐申请三", kind="case", verb="cases.secret", region_code="620981000000")
    official = Asker(rights={"cases.view": (Scope(region="620981"),), "cases.secret": (Scope(),)})
    assert titles("采伐", official) == ["采伐申请一"]
    assert queries.find("采伐", actor=official).counts == {"case": 1}


def test_a_right_in_one_department_finds_its_things_alone():
    own, other = make_department("yumen-forestry"), make_department("yumen-police")
    make_entry("采伐申请一", kind="case", verb="cases.view", region_code="620981000000", department_id=own.pk)
    make_entry("采伐申请二", kind="case", verb="cases.view", region_code="620981000000", department_id=other.pk)
    clerk = Asker(rights={"cases.view": (Scope(department=own.pk, region="620981"),)})
    assert titles("采伐", clerk) == ["采伐申请一"]
    assert titles("采伐", Asker(rights={"cases.view": (Scope(department=own.pk, region="620982"),)})) == []


def test_a_thing_of_no_region_and_office_is_for_whoever_holds_the_right_anywhere():
    make_entry("采伐目录", kind="case", verb="cases.view")
    own = make_department("yumen-forestry")
    assert titles("采伐", Asker(rights={"cases.view": (Scope(department=own.pk, region="620981"),)})) == ["采伐目录"]
    assert titles("采伐", Asker(rights={"cases.other": (Scope(),)})) == []
    assert titles("采伐") == []


def test_person_and_right_both_open_a_thing():
    owner = Person.objects.create(name="甲")
    make_entry("采伐申请", kind="case", person_id=owner.pk, verb="cases.view", region_code="620981000000")
    assert titles("采伐", Asker(person_id=owner.pk)) == ["采伐申请"]
    assert titles("采伐", Asker(rights={"cases.view": (Scope(),)})) == ["采伐申请"]
    assert titles("采伐") == []


# --- region -----------------------------------------------------------------------------------------------------------


def test_a_region_keeps_what_applies_there():
    for code in ("", "620000000000", "620900000000", "620981000000", "620981106000", "620982000000", "510000000000"):
        make_entry("采伐" + (code or "全国"), region_code=code)
    found = set(titles("采伐", region="620981000000"))
    assert found == {"采伐全国", "采伐620000000000", "采伐620900000000", "采伐620981000000", "采伐620981106000"}
    assert len(titles("采伐")) == 7


def test_ones_own_things_are_found_wherever_they_are():
    person = Person.objects.create(name="甲")
    make_entry("采伐申请", kind="case", person_id=person.pk, region_code="510000000000")
    assert titles("采伐", Asker(person_id=person.pk), region="620981000000") == ["采伐申请"]


# --- nothing has all the words ----------------------------------------------------------------------------------------


def test_what_resembles_is_offered_when_nothing_fits():
    make_entry("林木采伐许可")
    make_entry("居住证")
    results = queries.find("我想办理林木采伐证明", actor=VISITOR)
    assert results.near
    assert (results.total, results.counts) == (0, {})
    assert [entry.title for entry in results.entries] == ["林木采伐许可"]


def test_one_common_pair_in_a_long_question_resembles_nothing():
    make_entry("办理居住登记")
    assert list(queries.find("我想办理林木采伐许可证明", actor=VISITOR).entries) == []


# --- type-ahead -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("felling")
@pytest.mark.parametrize("typed", ["c", "cai", "caifa", "lmcf", "采", "采伐许", "砍", "fell"])
def test_typing_suggests_the_name(typed):
    assert [one.title for one in queries.suggest(typed, VISITOR)] == ["林木采伐许可"]


@pytest.mark.usefixtures("felling")
@pytest.mark.parametrize("typed", ["", "国有", "q", "！"])
def test_typing_suggests_names_only(typed):
    assert queries.suggest(typed, VISITOR) == []


def test_each_name_is_suggested_once_and_at_most_eight():
    for number in range(12):
        make_entry("居住证", ref=str(number))
        make_entry(f"居住登记{number}")
    found = [one.title for one in queries.suggest("居住", VISITOR)]
    assert len(found) == len(set(found)) == 8


@pytest.mark.usefixtures("felling")
def test_suggestions_speak_the_readers_language():
    with translation.override("en"):
        assert [one.title for one in queries.suggest("caifa", VISITOR)] == ["Tree felling permit"]


# --- what is shown ----------------------------------------------------------------------------------------------------


def shown(question, entry):
    return queries.hits(question, [entry])[0]


def test_the_words_are_marked_in_title_and_text(felling):
    hit = shown("采伐 国有", felling)
    assert hit.title == [("林木", False), ("采伐", True), ("许可", False)]
    assert hit.snippet[:3] == [("适用于", False), ("国有", True), ("林场（A类）。编号62-0881。", False)]


def test_the_snippet_begins_before_the_first_word(felling):
    felling.body = "前" * 200 + "采伐" + "后" * 200
    snippet = shown("采伐", felling).snippet
    assert snippet == [("…" + "前" * 30, False), ("采伐", True), ("后" * 78 + "…", False)]


def test_html_stays_text_in_pieces(felling):
    felling.title = "<b>采伐</b>"
    assert shown("采伐", felling).title == [("<b>", False), ("采伐", True), ("</b>", False)]


def test_a_question_by_pinyin_marks_nothing(felling):
    assert shown("caifa", felling).title == [("林木采伐许可", False)]


def test_no_text_gives_no_snippet():
    assert shown("居住", make_entry("居住证")).snippet == []


# --- hot words --------------------------------------------------------------------------------------------------------


def test_hot_words_are_those_asked_most_lately():
    today = clock.today()
    for text, times, days in (("社保", 5, 1), ("采伐", 2, 0), ("采伐", 4, 9), ("居住证", 2, 0), ("旧词", 99, 30)):
        Asked.objects.create(day=today - timedelta(days=days), text=text, times=times)
    assert queries.hot_words() == ["采伐", "社保"]


def test_hot_words_are_of_the_language_of_the_page():
    for text, times in (("采伐证", 9), ("etc 办理", 5), ("felling licence", 4), ("bus pass", 7)):
        Asked.objects.create(day=clock.today(), text=text, times=times)
    assert queries.hot_words() == ["采伐证", "etc 办理"]
    with translation.override("en"):
        assert queries.hot_words(many=1) == ["bus pass"]


# --- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, 30])
def test_the_number_of_queries_does_not_grow(many, django_assert_num_queries):
    person = Person.objects.create(name="甲")
    for number in range(many):
        make_entry(f"采伐{number}", kind="case", person_id=person.pk, body="采伐" * 50)
    with django_assert_num_queries(3):  # whom the actor stands for, counts, rows
        results = queries.find("采伐", actor=Asker(person_id=person.pk))
        assert len(queries.hits("采伐", results.entries[:20])) == min(many, 20)


def test_the_snippet_is_in_the_readers_language_and_both_are_found():
    make_entry("林木采伐许可", body="砍树先申请许可证。", body_en="Apply before you cut trees.")
    make_entry("户口迁移", body="迁移户口。")

    def snippet(question):
        (hit,) = queries.hits(question, queries.find(question, actor=VISITOR).entries)
        return "".join(text for text, _found in hit.snippet)

    assert [snippet("许可"), snippet("trees")] == ["砍树先申请许可证。"] * 2
    with translation.override("en"):
        assert [snippet("许可"), snippet("trees")] == ["Apply before you cut trees."] * 2
        assert snippet("户口") == "迁移户口。"


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        ("A certificate of the standing volume and the felling area.", "…the standing volume and the felling area."),
        ("一" * 40 + "采伐区调查设计。", "…" + "一" * 30 + "采伐区调查设计。"),
        ("采伐区调查设计。", "采伐区调查设计。"),
    ],
)
def test_a_snippet_begins_with_a_whole_word(body, cut):
    assert queries._cut(body, queries._pattern("felling 采伐")) == cut
