"""Templates: their schema, and filling them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hexi.blocks.notices import wording
from hexi.kernel import packs
from hexi.kernel.packs import PackError, Words

GOOD = """
templates:
  - key: cases.accepted
    title: {zh: "{item}已受理", en: "{item} accepted"}
    body: {zh: "受理号{number}，{due}前办结。", en: "Number {number}, decided by {due}."}
    facts: [item, number, due]
    link: "/my/cases/{number}/"
"""


@pytest.fixture
def template(monkeypatch):
    """The template above is the only one."""
    found = packs.parse(GOOD, wording.Templates, Path("t.yaml")).templates[0]
    monkeypatch.setattr(wording, "templates", lambda: {found.key: found})


def faults(text: str) -> list[str]:
    with pytest.raises(PackError) as error:
        packs.parse(text, wording.Templates, Path("t.yaml"))
    return [str(fault) for fault in error.value.faults]


@pytest.mark.usefixtures("template")
def test_facts_are_filled_in_in_both_languages():
    filled = wording.fill(
        "cases.accepted",
        {"item": Words(zh="林木采伐许可", en="Felling permit"), "number": 17, "due": date(2020, 11, 26)},
    )
    assert filled.title == "林木采伐许可已受理"
    assert filled.title_en == "Felling permit accepted"
    assert filled.body == "受理号17，2020年11月26日（周四）前办结。"
    assert filled.body_en == "Number 17, decided by Thu 26 Nov 2020."
    assert filled.link == "/my/cases/17/"


@pytest.mark.usefixtures("template")
def test_a_moment_is_told_in_the_time_of_china():
    due = datetime(2020, 11, 26, 16, 30, tzinfo=UTC)
    filled = wording.fill("cases.accepted", {"item": "x", "number": 1, "due": due})
    assert filled.body == "受理号1，2020年11月27日（周五） 00:30前办结。"


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("fact", ["{number}", "{0.__class__}", "<b>x</b>", "%(number)s", "$number"])
def test_a_fact_is_never_read_as_a_template(fact):
    filled = wording.fill("cases.accepted", {"item": fact, "number": 1, "due": "x"})
    assert filled.title == f"{fact}已受理"


@pytest.mark.usefixtures("template")
def test_a_fact_cannot_lead_the_link_elsewhere():
    filled = wording.fill("cases.accepted", {"item": "x", "number": "../../?a=b#c", "due": "x"})
    assert filled.link == "/my/cases/..%2F..%2F%3Fa%3Db%23c/"


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("facts", [{}, {"item": "x", "number": 1}, {"item": 1, "number": 1, "due": 1, "more": 1}])
def test_missing_and_unknown_facts_are_errors(facts):
    with pytest.raises(TypeError, match=r"cases\.accepted: facts"):
        wording.fill("cases.accepted", facts)


def test_an_unknown_template_is_an_error():
    with pytest.raises(LookupError):
        wording.fill("nobody.knows", {})


@pytest.mark.parametrize("braces", ["{item.__class__}", "{item[0]}", "{item!r}", "{item:>9}", "{}", "{0}"])
def test_only_plain_names_stand_in_braces(braces):
    found = faults(GOOD.replace("{item}已受理", braces))
    assert len(found) == 1
    assert found[0].startswith("t.yaml:3: ")
    assert "花括号里只能写事实的名字" in found[0]


def test_an_undeclared_fact_is_named_with_file_and_line():
    assert faults(GOOD.replace("[item, number, due]", "[item, number]")) == [
        "t.yaml:3: 「templates.0」「cases.accepted」的 facts 里没有：due / not among its facts"
    ]


def test_a_fact_never_used_is_an_error():
    assert "没有用到：office" in faults(GOOD.replace("due]", "due, office]"))[0]


def test_a_link_stays_on_this_site():
    assert faults(GOOD.replace("/my/cases/{number}/", "https://elsewhere.example/{number}"))[0].startswith("t.yaml:7:")
    assert faults(GOOD.replace("/my/cases/{number}/", "//elsewhere.example/{number}"))[0].startswith("t.yaml:7:")


def test_a_single_brace_is_an_error():
    assert faults(GOOD.replace("{item}已受理", "{item"))


def test_the_shipped_templates_can_be_filled_with_their_facts():
    wording.templates.cache_clear()
    assert "notices.test" in wording.templates()
    for template in wording.templates().values():
        filled = wording.fill(template.key, dict.fromkeys(template.facts, "值"))
        assert "{" not in filled.title + filled.title_en + filled.body + filled.body_en + filled.link


def test_a_key_defined_twice_is_an_error(monkeypatch, tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD, "utf-8")
    monkeypatch.setattr(packs, "files", lambda folder: sorted(tmp_path.glob("*.yaml")))
    wording.templates.cache_clear()
    with pytest.raises(PackError, match="is defined twice"):
        wording.templates()
    wording.templates.cache_clear()
