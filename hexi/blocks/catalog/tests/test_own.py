"""Own data sets: what packs may say, each shipped one read, entries made of them once, masks and leaks."""

import re
from random import Random

import pytest
from django.apps import apps
from django.db.models import QuerySet

from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry, Mask
from hexi.blocks.catalog.operations import entries
from hexi.blocks.catalog.operations import own as operations
from hexi.blocks.catalog.tests.make import BY, fresh, make_provider, make_rules, make_steward
from hexi.blocks.catalog.tests.test_entries import at_once, found, states
from hexi.blocks.people.tests.make import make_citizen
from hexi.blocks.search import queries as search
from hexi.kernel import packs
from hexi.kernel.manifest import manifests

pytestmark = pytest.mark.django_db
FILES = [path for one in manifests() for path in sorted((one.home / "packs" / "datasets").glob("*.yaml"))]
#: never a column, in whatever register (the four forbidden of public notices, and what reaches a person)
FORBIDDEN = ("证件号", "身份证", "银行", "健康", "手机号")


@pytest.fixture
def provided(monkeypatch):
    """Every own data set is provided by one office."""
    make_rules()
    provider = make_provider()
    monkeypatch.setattr(own, "provider_key", lambda one: provider.key)
    return provider


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_shipped_ones_are_in_order(path):
    assert own.check(path, packs.read(path, own.DatasetsFile)) == []


@pytest.mark.parametrize("origin", list(own.datasets()))
def test_each_can_be_read(origin):
    one = own.datasets()[origin]
    assert isinstance(one.queryset(), QuerySet)
    assert list(one.rows()[:2]) == list(one.rows()[:2])
    for path in filter(None, (one.said.region, one.said.person, one.said.updated)):
        one.queryset().values_list(path)[:1].exists()
        assert one.model._meta is not None


@pytest.mark.parametrize("origin", list(own.datasets()))
def test_nothing_forbidden_is_a_column(origin):
    said = own.datasets()[origin].said
    assert not [column.name for column in said.columns if any(word in column.title.zh for word in FORBIDDEN)]
    open_ones = [column for column in said.columns if column.open]
    assert not [column.name for column in open_ones if column.personal and column.mask == "none"]


def test_every_register_of_the_house_that_should_be_is_there():
    assert {"regions.divisions", "cases.permits", "certificates.certificates", "requests.orders", "grid.classes",
            "articles.articles", "alerts.alerts", "petitions.terms", "calendars.days"} <= set(own.datasets())  # fmt: skip


#: parts with tables that hold no register of use to others, and why
WITHOUT = {"search": "an index of what others own, and words as people typed them, which may name anybody"}


def test_every_part_with_tables_publishes_its_registers():
    labels = {model._meta.app_label for model in apps.get_models()}
    parts = {one.key for one in manifests() if one.key in labels}
    published = {origin.partition(".")[0] for origin in own.datasets()}
    assert len(published) > 12
    assert parts - published == set(WITHOUT)


