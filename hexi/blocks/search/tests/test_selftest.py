"""The self-test, the nightly job and the commands."""

import logging
from argparse import ArgumentParser, Namespace

import pytest

from hexi.blocks.search import commands, jobs, selftest
from hexi.blocks.search.models import Entry
from hexi.blocks.search.tests.make import OWNED, make_entry, make_found

pytestmark = pytest.mark.django_db


def missed() -> dict[str, tuple[str, ...]]:
    return {tried.found.ref: tried.missed for tried in selftest.run()}


def own(*things, indexed=True) -> None:
    OWNED["item"].extend(things)
    if indexed:
        commands.rebuild(Namespace(kind="item"))


def test_it_looks_for_names_aliases_pinyin_and_initials():
    found = make_found("林木采伐", title_en="Felling", aliases=("砍树证",))
    assert selftest.words_for(found) == [
        "林木采伐", "Felling", "砍树证", "linmucaifa", "lmcf", "kanshuzheng", "ksz"
    ]  # fmt: skip


def test_what_is_indexed_is_found_by_all_its_names():
    own(
        make_found("林木采伐", aliases=("砍树证",)),
        make_found("往来港澳通行证签注（一年多次）"),
        make_found("银行开户许可A1"),
    )
    assert missed() == {"林木采伐": (), "往来港澳通行证签注（一年多次）": (), "银行开户许可A1": ()}


def test_what_is_missing_in_the_index_is_told():
    own(make_found("林木"), indexed=False)
    assert missed() == {"林木": ("林木", "linmu", "lm")}


def test_an_alias_that_is_not_indexed_is_told():
    make_entry("林木")
    own(make_found("林木", aliases=("砍树",)), indexed=False)
    assert missed() == {"林木": ("砍树", "kanshu", "ks")}


def test_private_things_are_not_looked_for():
    own(make_found("林木", verb="cases.view"), indexed=False)
    assert missed() == {}


def test_the_command_prints_failures_and_fails(capsys):
    own(make_found("林木"), indexed=False)
    assert commands.test(Namespace()) == 1
    assert capsys.readouterr().out == (
        "✗ item 林木 林木: 林木, linmu, lm\n✗ 1 public things looked for, 1 not found by all their names\n"
    )


def test_the_command_is_content(capsys):
    own(make_found("林木"))
    capsys.readouterr()
    assert commands.test(Namespace()) == 0
    assert capsys.readouterr().out == "✓ 1 public things looked for, 0 not found by all their names\n"


def test_the_nightly_job_logs_what_is_not_found(caplog):
    own(make_found("林木"), indexed=False)
    with caplog.at_level(logging.ERROR):
        jobs.test_nightly()
    assert [record.getMessage() for record in caplog.records] == ["search: item 林木 is not found by 林木, linmu, lm"]


def arguments(*words: str) -> Namespace:
    parser = ArgumentParser()
    commands.kinds(parser)
    return parser.parse_args(words)


def test_rebuild_writes_every_kind_and_says_so(capsys):
    OWNED["item"].append(make_found("林木"))
    OWNED["article"].append(make_found("政策", kind="article"))
    assert commands.rebuild(arguments()) == 0
    assert Entry.objects.count() == 2
    assert capsys.readouterr().out.replace("\r", "\n").split("\n")[1] == "事项: 1 written, 0 removed"


def test_rebuild_of_one_kind_leaves_the_others(capsys):
    make_entry("旧政策", kind="article")
    assert commands.rebuild(arguments("--kind", "item")) == 0
    assert Entry.objects.count() == 1


def test_rebuild_of_an_unknown_kind_names_the_known(capsys):
    assert commands.rebuild(arguments("--kind", "x")) == 2
    assert capsys.readouterr().out == "✗ no such kind: x; there are: item, article, case\n"
