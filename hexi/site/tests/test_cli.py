"""The command line: a mistake is one sentence and an exit code, never a traceback; every command says what it does in both languages."""

import argparse
import gc
import os
import re
import subprocess
import sys
from contextlib import suppress

import pytest

from hexi.kernel.manifest import Command, added
from hexi.kernel.options import Option, OptionError
from hexi.site import cli
from hexi.site.tests.running import ROOT


def run(*words, cwd=ROOT, **more):
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "hexi", *words], cwd=cwd, env={**kept, "PYTHONPATH": str(ROOT), **more},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"HEXI_SITE_COLOUR": "red"}, "HEXI_SITE_COLOUR"),
        ({"HEXI_SITE_PORT": "many"}, "site.port: 'many'"),
        ({"HEXI_SITE_REGION_PACKS": "atlantis"}, "atlantis"),
        ({"HEXI_SITE_PACKS": "/nowhere"}, "/nowhere/gansu"),
    ],
)
def test_a_wrong_setting_is_one_sentence(more, sentence):
    done = run("options", **more)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"✗ [^\n]+\n", done.stderr)
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("words", "more", "sentence"),
    [
        ("people rekey", {"HEXI_PEOPLE_DATA_KEY": "short"}, "people.data_key"),
        ("cases recount", {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "127.0.0.1"),
        ("cases recount", {"DATABASE_URL": "sqlite://:memory:"}, "hexi setup"),
    ],
)
def test_a_key_or_a_database_that_will_not_do_is_one_sentence(words, more, sentence):
    done = run(*words.split(), **more)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"✗ [^\n]+\n", done.stderr)
    assert sentence in done.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["options"]])
def test_garbage_is_collected_again_however_it_ends(words, monkeypatch):
    def wrong():
        assert not gc.isenabled()
        raise OptionError("wrong")

    monkeypatch.setattr(cli, "check", wrong if words == ["options"] else lambda: None)
    with suppress(SystemExit):
        assert cli.main(words) == 2
    assert gc.isenabled()


def test_an_unknown_key_of_the_file_is_named_with_the_file(tmp_path):
    (tmp_path / "hexi.toml").write_text("[site]\ncolour = 'red'\nport = 8000\n")
    done = run("options", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "✗ 没有这些选项 / no such options: hexi.toml: site.colour（hexi options）\n",
    )


def test_the_reference_lists_every_option_once():
    said = run("options").stdout
    assert re.findall(r"^(\S+)  \(", said, re.MULTILINE) == sorted(option.key for option in added(Option))


def test_own_region_packs_lie_where_the_option_says(tmp_path):
    (tmp_path / "packs" / "mine").mkdir(parents=True)
    code = "import django; django.setup()\nfrom hexi.kernel import packs\nprint(list(packs.homes())[-1])"
    more = {"HEXI_SITE_PACKS": str(tmp_path / "packs"), "HEXI_SITE_REGION_PACKS": "mine"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "hexi.site.settings", **more},
    )  # fmt: skip
    assert done.stdout == f"{tmp_path / 'packs' / 'mine'}\n"


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        ((), {"LC_ALL": "zh_CN.UTF-8"}, "本机网站服务器的端口。"),
        ((), {"LC_ALL": "en_US.UTF-8"}, "Port of the web server on this machine."),
        ((), {"LC_ALL": "C"}, "本机网站服务器的端口。 / Port of the web server on this machine."),
        (("--lang", "en"), {"LC_ALL": "zh_CN.UTF-8"}, "Port of the web server on this machine."),
        (
            ("--lang", "both"),
            {"LC_ALL": "en_US.UTF-8"},
            "本机网站服务器的端口。 / Port of the web server on this machine.",
        ),
    ],
)
def test_the_reference_speaks_the_language_of_the_terminal(words, environment, told):
    said = run("options", *words, PYTHONIOENCODING="utf-8", **environment).stdout
    assert re.search(r"^site\.port  \(int, 8000\)\n    (.*)$", said, re.MULTILINE)[1] == told


def test_every_option_says_what_it_is_in_both_languages():
    assert [option.key for option in added(Option) if not both(option.about)] == []


def both(text):
    """Chinese first, then English after a slash."""
    chinese, slash, english = (text or "").partition(" / ")
    return bool(slash and re.search("[\u4e00-\u9fff]", chinese) and re.search("[a-z]", english))


def parsers(parser, name="hexi"):
    """Each parser of the tree with the words that lead to it."""
    yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield from parsers(inner, f"{name} {word}")


def test_every_command_says_what_it_does_in_both_languages():
    assert [command.name for command in added(Command) if not both(command.about)] == []


def test_every_parameter_says_what_it_is_in_both_languages():
    silent = [
        f"{name} {action.dest}"
        for name, parser in parsers(cli.parser())
        for action in parser._actions
        if not isinstance(action, (argparse._SubParsersAction, argparse._HelpAction)) and not both(action.help)
    ]
    assert silent == []