PACK = """
datasets:
  - key: people-here
    title: {{zh: 试, en: Try}}
    summary: {{zh: 试, en: Try}}
    classification: "{classification}"
    sharing: {sharing}
    grading: {grading}
    model: {model}
    columns:
      - {{name: id, path: "{path}", title: {{zh: 号, en: Number}}, key: {key}, personal: {personal}}}
"""
USUAL = {"classification": "101001", "sharing": "unconditional", "grading": "internal", "model": "people.Person", "path": "pk",
         "key": "true", "personal": "false"}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, ""), ({"model": "people.Nobody"}, "没有表 people.Nobody"), ({"path": "nose"}, "没有 nose"),
        ({"path": "accounts__name"}, "没有 accounts__name"), ({"classification": "901001"}, "没有类 9"),
        ({"sharing": "conditional"}, "sharing_condition"), ({"sharing": "none"}, "sharing_basis"),
        ({"model": "people.Identifier", "path": "number"}, "是加密或结构化的"),
        ({"model": "people.Identifier", "path": "lookup"}, "是加密或结构化的"),
        ({"model": "cases.Case", "path": "answers"}, "是加密或结构化的"),
        ({"model": "requests.Request", "path": "contact"}, "是加密或结构化的"),
        ({"grading": "public", "personal": "true"}, "不能原样带个人信息"),
    ],
)  # fmt: skip
def test_what_a_pack_may_not_say(said, told, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(PACK.format(**(USUAL | said)), "utf-8")
    faults = own.check(path, packs.read(path, own.DatasetsFile))
    assert (not faults) if not told else any(told in str(fault) for fault in faults)


def test_something_must_tell_the_rows_apart(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(PACK.format(**(USUAL | {"key": "false"})), "utf-8")
    with pytest.raises(packs.PackError, match="key: true"):
        packs.read(path, own.DatasetsFile)


def test_they_become_entries_once(provided):
    done = operations.publish_own()
    assert (done.made, done.changed, done.kept) == (len(own.datasets()), 0, 0)
    again = operations.publish_own()
    assert (again.made, again.changed, again.kept, again.gone) == (0, 0, 0, 0)
    entry = Entry.objects.get(origin="regions.divisions")
    assert (entry.slug, entry.state, entry.kind, entry.open, entry.due_on) == (
        "regions-divisions", "published", "view", True, None,
    )  # fmt: skip
    assert [item.name for item in entry.items.all()][:2] == ["code", "valid_from"]
    assert found("行政区划")[0] == "行政区划"
    assert own.of(entry).origin == "regions.divisions"


def test_a_pack_that_says_more_makes_a_revision_unless_an_official_was_there(provided, monkeypatch):
    operations.publish_own()
    divisions, days = (Entry.objects.get(origin=origin) for origin in ("regions.divisions", "calendars.days"))
    entries.revise(fresh(days), summary="本省的放假日。", by=BY)
    changed = {
        origin: own.Own(one.part, one.said.model_copy(update={"keywords": ["改过"]}))
        for origin, one in own.datasets().items()
        if origin in ("regions.divisions", "calendars.days")
    }
    monkeypatch.setattr(own, "datasets", lambda: changed)
    done = operations.publish_own()
    assert (done.made, done.changed, done.kept, done.gone) == (0, 1, 1, Entry.objects.count() - 2)
    assert (fresh(divisions).keywords, states(divisions)) == ("改过", ["replaced", "published"])
    assert Entry.objects.filter(state="published").count() == 2
    assert found("门诊") == []


def test_without_a_provider_nothing_is_published():
    make_rules()
    assert operations.publish_own().without_provider == len(own.datasets())
    assert Entry.objects.count() == 0


def test_persons_are_masked_and_conditional(provided):
    make_citizen()
    operations.publish_own()
    entry = Entry.objects.get(origin="people.persons")
    masks = dict(entry.items.values_list("name", "mask"))
    assert (entry.sharing, entry.open, masks["sign"], masks["name"], masks["born"]) == (
        "conditional", False, Mask.HASH, Mask.PART, Mask.YEAR,
    )  # fmt: skip


def test_two_hundred_chinese_questions_find_what_they_are_of(provided):
    """Recall among the first ten, of pieces of 1 to 6 characters of names and other wordings (data.md §6: 0.95)."""
    operations.publish_own()
    draw, held = Random(5), list(Entry.objects.order_by("pk"))
    hits, reader = 0, make_steward(provided, "data_reader")
    for _ in range(200):
        entry = draw.choice(held)
        text = draw.choice([entry.title, *entry.keywords.splitlines()])
        text = "".join(re.findall("[\u4e00-\u9fff]+", text)) or entry.title
        length = draw.randint(1, min(6, len(text)))
        start = draw.randint(0, len(text) - length)
        results = search.find(text[start : start + length], actor=reader, kind="dataset")
        hits += str(entry.pk) in [one.ref for one in results.entries[:10]]
    print("recall", hits / 200)
    assert hits >= 190


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_setups_at_once_make_each_entry_once(provided, monkeypatch):
    few = dict(list(own.datasets().items())[:6])
    monkeypatch.setattr(own, "datasets", lambda: few)
    answers = at_once(operations.publish_own, operations.publish_own)
    assert sum(one.made for one in answers) == len(few)
    assert Entry.objects.filter(state="published").count() == len(few)
    assert {states(entry)[0] for entry in Entry.objects.all()} == {"published"}
