"""Every service of every pack: schema, lint, its law read in the text, its certificate, its office."""

import gzip
import json
import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from hexi.blocks.cases import lint
from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem, task_code
from hexi.blocks.cases.parts import ACCOUNT, Basis
from hexi.blocks.cases.tests.make_items import make_answers
from hexi.blocks.forms.answers import clean
from hexi.blocks.regions.tests import make as regions
from hexi.kernel import packs

LAWS = Path(__file__).parents[5] / "shared" / "data" / "laws-zh" / "laws.ndjson.gz"
ARTICLE = re.compile(
    r"\n(第[一二三四五六七八九十百]+条)[ 　](.*?)(?=\n第[一二三四五六七八九十百]+条[ 　]|\n## |\Z)", re.S
)
#: provisions of the State Council whose paragraphs are only numbered
NUMBERED = re.compile(r"\n([一二三四五六七八九十百]+)、(.*?)(?=\n[一二三四五六七八九十百]+、|\Z)", re.S)
FILES = packs.files("services")
VILLAGE = regions.SHIHEZI


@cache
def things():
    return {path: packs.read(path, ServiceFile).root for path in FILES}


def national():
    return {one.key: one for one in things().values() if isinstance(one, ServiceItem)}


def local():
    return [one for one in things().values() if isinstance(one, ImplementingItem)]


def named(paths):
    return [pytest.param(path, id=f"{path.parents[1].name}/{path.stem}") for path in paths]


@pytest.mark.parametrize("path", named(FILES))
def test_it_passes_schema_and_lint(path):
    assert [str(one) for one in lint.check_file(path, ServiceFile(things()[path]), national())] == []


@pytest.mark.parametrize("path", named(FILES))
def test_it_is_named_after_its_key(path):
    thing = things()[path]
    assert path.stem == (thing.key if isinstance(thing, ServiceItem) else thing.item)


def test_every_national_element_is_carried_out_somewhere():
    assert {one.item for one in local()} == set(national())


@pytest.mark.parametrize("path", named(FILES))
def test_there_is_no_warning_either(path):
    thing = things()[path]
    findings = lint.lint_item(thing) if isinstance(thing, ServiceItem) else lint.lint(national()[thing.item], thing)
    assert [str(one) for one in findings] == []


@pytest.mark.parametrize("path", named(FILES))
def test_its_quotes_are_in_the_law(path):
    if not LAWS.exists():
        pytest.skip("the texts of the laws are not beside this checkout")
    strange = [f"{one.law.zh} {one.article.zh}" for one in bases(things()[path]) if one.verified and not is_quoted(one)]
    assert strange == []


@pytest.mark.parametrize("path", named(FILES))
def test_what_was_not_read_says_so(path):
    assert [one.quote.zh for one in bases(things()[path]) if not one.verified and "未核对" not in one.quote.zh] == []


@pytest.mark.parametrize("one", [pytest.param(one, id=one.item) for one in local()] if FILES else [])
def test_its_office_is_in_the_pack_and_makes_a_code_of_31(one):
    office = offices()[one.department]
    assert len(task_code(office["uscc"], one.use_level, national()[one.item].base_code)) == 31
    assert office["region"] == one.region


@pytest.mark.parametrize("key", sorted(national()) if FILES else [])
def test_its_result_is_a_certificate_filled_with_what_it_needs(key):
    result = national()[key].result
    # an answer or a notice of its own ends in no certificate
    fields = licences()[result.certificate] if result.certificate else {}
    assert {name for name, required in fields.items() if required} <= set(result.facts) <= set(fields)


@pytest.mark.parametrize("key", sorted(national()) if FILES else [])
def test_certificates_that_spare_a_material_are_issued_here_or_are_the_account(key):
    spared = {kind for one in national()[key].materials for kind in one.have_it}
    assert spared <= {*licences(), ACCOUNT}


@pytest.mark.parametrize("key", sorted(national()) if FILES else [])
def test_no_made_up_code_is_used_twice(key):
    code = national()[key].base_code
    assert [one.key for one in national().values() if one.base_code == code] == [key]


def applicants():
    """Each item with each kind of applicant it serves: a person, or a body."""
    for key, item in sorted(national().items()):
        for kind, served in (("person", "1" in item.audience), ("body", set(item.audience) - {"1"})):
            if served:
                yield pytest.param(key, kind, id=f"{key}/{kind}")


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "applicant"), list(applicants()) if FILES else [])
@pytest.mark.parametrize("yes", [True, False])
def test_its_form_can_be_filled_in_and_fills_the_certificate(key, applicant, yes):
    regions.make_divisions()
    item, asked = national()[key], [field for _, field in national()[key].form.fields()]
    given = {field.key: yes for field in asked if field.kind == "yes_no"}
    done = clean(item.form, make_answers(asked, VILLAGE, **given), {"applicant": applicant})
    assert done.errors == {}
    fields = licences()[item.result.certificate] if item.result.certificate else {}
    needed = [item.result.facts[name] for name, required in fields.items() if required]
    hidden = [source for source in needed if "." not in source and not done.values.get(source)]
    assert hidden == []


def bases(thing):
    """Every legal basis of a thing, wherever it stands."""
    if isinstance(thing, Basis):
        yield thing
    elif isinstance(thing, BaseModel):
        for name in type(thing).model_fields:
            yield from bases(getattr(thing, name))
    elif isinstance(thing, tuple | dict):
        for one in thing.values() if isinstance(thing, dict) else thing:
            yield from bases(one)


@cache
def articles(law: str, edition: str) -> dict[str, str]:
    """The articles of a law in one edition, by their number."""
    title = f"{law.removeprefix('中华人民共和国')}({edition})"
    found = ARTICLE.findall(laws()[title]) or [
        (f"第{number}条", text) for number, text in NUMBERED.findall(laws()[title])
    ]
    return {number: plain(text) for number, text in found}


@cache
def laws() -> dict[str, str]:
    with gzip.open(LAWS, "rt", encoding="utf-8") as file:
        return {one["title"]: "\n" + one["text"] for one in map(json.loads, file)}


def is_quoted(basis: Basis) -> bool:
    """True if the quote stands in the very article it names."""
    number = re.match(r"第[一二三四五六七八九十百]+条", basis.article.zh)
    assert number, basis.article.zh
    return plain(basis.quote.zh) in articles(basis.law.zh, str(basis.edition)).get(number[0], "")


def plain(text: str) -> str:
    return re.sub(r"\s", "", text).replace("(", "（").replace(")", "）")


@cache
def offices():
    rows = [
        one for path in packs.files("departments") for one in yaml.safe_load(path.read_text("utf-8"))["departments"]
    ]
    return {one["key"]: one for one in rows}


@cache
def licences():
    """Certificate types of the packs: their fields, and whether each is required."""
    found = [
        one for path in packs.files("certificates") for one in yaml.safe_load(path.read_text("utf-8"))["certificates"]
    ]
    return {one["key"]: {row["key"]: row.get("required", True) for row in one["fields"]} for one in found}
